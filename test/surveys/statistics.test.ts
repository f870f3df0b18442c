import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import { mean, median, netPromoterScore, wilson, type Frequency } from '../../functions/surveys/statistics.ts';

const ofMany = { numRuns: 500 };
const frequencies = (values: readonly number[]): Frequency[] =>
  [...new Set(values)].map((value) => [value, values.filter((each) => each === value).length]);
const partOf = fc.integer({ min: 1, max: 100_000 }).chain((n) => fc.tuple(fc.integer({ min: 0, max: n }), fc.constant(n)));

describe('a share’s interval', () => {
  it.each([
    [18, 20, 0.698966, 0.972134],
    [4, 20, 0.080658, 0.416017],
    [0, 30, 0, 0.113513],
    [30, 30, 0.886487, 1],
  ])('of %d of %d is that which is published', (count, n, low, high) => {
    expect(wilson(count, n)).toEqual({ low, high });
  });

  // R. G. Newcombe, Statistics in Medicine 17, 1998, table I, method 3, to its four decimals.
  it.each([
    [81, 263, '0.2553', '0.3662'],
    [15, 148, '0.0624', '0.1605'],
    [0, 20, '0.0000', '0.1611'],
    [1, 29, '0.0061', '0.1718'],
  ])('of %d of %d is that of Newcombe’s examples', (count, n, low, high) => {
    const found = wilson(count, n);
    expect([found.low.toFixed(4), found.high.toFixed(4)]).toEqual([low, high]);
  });

  it('holds the share, lies between 0 and 1, and is mirrored with it', () => {
    fc.assert(
      fc.property(partOf, ([count, n]) => {
        const [{ low, high }, other] = [wilson(count, n), wilson(n - count, n)];
        const share = Number((count / n).toFixed(6));
        expect(0 <= low && low <= share && share <= high && high <= 1).toBe(true);
        expect(other.low).toBeCloseTo(1 - high, 6);
        expect(other.high).toBeCloseTo(1 - low, 6);
      }),
      ofMany,
    );
  });

  it('is where the share is one normal deviate of 95 % from each of its ends', () => {
    fc.assert(
      fc.property(partOf, ([count, n]) => {
        for (const end of Object.values(wilson(count, n)).filter((each) => each > 0.001 && each < 0.999)) {
          const deviates = Math.abs(count / n - end) / Math.sqrt((end * (1 - end)) / n);
          expect(Math.abs(deviates - 1.959964)).toBeLessThan(0.02);
        }
      }),
      ofMany,
    );
  });

  it('narrows as more answer alike', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 1000 }), fc.integer({ min: 2, max: 50 }), (n, times) => {
        const count = Math.floor(n / 3);
        const [few, many] = [wilson(count, n), wilson(count * times, n * times)];
        expect(many.high - many.low).toBeLessThan(few.high - few.low);
      }),
      ofMany,
    );
  });
});

describe('the median', () => {
  it('is the value in the middle, and of two there their mean', () => {
    expect(median(frequencies([3, 1, 2]))).toBe(2);
    expect(median(frequencies([4, 1, 2, 3]))).toBe(2.5);
    expect(median(frequencies([1, 1, 5, 5]))).toBe(3);
    expect(median([[7, 0]])).toBe(undefined);
  });

  it('has as many below as above it', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: -50, max: 50 }), { minLength: 1 }), (values) => {
        const middle = median(frequencies(values)) ?? Number.NaN;
        expect(values.filter((each) => each < middle).length).toBeLessThanOrEqual(values.length / 2);
        expect(values.filter((each) => each > middle).length).toBeLessThanOrEqual(values.length / 2);
      }),
      ofMany,
    );
  });
});

describe('the mean', () => {
  it('lies between the least and the greatest, and moves with all of them', () => {
    expect(mean(frequencies([1, 2, 2]))).toBe(1.666667);
    expect(mean([])).toBe(undefined);
    fc.assert(
      fc.property(fc.array(fc.integer({ min: -50, max: 50 }), { minLength: 1 }), fc.integer({ min: -9, max: 9 }), (values, by) => {
        const found = mean(frequencies(values)) ?? Number.NaN;
        expect(found).toBeGreaterThanOrEqual(Math.min(...values));
        expect(found).toBeLessThanOrEqual(Math.max(...values));
        expect(mean(frequencies(values.map((each) => each + by)))).toBeCloseTo(found + by, 5);
      }),
      ofMany,
    );
  });
});

describe('the net promoter score', () => {
  const levels = fc.array(fc.integer({ min: 0, max: 10 }), { minLength: 1 });

  it.each([
    [[9, 10], 100],
    [[0, 6], -100],
    [[7, 8], 0],
    [[10, 9, 8, 7, 6], 20],
    [[10, 6, 6], -33.333333],
  ])('of %j is %d', (values, score) => {
    expect(netPromoterScore(frequencies(values))).toBe(score);
  });
  test('of nobody there is none', () => expect(netPromoterScore([])).toBe(undefined));

  it('is 100 where all promote and −100 where none does, and never grows with another detractor', () => {
    fc.assert(
      fc.property(levels, fc.integer({ min: 0, max: 6 }), (values, detractor) => {
        const score = netPromoterScore(frequencies(values)) ?? Number.NaN;
        expect(Math.abs(score)).toBeLessThanOrEqual(100);
        expect(score === 100).toBe(values.every((each) => each >= 9));
        expect(score === -100).toBe(values.every((each) => each <= 6));
        expect(netPromoterScore(frequencies([...values, detractor]))).toBeLessThanOrEqual(score);
      }),
      ofMany,
    );
  });
});
