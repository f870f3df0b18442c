/** Notices on their way, in DynamoDB. */
import { createHash } from 'node:crypto';
import { conditionOn, type ConditionFailed, type Database, type Key } from '../../data/database.ts';
import type { Result } from '../../kernel/result.ts';
import { DAY, plus, toEpochSeconds, type EpochMs, type Instant } from '../../kernel/time.ts';
import { notificationsTable as table } from '../table.ts';
import type { HeldNotice } from './held.ts';

const PREFIX = 'NOTICE#';
const keyOf = (id: string): Key => ({ pk: PREFIX + id, sk: 'NOTICE' });
/** Lists of what is due: many fall due at the end of the night. */
export const NOTICE_SHARDS = 8;
const listOf = (shard: number): string => `NOTICES#${shard}`;
const shardOf = (id: string): number => createHash('sha256').update(id).digest().readUInt8() % NOTICE_SHARDS;
type Stored = HeldNotice & Key;

export const noticeRepository = (database: Database) => ({
  read: (id: string): Promise<HeldNotice | undefined> => database.read<Stored>(table, keyOf(id)),
  /** Ids of those in a list that are due by then, the longest due first. */
  due: async (shard: number, until: Instant, limit: number): Promise<readonly string[]> => {
    const { items } = await database.query<Key>(table, { index: 'due', partition: listOf(shard), to: until, limit });
    return items.map(({ pk }) => pk.slice(PREFIX.length));
  },
  /** Kept as long as its event may come again; unless somebody else has written it since `before` was read. */
  put: (notice: HeldNotice, before: HeldNotice | undefined, now: EpochMs): Promise<Result<void, ConditionFailed>> => {
    const kept = table.attributes.remaining.keptDays * DAY;
    const item = {
      ...keyOf(notice.id),
      ...notice,
      ...(notice.dueAt === undefined ? {} : { dueShard: listOf(shardOf(notice.id)) }),
      expiresAt: toEpochSeconds(plus(now, kept)),
    };
    return database.write([{ table, put: item, condition: conditionOn(before) }]);
  },
});
