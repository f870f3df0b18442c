/** Where an alert holds, as the fewest divisions that say so. Pure. */
import { ancestorOf, withoutParts, type DivisionCode, type Level } from '../kernel/division.ts';

/** So many are kept; where a shape meets more, whole streets are covered, then whole counties: over-reach, never under-reach. */
export const MOST_COVERED = 2000;

const upTo = (codes: readonly DivisionCode[], level: Level): readonly DivisionCode[] =>
  withoutParts(codes.map((code) => (code.length > ancestorOf(code, level).length ? ancestorOf(code, level) : code)));

/** The divisions that are covered: no more than {@link MOST_COVERED}, whatever that takes. */
export const coverOf = (codes: readonly DivisionCode[]): readonly DivisionCode[] => {
  let cover = withoutParts(codes);
  for (const level of ['street', 'county', 'city', 'province'] as const) {
    if (cover.length <= MOST_COVERED) break;
    cover = upTo(cover, level);
  }
  return cover;
};
