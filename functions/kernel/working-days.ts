/** China's working days: the State Council's yearly holiday notice, make-up days (调休) included. */
// The data alone: the package's entry costs 10 ms of a cold start where this costs 1, and its dates are a day off on a host west of UTC.
import calendar from 'chinese-days/dist/chinese-days.json' with { type: 'json' };
import type { Day } from './time.ts';

const isWeekday = (day: Day): boolean => {
  const weekday = new Date(`${day}T00:00:00Z`).getUTCDay();
  return weekday >= 1 && weekday <= 5;
};

/**
 * Whether people work on this day. In a published year as the State Council's notice says (国务院办公厅关于…年部分节假日安排的通知): a weekday may be
 * off, and a Saturday or Sunday worked to make up for it. In any other year Monday to Friday.
 */
export const isWorkingDay = (day: Day): boolean =>
  Object.hasOwn(calendar.workdays, day) || (!Object.hasOwn(calendar.holidays, day) && isWeekday(day));

/**
 * Whether the notice for this day's year is in the data, so that `isWorkingDay` is a fact and not a guess. A notice comes out in the autumn
 * before its year, and now and then moves one of the last days of December too.
 */
export const isPublished = (day: Day): boolean =>
  // Every notice begins with New Year's Day, a holiday by law.
  Object.hasOwn(calendar.holidays, `${day.slice(0, 4)}-01-01`);
