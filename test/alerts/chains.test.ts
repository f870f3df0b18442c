/** Updates, ends, second officers: what stands in whose place, and who may put it there. */
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { HOUR } from '../../functions/kernel/time.ts';
import { openHouse, type Answered, type House } from '../support/house.ts';
import { ADMIN } from '../support/world.ts';
import { readWell } from './cap/support/messages.ts';
import { schemaErrors } from './cap/support/schema.ts';
import { alertOfficer, otherOfficer } from '../support/people.ts';
import { cityOfficer, issued, post, RAIN, settle, strangeOfficer } from './support/alerts.ts';

let house: House;
beforeAll(async () => {
  house = await openHouse();
  await settle(house);
});
beforeEach(() => house.turnTo('2026-11-24T09:00:00+08:00'));
afterAll(() => house.stop());

const act = (id: string, action: string, body: object = {}, as = alertOfficer, more: object = {}): Promise<Answered> =>
  house.post(`/v1/alerts/${id}/${action}`, as, body, more);
const update = (id: string, more: object = {}, as = alertOfficer): Promise<Answered> => act(id, 'updates', { ...RAIN, ...more }, as);
const capOf = async (id: string) => readWell((await house.get(`/cap/alerts/${id}.xml`)).text);
const waitsFor = (colours: readonly string[]): Promise<Answered> =>
  house.call('PUT', '/v1/settings/alertSecondPerson', { as: ADMIN, body: { value: { colours } } });
const listed = async (query: string, as = alertOfficer): Promise<readonly string[]> =>
  (await house.get(`/v1/alerts?${query}`, as)).body.items.map(({ id }: { id: string }) => id);

test('an update stands in the place of the older one, the end in the place of both, and each refers to all before it', async () => {
  const first = await issued(house);
  house.turn(HOUR);
  const second = await update(first, { colour: 'red' });
  expect([second.status, second.headers['location']]).toEqual([201, `/v1/alerts/${second.body.id}`]);
  expect(second.body).toMatchObject({ messageType: 'update', colour: 'red', supersedes: [first] });
  house.turn(HOUR);
  const end = await act(second.body.id, 'cancel', { reason: '降雨已结束' });
  expect([end.status, end.body]).toMatchObject([
    201,
    { messageType: 'cancel', colour: 'red', event: RAIN.event, areas: second.body.areas, responseTypes: ['allClear'], note: '降雨已结束' },
  ]);
  expect(end.body.active).toBe(false);
  const caps = await Promise.all([first, second.body.id, end.body.id].map(capOf));
  const names = caps.map(({ sender, identifier, sent }) => ({ sender, identifier, sent }));
  expect(caps.map(({ msgType, references }) => [msgType, references])).toEqual([
    ['Alert', []],
    ['Update', names.slice(0, 1)],
    ['Cancel', names.slice(0, 2)],
  ]);
  expect(caps[2]).toMatchObject({ note: '降雨已结束', info: [{ responseType: ['AllClear'], severity: 'Extreme' }, {}] });
  const files = await Promise.all([first, second.body.id, end.body.id].map(async (id) => (await house.get(`/cap/alerts/${id}.xml`)).text));
  expect(await schemaErrors(files)).toEqual([]);
  // As all moments, in UTC.
  expect(end.body.references.map(({ sent }: { sent: string }) => sent)).toEqual(['2026-11-24T01:00:00.000Z', '2026-11-24T02:00:00.000Z']);
  const old = await house.get(`/v1/alerts/${first}`);
  expect([old.headers['etag'], old.body]).toMatchObject(['"2"', { supersededBy: second.body.id, active: false }]);
  expect((await house.get(`/v1/alerts/${second.body.id}`)).body.supersededBy).toBe(end.body.id);
});

test('nothing is put in the place of what is replaced, over or has expired', async () => {
  const first = await issued(house);
  const { id: second } = (await update(first)).body;
  const { id: end } = (await act(second, 'cancel')).body;
  const third = await issued(house, { expires: '2026-11-24T10:00:00+08:00' });
  house.turnTo('2026-11-24T10:00:00+08:00');
  for (const id of [first, second, end, third])
    for (const answer of [await update(id), await act(id, 'cancel'), await act(id, 'approve')])
      expect([answer.status, answer.body.code, answer.body.actions]).toEqual([409, 'wrongState', []]);
  const fourth = await issued(house);
  expect((await act(fourth, 'approve')).body).toMatchObject({ code: 'wrongState', actions: ['updates', 'cancel'] });
});

