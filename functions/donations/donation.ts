/** A gift, from the promise to what became of it. Pure. */
import type { DivisionCode } from '../kernel/division.ts';
import { fen, type Fen } from '../kernel/money.ts';
import { err, ok, type Result } from '../kernel/result.ts';
import { dayOf, DAY, HOUR, MINUTE, plus, toInstant, type EpochMs, type Instant } from '../kernel/time.ts';
import type { DONATION_STATUSES, REFUND_STATUSES } from './names.ts';
import { isByHand } from './names.ts';

export type DonationStatus = (typeof DONATION_STATUSES)[number];
export type RefundStatus = (typeof REFUND_STATUSES)[number];

/** Who gave, and what they said: apart from what the books need, so that it can be erased. */
export interface Donor {
  /** The person it belongs to, where they were signed in or are known. */
  readonly owner?: string | undefined;
  readonly name?: string | undefined;
  readonly anonymous: boolean;
  readonly contact?: unknown;
  readonly message?: string | undefined;
  readonly onBehalfOf?: unknown;
  /** Who recorded it for them. */
  readonly recordedBy?: string | undefined;
  readonly createdAt: Instant;
}

export interface RefundSummary {
  readonly id: string;
  readonly amount: Fen;
  readonly status: RefundStatus;
  /** A treasurer asked for it, or the order was paid twice: then it is none of the gift's own money. */
  readonly ground: 'requested' | 'paidTwice';
  /** It has gone, and who has or used the money is still to bear it. */
  readonly owed?: true | undefined;
}

/** A payer's bank takes a payment back. `owed`: it is lost, and not all of it is borne yet. */
export interface Dispute {
  readonly outcome: 'opened' | 'won' | 'lost' | 'owed';
  readonly amount: number;
}

export interface Donation {
  readonly id: string;
  readonly version: number;
  readonly change:
    | 'promised'
    | 'received'
    | 'receipted'
    | 'expired'
    | 'used'
    | 'refunding'
    | 'refunded'
    | 'refundFailed'
    | 'disputed'
    | 'purposeChanged'
    | 'borne'
    | 'paidTwice'
    | 'postponed';
  readonly changedAt: Instant;
  readonly fund: string;
  readonly division: DivisionCode;
  readonly purpose: string;
  readonly amount: Fen;
  readonly channel: string;
  readonly method?: string | undefined;
  readonly status: DonationStatus;
  readonly anonymous: boolean;
  readonly createdAt: Instant;
  /** Until then it is waited for. */
  readonly payBy: Instant;
  /** Where the provider finds us. */
  readonly origin?: string | undefined;
  /** Where the payer's browser was, for a provider that wants to know: of `h5` alone. */
  readonly payerIp?: string | undefined;
  /** Of the secret by which who gave is known, base64url of SHA-256. */
  readonly claimHash: string;
  /** The account that it lands on. */
  readonly account: number;
  readonly receivedAt?: Instant | undefined;
  /** The payment, as its provider names it. */
  readonly transaction?: string | undefined;
  /** Given back, and about to be. */
  readonly refunded: number;
  readonly reserved: number;
  readonly refunds: readonly RefundSummary[];
  /** Of it, what no grant has used yet. */
  readonly unused: number;
  /** Further payments of the same order, which go back by themselves. */
  readonly twice?: readonly string[] | undefined;
  readonly disputes?: Readonly<Record<string, Dispute>> | undefined;
  /** What payers' banks have taken back for good. */
  readonly lost?: number | undefined;
  readonly receiptNumber?: string | undefined;
  readonly receiptAt?: Instant | undefined;
  readonly checkCode?: string | undefined;
  /** Asked for at its provider next. */
  readonly askAt?: Instant | undefined;
}

/** What came in through a provider is asked for after a while, where nothing was told. */
const ASK_AFTER = 10 * MINUTE;
/** A payment page is open so long. */
const ONLINE_FOR = 2 * HOUR;
const BY_HAND_FOR = 30 * DAY;
export const MOST_REFUNDS = 20;

export const newDonation = (
  given: Pick<
    Donation,
    'id' | 'fund' | 'division' | 'purpose' | 'amount' | 'channel' | 'method' | 'anonymous' | 'origin' | 'payerIp' | 'claimHash' | 'account'
  >,
  now: EpochMs,
): Donation => ({
  ...given,
  version: 1,
  change: 'promised',
  changedAt: toInstant(now),
  status: 'pending',
  createdAt: toInstant(now),
  payBy: toInstant(plus(now, isByHand(given.channel) ? BY_HAND_FOR : ONLINE_FOR)),
  askAt: toInstant(plus(now, isByHand(given.channel) ? BY_HAND_FOR : ASK_AFTER)),
  refunded: 0,
  reserved: 0,
  refunds: [],
  unused: 0,
});

