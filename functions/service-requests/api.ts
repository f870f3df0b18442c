import { lambda } from '../data/lambda.ts';
import { laterRepeatable } from '../http/later.ts';
import { service } from '../http/service.ts';
import { actions } from './act.ts';
import { serviceRequestOperations } from './contract.ts';
import { create } from './create.ts';
import { list, listMine, listOpenWork, listRectified, listWork } from './list.ts';
import { read } from './read.ts';
import { readOne, rectificationActions } from './rectify.ts';
import { serviceRequestsTable } from './table.ts';

export const serviceRequests = service({
  domain: 'service-requests',
  table: serviceRequestsTable,
  operations: serviceRequestOperations,
  handlers: {
    createRequest: create,
    readRequest: read,
    listRequests: list,
    listMyRequests: listMine,
    listMyWork: listWork,
    listProviderWork: listOpenWork,
    ...actions,
    listRectifications: listRectified,
    readRectification: readOne,
    ...rectificationActions,
    importRequests: laterRepeatable(async () => (await import('./import.ts')).importAll),
  },
});

export const handler = lambda(serviceRequests.build);
