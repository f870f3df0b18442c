import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { metresBetween, metresToBox, type Position } from '../../functions/kernel/position.ts';
import { LONG } from '../support/faults.ts';

const RUNS = LONG ? 5000 : 500;
const degrees = (most: number): fc.Arbitrary<number> => fc.double({ min: -most, max: most, noNaN: true });
const anywhere: fc.Arbitrary<Position> = fc.record({ lat: degrees(90), long: degrees(180) });

test('distances are those of the sphere', () => {
  // A degree of the equator, and of any meridian, is a 360th of the way round.
  const degree = (2 * Math.PI * 6_371_008.77) / 360;
  expect(metresBetween({ lat: 0, long: 179.5 }, { lat: 0, long: -179.5 })).toBeCloseTo(degree, 3);
  expect(metresBetween({ lat: 30, long: 104 }, { lat: 31, long: 104 })).toBeCloseTo(degree, 3);
  expect(metresBetween({ lat: 89.5, long: 10 }, { lat: 89.5, long: -170 })).toBeCloseTo(degree, 3);
  expect(metresBetween({ lat: -20, long: 30 }, { lat: 20, long: -150 })).toBeCloseTo(180 * degree, 0);
  expect(metresBetween({ lat: 30.657_4, long: 104.065_8 }, { lat: 30.657_4, long: 104.065_8 })).toBe(0);
});

test('no point of a box is nearer than the box, and one is no farther', () => {
  const part = fc.double({ min: 0, max: 1, noNaN: true });
  fc.assert(
    fc.property(anywhere, anywhere, anywhere, fc.array(fc.tuple(part, part), { maxLength: 20 }), (from, one, other, parts) => {
      const [south, north] = [Math.min(one.lat, other.lat), Math.max(one.lat, other.lat)];
      const [west, east] = [Math.min(one.long, other.long), Math.max(one.long, other.long)];
      const metres = metresToBox(from, { south, west, north, east });
      const inside = (up: number, along: number): Position => ({ lat: south + up * (north - south), long: west + along * (east - west) });
      for (const [up, along] of parts) expect(metresBetween(from, inside(up, along))).toBeGreaterThan(metres - 0.001);
      const steps = Array.from({ length: 201 }, (_, index) => index / 200);
      const nearest = Math.min(
        ...steps.flatMap((step) =>
          [inside(step, 0), inside(step, 1), inside(0, step), inside(1, step)].map((edge) => metresBetween(from, edge)),
        ),
      );
      const isInside = from.lat >= south && from.lat <= north && from.long >= west && from.long <= east;
      // A 200th of an edge may lie between two of them.
      const step =
        Math.max(metresBetween({ lat: south, long: west }, { lat: north, long: west }), 20_020_000 * ((east - west) / 180)) / 200;
      if (isInside) expect(metres).toBe(0);
      else expect(nearest - metres).toBeLessThan(step + 0.001);
    }),
    { numRuns: RUNS },
  );
});
