/** What became of a gift or a refund at its provider goes into the books: once, however often and in whatever order it is told. */
import type { Write } from '../data/database.ts';
import type { PaymentFact } from '../data/payments.ts';
import { newId } from '../kernel/id.ts';
import { fen } from '../kernel/money.ts';
import type { EpochMs } from '../kernel/time.ts';
import { bearingJournals, bearOwed, borneBy } from './bearing.ts';
import { booksOf, type Received, type Working } from './books.ts';
import { receiveDispute } from './disputes.ts';
import {
  isPaid,
  paidTwice,
  received,
  refundBorne,
  refundReturned,
  refundSettled,
  secondPaymentReturned,
  type Donation,
} from './donation.ts';
import { sharesOf, type Share } from './giving-up.ts';
import { journals, type Journal } from './ledger.ts';
import { post } from './post.ts';
import { newRefund, reversed, settled, type Refund } from './refund.ts';
import { foundationRepository, type FoundationRepository, type WholeDonation } from './repository.ts';

/** Whoever loses a race looks again. */
const ATTEMPTS = 12;

type Paid = Pick<Extract<PaymentFact, { kind: 'paid' }>, 'transaction' | 'amount' | 'paidAt'>;

/**
 * Money that came in by hand, or through a provider: a first payment is the gift, a second one of the same order goes back. Answers with the
 * gift where its money came in by this, or had by the same payment; `taken` where somebody else was quicker. `after` is written with it.
 */
export const receivePayment = async (
  { runtime, now, requestId }: Working,
  id: string,
  paid: Paid | undefined,
  after: readonly Write[] = [],
): Promise<Received | Donation> => {
  const repository = foundationRepository(runtime.database);
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const donation = await repository.readDonation(id);
    if (donation === undefined || (paid !== undefined && paid.amount !== donation.amount)) return 'refused';
    if (isPaid(donation)) {
      if (paid === undefined) return 'taken';
      if (donation.transaction === paid.transaction || donation.twice?.includes(paid.transaction) === true) return donation;
      if (await receiveTwice({ runtime, now, requestId }, donation, paid)) return 'taken';
      continue;
    }
    // Where a gift lands is known from the start: the fund itself need not be read.
    const books = { repository, fund: { id: donation.fund, division: donation.division, accounts: 1 }, requestId, random: runtime.random };
    let next = donation;
    const posted = await post(books, now, (at) => {
      next = received(donation, paid?.transaction, at);
      return {
        writes: [repository.putsDonation(next, donation, requestId)],
        journals: [
          journals.donation(donation, { id: newId(runtime.random), at, amount: donation.amount }, donation.account, {
            channel: donation.channel,
            donation: id,
            paidAt: paid?.paidAt,
            transaction: paid?.transaction,
          }),
        ],
        after,
      };
    });
    if (posted.ok) return next;
  }
  throw new Error(`too many at once tell of the donation ${id}`);
};

/** What was paid a second time is owed to who paid it, and on its way back. */
const receiveTwice = async ({ runtime, now, requestId }: Working, donation: Donation, paid: Paid): Promise<boolean> => {
  const books = await booksOf(runtime, donation.fund, requestId);
  const { repository } = books;
  const refundId = newId(runtime.random);
  const posted = await post(books, now, (at) => {
    const refund = newRefund(
      { id: refundId, amount: paid.amount, reason: '重复支付退回', ground: 'paidTwice', transaction: paid.transaction },
      donation,
      'pending',
      at,
    );
    return {
      writes: [
        repository.putsDonation(paidTwice(donation, paid.transaction, refund, at), donation, requestId),
        repository.putsRefund(refund, undefined, requestId),
      ],
      journals: [
        journals.doublePayment(
          donation,
          { id: newId(runtime.random), at, amount: paid.amount },
          {
            channel: donation.channel,
            donation: donation.id,
            refund: refundId,
            paidAt: paid.paidAt,
            transaction: paid.transaction,
          },
        ),
      ],
    };
  });
  if (posted.ok) runtime.log({ level: 'warn', code: 'paidTwice', donation: donation.id, refund: refundId });
  return posted.ok;
};

/** What is written where a refund ends, for now: also otherwise than it had. */
interface Ending {
  readonly writes: readonly Write[];
  readonly journals: readonly Journal[];
}

interface Ended {
  readonly refund: Refund;
  readonly whole: WholeDonation;
  readonly outcome: 'succeeded' | 'failed';
  /** A provider tells, and was not asked. */
  readonly isTold: boolean;
}

/** Nothing of what was paid twice is the gift's: it goes to who paid it, and where it comes back it is owed to them again. */
const endOfSecondPayment = (
  { runtime, requestId }: Working,
  repository: FoundationRepository,
  { refund, whole: { donation }, outcome, isTold }: Ended,
  at: EpochMs,
): Ending => {
  const hasGone = outcome === 'succeeded';
  const posted = { id: newId(runtime.random), at, amount: refund.amount };
  const details = { channel: refund.channel, donation: donation.id, refund: refund.id };
  const status = hasGone ? 'succeeded' : 'pending';
  return {
    writes: [
      repository.putsRefund(hasGone ? settled(refund, outcome, at) : reversed(refund, status, 0, isTold, at), refund, requestId),
      repository.putsDonation(secondPaymentReturned(donation, refund.id, status, at), donation, requestId),
    ],
    journals: [
      hasGone
        ? journals.doublePaymentReturned(donation, posted, details)
        : journals.refundReturned(donation, posted, 'doublePayments', details),
    ],
  };
};

