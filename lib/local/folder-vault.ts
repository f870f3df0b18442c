/** The vault on one machine: a file a secret, for its owner's eyes only; in memory without a folder. */
import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Vault } from '../../functions/data/vault.ts';
import { writeAtomically } from './write-atomically.ts';

const OWNER_ONLY = 0o700;

export const openVault = (folder: string | undefined): Vault => {
  if (folder === undefined) {
    const secrets = new Map<string, string>();
    return {
      create: async (name, value) => void secrets.set(name, value),
      read: async (name) => secrets.get(name),
      destroy: async (name) => void secrets.delete(name),
    };
  }
  mkdirSync(folder, { recursive: true, mode: OWNER_ONLY });
  const fileOf = (name: string): string => join(folder, encodeURIComponent(name));
  return {
    create: async (name, value) => writeAtomically(fileOf(name), value, { durable: true }),
    read: async (name) => (existsSync(fileOf(name)) ? readFileSync(fileOf(name), 'utf8') : undefined),
    destroy: async (name) => rmSync(fileOf(name), { force: true }),
  };
};
