/** A provider's bill of a day against the books: what differs is named, once, and what only lies on another day is no difference. */
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import type { BillLine } from '../../functions/data/payments.ts';
import { fen } from '../../functions/kernel/money.ts';
import { DAY } from '../../functions/kernel/time.ts';
import {
  CHANNEL,
  foundationOf,
  keeper,
  playMerchant,
  reactionsOf,
  type Foundation,
  type Merchant,
  type Reactions,
} from '../support/foundation.ts';
import { openHouse, type House } from '../support/house.ts';
import { ADMIN } from '../support/world.ts';

const auditor = { sub: 'auditor-of-the-city', roles: ['auditor'], division: '5101' };

let merchant: Merchant;
let house: House;
let foundation: Foundation;
let reactions: Reactions;
let fund: string;
beforeAll(async () => {
  merchant = playMerchant();
  house = await openHouse({ payments: merchant.payments });
  foundation = foundationOf(house);
  reactions = await reactionsOf(house);
  fund = await foundation.fund();
});
afterAll(() => house.stop());
beforeEach(() => {
  house.turn(2 * DAY);
  merchant.answers = () => 'succeeded';
  merchant.bill = [];
});

const ONLINE = { channel: CHANNEL } as const;
const payment = (order: string, more: Partial<BillLine> = {}): BillLine => ({
  kind: 'payment',
  order,
  transaction: `t-${order}`,
  amount: fen(1000),
  ...more,
});
const refundOf = (order: string, refund: string): BillLine => ({
  kind: 'refund',
  order,
  refund,
  transaction: `t-${order}`,
  amount: fen(300),
});
/** Compares the day that the clock is in, on the morning after, and says what the city's auditor reads of it. */
const compared = async (daysLater = 1) => {
  house.turn(daysLater * DAY);
  await house.schedule('paymentReconciliation');
  const { body } = await house.get(`/v1/payments/${CHANNEL}/reconciliations?division=5101&limit=1`, auditor);
  const { status, ours, theirs, differences } = body.items[0];
  return { status, ours, theirs, differences };
};

test('what both know agrees, refunds too', async () => {
  const gift = await foundation.gift(fund, ONLINE);
  const refund = await foundation.refund(gift, 300);
  await reactions.settle();
  merchant.bill = [payment(gift), refundOf(gift, refund)];
  const both = { count: 2, amount: 1300 };
  expect(await compared()).toEqual({ status: 'matched', ours: both, theirs: both, differences: [] });
});

test('what one of them lacks, or has otherwise, is named', async () => {
  const [missing, other] = [await foundation.gift(fund, ONLINE), await foundation.gift(fund, ONLINE)];
  merchant.bill = [payment(other, { amount: fen(999) })];
  const { status, differences } = await compared();
  expect(status).toBe('differs');
  expect(differences).toEqual(
    expect.arrayContaining([
      { kind: 'missingThere', of: 'payment', id: `t-${missing}`, ours: 1000 },
      { kind: 'amountDiffers', of: 'payment', id: `t-${other}`, ours: 1000, theirs: 999 },
    ]),
  );
  expect(differences.length).toBe(2);
});

test('a payment that its bill puts on the next day is missing on neither', async () => {
  const gift = await foundation.gift(fund, ONLINE);
  merchant.orders.set(gift, {
    kind: 'paid',
    transaction: `t-${gift}`,
    amount: fen(1000),
    paidAt: new Date(house.now()).toISOString() as never,
  });
  expect(await compared()).toMatchObject({ status: 'matched', differences: [] });
  merchant.bill = [payment(gift)];
  expect(await compared()).toMatchObject({ status: 'matched', ours: { count: 1, amount: 1000 }, differences: [] });
});

test('a refund that has gone by our books alone is named, unless the provider knows of it', async () => {
  const gift = await foundation.gift(fund, ONLINE);
  const refund = await foundation.refund(gift, 300);
  await reactions.settle();
  merchant.bill = [payment(gift)];
  merchant.answers = () => 'open';
  expect((await compared()).differences).toEqual([{ kind: 'missingThere', of: 'refund', id: refund, ours: 300 }]);
});

test('a refund that has failed by our books and gone by theirs is named', async () => {
  const gift = await foundation.gift(fund, ONLINE);
  merchant.answers = () => 'failed';
  const refund = await foundation.refund(gift, 300);
  await reactions.settle();
  merchant.bill = [payment(gift), refundOf(gift, refund)];
  expect((await compared()).differences).toEqual([{ kind: 'missingHere', of: 'refund', id: refund, theirs: 300 }]);
});

test('what only the bill knows of comes in by it, and is told of whenever it is compared again', async () => {
  const { id } = await foundation.promise(fund, ONLINE);
  merchant.bill = [payment(id)];
  const recovered = [{ kind: 'recoveredHere', of: 'payment', id: `t-${id}`, ours: 1000 }];
  expect((await compared()).differences).toEqual(recovered);
  expect((await foundation.donation(id)).status).toBe('received');
  expect((await compared(0)).differences).toEqual(recovered);
});

test('what belongs to nobody here is for who administers the country', async () => {
  merchant.bill = [payment('0'.repeat(26))];
  house.turn(DAY);
  await house.schedule('paymentReconciliation');
  const path = `/v1/payments/${CHANNEL}/reconciliations?limit=1`;
  const { body } = await house.get(path, ADMIN);
  expect(body.items[0].differences).toEqual([{ kind: 'missingHere', of: 'payment', id: `t-${'0'.repeat(26)}`, theirs: 1000 }]);
  for (const as of [auditor, keeper, { ...ADMIN, division: '51' }]) expect((await house.get(path, as)).status).toBe(403);
});
