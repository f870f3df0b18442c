/** Follows money that was paid out back to the gifts that it came from: first in, first out within a purpose. */
import type { EventBridgeEvent } from 'aws-lambda';
import type { Write } from '../data/database.ts';
import { lambda } from '../data/lambda.ts';
import type { CloudEvent } from '../data/reaction.ts';
import type { Runtime } from '../data/runtime.ts';
import { withUses } from '../data/scope.ts';
import { toInstant, type EpochMs } from '../kernel/time.ts';
import { used, type Donation } from './donation.ts';
import { traced, type Trace } from './grant.ts';
import { used as usedIncome, type Income } from './income.ts';
import { traceUses as declaration } from './reactions.ts';
import { foundationRepository, type FoundationRepository } from './repository.ts';

/** A gift is two writes of a transaction's hundred. */
const LOTS = 45;
const GRANTS = 5;
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

/** Traces what is untraced of a purpose as far as its lots reach; what has been paid first comes first. */
export const traceUses = async (runtime: Runtime, fund: string, purpose: string, requestId: string): Promise<void> => {
  const repository = foundationRepository(runtime.database);
  for (let round = 0; round < ROUNDS; round++) {
    const trace = (await repository.untraced(fund, purpose, GRANTS)).find(({ untraced }) => untraced > 0);
    if (trace === undefined) return;
    const lots = await repository.lots(fund, purpose, LOTS);
    const now = runtime.now();
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

export const traceUsesReaction = (outer: Runtime) => {
  const runtime = withUses(outer, declaration.uses, declaration.name);
  return ({ detail }: EventBridgeEvent<string, CloudEvent<Traced>>): Promise<void> =>
    traceUses(runtime, detail.data.item.fund, detail.data.item.purpose, detail.id);
};

export const handler = lambda(traceUsesReaction);
