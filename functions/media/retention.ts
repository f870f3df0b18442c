/** `retention`: removes what nobody attached: first the bytes, then what is known of them, so that a run which is cut short is found again. */
import type { Context } from 'aws-lambda';
import { lambda } from '../data/lambda.ts';
import type { Runtime } from '../data/runtime.ts';
import { scheduledInstant, type ScheduledEvent } from '../data/schedule.ts';
import { withUses } from '../data/scope.ts';
import { cause } from '../kernel/cause.ts';
import { fromInstant, type EpochMs } from '../kernel/time.ts';
import { mediaClaim as claimOfGrant } from '../donations/reader.ts';
import { mediaClaim as claimOfRequest } from '../service-requests/reader.ts';
import { dueAt, keptFor, keysOf, uploadKey } from './media.ts';
import { DUE_SHARDS, mediaRepository } from './repository.ts';
import { retention as declaration } from './schedules.ts';

const PAGE = 100;
const AT_ONCE = 8;
const ENOUGH_MS = 60_000;

export interface RetentionDone {
  readonly removed: number;
  readonly kept: number;
}

/** Runs for the moment it is scheduled for, never for the clock's. What a run leaves, since its time is up, the next one finds. */
export const retention = (outer: Runtime) => {
  const runtime = withUses(outer, declaration.uses, declaration.name, declaration.objects);
  const repository = mediaRepository(runtime.database);

  /** Whether it was removed. */
  const lookAt = async (id: string, at: EpochMs, runId: string): Promise<boolean> => {
    const media = await repository.read(id);
    const due = media === undefined ? undefined : dueAt(media);
    if (media === undefined || due === undefined || fromInstant(due) > at) return false;
    // Nobody can claim it any more; whoever did, and is still being told of, is found here.
    const claimedBy = media.attachedTo ?? (await claimOfRequest(runtime.database, id)) ?? (await claimOfGrant(runtime.database, id));
    const store = await runtime.objects();
    if (claimedBy === undefined) {
      await store.remove(keysOf(id));
      return (await repository.remove(media)).ok;
    }
    // What lies there is still to be looked at: its event may be parked.
    const isWaiting = media.status === 'pending' && (await store.read(uploadKey(id))) !== undefined;
    if (!isWaiting) await repository.write([repository.puts(keptFor(media, claimedBy, at), media, `${runId}#${id}`)]);
    return false;
  };

  return async (
    { scheduledTime }: ScheduledEvent,
    { getRemainingTimeInMillis: remainingMs }: Pick<Context, 'getRemainingTimeInMillis'>,
  ): Promise<RetentionDone> => {
    const at = fromInstant(scheduledInstant({ scheduledTime }));
    const runId = `retention#${scheduledTime}`;
    let removed = 0;
    let kept = 0;
    const failures: unknown[] = [];
    /** What fails keeps nothing else waiting: it is told at once, and once more by the run's own failure. */
    const orTold = async (id: string): Promise<void> => {
      try {
        if (await lookAt(id, at, runId)) removed += 1;
        else kept += 1;
      } catch (error) {
        failures.push(error);
        runtime.log({ level: 'error', code: 'retentionStuck', media: id, ...cause(error) });
      }
    };
    for (let shard = 0; shard < DUE_SHARDS; shard++) {
      // What stays due keeps nothing behind it from being looked at.
      let after: Awaited<ReturnType<typeof repository.due>>['after'];
      do {
        const { items: due, after: next } = await repository.due(shard, at, PAGE, after);
        for (let start = 0; start < due.length; start += AT_ONCE) await Promise.all(due.slice(start, start + AT_ONCE).map(orTold));
        after = next;
      } while (after !== undefined && remainingMs() >= ENOUGH_MS);
      runtime.log({ level: 'info', code: 'retentionProgress', shard: shard + 1, shards: DUE_SHARDS, removed, kept });
    }
    if (failures.length > 0) throw new Error(`${failures.length} pictures could not be looked at`, { cause: failures[0] });
    return { removed, kept };
  };
};

export const handler = lambda(retention);
