/** `deliveryRetries`: asks again for the delivery of batches with somebody whose next attempt is due. */
import type { Page, Key } from '../data/database.ts';
import { lambda } from '../data/lambda.ts';
import type { Runtime } from '../data/runtime.ts';
import { scheduledInstant, type ScheduledEvent } from '../data/schedule.ts';
import { withUses } from '../data/scope.ts';
import { fromInstant } from '../kernel/time.ts';
import { RETRY_SHARDS, woken } from './delivery/batch.ts';
import { batchIdOf, deliveryRepository } from './delivery/repository.ts';
import { deliveryRetries as declaration } from './schedules.ts';

const AT_ONCE = 10;

export interface RetriesDone {
  readonly woken: number;
}

export const deliveryRetries = (outer: Runtime) => {
  const runtime = withUses(outer, declaration.uses, declaration.name);
  const repository = deliveryRepository(runtime.database);

  return async (event: ScheduledEvent): Promise<RetriesDone> => {
    const until = scheduledInstant(event);
    const at = fromInstant(until);
    let count = 0;
    const wake = async ({ pk }: Key): Promise<void> => {
      const batch = await repository.batch(batchIdOf(pk));
      // The index tells of it a moment longer than it is true.
      if (batch?.dueAt === undefined || batch.dueAt > until) return;
      // Where somebody was quicker, they have woken it, or are delivering it right now.
      if ((await repository.write([repository.putsBatch(woken(batch, at), batch)])).ok) count += 1;
    };
    await Promise.all(
      Array.from({ length: RETRY_SHARDS }, async (_, shard) => {
        let after: Page<Key>['after'];
        do {
          const page = await repository.due(shard, until, after);
          for (let start = 0; start < page.items.length; start += AT_ONCE)
            await Promise.all(page.items.slice(start, start + AT_ONCE).map(wake));
          after = page.after;
        } while (after !== undefined);
      }),
    );
    if (count > 0) runtime.log({ level: 'info', code: 'deliveriesWoken', batches: count });
    return { woken: count };
  };
};

export const handler = lambda(deliveryRetries);
