/** What a fund had, got, gave and has, in a quarter or a year. Pure. */
import { addMonths, dayOf, epochMs, fromInstant, plus, startOfMonth, type EpochMs, type Instant, type Month } from '../kernel/time.ts';
import type { Account } from './ledger.ts';

/** `2026-Q4`, or `2026`. */
export const PERIOD_PATTERN = /^(?:19|2\d)\d\d(?:-Q[1-4])?$/;
const MONTHS_OF_A_QUARTER = 3;
const MONTHS_OF_A_YEAR = 12;

/** Its first month, and the first that is no longer in it. */
export const monthsOf = (period: string): { readonly from: Month; readonly until: Month } => {
  const [year = '', quarter] = period.split('-Q');
  const first = `${year}-01` as Month;
  if (quarter === undefined) return { from: first, until: addMonths(first, MONTHS_OF_A_YEAR) };
  const from = addMonths(first, (Number(quarter) - 1) * MONTHS_OF_A_QUARTER);
  return { from, until: addMonths(from, MONTHS_OF_A_QUARTER) };
};

export const hasBegun = (period: string, now: EpochMs): boolean => startOfMonth(monthsOf(period).from) <= now;
export const isOver = (period: string, now: EpochMs): boolean => startOfMonth(monthsOf(period).until) <= now;

/** Whether it was over before there was its fund: then there is nothing to state, and nobody was late with it. */
export const isBefore = (period: string, { createdAt }: { readonly createdAt: Instant }): boolean => isOver(period, fromInstant(createdAt));

/** The quarter that was over last at a moment, and the year where it ended with it. */
export const justOver = (at: EpochMs): readonly string[] => {
  const [year = '', month = ''] = dayOf(
    epochMs(startOfMonth(addMonths(dayOf(at).slice(0, 7) as Month, -((Number(dayOf(at).slice(5, 7)) - 1) % 3))) - 1),
  ).split('-');
  const quarter = Math.ceil(Number(month) / MONTHS_OF_A_QUARTER);
  return [`${year}-Q${quarter}`, ...(quarter === 4 ? [year] : [])];
};

/** The last moment of it. */
export const endOf = (period: string): EpochMs => plus(startOfMonth(monthsOf(period).until), -1);

export interface Sums {
  readonly opening: number;
  readonly in: number;
  readonly out: number;
  /** From and to other purposes; nothing in all. */
  readonly moved: number;
  readonly closing: number;
  readonly grants: number;
  readonly administrative: number;
}

const NOTHING: Sums = { opening: 0, in: 0, out: 0, moved: 0, closing: 0, grants: 0, administrative: 0 };

const added = (one: Sums, other: Sums): Sums => ({
  opening: one.opening + other.opening,
  in: one.in + other.in,
  out: one.out + other.out,
  moved: one.moved + other.moved,
  closing: one.closing + other.closing,
  grants: one.grants + other.grants,
  administrative: one.administrative + other.administrative,
});

/** One account, from its months in their order; the last is the one that it is in. */
const sumsOf = (months: readonly Account[], from: Month, until: Month): Sums => {
  const last = months.at(-1);
  if (last === undefined) return NOTHING;
  const opening = months.find(({ month }) => month >= from)?.opening ?? last.balance;
  const within = months.filter(({ month }) => month >= from && month < until);
  const end = within.at(-1);
  const moved = within.reduce((sum, each) => added(sum, { ...NOTHING, ...each, opening: 0, closing: 0 }), NOTHING);
  return { ...moved, opening, closing: end === undefined ? opening : end.balance };
};

/**
 * By purpose, from everything that its accounts have been in since the period began: months that are over, and the one that each is in; each
 * month of an account once.
 */
export const sumsByPurpose = (months: readonly Account[], period: string): ReadonlyMap<string, Sums> => {
  const { from, until } = monthsOf(period);
  const byAccount = Map.groupBy(months, ({ purpose, account }) => `${purpose}/${account}`);
  const byPurpose = new Map<string, Sums>();
  for (const each of byAccount.values()) {
    const inOrder = each.toSorted((a, b) => (a.month < b.month ? -1 : 1));
    const purpose = inOrder[0]?.purpose ?? '';
    byPurpose.set(purpose, added(byPurpose.get(purpose) ?? NOTHING, sumsOf(inOrder, from, until)));
  }
  return byPurpose;
};

export const total = (sums: Iterable<Sums>): Sums => [...sums].reduce(added, NOTHING);

/** A share to six decimals; null of nothing. */
export const share = (part: number, whole: number): number | null => (whole <= 0 ? null : Number((part / whole).toFixed(6)));
