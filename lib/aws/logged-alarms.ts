/** Alarms on what functions log: lines whose `code` says that somebody has to look. A filter in each function's log counts them, and one metric a kind is watched. */
import { Metric } from 'aws-cdk-lib/aws-cloudwatch';
import { FilterPattern, MetricFilter, type ILogGroup } from 'aws-cdk-lib/aws-logs';
import type { ITopic } from 'aws-cdk-lib/aws-sns';
import { Construct } from 'constructs';
import { FIVE_MINUTES, StageAlarm, type AlarmKind } from './stage-alarm.ts';

export interface Logged {
  readonly kind: AlarmKind;
  readonly codes: readonly string[];
  /** The functions that can log one of them. */
  readonly by: readonly string[];
  /** So many lines in five minutes are nothing yet; each rings unless said. */
  readonly above?: number;
}

/**
 * What a schedule throws in the end (`settlementStuck`, `reconciliationFailed`) rings as `function-errors` already, and what is tried again by
 * itself (`paidTwice`, `paymentNotFound`, `refundNotSent`) is nobody's work yet: none of them is here. A survey is: residents wait for its results,
 * and its key is kept for so long only.
 */
export const LOGGED: readonly Logged[] = [
  {
    kind: 'payments-differ',
    codes: ['reconciliationDiffers', 'notificationDisagrees'],
    by: ['payments-api', 'payment-settlement', 'payment-reconciliation'],
  },
  {
    kind: 'refund-failed',
    codes: ['refundFailed', 'refundReversed'],
    by: ['payments-api', 'send-refunds', 'payment-settlement', 'payment-reconciliation'],
  },
  { kind: 'payment-disputed', codes: ['paymentDisputed'], by: ['payments-api'] },
  // Anybody can send a forgery, and WeChat Pay sends some itself to see whether they are refused. With a wrong key every payment is told again,
  // by WeChat Pay five times in as many minutes: three payments ring, a forgery now and then does not.
  { kind: 'notifications-refused', codes: ['notificationRefused'], by: ['payments-api'], above: 10 },
  // A provider stumbles now and then, and whoever could not pay tries again: that is a line or two each time.
  { kind: 'payments-not-created', codes: ['paymentNotCreated'], by: ['payments-api'], above: 5 },
  { kind: 'statement-flagged', codes: ['statementFlagged'], by: ['disclose-funds'] },
  // The last batch of a list may be one recipient with a dead address; where a carrier is off, or its keys are wrong, every batch says so.
  {
    kind: 'alerts-not-delivered',
    codes: ['alertBatchFailed', 'alertNotPlanned'],
    by: ['deliver-alert', 'deliver-red-alert', 'walk-subscribers'],
    above: 5,
  },
  // Whoever mistypes an address gets none: without any carrier nobody does.
  { kind: 'codes-not-sent', codes: ['codeNotSent'], by: ['send-code'], above: 10 },
  {
    kind: 'survey-not-counted',
    codes: ['surveyKeyMissing', 'surveyAnswersUnreadable', 'surveyTallyStuck'],
    by: ['count-closed-survey', 'survey-tally'],
  },
];

const place = (stage: string, kind: AlarmKind) => ({ metricNamespace: `Linli/${stage}`, metricName: kind });

/** How many such lines there were. It has no value where there was none, and costs nothing then. */
export const loggedLines = (stage: string, kind: AlarmKind): Metric => {
  const { metricNamespace: namespace, metricName } = place(stage, kind);
  return new Metric({ namespace, metricName, statistic: 'Sum', period: FIVE_MINUTES, label: kind });
};

/** Counts what a function logs of {@link LOGGED}. Not what went well: a dispute that was won has the same code. */
export const countLogged = (scope: Construct, stage: string, functionName: string, logGroup: ILogGroup): void => {
  for (const { kind, codes, by } of LOGGED) {
    if (!by.includes(functionName)) continue;
    const anyCode = codes.map((code) => `$.code = "${code}"`).join(' || ');
    new MetricFilter(scope, `Logged-${kind}`, {
      logGroup,
      filterPattern: FilterPattern.literal(`{ (${anyCode}) && $.level != "info" }`),
      ...place(stage, kind),
    });
  }
};

export interface LoggedAlarmsProps {
  readonly stage: string;
  readonly topic: ITopic;
}

export class LoggedAlarms extends Construct {
  constructor(scope: Construct, id: string, { stage, topic }: LoggedAlarmsProps) {
    super(scope, id);
    for (const { kind, above = 0 } of LOGGED) new StageAlarm(this, kind, { stage, kind, metric: loggedLines(stage, kind), above, topic });
  }
}