test('of several who replace one alert at once, one does', async () => {
  const id = await issued(house);
  const answers = await Promise.all([
    ...Array.from({ length: 6 }, () => update(id)),
    ...Array.from({ length: 6 }, () => act(id, 'cancel', {}, cityOfficer)),
  ]);
  expect(answers.map(({ status }) => status).toSorted()).toEqual([201, ...Array.from({ length: 11 }, () => 409)]);
  const other = await issued(house);
  const guarded = await Promise.all(Array.from({ length: 6 }, () => act(other, 'cancel', {}, alertOfficer, { ifMatch: '"1"' })));
  expect(guarded.map(({ status }) => status).toSorted()).toEqual([201, ...Array.from({ length: 5 }, () => 412)]);
});

test('the city’s officer replaces the county’s alerts, and nobody those of a larger or another division', async () => {
  const id = await issued(house);
  for (const as of [strangeOfficer, { ...alertOfficer, division: '510104017' }]) {
    expect((await update(id, {}, as)).status).toBe(403);
    expect((await act(id, 'cancel', {}, as)).status).toBe(403);
  }
  const city = await update(id, {}, cityOfficer);
  expect([city.status, city.body.division, city.body.sender]).toEqual([201, '5101', '51010000000000']);
  expect((await act(city.body.id, 'cancel')).status).toBe(403);
  expect((await act(city.body.id, 'cancel', {}, cityOfficer)).status).toBe(201);
});

test('an alert of a colour that two have to answer for waits, seen by officers alone, until another approves it', async () => {
  await waitsFor(['red']);
  const made = await post(house, { colour: 'red' });
  const { id } = made.body;
  expect([made.status, made.body.state, made.body.identifier]).toEqual([201, 'pending', undefined]);
  const path = `/v1/alerts/${id}`;
  const missing = await house.get(`/v1/alerts/${'3'.repeat(26)}`);
  for (const as of [undefined, strangeOfficer, { ...alertOfficer, roles: ['worker' as const] }]) {
    const { status, text } = await house.get(path, as);
    expect([status, text]).toEqual([404, missing.text]);
  }
  expect((await house.get(`/cap/alerts/${id}.xml`)).status).toBe(404);
  expect(await listed('division=510104')).not.toContain(id);
  expect((await house.get('/cap/feed.atom?division=510104')).text).not.toContain(id);
  for (const as of [alertOfficer, otherOfficer, cityOfficer]) {
    expect((await house.get(path, as)).body.state).toBe('pending');
    expect(await listed('state=pending', as)).toEqual([id]);
  }
  expect(await listed('state=pending', strangeOfficer)).toEqual([]);
  expect((await house.get('/v1/alerts?state=pending')).status).toBe(403);
  expect((await house.get('/v1/alerts?state=pending&division=510104', strangeOfficer)).status).toBe(403);

  expect((await act(id, 'approve', {}, strangeOfficer)).status).toBe(404);
  expect((await act(id, 'approve')).body.detail).toContain('另一名');
  expect((await act(id, 'updates', RAIN, otherOfficer)).body).toMatchObject({ code: 'wrongState', actions: ['cancel', 'approve'] });
  house.turn(HOUR);
  const approved = await act(id, 'approve', {}, otherOfficer);
  expect([approved.status, approved.body]).toMatchObject([
    200,
    {
      id,
      state: 'issued',
      identifier: expect.stringMatching(/^51010400000000_20261124100000_\d$/),
      sent: '2026-11-24T02:00:00.000Z',
      effective: '2026-11-24T02:00:00.000Z',
    },
  ]);
  expect((await house.get(path, otherOfficer)).body).toEqual(approved.body);
  expect((await capOf(id)).sent).toBe('2026-11-24T10:00:00+08:00');
  expect(await listed('active=true&division=510104')).toContain(id);
  expect(await listed('state=pending')).toEqual([]);
  expect((await act(id, 'approve', {}, otherOfficer)).status).toBe(409);
  // The end waits for nobody.
  expect((await act(id, 'cancel')).body.state).toBe('issued');
  await waitsFor([]);
});

