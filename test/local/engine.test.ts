import { GetItemCommand, ListTablesCommand } from '@aws-sdk/client-dynamodb';
import { once } from 'node:events';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { expect, onTestFinished, test } from 'vitest';
import { startEngine } from '../../lib/local/engine.ts';
import { databaseClient, engine, gate, logLines, numbered, put, TABLE_NAME, temporaryFolder, withTable } from './support/local.ts';
import { otherSystem } from './support/other-system.ts';

const engineProcess = (dataFolder: string): number => JSON.parse(readFileSync(join(dataFolder, 'engine.json'), 'utf8')).pid;

const exists = (pid: number): boolean => {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8') !== '';
  } catch {
    return false;
  }
};

test('it speaks DynamoDB as soon as it is started, and is gone when it is stopped', async () => {
  const started = await engine();
  expect(await databaseClient(started.endpoint).send(new ListTablesCommand())).toMatchObject({ TableNames: [] });
  await started.stop();
  await expect(fetch(started.endpoint)).rejects.toThrow();
});

test('what was acknowledged is there after a kill -9 under eight writers', async () => {
  const dataFolder = temporaryFolder();
  const died = gate();
  const { log, codes } = logLines();
  const first = await withTable({ dataFolder, log, onExit: died.open });
  const writing = databaseClient(first.endpoint, 1);
  const acknowledged: string[] = [];
  const enough = gate();
  const writers = numbered(8, 'writer').map(async (writer) => {
    for (let count = 0; ; count++) {
      const id = `${writer}-${count}`;
      try {
        await put(writing, id);
      } catch {
        return;
      }
      acknowledged.push(id);
      if (acknowledged.length === 200) enough.open();
    }
  });
  await enough.opened;
  if (first.engine.pid !== undefined) process.kill(first.engine.pid, 'SIGKILL');
  await Promise.all([...writers, died.opened]);
  expect(codes()).toContain('engineDied');

  const second = await engine({ dataFolder });
  const reading = databaseClient(second.endpoint);
  const found = await Promise.all(
    acknowledged.map((id) => reading.send(new GetItemCommand({ TableName: TABLE_NAME, Key: { pk: { S: id }, sk: { S: 'thing' } } }))),
  );
  expect(found.filter(({ Item }) => Item === undefined)).toHaveLength(0);
});

test('an engine that a killed system left running is replaced', async () => {
  const dataFolder = temporaryFolder();
  const other = await otherSystem(dataFolder);
  const left = engineProcess(dataFolder);
  other.process.kill('SIGKILL');
  await once(other.process, 'exit');
  expect(exists(left)).toBe(true);

  const { log, codes } = logLines();
  const mine = await engine({ dataFolder, log });
  expect(exists(left)).toBe(false);
  expect(codes()).toEqual(['staleEngineEnded']);
  expect(await databaseClient(mine.endpoint).send(new ListTablesCommand())).toMatchObject({ TableNames: [TABLE_NAME] });
});

test('a folder in use is refused with what to do, and the other system goes on', async () => {
  const dataFolder = temporaryFolder();
  const other = await otherSystem(dataFolder);
  await expect(startEngine({ dataFolder, log: () => undefined, patienceMs: 50 })).rejects.toThrow(
    new RegExp(`in use by process ${other.process.pid}: stop it .*or set LINLI_DATA to another folder`),
  );
  expect(await databaseClient(other.endpoint).send(new ListTablesCommand())).toMatchObject({ TableNames: [TABLE_NAME] });
});

test('a system that is just stopping is waited for', async () => {
  const dataFolder = temporaryFolder();
  const other = await otherSystem(dataFolder);
  const starting = engine({ dataFolder });
  other.process.kill('SIGTERM');
  const [code]: unknown[] = await once(other.process, 'exit');
  expect(code).toBe(0);
  expect(await databaseClient((await starting).endpoint).send(new ListTablesCommand())).toMatchObject({ TableNames: [TABLE_NAME] });
});

test('a folder is free again after a stop, and whatever engine.json says of processes that are other ones now', async () => {
  const dataFolder = temporaryFolder();
  const first = await engine({ dataFolder });
  await first.stop();
  expect(existsSync(join(dataFolder, 'engine.json'))).toBe(false);
  writeFileSync(join(dataFolder, 'engine.json'), JSON.stringify({ ownerPid: process.pid, ownerStarted: 0, pid: process.pid, port: 1 }));
  await engine({ dataFolder });
});

test('where the platform has no engine, the message says how to get one', async () => {
  await expect(startEngine({ log: () => undefined, findBinary: () => undefined })).rejects.toThrow(
    /npx dynoxide@1\.2\.1 serve .*\n.*AWS_ENDPOINT_URL_DYNAMODB=.*npm start\n.*DynamoDB Local/,
  );
});

test('an endpoint that is given is used, and nothing is started', async () => {
  const started = await startEngine({ endpoint: 'http://127.0.0.1:1', log: () => undefined, findBinary: () => undefined });
  expect(started).toMatchObject({ endpoint: 'http://127.0.0.1:1', pid: undefined });
  await started.stop();
});

test('reads and writes find their stream records by an index, from the first start on', async () => {
  const dataFolder = temporaryFolder();
  await engine({ dataFolder });
  const database = new DatabaseSync(join(dataFolder, 'engine.db'), { readOnly: true });
  onTestFinished(() => database.close());
  const plan = (query: string): string => JSON.stringify(database.prepare(`EXPLAIN QUERY PLAN ${query}`).all());
  // The engine's own two statements.
  expect(plan("SELECT COALESCE(MAX(CAST(sequence_number AS INTEGER)), 0) + 1 FROM _stream_records WHERE table_name = 'x'")).toContain(
    'linli_stream',
  );
  expect(
    plan(
      "SELECT event_name FROM _stream_records WHERE table_name = 'x' AND shard_id = 'y' AND CAST(sequence_number AS INTEGER) > 5 ORDER BY CAST(sequence_number AS INTEGER) ASC LIMIT 100",
    ),
  ).toMatch(/linli_stream(?!.*TEMP B-TREE)/);
});

test('two systems that start on one folder at the same moment do not both get it', async () => {
  const dataFolder = temporaryFolder();
  const starts = await Promise.allSettled([
    startEngine({ dataFolder, log: () => undefined, patienceMs: 50 }),
    startEngine({ dataFolder, log: () => undefined, patienceMs: 50 }),
  ]);
  for (const start of starts) if (start.status === 'fulfilled') onTestFinished(() => start.value.stop());
  expect(starts.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
});
