/** The community nearest to a position, against looking at all of them. */
import * as fc from 'fast-check';
import ngeohash from 'ngeohash';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Database } from '../../functions/data/database.ts';
import { divisionsReader } from '../../functions/divisions/reader.ts';
import type { DivisionCode } from '../../functions/kernel/division.ts';
import { MOST_METRES, nearestOf, placeOf, rangeOf, type Entry } from '../../functions/kernel/nearest.ts';
import { metresBetween, type Position } from '../../functions/kernel/position.ts';
import { LONG } from '../support/faults.ts';
import { openHouse, type House } from '../support/house.ts';
import { ADMIN } from '../support/world.ts';

const RUNS = LONG ? 500 : 50;

const bruteForce = (from: Position, entries: readonly Entry<string>[], count: number): readonly string[] =>
  entries
    .filter(({ location }) => metresBetween(from, location) <= MOST_METRES)
    .toSorted((a, b) => metresBetween(from, a.location) - metresBetween(from, b.location) || (a.id < b.id ? -1 : 1))
    .slice(0, count)
    .map(({ id }) => id);

/** An index as DynamoDB would have it, and how often it was asked. */
const indexOf = (entries: readonly Entry<string>[]) => {
  const sorted = entries
    .map((entry) => ({ ...entry, ...placeOf(entry.location, entry.id) }))
    .toSorted((a, b) => (a.place < b.place ? -1 : 1));
  let asked = 0;
  return {
    asked: () => asked,
    read: (name: string, limit = 1000, after?: Record<string, unknown>) => {
      asked++;
      const { partition, from, to } = rangeOf(name);
      const start = Number(after?.['start'] ?? 0);
      const all = sorted.filter(({ cell, place }) => cell === partition && place >= from && place <= to);
      const page = all.slice(start, start + limit);
      return Promise.resolve({ entries: page, after: start + limit < all.length ? { start: start + limit } : undefined });
    },
  };
};

const within = (from: number, to: number): fc.Arbitrary<number> => fc.double({ min: from, max: to, noNaN: true });
/** Corners and edges of cells, and a hair beside them. */
const borders = (places: fc.Arbitrary<Position>): fc.Arbitrary<Position> =>
  fc
    .tuple(places, fc.integer({ min: 3, max: 9 }), within(0, 1), fc.constantFrom(0, 1e-12, -1e-12, 1e-6, -1e-6))
    .map(([at, length, along, beside]) => {
      const [south, west, north] = ngeohash.decode_bbox(ngeohash.encode(at.lat, at.long, length));
      const side = along < 0.3 ? 0 : along;
      return { lat: Math.max(-90, south + side * (north - south)), long: Math.max(-180, west + beside) };
    });
const region = (south: number, west: number, north: number, east: number): fc.Arbitrary<Position> => {
  const places = fc.record({ lat: within(south, north), long: within(west, east) });
  return fc.oneof(places, borders(places));
};
const antimeridian = fc.record({
  lat: within(-17, -16),
  long: fc.oneof(within(179.3, 180), within(-180, -179.3), fc.constantFrom(180, -180)),
});
const pole = fc.record({ lat: fc.oneof(within(89, 90), fc.constant(90)), long: within(-180, 180) });

/** Some of a place: all over it, or in villages so close together that cells of any size are crowded. */
const settled = (places: fc.Arbitrary<Position>, most: number): fc.Arbitrary<Entry<string>[]> =>
  fc
    .array(
      fc.tuple(places, fc.constantFrom(1, 1, 1, 2, 50), fc.constantFrom(0, 1e-7, 1e-5, 1e-3)).map(([at, count, apart]) =>
        Array.from({ length: count }, (_, index) => ({
          lat: Math.min(90, at.lat + (index % 7) * apart),
          long: Math.min(180, at.long + (index % 11) * apart),
        })),
      ),
      { maxLength: most },
    )
    .map((villages) => villages.flat().map((location, index) => ({ id: String(index).padStart(12, '0'), location })));

