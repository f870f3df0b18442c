/** A provider's whole week, over HTTP: from its application to work, ratings, credit, an appeal, a suspension and a renewal. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { DAY, HOUR } from '../../functions/kernel/time.ts';
import type { DivisionCode } from '../../functions/kernel/division.ts';
import { reassignmentMessages } from '../../functions/notifications/reassignment-message.ts';
import { tellReassignment } from '../../functions/notifications/tell-reassignment.ts';
import type { TokenClaims } from '../../lib/local/issuer.ts';
import { countyDispatcher, dispatcher, otherWorker, resident, SHUIJINGFANG, worker } from '../support/people.ts';
import { admitted, APPLICATION } from '../support/providers.ts';
import { startWorld, type Answer, type World } from '../support/world.ts';

let world: World;
beforeAll(async () => {
  world = await startWorld({ at: '2026-11-23T08:00:00+08:00' });
});
afterAll(() => world.stop());

const done = (answer: Answer): Answer['body'] => {
  if (answer.status >= 300) throw new Error(`${answer.status} ${answer.text}`);
  return answer.body;
};
const boss: TokenClaims = { sub: 'boss-luo', roles: ['resident'], division: SHUIJINGFANG };
let id = '';
let crew: TokenClaims;

const post = async (path: string, as: TokenClaims, body: object = {}) => done(await world.post(path, as, body));
const get = async (path: string, as?: TokenClaims) => done(await world.get(path, as));
const credit = async (as?: TokenClaims) => {
  await world.settle();
  return get(`/v1/providers/${id}/credit`, as);
};
const kinds = (body: Answer['body']) => body.events.map((each: { kind: string; counted: number }) => [each.kind, each.counted]);

/** A street lamp that was reported, given to the provider, and mended. */
const mended = async (): Promise<string> => {
  const request = await post('/v1/requests', resident, {
    service: 'streetLamp',
    community: SHUIJINGFANG,
    description: '路灯不亮',
    channel: 'app',
  });
  const path = `/v1/requests/${request.id}`;
  await post(`${path}/assign`, dispatcher, { to: { kind: 'provider', id } });
  world.turn(HOUR);
  await post(`${path}/start`, crew);
  await post(`${path}/resolve`, crew, { resolution: '已更换灯泡' });
  return request.id;
};

test('Monday: it applies, and is admitted for the street', async () => {
  const applied = await post('/v1/providers', boss, {
    name: { 'zh-CN': '锦江便民维修有限公司' },
    kind: 'company',
    services: ['streetLamp'],
    divisions: ['510104017'],
    contact: { phone: '028-88880000' },
  });
  id = applied.id;
  crew = { sub: 'crew-pang', roles: ['provider'], provider: id };
  expect((await get('/v1/me/provider', boss)).provider.status).toBe('applied');
  expect((await get('/v1/providers?status=applied', dispatcher)).items.map((each: { id: string }) => each.id)).toEqual([id]);
  await post(`/v1/providers/${id}/admit`, dispatcher, { grounds: '营业执照、高空作业证齐全', until: '2026-12-31T00:00:00+08:00' });
  expect((await get('/v1/providers?division=510104017001&service=streetLamp')).items).toMatchObject([{ id, status: 'admitted' }]);
  expect(await credit()).toMatchObject({ score: 80, events: [], asOf: '2026-11-23' });
});

test('Tuesday: good work raises its credit', async () => {
  world.turnTo('2026-11-24T09:00:00+08:00');
  await post(`/v1/requests/${await mended()}/rating`, resident, { level: 5 });
  await post(`/v1/requests/${await mended()}/rating`, resident, { level: 4 });
  expect(await credit()).toMatchObject({ score: 81 });
});

let rectification = '';
test('Wednesday: a bad rating lowers it; nobody can tell from it who or what', async () => {
  world.turnTo('2026-11-25T09:00:00+08:00');
  const request = await mended();
  await post(`/v1/requests/${request}/rating`, resident, { level: 1, comment: '师傅张三没修好' });
  const seen = await credit();
  expect(seen.score).toBe(76);
  expect(kinds(seen)).toEqual([
    ['ratedVeryDissatisfied', -5],
    ['ratedVerySatisfied', 1],
  ]);
  expect(JSON.stringify(seen)).not.toContain(request);
  expect(JSON.stringify(await credit(crew))).toContain(`requests/${request}`);
  rectification = (await get('/v1/rectifications', dispatcher)).items[0].id;
});

