/** Which adapter carries what: the one place that knows them all. */
import type { Runtime } from '../../data/runtime.ts';
import type { Carrier } from './carrier.ts';
import { gatewayCarrier } from './gateway.ts';

export const carriers = (runtime: Pick<Runtime, 'environment' | 'secrets' | 'now'>): Carrier => gatewayCarrier(runtime);
