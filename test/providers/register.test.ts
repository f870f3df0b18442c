/** The register of providers: who applies, who admits, whom it shows, and who is given work. */
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Database } from '../../functions/data/database.ts';
import { withoutParts, type DivisionCode } from '../../functions/kernel/division.ts';
import { DAY, epochMs } from '../../functions/kernel/time.ts';
import { applied, changeProvider, revise } from '../../functions/providers/provider.ts';
import { providersRepository } from '../../functions/providers/repository.ts';
import { openHouse, type House } from '../support/house.ts';
import {
  CAOSHIJIE,
  countyDispatcher,
  dispatcher,
  neighbour,
  resident,
  SHUIJINGFANG,
  strangeDispatcher,
  worker,
  ZONGFULU,
} from '../support/people.ts';
import { admitted, APPLICATION, applyAs } from '../support/providers.ts';
import { newRequest } from '../support/stages.ts';
import { ADMIN } from '../support/world.ts';

let house: House;
beforeAll(async () => {
  house = await openHouse();
});
afterAll(() => house.stop());

/** A service as an administrator puts it. */
const OFFERED = {
  name: { 'zh-CN': '社区浴室' },
  description: { 'zh-CN': '预约' },
  group: 'convenience',
  keywords: [],
  attributes: [],
  respondWithin: { amount: 1, unit: 'days' },
  resolveWithin: { amount: 2, unit: 'days' },
  visibility: 'public',
};
const admit = (id: string, as = countyDispatcher, body: object = {}) => house.post(`/v1/providers/${id}/admit`, as, body);
const listed = async (query: string, as?: typeof dispatcher): Promise<readonly string[]> =>
  (await house.get(`/v1/providers?limit=100&${query}`, as)).body.items.map((each: { id: string }) => each.id);

test('who applies is the owner; until it is admitted, only its people and dispatchers of its divisions know of it', async () => {
  const { status, body, headers } = await house.post('/v1/providers', neighbour, APPLICATION);
  expect([status, body.status, body.owner, body.pending]).toEqual([201, 'applied', neighbour.sub, ['510104']]);
  expect(headers['location']).toBe(`/v1/providers/${body.id}`);
  const path = `/v1/providers/${body.id}`;
  for (const as of [neighbour, dispatcher, countyDispatcher]) expect((await house.get(path, as)).body.contact).toEqual(APPLICATION.contact);
  for (const as of [undefined, resident, worker, strangeDispatcher, ADMIN]) expect((await house.get(path, as)).status).toBe(404);
  expect(await listed('division=510104')).not.toContain(body.id);
  expect(await listed('status=applied', dispatcher)).toContain(body.id);
  expect((await house.get('/v1/providers?status=applied')).status).toBe(403);
  expect((await house.get('/v1/providers?status=applied&division=510105', dispatcher)).status).toBe(403);
});

test('a dispatcher admits what their division covers, and the public sees what is admitted without contact and history', async () => {
  const { id } = await applyAs(house.post, { divisions: ['510104', '510105'] });
  expect((await admit(id, strangeDispatcher)).body.admissions).toMatchObject([{ divisions: ['510105'], services: ['streetLamp'] }]);
  expect((await admit(id, countyDispatcher, { divisions: ['510105'] })).status).toBe(403);
  expect((await admit(id, countyDispatcher, { divisions: ['5101'] })).body.errors[0].path).toBe('divisions.0');
  const seen = (await house.get(`/v1/providers/${id}`)).body;
  expect(seen).toMatchObject({ status: 'admitted', divisions: ['510105'], actions: [] });
  expect(Object.keys(seen)).not.toContain('contact');
  expect(Object.keys(seen)).not.toContain('history');
  expect((await admit(id)).body).toMatchObject({ pending: [], status: 'admitted' });
  expect((await admit(id)).body).toMatchObject({ code: 'wrongState', actions: ['suspend', 'remove', 'renew'] });
});

