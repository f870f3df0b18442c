/**
 * The books: journals of postings that sum to nothing, and what they do to the accounts of funds. Pure.
 *
 * Chart of accounts (docs/foundation.md): assets `cash`, `bank`, a clearing account for each provider, `disputes`; liabilities `refunds`,
 * `doublePayments`; `transfers` between purposes; and of each fund and purpose its own accounts, `fund/<purpose>/<n>`, the first of which
 * is the main one.
 */
import type { DivisionCode } from '../kernel/division.ts';
import { fen, type Fen } from '../kernel/money.ts';
import { monthOf, toInstant, type EpochMs, type Instant, type Month } from '../kernel/time.ts';

export const JOURNAL_KINDS = [
  'donation',
  'income',
  'grant',
  'refund',
  'refundPaid',
  'refundFailed',
  'refundReturned',
  'purposeChangeOut',
  'purposeChangeIn',
  'sweep',
  'doublePayment',
  'doublePaymentReturned',
  'disputeOpened',
  'disputeWon',
  'disputeLost',
] as const;
export type JournalKind = (typeof JOURNAL_KINDS)[number];

/** Of an account: above 0 debited, below 0 credited. */
export interface Posting {
  readonly account: string;
  readonly amount: number;
}

/** One entry of the books. It is added and never changed; what was wrong is put right by another. */
export interface Journal {
  readonly id: string;
  readonly version: 1;
  readonly change: 'posted';
  readonly changedAt: Instant;
  readonly fund: string;
  readonly division: DivisionCode;
  /** Which of the fund's lists of journals it is in. */
  readonly account: number;
  readonly at: Instant;
  readonly kind: JournalKind;
  /** The one purpose that it concerns; a journal never moves money of two. */
  readonly purpose: string;
  readonly amount: Fen;
  readonly postings: readonly Posting[];
  readonly administrative?: true | undefined;
  readonly channel?: string | undefined;
  readonly donation?: string | undefined;
  readonly refund?: string | undefined;
  readonly grant?: string | undefined;
  readonly income?: string | undefined;
  /** When it was paid, by the provider's clock; and the provider's name of it. */
  readonly paidAt?: Instant | undefined;
  readonly transaction?: string | undefined;
  /** Why a purpose was changed, published; on what ground, and the donor's consent where that is it. */
  readonly reason?: string | undefined;
  readonly ground?: 'donorConsent' | 'similarPurpose' | undefined;
  readonly consent?: { readonly at: string; readonly reference: string } | undefined;
  /** Who had it posted, where it was a person. */
  readonly by?: string | undefined;
}

/** What an account of a fund and purpose has, and what moved on it in its month. */
export interface Account {
  readonly fund: string;
  readonly purpose: string;
  readonly account: number;
  readonly balance: number;
  /** The month whose movements these are. */
  readonly month: Month;
  /** The balance when that month began. `balance = opening + in - out + moved`, always. */
  readonly opening: number;
  /** Gifts, incomes, and refunds that failed. */
  readonly in: number;
  /** `grants`, refunds and disputes lost. */
  readonly out: number;
  readonly grants: number;
  /** Of `grants`. */
  readonly administrative: number;
  /** From and to other accounts of the fund. */
  readonly moved: number;
  /** Counts what was posted. */
  readonly version: number;
}

export type Turnover = Pick<Account, 'in' | 'out' | 'grants' | 'administrative' | 'moved'>;

export const MAIN = 0;
const fundAccount = (purpose: string, account: number): string => `fund/${purpose}/${account}`;
/** Where money of a channel lies. */
const assetOf = (channel: string): string => (channel === 'bankTransfer' ? 'bank' : channel);

export const newAccount = (fund: string, purpose: string, account: number, now: EpochMs): Account => ({
  fund,
  purpose,
  account,
  balance: 0,
  month: monthOf(now),
  opening: 0,
  in: 0,
  out: 0,
  grants: 0,
  administrative: 0,
  moved: 0,
  version: 1,
});

