/** What becomes of a gift: late, given back, disputed, and the receipt that stands for it. Through the handlers, on the real engine. */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { PaymentFact } from '../../functions/data/payments.ts';
import { fen } from '../../functions/kernel/money.ts';
import { HOUR, MINUTE, SECOND } from '../../functions/kernel/time.ts';
import {
  booksIn,
  CHANNEL,
  donationItems,
  entriesOf,
  faultsOf,
  foundationOf,
  keeper,
  otherKeeper,
  playMerchant,
  reactionsOf,
  type Foundation,
  type Merchant,
  type Reactions,
} from '../support/foundation.ts';
import { openHouse, type Answered, type House } from '../support/house.ts';
import { resident } from '../support/people.ts';

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
const general = async (): Promise<number> => (await foundation.balances(fund))['general'] ?? 0;
const kinds = async (): Promise<readonly string[]> =>
  (await entriesOf(house, fund)).map(({ kind, amount }) => `${kind} ${amount}`).toSorted();
/** What an account of the books has been debited, less what it was credited, by the public entries. */
const standing = async (account: string): Promise<number> =>
  (await entriesOf(house, fund))
    .flatMap(({ postings }) => postings as readonly { readonly account: string; readonly amount: number }[])
    .reduce((sum, each) => sum + (each.account === account ? each.amount : 0), 0);
const disputed = (order: string, outcome: 'opened' | 'won' | 'lost', amount = 1000): PaymentFact => ({
  kind: 'disputed',
  order,
  dispute: `d-${order}`,
  amount: fen(amount),
  outcome,
});
const refund = (id: string, amount: number): Promise<Answered> =>
  house.post(`/v1/donations/${id}/refunds`, keeper, { amount, reason: '捐赠人要求退回' });
const receipt = (id: string, as = keeper): Promise<Answered> => house.get(`/v1/donations/${id}/receipt`, as);

describe('a payment that is late', () => {
  test('still counts, once the gift has expired', async () => {
    const { id } = await foundation.promise(fund, ONLINE);
    house.turn(2 * HOUR);
    expect(await house.schedule('paymentSettlement')).toMatchObject({ expired: 1 });
    expect([(await foundation.donation(id)).status, await general()]).toEqual(['expired', 0]);
    expect((await foundation.tell(foundation.paid(id, 1000))).status).toBe(200);
    expect([(await foundation.donation(id)).status, await general()]).toEqual(['received', 1000]);
  });

  test('and is given up by two runs at once, is counted by the one that has done it', async () => {
    await foundation.promise(fund, ONLINE);
    await foundation.promise(fund);
    house.turn(31 * 24 * HOUR);
    const moments = [0, 1].map((minutes) => new Date(house.now() - minutes * MINUTE).toISOString());
    const runs = (await Promise.all(moments.map((at) => house.schedule('paymentSettlement', at)))) as readonly {
      readonly expired: number;
    }[];
    expect(runs.reduce((sum, { expired }) => sum + expired, 0)).toBe(2);
  });

  test('and was never told is asked for, and is not given up before', async () => {
    const { id } = await foundation.promise(fund, ONLINE);
    house.turn(11 * MINUTE);
    expect(await house.schedule('paymentSettlement')).toMatchObject({ postponed: 1, received: 0 });
    merchant.orders.set(id, {
      kind: 'paid',
      transaction: 'found',
      amount: fen(1000),
      paidAt: new Date(house.now()).toISOString() as never,
    });
    house.turn(2 * HOUR);
    expect(await house.schedule('paymentSettlement')).toMatchObject({ received: 1, expired: 0 });
    expect(await general()).toBe(1000);
    // Told after all, it is the same payment.
    await foundation.tell(foundation.paid(id, 1000, 'found'));
    expect(await kinds()).toEqual(['donation 1000']);
  });
});