type Changed = Pick<Donation, 'change'> & Partial<Donation>;
const changed = (donation: Donation, now: EpochMs, to: Changed): Donation => ({
  ...donation,
  ...to,
  version: donation.version + 1,
  changedAt: toInstant(now),
});

export const isPaid = ({ status }: Pick<Donation, 'status'>): boolean => status !== 'pending' && status !== 'expired';

/** It has been paid: also where it was no longer waited for. */
export const received = (donation: Donation, transaction: string | undefined, now: EpochMs): Donation =>
  changed(donation, now, {
    change: 'received',
    status: 'received',
    receivedAt: toInstant(now),
    transaction,
    unused: donation.amount,
    askAt: undefined,
  });

export const expired = (donation: Donation, now: EpochMs): Donation =>
  changed(donation, now, { change: 'expired', status: 'expired', askAt: undefined });

/** Asked and not told: again later, a little longer each time, and at the end of its time. */
export const askedAgain = (donation: Donation, now: EpochMs): Donation => {
  const waited = now - Date.parse(donation.createdAt);
  const next = Math.max(now + ASK_AFTER, Math.min(now + waited, Date.parse(donation.payBy)));
  return changed(donation, now, { change: 'postponed', askAt: toInstant(next as EpochMs) });
};

type Parts = Pick<Donation, 'amount' | 'refunded' | 'reserved' | 'lost'>;
/** What is left of it that has not gone back and is not about to. */
const leftOf = ({ amount, refunded, reserved, lost = 0 }: Parts): Fen => fen(Math.max(0, amount - refunded - reserved - lost));

/** Whether a bank is still to decide on it, or what it has decided is still to be borne. */
export const isDisputed = ({ disputes = {} }: Pick<Donation, 'disputes'>): boolean =>
  Object.values(disputes).some(({ outcome }) => outcome === 'opened' || outcome === 'owed');

/** How much of it a bank can take back by another dispute: what was lost or is disputed already it cannot. */
export const disputable = ({ amount, disputes = {} }: Pick<Donation, 'amount' | 'disputes'>): number =>
  Object.values(disputes).reduce((left, each) => left - (each.outcome === 'won' ? 0 : each.amount), amount as number);

/** Whether a refund of it has gone that nobody has borne yet. */
const isOwed = ({ refunds }: Pick<Donation, 'refunds'>): boolean => refunds.some(({ owed }) => owed === true);

/** Nothing of it is left: its receipt is void. */
export const isGone = ({ amount, refunded, lost = 0 }: Pick<Donation, 'amount' | 'refunded' | 'lost'>): boolean =>
  refunded + lost >= amount;

const statusAfter = (amount: number, refunded: number): DonationStatus =>
  refunded === 0 ? 'received' : refunded >= amount ? 'refunded' : 'partlyRefunded';

const isOftenRefunded = ({ refunds }: Pick<Donation, 'refunds'>): boolean =>
  refunds.filter(({ ground }) => ground === 'requested').length >= MOST_REFUNDS;

/** What a treasurer may do with it now, each named by its path. */
export type DonationAction = 'confirm' | 'refunds' | 'purpose';
export const actionsOf = (donation: Donation): readonly DonationAction[] => {
  if (!isPaid(donation)) return isByHand(donation.channel) ? ['confirm'] : [];
  if (isDisputed(donation) || isOwed(donation)) return [];
  return [
    ...(leftOf(donation) > 0 && !isOftenRefunded(donation) ? (['refunds'] as const) : []),
    ...(donation.unused > 0 && donation.reserved === 0 ? (['purpose'] as const) : []),
  ];
};

export type RefundRefusal = 'notPaid' | 'disputed' | 'owed' | 'notLeft' | 'tooMany';

/** Part of it is to go back: what no grant has used goes first. Answers with what grants must give up of it. */
export const refunding = (
  donation: Donation,
  { id, amount }: Pick<RefundSummary, 'id' | 'amount'>,
  now: EpochMs,
): Result<{ readonly donation: Donation; readonly givenUp: number }, RefundRefusal> => {
  if (!isPaid(donation)) return err('notPaid');
  if (isDisputed(donation)) return err('disputed');
  if (isOwed(donation)) return err('owed');
  if (amount > leftOf(donation)) return err('notLeft');
  if (isOftenRefunded(donation)) return err('tooMany');
  const fromUnused = Math.min(amount, donation.unused);
  const atOnce = isByHand(donation.channel);
  const refunded = donation.refunded + (atOnce ? amount : 0);
  return ok({
    donation: changed(donation, now, {
      change: atOnce ? 'refunded' : 'refunding',
      unused: donation.unused - fromUnused,
      reserved: donation.reserved + (atOnce ? 0 : amount),
      refunded,
      status: statusAfter(donation.amount, refunded),
      refunds: [...donation.refunds, { id, amount, status: atOnce ? 'succeeded' : 'pending', ground: 'requested' }],
    }),
    givenUp: amount - fromUnused,
  });
};

