/**
 * What has gone without anybody's leave, since a bank took it back or a refund that had failed went after all: each purpose bears what it has or
 * has used of the gift, and no other's money. Where it has not so much, its part is owed, and tried again.
 */
import { booksOf, type Working } from './books.ts';
import { disputeBorne, refundBorne, type Borne, type Donation } from './donation.ts';
import { sharesOf, type Share } from './giving-up.ts';
import { journals, type Journal } from './ledger.ts';
import { newId, type Random } from '../kernel/id.ts';
import { fen } from '../kernel/money.ts';
import type { EpochMs } from '../kernel/time.ts';
import { post } from './post.ts';
import { borne, type Refund } from './refund.ts';
import { foundationRepository } from './repository.ts';

/** Whoever loses a race looks again. */
const ATTEMPTS = 12;

/** What they come to, of so much. */
export const borneBy = (shares: readonly Share[], of: number): Borne => {
  const amount = shares.reduce((sum, share) => sum + share.amount, 0);
  return { amount, unused: shares.reduce((sum, share) => sum + share.unused, 0), isWhole: amount === of };
};

/** One journal a purpose. */
export const bearingJournals = (
  random: Random,
  donation: Donation,
  shares: readonly Share[],
  refund: Pick<Refund, 'id' | 'ground'>,
  at: EpochMs,
): readonly Journal[] =>
  shares.map(({ purpose, amount }) => {
    const posted = { id: newId(random), at, amount: fen(amount) };
    const details = { channel: donation.channel, donation: donation.id };
    return refund.ground === 'disputeLost'
      ? journals.disputeLost({ ...donation, purpose }, posted, details)
      : journals.refundReserved({ ...donation, purpose }, posted, { ...details, refund: refund.id });
  });

/** Bears what is owed of a gift, as far as its purposes can; answers whether nothing is owed any more. */
export const bearOwed = async ({ runtime, now, requestId }: Working, id: string): Promise<boolean> => {
  const repository = foundationRepository(runtime.database);
  for (let lost = 0; lost < ATTEMPTS;) {
    const refund = await repository.readRefund(id);
    const { owed } = refund ?? {};
    if (refund === undefined || owed === undefined) return true;
    const [whole, books] = await Promise.all([repository.wholeDonation(refund.donation), booksOf(runtime, refund.fund, requestId)]);
    if (whole === undefined) return false;
    const { donation } = whole;
    const bear = (shares: readonly Share[]) => {
      const part = borneBy(shares, owed);
      return post(books, now, (at) => ({
        writes: [
          repository.putsDonation(
            refund.ground === 'disputeLost'
              ? disputeBorne(donation, refund.transaction ?? '', refund.amount, part, at)
              : refundBorne(donation, id, part, at),
            donation,
            requestId,
          ),
          repository.putsRefund(borne(refund, part.amount, at), refund, requestId),
          ...shares.flatMap(({ writes }) => writes),
        ],
        journals: bearingJournals(runtime.random, donation, shares, refund, at),
      }));
    };
    const shares = await sharesOf(repository, whole, owed);
    const outcomes = new Set<'posted' | 'conflict' | 'notThere'>();
    // All at once; where one cannot, the others on their own.
    for (const each of shares.length > 1 ? [shares, ...shares.map((share) => [share])] : shares.length === 1 ? [shares] : []) {
      const posted = await bear(each);
      outcomes.add(posted.ok ? 'posted' : posted.error.code);
      if (posted.ok || posted.error.code === 'conflict') break;
    }
    if (outcomes.has('conflict')) lost += 1;
    else if (!outcomes.has('posted')) return false;
  }
  throw new Error(`too many at once change what is owed by the refund ${id}`);
};
