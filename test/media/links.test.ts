import { request } from 'node:http';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { MINUTE } from '../../functions/kernel/time.ts';
import { neighbour, resident } from '../support/people.ts';
import { startWorld, type World } from '../support/world.ts';
import { announce, picture, put, uploaded, type Upload } from './support.ts';

let world: World;
let bytes: Buffer;
beforeAll(async () => {
  world = await startWorld();
  bytes = await picture('jpeg');
});
afterAll(() => world.stop());

const status = async (id: string): Promise<string> => (await world.get(`/v1/media/${id}`, resident)).body.status;

/** Says whatever it is told to of what it sends. */
const raw = (url: string, headers: Record<string, string>, body: Buffer): Promise<number> =>
  new Promise((resolve, reject) => {
    const sent = request(url, { method: 'PUT', headers }, (answer) => {
      answer.resume();
      resolve(answer.statusCode ?? 0);
    });
    // It may hang up before all of it is sent.
    sent.on('error', (error: Error & { code?: string }) =>
      error.code === 'EPIPE' || error.code === 'ECONNRESET' ? undefined : reject(error),
    );
    sent.end(body);
  });

const changed = ({ upload, ...media }: Upload, change: (url: URL) => void): Upload => {
  const url = new URL(upload.url);
  change(url);
  return { ...media, upload: { ...upload, url: url.toString() } };
};

describe('a link takes exactly what was announced', () => {
  test('the announced bytes, of the announced type, are taken', async () => {
    const media = await announce(world, resident, bytes.length);
    expect(media.upload).toMatchObject({
      method: 'PUT',
      headers: { 'content-type': 'image/jpeg', 'content-length': String(bytes.length) },
    });
    expect((await put(media, bytes)).status).toBe(200);
    await world.settle();
    expect(await status(media.id)).toBe('ready');
  });

  test.each<[string, (media: Upload) => Promise<number>]>([
    ['one byte more', async (media) => (await put(media, Buffer.concat([bytes, Buffer.from([0])]))).status],
    ['one byte less', async (media) => (await put(media, bytes.subarray(1))).status],
    ['another type', async (media) => (await put(media, bytes, { 'content-type': 'text/html' })).status],
    ['no type', async (media) => (await put(media, bytes, {})).status],
    ['no length', (media) => raw(media.upload.url, { 'content-type': 'image/jpeg', 'transfer-encoding': 'chunked' }, bytes)],
    [
      'another key',
      async (media) =>
        (
          await put(
            changed(media, (url) => (url.pathname = '/uploads/00000000000000000000000000')),
            bytes,
          )
        ).status,
    ],
    [
      'another end',
      async (media) =>
        (
          await put(
            changed(media, (url) => url.searchParams.set('until', '2036-11-24T09:00:00.000Z')),
            bytes,
          )
        ).status,
    ],
    [
      'a signature changed by one character',
      async (media) =>
        (
          await put(
            changed(media, (url) => url.searchParams.set('signature', `A${(url.searchParams.get('signature') ?? '').slice(1)}x`)),
            bytes,
          )
        ).status,
    ],
    [
      'no signature',
      async (media) =>
        (
          await put(
            changed(media, (url) => url.searchParams.delete('signature')),
            bytes,
          )
        ).status,
    ],
  ])('%s is refused', async (_what, send) => {
    const media = await announce(world, resident, bytes.length);
    expect(await send(media)).toBe(403);
    await world.settle();
    expect(await status(media.id)).toBe('pending');
    expect(await (await world.system.runtime.objects()).read(`uploads/${media.id}`)).toBeUndefined();
  });

  test('it ends after a quarter of an hour; the same Idempotency-Key gives another one of the same id', async () => {
    const key = { 'idempotency-key': 'picture-1' };
    const body = { contentType: 'image/jpeg', bytes: bytes.length };
    const first = await world.post('/v1/media', resident, body, key);
    world.turn(15 * MINUTE);
    expect((await put(first.body, bytes)).status).toBe(403);
    const again = await world.post('/v1/media', resident, body, key);
    expect([again.status, again.headers.get('idempotency-replayed'), again.body.id]).toEqual([201, 'true', first.body.id]);
    expect(again.headers.get('location')).toBe(`/v1/media/${first.body.id}`);
    expect((await put(again.body, bytes)).status).toBe(200);
    await world.settle();
    const ready = await world.post('/v1/media', resident, body, key);
    expect([ready.body.status, ready.body.upload]).toEqual(['ready', undefined]);
  });
});