test('Thursday: called back in time, the rectification is late, and tells against it from the day after; fixed or not', async () => {
  world.turnTo('2026-11-26T09:00:00+08:00');
  await post(`/v1/rectifications/${rectification}/callback`, otherWorker, { outcome: 'mistaken', note: '居民评错了' });
  world.turnTo('2026-12-02T23:00:00+08:00');
  expect((await credit()).score).toBe(76);
  world.turnTo('2026-12-03T09:00:00+08:00');
  expect((await credit()).score).toBe(71);
  await post(`/v1/rectifications/${rectification}/fix`, worker, { measure: '已重新维修' });
  expect((await credit()).score).toBe(71);
});

test('Friday: the street appeals the rating, it is struck, and both events fall away', async () => {
  await post(`/v1/rectifications/${rectification}/appeal`, dispatcher, { reason: '误评' });
  await post(`/v1/rectifications/${rectification}/review`, countyDispatcher, { ruling: 'struck', reason: '回访确认误评' });
  expect(kinds(await credit())).toEqual([['ratedVerySatisfied', 1]]);
});

test('Saturday: confirmed misconduct is appealed against and struck above; another is repaired', async () => {
  const path = `/v1/providers/${id}/credit-events`;
  const first = await post(path, dispatcher, { kind: 'misconduct', reason: '虚报服务次数' });
  expect((await credit()).score).toBe(71);
  expect((await world.post(`/v1/providers/${id}/appeal`, resident, { event: first.id, reason: '不实' })).status).toBe(403);
  await post(`/v1/providers/${id}/appeal`, crew, { event: first.id, reason: '当日未派单' });
  const review = { ruling: 'struck', reason: '核实不属实' };
  expect((await world.post(`${path}/${first.id}/review`, dispatcher, review)).status).toBe(403);
  await post(`${path}/${first.id}/review`, countyDispatcher, review);
  expect((await credit()).score).toBe(81);
  expect((await get(`${path}/${first.id}`)).appeal).toEqual({ status: 'struck' });

  const second = await post(path, dispatcher, { kind: 'misconduct', points: -6, reason: '未按约上门' });
  expect((await credit()).score).toBe(75);
  await post(`${path}/${second.id}/repair`, crew, { reason: '已培训并道歉' });
  await post(`${path}/${second.id}/repair`, dispatcher, { decision: 'granted', reason: '核实' });
  const seen = await credit();
  expect(seen.score).toBe(78);
  // By hand: what is shown is all that it takes.
  const sum = seen.events.reduce((total: number, each: { points: number; weight: number }) => total + each.points * each.weight, 0);
  expect(seen.method.start + sum).toBe(seen.score);
});

test('Sunday: it is suspended with work open, which the street is told of once, and gives to others', async () => {
  const request = await post('/v1/requests', resident, {
    service: 'streetLamp',
    community: SHUIJINGFANG,
    description: '路灯不亮',
    channel: 'app',
  });
  const path = `/v1/requests/${request.id}`;
  await post(`${path}/assign`, dispatcher, { to: { kind: 'provider', id } });
  expect((await get('/v1/me/provider', crew)).work).toEqual({ open: 1, assigned: 1, inProgress: 0, overdue: 0, more: false });
  await post(`/v1/providers/${id}/suspend`, dispatcher, { reason: '资质核查' });
  await world.settle();
  const told = (await get('/dev/outbox?to=510104017')).items.filter((each: { about: string }) => each.about === `providers/${id}`);
  expect(told).toHaveLength(1);
  expect(told[0].text).toContain('1 件');
  expect((await world.post(`${path}/start`, crew)).status).toBe(403);
  expect((await get(`/v1/providers/${id}/work`, dispatcher)).items.map((each: { id: string }) => each.id)).toEqual([request.id]);
  await post(`${path}/assign`, dispatcher, { to: { kind: 'worker', id: worker.sub } });
  expect((await get(`/v1/providers/${id}/work`, dispatcher)).items).toEqual([]);
  expect((await world.get(`/v1/providers/${id}`)).status).toBe(404);
});

