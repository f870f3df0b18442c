import { lambda } from '../data/lambda.ts';
import { service } from '../http/service.ts';
import { metricsOperations } from './contract.ts';
import { listFacts } from './list-facts.ts';
import { listIndicators } from './list-indicators.ts';
import { listRuns } from './list-runs.ts';
import { rankChildren } from './rank-children.ts';
import { readMetrics } from './read-metrics.ts';
import { readSeries } from './read-series.ts';
import { metricsTable } from './table.ts';

export const metrics = service({
  domain: 'metrics',
  table: metricsTable,
  operations: metricsOperations,
  handlers: {
    listIndicators,
    readMetrics,
    rankChildren,
    readSeries,
    listFacts,
    listRuns,
  },
});

export const handler = lambda(metrics.build);
