/** A function that runs by the clock of Asia/Shanghai and is told the moment it runs for. */
import { Duration, Stack } from 'aws-cdk-lib';
import { PolicyDocument, PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { SqsDestination } from 'aws-cdk-lib/aws-lambda-destinations';
import { CfnSchedule, type CfnScheduleGroup } from 'aws-cdk-lib/aws-scheduler';
import { Construct } from 'constructs';
import { TIME_ZONE, type Schedule } from '../../functions/data/schedule.ts';
import type { Bundled } from '../bundle.ts';
import { LinliFunction } from './linli-function.ts';
import { kebab } from '../kebab.ts';
import { physicalName } from './names.ts';
import { ParkedQueue } from './parked-queue.ts';
import { scheduleExpression } from './schedule-expression.ts';
import type { StageParts } from './stage-parts.ts';

/** What Scheduler puts the moment in for: https://docs.aws.amazon.com/scheduler/latest/UserGuide/managing-schedule-context-attributes.html */
const INPUT = JSON.stringify({ scheduledTime: '<aws.scheduler.scheduled-time>' });
const RETRIES = 2;
const AGE = Duration.hours(6);

export interface ScheduledFunctionProps {
  readonly parts: StageParts;
  readonly bundled: Bundled;
  readonly declaration: Schedule;
  readonly group: CfnScheduleGroup;
}

export class ScheduledFunction extends Construct {
  constructor(scope: Construct, id: string, { parts, bundled, declaration, group }: ScheduledFunctionProps) {
    super(scope, id);
    const { stage } = parts.settings;
    const name = kebab(declaration.name);
    const scheduled = new LinliFunction(this, 'Scheduled', { parts, bundled });
    const { queue } = new ParkedQueue(this, 'Runs', { stage, functionName: name, kind: 'events-parked', topic: parts.alarmTopic });
    scheduled.function.configureAsyncInvoke({ retryAttempts: RETRIES, maxEventAge: AGE, onFailure: new SqsDestination(queue) });
    const role = new Role(this, 'SchedulerRole', {
      assumedBy: new ServicePrincipal('scheduler.amazonaws.com', {
        conditions: { StringEquals: { 'aws:SourceAccount': Stack.of(this).account } },
      }),
      inlinePolicies: {
        Invoke: new PolicyDocument({
          statements: [
            new PolicyStatement({ actions: ['lambda:InvokeFunction'], resources: [scheduled.function.functionArn] }),
            new PolicyStatement({ actions: ['sqs:SendMessage'], resources: [queue.queueArn] }),
          ],
        }),
      },
    });
    new CfnSchedule(this, 'Schedule', {
      name: physicalName(stage, name),
      groupName: group.ref,
      description: declaration.description,
      scheduleExpression: scheduleExpression(declaration.cron),
      scheduleExpressionTimezone: TIME_ZONE,
      flexibleTimeWindow: { mode: 'OFF' },
      target: {
        arn: scheduled.function.functionArn,
        roleArn: role.roleArn,
        input: INPUT,
        deadLetterConfig: { arn: queue.queueArn },
        retryPolicy: { maximumEventAgeInSeconds: AGE.toSeconds(), maximumRetryAttempts: 185 },
      },
    });
  }
}
