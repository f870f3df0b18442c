import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { isIncluded, type ObjectRight } from '../../functions/data/object-store.ts';
import { OBJECTS_SOURCE } from '../../functions/data/reaction.ts';
import type { Right, Uses } from '../../functions/data/table.ts';
import { OPERATIONS } from '../../functions/reference/operations.ts';
import { tableVariable, VARIABLES } from '../../functions/kernel/environment.ts';
import { epochMs } from '../../functions/kernel/time.ts';
import { OVERDUE_MONTHS, overdueMonthsMetric } from '../../functions/metrics/overdue-months.ts';
import { REACTIONS, SCHEDULES, TABLES } from '../../lib/declarations.ts';
import { kebab } from '../../lib/kebab.ts';
import { APPEND_ACTIONS, READ_ACTIONS, REMOVE_ACTION, WRITE_ACTIONS } from '../../lib/aws/grant-table.ts';
import { LOGGED } from '../../lib/aws/logged-alarms.ts';
import { ALARMS } from '../../lib/aws/stage-alarm.ts';
import { synthesised, type FoundResource, type PolicyDocument, type Synthesised } from './support/synthesised.ts';

const STAGE = 'test';
const ORIGINS = ['https://app.example.gov.cn'];
const ISSUER = 'https://id.example.gov.cn/linli';

let made: Synthesised;

beforeAll(async () => {
  made = await synthesised(STAGE, {
    oidcIssuer: ISSUER,
    oidcAudience: 'linli',
    allowedOrigins: ORIGINS,
    messageGateway: 'https://messages.example.gov.cn/linli',
    wechat: true,
    vapidSubject: 'mailto:duty@example.gov.cn',
    publicUrl: 'https://linli.example.gov.cn',
    alarmEmail: 'duty@example.gov.cn',
    secretVersion: 2,
  });
}, 300_000);
afterAll(() => made.remove());

const operations = Object.entries(OPERATIONS).flatMap(([domain, all]) => all.map((operation) => ({ domain, operation })));
const streamed = Object.values(TABLES).filter(({ entities }) => entities.length > 0);

const functionNamed = (name: string): FoundResource => {
  const found = made.all('AWS::Lambda::Function').find(({ Properties: { FunctionName: each } }) => each === `linli-${STAGE}-${name}`);
  if (found === undefined) throw new Error(`no function ${name}`);
  return found;
};
const nameOf = ({ Properties: { FunctionName: name } }: FoundResource): string => String(name).replace(`linli-${STAGE}-`, '');

interface Statement {
  readonly where: string;
  readonly effect: string;
  readonly actions: readonly string[];
  readonly resources: readonly string[];
  readonly conditions: unknown;
}
const list = (value: unknown): readonly unknown[] => (value === undefined ? [] : Array.isArray(value) ? value : [value]);

const statementsIn = (where: string, document: PolicyDocument | undefined): readonly Statement[] =>
  (document?.Statement ?? []).map((statement) => ({
    where,
    effect: String(statement['Effect']),
    actions: list(statement['Action']).map(String),
    resources: list(statement['Resource']).map(made.flat),
    conditions: statement['Condition'],
  }));

/** What a role may do, in all policies that it has. */
const statementsOf = (role: string): readonly Statement[] => [
  ...made
    .all('AWS::IAM::Policy')
    .filter(({ Properties: { Roles: roles } }) => list(roles).some((each) => made.flat(each) === `<${role}>`))
    .flatMap(({ id, Properties: { PolicyDocument: document } }) => statementsIn(id, document)),
  ...made
    .all('AWS::IAM::Role')
    .filter(({ id }) => id === role)
    .flatMap(({ id, Properties: { Policies: policies } }) => (policies ?? []).flatMap((policy) => statementsIn(id, policy.PolicyDocument))),
];
const roleOf = (found: FoundResource): string => made.flat(found.Properties['Role']).slice(1, -'.Arn>'.length);

/** Every declared use of a function's, worked out here from the declarations once more. */
const declaredUses = (name: string): ReadonlyMap<string, Right> => {
  const uses = new Map<string, Right>();
  const add = (all: Uses): void => {
    for (const [table, right] of Object.entries(all)) {
      const known = uses.get(table);
      const least = known === 'remove' || right === 'remove' ? 'remove' : 'write';
      uses.set(table, known === undefined || known === right ? right : least);
    }
  };
  for (const [domain, all] of Object.entries(OPERATIONS)) {
    if (name !== `${domain}-api`) continue;
    const table = TABLES[domain];
    for (const { uses, method, limit } of all) {
      add(uses);
      if ((method === 'POST' || limit !== undefined) && table !== undefined) add({ [table.name]: 'write' });
    }
  }
  for (const each of REACTIONS) if (each.name === name) add(each.uses);
  for (const each of SCHEDULES) if (kebab(each.name) === name) add(each.uses);
  return uses;
};

/** The same of objects: all rights, by the beginning of their keys. */
const declaredObjects = (name: string): ReadonlyMap<string, readonly ObjectRight[]> => {
  const all = [
    ...Object.entries(OPERATIONS).flatMap(([domain, each]) => (name === `${domain}-api` ? each : [])),
    ...REACTIONS.filter((each) => each.name === name),
    ...SCHEDULES.filter((each) => kebab(each.name) === name),
  ].flatMap(({ objects }) => Object.entries(objects ?? {}));
  const rights = new Map<string, readonly ObjectRight[]>();
  for (const [prefix, right] of all) rights.set(prefix, [...new Set([...(rights.get(prefix) ?? []), right])]);
  return rights;
};

const declaring = (flag: 'payments' | 'carries'): ReadonlySet<string> =>
  new Set([
    ...Object.entries(OPERATIONS).flatMap(([domain, all]) => (all.some((each) => each[flag] === true) ? [`${domain}-api`] : [])),
    ...REACTIONS.filter((each) => each[flag] === true).map(({ name }) => name),
    ...SCHEDULES.filter((each) => each[flag] === true).map(({ name }) => kebab(name)),
  ]);
/** Who has declared that it speaks to payment providers, and who that it carries messages to people. */
const SPEAKING = declaring('payments');
const CARRYING = declaring('carries');
const READ_SECRET = 'secretsmanager:GetSecretValue';
/** What of the vault each may do that has declared it. */
const MAKE_SECRET = 'secretsmanager:CreateSecret';
const OPEN_SECRETS = ['secretsmanager:DeleteSecret', READ_SECRET];
const ofVault = (right: 'create' | 'open'): ReadonlySet<string> =>
  new Set([
    ...Object.entries(OPERATIONS).flatMap(([domain, all]) => (all.some(({ vault }) => vault === right) ? [`${domain}-api`] : [])),
    ...REACTIONS.filter(({ vault }) => vault === right).map(({ name }) => name),
    ...SCHEDULES.filter(({ vault }) => vault === right).map(({ name }) => kebab(name)),
  ]);
const MAKING = ofVault('create');
const OPENING = ofVault('open');

const OBJECTS = `linli-${STAGE}-objects-<AWS::AccountId>-<AWS::Region>`;
const OBJECTS_ARN = `arn:<AWS::Partition>:s3:::${OBJECTS}`;
/** All that a function may load of ours, as it is deployed. */
const codeOf = ({ folder }: { readonly folder: string }): string =>
  readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.mjs') && !file.includes('node_modules'))
    .map((file) => readFileSync(join(folder, file), 'utf8'))
    .join('\n');

const bucketNamed = (part: string): FoundResource | undefined =>
  made.all('AWS::S3::Bucket').find(({ Properties: { BucketName: name } }) => made.flat(name).startsWith(`linli-${STAGE}-${part}-`));