describe('the nearest is what looking at all of them finds', () => {
  // A search at a pole looks at 512 cells.
  const regions = [
    ['in a county', region(30.5, 104, 30.7, 104.2), RUNS],
    ['in a province', region(28, 102, 33, 107), RUNS],
    ['on the antimeridian', antimeridian, RUNS],
    ['at a pole', pole, RUNS / 10],
    ['at 0°, 0°', region(-0.5, -0.5, 0.5, 0.5), RUNS],
  ] as const;
  test.for(regions)('%s', async ([, places, runs]) => {
    await fc.assert(
      fc.asyncProperty(settled(places, 60), fc.array(places, { minLength: 1, maxLength: 5 }), async (entries, points) => {
        const index = indexOf(entries);
        for (const from of [...points, ...entries.slice(0, 2).map(({ location }) => location)]) {
          const idsOf = async (accepts: (id: string) => boolean, count: number): Promise<readonly string[]> =>
            (await nearestOf({ from, read: index.read, accepts, count })).map(({ id }) => id);
          const isEven = (id: string): boolean => Number(id) % 2 === 0;
          expect(await idsOf(() => true, 1)).toEqual(bruteForce(from, entries, 1));
          expect(await idsOf(isEven, 1)).toEqual(
            bruteForce(
              from,
              entries.filter(({ id }) => isEven(id)),
              1,
            ),
          );
          expect(await idsOf(() => true, 7)).toEqual(bruteForce(from, entries, 7));
        }
      }),
      { numRuns: runs },
    );
  });
});

test('a search is bounded where there is nothing, everything at one place, or nothing that is accepted', async () => {
  const chengdu = { lat: 30.65, long: 104.08 };
  const search = async (entries: readonly Entry<string>[], from = chengdu, accepts = true): Promise<number> => {
    const index = indexOf(entries);
    await nearestOf({ from, read: index.read, accepts: () => accepts, count: 1 });
    return index.asked();
  };
  const heap = Array.from({ length: 1000 }, (_, index) => ({ id: String(index).padStart(12, '0'), location: chengdu }));
  expect(await search([])).toBeLessThanOrEqual(4);
  expect(await search([], { lat: 53.5, long: 123 })).toBeLessThanOrEqual(9);
  expect(await search([], { lat: 90, long: 0 })).toBeLessThanOrEqual(512);
  // The way down to them, a page, and the others.
  expect(await search(heap)).toBeLessThanOrEqual(10);
  expect(await search(heap, { lat: 30.7, long: 104.1 }, false)).toBeLessThanOrEqual(100);
});

