/** What bills are compared with, and what came of it, in DynamoDB: for those alone that compare them. */
import { conditionOn, type Database, type Item, type Key, type Page, type Write } from '../data/database.ts';
import type { Day } from '../kernel/time.ts';
import type { Booked } from './booked.ts';
import { reconciliations, type Reconciliation } from './repository.ts';
import { donationsTable as table } from './table.ts';

/** What one channel books in a day, by the last character of its id. */
export const BOOKED_SHARDS = 8;
const bookedPartition = (channel: string, day: Day, shard: number): string => `BOOKED#${channel}#${day}#${shard}`;
const bookedKey = (channel: string, day: Day, { of, id }: Pick<Booked, 'of' | 'id'>): Key => ({
  pk: bookedPartition(channel, day, id.charCodeAt(id.length - 1) % BOOKED_SHARDS),
  sk: `${of}#${id}`,
});
const reconciliationKey = ({ channel, division, day }: Pick<Reconciliation, 'channel' | 'division' | 'day'>): Key => ({
  pk: reconciliations(channel, division),
  sk: day,
});

type StoredBooked = Omit<Booked, 'of' | 'id' | 'order'> & { readonly donation: string } & Key;

export const billRepository = (database: Database) => ({
  putsBooked: (channel: string, day: Day, booked: Booked): Write => {
    const { of: _of, id: _id, order, recovered, ...item } = booked;
    const stored: StoredBooked = {
      ...item,
      ...bookedKey(channel, day, booked),
      donation: order,
      ...(recovered === true ? { recovered } : {}),
    };
    return { table, put: stored };
  },
  /** What is booked for a channel and day, a page of one of {@link BOOKED_SHARDS}. */
  booked: async (channel: string, day: Day, shard: number, after: Page<Key>['after']): Promise<Page<Booked>> => {
    const page = await database.query<StoredBooked>(table, { partition: bookedPartition(channel, day, shard), consistent: true, after });
    const items = page.items.map(({ pk: _pk, sk, donation, ...item }): Booked => {
      const [of, id] = [sk.startsWith('payment#') ? 'payment' : 'refund', sk.slice(sk.indexOf('#') + 1)] as const;
      return { ...item, of, id, order: donation };
    });
    return { items, after: page.after };
  },

  reconciliation: (of: Pick<Reconciliation, 'channel' | 'division' | 'day'>): Promise<(Reconciliation & Item) | undefined> =>
    database.read<Reconciliation & Item>(table, reconciliationKey(of)),
  putsReconciliation: (of: Reconciliation, before: Reconciliation | undefined): Write => ({
    table,
    put: { ...of, ...reconciliationKey(of) },
    condition: conditionOn(before),
  }),
});
