/** Notices on their way, in DynamoDB. */
import { conditionOn, type ConditionFailed, type Database, type Key, type Page } from '../../data/database.ts';
import type { Result } from '../../kernel/result.ts';
import { DAY, plus, toEpochSeconds, type EpochMs, type Instant } from '../../kernel/time.ts';
import { notificationsTable as table } from '../table.ts';
import type { HeldNotice } from './held.ts';

const PREFIX = 'NOTICE#';
const keyOf = (id: string): Key => ({ pk: PREFIX + id, sk: 'NOTICE' });
/** Lists of what is due, by the last character of its id: many fall due at the end of the night. */
export const NOTICE_SHARDS = 8;
const shardOf = (id: string): string => `NOTICES#${(id.codePointAt(id.length - 1) ?? 0) % NOTICE_SHARDS}`;
type Stored = HeldNotice & Key;

export const noticeRepository = (database: Database) => ({
  read: (id: string): Promise<HeldNotice | undefined> => database.read<Stored>(table, keyOf(id)),
  /** Ids of those in a list that are due by then, the longest due first. */
  due: async (shard: number, until: Instant, limit: number): Promise<readonly string[]> => {
    const page: Page<Key> = await database.query<Key>(table, {
      index: 'byDue',
      partition: `NOTICES#${shard}`,
      to: until,
      limit,
    });
    return page.items.map(({ pk }) => pk.slice(PREFIX.length));
  },
  /** Kept as long as its event may come again; unless somebody else has written it since `before` was read. */
  put: (notice: HeldNotice, before: HeldNotice | undefined, now: EpochMs): Promise<Result<void, ConditionFailed>> => {
    const kept = table.attributes.remaining.keptDays * DAY;
    const item = {
      ...keyOf(notice.id),
      ...notice,
      ...(notice.dueAt === undefined ? {} : { due: shardOf(notice.id) }),
      expiresAt: toEpochSeconds(plus(now, kept)),
    };
    return database.write([{ table, put: item, condition: conditionOn(before) }]);
  },
});