test('an update that waits leaves the older one where it is, and is out of place once that has been replaced', async () => {
  const first = await issued(house);
  await waitsFor(['red']);
  const waiting = await Promise.all([update(first, { colour: 'red' }), update(first, { colour: 'red' })]);
  await waitsFor([]);
  expect((await house.get(`/v1/alerts/${first}`)).body).toMatchObject({ active: true });
  const [one, two] = waiting.map(({ body }) => body.id);
  expect((await act(one, 'approve', {}, otherOfficer)).status).toBe(200);
  expect((await house.get(`/v1/alerts/${first}`)).body).toMatchObject({ supersededBy: one, active: false });
  expect((await act(two, 'approve', {}, otherOfficer)).status).toBe(409);
  const late = await waitsFor(['orange']).then(() => post(house, { expires: '2026-11-24T09:30:00+08:00' }));
  await waitsFor([]);
  house.turn(HOUR);
  expect((await act(late.body.id, 'approve', {}, otherOfficer)).status).toBe(409);
});

test('what waits is withdrawn by an officer over it, its maker too, and goes out no more', async () => {
  await waitsFor(['red']);
  const others = await listed('state=pending');
  const first = await issued(house);
  for (const as of [alertOfficer, otherOfficer, cityOfficer]) {
    const { id } = (await update(first, { colour: 'red' })).body;
    expect((await act(id, 'cancel', {}, strangeOfficer)).status).toBe(404);
    const ended = await act(id, 'cancel', { reason: '误报' }, as, { key: `end-${id}` });
    expect([ended.status, ended.headers['location'], ended.body]).toMatchObject([
      200,
      undefined,
      { id, state: 'withdrawn', note: '误报', actions: [], active: false },
    ]);
    const again = await act(id, 'cancel', { reason: '误报' }, as, { key: `end-${id}` });
    expect([again.status, again.headers['location'], again.body]).toEqual([200, undefined, ended.body]);
    expect((await act(id, 'approve', {}, cityOfficer)).body).toMatchObject({ code: 'wrongState', actions: [] });
    expect((await act(id, 'cancel', {}, as)).status).toBe(409);
    expect((await house.get(`/v1/alerts/${id}`)).status).toBe(404);
    expect((await house.get(`/cap/alerts/${id}.xml`)).status).toBe(404);
  }
  expect(await listed('state=pending')).toEqual(others);
  expect((await house.get(`/v1/alerts/${first}`)).body).toMatchObject({ active: true });
  const [one, two] = await Promise.all([update(first, { colour: 'red' }), update(first, { colour: 'red' })]);
  const raced = await Promise.all([act(one.body.id, 'cancel'), act(one.body.id, 'approve', {}, otherOfficer)]);
  // Withdrawn before it went out, or ended after it had gone out; but never out after its end.
  const { state, supersededBy } = (await house.get(`/v1/alerts/${one.body.id}`, alertOfficer)).body;
  expect(raced[0].status).toBe(state === 'withdrawn' ? 200 : 201);
  expect(supersededBy).toBe(state === 'withdrawn' ? undefined : raced[0].body.id);
  await act(two.body.id, 'cancel');
  await waitsFor([]);
});

test('the same key issues once, and a dry run leaves no record of it', async () => {
  const key = 'an-alert';
  const dry = await post(house, {}, alertOfficer, '?dryRun=true');
  expect(dry.status).toBe(200);
  const send = (query = ''): Promise<Answered> => house.post(`/v1/alerts${query}`, alertOfficer, RAIN, { key });
  expect((await send('?dryRun=true')).status).toBe(200);
  const [one, ...others] = await Promise.all([send(), send(), send()]);
  for (const other of others) expect([other.status, other.body]).toEqual([201, one?.body]);
  expect((await house.post('/v1/alerts', alertOfficer, { ...RAIN, colour: 'blue' }, { key })).body.code).toBe('idempotencyKeyReused');
});
