import { lambda } from '../data/lambda.ts';
import { service } from '../http/service.ts';
import { exportOperations } from './contract.ts';
import { exportRequests } from './export-requests.ts';
import { readJob } from './read-job.ts';
import { exportsTable } from './table.ts';

export const exportsService = service({
  domain: 'exports',
  table: exportsTable,
  operations: exportOperations,
  handlers: { exportRequests, readJob },
});

export const handler = lambda(exportsService.build);
