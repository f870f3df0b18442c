/** What planning an alert and telling its readers cost: exact, from consumed capacity. */
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { telling } from '../../functions/notifications/notices/tell.ts';
import { alertingIn, anAlert, keysInOneList, type Alerting } from '../support/alerting.ts';
import { openHouse, type House } from '../support/house.ts';
import { somebody, verifiedChannel } from '../support/notified.ts';
import { SHUIJINGFANG } from '../support/people.ts';
import { Meter } from './support/meter.ts';
import { unitsBy } from './support/units-by.ts';

const meter = new Meter();
let house: House;
let alerting: Alerting;
beforeAll(async () => {
  house = await openHouse();
  alerting = await alertingIn(house);
  await alerting.subscribe(keysInOneList(100).map((key) => ({ key, home: SHUIJINGFANG })));
  meter.attach(house.client);
});
afterAll(() => house.stop());
beforeEach(async () => {
  await alerting.skip();
  alerting.forget();
});

const unitsOf = unitsBy(meter);
type Event = Awaited<ReturnType<Alerting['events']>>[number];
const isWithPeople = ({ detail }: Event): boolean => detail.subject.endsWith('#510104.0');
const only = (events: readonly Event[], type: string): Event => {
  const [event, ...others] = events.filter((each) => each['detail-type'] === type);
  if (event === undefined || others.length > 0) throw new Error(`${others.length + 1} events ${type}, or none`);
  return event;
};
/** The pieces of an alert. */
const planned = async (id: string): Promise<readonly Event[]> => {
  const alert = anAlert(house, { id });
  await alerting.put(alert);
  await alerting.plan(alert);
  return alerting.events();
};
/** The one batch of an alert, of a hundred. */
const batchOf = async (id: string): Promise<Event> => {
  for (const piece of await planned(id)) await alerting.deliver(piece);
  return only(await alerting.events(), 'alertBatch.plannedRed');
};

test('planning: the alert and 12 pieces, 1 write unit each; a piece of empty lists ends with 1', async () => {
  const alert = anAlert(house, { id: 'PLAN' });
  await alerting.put(alert);
  expect(await unitsOf(() => alerting.plan(alert))).toEqual({ read: 1, write: 12, writeCalls: 12 });
  const empty = (await alerting.events()).find((event) => !isWithPeople(event));
  if (empty === undefined) throw new Error('every piece has people');
  // The piece and the alert; its four lists are empty, 0.5 each.
  expect(await unitsOf(() => alerting.deliver(empty))).toEqual({ read: 4, write: 1, writeCalls: 1 });
});

test('a page with a hundred recipients: 7 write units in a transaction, and 1 when the piece is through', async () => {
  const piece = (await planned('WALK')).find(isWithPeople);
  if (piece === undefined) throw new Error('there is no such piece');
  const { write, writeCalls, readings } = await meter.of(() => alerting.deliver(piece));
  // Entries are read whole though little of them is fetched, which only the engine's own count knows.
  const pages = readings.filter(({ command }) => command === 'Query').map(({ reported }) => reported);
  expect(pages.toSorted((one, other) => other - one)).toEqual([3.5, ...Array.from({ length: 11 }, () => 0.5)]);
  // Piece, batch and sum 2 each, the sum's index 1; the piece once more at its end.
  expect({ write, writeCalls }).toEqual({ write: 8, writeCalls: 2 });
});

test('a batch of a hundred: 11 write units, 3 of them for the lease; its event again reads it', async () => {
  const batch = await batchOf('TELL');
  // Read and taken; three chunks; the last in a transaction with the sum, which is new. The index of what is due: on with the lease, and off.
  expect(await unitsOf(() => alerting.deliver(batch))).toEqual({ read: 8.5, write: 2 + 3 + 5 + 1, writeCalls: 5 });
  expect(alerting.carried).toHaveLength(100);
  expect(await unitsOf(() => alerting.deliver(batch))).toEqual({ read: 1, write: 0, writeCalls: 0 });
});

test('the same where more may be heard of each letter: the batch grows by 45 bytes each', async () => {
  const batch = await batchOf('HAND');
  alerting.answer(() => ({ kind: 'handed' }));
  expect(await unitsOf(() => alerting.deliver(batch))).toEqual({ read: 8.5, write: 29, writeCalls: 5 });
});

test('a notice takes the person and 4 write units, put when it is taken and when it has gone, each with the index; its event again none', async () => {
  const wang = somebody();
  const mail = await verifiedChannel(house, wang);
  await house.call('PUT', '/v1/me/notifications', { as: wang, body: { channels: [mail], topics: ['requests'] } });
  const { tell } = telling(house.runtime, () => Promise.resolve({ kind: 'handed' }));
  const notice = {
    id: 'one',
    topic: 'requests',
    sub: wang.sub,
    subject: { 'zh-CN': '新' },
    text: { 'zh-CN': '已受理' },
    about: 'requests/1',
  } as const;
  expect(await unitsOf(() => tell(notice))).toEqual({ read: 1, write: 4, writeCalls: 2 });
  expect(await unitsOf(() => tell(notice))).toEqual({ read: 2, write: 0, writeCalls: 0 });
});
