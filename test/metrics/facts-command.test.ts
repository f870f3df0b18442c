/** `npm run facts:rebuild`, as who runs it sees it: what differs, and whether the next refresh has anything to count. */
import { DeleteItemCommand, ScanCommand, type DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { VARIABLES } from '../../functions/kernel/environment.ts';
import { resident, SHUIJINGFANG } from '../support/people.ts';
import { ADMIN, startWorld, type World } from '../support/world.ts';

const PROGRAM = join(import.meta.dirname, '..', '..', 'bin', 'facts.ts');
const TABLE = 'linli-metrics';

let world: World;
let client: DynamoDBClient;

beforeAll(async () => {
  world = await startWorld({ at: '2026-10-05T09:00:00+08:00', prepare: (of) => (client = of) });
  await world.post('/v1/requests', resident, { service: 'streetLamp', community: SHUIJINGFANG, description: '路灯坏了', channel: 'app' });
  await world.settle();
});
afterAll(() => world.stop());

/** What it ends with, and says below its bar. */
const rebuildFacts = async (...options: readonly string[]): Promise<readonly [code: number, ...said: string[]]> => {
  const child = spawn(process.execPath, [PROGRAM, ...options], { env: { ...process.env, [VARIABLES.api]: world.url } });
  const [said, complaints, [code]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'exit')]);
  const lines = `${said}${complaints}`.trimEnd().split('\n');
  return [code, ...lines.filter((line) => !line.startsWith('parts') && line !== '')];
};

/** How many pieces a refresh has to count, an hour after the last one. */
const piecesOfRefresh = async (): Promise<number> => {
  world.turn(3_600_000);
  await world.schedule('metricsRefresh');
  return (await world.get('/v1/metrics/runs?limit=1', ADMIN)).body.items[0].pieces;
};

const loseFact = async (): Promise<void> => {
  const { Items: items = [] } = await client.send(new ScanCommand({ TableName: TABLE }));
  const fact = items.find(({ pk, sk }) => pk?.S?.startsWith('FACT#') && sk?.S?.startsWith('request#'));
  if (fact?.['pk'] === undefined || fact['sk'] === undefined) throw new Error('there is no fact');
  await client.send(new DeleteItemCommand({ TableName: TABLE, Key: { pk: fact['pk'], sk: fact['sk'] } }));
};

test('it says that the next refresh counts something where it does: after a difference, after --recount, and not otherwise', async () => {
  // Two counties, their city and province: each community is a record itself.
  expect(await piecesOfRefresh()).toBe(4);
  const one = '5 records of 4 communities made 5 facts again:';
  expect(await rebuildFacts()).toEqual([0, `${one} no difference`]);
  expect(await piecesOfRefresh()).toBe(0);

  expect(await rebuildFacts('--recount')).toEqual([
    0,
    `${one} no difference`,
    'The next metricsRefresh counts all of it again; what was final and comes out otherwise gets a new revision.',
  ]);
  expect(await piecesOfRefresh()).toBe(4);

  await loseFact();
  expect(await rebuildFacts()).toEqual([
    1,
    `${one} 1 differences, now put right`,
    expect.stringMatching(/^ {2}missing: request#\S+ in 510104017001, 2026-10$/),
    'The next metricsRefresh counts these months again; what was final and comes out otherwise gets a new revision.',
  ]);
  expect(await piecesOfRefresh()).toBe(3);
});
