/** `npm run export` and `npm run import`: the file of one system goes into another, as people do it. */
import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { sendAll } from '../import/support.ts';
import { SHUIJINGFANG } from '../support/people.ts';
import { startWorld, type World } from '../support/world.ts';
import { linesOf, rowsOf } from './support/exported.ts';

const MONTH = '2025-01';
const DESCRIPTIONS = ['=1+1', "'=1+1", '-5', '第一行\n"第二行", 完', '路灯不亮'];

let worlds: readonly World[];
let folder: string;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'linli-export-'));
  worlds = await Promise.all([startWorld(), startWorld()]);
  const rows = DESCRIPTIONS.map((description, index) => ({
    service_request_id: `${index}`,
    requested_datetime: `2025-01-0${index + 1}T08:00:00+08:00`,
    service_name: '路灯不亮',
    description,
    community: SHUIJINGFANG,
  }));
  if (worlds[0] !== undefined) await sendAll(worlds[0], 'requests', rows);
});
afterAll(async () => {
  await Promise.all(worlds.map((world) => world.stop()));
  rmSync(folder, { recursive: true, force: true });
});

const command = (
  name: 'export' | 'import',
  world: World | undefined,
  ...given: readonly string[]
): Promise<{ code: number; told: string }> =>
  new Promise((resolve) => {
    const settings = { cwd: folder, env: { PATH: process.env['PATH'], LINLI_API: world?.url, LANG: 'en' } };
    execFile(process.execPath, [join(import.meta.dirname, '..', '..', 'bin', `${name}.ts`), ...given], settings, (error, out, told) =>
      resolve({ code: error === null ? 0 : Number(error.code), told: out + told }),
    );
  });

test('what one system exports, another takes in and exports again, byte for byte', async () => {
  const [one, other] = worlds;
  const asked = ['requests', '--division', '510104', '--month', MONTH];
  expect(await command('export', one, ...asked)).toMatchObject({ code: 0, told: expect.stringContaining(`requests-510104-${MONTH}.csv`) });
  const file = join(folder, `requests-510104-${MONTH}.csv`);
  expect(await command('import', other, 'requests', file)).toMatchObject({ code: 0, told: expect.stringContaining('5 new') });
  expect(await command('import', one, 'requests', file)).toMatchObject({ code: 0, told: expect.stringContaining('5 unchanged') });
  expect((await command('export', other, ...asked, 'again.csv')).code).toBe(0);
  expect(readFileSync(join(folder, 'again.csv')).equals(readFileSync(file))).toBe(true);
});

test('a file of somebody else’s goes in as it stands, whatever its cells begin with', async () => {
  const [one] = worlds;
  const file = join(folder, 'theirs.csv');
  const head = 'service_request_id,requested_datetime,service_name,description,community';
  writeFileSync(file, `${head}\ntheirs,2025-03-01T08:00:00+08:00,路灯不亮,'=1+1,${SHUIJINGFANG}\n`);
  expect(await command('import', one, 'requests', file)).toMatchObject({ code: 0, told: expect.stringContaining('1 new') });
  await one?.settle();
  const asked = ['requests', '--division', '510104', '--month', '2025-03', 'theirs-again.csv'];
  expect((await command('export', one, ...asked)).code).toBe(0);
  const exported = readFileSync(join(folder, 'theirs-again.csv'));
  expect(linesOf(exported).map((line) => line['description'])).toEqual(["''=1+1"]);
  expect(rowsOf(exported).map((line) => line['description'])).toEqual(["'=1+1"]);
});

test('says how it is used, and what is wrong', async () => {
  for (const given of [
    [],
    ['requests'],
    ['requests', '--division', '5101', '--mouth', MONTH],
    ['donations', '--division', '51', '--month', MONTH],
  ])
    expect(await command('export', worlds[0], ...given)).toMatchObject({ code: 1, told: expect.stringContaining('npm run export') });
  expect(await command('export', worlds[0], 'requests', '--division', '99', '--month', MONTH)).toMatchObject({
    code: 1,
    told: expect.stringContaining('no division 99'),
  });
  expect(await command('export', worlds[0], 'requests', '--division', '51', '--month', '2025')).toMatchObject({
    code: 1,
    told: expect.stringContaining('month'),
  });
});
