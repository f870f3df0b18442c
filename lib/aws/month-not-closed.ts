/** Rings when a month should be closed and is not, and when nobody has looked whether it is: the schedule that tells may be what is broken. */
import { Duration } from 'aws-cdk-lib';
import { MathExpression, Metric } from 'aws-cdk-lib/aws-cloudwatch';
import type { ITopic } from 'aws-cdk-lib/aws-sns';
import { Construct } from 'constructs';
import { OVERDUE_MONTHS } from '../../functions/metrics/overdue-months.ts';
import { StageAlarm } from './stage-alarm.ts';

/** Told each hour: two that are left out may be a stumble, three are not. */
const SILENT_FOR = Duration.hours(3);

/** 1 while a month should be closed and is not, else 0. */
export const overdueMonths = (stage: string, period: Duration): Metric =>
  new Metric({
    namespace: OVERDUE_MONTHS.namespace,
    metricName: OVERDUE_MONTHS.name,
    dimensionsMap: { [OVERDUE_MONTHS.dimension]: stage },
    statistic: 'Maximum',
    period,
    label: 'months not closed',
  });

export interface MonthNotClosedProps {
  readonly stage: string;
  readonly topic: ITopic;
}

export class MonthNotClosed extends Construct {
  constructor(scope: Construct, id: string, { stage, topic }: MonthNotClosedProps) {
    super(scope, id);
    new StageAlarm(this, 'Overdue', {
      stage,
      kind: 'month-not-closed',
      // The window slides, so a 1 rings at once. What did not come is filled in here: before it calls anything missing, CloudWatch looks back over more periods than it was told.
      metric: new MathExpression({
        expression: 'FILL(overdue, 1)',
        usingMetrics: { overdue: overdueMonths(stage, SILENT_FOR) },
        label: 'months not closed',
        period: SILENT_FOR,
      }),
      above: 0,
      silence: 'rings',
      topic,
    });
  }
}
