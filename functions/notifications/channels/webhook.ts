/**
 * Webhooks of providers, in the form of Standard Webhooks (https://www.standardwebhooks.com). Their addresses come from outside, so only what the public
 * internet can reach is called: each connection goes to an address that has been looked at, and no answer leads anywhere else.
 */
import { lookup as lookupName, type LookupAddress } from 'node:dns';
import { Agent, request } from 'node:https';
import type { LookupFunction } from 'node:net';
import type { Runtime } from '../../data/runtime.ts';
import { toEpochSeconds } from '../../kernel/time.ts';
import { signedHeaders } from '../standard-webhooks.ts';
import { addressFault } from './address.ts';
import { fateOf, later, reasonOf, retryAfter, TIMEOUT_MS } from './calling.ts';
import type { Carrier, Fate, Letter } from './carrier.ts';
import { isPublicAddress } from './public-address.ts';
import { webhookKeys } from './webhook-secret.ts';

/** What of an answer's body is let come: nobody reads it. */
const BODY_BYTES = 16 * 1024;

/** The address that a name leads to is not public. */
class NotPublicError extends Error {
  override readonly name = 'NotPublicError';
}

/** As `lookup` of node:dns, with all that a name leads to. */
type Resolve = (name: string, done: (error: Error | null, found: readonly LookupAddress[]) => void) => void;

/** Looks names up for a connection, which goes to what is answered here and nowhere else: a name that leads elsewhere by then gets nowhere. */
const publicLookup =
  (resolve: Resolve, isPublic: (address: string) => boolean): LookupFunction =>
  (name, { all }, callback) =>
    resolve(name, (error, found) => {
      const [first] = found;
      if (error !== null) callback(error, '');
      else if (first === undefined || !found.every(({ address }) => isPublic(address))) callback(new NotPublicError(), '');
      else if (all === true) callback(null, [...found]);
      else callback(null, first.address, first.family);
    });

const bodyOf = ({ at, about, subject, text, unsubscribe, data }: Letter): string =>
  JSON.stringify({ type: 'message', timestamp: at, about, subject, text, unsubscribe, data });

export interface WebhookDependencies extends Pick<Runtime, 'secrets' | 'now'> {
  readonly resolve?: Resolve;
  readonly isPublic?: (address: string) => boolean;
  /** Whether an address may be called at all, by its text. */
  readonly isAllowed?: (address: string) => boolean;
  readonly timeoutMs?: number;
  /** A certificate to trust beside the usual ones. */
  readonly ca?: string;
}

export const webhookCarrier = ({
  secrets,
  now,
  resolve = (name, done) => lookupName(name, { all: true }, done),
  isPublic = isPublicAddress,
  isAllowed = (address) => addressFault('webhook', address) === undefined,
  timeoutMs = TIMEOUT_MS,
  ca,
}: WebhookDependencies): Carrier => {
  const lookup = publicLookup(resolve, isPublic);
  // No connection is kept: each is made anew, to an address that was looked at for it.
  const agent = new Agent({ keepAlive: false, ...(ca === undefined ? {} : { ca }) });

  const send = (url: string, headers: Readonly<Record<string, string>>, body: string): Promise<Fate> =>
    new Promise((settle, fail) => {
      const sent = request(url, { method: 'POST', agent, lookup, headers, signal: AbortSignal.timeout(timeoutMs) }, (answer) => {
        const fate = fateOf({ status: answer.statusCode ?? 0, afterSeconds: retryAfter(answer.headers['retry-after'], now()) });
        settle(fate.kind === 'handed' ? { kind: 'delivered' } : fate);
        let bytes = 0;
        answer.on('data', (chunk: Uint8Array) => {
          bytes += chunk.length;
          if (bytes > BODY_BYTES) answer.destroy();
        });
        // The status was all that mattered.
        answer.on('error', () => undefined);
      });
      sent.on('error', fail);
      sent.end(body);
    });

  return async ({ id: channelId, address }, letter) => {
    if (typeof address !== 'string' || !isAllowed(address)) return { kind: 'refused', why: 'the address is none that may be called' };
    const body = bodyOf(letter);
    const headers = signedHeaders(webhookKeys(secrets, channelId), { id: letter.id, at: toEpochSeconds(now()), body });
    try {
      return await send(address, { ...headers, 'content-length': String(Buffer.byteLength(body)), 'user-agent': 'Linli' }, body);
    } catch (error) {
      return error instanceof NotPublicError
        ? { kind: 'refused', why: 'the name leads to an address that is not public' }
        : later(reasonOf(error));
    }
  };
};
