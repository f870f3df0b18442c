/** What channels and subscriptions cost: exact, from consumed capacity. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { sendCode } from '../../functions/notifications/send-code.ts';
import { openHouse, type House } from '../support/house.ts';
import { codeIn, somebody, subscribe, verifiedChannel } from '../support/notified.ts';
import { CAOSHIJIE, DACISI, SHUIJINGFANG } from '../support/people.ts';
import { Meter } from './support/meter.ts';
import { unitsBy } from './support/units-by.ts';

const meter = new Meter();
let house: House;
beforeAll(async () => {
  house = await openHouse();
  meter.attach(house.client);
});
afterAll(() => house.stop());

const unitsOf = unitsBy(meter);
const email = { kind: 'email', address: 'wang@example.cn' };

test('a channel takes 1 write unit, 4 with a key; its code 1; removing it 1 where nothing names it', async () => {
  const [wang, li] = [somebody(), somebody()];
  expect(await unitsOf(() => house.post('/v1/me/channels', wang, email))).toEqual({ read: 1, write: 1, writeCalls: 1 });
  expect(await unitsOf(() => house.post('/v1/me/channels', li, email, { key: 'a-key' }))).toEqual({ read: 1, write: 4, writeCalls: 1 });
  const { body } = await house.post('/v1/me/channels', wang, email);
  const verify = () => house.post(`/v1/me/channels/${body.id}/verify`, wang, { code: codeIn(house, body) });
  expect(await unitsOf(verify)).toEqual({ read: 1, write: 1, writeCalls: 1 });
  const remove = () => house.call('DELETE', `/v1/me/channels/${body.id}`, { as: wang });
  expect(await unitsOf(remove)).toEqual({ read: 1, write: 1, writeCalls: 1 });
});

test('subscribing takes 2 for the person and 2 for each division that comes, goes or is told of otherwise, in one transaction', async () => {
  const wang = somebody();
  const mail = await verifiedChannel(house, wang);
  const put = (...divisions: string[]) =>
    subscribe(
      house,
      wang,
      divisions.map((division) => ({ division, channels: [mail] })),
    );
  expect(await unitsOf(() => put(SHUIJINGFANG))).toEqual({ read: 2, write: 4, writeCalls: 1 });
  // Each entry has all subscriptions, so that the first is written anew.
  expect(await unitsOf(() => put(SHUIJINGFANG, DACISI))).toEqual({ read: 3, write: 6, writeCalls: 1 });
  expect(await unitsOf(() => put(CAOSHIJIE, DACISI))).toEqual({ read: 3, write: 8, writeCalls: 1 });
  // What concerns no alert leaves the entries alone.
  const prefer = () => house.call('PUT', '/v1/me/notifications', { as: wang, body: { channels: [mail], topics: ['requests'] } });
  expect(await unitsOf(prefer)).toEqual({ read: 1, write: 1, writeCalls: 1 });
  expect(await unitsOf(() => house.call('DELETE', `/v1/me/channels/${mail}`, { as: wang }))).toEqual({ read: 1, write: 6, writeCalls: 1 });
});

test('one’s own is read as it is now: 1 unit for each 4 KB', async () => {
  const wang = somebody();
  const mail = await verifiedChannel(house, wang);
  for (const path of [`/v1/me/channels/${mail}`, '/v1/me/channels', '/v1/me/alert-subscriptions', '/v1/me/notifications'])
    expect([path, await unitsOf(() => house.get(path, wang))]).toEqual([path, { read: 1, write: 0, writeCalls: 0 }]);
});

test('sending a code takes 2 read units and 1 write unit; the same event again 2 and none', async () => {
  const wang = somebody();
  await house.post('/v1/me/channels', wang, email);
  const event = { detail: { id: 'PERSON#key:1', data: { item: { sub: wang.sub } } } } as never;
  const send = () => sendCode(house.runtime)(event);
  expect(await unitsOf(send)).toEqual({ read: 2, write: 1, writeCalls: 1 });
  expect(await unitsOf(send)).toEqual({ read: 2, write: 0, writeCalls: 0 });
});
