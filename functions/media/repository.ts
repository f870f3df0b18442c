/** Pictures in DynamoDB. */
import { conditionOn, type ConditionFailed, type Database, type Key, type Page, type Write } from '../data/database.ts';
import type { Result } from '../kernel/result.ts';
import { toInstant, type EpochMs } from '../kernel/time.ts';
import { dueAt, type Media } from './media.ts';
import { mediaTable } from './table.ts';

export const DUE_SHARDS = 16;
const MEDIA = 'MEDIA';

const mediaKey = (id: string): Key => ({ pk: `${MEDIA}#${id}`, sk: MEDIA });
const dueKey = (shard: number): string => `DUE#${shard}`;

const itemOf = (media: Media, requestId: string) => {
  const due = dueAt(media);
  return {
    ...media,
    ...mediaKey(media.id),
    requestId,
    // An id's characters are random.
    dueKey: due === undefined ? undefined : dueKey(media.id.charCodeAt(media.id.length - 1) % DUE_SHARDS),
    due,
  };
};

export const mediaRepository = (database: Database) => ({
  find: (id: string): Promise<Media | undefined> => database.find<Media & Key>(mediaTable, mediaKey(id)),
  read: (id: string): Promise<Media | undefined> => database.read<Media & Key>(mediaTable, mediaKey(id)),
  /** In no order; what is not there is left out. */
  readMany: (ids: readonly string[], consistent = true): Promise<readonly Media[]> =>
    ids.length === 0 ? Promise.resolve([]) : database.readMany<Media & Key>(mediaTable, [...new Set(ids)].map(mediaKey), consistent),

  puts: (media: Media, before: Media | undefined, requestId: string): Write => ({
    table: mediaTable,
    put: itemOf(media, requestId),
    condition: conditionOn(before),
  }),
  write: (writes: readonly Write[]): Promise<Result<void, ConditionFailed>> => database.write(writes),
  /** Unless it has changed meanwhile. */
  remove: ({ id, version }: Media): Promise<Result<void, ConditionFailed>> =>
    database.write([{ table: mediaTable, remove: mediaKey(id), condition: { kind: 'version', version } }]),

  /** Ids in a shard that are due, earliest first; `after` is where the page before ended. */
  async due(shard: number, until: EpochMs, limit: number, after: Page<Key>['after']): Promise<Page<string>> {
    const page = await database.query<Key>(mediaTable, { index: 'byDue', partition: dueKey(shard), to: toInstant(until), limit, after });
    return { items: page.items.map(({ pk }) => pk.slice(MEDIA.length + 1)), after: page.after };
  },
});

export type MediaRepository = ReturnType<typeof mediaRepository>;
