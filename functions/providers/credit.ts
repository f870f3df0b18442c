/**
 * Credit (信用) of a provider: what its listed events come to on a day, by a method that everybody can read. Pure, and to be reckoned by hand:
 * start + the points of each event × its weight, not below 0 nor above 100.
 */
import { addMonthsToDay, type Day } from '../kernel/time.ts';
import type { CreditEvent } from './credit-event.ts';
import type { CREDIT_KINDS, POSTED_KINDS, RECORDED_KINDS } from './names.ts';

export type CreditKind = (typeof CREDIT_KINDS)[number];
export type PostedKind = (typeof POSTED_KINDS)[number];
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
  /** What a dispatcher posts: its points unless said, and how many at the most. */
  readonly posted: Readonly<Record<PostedKind, { readonly points: number; readonly most: number }>>;
}

const LEAST = 0;
const MOST = 100;
const DECIMALS = 2;
const HALF = 0.5;

const rounded = (value: number): number => Number(value.toFixed(DECIMALS));

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

/** What is listed on a day, the newest first, and the score that it comes to, of 100. */
export const creditOf = (
  events: readonly CreditEvent[],
  method: CreditMethod,
  today: Day,
): { readonly score: number; readonly events: readonly CountedEvent[] } => {
  const listed = events
    .filter((event) => isListed(event, method, today))
    .map((event) => countedEvent(event, method, today))
    .toSorted((a, b) => (`${a.event.on}#${a.event.id}` < `${b.event.on}#${b.event.id}` ? 1 : -1));
  const sum = listed.reduce((total, { counted }) => total + counted, method.start);
  return { score: rounded(Math.min(MOST, Math.max(LEAST, sum))), events: listed };
};
