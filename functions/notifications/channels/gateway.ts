/**
 * The city's own message gateway (短信、政务消息网关), over HTTPS in the form of Standard Webhooks (https://www.standardwebhooks.com): for staff, and for
 * every channel that nothing else carries. The letter's id is its key there: what is handed over twice is sent once.
 */
import type { Runtime } from '../../data/runtime.ts';
import { cause } from '../../kernel/cause.ts';
import { handOver } from '../messenger.ts';
import type { Carrier } from './carrier.ts';
import type { Channel } from './channel.ts';

const targetOf = ({ address }: Pick<Channel, 'address'>): string => (typeof address === 'string' ? address : address.endpoint);

export const gatewayCarrier =
  (runtime: Pick<Runtime, 'environment' | 'secrets' | 'now'>): Carrier =>
  async (channel, { id, subject, text, about, at }) => {
    try {
      const taken = await handOver(runtime, { id, channel: channel.kind, to: targetOf(channel), subject, text, about, at });
      return taken ? { kind: 'delivered' } : { kind: 'refused', why: 'no message gateway is set' };
    } catch (error) {
      return { kind: 'later', why: cause(error).error };
    }
  };
