/** Channels from the first code to the last letter, and that nobody but their owner has anything of them. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { CHANNEL_KINDS } from '../../functions/notifications/channels/channel.ts';
import { codeOf, isCodeOf } from '../../functions/notifications/code.ts';
import { VARIABLES } from '../../functions/kernel/environment.ts';
import { DAY, HOUR, MINUTE, type Instant } from '../../functions/kernel/time.ts';
import type { TokenClaims } from '../../lib/local/issuer.ts';
import { openHouse, type Answered, type House } from '../support/house.ts';
import { neighbour, SHUIJINGFANG } from '../support/people.ts';

let house: House;
beforeAll(async () => {
  house = await openHouse();
});
afterAll(() => house.stop());

let last = 0;
const somebody = (more: Partial<TokenClaims> = {}): TokenClaims => ({
  sub: `somebody-${++last}`,
  roles: ['resident'],
  division: SHUIJINGFANG,
  ...more,
});
const PUSH = { endpoint: 'https://fcm.googleapis.com/fcm/send/abc', keys: { p256dh: 'B'.repeat(87), auth: 'A'.repeat(22) } };
const add = (as: TokenClaims, address: unknown = 'wang@example.cn', kind = 'email'): Promise<Answered> =>
  house.post('/v1/me/channels', as, { kind, address });
const code = (channel: { id: string; addedAt: string }): string => codeOf(house.runtime.secrets[0], channel as never);
const verify = (as: TokenClaims, id: string, tried: string, ifMatch?: string): Promise<Answered> =>
  house.post(`/v1/me/channels/${id}/verify`, as, { code: tried }, { ifMatch });
const wrong = (right: string): string => String((Number(right) + 1) % 1_000_000).padStart(6, '0');
const read = (as: TokenClaims, id: string): Promise<Answered> => house.get(`/v1/me/channels/${id}`, as);
const pathsOf = ({ body }: Answered): readonly string[] => body.errors.map(({ path }: { path: string }) => path);

test('a channel is added, verified by its code, listed without its address, and removed', async () => {
  const wang = somebody();
  const added = await add(wang);
  expect([added.status, added.headers['location']]).toEqual([201, `/v1/me/channels/${added.body.id}`]);
  expect(added.body).toMatchObject({ kind: 'email', address: 'wang@example.cn', status: 'unverified', actions: ['verify'] });
  expect(added.body.verifyBy).toBe('2026-11-24T01:15:00.000Z');
  const verified = await verify(wang, added.body.id, code(added.body), added.headers['etag']);
  expect([verified.status, verified.body.status, verified.body.actions]).toEqual([200, 'verified', []]);
  expect(verified.body).not.toHaveProperty('verifyBy');
  expect((await read(wang, added.body.id)).body).toEqual(verified.body);
  const { body: listed } = await house.get('/v1/me/channels', wang);
  expect(listed).toEqual({ items: [{ ...verified.body, address: undefined }], next: null });
  expect(JSON.stringify(listed)).not.toContain('wang@');
  expect((await house.call('DELETE', `/v1/me/channels/${added.body.id}`, { as: wang, ifMatch: '"1"' })).status).toBe(412);
  const removed = await house.call('DELETE', `/v1/me/channels/${added.body.id}`, { as: wang });
  expect([removed.status, removed.text]).toEqual([204, '']);
  expect((await read(wang, added.body.id)).status).toBe(404);
  expect((await house.call('DELETE', `/v1/me/channels/${added.body.id}`, { as: wang })).status).toBe(404);
});

test('of a push subscription its owner reads the endpoint, and nobody the keys', async () => {
  const wang = somebody();
  const { status, body } = await add(wang, PUSH, 'webPush');
  expect([status, body.address]).toEqual([201, { endpoint: PUSH.endpoint }]);
  expect((await read(wang, body.id)).body.address).toEqual({ endpoint: PUSH.endpoint });
});

test('a push subscription is taken as `PushSubscription.toJSON()` of a browser has it', async () => {
  const wang = somebody();
  // Chrome’s, Firefox’s and Safari’s, word for word.
  for (const verbatim of [
    '{"endpoint":"https://fcm.googleapis.com/fcm/send/dpH5lCsTSSM:APA91bHqjZxM0VImWWqDRN7U0a3AycjUf4O","expirationTime":null,"keys":{"p256dh":"BIPUL12DLfytvTajnryr2PRdAgXS3HGKiLqndGcJGabyhHheJYlNGCeXl1dn18gSJ1WAkAPIxr4gK0_dQds4yiI","auth":"FPssNDTKnInHVndSTdbKFw"}}',
    '{"endpoint":"https://updates.push.services.mozilla.com/wpush/v2/gAAAAABl0","keys":{"auth":"DGv6ra1nlYgDCS1FRnbzlw","p256dh":"BNcRdreALRFXTkOOUHK1EtK2wtaz5Ry4YfYCA_0QTpQtUbVlUls0VJXg7A8u-Ts1XbjhazAkj7I99e8QcYP7DkM"}}',
    '{"endpoint":"https://web.push.apple.com/QOpQeYr","expirationTime":1796083200000,"keys":{"p256dh":"BIPUL12DLfytvTajnryr2PRdAgXS3HGKiLqndGcJGabyhHheJYlNGCeXl1dn18gSJ1WAkAPIxr4gK0_dQds4yiI","auth":"FPssNDTKnInHVndSTdbKFw"}}',
  ]) {
    const { status, body } = await add(wang, JSON.parse(verbatim), 'webPush');
    expect([status, body.address]).toEqual([201, { endpoint: JSON.parse(verbatim).endpoint }]);
  }
  expect((await add(wang, { ...PUSH, expirationTime: 'soon' }, 'webPush')).status).toBe(422);
  const stored = [...((await house.content(['notifications']))['notifications']?.values() ?? [])];
  expect(JSON.stringify(stored)).not.toContain('expirationTime');
});

test('a browser that has renewed its keys adds its subscription again: the same channel, verified anew, and told of nothing before', async () => {
  const wang = somebody();
  const { body: channel } = await add(wang, PUSH, 'webPush');
  expect((await verify(wang, channel.id, code(channel))).status).toBe(200);
  const subscriptions = [{ division: '510104', minimumColour: 'blue', channels: [channel.id] }];
  await house.call('PUT', '/v1/me/alert-subscriptions', { as: wang, body: { subscriptions } });
  const entries = async (): Promise<string> =>
    JSON.stringify(
      [...((await house.content(['notifications']))['notifications']?.values() ?? [])].filter(
        ({ pk, sub }) => pk.startsWith('SUBSCRIBERS#') && sub === wang.sub,
      ),
    );
  house.turn(MINUTE);
  expect((await add(wang, PUSH, 'webPush')).status).toBe(409);
  const keys = { p256dh: `B${'C'.repeat(86)}`, auth: 'D'.repeat(22) };
  const renewed = await add(wang, { ...PUSH, keys }, 'webPush');
  expect([renewed.status, renewed.body.id, renewed.body.status]).toEqual([201, channel.id, 'unverified']);
  expect(await entries()).toBe('[]');
  expect((await verify(wang, channel.id, code(channel))).status).toBe(422);
  expect((await verify(wang, channel.id, code(renewed.body))).status).toBe(200);
  expect(await entries()).toContain(keys.auth);
});

test('nobody else has a channel: not to read, to verify, to remove or to name', async () => {
  const wang = somebody();
  const { body: channel } = await add(wang);
  expect((await read(neighbour, channel.id)).status).toBe(404);
  expect((await verify(neighbour, channel.id, code(channel))).status).toBe(404);
  expect((await house.call('DELETE', `/v1/me/channels/${channel.id}`, { as: neighbour })).status).toBe(404);
  const subscribed = await house.call('PUT', '/v1/me/alert-subscriptions', {
    as: neighbour,
    body: { subscriptions: [{ division: '510104', minimumColour: 'blue', channels: [channel.id] }] },
  });
  expect([subscribed.status, pathsOf(subscribed)]).toEqual([422, ['subscriptions.0.channels.0']]);
  const preferred = await house.call('PUT', '/v1/me/notifications', { as: neighbour, body: { channels: [channel.id], topics: [] } });
  expect([preferred.status, pathsOf(preferred)]).toEqual([422, ['channels.0']]);
});

test('webhooks are for providers and administrators', async () => {
  for (const [roles, status] of [
    [['resident'], 403],
    [['worker', 'dispatcher'], 403],
    [['provider'], 201],
    [['admin'], 201],
  ] as const)
    expect([roles, (await add(somebody({ roles }), 'https://hooks.example.com/linli', 'webhook')).status]).toEqual([roles, status]);
});

test('who has a webhook reads by which secret what comes is signed, another for each; no other channel has one', async () => {
  const provider = somebody({ roles: ['provider'] });
  const hooks = [
    await add(provider, 'https://hooks.example.com/one', 'webhook'),
    await add(provider, 'https://hooks.example.com/two', 'webhook'),
  ];
  const secrets = hooks.map(({ body }) => body.secret);
  for (const secret of secrets) expect(secret).toMatch(/^whsec_[\w+/]{43}=$/);
  expect(new Set(secrets).size).toBe(2);
  expect((await read(provider, hooks[0]?.body.id)).body.secret).toBe(secrets[0]);
  expect((await add(provider)).body).not.toHaveProperty('secret');
  expect((await house.get('/v1/me/channels', provider)).text).not.toContain('whsec');
});

test('an address is one of its kind, and what is wrong with it is named', async () => {
  const wang = somebody({ roles: ['resident', 'provider'] });
  const good: Readonly<Record<string, unknown>> = {
    email: 'li@example.cn',
    sms: '+86 138-1234-5678',
    wechat: 'oUpF8uMuAJO_M2pxb1Q9zNjWeS6o',
    webPush: PUSH,
    webhook: 'https://hooks.example.com/a?b=c',
  };
  for (const kind of CHANNEL_KINDS) expect([kind, (await add(wang, good[kind], kind)).status]).toEqual([kind, 201]);
  for (const [kind, address, path] of [
    ['email', 'nobody', 'address'],
    ['email', `${'x'.repeat(250)}@example.cn`, 'address'],
    ['email', 'a@example.cn\r\nBcc: b@example.cn', 'address'],
    ['email', PUSH, 'address'],
    ['sms', '12', 'address'],
    ['sms', '0086 138', 'address'],
    ['webhook', 'https://10.0.0.1/', 'address'],
    ['webPush', { ...PUSH, endpoint: 'https://push.example.com/' }, 'address'],
    ['wechat', 'a b', 'address'],
    ['webPush', 'https://fcm.googleapis.com/', 'address'],
    ['webPush', { ...PUSH, endpoint: 'http://fcm.googleapis.com/' }, 'address'],
    ['webPush', { ...PUSH, keys: { ...PUSH.keys, auth: 'ä' } }, 'address'],
    ['webhook', 'http://hooks.example.com/', 'address'],
    ['webhook', 'https://', 'address'],
    ['webhook', 'https://hooks.example.com/\u0000', 'address'],
  ] as const) {
    const refused = await add(wang, address, kind);
    expect([kind, address, refused.status]).toEqual([kind, address, 422]);
    expect(pathsOf(refused).every((each) => each.startsWith(path))).toBe(true);
  }
});

test('the same address is the same channel: another code while it is not verified, 409 when it is', async () => {
  const wang = somebody();
  const first = await add(wang, 'Wang@Example.cn');
  house.turn(MINUTE);
  const again = await add(wang, 'wang@example.cn');
  expect([again.status, again.body.id]).toEqual([201, first.body.id]);
  expect(code(again.body)).not.toBe(code(first.body));
  expect((await verify(wang, first.body.id, code(first.body))).status).toBe(422);
  expect((await verify(wang, first.body.id, code(again.body))).status).toBe(200);
  const late = await add(wang);
  expect([late.status, late.body.code]).toEqual([409, 'conflict']);
  expect((await house.get('/v1/me/channels', wang)).body.items.length).toBe(1);
  const [one, other] = [await add(wang, '+86 (138) 1234-5678', 'sms'), await add(wang, '+8613812345678', 'sms')];
  expect(other.body.id).toBe(one.body.id);
  // Somebody else may have it, too: a family has one telephone.
  expect((await add(somebody())).status).toBe(201);
});

test('somebody has ten channels at most', async () => {
  const wang = somebody();
  for (let index = 0; index < 10; index++) expect((await add(wang, `w${index}@example.cn`)).status).toBe(201);
  const eleventh = await add(wang, 'w10@example.cn');
  expect([eleventh.status, eleventh.body.code]).toEqual([409, 'conflict']);
  expect((await add(wang, 'w3@example.cn')).status).toBe(201);
});

test('ten are added in an hour, by one caller', async () => {
  const wang = somebody();
  house.set(VARIABLES.limits, 'on');
  try {
    for (let index = 0; index < 10; index++) expect((await add(wang)).status).toBe(201);
    const eleventh = await add(wang);
    expect([eleventh.status, Number(eleventh.headers['retry-after']) > 0]).toEqual([429, true]);
    expect((await add(somebody())).status).toBe(201);
    house.turn(HOUR);
    expect((await add(wang)).status).toBe(201);
  } finally {
    house.set(VARIABLES.limits, 'off');
  }
});

test('a code is taken for a quarter of an hour, and then no longer', async () => {
  const wang = somebody();
  const { body: channel } = await add(wang);
  house.turn(15 * MINUTE - 1);
  expect((await read(wang, channel.id)).body.actions).toEqual(['verify']);
  house.turn(1);
  expect((await read(wang, channel.id)).body.actions).toEqual([]);
  const late = await verify(wang, channel.id, code(channel));
  expect([late.status, late.body.code, late.body.actions]).toEqual([409, 'wrongState', []]);
  expect(late.body.detail).toContain('重新添加');
  const { body: again } = await add(wang);
  house.turn(15 * MINUTE - 1);
  expect((await verify(wang, channel.id, code(again))).status).toBe(200);
});

test('after five wrong codes the right one is no longer taken, also where they come all at once', async () => {
  const wang = somebody();
  const { body: channel } = await add(wang);
  for (let tries = 0; tries < 5; tries++) {
    const refused = await verify(wang, channel.id, wrong(code(channel)));
    expect([refused.status, pathsOf(refused)]).toEqual([422, ['code']]);
  }
  expect((await verify(wang, channel.id, code(channel))).body.code).toBe('wrongState');
  const { body: again } = await add(wang);
  const right = code(again);
  const guesses = Array.from({ length: 40 }, (_, index) => String((Number(right) + 1 + index) % 1_000_000).padStart(6, '0'));
  const answers = await Promise.all(guesses.map((guess) => verify(wang, channel.id, guess)));
  expect(answers.filter(({ status }) => status === 422).length).toBeLessThanOrEqual(5);
  expect(answers.every(({ status }) => status === 422 || status === 409)).toBe(true);
  while ((await verify(wang, channel.id, wrong(right))).status === 422);
  expect((await verify(wang, channel.id, right)).status).toBe(409);
});

test('a code that was made with the secret before the last rotation is taken, one of another secret is not', async () => {
  const { body: channel } = await add(somebody());
  const [old, newest, other] = ['the old secret', 'the new secret', 'another secret'];
  expect(isCodeOf([newest, old], channel, codeOf(old, channel))).toBe(true);
  expect(isCodeOf([newest, old], channel, codeOf(newest, channel))).toBe(true);
  expect(isCodeOf([newest, old], channel, codeOf(other, channel))).toBe(false);
});

test('codes are six digits, and spread evenly over all that there are', () => {
  const codes = Array.from({ length: 20_000 }, (_, index) => codeOf('a secret', { id: String(index), addedAt: 'now' as Instant }));
  expect(codes.every((each) => /^\d{6}$/.test(each))).toBe(true);
  const firsts = Map.groupBy(codes, (each) => each[0]);
  for (const [digit, those] of firsts) expect([digit, Math.abs(those.length - 2000) < 250]).toEqual([digit, true]);
});

test('a key that is sent again adds one channel, and tells of it as it is', async () => {
  const wang = somebody();
  const send = (): Promise<Answered> =>
    house.post('/v1/me/channels', wang, { kind: 'email', address: 'wang@example.cn' }, { key: 'one-key' });
  const answers = await Promise.all([send(), send(), send(), send()]);
  expect(answers.map(({ status }) => status)).toEqual([201, 201, 201, 201]);
  expect(new Set(answers.map(({ body }) => body.addedAt)).size).toBe(1);
  expect((await house.get('/v1/me/channels', wang)).body.items.length).toBe(1);
  house.turn(DAY);
});
