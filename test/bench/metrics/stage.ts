/** The metrics' own functions on the local engine, without gateway, bus and streams: what they are called with, what it costs, how long it takes. */
import { DynamoDBClient, UpdateTableCommand, type ConsumedCapacity } from '@aws-sdk/client-dynamodb';
import { TransactWriteCommand } from '@aws-sdk/lib-dynamodb';
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { database, documentClient, type Database, type Write } from '../../../functions/data/database.ts';
import type { Runtime } from '../../../functions/data/runtime.ts';
import { divisionsTable } from '../../../functions/divisions/table.ts';
import { environmentFrom } from '../../../functions/kernel/environment.ts';
import type { EpochMs } from '../../../functions/kernel/time.ts';
import { metricsTable } from '../../../functions/metrics/table.ts';
import { startEngine } from '../../../lib/local/engine.ts';
import { createTables } from '../../../lib/local/tables.ts';

const LOCAL_AWS = { region: 'local', credentials: { accessKeyId: 'local', secretAccessKey: 'local' } };
const BATCH = 100;
const BATCHES_AT_ONCE = 4;

/** What a piece of work consumed: request units, calls of DynamoDB, CPU of this process (the engine is another), and the time by the clock. */
export interface Cost {
  readonly read: number;
  readonly write: number;
  readonly calls: number;
  readonly cpuMs: number;
  readonly wallMs: number;
}

export const NO_COST: Cost = { read: 0, write: 0, calls: 0, cpuMs: 0, wallMs: 0 };

export const sumOfCosts = (costs: readonly Cost[]): Cost =>
  costs.reduce(
    (sum, each) => ({
      read: sum.read + each.read,
      write: sum.write + each.write,
      calls: sum.calls + each.calls,
      cpuMs: sum.cpuMs + each.cpuMs,
      wallMs: sum.wallMs + each.wallMs,
    }),
    NO_COST,
  );

export interface Stage {
  /** What the measured functions are given. */
  readonly runtime: Runtime;
  /** The same database, unmetered. */
  readonly aside: Database;
  readonly costOf: (work: () => Promise<unknown>) => Promise<Cost>;
  /** Writes items as they are, by the hundreds: their conditions are not looked at. Answers with their number. */
  readonly load: (writes: Iterable<Write>) => Promise<number>;
  readonly turnTo: (moment: EpochMs) => void;
  readonly stop: () => Promise<void>;
}

const READS = new Set(['GetItemCommand', 'BatchGetItemCommand', 'QueryCommand']);

export const openStage = async (at: EpochMs): Promise<Stage> => {
  const folder = mkdtempSync(join(tmpdir(), 'linli-bench-metrics-'));
  const engine = await startEngine({ dataFolder: folder, log: () => undefined });
  const connect = (): DynamoDBClient => new DynamoDBClient({ ...LOCAL_AWS, endpoint: engine.endpoint, maxAttempts: 5 });
  const [metered, plain] = [connect(), connect()];
  const physicalName = (name: string): string => `bench-${name}`;
  await createTables(plain, [metricsTable, divisionsTable], physicalName);
  // Nobody listens, and the engine takes twice as long to write what it must tell of.
  await plain.send(new UpdateTableCommand({ TableName: physicalName(metricsTable.name), StreamSpecification: { StreamEnabled: false } }));

  const sum = { read: 0, write: 0, calls: 0 };
  metered.middlewareStack.add(
    (next, context) => async (args) => {
      const result = await next({ ...args, input: { ...args.input, ReturnConsumedCapacity: 'TOTAL' } });
      const consumed = (result.output as { readonly ConsumedCapacity?: ConsumedCapacity | readonly ConsumedCapacity[] }).ConsumedCapacity;
      const units = [consumed ?? []].flat().reduce((total, { CapacityUnits: each = 0 }) => total + each, 0);
      sum[READS.has(String(context['commandName'])) ? 'read' : 'write'] += units;
      sum.calls += 1;
      return result;
    },
    { step: 'serialize', priority: 'high', name: 'meter' },
  );
  const databaseOf = (client: DynamoDBClient): Database =>
    database({ client: documentClient(client), physicalName, pause: (milliseconds) => sleep(milliseconds), jitter: Math.random });
  const bulk = documentClient(plain);

  let moment = at;
  return {
    runtime: {
      now: () => moment,
      random: randomBytes,
      database: databaseOf(metered),
      objects: () => Promise.reject(new Error('the benchmark keeps no bytes')),
      payments: {},
      secret: () => Promise.resolve(undefined),
      vault: () => Promise.reject(new Error('the benchmark keeps no keys')),
      environment: environmentFrom({}),
      secrets: ['a secret of the benchmark, and of nothing else'],
      log: () => undefined,
    },
    aside: databaseOf(plain),
    async costOf(work) {
      const before = { ...sum, cpu: process.cpuUsage(), at: performance.now() };
      await work();
      const { user, system } = process.cpuUsage(before.cpu);
      return {
        read: sum.read - before.read,
        write: sum.write - before.write,
        calls: sum.calls - before.calls,
        cpuMs: (user + system) / 1000,
        wallMs: performance.now() - before.at,
      };
    },
    async load(writes) {
      const iterator = writes[Symbol.iterator]();
      const next = () => {
        const batch: { Put: { TableName: string; Item: Record<string, unknown> } }[] = [];
        while (batch.length < BATCH) {
          const { done, value } = iterator.next();
          if (done === true) break;
          if ('put' in value) batch.push({ Put: { TableName: physicalName(value.table.name), Item: { ...value.put } } });
        }
        return batch;
      };
      let written = 0;
      const worker = async (): Promise<void> => {
        for (let batch = next(); batch.length > 0; batch = next()) {
          await bulk.send(new TransactWriteCommand({ TransactItems: batch }));
          written += batch.length;
        }
      };
      await Promise.all(Array.from({ length: BATCHES_AT_ONCE }, worker));
      return written;
    },
    turnTo: (to) => {
      moment = to;
    },
    async stop() {
      metered.destroy();
      plain.destroy();
      await engine.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
};
