/** What the message gateway says later of what it has taken: believed where it is signed, and counted once. */
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { MINUTE, SECOND } from '../../functions/kernel/time.ts';
import { alertingIn, anAlert, signedByGateway, type Alerting } from '../support/alerting.ts';
import { openHouse, type Answered, type House } from '../support/house.ts';

let house: House;
let alerting: Alerting;
let number = 0;
let alert = '';
beforeAll(async () => {
  house = await openHouse();
  alerting = await alertingIn(house);
  await alerting.subscribe([{ key: 'ONE' }, { key: 'TWO' }, { key: 'BOTH', channels: ['sms', 'email'] }]);
});
afterAll(() => house.stop());
beforeEach(async () => {
  alerting.forget();
  await alerting.skip();
  alert = `HEARD${++number}`;
  alerting.answer(() => ({ kind: 'handed' }));
});

const send = (receipts: unknown, more: Readonly<Record<string, string>> = {}, at = house.now()): Promise<Answered> => {
  const { body, headers } = signedByGateway(house.runtime, at, JSON.stringify(receipts));
  return house.call('POST', '/v1/messages/receipts', { body, headers: { ...headers, ...more } });
};
const idOf = (channel: string): string => alerting.carried.findLast((each) => each.channel === channel)?.letter.id ?? '';

test('a letter that was handed is delivered or has failed once it is said, once, and a person is counted by the best of theirs', async () => {
  await alerting.issue({ id: alert });
  expect(await alerting.counts(alert)).toEqual({ targeted: 3, handed: 3, delivered: 0, failed: 0 });
  const first = [
    { id: idOf('ONE-sms'), status: 'delivered' },
    { id: idOf('TWO-sms'), status: 'failed' },
    { id: idOf('BOTH-sms'), status: 'failed' },
  ];
  for (let time = 0; time < 2; time++) {
    expect(await send(first)).toMatchObject({ status: 200, body: { taken: 3 } });
    expect(await alerting.counts(alert)).toEqual({ targeted: 3, handed: 2, delivered: 1, failed: 1 });
  }
  // The other way has got through.
  expect((await send([{ id: idOf('BOTH-email'), status: 'delivered' }])).status).toBe(200);
  expect(await alerting.counts(alert)).toEqual({ targeted: 3, handed: 2, delivered: 2, failed: 1 });
  expect((await send([{ id: idOf('ONE-sms'), status: 'failed' }])).status).toBe(200);
  expect(await alerting.counts(alert)).toEqual({ targeted: 3, handed: 2, delivered: 2, failed: 1 });
});

test('fifty times at once it counts once', async () => {
  await alerting.issue({ id: alert });
  const receipts = ['ONE-sms', 'TWO-sms', 'BOTH-email'].map((channel) => ({ id: idOf(channel), status: 'delivered' }));
  const answers = await Promise.all(Array.from({ length: 50 }, () => send(receipts)));
  expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]));
  expect(await alerting.counts(alert)).toEqual({ targeted: 3, handed: 3, delivered: 3, failed: 0 });
});

test('of what is just being sent it says to tell again, and that has an effect once it is written down', async () => {
  await alerting.put(anAlert(house, { id: alert }));
  await alerting.plan({ id: alert });
  for (const piece of await alerting.events()) await alerting.deliver(piece);
  const batches = await alerting.events();
  const { batch } = (batches.find((event) => event['detail-type'].startsWith('alertBatch'))?.detail.data.item ?? {}) as { batch?: string };
  const early = await send([{ id: `${batch}:ONE-sms`, status: 'delivered' }]);
  expect([early.status, early.headers['retry-after']]).toEqual([503, '5']);
  for (const event of batches) await alerting.deliver(event);
  expect((await send([{ id: idOf('ONE-sms'), status: 'delivered' }])).status).toBe(200);
  expect(await alerting.counts(alert)).toMatchObject({ handed: 3, delivered: 1 });
});

test('nothing is believed that is not signed, not signed so, or not from just now; what is wrong is named', async () => {
  await alerting.issue({ id: alert });
  const receipts = [{ id: idOf('ONE-sms'), status: 'delivered' }];
  const unsigned = await house.call('POST', '/v1/messages/receipts', { body: JSON.stringify(receipts) });
  const answers = [
    unsigned,
    await send(receipts, { 'webhook-signature': `v1,${'A'.repeat(43)}=` }),
    await send(receipts, { 'webhook-id': 'another' }),
    await send(receipts, {}, (house.now() - 6 * MINUTE) as never),
    await send(receipts, {}, (house.now() + 301 * SECOND) as never),
  ];
  expect(answers.map(({ status }) => status)).toEqual([401, 401, 401, 401, 401]);
  expect(await alerting.counts(alert)).toEqual({ targeted: 3, handed: 3, delivered: 0, failed: 0 });
  const wrong = await send([{ id: 'x', status: 'lost' }, { id: 7 }]);
  expect([wrong.status, wrong.body.errors.map(({ path }: { path: string }) => path)]).toEqual([422, ['0.status', '1.id', '1.status']]);
  const { headers } = signedByGateway(house.runtime, house.now(), '{');
  expect((await house.call('POST', '/v1/messages/receipts', { body: '{', headers })).status).toBe(400);
  // Codes, notices and letters of nobody are not followed.
  expect(await send(['code:1', 'ALERT:51.0:1', 'ALERT:51.0:9:nobody', '::::'].map((id) => ({ id, status: 'dead' })))).toMatchObject({
    status: 200,
    body: { taken: 0 },
  });
});

test('an address that is nobody’s any more is retired, and told of no more', async () => {
  await alerting.issue({ id: alert });
  expect((await send([{ id: idOf('TWO-sms'), status: 'dead' }])).status).toBe(200);
  expect(await alerting.statusOf({ key: 'TWO' }, 'sms')).toBe('dead');
  expect(await alerting.counts(alert)).toEqual({ targeted: 3, handed: 2, delivered: 0, failed: 1 });
  await alerting.issue({ id: `${alert}AGAIN` });
  expect(await alerting.counts(`${alert}AGAIN`)).toEqual({ targeted: 2, handed: 2, delivered: 0, failed: 0 });
});
