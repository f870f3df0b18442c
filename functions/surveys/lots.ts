/** Which of the answers that wait are opened together, so that nobody can be told from among fewer than twenty. Pure. */
import type { Random } from '../kernel/id.ts';

/** Nothing is opened before so many wait; so many are left, whichever they are, so that who answered just now is not told by it. */
export const ENOUGH = 40;
export const LEFT = 20;
/** A transaction takes away and puts so many, and changes the counts: 91 writes of its 100. */
const MOST = 45;

const UINT32 = 2 ** 32;

/** A whole number below `below`, each as likely as any other. */
const below = (random: Random, limit: number): number => {
  for (;;) {
    const bytes = random(4);
    const drawn = new DataView(bytes.buffer, bytes.byteOffset, 4).getUint32(0);
    if (drawn < UINT32 - (UINT32 % limit)) return drawn % limit;
  }
};

/** In an order that says nothing (Fisher and Yates). */
export const shuffled = <T>(all: readonly T[], random: Random): readonly T[] => {
  const mixed = [...all];
  for (let last = mixed.length - 1; last > 0; last--) {
    const other = below(random, last + 1);
    [mixed[last], mixed[other]] = [mixed[other] as T, mixed[last] as T];
  }
  return mixed;
};

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
