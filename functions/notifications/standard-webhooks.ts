/** Signs what leaves over HTTPS, in the form of Standard Webhooks (https://www.standardwebhooks.com): whoever gets it can tell that it is ours. And verifies what comes back. */
import { createHmac, timingSafeEqual } from 'node:crypto';
import type { RawRequest } from '../http/call.ts';
import { SECOND, type EpochMs, type EpochSeconds } from '../kernel/time.ts';

/** Clocks may differ by so many seconds, and letters of others are of no use for longer. */
const TOLERANCE = 300;

const macOf = (key: Uint8Array, id: string, at: string, body: Uint8Array | string): string =>
  `v1,${createHmac('sha256', key).update(`${id}.${at}.`).update(body).digest('base64')}`;

/** Headers of a POST. One signature for each key, so that who knows but one of them can verify, too. */
export const signedHeaders = (
  keys: readonly Uint8Array[],
  { id, at, body }: { readonly id: string; readonly at: EpochSeconds; readonly body: string },
): Readonly<Record<string, string>> => ({
  'content-type': 'application/json',
  'webhook-id': id,
  'webhook-timestamp': String(at),
  'webhook-signature': keys.map((key) => macOf(key, id, String(at), body)).join(' '),
});

/** Whether a request is from somebody who has one of the keys, and from just now. */
export const isSignedNow = (keys: readonly Uint8Array[], { headers, body }: RawRequest, now: EpochMs): boolean => {
  const [id, at, signatures] = [headers['webhook-id'], headers['webhook-timestamp'], headers['webhook-signature']];
  if (id === undefined || at === undefined || signatures === undefined || !/^\d{1,12}$/.test(at)) return false;
  if (Math.abs(now / SECOND - Number(at)) > TOLERANCE) return false;
  const given = signatures.split(' ').map((each) => Buffer.from(each));
  return keys.some((key) => {
    const ours = Buffer.from(macOf(key, id, at, body));
    return given.some((each) => each.length === ours.length && timingSafeEqual(each, ours));
  });
};
