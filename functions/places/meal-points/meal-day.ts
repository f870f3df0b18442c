/** What a meal point (助餐点) has given out on a day: meals eaten there and meals brought home, counted as meals and not as people. Pure. */
import type { DivisionCode } from '../../kernel/division.ts';
import { addDays, dayOf, plus, startOfDay, toInstant, type Day, type EpochMs, type Instant } from '../../kernel/time.ts';
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

/** Nothing was written down here before. */
export const FIRST_DAY = '2000-01-01' as Day;

/** Days may be entered late, also those before the point was known here; none that has not come. */
export const isOpenDay = (date: Day, now: EpochMs): boolean => date >= FIRST_DAY && date <= dayOf(now);

/**
 * Where a day's meals count: where the point stood when the day ended, or stands while it lasts. What was given out stays where it was, though
 * the point moves later.
 */
const communityOf = (point: Facility, date: Day, now: EpochMs): DivisionCode => {
  const ends = plus(startOfDay(addDays(date, 1)), -1);
  return communityAt(point, ends < now ? ends : now);
};

export const mealDayFrom = (
  point: Facility,
  date: Day,
  { served, delivered }: Meals,
  before: MealDay | undefined,
  by: string,
  now: EpochMs,
): MealDay => ({
  point: point.id,
  date,
  served,
  delivered,
  community: communityOf(point, date, now),
  version: (before?.version ?? 0) + 1,
  change: before === undefined ? 'entered' : 'changed',
  changedAt: toInstant(now),
  enteredBy: by,
});
