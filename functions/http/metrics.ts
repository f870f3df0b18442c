/** CloudWatch's Embedded Metric Format: the log line itself carries the figures, so no call and no library is needed. */
import type { EpochMs } from '../kernel/time.ts';

export const NAMESPACE = 'Linli';

export interface Measured {
  readonly at: EpochMs;
  readonly operation: string;
  readonly durationMs: number;
  readonly status: number;
}

/** The fields to merge into a request's log line. */
export const metricsOf = ({ at, operation, durationMs, status }: Measured): Record<string, unknown> => ({
  operation,
  durationMs,
  requests: 1,
  serverErrors: status >= 500 ? 1 : 0,
  _aws: {
    Timestamp: at,
    CloudWatchMetrics: [
      {
        Namespace: NAMESPACE,
        Dimensions: [['operation']],
        Metrics: [
          { Name: 'durationMs', Unit: 'Milliseconds' },
          { Name: 'requests', Unit: 'Count' },
          { Name: 'serverErrors', Unit: 'Count' },
        ],
      },
    ],
  },
});
