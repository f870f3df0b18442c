/**
 * About a hundred recipients of an alert: a part of a list, gone through in chunks. It keeps how far it is, whose outcome is still open, and
 * what is to be added to the sums, so that whoever goes on after a crash repeats one chunk at most. Pure.
 */
import { createHash } from 'node:crypto';
import type { ReachCounts } from '../../kernel/reach-counts.ts';
import { DAY, fromInstant, MINUTE, plus, SECOND, toEpochSeconds, toInstant, type EpochMs, type Instant } from '../../kernel/time.ts';
import type { Fate } from '../channels/carrier.ts';
import type { Piece } from './piece.ts';
import { tallied, type ReachOf, type Tally } from './reach.ts';

/** Recipients that are told at once. */
export const CHUNK = 25;
/** Seconds from each attempt to the next; after the last of them it has failed. */
const BACK_OFF = [30, 120, 600, 3600];
/** Batches that are to be tried again lie in so many lists. */
export const RETRY_SHARDS = 8;
const HASH_LENGTH = 8;
/** What is planned of an alert is of no use to anybody after that. */
export const PLAN_KEPT_DAYS = 90;
/** Whose delivery was asked for and does not come is found again after so long. */
const OVERDUE = 15 * MINUTE;
/** Longer than a function lasts: who has not gone on by then is dead. */
const LEASE = 90 * SECOND;
/** A lease with less left than this is made longer before another chunk. */
const LEASE_LEFT = MINUTE;

type Best = 'none' | 'handed' | 'delivered';

/** Somebody of whom more may be heard. */
export interface Unsettled {
  readonly community: string;
  /** As they are counted already. */
  readonly best: Best;
  /** Their entry and the channels that nothing has got through yet, with the attempts so far and when the next is due. */
  readonly entry?: string | undefined;
  readonly waiting?: readonly string[] | undefined;
  readonly attempts?: number | undefined;
  readonly dueAt?: Instant | undefined;
  /** Hashes of letters that are handed and not yet told of. */
  readonly open?: readonly string[] | undefined;
}

/** Who is delivering a batch, and until when nobody else is. */
export interface Lease {
  readonly by: string;
  readonly until: Instant;
}

export interface Batch extends ReachOf {
  /** `<alert>:<piece>:<number>`. */
  readonly batch: string;
  readonly isRed: boolean;
  /** `<region>#<shard>`, and the first and last key in it. */
  readonly list: string;
  readonly from: string;
  readonly to: string;
  readonly count: number;
  /** The last that was dealt with. */
  readonly position?: string | undefined;
  /** How many were planned, less those dealt with, by community. */
  readonly rest: Readonly<Record<string, number>>;
  readonly tally: Tally;
  readonly unsettled: readonly Unsettled[];
  /** Nobody is left but the unsettled. */
  readonly isWalked: boolean;
  /** Chunks so far. */
  readonly chunks: number;
  readonly lease?: Lease | undefined;
  readonly dueAt?: Instant | undefined;
  readonly dueShard?: string | undefined;
  /** How often its delivery was asked for; each is told of, and nothing else. */
  readonly wakes: number;
  readonly version: number;
  readonly change: 'planned' | 'plannedRed' | 'woken' | 'wokenRed';
  readonly changedAt: Instant;
  readonly expiresAt: number;
}

export const newBatch = (
  { alert, status, sentAt, piece, isRed }: Piece,
  { number, ...part }: Pick<Batch, 'list' | 'from' | 'to' | 'count' | 'rest'> & { readonly number: number },
  now: EpochMs,
): Batch => ({
  ...part,
  alert,
  status,
  sentAt,
  batch: `${alert}:${piece}:${number}`,
  isRed,
  tally: {},
  unsettled: [],
  isWalked: false,
  chunks: 0,
  wakes: 1,
  version: 1,
  change: isRed ? 'plannedRed' : 'planned',
  changedAt: toInstant(now),
  expiresAt: toEpochSeconds(plus(now, PLAN_KEPT_DAYS * DAY)),
});

/** The same for the same letter however often it is sent, and it names its batch. */
export const letterId = ({ batch }: Pick<Batch, 'batch'>, channel: string): string => `${batch}:${channel}`;

/** The batch and the channel of a letter; undefined where the id is none of ours. */
export const partsOfLetter = (id: string): { readonly batch: string; readonly channel: string } | undefined => {
  const cut = id.lastIndexOf(':');
  const batch = id.slice(0, Math.max(cut, 0));
  return /^[^:]{1,64}:\d{2,6}\.\d{1,2}:\d{1,9}$/.test(batch) ? { batch, channel: id.slice(cut + 1) } : undefined;
};

