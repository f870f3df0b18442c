/** What the community foundation costs: exact, from consumed capacity. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { journals } from '../../functions/donations/ledger.ts';
import { listBooked } from '../../functions/donations/list-booked.ts';
import { foundationRepository } from '../../functions/donations/repository.ts';
import { newId } from '../../functions/kernel/id.ts';
import type { DivisionCode } from '../../functions/kernel/division.ts';
import { fen } from '../../functions/kernel/money.ts';
import { DAY, plus, SECOND } from '../../functions/kernel/time.ts';
import type { TokenClaims } from '../../lib/local/issuer.ts';
import {
  CHANNEL,
  FUND,
  foundationOf,
  keeper,
  otherKeeper,
  playMerchant,
  reactionsOf,
  type Foundation,
  type Reactions,
} from '../support/foundation.ts';
import { openHouse, type Answered, type CallGiven, type House } from '../support/house.ts';
import { resident, SHUIJINGFANG } from '../support/people.ts';
import { expectAgreement } from './support/agreement.ts';
import { Meter, type Metered } from './support/meter.ts';

const KB = 1024;
/** An OpenID provider's `sub` is a UUID. */
const donor: TokenClaims = { ...resident, sub: '3f1c8e0a-52a7-4a3e-9b1d-7d0c5a2f6e11' };
/** As long as WeChat Pay's. */
const TRANSACTION = '4200001234202611240123456789';
const AMOUNT = 12_345;

const meter = new Meter();
const merchant = playMerchant();
let house: House;
let foundation: Foundation;
let reactions: Reactions;
let fund: string;
beforeAll(async () => {
  house = await openHouse({ payments: merchant.payments });
  meter.attach(house.client);
  foundation = foundationOf(house);
  reactions = await reactionsOf(house);
  fund = await foundation.fund();
});
afterAll(() => house.stop());

const metered = async (work: () => Promise<unknown>): Promise<Metered> => {
  const done = await meter.of(work);
  expectAgreement(done);
  return done;
};
const good = async (answer: Promise<Answered>): Promise<Answered> => {
  const { status, text } = await answer;
  expect([text, status < 300]).toEqual([text, true]);
  return answer;
};
const post = (path: string, as: TokenClaims, body: unknown = {}, more: CallGiven = {}): Promise<Answered> =>
  good(house.post(path, as, body, more));
const units = ({ read, write, writeCalls }: Metered): object => ({ read, write, writeCalls });
const indexesOf = ({ readings }: Metered): unknown => readings.find(({ write }) => write > 0)?.indexes;
/** Bytes of the largest item that was written. */
const largest = ({ readings }: Metered): number => Math.max(...readings.filter(({ write }) => write > 0).flatMap(({ sizes }) => sizes));
const online = async (): Promise<string> => (await foundation.promise(fund, { amount: AMOUNT, channel: CHANNEL, purpose: 'elders' })).id;

test('a payment’s notification is one transaction of 8 write units: gift, journal and balance 2 each, and its place in the queue off and on', async () => {
  const id = await online();
  const paid = foundation.paid(id, AMOUNT, TRANSACTION);
  const told = await metered(() => good(foundation.tell(paid)));
  expect(units(told)).toEqual({ read: 2, write: 8, writeCalls: 1 });
  expect(indexesOf(told)).toEqual({ byQueue: 2 });
  // With room for longer names: one byte beyond a KB would be 2 units more.
  expect(largest(told)).toBeLessThanOrEqual(0.75 * KB);
  // Told again it is read, and nothing is written.
  expect(units(await metered(() => good(foundation.tell(paid))))).toEqual({ read: 2, write: 0, writeCalls: 0 });
});

test('of a second payment it is 7: the gift, the refund and the journal 2 each, and the refund’s place in the queue', async () => {
  const id = await online();
  await foundation.tell(foundation.paid(id, AMOUNT, TRANSACTION));
  const twice = await metered(() => good(foundation.tell(foundation.paid(id, AMOUNT, `${TRANSACTION.slice(0, -1)}0`))));
  expect(units(twice)).toEqual({ read: 2.5, write: 7, writeCalls: 1 });
});

test('opening a fund takes 5 write units and 2 for each purpose, 2 more with a key', async () => {
  const purposes = [{ code: 'elders', name: { 'zh-CN': '助老' } }];
  const open = (more: CallGiven): Promise<object> =>
    metered(() => post('/v1/funds', keeper, { name: { 'zh-CN': '社区微基金' }, division: SHUIJINGFANG, purposes }, more)).then(units);
  expect(await open({})).toEqual({ read: 0.5, write: 5 + 2, writeCalls: 1 });
  expect(await open({ key: 'opening-a-fund' })).toEqual({ read: 0.5, write: 5 + 2 + 2, writeCalls: 1 });
});

