import { lambda } from '../../data/lambda.ts';
import { service } from '../../http/service.ts';
import { serviceRequestsTable } from '../table.ts';
import { open311Operations } from './contract.ts';
import { faceFor } from './face.ts';
import { discover } from './discover.ts';
import { issueKey, listKeys, readKey, revokeKey } from './keys.ts';
import { listRequests, readRequest, readToken } from './requests.ts';
import { listServices, readService } from './services.ts';
import { submitRequest } from './submit.ts';
import { listUpdates, submitUpdate } from './updates.ts';

export const open311 = service({
  domain: 'open311',
  table: serviceRequestsTable,
  operations: open311Operations,
  face: faceFor,
  handlers: {
    discoverXml: discover,
    discoverJson: discover,
    listServicesXml: listServices,
    listServicesJson: listServices,
    readService,
    listRequestsXml: listRequests,
    listRequestsJson: listRequests,
    submitRequestXml: submitRequest,
    submitRequestJson: submitRequest,
    readRequest,
    readToken,
    listUpdatesXml: listUpdates,
    listUpdatesJson: listUpdates,
    submitUpdateXml: submitUpdate,
    submitUpdateJson: submitUpdate,
    issueKey,
    listKeys,
    readKey,
    revokeKey,
  },
});

export const handler = lambda(open311.build);
