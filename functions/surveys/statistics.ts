/** What is said of counts: shares with their intervals, means, medians, the net promoter score. Pure; rounded to six decimals at the end. */
import { sixDecimals } from '../kernel/decimals.ts';

/** The normal distribution's 97.5 % quantile: what a two-sided interval of 95 % reaches to. */
const Z = 1.959963984540054;

/**
 * The 95 % interval of a share by Wilson's score method (E. B. Wilson, JASA 22, 1927, without correction for continuity), as fractions:
 * `count` of `n`, at least one.
 */
export const wilson = (count: number, n: number): { readonly low: number; readonly high: number } => {
  const share = count / n;
  const z2 = Z * Z;
  const middle = share + z2 / (2 * n);
  const half = Z * Math.sqrt((share * (1 - share)) / n + z2 / (4 * n * n));
  const scale = 1 + z2 / n;
  // At both ends the formula gives the ends themselves, but for what a machine's arithmetic leaves.
  const low = count === 0 ? 0 : (middle - half) / scale;
  const high = count === n ? 1 : (middle + half) / scale;
  return { low: sixDecimals(low), high: sixDecimals(high) };
};

/** `count` of `n`, at least one, as a fraction. */
export const share = (count: number, n: number): number => sixDecimals(count / n);

/** How often a value occurs. */
export type Frequency = readonly [value: number, count: number];

const sumOf = (all: readonly number[]): number => all.reduce((sum, each) => sum + each, 0);

/** The arithmetic mean; undefined of nothing. */
export const mean = (frequencies: readonly Frequency[]): number | undefined => {
  const n = sumOf(frequencies.map(([, count]) => count));
  return n === 0 ? undefined : sixDecimals(sumOf(frequencies.map(([value, count]) => value * count)) / n);
};

/** The middle value, or the mean of the two in the middle where their number is even; undefined of nothing. */
export const median = (frequencies: readonly Frequency[]): number | undefined => {
  const sorted = frequencies.filter(([, count]) => count > 0).toSorted(([a], [b]) => a - b);
  const n = sumOf(sorted.map(([, count]) => count));
  const at = (place: number): number => {
    let passed = 0;
    for (const [value, count] of sorted) {
      passed += count;
      if (place < passed) return value;
    }
    throw new Error(`there is no value ${place} of ${n}`);
  };
  return n === 0 ? undefined : sixDecimals((at(Math.floor((n - 1) / 2)) + at(Math.floor(n / 2))) / 2);
};

const PROMOTERS = 9;
const DETRACTORS = 6;

/**
 * The net promoter score (F. F. Reichheld, Harvard Business Review, December 2003) of answers from 0 to 10, from −100 to 100: promoters
 * (9 and 10) less detractors (0 to 6), per hundred who answered; undefined of nothing.
 */
export const netPromoterScore = (frequencies: readonly Frequency[]): number | undefined => {
  const countWhere = (isCounted: (level: number) => boolean): number =>
    sumOf(frequencies.filter(([level]) => isCounted(level)).map(([, count]) => count));
  const n = countWhere(() => true);
  const [promoters, detractors] = [countWhere((level) => level >= PROMOTERS), countWhere((level) => level <= DETRACTORS)];
  return n === 0 ? undefined : sixDecimals((100 * (promoters - detractors)) / n);
};