describe('the API', () => {
  test('every operation has exactly one route, and there is no other but $default', () => {
    const routes = made.all('AWS::ApiGatewayV2::Route').map(({ Properties: { RouteKey: key } }) => String(key));
    expect(routes.toSorted()).toEqual([...operations.map(({ operation: { method, path } }) => `${method} ${path}`), '$default'].toSorted());
  });

  test('the authorizer stands before every signedIn route and before no other', () => {
    const [authorizer, ...others] = made.all('AWS::ApiGatewayV2::Authorizer');
    expect(others).toEqual([]);
    expect(authorizer?.Properties).toMatchObject({
      AuthorizerType: 'JWT',
      IdentitySource: ['$request.header.Authorization'],
      JwtConfiguration: { Issuer: ISSUER, Audience: ['linli'] },
    });
    const signedIn = new Set(
      operations.filter(({ operation }) => operation.access === 'signedIn').map(({ operation: { method, path } }) => `${method} ${path}`),
    );
    for (const { Properties: route } of made.all('AWS::ApiGatewayV2::Route')) {
      const guarded = signedIn.has(String(route['RouteKey']));
      expect([route['RouteKey'], route['AuthorizationType']]).toEqual([route['RouteKey'], guarded ? 'JWT' : 'NONE']);
      if (guarded) expect(made.flat(route['AuthorizerId'])).toBe(`<${authorizer?.id}>`);
      else expect(route['AuthorizerId']).toBeUndefined();
    }
  });

  test('a route leads to the function of its own domain, over one integration and one permission a domain', () => {
    const integrations = new Map(made.all('AWS::ApiGatewayV2::Integration').map((each) => [each.id, each.Properties]));
    // $default has one of its own.
    expect(integrations.size).toBe(Object.keys(OPERATIONS).length + 1);
    const domainOf = new Map(operations.map(({ domain, operation: { method, path } }) => [`${method} ${path}`, domain]));
    for (const { Properties: route } of made.all('AWS::ApiGatewayV2::Route')) {
      const integration = integrations.get(/<(\w+)>/.exec(made.flat(route['Target']))?.[1] ?? '');
      const domain = domainOf.get(String(route['RouteKey'])) ?? 'reference';
      expect(made.flat(integration?.['IntegrationUri'])).toBe(`<${functionNamed(`${domain}-api`).id}.Arn>`);
      expect(integration).toMatchObject({ PayloadFormatVersion: '2.0', IntegrationType: 'AWS_PROXY' });
    }
    const permissions = made
      .all('AWS::Lambda::Permission')
      .filter(({ Properties: { Principal: principal } }) => principal === 'apigateway.amazonaws.com');
    expect(permissions).toHaveLength(integrations.size);
    const sources = permissions.map(({ Properties: { SourceArn: source } }) => made.flat(source).replace(/^.*execute-api/, ''));
    // A path has three segments, stage, method and itself; $default has no path, and is reached by two.
    expect(sources.filter((source) => /[^*]\/\*\/\*$/.test(source))).toHaveLength(1);
    expect(sources.filter((source) => source.endsWith('/*/*/*'))).toHaveLength(integrations.size - 1);
  });

  test('the stage throttles, and the access log holds no query string, no header, no path and no claim', () => {
    const [stage, ...others] = made.all('AWS::ApiGatewayV2::Stage');
    expect(others).toEqual([]);
    expect(stage?.Properties).toMatchObject({
      AutoDeploy: true,
      StageName: '$default',
      DefaultRouteSettings: { ThrottlingRateLimit: 200, ThrottlingBurstLimit: 400 },
    });
    const format = stage?.Properties.AccessLogSettings?.Format ?? '{}';
    expect(Object.keys(JSON.parse(format))).toContain('requestId');
    const variables = [...format.matchAll(/\$context\.([\w.]+)/g)].map(([, name]) => name);
    expect(variables.toSorted()).toEqual([
      'error.responseType',
      'identity.sourceIp',
      'integrationLatency',
      'requestId',
      'requestTimeEpoch',
      'responseLatency',
      'responseLength',
      'routeKey',
      'status',
    ]);
  });

  test('web pages of the origins that are set may read the headers that the contract names', () => {
    const [api] = made.all('AWS::ApiGatewayV2::Api');
    expect(api?.Properties['CorsConfiguration']).toMatchObject({
      AllowOrigins: ['https://app.example.gov.cn'],
      ExposeHeaders: ['ETag', 'Location', 'Retry-After', 'Idempotency-Replayed', 'X-Request-Id'],
    });
    expect(api?.Properties['CorsConfiguration']).not.toHaveProperty('AllowCredentials');
  });
});

describe('tables', () => {
  test('every declared table is there, on demand, encrypted, protected, backed up to any second, retained', () => {
    const tables = made.all('AWS::DynamoDB::GlobalTable');
    expect(tables).toHaveLength(Object.keys(TABLES).length);
    for (const description of Object.values(TABLES)) {
      const table = tables.find(({ Properties: { TableName: name } }) => name === `linli-${STAGE}-${kebab(description.name)}`);
      expect(table?.stack).toBe('state');
      expect(table?.DeletionPolicy).toBe('RetainExceptOnCreate');
      expect(table?.Properties).toMatchObject({
        BillingMode: 'PAY_PER_REQUEST',
        SSESpecification: { SSEEnabled: true },
        KeySchema: [
          { AttributeName: 'pk', KeyType: 'HASH' },
          { AttributeName: 'sk', KeyType: 'RANGE' },
        ],
      });
      const [replica, ...others] = table?.Properties.Replicas ?? [];
      expect(others).toEqual([]);
      expect(replica).toMatchObject({
        DeletionProtectionEnabled: true,
        PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true },
      });
      expect(table?.Properties['StreamSpecification']).toEqual(
        description.entities.length === 0 ? undefined : { StreamViewType: 'NEW_AND_OLD_IMAGES' },
      );
      expect(table?.Properties['TimeToLiveSpecification']).toEqual(
        description.ttl === undefined ? undefined : { AttributeName: description.ttl, Enabled: true },
      );
      expect(
        list(table?.Properties['GlobalSecondaryIndexes'])
          .map((each) => (each as { IndexName: string }).IndexName)
          .toSorted(),
      ).toEqual(Object.keys(description.indexes).toSorted());
    }
  });

  test('no index projects more attributes by name than DynamoDB takes', () => {
    for (const { Properties: table } of made.all('AWS::DynamoDB::GlobalTable')) {
      const lists = (table.GlobalSecondaryIndexes ?? []).map(({ Projection: { NonKeyAttributes: names } }) => names?.length ?? 0);
      for (const length of lists) expect(length).toBeLessThanOrEqual(20);
      expect(lists.reduce((sum, each) => sum + each, 0)).toBeLessThanOrEqual(100);
    }
  });

  test('each stream has one reader, its relay, which splits batches, tells what failed, and parks records whole', () => {
    const mappings = made.all('AWS::Lambda::EventSourceMapping');
    expect(mappings).toHaveLength(streamed.length);
    for (const [domain, { name, entities }] of Object.entries(TABLES)) {
      if (entities.length === 0) continue;
      const table = made
        .all('AWS::DynamoDB::GlobalTable')
        .find(({ Properties: { TableName: each } }) => each === `linli-${STAGE}-${kebab(name)}`);
      const mapping = mappings.find(({ Properties: each }) => made.flat(each['EventSourceArn']) === `<${table?.id}.StreamArn>`);
      expect(made.flat(mapping?.Properties['FunctionName'])).toBe(`<${functionNamed(`${domain}-relay`).id}>`);
      expect(mapping?.Properties).toMatchObject({
        BisectBatchOnFunctionError: true,
        FunctionResponseTypes: ['ReportBatchItemFailures'],
        StartingPosition: 'TRIM_HORIZON',
      });
      expect(mapping?.Properties['MaximumRetryAttempts']).toBeGreaterThan(0);
      expect(made.flat(mapping?.Properties.DestinationConfig?.OnFailure.Destination)).toMatch(
        /^arn:<AWS::Partition>:s3:::linli-test-failed-records-/,
      );
      const [filter] = mapping?.Properties.FilterCriteria?.Filters ?? [];
      const prefixes = JSON.parse(filter?.Pattern ?? '{}').dynamodb.Keys.pk.S.map((each: { prefix: string }) => each.prefix);
      expect(prefixes).toEqual([...new Set(entities.map(({ partitionPrefix }) => partitionPrefix))]);
    }
  });
});

