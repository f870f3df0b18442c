import { lambda } from '../data/lambda.ts';
import { service } from '../http/service.ts';
import { change } from './change.ts';
import { careOperations } from './contract.ts';
import { list } from './list.ts';
import { listDue } from './list-due.ts';
import { read } from './read.ts';
import { record } from './record-visit.ts';
import { register } from './register.ts';
import { careTable } from './table.ts';
import * as visits from './visits.ts';

export const care = service({
  domain: 'care',
  table: careTable,
  operations: careOperations,
  handlers: {
    registerRecipient: register,
    listRecipients: list,
    readRecipient: read,
    changeRecipient: change,
    recordVisit: record,
    listVisits: visits.list,
    readVisit: visits.read,
    listDue,
  },
});

export const handler = lambda(care.build);
