/** What places cost: exact, from consumed capacity. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openHouse, type House } from '../support/house.ts';
import { DACISI, dispatcher, SHUIJINGFANG, worker } from '../support/people.ts';
import { Meter } from './support/meter.ts';
import { unitsBy } from './support/units-by.ts';

const meter = new Meter();
let house: House;
beforeAll(async () => {
  house = await openHouse();
  meter.attach(house.client);
});
afterAll(() => house.stop());

const put = (id: string, lat: number, more: object = {}) =>
  house.call('PUT', `/v1/facilities/${id}`, {
    as: worker,
    body: { kind: 'shelter', name: { 'zh-CN': '水井坊小学操场' }, community: SHUIJINGFANG, location: { lat, long: 104.0913 }, ...more },
  });
const unitsOf = unitsBy(meter);

test('putting a facility takes 3 write units, the item and two entries; 5 where it moves, 1 where neither place nor kind changes', async () => {
  expect(await unitsOf(() => put('one', 30.6461))).toEqual({ read: 1.5, write: 3, writeCalls: 1 });
  expect(await unitsOf(() => put('one', 30.6461, { capacity: 80 }))).toEqual({ read: 1.5, write: 1, writeCalls: 1 });
  expect(await unitsOf(() => put('one', 30.7))).toEqual({ read: 1.5, write: 5, writeCalls: 1 });
});

test('the nearest 20 of a crowd take 1 unit each and half a one for each cell that is looked into', async () => {
  for (let index = 0; index < 60; index++) await put(`crowd-${index}`, 30.646 + index / 1e5);
  const found = await meter.of(() => house.get('/v1/facilities?near=30.6463,104.0913&kind=shelter&limit=20'));
  expect(found.read).toBeLessThanOrEqual(20 + 6);
  expect(found.write).toBe(0);
  const facility = await unitsOf(() => house.get('/v1/facilities/one'));
  expect(facility).toEqual({ read: 0.5, write: 0, writeCalls: 0 });
});

const inShuijingfang = { name: { 'zh-CN': '水井坊社区长者食堂', en: 'Shuijingfang canteen' }, community: SHUIJINGFANG };
const putAt = (path: string, body: object) => house.call('PUT', `/v1/${path}`, { as: worker, body });

test('a meal point takes the item and its entry of the list, and two more where it has a location; a day of meals 5 with its point’s check, read for ½', async () => {
  const point = { ...inShuijingfang, subsidised: true };
  expect(await unitsOf(() => putAt('meal-points/point', point))).toEqual({ read: 1.5, write: 2, writeCalls: 1 });
  expect(await unitsOf(() => putAt('meal-points/placed', { ...point, location: { lat: 30.6461, long: 104.0913 } }))).toEqual({
    read: 1.5,
    write: 4,
    writeCalls: 1,
  });
  const day = 'meal-points/point/days/2026-11-23';
  expect(await unitsOf(() => putAt(day, { served: 46, delivered: 12 }))).toEqual({ read: 2.5, write: 5, writeCalls: 1 });
  expect(await unitsOf(() => putAt(day, { served: 47, delivered: 12 }))).toEqual({ read: 2.5, write: 4, writeCalls: 1 });
  expect(await unitsOf(() => house.get(`/v1/${day}`))).toEqual({ read: 0.5, write: 0, writeCalls: 0 });
  expect(await unitsOf(() => house.get('/v1/meal-points/point/days?month=2026-11'))).toEqual({ read: 1, write: 0, writeCalls: 0 });
  // Where it moves, today's goes along: the point and its entry twice, the day 2 and its entry twice.
  await putAt('meal-points/point/days/2026-11-24', { served: 1, delivered: 0 });
  const cityWorker = { ...worker, division: '5101' };
  const move = () => house.call('PUT', '/v1/meal-points/point', { as: cityWorker, body: { ...point, community: DACISI } });
  expect(await unitsOf(move)).toEqual({ read: 2.5, write: 8, writeCalls: 1 });
});

test('a list takes ½ a unit each and ½ for 4 KB of its index; childcare on its first page as much again for its sums', async () => {
  for (let index = 0; index < 20; index++)
    await putAt(`childcare/nursery-${index}`, { ...inShuijingfang, offered: 40, taken: 36, waiting: 2 });
  expect(await unitsOf(() => putAt('childcare/one-more', { ...inShuijingfang, offered: 1, taken: 0, waiting: 0 }))).toEqual({
    read: 1.5,
    write: 2,
    writeCalls: 1,
  });
  const { read } = await meter.of(() => house.get('/v1/childcare?division=510104&limit=20'));
  expect(read).toBe(10 + 0.5 + 0.5);
});

test('a claim takes a transaction with its audit entry, and so does a check with its key; reading it 1 write, for the audit', async () => {
  const point = { ...inShuijingfang, entitlements: [{ kind: 'water', account: '8802040170' }] };
  expect(await unitsOf(() => putAt('service-points/service', point))).toEqual({ read: 1.5, write: 6, writeCalls: 1 });
  const check = (key?: string) => house.post('/v1/service-points/service/entitlements/water/check', dispatcher, { granted: true }, { key });
  expect(await unitsOf(() => check('a-key'))).toEqual({ read: 1, write: 6, writeCalls: 1 });
  expect(await unitsOf(() => house.get('/v1/service-points/service', dispatcher))).toEqual({ read: 0.5, write: 1, writeCalls: 1 });
  expect(await unitsOf(() => house.get('/v1/service-points/service'))).toEqual({ read: 0.5, write: 0, writeCalls: 0 });
  // The entries of what is claimed, each point and the name of its community, consistently.
  expect(await unitsOf(() => house.get(`/v1/entitlements.csv?division=${SHUIJINGFANG}`, dispatcher))).toEqual({
    read: 2.5,
    write: 1,
    writeCalls: 1,
  });
});
