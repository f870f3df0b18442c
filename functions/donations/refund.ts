/**
 * Money on its way back to who gave it: asked for by a treasurer, or since an order was paid twice; or taken back already by the payer's bank,
 * and to be posted once the purpose has so much. Pure.
 */
import type { DivisionCode } from '../kernel/division.ts';
import type { Fen } from '../kernel/money.ts';
import { HOUR, MINUTE, plus, toInstant, type EpochMs, type Instant } from '../kernel/time.ts';
import type { Donation, RefundStatus } from './donation.ts';

export interface Refund {
  readonly id: string;
  readonly version: number;
  readonly change: 'requested' | 'succeeded' | 'failed' | 'postponed';
  readonly changedAt: Instant;
  readonly donation: string;
  readonly fund: string;
  readonly division: DivisionCode;
  readonly purpose: string;
  readonly amount: Fen;
  readonly channel: string;
  /** The payment that goes back, or the dispute. */
  readonly transaction?: string | undefined;
  readonly ground: 'requested' | 'paidTwice' | 'disputeLost';
  readonly reason: string;
  readonly status: RefundStatus;
  /** Fen that have gone and that nobody has borne yet. */
  readonly owed?: number | undefined;
  readonly by?: string | undefined;
  readonly createdAt: Instant;
  readonly settledAt?: Instant | undefined;
  /** Asked for at its provider next. */
  readonly askAt?: Instant | undefined;
}

const ASK_AFTER = 10 * MINUTE;
const ASK_AT_MOST = 6 * HOUR;

export const newRefund = (
  {
    id,
    amount,
    reason,
    ground,
    transaction,
    by,
    owed,
  }: Pick<Refund, 'id' | 'amount' | 'reason' | 'ground' | 'transaction' | 'by' | 'owed'>,
  donation: Donation,
  status: RefundStatus,
  now: EpochMs,
): Refund => ({
  id,
  version: 1,
  change: status === 'succeeded' ? 'succeeded' : 'requested',
  changedAt: toInstant(now),
  donation: donation.id,
  fund: donation.fund,
  division: donation.division,
  purpose: donation.purpose,
  amount,
  channel: donation.channel,
  transaction,
  ground,
  reason,
  status,
  owed,
  by,
  createdAt: toInstant(now),
  settledAt: status === 'pending' ? undefined : toInstant(now),
  askAt: status === 'pending' ? toInstant(plus(now, ASK_AFTER)) : undefined,
});

export const settled = (refund: Refund, outcome: 'succeeded' | 'failed', now: EpochMs): Refund => ({
  ...refund,
  version: refund.version + 1,
  change: outcome,
  changedAt: toInstant(now),
  status: outcome,
  settledAt: toInstant(now),
  askAt: undefined,
});

/**
 * It was told otherwise than it had ended, and so it is now; a second payment goes back once more. What is owed is borne by and by, and a
 * provider that has said both is asked which it is.
 */
export const reversed = (refund: Refund, status: RefundStatus, owed: number, isToAsk: boolean, now: EpochMs): Refund => ({
  ...refund,
  version: refund.version + 1,
  change: status === 'pending' ? 'postponed' : status,
  changedAt: toInstant(now),
  status,
  owed: owed === 0 ? undefined : owed,
  settledAt: status === 'pending' ? undefined : toInstant(now),
  askAt: isToAsk || owed > 0 || status === 'pending' ? toInstant(plus(now, ASK_AFTER)) : undefined,
});

/** So much of what was owed is borne. */
export const borne = (refund: Refund, amount: number, now: EpochMs): Refund => {
  const owed = (refund.owed ?? 0) - amount;
  if (owed > 0) return { ...refund, version: refund.version + 1, change: 'postponed', changedAt: toInstant(now), owed };
  // That it has gone after all is still asked for.
  return { ...settled(refund, 'succeeded', now), owed: undefined, askAt: refund.status === 'pending' ? undefined : refund.askAt };
};

/** Its provider says what we say. */
export const confirmed = (refund: Refund, now: EpochMs): Refund => ({
  ...refund,
  version: refund.version + 1,
  change: 'postponed',
  changedAt: toInstant(now),
  askAt: undefined,
});

/** Still under way: asked again after as long as it has taken so far. */
export const askedAgain = (refund: Refund, now: EpochMs): Refund => {
  const wait = Math.min(Math.max(now - Date.parse(refund.createdAt), ASK_AFTER), ASK_AT_MOST);
  return { ...refund, version: refund.version + 1, change: 'postponed', changedAt: toInstant(now), askAt: toInstant(plus(now, wait)) };
};
