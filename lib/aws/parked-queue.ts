/** Where events wait, whole, that a function could not handle after every retry: 14 days, with an alarm from the first one on. */
import { Duration } from 'aws-cdk-lib';
import { Queue, QueueEncryption } from 'aws-cdk-lib/aws-sqs';
import type { ITopic } from 'aws-cdk-lib/aws-sns';
import { Construct } from 'constructs';
import { accept } from './accept.ts';
import { parkedQueueName } from './names.ts';
import { FIVE_MINUTES, StageAlarm, type AlarmKind } from './stage-alarm.ts';

export interface ParkedQueueProps {
  readonly stage: string;
  readonly functionName: string;
  readonly kind: AlarmKind;
  readonly topic: ITopic;
}

/** As long as SQS keeps a message at most. */
export const PARKED_DAYS = 14;

export class ParkedQueue extends Construct {
  readonly queue: Queue;

  constructor(scope: Construct, id: string, { stage, functionName, kind, topic }: ParkedQueueProps) {
    super(scope, id);
    this.queue = new Queue(this, 'Queue', {
      queueName: parkedQueueName(stage, functionName),
      retentionPeriod: Duration.days(PARKED_DAYS),
      encryption: QueueEncryption.SQS_MANAGED,
      enforceSSL: true,
    });
    accept(
      this.queue,
      'AwsSolutions-SQS3',
      'It is itself the dead-letter queue of a rule, a schedule or a function; nothing reads it but `npm run redrive`.',
    );
    new StageAlarm(this, 'Parked', {
      stage,
      kind,
      subject: functionName,
      metric: this.queue.metricApproximateNumberOfMessagesVisible({ period: FIVE_MINUTES, statistic: 'Maximum' }),
      above: 0,
      topic,
    });
  }
}