test('a list is of what serves at, above or within a place, each once, page by page', async () => {
  const city = await admitted(house.post, { divisions: ['510104', '510105'] });
  const street = await admitted(house.post, { divisions: ['510104017'] });
  const other = await admitted(house.post, { divisions: ['510104020'], services: ['elderMeals'] });
  const in51 = await listed('division=51');
  for (const { id } of [city, street, other]) expect(in51.filter((each) => each === id)).toEqual([id]);
  const here = await listed(`division=${SHUIJINGFANG}`);
  expect([city, street, other].map(({ id }) => here.includes(id))).toEqual([true, true, false]);
  expect(await listed('division=510104&service=elderMeals')).toEqual([other.id]);
  expect((await listed('')).length).toBeGreaterThan(2);
  const pages: string[] = [];
  for (let cursor = ''; ;) {
    const { body } = await house.get(`/v1/providers?division=51&limit=1${cursor}`);
    pages.push(...body.items.map((each: { id: string }) => each.id));
    if (body.next === null) break;
    cursor = `&cursor=${body.next}`;
  }
  expect(pages).toEqual(in51);
});

test('further services and places wait for admission; what it no longer wants ends at once', async () => {
  const { id, as } = await admitted(house.post, { services: ['streetLamp', 'elderMeals'], divisions: ['510104017', '510104020'] });
  const put = (more: object, by = as) => house.call('PUT', `/v1/providers/${id}`, { as: by, body: { ...APPLICATION, ...more } });
  expect((await put({}, resident)).status).toBe(403);
  const { body } = await put({ services: ['streetLamp', 'policyQuestion'], divisions: ['510104017'] });
  expect(body.admissions).toMatchObject([{ services: ['streetLamp'], divisions: ['510104017'] }]);
  expect(body.pending).toEqual(['510104017']);
  expect(await listed('status=applied&service=policyQuestion', dispatcher)).toEqual([id]);
  expect((await put({ kind: 'government' })).body.errors[0].path).toBe('kind');
  expect(
    (await put({ services: ['nothing'], divisions: ['999999', '510104', '510104', '510104017'] })).body.errors.map(
      (each: { path: string }) => each.path,
    ),
  ).toEqual(['services.0', 'divisions.0', 'divisions.2', 'divisions.3']);
});

test('only who is admitted for it there and now is given work', async () => {
  const { id, to } = await admitted(house.post, { divisions: ['510104017'] });
  const assign = async (more: object = {}, as = dispatcher) => {
    const made = await house.post('/v1/requests', resident, { ...newRequest, ...more });
    return house.post(`/v1/requests/${made.body.id}/assign`, as, { to });
  };
  expect((await assign()).body.assignee).toEqual(to);
  const refused = async (more: object = {}, as = dispatcher): Promise<unknown> => {
    const { status, body } = await assign(more, as);
    return [status, body.errors?.[0].path, body.errors?.[0].message];
  };
  expect(await refused({ service: 'policyQuestion' })).toEqual([422, 'to.id', '该服务商未获准在此提供这项服务']);
  expect(await refused({ community: ZONGFULU }, countyDispatcher)).toEqual([422, 'to.id', '该服务商未获准在此提供这项服务']);
  await house.post(`/v1/providers/${id}/suspend`, countyDispatcher, { reason: '核查' });
  expect(await refused()).toEqual([422, 'to.id', '该服务商已被暂停']);
  await admit(id);
  expect((await assign()).status).toBe(200);
  await house.post(`/v1/providers/${id}/remove`, countyDispatcher, { reason: '造假' });
  expect(await refused()).toEqual([422, 'to.id', '没有这个服务商']);
});

test('an admission ends by the clock and is renewed; no renewal makes it shorter', async () => {
  const { id, to } = await applyAs(house.post, { divisions: ['510104017'] });
  const until = new Date(house.now() + 3 * DAY).toISOString();
  expect((await admit(id, dispatcher, { until })).body.admissions[0].until).toBe(until);
  const sooner = new Date(house.now() + 2 * DAY).toISOString();
  expect((await house.post(`/v1/providers/${id}/renew`, dispatcher, { until: sooner })).body.errors[0].path).toBe('until');
  house.turn(3 * DAY - 1);
  expect((await house.get(`/v1/providers/${id}`)).status).toBe(200);
  house.turn(1);
  expect((await house.get(`/v1/providers/${id}`)).status).toBe(404);
  const request = (await house.post('/v1/requests', resident, newRequest)).body.id;
  expect((await house.post(`/v1/requests/${request}/assign`, dispatcher, { to })).body.errors[0].message).toContain('到期');
  expect((await house.post(`/v1/providers/${id}/renew`, dispatcher, { until: new Date(house.now() + DAY).toISOString() })).status).toBe(
    200,
  );
  expect((await house.post(`/v1/requests/${request}/assign`, dispatcher, { to })).status).toBe(200);
  expect((await house.post(`/v1/providers/${id}/renew`, dispatcher, { until: '2036-01-01T00:00:00Z' })).body.errors[0].path).toBe('until');
});

