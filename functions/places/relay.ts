import { relay } from '../data/relay.ts';
import { lambda } from '../data/lambda.ts';
import { placesTable } from './table.ts';

export const placesRelay = relay(placesTable);
export const handler = lambda((runtime) => placesRelay(runtime));