test('a gift takes 9 write units with a key, by hand and through a provider: gift, donor and record 2 each, and three entries', async () => {
  const gift = { fund, amount: AMOUNT, purpose: 'elders', donor: { name: '王芳', anonymous: false, contact: { phone: '13800000000' } } };
  for (const channel of ['cash', CHANNEL]) {
    const made = await metered(() => post('/v1/donations', donor, { ...gift, channel, message: '给社区食堂' }, { key: `a-${channel}` }));
    expect([channel, indexesOf(made)]).toEqual([channel, { byList: 1, byQueue: 1, byOwner: 1 }]);
    // First it is read whether the key has been used: no provider is asked twice.
    expect([channel, units(made)]).toEqual([channel, { read: 1.5, write: 9, writeCalls: 1 }]);
  }
});

test('confirming it takes 8, with a key 10', async () => {
  const [one, other] = [(await foundation.promise(fund)).id, (await foundation.promise(fund)).id];
  expect(units(await metered(() => post(`/v1/donations/${one}/confirm`, keeper)))).toEqual({ read: 2, write: 8, writeCalls: 1 });
  const keyed = await metered(() => post(`/v1/donations/${other}/confirm`, keeper, {}, { key: 'confirm' }));
  expect(units(keyed)).toEqual({ read: 2, write: 10, writeCalls: 1 });
});

test('reading a gift takes 1 read unit, with all that used it; a fund half a unit and 1 for each purpose and account', async () => {
  const id = await foundation.gift(fund);
  expect(units(await metered(() => good(house.get(`/v1/donations/${id}`, keeper))))).toEqual({ read: 1, write: 0, writeCalls: 0 });
  expect(units(await metered(() => good(house.get(`/v1/funds/${fund}`))))).toEqual({ read: 0.5 + 3, write: 0, writeCalls: 0 });
  const wide = await foundation.fund(4);
  expect(units(await metered(() => good(house.get(`/v1/funds/${wide}`))))).toEqual({ read: 0.5 + 3 * 4, write: 0, writeCalls: 0 });
});

test('a refund is one transaction: of cash 10 write units, through a provider 11', async () => {
  const own = await foundation.fund();
  const gifts = [await foundation.gift(own), await foundation.gift(own, { channel: CHANNEL })];
  const refunded = [];
  for (const [index, id] of gifts.entries()) {
    const body = { amount: 400, reason: '重复捐赠' };
    refunded.push(units(await metered(() => post(`/v1/donations/${id}/refunds`, keeper, body, { key: `refund-${index}` }))));
  }
  expect(refunded).toEqual([
    { read: 1.5, write: 10, writeCalls: 1 },
    { read: 1.5, write: 11, writeCalls: 1 },
  ]);
});

test('a grant takes 2, 1 and 10 write units until it is paid, 2 to report on it, and income 2 and 7', async () => {
  const own = await foundation.fund();
  await foundation.gift(own, { amount: AMOUNT });
  let id = '';
  const proposed = await metered(async () => (id = await foundation.propose(own, 500)));
  const approved = await metered(() => post(`/v1/grants/${id}/approve`, otherKeeper));
  const paid = await metered(() => post(`/v1/grants/${id}/pay`, keeper));
  expect([proposed, approved, paid].map(units)).toEqual([
    { read: 0.5, write: 2, writeCalls: 1 },
    { read: 1.5, write: 1, writeCalls: 1 },
    // The grant, what is to be traced, the journal and the balance, and two places in the queue: to be traced, and to be reported on.
    { read: 1.5, write: 10, writeCalls: 1 },
  ]);
  // Then it leaves the queue.
  const reported = await metered(() => post(`/v1/grants/${id}/report`, keeper, { text: '补贴了十份午餐。' }));
  expect(units(reported)).toEqual({ read: 1.5, write: 2, writeCalls: 1 });
  const body = { source: 'government', amount: 5_000_000, reference: '锦江财社〔2026〕12号' };
  const entered = await metered(async () => (id = (await post(`/v1/funds/${own}/income`, keeper, body)).body.id));
  const counted = await metered(() => post(`/v1/funds/${own}/income/${id}/approve`, otherKeeper));
  expect([entered, counted].map(units)).toEqual([
    { read: 0.5, write: 2, writeCalls: 1 },
    { read: 1.5, write: 7, writeCalls: 1 },
  ]);
});