const hashOf = (channel: string): string => createHash('sha256').update(channel).digest('base64url').slice(0, HASH_LENGTH);

export interface Told {
  readonly channel: string;
  readonly fate: Fate;
}

/** What became of one recipient in a chunk. */
export interface Outcome {
  /** Their entry in the list. */
  readonly entry: string;
  readonly community: string;
  /** What is known of them from before, where this is another attempt. */
  readonly before?: Unsettled | undefined;
  /** None where they want no more of it meanwhile. */
  readonly told: readonly Told[];
}

const RANK: readonly Best[] = ['none', 'handed', 'delivered'];
const better = (one: Best, other: Best): Best => (RANK.indexOf(one) >= RANK.indexOf(other) ? one : other);

/** What changes in the sums when somebody of whom `from` was known is at `to`. */
const counted = (from: Best, to: Best, end: 'open' | 'failed' | 'gone'): Partial<ReachCounts> => ({
  handed: from === 'none' && to !== 'none' ? 1 : 0,
  delivered: from !== 'delivered' && to === 'delivered' ? 1 : 0,
  failed: to === 'none' && end === 'failed' ? 1 : 0,
  targeted: to === 'none' && end === 'gone' ? -1 : 0,
});

const isStillOpen = ({ best, waiting, open }: Unsettled): boolean =>
  (waiting?.length ?? 0) > 0 || (best === 'handed' && (open?.length ?? 0) > 0);

/** Of one recipient: what is to be counted, and what of them stays open. */
const settled = (
  { entry, community, before, told }: Outcome,
  { now, expires }: { readonly now: EpochMs; readonly expires: EpochMs },
): { readonly counts: Partial<ReachCounts>; readonly unsettled: Unsettled | undefined } => {
  const was = before?.best ?? 'none';
  let best = was;
  const open = [...(before?.open ?? [])];
  const waiting: string[] = [];
  let pause = 0;
  const attempts = before?.attempts ?? 0;
  const next = BACK_OFF[attempts];
  for (const { channel, fate } of told) {
    switch (fate.kind) {
      case 'delivered':
        best = 'delivered';
        break;
      case 'handed':
        best = better(best, 'handed');
        open.push(hashOf(channel));
        break;
      case 'later':
        if (next === undefined) break;
        waiting.push(channel);
        pause = Math.max(pause, next, fate.afterSeconds ?? 0);
        break;
      case 'dead':
      case 'refused':
        break;
    }
  }
  const due = Math.min(plus(now, pause * SECOND), expires);
  const after: Unsettled = {
    community,
    best,
    ...(waiting.length === 0 ? {} : { entry, waiting, attempts: attempts + 1, dueAt: toInstant(plus(now, due - now)) }),
    ...(open.length === 0 || best === 'delivered' ? {} : { open }),
  };
  const end = waiting.length > 0 ? 'open' : told.length > 0 ? 'failed' : 'gone';
  return { counts: counted(was, best, end), unsettled: isStillOpen(after) ? after : undefined };
};

const retryList = ({ batch }: Pick<Batch, 'batch'>): string => `RETRY#${Number(batch.slice(batch.lastIndexOf(':') + 1)) % RETRY_SHARDS}`;

/** The moment of the next attempt, and where it is found; while somebody is at it, that by which they are done or dead. */
const withDue = ({ dueAt: _dueAt, dueShard: _dueShard, ...batch }: Batch): Batch => {
  const dueAt =
    batch.lease?.until ??
    batch.unsettled
      .flatMap((each) => each.dueAt ?? [])
      .toSorted()
      .at(0);
  return dueAt === undefined ? batch : { ...batch, dueAt, dueShard: retryList(batch) };
};

/** Whether somebody else than `by` is delivering it. */
export const isLeased = ({ lease }: Batch, by: string, now: EpochMs): boolean =>
  lease !== undefined && lease.by !== by && fromInstant(lease.until) > now;

/** Taken by who delivers it now. Each later end of a lease is written to the index, too: it is moved only when it comes near. */
export const leased = (batch: Batch, by: string, now: EpochMs): Batch => {
  const { lease } = batch;
  if (lease?.by === by && fromInstant(lease.until) - now >= LEASE_LEFT) return batch;
  return withDue({ ...batch, lease: { by, until: toInstant(plus(now, LEASE)) } });
};

/** Let go of: whoever comes next may deliver it. */
export const released = ({ lease: _lease, ...batch }: Batch): Batch => withDue(batch);