describe('what follows from a change, and from the clock', () => {
  test('a reaction hears exactly its types, and its whole event is parked where delivery or the function fails', () => {
    const rules = made.all('AWS::Events::Rule').filter(({ stack }) => stack === 'reactions');
    expect(rules).toHaveLength(REACTIONS.length);
    for (const { name, on, changing, uploads } of REACTIONS) {
      const rule = rules.find(({ Properties: { Name: each } }) => each === `linli-${STAGE}-${name}`);
      const only = changing === undefined ? {} : { detail: { data: { changed: changing } } };
      if (uploads === undefined) expect(rule?.Properties['EventPattern']).toEqual({ 'detail-type': on, ...only });
      const queue = made.all('AWS::SQS::Queue').find(({ Properties: { QueueName: each } }) => each === `linli-${STAGE}-${name}-parked`);
      const [target, ...others] = rule?.Properties.Targets ?? [];
      expect(others).toEqual([]);
      expect(made.flat(target?.Arn)).toBe(`<${functionNamed(name).id}.Arn>`);
      expect(made.flat(target?.DeadLetterConfig.Arn)).toBe(`<${queue?.id}.Arn>`);
      const asynchronous = made
        .all('AWS::Lambda::EventInvokeConfig')
        .find(({ Properties: { FunctionName: each } }) => made.flat(each) === `<${functionNamed(name).id}>`);
      expect(made.flat(asynchronous?.Properties.DestinationConfig?.OnFailure.Destination)).toBe(`<${queue?.id}.Arn>`);
    }
  });

  test('what somebody puts is told of by S3 on the bus of the account, in the shape of every other event', () => {
    const uploading = REACTIONS.filter(({ uploads }) => uploads !== undefined);
    expect(uploading.map(({ name }) => name)).toEqual(['process-media']);
    for (const { name, on, uploads } of uploading) {
      const { Properties: rule = {} } =
        made.all('AWS::Events::Rule').find(({ Properties: { Name: each } }) => each === `linli-${STAGE}-${name}`) ?? {};
      expect(rule['EventBusName']).toBeUndefined();
      const pattern = JSON.parse(JSON.stringify(rule['EventPattern']));
      expect(made.flat(pattern.detail.bucket.name[0])).toBe(OBJECTS);
      expect(pattern).toMatchObject({
        source: ['aws.s3'],
        'detail-type': ['Object Created'],
        detail: { object: { key: [{ prefix: uploads }] } },
      });
      const { InputPathsMap: paths = {}, InputTemplate: template = '' } = rule.Targets?.[0]?.InputTransformer ?? {};
      // What EventBridge does: https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-transform-target-input.html
      const event = {
        id: 'event-1',
        account: '1',
        region: 'r',
        time: '2026-11-24T01:00:00Z',
        detail: { object: { key: `${uploads}1`, size: 5 } },
      };
      const at = (path: string): unknown =>
        path
          .split('.')
          .slice(1)
          .reduce((value: unknown, part) => (value as Record<string, unknown>)[part], event);
      const told = JSON.parse(template.replaceAll(/<([\w-]+)>/g, (_, each: string) => JSON.stringify(at(paths[each] ?? ''))));
      expect(told['detail-type']).toBe(on[0]);
      expect(told.detail).toEqual({
        specversion: '1.0',
        id: 'event-1',
        source: OBJECTS_SOURCE,
        type: on[0],
        subject: `${uploads}1`,
        time: event.time,
        datacontenttype: 'application/json',
        data: { version: 1, changed: [], item: { key: `${uploads}1` } },
      });
    }
  });

  test('an event waits for its function longer than all tries of it take', () => {
    // Lambda tries again a minute after the first time, and two minutes after the second.
    const pauses = 60 + 120;
    for (const { Properties: asynchronous } of made.all('AWS::Lambda::EventInvokeConfig')) {
      const called = made.all('AWS::Lambda::Function').find(({ id }) => made.flat(asynchronous['FunctionName']) === `<${id}>`);
      const tries = Number(asynchronous['MaximumRetryAttempts']) + 1;
      expect(tries).toBe(3);
      expect(tries * Number(called?.Properties['Timeout']) + pauses).toBeLessThan(Number(asynchronous['MaximumEventAgeInSeconds']));
    }
  });

  test('a schedule runs in Asia/Shanghai, is told its moment, and has a queue', () => {
    const schedules = made.all('AWS::Scheduler::Schedule');
    expect(schedules).toHaveLength(SCHEDULES.length);
    for (const { Properties: schedule } of schedules) {
      expect(schedule).toMatchObject({
        ScheduleExpressionTimezone: 'Asia/Shanghai',
        FlexibleTimeWindow: { Mode: 'OFF' },
        Target: { Input: '{"scheduledTime":"<aws.scheduler.scheduled-time>"}' },
      });
      expect(schedule['ScheduleExpression']).toMatch(/^cron\(\S+ \S+ \S+ \S+ \S+ \*\)$/);
      expect(made.flat(schedule.Target?.DeadLetterConfig.Arn)).toMatch(/^<\w+\.Arn>$/);
    }
  });

  const expressionOf = (name: string): unknown =>
    made.all('AWS::Scheduler::Schedule').find(({ Properties: { Name: each } }) => each === `linli-${STAGE}-${name}`)?.Properties[
      'ScheduleExpression'
    ];

  test('a month is closed on its 1st, half an hour into the day, and figures are brought up every hour', () => {
    expect(expressionOf('monthly-metrics')).toBe('cron(30 0 1 * ? *)');
    expect(expressionOf('metrics-refresh')).toBe('cron(0 * * * ? *)');
  });

  test('payments are settled every ten minutes, bills compared when providers have made them, quarters disclosed when they are over', () => {
    expect(expressionOf('payment-settlement')).toBe('cron(0/10 * * * ? *)');
    expect(expressionOf('payment-reconciliation')).toBe('cron(30 10 * * ? *)');
    expect(expressionOf('foundation-disclosure')).toBe('cron(0 1 1 1,4,7,10 ? *)');
  });

  test('every queue is where something is parked: for 14 days, encrypted, with an alarm', () => {
    const parkedOn = new Set(
      [
        ...made
          .all('AWS::Events::Rule')
          .flatMap(({ Properties: { Targets: targets } }) => (targets ?? []).map(({ DeadLetterConfig: config }) => config.Arn)),
        ...made.all('AWS::Lambda::EventInvokeConfig').map(({ Properties: { DestinationConfig: config } }) => config?.OnFailure.Destination),
        ...made.all('AWS::Scheduler::Schedule').map(({ Properties: { Target: target } }) => target?.DeadLetterConfig.Arn),
      ].map(made.flat),
    );
    const watched = new Set(
      made
        .all('AWS::CloudWatch::Alarm')
        .filter(({ Properties: { Namespace: namespace } }) => namespace === 'AWS/SQS')
        .map(({ Properties: { Dimensions: dimensions } }) => made.flat(dimensions?.[0]?.Value)),
    );
    for (const { id, Properties: queue } of made.all('AWS::SQS::Queue')) {
      expect(parkedOn).toContain(`<${id}.Arn>`);
      expect(watched).toContain(`<${id}.QueueName>`);
      expect(queue).toMatchObject({ MessageRetentionPeriod: 14 * 86_400, SqsManagedSseEnabled: true });
    }
  });

  test('EventBridge may put what it cannot deliver on the queue of its rule', () => {
    for (const { id, Properties: rule } of made.all('AWS::Events::Rule')) {
      const queue = made.flat(rule.Targets?.[0]?.DeadLetterConfig.Arn);
      const allowed = made
        .all('AWS::SQS::QueuePolicy')
        .flatMap(({ Properties: { PolicyDocument: document } }) => document?.Statement ?? [])
        .filter((statement) => statement['Effect'] === 'Allow' && made.flat(statement['Resource']) === queue);
      expect(allowed).toContainEqual(
        expect.objectContaining({
          Action: expect.toSatisfy((actions: unknown) => list(actions).includes('sqs:SendMessage')),
          Principal: { Service: 'events.amazonaws.com' },
          Condition: { ArnEquals: { 'aws:SourceArn': { 'Fn::GetAtt': [id, 'Arn'] } } },
        }),
      );
    }
  });

  test('failed records are kept 14 days, encrypted, and nobody else sees them', () => {
    const bucket = bucketNamed('failed-records');
    expect(bucket?.Properties).toMatchObject({
      LifecycleConfiguration: { Rules: [{ ExpirationInDays: 14, Status: 'Enabled' }] },
      NotificationConfiguration: { EventBridgeConfiguration: { EventBridgeEnabled: true } },
      PublicAccessBlockConfiguration: {
        BlockPublicAcls: true,
        BlockPublicPolicy: true,
        IgnorePublicAcls: true,
        RestrictPublicBuckets: true,
      },
    });
  });
});

