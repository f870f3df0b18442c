/** Signs what leaves over HTTPS, in the form of Standard Webhooks (https://www.standardwebhooks.com): whoever gets it can tell that it is ours. */
import { createHmac } from 'node:crypto';
import type { EpochSeconds } from '../kernel/time.ts';

/** Headers of a POST. One signature for each key, so that who knows but one of them can verify, too. */
export const signedHeaders = (
  keys: readonly Uint8Array[],
  { id, at, body }: { readonly id: string; readonly at: EpochSeconds; readonly body: string },
): Readonly<Record<string, string>> => ({
  'content-type': 'application/json',
  'webhook-id': id,
  'webhook-timestamp': String(at),
  'webhook-signature': keys.map((key) => `v1,${createHmac('sha256', key).update(`${id}.${at}.${body}`).digest('base64')}`).join(' '),
});
