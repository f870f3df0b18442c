import { lambda } from '../data/lambda.ts';
import { later } from '../http/later.ts';
import { service } from '../http/service.ts';
import { rank } from './children.ts';
import { metricsOperations } from './contract.ts';
import { list as listRecords } from './facts.ts';
import { list as listTheRuns } from './list-runs.ts';
import { list, read } from './read.ts';
import { series } from './series.ts';
import { metricsTable } from './table.ts';

export const metrics = service({
  domain: 'metrics',
  table: metricsTable,
  operations: metricsOperations,
  handlers: {
    listIndicators: list,
    readMetrics: read,
    rankChildren: rank,
    readSeries: series,
    listFacts: listRecords,
    listRuns: listTheRuns,
    readDashboard: later(async () => (await import('./dashboard/show.ts')).show),
  },
});

export const handler = lambda(metrics.build);
