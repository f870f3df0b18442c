/** A provider's bill of a day against the books: what each has that the other has not. Pure. */
import { ancestorOf, type DivisionCode } from '../kernel/division.ts';
import type { Known } from './booked.ts';
import type { Difference, Reconciliation } from './repository.ts';

const MOST_NAMED = 100;
/** So many are kept until those that come first are known again. */
const MOST_KEPT = 10 * MOST_NAMED;
/** Where nobody knows whose it is. */
export const UNKNOWN_CITY = '00';

/** Names a payment or a refund. */
export const keyOf = ({ of, id }: Pick<Known, 'of' | 'id'>): string => `${of}#${id}`;
const cityOf = (division: DivisionCode | undefined): string => (division === undefined ? UNKNOWN_CITY : ancestorOf(division, 'city'));

const differenceOf = (here: Known | undefined, there: Known | undefined): Difference | undefined => {
  if (here === undefined)
    return there === undefined ? undefined : { kind: 'missingHere', of: there.of, id: there.id, theirs: there.amount };
  if (there === undefined) return { kind: 'missingThere', of: here.of, id: here.id, ours: here.amount };
  if (here.amount !== there.amount) return { kind: 'amountDiffers', of: here.of, id: here.id, ours: here.amount, theirs: there.amount };
  return here.recovered === true ? { kind: 'recoveredHere', of: here.of, id: here.id, ours: here.amount } : undefined;
};

interface City {
  readonly ours: { count: number; amount: number };
  readonly theirs: { count: number; amount: number };
  differences: Difference[];
  different: number;
}

const firstOf = (differences: readonly Difference[]): Difference[] =>
  differences.toSorted((one, other) => (keyOf(one) < keyOf(other) ? -1 : 1)).slice(0, MOST_NAMED);

/** Compares a bill as it comes, each payment and refund once: of a long one only sums and what differs is kept. */
export const comparison = (channel: string, day: string) => {
  const cities = new Map<string, City>();
  return {
    /** What either has, or both. */
    add: (here: Known | undefined, there: Known | undefined): void => {
      const division = cityOf(here?.division ?? there?.division);
      const city = cities.get(division) ?? {
        ours: { count: 0, amount: 0 },
        theirs: { count: 0, amount: 0 },
        differences: [],
        different: 0,
      };
      cities.set(division, city);
      for (const [sum, known] of [[city.ours, here] as const, [city.theirs, there] as const]) {
        if (known === undefined) continue;
        sum.count += 1;
        sum.amount += known.amount;
      }
      const difference = differenceOf(here, there);
      if (difference === undefined) return;
      city.different += 1;
      city.differences.push(difference);
      if (city.differences.length >= MOST_KEPT) city.differences = firstOf(city.differences);
    },
    /** One a city. What the bill alone has is in the city of the gift that it names, or in none. */
    reports: (): readonly Omit<Reconciliation, 'version'>[] =>
      [...cities].map(([division, { ours, theirs, differences, different }]) => ({
        channel,
        division,
        day,
        report: { status: different === 0 ? 'matched' : 'differs', ours, theirs, differences: firstOf(differences), different },
      })),
  };
};
