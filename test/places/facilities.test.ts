/** Places near somebody: nearest first, right across the borders of cells, and as they are now. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { metresBetween, type Position } from '../../functions/kernel/position.ts';
import { FACILITY_KINDS, type FacilityKind } from '../../functions/places/facility.ts';
import { LONG, newSeed, seeded } from '../support/faults.ts';
import { openHouse, type Answered, type House } from '../support/house.ts';
import { CAOSHIJIE, DACISI, otherWorker, SHUIJINGFANG, strangeWorker, worker } from '../support/people.ts';

let house: House;
beforeAll(async () => {
  house = await openHouse();
});
afterAll(() => house.stop());

const countyWorker = { sub: 'worker-of-the-county', roles: ['worker'], division: '5101' };
const CHENGDU: Position = { lat: 30.6461, long: 104.0913 };
const facility = (more: object = {}): object => ({
  kind: 'shelter',
  name: { 'zh-CN': '水井坊小学操场', en: 'School ground' },
  community: SHUIJINGFANG,
  location: CHENGDU,
  ...more,
});
const put = (id: string, more: object = {}, as = worker, ifMatch?: string): Promise<Answered> =>
  house.call('PUT', `/v1/facilities/${id}`, { as, body: facility(more), ifMatch });
const near = async ({ lat, long }: Position, more = ''): Promise<readonly { id: string; distance: number; kind: string }[]> =>
  (await house.get(`/v1/facilities?near=${lat},${long}${more}`)).body.items;

test('is put by a worker of its community, whole each time, and read by everybody', async () => {
  const made = await put('SJF-1', { capacity: 800, openingHours: '全天', barrierFree: true, phone: '028-12345678' });
  expect([made.status, made.headers['location']]).toEqual([201, '/v1/facilities/SJF-1']);
  expect(made.body).toMatchObject({ id: 'SJF-1', kind: 'shelter', capacity: 800, barrierFree: true, location: CHENGDU });
  expect((await put('SJF-1', { kind: 'mealPoint' }, otherWorker)).body).not.toHaveProperty('capacity');
  expect((await house.get('/v1/facilities/SJF-1')).body).toMatchObject({ kind: 'mealPoint' });
  expect((await put('SJF-1', {}, worker, '"1"')).status).toBe(412);
});

test('who is a worker elsewhere neither makes it nor takes it away to themselves', async () => {
  await put('SJF-2');
  expect((await put('SJF-3', {}, strangeWorker)).status).toBe(403);
  expect((await put('SJF-2', { community: CAOSHIJIE }, strangeWorker)).status).toBe(403);
  expect((await put('SJF-2', { community: CAOSHIJIE }, worker)).status).toBe(403);
  // Who is a worker of both may move it.
  expect((await put('SJF-2', { community: DACISI }, countyWorker)).status).toBe(200);
  expect((await put('SJF-4', { community: '510199999999' }, countyWorker)).body.errors).toEqual([
    expect.objectContaining({ path: 'community' }),
  ]);
});

test('its position may come as phones in China give it, and its id is the caller’s own', async () => {
  const { body } = await put('gcj-1', { location: { lat: 30.6437, long: 104.0938, datum: 'gcj02' } });
  expect(metresBetween(body.location, CHENGDU)).toBeLessThan(100);
  for (const id of ['a_b', 'a#b', 'x'.repeat(65), 'é']) expect((await put(encodeURIComponent(id))).status).toBe(404);
});

test('where somebody is, is latitude and longitude', async () => {
  for (const text of ['', '30.6', '30.6,104.0,1', '104.09,30.64', '30.6;104', 'x,y', '30.6, 104', '1e2,3', '-91,0', '0,181']) {
    const { status, body } = await house.get(`/v1/facilities?near=${encodeURIComponent(text)}`);
    expect([text, status, body.errors?.map(({ path }: { path: string }) => path)]).toEqual([text, 422, ['near']]);
  }
  expect((await house.get('/v1/facilities')).body.errors).toEqual([expect.objectContaining({ path: 'near' })]);
});

test('what has moved, or is of another kind now, is found as it is', async () => {
  await put('moving', { kind: 'microFireStation', location: { lat: 31, long: 104.5 } });
  expect((await near({ lat: 31, long: 104.5 }, '&kind=microFireStation'))[0]?.id).toBe('moving');
  await put('moving', { kind: 'microFireStation', location: { lat: 31.4, long: 104.5 } });
  expect((await near({ lat: 31.4, long: 104.5 }, '&kind=microFireStation'))[0]).toMatchObject({ id: 'moving', distance: 0 });
  await put('moving', { kind: 'servicePoint', location: { lat: 31.4, long: 104.5 } });
  expect(await near({ lat: 31.4, long: 104.5 }, '&kind=microFireStation')).toEqual([]);
});

test('the nearest of thousands are those that looking at all of them finds, in that order', async () => {
  const random = seeded(newSeed('places'));
  const between = (from: number, to: number): number => from + random() * (to - from);
  const MANY = LONG ? 30_000 : 600;
  // Half of them all over the basin, half in a few streets; and some on the very borders of cells.
  const places = Array.from({ length: MANY }, (_, index) => {
    const crowded = index % 2 === 0;
    const location = crowded
      ? { lat: between(30.9, 30.91), long: between(104.9, 104.91) }
      : { lat: between(30, 32), long: between(104.6, 106) };
    const onBorder = index % 20 === 1 ? { lat: 30.9375, long: 105.46875 } : location;
    return { id: `place-${index}`, kind: FACILITY_KINDS[index % FACILITY_KINDS.length] as FacilityKind, location: onBorder };
  });
  for (let from = 0; from < MANY; from += 50) await Promise.all(places.slice(from, from + 50).map(({ id, ...more }) => put(id, more)));
  const wanted = (at: Position, kind: FacilityKind | undefined, count: number): readonly number[] =>
    places
      .filter((each) => kind === undefined || each.kind === kind)
      .map(({ location }) => metresBetween(at, location))
      .filter((metres) => metres <= 100_000)
      .toSorted((a, b) => a - b)
      .slice(0, count)
      .map(Math.round);
  const points: readonly Position[] = [
    { lat: 30.9055, long: 104.9055 },
    { lat: 30.9375, long: 105.46875 },
    { lat: 30.93749999, long: 105.46875001 },
    ...Array.from({ length: LONG ? 200 : 8 }, () => ({ lat: between(30.3, 31.7), long: between(104.9, 105.7) })),
  ];
  for (const at of points)
    for (const [kind, count] of [
      [undefined, 20],
      ['mealPoint', 5],
      ['shelter', 100],
    ] as const) {
      const found = await near(at, `&limit=${count}${kind === undefined ? '' : `&kind=${kind}`}`);
      expect(found.map(({ distance }) => distance)).toEqual(wanted(at, kind, count));
      // Where none of its kind is near, there is none of another.
      if (kind !== undefined) expect(found.filter((each) => each.kind !== kind)).toEqual([]);
    }
});
