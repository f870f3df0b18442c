/** What the tests of the local system share: an engine of their own, real clients on it, a table, a clock that they turn. */
import { DynamoDBClient, type AttributeValue, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { DynamoDBStreamsClient } from '@aws-sdk/client-dynamodb-streams';
import { EventBridgeClient } from '@aws-sdk/client-eventbridge';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { table, type TableDescription } from '../../../functions/data/table.ts';
import type { LogLine } from '../../../functions/data/runtime.ts';
import { epochMs, plus, type Clock } from '../../../functions/kernel/time.ts';
import { startEngine, type Engine, type EngineOptions } from '../../../lib/local/engine.ts';
import { createTables } from '../../../lib/local/tables.ts';

export const THINGS: TableDescription = table({
  name: 'things',
  indexes: {},
  attributes: { text: { personal: 'none', keptDays: 'entity' } },
  entities: [],
});
export const TABLE_NAME = 'linli-things';
export const physicalName = (name: string): string => `linli-${name}`;

/** Requests go to an engine on this machine: no profile, no region and no retry is looked for. */
const settings = (endpoint: string) => ({ endpoint, region: 'local', credentials: { accessKeyId: 'local', secretAccessKey: 'local' } });

export const databaseClient = (endpoint: string, maxAttempts = 3): DynamoDBClient => {
  const client = new DynamoDBClient({ ...settings(endpoint), maxAttempts });
  onTestFinished(() => client.destroy());
  return client;
};

export const streamsClientOf = (endpoint: string, maxAttempts = 3): DynamoDBStreamsClient => {
  const client = new DynamoDBStreamsClient({ ...settings(endpoint), maxAttempts });
  onTestFinished(() => client.destroy());
  return client;
};

export const eventBridgeClient = (endpoint: string): EventBridgeClient => {
  const client = new EventBridgeClient({ ...settings(endpoint), maxAttempts: 1 });
  onTestFinished(() => client.destroy());
  return client;
};

/** A folder that is gone after the test. */
export const temporaryFolder = (): string => {
  const folder = mkdtempSync(join(tmpdir(), 'linli-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
};

export const logLines = (): { readonly lines: LogLine[]; readonly log: (line: LogLine) => void; codes(): string[] } => {
  const lines: LogLine[] = [];
  return { lines, log: (line) => lines.push(line), codes: () => lines.map(({ code }) => code) };
};

/** An engine that ends with the test. */
export const engine = async (options: Partial<EngineOptions> = {}): Promise<Engine> => {
  const started = await startEngine({ log: () => undefined, ...options });
  onTestFinished(() => started.stop());
  return started;
};

/** An engine in memory with the table of things. */
export const withTable = async (
  options: Partial<EngineOptions> = {},
): Promise<{
  readonly endpoint: string;
  readonly client: DynamoDBClient;
  readonly streamsClient: DynamoDBStreamsClient;
  readonly engine: Engine;
}> => {
  const started = await engine(options);
  const client = databaseClient(started.endpoint);
  await createTables(client, [THINGS], physicalName);
  return { endpoint: started.endpoint, client, streamsClient: streamsClientOf(started.endpoint), engine: started };
};

export const put = async (client: DynamoDBClient, id: string, attributes: Record<string, AttributeValue> = {}): Promise<void> => {
  await client.send(new PutItemCommand({ TableName: TABLE_NAME, Item: { pk: { S: id }, sk: { S: 'thing' }, ...attributes } }));
};

export const putAll = async (client: DynamoDBClient, ids: readonly string[]): Promise<void> => {
  for (const id of ids) await put(client, id);
};

export const numbered = (count: number, prefix = 'thing'): readonly string[] =>
  Array.from({ length: count }, (_each, position) => `${prefix}-${position}`);

export const turnedClock = (start = '2026-11-24T06:00:00.000Z'): { readonly now: Clock; turn(milliseconds: number): void } => {
  let moment = epochMs(Date.parse(start));
  return {
    now: () => moment,
    turn(milliseconds) {
      moment = plus(moment, milliseconds);
    },
  };
};

/** A promise and the way to keep it. */
export const gate = (): { readonly opened: Promise<void>; open(): void } => {
  const { promise, resolve } = Promise.withResolvers<void>();
  return { opened: promise, open: resolve };
};
