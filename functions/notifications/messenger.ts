/**
 * The city's own message gateway (短信、政务消息网关) over HTTPS, told in the form of Standard Webhooks (https://www.standardwebhooks.com). The message's
 * id is its key there: what is handed over twice is sent once.
 */
import type { Fate } from './channels/carrier.ts';
import { fateOf, isOurFault, later, post, type Reply } from './channels/calling.ts';
import type { ChannelKind, PushAddress } from './channels/channel.ts';
import type { Runtime } from '../data/runtime.ts';
import { keyedHash } from '../http/secret.ts';
import { VARIABLES } from '../kernel/environment.ts';
import { toEpochSeconds } from '../kernel/time.ts';
import { signedHeaders } from './standard-webhooks.ts';

export interface Message {
  readonly id: string;
  /** `staff`: to a division's desk or one of its people, by the city's own means. */
  readonly channel: 'staff' | ChannelKind;
  /** Of staff a division code or a `sub`; else an address, of a push subscription its endpoint. */
  readonly to: string;
  /** Those of a push subscription. */
  readonly keys?: PushAddress['keys'];
  readonly subject: string;
  readonly text: string;
  /** What it is about, as its path names it: `requests/<id>`. */
  readonly about: string;
  /** RFC 3339. */
  readonly at: string;
  /** How long it is worth carrying, in seconds. */
  readonly keptFor?: number;
  readonly urgency?: 'very-low' | 'low' | 'normal' | 'high';
  readonly topic?: string;
  readonly unsubscribe?: string;
  /** The same for machines: of webhooks. */
  readonly data?: Readonly<Record<string, unknown>>;
}

type MessengerRuntime = Pick<Runtime, 'environment' | 'secrets' | 'now'>;

/** What a gateway may say of a message that it has taken. One that says nothing has taken it, and that is all we know. */
const SAID: Readonly<Record<string, Fate>> = {
  delivered: { kind: 'delivered' },
  accepted: { kind: 'handed' },
  dead: { kind: 'dead', why: 'the gateway says so' },
  refused: { kind: 'refused', why: 'the gateway says so' },
};

const statusIn = (text: string): string => {
  try {
    const answer: unknown = JSON.parse(text);
    return typeof answer === 'object' && answer !== null && 'status' in answer ? String(answer.status) : '';
  } catch {
    return '';
  }
};

const said = (reply: Reply): Fate => {
  const fate = fateOf(reply);
  if (fate.kind === 'handed') {
    const status = statusIn(reply.text);
    return Object.hasOwn(SAID, status) ? (SAID[status] ?? fate) : fate;
  }
  // There is one gateway: where it is not found, or has moved, its address is wrong and not the letter.
  return isOurFault(reply.status) || reply.status === 404 || reply.status < 400 ? later(`http.${reply.status}`, reply.afterSeconds) : fate;
};

/** What the gateway and we sign with: of the stage's secret, and of the one before it. */
export const gatewayKeys = (secrets: Runtime['secrets']): readonly Uint8Array[] =>
  secrets.map((secret) => Buffer.from(keyedHash(secret, 'messageGateway', 'signing'), 'base64url'));

/** Hands a message to the gateway, once; undefined where none is set. */
export const tell = async ({ environment, secrets, now }: MessengerRuntime, message: Message): Promise<Fate | undefined> => {
  const gateway = environment.optional(VARIABLES.messageGateway);
  if (gateway === undefined) return undefined;
  const body = JSON.stringify(message);
  const headers = signedHeaders(gatewayKeys(secrets), { id: message.id, at: toEpochSeconds(now()), body });
  const answered = await post({ fetch, now }, gateway, { headers, body });
  return answered.ok ? said(answered.value) : answered.error;
};

/** Hands a message over; throws where the gateway does not take it, so that the event is tried again. False where no gateway is set. */
export const handOver = async (runtime: MessengerRuntime, message: Message): Promise<boolean> => {
  const fate = await tell(runtime, message);
  if (fate === undefined) return false;
  if ('why' in fate) throw new Error(`the message gateway did not take it: ${fate.why}`);
  return true;
};
