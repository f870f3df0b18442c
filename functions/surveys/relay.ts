import { relay } from '../data/relay.ts';
import { lambda } from '../data/lambda.ts';
import { surveysTable } from './table.ts';

export const surveysRelay = relay(surveysTable);
export const handler = lambda((runtime) => surveysRelay(runtime));
