import { relay } from '../data/relay.ts';
import { lambda } from '../data/lambda.ts';
import { providersTable } from './table.ts';

export const providersRelay = relay(providersTable);
export const handler = lambda((runtime) => providersRelay(runtime));
