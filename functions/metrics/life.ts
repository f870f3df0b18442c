/**
 * Facts: what happened to one thing in one community in one month. A thing's life is every state that it has been in; cut by months and by
 * the communities it was in, it is the facts. So the end of a month looks the same however much later it is looked at. Pure.
 */
import { canonical } from '../kernel/canonical.ts';
import type { DivisionCode } from '../kernel/division.ts';
import { fromInstant, monthOf, startOfMonth, toInstant, type Instant, type Month } from '../kernel/time.ts';
import type { Dated } from '../kernel/trail.ts';

/** A state, as its source defines it; all that everybody knows of one is where it lies: in a community, or of some sources in any division. */
export interface State {
  readonly community: DivisionCode;
}

export interface Subject {
  /** The source that it is of, and what it is named by there: `request`. */
  readonly kind: string;
  readonly id: string;
  /** Only its being there is shown to anybody. */
  readonly confidential: boolean;
}

export interface Life<S extends State = State> extends Subject {
  readonly version: number;
  /** The first month that its image tells of: what was recorded of those before stands. All of them without it. */
  readonly tellsFrom?: Month;
  /** Oldest first; empty where it has never counted. */
  readonly moments: readonly Dated<S>[];
}

export interface Fact extends Subject {
  readonly community: DivisionCode;
  readonly month: Month;
  /** How it stood when the month began; absent where it began in the month. */
  readonly before: State | undefined;
  /** What it became in the month, wherever it was then. */
  readonly moments: readonly Dated<State>[];
  /** It says that nothing is there, whatever the months before hand on. */
  readonly absent?: true | undefined;
}

/** Whether it is none any more: it says nothing, and what the months before hand on goes on. */
export const isGone = ({ before, moments, absent }: Pick<Fact, 'before' | 'moments' | 'absent'>): boolean =>
  before === undefined && moments.length === 0 && absent !== true;

/** Whether it says how a month was. */
export const tellsOf = ({ tellsFrom }: Pick<Life, 'tellsFrom'>, month: Month): boolean => tellsFrom === undefined || month >= tellsFrom;

/** How it stood when the first month began that it tells of; undefined where it was not there, or tells of all months. */
export const stateAtFirst = ({ moments, tellsFrom }: Pick<Life, 'moments' | 'tellsFrom'>): State | undefined =>
  tellsFrom === undefined ? undefined : moments.findLast(({ at }) => at < toInstant(startOfMonth(tellsFrom)))?.state;

/**
 * The facts of a life: one for each month in which something happened and each community that it was in then. In `opened`, the first month that it
 * tells of also says how it stood when that began, though nothing happened: not at all, perhaps.
 */
export const factsOf = ({ kind, id, confidential, moments, tellsFrom }: Life, opened: readonly DivisionCode[] = []): readonly Fact[] => {
  const byMonth = Map.groupBy(moments, ({ at }) => monthOf(fromInstant(at)));
  if (tellsFrom !== undefined && opened.length > 0 && !byMonth.has(tellsFrom)) byMonth.set(tellsFrom, []);
  const facts: Fact[] = [];
  let before: State | undefined;
  for (const [month, inMonth] of [...byMonth].toSorted(([one], [other]) => (one < other ? -1 : 1))) {
    const communities = new Set([
      ...(before === undefined ? [] : [before.community]),
      ...inMonth.map(({ state }) => state.community),
      ...(month === tellsFrom ? opened : []),
    ]);
    const absent = before === undefined && inMonth.length === 0 ? true : undefined;
    if (tellsOf({ tellsFrom }, month))
      for (const community of communities) facts.push({ kind, id, confidential, community, month, before, moments: inMonth, absent });
    before = inMonth.at(-1)?.state ?? before;
  }
  return facts;
};

/** How it stood at a moment of the fact's month; undefined where it was not there (yet, or any more). */
export const stateAt = ({ community, before, moments }: Pick<Fact, 'community' | 'before' | 'moments'>, at: Instant): State | undefined => {
  const state = moments.findLast((moment) => moment.at <= at)?.state ?? before;
  return state?.community === community ? state : undefined;
};

type Fields = Readonly<Record<string, unknown>>;

/** A moment as it is stored: what differs from the state before it; null where something is no longer there. */
export interface Change {
  readonly at: Instant;
  readonly to: Fields;
}

const isSame = (one: unknown, other: unknown): boolean => canonical(one) === canonical(other);

/** Moments as changes: an item stays below 1 KB. */
export const asChanges = (before: State | undefined, moments: readonly Dated<State>[]): readonly Change[] => {
  let last: Fields = { ...before };
  return moments.map(({ at, state }) => {
    const next: Fields = { ...state };
    const names = [...new Set([...Object.keys(last), ...Object.keys(next)])].filter((name) => !isSame(last[name], next[name]));
    last = next;
    return { at, to: Object.fromEntries(names.map((name) => [name, next[name] ?? null])) };
  });
};

/** The moments that changes were made of. */
export const fromChanges = (before: State | undefined, changes: readonly Change[]): readonly Dated<State>[] => {
  let last: Fields = { ...before };
  return changes.map(({ at, to }) => {
    last = { ...last, ...Object.fromEntries(Object.entries(to).map(([name, value]) => [name, value ?? undefined])) };
    // What was stored was made of states by `asChanges`.
    return { at, state: last as unknown as State };
  });
};