test('who is suspended keeps sight of its work and does none; who is removed sees nothing', async () => {
  const { id, as, to } = await admitted(house.post, { divisions: ['510104017'], services: ['streetLamp', 'legalAdvice'] });
  const request = (await house.post('/v1/requests', resident, { ...newRequest, service: 'legalAdvice' })).body.id;
  const path = `/v1/requests/${request}`;
  await house.post(`${path}/assign`, dispatcher, { to });
  expect((await house.get(path, as)).body.actions).toContain('start');
  await house.post(`/v1/providers/${id}/suspend`, countyDispatcher, { reason: '核查' });
  const barred = await house.post(`${path}/start`, as);
  expect([barred.status, barred.body.detail]).toEqual([403, expect.stringContaining('暂停')]);
  expect((await house.get(path, as)).body.actions).toEqual(['comments']);
  expect((await house.get('/v1/me/work', as)).body.items).toHaveLength(1);
  const open = await house.get(`/v1/providers/${id}/work`, dispatcher);
  expect(open.body.items.map((each: { id: string }) => each.id)).toEqual([request]);
  // Not public any more, it is not there for who has none of its work.
  expect((await house.get(`/v1/providers/${id}/work`, strangeDispatcher)).status).toBe(404);
  await house.post(`/v1/providers/${id}/remove`, countyDispatcher, { reason: '造假' });
  // Its own entry is all that it goes on reading.
  expect((await house.get('/v1/me/provider', as)).body.provider.status).toBe('removed');
  expect((await house.post(`${path}/start`, as)).status).toBe(404);
  expect((await house.get(path, as)).status).toBe(404);
  expect((await house.get('/v1/me/work', as)).body.items).toEqual([]);
  await house.post(`${path}/assign`, dispatcher, { to: { kind: 'worker', id: worker.sub } });
  expect((await house.get(`/v1/providers/${id}/work`, dispatcher)).body.items).toEqual([]);
});

test('nobody admits a provider of their own', async () => {
  const { id } = await applyAs(house.post, {}, countyDispatcher.sub);
  expect((await admit(id)).status).toBe(403);
});

test('each dispatcher stops, turns down and admits what lies in their own division; the rest stands', async () => {
  const { id, as, to } = await admitted(house.post, { divisions: ['510104', '510105'] });
  const path = `/v1/providers/${id}`;
  const standings = (body: { admissions: { divisions: string[]; status: string }[] }) =>
    Object.fromEntries(body.admissions.flatMap(({ divisions, status }) => divisions.map((each) => [each, status])));
  const request = (await house.post('/v1/requests', resident, newRequest)).body.id;
  expect((await house.post(`/v1/requests/${request}/assign`, dispatcher, { to })).status).toBe(200);
  const suspended = (await house.post(`${path}/suspend`, countyDispatcher, { reason: '核查' })).body;
  expect([suspended.status, standings(suspended)]).toEqual(['admitted', { '510104': 'suspended', '510105': 'admitted' }]);
  expect(await listed('status=suspended', countyDispatcher)).toContain(id);
  expect(await listed('division=510105')).toContain(id);
  expect(await listed('division=510104')).not.toContain(id);
  expect((await house.post(`/v1/requests/${request}/start`, as)).status).toBe(403);
  const other = (await house.post('/v1/requests', resident, newRequest)).body.id;
  expect((await house.post(`/v1/requests/${other}/assign`, dispatcher, { to })).body.errors[0].message).toBe('该服务商已被暂停');
  // It is not got rid of by dropping the place.
  const dropped = await house.call('PUT', path, { as, body: { ...APPLICATION, divisions: ['510105'] } });
  expect([dropped.status, dropped.body.code]).toEqual([409, 'wrongState']);
  // The other county's part is not this one's to touch.
  const removed = (await house.post(`${path}/remove`, strangeDispatcher, { reason: '不再需要' })).body;
  expect([removed.status, standings(removed)]).toEqual(['suspended', { '510104': 'suspended', '510105': 'removed' }]);
  const lifted = (await admit(id)).body;
  expect([lifted.status, standings(lifted)]).toEqual(['admitted', { '510104': 'admitted', '510105': 'removed' }]);
  expect(lifted.history.at(-1)).toMatchObject({ action: 'admit', services: ['streetLamp'], divisions: ['510104'] });
  expect((await house.post(`/v1/requests/${request}/start`, as)).status).toBe(200);
  const last = (await house.post(`${path}/remove`, countyDispatcher, { reason: '造假' })).body;
  expect(last.status).toBe('removed');
});

