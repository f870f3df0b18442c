/** The figure behind the alarm that a month is not closed, in CloudWatch's Embedded Metric Format. One each hour: none is an alarm, too. */
import type { EpochMs } from '../kernel/time.ts';

export const OVERDUE_MONTHS = { namespace: 'Linli', name: 'overdueMonths', dimension: 'stage' } as const;

/** The fields to merge into a log line. */
export const overdueMonthsMetric = (at: EpochMs, stage: string, overdueMonths: number): Record<string, unknown> => ({
  stage,
  overdueMonths,
  _aws: {
    Timestamp: at,
    CloudWatchMetrics: [
      {
        Namespace: OVERDUE_MONTHS.namespace,
        Dimensions: [[OVERDUE_MONTHS.dimension]],
        Metrics: [{ Name: OVERDUE_MONTHS.name, Unit: 'Count' }],
      },
    ],
  },
});