describe('the bucket of objects', () => {
  test('it outlives its stack, is encrypted, nobody reads it without a signature, and over TLS alone', () => {
    expect(made.all('AWS::S3::Bucket')).toHaveLength(2);
    const bucket = bucketNamed('objects');
    expect(bucket?.stack).toBe('state');
    expect(bucket?.DeletionPolicy).toBe('RetainExceptOnCreate');
    expect(bucket?.Properties).toMatchObject({
      BucketEncryption: { ServerSideEncryptionConfiguration: [{ ServerSideEncryptionByDefault: { SSEAlgorithm: 'AES256' } }] },
      NotificationConfiguration: { EventBridgeConfiguration: { EventBridgeEnabled: true } },
      OwnershipControls: { Rules: [{ ObjectOwnership: 'BucketOwnerEnforced' }] },
      PublicAccessBlockConfiguration: {
        BlockPublicAcls: true,
        BlockPublicPolicy: true,
        IgnorePublicAcls: true,
        RestrictPublicBuckets: true,
      },
    });
    // What is erased is gone.
    expect(bucket?.Properties['VersioningConfiguration']).toBeUndefined();
    const statements = made
      .all('AWS::S3::BucketPolicy')
      .filter(({ Properties: { Bucket: name } }) => made.flat(name) === `<${bucket?.id}>`)
      .flatMap(({ Properties: { PolicyDocument: document } }) => document?.Statement ?? []);
    expect(statements).toEqual([
      expect.objectContaining({ Effect: 'Deny', Action: 's3:*', Condition: { Bool: { 'aws:SecureTransport': 'false' } } }),
    ]);
  });

  test('what is abandoned goes by itself: parts after a day, uploads after two', () => {
    expect(bucketNamed('objects')?.Properties['LifecycleConfiguration']).toMatchObject({
      Rules: expect.arrayContaining([
        expect.objectContaining({ AbortIncompleteMultipartUpload: { DaysAfterInitiation: 1 }, Status: 'Enabled' }),
        expect.objectContaining({ Prefix: 'uploads/', ExpirationInDays: 2, Status: 'Enabled' }),
      ]),
    });
  });

  test('web pages of the allowed origins, and no others, may use the links', () => {
    expect(bucketNamed('objects')?.Properties['CorsConfiguration']).toEqual({
      CorsRules: [{ AllowedHeaders: ['content-type'], AllowedMethods: ['GET', 'HEAD', 'PUT'], AllowedOrigins: ORIGINS, MaxAge: 600 }],
    });
  });
});

