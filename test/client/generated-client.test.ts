/** docs/openapi.json in the hands of strangers: a linter of theirs, and a client that a tool of theirs has made of it. */
import { execFile } from 'node:child_process';
import { copyFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { generate } from 'orval';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { dispatcher, resident, worker } from '../support/people.ts';
import { startWorld, type World } from '../support/world.ts';

const ROOT = join(import.meta.dirname, '..', '..');
const CONTRACT = join(ROOT, 'docs', 'openapi.json');
const installed = (...path: readonly string[]): string => join(ROOT, 'node_modules', ...path);
const PROGRAM = 'lifecycle.ts';

/** Runs a program of Node's in the client's folder to its end; answers with what it said, also where it failed. */
const run = async (...command: readonly string[]): Promise<string> => {
  const env = { ...process.env, REDOCLY_TELEMETRY: 'off', REDOCLY_SUPPRESS_UPDATE_NOTICE: 'true' };
  try {
    return (await promisify(execFile)(process.execPath, command, { cwd: folder, env })).stdout;
  } catch (error) {
    const { stdout, stderr } = error as { stdout: string; stderr: string };
    throw new Error(`${stdout}\n${stderr}`, { cause: error });
  }
};

let world: World;
let folder: string;
beforeAll(async () => {
  world = await startWorld();
  folder = mkdtempSync(join(tmpdir(), 'linli-client-'));
  const talk = vi.spyOn(console, 'log').mockReturnValue();
  await generate({
    input: { target: CONTRACT },
    output: { target: join(folder, 'client.ts'), client: 'fetch', mode: 'single', baseUrl: world.url },
  });
  talk.mockRestore();
  copyFileSync(join(import.meta.dirname, 'program', PROGRAM), join(folder, PROGRAM));
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ type: 'module' }));
  writeFileSync(
    join(folder, 'tsconfig.json'),
    JSON.stringify({
      extends: join(ROOT, 'tsconfig.json'),
      compilerOptions: { typeRoots: [installed('@types')] },
      include: ['*.ts'],
      exclude: [],
    }),
  );
});
afterAll(async () => {
  await world.stop();
  rmSync(folder, { recursive: true, force: true });
});

test('the contract is clean by Redocly’s recommended rules, warnings included', async () => {
  // None of them is off.
  const told = await run(
    fileURLToPath(import.meta.resolve('@redocly/cli/bin/cli.js')),
    'lint',
    CONTRACT,
    '--extends=recommended-strict',
    '--format=json',
  );
  expect(JSON.parse(told)).toMatchObject({ totals: { errors: 0, warnings: 0, ignored: 0 }, problems: [] });
});

test('a generated client compiles as strictly as our own code, with a program that uses it', async () => {
  expect(await run(installed('typescript', 'bin', 'tsc'), '-p', folder)).toBe('');
});

test('with it a request goes from report to rating', async () => {
  const tokens = await Promise.all([resident, dispatcher, worker].map((who) => world.system.token(who)));
  const told: unknown = JSON.parse(await run(join(folder, PROGRAM), ...tokens));
  const { items } = (await world.get('/v1/me/requests', resident)).body;
  const id: unknown = items[0].id;
  expect(items).toHaveLength(1);
  expect(told).toEqual({
    id,
    statuses: ['submitted', 'accepted', 'assigned', 'inProgress', 'resolved', 'resolved'],
    refused: ['wrongState', true],
    mine: {
      status: 'resolved',
      priority: 'high',
      contact: '王芳',
      resolution: '已更换灯泡',
      level: 5,
      history: ['submit', 'accept', 'assign', 'start', 'resolve', 'rating'],
    },
    everybodys: { description: '楼下路灯坏了三天', location: { lat: 30.6523, long: 104.0885 } },
    listed: { items: [[id, 'resolved']], next: null },
    wrong: ['limit'],
  });
});