describe('a refund', () => {
  test('through a provider is pending with its money reserved, and succeeds', async () => {
    const id = await foundation.gift(fund, ONLINE);
    const { status, body } = await refund(id, 400);
    expect([status, body.status, await general(), await standing('refunds')]).toEqual([201, 'pending', 600, -400]);
    // What is reserved is nobody else's.
    expect((await refund(id, 601)).body.code).toBe('notEnoughMoney');
    const grant = await foundation.propose(fund, 601);
    await house.post(`/v1/grants/${grant}/approve`, otherKeeper);
    expect((await house.post(`/v1/grants/${grant}/pay`, keeper)).status).toBe(409);
    await reactions.settle();
    const after = await foundation.donation(id);
    expect([after.status, after.refunded, await general(), await standing('refunds')]).toEqual(['partlyRefunded', 400, 600, 0]);
    expect((await house.get(`/v1/donations/${id}/refunds/${body.id}`, keeper)).body.status).toBe('succeeded');
    expect(merchant.refunds).toHaveLength(1);
  });

  test('that the provider refuses has failed: the money is the fund’s again, and can be asked for once more', async () => {
    merchant.answers = () => 'refused';
    const id = await foundation.gift(fund, ONLINE);
    await refund(id, 1000);
    expect(await general()).toBe(0);
    await reactions.settle();
    const after = await foundation.donation(id);
    expect([after.status, after.refunds[0].status, after.unused, await general()]).toEqual(['received', 'failed', 1000, 1000]);
    expect(await kinds()).toEqual(['donation 1000', 'refund -1000', 'refundFailed 1000']);
    merchant.answers = () => 'succeeded';
    await refund(id, 1000);
    await reactions.settle();
    expect([(await foundation.donation(id)).status, await general()]).toEqual(['refunded', 0]);
  });

  test('that the provider cannot be asked for waits, and is sent again under the same id', async () => {
    merchant.answers = () => 'unavailable';
    const id = await foundation.gift(fund, ONLINE);
    await refund(id, 300);
    await reactions.settle();
    expect((await foundation.donation(id)).refunds[0].status).toBe('pending');
    merchant.answers = () => 'succeeded';
    house.turn(11 * MINUTE);
    expect(await house.schedule('paymentSettlement')).toMatchObject({ refunded: 1 });
    expect((await foundation.donation(id)).refunds[0].status).toBe('succeeded');
    expect(new Set(merchant.refunds.map((each) => each.id)).size).toBe(1);
  });

  test('of cash has succeeded at once; in full it voids the receipt', async () => {
    const id = await foundation.gift(fund);
    await reactions.settle();
    expect((await receipt(id)).body).toMatchObject({ void: false });
    expect((await refund(id, 400)).body.status).toBe('succeeded');
    expect((await receipt(id)).body).toMatchObject({ void: false });
    await refund(id, 600);
    expect((await receipt(id)).body).toMatchObject({ void: true, amount: 1000 });
    const { checkCode } = (await receipt(id)).body;
    expect((await house.get(`/v1/donations/${id}/receipt/check?checkCode=${checkCode}`)).body.void).toBe(true);
    expect([(await foundation.donation(id)).status, await general()]).toEqual(['refunded', 0]);
  });

  test('is not more than the purpose still has, though the gift was more', async () => {
    const id = await foundation.gift(fund, { purpose: 'elders' });
    await foundation.gift(fund, { purpose: 'children' });
    await foundation.grant(fund, 700, 'elders');
    expect((await refund(id, 301)).body.code).toBe('notEnoughMoney');
    expect((await refund(id, 300)).status).toBe(201);
    expect(await foundation.balances(fund)).toEqual({ general: 0, elders: 0, children: 1000 });
  });

  test('takes nothing from the gifts of a purpose that was changed to, for what was used before', async () => {
    const id = await foundation.gift(fund, { purpose: 'elders' });
    await foundation.gift(fund, { purpose: 'children' });
    await reactions.settle();
    await foundation.grant(fund, 600, 'elders');
    await reactions.settle();
    await foundation.changePurpose(id, 'children');
    expect(await foundation.balances(fund)).toEqual({ general: 0, elders: 0, children: 1400 });
    expect((await refund(id, 401)).body.code).toBe('notEnoughMoney');
    expect((await refund(id, 400)).status).toBe(201);
    expect(await foundation.balances(fund)).toEqual({ general: 0, elders: 0, children: 1000 });
  });
});

describe('a dispute', () => {
  test('posts what the bank has taken to `disputes`, until it is won', async () => {
    const id = await foundation.gift(fund, ONLINE);
    await foundation.tell(disputed(id, 'opened'));
    expect([await standing('disputes'), await general()]).toEqual([1000, 1000]);
    // The bank has it: it does not go back once more, nor to another purpose.
    expect((await refund(id, 1)).body.code).toBe('wrongState');
    const change = { purpose: 'elders', ground: 'similarPurpose', reason: '用于相近用途' };
    expect((await house.post(`/v1/donations/${id}/purpose`, keeper, change)).body.code).toBe('wrongState');
    await foundation.tell(disputed(id, 'won'));
    expect([await standing('disputes'), await general(), (await foundation.donation(id)).unused]).toEqual([0, 1000, 1000]);
    expect((await refund(id, 1)).status).toBe(201);
  });

  test('that is lost is borne by the purpose: the gift has nothing left, and who used it is followed back to others', async () => {
    const id = await foundation.gift(fund, ONLINE);
    house.turn(SECOND);
    const other = await foundation.gift(fund, { ...ONLINE, amount: 3000 });
    await reactions.settle();
    const grant = await foundation.grant(fund, 600);
    await reactions.settle();
    expect((await foundation.donation(id)).usedBy).toEqual([{ grant, amount: 600 }]);
    await foundation.tell(disputed(id, 'lost'));
    await reactions.settle();
    expect(await kinds()).toEqual(['disputeLost -1000', 'disputeOpened 0', 'donation 1000', 'donation 3000', 'grant -600']);
    expect(await foundation.donation(id)).toMatchObject({ usedBy: [], unused: 0 });
    expect(await foundation.donation(other)).toMatchObject({ usedBy: [{ grant, amount: 600 }], unused: 2400 });
    expect([await general(), await standing('disputes')]).toEqual([2400, 0]);
    expect((await refund(id, 1)).body.code).toBe('notEnoughMoney');
  });

  test('that is lost where the purpose has too little is owed, shown as such, and paid once there is enough', async () => {
    const id = await foundation.gift(fund, { ...ONLINE, purpose: 'elders' });
    await foundation.gift(fund, { purpose: 'children', amount: 5000 });
    await foundation.grant(fund, 300, 'elders');
    for (let time = 0; time < 3; time++) expect((await foundation.tell(disputed(id, 'lost'))).status).toBe(200);
    expect([await standing('disputes'), await foundation.balances(fund)]).toEqual([1000, { general: 0, elders: 700, children: 5000 }]);
    house.turn(11 * MINUTE);
    await house.schedule('paymentSettlement');
    expect(await standing('disputes')).toBe(1000);
    await foundation.income(fund, 300, 'elders');
    // Told once more meanwhile, it is not posted beside what is owed.
    await foundation.tell(disputed(id, 'lost'));
    house.turn(7 * HOUR);
    await house.schedule('paymentSettlement');
    house.turn(7 * HOUR);
    await house.schedule('paymentSettlement');
    expect([await standing('disputes'), await foundation.balances(fund)]).toEqual([0, { general: 0, elders: 0, children: 5000 }]);
    // However much there is, nothing more is owed.
    await foundation.income(fund, 2000, 'elders');
    house.turn(7 * HOUR);
    await house.schedule('paymentSettlement');
    expect((await kinds()).filter((kind) => kind.startsWith('disputeLost'))).toEqual(['disputeLost -1000']);
    await reactions.settle();
    expect(faultsOf(donationItems(await house.content(['donations'])))).toEqual([]);
  });
});

