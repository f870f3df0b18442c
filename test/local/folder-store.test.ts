import { mkdtempSync, readdirSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { epochMs, MINUTE, plus, toInstant } from '../../functions/kernel/time.ts';
import { openFolderStore, type FolderStore } from '../../lib/local/folder-store.ts';
import { startObjectServer } from '../../lib/local/object-server.ts';
import { startSystem, type System } from '../../lib/local/system.ts';
import { picture } from '../media/support.ts';
import { resident } from '../support/people.ts';

const folders: string[] = [];
const folderOf = (): string => {
  const folder = mkdtempSync(join(tmpdir(), 'linli-store-'));
  folders.push(folder);
  return folder;
};
afterAll(() => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});

const now = epochMs(Date.parse('2026-11-24T01:00:00Z'));
const open = (folder: string): Promise<FolderStore> =>
  openFolderStore({ folder, secret: 'a secret', now: () => now, url: () => 'http://127.0.0.1:1' });
const textOf = (bytes: Uint8Array | undefined): string | undefined => (bytes === undefined ? undefined : Buffer.from(bytes).toString());

test('what is put is there, also for who opens the folder again; what is removed is not, and leaves no folder behind', async () => {
  const folder = folderOf();
  const store = await open(folder);
  await store.put('media/1/image', Buffer.from('one'), 'image/png');
  await store.put('media/1/image', Buffer.from('another'), 'image/png');
  const again = await open(folder);
  expect([textOf(await again.read('media/1/image')), await again.read('media/2/image')]).toEqual(['another', undefined]);
  expect(await again.keys('media/')).toEqual(['media/1/image']);
  await again.remove(['media/1/image', 'media/1/thumbnail', 'uploads/1']);
  expect([await again.keys('media/'), readdirSync(join(folder, 'media'))]).toEqual([[], []]);
});

test('of many that put the same key first, one does, and what it put stays', async () => {
  const folder = folderOf();
  const store = await open(folder);
  const names = Array.from({ length: 20 }, (_, index) => `number ${index}`);
  const first = await Promise.all(names.map((name) => store.putFirst('media/1/image', Buffer.from(name), 'image/png')));
  expect(first.filter(Boolean)).toHaveLength(1);
  expect(textOf(await store.read('media/1/image'))).toBe(names[first.indexOf(true)]);
  expect(await store.putFirst('media/1/image', Buffer.from('late'), 'image/png')).toBe(false);
  expect(readdirSync(join(folder, '.unfinished'))).toEqual([]);
  await store.remove(['media/1/image']);
  expect(await store.putFirst('media/1/image', Buffer.from('anew'), 'image/png')).toBe(true);
});

test('what was half written when the machine died is nowhere', async () => {
  const folder = folderOf();
  const store = await open(folder);
  async function* dying(): AsyncGenerator<Uint8Array> {
    yield Buffer.from('half');
    throw new Error('the connection is gone');
  }
  await expect(store.receive('uploads/1', dying(), 8)).rejects.toThrow('gone');
  expect(await store.receive('uploads/1', dying(), 3)).toBe(false);
  expect([await store.read('uploads/1'), readdirSync(join(folder, '.unfinished'))]).toEqual([undefined, []]);
  writeFileSync(join(folder, '.unfinished', 'left'), 'half');
  await open(folder);
  expect(readdirSync(join(folder, '.unfinished'))).toEqual([]);
});

test('parts become one object in their order; the same part again takes the place of the first; another than its tag says is refused', async () => {
  const folder = folderOf();
  const store = await open(folder);
  const parts = await store.beginParts('exports/1.csv', 'text/csv');
  const [, last] = [await store.putPart(parts, 1, Buffer.from('x')), await store.putPart(parts, 2, Buffer.from('two'))];
  const first = await store.putPart(parts, 1, Buffer.from('one '));
  expect(await store.read('exports/1.csv')).toBeUndefined();
  await expect(store.endParts(parts, [last, last])).rejects.toThrow('part 1');
  await store.endParts(parts, [first, last]);
  expect(textOf(await store.read('exports/1.csv'))).toBe('one two');
  expect(readdirSync(join(folder, '.parts'))).toEqual([]);

  const abandoned = await store.beginParts('exports/2.csv', 'text/csv');
  const going = await store.beginParts('exports/3.csv', 'text/csv');
  utimesSync(join(folder, '.parts', abandoned.uploadId), 0, 0);
  await open(folder);
  expect(readdirSync(join(folder, '.parts'))).toEqual([going.uploadId]);
});

