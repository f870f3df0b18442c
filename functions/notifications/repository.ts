/** People who want to be told, and that messages were handed over, in DynamoDB. */
import { conditionOn, type ConditionFailed, type Database, type Key, type Write } from '../data/database.ts';
import { canonical } from '../kernel/canonical.ts';
import { err, ok, type Result } from '../kernel/result.ts';
import { DAY, plus, toEpochSeconds, toInstant, type EpochMs } from '../kernel/time.ts';
import { surveyHome, type Person } from './person.ts';
import { listOf, subscribersOf, type Subscriber } from './subscriber.ts';
import { notificationsTable } from './table.ts';

const personKey = (sub: string): Key => ({ pk: `PERSON#${sub}`, sk: 'PERSON' });
const entryKey = ({ division, person }: Subscriber): Key => ({
  pk: `SUBSCRIBERS#${listOf(division, person)}`,
  sk: `${division}#${person}`,
});
const messageKey = (id: string): Key => ({ pk: `MESSAGE#${id}`, sk: 'MESSAGE' });
type Stored = Person & Key;

/** The partition of a list of those who want to hear of surveys. */
export const readersList = (list: string): string => `READERS#${list}`;

/** The entry of somebody who does, where they have a home. */
const readerEntry = (person: Person | undefined): (Key & { readonly sub: string; readonly person: string }) | undefined => {
  const home = person === undefined ? undefined : surveyHome(person);
  if (person === undefined || home === undefined) return undefined;
  const { sub, key } = person;
  return { pk: readersList(listOf(home, key)), sk: `${home}#${key}`, sub, person: key };
};

const readerWrites = (before: Person | undefined, after: Person): readonly Write[] => {
  const [old, entry] = [readerEntry(before), readerEntry(after)];
  if (old?.pk === entry?.pk && old?.sk === entry?.sk) return [];
  return [
    ...(old === undefined
      ? []
      : [{ table: notificationsTable, remove: old, condition: { kind: 'holds' as const, equal: { sub: old.sub } } }]),
    ...(entry === undefined ? [] : [{ table: notificationsTable, put: entry }]),
  ];
};

/** What has become of the entries of somebody: those that are other than they were, or gone. */
const entryWrites = (before: Person | undefined, after: Person): readonly Write[] => {
  const old = new Map((before === undefined ? [] : subscribersOf(before)).map((each) => [each.division, each]));
  const entries = subscribersOf(after);
  const kept = new Set(entries.map(({ division }) => division));
  return [
    ...[...old.values()]
      .filter(({ division }) => !kept.has(division))
      .map((each): Write => ({
        table: notificationsTable,
        remove: entryKey(each),
        condition: { kind: 'holds', equal: { sub: each.sub } },
      })),
    ...entries
      .filter((each) => canonical(each) !== canonical(old.get(each.division)))
      .map((each): Write => ({ table: notificationsTable, put: { ...entryKey(each), ...each } })),
  ];
};

export const peopleRepository = (database: Database) => ({
  /** As they are now. */
  read: (sub: string): Promise<Person | undefined> => database.read<Stored>(notificationsTable, personKey(sub)),
  /**
   * Writes somebody with all entries that follow, in one transaction, unless they have changed since `before` was read; `changed` then, and
   * `failed` where the condition of one of `more` did not hold.
   */
  put: async (
    person: Person,
    before: Person | undefined,
    requestId: string,
    more: readonly Write[],
  ): Promise<Result<void, 'changed' | 'failed'>> => {
    const item = { ...personKey(person.sub), ...person, requestId };
    const written = await database.write([
      { table: notificationsTable, put: item, condition: conditionOn(before) },
      ...entryWrites(before, person),
      ...readerWrites(before, person),
      ...more,
    ]);
    return written.ok ? ok(undefined) : err(written.error.index === 0 ? 'changed' : 'failed');
  },
  /** For what is to be written although nothing of the person changes. */
  write: (writes: readonly Write[]): Promise<Result<void, ConditionFailed>> => database.write(writes),
});

export const messageRepository = (database: Database) => ({
  wasHandedOver: async (id: string): Promise<boolean> => (await database.read(notificationsTable, messageKey(id))) !== undefined,
  /** Remembered as long as its event may come again. */
  handedOver: async (id: string, now: EpochMs): Promise<void> => {
    const kept = notificationsTable.attributes.handedOverAt.keptDays * DAY;
    const item = { ...messageKey(id), handedOverAt: toInstant(now), expiresAt: toEpochSeconds(plus(now, kept)) };
    await database.write([{ table: notificationsTable, put: item }]);
  },
});
