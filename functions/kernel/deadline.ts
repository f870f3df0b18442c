/** Clocks that run towards a deadline, by calendar time or by working days, and what a pause does to them. */
import { addDays, DAY, dayOf, epochMs, HOUR, MINUTE, plus, startOfDay, type Day, type EpochMs } from './time.ts';
import { isPublished, isWorkingDay } from './working-days.ts';

export type TimeUnit = 'minutes' | 'hours' | 'days' | 'workingDays';

/** How long something may take. `amount` is a positive integer; a day is 24 hours, a working day the 24 hours of one in Shanghai. */
export interface TimeLimit {
  readonly amount: number;
  readonly unit: TimeUnit;
}

/** The last moment that is in time. `estimated` when working days were counted beyond the years that the State Council has published. */
export interface Deadline {
  readonly at: EpochMs;
  readonly estimated: boolean;
}

const LENGTH: Readonly<Record<TimeUnit, number>> = { minutes: MINUTE, hours: HOUR, days: DAY, workingDays: DAY };

const nextWorkingDay = (day: Day): Day => {
  let next = addDays(day, 1);
  while (!isWorkingDay(next)) next = addDays(next, 1);
  return next;
};

/**
 * When a limit that begins at `start` ends. Minutes, hours and days are elapsed time. n working days end on the n-th working day after the day
 * of `start`, which itself never counts, at the same time of day in Shanghai: one working day from Friday 11:00 is Monday 11:00, and from
 * Saturday 10:00 Monday 10:00. So an earlier start never ends on a later day, but on that day it may end at a later hour.
 */
export const deadlineAfter = (start: EpochMs, { amount, unit }: TimeLimit): Deadline => {
  if (unit !== 'workingDays') return { at: plus(start, amount * LENGTH[unit]), estimated: false };
  const first = dayOf(start);
  let day = first;
  for (let counted = 0; counted < amount; counted += 1) day = nextWorkingDay(day);
  return { at: plus(startOfDay(day), start - startOfDay(first)), estimated: !isPublished(day) };
};

/** How much working time lies between two moments: milliseconds of the 24 hours of each working day; 0 when `to` is not after `from`. */
export const workingTimeBetween = (from: EpochMs, to: EpochMs): number => {
  let total = 0;
  let moment = from;
  for (let day = dayOf(from); moment < to; day = addDays(day, 1)) {
    const end = Math.min(plus(startOfDay(day), DAY), to);
    if (isWorkingDay(day)) total += end - moment;
    moment = epochMs(end);
  }
  return total;
};

/**
 * The moment up to which `milliseconds` of working time lie after `start`, so that `workingTimeBetween(start, at)` gives them back. Where they
 * end with a working day, it is the first moment of the next working day, as in `deadlineAfter`. No time leaves `start` as it is.
 */
export const addWorkingTime = (start: EpochMs, milliseconds: number): Deadline => {
  if (milliseconds <= 0) return { at: start, estimated: false };
  let day = dayOf(start);
  let moment = start;
  if (!isWorkingDay(day)) {
    day = nextWorkingDay(day);
    moment = startOfDay(day);
  }
  let left = milliseconds;
  for (let today = startOfDay(day) + DAY - moment; left >= today; today = DAY) {
    left -= today;
    day = nextWorkingDay(day);
    moment = startOfDay(day);
  }
  return { at: plus(moment, left), estimated: !isPublished(day) };
};

/**
 * A deadline after its clock stood still from `pausedAt` to `resumedAt`: as much time is left at `resumedAt` as there was at `pausedAt`, by the
 * unit of its limit: elapsed time, or working time. It never comes earlier, never lies before `resumedAt`, and one that had passed before the
 * pause stays as it was. Where no working time was left (a deadline set by hand on a non-working day), the clock resumes at its end.
 */
export const afterPause = ({
  deadline,
  pausedAt,
  resumedAt,
  unit,
}: {
  readonly deadline: Deadline;
  readonly pausedAt: EpochMs;
  readonly resumedAt: EpochMs;
  readonly unit: TimeUnit;
}): Deadline => {
  if (deadline.at < pausedAt || resumedAt <= pausedAt) return deadline;
  if (unit !== 'workingDays') return { ...deadline, at: plus(deadline.at, resumedAt - pausedAt) };
  // Moving it by the working time of the pause leaves the same remainder as counting anew, and cannot bring it forward.
  const moved = addWorkingTime(deadline.at, workingTimeBetween(pausedAt, resumedAt));
  return { at: epochMs(Math.max(moved.at, resumedAt)), estimated: deadline.estimated || moved.estimated };
};

/**
 * When a pause that began at `pausedAt` ends by itself: once all pauses together have used the allowance. `usedWorkingMs` is what earlier ones
 * used, in milliseconds by the allowance's own measure: `workingTimeBetween` for working days, elapsed time for another unit. With nothing
 * left it ends where it began.
 */
export const pauseEnds = (pausedAt: EpochMs, usedWorkingMs: number, { amount, unit }: TimeLimit): Deadline => {
  const left = Math.max(0, amount * LENGTH[unit] - usedWorkingMs);
  return unit === 'workingDays' ? addWorkingTime(pausedAt, left) : { at: plus(pausedAt, left), estimated: false };
};
