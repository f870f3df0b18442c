/** What of this domain runs by the clock; each is `<name in kebab-case>.ts` beside this file. */
import { schedule } from '../data/schedule.ts';

export const monthlyMetrics = schedule({
  name: 'monthlyMetrics',
  domain: 'metrics',
  description: 'Computes what is left of the month before, and closes it',
  cron: '30 0 1 * *',
  uses: { metrics: 'write', divisions: 'read' },
});

export const metricsRefresh = schedule({
  name: 'metricsRefresh',
  domain: 'metrics',
  description: 'Computes figures again whose facts have changed or whose deadlines have passed',
  cron: '0 * * * *',
  uses: { metrics: 'write', divisions: 'read' },
});
