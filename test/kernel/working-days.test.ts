import chineseDays from 'chinese-days';
import fc from 'fast-check';
import { afterAll, describe, expect, it, vi } from 'vitest';
import { addDays, type Day } from '../../functions/kernel/time.ts';
import { isPublished, isWorkingDay } from '../../functions/kernel/working-days.ts';

// The library itself is a day off west of UTC; ours, which every other test runs in New York, must not be.
const { zone } = vi.hoisted(() => {
  const { TZ } = process.env;
  process.env['TZ'] = 'Asia/Shanghai';
  return { zone: TZ };
});
afterAll(() => {
  process.env['TZ'] = zone;
});

const day = (text: string): Day => text as Day;
const yearOf = (year: number): Day[] => {
  const days: Day[] = [];
  for (let next = day(`${year}-01-01`); next.startsWith(`${year}`); next = addDays(next, 1)) days.push(next);
  return days;
};
const isWeekend = (one: Day): boolean => [0, 6].includes(new Date(one).getUTCDay());

/** What differs from Monday to Friday, transcribed from the notices themselves. */
const NOTICES = [
  {
    notice: '国办发明电〔2024〕12号',
    year: 2025,
    off: '01-01 01-28 01-29 01-30 01-31 02-03 02-04 04-04 05-01 05-02 05-05 06-02 10-01 10-02 10-03 10-06 10-07 10-08',
    makeUp: '01-26 02-08 04-27 09-28 10-11',
  },
  {
    notice: '国务院办公厅关于2026年部分节假日安排的通知 (4 November 2025)',
    year: 2026,
    off: '01-01 01-02 02-16 02-17 02-18 02-19 02-20 02-23 04-06 05-01 05-04 05-05 06-19 09-25 10-01 10-02 10-05 10-06 10-07',
    makeUp: '01-04 02-14 02-28 05-09 09-20 10-10',
  },
];

describe('the official calendar', () => {
  it.each(NOTICES)('$year follows $notice on every day of the year', ({ year, off, makeUp }) => {
    const days = yearOf(year);
    const monthAndDay = (one: Day): string => one.slice(5);
    expect(days.filter((one) => !isWeekend(one) && !isWorkingDay(one)).map(monthAndDay)).toEqual(off.split(' '));
    expect(days.filter((one) => isWeekend(one) && isWorkingDay(one)).map(monthAndDay)).toEqual(makeUp.split(' '));
  });

  it('says of every day what the library itself says', () => {
    for (let year = 2000; year <= 2040; year += 1) {
      for (const one of yearOf(year)) {
        // A Date at local midnight: the library reads a text as UTC but finds its weekday by the host's zone.
        const local = new Date(year, Number(one.slice(5, 7)) - 1, Number(one.slice(8)));
        expect(isWorkingDay(one), one).toBe(chineseDays.isWorkday(local));
      }
    }
  });
});

describe('the published years', () => {
  const years = Array.from({ length: 100 }, (_, index) => 2000 + index);
  const published = years.filter((year) => isPublished(day(`${year}-07-01`)));

  it('begin in 2004, have no gap and hold 2025 and 2026', () => {
    expect(published[0]).toBe(2004);
    expect(published).toEqual(published.map((_, index) => 2004 + index));
    expect(published).toEqual(expect.arrayContaining([2025, 2026]));
  });

  it('are whole: their first and last day answer alike', () => {
    for (const year of years) {
      expect(isPublished(day(`${year}-01-01`))).toBe(published.includes(year));
      expect(isPublished(day(`${year}-12-31`))).toBe(published.includes(year));
    }
  });

  it('are those for which the library knows a holiday', () => {
    for (const year of years) {
      const known = chineseDays.getHolidaysInRange(new Date(year, 0, 1), new Date(year, 11, 31), false).length > 0;
      expect(published.includes(year), `${year}`).toBe(known);
    }
  });

  it('are followed by years of Monday to Friday', () => {
    const last = Math.max(...published);
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 40 * 365 }), (days) => {
        const beyond = addDays(day(`${last}-12-31`), days);
        expect(isPublished(beyond)).toBe(false);
        expect(isWorkingDay(beyond)).toBe(!isWeekend(beyond));
      }),
    );
  });
});