describe('rights', () => {
  test('nothing may do everything: no action has a wildcard', () => {
    const documents = [
      ...made.all('AWS::IAM::Policy'),
      ...made.all('AWS::SQS::QueuePolicy'),
      ...made.all('AWS::SNS::TopicPolicy'),
      ...made.all('AWS::S3::BucketPolicy'),
    ].flatMap(({ id, Properties: { PolicyDocument: document } }) => statementsIn(id, document));
    const inline = made.all('AWS::IAM::Role').flatMap(({ id }) => statementsOf(id));
    for (const { where, effect, actions } of [...documents, ...inline]) {
      if (effect === 'Allow') expect([where, actions.filter((action) => action.includes('*'))]).toEqual([where, []]);
    }
    for (const { Properties: role } of made.all('AWS::IAM::Role')) expect(role['ManagedPolicyArns']).toBeUndefined();
    // A key that no policy of its account may manage could never be managed again: the account's own line in a key's policy is the one exception.
    const key = made.all('AWS::KMS::Key').flatMap(({ id, Properties: { KeyPolicy: policy } }) => statementsIn(id, policy));
    expect(key.filter(({ actions }) => actions.some((action) => action.includes('*')))).toHaveLength(1);
  });

  test('resources are named; patterns are the streams of one table, the objects that Lambda names itself, ours by the beginning of their keys, and keys of providers', () => {
    const patterns = made
      .all('AWS::IAM::Role')
      .flatMap(({ id }) => statementsOf(id))
      .flatMap(({ actions, resources }) =>
        resources
          .filter((resource) => resource.includes('*') && !resource.startsWith(`${OBJECTS_ARN}/`))
          .map((resource) => [...actions, resource.replace(/table\/[\w-]+/, 'table/…')].join(' ')),
      );
    const prefix = 'arn:<AWS::Partition>:';
    const vault = `${prefix}secretsmanager:<AWS::Region>:<AWS::AccountId>:secret:linli/${STAGE}/vault/*`;
    expect([...new Set(patterns)].toSorted()).toEqual([
      `dynamodb:ListStreams ${prefix}dynamodb:<AWS::Region>:<AWS::AccountId>:table/…/stream/*`,
      `s3:PutObject ${prefix}s3:::linli-test-failed-records-<AWS::AccountId>-<AWS::Region>/aws/lambda/*`,
      `${MAKE_SECRET} ${vault}`,
      `${OPEN_SECRETS.join(' ')} ${vault}`,
      `${READ_SECRET} ${prefix}secretsmanager:<AWS::Region>:<AWS::AccountId>:secret:linli/${STAGE}/notifications/*`,
      `${READ_SECRET} ${prefix}secretsmanager:<AWS::Region>:<AWS::AccountId>:secret:linli/${STAGE}/payments/*`,
    ]);
  });

  test('every function may touch the tables that it declares to use, as it declares, and no other', () => {
    const tableOf = new Map(
      made
        .all('AWS::DynamoDB::GlobalTable')
        .map(({ id, Properties: { TableName: physical } }) => [
          `<${id}.Arn>`,
          Object.values(TABLES).find(({ name }) => physical === `linli-${STAGE}-${kebab(name)}`),
        ]),
    );
    for (const each of made.all('AWS::Lambda::Function')) {
      const name = nameOf(each);
      const may = new Map<string, string[]>();
      for (const { actions, resources } of statementsOf(roleOf(each))) {
        for (const resource of resources) {
          const [, arn = '', index] = /^(<\w+\.Arn>)(\/index\/\w+)?$/.exec(resource) ?? [];
          const table = tableOf.get(arn);
          if (table !== undefined)
            may.set(`${table.name}${index ?? ''}`, [...(may.get(`${table.name}${index ?? ''}`) ?? []), ...actions].toSorted());
        }
      }
      const expected = new Map<string, string[]>();
      for (const [table, right] of declaredUses(name)) {
        const write = [...READ_ACTIONS, ...WRITE_ACTIONS];
        const actions = { read: READ_ACTIONS, append: APPEND_ACTIONS, write, remove: [...write, REMOVE_ACTION] }[right];
        expected.set(table, [...actions].toSorted());
        if (right === 'append') continue;
        const description = Object.values(TABLES).find((one) => one.name === table);
        for (const index of Object.keys(description?.indexes ?? {})) expected.set(`${table}/index/${index}`, ['dynamodb:Query']);
      }
      expect([name, Object.fromEntries(may)]).toEqual([name, Object.fromEntries(expected)]);
    }
  });

  test('every function may do with objects what it declares, below the beginnings of keys that it names', () => {
    const rights: Readonly<Record<ObjectRight, readonly string[]>> = {
      link: ['s3:GetObject'],
      put: ['s3:PutObject'],
      read: ['s3:GetObject'],
      drop: ['s3:DeleteObject', 's3:PutObject'],
      write: ['s3:AbortMultipartUpload', 's3:GetObject', 's3:PutObject'],
      remove: ['s3:AbortMultipartUpload', 's3:DeleteObject', 's3:GetObject', 's3:PutObject'],
    };
    for (const { name } of made.bundled) {
      const may = statementsOf(roleOf(functionNamed(name)))
        .flatMap(({ actions, resources }) => resources.map((resource) => [resource, actions.toSorted()] as const))
        .filter(([resource]) => resource.startsWith(`${OBJECTS_ARN}/`));
      const expected = [...declaredObjects(name)].map(([prefix, all]) => [
        `${OBJECTS_ARN}/${prefix}*`,
        [...new Set(all.flatMap((right) => rights[right]))].toSorted(),
      ]);
      expect([name, may.toSorted()]).toEqual([name, expected.toSorted()]);
    }
    expect([...declaredObjects('service-requests-api')]).toEqual([['media/', ['link']]]);
  });

  test('who only takes pictures in cannot read them as they were put', () => {
    for (const [name, prefix] of [
      ['media-api', 'uploads/'],
      ['open311-api', 'received/'],
    ] as const) {
      const may = statementsOf(roleOf(functionNamed(name))).filter(({ resources }) => resources.includes(`${OBJECTS_ARN}/${prefix}*`));
      const actions = new Set(may.flatMap((statement) => statement.actions));
      expect([name, actions.has('s3:PutObject'), actions.has('s3:GetObject')]).toEqual([name, true, false]);
    }
  });

  test('who reads objects learns what is not there, below the same beginnings of keys and nowhere else', () => {
    for (const { name } of made.bundled) {
      const read = [...declaredObjects(name)].filter(([, all]) => all.some((right) => isIncluded('read', right)));
      const listing = statementsOf(roleOf(functionNamed(name))).filter(({ resources }) => resources.includes(OBJECTS_ARN));
      expect([name, listing.map(({ actions, conditions }) => [actions, conditions])]).toEqual([
        name,
        read.length === 0 ? [] : [[['s3:ListBucket'], { StringLike: { 's3:prefix': read.map(([prefix]) => `${prefix}*`) } }]],
      ]);
    }
  });

  test('the keys of payment providers are for who speaks to them, those of what carries messages for who carries, and for nobody else', () => {
    expect([...SPEAKING].toSorted()).toEqual(['payment-reconciliation', 'payment-settlement', 'payments-api', 'send-refunds']);
    expect([...CARRYING].toSorted()).toEqual([
      'deliver-alert',
      'deliver-red-alert',
      'held-notices',
      'send-code',
      'tell-donor',
      'tell-provider',
      'tell-requester',
      'walk-readers',
    ]);
    for (const { name } of made.bundled) {
      const read = statementsOf(roleOf(functionNamed(name))).filter(
        ({ actions, resources }) =>
          actions.some((action) => action.startsWith('secretsmanager:')) && !resources.some((resource) => resource.includes('/vault/')),
      );
      const prefix = functionNamed(name).Properties.Environment?.Variables[VARIABLES.secretsPrefix];
      const beginnings = [...(SPEAKING.has(name) ? ['payments'] : []), ...(CARRYING.has(name) ? ['notifications'] : [])];
      expect([name, prefix, read.map(({ actions, resources }) => [actions, resources])]).toEqual([
        name,
        beginnings.length > 0 || MAKING.has(name) || OPENING.has(name) ? `linli/${STAGE}/` : undefined,
        beginnings.map((beginning) => [
          [READ_SECRET],
          [`arn:<AWS::Partition>:secretsmanager:<AWS::Region>:<AWS::AccountId>:secret:linli/${STAGE}/${beginning}/*`],
        ]),
      ]);
    }
    // An operator makes them: a template that did would hold one, or drop it with the stage.
    for (const {
      Properties: { Name: each },
    } of made.all('AWS::SecretsManager::Secret'))
      expect(String(each)).not.toMatch(/payments|notifications/);
  });

  test('who makes the keys of surveys may not open them, and who counts opens and destroys them; nobody else does either', () => {
    expect([[...MAKING], [...OPENING].toSorted()]).toEqual([['surveys-api'], ['count-closed-survey', 'survey-tally']]);
    for (const { name } of made.bundled) {
      const actions = statementsOf(roleOf(functionNamed(name)))
        .filter(({ resources }) => resources.some((resource) => resource.includes('/vault/')))
        .flatMap((statement) => statement.actions);
      expect([name, actions.toSorted()]).toEqual([name, MAKING.has(name) ? [MAKE_SECRET] : OPENING.has(name) ? OPEN_SECRETS : []]);
    }
  });

  test('who carries is told what the stage carries itself', () => {
    for (const name of CARRYING)
      expect(JSON.parse(functionNamed(name).Properties.Environment?.Variables[VARIABLES.carriers] ?? '')).toEqual({
        wechat: {},
        webPush: { subject: 'mailto:duty@example.gov.cn' },
        webhook: {},
      });
  });

  test('only who counts a month, who cleans up, who gives money back and who is no longer told, or finds an address dead, takes items away', () => {
    const removing = made.bundled.filter(({ name }) =>
      statementsOf(roleOf(functionNamed(name))).some(({ actions }) => actions.includes(REMOVE_ACTION)),
    );
    expect(removing.map(({ name }) => name).toSorted()).toEqual([
      // An alert in whose place another stands asks for no visits.
      'alert-visits',
      // What waited for a second officer waits no longer.
      'alerts-api',
      'compute-metrics',
      'count-closed-survey',
      'deliver-alert',
      'deliver-red-alert',
      'donations-api',
      'held-notices',
      'notifications-api',
      'payment-settlement',
      'payments-api',
      'providers-api',
      'retention',
      'send-code',
      'survey-tally',
      'surveys-api',
      'tell-donor',
      'tell-provider',
      'tell-requester',
      'walk-readers',
    ]);
  });

  test('beside its tables a function has the rights of its kind, and no other', () => {
    const beside = {
      api: [],
      relay: [
        'dynamodb:DescribeStream',
        'dynamodb:GetRecords',
        'dynamodb:GetShardIterator',
        'dynamodb:ListStreams',
        'events:PutEvents',
        's3:ListBucket',
        's3:PutObject',
      ],
      reaction: ['sqs:GetQueueAttributes', 'sqs:GetQueueUrl', 'sqs:SendMessage'],
      schedule: ['sqs:GetQueueAttributes', 'sqs:GetQueueUrl', 'sqs:SendMessage'],
    };
    const ofTables = new Set<string>([...READ_ACTIONS, ...WRITE_ACTIONS, REMOVE_ACTION]);
    for (const { name, kind } of made.bundled) {
      const actions = statementsOf(roleOf(functionNamed(name)))
        .filter(({ resources }) => !resources.some((resource) => resource === OBJECTS_ARN || resource.startsWith(`${OBJECTS_ARN}/`)))
        .flatMap((statement) => statement.actions);
      expect([name, [...new Set(actions.filter((action) => !ofTables.has(action)))].toSorted()]).toEqual([
        name,
        [
          ...beside[kind],
          ...(SPEAKING.has(name) || CARRYING.has(name) ? [READ_SECRET] : []),
          ...(MAKING.has(name) ? [MAKE_SECRET] : []),
          ...(OPENING.has(name) ? OPEN_SECRETS : []),
          'logs:CreateLogStream',
          'logs:PutLogEvents',
        ].toSorted(),
      ]);
    }
  });

  test('the environment holds what a function needs, and no other name', () => {
    for (const { name, kind, domain } of made.bundled) {
      const expected = [
        VARIABLES.stage,
        VARIABLES.secret,
        VARIABLES.previousSecret,
        ...[...declaredUses(name).keys()].map(tableVariable),
        ...(kind === 'relay' ? [VARIABLES.bus, VARIABLES.relayNeeds] : []),
        ...(kind === 'api' && (OPERATIONS[domain] ?? []).some(({ access }) => access === 'optional')
          ? [VARIABLES.oidcIssuer, VARIABLES.oidcAudience]
          : []),
        ...(domain === 'notifications' && kind !== 'relay' ? [VARIABLES.messageGateway] : []),
        ...(kind === 'api' || (domain === 'notifications' && kind !== 'relay') ? [VARIABLES.publicUrl] : []),
        ...(declaredObjects(name).size > 0 ? [VARIABLES.objects] : []),
        ...(SPEAKING.has(name) || CARRYING.has(name) || MAKING.has(name) || OPENING.has(name) ? [VARIABLES.secretsPrefix] : []),
        ...(CARRYING.has(name) ? [VARIABLES.carriers] : []),
      ];
      const environment = functionNamed(name).Properties.Environment?.Variables;
      expect([name, Object.keys(environment ?? {}).toSorted()]).toEqual([name, expected.toSorted()]);
    }
  });

  test('the secrets come by reference, this one and the one before', () => {
    for (const {
      Properties: { Environment: environment },
    } of made.all('AWS::Lambda::Function')) {
      expect(environment?.Variables).toMatchObject({
        [VARIABLES.secret]: `{{resolve:secretsmanager:linli/${STAGE}/secret-2:SecretString:::}}`,
        [VARIABLES.previousSecret]: `{{resolve:secretsmanager:linli/${STAGE}/secret-1:SecretString:::}}`,
      });
    }
    expect(
      made
        .all('AWS::SecretsManager::Secret')
        .map(({ Properties: { Name: name } }) => name)
        .toSorted(),
    ).toEqual([`linli/${STAGE}/secret-1`, `linli/${STAGE}/secret-2`]);
  });

  test('a relay lets through the personal attributes that reactions to its own table have declared to need', () => {
    const needs = functionNamed('service-requests-relay').Properties.Environment?.Variables[VARIABLES.relayNeeds];
    const expected = REACTIONS.filter(({ needs }) => needs.length > 0).flatMap(({ on }) =>
      on.filter((type) => /^(?:serviceRequest|rectification)\./.test(type)),
    );
    expect(Object.keys(JSON.parse(needs ?? '{}')).toSorted()).toEqual([...new Set(expected)].toSorted());
    expect(functionNamed('divisions-relay').Properties.Environment?.Variables[VARIABLES.relayNeeds]).toBe('{}');
  });
});