describe('a receipt', () => {
  test('is pending until its number is there, is the original once, and a reprint from then on', async () => {
    const { id } = await foundation.promise(fund, { as: resident });
    expect((await receipt(id, resident)).body.code).toBe('receiptPending');
    await house.post(`/v1/donations/${id}/confirm`, keeper);
    const pending = await receipt(id, resident);
    expect([pending.status, pending.body.code, pending.headers['retry-after']]).toEqual([409, 'receiptPending', '1']);
    await reactions.settle();
    const first = await receipt(id, resident);
    expect([first.status, first.body.reprint, first.body.number]).toEqual([200, false, `${fund}-2026-000001`]);
    const second = await receipt(id, resident);
    expect(second.body).toEqual({ ...first.body, reprint: true });
    // Of many at once, one is the original.
    const other = await foundation.gift(fund, { as: resident });
    await reactions.settle();
    const all = (await Promise.all(Array.from({ length: 6 }, () => receipt(other, resident)))).filter(({ status }) => status === 200);
    expect(all.filter(({ body }) => body.reprint === false)).toHaveLength(1);
  });

  test('is the original until who gave it has seen it: a treasurer’s look is none, and the gift itself stays as it was read', async () => {
    const { id, claim } = await foundation.promise(fund);
    await house.post(`/v1/donations/${id}/confirm`, keeper);
    await reactions.settle();
    const { etag } = (await house.get(`/v1/donations/${id}`, keeper)).headers;
    const asDonor = (accept: string): Promise<Answered> =>
      house.call('GET', `/v1/donations/${id}/receipt`, { headers: { 'x-linli-claim': claim, accept } });
    for (let look = 0; look < 2; look++) expect((await receipt(id)).body.reprint).toBe(false);
    expect((await asDonor('text/html')).text).not.toContain('class="reprint"');
    expect((await asDonor('application/json')).body.reprint).toBe(true);
    expect((await receipt(id)).body.reprint).toBe(true);
    const change = { purpose: 'elders', ground: 'similarPurpose', reason: '用于相近用途' };
    expect((await house.post(`/v1/donations/${id}/purpose`, keeper, change, { ifMatch: etag ?? '' })).status).toBe(200);
  });

  test('is numbered by the year in Shanghai in which the gift came in, each year and fund from 1 on', async () => {
    const other = await foundation.fund();
    const gifts: string[] = [];
    for (const [at, of] of [
      ['2026-12-31T23:59:59.999+08:00', fund],
      ['2027-01-01T00:00:00.000+08:00', fund],
      ['2027-01-01T00:00:00.001+08:00', other],
      ['2027-01-01T00:00:00.002+08:00', fund],
    ] as const) {
      house.turnTo(at);
      gifts.push(await foundation.gift(of));
    }
    // However late the reaction comes.
    house.turnTo('2027-03-01T09:00:00+08:00');
    await reactions.settle();
    const numbers = await Promise.all(gifts.map(async (id) => (await receipt(id)).body.number));
    expect(numbers).toEqual([`${fund}-2026-000001`, `${fund}-2027-000001`, `${other}-2027-000001`, `${fund}-2027-000002`]);
    const { counters } = booksIn(donationItems(await house.content(['donations'])));
    expect(counters.filter(({ pk }) => pk.includes(fund)).map(({ pk, last }) => [pk.split('#')[2], last])).toEqual([
      ['2026', 1],
      ['2027', 2],
    ]);
  });
});
