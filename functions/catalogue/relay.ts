import { relay } from '../data/relay.ts';
import { lambda } from '../data/lambda.ts';
import { catalogueTable } from './table.ts';

export const catalogueRelay = relay(catalogueTable);
export const handler = lambda((runtime) => catalogueRelay(runtime));