test('a receipt takes 4 write units and the counter’s 2, which up to 98 share; that who gave looks at it first takes 1 more', async () => {
  const own = await foundation.fund();
  await reactions.skip();
  for (let gift = 0; gift < 10; gift++) {
    await foundation.gift(own);
    house.turn(SECOND);
  }
  const [event] = await reactions.events().then((events) => events.filter((each) => each['detail-type'] === 'donation.received'));
  if (event === undefined) throw new Error('nothing was received');
  const issued = await metered(() => reactions.deliver(event));
  expect(units(issued)).toEqual({ read: 0.5 + 10 + 1 + 0.5, write: 2 + 10 * 4, writeCalls: 1 });
  const id = await foundation.gift(own, { as: donor });
  await reactions.settle();
  const path = `/v1/donations/${id}/receipt`;
  const shown = [];
  for (const as of [keeper, donor, donor]) shown.push(await metered(() => good(house.get(path, as))));
  expect(shown.map(units)).toEqual([
    { read: 2, write: 0, writeCalls: 0 },
    { read: 2, write: 1, writeCalls: 1 },
    { read: 2, write: 0, writeCalls: 0 },
  ]);
});

test('the first posting of a month takes 4 write units more: the month that is over, and the account', async () => {
  const own = await foundation.fund();
  const { id } = await foundation.promise(own);
  house.turnTo('2026-12-01T00:00:00+08:00');
  const confirmed = await metered(() => post(`/v1/donations/${id}/confirm`, keeper));
  // The first try, which finds the month over, fails and is not metered; DynamoDB charges for it as well.
  expect(units(confirmed)).toEqual({ read: 3, write: 8 + 4, writeCalls: 2 });
});

test('the books: 20 entries take 1 unit for each 4 KB and half a one for each donor, a statement its months', async () => {
  const own = await foundation.fund();
  for (let gift = 0; gift < 20; gift++) await foundation.gift(own, { amount: AMOUNT });
  const entries = await metered(() => good(house.get(`/v1/funds/${own}/entries?limit=20`)));
  expect(units(entries)).toEqual({ read: 0.5 + 3 + 20 * 0.5, write: 0, writeCalls: 0 });
  const statement = await metered(() => good(house.get(`/v1/funds/${own}/statements/2026-Q4`)));
  expect(units(statement)).toEqual({ read: 6.5, write: 0, writeCalls: 0 });
});

test('a page of entries of a purpose that has none evaluates 200 of the others', async () => {
  const own = await foundation.fund();
  const { database, random } = house.runtime;
  const repository = foundationRepository(database);
  const of = { fund: own, division: FUND.division as DivisionCode, purpose: 'children' };
  for (let entry = 0; entry < 250; entry++) {
    const journal = journals.income(of, { id: newId(random), at: plus(house.now(), entry), amount: fen(100) }, {});
    const [put] = repository.posts(journal, 'units');
    if (put !== undefined) await repository.write([put]);
  }
  const { body } = await house.get(`/v1/funds/${own}/entries?limit=20&purpose=elders`);
  expect([body.items, typeof body.next]).toEqual([[], 'string']);
  const page = await metered(() => good(house.get(`/v1/funds/${own}/entries?limit=20&purpose=elders`)));
  // And the fund.
  expect(page.readings.flatMap(({ sizes }) => sizes)).toHaveLength(200 + 1);
  const { body: rest } = await house.get(`/v1/funds/${own}/entries?limit=100&purpose=elders&cursor=${encodeURIComponent(body.next)}`);
  expect([rest.items, rest.next ?? null]).toEqual([[], null]);
});

test('what is booked through a provider is listed for half a read unit and a write unit, and compared for 8 reads and 1 of each city', async () => {
  await reactions.skip();
  house.turn(3 * DAY);
  const own = await foundation.fund();
  const id = await foundation.gift(own, { amount: AMOUNT, channel: CHANNEL });
  await foundation.gift(own);
  const listed = [];
  for (const event of await reactions.events()) {
    if (event['detail-type'] !== 'journal.posted') continue;
    listed.push(units(await metered(() => listBooked(house.runtime)(event as never))));
  }
  // What came in cash is read, where its rule lets it through, and is on no bill.
  expect(listed).toEqual([
    { read: 0.5, write: 1, writeCalls: 1 },
    { read: 0.5, write: 0, writeCalls: 0 },
  ]);
  merchant.bill = [{ kind: 'payment', order: id, transaction: `t-${id}`, amount: fen(AMOUNT) }];
  house.turn(DAY);
  const compared = await metered(() => house.schedule('paymentReconciliation'));
  // The queries of its shards, the report before, and the funds to be swept: of two accounts or more there are some of the tests before.
  expect(compared.readings.filter(({ command, index }) => command.startsWith('Query') && index === undefined)).toHaveLength(8);
  expect(compared.readings.filter(({ command }) => command.startsWith('Put')).map(({ write }) => write)).toEqual([1]);
});