test('who drops a service with work open leaves it to the street, which is told of what it sees, once', async () => {
  const other = await admitted(world.post, { services: ['streetLamp', 'homeRepair'], divisions: ['510104017'] });
  const lamp = { service: 'streetLamp', community: SHUIJINGFANG, description: '路灯不亮', channel: 'app' };
  for (const confidential of [false, true]) {
    const request = await post('/v1/requests', resident, { ...lamp, confidential });
    await post(`/v1/requests/${request.id}/assign`, dispatcher, { to: other.to });
  }
  const put = (more: object) =>
    world.put(`/v1/providers/${other.id}`, other.as, { ...APPLICATION, services: ['homeRepair'], divisions: ['510104017'], ...more });
  expect((await put({})).body.admissions).toMatchObject([{ services: ['homeRepair'] }]);
  expect((await put({ contact: { phone: '028-88880001' } })).status).toBe(200);
  await world.settle();
  const told = (await get('/dev/outbox?to=510104017')).items.filter((each: { about: string }) => each.about === `providers/${other.id}`);
  expect(told.map(({ text }: { text: string }) => text)).toEqual([expect.stringContaining('1 件')]);
});

test('of a suspension that is lifted by the time it is told of, nobody hears', async () => {
  const { id: lifted, to } = await admitted(world.post, { divisions: ['510104017'] });
  const request = await post('/v1/requests', resident, {
    service: 'streetLamp',
    community: SHUIJINGFANG,
    description: '路灯不亮',
    channel: 'app',
  });
  await post(`/v1/requests/${request.id}/assign`, dispatcher, { to });
  await world.settle();
  const item = { id: lifted, name: { 'zh-CN': '已恢复' }, change: 'suspended', stopped: ['510104017'] };
  const detail = { id: 'late', type: 'provider.suspended', time: new Date(world.now()).toISOString(), data: { item } };
  await tellReassignment(world.system.runtime)({ detail } as unknown as Parameters<ReturnType<typeof tellReassignment>>[0]);
  const told = (await get('/dev/outbox?to=510104017')).items;
  expect(told.filter((each: { about: string }) => each.about === `providers/${lifted}`)).toEqual([]);
});

test('a desk hears whether it is stopped everywhere, or in some divisions', () => {
  const item = { id: 'P', name: { 'zh-CN': '维修' }, change: 'suspended' as const };
  const said = (status: string) =>
    reassignmentMessages(
      { id: 'E', time: '', data: { item: { ...item, status } } } as unknown as Parameters<typeof reassignmentMessages>[0],
      [{ community: SHUIJINGFANG as DivisionCode }],
    )[0]?.text;
  expect(said('suspended')).toMatch(/维修已被暂停[^]*is suspended:/);
  expect(said('admitted')).toMatch(/维修在部分区划已被暂停[^]*is suspended in some divisions:/);
});

test('the week after: the suspension is lifted, the admission is renewed and ends by the clock', async () => {
  await post(`/v1/providers/${id}/admit`, dispatcher, { grounds: '核查无误' });
  await post(`/v1/providers/${id}/renew`, dispatcher, { until: '2027-06-01T00:00:00+08:00' });
  world.turnTo('2027-05-31T23:00:00+08:00');
  expect((await world.get(`/v1/providers/${id}`)).status).toBe(200);
  world.turn(2 * HOUR);
  expect((await world.get(`/v1/providers/${id}`)).status).toBe(404);
  const history = (await get(`/v1/providers/${id}`, crew)).history.map((each: { action: string }) => each.action);
  expect(history).toEqual(['apply', 'admit', 'suspend', 'admit', 'renew']);
});

test('what is old counts half, and then not', async () => {
  // Of a year before: the good rating of 24 November 2026 counts half; from 24 November 2028 on it does not.
  world.turnTo('2027-11-24T08:00:00+08:00');
  expect(kinds(await credit(crew))).toContainEqual(['ratedVerySatisfied', 0.5]);
  world.turnTo('2028-11-23T08:00:00+08:00');
  expect(kinds(await credit(crew))).toContainEqual(['ratedVerySatisfied', 0.5]);
  world.turn(DAY);
  expect(kinds(await credit(crew))).not.toContainEqual(['ratedVerySatisfied', 0.5]);
});
