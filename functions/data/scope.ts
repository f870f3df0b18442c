/**
 * Holds code to the tables and objects that its declaration names. IAM does the same in the cloud; here a forgotten `uses` fails in the first test that
 * comes by, not at the first call after a deployment.
 */
import type { Database } from './database.ts';
import { isIncluded, type ObjectRight, type ObjectStore, type ObjectUses } from './object-store.ts';
import type { Runtime } from './runtime.ts';
import type { Right, TableDescription, Uses } from './table.ts';
import type { Vault, VaultRight } from './vault.ts';

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
    readMany: (table, keys, consistent) => {
      check(table, 'read');
      return database.readMany(table, keys, consistent);
    },
    query: (table, spec) => {
      check(table, 'read');
      return database.query(table, spec);
    },
    write: (writes) => {
      // Only what is new may be appended; what it is put in place of would be lost.
      for (const write of writes)
        if ('check' in write) check(write.table, 'read');
        else check(write.table, 'remove' in write ? 'remove' : 'put' in write && write.condition?.kind !== 'version' ? 'append' : 'write');
      return database.write(writes);
    },
    count: (table, key, expiresAt) => {
      check(table, 'write');
      return database.count(table, key, expiresAt);
    },
  };
};

/** The beginning of a key that rights are given by. */
const prefixOf = (key: string): string => key.slice(0, key.indexOf('/') + 1);

/** The same store, for keys that begin so only. */
const objectsScopedTo = (objects: ObjectStore, uses: ObjectUses, by: string): ObjectStore => {
  const check = (key: string, right: ObjectRight): void => {
    const granted = uses[prefixOf(key)];
    if (granted === undefined || !isIncluded(right, granted))
      throw new Error(`${by} does not declare '${prefixOf(key)}': '${right}' in its \`objects\``);
  };
  return {
    signUpload: (key, upload) => {
      check(key, 'put');
      return objects.signUpload(key, upload);
    },
    signDownload: (key, download) => {
      check(key, 'link');
      return objects.signDownload(key, download);
    },
    read: (key) => {
      check(key, 'read');
      return objects.read(key);
    },
    put: (key, bytes, contentType) => {
      check(key, 'put');
      return objects.put(key, bytes, contentType);
    },
    putFirst: (key, bytes, contentType) => {
      check(key, 'put');
      return objects.putFirst(key, bytes, contentType);
    },
    remove: (keys) => {
      for (const key of keys) check(key, 'drop');
      return objects.remove(keys);
    },
    beginParts: (key, contentType) => {
      check(key, 'write');
      return objects.beginParts(key, contentType);
    },
    putPart: (parts, number, bytes) => {
      check(parts.key, 'write');
      return objects.putPart(parts, number, bytes);
    },
    endParts: (parts, tags) => {
      check(parts.key, 'write');
      return objects.endParts(parts, tags);
    },
  };
};

/** The same vault, for who may make secrets or for who may open them: nobody does both. */
const vaultScopedTo = (vault: Vault, granted: VaultRight | undefined, by: string): Vault => {
  const check = (right: VaultRight): void => {
    if (granted !== right) throw new Error(`${by} does not declare \`vault: '${right}'\``);
  };
  return {
    create: (name, value) => {
      check('create');
      return vault.create(name, value);
    },
    read: (name) => {
      check('open');
      return vault.read(name);
    },
    destroy: (name) => {
      check('open');
      return vault.destroy(name);
    },
  };
};

/** A runtime whose database, objects and vault are those of a declaration. */
export const withUses = (runtime: Runtime, uses: Uses, by: string, objectUses: ObjectUses = {}, vaultRight?: VaultRight): Runtime => ({
  ...runtime,
  database: scopedTo(runtime.database, uses, by),
  objects: async () => objectsScopedTo(await runtime.objects(), objectUses, by),
  vault: async () => vaultScopedTo(await runtime.vault(), vaultRight, by),
});
