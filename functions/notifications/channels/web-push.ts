/**
 * Web Push: RFC 8030, encrypted by RFC 8291, with VAPID (RFC 8292). The push service gets what it cannot read, and says that it has taken it; whether a
 * browser ever woke for it nobody tells us, so that is `handed`.
 */
import { encryptNotification, vapidHeaders } from '@block65/webcrypto-web-push';
import { createECDH } from 'node:crypto';
import * as z from 'zod/mini';
import { channelSecret, secretError, understood } from '../../data/channel-secret.ts';
import type { Runtime } from '../../data/runtime.ts';
import { NOTIFICATION_SECRETS } from '../../kernel/secret-names.ts';
import { HOUR, plus, type EpochMs } from '../../kernel/time.ts';
import { addressFault } from './address.ts';
import { fateOf, isOurFault, later, post, reasonOf, type Reply } from './calling.ts';
import type { Carrier, Fate, Letter } from './carrier.ts';
import { shortened } from './shortened.ts';

/** 4,096 bytes are all that a push service must take (RFC 8030 §7.2); this is left of them once they are sealed. */
const PAYLOAD_BYTES = 3993;
/** Signed for twelve hours, and used for six: a push service refuses what is older. */
const SIGNED_FOR_MS = 6 * HOUR;

const SHAPE = '{"publicKey": "87 characters of base64url", "privateKey": "43 characters of base64url"}';
const Keys = z.strictObject({
  publicKey: z.string().check(z.regex(/^B[\w-]{86}$/)),
  privateKey: z.string().check(z.regex(/^[\w-]{43}$/)),
});
type Keys = z.infer<typeof Keys>;

/** What the page's service worker gets, as long as there is room: the text is cut where there is not, and what is for machines goes first. */
const payloadOf = ({ id, subject, text, about, at, unsubscribe, data }: Letter): Uint8Array => {
  const bytesOf = (body: string, more?: Letter['data']): Buffer =>
    Buffer.from(JSON.stringify({ id, title: subject, body, about, at, unsubscribe, data: more }));
  let bytes = bytesOf(text, data);
  if (bytes.length > PAYLOAD_BYTES) bytes = bytesOf(text);
  // No character takes more than four bytes, save for signs that JSON escapes: what is still too long is shortened once more.
  for (let most = text.length; bytes.length > PAYLOAD_BYTES && most > 0; bytes = bytesOf(shortened(text, most)))
    most = Math.max(0, most - Math.ceil((bytes.length - PAYLOAD_BYTES) / 4) - 1);
  return bytes;
};

const fateOfReply = (reply: Reply): Fate => {
  const { status, afterSeconds } = reply;
  if (status === 404) return { kind: 'dead', why: 'http.404' };
  // 406 is how Windows' service says that it is too much at once.
  return isOurFault(status) || status === 406 ? later(`http.${status}`, afterSeconds) : fateOf(reply);
};

export interface WebPushDependencies extends Pick<Runtime, 'secret' | 'now'> {
  readonly fetch?: typeof globalThis.fetch;
  readonly timeoutMs?: number;
}

const isPair = ({ publicKey, privateKey }: Keys): boolean => {
  const pair = createECDH('prime256v1');
  try {
    pair.setPrivateKey(privateKey, 'base64url');
    return pair.getPublicKey('base64url') === publicKey;
  } catch {
    return false;
  }
};

const keysIn = (content: unknown): Keys => {
  const keys = understood('webPush', Keys, SHAPE, content);
  if (!isPair(keys)) throw secretError('webPush', ['publicKey and privateKey are no pair'], SHAPE);
  return keys;
};

/** `subject` is how a push service reaches the operator: `mailto:…` or https (RFC 8292 §2.1). */
export const webPushCarrier = (
  { subject }: { readonly subject: string },
  { secret, now, fetch = globalThis.fetch, timeoutMs }: WebPushDependencies,
): Carrier => {
  const kept = channelSecret({ secret: () => secret(`${NOTIFICATION_SECRETS}vapid`), now }, keysIn);
  const signed = new Map<string, { readonly authorization: Promise<string>; readonly until: EpochMs }>();

  /** One signature for a push service and key does for every letter. */
  const authorizationFor = (endpoint: string, keys: Keys): Promise<string> => {
    const name = `${new URL(endpoint).origin} ${keys.publicKey}`;
    const known = signed.get(name);
    if (known !== undefined && now() < known.until) return known.authorization;
    const authorization = vapidHeaders({ endpoint, expirationTime: null, keys: { p256dh: '', auth: '' } }, { subject, ...keys }).then(
      ({ headers }) => headers.authorization,
    );
    signed.set(name, { authorization, until: plus(now(), SIGNED_FOR_MS) });
    return authorization;
  };

  return async ({ address }, letter) => {
    if (typeof address === 'string' || addressFault('webPush', address) !== undefined)
      return { kind: 'refused', why: 'the address is no push subscription of a service that is allowed' };
    const { endpoint, keys: theirs } = address;
    let authorization: string;
    try {
      const keys = await kept.keys();
      if (keys === undefined) return later('the secret notifications/vapid is not there');
      authorization = await authorizationFor(endpoint, keys);
    } catch (error) {
      signed.clear();
      return later(`the secret notifications/vapid: ${reasonOf(error)}`);
    }
    let body: Uint8Array<ArrayBuffer>;
    try {
      body = await encryptNotification({ endpoint, expirationTime: null, keys: theirs }, payloadOf(letter), { pad: false });
    } catch {
      return { kind: 'refused', why: 'the keys of the subscription are none' };
    }
    const headers = {
      authorization,
      'content-encoding': 'aes128gcm',
      'content-type': 'application/octet-stream',
      ttl: String(Math.max(0, Math.floor(letter.keptFor))),
      urgency: letter.urgency,
      ...(letter.topic === undefined ? {} : { topic: letter.topic }),
    };
    const answered = await post({ fetch, now, ...(timeoutMs === undefined ? {} : { timeoutMs }) }, endpoint, { headers, body });
    return answered.ok ? fateOfReply(answered.value) : answered.error;
  };
};
