import { lambda } from '../../data/lambda.ts';
import { service } from '../../http/service.ts';
import { dashboardOperations } from '../contract.ts';
import { metricsTable } from '../table.ts';
import { showProblem } from './show-problem.ts';
import { show } from './show.ts';

/** The page that shows figures: who only reads them loads no page. */
export const dashboard = service({
  domain: 'dashboard',
  table: metricsTable,
  operations: dashboardOperations,
  handlers: { readDashboard: { run: show, problemPage: showProblem } },
});

export const handler = lambda(dashboard.build);