/** What was asked for has gone or has not; or what had gone has come back, or what had not has gone, and is borne by these. */
const endOfRefund = (
  { runtime, requestId }: Working,
  repository: FoundationRepository,
  { refund, whole: { donation }, outcome, isTold }: Ended,
  shares: readonly Share[],
  at: EpochMs,
): Ending => {
  const posted = (amount: number) => ({ id: newId(runtime.random), at, amount: fen(amount) });
  const details = { channel: refund.channel, donation: donation.id, refund: refund.id };
  if (refund.status === 'pending')
    return {
      writes: [
        repository.putsRefund(settled(refund, outcome, at), refund, requestId),
        repository.putsDonation(refundSettled(donation, refund.id, outcome, at), donation, requestId),
      ],
      journals: [(outcome === 'succeeded' ? journals.refundPaid : journals.refundFailed)(donation, posted(refund.amount), details)],
    };
  if (outcome === 'failed') {
    const borneOfIt = refund.amount - (refund.owed ?? 0);
    return {
      writes: [
        repository.putsRefund(reversed(refund, 'failed', 0, isTold, at), refund, requestId),
        repository.putsDonation(refundReturned(donation, refund.id, borneOfIt, at), donation, requestId),
      ],
      journals: [
        journals.refundReturned(donation, posted(refund.amount), 'refunds', details),
        // To the purpose that the gift has now.
        ...(borneOfIt > 0 ? [journals.refundFailed(donation, posted(borneOfIt), details)] : []),
      ],
    };
  }
  const part = borneBy(shares, refund.amount);
  return {
    writes: [
      repository.putsRefund(reversed(refund, 'succeeded', refund.amount - part.amount, isTold, at), refund, requestId),
      repository.putsDonation(refundBorne(donation, refund.id, part, at), donation, requestId),
      ...shares.flatMap(({ writes }) => writes),
    ],
    journals: [
      journals.refundPaid(donation, posted(refund.amount), details),
      ...bearingJournals(runtime.random, donation, shares, refund, at),
    ],
  };
};

/**
 * A refund has gone, or has not; and a provider may say one after the other. Money that has gone after all is borne as a lost dispute is: what
 * nobody can bear yet is owed, and the settlement goes on with it.
 */
export const settleRefund = async (
  working: Working,
  id: string,
  outcome: 'succeeded' | 'failed',
  told?: { readonly order: string; readonly amount: number },
): Promise<Received> => {
  const { runtime, now, requestId } = working;
  const repository = foundationRepository(runtime.database);
  let isOwed = false;
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const refund = await repository.readRefund(id);
    if (refund === undefined || refund.ground === 'disputeLost') return 'refused';
    if (told !== undefined && (told.order !== refund.donation || told.amount !== refund.amount)) return 'refused';
    if (refund.status === outcome) return 'taken';
    const { ground } = refund;
    if (ground === 'paidTwice' && refund.status === 'pending' && outcome === 'failed') {
      // It is owed whatever the provider says: the settlement sends it again, and somebody is told each time.
      runtime.log({ level: 'error', code: 'refundFailed', refund: id, ground });
      return 'taken';
    }
    const [whole, books] = await Promise.all([repository.wholeDonation(refund.donation), booksOf(runtime, refund.fund, requestId)]);
    if (whole === undefined) return 'refused';
    const hasGoneAfterAll = ground === 'requested' && refund.status === 'failed';
    const found = hasGoneAfterAll && !isOwed ? await sharesOf(repository, whole, refund.amount) : [];
    // Either all of it is borne with it, or by and by.
    const shares = borneBy(found, refund.amount).isWhole ? found : [];
    const ended = { refund, whole, outcome, isTold: told !== undefined };
    const posted = await post(books, now, (at) =>
      ground === 'paidTwice' ? endOfSecondPayment(working, repository, ended, at) : endOfRefund(working, repository, ended, shares, at),
    );
    if (posted.ok) {
      if (refund.status !== 'pending') runtime.log({ level: 'error', code: 'refundReversed', refund: id, ground, outcome });
      else if (outcome === 'failed') runtime.log({ level: 'error', code: 'refundFailed', refund: id, ground });
      if (hasGoneAfterAll && shares.length === 0) await bearOwed(working, id);
      return 'taken';
    }
    if (posted.error.code === 'notThere') isOwed = true;
  }
  throw new Error(`too many at once tell of the refund ${id}`);
};

/** What a provider has told, whatever it is. */
export const receiveFact = async (context: Working, channel: string, fact: PaymentFact): Promise<Received> => {
  if (fact.kind === 'nothing') return 'taken';
  const donation = await foundationRepository(context.runtime.database).readDonation(fact.order);
  if (donation === undefined || donation.channel !== channel) return 'refused';
  switch (fact.kind) {
    case 'paid':
      return (await receivePayment(context, fact.order, fact)) === 'refused' ? 'refused' : 'taken';
    case 'refunded':
      return settleRefund(context, fact.refund, fact.outcome, fact);
    case 'disputed':
      return receiveDispute(context, fact.order, fact);
  }
};