const withRefund = ({ refunds }: Donation, id: string, to: Pick<RefundSummary, 'status' | 'owed'>): readonly RefundSummary[] =>
  refunds.map((each) => (each.id === id ? { ...each, owed: undefined, ...to } : each));

/** What was to go back has gone, or has not. */
export const refundSettled = (donation: Donation, id: string, outcome: 'succeeded' | 'failed', now: EpochMs): Donation => {
  const amount = donation.refunds.find((each) => each.id === id)?.amount ?? 0;
  const refunded = donation.refunded + (outcome === 'succeeded' ? amount : 0);
  return changed(donation, now, {
    change: outcome === 'succeeded' ? 'refunded' : 'refundFailed',
    reserved: donation.reserved - amount,
    refunded,
    unused: donation.unused + (outcome === 'failed' ? amount : 0),
    status: statusAfter(donation.amount, refunded),
    refunds: withRefund(donation, id, { status: outcome }),
  });
};

/** What had gone back has come back after all; so much of it the gift had borne, and has again. */
export const refundReturned = (donation: Donation, id: string, borneOfIt: number, now: EpochMs): Donation => {
  const refunded = donation.refunded - borneOfIt;
  return changed(donation, now, {
    change: 'refundFailed',
    refunded,
    unused: donation.unused + borneOfIt,
    status: statusAfter(donation.amount, refunded),
    refunds: withRefund(donation, id, { status: 'failed' }),
  });
};

/** Of what has gone without anybody's leave, so much is borne now; `unused` of it no grant had used. */
export interface Borne {
  readonly amount: number;
  readonly unused: number;
  readonly isWhole: boolean;
}

/** A refund that had failed has gone after all. */
export const refundBorne = (donation: Donation, id: string, { amount, unused, isWhole }: Borne, now: EpochMs): Donation => {
  const refunded = donation.refunded + amount;
  return changed(donation, now, {
    change: 'borne',
    refunded,
    unused: donation.unused - unused,
    status: statusAfter(donation.amount, refunded),
    refunds: withRefund(donation, id, { status: 'succeeded', ...(isWhole ? {} : { owed: true }) }),
  });
};

/** A bank has decided for the payer; `of` is all that it took. */
export const disputeBorne = (donation: Donation, dispute: string, of: number, { amount, unused, isWhole }: Borne, now: EpochMs): Donation =>
  changed(donation, now, {
    change: 'borne',
    disputes: { ...donation.disputes, [dispute]: { outcome: isWhole ? 'lost' : 'owed', amount: of } },
    lost: (donation.lost ?? 0) + amount,
    unused: donation.unused - unused,
  });

/** It was paid once more: that payment goes back. */
export const paidTwice = (
  donation: Donation,
  transaction: string,
  { id, amount }: Pick<RefundSummary, 'id' | 'amount'>,
  now: EpochMs,
): Donation =>
  changed(donation, now, {
    change: 'paidTwice',
    twice: [...(donation.twice ?? []), transaction],
    refunds: [...donation.refunds, { id, amount, status: 'pending', ground: 'paidTwice' }],
  });

export const secondPaymentReturned = (donation: Donation, id: string, status: RefundStatus, now: EpochMs): Donation =>
  changed(donation, now, { change: 'paidTwice', refunds: withRefund(donation, id, { status }) });

/** A grant has used part of it. */
export const used = (donation: Donation, amount: number, now: EpochMs): Donation =>
  changed(donation, now, { change: 'used', unused: donation.unused - amount });

export const receipted = (donation: Donation, receiptNumber: string, checkCode: string, now: EpochMs): Donation =>
  changed(donation, now, { change: 'receipted', receiptNumber, checkCode, receiptAt: toInstant(now) });

export const disputed = (donation: Donation, dispute: string, of: Dispute, now: EpochMs): Donation =>
  changed(donation, now, { change: 'disputed', disputes: { ...donation.disputes, [dispute]: of } });

export const purposeChanged = (donation: Donation, purpose: string, now: EpochMs): Donation =>
  changed(donation, now, { change: 'purposeChanged', purpose });

/** The year in Shanghai in which it came in: receipts are numbered by it. */
export const receiptYear = ({ receivedAt }: Pick<Donation, 'receivedAt'>): string =>
  dayOf(Date.parse(receivedAt ?? '') as EpochMs).slice(0, 4);

const RECEIPT_DIGITS = 6;
export const receiptNumberOf = (fund: string, year: string, counted: number): string =>
  `${fund}-${year}-${String(counted).padStart(RECEIPT_DIGITS, '0')}`;
