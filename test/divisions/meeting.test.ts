/** Which communities a shape meets: as far as each reaches, and none that it does not. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { divisionsReader } from '../../functions/divisions/reader.ts';
import type { Position } from '../../functions/kernel/position.ts';
import { metresToShape, type Shape } from '../../functions/kernel/shape.ts';
import { LONG, newSeed, seeded } from '../support/faults.ts';
import { openHouse, type House } from '../support/house.ts';
import { ADMIN } from '../support/world.ts';

let house: House;
beforeAll(async () => {
  house = await openHouse();
});
afterAll(() => house.stop());

const put = (code: string, location: Position | undefined, more: object = {}) =>
  house.call('PUT', `/v1/divisions/${code}`, {
    as: ADMIN,
    body: { name: `社区 ${code}`, ...(location === undefined ? {} : { location }), ...more },
  });
const meeting = (shape: Shape): Promise<readonly string[]> => divisionsReader(house.runtime.database).meeting(shape);
const circle = (lat: number, long: number, radiusKm: number): Shape => ({ circle: { lat, long, radiusKm } });

test('a community reaches 1 km around its location unless it says otherwise; without one it is met by nothing', async () => {
  await put('510105006101', { lat: 10, long: 100 });
  await put('510105006102', { lat: 10, long: 100.1 }, { radiusKm: 5 });
  await put('510105006103', undefined);
  await put('510105006104', { lat: 10, long: 100 }, { active: false });
  // 0.018 degrees are 2 km.
  expect(await meeting(circle(10, 100.018, 0.9))).toEqual([]);
  expect(await meeting(circle(10, 100.018, 1.1))).toEqual(['510105006101']);
  expect(await meeting(circle(10, 100.05, 0.6))).toEqual(['510105006102']);
});

test('one that reaches far is met from far, and none reaches farther than is looked', async () => {
  await put('510105006105', { lat: 20, long: 100 }, { radiusKm: 100 });
  expect(await meeting(circle(20, 100.94, 0.1))).toEqual(['510105006105']);
  const { status, body } = await put('510105006105', { lat: 20, long: 100 }, { radiusKm: 100.1 });
  expect([status, body.errors]).toEqual([422, [expect.objectContaining({ path: 'radiusKm' })]]);
});

test('of many, those that looking at all of them finds', async () => {
  const random = seeded(newSeed('meeting'));
  const between = (from: number, to: number): number => from + random() * (to - from);
  const MANY = LONG ? 900 : 200;
  const communities = Array.from({ length: MANY }, (_, index) => ({
    code: `510105006${String(100 + index).padStart(3, '0')}`,
    location: { lat: between(29, 32), long: between(103, 106) },
    radiusKm: index % 10 === 0 ? between(1, 60) : 1,
  }));
  for (let from = 0; from < MANY; from += 50)
    await Promise.all(communities.slice(from, from + 50).map(({ code, location, radiusKm }) => put(code, location, { radiusKm })));
  const shapes: readonly Shape[] = [
    circle(30.5, 104.5, 40),
    circle(30.5, 104.5, 0.001),
    {
      polygon: [
        [29.5, 103.5],
        [29.5, 105],
        [30, 104.2],
        [31.5, 105.5],
        [31, 103.2],
        [29.5, 103.5],
      ].map(([lat = 0, long = 0]) => ({ lat, long })),
    },
    // Across the whole country.
    circle(35, 105, 2500),
  ];
  for (const shape of shapes) {
    const found = (await meeting(shape)).filter((code) => communities.some((each) => each.code === code));
    const wanted = communities.filter(({ location, radiusKm }) => metresToShape(location, shape) <= Number(radiusKm.toFixed(3)) * 1000);
    expect(found).toEqual(wanted.map(({ code }) => code).toSorted());
  }
});
