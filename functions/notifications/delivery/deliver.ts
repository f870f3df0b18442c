/**
 * Hands an alert to the recipients of a batch, so many at once. Whoever does takes the batch before the first letter, since most carriers know no
 * letter again: another delivery leaves it alone. After each chunk what became of it is written; where its owner dies, the batch is found by the
 * end of the lease, and one chunk is repeated, by letters with the same ids.
 */
import type { EventBridgeEvent } from 'aws-lambda';
import type { AlertMessage } from '../../alerts/alert.ts';
import { alertsReader } from '../../alerts/reader.ts';
import type { CloudEvent, ReactionDeclaration } from '../../data/reaction.ts';
import type { Runtime } from '../../data/runtime.ts';
import { withUses } from '../../data/scope.ts';
import { publicOrigin } from '../../http/origin.ts';
import { newId } from '../../kernel/id.ts';
import { fromInstant, SECOND, type EpochMs } from '../../kernel/time.ts';
import type { Carrier } from '../channels/carrier.ts';
import { foundDead } from '../channel-died.ts';
import { carriers } from '../channels/carriers.ts';
import { unsubscribeLink } from '../unsubscribe-link.ts';
import { alertLetter } from './alert-letter.ts';
import {
  CHUNK,
  chunkTold,
  dueOf,
  isLeased,
  leased,
  letterId,
  released,
  retried,
  walkEnded,
  woken,
  type Batch,
  type Outcome,
  type Told,
  type Unsettled,
} from './batch.ts';
import { failedIn } from './reach.ts';
import { goesOn } from './goes-on.ts';
import { deliveryRepository, MOST_WRITES, type DeliveryRepository, type Entry } from './repository.ts';
import { targeting, type Target } from './target.ts';

/** Of a function's minute: what is left then is asked for again. */
const LASTS = 30 * SECOND;

/** What letters go out through, and how long a call goes on, in milliseconds. */
export interface Ways {
  readonly carry: Carrier;
  readonly lasts?: number;
}

/** A delivery of a batch: by whom, since when, and how many have failed in it. */
interface Run {
  readonly by: string;
  readonly began: EpochMs;
  failed: number;
}

interface Recipient {
  readonly entry: Entry;
  readonly target: Target;
}

export type BatchEvent = EventBridgeEvent<string, CloudEvent<Pick<Batch, 'batch'>>>;

/** Those of a batch who are told, in order, from where it is. */
const recipientsOf = (repository: DeliveryRepository, batch: Batch, targetOf: ReturnType<typeof targeting>) => {
  let after = batch.position;
  let isEnd = false;
  const ahead: Recipient[] = [];
  return async (most: number): Promise<{ readonly chunk: readonly Recipient[]; readonly isLast: boolean }> => {
    while (ahead.length < most && !isEnd) {
      const page = await repository.entries(batch, after);
      for (const entry of page.items) {
        const target = targetOf(entry);
        if (target !== undefined) ahead.push({ entry, target });
      }
      after = page.after;
      isEnd = page.after === undefined;
    }
    const chunk = ahead.splice(0, most);
    return { chunk, isLast: isEnd && ahead.length === 0 };
  };
};

