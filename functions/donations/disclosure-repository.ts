/** Disclosures in DynamoDB. */
import { conditionOn, type Database, type Item, type Key } from '../data/database.ts';
import type { Disclosure } from './disclosure.ts';
import { donationsTable as table } from './table.ts';

const disclosureKey = (quarter: string): Key => ({ pk: `DISCLOSURE#${quarter}`, sk: 'DISCLOSURE' });

export const disclosureRepository = (database: Database) => ({
  /** As it is now. */
  read: (quarter: string): Promise<(Disclosure & Item) | undefined> => database.read<Disclosure & Item>(table, disclosureKey(quarter)),
  /** Answers whether it is as it was read before, and so has been moved on. */
  moves: async (disclosure: Disclosure, before: Disclosure | undefined, requestId: string): Promise<boolean> => {
    const put = { ...disclosure, ...disclosureKey(disclosure.quarter), requestId };
    return (await database.write([{ table, put, condition: conditionOn(before) }])).ok;
  },
});
