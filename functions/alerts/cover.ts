/** Where an alert holds, and whom it is told to, as the fewest divisions that say so. Pure. */
import { gravestOf } from '../kernel/colour.ts';
import { ancestorOf, withoutParts, type DivisionCode, type Level } from '../kernel/division.ts';
import type { Aim, AlertMessage } from './alert.ts';

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

const isSame = (one: Aim, other: Aim): boolean =>
  one.colour === other.colour && one.cover.length === other.cover.length && one.cover.every((code) => other.cover.includes(code));

/**
 * By what an alert is told that stands in the place of others: whoever was to hear of one of them hears of it, too, however mild it is and wherever
 * it holds. Undefined where that is its own colour and cover.
 */
export const aimOver = ({ colour, cover }: Aim, earlier: readonly AlertMessage[]): Aim | undefined => {
  const all: readonly Aim[] = [{ colour, cover }, ...earlier.map((each) => each.aim ?? each)];
  const aim = { colour: gravestOf(all.map((each) => each.colour)), cover: coverOf(all.flatMap((each) => each.cover)) };
  return isSame(aim, { colour, cover }) ? undefined : aim;
};
