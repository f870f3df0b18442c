import { lambda } from '../../data/lambda.ts';
import { service } from '../../http/service.ts';
import { alertsTable } from '../table.ts';
import { acknowledge } from './acknowledge.ts';
import { acknowledgementOperations } from './contract.ts';
import { readReach } from './read-reach.ts';
import { list, read } from './read.ts';

/** What is heard back: a whole city may answer at once, and holds up no officer who issues an alert. */
export const acknowledgements = service({
  domain: 'acknowledgements',
  table: alertsTable,
  operations: acknowledgementOperations,
  handlers: { acknowledgeAlert: acknowledge, readAcknowledgement: read, listAcknowledgements: list, readReach },
});

export const handler = lambda(acknowledgements.build);
