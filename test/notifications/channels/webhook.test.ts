import type { LookupAddress } from 'node:dns';
import { Webhook } from 'standardwebhooks';
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { isPublicAddress } from '../../../functions/notifications/channels/public-address.ts';
import { webhookCarrier, type WebhookDependencies } from '../../../functions/notifications/channels/webhook.ts';
import { webhookSecret } from '../../../functions/notifications/channels/webhook-secret.ts';
import { startHttps, type HttpsServer } from '../../support/https.ts';
import { LETTER, NOW, now, SECRETS } from './support/letters.ts';

const HOST = 'hooks.example.org';
/** Stands for what is public: the server listens on all of the machine's own addresses. */
const PUBLIC = '127.0.0.2';

let server: HttpsServer;
beforeAll(async () => {
  server = await startHttps([HOST]);
});
afterAll(() => server.stop());
beforeEach(() => {
  server.received.length = 0;
  server.answers((_request, response) => void response.end());
});

const leadingTo =
  (...addresses: readonly string[]): WebhookDependencies['resolve'] =>
  (_name, done) =>
    done(
      null,
      addresses.map((address): LookupAddress => ({ address, family: address.includes(':') ? 6 : 4 })),
    );

const carrierWith = (more: Partial<WebhookDependencies> = {}) =>
  webhookCarrier({
    secrets: SECRETS,
    now,
    resolve: leadingTo(PUBLIC),
    isPublic: (address) => address === PUBLIC || isPublicAddress(address),
    ca: server.certificate,
    ...more,
  });
const channel = (path = '/linli', id = 'HOOK1') => ({ id, kind: 'webhook', address: `https://${HOST}:${server.port}${path}` }) as const;

describe('what a webhook gets', () => {
  test('the letter and its data, signed so that the library of Standard Webhooks takes it with the secret of that channel', async () => {
    const letter = { ...LETTER, unsubscribe: 'https://linli.example.org/u/1', data: { colour: 'orange', references: [] } };
    expect(await carrierWith()(channel('/linli?a=1'), letter)).toEqual({ kind: 'delivered' });
    const [{ path, headers, body } = { path: '', headers: {}, body: '' }] = server.received;
    expect(path).toBe('/linli?a=1');
    expect(headers).toMatchObject({ 'webhook-id': LETTER.id, 'content-type': 'application/json', host: `${HOST}:${server.port}` });
    expect(JSON.parse(body)).toEqual({
      type: 'message',
      timestamp: LETTER.at,
      about: LETTER.about,
      subject: LETTER.subject,
      text: LETTER.text,
      unsubscribe: letter.unsubscribe,
      data: letter.data,
    });
    vi.useFakeTimers({ now: NOW, toFake: ['Date'] });
    try {
      // Whoever learned the secret before the last rotation verifies still.
      for (const secret of SECRETS) expect(new Webhook(webhookSecret([secret], 'HOOK1')).verify(body, headers)).toEqual(JSON.parse(body));
      expect(() => new Webhook(webhookSecret(SECRETS, 'HOOK2')).verify(body, headers)).toThrow('No matching signature');
      expect(() => new Webhook(webhookSecret(SECRETS, 'HOOK1')).verify(`${body} `, headers)).toThrow('No matching signature');
    } finally {
      vi.useRealTimers();
    }
  });

  test('the same letter has the same id however often it comes', async () => {
    await carrierWith()(channel(), LETTER);
    await carrierWith()(channel(), LETTER);
    expect(server.received.map(({ headers }) => headers['webhook-id'])).toEqual([LETTER.id, LETTER.id]);
  });

  test('secrets are 32 bytes, and no two channels have the same', () => {
    const secret = webhookSecret(SECRETS, 'HOOK1');
    expect(secret).toMatch(/^whsec_[\w+/]{43}=$/);
    expect(webhookSecret(SECRETS, 'HOOK2')).not.toBe(secret);
    expect(webhookSecret(SECRETS, 'HOOK1')).toBe(secret);
  });
});

