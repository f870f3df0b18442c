/**
 * A piece of an alert's planning: some lists of one region, gone through from page to page. What it has found is cut into batches of about a
 * hundred recipients; how far it is, and whom it has counted, is kept with it. Pure.
 */
import type { AlertMessage } from '../../alerts/alert.ts';
import type { DivisionCode } from '../../kernel/division.ts';
import { NOBODY, sumOf, type ReachCounts } from '../../kernel/reach-counts.ts';
import { DAY, plus, toEpochSeconds, toInstant, type EpochMs, type Instant } from '../../kernel/time.ts';
import { listIn, SHARDS, type Subscriber } from '../subscriber.ts';
import { newBatch, PLAN_KEPT_DAYS, type Batch } from './batch.ts';
import type { Range, Region } from './ranges.ts';
import { reachHead, type ReachOf, type Tally } from './reach.ts';
import type { Target } from './target.ts';

/** Pieces of one region run side by side: a city of 20 million has some ninety, each of a few hundred thousand. */
const LISTS_A_PIECE = 4;
const BATCH_SIZE = 100;

export interface Piece extends ReachOf {
  /** `<region>.<0 to 3>`. */
  readonly piece: string;
  readonly region: DivisionCode;
  /** The first of its shards. */
  readonly shard: number;
  readonly ranges: readonly Range[];
  readonly isRed: boolean;
  /** Lists that it has gone through, ranges of the next one, and where it is in the next of those. */
  readonly lists: number;
  readonly walked: number;
  readonly position?: string | undefined;
  /** Batches so far, which are numbered. */
  readonly batches: number;
  /** Those found and not yet in the sums. */
  readonly tally: Tally;
  readonly recipients: number;
  /** Calls of the function that goes through it: each is told of. */
  readonly steps: number;
  readonly version: number;
  readonly change: 'begun' | 'continued' | 'walked' | 'dropped';
  readonly changedAt: Instant;
  readonly expiresAt: number;
}

/** An entry as a list has it. */
export type Found = Pick<Subscriber, 'home' | 'subscriptions'> & { readonly sk: string };

export const piecesOf = (alert: AlertMessage, { region, ranges }: Region, now: EpochMs): readonly Piece[] =>
  Array.from({ length: SHARDS / LISTS_A_PIECE }, (_, index) => ({
    ...reachHead(alert),
    piece: `${region}.${index}`,
    region,
    shard: index * LISTS_A_PIECE,
    ranges,
    isRed: alert.colour === 'red',
    lists: 0,
    walked: 0,
    batches: 0,
    tally: {},
    recipients: 0,
    steps: 1,
    version: 1,
    change: 'begun',
    changedAt: toInstant(now),
    expiresAt: toEpochSeconds(plus(now, PLAN_KEPT_DAYS * DAY)),
  }));

/** `<region>#<shard>`. */
export const currentList = ({ region, shard, lists }: Piece): string => listIn(region, shard + lists);
export const currentRange = ({ ranges, walked }: Piece): Range | undefined => ranges[walked];
export const isThrough = ({ lists, ranges }: Pick<Piece, 'lists' | 'ranges'>): boolean => lists >= LISTS_A_PIECE || ranges.length === 0;

export const divisionOf = (sk: string): DivisionCode => sk.slice(0, sk.indexOf('#')) as DivisionCode;

/** The piece where its range, its list, or all of it has come to its end. */
const moved = ({ position: _position, ...piece }: Piece): Piece =>
  piece.walked + 1 < piece.ranges.length ? { ...piece, walked: piece.walked + 1 } : { ...piece, walked: 0, lists: piece.lists + 1 };

/** Where the next page begins. */
export const afterPage = (piece: Piece, after: string | undefined): Piece =>
  after === undefined ? moved(piece) : { ...piece, position: after };

/** Goes on by a page: the batches that it makes, and the piece after it, `after` being the key from which the range goes on. */
export const walkedOn = (
  piece: Piece,
  page: { readonly items: readonly Found[]; readonly after: string | undefined },
  targetOf: (entry: Found & { readonly division: DivisionCode }) => Target | undefined,
  now: EpochMs,
): { readonly piece: Piece; readonly batches: readonly Batch[] } => {
  const batches: Batch[] = [];
  const tally: Record<string, ReachCounts> = { ...piece.tally };
  let open: { from: string; to: string; count: number; rest: Record<string, number> } | undefined;
  let recipients = 0;
  const close = (): void => {
    if (open === undefined) return;
    batches.push(newBatch(piece, { ...open, list: currentList(piece), number: piece.batches + batches.length }, now));
    open = undefined;
  };
  for (const item of page.items) {
    const target = targetOf({ ...item, division: divisionOf(item.sk) });
    if (target === undefined) continue;
    const { community } = target;
    recipients += 1;
    tally[community] = sumOf(tally[community] ?? NOBODY, { targeted: 1 });
    open ??= { from: item.sk, to: item.sk, count: 0, rest: {} };
    open.to = item.sk;
    open.count += 1;
    open.rest[community] = (open.rest[community] ?? 0) + 1;
    if (open.count === BATCH_SIZE) close();
  }
  close();
  return {
    batches,
    piece: {
      ...afterPage(piece, page.after),
      batches: piece.batches + batches.length,
      tally,
      recipients: piece.recipients + recipients,
      version: piece.version + 1,
      changedAt: toInstant(now),
    },
  };
};
