import { relay } from '../data/relay.ts';
import { lambda } from '../data/lambda.ts';
import { metricsTable } from './table.ts';

export const metricsRelay = relay(metricsTable);
export const handler = lambda((runtime) => metricsRelay(runtime));
