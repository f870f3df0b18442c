import { expect, test } from 'vitest';
import { addMonthsToDay, type Day } from '../../functions/kernel/time.ts';

test('the same day some months on is the last of a month that lacks it', () => {
  expect(addMonthsToDay('2026-12-31' as Day, 2)).toBe('2027-02-28');
  expect(addMonthsToDay('2027-12-31' as Day, 2)).toBe('2028-02-29');
  expect(addMonthsToDay('2026-11-24' as Day, 12)).toBe('2027-11-24');
  expect(addMonthsToDay('2026-03-31' as Day, -1)).toBe('2026-02-28');
});