/** The next of these on the way to the end: one chunk of recipients who are told for the first time. */
export const chunkTold = (
  batch: Batch,
  outcomes: readonly Outcome[],
  position: string,
  at: { readonly now: EpochMs; readonly expires: EpochMs },
): Batch => {
  let { tally } = batch;
  const rest: Record<string, number> = { ...batch.rest };
  const unsettled = [...batch.unsettled];
  for (const outcome of outcomes) {
    const { counts, unsettled: open } = settled(outcome, at);
    tally = tallied(tally, outcome.community, counts);
    rest[outcome.community] = (rest[outcome.community] ?? 0) - 1;
    if (open !== undefined) unsettled.push(open);
  }
  return withDue({ ...batch, position, tally, rest, unsettled, chunks: batch.chunks + 1 });
};

/** Those whose next attempt is due. */
export const dueOf = ({ unsettled }: Batch, now: EpochMs): readonly Unsettled[] =>
  unsettled.filter(({ dueAt }) => dueAt !== undefined && fromInstant(dueAt) <= now);

/** A chunk of further attempts. Who is no longer among the unsettled has been told of meanwhile. */
export const retried = (batch: Batch, outcomes: readonly Outcome[], at: { readonly now: EpochMs; readonly expires: EpochMs }): Batch => {
  let { tally } = batch;
  const byEntry = new Map(outcomes.map((each) => [each.entry, each]));
  const unsettled = batch.unsettled.flatMap((each) => {
    const outcome = each.entry === undefined ? undefined : byEntry.get(each.entry);
    if (outcome === undefined) return [each];
    const after = settled({ ...outcome, before: each }, at);
    tally = tallied(tally, each.community, after.counts);
    return after.unsettled === undefined ? [] : [after.unsettled];
  });
  return withDue({ ...batch, tally, unsettled, chunks: batch.chunks + 1 });
};

/**
 * Nobody is left in the list. Who went away before their turn, or came into it, is taken from the targeted or added to them; `expired`: who is left
 * has failed; `superseded`: the newer alert tells them, and this one no longer counts them.
 */
export const walkEnded = (batch: Batch, why: 'through' | 'expired' | 'superseded'): Batch => {
  let { tally } = batch;
  for (const [community, left] of Object.entries(batch.rest))
    if (left !== 0) tally = tallied(tally, community, why === 'expired' && left > 0 ? { failed: left } : { targeted: -left });
  const unsettled =
    why === 'through'
      ? batch.unsettled
      : batch.unsettled.flatMap(({ entry: _entry, waiting, attempts: _attempts, dueAt: _dueAt, ...each }) => {
          if (waiting === undefined) return [each];
          if (each.best === 'none') tally = tallied(tally, each.community, why === 'expired' ? { failed: 1 } : { targeted: -1 });
          return isStillOpen(each) ? [each] : [];
        });
  return withDue({
    ...batch,
    tally,
    rest: {},
    unsettled,
    isWalked: true,
    chunks: batch.chunks + 1,
  });
};

/** Its delivery is asked for again; whoever had it is done or dead. */
export const woken = ({ lease: _lease, ...batch }: Batch, now: EpochMs): Batch => ({
  ...batch,
  dueShard: retryList(batch),
  dueAt: toInstant(plus(now, OVERDUE)),
  wakes: batch.wakes + 1,
  change: batch.isRed ? 'wokenRed' : 'woken',
  changedAt: toInstant(now),
});

/** Whether more may be heard of a letter. */
export const isOpen = ({ unsettled }: Batch, channel: string): boolean => {
  const hash = hashOf(channel);
  return unsettled.some(({ open }) => open?.includes(hash));
};

/** What a carrier tells later of a letter that it has taken; undefined where it is none that is still open. */
export const heardOf = (batch: Batch, channel: string, status: 'delivered' | 'failed'): Batch | undefined => {
  const hash = hashOf(channel);
  const index = batch.unsettled.findIndex(({ open }) => open?.includes(hash));
  const person = batch.unsettled[index];
  if (person === undefined) return undefined;
  const { open: before = [], ...same } = person;
  const open = status === 'delivered' ? [] : before.filter((each) => each !== hash);
  // With nothing more to be heard, whoever was counted as handed was not.
  const isLost = status === 'failed' && open.length === 0;
  const isWaiting = (person.waiting?.length ?? 0) > 0;
  const after: Unsettled = {
    ...same,
    best: status === 'delivered' ? 'delivered' : isLost ? 'none' : person.best,
    ...(open.length === 0 ? {} : { open }),
  };
  const counts: Partial<ReachCounts> = status === 'delivered' ? { delivered: 1 } : isLost ? { handed: -1, failed: isWaiting ? 0 : 1 } : {};
  return withDue({
    ...batch,
    tally: tallied(batch.tally, person.community, counts),
    unsettled: [...batch.unsettled.slice(0, index), ...(isStillOpen(after) ? [after] : []), ...batch.unsettled.slice(index + 1)],
  });
};
