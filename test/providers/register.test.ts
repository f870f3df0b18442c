/** The register of providers: who applies, who admits, whom it shows, and who is given work. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { DAY } from '../../functions/kernel/time.ts';
import { openHouse, type House } from '../support/house.ts';
import { countyDispatcher, dispatcher, neighbour, resident, SHUIJINGFANG, strangeDispatcher, worker, ZONGFULU } from '../support/people.ts';
import { admitted, APPLICATION, applyAs } from '../support/providers.ts';
import { newRequest } from '../support/stages.ts';
import { ADMIN } from '../support/world.ts';

let house: House;
beforeAll(async () => {
  house = await openHouse();
});
afterAll(() => house.stop());

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
  expect((await admit(id)).body).toMatchObject({ code: 'wrongState', actions: ['renew'] });
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
  const { body } = await put({ services: ['streetLamp', 'policyQuestion'], divisions: ['510104017', '510104017002'] });
  expect(body.admissions).toMatchObject([{ services: ['streetLamp'], divisions: ['510104017', '510104017002'] }]);
  expect(body.pending).toEqual(['510104017', '510104017002']);
  expect(await listed('status=applied&service=policyQuestion', dispatcher)).toEqual([id]);
  expect((await put({ kind: 'government' })).body.errors[0].path).toBe('kind');
  expect(
    (await put({ services: ['nothing'], divisions: ['999999', '510104', '510104'] })).body.errors.map(
      (each: { path: string }) => each.path,
    ),
  ).toEqual(['services.0', 'divisions.0', 'divisions.2']);
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

test('an admission ends by the clock and is renewed', async () => {
  const { id, to } = await admitted(house.post, { divisions: ['510104017'] });
  const until = new Date(house.now() + 3 * DAY).toISOString();
  expect((await house.post(`/v1/providers/${id}/renew`, dispatcher, { until })).body.admissions[0].until).toBe(until);
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
  expect((await house.get(`/v1/providers/${id}/work`, strangeDispatcher)).body.items).toEqual([]);
  await house.post(`/v1/providers/${id}/remove`, countyDispatcher, { reason: '造假' });
  expect((await house.post(`${path}/start`, as)).status).toBe(403);
  expect((await house.get(path, as)).status).toBe(404);
  expect((await house.get('/v1/me/work', as)).body.items).toEqual([]);
  await house.post(`${path}/assign`, dispatcher, { to: { kind: 'worker', id: worker.sub } });
  expect((await house.get(`/v1/providers/${id}/work`, dispatcher)).body.items).toEqual([]);
});

test('nobody admits a provider of their own', async () => {
  const { id } = await applyAs(house.post, {}, countyDispatcher.sub);
  expect((await admit(id)).status).toBe(403);
});
