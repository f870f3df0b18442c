/** Events of providers' credit in DynamoDB. */
import { conditionOn, type ConditionFailed, type Database, type Key, type Write } from '../data/database.ts';
import { dayPrefix } from '../kernel/id.ts';
import type { Result } from '../kernel/result.ts';
import { addMonthsToDay, type Day } from '../kernel/time.ts';
import type { CreditEvent } from './credit-event.ts';
import { providersTable as table } from './table.ts';

/** An id begins with the day on which it was first told of; what it tells of may count from a later one. */
const AHEAD_MONTHS = 6;

const partitionOf = (provider: string): string => `CREDIT#${provider}`;
const keyOf = (provider: string, id: string): Key => ({ pk: partitionOf(provider), sk: id });
type Stored = CreditEvent & Key;

export const creditRepository = (database: Database) => ({
  find: (provider: string, id: string): Promise<CreditEvent | undefined> => database.find<Stored>(table, keyOf(provider, id)),
  read: (provider: string, id: string): Promise<CreditEvent | undefined> => database.read<Stored>(table, keyOf(provider, id)),
  /** All that can have counted since a day. */
  since: async (provider: string, day: Day): Promise<readonly CreditEvent[]> => {
    const events: CreditEvent[] = [];
    let after: Record<string, unknown> | undefined;
    do {
      const from = dayPrefix(addMonthsToDay(day, -AHEAD_MONTHS));
      const page = await database.query<Stored>(table, { partition: partitionOf(provider), from, after });
      events.push(...page.items);
      after = page.after;
    } while (after !== undefined);
    return events;
  },
  /** Unless somebody else has changed it since `before` was read. */
  puts: (event: CreditEvent, before: CreditEvent | undefined, requestId: string): Write => {
    const item = { ...event, ...keyOf(event.provider, event.id), requestId };
    return { table, put: item, condition: conditionOn(before) };
  },
  write: (writes: readonly Write[]): Promise<Result<void, ConditionFailed>> => database.write(writes),
});
