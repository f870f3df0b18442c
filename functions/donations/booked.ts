/** What the books have of a channel and day, as a provider's bill is compared with it. Pure. */
import type { DivisionCode } from '../kernel/division.ts';
import { dayOf, fromInstant, type Day } from '../kernel/time.ts';
import type { Journal } from './ledger.ts';
import { isByHand } from './names.ts';

/** A payment or refund that both should know. */
export interface Known {
  readonly of: 'payment' | 'refund';
  /** As its provider names it; a refund by its own id. */
  readonly id: string;
  readonly amount: number;
  /** Of its fund; unknown where our books have nothing like it. */
  readonly division?: DivisionCode | undefined;
  /** Was told by the bill first. */
  readonly recovered?: boolean;
}

/** What is booked, and which order to ask for. */
export interface Booked extends Known {
  readonly division: DivisionCode;
  readonly order: string;
}

/** What the comparison itself writes is written as its. */
export const RECONCILIATION_RUN = 'paymentReconciliation#';
/** What a run has put into the books itself, now or when it was run for this before. */
export const isRecovered = ({ requestId }: { readonly requestId?: string }): boolean => requestId?.startsWith(RECONCILIATION_RUN) === true;

/** Which side of a bill a journal stands on; neither for most. */
const sideOf = ({ kind }: Journal): Known['of'] | undefined => {
  if (kind === 'donation' || kind === 'doublePayment') return 'payment';
  return kind === 'refundPaid' || kind === 'doublePaymentReturned' ? 'refund' : undefined;
};

/**
 * Where a journal is looked for when a bill is compared, if it is on any: payments on their day by the provider's clock, since some are told a
 * day late, refunds by ours.
 */
export const bookedOf = (
  journal: Journal & { readonly requestId?: string },
): { readonly channel: string; readonly day: Day; readonly booked: Booked } | undefined => {
  const { channel, donation: order, amount, division, paidAt, at } = journal;
  const of = sideOf(journal);
  const id = of === 'payment' ? journal.transaction : journal.refund;
  const when = of === 'payment' ? paidAt : at;
  if (of === undefined || channel === undefined || isByHand(channel) || order === undefined || id === undefined || when === undefined)
    return undefined;
  const booked = { of, id, order, amount, division, recovered: of === 'payment' && isRecovered(journal) };
  return { channel, day: dayOf(fromInstant(when)), booked };
};
