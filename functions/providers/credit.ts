/**
 * Credit (信用) of a provider: what its listed events come to on a day, by a method that everybody can read. Pure, and to be reckoned by hand:
 * start + the points of each event × its weight, gains of one kind up to what they may come to together, not below 0 nor above 100.
 */
import { twoDecimals as rounded } from '../kernel/decimals.ts';
import { addMonthsToDay, monthOf, startOfDay, type Day, type Month } from '../kernel/time.ts';
import type { CreditEvent } from './credit-event.ts';
import { CREDIT_KINDS, type GAIN_KINDS, type POSTED_KINDS, type RECORDED_KINDS } from './names.ts';

export type CreditKind = (typeof CREDIT_KINDS)[number];
export type PostedKind = (typeof POSTED_KINDS)[number];
export type GainKind = (typeof GAIN_KINDS)[number];
export type RecordedKind = (typeof RECORDED_KINDS)[number];

/** The setting of the same name; its version grows each time that it is set. */
export interface CreditMethod {
  readonly version: number;
  /** What everybody begins with, of 100. */
  readonly start: number;
  /** An event counts in full for so many months, */
  readonly fullMonths: number;
  /** then half for so many, then not. */
  readonly halfMonths: number;
  /** With what share of its weight an event counts that has been repaired. */
  readonly repaired: number;
  /** What comes of work by itself. */
  readonly points: Readonly<Record<RecordedKind, number>>;
  /** How much gains of one kind come to at the most: many small ones do not buy off what weighs. */
  readonly together: Readonly<Record<GainKind, number>>;
  /** What a dispatcher posts: its points unless said, and how many at the most. */
  readonly posted: Readonly<Record<PostedKind, { readonly points: number; readonly most: number }>>;
}

const LEAST = 0;
const MOST = 100;
const HALF = 0.5;

/** The first day on which an event no longer counts. */
const countsUntil = (on: Day, { fullMonths, halfMonths }: CreditMethod): Day => addMonthsToDay(on, fullMonths + halfMonths);

/** The earliest day on which an event that still counts can have happened. */
export const earliestCounted = (today: Day, { fullMonths, halfMonths }: CreditMethod): Day =>
  addMonthsToDay(today, -(fullMonths + halfMonths));

/** The points of an event by this method: those that were posted, or its kind's. */
export const pointsOf = ({ kind, points }: Pick<CreditEvent, 'kind' | 'points'>, method: CreditMethod): number => {
  if (points !== undefined) return points;
  return kind === 'misconduct' || kind === 'merit' ? method.posted[kind].points : method.points[kind];
};

/** How much of its points an event counts with on a day: 1, a half, less where it was repaired; 0 before it, after its time, or struck. */
const weightOf = ({ on, review, repair }: CreditEvent, method: CreditMethod, today: Day): number => {
  if (review?.ruling === 'struck' || today < on || today >= countsUntil(on, method)) return 0;
  const age = today < addMonthsToDay(on, method.fullMonths) ? 1 : HALF;
  return repair?.decision === 'granted' ? age * method.repaired : age;
};

export interface CountedEvent {
  readonly event: CreditEvent;
  readonly points: number;
  readonly weight: number;
  /** Points × weight. */
  readonly counted: number;
  readonly until: Day;
}

export const countedEvent = (event: CreditEvent, method: CreditMethod, today: Day): CountedEvent => {
  const points = pointsOf(event, method);
  const weight = weightOf(event, method, today);
  return { event, points, weight, counted: rounded(points * weight), until: countsUntil(event.on, method) };
};

/** Whether an event is listed on a day: it has happened, has not fallen away, and its time is not over. */
export const isListed = ({ on, fallen }: CreditEvent, method: CreditMethod, today: Day): boolean =>
  !fallen && on <= today && today < countsUntil(on, method);

/** What all events of one kind come to. */
export interface KindSum {
  readonly kind: CreditKind;
  readonly events: number;
  readonly sum: number;
  /** Of the sum, what the method lets it come to. */
  readonly counted: number;
}

/** Events that are not shown one by one: those of one kind that count from days of one month. */
export interface EarlierEvents {
  readonly kind: CreditKind;
  readonly month: Month;
  readonly count: number;
  /** What they count together. */
  readonly points: number;
}

/** So many events are shown one by one. */
const MOST_SHOWN = 500;

const sumOf = (events: readonly CountedEvent[]): number => rounded(events.reduce((total, { counted }) => total + counted, 0));

const mostTogether = (kind: CreditKind, { together }: CreditMethod): number =>
  kind === 'ratedVerySatisfied' || kind === 'merit' ? together[kind] : Infinity;

/** What is listed on a day, the newest first, what each kind comes to, and the score of 100 that follows from these. */
export const creditOf = (
  events: readonly CreditEvent[],
  method: CreditMethod,
  today: Day,
): {
  readonly score: number;
  readonly kinds: readonly KindSum[];
  readonly events: readonly CountedEvent[];
  readonly earlier: readonly EarlierEvents[];
} => {
  const listed = events
    .filter((event) => isListed(event, method, today))
    .map((event) => countedEvent(event, method, today))
    .toSorted((a, b) => (`${a.event.on}#${a.event.id}` < `${b.event.on}#${b.event.id}` ? 1 : -1));
  const byKind = Map.groupBy(listed, ({ event }) => event.kind);
  const kinds = CREDIT_KINDS.flatMap((kind): KindSum[] => {
    const all = byKind.get(kind) ?? [];
    const sum = sumOf(all);
    return all.length === 0 ? [] : [{ kind, events: all.length, sum, counted: Math.min(sum, mostTogether(kind, method)) }];
  });
  const total = kinds.reduce((so, { counted }) => so + counted, method.start);
  const months = Map.groupBy(listed.slice(MOST_SHOWN), ({ event: { kind, on } }) => `${monthOf(startOfDay(on))}#${kind}`);
  return {
    score: rounded(Math.min(MOST, Math.max(LEAST, total))),
    kinds,
    events: listed.slice(0, MOST_SHOWN),
    earlier: [...months.values()].flatMap((group): EarlierEvents[] => {
      const [first] = group;
      if (first === undefined) return [];
      const { kind, on } = first.event;
      return [{ kind, month: monthOf(startOfDay(on)), count: group.length, points: sumOf(group) }];
    }),
  };
};