test('who was removed from a place does not see its work again by no longer wanting that place', async () => {
  const { id, as, to } = await admitted(house.post, { services: ['streetLamp', 'legalAdvice'], divisions: ['510104', '510105'] });
  const request = (await house.post('/v1/requests', resident, { ...newRequest, service: 'legalAdvice' })).body.id;
  await house.post(`/v1/requests/${request}/assign`, dispatcher, { to });
  await house.post(`/v1/providers/${id}/remove`, countyDispatcher, { reason: '造假' });
  const body = { ...APPLICATION, services: ['streetLamp'], divisions: ['510105'] };
  const put = await house.call('PUT', `/v1/providers/${id}`, { as, body });
  expect([put.status, put.body.admissions.map((each: { status: string }) => each.status).toSorted()]).toEqual([
    200,
    ['admitted', 'removed'],
  ]);
  expect((await house.get(`/v1/requests/${request}`, as)).status).toBe(404);
  expect((await house.get('/v1/me/work', as)).body.items).toEqual([]);
  expect(await listed('status=removed', countyDispatcher)).toContain(id);
  expect((await house.get(`/v1/providers/${id}`, countyDispatcher)).body.history).toBeDefined();
});

test('what was suspended, removed or refused from above is not undone from below, place by place', async () => {
  const of = (division: string) => ({ sub: `dispatcher-of-${division}`, roles: ['dispatcher' as const], division });
  const [community, street, county, city] = [of(SHUIJINGFANG), of('510104017'), of('510104'), of('5101')];
  const { id } = await admitted(house.post);
  const act = async (action: string, as: typeof dispatcher, body: object = {}): Promise<unknown[]> => {
    const answer = await house.post(`/v1/providers/${id}/${action}`, as, body);
    return [answer.status, answer.body.actions];
  };
  const reason = { reason: '核查' };
  const wideLife = { until: new Date(house.now() + 3 * DAY).toISOString() };
  await act('suspend', city, reason);
  for (const as of [community, street]) expect((await act('admit', as))[0]).toBe(403);
  expect((await house.get(`/v1/providers/${id}`, community)).body.actions).toEqual([]);
  // It lies with the county, which does not lift the city’s suspension, whatever it makes of it.
  expect(await act('admit', county)).toEqual([409, ['remove']]);
  expect(await act('suspend', county, reason)).toEqual([409, ['remove']]);
  expect(await act('renew', county, wideLife)).toEqual([409, ['remove']]);
  expect((await act('admit', city))[0]).toBe(200);

  // What a county refuses, no community of it admits; the county does, and then it is as any.
  const other = await applyAs(house.post, { services: ['streetLamp', 'elderMeals'] });
  const admitOther = async (by: typeof dispatcher, body: object = {}) => (await admit(other.id, by, body)).status;
  expect(await admitOther(county, { services: ['elderMeals'] })).toBe(200);
  expect(await admitOther(community)).toBe(403);
  expect(await admitOther(community, { services: ['streetLamp'], divisions: [SHUIJINGFANG] })).toBe(403);
  expect(await admitOther(county, { divisions: [SHUIJINGFANG] })).toBe(200);
  await house.post(`/v1/providers/${other.id}/suspend`, community, reason);
  expect(await admitOther(community)).toBe(200);
});

