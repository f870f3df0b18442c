import { afterAll, beforeAll, expect, test } from 'vitest';
import { auditor, countyDispatcher, dispatcher, otherDispatcher, resident, SHUIJINGFANG, worker } from '../support/people.ts';
import { ADMIN, startWorld, type World } from '../support/world.ts';

let world: World;
beforeAll(async () => {
  world = await startWorld();
});
afterAll(() => world.stop());

/** A confidential request, done and badly rated. */
const badlyRated = async (): Promise<string> => {
  const made = await world.post('/v1/requests', resident, {
    service: 'psychologicalSupport',
    community: SHUIJINGFANG,
    description: '最近失眠',
    channel: 'app',
  });
  const path = `/v1/requests/${made.body.id}`;
  for (const [action, as, body] of [
    ['accept', dispatcher, {}],
    ['assign', dispatcher, { to: { kind: 'worker', id: worker.sub } }],
    ['start', worker, {}],
    ['resolve', worker, { resolution: '已预约' }],
    ['rating', resident, { level: 1 }],
  ] as const)
    expect([action, (await world.post(`${path}/${action}`, as, body)).status]).toEqual([action, 200]);
  return made.body.id;
};

test('the rectification of a confidential request is for the dispatcher who accepted it, then for who may rule; each reading is written down', async () => {
  const request = await badlyRated();
  const list = async (as: typeof dispatcher) =>
    (await world.get('/v1/rectifications', as)).body.items.filter((each: { request: string }) => each.request === request);
  const [rectification] = await list(dispatcher);
  const path = `/v1/rectifications/${rectification.id}`;
  for (const stranger of [otherDispatcher, countyDispatcher, worker]) {
    expect(await list(stranger)).toEqual([]);
    expect((await world.get(path, stranger)).status).toBe(404);
  }
  expect((await world.post(`${path}/appeal`, dispatcher, { reason: '误评' })).status).toBe(200);
  // A list holds no word of it; reading it does.
  expect((await list(countyDispatcher)).map((each: { appeal?: unknown }) => each.appeal)).toEqual([undefined]);
  expect((await world.get(path, countyDispatcher)).body.appeal.reason).toBe('误评');
  const audit = await world.get(`/v1/audit?resource=rectifications/${rectification.id}`, auditor);
  expect(audit.body.items.map(({ sub, action }: { sub: string; action: string }) => [sub, action])).toEqual(
    expect.arrayContaining([
      [countyDispatcher.sub, 'read'],
      [dispatcher.sub, 'appealRectification'],
    ]),
  );
});

test('who called back does not rule on the appeal', async () => {
  const made = await world.post('/v1/requests', resident, {
    service: 'streetLamp',
    community: SHUIJINGFANG,
    description: '路灯不亮',
    channel: 'app',
  });
  for (const [action, as, body] of [
    ['accept', dispatcher, {}],
    ['assign', dispatcher, { to: { kind: 'worker', id: worker.sub } }],
    ['start', worker, {}],
    ['resolve', worker, { resolution: '已修' }],
    ['rating', resident, { level: 2 }],
  ] as const)
    await world.post(`/v1/requests/${made.body.id}/${action}`, as, body);
  const { body } = await world.get('/v1/rectifications', dispatcher);
  const path = `/v1/rectifications/${body.items.find((each: { request: string }) => each.request === made.body.id).id}`;
  expect((await world.post(`${path}/callback`, countyDispatcher, { outcome: 'mistaken', note: '误评' })).status).toBe(200);
  expect((await world.post(`${path}/appeal`, dispatcher, { reason: '误评' })).status).toBe(200);
  const ruling = { ruling: 'struck', reason: '误评' };
  expect((await world.post(`${path}/review`, countyDispatcher, ruling)).status).toBe(403);
  expect((await world.post(`${path}/review`, { ...countyDispatcher, sub: 'dispatcher-city' }, ruling)).status).toBe(200);
});

test('nobody is pointed to a confidential request as the one that theirs repeats', async () => {
  const secret = await world.post('/v1/requests', resident, {
    service: 'psychologicalSupport',
    community: SHUIJINGFANG,
    description: '最近失眠',
    channel: 'app',
  });
  const open = await world.post('/v1/requests', resident, {
    service: 'streetLamp',
    community: SHUIJINGFANG,
    description: '路灯不亮',
    channel: 'app',
  });
  const answer = await world.post(`/v1/requests/${open.body.id}/duplicate`, dispatcher, { of: secret.body.id });
  expect([answer.status, answer.body.errors[0].path]).toEqual([422, 'of']);
});

test('who handed a request over learns from the same key again that it went well, and nothing that came after', async () => {
  const request = await world.post('/v1/requests', resident, {
    service: 'legalAdvice',
    community: SHUIJINGFANG,
    description: '咨询',
    channel: 'app',
    contact: { name: '王五', phone: '13800000001' },
  });
  const hand = (): Promise<{ status: number; body: { contact?: unknown; comments?: unknown } }> =>
    world.post(
      `/v1/requests/${request.body.id}/transfer`,
      dispatcher,
      { community: '510104020001', reason: '地址' },
      { 'idempotency-key': 'over' },
    );
  expect((await hand()).body.contact).toBeDefined();
  const again = await hand();
  expect([again.status, again.body.contact, again.body.comments]).toEqual([200, undefined, undefined]);
});

test('a key that was used for one chunk does not take in another', async () => {
  const send = (code: string) =>
    world.post('/v1/imports/divisions', ADMIN, { rows: [{ line: 2, code, name: '甲' }] }, { 'idempotency-key': 'chunk' });
  expect((await send('98')).status).toBe(200);
  expect((await send('97')).body.code).toBe('idempotencyKeyReused');
  expect((await world.get('/v1/divisions/97')).status).toBe(404);
});
