/** The planning of alerts, their batches and sums in DynamoDB. */
import { conditionOn, type ConditionFailed, type Database, type Key, type Page, type Write } from '../../data/database.ts';
import { allOf, pagesOf } from '../../data/pages.ts';
import type { DivisionCode } from '../../kernel/division.ts';
import type { ReachCounts } from '../../kernel/reach-counts.ts';
import type { Result } from '../../kernel/result.ts';
import type { Instant } from '../../kernel/time.ts';
import type { Subscriber } from '../subscriber.ts';
import { notificationsTable } from '../table.ts';
import type { Batch } from './batch.ts';
import type { Found, Piece } from './piece.ts';
import type { Range } from './ranges.ts';
import type { ReachOf, Tally } from './reach.ts';

/** Sums of one community are kept so many times, since writers in one place at once hold each other up. */
const REACH_SHARDS = 16;
/** A page of them makes no more batches than a transaction has room for, however small they are. */
const ENTRIES_A_PAGE = 4000;
/** A transaction has 100 writes, one of them that of the piece or batch itself. */
export const MOST_WRITES = 99;

const listKey = (list: string): string => `SUBSCRIBERS#${list}`;
const pieceKey = ({ alert, piece }: Pick<Piece, 'alert' | 'piece'>): Key => ({ pk: `PIECE#${alert}#${piece}`, sk: 'PIECE' });
const batchKey = (batch: string): Key => ({ pk: `BATCH#${batch}`, sk: 'BATCH' });
export const batchIdOf = (pk: string): string => pk.slice('BATCH#'.length);
const reachPartition = (alert: string, shard: number): string => `REACH#${alert}#${shard.toString(16)}`;

/** Which of a community's sums a writer adds to. */
const shardOf = (name: string): number => {
  let sum = 0;
  for (const character of name) sum = (sum * 31 + (character.codePointAt(0) ?? 0)) % 65_521;
  return sum % REACH_SHARDS;
};

/** What of an entry says whom it is about, and whether it tells. */
const AIMED = ['sk', 'home', 'subscriptions'];

/** A page of entries, and the key from which the range goes on. */
export interface EntryPage<T> {
  readonly items: readonly T[];
  readonly after: string | undefined;
}

const entryPage = <T extends Key>({ items, after }: Page<T>): EntryPage<T> => ({
  items,
  after: after === undefined ? undefined : String(after['sk']),
});

export type Entry = Subscriber & Key;
export interface SumItem extends Key, ReachCounts, ReachOf {
  readonly community: DivisionCode;
  /** Which of the community's sums. */
  readonly part: number;
  readonly version: number;
}

export const deliveryRepository = (database: Database) => ({
  write: (writes: readonly Write[]): Promise<Result<void, ConditionFailed>> => database.write(writes),

  /** A page of a list as it is walked for planning: 0.5 RRU for each 4 KB. */
  async aimable(list: string, range: Range, after: string | undefined, limit = ENTRIES_A_PAGE): Promise<EntryPage<Found>> {
    return entryPage(
      await database.query<Found & Key>(notificationsTable, {
        partition: listKey(list),
        ...range,
        only: AIMED,
        limit,
        after: after === undefined ? undefined : { pk: listKey(list), sk: after },
      }),
    );
  },

  /** The entries of a batch after one of them; all of it without one. */
  async entries({ list, from, to }: Batch, position: string | undefined): Promise<EntryPage<Entry>> {
    return entryPage(
      await database.query<Entry>(notificationsTable, {
        partition: listKey(list),
        from,
        to,
        after: position === undefined ? undefined : { pk: listKey(list), sk: position },
      }),
    );
  },

  /** Those that are still there. */
  entriesAt: (list: string, keys: readonly string[]): Promise<readonly Entry[]> =>
    database.readMany<Entry>(
      notificationsTable,
      keys.map((sk) => ({ pk: listKey(list), sk })),
    ),

  piece: (of: Pick<Piece, 'alert' | 'piece'>): Promise<Piece | undefined> => database.read<Piece & Key>(notificationsTable, pieceKey(of)),
  batch: (id: string): Promise<Batch | undefined> => database.read<Batch & Key>(notificationsTable, batchKey(id)),

  putsPiece: (piece: Piece, before: Piece | undefined): Write => ({
    table: notificationsTable,
    put: { ...piece, ...pieceKey(piece) },
    condition: conditionOn(before),
  }),
  putsBatch: (batch: Batch, before: Batch | undefined): Write => ({
    table: notificationsTable,
    put: { ...batch, ...batchKey(batch.batch) },
    condition: conditionOn(before),
  }),

  /** Adds a tally to the sums, with no more writes than it has communities. `by` says who adds: the same always to the same sums. */
  addsSums: ({ alert, status, sentAt }: ReachOf, tally: Tally, by: string, changedAt: Instant): readonly Write[] =>
    Object.entries(tally).map(([community, { targeted, handed, delivered, failed }]) => ({
      table: notificationsTable,
      add: { pk: reachPartition(alert, shardOf(by)), sk: community },
      amounts: { targeted, handed, delivered, failed, version: 1 },
      initial: { alert, community, part: shardOf(by), status, sentAt, change: 'counted', changedAt },
    })),

  /** Every sum of an alert: 16 partitions at once, 0.5 RRU for about each twenty. */
  async sums(alert: string): Promise<readonly SumItem[]> {
    const all = await Promise.all(
      Array.from({ length: REACH_SHARDS }, (_, shard) =>
        allOf<SumItem>((after) => database.query<SumItem>(notificationsTable, { partition: reachPartition(alert, shard), after })),
      ),
    );
    return all.flat();
  },

  /** The sums of all alerts in exactly that division, the oldest alerts first. */
  async *sumsIn(division: DivisionCode): AsyncGenerator<readonly SumItem[]> {
    const listed = pagesOf<Key>((after) =>
      database.query<Key>(notificationsTable, { index: 'byCommunity', partition: division, limit: 100, after }),
    );
    for await (const keys of listed) yield await database.readMany<SumItem>(notificationsTable, keys);
  },

  /** Batches of a shard whose next attempt is due, the longest first. */
  due: (shard: number, until: Instant, after: Page<Key>['after']): Promise<Page<Key>> =>
    database.query<Key>(notificationsTable, { index: 'due', partition: `RETRY#${shard}`, to: until, after, limit: 100 }),
});

export type DeliveryRepository = ReturnType<typeof deliveryRepository>;
