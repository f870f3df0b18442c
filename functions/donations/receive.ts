/** What became of a gift or a refund at its provider goes into the books: once, however often and in whatever order it is told. */
import type { Write } from '../data/database.ts';
import type { Runtime } from '../data/runtime.ts';
import type { PaymentFact } from '../data/payments.ts';
import { newId } from '../kernel/id.ts';
import { fen } from '../kernel/money.ts';
import type { EpochMs } from '../kernel/time.ts';
import { disputed, isPaid, paidTwice, received, refundSettled, type Donation } from './donation.ts';
import { journals, type Journal } from './ledger.ts';
import { post } from './post.ts';
import { booksOf } from './books.ts';
import { newRefund, settled, type Refund } from './refund.ts';
import { foundationRepository, type FoundationRepository } from './repository.ts';

/** `refused`: what is told does not agree with what we know. */
export type Received = 'taken' | 'refused';

interface Context {
  readonly runtime: Pick<Runtime, 'database' | 'random' | 'log'>;
  readonly now: EpochMs;
  readonly requestId: string;
}

/** Whoever loses a race looks again. */
const ATTEMPTS = 12;

type Paid = Pick<Extract<PaymentFact, { kind: 'paid' }>, 'transaction' | 'amount' | 'paidAt'>;

/**
 * Money that came in by hand, or through a provider: a first payment is the gift, a second one of the same order goes back. What comes after
 * is written with the gift.
 */
