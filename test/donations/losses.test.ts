/** Money that goes without anybody's leave: who bears it, how much of it, and what the gift says. Through the handlers, on the real engine. */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { PaymentFact } from '../../functions/data/payments.ts';
import { fen } from '../../functions/kernel/money.ts';
import { HOUR, MINUTE, SECOND } from '../../functions/kernel/time.ts';
import {
  CHANNEL,
  donationItems,
  entriesOf,
  faultsOf,
  foundationOf,
  keeper,
  playMerchant,
  reactionsOf,
  recounted,
  type Foundation,
  type Merchant,
  type Reactions,
} from '../support/foundation.ts';
import { openHouse, type Answered, type House } from '../support/house.ts';

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
});
afterAll(() => house.stop());
beforeEach(async () => {
  merchant.answers = () => 'succeeded';
  merchant.refunds.length = 0;
  fund = await foundation.fund();
});

const ONLINE = { channel: CHANNEL } as const;
/** What stands in the books, and what has been posted since. */
const ids = async (): Promise<ReadonlySet<string>> => new Set((await entriesOf(house, fund)).map(({ id }) => id));
const since = async (before: ReadonlySet<string>): Promise<readonly string[]> =>
  (await entriesOf(house, fund))
    .filter(({ id }) => !before.has(id))
    .map(({ kind, purpose, amount }) => `${kind} ${purpose} ${amount}`)
    .toSorted();
const standing = async (account: string): Promise<number> =>
  (await entriesOf(house, fund))
    .flatMap(({ postings }) => postings as readonly { readonly account: string; readonly amount: number }[])
    .reduce((sum, each) => sum + (each.account === account ? each.amount : 0), 0);
const disputed = (order: string, outcome: 'opened' | 'won' | 'lost', amount = 1000, dispute = `d-${order}`): PaymentFact => ({
  kind: 'disputed',
  order,
  dispute,
  amount: fen(amount),
  outcome,
});
const refunded = (order: string, refund: string, outcome: 'succeeded' | 'failed', amount = 1000): PaymentFact => ({
  kind: 'refunded',
  order,
  refund,
  amount: fen(amount),
  outcome,
});
const told = async (fact: PaymentFact): Promise<number> => (await foundation.tell(fact)).status;
const settled = async (hours = 7): Promise<void> => {
  house.turn(hours * HOUR);
  await house.schedule('paymentSettlement');
  await reactions.settle();
};
const faults = async (): Promise<readonly string[]> => faultsOf(donationItems(await house.content(['donations'])));
const receipt = (id: string): Promise<Answered> => house.get(`/v1/donations/${id}/receipt`, keeper);
const alarms = (code: string): number => house.logs.filter((line) => JSON.stringify(line).includes(`"${code}"`)).length;

