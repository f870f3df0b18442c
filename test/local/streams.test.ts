import { DeleteItemCommand, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { DescribeStreamCommand, GetRecordsCommand, GetShardIteratorCommand, type Shard } from '@aws-sdk/client-dynamodb-streams';
import type { DynamoDBRecord } from 'aws-lambda';
import { join } from 'node:path';
import { expect, onTestFinished, test, vi } from 'vitest';
import { checkpoint } from '../../lib/local/checkpoint.ts';
import { settle } from '../../lib/local/settle.ts';
import { startStream, type Stream, type StreamOptions } from '../../lib/local/streams.ts';
import { createTables } from '../../lib/local/tables.ts';
import { tellOfWrites } from '../../lib/local/tell-of-writes.ts';
import {
  engine,
  gate,
  logLines,
  numbered,
  physicalName,
  put,
  putAll,
  streamsClientOf,
  TABLE_NAME,
  temporaryFolder,
  THINGS,
  withTable,
} from './support/local.ts';

const idOf = (record: DynamoDBRecord): string => record.dynamodb?.Keys?.['pk']?.S ?? '';
const sequenceOf = (record: DynamoDBRecord): string => record.dynamodb?.SequenceNumber ?? '';

const start = async (options: Pick<StreamOptions, 'streamsClient' | 'handler'> & Partial<StreamOptions>): Promise<Stream> => {
  const stream = await startStream({
    tableName: TABLE_NAME,
    checkpoint: checkpoint(),
    onParked: () => expect.unreachable('nothing should be parked'),
    retryDelayMs: 1,
    log: () => undefined,
    ...options,
  });
  onTestFinished(() => stream.stop());
  return stream;
};

test('every change comes once and in its order, as Lambda would hand it over', async () => {
  const { client, streamsClient } = await withTable();
  const records: DynamoDBRecord[] = [];
  const sizes: number[] = [];
  const stream = await start({
    streamsClient,
    batchSize: 7,
    handler: async ({ Records }) => {
      sizes.push(Records.length);
      records.push(...Records);
    },
  });
  await putAll(client, numbered(40));
  await put(client, 'thing-0', {
    bytes: { B: Uint8Array.of(1, 2, 255) },
    list: { L: [{ NULL: true }, { M: { deep: { BS: [Uint8Array.of(3)] } } }] },
  });
  await client.send(new DeleteItemCommand({ TableName: TABLE_NAME, Key: { pk: { S: 'thing-1' }, sk: { S: 'thing' } } }));
  await stream.settled();

  expect(records.map(idOf)).toEqual([...numbered(40), 'thing-0', 'thing-1']);
  expect(Math.max(...sizes)).toBeLessThanOrEqual(7);
  expect(records.at(-2)).toMatchObject({
    eventName: 'MODIFY',
    eventSource: 'aws:dynamodb',
    eventVersion: '1.1',
    eventSourceARN: expect.stringContaining(`table/${TABLE_NAME}/stream/`),
    dynamodb: {
      ApproximateCreationDateTime: expect.closeTo(Date.now() / 1000, -2),
      Keys: { pk: { S: 'thing-0' }, sk: { S: 'thing' } },
      OldImage: { pk: { S: 'thing-0' }, sk: { S: 'thing' } },
      NewImage: { bytes: { B: 'AQL/' }, list: { L: [{ NULL: true }, { M: { deep: { BS: ['Aw=='] } } }] } },
      StreamViewType: 'NEW_AND_OLD_IMAGES',
    },
  });
  expect(records.at(-1)?.eventName).toBe('REMOVE');
  expect(new Set(records.map(({ eventID }) => eventID)).size).toBe(42);
  expect(stream.handled()).toBe(42);
});

test('after a restart it goes on behind its checkpoint: nothing twice, nothing left out', async () => {
  const dataFolder = temporaryFolder();
  const path = join(dataFolder, 'streams', `${TABLE_NAME}.json`);
  const handled: string[] = [];
  const handler: StreamOptions['handler'] = async ({ Records }) => void handled.push(...Records.map(idOf));
  const first = await withTable({ dataFolder });
  const before = await start({ streamsClient: first.streamsClient, handler, checkpoint: checkpoint(path) });
  await putAll(first.client, numbered(12, 'before'));
  await before.settled();
  await before.stop();
  await putAll(first.client, numbered(3, 'between'));
  await first.engine.stop();

  const second = await withTable({ dataFolder });
  await putAll(second.client, numbered(3, 'after'));
  const after = await start({ streamsClient: second.streamsClient, handler, checkpoint: checkpoint(path) });
  await after.settled();
  expect(handled).toEqual([...numbered(12, 'before'), ...numbered(3, 'between'), ...numbered(3, 'after')]);
});

test('a batch that was not done when the system was killed comes again', async () => {
  const { client, streamsClient } = await withTable();
  const kept = checkpoint();
  await putAll(client, numbered(5));
  const reached = gate();
  const neverAnswers = await startStream({
    streamsClient,
    tableName: TABLE_NAME,
    checkpoint: kept,
    onParked: () => undefined,
    log: () => undefined,
    handler: () => {
      reached.open();
      return new Promise(() => undefined);
    },
  });
  await reached.opened;
  expect(kept.read()).toBeUndefined();

  const handled: string[] = [];
  const next = await start({ streamsClient, checkpoint: kept, handler: async ({ Records }) => void handled.push(...Records.map(idOf)) });
  await next.settled();
  expect(handled).toEqual(numbered(5));
  void neverAnswers;
});

test('a record that keeps failing is parked alone, after its retries; the others get through in order', async () => {
  const { client, streamsClient } = await withTable();
  const parked: string[] = [];
  const handled: string[] = [];
  let aloneAttempts = 0;
  const { log, codes } = logLines();
  await putAll(client, numbered(10));
  const stream = await start({
    streamsClient,
    maximumRetryAttempts: 4,
    log,
    onParked: (record) => void parked.push(idOf(record)),
    handler: async ({ Records }) => {
      if (Records.some((record) => idOf(record) === 'thing-6')) {
        if (Records.length === 1) aloneAttempts += 1;
        throw new Error('poison');
      }
      handled.push(...Records.map(idOf));
    },
  });
  await stream.settled();
  expect(parked).toEqual(['thing-6']);
  expect(handled).toEqual(numbered(10).filter((id) => id !== 'thing-6'));
  expect(aloneAttempts).toBe(1 + 4);
  expect(stream.handled()).toBe(10);
  expect(codes()).toEqual(['streamRecordParked']);
});

test('a record that fails for a while is tried again until it gets through', async () => {
  const { client, streamsClient } = await withTable();
  const handled: string[] = [];
  let failures = 3;
  await put(client, 'only');
  const stream = await start({
    streamsClient,
    handler: async ({ Records }) => {
      if (failures-- > 0) throw new Error('not yet');
      handled.push(...Records.map(idOf));
    },
  });
  await stream.settled();
  expect(handled).toEqual(['only']);
});

test('of batchItemFailures the first counts: what came before it is done and not repeated', async () => {
  const { client, streamsClient } = await withTable();
  const parked: string[] = [];
  const handled: string[] = [];
  const poison = new Set(['thing-3', 'thing-7']);
  await putAll(client, numbered(10));
  const stream = await start({
    streamsClient,
    onParked: (record) => void parked.push(idOf(record)),
    handler: async ({ Records }) => {
      for (const record of Records) {
        if (poison.has(idOf(record))) return { batchItemFailures: [{ itemIdentifier: sequenceOf(record) }] };
        handled.push(idOf(record));
      }
      return { batchItemFailures: [] };
    },
  });
  await stream.settled();
  expect(parked).toEqual(['thing-3', 'thing-7']);
  expect(handled).toEqual(numbered(10).filter((id) => !poison.has(id)));
});

test('a failed item that was not in the batch fails all of it', async () => {
  const { client, streamsClient } = await withTable();
  const sizes: number[] = [];
  await putAll(client, numbered(4));
  const stream = await start({
    streamsClient,
    handler: async ({ Records }) => {
      sizes.push(Records.length);
      return { batchItemFailures: Records.length === 4 ? [{ itemIdentifier: 'unknown' }] : [] };
    },
  });
  await stream.settled();
  expect(sizes).toEqual([4, 2, 2]);
});

test('a record that cannot even be parked stops the stream until it can, and is not lost', async () => {
  const { client, streamsClient } = await withTable();
  const parked: string[] = [];
  const handled: string[] = [];
  let full = 2;
  await putAll(client, numbered(3));
  const stream = await start({
    streamsClient,
    pollMs: 1,
    maximumRetryAttempts: 0,
    onParked: (record) => {
      if (full-- > 0) throw new Error('disk full');
      parked.push(idOf(record));
    },
    handler: async ({ Records }) => {
      if (Records.some((record) => idOf(record) === 'thing-1')) throw new Error('poison');
      handled.push(...Records.map(idOf));
    },
  });
  await stream.settled();
  expect(parked).toEqual(['thing-1']);
  expect(handled).toEqual(['thing-0', 'thing-2']);
});

test('a handler that hangs fails when its function would time out', async () => {
  const { client, streamsClient } = await withTable();
  const parked: unknown[] = [];
  await put(client, 'hangs');
  const stream = await start({
    streamsClient,
    timeoutMs: 5,
    maximumRetryAttempts: 1,
    onParked: (_record, error) => void parked.push(error),
    handler: () => new Promise(() => undefined),
  });
  await stream.settled();
  expect(parked).toEqual([expect.objectContaining({ name: 'FunctionTimedOut' })]);
});

test('records that fit no filter are passed over, and their place is kept', async () => {
  const { client, streamsClient } = await withTable();
  const kept = checkpoint();
  const handled: string[] = [];
  await putAll(client, ['REQUEST#1', 'KEY#1', 'REQUEST#2', 'KEY#2']);
  const stream = await start({
    streamsClient,
    checkpoint: kept,
    filter: [{ eventName: ['INSERT', 'MODIFY'], dynamodb: { Keys: { pk: { S: [{ prefix: 'REQUEST#' }] } } } }],
    handler: async ({ Records }) => void handled.push(...Records.map(idOf)),
  });
  await stream.settled();
  expect(handled).toEqual(['REQUEST#1', 'REQUEST#2']);
  expect(kept.read()).toBe('4');
});

test('settled waits for the batch under way and for everything written before, whoever else is writing', async () => {
  const { client, streamsClient } = await withTable();
  const handled = new Set<string>();
  const reached = gate();
  const goOn = gate();
  const stream = await start({
    streamsClient,
    batchSize: 3,
    handler: async ({ Records }) => {
      reached.open();
      await goOn.opened;
      for (const record of Records) handled.add(idOf(record));
    },
  });
  await put(client, 'first');
  await reached.opened;
  let isSettled = false;
  const early = stream.settled().then(() => (isSettled = true));
  await putAll(client, numbered(20, 'mine'));
  expect(isSettled).toBe(false);
  goOn.open();

  const writing = putAll(client, numbered(60, 'other'));
  await stream.settled();
  expect(numbered(20, 'mine').filter((id) => !handled.has(id))).toEqual([]);
  await Promise.all([early, writing]);
});

test('settled answers within a poll, also when nothing has happened', async () => {
  const { streamsClient } = await withTable();
  const stream = await start({ streamsClient, pollMs: 60_000, handler: () => expect.unreachable('nothing was written') });
  await stream.settled();
});

test('a stream at rest that is nudged by what a client writes to its table hands a change over at once', async () => {
  const { client, streamsClient } = await withTable();
  let lastRead = performance.now();
  streamsClient.middlewareStack.add(
    (next) => (args) => {
      lastRead = performance.now();
      return next(args);
    },
    { step: 'initialize' },
  );
  const handled = gate();
  const stream = await start({ streamsClient, pollMs: 1, nudgedPollMs: 60_000, handler: async () => handled.open() });
  const told: string[] = [];
  tellOfWrites(client, (table) => {
    told.push(table);
    stream.nudge();
  });
  await vi.waitFor(() => expect(performance.now() - lastRead).toBeGreaterThan(100), { timeout: 5000, interval: 10 });
  await put(client, 'one');
  await handled.opened;
  expect(told).toEqual([TABLE_NAME]);
});

test('settle follows what reactions write in turn, from table to table', async () => {
  const { client, streamsClient } = await withTable();
  const names = [TABLE_NAME, physicalName('others')];
  await createTables(client, [{ ...THINGS, name: 'others' }], physicalName);
  const handled: string[] = [];
  const streams = await Promise.all(
    names.map((tableName, position) =>
      start({
        streamsClient,
        tableName,
        handler: async ({ Records }) => {
          for (const record of Records) {
            const generation = Number(idOf(record));
            handled.push(idOf(record));
            const next = { pk: { S: String(generation + 1) }, sk: { S: 'thing' } };
            if (generation < 9) await client.send(new PutItemCommand({ TableName: names[1 - position], Item: next }));
          }
        },
      }),
    ),
  );
  await put(client, '0');
  await settle(streams);
  expect(handled).toEqual(numbered(10, '').map((id) => id.slice(1)));
});

test('it goes on when the engine has been away', async () => {
  const dataFolder = temporaryFolder();
  const first = await withTable({ dataFolder });
  const handled: string[] = [];
  const interrupted = gate();
  // One client for both engines, as behind one address.
  let endpoint = new URL(first.endpoint);
  const streamsClient = streamsClientOf(first.endpoint, 1);
  streamsClient.middlewareStack.add(
    (next) => (args) => {
      Object.assign(args.request ?? {}, { port: Number(endpoint.port) });
      return next(args);
    },
    { step: 'finalizeRequest' },
  );
  const stream = await start({
    streamsClient,
    pollMs: 1,
    handler: async ({ Records }) => void handled.push(...Records.map(idOf)),
    log: ({ code }) => code === 'streamInterrupted' && interrupted.open(),
  });
  await put(first.client, 'before');
  await stream.settled();
  if (first.engine.pid !== undefined) process.kill(first.engine.pid, 'SIGKILL');
  await interrupted.opened;
  const second = await withTable({ dataFolder });
  endpoint = new URL(second.endpoint);
  await put(second.client, 'after');
  await stream.settled();
  expect(handled).toEqual(['before', 'after']);
});

test('stop lets the call under way end, keeps its place, and ends whoever waits', async () => {
  const { client, streamsClient } = await withTable();
  const kept = checkpoint();
  const reached = gate();
  const goOn = gate();
  const stream = await start({
    streamsClient,
    checkpoint: kept,
    handler: async () => {
      reached.open();
      await goOn.opened;
    },
  });
  await put(client, 'one');
  await reached.opened;
  const waiting = expect(stream.settled()).rejects.toThrow('is stopped');
  const stopped = stream.stop();
  goOn.open();
  await stopped;
  await waiting;
  expect(kept.read()).toBe('1');
  await expect(stream.settled()).rejects.toThrow('is stopped');
});

test('a stop does not wait for retries, and parks nothing', async () => {
  const { client, streamsClient } = await withTable();
  const kept = checkpoint();
  const reached = gate();
  const stream = await start({
    streamsClient,
    checkpoint: kept,
    retryDelayMs: 60_000,
    handler: () => {
      reached.open();
      throw new Error('always');
    },
  });
  await put(client, 'one');
  await reached.opened;
  await stream.stop();
  expect(kept.read()).toBeUndefined();
});

test('a checkpoint of another database does not pass over what is there', async () => {
  const { client, streamsClient } = await withTable();
  const kept = checkpoint();
  kept.write('5000');
  const { log, codes } = logLines();
  await putAll(client, numbered(3));
  const handled: string[] = [];
  const stream = await start({
    streamsClient,
    checkpoint: kept,
    log,
    handler: async ({ Records }) => void handled.push(...Records.map(idOf)),
  });
  await stream.settled();
  expect(handled).toEqual(numbered(3));
  expect(codes()).toEqual(['streamCheckpointUnknown']);
});

test('a table without a stream is said to have none', async () => {
  const { endpoint } = await engine();
  await expect(start({ streamsClient: streamsClientOf(endpoint), handler: async () => undefined })).rejects.toThrow(
    `The table ${TABLE_NAME} has no stream.`,
  );
});

/** The engine has one shard for ever; DynamoDB Local closes shards, and AWS opens several. */
const withShards = async (shards: readonly Shard[]) => {
  const { client, streamsClient } = await withTable();
  streamsClient.middlewareStack.add(
    (next, context) => async (args) => {
      const answer = await next(args);
      if (context['commandName'] === DescribeStreamCommand.name) Object.assign(answer.output, { StreamDescription: { Shards: shards } });
      return answer;
    },
    { step: 'initialize' },
  );
  return { client, streamsClient };
};

test('when a shard is closed, its child is read next, also past empty ones', async () => {
  const { client, streamsClient } = await withShards([
    { ShardId: 'one', SequenceNumberRange: { StartingSequenceNumber: '1', EndingSequenceNumber: '2' } },
    { ShardId: 'empty', ParentShardId: 'one', SequenceNumberRange: { StartingSequenceNumber: '3', EndingSequenceNumber: '3' } },
    { ShardId: 'emptyToo', ParentShardId: 'empty', SequenceNumberRange: { StartingSequenceNumber: '3', EndingSequenceNumber: '3' } },
    { ShardId: 'two', ParentShardId: 'emptyToo', SequenceNumberRange: { StartingSequenceNumber: '3' } },
  ]);
  // The engine's own shard stands for all: its first two records are shard one, the others shard two. An iterator is prefixed by its shard.
  const startOf: Readonly<Record<string, object>> = {
    empty: { ShardIteratorType: 'LATEST' },
    emptyToo: { ShardIteratorType: 'LATEST' },
    two: { ShardIteratorType: 'AFTER_SEQUENCE_NUMBER', SequenceNumber: '2' },
  };
  streamsClient.middlewareStack.add(
    (next, context) => async (args) => {
      const input: { ShardId?: string; ShardIteratorType?: string; ShardIterator?: string; Limit?: number } = args.input;
      const [of = '', iterator] = input.ShardIterator?.split('|') ?? [input.ShardId];
      if (input.ShardId !== undefined)
        Object.assign(input, input.ShardIteratorType === 'TRIM_HORIZON' ? startOf[of] : {}, { ShardId: `shardId-00000001-${TABLE_NAME}` });
      if (iterator !== undefined) Object.assign(input, { ShardIterator: iterator, ...(of === 'one' ? { Limit: 2 } : {}) });
      const answer = await next(args);
      const rename = (name: string): void => void Object.assign(answer.output, { [name]: `${of}|${Reflect.get(answer.output, name)}` });
      if (context['commandName'] === GetShardIteratorCommand.name) rename('ShardIterator');
      if (context['commandName'] === GetRecordsCommand.name) {
        rename('NextShardIterator');
        if (of !== 'two') Object.assign(answer.output, { NextShardIterator: undefined });
      }
      return answer;
    },
    { step: 'initialize' },
  );
  const handled: string[] = [];
  await putAll(client, numbered(5));
  const stream = await start({ streamsClient, handler: async ({ Records }) => void handled.push(...Records.map(idOf)) });
  await stream.settled();
  expect(handled).toEqual(numbered(5));
});

test('a stream with several open shards is refused rather than read in part', async () => {
  const { streamsClient } = await withShards([{ ShardId: 'one' }, { ShardId: 'two' }]);
  await expect(start({ streamsClient, handler: async () => undefined })).rejects.toThrow('2 open shards');
});