export const receivePayment = async (
  { runtime, now, requestId }: Context,
  id: string,
  paid: Paid | undefined,
  after: readonly Write[] = [],
): Promise<Received | Donation> => {
  const repository = foundationRepository(runtime.database);
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const donation = await repository.readDonation(id);
    if (donation === undefined || (paid !== undefined && paid.amount !== donation.amount)) return 'refused';
    if (isPaid(donation)) {
      if (paid === undefined || donation.transaction === paid.transaction || donation.twice?.includes(paid.transaction) === true)
        return donation;
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
const receiveTwice = async ({ runtime, now, requestId }: Context, donation: Donation, paid: Paid): Promise<boolean> => {
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
        repository.putsDonation(paidTwice(donation, paid.transaction, at), donation, requestId),
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

/** The journals that end a refund. */
const settlingJournal = (refund: Refund, outcome: 'succeeded' | 'failed', id: string, at: EpochMs): readonly Journal[] => {
  const posted = { id, at, amount: refund.amount };
  if (refund.ground === 'disputeLost')
    return [journals.disputeLost(refund, posted, { channel: refund.channel, donation: refund.donation })];
  const details = { channel: refund.channel, donation: refund.donation, refund: refund.id };
  if (outcome === 'succeeded')
    return [
      refund.ground === 'paidTwice'
        ? journals.doublePaymentReturned(refund, posted, details)
        : journals.refundPaid(refund, posted, details),
    ];
  // What was paid twice is owed, whether it could be sent back yet or not.
  return refund.ground === 'paidTwice' ? [] : [journals.refundFailed(refund, posted, details)];
};

/** What the end of a refund changes of its gift. */
const settledDonation = (
  repository: FoundationRepository,
  donation: Donation,
  refund: Refund,
  outcome: 'succeeded' | 'failed',
  at: EpochMs,
  requestId: string,
): readonly Write[] => {
  switch (refund.ground) {
    case 'requested':
      return [repository.putsDonation(refundSettled(donation, refund.id, outcome, at), donation, requestId)];
    case 'disputeLost':
      return [repository.putsDonation(disputed(donation, refund.transaction ?? '', 'lost', at), donation, requestId)];
    case 'paidTwice':
      return [];
  }
};

/** A refund has gone, or has not. */
export const settleRefund = async (
  { runtime, now, requestId }: Context,
  id: string,
  outcome: 'succeeded' | 'failed',
  told?: { readonly order: string; readonly amount: number },
): Promise<Received> => {
  const repository = foundationRepository(runtime.database);
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const refund = await repository.readRefund(id);
    if (refund === undefined || (told !== undefined && (told.order !== refund.donation || told.amount !== refund.amount))) return 'refused';
    if (refund.status !== 'pending') return 'taken';
    const [donation, books] = await Promise.all([repository.readDonation(refund.donation), booksOf(runtime, refund.fund, requestId)]);
    if (donation === undefined) return 'refused';
    const posted = await post(books, now, (at) => ({
      writes: [
        repository.putsRefund(settled(refund, outcome, at), refund, requestId),
        ...settledDonation(repository, donation, refund, outcome, at, requestId),
      ],
      journals: settlingJournal(refund, outcome, newId(runtime.random), at),
    }));
    if (posted.ok) {
      if (outcome === 'failed') runtime.log({ level: 'error', code: 'refundFailed', refund: id, ground: refund.ground });
      return 'taken';
    }
    // The purpose cannot bear the lost dispute yet.
    if (posted.error.code === 'notThere') return 'refused';
  }
  throw new Error(`too many at once tell of the refund ${id}`);
};

type Dispute = Pick<Extract<PaymentFact, { kind: 'disputed' }>, 'dispute' | 'amount' | 'outcome'>;

/**
 * A payer's bank takes a payment back while it is disputed: until it is decided the fund has a claim on it. Where it is lost and the purpose
 * has not so much any more, the claim stays and is shown as late.
 */
const receiveDispute = async (
  { runtime, now, requestId }: Context,
  id: string,
  { dispute, amount, outcome }: Dispute,
): Promise<Received> => {
  const repository = foundationRepository(runtime.database);
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const donation = await repository.readDonation(id);
    if (donation === undefined || !isPaid(donation)) return 'refused';
    const before = donation.disputes?.[dispute];
    if (before === 'won' || before === 'lost' || (before !== undefined && outcome === 'opened')) return 'taken';
    const books = await booksOf(runtime, donation.fund, requestId);
    const owedId = newId(runtime.random);
    const build = (at: EpochMs, to: 'opened' | 'won' | 'lost' | 'owed') => {
      const posted = () => ({ id: newId(runtime.random), at, amount: fen(amount) });
      const details = { channel: donation.channel, donation: id };
      return {
        writes: [
          repository.putsDonation(disputed(donation, dispute, to, at), donation, requestId),
          ...(to === 'owed'
            ? [
                repository.putsRefund(
                  newRefund(
                    { id: owedId, amount: fen(amount), reason: '争议败诉待入账', ground: 'disputeLost', transaction: dispute },
                    donation,
                    'pending',
                    at,
                  ),
                  undefined,
                  requestId,
                ),
              ]
            : []),
        ],
        journals: [
          // Its end may be told first.
          ...(before === undefined ? [journals.disputeOpened(donation, posted(), details)] : []),
          ...(to === 'won' ? [journals.disputeWon(donation, posted(), details)] : []),
          ...(to === 'lost' ? [journals.disputeLost(donation, posted(), details)] : []),
        ],
      };
    };
    const posted = await post(books, now, (at) => build(at, outcome));
    if (posted.ok) {
      runtime.log({ level: outcome === 'won' ? 'info' : 'error', code: 'paymentDisputed', donation: id, outcome });
      return 'taken';
    }
    if (posted.error.code === 'conflict') continue;
    if (before === 'owed') return 'taken';
    if ((await post(books, now, (at) => build(at, 'owed'))).ok) {
      runtime.log({ level: 'error', code: 'paymentDisputed', donation: id, outcome: 'owed' });
      return 'taken';
    }
  }
  throw new Error(`too many at once tell of a dispute of the donation ${id}`);
};

/** What a provider has told, whatever it is. */
export const receiveFact = async (context: Context, channel: string, fact: PaymentFact): Promise<Received> => {
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