/** The account in a month in which nothing has moved yet. */
export const inMonth = (account: Account, month: Month): Account => ({
  ...account,
  month,
  opening: account.balance,
  in: 0,
  out: 0,
  grants: 0,
  administrative: 0,
  moved: 0,
  version: account.version + 1,
});

/** What the books need to know of a fund, or of anything that belongs to one. */
export interface InFund {
  readonly fund: string;
  readonly division: DivisionCode;
  readonly purpose: string;
}

type Details = Partial<
  Pick<
    Journal,
    | 'administrative'
    | 'channel'
    | 'donation'
    | 'refund'
    | 'grant'
    | 'income'
    | 'paidAt'
    | 'transaction'
    | 'reason'
    | 'ground'
    | 'consent'
    | 'by'
  >
>;

/** What is posted, from which account to which; `account` is the fund's. */
interface Movement {
  readonly id: string;
  readonly at: EpochMs;
  readonly kind: JournalKind;
  readonly amount: Fen;
  readonly debit: string;
  readonly credit: string;
  readonly account?: number;
}

const journal = ({ fund, division, purpose }: InFund, movement: Movement, details: Details): Journal => {
  const { id, at, kind, amount, debit, credit, account = MAIN } = movement;
  if (amount <= 0) throw new Error(`a journal moves more than nothing: ${kind} of ${amount}`);
  return {
    id,
    version: 1,
    change: 'posted',
    changedAt: toInstant(at),
    fund,
    division,
    account,
    at: toInstant(at),
    kind,
    purpose,
    amount,
    postings: [
      { account: debit, amount },
      { account: credit, amount: 0 - amount },
    ],
    ...details,
  };
};

type Posted = Pick<Movement, 'id' | 'at' | 'amount'>;

