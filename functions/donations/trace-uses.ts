/** Follows money that was paid out back to the gifts that it came from: first in, first out within a purpose. */
import type { EventBridgeEvent } from 'aws-lambda';
import type { Write } from '../data/database.ts';
import { lambda } from '../data/lambda.ts';
import type { CloudEvent } from '../data/reaction.ts';
import type { Runtime } from '../data/runtime.ts';
import { withUses } from '../data/scope.ts';
import { dayOf, toInstant, type EpochMs } from '../kernel/time.ts';
import { booksOf } from './books.ts';
import { used, type Donation } from './donation.ts';
import { purposeCodes } from './fund.ts';
import { traced, type Trace } from './grant.ts';
import { used as usedIncome, type Income } from './income.ts';
import { traceUses as declaration } from './reactions.ts';
import { foundationRepository, placeOfLot, type FoundationRepository } from './repository.ts';

/** A gift is two writes of a transaction's hundred. */
const LOTS = 45;
const GRANTS = 5;
/** Of those that wait, mostly the first tells. */
const AT_ONCE = 10;
const ROUNDS = 10_000;

const isDonation = (lot: Donation | Income): lot is Donation => 'receivedAt' in lot && lot.receivedAt !== undefined;

/** What a grant takes of the lots before it: each is used up before the next is begun. */
const taken = (
  repository: FoundationRepository,
  trace: Trace,
  lots: readonly (Donation | Income)[],
  now: EpochMs,
  requestId: string,
): { readonly amount: number; readonly writes: readonly Write[] } => {
  const writes: Write[] = [];
  let amount = 0;
  for (const lot of lots) {
    const part = Math.min(lot.unused, trace.untraced - amount);
    if (part <= 0) continue;
    amount += part;
    if (isDonation(lot)) {
      const next = used(lot, part, now);
      writes.push(
        repository.putsDonation(next, lot, `${requestId}#${lot.id}`),
        repository.putsUse(lot.id, { grant: trace.id, amount: part, at: toInstant(now) }, next.version),
      );
    } else writes.push(repository.putsIncome(usedIncome(lot, part, now), lot, `${requestId}#${lot.id}`));
  }
  return { amount, writes };
};

/**
 * What there is of a purpose to be used, first come first, up to a gift that has come in and has no number yet: in whatever order events come,
 * nothing is used before what came earlier. When that gift gets its number, its own event traces on.
 */
const inOrder = async (
  repository: FoundationRepository,
  fund: string,
  purpose: string,
  now: EpochMs,
): Promise<readonly (Donation | Income)[]> => {
  const year = Number(dayOf(now).slice(0, 4));
  // Looked for before the lots: whatever gets its number in between is then seen as one, and not passed over.
  const waiting = await repository.allWithoutReceipt(fund, [String(year - 1), String(year)]);
  const lots = [...(await repository.lots(fund, purpose, LOTS))];
  const last = lots.at(-1);
  const before = last === undefined ? [] : waiting.filter(({ place }) => place < placeOfLot(last));
  for (let start = 0; start < before.length; start += AT_ONCE) {
    const gifts = await repository.readDonations(before.slice(start, start + AT_ONCE).map(({ id }) => id));
    for (const gift of gifts.filter((each) => each.purpose === purpose && each.unused > 0)) {
      if (gift.receiptNumber === undefined) return lots.filter((lot) => placeOfLot(lot) < placeOfLot(gift));
      if (!lots.some(({ id }) => id === gift.id)) lots.push(gift);
    }
    lots.sort((one, other) => (placeOfLot(one) < placeOfLot(other) ? -1 : 1));
  }
  return lots.slice(0, LOTS);
};

/** Traces what is untraced of a purpose as far as its lots reach; what has been paid first comes first. */
export const traceUses = async (runtime: Runtime, fund: string, purpose: string, requestId: string): Promise<void> => {
  const repository = foundationRepository(runtime.database);
  for (let round = 0; round < ROUNDS; round++) {
    const trace = (await repository.untraced(fund, purpose, GRANTS)).find(({ untraced }) => untraced > 0);
    if (trace === undefined) return;
    const now = runtime.now();
    const lots = await inOrder(repository, fund, purpose, now);
    const { amount, writes } = taken(repository, trace, lots, now, requestId);
    // What came in meanwhile is still to get its receipt, and traces on.
    if (amount === 0) return;
    await repository.write([repository.putsTrace(traced(trace, amount), trace), ...writes]);
  }
  throw new Error(`a purpose of the fund ${fund} cannot be traced to an end`);
};

interface Traced {
  readonly fund: string;
  readonly purpose: string;
}

/** What a gift lost is given up by grants of every purpose that it ever had. */
const ANY_PURPOSE = 'donation.borne';

export const traceUsesReaction = (outer: Runtime) => {
  const runtime = withUses(outer, declaration.uses, declaration.name);
  return async ({ 'detail-type': type, detail }: EventBridgeEvent<string, CloudEvent<Traced>>): Promise<void> => {
    const { fund, purpose } = detail.data.item;
    if (type !== ANY_PURPOSE) return traceUses(runtime, fund, purpose, detail.id);
    for (const each of purposeCodes((await booksOf(runtime, fund, detail.id)).fund)) await traceUses(runtime, fund, each, detail.id);
  };
};

export const handler = lambda(traceUsesReaction);