describe('functions', () => {
  test('each runs Node 24 on arm64, with a log that ends, and nothing is deployed that nobody declared', () => {
    const functions = made.all('AWS::Lambda::Function');
    expect(functions.map(nameOf).toSorted()).toEqual(made.bundled.map(({ name }) => name).toSorted());
    for (const { Properties: properties } of functions) {
      expect(properties).toMatchObject({ Runtime: 'nodejs24.x', Architectures: ['arm64'] });
      expect(made.flat(properties.LoggingConfig?.LogGroup)).toMatch(/^<\w+>$/);
    }
    for (const { Properties: log } of made.all('AWS::Logs::LogGroup')) expect(log['RetentionInDays']).toBe(365);
  });

  test('a large reaction has a whole core and five minutes, any other half a gigabyte and one', () => {
    expect(REACTIONS.filter(({ size }) => size === 'large').map(({ name }) => name)).toContain('compute-metrics');
    for (const { name, size } of REACTIONS) {
      const { MemorySize: memory, Timeout: seconds } = functionNamed(name).Properties;
      expect([name, memory, seconds]).toEqual(size === 'large' ? [name, 1769, 300] : [name, 512, 60]);
    }
  });

  test('bundles and templates know nothing of what one machine alone has', () => {
    const local = ['/dev/', 'issuer-key', 'sandbox', 'dynoxide', 'LINLI_DATA/'];
    const texts = made.bundled.flatMap(({ folder }) =>
      readdirSync(folder, { recursive: true, withFileTypes: true })
        // A library that is copied whole is none of our code.
        .filter((each) => each.isFile() && !each.parentPath.includes('node_modules'))
        .map((each) => join(each.parentPath, each.name)),
    );
    expect(texts.length).toBeGreaterThan(made.bundled.length);
    for (const file of texts) {
      const text = readFileSync(file, 'utf8');
      expect([file, local.filter((each) => text.includes(each))]).toEqual([file, []]);
    }
    const templates = JSON.stringify(made.stacks);
    expect(local.filter((each) => templates.includes(each))).toEqual([]);
  });

  test('what a function may load of ours is at most 450 KB', () => {
    for (const { name, bytes } of made.bundled) expect([name, bytes <= 450 * 1024]).toEqual([name, true]);
  });

  test('only who speaks to payment providers, or carries, can ask for a secret at all, and only who carries can carry', () => {
    const knowing = (word: string): ReadonlySet<string> =>
      new Set(made.bundled.filter((each) => codeOf(each).includes(word)).map(({ name }) => name));
    expect(knowing('GetSecretValue')).toEqual(new Set([...SPEAKING, ...CARRYING, ...MAKING, ...OPENING]));
    for (const word of ['SendTextMessage', 'FromEmailAddress', 'client_msg_id', 'aes128gcm'])
      expect([word, knowing(word)]).toEqual([word, CARRYING]);
  });
});

