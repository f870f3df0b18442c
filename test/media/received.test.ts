/** Pictures that a client sends in the form of its report, as older clients of Open311 do. */
import sharp from 'sharp';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ADMIN, startWorld, type World } from '../support/world.ts';
import { DACISI, dispatcher, SHUIJINGFANG } from '../support/people.ts';
import { bytesAt, picture, SECRETS } from './support.ts';

let world: World;
let key: string;
beforeAll(async () => {
  world = await startWorld();
  key = (await world.post('/v1/open311/keys', ADMIN, { name: '随手拍', division: '510104' })).body.key;
});
afterAll(() => world.stop());

const REPORT = { service_code: 'streetLamp', 'attribute[community]': SHUIJINGFANG, description: '路灯不亮，见照片' };

const send = async (
  files: readonly Uint8Array[],
  more: Readonly<Record<string, string>> = {},
): Promise<{ readonly status: number; readonly id: string; readonly text: string }> => {
  const form = new FormData();
  for (const [name, value] of Object.entries({ api_key: key, ...REPORT, ...more })) form.append(name, value);
  for (const [index, bytes] of files.entries()) form.append('media', new Blob([Uint8Array.from(bytes)]), `${index}.jpg`);
  const answer = await fetch(`${world.url}/open311/v2/requests.json`, { method: 'POST', body: form });
  const text = await answer.text();
  return { status: answer.status, text, id: JSON.parse(text)[0].service_request_id };
};

test('they are looked at like all others, and go with the request on both faces', async () => {
  const jpeg = await picture('jpeg', { orientation: 6 });
  expect(jpeg.includes('SecretPhone')).toBe(true);
  const { status, id, text } = await send([jpeg, Buffer.from('<html><script>alert(1)</script>')]);
  expect([status, text]).toEqual([200, expect.any(String)]);
  await world.settle();
  const { body } = await world.get(`/v1/requests/${id}`);
  expect(body.media).toMatchObject([
    { status: 'ready', contentType: 'image/jpeg', url: expect.any(String) },
    { status: 'refused', reason: 'unknownFormat' },
  ]);
  expect(body.media[1].url).toBeUndefined();
  const [record] = (await world.get(`/open311/v2/requests/${id}.json?extensions=true`)).body;
  expect(record.extended_attributes.photos).toHaveLength(1);
  const image = await bytesAt(record.media_url);
  for (const secret of SECRETS) expect(image.includes(secret)).toBe(false);
  const { width, height, exif } = await sharp(image).metadata();
  expect([width, height, exif]).toEqual([400, 600, undefined]);
});

test('a report that is refused leaves none, and too many or too large ones refuse it', async () => {
  const jpeg = await picture('jpeg', { width: 60, height: 40 });
  expect((await send([jpeg], { api_key: 'wrong' })).status).toBe(403);
  expect((await send([jpeg], { service_code: 'noSuchService' })).status).toBe(404);
  expect((await send([jpeg], { lat: 'north' })).status).toBe(400);
  expect((await send(Array.from({ length: 11 }, () => jpeg))).status).toBe(400);
  expect((await send([Buffer.alloc(4 * 1024 * 1024)])).status).toBe(400);
  // Without pictures a form is as small as any.
  expect((await send([], { description: '长'.repeat(400_000) })).status).toBe(400);
  expect((await send([jpeg], { 'attribute[community]': DACISI })).status).toBe(200);
});

test('sent twice under the client’s own id they are kept once', async () => {
  const jpeg = await picture('png', { width: 60, height: 40 });
  const own = { 'attribute[fixmystreet_id]': '4711' };
  const [first, second] = [await send([jpeg], own), await send([jpeg], own)];
  await world.settle();
  expect(second.id).toBe(first.id);
  expect((await world.get(`/v1/requests/${first.id}`, dispatcher)).body.media).toHaveLength(1);
});