describe('a link shows one picture, for a while, and runs nothing', () => {
  test('what it answers can be nothing but a picture to a browser', async () => {
    const id = await uploaded(world, resident, bytes);
    const { url, urlExpires } = (await world.get(`/v1/media/${id}`, resident)).body;
    expect(Date.parse(urlExpires) - world.now()).toBe(15 * MINUTE);
    expect(new URL(url).origin).not.toBe(world.url);
    const answer = await fetch(url);
    expect(answer.status).toBe(200);
    expect(
      Object.fromEntries(
        ['content-type', 'x-content-type-options', 'content-security-policy'].map((name) => [name, answer.headers.get(name)]),
      ),
    ).toEqual({
      'content-type': 'image/jpeg',
      'x-content-type-options': 'nosniff',
      'content-security-policy': "sandbox; default-src 'none'",
    });
    for (const change of [
      (link: URL) => link.searchParams.set('type', 'text/html'),
      (link: URL) => link.searchParams.set('fileName', 'a.html'),
      (link: URL) => (link.pathname = link.pathname.replace('image', 'thumbnail')),
      (link: URL) => link.searchParams.delete('signature'),
    ]) {
      const link = new URL(url);
      change(link);
      expect((await fetch(link)).status).toBe(403);
    }
    expect((await fetch(url, { method: 'PUT', body: 'x' })).status).toBe(403);
    world.turn(15 * MINUTE);
    expect((await fetch(url)).status).toBe(403);
  });

  test('nothing is listed, and no path leads out of the folder', async () => {
    const { origin } = new URL((await announce(world, resident, 1)).upload.url);
    for (const path of ['/', '/uploads/', '/..%2f..%2fetc%2fpasswd', '/media/../../secret?until=2036-11-24T09:00:00.000Z&signature=x'])
      expect((await fetch(origin + path)).status).toBe(403);
  });
});

describe('who may', () => {
  test('to everybody but who uploaded it, it is not there', async () => {
    const id = await uploaded(world, resident, bytes);
    const missing = await world.get('/v1/media/00000000000000000000000000', neighbour);
    const another = await world.get(`/v1/media/${id}`, neighbour);
    expect([another.status, another.body]).toEqual([404, missing.body]);
    expect((await world.get(`/v1/media/${id}`)).status).toBe(401);
  });

  test('other types are 415 for now, and what is too long or empty is a wrong field', async () => {
    for (const contentType of ['image/gif', 'image/svg+xml', 'application/pdf', 'text/html', 'image/heic', 'image/jpeg; charset=utf-8']) {
      const answer = await world.post('/v1/media', resident, { contentType, bytes: 1 });
      expect([contentType, answer.status, answer.body.code]).toEqual([contentType, 415, 'unsupportedMediaType']);
    }
    expect((await world.post('/v1/media', resident, { contentType: 'IMAGE/PNG', bytes: 10_485_760 })).body.contentType).toBe('image/png');
    for (const wrong of [0, -1, 10_485_761, 1.5, '5']) {
      const answer = await world.post('/v1/media', resident, { contentType: 'image/png', bytes: wrong });
      expect([wrong, answer.status, answer.body.errors[0].path]).toEqual([wrong, 422, 'bytes']);
    }
  });

  test('its answer is never 304: its links change by themselves', async () => {
    const id = await uploaded(world, resident, bytes);
    const first = await world.get(`/v1/media/${id}`, resident);
    const etag = first.headers.get('etag') ?? '';
    world.turn(MINUTE);
    const again = await world.call('GET', `/v1/media/${id}`, { as: resident, headers: { 'if-none-match': etag } });
    expect([again.status, again.headers.get('etag')]).toEqual([200, etag]);
    expect(again.body.url).not.toBe(first.body.url);
  });
});
