/** What became of a gift or a refund at its provider goes into the books: once, however often and in whatever order it is told. */
import type { Write } from '../data/database.ts';
import type { Runtime } from '../data/runtime.ts';
import type { PaymentFact } from '../data/payments.ts';
import { newId } from '../kernel/id.ts';
import { fen } from '../kernel/money.ts';
import type { EpochMs } from '../kernel/time.ts';
import { disputed, disputeLost, isPaid, paidTwice, received, refundSettled, usedOfLost, type Donation } from './donation.ts';
import { givingUp } from './giving-up.ts';
import { journals, type Journal } from './ledger.ts';
import { post } from './post.ts';
import { booksOf } from './books.ts';
import { newRefund, settled, type Refund } from './refund.ts';
import { foundationRepository, type FoundationRepository, type WholeDonation } from './repository.ts';

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
 * Money that came in by hand, or through a provider: a first payment is the gift, a second one of the same order goes back. Answers with the
 * gift where its money came in by this, or had by the same payment; `taken` where somebody else was quicker. `after` is written with it.
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

/** What a lost dispute changes of its gift, and of the grants that have used it: it is money that went back, as a refund is. */
const losing = async (
  repository: FoundationRepository,
  whole: WholeDonation,
  dispute: string,
  amount: number,
  requestId: string,
): Promise<(at: EpochMs) => readonly Write[]> => {
  const { donation } = whole;
  const { writes } = await givingUp(repository, whole, usedOfLost(donation, amount));
  return (at) => [repository.putsDonation(disputeLost(donation, dispute, amount, at), donation, requestId), ...writes];
};

/** What the end of a refund changes of its gift. */
const settlingWrites = async (
  repository: FoundationRepository,
  whole: WholeDonation,
  refund: Refund,
  outcome: 'succeeded' | 'failed',
  requestId: string,
): Promise<(at: EpochMs) => readonly Write[]> => {
  const { donation } = whole;
  switch (refund.ground) {
    case 'requested':
      return (at) => [repository.putsDonation(refundSettled(donation, refund.id, outcome, at), donation, requestId)];
    case 'disputeLost':
      return losing(repository, whole, refund.transaction ?? '', refund.amount, requestId);
    case 'paidTwice':
      return () => [];
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
    const [whole, books] = await Promise.all([repository.wholeDonation(refund.donation), booksOf(runtime, refund.fund, requestId)]);
    if (whole === undefined) return 'refused';
    const changes = await settlingWrites(repository, whole, refund, outcome, requestId);
    const posted = await post(books, now, (at) => ({
      writes: [repository.putsRefund(settled(refund, outcome, at), refund, requestId), ...changes(at)],
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
 * has not so much any more, the claim stays, and is tried again.
 */
const receiveDispute = async (
  { runtime, now, requestId }: Context,
  id: string,
  { dispute, amount, outcome }: Dispute,
): Promise<Received> => {
  const repository = foundationRepository(runtime.database);
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const whole = await repository.wholeDonation(id);
    if (whole === undefined || !isPaid(whole.donation)) return 'refused';
    const { donation } = whole;
    const before = donation.disputes?.[dispute];
    // What is owed is posted by the settlement, however often its end is told.
    if (before !== undefined && (before !== 'opened' || outcome === 'opened')) return 'taken';
    const books = await booksOf(runtime, donation.fund, requestId);
    const owedId = newId(runtime.random);
    const lost = outcome === 'lost' ? await losing(repository, whole, dispute, amount, requestId) : undefined;
    const build = (at: EpochMs, to: 'opened' | 'won' | 'lost' | 'owed') => {
      const posted = () => ({ id: newId(runtime.random), at, amount: fen(amount) });
      const details = { channel: donation.channel, donation: id };
      return {
        writes: [
          ...(to === 'lost' ? (lost?.(at) ?? []) : [repository.putsDonation(disputed(donation, dispute, to, at), donation, requestId)]),
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