describe('a lost dispute', () => {
  /** 600 of it used by elders, the other 400 moved to children. */
  const split = async (): Promise<string> => {
    const id = await foundation.gift(fund, { ...ONLINE, purpose: 'elders' });
    await reactions.settle();
    await foundation.grant(fund, 600, 'elders');
    await reactions.settle();
    await foundation.changePurpose(id, 'children');
    house.turn(SECOND);
    return id;
  };

  test('is borne by each purpose that has or used the money, by no more than that, and by no other', async () => {
    const id = await split();
    await foundation.gift(fund, { purpose: 'children', amount: 5000 });
    const other = await foundation.gift(fund, { purpose: 'elders', amount: 2000 });
    await reactions.settle();
    const before = await ids();
    expect(await told(disputed(id, 'lost'))).toBe(200);
    await reactions.settle();
    expect(await since(before)).toEqual(['disputeLost children -400', 'disputeLost elders -600', 'disputeOpened children 0']);
    expect(await foundation.balances(fund)).toEqual({ general: 0, elders: 1400, children: 5000 });
    expect(await foundation.donation(id)).toMatchObject({ lost: 1000, unused: 0, usedBy: [] });
    // The grant that used it is followed back to another of its own purpose.
    expect((await foundation.donation(other)).usedBy).toEqual([expect.objectContaining({ amount: 600 })]);
    expect(await faults()).toEqual([]);
  });

  test('is owed in part where one purpose cannot bear its own', async () => {
    const id = await split();
    await foundation.gift(fund, { purpose: 'children', amount: 5000 });
    expect(await told(disputed(id, 'lost'))).toBe(200);
    expect([await foundation.balances(fund), await standing('disputes')]).toEqual([{ general: 0, elders: 0, children: 5000 }, 600]);
    expect(await foundation.donation(id)).toMatchObject({ lost: 400, disputed: true, actions: [] });
    expect(await faults()).toEqual([]);
    await foundation.income(fund, 700, 'elders');
    await settled();
    expect([await foundation.balances(fund), await standing('disputes')]).toEqual([{ general: 0, elders: 100, children: 5000 }, 0]);
    const after = await foundation.donation(id);
    expect([after.lost, after.disputed]).toEqual([1000, undefined]);
    expect(await faults()).toEqual([]);
  });

  test('of a gift that more grants used than a transaction takes is borne all the same', async () => {
    const id = await foundation.gift(fund, ONLINE);
    house.turn(SECOND);
    await foundation.income(fund, 5000);
    await reactions.settle();
    for (let grant = 0; grant < 40; grant++) await foundation.grant(fund, 20);
    await reactions.settle();
    expect((await foundation.donation(id)).usedBy).toHaveLength(40);
    expect(await told(disputed(id, 'lost'))).toBe(200);
    await settled();
    expect(await foundation.donation(id)).toMatchObject({ lost: 1000, unused: 0, usedBy: [] });
    expect([await standing('disputes'), (await foundation.balances(fund))['general']]).toEqual([0, 4200]);
    expect(await faults()).toEqual([]);
  });

  test('is told by the gift, and voids its receipt once nothing is left of it', async () => {
    const id = await foundation.gift(fund, ONLINE);
    await reactions.settle();
    const tells = async (): Promise<readonly unknown[]> => {
      const [gift, { body }] = [await foundation.donation(id), await receipt(id)];
      const check = await house.get(`/v1/donations/${id}/receipt/check?checkCode=${body.checkCode}`);
      return [gift.lost, gift.disputed, body.void, check.body.void];
    };
    expect(await tells()).toEqual([undefined, undefined, false, false]);
    await foundation.tell(disputed(id, 'opened', 700));
    expect(await tells()).toEqual([undefined, true, false, false]);
    await foundation.tell(disputed(id, 'lost', 700));
    expect(await tells()).toEqual([700, undefined, false, false]);
    await foundation.refund(id, 300);
    await reactions.settle();
    expect(await tells()).toEqual([700, undefined, true, true]);
  });

  test('is never more than the gift was, less what other disputes have taken; nor another amount than it was opened with', async () => {
    const id = await foundation.gift(fund, ONLINE);
    await foundation.gift(fund, { amount: 9000 });
    const before = await ids();
    for (const outcome of ['opened', 'lost', 'won'] as const) expect(await told(disputed(id, outcome, 7000))).toBe(400);
    expect(await since(before)).toEqual([]);
    expect(await told(disputed(id, 'opened', 600))).toBe(200);
    expect(await told(disputed(id, 'lost', 601))).toBe(400);
    expect(await told(disputed(id, 'lost', 401, 'another'))).toBe(400);
    expect(await told(disputed(id, 'lost', 600))).toBe(200);
    expect(await told(disputed(id, 'lost', 400, 'another'))).toBe(200);
    expect(await foundation.donation(id)).toMatchObject({ lost: 1000, unused: 0 });
    expect(await faults()).toEqual([]);
  });

  test('of what had gone back before in part takes the rest, and what the payer has twice stays a claim, until the refund fails', async () => {
    const id = await foundation.gift(fund, ONLINE);
    await foundation.gift(fund, { amount: 9000 });
    const refund = await foundation.refund(id, 400);
    await reactions.settle();
    expect(await told(disputed(id, 'lost'))).toBe(200);
    await settled();
    expect([await standing('disputes'), await foundation.balances(fund)]).toEqual([400, expect.objectContaining({ general: 9000 })]);
    expect(await foundation.donation(id)).toMatchObject({ lost: 600, refunded: 400, disputed: true });
    merchant.answers = () => 'failed';
    expect(await told(refunded(id, refund, 'failed', 400))).toBe(200);
    await settled();
    const after = await foundation.donation(id);
    expect([after.lost, after.refunded, after.disputed, await standing('disputes')]).toEqual([1000, 0, undefined, 0]);
    expect(await faults()).toEqual([]);
  });
});

