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
  readonly by?: string | undefined;
  readonly createdAt: Instant;
  readonly settledAt?: Instant | undefined;
  /** Asked for at its provider next. */
  readonly askAt?: Instant | undefined;
}

const ASK_AFTER = 10 * MINUTE;
const ASK_AT_MOST = 6 * HOUR;

export const newRefund = (
  { id, amount, reason, ground, transaction, by }: Pick<Refund, 'id' | 'amount' | 'reason' | 'ground' | 'transaction' | 'by'>,
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

/** Still under way: asked again after as long as it has taken so far. */
export const askedAgain = (refund: Refund, now: EpochMs): Refund => {
  const wait = Math.min(Math.max(now - Date.parse(refund.createdAt), ASK_AFTER), ASK_AT_MOST);
  return { ...refund, version: refund.version + 1, change: 'postponed', changedAt: toInstant(now), askAt: toInstant(plus(now, wait)) };
};
