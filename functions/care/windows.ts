/** When somebody is to be visited, and whether they were: for due lists, reminders and the figure of a month alike. Pure. */
import type { Asked } from '../kernel/visit-plan.ts';
import { addDays, addMonths, type Day, type Month } from '../kernel/time.ts';
import type { WINDOW_STATES } from './names.ts';

/** Days of Shanghai, both included. */
export interface Window {
  readonly from: Day;
  readonly to: Day;
}

/** Days of each month on which something was so, in order, each once. */
export type DaysByMonth = Readonly<Partial<Record<Month, readonly number[]>>>;

const dayIn = (month: Month, day: number): Day => `${month}-${String(day).padStart(2, '0')}` as Day;
const monthOfDay = (day: Day): Month => day.slice(0, 7) as Month;
const lastDayOf = (month: Month): Day => addDays(dayIn(addMonths(month, 1), 1), -1);

/** Within which days a tier asks for a visit each, of a month. */
export const windowsOf = (asked: Asked, month: Month): readonly Window[] =>
  'days' in asked
    ? asked.days.map(({ from, to }) => ({ from: dayIn(month, from), to: dayIn(month, to) }))
    : [{ from: dayIn(addMonths(month, 1 - asked.months), 1), to: lastDayOf(month) }];

/** Days in order, each once, by their months. */
export const byMonth = (days: readonly Day[]): DaysByMonth => {
  const found: Partial<Record<Month, number[]>> = {};
  for (const day of days) (found[monthOfDay(day)] ??= []).push(Number(day.slice(8)));
  return found;
};

/** `day` among them, once. */
export const withDay = (days: DaysByMonth, day: Day): DaysByMonth => {
  const month = monthOfDay(day);
  return { ...days, [month]: [...new Set([...(days[month] ?? []), Number(day.slice(8))])].toSorted((a, b) => a - b) };
};

/** Those of that month and later ones. */
export const fromMonth = (days: DaysByMonth, month: Month): DaysByMonth =>
  Object.fromEntries(Object.entries(days).filter(([each]) => each >= month));

/** One by one, the earliest first. */
export const daysIn = (days: DaysByMonth): readonly Day[] =>
  Object.entries(days)
    .flatMap(([month, each]) => (each ?? []).map((day) => dayIn(month as Month, day)))
    .toSorted();

export interface JudgedWindow extends Window {
  /** `open`: still running, and not visited yet. */
  readonly state: (typeof WINDOW_STATES)[number];
  readonly visitedOn?: Day | undefined;
  /** Somebody came, and found nobody. */
  readonly notFoundOn: readonly Day[];
}

export interface Judging {
  readonly asked: Asked;
  readonly month: Month;
  /** The day from which the person is to be visited. */
  readonly activeFrom: Day;
  /** Windows that have not begun by then are not judged. */
  readonly today: Day;
  readonly visited: DaysByMonth;
  readonly notFound?: DaysByMonth;
}

/**
 * The windows of a month in which somebody is due, as they stand on a day. Who became active after a window began is not due in it; a visit
 * on any day of a window counts, whatever else was so on that day.
 */
export const judgeWindows = ({ asked, month, activeFrom, today, visited, notFound = {} }: Judging): readonly JudgedWindow[] => {
  const [visits, attempts] = [daysIn(visited), daysIn(notFound)];
  return windowsOf(asked, month)
    .filter(({ from }) => activeFrom <= from && from <= today)
    .map(({ from, to }) => {
      const isWithin = (day: Day): boolean => from <= day && day <= to;
      const visitedOn = visits.find(isWithin);
      const state = visitedOn !== undefined ? 'visited' : today > to ? 'missed' : 'open';
      return { from, to, state, visitedOn, notFoundOn: attempts.filter(isWithin) };
    });
};
