import { relay } from '../data/relay.ts';
import { lambda } from '../data/lambda.ts';
import { notificationsTable } from './table.ts';

export const notificationsRelay = relay(notificationsTable);
export const handler = lambda((runtime) => notificationsRelay(runtime));
