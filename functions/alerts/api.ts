import { lambda } from '../data/lambda.ts';
import { service } from '../http/service.ts';
import { approve } from './approve.ts';
import { alertOperations } from './contract.ts';
import { readFeed, readMessage } from './feed.ts';
import { issueOne } from './issue.ts';
import { list } from './list.ts';
import { read } from './read.ts';
import { cancel, update } from './replace.ts';
import { alertsTable } from './table.ts';

export const alerts = service({
  domain: 'alerts',
  table: alertsTable,
  operations: alertOperations,
  handlers: {
    issueAlert: issueOne,
    listAlerts: list,
    readAlert: read,
    updateAlert: update,
    cancelAlert: cancel,
    approveAlert: approve,
    readCapAlert: readMessage,
    readCapFeed: readFeed,
  },
});

export const handler = lambda(alerts.build);
