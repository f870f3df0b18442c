/** The city's own message gateway: for every channel that nothing else carries, and on one machine for all. */
import type { Runtime } from '../../data/runtime.ts';
import { tell } from '../messenger.ts';
import type { Carrier } from './carrier.ts';

export const gatewayCarrier =
  (runtime: Pick<Runtime, 'environment' | 'secrets' | 'now' | 'log'>): Carrier =>
  async ({ kind, address }, { data, ...letter }) => {
    const fate = await tell(runtime, {
      ...letter,
      channel: kind,
      ...(typeof address === 'string' ? { to: address } : { to: address.endpoint, keys: address.keys }),
      ...(kind === 'webhook' && data !== undefined ? { data } : {}),
    });
    if (fate !== undefined) return fate;
    runtime.log({ level: 'warn', code: 'noMessageGateway', message: letter.about });
    return { kind: 'refused', why: 'no message gateway is set' };
  };
