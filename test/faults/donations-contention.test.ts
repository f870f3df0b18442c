/** Many at once on one gift, one grant, one account, and at the turn of a month: each is counted, and none twice. */
import { afterAll, beforeAll, expect, test } from 'vitest';
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
  receiptFaults,
  recounted,
  type Foundation,
  type Reactions,
} from '../support/foundation.ts';
import { LONG } from '../support/faults.ts';
import { openHouse, type Answered, type House, type StoredItem } from '../support/house.ts';

const MANY = 64;
/** More than a transaction numbers. */
const WAITING = LONG ? 450 : 110;
const [AT_ONCE, CRASHES] = LONG ? [40, 8] : [4, 2];
/** Each looks again where it has lost a race: what they do grows with their square. */
const CONTENDERS = LONG ? MANY : 16;

const merchant = playMerchant();
let house: House;
let foundation: Foundation;
let reactions: Reactions;
beforeAll(async () => {
  house = await openHouse({ payments: merchant.payments });
  foundation = foundationOf(house);
  reactions = await reactionsOf(house);
});
afterAll(() => house.stop());

const atOnce = <T>(count: number, work: (index: number) => Promise<T>): Promise<T[]> =>
  Promise.all(Array.from({ length: count }, (_, index) => work(index)));
const tally = (answers: readonly Answered[]): Record<string, number> => {
  const counts: Record<string, number> = {};
  for (const { status, body } of answers) {
    const name = status < 300 ? String(status) : `${status} ${body?.code}`;
    counts[name] = (counts[name] ?? 0) + 1;
  }
  return counts;
};
const itemsOf = async (fund: string): Promise<readonly StoredItem[]> =>
  donationItems(await house.content(['donations'])).filter((item) => item['fund'] === fund || item.pk.split('#')[1] === fund);
const promised = (fund: string, count: number, channel = 'cash'): Promise<readonly string[]> =>
  atOnce(count, async () => (await foundation.promise(fund, { amount: 100, channel })).id);

test(`${MANY} writers with one If-Match on a gift, or on a grant: 1 succeeds, ${MANY - 1} are told that it has changed`, async () => {
  const fund = await foundation.fund();
  const [gift = ''] = await promised(fund, 1);
  const confirmed = await atOnce(MANY, () => house.post(`/v1/donations/${gift}/confirm`, keeper, {}, { ifMatch: '"1"' }));
  expect(tally(confirmed)).toEqual({ '200': 1, '412 preconditionFailed': MANY - 1 });
  const refund = { amount: 10, reason: '要求退回' };
  const refunded = await atOnce(MANY, () => house.post(`/v1/donations/${gift}/refunds`, keeper, refund, { ifMatch: '"2"' }));
  expect(tally(refunded)).toEqual({ '201': 1, '412 preconditionFailed': MANY - 1 });
  const grant = await foundation.propose(fund, 50);
  for (const [action, as, version] of [
    ['approve', otherKeeper, 1],
    ['pay', keeper, 2],
  ] as const) {
    const answers = await atOnce(MANY, () => house.post(`/v1/grants/${grant}/${action}`, as, {}, { ifMatch: `"${version}"` }));
    expect([action, tally(answers)]).toEqual([action, { '200': 1, '412 preconditionFailed': MANY - 1 }]);
  }
  expect(await foundation.balances(fund)).toMatchObject({ general: 40 });
});

test.each([1, 4])(`${MANY} gifts that come in at once on %i accounts are all counted, and paid out from one`, async (accounts) => {
  const fund = await foundation.fund(accounts);
  const ids = await promised(fund, MANY);
  expect(tally(await Promise.all(ids.map((id) => house.post(`/v1/donations/${id}/confirm`, keeper))))).toEqual({ '200': MANY });
  const items = await itemsOf(fund);
  expect(faultsOf(items)).toEqual([]);
  const used = booksIn(items).accounts.filter(({ balance }) => balance > 0);
  expect(used).toHaveLength(accounts);
  expect((await house.get(`/v1/funds/${fund}`)).body.balance.available).toBe(MANY * 100);
  // What lies on the others is swept when it is needed, by whoever needs it.
  const answers = await Promise.all(
    (await atOnce(8, () => foundation.propose(fund, (MANY * 100) / 8 + 1))).map(async (grant) => {
      await house.post(`/v1/grants/${grant}/approve`, otherKeeper);
      return house.post(`/v1/grants/${grant}/pay`, keeper);
    }),
  );
  expect(tally(answers)).toEqual({ '200': 7, '409 notEnoughMoney': 1 });
  expect(faultsOf(await itemsOf(fund))).toEqual([]);
});

