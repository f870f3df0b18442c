import { lambda } from '../data/lambda.ts';
import { relay } from '../data/relay.ts';
import { alertsTable } from './table.ts';

export const alertsRelay = relay(alertsTable);
export const handler = lambda((runtime) => alertsRelay(runtime));