export const deliver = (outer: Runtime, declaration: ReactionDeclaration, { carry, lasts = LASTS }: Ways = { carry: carriers(outer) }) => {
  const runtime = withUses(outer, declaration.uses, declaration.name);
  const { database, now, log } = runtime;
  const repository = deliveryRepository(database);
  const alerts = alertsReader(database);

  const tell = async (alert: AlertMessage, batch: Batch, entry: Entry, wanted: readonly string[]): Promise<readonly Told[]> => {
    const channels = entry.channels.filter(({ id }) => wanted.includes(id));
    // On one machine nobody knows it before the port is open.
    const origin = publicOrigin(runtime);
    return Promise.all(
      channels.map(async (channel) => {
        const id = letterId(batch, channel.id);
        const letter = alertLetter(alert, {
          id,
          kind: channel.kind,
          language: entry.language,
          now: now(),
          unsubscribe: origin === undefined ? undefined : unsubscribeLink(runtime, origin, entry.sub, channel.id),
        });
        const fate = await carry(channel, letter);
        if (fate.kind === 'dead') await foundDead({ runtime, sub: entry.sub, now: now(), requestId: id }, channel.id);
        return { channel: channel.id, fate };
      }),
    );
  };

  const read = async (id: string): Promise<AlertMessage> => {
    const alert = await alerts.read(id);
    if (alert === undefined) throw new Error(`there is no alert ${id}`);
    return alert;
  };

  /** Why nobody is to be told of it any more. */
  const whyOff = (alert: AlertMessage): 'superseded' | 'expired' | undefined =>
    alert.supersededBy !== undefined ? 'superseded' : fromInstant(alert.expires) <= now() ? 'expired' : undefined;

  const isDone = (batch: Batch): boolean => isOver(batch) && Object.keys(batch.tally).length === 0;

  const at = (alert: AlertMessage) => ({ now: now(), expires: fromInstant(alert.expires) });

  /** Whether there is nothing to do for now. */
  const isOver = (batch: Batch): boolean => batch.isWalked && dueOf(batch, now()).length === 0;

  /** The batch taken by a delivery; undefined where another has it, or is through with it. */
  const taken = (batch: Batch, by: string): Promise<Batch | undefined> =>
    goesOn(repository, now(), batch, (each) => (isLeased(each, by, now()) || isDone(each) ? undefined : leased(each, by, now())));

  /** The batch after a change of the delivery that has it, and of no other. */
  const changed = (batch: Batch, change: (batch: Batch) => Batch): Promise<Batch | undefined> =>
    goesOn(repository, now(), batch, (each) =>
      each.lease?.by === batch.lease?.by && each.chunks === batch.chunks ? change(each) : undefined,
    );

  /** The same after a step of its delivery; let go of in the same write where that was the last. */
  const moved = async (batch: Batch, run: Run, step: (batch: Batch) => Batch): Promise<Batch | undefined> => {
    let failed = 0;
    const next = await changed(batch, (each) => {
      const after = step(each);
      failed = failedIn(after.tally) - failedIn(each.tally);
      return isOver(after) && Object.keys(after.tally).length <= MOST_WRITES ? released(after) : leased(after, run.by, now());
    });
    run.failed += failed;
    return next;
  };

  /** One chunk of those who are told for the first time. */
  const first = async (
    batch: Batch,
    run: Run,
    alert: AlertMessage,
    { chunk, isLast }: { readonly chunk: readonly Recipient[]; readonly isLast: boolean },
  ): Promise<Batch | undefined> => {
    const outcomes = await Promise.all(
      chunk.map(async ({ entry, target: { community, channels } }): Promise<Outcome> => ({
        entry: entry.sk,
        community,
        told: await tell(alert, batch, entry, channels),
      })),
    );
    const position = chunk.at(-1)?.entry.sk ?? batch.to;
    return moved(batch, run, (each) => {
      const told = chunkTold(each, outcomes, position, at(alert));
      return isLast ? walkEnded(told, 'through') : told;
    });
  };

  /** One chunk of those who are told again. */
  const again = async (batch: Batch, run: Run, alert: AlertMessage, due: readonly Unsettled[]): Promise<Batch | undefined> => {
    const entries = new Map(
      (
        await repository.entriesAt(
          batch.list,
          due.flatMap(({ entry }) => entry ?? []),
        )
      ).map((each) => [each.sk, each]),
    );
    const outcomes = await Promise.all(
      due.flatMap(({ entry, community, waiting = [] }) =>
        entry === undefined
          ? []
          : [
              (async (): Promise<Outcome> => {
                const found = entries.get(entry);
                return { entry, community, told: found === undefined ? [] : await tell(alert, batch, found, waiting) };
              })(),
            ],
      ),
    );
    return moved(batch, run, (each) => retried(each, outcomes, at(alert)));
  };

  /** One batch of many says nothing; many of them ring. */
  const noteFailures = (batch: Batch, failed: number): void => {
    const { alert, batch: name, count } = batch;
    if (failed * 2 > count) runtime.log({ level: 'warn', code: 'alertBatchFailed', alert, batch: name, failed, count });
  };

  /** Goes on until nothing is left, or the time is up; undefined where another goes on. */
  const deliverAll = async (from: Batch, run: Run): Promise<Batch | undefined> => {
    let batch: Batch | undefined = from;
    let next: ReturnType<typeof recipientsOf> | undefined;
    while (batch !== undefined && !isDone(batch)) {
      if (isOver(batch)) {
        // More communities than one transaction has room for.
        batch = await moved(batch, run, (each) => ({ ...each, chunks: each.chunks + 1 }));
        continue;
      }
      if (now() - run.began >= lasts) {
        await changed(batch, (each) => woken(each, now()));
        return undefined;
      }
      const alert: AlertMessage = await read(batch.alert);
      const off = whyOff(alert);
      if (off !== undefined) batch = await moved(batch, run, (each) => walkEnded(each, off));
      else if (batch.isWalked) batch = await again(batch, run, alert, dueOf(batch, now()).slice(0, CHUNK));
      else {
        next ??= recipientsOf(repository, batch, targeting(alert));
        batch = await first(batch, run, alert, await next(CHUNK));
      }
    }
    return batch;
  };

  /** So that the event's next attempt need not wait for the lease's end; where that fails, too, it does. */
  const letGo = async (id: string, by: string): Promise<void> => {
    const batch = await repository.batch(id);
    if (batch?.lease?.by === by) await changed(batch, released);
  };

  return async ({ detail }: BatchEvent): Promise<void> => {
    const began = now();
    const found = await repository.batch(detail.data.item.batch);
    if (found === undefined || isDone(found)) return;
    const by = newId(runtime.random);
    const own = await taken(found, by);
    if (own === undefined) return;
    // While its list is gone through, those who failed before are not in the sums yet.
    const run: Run = { by, began, failed: failedIn(own.tally) };
    const batch = await deliverAll(own, run).catch(async (error: unknown) => {
      await letGo(own.batch, by).catch(() => undefined);
      throw error;
    });
    if (batch === undefined) return;
    const waiting = batch.unsettled.filter((each) => each.waiting !== undefined).length;
    noteFailures(batch, run.failed);
    log({ level: 'info', code: 'alertBatchDelivered', alert: batch.alert, batch: batch.batch, chunks: batch.chunks, waiting });
  };
};
