import { decrypt } from 'http_ece';
import { decodeProtectedHeader, importJWK, jwtVerify } from 'jose';
import { execFileSync } from 'node:child_process';
import { createECDH, generateKeyPairSync, randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Fate, Letter } from '../../../functions/notifications/channels/carrier.ts';
import { webPushCarrier } from '../../../functions/notifications/channels/web-push.ts';
import { HOUR, plus } from '../../../functions/kernel/time.ts';
import { play, type Played } from '../../donations/payments/support.ts';
import { LETTER, NOW } from './support/letters.ts';

const SUBJECT = 'mailto:duty@example.gov.cn';
const ENDPOINT = 'https://updates.push.services.mozilla.com/wpush/v2/abc';

let service: Played;
beforeAll(async () => {
  service = await play();
});
afterAll(() => service.stop());

/** A browser: its keys, and what it reads of what came, by another implementation of RFC 8291. */
const browser = createECDH('prime256v1');
browser.generateKeys();
const auth = randomBytes(16);
const SUBSCRIPTION = {
  endpoint: ENDPOINT,
  keys: { p256dh: browser.getPublicKey('base64url'), auth: auth.toString('base64url') },
};
const reads = (body: Buffer): unknown =>
  JSON.parse(decrypt(body, { version: 'aes128gcm', privateKey: browser, authSecret: auth.toString('base64url') }).toString('utf8'));

const jwkOf = () => generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey.export({ format: 'jwk' });
const bytesOf = (text: string | undefined): Buffer => Buffer.from(text ?? '', 'base64url');
const vapidOf = ({ x, y, d }: { readonly x?: string; readonly y?: string; readonly d?: string }) => ({
  publicKey: Buffer.concat([Buffer.of(4), bytesOf(x), bytesOf(y)]).toString('base64url'),
  privateKey: d ?? '',
});
const JWK = jwkOf();
const VAPID = vapidOf(JWK);

/** Calls go to the push service that is played, whatever its name. */
const playedFetch: typeof fetch = (input, init) => fetch(`${service.url}${new URL(new Request(input).url).pathname}`, init);

const setUp = (secret: unknown = VAPID) => {
  const state = { secret, now: NOW, asked: 0 };
  const carry = webPushCarrier(
    { subject: SUBJECT },
    {
      secret: (name) => {
        state.asked++;
        return name === 'notifications/vapid' ? Promise.resolve(state.secret) : Promise.reject(new Error(name));
      },
      now: () => state.now,
      fetch: playedFetch,
      timeoutMs: 500,
    },
  );
  const send = (letter: Letter = LETTER, address: typeof SUBSCRIPTION = SUBSCRIPTION): Promise<Fate> =>
    carry({ id: 'P', kind: 'webPush', address }, letter);
  return { send, state };
};
const last = () => service.asked.at(-1);

describe('what a push service and a browser get', () => {
  test('only the browser reads it; how long, how urgent and in place of what, the push service does', async () => {
    service.answers(() => ({ status: 201, body: '' }));
    const letter = { ...LETTER, topic: 'YWxlcnQtMQ', unsubscribe: 'https://linli.example.org/u/1', data: { colour: 'orange' } };
    expect(await setUp().send(letter)).toEqual({ kind: 'handed' });
    expect(last()).toMatchObject({
      method: 'POST',
      path: '/wpush/v2/abc',
      headers: { ttl: '3600', urgency: 'high', topic: 'YWxlcnQtMQ', 'content-encoding': 'aes128gcm' },
    });
    expect(reads(last()?.bytes ?? Buffer.of())).toEqual({
      id: LETTER.id,
      title: LETTER.subject,
      body: LETTER.text,
      about: LETTER.about,
      at: LETTER.at,
      unsubscribe: letter.unsubscribe,
      data: letter.data,
    });
    expect(last()?.bytes.toString('utf8')).not.toContain('暴雨');
  });

  test('we say who we are as VAPID has it, for that push service alone', async () => {
    service.answers(() => ({ status: 201, body: '' }));
    await setUp().send();
    const [, token = '', key] = /^vapid t=([^,]+), k=(.+)$/.exec(last()?.headers['authorization'] ?? '') ?? [];
    expect(key).toBe(VAPID.publicKey);
    expect(decodeProtectedHeader(token)).toMatchObject({ alg: 'ES256' });
    const { kty, crv, x, y } = JWK;
    const { payload } = await jwtVerify(token, await importJWK({ kty: kty ?? '', crv, x, y }, 'ES256'), {
      audience: 'https://updates.push.services.mozilla.com',
    });
    expect(payload.sub).toBe(SUBJECT);
    // RFC 8292 §2: no more than 24 hours ahead.
    expect((payload.exp ?? 0) - Date.now() / 1000).toBeLessThanOrEqual(24 * 3600);
  });

  test('one signature does for many letters to a push service, for some hours, and another key makes another', async () => {
    service.answers(() => ({ status: 201, body: '' }));
    const { send, state } = setUp();
    await Promise.all(Array.from({ length: 20 }, () => send()));
    expect(new Set(service.asked.map(({ headers }) => headers['authorization'])).size).toBe(1);
    expect(state.asked).toBe(1);
    state.now = plus(NOW, 7 * HOUR);
    await send();
    expect(new Set(service.asked.map(({ headers }) => headers['authorization'])).size).toBe(2);
    state.secret = vapidOf(jwkOf());
    state.now = plus(state.now, HOUR);
    await send();
    expect(last()?.headers['authorization']).toContain((state.secret as typeof VAPID).publicKey);
    // Each letter is sealed by a key of its own all the same.
    expect(new Set(service.asked.map(({ bytes }) => bytes.toString('hex'))).size).toBe(22);
  });

  test('what is too long for a push is cut, and is at most the 4,096 bytes that a push service must take', async () => {
    service.answers(() => ({ status: 201, body: '' }));
    const data = { polygon: 'x'.repeat(3000) };
    for (const text of [
      '雨'.repeat(1200),
      '雨'.repeat(5000),
      '☔'.repeat(5000),
      '🌧️'.repeat(3000),
      '"\n\\'.repeat(4000),
      'a'.repeat(100_000),
    ]) {
      await setUp().send({ ...LETTER, text, data });
      expect(last()?.bytes.length).toBeLessThanOrEqual(4096);
      const read = reads(last()?.bytes ?? Buffer.of()) as { body: string; data?: unknown };
      expect(read.data).toBeUndefined();
      if (read.body !== text) {
        expect(read.body.endsWith('…') && text.startsWith(read.body.slice(0, -1))).toBe(true);
        expect(last()?.bytes.length).toBeGreaterThan(3500);
      }
    }
  });
});

