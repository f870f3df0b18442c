/** Circles and polygons: what is one, how far it is, and what lies around it. */
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { metresBetween, type Position } from '../../functions/kernel/position.ts';
import { boxAround, metresToShape, polygonFault } from '../../functions/kernel/shape.ts';

const at = (lat: number, long: number): Position => ({ lat, long });
const closed = (...points: readonly Position[]): readonly Position[] => [...points, ...points.slice(0, 1)];
const SQUARE = closed(at(30, 104), at(30, 105), at(31, 105), at(31, 104));

test('a polygon ends where it begins, has three corners, and neither crosses nor touches itself', () => {
  expect(polygonFault(SQUARE)).toBeUndefined();
  expect(polygonFault(SQUARE.toReversed())).toBeUndefined();
  // Who lingers, and goes on straight, has done nothing wrong.
  expect(polygonFault(closed(at(30, 104), at(30, 104), at(30, 104.5), at(30, 105), at(31, 105), at(31, 104)))).toBeUndefined();
  expect(polygonFault([])).toBe('few');
  expect(polygonFault(SQUARE.slice(0, 3))).toBe('few');
  expect(polygonFault(closed(at(30, 104), at(30, 105), at(30, 105)))).toBe('few');
  expect(polygonFault(SQUARE.slice(0, -1))).toBe('open');
  expect(polygonFault(closed(at(30, 104), at(31, 105), at(30, 105), at(31, 104)))).toBe('crossing');
  // A figure of eight that touches itself in a corner, a needle, and a way there and back.
  expect(polygonFault(closed(at(30, 104), at(30.5, 104.5), at(30, 105), at(31, 105), at(30.5, 104.5), at(31, 104)))).toBe('crossing');
  expect(polygonFault(closed(at(30, 104), at(30, 105), at(31, 105), at(32, 105), at(31, 105), at(31, 104)))).toBe('crossing');
  expect(polygonFault(closed(at(30, 104), at(30, 105), at(30, 104.5)))).toBe('crossing');
});

test('thousands of corners are looked at in a moment', () => {
  const round = closed(
    ...Array.from({ length: 3000 }, (_, index) => {
      const angle = (index / 3000) * 2 * Math.PI;
      return at(30 + Math.sin(angle), 104 + Math.cos(angle));
    }),
  );
  expect(polygonFault(round)).toBeUndefined();
});

test('it is no way into a shape from within, and from beside it the nearest edge or corner counts', () => {
  expect(metresToShape(at(30.5, 104.5), { polygon: SQUARE })).toBe(0);
  expect(metresToShape(at(30, 104), { polygon: SQUARE })).toBe(0);
  const south = metresToShape(at(29.99, 104.5), { polygon: SQUARE });
  expect(Math.abs(south - metresBetween(at(29.99, 104.5), at(30, 104.5)))).toBeLessThan(1);
  const corner = metresToShape(at(31.01, 105.01), { polygon: SQUARE });
  expect(Math.abs(corner - metresBetween(at(31.01, 105.01), at(31, 105)))).toBeLessThan(2);
  expect(metresToShape(at(30.5, 104.5), { circle: { ...at(30.5, 104.51), radiusKm: 1 } })).toBe(0);
  expect(Math.round(metresToShape(at(30.5, 104.5), { circle: { ...at(30.5, 104.6), radiusKm: 1 } }))).toBe(
    Math.round(metresBetween(at(30.5, 104.5), at(30.5, 104.6)) - 1000),
  );
});

test('no point of its outline is nearer, and the box around it has all that is near', () => {
  const position = fc.record({ lat: fc.double({ min: 30, max: 31, noNaN: true }), long: fc.double({ min: 104, max: 105, noNaN: true }) });
  const radii = fc.array(fc.double({ min: 0.05, max: 0.5, noNaN: true }), { minLength: 3, maxLength: 12 });
  fc.assert(
    fc.property(position, position, radii, (centre, from, lengths) => {
      // A star around its centre crosses nothing.
      const polygon = closed(
        ...lengths.map((length, index) => {
          const angle = (index / lengths.length) * 2 * Math.PI;
          return at(centre.lat + length * Math.sin(angle), centre.long + length * Math.cos(angle));
        }),
      );
      expect(polygonFault(polygon)).toBeUndefined();
      const metres = metresToShape(from, { polygon });
      const outline = polygon.slice(1).flatMap((end, index) => {
        const start = polygon[index] ?? end;
        return Array.from({ length: 50 }, (_, step) =>
          at(start.lat + ((end.lat - start.lat) * step) / 50, start.long + ((end.long - start.long) * step) / 50),
        );
      });
      const nearest = Math.min(...outline.map((point) => metresBetween(from, point)));
      expect(metres).toBeLessThanOrEqual(nearest * 1.01 + 5);
      if (metres > 0) expect(metres).toBeGreaterThan(nearest * 0.99 - 2500);
      const box = boxAround({ polygon }, metres / 1000 + 1);
      expect(from.lat >= box.south && from.lat <= box.north && from.long >= box.west && from.long <= box.east).toBe(true);
    }),
    { numRuns: 100 },
  );
});
