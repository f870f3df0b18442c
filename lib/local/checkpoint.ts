import { existsSync, readFileSync } from 'node:fs';
import * as z from 'zod/mini';
import { writeAtomically } from './write-atomically.ts';

/** How far a stream has been handled. */
export interface Checkpoint {
  /** The sequence number of the last record that is done; undefined before the first. */
  read(): string | undefined;
  write(sequenceNumber: string): void;
}

const Stored = z.object({ sequenceNumber: z.string() });

/** Kept in the JSON file `path`, which survives a kill -9; in memory without one. Throws where the file holds something else. */
export const checkpoint = (path?: string): Checkpoint => {
  let last = path !== undefined && existsSync(path) ? Stored.parse(JSON.parse(readFileSync(path, 'utf8'))).sequenceNumber : undefined;
  return {
    read: () => last,
    write(sequenceNumber) {
      if (path !== undefined) writeAtomically(path, `${JSON.stringify({ sequenceNumber })}\n`);
      last = sequenceNumber;
    },
  };
};
