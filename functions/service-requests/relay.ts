import { relay } from '../data/relay.ts';
import { lambda } from '../data/lambda.ts';
import { serviceRequestsTable } from './table.ts';

export const serviceRequestsRelay = relay(serviceRequestsTable);
export const handler = lambda((runtime) => serviceRequestsRelay(runtime));