test('who is admitted for what has gone out of use since corrects their telephone, and asks for nothing else that is out of use', async () => {
  const offered = (code: string, active: boolean) => house.call('PUT', `/v1/services/${code}`, { as: ADMIN, body: { ...OFFERED, active } });
  for (const code of ['bygone', 'bygoneToo']) expect((await offered(code, true)).status).toBeLessThan(300);
  const { id, as } = await admitted(house.post, { services: ['streetLamp', 'bygone'] });
  for (const code of ['bygone', 'bygoneToo']) await offered(code, false);
  const say = (services: readonly string[]) =>
    house.call('PUT', `/v1/providers/${id}`, { as, body: { ...APPLICATION, services, contact: { phone: '028-3' } } });
  expect((await say(['streetLamp', 'bygone'])).body.contact.phone).toBe('028-3');
  expect((await say(['streetLamp', 'bygone', 'bygoneToo'])).body.errors.map((each: { path: string }) => each.path)).toEqual(['services.2']);
});

test('who has some of its work, on whatever page, finds a provider that is not there for them else', async () => {
  const { id, as, to } = await admitted(house.post, { divisions: ['510104', '510105'] });
  for (const [community, by] of [
    [SHUIJINGFANG, countyDispatcher],
    [CAOSHIJIE, strangeDispatcher],
  ] as const) {
    const made = (await house.post('/v1/requests', resident, { ...newRequest, community })).body;
    expect((await house.post(`/v1/requests/${made.id}/assign`, by, { to })).status).toBe(200);
    house.turn(1000);
  }
  await house.call('PUT', `/v1/providers/${id}`, { as, body: APPLICATION });
  await house.post(`/v1/providers/${id}/suspend`, countyDispatcher, { reason: '核查' });
  expect((await house.get(`/v1/providers/${id}`, strangeDispatcher)).status).toBe(404);
  const path = `/v1/providers/${id}/work?limit=1`;
  const first = await house.get(path, strangeDispatcher);
  expect([first.status, first.body.items.length]).toEqual([200, 1]);
  const last = await house.get(`${path}&cursor=${first.body.next}`, strangeDispatcher);
  expect([last.status, last.body.items, last.body.next]).toEqual([200, [], null]);
  expect((await house.get(path, { ...strangeDispatcher, division: '510106' })).status).toBe(404);
});

test('what is done already is no matter of rights, as long as something of it lies with the caller', async () => {
  const { id } = await admitted(house.post, { divisions: ['510104', '510105'] });
  const done = async (action: string, body: object): Promise<unknown[]> => {
    const answer = await house.post(`/v1/providers/${id}/${action}`, countyDispatcher, body);
    return [answer.status, answer.body.actions];
  };
  const reason = { reason: '核查' };
  expect((await done('suspend', reason))[0]).toBe(200);
  expect(await done('suspend', reason)).toEqual([409, ['admit', 'remove']]);
  expect((await done('renew', { until: new Date(house.now() + DAY).toISOString() }))[0]).toBe(409);
  expect((await done('remove', reason))[0]).toBe(200);
  expect(await done('remove', reason)).toEqual([409, ['admit']]);
  const outside = { ...dispatcher, division: '510104020' };
  expect((await house.post(`/v1/providers/${id}/suspend`, outside, reason)).status).toBe(403);
});

test('a suspension that is lifted after its admission has ended says until when it holds', async () => {
  const { id } = await applyAs(house.post, { divisions: ['510104017'] });
  await admit(id, dispatcher, { until: new Date(house.now() + DAY).toISOString() });
  await house.post(`/v1/providers/${id}/suspend`, dispatcher, { reason: '核查' });
  house.turn(2 * DAY);
  const { admissions, history } = (await admit(id, dispatcher)).body;
  expect(history.at(-1).until).toBe(admissions[0].until);
  expect(Date.parse(admissions[0].until)).toBeGreaterThan(house.now());
});

