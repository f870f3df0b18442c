import { Webhook } from 'standardwebhooks';
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import type { LogLine } from '../../../functions/data/runtime.ts';
import { keyedHash } from '../../../functions/http/secret.ts';
import { environmentFrom, VARIABLES } from '../../../functions/kernel/environment.ts';
import type { Fate } from '../../../functions/notifications/channels/carrier.ts';
import { carriers } from '../../../functions/notifications/channels/carriers.ts';
import type { Channel } from '../../../functions/notifications/channels/channel.ts';
import { handOver } from '../../../functions/notifications/messenger.ts';
import { startWorld } from '../../support/world.ts';
import { play, type Answer, type Played } from '../../donations/payments/support.ts';
import { LETTER, NOW, now, SECRETS } from './support/letters.ts';

let gateway: Played;
beforeAll(async () => {
  gateway = await play();
});
afterAll(() => gateway.stop());
beforeEach(() => gateway.answers(() => ({ body: '' })));

const runtimeWith = (source: Record<string, string>) => {
  const logs: LogLine[] = [];
  return {
    environment: environmentFrom(source),
    secrets: SECRETS,
    secret: () => Promise.resolve(undefined),
    now,
    log: (line: LogLine) => void logs.push(line),
    logs,
  };
};
const throughGateway = () => runtimeWith({ [VARIABLES.messageGateway]: `${gateway.url}/linli` });

const PUSH = { endpoint: 'https://fcm.googleapis.com/fcm/send/a', keys: { p256dh: `B${'A'.repeat(86)}`, auth: 'A'.repeat(22) } };
const ADDRESSES = {
  email: 'li@example.cn',
  sms: '13900000001',
  wechat: 'oia2TjuEGTNoeX76QEjQNrcURxG8',
  webPush: PUSH,
  webhook: 'https://hooks.example.org/linli',
} as const;
const KINDS = ['email', 'sms', 'wechat', 'webPush', 'webhook'] as const;
const channelOf = (kind: Channel['kind']) => ({ id: kind, kind, address: ADDRESSES[kind] });

describe('the gateway', () => {
  test('carries every kind where the stage carries none itself: to the address as its owner knows it, once by its id', async () => {
    const runtime = throughGateway();
    for (const kind of KINDS) await carriers(runtime)(channelOf(kind), { ...LETTER, data: { colour: 'orange' } });
    const { text, subject, about, at, keptFor, urgency } = LETTER;
    const message = { id: LETTER.id, text, subject, about, at, keptFor, urgency };
    expect(gateway.asked.map(({ body }) => JSON.parse(body))).toEqual([
      { ...message, channel: 'email', to: ADDRESSES.email },
      { ...message, channel: 'sms', to: ADDRESSES.sms },
      { ...message, channel: 'wechat', to: ADDRESSES.wechat },
      { ...message, channel: 'webPush', to: PUSH.endpoint, keys: PUSH.keys },
      { ...message, channel: 'webhook', to: ADDRESSES.webhook, data: { colour: 'orange' } },
    ]);
    expect(new Set(gateway.asked.map(({ headers }) => headers['webhook-id']))).toEqual(new Set([LETTER.id]));
    expect(runtime.logs).toEqual([]);
  });

  test('a rotation of the secret needs nothing of it at that moment: what comes is signed by both keys', async () => {
    await carriers(throughGateway())(channelOf('sms'), LETTER);
    const [{ headers, body } = { headers: {}, body: '' }] = gateway.asked;
    vi.useFakeTimers({ now: NOW, toFake: ['Date'] });
    try {
      for (const secret of SECRETS) {
        const key = Buffer.from(keyedHash(secret, 'messageGateway', 'signing'), 'base64url').toString('base64');
        expect(new Webhook(key).verify(body, headers as Record<string, string>)).toMatchObject({ id: LETTER.id });
      }
    } finally {
      vi.useRealTimers();
    }
  });

  const cases: readonly (readonly [Answer, Fate])[] = [
    [{ body: '{"status":"delivered"}' }, { kind: 'delivered' }],
    [{ body: '{"status":"accepted"}' }, { kind: 'handed' }],
    [{ body: '' }, { kind: 'handed' }],
    [{ body: 'OK' }, { kind: 'handed' }],
    [{ body: '{"status":"__proto__"}' }, { kind: 'handed' }],
    [{ body: 'x'.repeat(1_000_000) }, { kind: 'handed' }],
    [
      { status: 202, body: '{"status":"dead"}' },
      { kind: 'dead', why: 'the gateway says so' },
    ],
    [{ body: '{"status":"refused"}' }, { kind: 'refused', why: 'the gateway says so' }],
    [
      { status: 410, body: '' },
      { kind: 'dead', why: 'http.410' },
    ],
    [
      { status: 400, body: '' },
      { kind: 'refused', why: 'http.400' },
    ],
    [
      { status: 422, body: '' },
      { kind: 'refused', why: 'http.422' },
    ],
    [
      { status: 429, headers: { 'retry-after': '7' }, body: '' },
      { kind: 'later', why: 'http.429', afterSeconds: 7 },
    ],
    [
      { status: 500, body: '' },
      { kind: 'later', why: 'http.500' },
    ],
    // These speak of how we are set up, and the letter is none the worse.
    [
      { status: 401, body: '' },
      { kind: 'later', why: 'http.401' },
    ],
    [
      { status: 403, body: '' },
      { kind: 'later', why: 'http.403' },
    ],
    [
      { status: 404, body: '' },
      { kind: 'later', why: 'http.404' },
    ],
    [
      { status: 302, headers: { location: 'https://example.org/' }, body: '' },
      { kind: 'later', why: 'http.302' },
    ],
  ];
  test.each(cases)('%j: %j', async (answer, fate) => {
    gateway.answers(() => answer);
    expect(await carriers(throughGateway())(channelOf('sms'), LETTER)).toEqual(fate);
    expect(gateway.asked).toHaveLength(1);
  });

  test('not there: later; none set: refused, with a line in the log', async () => {
    const gone = runtimeWith({ [VARIABLES.messageGateway]: 'http://127.0.0.1:9/' });
    expect(await carriers(gone)(channelOf('sms'), LETTER)).toEqual({ kind: 'later', why: expect.any(String) });
    const none = runtimeWith({});
    expect(await carriers(none)(channelOf('sms'), LETTER)).toMatchObject({ kind: 'refused' });
    expect(none.logs).toEqual([{ level: 'warn', code: 'noMessageGateway', message: LETTER.about }]);
  });

  test('staff are told by it as before: what it does not take is thrown, so that the event comes again', async () => {
    const message = { id: '1', channel: 'staff', to: '510104', subject: '一', text: '二', about: 'requests/1', at: LETTER.at } as const;
    expect(await handOver(throughGateway(), message)).toBe(true);
    expect(await handOver(runtimeWith({}), message)).toBe(false);
    for (const status of [400, 410, 500]) {
      gateway.answers(() => ({ status, body: '' }));
      await expect(handOver(throughGateway(), message)).rejects.toThrow(`http.${status}`);
    }
  });
});

