/** Meal points: facilities with more to say, and the meals that they give out. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openHouse, type Answered, type House } from '../support/house.ts';
import { CAOSHIJIE, DACISI, SHUIJINGFANG, strangeWorker, worker, ZONGFULU } from '../support/people.ts';
import { ADMIN } from '../support/world.ts';

let house: House;
beforeAll(async () => {
  house = await openHouse();
});
afterAll(() => house.stop());

const cityWorker = { sub: 'worker-of-the-city', roles: ['worker'], division: '5101' };
const CHENGDU = { lat: 30.6461, long: 104.0913 };
const name = { 'zh-CN': '水井坊社区长者食堂', en: 'Shuijingfang canteen' };
const canteen = (more: object = {}): object => ({ name, community: SHUIJINGFANG, subsidised: true, ...more });
const put = (id: string, more: object = {}, as = worker, ifMatch?: string): Promise<Answered> =>
  house.call('PUT', `/v1/meal-points/${id}`, { as, body: canteen(more), ifMatch });
const enter = (id: string, date: string, served: number, delivered = 0, as = worker, ifMatch?: string): Promise<Answered> =>
  house.call('PUT', `/v1/meal-points/${id}/days/${date}`, { as, body: { served, delivered }, ifMatch });
const idsIn = async (division: string, more = ''): Promise<readonly string[]> =>
  (await house.get(`/v1/meal-points?division=${division}${more}`)).body.items.map(({ id }: { id: string }) => id);

test('a meal point is the facility under its id: it is found by place, and its facility says what kind it is', async () => {
  const made = await put('canteen', { location: CHENGDU, openingHours: '10:30–13:00', barrierFree: true, capacity: 60 });
  expect([made.status, made.headers['location']]).toEqual([201, '/v1/meal-points/canteen']);
  expect(made.body).toMatchObject({ id: 'canteen', name, subsidised: true, capacity: 60, location: CHENGDU });
  const facility = await house.get('/v1/facilities/canteen');
  expect(facility.body).toMatchObject({ kind: 'mealPoint', name, openingHours: '10:30–13:00', capacity: 60 });
  expect(facility.headers['etag']).toBe(made.headers['etag']);
  const near = await house.get('/v1/facilities?near=30.6461,104.0913&kind=mealPoint');
  expect(near.body.items).toEqual([expect.objectContaining({ id: 'canteen', distance: 0 })]);
  expect((await house.get('/v1/meal-points/canteen')).body).toEqual(made.body);
});

test('one without a location is found in its division, and nowhere near anything', async () => {
  await put('nowhere');
  expect((await house.get('/v1/facilities/nowhere')).body).not.toHaveProperty('location');
  expect((await house.get('/v1/facilities?near=30.6461,104.0913&limit=100')).body.items).toHaveLength(1);
  expect(await idsIn(SHUIJINGFANG)).toEqual(['canteen', 'nowhere']);
});

test('who puts the facility loses nothing that the meal point says, and makes nothing else of it', async () => {
  await put('kept', { location: CHENGDU });
  const facility = { kind: 'mealPoint', name, community: SHUIJINGFANG, location: { lat: 30.65, long: 104.1 }, phone: '028-84400521' };
  const replaced = await house.call('PUT', '/v1/facilities/kept', { as: worker, body: facility });
  expect(replaced.status).toBe(200);
  expect((await house.get('/v1/meal-points/kept')).body).toMatchObject({
    subsidised: true,
    phone: '028-84400521',
    location: { lat: 30.65 },
  });
  const other = await house.call('PUT', '/v1/facilities/kept', { as: worker, body: { ...facility, kind: 'shelter' } });
  expect([other.status, other.body.code]).toEqual([409, 'conflict']);
  const point = await house.call('PUT', '/v1/service-points/kept', {
    as: worker,
    body: { name, community: SHUIJINGFANG, entitlements: [] },
  });
  expect([point.status, point.body.code]).toEqual([409, 'conflict']);
  // What was put as a facility of that kind is one as well, and says nothing of subsidies.
  await house.call('PUT', '/v1/facilities/plain', { as: worker, body: facility });
  expect((await house.get('/v1/meal-points/plain')).body).not.toHaveProperty('subsidised');
  await house.call('PUT', '/v1/facilities/school', { as: worker, body: { ...facility, kind: 'shelter' } });
  expect((await house.get('/v1/meal-points/school')).status).toBe(404);
  // Nor does what somebody puts as a meal point take the place of another kind.
  expect((await put('school')).body).toMatchObject({ status: 409, code: 'conflict' });
  expect((await house.get('/v1/facilities/school')).body).toMatchObject({ kind: 'shelter', location: { lat: 30.65 } });
  // One that has given out meals stays one; one that has not may have been a slip.
  await enter('plain', '2026-11-24', 1);
  const turned = (id: string): Promise<Answered> =>
    house.call('PUT', `/v1/facilities/${id}`, { as: worker, body: { ...facility, kind: 'shelter' } });
  await house.call('PUT', '/v1/facilities/slip', { as: worker, body: facility });
  expect([(await turned('plain')).status, (await turned('slip')).status]).toEqual([409, 200]);
});

test('a worker elsewhere neither makes one nor takes it away; who is a worker of both places moves it', async () => {
  expect((await put('foreign', {}, strangeWorker)).status).toBe(403);
  await put('moved');
  expect((await put('moved', { community: CAOSHIJIE }, strangeWorker)).status).toBe(403);
  expect((await put('moved', { community: DACISI }, worker)).status).toBe(403);
  expect((await put('moved', { community: DACISI }, cityWorker)).status).toBe(200);
  expect((await put('moved', { community: DACISI }, cityWorker, '"1"')).status).toBe(412);
  expect(await idsIn(DACISI)).toEqual(['moved']);
});

test('a list is of a division of any level, by community, in pages that go on from city to city', async () => {
  const [far, farCommunity] = ['5107', '510703002001'];
  for (const code of [far, '510703', '510703002', farCommunity])
    await house.call('PUT', `/v1/divisions/${code}`, { as: ADMIN, body: { name: '某地' } });
  const provinceWorker = { ...cityWorker, division: '51' };
  await put('z-first', { community: ZONGFULU }, provinceWorker);
  await put('a-last', { community: farCommunity }, provinceWorker);
  const all = await idsIn('51', '&limit=100');
  expect(all.at(-1)).toBe('a-last');
  expect(await idsIn('510104')).toEqual(all.slice(0, -1));
  expect(await idsIn('510104020')).toEqual(['z-first']);
  expect(await idsIn('5107')).toEqual(['a-last']);
  expect(await idsIn('52')).toEqual([]);
  const paged: string[] = [];
  for (let cursor = ''; ;) {
    const { body } = await house.get(`/v1/meal-points?division=51&limit=3${cursor}`);
    paged.push(...body.items.map(({ id }: { id: string }) => id));
    if (body.next === null) break;
    cursor = `&cursor=${body.next}`;
  }
  expect(paged).toEqual(all);
  expect((await house.get('/v1/meal-points')).body.errors).toEqual([expect.objectContaining({ path: 'division' })]);
});

test('a community that is no longer in use gets no new one; what is there is kept up', async () => {
  const closing = { code: '510104017009', name: '将撤并社区' };
  await house.call('PUT', `/v1/divisions/${closing.code}`, { as: ADMIN, body: { name: closing.name } });
  expect((await put('closing', { community: closing.code }, cityWorker)).status).toBe(201);
  await house.call('PUT', `/v1/divisions/${closing.code}`, { as: ADMIN, body: { name: closing.name, mergedInto: DACISI } });
  expect((await put('closing', { community: closing.code, phone: '028-84400521' }, cityWorker)).status).toBe(200);
  expect((await put('another', { community: closing.code }, cityWorker)).body.errors).toEqual([
    expect.objectContaining({ path: 'community' }),
  ]);
});

test('meals of a day are entered, corrected and read, one by one and by month; late ones too, none of a day to come', async () => {
  await put('days');
  const made = await enter('days', '2026-11-24', 46, 12);
  expect([made.status, made.headers['location'], made.body]).toEqual([
    201,
    '/v1/meal-points/days/days/2026-11-24',
    { date: '2026-11-24', served: 46, delivered: 12, updatedAt: '2026-11-24T01:00:00.000Z' },
  ]);
  expect((await enter('days', '2026-11-25', 1)).body.errors).toEqual([expect.objectContaining({ path: 'date' })]);
  expect((await enter('days', '1999-12-31', 1)).body.errors).toEqual([expect.objectContaining({ path: 'date' })]);
  expect((await enter('days', '2026-02-30', 1)).status).toBe(404);
  expect((await enter('days', '2026-11-02', 30)).status).toBe(201);
  expect((await enter('days', '2026-10-31', 5)).status).toBe(201);
  expect((await enter('days', '2026-11-24', 47, 12, worker, '"1"')).body).toMatchObject({ served: 47 });
  expect((await enter('days', '2026-11-24', 48, 12, worker, '"1"')).status).toBe(412);
  expect((await house.get('/v1/meal-points/days/days/2026-11-24')).body).toMatchObject({ served: 47, delivered: 12 });
  expect((await house.get('/v1/meal-points/days/days/2026-11-23')).status).toBe(404);
  const { body } = await house.get('/v1/meal-points/days/days?month=2026-11');
  expect(body).toMatchObject({ month: '2026-11', served: 77, delivered: 12, next: null });
  expect(body.items.map(({ date }: { date: string }) => date)).toEqual(['2026-11-02', '2026-11-24']);
  for (const wrong of [{ served: -1, delivered: 0 }, { served: 1.5, delivered: 0 }, { served: 1 }, { served: 1, delivered: 100_001 }])
    expect((await house.call('PUT', '/v1/meal-points/days/days/2026-11-24', { as: worker, body: wrong })).status).toBe(422);
  // What is wrong with the day is told with what is wrong with its meals.
  expect((await enter('days', '2099-01-01', -1)).body.errors.map(({ path }: { path: string }) => path)).toEqual(['served', 'date']);
  expect((await enter('days', '2026-11-24', 1, 0, strangeWorker)).status).toBe(403);
  expect((await enter('no-such', '2026-11-24', 1)).status).toBe(404);
});

test('a day is entered by workers of where it counts, and of where the point stands now; today’s goes along with the point', async () => {
  await put('wanders');
  house.turnTo('2026-11-26T09:00:00+08:00');
  expect((await enter('wanders', '2026-11-26', 7, 0, worker)).status).toBe(201);
  await put('wanders', { community: CAOSHIJIE }, cityWorker);
  const countsIn = async (date: string): Promise<unknown> =>
    (await house.content(['places']))['places']?.get(JSON.stringify(['MEALS#wanders', date]))?.['community'];
  // It was entered where the point stood in the morning, and counts where it stands by now.
  expect(await countsIn('2026-11-26')).toBe(CAOSHIJIE);
  expect((await house.get('/v1/meal-points/wanders/days/2026-11-26')).body).toMatchObject({ served: 7 });
  expect((await enter('wanders', '2026-11-26', 9, 0, worker)).status).toBe(403);
  expect((await enter('wanders', '2026-11-26', 9, 0, strangeWorker)).status).toBe(200);
  // The day before it stood in Shuijingfang, and counts there whoever enters it; before it was known here, where it was first.
  for (const date of ['2026-11-25', '2026-03-01']) {
    expect((await enter('wanders', date, 9, 0, worker)).status).toBe(201);
    expect((await enter('wanders', date, 8, 0, strangeWorker)).status).toBe(200);
    expect((await enter('wanders', date, 8, 0, { ...worker, division: ZONGFULU })).status).toBe(403);
    expect(await countsIn(date)).toBe(SHUIJINGFANG);
  }
});

test('days after a community has merged are refused until the point stands in one that is in use, and count there; those before it stand', async () => {
  const merging = '510104017008';
  const name8 = { name: '撤并社区' };
  await house.call('PUT', `/v1/divisions/${merging}`, { as: ADMIN, body: name8 });
  await put('merged', { community: merging }, cityWorker);
  house.turnTo('2026-11-28T09:00:00+08:00');
  await house.call('PUT', `/v1/divisions/${merging}`, { as: ADMIN, body: { ...name8, mergedInto: DACISI } });
  house.turnTo('2026-11-30T09:00:00+08:00');
  expect((await enter('merged', '2026-11-27', 5, 0, cityWorker)).status).toBe(201);
  for (const date of ['2026-11-28', '2026-11-30']) {
    const refused = await enter('merged', date, 5, 0, cityWorker);
    expect([refused.status, refused.body.code]).toEqual([409, 'conflict']);
    expect(refused.body.detail).toContain(DACISI);
  }
  await put('merged', { community: DACISI }, cityWorker);
  for (const date of ['2026-11-28', '2026-11-30']) expect((await enter('merged', date, 5, 0, cityWorker)).status).toBe(201);
  const items = (await house.content(['places']))['places'];
  expect(['27', '28', '30'].map((date) => items?.get(JSON.stringify(['MEALS#merged', `2026-11-${date}`]))?.['community'])).toEqual([
    merging,
    DACISI,
    DACISI,
  ]);
});

/** What happens between another call’s look and its write. */
const meanwhile = async (write: RegExp, happens: () => Promise<unknown>, call: () => Promise<Answered>): Promise<Answered> => {
  let done = false;
  house.faults.watch(async ({ command }) => {
    if (done || !write.test(command)) return;
    done = true;
    await happens();
  });
  try {
    return await call();
  } finally {
    house.faults.watch(undefined);
    expect(done).toBe(true);
  }
};

