/**
 * A month of a community, or of what lies in a division above them itself: its facts, and what was alive when it began, counted. Pure, and all
 * that a figure is made of.
 */
import type { DivisionCode } from '../kernel/division.ts';
import { endOfMonth, startOfMonth, toInstant, type Instant, type Month } from '../kernel/time.ts';
import type { Count, Indicator, Period } from './indicator.ts';
import { isGone, stateAt, type Fact, type State, type Subject } from './life.ts';
import { INDICATORS, sourceOf } from './sources.ts';

/** A thing that goes on into the next month as it is. */
export interface Carried extends Subject {
  readonly state: State;
}

/** Numerator and denominator by indicator; what is not there is nothing. */
export type Sums = Readonly<Record<string, readonly [numerator: number, denominator: number]>>;

export interface MonthCounted {
  readonly sums: Sums;
  /** What goes on, by subject; of use only where the month has ended. */
  readonly carried: readonly Carried[];
  /** The next moment at which it counts otherwise although nothing happens. */
  readonly nextDeadline: Instant | undefined;
  /** The first moment that is known already and not yet counted, being later than `until`. */
  readonly leftOut: Instant | undefined;
}

/** What one thing adds to one indicator: the records behind a figure. */
export interface Contribution extends Subject {
  readonly count: Count;
}

export const periodOf = (month: Month, at: Instant): Period => {
  const end = toInstant(endOfMonth(month));
  return { month, start: toInstant(startOfMonth(month)), end, until: at < end ? at : end };
};

const keyOf = ({ kind, id }: Subject): string => `${kind}#${id}`;

const earliest = (moments: readonly Instant[]): Instant | undefined => moments.toSorted()[0];

/** How everything stood that was in the community at `until`: as its fact of the month says, else as it came into the month. */
const present = (community: DivisionCode, carried: readonly Carried[], facts: readonly Fact[], { until }: Period): readonly Carried[] => {
  const told = new Set(facts.filter((fact) => !isGone(fact)).map(keyOf));
  const touched = facts.flatMap(({ kind, id, confidential, before, moments }) => {
    const state = stateAt({ community, before, moments }, until);
    return state === undefined ? [] : [{ kind, id, confidential, state }];
  });
  return [...carried.filter((each) => !told.has(keyOf(each))), ...touched].toSorted((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1));
};

const added = (sums: Map<string, [number, number]>, id: string, { numerator, denominator }: Count): void => {
  const [n, d] = sums.get(id) ?? [0, 0];
  sums.set(id, [n + numerator, d + denominator]);
};

const ORDER = INDICATORS.map(({ id }) => id);
const OF_COMMUNITIES = INDICATORS.filter(({ ofCommunities }) => ofCommunities !== undefined);

/** Whether anything of such an indicator may count among these things. */
const isBarred = ({ ofCommunities }: Indicator, here: readonly Carried[]): boolean =>
  ofCommunities !== undefined && here.some(({ state }) => ofCommunities.barredBy(state));

/** What counts whether, and not how often, is once at most. */
const once = (sums: Map<string, [number, number]>, here: readonly Carried[]): Map<string, [number, number]> => {
  for (const indicator of OF_COMMUNITIES) {
    const [numerator, denominator] = sums.get(indicator.id) ?? [0, 0];
    const counted = isBarred(indicator, here) ? 0 : Math.min(numerator, 1);
    if (counted === 0 && denominator === 0) sums.delete(indicator.id);
    else sums.set(indicator.id, [counted, denominator]);
  }
  return sums;
};

/** Sums in one order, whatever order they came in. */
const inOrder = (sums: ReadonlyMap<string, readonly [number, number]>): Sums =>
  Object.fromEntries(ORDER.flatMap((id) => (sums.has(id) ? [[id, sums.get(id) ?? [0, 0]]] : [])));

/** Counts a month. `carried` is what the month before has handed on. */
export const countMonth = (community: DivisionCode, carried: readonly Carried[], facts: readonly Fact[], period: Period): MonthCounted => {
  const here = present(community, carried, facts, period);
  const sums = new Map<string, [number, number]>();
  const deadlines: Instant[] = [];
  for (const { kind, state } of here) {
    const source = sourceOf(kind);
    for (const { id, count } of source.indicators) {
      const counted = count(state, period);
      if (counted !== undefined) added(sums, id, counted);
    }
    deadlines.push(...source.deadlines(state, period).filter((deadline) => deadline >= period.until));
  }
  return {
    sums: inOrder(once(sums, here)),
    carried: here.filter(({ kind, state }) => sourceOf(kind).isAlive(state, period.end)),
    nextDeadline: earliest(deadlines),
    leftOut: earliest(facts.flatMap(({ moments }) => moments.flatMap(({ at }) => (at > period.until ? [at] : [])))),
  };
};

/** Of what counts whether, and not how often, the first that makes it so. */
const firstOf = (contributions: readonly Contribution[], isNone: boolean): readonly Contribution[] => {
  const first = isNone ? undefined : contributions.find(({ count }) => count.numerator > 0);
  return contributions.filter((each) => each === first || each.count.denominator > 0);
};

/** The records behind one indicator of a month, by kind and id. */
export const contributionsTo = (
  indicator: Indicator,
  community: DivisionCode,
  carried: readonly Carried[],
  facts: readonly Fact[],
  period: Period,
): readonly Contribution[] => {
  const here = present(community, carried, facts, period);
  const contributions = here.flatMap(({ kind, id, confidential, state }): readonly Contribution[] => {
    const count = sourceOf(kind).indicators.includes(indicator) ? indicator.count(state, period) : undefined;
    return count === undefined ? [] : [{ kind, id, confidential, count }];
  });
  return indicator.ofCommunities === undefined ? contributions : firstOf(contributions, isBarred(indicator, here));
};

/**
 * A parent's figure sums numerators and denominators of its children, and of what lies in it itself. No more communities add to an indicator than are
 * counted: in a month before they were, meals that were entered for it cover none.
 */
export const sumOf = (all: readonly Sums[]): Sums => {
  const sums = new Map<string, [number, number]>();
  for (const each of all) for (const [id, [numerator, denominator]] of Object.entries(each)) added(sums, id, { numerator, denominator });
  for (const { id } of OF_COMMUNITIES) {
    const [numerator, denominator] = sums.get(id) ?? [0, 0];
    if (denominator === 0) sums.delete(id);
    else sums.set(id, [Math.min(numerator, denominator), denominator]);
  }
  return inOrder(sums);
};

/** Whether two sums say the same, or the same of these indicators. */
export const isSameSums = (one: Sums, other: Sums, ids: readonly string[] = ORDER): boolean =>
  ids.every((id) => {
    const [[n1, d1], [n2, d2]] = [one[id] ?? [0, 0], other[id] ?? [0, 0]];
    return n1 === n2 && d1 === d2;
  });