test('on one machine the outbox is the gateway: it has every kind, by the address that its owner knows, once by its id, and says that it is delivered', async () => {
  const world = await startWorld();
  try {
    const runtime = runtimeWith({ [VARIABLES.messageGateway]: `${world.url}/dev/outbox` });
    const letter = { ...LETTER, topic: 'YQ', unsubscribe: 'https://linli.example.org/u/1', data: { colour: 'orange', areas: [{}] } };
    for (const kind of [...KINDS, ...KINDS])
      expect(await carriers(runtime)(channelOf(kind), { ...letter, id: `1:${kind}` })).toEqual({ kind: 'delivered' });
    for (const kind of KINDS) {
      const to = kind === 'webPush' ? PUSH.endpoint : ADDRESSES[kind];
      const { body } = await world.get(`/dev/outbox?to=${encodeURIComponent(to)}`);
      const { subject, text, about, at, unsubscribe } = letter;
      expect(body.items).toEqual([expect.objectContaining({ channel: kind, to, subject, text, about, at, unsubscribe })]);
    }
  } finally {
    await world.stop();
  }
});

describe('what a stage carries itself', () => {
  test('does not go through the gateway, and all the rest does', async () => {
    const direct = { wechat: {}, webPush: { subject: 'mailto:duty@example.gov.cn' } };
    const runtime = runtimeWith({ [VARIABLES.messageGateway]: gateway.url, [VARIABLES.carriers]: JSON.stringify(direct) });
    const fates = new Map<string, Fate>();
    for (const kind of KINDS) fates.set(kind, await carriers(runtime)(channelOf(kind), LETTER));
    expect(gateway.asked.map(({ body }) => JSON.parse(body).channel)).toEqual(['email', 'sms', 'webhook']);
    // Neither has its secret, and neither letter is lost for that.
    for (const kind of ['wechat', 'webPush'])
      expect(fates.get(kind)).toMatchObject({ kind: 'later', why: expect.stringContaining('is not there') });
  });

  test('what it carries can be read, or nothing is sent at all', async () => {
    for (const variable of ['email', '[]', '{"email":{}}', '{"fax":{}}', '{"webPush":{"subject":""}}']) {
      const runtime = runtimeWith({ [VARIABLES.messageGateway]: gateway.url, [VARIABLES.carriers]: variable });
      await expect(carriers(runtime)(channelOf('sms'), LETTER)).rejects.toThrow();
    }
    expect(gateway.asked).toEqual([]);
  });
});