describe('a refund', () => {
  const given = async (): Promise<{ readonly id: string; readonly refund: string }> => {
    const id = await foundation.gift(fund, ONLINE);
    const refund = await foundation.refund(id, 400);
    await reactions.settle();
    return { id, refund };
  };

  test('that failed after it had succeeded is the fund’s again, of the purpose that the gift has now', async () => {
    const { id, refund } = await given();
    await foundation.changePurpose(id, 'children');
    const [before, rung] = [await ids(), alarms('refundReversed')];
    merchant.answers = () => 'failed';
    for (let time = 0; time < 3; time++) expect(await told(refunded(id, refund, 'failed', 400))).toBe(200);
    expect(await since(before)).toEqual(['refundFailed children 400', 'refundReturned children 0']);
    expect([await foundation.balances(fund), await standing('refunds'), await standing(CHANNEL)]).toEqual([
      { general: 0, elders: 0, children: 1000 },
      0,
      1000,
    ]);
    expect(await foundation.donation(id)).toMatchObject({ status: 'received', refunded: 0, unused: 1000, refunds: [{ status: 'failed' }] });
    expect(alarms('refundReversed')).toBe(rung + 1);
    await settled();
    expect([await since(before), await faults()]).toEqual([['refundFailed children 400', 'refundReturned children 0'], []]);
  });

  test('that succeeded after it had failed has gone: it is reserved and paid, and where the money is used already, owed', async () => {
    merchant.answers = () => 'failed';
    const { id, refund } = await given();
    expect((await foundation.donation(id)).refunds[0].status).toBe('failed');
    await foundation.grant(fund, 700);
    await reactions.settle();
    const before = await ids();
    merchant.answers = () => 'succeeded';
    for (let time = 0; time < 3; time++) expect(await told(refunded(id, refund, 'succeeded', 400))).toBe(200);
    expect(await since(before)).toEqual(['refundPaid general 0']);
    expect([await foundation.balances(fund), await standing('refunds')]).toEqual([expect.objectContaining({ general: 300 }), 400]);
    expect(await foundation.donation(id)).toMatchObject({ refunded: 0, refunds: [{ status: 'succeeded' }], actions: [] });
    expect(await faults()).toEqual([]);
    await foundation.income(fund, 100);
    await settled();
    expect([await foundation.balances(fund), await standing('refunds')]).toEqual([expect.objectContaining({ general: 0 }), 0]);
    expect(await foundation.donation(id)).toMatchObject({ status: 'partlyRefunded', refunded: 400, unused: 0 });
    // And back once more.
    merchant.answers = () => 'failed';
    expect(await told(refunded(id, refund, 'failed', 400))).toBe(200);
    expect((await foundation.donation(id)).refunded).toBe(0);
    expect(await faults()).toEqual([]);
  });

  test('that was told one way and then the other by an old message is asked for, and ends as its provider says', async () => {
    const { id, refund } = await given();
    await told(refunded(id, refund, 'failed', 400));
    expect((await foundation.donation(id)).refunded).toBe(0);
    await settled(1);
    expect(await foundation.donation(id)).toMatchObject({ refunded: 400, unused: 600, refunds: [{ status: 'succeeded' }] });
    await settled();
    expect([(await foundation.balances(fund))['general'], await standing('refunds'), await faults()]).toEqual([600, 0, []]);
  });

  test('that failed in a later quarter than it went is `in` there, and no `out` below nothing', async () => {
    house.turnTo('2026-12-31T20:00:00+08:00');
    const { id, refund } = await given();
    house.turnTo('2027-01-02T09:00:00+08:00');
    await told(refunded(id, refund, 'failed', 400));
    const entries = await entriesOf(house, fund);
    for (const [period, sums] of [
      ['2026-Q4', { opening: 0, in: 1000, out: 400, closing: 600 }],
      ['2027-Q1', { opening: 600, in: 400, out: 0, closing: 1000 }],
    ] as const) {
      const { body } = await house.get(`/v1/funds/${fund}/statements/${period}`);
      expect(body).toMatchObject(sums);
      expect(body).toEqual(expect.objectContaining(recounted(entries, period)));
    }
  });

  test('of a second payment is listed by its gift, is owed while it does not go, and is sent again until it has', async () => {
    merchant.answers = () => 'failed';
    const id = await foundation.gift(fund, ONLINE);
    await told(foundation.paid(id, 1000, 'second'));
    await reactions.settle();
    const summary = async () => (await foundation.donation(id)).refunds;
    const [{ id: refund }] = await summary();
    expect(await summary()).toEqual([{ id: refund, amount: 1000, status: 'pending', ground: 'paidTwice' }]);
    expect((await house.get(`/v1/donations/${id}/refunds/${refund}`, keeper)).body.ground).toBe('paidTwice');
    const [sent, rung] = [merchant.refunds.length, alarms('refundFailed')];
    await told(refunded(id, refund, 'failed'));
    await settled();
    expect(merchant.refunds.length).toBeGreaterThan(sent);
    expect(alarms('refundFailed')).toBe(rung + 2);
    expect([(await summary())[0].status, await standing('doublePayments')]).toEqual(['pending', -1000]);
    merchant.answers = () => 'succeeded';
    await settled();
    expect([(await summary())[0].status, await standing('doublePayments')]).toEqual(['succeeded', 0]);
    // It comes back after all, is owed again, and goes once more.
    await told(refunded(id, refund, 'failed'));
    expect([(await summary())[0].status, await standing('doublePayments')]).toEqual(['pending', -1000]);
    house.turn(11 * MINUTE);
    await house.schedule('paymentSettlement');
    expect(await foundation.donation(id)).toMatchObject({
      status: 'received',
      refunded: 0,
      unused: 1000,
      refunds: [{ status: 'succeeded' }],
    });
    expect([await standing('doublePayments'), await faults()]).toEqual([0, []]);
  });
});
