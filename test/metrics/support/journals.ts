/** Journals of funds of divisions of every level, told of as the relay does, and what they come to. */
import type { JournalImage } from '../../../functions/donations/reader.ts';
import type { DivisionCode } from '../../../functions/kernel/division.ts';
import { fromInstant, monthOf, type Instant } from '../../../functions/kernel/time.ts';
import { rereadable, type Rereadable } from '../../../functions/metrics/images.ts';
import { donations } from '../../../functions/metrics/sources/donations.ts';
import type { RequestEvent } from './pieces.ts';

let made = 0;
/** Of a fund of that division, at a moment in Shanghai: `2026-11-03 09:00`. */
export const journal = (division: string, at: string, amount: number, kind = 'donation'): JournalImage => ({
  id: `j${++made}`,
  version: 1,
  fund: `fund-${division}`,
  division: division as DivisionCode,
  at: new Date(`${at.replace(' ', 'T')}:00+08:00`).toISOString() as Instant,
  kind,
  amount,
});

export const posted = (item: JournalImage): RequestEvent =>
  ({ detail: { id: `JOURNAL#${item.fund}/${item.id}#1`, type: 'journal.posted', data: { item } } }) as unknown as RequestEvent;

/** Fen received and given in a month in a division and all below it. */
export const fenOf = (journals: readonly JournalImage[], division: string, month: string): readonly [received: number, given: number] => {
  const sum = (wanted: string): number =>
    journals
      .filter((each) => each.kind === wanted && each.division.startsWith(division) && monthOf(fromInstant(each.at)) === month)
      .reduce((total, { amount }) => total + amount, 0);
  return [sum('donation'), sum('grant')];
};

/** The same source over these journals, for who makes facts again. */
export const journalsOf = (journals: readonly JournalImage[]): Rereadable =>
  rereadable(donations, async function* (_, division) {
    yield await Promise.resolve(journals.filter((each) => each.division === division));
  });