describe('what becomes of a letter', () => {
  test.each([
    [200, {}, { kind: 'delivered' }],
    [204, {}, { kind: 'delivered' }],
    [410, {}, { kind: 'dead', why: 'http.410' }],
    [400, {}, { kind: 'refused', why: 'http.400' }],
    [401, {}, { kind: 'refused', why: 'http.401' }],
    [404, {}, { kind: 'refused', why: 'http.404' }],
    [408, {}, { kind: 'later', why: 'http.408' }],
    [425, {}, { kind: 'later', why: 'http.425' }],
    [429, { 'retry-after': '120' }, { kind: 'later', why: 'http.429', afterSeconds: 120 }],
    [503, { 'retry-after': 'Tue, 24 Nov 2026 01:01:00 GMT' }, { kind: 'later', why: 'http.503', afterSeconds: 60 }],
    [503, { 'retry-after': 'Mon, 23 Nov 2026 01:00:00 GMT' }, { kind: 'later', why: 'http.503', afterSeconds: 0 }],
    [503, { 'retry-after': '99999999999' }, { kind: 'later', why: 'http.503', afterSeconds: 86_400 }],
    [503, { 'retry-after': 'soon' }, { kind: 'later', why: 'http.503' }],
    [500, {}, { kind: 'later', why: 'http.500' }],
  ] as const)('%i %j: %j', async (status, headers, fate) => {
    server.answers((_request, response) => void response.writeHead(status, headers).end());
    expect(await carrierWith()(channel(), LETTER)).toEqual(fate);
  });

  test.each([301, 302, 303, 307, 308])('%i leads nowhere: it is not followed', async (status) => {
    server.answers(({ url }, response) => void response.writeHead(url === '/linli' ? status : 200, { location: '/elsewhere' }).end());
    expect(await carrierWith()(channel(), LETTER)).toEqual({ kind: 'refused', why: `http.${status}` });
    expect(server.received.map(({ path }) => path)).toEqual(['/linli']);
  });

  test('who does not answer in time, hangs up, does not listen, has no name or another’s certificate gets it later', async () => {
    server.answers(() => undefined);
    expect(await carrierWith({ timeoutMs: 100 })(channel(), LETTER)).toEqual({ kind: 'later', why: 'ABORT_ERR' });
    server.answers((request) => void request.socket.destroy());
    expect(await carrierWith()(channel(), LETTER)).toEqual({ kind: 'later', why: 'ECONNRESET' });
    expect(await carrierWith()({ ...channel(), address: `https://${HOST}:1024/` }, LETTER)).toEqual({ kind: 'later', why: 'ECONNREFUSED' });
    const nowhere: WebhookDependencies['resolve'] = (_name, done) =>
      done(Object.assign(new Error('no such name'), { code: 'ENOTFOUND' }), []);
    expect(await carrierWith({ resolve: nowhere })(channel(), LETTER)).toEqual({ kind: 'later', why: 'ENOTFOUND' });
    const another = { ...channel(), address: `https://another.example.org:${server.port}/` };
    expect(await carrierWith()(another, LETTER)).toEqual({ kind: 'later', why: 'ERR_TLS_CERT_ALTNAME_INVALID' });
  });

  test('an answer without end is not read to its end', async () => {
    let written = 0;
    const hungUp = new Promise<void>((done) => {
      server.answers((_request, response) => {
        const more = (): void => {
          while (!response.destroyed && response.write('x'.repeat(64 * 1024))) written++;
        };
        response.on('drain', more).on('close', () => done());
        more();
      });
    });
    expect(await carrierWith()(channel(), LETTER)).toEqual({ kind: 'delivered' });
    await hungUp;
    expect(written).toBeLessThan(500);
  });
});

describe('only what is public is called', () => {
  const NOT_PUBLIC = { kind: 'refused', why: 'the name leads to an address that is not public' };
  const NOT_ALLOWED = { kind: 'refused', why: 'the address is none that may be called' };

  test.each([
    '127.0.0.1',
    '10.0.0.1',
    '169.254.169.254',
    '192.168.0.1',
    '100.100.100.200',
    '::1',
    '::ffff:127.0.0.1',
    'fd00:ec2::254',
    '64:ff9b::a00:1',
  ])('a name that leads to %s', async (address) => {
    expect(await carrierWith({ resolve: leadingTo(address) })(channel(), LETTER)).toEqual(NOT_PUBLIC);
    // Nor where something public stands beside it.
    expect(await carrierWith({ resolve: leadingTo(PUBLIC, address) })(channel(), LETTER)).toEqual(NOT_PUBLIC);
    expect(server.received).toEqual([]);
  });

  test('a name that leads nowhere', async () => {
    expect(await carrierWith({ resolve: leadingTo() })(channel(), LETTER)).toEqual(NOT_PUBLIC);
  });

  test('a name that was public when it was asked before, and is not any more', async () => {
    const answers = [PUBLIC, '127.0.0.1'];
    let asked = 0;
    const carry = carrierWith({
      resolve: (_name, done) => done(null, [{ address: answers[asked++] ?? '127.0.0.1', family: 4 }]),
    });
    expect(await carry(channel(), LETTER)).toEqual({ kind: 'delivered' });
    expect(await carry(channel(), LETTER)).toEqual(NOT_PUBLIC);
    // One question for each connection, and the connection goes to what was answered.
    expect([asked, server.received.length]).toEqual([2, 1]);
  });

  test.each(['127.0.0.1', '[::1]', '2130706433', '0x7f.1', '0177.0.0.1', 'localhost', 'linli.internal'])(
    'https://%s, though it was kept as an address',
    async (host) => {
      const carry = webhookCarrier({ secrets: SECRETS, now, ca: server.certificate });
      expect(await carry({ ...channel(), address: `https://${host}:${server.port}/` }, LETTER)).toEqual(NOT_ALLOWED);
      expect(server.received).toEqual([]);
    },
  );

  test('names are looked up by the system unless told otherwise', async () => {
    const carry = webhookCarrier({ secrets: SECRETS, now, ca: server.certificate, isAllowed: () => true });
    expect(await carry({ ...channel(), address: `https://localhost:${server.port}/` }, LETTER)).toEqual(NOT_PUBLIC);
    expect(server.received).toEqual([]);
  });
});