test('what is not admitted is refused on the record, may be admitted later, and is not asked for again by another telephone', async () => {
  const { id, as } = await applyAs(house.post, { services: ['streetLamp', 'elderMeals'], divisions: ['510104', '510105'] });
  const first = (await admit(id, countyDispatcher, { services: ['streetLamp'], grounds: '餐饮许可待补' })).body;
  expect(first.pending).toEqual(['510105']);
  expect(first.history.at(-1)).toMatchObject({ note: '餐饮许可待补', refused: { services: ['elderMeals'], divisions: ['510104'] } });
  const body = { ...APPLICATION, services: ['streetLamp', 'elderMeals'], divisions: ['510104', '510105'], contact: { phone: '028-1' } };
  expect((await house.call('PUT', `/v1/providers/${id}`, { as, body })).body.pending).toEqual(['510105']);
  // One suspends, lifts it, and what waits elsewhere goes on waiting.
  await house.post(`/v1/providers/${id}/suspend`, countyDispatcher, { reason: '核查' });
  expect((await house.call('PUT', `/v1/providers/${id}`, { as, body: { ...body, contact: { phone: '028-2' } } })).body.contact.phone).toBe(
    '028-2',
  );
  expect((await house.call('PUT', `/v1/providers/${id}`, { as, body: { ...body, services: ['streetLamp'] } })).body.code).toBe(
    'wrongState',
  );
  expect((await admit(id)).body.pending).toEqual(['510105']);
  const both = (await admit(id, countyDispatcher, { services: ['elderMeals'] })).body.admissions;
  expect(both.flatMap((each: { services: string[] }) => each.services).toSorted()).toEqual(['elderMeals', 'streetLamp']);
  // Turned down by the other county, it stays admitted here.
  const turned = (await house.post(`/v1/providers/${id}/remove`, strangeDispatcher, { reason: '材料不实' })).body;
  expect([turned.status, turned.pending, turned.history.at(-1).refused.divisions]).toEqual(['admitted', [], ['510105']]);
  expect((await admit(id, strangeDispatcher)).body.admissions).toHaveLength(3);
});

test('all that is wrong with an admission is named at once', async () => {
  const { id } = await applyAs(house.post);
  const wrong = {
    services: ['nothing', 'streetLamp', 'streetLamp'],
    divisions: ['510104998', '510105', '510104017', '510104017'],
    until: '2020-01-01T00:00:00Z',
  };
  expect((await admit(id, countyDispatcher, wrong)).body.errors.map((each: { path: string }) => each.path)).toEqual([
    'services.0',
    'services.2',
    'divisions.0',
    'divisions.1',
    'divisions.3',
    'until',
  ]);
});

test('who drops what it was admitted for works on it no longer, and may have another admission suspended', async () => {
  const { id, as, to } = await admitted(house.post, { services: ['streetLamp', 'elderMeals'], divisions: ['510104017'] });
  const request = (await house.post('/v1/requests', resident, newRequest)).body.id;
  await house.post(`/v1/requests/${request}/assign`, dispatcher, { to });
  await house.call('PUT', `/v1/providers/${id}`, { as, body: { ...APPLICATION, services: ['elderMeals'], divisions: ['510104017'] } });
  const barred = await house.post(`/v1/requests/${request}/start`, as);
  expect([barred.status, barred.body.detail]).toEqual([403, expect.stringContaining('不再提供')]);
  expect((await house.get(`/v1/requests/${request}`, as)).status).toBe(200);
  expect((await house.post(`/v1/providers/${id}/suspend`, dispatcher, { reason: '核查' })).status).toBe(200);
});

test('however many cities admit it, all of it can be suspended and removed in one step', async () => {
  const { id } = await applyAs(house.post, { divisions: ['51'] });
  const counties = (city: string): string[] => Array.from({ length: 20 }, (_, index) => `${city}${String(index + 21)}`);
  for (const city of ['5103', '5105'])
    await house.post('/v1/imports/divisions', ADMIN, {
      rows: [city, ...counties(city)].map((code, index) => ({ line: index + 2, code, name: code })),
    });
  const ofCity = (division: string) => ({ sub: `dispatcher-${division}`, roles: ['dispatcher'] as const, division });
  const as = (division: string) => ({ ...ofCity(division), roles: ['dispatcher' as const] });
  expect((await admit(id, as('5103'), { divisions: counties('5103') })).status).toBe(200);
  const wide = await admit(id, as('5105'), { divisions: counties('5105') });
  expect([wide.status, wide.body.errors?.[0].path]).toEqual([422, 'divisions']);
  expect((await admit(id, as('5105'), { divisions: ['5105'] })).status).toBe(200);
  for (const [action, body] of [
    ['suspend', { reason: '核查' }],
    ['admit', {}],
    ['remove', { reason: '造假' }],
  ] as const)
    expect((await house.post(`/v1/providers/${id}/${action}`, as('51'), body)).status).toBe(200);
});

