/** A payer's bank takes a payment back while it is disputed: until that is decided the fund has a claim on it. */
import type { PaymentFact } from '../data/payments.ts';
import { newId } from '../kernel/id.ts';
import { fen } from '../kernel/money.ts';
import { bearingJournals, bearOwed, borneBy } from './bearing.ts';
import { booksOf, type Received, type Working } from './books.ts';
import { disputable, disputeBorne, disputed, isPaid, type Dispute } from './donation.ts';
import { sharesOf } from './giving-up.ts';
import { journals } from './ledger.ts';
import { post } from './post.ts';
import { newRefund } from './refund.ts';
import { foundationRepository } from './repository.ts';

/** Whoever loses a race looks again. */
const ATTEMPTS = 12;

type Told = Pick<Extract<PaymentFact, { kind: 'disputed' }>, 'dispute' | 'amount' | 'outcome'>;

/**
 * What a bank has opened or decided. A loss is borne by who has or used the money; what cannot be borne at once is owed: the claim stays, and
 * the settlement goes on with it. What the payer had back by a refund already, nobody here bears: of that the claim stays for a person.
 */
export const receiveDispute = async (working: Working, id: string, { dispute, amount, outcome }: Told): Promise<Received> => {
  const { runtime, now, requestId } = working;
  const repository = foundationRepository(runtime.database);
  let isOwed = false;
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const whole = await repository.wholeDonation(id);
    if (whole === undefined || !isPaid(whole.donation)) return 'refused';
    const { donation } = whole;
    const known = donation.disputes?.[dispute];
    // No bank takes back more than there was.
    if (known === undefined ? amount > disputable(donation) : amount !== known.amount) return 'refused';
    // What is owed is posted by the settlement, however often its end is told.
    if (known !== undefined && (known.outcome !== 'opened' || outcome === 'opened')) return 'taken';
    const books = await booksOf(runtime, donation.fund, requestId);
    const shares = outcome === 'lost' && !isOwed ? await sharesOf(repository, whole, amount) : [];
    const part = borneBy(shares, amount);
    const to: Dispute['outcome'] = outcome === 'lost' && (isOwed || !part.isWhole) ? 'owed' : outcome;
    const owing = newId(runtime.random);
    const posted = await post(books, now, (at) => {
      const journal = () => ({ id: newId(runtime.random), at, amount: fen(amount) });
      const details = { channel: donation.channel, donation: id };
      const next =
        to === 'lost' ? disputeBorne(donation, dispute, amount, part, at) : disputed(donation, dispute, { outcome: to, amount }, at);
      const refund = newRefund(
        { id: owing, amount: fen(amount), reason: '争议败诉待入账', ground: 'disputeLost', transaction: dispute, owed: amount },
        donation,
        'pending',
        at,
      );
      return {
        writes: [
          repository.putsDonation(next, donation, requestId),
          ...(to === 'lost' ? shares.flatMap(({ writes }) => writes) : []),
          ...(to === 'owed' ? [repository.putsRefund(refund, undefined, requestId)] : []),
        ],
        journals: [
          // Its end may be told first.
          ...(known === undefined ? [journals.disputeOpened(donation, journal(), details)] : []),
          ...(to === 'won' ? [journals.disputeWon(donation, journal(), details)] : []),
          ...(to === 'lost' ? bearingJournals(runtime.random, donation, shares, refund, at) : []),
        ],
      };
    });
    if (posted.ok) {
      const isBorne = to !== 'owed' || (await bearOwed(working, owing));
      runtime.log({
        level: outcome === 'won' ? 'info' : 'error',
        code: 'paymentDisputed',
        donation: id,
        outcome: isBorne ? outcome : 'owed',
      });
      return 'taken';
    }
    if (posted.error.code === 'notThere') isOwed = true;
  }
  throw new Error(`too many at once tell of a dispute of the donation ${id}`);
};
