/** Invitations to surveys, and how far their lists have been gone through, in DynamoDB. */
import { conditionOn, type ConditionFailed, type Database, type Key } from '../../data/database.ts';
import type { Result } from '../../kernel/result.ts';
import type { Instant } from '../../kernel/time.ts';
import type { Range } from '../delivery/ranges.ts';
import { readersList } from '../repository.ts';
import { notificationsTable as table } from '../table.ts';
import type { Invitation } from './invitation.ts';
import type { ReaderWalk } from './reader-walk.ts';

const DUE = 'INVITATIONS';
const PREFIX = 'INVITATION#';
const PAGE = 100;
const invitationKey = (survey: string): Key => ({ pk: PREFIX + survey, sk: 'INVITATION' });
/** What tells a walk from all others. */
export type WalkId = Pick<ReaderWalk, 'survey' | 'round' | 'list'>;
const walkKey = ({ survey, round, list }: WalkId): Key => ({ pk: `READING#${survey}#${round}#${list}`, sk: 'READING' });

/** Who is told of surveys. */
export interface ReaderEntry extends Key {
  readonly sub: string;
  readonly person: string;
}

type Written = Promise<Result<void, ConditionFailed>>;

export const invitationRepository = (database: Database) => ({
  read: (survey: string): Promise<Invitation | undefined> => database.read<Invitation & Key>(table, invitationKey(survey)),
  put: (invitation: Invitation, before: Invitation | undefined): Written => {
    const due = invitation.dueAt === undefined ? {} : { dueShard: DUE };
    return database.write([{ table, put: { ...invitationKey(invitation.survey), ...invitation, ...due }, condition: conditionOn(before) }]);
  },
  /** Surveys with a round that is due by then. */
  due: async (until: Instant): Promise<readonly string[]> =>
    (await database.query<Key>(table, { index: 'due', partition: DUE, to: until, limit: PAGE })).items.map(({ pk }) =>
      pk.slice(PREFIX.length),
    ),
  walk: (id: WalkId): Promise<ReaderWalk | undefined> => database.read<ReaderWalk & Key>(table, walkKey(id)),
  putWalk: (walk: ReaderWalk, before: ReaderWalk | undefined): Written =>
    database.write([{ table, put: { ...walkKey(walk), ...walk }, condition: conditionOn(before) }]),
  /** A page of a list after a key. */
  readers: async (list: string, range: Range, after: string | undefined) => {
    const { items, after: last } = await database.query<ReaderEntry>(table, {
      partition: readersList(list),
      ...range,
      limit: PAGE,
      after: after === undefined ? undefined : { pk: readersList(list), sk: after },
    });
    return { items, after: last === undefined ? undefined : items.at(-1)?.sk };
  },
});
