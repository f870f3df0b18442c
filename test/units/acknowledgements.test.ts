/** What answers to alerts cost: exact, from consumed capacity. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { alertReactions, answer, issued } from '../alerts/support/alerts.ts';
import { openHouse, type House } from '../support/house.ts';
import { alertOfficer, CAOSHIJIE, DACISI, dispatcher, resident, SHUIJINGFANG, worker } from '../support/people.ts';
import { Meter } from './support/meter.ts';
import { sizeOf, storedOf } from './support/size.ts';
import { unitsBy } from './support/units-by.ts';

const meter = new Meter();
let house: House;
let alert: string;
beforeAll(async () => {
  house = await openHouse();
  alert = await issued(house);
  meter.attach(house.client);
});
afterAll(() => house.stop());

const unitsOf = unitsBy(meter);
let calls = 0;
const says = (state: string, more: object = {}) =>
  unitsOf(() => answer(house, alert, resident, { state, ...more }, { key: `answer-${++calls}` }));

test('an answer takes 8 write units: itself, two entries, the sum, and the record of its key', async () => {
  expect(await says('safe')).toEqual({ read: 2.5, write: 8, writeCalls: 1 });
});

test('another in its place takes as many, since it moves in the list; 10 from another community', async () => {
  expect(await says('needHelp', { note: '一楼进水，老人行动不便' })).toEqual({ read: 3.5, write: 8, writeCalls: 1 });
  expect(await says('safe', { community: DACISI })).toEqual({ read: 2.5, write: 10, writeCalls: 1 });
});

test('an answer stays below 1 KB with all that somebody in need says, and a sum below 100 bytes', async () => {
  const told = {
    note: '一楼进水，老人行动不便，需要轮椅',
    address: '水井街 1 号 2 栋 3 单元 101',
    location: { lat: 30.6461, long: 104.0913 },
    contact: { name: '王', phone: '13800000000' },
  };
  const { body } = await answer(house, alert, { ...resident, sub: crypto.randomUUID() }, { state: 'needHelp', ...told });
  const items = [...((await house.content(['alerts']))['alerts']?.values() ?? [])];
  const item = items.find(({ id }) => id === body.id);
  const sum = items.find(({ pk, sk }) => pk.startsWith(`ANSWERS#${alert}#`) && sk === SHUIJINGFANG);
  expect(sizeOf(storedOf(item as never))).toBeLessThan(1024);
  expect(sizeOf(storedOf(sum as never))).toBeLessThan(100);
});

test('reading an answer takes half a unit; what somebody else reads is written down', async () => {
  const { body } = await answer(house, alert, resident, { state: 'safe' });
  const path = `/v1/alerts/${alert}/acknowledgements/${body.id}`;
  expect(await unitsOf(() => house.get(path, resident))).toEqual({ read: 0.5, write: 0, writeCalls: 0 });
  expect(await unitsOf(() => house.get(path, worker))).toEqual({ read: 0.5, write: 1, writeCalls: 1 });
});

test('twenty who need help in a community take two short queries, however many are safe', async () => {
  for (let index = 0; index < 60; index++)
    await answer(house, alert, { ...resident, sub: `r-${index}` }, { state: index % 3 === 0 ? 'needHelp' : 'safe', community: CAOSHIJIE });
  const listed = await meter.of(() =>
    house.get(`/v1/alerts/${alert}/acknowledgements?state=needHelp&community=${CAOSHIJIE}`, { ...worker, division: CAOSHIJIE }),
  );
  expect(listed.read).toBeLessThanOrEqual(1 + 2);
});

test('the reach of an alert takes half a unit for each of 32 lists, and half a one for each 4 KB of sums', async () => {
  const { read, write } = await meter.of(() => house.get(`/v1/alerts/${alert}/reach`, alertOfficer));
  expect(read).toBe(1 + 32 * 0.5);
  expect(write).toBe(0);
});

test('opening a request takes what a request does', async () => {
  const reactions = await alertReactions(house);
  await answer(house, alert, { ...resident, sub: 'help' }, { state: 'needHelp', note: '停电', community: SHUIJINGFANG });
  const events = await reactions.events();
  const { read, write } = await meter.of(async () => {
    for (const event of events) await reactions.deliver(event);
  });
  expect([read, write]).toEqual([3.5, 5]);
  expect((await house.get('/v1/requests?service=urgentHelp', dispatcher)).body.items).toHaveLength(1);
});
