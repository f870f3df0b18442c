/** Code is held to what its declaration names, before IAM would do it. */
import { expect, test } from 'vitest';
import { OBJECT_RIGHTS, type ObjectRight, type ObjectStore } from '../../functions/data/object-store.ts';
import type { Runtime } from '../../functions/data/runtime.ts';
import { withUses } from '../../functions/data/scope.ts';
import { environmentFrom } from '../../functions/kernel/environment.ts';
import { epochMs, toInstant } from '../../functions/kernel/time.ts';

const until = toInstant(epochMs(0));
const parts = { key: 'media/1', uploadId: '1' };
const done =
  <T>(value: T) =>
  (): Promise<T> =>
    Promise.resolve(value);
const store: ObjectStore = {
  signUpload: done({ method: 'PUT', url: '', headers: {} }),
  signDownload: done(''),
  read: done(undefined),
  put: done(undefined),
  putFirst: done(true),
  remove: done(undefined),
  beginParts: done(parts),
  putPart: done(''),
  endParts: done(undefined),
};
const runtime: Runtime = {
  now: () => epochMs(0),
  random: () => new Uint8Array(),
  database: {
    find: done(undefined),
    read: done(undefined),
    readMany: done([]),
    query: done({ items: [], after: undefined }),
    write: done({ ok: true, value: undefined }),
    count: done(1),
  },
  objects: done(store),
  payments: {},
  secret: done(undefined),
  vault: done({ create: done(undefined), read: done('a key'), destroy: done(undefined) }),
  environment: environmentFrom({}),
  secrets: ['a secret'],
  log: () => undefined,
};

/** What each call takes: the rights that let it through. */
const LINKING: readonly ObjectRight[] = ['link', 'read', 'write', 'remove'];
const READING: readonly ObjectRight[] = ['read', 'write', 'remove'];
const PUTTING: readonly ObjectRight[] = ['put', 'drop', 'write', 'remove'];
const TAKING_PARTS: readonly ObjectRight[] = ['write', 'remove'];
const DROPPING: readonly ObjectRight[] = ['drop', 'remove'];
const CALLS: readonly (readonly [readonly ObjectRight[], string, (objects: ObjectStore) => unknown])[] = [
  [LINKING, 'signDownload', (objects) => objects.signDownload('media/1', { contentType: 'image/png', until })],
  [READING, 'read', (objects) => objects.read('media/1')],
  [PUTTING, 'signUpload', (objects) => objects.signUpload('media/1', { contentType: 'image/png', bytes: 1, until })],
  [PUTTING, 'put', (objects) => objects.put('media/1', new Uint8Array(), 'image/png')],
  [PUTTING, 'putFirst', (objects) => objects.putFirst('media/1', new Uint8Array(), 'image/png')],
  [TAKING_PARTS, 'beginParts', (objects) => objects.beginParts('media/1', 'text/csv')],
  [TAKING_PARTS, 'putPart', (objects) => objects.putPart(parts, 1, new Uint8Array())],
  [TAKING_PARTS, 'endParts', (objects) => objects.endParts(parts, [])],
  [DROPPING, 'remove', (objects) => objects.remove(['media/1'])],
];

test.each(CALLS)(
  'one of %j is what it takes to call %s; without it the call fails, and says the least to declare',
  async (enough, _name, call) => {
    const calling = (granted?: ObjectRight) => async () => {
      const scoped = withUses(runtime, {}, 'a test', granted === undefined ? { 'exports/': 'remove' } : { 'media/': granted });
      await call(await scoped.objects());
    };
    await expect(calling()()).rejects.toThrow(`a test does not declare 'media/': '${enough[0]}' in its \`objects\``);
    for (const granted of OBJECT_RIGHTS) {
      if (enough.includes(granted)) await expect(calling(granted)()).resolves.toBeUndefined();
      else await expect(calling(granted)()).rejects.toThrow('does not declare');
    }
  },
);

test('one key among several that is not declared keeps all from being removed', async () => {
  const objects = await withUses(runtime, {}, 'a test', { 'media/': 'remove' }).objects();
  expect(() => objects.remove(['media/1', 'exports/1'])).toThrow("'exports/': 'drop'");
});

test('who may make secrets may not open them, and who may open them makes none', async () => {
  const [making, opening, none] = await Promise.all(
    (['create', 'open', undefined] as const).map((right) => withUses(runtime, {}, 'this', {}, right).vault()),
  );
  await expect(making?.create('a', 'b')).resolves.toBeUndefined();
  expect(() => making?.read('a')).toThrow("this does not declare `vault: 'open'`");
  expect(() => making?.destroy('a')).toThrow("this does not declare `vault: 'open'`");
  await expect(opening?.read('a')).resolves.toBe('a key');
  await expect(opening?.destroy('a')).resolves.toBeUndefined();
  expect(() => opening?.create('a', 'b')).toThrow("this does not declare `vault: 'create'`");
  for (const call of [() => none?.create('a', 'b'), () => none?.read('a'), () => none?.destroy('a')])
    expect(call).toThrow('does not declare');
});
