/** The hours in which nobody wants to be disturbed. Pure. */
import { addDays, dayOf, MINUTE, plus, startOfDay, type EpochMs } from '../kernel/time.ts';
import type { QuietHours } from './person.ts';

/** Since midnight, in milliseconds. */
const timeOf = (text: string): number => {
  const [hours = 0, minutes = 0] = text.split(':').map(Number);
  return (hours * 60 + minutes) * MINUTE;
};

/** When quiet hours end that a moment lies in, `from` within them and `to` no longer; undefined where it lies in none. */
export const quietUntil = (quietHours: QuietHours | undefined, now: EpochMs): EpochMs | undefined => {
  if (quietHours === undefined) return undefined;
  const [from, to] = [timeOf(quietHours.from), timeOf(quietHours.to)];
  const today = dayOf(now);
  const time = now - startOfDay(today);
  if (from <= to) return from <= time && time < to ? plus(startOfDay(today), to) : undefined;
  if (time < to) return plus(startOfDay(today), to);
  return time >= from ? plus(startOfDay(addDays(today, 1)), to) : undefined;
};