describe('what becomes of a letter', () => {
  test.each([
    [201, {}, { kind: 'handed' }],
    [202, {}, { kind: 'handed' }],
    [404, {}, { kind: 'dead', why: 'http.404' }],
    [410, {}, { kind: 'dead', why: 'http.410' }],
    [400, {}, { kind: 'refused', why: 'http.400' }],
    [413, {}, { kind: 'refused', why: 'http.413' }],
    [302, { location: 'https://example.org/' }, { kind: 'refused', why: 'http.302' }],
    [401, {}, { kind: 'later', why: 'http.401' }],
    [403, {}, { kind: 'later', why: 'http.403' }],
    [406, {}, { kind: 'later', why: 'http.406' }],
    [429, { 'retry-after': '30' }, { kind: 'later', why: 'http.429', afterSeconds: 30 }],
    [500, {}, { kind: 'later', why: 'http.500' }],
    [503, { 'retry-after': 'Tue, 24 Nov 2026 01:01:00 GMT' }, { kind: 'later', why: 'http.503', afterSeconds: 60 }],
  ] as const)('%i %j: %j', async (status, headers, fate) => {
    service.answers(() => ({ status, headers, body: '{"reason": "…"}' }));
    expect(await setUp().send()).toEqual(fate);
  });

  test('who is not there gets it later', async () => {
    const gone = await play();
    await gone.stop();
    const carry = webPushCarrier(
      { subject: SUBJECT },
      { secret: () => Promise.resolve(VAPID), now: () => NOW, fetch: (_input, init) => fetch(gone.url, init) },
    );
    expect(await carry({ id: 'P', kind: 'webPush', address: SUBSCRIPTION }, LETTER)).toEqual({ kind: 'later', why: 'ECONNREFUSED' });
  });

  test('nobody is called who is on no list, and what can be sealed for nobody is refused', async () => {
    service.answers(() => ({ status: 201, body: '' }));
    const { send } = setUp();
    for (const endpoint of ['https://example.org/', 'https://127.0.0.1/', 'http://fcm.googleapis.com/'])
      expect(await send(LETTER, { ...SUBSCRIPTION, endpoint })).toMatchObject({ kind: 'refused' });
    // 65 bytes that begin as they should, and are no point of the curve.
    expect(await send(LETTER, { ...SUBSCRIPTION, keys: { ...SUBSCRIPTION.keys, p256dh: `B${'A'.repeat(86)}` } })).toMatchObject({
      kind: 'refused',
    });
    expect(service.asked).toEqual([]);
  });

  test('without keys of ours, or with wrong ones, letters wait, and nothing of a key is told', async () => {
    for (const secret of [null, {}, { ...VAPID, privateKey: 'hush' }, 'hush', { ...VAPID, privateKey: 'A'.repeat(43) }]) {
      const fate = await setUp(secret).send();
      expect(fate).toMatchObject({ kind: 'later', why: expect.stringContaining('notifications/vapid') });
      expect(JSON.stringify(fate)).not.toContain('hush');
    }
  });
});

test('the command of the runbook makes keys that are taken', async () => {
  service.answers(() => ({ status: 201, body: '' }));
  const [, command = ''] = /^(node -e [^]*?) > vapid\.json$/m.exec(readFileSync('docs/runbooks/deploy.md', 'utf8')) ?? [];
  const secret: unknown = JSON.parse(execFileSync('bash', ['-c', command], { encoding: 'utf8' }));
  expect(await setUp(secret).send()).toEqual({ kind: 'handed' });
});
