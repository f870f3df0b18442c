import { relay } from '../data/relay.ts';
import { lambda } from '../data/lambda.ts';
import { exportsTable } from './table.ts';

export const exportsRelay = relay(exportsTable);
export const handler = lambda((runtime) => exportsRelay(runtime));