describe('limits of AWS', () => {
  test('at most 400 resources a stack, 300 routes, 60 references to secrets a template, 1 MB a template', () => {
    for (const [name, template] of Object.entries(made.stacks)) {
      expect([name, Object.keys(template.Resources).length <= 400]).toEqual([name, true]);
      const text = JSON.stringify(template);
      expect([name, text.length <= 1024 * 1024]).toEqual([name, true]);
      expect([name, (text.match(/\{\{resolve:/g) ?? []).length <= 60]).toEqual([name, true]);
    }
    expect(made.all('AWS::ApiGatewayV2::Route').length).toBeLessThanOrEqual(300);
  });

  test('the policy of a function has at most 16 KB, that of its role at most 10,240 characters', () => {
    const written = (text: string): string =>
      text
        .replaceAll('<AWS::Partition>', 'aws-cn')
        .replaceAll('<AWS::Region>', 'ap-southeast-1')
        .replaceAll('<AWS::AccountId>', '123456789012')
        .replaceAll(/<[^>]+>/g, 'arn:aws-cn:dynamodb:ap-southeast-1:123456789012:table/linli-prod-service-requests');
    for (const each of made.all('AWS::Lambda::Function')) {
      const permissions = made
        .all('AWS::Lambda::Permission')
        .filter(({ Properties: { FunctionName: target } }) => made.flat(target) === `<${each.id}.Arn>`);
      expect(
        written(
          permissions
            .map(({ Properties: permission }) =>
              JSON.stringify(permission, (_, value: unknown) =>
                typeof value === 'object' && value !== null && ('Fn::Join' in value || 'Fn::GetAtt' in value) ? made.flat(value) : value,
              ),
            )
            .join(''),
        ).length,
      ).toBeLessThanOrEqual(16 * 1024);
      expect(written(JSON.stringify(statementsOf(roleOf(each)))).length).toBeLessThanOrEqual(10_240);
    }
  });

  test('names fit', () => {
    for (const { name } of made.bundled) expect(`linli-prod-${name}`.length).toBeLessThanOrEqual(64);
  });
});

describe('alarms', () => {
  const runbook = readFileSync('docs/runbooks/alarms.md', 'utf8');
  const headings = new Set([...runbook.matchAll(/^## `?([a-z-]+)`?$/gm)].map(([, heading]) => heading));

  test('each goes to the topic, names its line in the runbook, and that line is there', () => {
    const alarms = made.all('AWS::CloudWatch::Alarm');
    const topic = made.all('AWS::SNS::Topic')[0]?.id;
    for (const { Properties: alarm } of alarms) {
      const [, kind] = /docs\/runbooks\/alarms\.md#([a-z-]+)$/.exec(alarm.AlarmDescription ?? '') ?? [];
      expect(headings).toContain(kind);
      expect((alarm.AlarmActions ?? []).map(made.flat)).toEqual([`<${topic}>`]);
    }
    expect(new Set(alarms.map(({ Properties: { AlarmName: name } }) => name)).size).toBe(alarms.length);
  });

  test('every kind is in use and in the runbook, and the runbook has no other', () => {
    const inUse = made.all('AWS::CloudWatch::Alarm').map(({ Properties: { AlarmDescription: text } }) => String(text).split('#')[1]);
    expect([...new Set(inUse)].toSorted()).toEqual(Object.keys(ALARMS).toSorted());
    expect([...headings].toSorted()).toEqual(Object.keys(ALARMS).toSorted());
  });

  test('every function, every stream and every table is watched', () => {
    const names = new Set(made.all('AWS::CloudWatch::Alarm').map(({ Properties: { AlarmName: name } }) => String(name)));
    for (const { name, kind } of made.bundled) {
      expect(names).toContain(`linli-${STAGE}-${name}-function-errors`);
      expect(names).toContain(`linli-${STAGE}-${name}-function-throttled`);
      if (kind === 'relay') expect(names).toContain(`linli-${STAGE}-${name}-relay-behind`);
      if (kind === 'reaction') expect(names).toContain(`linli-${STAGE}-${name}-events-lost`);
      if (kind === 'reaction' || kind === 'schedule') expect(names).toContain(`linli-${STAGE}-${name}-events-parked`);
    }
    for (const { name } of Object.values(TABLES)) expect(names).toContain(`linli-${STAGE}-${kebab(name)}-table-table-throttled`);
  });

  test('a month that is not closed rings at once, and so do three hours in which nobody said whether it is', () => {
    const alarm = made
      .all('AWS::CloudWatch::Alarm')
      .find(({ Properties: { AlarmName: name } }) => name === `linli-${STAGE}-month-not-closed`);
    expect(alarm?.stack).toBe('events');
    expect(alarm?.Properties).toMatchObject({
      ComparisonOperator: 'GreaterThanThreshold',
      Threshold: 0,
      DatapointsToAlarm: 1,
      EvaluationPeriods: 1,
      TreatMissingData: 'breaching',
      Metrics: [
        { Expression: 'FILL(overdue, 1)', ReturnData: true },
        {
          Id: 'overdue',
          MetricStat: {
            Metric: {
              Namespace: OVERDUE_MONTHS.namespace,
              MetricName: OVERDUE_MONTHS.name,
              Dimensions: [{ Name: OVERDUE_MONTHS.dimension, Value: STAGE }],
            },
            Period: 3 * 3600,
            Stat: 'Maximum',
          },
          ReturnData: false,
        },
      ],
    });
  });

  test('what is told each hour comes under the name that the alarm listens to', () => {
    const line = overdueMonthsMetric(epochMs(0), STAGE, 1);
    const { namespace, name, dimension } = OVERDUE_MONTHS;
    expect(line).toMatchObject({
      [dimension]: functionNamed('metrics-refresh').Properties.Environment?.Variables[VARIABLES.stage],
      [name]: 1,
      _aws: { CloudWatchMetrics: [{ Namespace: namespace, Dimensions: [[dimension]], Metrics: [{ Name: name }] }] },
    });
  });

  test('every code that rings is logged under that very name, and is listened to in each function that can log it', () => {
    const sources = readdirSync('functions', { recursive: true, withFileTypes: true })
      .filter(({ name }) => name.endsWith('.ts'))
      .map(({ parentPath, name }) => readFileSync(join(parentPath, name), 'utf8'));
    for (const { kind, codes, by } of LOGGED) {
      for (const code of codes) {
        expect([code, sources.some((text) => new RegExp(`\\.log\\(\\{[^}]*code: '${code}'`).test(text))]).toEqual([code, true]);
      }
      const able = made.bundled.filter((each) => codes.some((code) => new RegExp(`\\bcode:["'\`]${code}["'\`]`).test(codeOf(each))));
      expect([kind, able.map(({ name }) => name).toSorted()]).toEqual([kind, by.toSorted()]);
    }
    expect(new Set(LOGGED.flatMap(({ codes }) => codes)).size).toBe(LOGGED.flatMap(({ codes }) => codes).length);
  });

  test('such lines are counted where the alarm of their kind looks, unless they say that it went well', () => {
    const filters = made
      .all('AWS::Logs::MetricFilter')
      .map(({ Properties: filter }) => filter)
      .filter(({ FilterPattern: pattern }) => String(pattern).includes('$.code'));
    expect(filters).toHaveLength(LOGGED.flatMap(({ by }) => by).length);
    for (const { kind, codes, by } of LOGGED) {
      const counted = filters.filter(({ MetricTransformations: [into] = [] }) => into?.MetricName === kind);
      const logs = by.map((name) => made.flat(functionNamed(name).Properties.LoggingConfig?.LogGroup));
      expect([kind, counted.map((filter) => made.flat(filter['LogGroupName'])).toSorted()]).toEqual([kind, logs.toSorted()]);
      for (const { FilterPattern: pattern, MetricTransformations: into } of counted) {
        expect(pattern).toBe(`{ (${codes.map((code) => `$.code = "${code}"`).join(' || ')}) && $.level != "info" }`);
        // Without a value for silence: one that is told each hour would be paid for each hour.
        expect(into).toEqual([{ MetricNamespace: `Linli/${STAGE}`, MetricName: kind, MetricValue: '1' }]);
      }
      const alarm = made.all('AWS::CloudWatch::Alarm').find(({ Properties: { AlarmName: name } }) => name === `linli-${STAGE}-${kind}`);
      expect(alarm?.Properties).toMatchObject({
        Metrics: [{ MetricStat: { Metric: { Namespace: `Linli/${STAGE}`, MetricName: kind }, Period: 300, Stat: 'Sum' } }],
      });
    }
  });

  test('one difference, one refund or one dispute rings; forgeries and a provider that stumbles ring when they are many', () => {
    const least = (kind: string): unknown =>
      made.all('AWS::CloudWatch::Alarm').find(({ Properties: { AlarmName: name } }) => name === `linli-${STAGE}-${kind}`)?.Properties[
        'Threshold'
      ];
    expect(Object.fromEntries(LOGGED.map(({ kind }) => [kind, least(kind)]))).toEqual({
      'payments-differ': 0,
      'refund-failed': 0,
      'payment-disputed': 0,
      'notifications-refused': 10,
      'payments-not-created': 5,
      'statement-flagged': 0,
      'alerts-not-delivered': 5,
      'codes-not-sent': 10,
      'survey-not-counted': 0,
    });
  });

  test('silence is nothing to any other alarm', () => {
    for (const { Properties: alarm } of made.all('AWS::CloudWatch::Alarm')) {
      const rings = alarm['TreatMissingData'] === 'breaching';
      expect([alarm.AlarmName, rings]).toEqual([alarm.AlarmName, alarm.AlarmName === `linli-${STAGE}-month-not-closed`]);
    }
  });

  test('the topic is encrypted, takes no plain HTTP, and CloudWatch may publish', () => {
    const [topic] = made.all('AWS::SNS::Topic');
    expect(topic?.Properties['KmsMasterKeyId']).toBeDefined();
    const [policy] = made.all('AWS::SNS::TopicPolicy');
    expect(policy?.Properties.PolicyDocument?.Statement).toEqual(
      expect.arrayContaining([
        expect.objectContaining({ Effect: 'Deny', Condition: { Bool: { 'aws:SecureTransport': 'false' } } }),
        expect.objectContaining({ Effect: 'Allow', Action: 'sns:Publish', Principal: { Service: 'cloudwatch.amazonaws.com' } }),
      ]),
    );
    expect(made.all('AWS::SNS::Subscription').map(({ Properties: { Endpoint: endpoint } }) => endpoint)).toEqual(['duty@example.gov.cn']);
  });

  test('the dashboard shows every function and every queue by the name that it has, whether months are closed, and what of payments rings', () => {
    const [dashboard] = made.all('AWS::CloudWatch::Dashboard');
    const body = made.flat(dashboard?.Properties['DashboardBody']);
    for (const { name } of made.bundled) expect(body).toContain(`"linli-${STAGE}-${name}"`);
    for (const {
      Properties: { QueueName: name },
    } of made.all('AWS::SQS::Queue'))
      expect(body).toContain(`"${name}"`);
    for (const { kind } of LOGGED) expect(body).toContain(`"Linli/${STAGE}","${kind}"`);
    expect(body).toContain(`"${OVERDUE_MONTHS.namespace}","${OVERDUE_MONTHS.name}","${OVERDUE_MONTHS.dimension}","${STAGE}"`);
  });
});

describe('in either partition', () => {
  let world: Synthesised;
  let china: Synthesised;

  beforeAll(async () => {
    world = await synthesised('dev', { retain: false }, made.bundled);
    china = await synthesised(
      'prod',
      { region: 'cn-north-1', account: '123456789012', oidcIssuer: 'https://id.example.gov.cn', oidcAudience: 'linli' },
      made.bundled,
    );
  }, 300_000);
  afterAll(() => {
    world.remove();
    china.remove();
  });

  test('no ARN names a partition, in the one partition and in the other', () => {
    for (const { stacks } of [world, china]) expect(JSON.stringify(stacks).includes('arn:aws:')).toBe(false);
    // What is not tied to a region is not tied to a partition either.
    expect(JSON.stringify(world.stacks).includes('arn:aws')).toBe(false);
  });

  test('both partitions get the same resources', () => {
    const types = ({ stacks }: Synthesised): readonly string[] =>
      Object.values(stacks).flatMap(({ Resources: resources }) => Object.values(resources).map(({ Type: type }) => type));
    expect(types(china)).toEqual(types(world));
  });

  test('a stage without an issuer synthesises, says what is missing, and cannot be deployed: its issuer is a parameter without a value', () => {
    const { Parameters: parameters = {} } = world.stacks.api;
    for (const name of ['OidcIssuer', 'OidcAudience']) {
      expect(parameters[name]).toBeDefined();
      expect(parameters[name]).not.toHaveProperty('Default');
    }
    expect(world.warnings.join('\n')).toMatch(/The stage dev cannot be deployed yet.*oidcIssuer/);
    const [authorizer] = world.all('AWS::ApiGatewayV2::Authorizer');
    expect(authorizer?.Properties['JwtConfiguration']).toEqual({ Issuer: { Ref: 'OidcIssuer' }, Audience: [{ Ref: 'OidcAudience' }] });
    expect(china.stacks.api.Parameters ?? {}).not.toHaveProperty('OidcIssuer');
    expect(china.warnings.join('\n')).not.toMatch(/oidcIssuer/);
  });

  test('without origins there is no CORS, without a gateway no message leaves, and there is one secret', () => {
    expect(world.all('AWS::ApiGatewayV2::Api')[0]?.Properties).not.toHaveProperty('CorsConfiguration');
    expect(JSON.stringify(world.stacks).includes('LINLI_MESSAGE_GATEWAY')).toBe(false);
    expect(JSON.stringify(world.stacks).includes('LINLI_SECRET_PREVIOUS')).toBe(false);
    expect(world.all('AWS::SecretsManager::Secret')).toHaveLength(1);
  });

  test('who carries sends as the stage’s own senders, and as nobody else; nobody else sends', async () => {
    const settings = { region: 'ap-southeast-1', emailSender: 'notice@example.gov.cn', smsSender: 'pool-0123456789abcdef' };
    const sending = await synthesised('send', { ...settings, retain: false }, made.bundled);
    try {
      const own = 'arn:aws:ID:ap-southeast-1:<AWS::AccountId>';
      const rights = sending
        .all('AWS::IAM::Policy')
        .flatMap(({ Properties: { PolicyDocument: document } }) => document?.Statement ?? [])
        .filter(({ Action: action }) => list(action).some((each) => /^(?:ses|sms-voice):/.test(String(each))))
        .map(({ Action: action, Resource: resource }) => [action, list(resource).map(sending.flat)]);
      expect(rights).toEqual(
        [...CARRYING].flatMap(() => [
          ['ses:SendEmail', ['example.gov.cn', 'notice@example.gov.cn'].map((each) => `${own.replace('ID', 'ses')}:identity/${each}`)],
          ['sms-voice:SendTextMessage', [`${own.replace('ID', 'sms-voice')}:pool/pool-0123456789abcdef`]],
        ]),
      );
      const told = sending
        .all('AWS::Lambda::Function')
        .flatMap(({ Properties: { Environment: environment } }) => list(environment?.Variables[VARIABLES.carriers]));
      expect(new Set(told)).toEqual(
        new Set([JSON.stringify({ email: { from: settings.emailSender }, sms: { from: settings.smsSender }, webhook: {} })]),
      );
    } finally {
      sending.remove();
    }
  }, 300_000);

  test('without settings a stage carries webhooks itself and nothing else, and may send as nobody', () => {
    for (const { stacks, all } of [world, china]) {
      const told = all('AWS::Lambda::Function').flatMap(({ Properties: { Environment: environment } }) => {
        const variable = environment?.Variables[VARIABLES.carriers];
        return variable === undefined ? [] : [variable];
      });
      expect(told).toEqual([...CARRYING].map(() => '{"webhook":{}}'));
      expect(JSON.stringify(stacks)).not.toMatch(/ses:|sms-voice:/);
    }
  });

  test('what cdk-nag finds and we accept has a reason in writing', () => {
    const accepted = world.app.node
      .findAll()
      .flatMap(({ node }) =>
        node.metadata.filter(({ type }) => type === 'aws:cdk:acknowledged-rules').flatMap(({ data }) => Object.entries<unknown>(data)),
      );
    expect(accepted.length).toBeGreaterThan(0);
    for (const [rule, reason] of accepted) expect([rule, String(reason).length > 30]).toEqual([rule, true]);
    const rules = accepted.map(([rule]) => rule.replace(/^.*::(?=AwsSolutions)/, '').replace(/\[.*/, ''));
    expect([...new Set(rules)].toSorted()).toEqual([
      'AwsSolutions-APIG4',
      'AwsSolutions-IAM5',
      'AwsSolutions-S1',
      'AwsSolutions-SMG4',
      'AwsSolutions-SQS3',
    ]);
  });
});
