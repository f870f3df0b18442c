import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Fate, Letter } from '../../../functions/notifications/channels/carrier.ts';
import { wechatCarrier } from '../../../functions/notifications/channels/wechat.ts';
import { HOUR, plus } from '../../../functions/kernel/time.ts';
import { play, type Asked, type Played } from '../../donations/payments/support.ts';
import { LETTER, NOW } from './support/letters.ts';

let wechat: Played;
beforeAll(async () => {
  wechat = await play();
});
afterAll(() => wechat.stop());

const OPEN_ID = 'oia2TjuEGTNoeX76QEjQNrcURxG8';
const accountOf = (more: Readonly<Record<string, unknown>> = {}) => ({
  appId: 'wx0123456789abcdef',
  secret: 'hush',
  templateId: 'T1',
  fields: { thing1: 'subject', time2: 'at', thing3: 'text' },
  apiBase: wechat.url,
  ...more,
});

const setUp = (secret: unknown = accountOf()) => {
  const state = { secret, now: NOW, asked: 0 };
  const carry = wechatCarrier({
    secret: (name) => {
      state.asked++;
      return name === 'notifications/wechat' ? Promise.resolve(state.secret) : Promise.reject(new Error(name));
    },
    now: () => state.now,
    timeoutMs: 500,
  });
  const send = (letter: Letter = LETTER): Promise<Fate> => carry({ id: 'W', kind: 'wechat', address: OPEN_ID }, letter);
  return { send, state };
};

/** WeChat: gives out tokens in turn, and answers what is sent with one. */
const playWechat = (
  answer: (token: string, asked: Asked) => { readonly status?: number; readonly body: string },
  tokens = ['T-1', 'T-2'],
) => {
  let given = 0;
  wechat.answers((asked) =>
    asked.path === '/cgi-bin/stable_token'
      ? { body: JSON.stringify({ access_token: tokens[Math.min(given++, tokens.length - 1)], expires_in: 7200 }) }
      : answer(asked.query.get('access_token') ?? '', asked),
  );
};
const OK = { body: '{"errcode":0,"errmsg":"ok","msgid":200228332}' };
const sent = (): readonly Asked[] => wechat.asked.filter(({ path }) => path.startsWith('/cgi-bin/message/template/send?'));
const tokensAsked = (): number => wechat.asked.length - sent().length;

test('the account’s own template is filled as its fields are bounded, and the letter has a key', async () => {
  playWechat(() => OK);
  const { send } = setUp(accountOf({ page: 'https://linli.example.org/{about}' }));
  const text = '未来三小时本区有大暴雨,\n低洼处居民请立即转移到高处。';
  expect(await send({ ...LETTER, text })).toEqual({ kind: 'handed' });
  const [tokenAsked] = wechat.asked;
  expect(JSON.parse(tokenAsked?.body ?? '')).toEqual({ grant_type: 'client_credential', appid: 'wx0123456789abcdef', secret: 'hush' });
  const body = JSON.parse(sent()[0]?.body ?? '');
  expect(body).toEqual({
    touser: OPEN_ID,
    template_id: 'T1',
    url: 'https://linli.example.org/alerts/1',
    data: {
      thing1: { value: '暴雨橙色预警' },
      time2: { value: '2026-11-24 09:00' },
      thing3: { value: '未来三小时本区有大暴雨, 低洼处居民请…' },
    },
    client_msg_id: expect.stringMatching(/^[\w-]{32}$/),
  });
  await send({ ...LETTER, text });
  await send({ ...LETTER, id: 'another' });
  const keys = sent().map(({ body: each }) => JSON.parse(each).client_msg_id as string);
  expect([keys[0] === keys[1], keys[0] === keys[2]]).toEqual([true, false]);
});

test('one token and one look at the secret do for many letters, until it ends', async () => {
  playWechat(() => OK);
  const { send, state } = setUp();
  await Promise.all(Array.from({ length: 20 }, () => send()));
  expect([tokensAsked(), state.asked, sent().length]).toEqual([1, 1, 20]);
  state.now = plus(NOW, HOUR);
  await send();
  expect(tokensAsked()).toBe(1);
  state.now = plus(NOW, 2 * HOUR);
  await send();
  expect(tokensAsked()).toBe(2);
  expect(sent().at(-1)?.query.get('access_token')).toBe('T-2');
});

test.each([40001, 40014, 42001])('a token that has ended before its time (%i) is asked for anew, once', async (errcode) => {
  playWechat((token) => (token === 'T-1' ? { body: JSON.stringify({ errcode }) } : OK));
  expect(await setUp().send()).toEqual({ kind: 'handed' });
  expect([tokensAsked(), sent().length]).toEqual([2, 2]);

  playWechat(() => ({ body: JSON.stringify({ errcode }) }));
  expect(await setUp().send()).toMatchObject({ kind: 'later' });
  expect([tokensAsked(), sent().length]).toEqual([2, 2]);
});

test.each([
  [{ errcode: 43004 }, { kind: 'dead', why: 'wechat.43004' }],
  [{ errcode: 40003 }, { kind: 'dead', why: 'wechat.40003' }],
  [{ errcode: 43101 }, { kind: 'refused', why: 'wechat.43101' }],
  [{ errcode: 47003 }, { kind: 'refused', why: 'wechat.47003' }],
  [{ errcode: 45009 }, { kind: 'later', why: 'wechat.45009' }],
  [{ errcode: -1 }, { kind: 'later', why: 'wechat.-1' }],
  [{ errcode: 48001 }, { kind: 'later', why: 'wechat.48001' }],
])('%j: %j', async (answer, fate) => {
  playWechat(() => ({ body: JSON.stringify(answer) }));
  expect(await setUp().send()).toEqual(fate);
});

test('what cannot be read, 5xx and who is not there: later', async () => {
  for (const [status, body] of [
    [200, '<html>'],
    [502, ''],
    [403, ''],
  ] as const) {
    playWechat(() => ({ status, body }));
    expect(await setUp().send()).toMatchObject({ kind: 'later' });
  }
  expect(await setUp(accountOf({ apiBase: 'http://127.0.0.1:9' })).send()).toMatchObject({ kind: 'later' });
});

test('who gets no token sends nothing; the letter waits, and nothing of a secret is told', async () => {
  wechat.answers(() => ({ body: '{"errcode":40164,"errmsg":"invalid ip 1.2.3.4, not in whitelist"}' }));
  expect(await setUp().send()).toEqual({ kind: 'later', why: 'wechat.token.40164' });
  expect(sent()).toEqual([]);
  for (const secret of [
    null,
    {},
    'hush',
    accountOf({ fields: { thing1: 'donor' } }),
    accountOf({ more: 'hush' }),
    accountOf({ apiBase: 'http://hush' }),
  ]) {
    const fate = await setUp(secret).send();
    expect(fate).toMatchObject({ kind: 'later', why: expect.stringContaining('notifications/wechat') });
    expect(JSON.stringify(fate)).not.toContain('hush');
  }
});
