/** Hands a red alert to the recipients of a batch. */
import { lambda } from '../data/lambda.ts';
import type { Runtime } from '../data/runtime.ts';
import { deliver, type Ways } from './delivery/deliver.ts';
import { deliverRedAlert as declaration } from './reactions.ts';

export const deliverRedAlert = (runtime: Runtime, ways?: Ways) => deliver(runtime, declaration, ways);
export const handler = lambda((runtime) => deliverRedAlert(runtime));
