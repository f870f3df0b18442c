/** A provider's bill of a day against the books: what differs is named, once, and what only lies on another day is no difference. */
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import type { BillLine } from '../../functions/data/payments.ts';
import { fen } from '../../functions/kernel/money.ts';
import { DAY, dayOf, plus, toInstant } from '../../functions/kernel/time.ts';
import {
  CHANNEL,
  foundationOf,
  keeper,
  playMerchant,
  reactionsOf,
  told,
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
  await reactions.settle();
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

test('a payment that was told a day late is on the day on which it was paid', async () => {
  const { id } = await foundation.promise(fund, ONLINE);
  const fact = foundation.paid(id, 1000);
  house.turn(DAY);
  await house.call('POST', `/v1/payments/${CHANNEL}/notifications`, told(fact, house.now()));
  house.turn(-DAY);
  merchant.bill = [payment(id)];
  expect(await compared()).toMatchObject({ status: 'matched', ours: { count: 1, amount: 1000 }, differences: [] });
});

test('before the reaction has listed what is booked, the bill itself is looked up', async () => {
  const gift = await foundation.gift(fund, ONLINE);
  const refund = await foundation.refund(gift, 300);
  for (const event of await reactions.events()) if (event['detail-type'] !== 'journal.posted') await reactions.deliver(event);
  const late = await reactions.events();
  merchant.bill = [payment(gift), refundOf(gift, refund)];
  const before = house.now();
  house.turn(DAY);
  await house.schedule('paymentReconciliation');
  const path = `/v1/payments/${CHANNEL}/reconciliations?division=5101&limit=1`;
  const both = { count: 2, amount: 1300 };
  expect((await house.get(path, auditor)).body.items[0]).toMatchObject({ status: 'matched', ours: both, theirs: both });
  for (const event of late) await reactions.deliver(event);
  house.turnTo(new Date(before).toISOString());
});

test('a page of lines that are there twice, or of one order, counts each once', async () => {
  const { id } = await foundation.promise(fund, ONLINE);
  const gift = await foundation.gift(fund, ONLINE);
  const second = payment(id, { transaction: `second-${id}` });
  merchant.bill = [payment(id), payment(id), second, payment(gift), payment(gift)];
  const { ours, theirs } = await compared();
  expect([ours, theirs]).toEqual([
    { count: 3, amount: 3000 },
    { count: 3, amount: 3000 },
  ]);
});

test('where its time is up it stops between two lines and says so; run again it goes on, and tells of all of it', async () => {
  const ids: string[] = [];
  for (let gift = 0; gift < 30; gift++) ids.push((await foundation.promise(fund, ONLINE)).id);
  merchant.bill = ids.map((id) => payment(id));
  house.turn(DAY);
  const time = toInstant(house.now());
  const came = async (): Promise<number> =>
    (await Promise.all(ids.map((id) => foundation.donation(id)))).filter(({ status }) => status === 'received').length;
  await expect(house.schedule('paymentReconciliation', time, () => 0)).rejects.toThrow(/too short .*: run it again for /);
  expect(await came()).toBe(0);
  let left = 3;
  await expect(house.schedule('paymentReconciliation', time, () => (left-- > 0 ? 900_000 : 0))).rejects.toThrow(/too short/);
  const atFirst = await came();
  expect([atFirst > 0, atFirst < 30]).toEqual([true, true]);
  expect(house.logs).toContainEqual(expect.objectContaining({ code: 'reconciliationUnfinished', channel: CHANNEL }));
  const path = `/v1/payments/${CHANNEL}/reconciliations?division=5101&limit=1`;
  const { day } = (await house.get(path, auditor)).body.items[0];
  expect(day < dayOf(plus(house.now(), -DAY))).toBe(true);
  await house.schedule('paymentReconciliation', time);
  const [report] = (await house.get(path, auditor)).body.items;
  expect(report).toMatchObject({ status: 'differs', ours: { count: 30, amount: 30_000 }, theirs: { count: 30, amount: 30_000 } });
  expect(report.differences).toEqual(ids.toSorted().map((id) => ({ kind: 'recoveredHere', of: 'payment', id: `t-${id}`, ours: 1000 })));
});

test('it looks through no fund: what was booked is listed by channel and day, and funds of one account are not swept', async () => {
  for (let one = 0; one < 3; one++) await foundation.gift(await foundation.fund(), ONLINE);
  const wide = await foundation.fund(3);
  await foundation.gift(wide, ONLINE);
  await reactions.settle();
  const asked: unknown[] = [];
  house.faults.watch(({ command, input }) => void (command.startsWith('Transact') || asked.push(input)));
  await compared();
  house.faults.watch(undefined);
  const text = JSON.stringify(asked);
  expect(text).not.toContain('"FUNDS"');
  expect(text).not.toContain('JOURNAL#');
  expect(text.match(/FUND#\w+/g)).toEqual([`FUND#${wide}`]);
});