describe('of divisions', () => {
  let house: House;
  beforeAll(async () => {
    house = await openHouse();
  });
  afterAll(() => house.stop());

  const CHUNXI = '510104020002';
  const SHUIJING = '510104017001';
  const CAOSHI = '510105006001';
  const put = async (code: string, body: Readonly<Record<string, unknown>>): Promise<void> =>
    expect((await house.call('PUT', `/v1/divisions/${code}`, { as: ADMIN, body: { name: '某社区', ...body } })).status).toBeLessThan(300);
  const nearest = async (lat: number, long: number, prefix?: string): Promise<string | undefined> =>
    (await divisionsReader(house.runtime.database).nearest({ lat, long }, prefix as DivisionCode | undefined))?.code;

  test('it is an active community that has a location, within a division where one is named', async () => {
    expect(await nearest(30.65, 104.08)).toBeUndefined();
    await put(SHUIJING, { location: { lat: 30.6523, long: 104.0885 } });
    await put(CHUNXI, { location: { lat: 30.6558, long: 104.0788 } });
    await put(CAOSHI, { location: { lat: 30.6717, long: 104.0703 } });
    // Streets and counties are nobody's answer.
    await put('510104017', { location: { lat: 30.65, long: 104.085 } });
    await put('510104', { location: { lat: 30.656, long: 104.083 } });
    expect(await nearest(30.6525, 104.087)).toBe(SHUIJING);
    expect(await nearest(30.6559, 104.078)).toBe(CHUNXI);
    expect(await nearest(30.6559, 104.078, '510105')).toBe(CAOSHI);
    expect(await nearest(30.6559, 104.078, '510104017')).toBe(SHUIJING);
    expect(await nearest(30.6559, 104.078, '52')).toBeUndefined();
    expect((await divisionsReader(house.runtime.database).nearest({ lat: 30.6525, long: 104.087 }))?.location).toEqual({
      lat: 30.6523,
      long: 104.0885,
    });
    // What lies more than 100 km away is nobody's neighbour.
    expect(await nearest(31.5, 104.08)).toBe(CAOSHI);
    expect(await nearest(31.6, 104.08)).toBeUndefined();
    expect(await nearest(0, 0)).toBeUndefined();
    expect(await nearest(0, 0, '51')).toBeUndefined();
    // In a city or less it is looked for, however far.
    expect(await nearest(31.6, 104.08, '5101')).toBe(CAOSHI);
    expect(await nearest(0, 0, '510104017')).toBe(SHUIJING);
    expect(await nearest(0, 0, SHUIJING)).toBe(SHUIJING);
  });

  test('it moves with its location, and goes with it', async () => {
    await put(CHUNXI, { location: { lat: 30.6, long: 104.2 } });
    expect([await nearest(30.6559, 104.078, '510104'), await nearest(30.6, 104.19)]).toEqual([SHUIJING, CHUNXI]);
    await put(CHUNXI, {});
    expect(await nearest(30.6, 104.19)).toBe(SHUIJING);
    // Telephones in China say where they are in GCJ-02.
    await put(CHUNXI, { location: { lat: 30.6534, long: 104.0813, datum: 'gcj02' } });
    const { body } = await house.get(`/v1/divisions/${CHUNXI}`);
    expect(body.location.lat).not.toBe(30.6534);
    expect(await nearest(body.location.lat, body.location.long)).toBe(CHUNXI);
  });

  test('it is not what is out of use, or became part of another', async () => {
    const there = { location: { lat: 30.6, long: 104.2 } };
    await put(CHUNXI, { ...there, active: false });
    expect(await nearest(30.6, 104.2)).toBe(SHUIJING);
    await put(CHUNXI, there);
    expect(await nearest(30.6, 104.2)).toBe(CHUNXI);
    await put(CHUNXI, { ...there, mergedInto: '510104020001' });
    expect(await nearest(30.6, 104.2)).toBe(SHUIJING);
    await put(CHUNXI, { ...there, mergedInto: '510104020001', active: true });
    expect(await nearest(30.6, 104.2)).toBe(SHUIJING);
  });

  test('it is not what the index has had until a moment ago', async () => {
    const { database } = house.runtime;
    const pages = new Map<string, unknown>();
    const at = async (query: Database['query']): Promise<string | undefined> =>
      (await divisionsReader({ ...database, query }).nearest({ lat: 30.6, long: 104.2 }))?.code;
    await put(CHUNXI, { location: { lat: 30.6, long: 104.2 } });
    const seen = await at(async (...asked) => {
      const page = await database.query(...asked);
      pages.set(JSON.stringify(asked), page);
      return page as never;
    });
    const behind = (): Promise<string | undefined> =>
      at((...asked) => (pages.get(JSON.stringify(asked)) ?? database.query(...asked)) as never);
    expect([seen, await behind()]).toEqual([CHUNXI, CHUNXI]);
    await put(CHUNXI, { location: { lat: 30.7, long: 104.2 } });
    expect(await behind()).toBe(SHUIJING);
    await put(CHUNXI, { location: { lat: 30.6, long: 104.2 }, active: false });
    expect(await behind()).toBe(SHUIJING);
    await put(CHUNXI, { mergedInto: '510104020001' });
  });

  test('a file brings locations, and moves them', async () => {
    const send = async (row: Readonly<Record<string, string>>): Promise<unknown> =>
      (await house.post('/v1/imports/divisions', ADMIN, { rows: [{ line: 2, code: CHUNXI, name: '某社区', ...row }] })).body;
    expect(await send({ lat: '30.7', long: '104.3', active: 'true' })).toMatchObject({ changed: 1, errors: [] });
    // It still says that it became part of another.
    expect(await nearest(30.7, 104.3)).toBe(SHUIJING);
    await put(CHUNXI, {});
    expect(await send({ lat: '30.7', long: '104.3' })).toMatchObject({ changed: 1 });
    expect(await nearest(30.7, 104.3)).toBe(CHUNXI);
    expect(await send({ lat: '30.5', long: '104.3' })).toMatchObject({ changed: 1 });
    expect([await nearest(30.7, 104.3), await nearest(30.5, 104.3)]).toEqual([SHUIJING, CHUNXI]);
    // What a file does not say stays.
    expect(await send({ lat: '', long: '' })).toMatchObject({ unchanged: 1 });
    expect(await nearest(30.5, 104.3)).toBe(CHUNXI);
    expect(await send({ lat: '30.5' })).toMatchObject({ errors: [{ line: 2, path: 'long' }] });
    expect(await send({ lat: '95', long: '104' })).toMatchObject({ errors: [{ line: 2, path: 'location.lat' }] });
  });
});
