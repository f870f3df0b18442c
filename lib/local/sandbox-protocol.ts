/**
 * What the sandbox and its adapter say to each other: JSON in both directions, signed with the secret that they share, as Standard Webhooks
 * has it (https://www.standardwebhooks.com): HMAC-SHA256 over `id.timestamp.body`. An id of a call is what is asked for, `GET /orders/x`.
 */
import { createHmac, timingSafeEqual } from 'node:crypto';
import * as z from 'zod/mini';
import { toEpochSeconds, type EpochMs } from '../../functions/kernel/time.ts';

/** As old as a signature may be, and as far ahead as a clock may be: Standard Webhooks' five minutes. */
const TOLERANCE_SECONDS = 5 * 60;

const signatureOf = (secret: Uint8Array, id: string, timestamp: string, body: Uint8Array | string): string =>
  createHmac('sha256', secret).update(`${id}.${timestamp}.`).update(body).digest('base64');

/** The headers that make a body genuine. */
export const signedHeaders = (secret: Uint8Array, now: EpochMs, id: string, body: string): Readonly<Record<string, string>> => {
  const timestamp = String(toEpochSeconds(now));
  return { 'webhook-id': id, 'webhook-timestamp': timestamp, 'webhook-signature': `v1,${signatureOf(secret, id, timestamp, body)}` };
};

/** Whether a body is genuine; `stale` where it is, and was signed too long ago or ahead. Several signatures are divided by spaces. */
export const verdictOn = (
  secret: Uint8Array,
  now: EpochMs,
  headers: Readonly<Record<string, string | readonly string[] | undefined>>,
  body: Uint8Array,
): 'genuine' | 'notGenuine' | 'stale' => {
  const { 'webhook-id': id, 'webhook-timestamp': timestamp, 'webhook-signature': signatures } = headers;
  if (typeof id !== 'string' || typeof timestamp !== 'string' || typeof signatures !== 'string') return 'notGenuine';
  const right = Buffer.from(signatureOf(secret, id, timestamp, body));
  const isRight = signatures.split(' ').some((each) => {
    const given = Buffer.from(each.replace(/^v1,/, ''));
    return each.startsWith('v1,') && given.length === right.length && timingSafeEqual(given, right);
  });
  if (!isRight || !/^\d{1,12}$/.test(timestamp)) return 'notGenuine';
  return Math.abs(toEpochSeconds(now) - Number(timestamp)) > TOLERANCE_SECONDS ? 'stale' : 'genuine';
};

const id = z.string().check(z.regex(/^[0-9A-Za-z_-]{1,64}$/));
const amount = z.int().check(z.positive());
const moment = z.iso.datetime();
/** Only these: what else a browser follows may run here. */
const isWebUrl = (text: string): boolean => /^https?:$/.test(URL.parse(text)?.protocol ?? '');
const webUrl = z.string().check(z.maxLength(2048), z.refine(isWebUrl));

export const orderInput = z.object({
  id,
  amount,
  subject: z.string().check(z.minLength(1), z.maxLength(200)),
  expiresAt: moment,
  notifyUrl: webUrl,
  returnUrl: z.optional(webUrl),
});

export const refundInput = z.object({ id, order: id, transaction: id, amount, total: amount, reason: z.string(), notifyUrl: webUrl });

export const orderAnswer = z.object({ url: z.string() });

export const orderStateAnswer = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('open') }),
  z.object({ kind: z.literal('paid'), transaction: id, amount, paidAt: moment }),
  z.object({ kind: z.literal('closed') }),
]);

export const refundAnswer = z.object({ kind: z.literal('succeeded') });

export const billAnswer = z.object({
  lines: z.array(z.object({ kind: z.enum(['payment', 'refund']), order: id, refund: z.optional(id), transaction: id, amount })),
  /** Where the next page begins. */
  next: z.optional(z.int()),
});

/** Why a call was refused; the code is the sandbox's own. */
export const refusalAnswer = z.object({ code: z.string() });

/** What the sandbox tells of by itself. */
export const notification = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('paid'), order: id, transaction: id, amount, paidAt: moment }),
  z.object({ kind: z.literal('refunded'), order: id, refund: id, amount, outcome: z.literal('succeeded') }),
  z.object({ kind: z.literal('failed'), order: id }),
]);
export type Notification = z.infer<typeof notification>;
