import { expect, test } from 'vitest';
import { epochMs, toShanghai } from '../../functions/kernel/time.ts';
import { quietUntil } from '../../functions/notifications/quiet-until.ts';

const at = (moment: string, from: string, to: string): string | undefined => {
  const until = quietUntil({ from, to }, epochMs(Date.parse(moment)));
  return until === undefined ? undefined : toShanghai(until);
};

test('quiet hours by day end on the same day', () => {
  expect(at('2026-11-24T12:59:59+08:00', '13:00', '14:30')).toBeUndefined();
  expect(at('2026-11-24T13:00:00+08:00', '13:00', '14:30')).toBe('2026-11-24T14:30:00+08:00');
  expect(at('2026-11-24T14:29:59.999+08:00', '13:00', '14:30')).toBe('2026-11-24T14:30:00+08:00');
  expect(at('2026-11-24T14:30:00+08:00', '13:00', '14:30')).toBeUndefined();
});

test('quiet hours over midnight end in the morning, of the next day before it', () => {
  expect(at('2026-11-24T21:59:59+08:00', '22:00', '07:00')).toBeUndefined();
  expect(at('2026-11-24T22:00:00+08:00', '22:00', '07:00')).toBe('2026-11-25T07:00:00+08:00');
  expect(at('2026-12-31T23:59:59+08:00', '22:00', '07:00')).toBe('2027-01-01T07:00:00+08:00');
  expect(at('2027-01-01T00:00:00+08:00', '22:00', '07:00')).toBe('2027-01-01T07:00:00+08:00');
  expect(at('2027-01-01T07:00:00+08:00', '22:00', '07:00')).toBeUndefined();
  expect(at('2026-02-28T23:00:00+08:00', '22:00', '00:00')).toBe('2026-03-01T00:00:00+08:00');
});

test('they are those of Shanghai, wherever the moment was written', () => {
  expect(at('2026-11-24T15:00:00Z', '22:00', '07:00')).toBe('2026-11-25T07:00:00+08:00');
  expect(at('2026-11-24T14:00:00Z', '22:00', '07:00')).toBe('2026-11-25T07:00:00+08:00');
  expect(at('2026-11-24T13:59:59Z', '22:00', '07:00')).toBeUndefined();
});

test('who wants none, or hours of no length, is never left in quiet', () => {
  expect(quietUntil(undefined, epochMs(0))).toBeUndefined();
  expect(at('2026-11-24T22:00:00+08:00', '22:00', '22:00')).toBeUndefined();
});
