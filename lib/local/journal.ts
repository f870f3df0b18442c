import { closeSync, existsSync, fsyncSync, mkdirSync, openSync, readFileSync, truncateSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';
import { writeAtomically } from './write-atomically.ts';

/** Entries in the order in which they came, a JSON line each in a file. */
export interface Journal<T> {
  entries(): readonly T[];
  append(entry: T): void;
  replace(entries: readonly T[]): void;
}

export interface JournalOptions<T> {
  /** In memory without one. */
  readonly path: string | undefined;
  /** Reads back what `append` wrote; throws where it is something else. */
  readonly parse: (entry: unknown) => T;
  /** Whether an entry is on the disk, and not only in the system's cache, when `append` returns: some milliseconds each. */
  readonly durable: boolean;
}

/** The lines of a file. A last line without its end was cut off by a kill -9 before anybody was told that it is in: it is removed. */
const wholeLines = (path: string): readonly string[] => {
  const bytes = readFileSync(path);
  const end = bytes.lastIndexOf('\n') + 1;
  if (end < bytes.length) truncateSync(path, end);
  return bytes.subarray(0, end).toString('utf8').split('\n').slice(0, -1);
};

/** Opens the journal and reads it. Throws where the file holds anything that is no entry. */
export const openJournal = <T>({ path, parse, durable }: JournalOptions<T>): Journal<T> => {
  const load = (): T[] => {
    if (path === undefined || !existsSync(path)) return [];
    return wholeLines(path).map((line, position) => {
      try {
        return parse(JSON.parse(line));
      } catch (error) {
        throw new Error(`${path}, line ${position + 1}, is not readable: mend it, or move the file away`, { cause: error });
      }
    });
  };
  const lineOf = (entry: T): string => `${JSON.stringify(entry)}\n`;
  let entries = load();

  return {
    entries: () => entries,
    append(entry) {
      if (path !== undefined) {
        mkdirSync(dirname(path), { recursive: true });
        const file = openSync(path, 'a', 0o600);
        try {
          writeSync(file, lineOf(entry));
          if (durable) fsyncSync(file);
        } finally {
          closeSync(file);
        }
      }
      entries.push(entry);
    },
    replace(kept) {
      if (path !== undefined) writeAtomically(path, kept.map(lineOf).join(''), { durable });
      entries = [...kept];
    },
  };
};
