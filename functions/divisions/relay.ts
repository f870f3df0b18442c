import { relay } from '../data/relay.ts';
import { lambda } from '../data/lambda.ts';
import { divisionsTable } from './table.ts';

export const divisionsRelay = relay(divisionsTable);
export const handler = lambda((runtime) => divisionsRelay(runtime));
