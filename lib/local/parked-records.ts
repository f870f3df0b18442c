import type { DynamoDBRecord } from 'aws-lambda';
import { join } from 'node:path';
import { DAY, toInstant, type Clock } from '../../functions/kernel/time.ts';
import type { Redriven } from './bus.ts';
import { invoke } from './invoke.ts';
import { openJournal } from './journal.ts';
import type { StreamHandler } from './streams.ts';

interface ParkedRecord {
  readonly at: string;
  readonly record: DynamoDBRecord;
}

export interface ParkedRecords {
  /** Keeps the whole record; it is on the disk when this returns. */
  park(record: DynamoDBRecord): void;
  /** Gives each to the relay again, and keeps those that fail again. */
  redrive(): Promise<Redriven>;
}

/** As long as the bucket keeps them on AWS. */
const KEPT_MS = 14 * DAY;
const TIMEOUT_MS = 60_000;

const isParkedRecord = (entry: unknown): entry is ParkedRecord =>
  typeof entry === 'object' && entry !== null && 'at' in entry && 'record' in entry;

/** What one relay could not pass on, in `<dataFolder>/parked-records/<table>.jsonl`; in memory without a folder. */
export const parkedRecords = ({
  dataFolder,
  table,
  handler,
  now,
}: {
  readonly dataFolder: string | undefined;
  readonly table: string;
  readonly handler: StreamHandler;
  readonly now: Clock;
}): ParkedRecords => {
  const journal = openJournal<ParkedRecord>({
    path: dataFolder === undefined ? undefined : join(dataFolder, 'parked-records', `${table}.jsonl`),
    parse: (entry) => {
      if (!isParkedRecord(entry)) throw new Error('not a parked record');
      return entry;
    },
    durable: true,
  });

  const getsThrough = async (record: DynamoDBRecord): Promise<boolean> => {
    try {
      const answer = await invoke(handler, { Records: [record] }, { functionName: `${table}-relay`, timeoutMs: TIMEOUT_MS });
      return (answer?.batchItemFailures ?? []).length === 0;
    } catch {
      return false;
    }
  };

  return {
    park: (record) => journal.append({ at: toInstant(now()), record }),
    async redrive() {
      const lying = journal.entries().filter(({ at }) => Date.parse(at) > now() - KEPT_MS);
      const kept: ParkedRecord[] = [];
      for (const parked of lying) if (!(await getsThrough(parked.record))) kept.push(parked);
      journal.replace(kept);
      return { handled: lying.length - kept.length, parked: kept.length };
    },
  };
};
