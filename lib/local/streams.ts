/** Reads a table's stream as Lambda's event source mapping does. */
import {
  DescribeStreamCommand,
  GetRecordsCommand,
  GetShardIteratorCommand,
  ListStreamsCommand,
  ResourceNotFoundException,
  TrimmedDataAccessException,
  type DynamoDBStreamsClient,
  type Shard,
  type ShardIteratorType,
} from '@aws-sdk/client-dynamodb-streams';
import type { DynamoDBBatchResponse, DynamoDBRecord, DynamoDBStreamEvent } from 'aws-lambda';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Log } from '../../functions/data/runtime.ts';
import { cause } from '../../functions/kernel/cause.ts';
import type { Checkpoint } from './checkpoint.ts';
import { invoke, type LocalHandler } from './invoke.ts';
import { matches, type Pattern } from './pattern.ts';
import { streamRecord } from './stream-record.ts';

export type StreamHandler = LocalHandler<DynamoDBStreamEvent, DynamoDBBatchResponse | void | null>;

export interface StreamOptions {
  readonly streamsClient: DynamoDBStreamsClient;
  /** The physical name. */
  readonly tableName: string;
  readonly handler: StreamHandler;
  /** Records that fit none of these are passed over; without any, all are handed over. */
  readonly filter?: readonly Pattern[];
  /** Records at most, 1 to 1000. */
  readonly batchSize?: number;
  /** How often a single record is tried again before it is parked. Splitting a batch does not count. */
  readonly maximumRetryAttempts?: number;
  /** The pause before the first retry; each one after is twice as long. Milliseconds. */
  readonly retryDelayMs?: number;
  /** How long one call of the handler may take. Milliseconds. */
  readonly timeoutMs?: number;
  readonly checkpoint: Checkpoint;
  /** The pause after an empty read. Milliseconds. */
  readonly pollMs?: number;
  /** Somebody nudges after every write: then nothing is there to read until they do, and the pause is this long all the same. Milliseconds. */
  readonly nudgedPollMs?: number;
  /** Gets what keeps failing. The stream goes on only once this has answered without an error. */
  readonly onParked: (record: DynamoDBRecord, error: unknown) => Promise<void> | void;
  readonly log: Log;
}

export interface Stream {
  /** Answers when everything written to the table before this call has been handled or parked; rejects when the stream is stopped. */
  settled(): Promise<void>;
  /** Something has been written: looks within `pollMs`. */
  nudge(): void;
  /** How many records have been handled or parked since the start. */
  handled(): number;
  /** Lets the call that is under way end, and ends. What is not done then comes again at the next start. */
  stop(): Promise<void>;
}

interface SettledWaiter {
  emptyReads: number;
  readonly resolve: () => void;
  readonly reject: (error: Error) => void;
}

type Failure = { readonly firstFailed: number; readonly error: unknown };

/** One empty read that was begun after a call is proof on an engine that reads consistently; two ask no more of it, and cost nothing. */
const EMPTY_READS = 2;
const LONGEST_PAUSE_MS = 5000;

const sequenceOf = (record: DynamoDBRecord): string => {
  const sequence = record.dynamodb?.SequenceNumber;
  if (sequence === undefined) throw new Error('a stream record without sequence number');
  return sequence;
};

const describe = async (client: DynamoDBStreamsClient, streamArn: string): Promise<readonly Shard[]> => {
  const shards: Shard[] = [];
  let after: string | undefined;
  do {
    const { StreamDescription: stream } = await client.send(
      new DescribeStreamCommand({ StreamArn: streamArn, ...(after === undefined ? {} : { ExclusiveStartShardId: after }) }),
    );
    shards.push(...(stream?.Shards ?? []));
    after = stream?.LastEvaluatedShardId;
  } while (after !== undefined);
  return shards;
};

const streamArnOf = async (client: DynamoDBStreamsClient, tableName: string): Promise<string> => {
  const { Streams: streams = [] } = await client.send(new ListStreamsCommand({ TableName: tableName }));
  const [newest] = streams.toSorted((one, other) => (other.StreamLabel ?? '').localeCompare(one.StreamLabel ?? ''));
  if (newest?.StreamArn === undefined) throw new Error(`The table ${tableName} has no stream.`);
  return newest.StreamArn;
};

/**
 * Hands every change of a table to `handler`, in order, at least once, in batches as Lambda does with BisectBatchOnFunctionError and
 * ReportBatchItemFailures: what came before the first failure is done; the rest is tried again, in halves when nothing was done, down
 * to the one record that fails, which is tried again, parked and left behind. The checkpoint moves only over what is done.
 *
 * A stream's shards are read one after the other, as local engines have them; throws at the start where several are open at once.
 */
