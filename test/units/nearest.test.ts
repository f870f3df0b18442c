/** What it costs to find the community nearest to a position, in a city of 3,047 communities that all have one. */
import { parse } from 'csv-parse/sync';
import * as fc from 'fast-check';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { MOST_METRES } from '../../functions/kernel/nearest.ts';
import { divisionFrom } from '../../functions/divisions/put.ts';
import { divisionsReader } from '../../functions/divisions/reader.ts';
import { indexKeyOf } from '../../functions/divisions/repository.ts';
import { divisionsTable } from '../../functions/divisions/table.ts';
import type { DivisionCode } from '../../functions/kernel/division.ts';
import { metresBetween, type Position } from '../../functions/kernel/position.ts';
import type { Instant } from '../../functions/kernel/time.ts';
import { openHouse, type House } from '../support/house.ts';
import { ADMIN } from '../support/world.ts';
import { expectAgreement } from './support/agreement.ts';
import { Meter } from './support/meter.ts';

const FILE = join(import.meta.dirname, '..', 'fixtures', 'divisions-chengdu.csv');
const COMMUNITIES = parse<{ readonly code: string }>(readFileSync(FILE), { columns: true })
  .map(({ code }) => code)
  .filter((code) => code.length === 12);

/** Streets lie all over the city's 14,000 km², most of them near its middle; communities within 3 km of their street. */
const around = ({ lat, long }: Position, degrees: number): fc.Arbitrary<Position> =>
  fc
    .tuple(fc.nat({ max: 1_000_000 }), fc.nat({ max: 1_000_000 }))
    .map(([a, b]) => [a / 1_000_000, (2 * Math.PI * b) / 1_000_000] as const)
    .map(([far, turn]) => ({ lat: lat + far * degrees * Math.sin(turn), long: long + far * degrees * Math.cos(turn) }));
const MIDDLE = { lat: 30.66, long: 104.06 };
const sample = <T>(values: fc.Arbitrary<T>, count: number): readonly T[] =>
  fc.sample(fc.noBias(values), { numRuns: count, seed: 20_261_124 });

const STREETS = [...new Set(COMMUNITIES.map((code) => code.slice(0, 9)))];
const MIDDLES = new Map(sample(around(MIDDLE, 0.6), STREETS.length).map((middle, index) => [STREETS[index], middle]));
const PLACES: ReadonlyMap<string, Position> = new Map(
  [...MIDDLES].flatMap(([street = '', middle]) => {
    const codes = COMMUNITIES.filter((code) => code.startsWith(street));
    const toMetres = (degrees: number): number => Number(degrees.toFixed(5));
    return sample(around(middle, 0.03), codes.length).map(
      ({ lat, long }, index) => [codes[index] ?? '', { lat: toMetres(lat), long: toMetres(long) }] as const,
    );
  }),
);

const meter = new Meter();
let house: House;
beforeAll(async () => {
  house = await openHouse();
  meter.attach(house.client);
  // As PUT would write them, 25 at a time.
  const items = [...PLACES].map(([code, location]) => {
    const stamp = { requestId: 'test', changedAt: '2026-11-24T01:00:00.000Z' as Instant };
    const division = divisionFrom(code as DivisionCode, { name: '某社区', location }, undefined, stamp);
    return [code, { ...division, ...indexKeyOf(division) }] as const;
  });
  const above = new Set([...PLACES].flatMap(([code]) => [2, 4, 6, 9].map((length) => code.slice(0, length))));
  for (const code of above)
    items.push([
      code,
      divisionFrom(code as DivisionCode, { name: '某地' }, undefined, {
        requestId: 'test',
        changedAt: '2026-11-24T01:00:00.000Z' as Instant,
      }),
    ]);
  await house.restore({ [divisionsTable.name]: new Map(items) }, { [divisionsTable.name]: new Map() });
});
afterAll(() => house.stop());

/** What is nearest, which is what looking at all of them finds, and the units that it took. */
const search = async (from: Position, within = ''): Promise<number> => {
  let found: string | undefined;
  const metered = await meter.of(async () => {
    const reader = divisionsReader(house.runtime.database);
    found = (await reader.nearest(from, within === '' ? undefined : (within as DivisionCode)))?.code;
  });
  expectAgreement(metered);
  let nearest: { readonly code?: string; readonly metres: number } = { metres: within.length < 4 ? MOST_METRES : Number.POSITIVE_INFINITY };
  for (const [code, place] of PLACES) {
    const metres = metresBetween(from, place);
    if (code.startsWith(within) && metres < nearest.metres) nearest = { code, metres };
  }
  expect(found).toBe(nearest.code);
  expect(metered.write).toBe(0);
  return metered.read;
};

const searches = async (places: fc.Arbitrary<Position>, count: number): Promise<{ readonly usual: number; readonly most: number }> => {
  const units: number[] = [];
  for (const place of sample(places, count)) units.push(await search(place));
  return { usual: units.toSorted((a, b) => a - b)[count / 2] ?? 0, most: Math.max(...units) };
};

test('in the city it takes 2.5 read units, one of them to see that the community is still there, and 5 at most', async () => {
  const { usual, most } = await searches(around(MIDDLE, 0.6), 60);
  expect(usual).toBe(2.5);
  expect(most).toBeLessThanOrEqual(5);
});

test('beside the city, with nothing for tens of kilometres, it takes 25 at most', async () => {
  expect((await searches(around({ lat: 31.3, long: 104.9 }, 0.25), 10)).most).toBeLessThanOrEqual(25);
});

test('where nothing is within 100 km, it takes half a unit for each cell of 1.4° that is', async () => {
  for (const from of [
    { lat: 20, long: 100 },
    { lat: 0, long: 0 },
  ])
    expect(await search(from)).toBe(2);
});

test('within a division it takes no more than what lies between, and 70 where that is the whole city', async () => {
  expect(await search(MIDDLE, '510104')).toBeLessThanOrEqual(15);
  // All 3,047 entries are 290 KB: 35 units.
  expect(await search(MIDDLE, '52')).toBeLessThanOrEqual(70);
});

test('farther away than that, a city is gone through: half a unit for each street of it, up to 32 communities in each', async () => {
  const used = await search({ lat: 40.7, long: -73.9 }, '5101');
  expect(used).toBeGreaterThan(100);
  expect(used).toBeLessThanOrEqual(300);
});

test('a location takes 1 write unit when it comes or goes, 2 when it moves, and none when something else changes', async () => {
  const put = async (body: Readonly<Record<string, unknown>>): Promise<readonly number[]> => {
    const metered = await meter.of(() =>
      house.call('PUT', '/v1/divisions/510104017001', { as: ADMIN, body: { name: '水井坊社区', ...body } }),
    );
    expectAgreement(metered);
    return [metered.read, metered.write];
  };
  await put({});
  expect(await put({ location: MIDDLE })).toEqual([1.5, 2]);
  expect(await put({ location: MIDDLE, population: 5200 })).toEqual([1.5, 1]);
  expect(await put({ location: { ...MIDDLE, long: 104.07 } })).toEqual([1.5, 3]);
  expect(await put({})).toEqual([1.5, 2]);
});