test('whatever dispatchers of any places do to it, one after the other, each step fits one transaction', () => {
  const counties = Array.from({ length: 60 }, (_, index) => `51${String(index + 1001)}` as DivisionCode);
  const places: readonly DivisionCode[] = [...counties, '51' as DivisionCode, '5110' as DivisionCode, `${counties[0]}001` as DivisionCode];
  const services = ['a', 'b', 'c'];
  const facts = (wanted: readonly string[], divisions: readonly DivisionCode[]) => ({
    ...APPLICATION,
    services: wanted,
    divisions: withoutParts(divisions),
  });
  const someServices = fc.uniqueArray(fc.constantFrom(...services), { minLength: 1 });
  const somePlaces = fc.uniqueArray(fc.constantFrom(...places), { minLength: 1, maxLength: 20 });
  const manyCounties = fc.uniqueArray(fc.constantFrom(...counties), { minLength: 15, maxLength: 20 });
  const aStep = fc.record({
    action: fc.constantFrom('admit', 'admit', 'admit', 'admit', 'suspend', 'remove', 'renew', 'revise'),
    by: fc.oneof({ weight: 9, arbitrary: fc.constant('51' as DivisionCode) }, fc.constantFrom(...places)),
    services: someServices,
    places: fc.oneof(somePlaces, { weight: 4, arbitrary: manyCounties }),
    isPlain: fc.nat({ max: 9 }).map((drawn) => drawn === 0),
  });
  const { puts } = providersRepository({} as Database);
  const now = epochMs(Date.parse('2026-11-24T09:00:00+08:00'));
  const person = (sub: string, more: object) => ({
    sub,
    roles: new Set(['dispatcher' as const]),
    division: undefined,
    provider: undefined,
    ...more,
  });
  fc.assert(
    fc.property(fc.oneof(somePlaces, fc.constant(['51' as DivisionCode])), fc.array(aStep, { maxLength: 25 }), (divisions, steps) => {
      let provider = applied('P', facts(services, divisions), person('owner', {}), now).provider;
      let moment = now;
      for (const step of steps) {
        moment = epochMs(moment + DAY);
        const terms = { months: 12, mostMonths: 36 };
        const acting = { caller: person('dispatcher', { division: step.by }), now: moment, terms, isInUse: () => true };
        const until = new Date(moment + 700 * DAY).toISOString();
        const input = { reason: '', until, ...(step.isPlain ? {} : { services: step.services, divisions: step.places }) };
        const changed =
          step.action === 'revise'
            ? revise(provider, facts(step.services, step.places), person('owner', {}), moment)
            : changeProvider(step.action, provider, input, acting);
        if (!changed.ok) {
          expect(['forbidden', 'wrongState', 'invalid']).toContain(changed.error.code);
          continue;
        }
        // And the idempotency key.
        expect(puts(changed.value, provider, '').length).toBeLessThan(100);
        ({ provider } = changed.value);
        expect(provider.admissions.every((each) => each.services.length > 0 && each.divisions.length > 0)).toBe(true);
        expect(provider.status === 'admitted').toBe(provider.admissions.some(({ status }) => status === 'admitted'));
      }
    }),
    { seed: 20261124, numRuns: 300 },
  );
});

test('who has a suspended provider applies for no other; who decides on an application sees what else its owner has', async () => {
  const owner = { sub: 'owner-of-two', roles: ['resident' as const] };
  const first = await admitted(house.post, {}, owner.sub);
  const second = await applyAs(house.post, {}, owner.sub);
  expect((await house.get(`/v1/providers/${second.id}`, dispatcher)).body.otherEntries).toEqual([{ id: first.id, status: 'admitted' }]);
  expect((await house.get(`/v1/providers/${second.id}`, owner)).body.otherEntries).toBeUndefined();
  await house.post(`/v1/providers/${first.id}/suspend`, countyDispatcher, { reason: '核查' });
  const third = await house.post('/v1/providers', owner, APPLICATION);
  expect([third.status, third.body.code, third.body.detail]).toEqual([409, 'conflict', expect.stringContaining('暂停')]);
});