/** The journals of each operation, as docs/foundation.md lists them. */
export const journals = {
  /** A gift lands on one of the accounts of its purpose. */
  donation: (of: InFund, posted: Posted, account: number, details: Details & { channel: string }): Journal =>
    journal(
      of,
      { ...posted, kind: 'donation', debit: assetOf(details.channel), credit: fundAccount(of.purpose, account), account },
      details,
    ),
  income: (of: InFund, posted: Posted, details: Details): Journal =>
    journal(of, { ...posted, kind: 'income', debit: 'bank', credit: fundAccount(of.purpose, MAIN) }, details),
  grant: (of: InFund, posted: Posted, details: Details): Journal =>
    journal(of, { ...posted, kind: 'grant', debit: fundAccount(of.purpose, MAIN), credit: 'bank' }, details),
  /** Money that is to go back through a provider is reserved first. */
  refundReserved: (of: InFund, posted: Posted, details: Details): Journal =>
    journal(of, { ...posted, kind: 'refund', debit: fundAccount(of.purpose, MAIN), credit: 'refunds' }, details),
  refundPaid: (of: InFund, posted: Posted, details: Details & { channel: string }): Journal =>
    journal(of, { ...posted, kind: 'refundPaid', debit: 'refunds', credit: assetOf(details.channel) }, details),
  refundFailed: (of: InFund, posted: Posted, details: Details): Journal =>
    journal(of, { ...posted, kind: 'refundFailed', debit: 'refunds', credit: fundAccount(of.purpose, MAIN) }, details),
  /** What a provider had given back has come back to us: it is owed once more, or as {@link refundFailed} says. */
  refundReturned: (of: InFund, posted: Posted, owed: 'refunds' | 'doublePayments', details: Details & { channel: string }): Journal =>
    journal(of, { ...posted, kind: 'refundReturned', debit: assetOf(details.channel), credit: owed }, details),
  /** By hand, at once. */
  refundByHand: (of: InFund, posted: Posted, details: Details & { channel: string }): Journal =>
    journal(of, { ...posted, kind: 'refund', debit: fundAccount(of.purpose, MAIN), credit: assetOf(details.channel) }, details),
  purposeChangeOut: (of: InFund, posted: Posted, details: Details): Journal =>
    journal(of, { ...posted, kind: 'purposeChangeOut', debit: fundAccount(of.purpose, MAIN), credit: 'transfers' }, details),
  purposeChangeIn: (of: InFund, posted: Posted, details: Details): Journal =>
    journal(of, { ...posted, kind: 'purposeChangeIn', debit: 'transfers', credit: fundAccount(of.purpose, MAIN) }, details),
  sweep: (of: InFund, posted: Posted, from: number): Journal =>
    journal(of, { ...posted, kind: 'sweep', debit: fundAccount(of.purpose, from), credit: fundAccount(of.purpose, MAIN) }, {}),
  /** What was paid a second time belongs to who paid it. */
  doublePayment: (of: InFund, posted: Posted, details: Details & { channel: string }): Journal =>
    journal(of, { ...posted, kind: 'doublePayment', debit: assetOf(details.channel), credit: 'doublePayments' }, details),
  doublePaymentReturned: (of: InFund, posted: Posted, details: Details & { channel: string }): Journal =>
    journal(of, { ...posted, kind: 'doublePaymentReturned', debit: 'doublePayments', credit: assetOf(details.channel) }, details),
  disputeOpened: (of: InFund, posted: Posted, details: Details & { channel: string }): Journal =>
    journal(of, { ...posted, kind: 'disputeOpened', debit: 'disputes', credit: assetOf(details.channel) }, details),
  disputeWon: (of: InFund, posted: Posted, details: Details & { channel: string }): Journal =>
    journal(of, { ...posted, kind: 'disputeWon', debit: assetOf(details.channel), credit: 'disputes' }, details),
  disputeLost: (of: InFund, posted: Posted, details: Details): Journal =>
    journal(of, { ...posted, kind: 'disputeLost', debit: fundAccount(of.purpose, MAIN), credit: 'disputes' }, details),
} as const;

/** What a journal adds to one account of its fund and purpose. */
export interface AccountChange {
  readonly fund: string;
  readonly purpose: string;
  readonly account: number;
  readonly balance: number;
  readonly turnover: Partial<Turnover>;
}

const turnoverOf = ({ kind, administrative }: Journal, change: number): Partial<Turnover> => {
  switch (kind) {
    case 'donation':
    case 'income':
    // It has gone out in its own time, which may be over and told of: what comes back since it failed comes in.
    case 'refundFailed':
      return { in: change };
    case 'grant':
      return { out: -change, grants: -change, ...(administrative === true ? { administrative: -change } : {}) };
    case 'refund':
    case 'disputeLost':
      return { out: -change };
    case 'sweep':
    case 'purposeChangeOut':
    case 'purposeChangeIn':
      return { moved: change };
    // These move no fund's money: what they have is owed to somebody, or by somebody.
    case 'refundPaid':
    case 'refundReturned':
    case 'doublePayment':
    case 'doublePaymentReturned':
    case 'disputeOpened':
    case 'disputeWon':
      return {};
  }
};

/** What each of its fund's accounts gains, or loses. Posted to the credit of a fund is more of it. */
export const changesOf = (posted: Journal): readonly AccountChange[] =>
  posted.postings.flatMap(({ account: name, amount }): readonly AccountChange[] => {
    const [kind, purpose, account] = name.split('/');
    if (kind !== 'fund' || purpose === undefined) return [];
    const balance = -amount;
    return [{ fund: posted.fund, purpose, account: Number(account), balance, turnover: turnoverOf(posted, balance) }];
  });

/** What its purpose has more or less by it, whichever accounts it moves between. */
export const effectOf = (posted: Journal): Fen => fen(changesOf(posted).reduce((sum, { balance }) => sum + balance, 0));
