/**
 * The one port through which messages leave: an HTTPS gateway of the city's own (短信、公务消息网关), told in the form of Standard Webhooks
 * (https://www.standardwebhooks.com). The message's id is its key there: what is handed over twice is sent once.
 */
import { createHmac } from 'node:crypto';
import type { ChannelKind } from './channels/channel.ts';
import type { Runtime } from '../data/runtime.ts';
import { VARIABLES } from '../kernel/environment.ts';
import { toEpochSeconds } from '../kernel/time.ts';
import { keyedHash } from '../http/secret.ts';

export interface Message {
  readonly id: string;
  /** `staff`: to a division's desk or one of its people, by the city's own means. */
  readonly channel: 'staff' | ChannelKind;
  /** Of staff a division code or a `sub`; else an address. */
  readonly to: string;
  readonly subject: string;
  readonly text: string;
  /** What it is about, as its path names it: `requests/<id>`. */
  readonly about: string;
  /** RFC 3339. */
  readonly at: string;
}

const TIMEOUT_MS = 10_000;

/** Hands a message over; throws where the gateway does not take it, so that the event is tried again. False where no gateway is set. */
export const handOver = async (
  { environment, secrets, now }: Pick<Runtime, 'environment' | 'secrets' | 'now'>,
  message: Message,
): Promise<boolean> => {
  const gateway = environment.optional(VARIABLES.messageGateway);
  if (gateway === undefined) return false;
  const body = JSON.stringify(message);
  const timestamp = String(toEpochSeconds(now()));
  const key = Buffer.from(keyedHash(secrets[0], 'messageGateway', 'signing'), 'base64url');
  const signature = createHmac('sha256', key).update(`${message.id}.${timestamp}.${body}`).digest('base64');
  const answer = await fetch(gateway, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      'webhook-id': message.id,
      'webhook-timestamp': timestamp,
      'webhook-signature': `v1,${signature}`,
    },
    body,
    signal: AbortSignal.timeout(TIMEOUT_MS),
  });
  if (!answer.ok) throw new Error(`the message gateway answered ${answer.status}`);
  return true;
};
