import { relay } from '../data/relay.ts';
import { lambda } from '../data/lambda.ts';
import { donationsTable } from './table.ts';

export const donationsRelay = relay(donationsTable);
export const handler = lambda((runtime) => donationsRelay(runtime));
