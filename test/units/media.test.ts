/** What pictures cost, read and written: exact, from consumed capacity. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { HOUR, SECOND } from '../../functions/kernel/time.ts';
import { announce, ask, comment, picture, put, uploaded } from '../media/support.ts';
import { resident } from '../support/people.ts';
import { startWorld, type World } from '../support/world.ts';
import { Meter } from './support/meter.ts';
import { unitsBy } from './support/units-by.ts';

const meter = new Meter();
let world: World;
let bytes: Buffer;
beforeAll(async () => {
  world = await startWorld({ prepare: meter.attach });
  bytes = await picture('jpeg', { width: 60, height: 40 });
});
afterAll(() => world.stop());

const unitsOf = unitsBy(meter);

test('announcing takes 3 write units, with a key 6: the item, its entry among its owner’s and among what is due, the record', async () => {
  expect(await unitsOf(() => announce(world, resident, bytes.length))).toEqual({ read: 0, write: 3, writeCalls: 1 });
  const body = { contentType: 'image/jpeg', bytes: bytes.length };
  const keyed = await unitsOf(() => world.post('/v1/media', resident, body, { 'idempotency-key': 'a-picture' }));
  expect(keyed).toEqual({ read: 0, write: 6, writeCalls: 1 });
});

test('looking at it takes two reads and a write', async () => {
  const media = await announce(world, resident, bytes.length);
  const looked = await unitsOf(async () => {
    await put(media, bytes);
    await world.settle();
  });
  expect(looked).toEqual({ read: 2, write: 1, writeCalls: 1 });
  expect(await unitsOf(() => world.get(`/v1/media/${media.id}`, resident))).toEqual({ read: 0.5, write: 0, writeCalls: 0 });
});

test('a request without pictures costs what it did, to make and to read', async () => {
  let id = '';
  const made = await unitsOf(async () => {
    id = (await ask(world, resident, [])).body.id;
  });
  expect(made).toEqual({ read: 1, write: 5, writeCalls: 1 });
  expect(await unitsOf(() => world.get(`/v1/requests/${id}`, resident))).toEqual({ read: 0.5, write: 0, writeCalls: 0 });
});

test('each picture of a request costs 2 write units more and a read, and a read when the request is shown', async () => {
  const media = [await uploaded(world, resident, bytes), await uploaded(world, resident, bytes)];
  let id = '';
  const made = await unitsOf(async () => {
    id = (await ask(world, resident, media)).body.id;
  });
  // It is a transaction now: the item twice, four entries, two claims of two.
  expect(made).toEqual({ read: 3, write: 2 + 4 + 2 * 2, writeCalls: 1 });
  await world.settle();
  expect(await unitsOf(() => world.get(`/v1/requests/${id}`, resident))).toEqual({ read: 2.5, write: 0, writeCalls: 0 });
});

test('each picture of a comment costs 2 write units more and two reads, and a read when the request is shown; without any nothing', async () => {
  const say = async (media?: readonly string[]): Promise<string> => {
    const id = (await ask(world, resident, [])).body.id;
    await world.settle();
    world.turn(SECOND);
    said = await unitsOf(() => comment(world, resident, id, [], { media }));
    return id;
  };
  let said = { read: 0, write: 0, writeCalls: 0 };
  const without = await say();
  // The request and the version of its service; a transaction of the item, the comment and three lists.
  expect(said).toEqual({ read: 1.5, write: 7, writeCalls: 1 });
  expect(await unitsOf(() => world.get(`/v1/requests/${without}`, resident))).toEqual({ read: 0.5, write: 0, writeCalls: 0 });
  const media = [await uploaded(world, resident, bytes), await uploaded(world, resident, bytes)];
  const shown = await say(media);
  expect(said).toEqual({ read: 1.5 + 2 * 2, write: 7 + 2 * 2, writeCalls: 1 });
  const told = await unitsOf(() => world.settle());
  expect(told).toEqual({ read: 2, write: 4, writeCalls: 2 });
  expect(await unitsOf(() => world.get(`/v1/requests/${shown}`, resident))).toEqual({ read: 2.5, write: 0, writeCalls: 0 });
});

test('cleaning up asks each of 16 shards once, and nothing is scanned', async () => {
  world.turn(27 * HOUR);
  await world.schedule('retention');
  const nothing = await unitsOf(() => world.schedule('retention'));
  expect(nothing).toEqual({ read: 16 * 0.5, write: 0, writeCalls: 0 });
  await uploaded(world, resident, bytes);
  world.turn(27 * HOUR);
  const one = await unitsOf(() => world.schedule('retention'));
  // The item, and the claims of a request or a report that are not there; the item and both its entries go.
  expect(one).toEqual({ read: 16 * 0.5 + 1 + 1 + 1, write: 3, writeCalls: 1 });
});

test('attaching takes a read and a write, and the entry among what is due', async () => {
  const id = await uploaded(world, resident, bytes);
  const metered = await meter.of(async () => {
    await ask(world, resident, [id]);
    await world.settle();
  });
  const ofPictures = metered.readings.filter(({ table }) => table.endsWith('media'));
  expect(ofPictures.reduce((sum, { write }) => sum + write, 0)).toBe(2);
  // Asking whether it may be has read it once before.
  expect(ofPictures.reduce((sum, { read }) => sum + read, 0)).toBe(2);
});
