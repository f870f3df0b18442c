import { lambda } from '../data/lambda.ts';
import { relay } from '../data/relay.ts';
import { careTable } from './table.ts';

export const careRelay = relay(careTable);
export const handler = lambda((runtime) => careRelay(runtime));
