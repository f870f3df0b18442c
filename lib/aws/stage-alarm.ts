/** An alarm whose name says what it is about, and whose kind has its line in docs/runbooks/alarms.md. */
import { Duration } from 'aws-cdk-lib';
import { Alarm, ComparisonOperator, TreatMissingData, type IMetric } from 'aws-cdk-lib/aws-cloudwatch';
import { SnsAction } from 'aws-cdk-lib/aws-cloudwatch-actions';
import type { ITopic } from 'aws-cdk-lib/aws-sns';
import { Construct } from 'constructs';
import { physicalName } from './names.ts';

/** What each kind of alarm means. */
export const ALARMS = {
  'api-server-errors': 'More than one request in a hundred was answered with 5xx',
  'api-slow': 'One request in a hundred takes longer than three seconds',
  'api-throttled': 'Callers are turned away with 429 by the throttling of the stage',
  'function-errors': 'A function crashed, ran out of time or out of memory',
  'function-throttled': 'Lambda has no room to run a function',
  'relay-behind': 'Changes of a table wait more than five minutes for the bus',
  'relay-parked': 'Changes that a relay could not put on the bus lie in the bucket',
  'events-parked': 'Events that a function could not handle lie on its queue',
  'events-lost': 'An event could be neither handled nor parked',
  'schedule-undelivered': 'EventBridge Scheduler could not hand a run to its function',
  'month-not-closed': 'The month before is not closed by 06:00 of the 1st, or nobody has looked for three hours',
  'payments-differ': 'The bill of a payment provider, or what it has told, does not agree with the books',
  'refund-failed': 'A payment provider has not sent money back',
  'payment-disputed': 'The bank of a payer has taken a payment back, or keeps it',
  'notifications-refused': 'More than ten notifications of payments were refused in five minutes',
  'payments-not-created': 'More than five times in five minutes a provider did not make a payment that somebody wanted to give',
  'statement-flagged': 'A statement was disclosed that tells of something late, or of a cap that was passed',
  'alerts-not-delivered':
    'More than five batches of alerts in five minutes failed for most of their recipients, or a part of one was not planned in time',
  'codes-not-sent': 'More than ten codes of channels could not be sent in five minutes',
  'survey-not-counted': 'A survey cannot be counted, its key is gone, or something lies among its answers that is none',
  'table-throttled': 'DynamoDB turns calls to a table or an index of it away',
  'table-errors': 'DynamoDB itself fails on a table',
} as const;
export type AlarmKind = keyof typeof ALARMS;

export const RUNBOOK = 'docs/runbooks/alarms.md';

export interface StageAlarmProps {
  readonly stage: string;
  readonly kind: AlarmKind;
  /** What it is about: a function's or a table's name; absent where there is one of its kind. */
  readonly subject?: string;
  readonly metric: IMetric;
  /** Rings above it. */
  readonly above: number;
  /** In how many periods of how many; 1 of 1 unless said. */
  readonly periods?: readonly [bad: number, of: number];
  /** What it means that the metric does not come: nothing happened, unless said. */
  readonly silence?: 'isFine' | 'rings';
  readonly topic: ITopic;
}

export const FIVE_MINUTES = Duration.minutes(5);

export class StageAlarm extends Construct {
  constructor(
    scope: Construct,
    id: string,
    { stage, kind, subject, metric, above, periods = [1, 1], silence = 'isFine', topic }: StageAlarmProps,
  ) {
    super(scope, id);
    const [datapointsToAlarm, evaluationPeriods] = periods;
    const alarm = new Alarm(this, 'Alarm', {
      alarmName: physicalName(stage, subject === undefined ? kind : `${subject}-${kind}`),
      alarmDescription: `${ALARMS[kind]}. What to do: ${RUNBOOK}#${kind}`,
      metric,
      threshold: above,
      comparisonOperator: ComparisonOperator.GREATER_THAN_THRESHOLD,
      datapointsToAlarm,
      evaluationPeriods,
      treatMissingData: silence === 'rings' ? TreatMissingData.BREACHING : TreatMissingData.NOT_BREACHING,
    });
    alarm.addAlarmAction(new SnsAction(topic));
    alarm.addOkAction(new SnsAction(topic));
  }
}