test.each(LONG ? ['cash', CHANNEL] : [CHANNEL])(
  `${CONTENDERS} refunds at once of one gift by %s never give back more than there is of it`,
  async (channel) => {
    await reactions.skip();
    const fund = await foundation.fund();
    const gift = await foundation.gift(fund, { amount: 1000, channel });
    await foundation.gift(fund, { amount: 1_000_000 });
    const answers = await atOnce(CONTENDERS, () => house.post(`/v1/donations/${gift}/refunds`, keeper, { amount: 90, reason: '要求退回' }));
    const counts = tally(answers);
    // Who loses too many races is told of the conflict, and nothing of theirs has happened.
    expect(Object.keys(counts).filter((name) => !['201', '409 notEnoughMoney', '409 conflict'].includes(name))).toEqual([]);
    expect(counts['201']).toBeGreaterThan(0);
    expect(counts['201']).toBeLessThanOrEqual(11);
    const given = (counts['201'] ?? 0) * 90;
    expect(await foundation.balances(fund)).toMatchObject({ general: 1_001_000 - given });
    await reactions.settle();
    expect((await foundation.donation(gift)).refunded).toBe(given);
    expect(faultsOf(await itemsOf(fund))).toEqual([]);
  },
);

test(`${CONTENDERS} grants at once never pay out more than their purpose has, and take nothing of another’s`, async () => {
  const fund = await foundation.fund(2);
  for (const purpose of ['elders', 'elders', 'children', undefined]) await foundation.gift(fund, { amount: 1000, purpose });
  const grants = await atOnce(CONTENDERS, async () => {
    const id = await foundation.propose(fund, 150, 'elders');
    await house.post(`/v1/grants/${id}/approve`, otherKeeper);
    return id;
  });
  const counts = tally(await Promise.all(grants.map((id) => house.post(`/v1/grants/${id}/pay`, keeper))));
  expect(counts).toEqual({ '200': 13, '409 notEnoughMoney': CONTENDERS - 13 });
  expect(await foundation.balances(fund)).toEqual({ general: 1000, elders: 2000 - 13 * 150, children: 1000 });
  expect(faultsOf(await itemsOf(fund))).toEqual([]);
});

test('at the turn of a month many come in at once: accounts go on in the new month once, and statements are what the entries say', async () => {
  const fund = await foundation.fund(3);
  const [early, late] = [await promised(fund, 24), await promised(fund, 24)];
  house.turnTo('2026-11-30T23:59:59.990+08:00');
  const confirm = (id: string): Promise<Answered> => house.post(`/v1/donations/${id}/confirm`, keeper);
  const first = Promise.all(early.map(confirm));
  house.turnTo('2026-12-01T00:00:00.000+08:00');
  expect(tally([...(await first), ...(await Promise.all(late.map(confirm)))])).toEqual({ '200': 48 });
  const periods = (await itemsOf(fund)).filter(({ sk }) => sk.startsWith('PERIOD#2026-11'));
  expect(periods.length).toBeGreaterThan(0);
  const entries = await entriesOf(house, fund);
  expect(entries).toHaveLength(48);
  const { body } = await house.get(`/v1/funds/${fund}/statements/2026-Q4`);
  expect(body).toEqual(expect.objectContaining(recounted(entries, '2026-Q4')));
  expect(faultsOf(await itemsOf(fund))).toEqual([]);
});

test(`receipts of ${WAITING} gifts that many reactions make at once, with crashes between, are numbered without gaps from 1 on`, async () => {
  const fund = await foundation.fund();
  await reactions.skip();
  const ids = await promised(fund, WAITING);
  await Promise.all(ids.map((id) => house.post(`/v1/donations/${id}/confirm`, keeper)));
  const events = (await reactions.events()).filter((event) => event['detail-type'] === 'donation.received');
  expect(events).toHaveLength(WAITING);
  // The last ones wait behind more than a transaction takes; the first of them die on the way.
  for (const [index, event] of events.slice(-CRASHES).entries()) {
    house.faults.crashAt(index + 1, index % 2 === 0 ? 'after' : 'before');
    await reactions.deliver(event).catch(() => undefined);
    await house.faults.revive();
    expect(receiptFaults(await itemsOf(fund))).toEqual([]);
  }
  await Promise.all(events.slice(0, AT_ONCE).map((event) => reactions.deliver(event)));
  for (const event of events.slice(AT_ONCE)) await reactions.deliver(event);
  const items = await itemsOf(fund);
  expect(receiptFaults(items)).toEqual([]);
  expect(booksIn(items).counters.map(({ last }) => last)).toEqual([WAITING]);
  // Delivered once more, nothing comes of it.
  for (const event of events.slice(0, 5)) await reactions.deliver(event);
  expect(await itemsOf(fund)).toEqual(items);
});
