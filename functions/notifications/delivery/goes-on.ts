import { toInstant, type EpochMs } from '../../kernel/time.ts';
import type { Batch } from './batch.ts';
import { taken } from './reach.ts';
import { MOST_WRITES, type DeliveryRepository } from './repository.ts';

const ATTEMPTS = 8;

/**
 * Writes a batch as it goes on, and what is to be added to the sums once its part is done; again where a carrier told of it meanwhile. Undefined where
 * there is nothing to change, or another delivery of the same batch has gone on: it is left to that.
 */
export const goesOn = async (
  repository: DeliveryRepository,
  now: EpochMs,
  before: Batch,
  change: (batch: Batch) => Batch | undefined,
): Promise<Batch | undefined> => {
  let batch = before;
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const changed = change(batch);
    if (changed === undefined) return undefined;
    // While its list is gone through, sums wait for its end: so they are written once a batch.
    const { some, left } = changed.isWalked ? taken(changed.tally, MOST_WRITES) : { some: {}, left: changed.tally };
    const next: Batch = { ...changed, tally: left, version: batch.version + 1 };
    const sums = repository.addsSums(next, some, next.batch, toInstant(now));
    if ((await repository.write([repository.putsBatch(next, batch), ...sums])).ok) return next;
    const fresh = await repository.batch(batch.batch);
    if (fresh === undefined) return undefined;
    batch = fresh;
  }
  throw new Error(`the batch ${before.batch} is changed by too many at once: try again`);
};
