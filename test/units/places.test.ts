/** What places cost: exact, from consumed capacity. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openHouse, type House } from '../support/house.ts';
import { SHUIJINGFANG, worker } from '../support/people.ts';
import { expectAgreement } from './support/agreement.ts';
import { Meter } from './support/meter.ts';

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
const unitsOf = async (work: () => Promise<unknown>): Promise<object> => {
  const done = await meter.of(work);
  expectAgreement(done);
  const { read, write, writeCalls } = done;
  return { read, write, writeCalls };
};

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
