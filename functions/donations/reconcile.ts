/** A provider's bill of a day against the books: what each has that the other has not. Pure. */
import { ancestorOf, type DivisionCode } from '../kernel/division.ts';
import type { Difference, Reconciliation } from './repository.ts';

/** A payment or refund that both should know. */
export interface Known {
  readonly of: Difference['of'];
  /** As its provider names it; a refund by its own id. */
  readonly id: string;
  readonly amount: number;
  /** Of its fund; unknown where our books have nothing like it. */
  readonly division?: DivisionCode | undefined;
  /** Was told by the bill first. */
  readonly recovered?: boolean;
}

const MOST_NAMED = 100;
/** Where nobody knows whose it is. */
export const UNKNOWN_CITY = '00';

/** Names a payment or a refund. */
export const keyOf = ({ of, id }: Known): string => `${of}#${id}`;
const cityOf = (division: DivisionCode | undefined): string => (division === undefined ? UNKNOWN_CITY : ancestorOf(division, 'city'));
const sumOf = (all: readonly Known[]) => ({ count: all.length, amount: all.reduce((sum, { amount }) => sum + amount, 0) });

const differenceOf = (here: Known | undefined, there: Known | undefined): Difference | undefined => {
  if (here === undefined)
    return there === undefined ? undefined : { kind: 'missingHere', of: there.of, id: there.id, theirs: there.amount };
  if (there === undefined) return { kind: 'missingThere', of: here.of, id: here.id, ours: here.amount };
  if (here.amount !== there.amount) return { kind: 'amountDiffers', of: here.of, id: here.id, ours: here.amount, theirs: there.amount };
  return here.recovered === true ? { kind: 'recoveredHere', of: here.of, id: here.id, ours: here.amount } : undefined;
};

/** One report a city. What the bill alone has is in the city of the gift that it names, or in none. */
export const reconciled = (
  channel: string,
  day: string,
  ours: readonly Known[],
  theirs: readonly Known[],
): readonly Omit<Reconciliation, 'version'>[] => {
  const [here, there] = [new Map(ours.map((each) => [keyOf(each), each])), new Map(theirs.map((each) => [keyOf(each), each]))];
  const placeOf = (key: string): string => cityOf(here.get(key)?.division ?? there.get(key)?.division);
  const byCity = Map.groupBy(new Set([...here.keys(), ...there.keys()]), placeOf);
  return [...byCity].map(([division, keys]) => {
    const differences = keys.toSorted().flatMap((key) => differenceOf(here.get(key), there.get(key)) ?? []);
    const known = (of: ReadonlyMap<string, Known>): readonly Known[] => keys.flatMap((key) => of.get(key) ?? []);
    return {
      channel,
      division,
      day,
      report: {
        status: differences.length === 0 ? 'matched' : 'differs',
        ours: sumOf(known(here)),
        theirs: sumOf(known(there)),
        differences: differences.slice(0, MOST_NAMED),
        different: differences.length,
      },
    };
  });
};
