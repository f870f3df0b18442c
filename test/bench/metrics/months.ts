/** Puts into the table what the months so far have left there, as the functions would have, and what is to be counted of the month that ends. */
import type { Write } from '../../../functions/data/database.ts';
import { divisionsTable } from '../../../functions/divisions/table.ts';
import type { Division } from '../../../functions/divisions/division.ts';
import { keyOf } from '../../../functions/divisions/repository.ts';
import { ancestorOf, parentOf, type DivisionCode } from '../../../functions/kernel/division.ts';
import { addMonths, endOfMonth, MINUTE, plus, toInstant, type EpochMs, type Month } from '../../../functions/kernel/time.ts';
import { countMonth, periodOf, sumOf, type Carried, type Sums } from '../../../functions/metrics/count.ts';
import { digestOf } from '../../../functions/metrics/record.ts';
import { placeOf, type MetricsRepository } from '../../../functions/metrics/repository.ts';
import { factsOf } from '../../../functions/metrics/life.ts';
import { FOREVER, happened, type Place } from './lives.ts';

const RUN = 'the months before';

/** When a month is closed. */
export const closingOf = (month: Month): EpochMs => plus(endOfMonth(month), 30 * MINUTE);

export const monthsBefore = (month: Month, count: number): readonly Month[] =>
  Array.from({ length: count }, (_, index) => addMonths(month, index - count));

export interface Filling {
  readonly communities: readonly DivisionCode[];
  /** The month that has just ended, of which nothing has been counted. */
  readonly month: Month;
  /** So many months before it have been counted and closed, one at least. */
  readonly history: number;
}

export interface Filled {
  readonly items: number;
  /** Facts of the month that has just ended. */
  readonly facts: number;
}

/** A figure of a division and month as the first run that counted it left it. */
export const figureWrite = (repository: MetricsRepository, division: DivisionCode, month: Month, sums: Sums): Write => {
  const at = toInstant(closingOf(month));
  return repository.putsFigure({ division, month, sums, computedAt: at, publicAt: at, requestId: RUN, revision: 1 }, undefined);
};

/** The divisions above communities, down to counties: from there on metrics know them by themselves. */
export const divisionWrites = (communities: readonly DivisionCode[], month: Month): readonly Write[] => {
  const codes = new Set((['province', 'city', 'county'] as const).flatMap((level) => communities.map((code) => ancestorOf(code, level))));
  return [...codes].map((code): Write => {
    const change = { version: 1, change: 'made', changedAt: toInstant(closingOf(month)), requestId: RUN } as const;
    const division: Division = { ...keyOf(code), code, name: code, active: true, ...change };
    return { table: divisionsTable, put: division };
  });
};

/** The sums of every division above communities, from theirs. */
export const sumsAbove = (communities: ReadonlyMap<DivisionCode, Sums>): ReadonlyMap<DivisionCode, Sums> => {
  const above = new Map<DivisionCode, Sums>();
  let level: ReadonlyMap<DivisionCode, Sums> = communities;
  while (level.size > 0) {
    const byParent = Map.groupBy(level, ([division]) => parentOf(division));
    byParent.delete(undefined);
    level = new Map([...byParent].map(([parent, children]) => [parent as DivisionCode, sumOf(children.map(([, sums]) => sums))]));
    for (const [division, sums] of level) above.set(division, sums);
  }
  return above;
};

function* writesOf(
  repository: MetricsRepository,
  { communities, month, history }: Filling,
  count: (facts: number) => void,
): Generator<Write> {
  // What lasts longer than its month comes from the month before: the first month of a history has nothing to take over.
  const before = monthsBefore(month, history);
  const last = addMonths(month, -1);
  const sums = new Map(before.map((each) => [each, new Map<DivisionCode, Sums>()]));
  for (const [index, community] of communities.entries()) {
    const place: Place = { community, index };
    const { lives, facts } = happened(place, [...before, month], closingOf(month));
    for (const life of lives) {
      const own = factsOf(life);
      const places = Object.fromEntries(own.map((fact) => [placeOf(fact), digestOf(fact)]));
      yield repository.putsPlaces(life, { version: life.version, places, requestId: RUN }, undefined);
      for (const fact of own) yield repository.putsFact(fact);
    }
    let carried: readonly Carried[] = [];
    for (const each of before) {
      const counted = countMonth(community, carried, facts.get(each) ?? [], periodOf(each, toInstant(FOREVER)));
      sums.get(each)?.set(community, counted.sums);
      yield figureWrite(repository, community, each, counted.sums);
      yield* repository.putsStates(community, each, counted.carried);
      carried = counted.carried;
    }
    count(facts.get(month)?.length ?? 0);
    const counted = { first: before[0] ?? month, through: last, countedAt: toInstant(closingOf(last)), requestId: RUN };
    yield repository.putsLeaf(community, counted, undefined);
    yield repository.putsMark(community, month, RUN);
  }
  yield* divisionWrites(communities, month);
  for (const [each, own] of sums) {
    for (const [division, above] of sumsAbove(own)) yield figureWrite(repository, division, each, above);
    const [through, closing] = repository.putsClosing(each, toInstant(closingOf(each)), RUN, undefined);
    // How far months are closed is one item.
    if (through !== undefined && each === last) yield through;
    if (closing !== undefined) yield closing;
  }
}

/** The writes, and the number of facts once they are written. */
export const monthsOf = (
  repository: MetricsRepository,
  filling: Filling,
): { readonly writes: Iterable<Write>; readonly facts: () => number } => {
  let facts = 0;
  const count = (more: number): void => {
    facts += more;
  };
  return { writes: writesOf(repository, filling, count), facts: () => facts };
};
