/** A gift is promised by whoever gives, or for them; and a report speaks to everybody. */
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Order, PaymentProvider } from '../../functions/data/payments.ts';
import { CHANNEL, foundationOf, FUND, keeper, playMerchant, type Foundation } from '../support/foundation.ts';
import { openHouse, type House } from '../support/house.ts';
import { neighbour, worker } from '../support/people.ts';

let house: House;
let foundation: Foundation;
let fund: string;
const orders: Order[] = [];
beforeAll(async () => {
  const { payments } = playMerchant();
  const provider = (dependencies: Parameters<NonNullable<(typeof payments)[string]>>[0]): PaymentProvider => {
    const played = payments[CHANNEL]?.(dependencies);
    if (played === undefined) throw new Error('there is no merchant');
    return {
      ...played,
      methods: ['h5', 'page'],
      create: (order) => {
        orders.push(order);
        return played.create(order);
      },
    };
  };
  house = await openHouse({ payments: { [CHANNEL]: provider } });
  foundation = foundationOf(house);
  fund = await foundation.fund();
});
afterAll(() => house.stop());

test('a worker records a gift for a resident of theirs to any fund, as the resident could give; both are recorded', async () => {
  const { body: county } = await house.post('/v1/funds', { ...keeper, division: '51' }, { ...FUND, division: '5101' });
  const gift = { fund: county.id, amount: 5000, donor: { name: '张奶奶', anonymous: false }, channel: 'cash' };
  const onBehalfOf = { name: '张奶奶', phone: '13800000000' };
  const { status, body } = await house.post('/v1/donations', worker, { ...gift, onBehalfOf });
  expect(status).toBe(201);
  expect((await house.get(`/v1/donations/${body.id}`, { ...keeper, division: '51' })).body).toMatchObject({ onBehalfOf });
  expect((await house.post('/v1/donations', neighbour, { ...gift, onBehalfOf })).status).toBe(403);
});

test('who asks again how to pay, in another language, asks for the same order', async () => {
  const sent = { as: neighbour, key: randomUUID(), body: {} };
  const body = { fund, amount: 1000, donor: { anonymous: true }, channel: CHANNEL, payment: { method: 'h5' } };
  for (const language of ['zh-CN', 'en'])
    await house.call('POST', '/v1/donations', { ...sent, body, headers: { 'accept-language': language } });
  expect(orders.length).toBe(2);
  expect(orders[1]).toEqual(orders[0]);
});

test('a report does not name the person who has received: everybody reads it', async () => {
  await foundation.gift(fund);
  const recipient = { kind: 'person', name: '张三丰' };
  const grant = await foundation.grant(fund, 100, undefined, { recipient });
  const named = await house.post(`/v1/grants/${grant}/report`, keeper, { text: '张三丰已收到。' });
  expect([named.status, named.body.errors]).toEqual([422, [expect.objectContaining({ path: 'text' })]]);
  expect((await house.post(`/v1/grants/${grant}/report`, keeper, { text: '受助老人已收到。' })).status).toBe(200);
});
