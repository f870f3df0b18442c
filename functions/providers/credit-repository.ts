/** Events of providers' credit in DynamoDB. */
import { conditionOn, type ConditionFailed, type Database, type Key, type Write } from '../data/database.ts';
import type { Bite } from '../data/merge.ts';
import { ancestorOf } from '../kernel/division.ts';
import { dayPrefix } from '../kernel/id.ts';
import type { Result } from '../kernel/result.ts';
import type { Day } from '../kernel/time.ts';
import { waitsFor, type CreditEvent } from './credit-event.ts';
import { providersTable as table } from './table.ts';

const partitionOf = (provider: string): string => `CREDIT#${provider}`;
const keyOf = (provider: string, id: string): Key => ({ pk: partitionOf(provider), sk: id });
const sourceKey = (provider: string, source: string): Key => ({ pk: `CREDITED#${provider}`, sk: source });
type Stored = CreditEvent & Key;
/** Which event tells of something. */
type Telling = Key & { readonly event: string };

const waitingList = (code: string): string => `waiting#${code}`;

/** A place among what waits for a dispatcher's word. */
export interface Waiting {
  readonly sortKey: string;
  readonly event: CreditEvent | undefined;
}

export const creditRepository = (database: Database) => ({
  find: (provider: string, id: string): Promise<CreditEvent | undefined> => database.find<Stored>(table, keyOf(provider, id)),
  read: (provider: string, id: string): Promise<CreditEvent | undefined> => database.read<Stored>(table, keyOf(provider, id)),
  /** The id of the event that tells of something. */
  telling: async (provider: string, source: string): Promise<string | undefined> =>
    (await database.read<Telling>(table, sourceKey(provider, source)))?.event,
  /** All that can have counted since a day: an id begins with the day that it counts from. */
  since: async (provider: string, day: Day): Promise<readonly CreditEvent[]> => {
    const events: CreditEvent[] = [];
    let after: Record<string, unknown> | undefined;
    do {
      const page = await database.query<Stored>(table, { partition: partitionOf(provider), from: dayPrefix(day), after });
      events.push(...page.items);
      after = page.after;
    } while (after !== undefined);
    return events;
  },
  /** Unless somebody else has changed it since `before` was read. What waits for a word is listed where it comes from. */
  puts: (event: CreditEvent, before: CreditEvent | undefined, requestId: string): Write => {
    const waits = waitsFor(event).length > 0;
    const item = {
      ...event,
      ...keyOf(event.provider, event.id),
      listKey: waits ? waitingList(ancestorOf(event.division, 'county')) : undefined,
      sortKey: waits ? event.id : undefined,
      requestId,
    };
    return { table, put: item, condition: conditionOn(before) };
  },
  /** That an event tells of something, which no other does. */
  tells: ({ provider, id }: CreditEvent, source: string): Write => {
    const put: Telling = { ...sourceKey(provider, source), event: id };
    return { table, put, condition: { kind: 'absent' } };
  },
  write: (writes: readonly Write[]): Promise<Result<void, ConditionFailed>> => database.write(writes),
  /** A part of what waits in one county, or in a division above it, newest first, as it was a moment ago. */
  waiting: async (code: string, limit: number, to: string | undefined): Promise<Bite<Waiting>> => {
    const page = await database.query<Key & { readonly sortKey: string }>(table, {
      index: 'byList',
      partition: waitingList(code),
      newestFirst: true,
      limit,
      ...(to === undefined ? {} : { to }),
    });
    const found = new Map((await database.readMany<Stored>(table, page.items, false)).map((each) => [each.id, each]));
    return { items: page.items.map(({ sk, sortKey }) => ({ sortKey, event: found.get(sk) })), more: page.after !== undefined };
  },
});
