/** One function of ours with its log, its rights, its environment and its alarms, all from its declaration. */
import { Duration, RemovalPolicy, Stack } from 'aws-cdk-lib';
import { PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Architecture, Code, Function as LambdaFunction, Runtime } from 'aws-cdk-lib/aws-lambda';
import { LogGroup } from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import { tableVariable, VARIABLES } from '../../functions/kernel/environment.ts';
import type { Bundled, FunctionKind } from '../bundle.ts';
import { carryingEnvironment, grantCarrying } from './carrying.ts';
import { functionNeeds } from './function-needs.ts';
import { grantTable } from './grant-table.ts';
import { countLogged } from './logged-alarms.ts';
import { physicalName, secretsPrefix } from './names.ts';
import { grantObjects, objectBucketName } from './object-bucket.ts';
import { grantSecrets, secretsEnvironment } from './outside-secrets.ts';
import { FIVE_MINUTES, StageAlarm } from './stage-alarm.ts';
import { tableNamed, type StageParts } from './stage-parts.ts';
import { secretEnvironment } from './stage-secret.ts';
import { grantVault } from './vault-secrets.ts';

interface Size {
  /** MB. Processor time comes with it: 1,769 MB is one core. */
  readonly memorySize: number;
  readonly timeout: Duration;
}

type SizeName = FunctionKind | 'largeReaction';

/** An API waits less than API Gateway's 30 s, a reaction as long as on one machine, a schedule as long as Lambda lets it. */
const SIZES: Readonly<Record<SizeName, Size>> = {
  api: { memorySize: 1024, timeout: Duration.seconds(29) },
  relay: { memorySize: 512, timeout: Duration.seconds(60) },
  reaction: { memorySize: 512, timeout: Duration.seconds(60) },
  largeReaction: { memorySize: 1769, timeout: Duration.minutes(5) },
  schedule: { memorySize: 1024, timeout: Duration.minutes(15) },
};

/** Who is called again by itself may stumble now and then; who is not may not. */
const ERRORS_ALLOWED: Readonly<Record<FunctionKind, number>> = { api: 0, relay: 5, reaction: 5, schedule: 0 };

export interface LinliFunctionProps {
  readonly parts: StageParts;
  readonly bundled: Bundled;
  /** That of its kind unless said. */
  readonly size?: SizeName;
  /** What is not the same for every function of its kind. */
  readonly environment?: Readonly<Record<string, string>>;
}

export class LinliFunction extends Construct {
  readonly function: LambdaFunction;
  readonly role: Role;

  constructor(scope: Construct, id: string, { parts, bundled, size = bundled.kind, environment = {} }: LinliFunctionProps) {
    super(scope, id);
    const { settings, tables, alarmTopic } = parts;
    const { stage } = settings;
    const { name, kind, folder, handler } = bundled;
    const needs = functionNeeds(bundled);
    const functionName = physicalName(stage, name);

    const logGroup = new LogGroup(this, 'Log', {
      logGroupName: `/linli/${stage}/${name}`,
      retention: settings.logRetentionDays,
      removalPolicy: settings.retain ? RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE : RemovalPolicy.DESTROY,
    });
    countLogged(this, stage, name, logGroup);
    this.role = new Role(this, 'Role', { assumedBy: new ServicePrincipal('lambda.amazonaws.com') });
    this.role.addToPrincipalPolicy(
      new PolicyStatement({ actions: ['logs:CreateLogStream', 'logs:PutLogEvents'], resources: [logGroup.logGroupArn] }),
    );
    const granted = Object.entries(needs.tables).map(([table, right]) => ({ ...tableNamed(tables, table), right }));
    for (const each of granted) grantTable(this.role, each, each.right);
    grantObjects(this.role, stage, needs.objects);
    grantSecrets(this.role, stage, needs.secrets);
    if (needs.carries) grantCarrying(this.role, settings);
    for (const right of needs.vault) grantVault(this.role, stage, right);

    this.function = new LambdaFunction(this, 'Function', {
      functionName,
      runtime: Runtime.NODEJS_24_X,
      architecture: Architecture.ARM_64,
      code: Code.fromAsset(folder),
      handler,
      ...SIZES[size],
      role: this.role,
      logGroup,
      environment: {
        [VARIABLES.stage]: stage,
        ...secretEnvironment(settings),
        ...Object.fromEntries(granted.map(({ description, table }) => [tableVariable(description.name), table.tableName])),
        ...(Object.keys(needs.objects).length === 0 ? {} : { [VARIABLES.objects]: objectBucketName(Stack.of(this), stage) }),
        ...(needs.messageGateway && settings.messageGateway !== undefined ? { [VARIABLES.messageGateway]: settings.messageGateway } : {}),
        ...secretsEnvironment(stage, needs.secrets),
        ...(needs.carries ? carryingEnvironment(settings) : {}),
        ...(needs.links && settings.publicUrl !== undefined ? { [VARIABLES.publicUrl]: settings.publicUrl } : {}),
        ...(needs.vault.length === 0 ? {} : { [VARIABLES.secretsPrefix]: secretsPrefix(stage) }),
        ...environment,
      },
    });

    new StageAlarm(this, 'Errors', {
      stage,
      kind: 'function-errors',
      subject: name,
      metric: this.function.metricErrors({ period: FIVE_MINUTES }),
      above: ERRORS_ALLOWED[kind],
      topic: alarmTopic,
    });
    new StageAlarm(this, 'Throttled', {
      stage,
      kind: 'function-throttled',
      subject: name,
      metric: this.function.metricThrottles({ period: FIVE_MINUTES }),
      above: 0,
      periods: [2, 3],
      topic: alarmTopic,
    });
  }
}
