/**
 * Moments, days and months. A moment is held in milliseconds since 1970 and shown as RFC 3339 in UTC; a day and a month are those of
 * Asia/Shanghai, which has kept UTC+8 without summer time since 1991.
 */
declare const unit: unique symbol;

/** A moment: whole milliseconds since 1970-01-01T00:00:00Z. */
export type EpochMs = number & { readonly [unit]: 'EpochMs' };
/** A moment as DynamoDB's TTL wants it: whole seconds since 1970-01-01T00:00:00Z. */
export type EpochSeconds = number & { readonly [unit]: 'EpochSeconds' };
/** A moment in text: RFC 3339, UTC, milliseconds, `2026-11-24T06:00:00.000Z`. Sorts as time does. */
export type Instant = string & { readonly [unit]: 'Instant' };
/** A day in Asia/Shanghai, `2026-11-24`. */
export type Day = string & { readonly [unit]: 'Day' };
/** A month in Asia/Shanghai, `2026-11`. */
export type Month = string & { readonly [unit]: 'Month' };

export const SECOND = 1000;
export const MINUTE = 60 * SECOND;
export const HOUR = 60 * MINUTE;
export const DAY = 24 * HOUR;
const SHANGHAI_OFFSET = 8 * HOUR;

/** Where "now" comes from: the system's clock in production, a turned one in tests. */
export type Clock = () => EpochMs;

export const epochMs = (milliseconds: number): EpochMs => milliseconds as EpochMs;
export const plus = (moment: EpochMs, milliseconds: number): EpochMs => (moment + milliseconds) as EpochMs;
export const toInstant = (moment: EpochMs): Instant => new Date(moment).toISOString() as Instant;
export const fromInstant = (instant: Instant): EpochMs => Date.parse(instant) as EpochMs;
export const toEpochSeconds = (moment: EpochMs): EpochSeconds => Math.floor(moment / SECOND) as EpochSeconds;

const RFC3339 = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:\.\d+)?(?:Z|[+-]\d{2}:\d{2})$/;

/** What a moment may be: a year beyond four digits sorts wrongly as text, and nothing of ours was in 1800 or will be in 3000. */
const EARLIEST = Date.UTC(1800, 0, 1);
const LATEST = Date.UTC(3000, 0, 1);

/** Reads an RFC 3339 moment with any offset, from 1800 to 2999; undefined where the text is none, or names a day that does not exist. */
export const parseInstant = (text: string): EpochMs | undefined => {
  if (!RFC3339.test(text)) return undefined;
  const moment = Date.parse(text);
  if (!(moment >= EARLIEST && moment < LATEST)) return undefined;
  const lastDay = new Date(Date.UTC(Number(text.slice(0, 4)), Number(text.slice(5, 7)), 0)).getUTCDate();
  return Number(text.slice(8, 10)) <= lastDay ? epochMs(moment) : undefined;
};

/** The moment in text as clocks in Shanghai show it, `2026-11-24T14:00:00+08:00`; with milliseconds where it has any. */
export const toShanghai = (moment: EpochMs): string => new Date(moment + SHANGHAI_OFFSET).toISOString().replace(/(?:\.000)?Z$/, '+08:00');

/** Nothing was written down here before: no day of meals, and nobody who is looked after begins. */
export const FIRST_DAY = '2000-01-01' as Day;

/** The day in Shanghai on which a moment falls. */
export const dayOf = (moment: EpochMs): Day => new Date(moment + SHANGHAI_OFFSET).toISOString().slice(0, 10) as Day;
/** The first moment of a day in Shanghai. */
export const startOfDay = (day: Day): EpochMs => (Date.parse(`${day}T00:00:00Z`) - SHANGHAI_OFFSET) as EpochMs;
/** The day that comes `count` days after (before, when negative). */
export const addDays = (day: Day, count: number): Day =>
  new Date(Date.parse(`${day}T00:00:00Z`) + count * DAY).toISOString().slice(0, 10) as Day;

/** The month in Shanghai in which a moment falls. */
export const monthOf = (moment: EpochMs): Month => dayOf(moment).slice(0, 7) as Month;
/** The month that comes `count` months after (before, when negative). */
export const addMonths = (month: Month, count: number): Month =>
  new Date(Date.UTC(Number(month.slice(0, 4)), Number(month.slice(5)) - 1 + count)).toISOString().slice(0, 7) as Month;
/** The same day `count` months after; the last of its month where that is shorter. */
export const addMonthsToDay = (day: Day, count: number): Day => {
  const month = addMonths(day.slice(0, 7) as Month, count);
  const last = addDays(`${addMonths(month, 1)}-01` as Day, -1);
  const same = `${month}-${day.slice(8)}` as Day;
  return same < last ? same : last;
};
/** The first moment of a month in Shanghai. */
export const startOfMonth = (month: Month): EpochMs => startOfDay(`${month}-01` as Day);
/** The first moment that is no longer in it. */
export const endOfMonth = (month: Month): EpochMs => startOfMonth(addMonths(month, 1));
