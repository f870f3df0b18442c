/** On one machine files of exports go by themselves, as a rule of the bucket takes them away elsewhere. */
import { existsSync, mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { startSystem } from '../../lib/local/system.ts';

const DAY_S = 86_400;
const dataFolder = mkdtempSync(join(tmpdir(), 'linli-expiry-'));
afterAll(() => rmSync(dataFolder, { recursive: true, force: true }));

const pathOf = (key: string): string => join(dataFolder, 'objects', ...key.split('/'));
const putDaysAgo = (key: string, days: number): void => {
  mkdirSync(dirname(pathOf(key)), { recursive: true });
  writeFileSync(pathOf(key), key);
  const at = Date.now() / 1000 - days * DAY_S;
  utimesSync(pathOf(key), at, at);
};

test('files and pieces of exports are gone when they are older than eight days; nothing else is', async () => {
  const old = ['exports/old.csv', 'exports/old/0-piece', 'exports/old/1-piece'];
  for (const key of old) putDaysAgo(key, 8.1);
  const kept = ['exports/young.csv', 'exports/young/0-piece'];
  for (const key of kept) putDaysAgo(key, 7.9);
  putDaysAgo('media/1/image', 400);
  const system = await startSystem({ dataFolder, port: 0, demo: false, schedules: false, log: () => undefined });
  try {
    expect([...old, 'exports/old'].filter((key) => existsSync(pathOf(key)))).toEqual([]);
    expect([...kept, 'media/1/image'].filter((key) => !existsSync(pathOf(key)))).toEqual([]);
  } finally {
    await system.stop();
  }
});