export const startStream = async ({
  streamsClient: client,
  tableName,
  handler,
  filter,
  batchSize = 100,
  maximumRetryAttempts = 3,
  retryDelayMs = 100,
  // The local bus answers when reactions are done, and a large one may take five minutes, three times: who gave up before would tell it all again.
  timeoutMs = 20 * 60_000,
  checkpoint,
  pollMs = 20,
  nudgedPollMs,
  onParked,
  log,
}: StreamOptions): Promise<Stream> => {
  const streamArn = await streamArnOf(client, tableName);
  const stopping = new AbortController();
  const waiters = new Set<SettledWaiter>();
  let shard: string | undefined;
  /** The last record of this shard that is done. */
  let lastDone: string | undefined;
  let iterator: string | undefined;
  let handled = 0;
  /** What has been told of, to begin with what lies there, and how much of that an empty read has seen which was begun after it. */
  let told = 1;
  let seen = 0;
  let endIdling = (): void => undefined;
  let endIdlingSoon = (): void => undefined;

  const pause = (milliseconds: number): Promise<void> => sleep(milliseconds, undefined, { signal: stopping.signal });

  const isUpToDate = (): boolean => nudgedPollMs !== undefined && seen === told;

  /** Rests until it is time to look again, or somebody waits; whoever nudges has it look soon, with all that is written until then. */
  const idle = (): Promise<void> =>
    new Promise((resolve) => {
      let timer = setTimeout(resolve, isUpToDate() ? nudgedPollMs : pollMs);
      endIdling = () => {
        clearTimeout(timer);
        resolve();
      };
      endIdlingSoon = () => {
        clearTimeout(timer);
        timer = setTimeout(resolve, pollMs);
      };
    });

  const iteratorAt = async (type: ShardIteratorType, sequenceNumber?: string): Promise<string | undefined> =>
    (
      await client.send(
        new GetShardIteratorCommand({
          StreamArn: streamArn,
          ShardId: shard,
          ShardIteratorType: type,
          ...(sequenceNumber === undefined ? {} : { SequenceNumber: sequenceNumber }),
        }),
        { abortSignal: stopping.signal },
      )
    ).ShardIterator;

  /** A checkpoint of another database, which somebody has deleted, would pass over everything: it must name a record that is there. */
  const isKnown = async (sequenceNumber: string): Promise<boolean> => {
    try {
      const { Records: records = [] } = await client.send(
        new GetRecordsCommand({ ShardIterator: await iteratorAt('AT_SEQUENCE_NUMBER', sequenceNumber), Limit: 1 }),
      );
      return records[0]?.dynamodb?.SequenceNumber === sequenceNumber;
    } catch (error) {
      if (error instanceof TrimmedDataAccessException || error instanceof ResourceNotFoundException) return false;
      throw error;
    }
  };

  const findPlace = async (): Promise<void> => {
    const shards = await describe(client, streamArn);
    const parents = new Set(shards.map((each) => each.ParentShardId));
    const ends = shards.filter((each) => !parents.has(each.ShardId));
    if (ends.length > 1) {
      throw new Error(
        `The stream of ${tableName} has ${ends.length} open shards. The local system reads one: use a local engine, or deploy the relay to AWS.`,
      );
    }
    const ids = new Set(shards.map((each) => each.ShardId));
    const first = shards.find((each) => each.ParentShardId === undefined || !ids.has(each.ParentShardId));
    const last = checkpoint.read();
    const startsBefore = (each: Shard, sequenceNumber: string): boolean =>
      BigInt(each.SequenceNumberRange?.StartingSequenceNumber ?? 0) <= BigInt(sequenceNumber);
    shard = (last === undefined ? undefined : shards.findLast((each) => startsBefore(each, last)))?.ShardId ?? first?.ShardId;
    if (last === undefined) return;
    if (await isKnown(last)) {
      lastDone = last;
      return;
    }
    log({ level: 'warn', code: 'streamCheckpointUnknown', table: tableName });
    shard = first?.ShardId;
  };

  const currentIterator = async (): Promise<string | undefined> => {
    if (shard === undefined) await findPlace();
    if (iterator !== undefined || shard === undefined) return iterator;
    return lastDone === undefined ? iteratorAt('TRIM_HORIZON') : iteratorAt('AFTER_SEQUENCE_NUMBER', lastDone);
  };

  /** The shard is closed and read to its end: goes on to the next one and answers whether there is one. */
  const nextShard = async (): Promise<boolean> => {
    const child = (await describe(client, streamArn)).find((each) => each.ParentShardId === shard);
    if (child === undefined) return false;
    shard = child.ShardId;
    lastDone = undefined;
    return true;
  };

  const advance = (sequenceNumber: string): void => {
    checkpoint.write(sequenceNumber);
    lastDone = sequenceNumber;
  };

  const attempt = async (records: readonly DynamoDBRecord[]): Promise<Failure | undefined> => {
    let answer: DynamoDBBatchResponse | void | null;
    try {
      answer = await invoke(handler, { Records: [...records] }, { functionName: `${tableName}-stream`, timeoutMs });
    } catch (error) {
      return { firstFailed: 0, error };
    }
    const failures = answer?.batchItemFailures ?? [];
    if (failures.length === 0) return undefined;
    const positions = failures.map(({ itemIdentifier }) => records.findIndex((record) => sequenceOf(record) === itemIdentifier));
    // Lambda takes an identifier that is not in the batch as a failure of all of it.
    return { firstFailed: Math.max(0, Math.min(...positions)), error: new Error('reported in batchItemFailures') };
  };

  const deliver = async (records: readonly DynamoDBRecord[], retries = 0): Promise<void> => {
    const last = records.at(-1);
    if (last === undefined) return;
    stopping.signal.throwIfAborted();
    const failure = await attempt(records);
    const done = failure === undefined ? records : records.slice(0, failure.firstFailed);
    const lastGood = done.at(-1);
    if (lastGood !== undefined) {
      handled += done.length;
      advance(sequenceOf(lastGood));
    }
    if (failure === undefined) return;
    if (done.length > 0) return deliver(records.slice(done.length));
    if (records.length > 1) {
      const middle = Math.ceil(records.length / 2);
      await deliver(records.slice(0, middle));
      return deliver(records.slice(middle));
    }
    if (retries < maximumRetryAttempts) {
      await pause(Math.min(retryDelayMs * 2 ** retries, LONGEST_PAUSE_MS));
      return deliver(records, retries + 1);
    }
    await onParked(last, failure.error);
    log({ level: 'error', code: 'streamRecordParked', table: tableName, sequenceNumber: sequenceOf(last), ...cause(failure.error) });
    handled += 1;
    advance(sequenceOf(last));
  };

  const readOnce = async (): Promise<void> => {
    const present = [...waiters];
    const toldBefore = told;
    iterator = await currentIterator();
    const { Records: read = [], NextShardIterator: next } =
      iterator === undefined
        ? {}
        : await client.send(new GetRecordsCommand({ ShardIterator: iterator, Limit: batchSize }), { abortSignal: stopping.signal });
    const records = read.map((record) => streamRecord(record, streamArn));
    const last = records.at(-1);
    if (last !== undefined) {
      await deliver(records.filter((record) => filter === undefined || filter.some((pattern) => matches(pattern, record))));
      if (lastDone !== sequenceOf(last)) advance(sequenceOf(last));
    }
    iterator = next;
    const goesOn = next === undefined && (await nextShard());
    if (last === undefined && !goesOn) seen = toldBefore;
    for (const waiter of present) {
      waiter.emptyReads = last === undefined && !goesOn ? waiter.emptyReads + 1 : 0;
      if (waiter.emptyReads < EMPTY_READS) continue;
      waiters.delete(waiter);
      waiter.resolve();
    }
    if (last === undefined && waiters.size === 0) await idle();
  };

  const run = async (): Promise<void> => {
    for (let failures = 0; !stopping.signal.aborted;) {
      try {
        await readOnce();
        failures = 0;
      } catch (error) {
        iterator = undefined;
        if (stopping.signal.aborted) return;
        log({ level: 'error', code: 'streamInterrupted', table: tableName, ...cause(error) });
        await pause(Math.min(pollMs * 2 ** failures, LONGEST_PAUSE_MS)).catch(() => undefined);
        failures += 1;
      }
    }
  };

  const nudge = (): void => {
    const rested = isUpToDate();
    told += 1;
    if (rested) endIdlingSoon();
  };

  await findPlace();
  const running = run();

  return {
    settled: () =>
      new Promise((resolve, reject) => {
        if (stopping.signal.aborted) {
          reject(new Error(`the stream of ${tableName} is stopped`));
          return;
        }
        if (isUpToDate()) {
          resolve();
          return;
        }
        waiters.add({ emptyReads: 0, resolve, reject });
        endIdling();
      }),
    nudge,
    handled: () => handled,
    async stop() {
      stopping.abort();
      endIdling();
      await running;
      for (const waiter of waiters) waiter.reject(new Error(`the stream of ${tableName} is stopped`));
      waiters.clear();
    },
  };
};
