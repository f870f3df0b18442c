/**
 * CloudWatch's Embedded Metric Format: the log line itself carries the figures, so no call and no library is needed. A metric costs by the
 * month for each combination of its dimensions: there is one per stage and domain; operations are told apart in the log.
 */
import type { EpochMs } from '../kernel/time.ts';

export interface Measured {
  readonly at: EpochMs;
  readonly stage: string;
  readonly domain: string;
  readonly operation: string;
  readonly durationMs: number;
  readonly status: number;
}

/** The fields to merge into a request's log line. How many requests there were is `durationMs`'s sample count. */
export const metricsOf = ({ at, stage, domain, operation, durationMs, status }: Measured): Record<string, unknown> => ({
  stage,
  domain,
  operation,
  durationMs,
  serverErrors: status >= 500 ? 1 : 0,
  _aws: {
    Timestamp: at,
    CloudWatchMetrics: [
      {
        Namespace: 'Linli',
        Dimensions: [['stage', 'domain']],
        Metrics: [
          { Name: 'durationMs', Unit: 'Milliseconds' },
          { Name: 'serverErrors', Unit: 'Count' },
        ],
      },
    ],
  },
});
