/**
 * Holds code to the tables that its declaration names. IAM does the same in the cloud; here a forgotten `uses` fails in the first test that
 * comes by, not at the first call after a deployment.
 */
import type { Database } from './database.ts';
import type { Runtime } from './runtime.ts';
import type { Right, TableDescription, Uses } from './table.ts';

/** The same database, for these tables only. Throws where another is asked for, or one is written that is only to be read. */
const scopedTo = (database: Database, uses: Uses, by: string): Database => {
  const check = (table: TableDescription, right: Right): void => {
    const granted = uses[table.name];
    const isGranted = granted === right || granted === 'remove' || (granted === 'write' && right !== 'remove');
    if (!isGranted) throw new Error(`${by} does not declare ${table.name}: '${right}' in its \`uses\``);
  };
  return {
    find: (table, key) => {
      check(table, 'read');
      return database.find(table, key);
    },
    read: (table, key) => {
      check(table, 'read');
      return database.read(table, key);
    },
    readMany: (table, keys) => {
      check(table, 'read');
      return database.readMany(table, keys);
    },
    query: (table, spec) => {
      check(table, 'read');
      return database.query(table, spec);
    },
    write: (writes) => {
      // Only what is new may be appended; what it is put in place of would be lost.
      for (const write of writes)
        check(write.table, 'remove' in write ? 'remove' : 'put' in write && write.condition?.kind !== 'version' ? 'append' : 'write');
      return database.write(writes);
    },
    count: (table, key, expiresAt) => {
      check(table, 'write');
      return database.count(table, key, expiresAt);
    },
  };
};

/** A runtime whose database is that of a declaration. */
export const withUses = (runtime: Runtime, uses: Uses, by: string): Runtime => ({
  ...runtime,
  database: scopedTo(runtime.database, uses, by),
});
