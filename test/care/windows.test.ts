/** When somebody is to be visited: the windows of each tier, and how they are judged. */
import { expect, test } from 'vitest';
import { judgeWindows, windowsOf, withDay, type DaysByMonth } from '../../functions/care/windows.ts';
import { VISIT_PLAN, type Tier } from '../../functions/kernel/visit-plan.ts';
import type { Day, Month } from '../../functions/kernel/time.ts';

const days = (...all: readonly string[]): DaysByMonth => all.reduce<DaysByMonth>((found, day) => withDay(found, day as Day), {});
const judged = (
  tier: Tier,
  month: string,
  today: string,
  visits: readonly string[] = [],
  activeFrom = '2020-01-01',
  notFound: readonly string[] = [],
) =>
  judgeWindows({
    asked: VISIT_PLAN[tier],
    month: month as Month,
    activeFrom: activeFrom as Day,
    today: today as Day,
    visited: days(...visits),
    notFound: days(...notFound),
  }).map(({ from, state, visitedOn, notFoundOn }) => [
    from.slice(5),
    state,
    ...(visitedOn === undefined ? [] : [visitedOn.slice(5)]),
    ...notFoundOn,
  ]);

test('high is once in each of four weeks, key once in the month, general once in three months that end with it', () => {
  const ends = (tier: Tier, month: string): readonly string[] =>
    windowsOf(VISIT_PLAN[tier], month as Month).flatMap(({ from, to }) => [from, to]);
  expect(ends('high', '2026-02').slice(-2)).toEqual(['2026-02-22', '2026-02-28']);
  expect(ends('key', '2028-02')).toEqual(['2028-02-01', '2028-02-29']);
  expect(ends('general', '2027-01')).toEqual(['2026-11-01', '2027-01-31']);
});

test('a window is open until its last day is over, then missed; one that has not begun is not judged', () => {
  expect(judged('high', '2026-11', '2026-11-14', ['2026-11-07'])).toEqual([
    ['11-01', 'visited', '11-07'],
    ['11-08', 'open'],
  ]);
  expect(judged('high', '2026-11', '2026-11-15', ['2026-11-29'], undefined, ['2026-11-14'])).toEqual([
    ['11-01', 'missed'],
    ['11-08', 'missed', '2026-11-14'],
    ['11-15', 'open'],
  ]);
  expect(judged('key', '2026-11', '2026-11-30')).toEqual([['11-01', 'open']]);
  expect(judged('key', '2026-11', '2026-12-01')).toEqual([['11-01', 'missed']]);
});

test('who became active after a window began is not due in it', () => {
  expect(judged('high', '2026-11', '2026-11-30', [], '2026-11-15').map(([from]) => from)).toEqual(['11-15', '11-22']);
  expect(judged('key', '2026-11', '2026-11-30', [], '2026-11-02')).toEqual([]);
  expect(judged('general', '2026-11', '2026-11-30', [], '2026-09-02')).toEqual([]);
  expect(judged('general', '2026-11', '2026-11-30', ['2026-09-30'], '2026-09-01')).toEqual([['09-01', 'visited', '09-30']]);
});
