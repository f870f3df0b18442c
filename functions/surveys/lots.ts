/** Which of the answers that wait are opened together, so that nobody can be told from among fewer than twenty. Pure. */
import { randomCharacters, type Random } from '../kernel/id.ts';

/** Nothing is opened before so many wait; so many are left, whichever they are, so that who answered just now is not told by it. */
const ENOUGH = 40;
const LEFT = 20;
/** A transaction takes away and puts so many, and changes the counts: 91 writes of its 100. */
const MOST = 45;

const KEY = 16;

/** In an order that says nothing: each gets a random key, and they are sorted by it. */
export const shuffled = <T>(all: readonly T[], random: Random): readonly T[] =>
  all
    .map((each) => ({ each, key: randomCharacters(random, KEY) }))
    .toSorted((a, b) => (a.key < b.key ? -1 : 1))
    .map(({ each }) => each);

/**
 * The lots in which answers are opened, in one transaction each: all but {@link LEFT} once {@link ENOUGH} wait, or all at the end. None has
 * fewer than twenty, unless all that there are at the end are fewer.
 */
export const lotsOf = <T>(waiting: readonly T[], isLast: boolean, random: Random): readonly (readonly T[])[] => {
  if (!isLast && waiting.length < ENOUGH) return [];
  const taken = shuffled(waiting, random).slice(isLast ? 0 : LEFT);
  const count = Math.ceil(taken.length / MOST);
  return Array.from({ length: count }, (_, lot) => taken.filter((_each, index) => index % count === lot));
};