test('a day is written where its point stands: not where it stood a moment ago, nor where it has become another kind', async () => {
  house.turnTo('2026-12-02T09:00:00+08:00');
  const write = /^(?:Put|TransactWrite)/;
  const day = '2026-12-02';
  const countsIn = async (id: string): Promise<unknown> =>
    (await house.content(['places']))['places']?.get(JSON.stringify([`MEALS#${id}`, day]))?.['community'];
  await put('raced');
  const move = (id: string): Promise<Answered> => put(id, { community: CAOSHIJIE }, cityWorker);
  const entered = await meanwhile(
    write,
    () => move('raced'),
    () => enter('raced', day, 7, 0, cityWorker),
  );
  expect([entered.status, await countsIn('raced')]).toEqual([201, CAOSHIJIE]);
  await put('raced-again');
  const moved = await meanwhile(
    write,
    () => enter('raced-again', day, 7),
    () => move('raced-again'),
  );
  expect([moved.status, await countsIn('raced-again')]).toEqual([200, CAOSHIJIE]);
  const facility = (id: string, kind: string): Promise<Answered> =>
    house.call('PUT', `/v1/facilities/${id}`, {
      as: worker,
      body: { kind, name, community: SHUIJINGFANG, location: { lat: 30.65, long: 104.1 } },
    });
  for (const id of ['becomes', 'stays']) await facility(id, 'mealPoint');
  const late = await meanwhile(
    write,
    () => facility('becomes', 'shelter'),
    () => enter('becomes', '2026-11-02', 7),
  );
  expect(late.status).toBe(404);
  const turned = await meanwhile(
    write,
    () => enter('stays', '2026-11-02', 7),
    () => facility('stays', 'shelter'),
  );
  expect([turned.status, turned.body.code]).toEqual([409, 'conflict']);
});

test('who does not ask for a version is never told of a race: twenty at once are entered one after the other', async () => {
  await put('busy');
  const entered = await Promise.all(Array.from({ length: 20 }, (_, served) => enter('busy', '2026-11-24', served)));
  expect(entered.map(({ status }) => status).toSorted()).toEqual([...Array.from({ length: 19 }, () => 200), 201]);
  expect((await house.get('/v1/meal-points/busy/days/2026-11-24')).headers['etag']).toBe('"20"');
  const puts = await Promise.all(Array.from({ length: 4 }, (_, capacity) => put('busy', { capacity })));
  expect(puts.map(({ status }) => status)).toEqual([200, 200, 200, 200]);
  const asked = await Promise.all(Array.from({ length: 4 }, (_, served) => enter('busy', '2026-11-24', served, 0, worker, '"20"')));
  expect(asked.map(({ status }) => status).toSorted()).toEqual([200, 412, 412, 412]);
});
