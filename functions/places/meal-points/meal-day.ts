/** What a meal point (助餐点) has given out on a day: meals eaten there and meals brought home, counted as meals and not as people. Pure. */
import type { DivisionCode } from '../../kernel/division.ts';
import { addDays, dayOf, FIRST_DAY, plus, startOfDay, toInstant, type Day, type EpochMs, type Instant } from '../../kernel/time.ts';
import type { FieldError } from '../../http/problem.ts';
import { communityAt, type Facility } from '../facility.ts';

export interface Meals {
  /** Eaten at the point (堂食). */
  readonly served: number;
  /** Brought home (送餐). */
  readonly delivered: number;
}

export interface MealDay extends Meals {
  readonly point: string;
  readonly date: Day;
  /** Where they count. */
  readonly community: DivisionCode;
  readonly version: number;
  readonly change: 'entered' | 'changed';
  readonly changedAt: Instant;
  readonly enteredBy: string;
}

/** Days may be entered late, also those before the point was known here; none that has not come. */
const isOpenDay = (date: Day, now: EpochMs): boolean => date >= FIRST_DAY && date <= dayOf(now);

export const dayErrors = ({ date }: { readonly date: Day }, now: EpochMs): readonly FieldError[] =>
  isOpenDay(date, now)
    ? []
    : [{ path: 'date', message: { 'zh-CN': `应在 ${FIRST_DAY} 至今天之间`, en: `must be a day from ${FIRST_DAY} to today` } }];

/** Where the point stood when a day ended, or stands while it lasts, and that moment. */
export const stoodOn = (point: Facility, date: Day, now: EpochMs): { readonly community: DivisionCode; readonly at: Instant } => {
  const ends = plus(startOfDay(addDays(date, 1)), -1);
  const at = ends < now ? ends : now;
  return { community: communityAt(point, at), at: toInstant(at) };
};

/**
 * Where a day's meals count: where the point stood on it, and stays though the point moves later. Where that had gone out of use by then, where
 * the point stands now; undefined where that is out of use as well: nothing of it would count.
 */
export const countsIn = (
  point: Facility,
  { community, at }: ReturnType<typeof stoodOn>,
  isGone: (community: DivisionCode, at: Instant) => boolean,
): DivisionCode | undefined => [community, point.community].find((each) => !isGone(each, at));

/** Who may enter or correct a day: workers of the community in which it counts, or has counted until now, and of the one where the point stands. */
export const keepersOf = (point: Facility, counts: DivisionCode, before: MealDay | undefined): readonly DivisionCode[] => [
  before?.community ?? counts,
  point.community,
];

/** A day that counts elsewhere, since it is not over and its point has moved. */
export const movedDay = (day: MealDay, community: DivisionCode, now: EpochMs): MealDay => ({
  ...day,
  community,
  version: day.version + 1,
  change: 'changed',
  changedAt: toInstant(now),
});

export const mealDayFrom = (
  { id }: Facility,
  community: DivisionCode,
  date: Day,
  { served, delivered }: Meals,
  before: MealDay | undefined,
  by: string,
  now: EpochMs,
): MealDay => ({
  point: id,
  date,
  served,
  delivered,
  community,
  version: (before?.version ?? 0) + 1,
  change: before === undefined ? 'entered' : 'changed',
  changedAt: toInstant(now),
  enteredBy: by,
});