test('no key leads out of the folder', async () => {
  const store = await open(folderOf());
  for (const key of ['../secret', 'media/../../secret', '/etc/passwd', '.parts/1', 'media//1', '', 'media/\u0000'])
    await expect((async () => store.read(key))()).rejects.toThrow('no key');
});

test('a link holds for what it was signed for, until its end', async () => {
  const store = await open(folderOf());
  const until = toInstant(plus(now, MINUTE));
  const { url } = await store.signUpload('uploads/1', { contentType: 'image/png', bytes: 5, until });
  const signature = new URL(url).searchParams.get('signature') ?? '';
  const link = { method: 'PUT', key: 'uploads/1', contentType: 'image/png', bytes: 5, until } as const;
  expect(store.verdictOn(link, signature)).toBe('holds');
  for (const other of [
    { key: 'uploads/2' },
    { contentType: 'text/html' },
    { bytes: 6 },
    { until: toInstant(plus(now, 2 * MINUTE)) },
    { method: 'GET' },
  ] as const)
    expect(store.verdictOn({ ...link, ...other }, signature)).toBe('forged');
  const past = toInstant(now);
  const ended = new URL((await store.signUpload('uploads/1', { contentType: 'image/png', bytes: 5, until: past })).url);
  expect(store.verdictOn({ ...link, until: past }, ended.searchParams.get('signature') ?? '')).toBe('expired');
});

test('what was put before the system died, and nobody was told of, is looked at when it comes back', async () => {
  const dataFolder = folderOf();
  const bytes = await picture('jpeg', { width: 60, height: 40 });
  const start = (): Promise<System> =>
    startSystem({ dataFolder, port: 0, demo: false, schedules: false, log: () => undefined, now: () => now });
  const ask = async (system: System, method: string, path: string, body?: object) => {
    const answer = await fetch(system.url + path, {
      method,
      headers: { authorization: `Bearer ${await system.token(resident)}`, 'content-type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    return answer.json() as Promise<{ id: string; status: string }>;
  };
  const before = await start();
  const { id } = await ask(before, 'POST', '/v1/media', { contentType: 'image/jpeg', bytes: bytes.length });
  await before.stop();
  await (await open(join(dataFolder, 'objects'))).put(`uploads/${id}`, bytes, 'image/jpeg');
  const after = await start();
  await after.settle();
  expect(await ask(after, 'GET', `/v1/media/${id}`)).toMatchObject({ status: 'ready' });
  await after.stop();
});

test('web pages of the allowed origins may use the links, and no others', async () => {
  let port = 0;
  const folder = folderOf();
  const store = await openFolderStore({ folder, secret: 'a secret', now: () => now, url: () => `http://127.0.0.1:${port}` });
  const server = await startObjectServer({
    store,
    host: '127.0.0.1',
    port: 0,
    allowedOrigins: ['https://app.example.gov.cn'],
    onPut: () => undefined,
    log: () => undefined,
  });
  ({ port } = server);
  const until = toInstant(plus(now, MINUTE));
  const { url } = await store.signUpload('uploads/1', { contentType: 'image/png', bytes: 1, until });
  const asked = async (origin: string) => {
    const preflight = { origin, 'access-control-request-method': 'PUT', 'access-control-request-headers': 'content-type' };
    const before = await fetch(url, { method: 'OPTIONS', headers: preflight });
    const then = await fetch(url, { method: 'PUT', headers: { origin, 'content-type': 'image/png' }, body: 'x' });
    return [before.headers.get('access-control-allow-methods'), then.status, then.headers.get('access-control-allow-origin')];
  };
  expect(await asked('https://app.example.gov.cn')).toEqual(['GET,HEAD,PUT', 200, 'https://app.example.gov.cn']);
  expect(await asked('https://evil.example')).toEqual([null, 200, null]);
  await server.stop();
});
