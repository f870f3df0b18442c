/** Gives what has come in its receipt: numbers without gaps per fund and year, since the counter and what it counted are one transaction. */
import type { EventBridgeEvent } from 'aws-lambda';
import { lambda } from '../data/lambda.ts';
import type { CloudEvent } from '../data/reaction.ts';
import type { Runtime } from '../data/runtime.ts';
import { withUses } from '../data/scope.ts';
import { randomCharacters } from '../kernel/id.ts';
import { receipted, receiptNumberOf, receiptYear, type Donation } from './donation.ts';
import { issueReceipts as declaration } from './reactions.ts';
import { foundationRepository, type FoundationRepository } from './repository.ts';
import { traceUses } from './trace-uses.ts';

/** A transaction has 100 writes: the counter, and so many receipts. */
const AT_ONCE = 98;
const ATTEMPTS = 40;
const CHECK_CODE = 12;

/** Read out in groups. */
const checkCode = (runtime: Runtime): string => randomCharacters(runtime.random, CHECK_CODE).replace(/(.{4})(?=.)/g, '$1-');

interface Received {
  readonly id: string;
  readonly fund: string;
  readonly purpose: string;
  readonly receivedAt: Donation['receivedAt'];
}

const isWaiting = ({ receivedAt, receiptNumber }: Donation): boolean => receivedAt !== undefined && receiptNumber === undefined;

/** The gifts that wait, first come first, this one among them; nothing where it has its receipt already: in a campaign most have got it with another. */
const waiting = async (repository: FoundationRepository, year: string, own: Donation): Promise<readonly Donation[]> => {
  const { id, fund } = own;
  if (!isWaiting(own)) return [];
  const others = (await repository.withoutReceipt(fund, year, AT_ONCE)).filter((each) => each !== id).slice(0, AT_ONCE - 1);
  const all = others.length === 0 ? [own] : [own, ...(await repository.readDonations(others))];
  return all.filter(isWaiting).toSorted((a, b) => (`${a.receivedAt}#${a.id}` < `${b.receivedAt}#${b.id}` ? -1 : 1));
};

export const issueReceipts = (outer: Runtime) => {
  const runtime = withUses(outer, declaration.uses, declaration.name);
  const repository = foundationRepository(runtime.database);

  return async ({ detail }: EventBridgeEvent<string, CloudEvent<Received>>): Promise<void> => {
    const { id, fund, purpose } = detail.data.item;
    const year = receiptYear(detail.data.item);
    /** Of its purpose, and of the one that it may have got meanwhile: what came after it has waited for its number. */
    const trace = async (own: Donation): Promise<void> => {
      for (const each of new Set([purpose, own.purpose])) await traceUses(runtime, fund, each, detail.id);
    };
    for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
      const own = await repository.readDonation(id);
      if (own === undefined) return;
      const due = await waiting(repository, year, own);
      if (due.length === 0) return trace(own);
      const counter = await repository.counter(fund, year);
      const last = counter?.last ?? 0;
      const now = runtime.now();
      const written = await repository.write([
        repository.putsCounter(fund, year, last + due.length, counter),
        ...due.map((donation, index) =>
          repository.putsDonation(
            receipted(donation, receiptNumberOf(fund, year, last + index + 1), checkCode(runtime), now),
            donation,
            `${detail.id}#${donation.id}`,
          ),
        ),
      ]);
      // This one has it, and so have those that waited with it; any that are left come with their own event.
      if (written.ok) return trace(own);
      // Somebody else was quicker: what is left is looked at again.
    }
    throw new Error(`too many at once give receipts of the fund ${fund}`);
  };
};

export const handler = lambda(issueReceipts);
