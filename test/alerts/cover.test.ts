/** An alert is found from wherever it concerns, in few lists, however much it covers. */
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { coverOf, MOST_COVERED } from '../../functions/alerts/cover.ts';
import { concernedBy, covers, type DivisionCode } from '../../functions/kernel/division.ts';
import { listingsOf, listsFor } from '../../functions/kernel/listings.ts';

const digits = (length: number): fc.Arbitrary<string> =>
  fc.array(fc.integer({ min: 1, max: 3 }), { minLength: length, maxLength: length }).map((all) => all.join(''));
/** Few digits, so that they lie in one another. */
const division = fc.constantFrom(2, 4, 6, 9, 12).chain((length) => digits(length)) as fc.Arbitrary<DivisionCode>;

test('what is covered is the fewest divisions that say so', () => {
  expect(coverOf(['510104', '510104017', '510104017001', '5101', '52'] as DivisionCode[])).toEqual(['5101', '52']);
  fc.assert(
    fc.property(fc.array(division, { minLength: 1, maxLength: 40 }), division, (codes, place) => {
      const cover = coverOf(codes);
      expect(codes.some((code) => covers(code, place))).toBe(cover.some((code) => covers(code, place)));
      for (const code of cover) expect(cover.filter((other) => covers(other, code))).toEqual([code]);
    }),
  );
});

test('of more than can be kept it reaches farther, and never less far', () => {
  const many = Array.from(
    { length: 5000 },
    (_, index) =>
      `51${String((index % 5) + 10)}01${String(index % 97).padStart(3, '0')}${String(index % 1000).padStart(3, '0')}` as DivisionCode,
  );
  const cover = coverOf(many);
  expect(cover.length).toBeLessThanOrEqual(MOST_COVERED);
  for (const code of many) expect(cover.some((each) => covers(each, code))).toBe(true);
});

test('whoever looks from a place finds it in one of three lists at most, if and only if it concerns the place', () => {
  fc.assert(
    fc.property(fc.array(division, { minLength: 1, maxLength: 60 }), division, (codes, place) => {
      const cover = coverOf(codes);
      const listings = listingsOf(cover);
      const lists = listsFor(place);
      expect(lists.length).toBeLessThanOrEqual(3);
      const found = listings.some((each) => lists.includes(each.list) && concernedBy(each.cover)(place));
      const concerned = cover.some((code) => covers(code, place) || covers(place, code));
      expect([found, concernedBy(cover)(place)]).toEqual([concerned, concerned]);
    }),
    { numRuns: 500 },
  );
});

test('it is put into fewer lists than a transaction has writes, and is in that of everything', () => {
  const counties = Array.from(
    { length: 2850 },
    (_, index) => `${10 + (index % 31)}${String(index % 12).padStart(2, '0')}${String(index % 99).padStart(2, '0')}` as DivisionCode,
  );
  for (const cover of [coverOf(counties), coverOf(counties.slice(0, 30)), coverOf(['51'] as DivisionCode[])]) {
    const lists = listingsOf(cover).map(({ list }) => list);
    expect(lists.length).toBeLessThan(95);
    expect(new Set(lists).size).toBe(lists.length);
    expect(lists).toContain('ALL');
  }
});
