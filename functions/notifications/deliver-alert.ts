/** Hands an alert that is not red to the recipients of a batch. */
import { lambda } from '../data/lambda.ts';
import type { Runtime } from '../data/runtime.ts';
import { deliver, type Ways } from './delivery/deliver.ts';
import { deliverAlert as declaration } from './reactions.ts';

export const deliverAlert = (runtime: Runtime, ways?: Ways) => deliver(runtime, declaration, ways);
export const handler = lambda((runtime) => deliverAlert(runtime));