test('a worker applies for somebody, whose it is', async () => {
  const onBehalfOf = { name: '钱师傅', phone: '13800000000', sub: 'craftsman-qian' };
  const body = { ...APPLICATION, onBehalfOf, channel: 'counter' };
  expect((await house.post('/v1/providers', neighbour, body)).status).toBe(403);
  expect((await house.post('/v1/providers', { ...worker, division: '510105' }, body)).status).toBe(403);
  const made = (await house.post('/v1/providers', worker, body)).body;
  expect(made).toMatchObject({
    owner: onBehalfOf.sub,
    recordedBy: worker.sub,
    history: [{ by: worker.sub, channel: 'counter', onBehalfOf }],
  });
  expect((await house.get('/v1/me/provider', { sub: onBehalfOf.sub, roles: ['resident'] })).body.provider.id).toBe(made.id);
  // Whoever wrote it down does not decide on it.
  const both = { ...worker, roles: ['worker' as const, 'dispatcher' as const], division: '510104' };
  expect((await house.get(`/v1/providers/${made.id}`, both)).body.actions).toEqual(['remove']);
  expect((await admit(made.id, both)).status).toBe(403);
  expect((await admit(made.id)).status).toBe(200);
  expect(
    (await house.post(`/v1/providers/${made.id}/renew`, both, { until: new Date(house.now() + 380 * DAY).toISOString() })).status,
  ).toBe(403);
});

test('what ends soon is listed for its dispatchers, and asked for anew by saying the same', async () => {
  const { id, as } = await admitted(house.post, { divisions: ['510104020'] });
  const say = () => house.call('PUT', `/v1/providers/${id}`, { as, body: { ...APPLICATION, divisions: ['510104020'] } });
  expect((await say()).body.pending).toEqual([]);
  house.turn(304 * DAY);
  expect(await listed('status=ending', countyDispatcher)).not.toContain(id);
  house.turn(DAY);
  for (const days of [0, 100]) {
    house.turn(days * DAY);
    expect(await listed('status=ending', countyDispatcher)).toContain(id);
  }
  expect((await house.get('/v1/providers?status=ending', resident)).status).toBe(403);
  expect((await say()).body.pending).toEqual(['510104020']);
  expect(await listed('status=applied', countyDispatcher)).toContain(id);
  expect((await admit(id)).body).toMatchObject({ pending: [], status: 'admitted' });
  expect(await listed('division=510104020')).toContain(id);
});

test('an assignment asks for rights and state before the register', async () => {
  const { to } = await applyAs(house.post);
  const request = (await house.post('/v1/requests', resident, newRequest)).body.id;
  const assign = async (as: typeof dispatcher) => (await house.post(`/v1/requests/${request}/assign`, as, { to })).status;
  expect(await assign(strangeDispatcher)).toBe(403);
  expect(await assign(dispatcher)).toBe(422);
  await house.post(`/v1/requests/${request}/reject`, dispatcher, { reason: '不属实' });
  expect(await assign(dispatcher)).toBe(409);
});

test('nobody is given work in the moment in which they are suspended', async () => {
  const { id, to } = await admitted(house.post, { divisions: ['510104017'] });
  const requests: string[] = [];
  for (let each = 0; each < 4; each++) requests.push((await house.post('/v1/requests', resident, newRequest)).body.id);
  const [suspended, ...assigned] = await Promise.all([
    house.post(`/v1/providers/${id}/suspend`, dispatcher, { reason: '核查' }),
    ...requests.map((each) => house.post(`/v1/requests/${each}/assign`, dispatcher, { to })),
  ]);
  expect(suspended?.status).toBe(200);
  for (const { status, body } of assigned)
    expect(status === 200 ? body.history.at(-1).at <= suspended?.body.updatedAt : body.errors[0].message === '该服务商已被暂停').toBe(true);
});
