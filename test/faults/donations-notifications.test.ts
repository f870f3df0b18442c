/** What payment providers tell: however often, in whatever order, and by whomever it is forged, each payment is posted once. */
import { Aes, Formatter, Rsa } from 'wechatpay-axios-plugin';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import type { PaymentFact, RawNotification } from '../../functions/data/payments.ts';
import type { Fen } from '../../functions/kernel/money.ts';
import { MINUTE, plus, SECOND, toEpochSeconds } from '../../functions/kernel/time.ts';
import { sandboxProvider } from '../../lib/local/sandbox-adapter.ts';
import { signedHeaders } from '../../lib/local/sandbox-protocol.ts';
import { forged, play, rsaPair, type Played } from '../donations/payments/support.ts';
import {
  booksIn,
  CHANNEL,
  donationItems,
  faultsOf,
  foundationOf,
  keeper,
  playMerchant,
  reactionsOf,
  told,
  type Foundation,
  type Reactions,
} from '../support/foundation.ts';
import { LONG } from '../support/faults.ts';
import { openHouse, type Answered, type House } from '../support/house.ts';

vi.setConfig({ testTimeout: LONG ? 300_000 : 30_000 });

const TIMES = LONG ? 100 : 20;
/** Every so many bits of a body and of its headers are turned. */
const [EVERY_BIT, EVERY_FORGERY] = LONG ? [7, 1] : [67, 29];
const AMOUNT = 12_345;

const MERCHANT = rsaPair();
const PLATFORM = rsaPair();
const KEY = '0123456789abcdef0123456789ABCDEF';
const SERIAL = 'PUB_KEY_ID_0116';
const [MCH_ID, APP_ID] = ['1900000109', 'wxd678efh567hg6787'];
const SANDBOX_SECRET = Buffer.from('the secret of a sandbox, and of nothing else');
const merchant = playMerchant();

let played: Played;
let house: House;
let foundation: Foundation;
let reactions: Reactions;
let fund: string;

const signed = (body: string): Readonly<Record<string, string>> => {
  const [timestamp, nonce] = [String(toEpochSeconds(house.now())), 'fdasflkja484w'];
  return {
    'wechatpay-timestamp': timestamp,
    'wechatpay-nonce': nonce,
    'wechatpay-serial': SERIAL,
    'wechatpay-signature': Rsa.sign(Formatter.response(timestamp, nonce, body), PLATFORM.privateKey),
  };
};
/** As WeChat Pay tells that an order was paid. */
const notification = (order: string, more: object = {}): { readonly body: string; readonly headers: Readonly<Record<string, string>> } => {
  const content = {
    mchid: MCH_ID,
    appid: APP_ID,
    out_trade_no: order,
    transaction_id: `42000${order}`,
    trade_state: 'SUCCESS',
    success_time: '2026-11-24T08:59:58+08:00',
    amount: { total: AMOUNT, currency: 'CNY' },
    ...more,
  };
  const body = JSON.stringify({
    id: 'EV-2026112413595800000000',
    event_type: 'TRANSACTION.SUCCESS',
    resource: {
      algorithm: 'AEAD_AES_256_GCM',
      ciphertext: Aes.AesGcm.encrypt(JSON.stringify(content), KEY, 'abcdefghijkl', 'transaction'),
      associated_data: 'transaction',
      nonce: 'abcdefghijkl',
    },
  });
  return { body, headers: signed(body) };
};

beforeAll(async () => {
  played = await play();
  house = await openHouse({
    payments: { ...merchant.payments, tryout: sandboxProvider({ url: played.url, secret: SANDBOX_SECRET }) },
    secrets: {
      'payments/wechatPay': {
        mchId: MCH_ID,
        appId: APP_ID,
        apiV3Key: KEY,
        serial: '1DDE55AD98ED71D6EDD4A4A16996DE7B47773A8C',
        privateKey: MERCHANT.secret,
        platformKeys: { [SERIAL]: PLATFORM.shown },
        apiBase: played.url,
      },
    },
  });
  foundation = foundationOf(house);
  reactions = await reactionsOf(house);
  fund = await foundation.fund();
  const order = JSON.stringify({ code_url: 'weixin://wxpay/bizpayurl?pr=p4lpSuKzz' });
  played.answers(({ path }) =>
    path === '/orders'
      ? { body: JSON.stringify({ url: `${played.url}/pay/1` }) }
      : { headers: { 'content-type': 'application/json', ...signed(order) }, body: order },
  );
});
afterAll(async () => {
  await house.stop();
  await played.stop();
});

const tell = (notified: { readonly body: unknown; readonly headers: Readonly<Record<string, string>> }): Promise<Answered> =>
  house.call('POST', '/v1/payments/wechatPay/notifications', notified);
const promise = async (): Promise<string> => (await foundation.promise(fund, { amount: AMOUNT, channel: 'wechatPay' })).id;
const statuses = (answers: readonly Answered[]): readonly number[] => [...new Set(answers.map(({ status }) => status))];
const journalsOf = async (donation: string): Promise<readonly string[]> =>
  booksIn(donationItems(await house.content(['donations'])))
    .journals.filter((each) => each.donation === donation)
    .map(({ kind, amount }) => `${kind} ${amount}`)
    .toSorted();

test(`told ${TIMES} times at once and ${TIMES} times more, a payment is one posting, and every time is answered as taken`, async () => {
  const id = await promise();
  const before = (await foundation.balances(fund))['general'] ?? 0;
  const genuine = notification(id);
  const again = Array.from({ length: TIMES }, () => tell(genuine));
  expect(statuses(await Promise.all(again))).toEqual([200]);
  for (let time = 0; time < TIMES; time++) expect((await tell(genuine)).body).toEqual({ code: 'SUCCESS' });
  // A gateway that hands bodies on in base64 hands on the same bytes.
  expect((await tell({ ...genuine, body: Buffer.from(genuine.body) })).status).toBe(200);
  expect(await journalsOf(id)).toEqual([`donation ${AMOUNT}`]);
  expect((await foundation.balances(fund))['general']).toBe(before + AMOUNT);
  expect((await foundation.donation(id)).status).toBe('received');
});

describe('nothing changes, and it is refused,', () => {
  let id: string;
  let other: string;
  beforeAll(async () => {
    id = await promise();
    other = (await foundation.promise(fund, { amount: AMOUNT, channel: CHANNEL })).id;
  });

  const refused = async (notified: readonly Parameters<typeof tell>[0][]): Promise<void> => {
    const before = await house.content();
    for (const [index, each] of notified.entries()) {
      const { status, body } = await tell(each);
      expect([index, status, body]).toEqual([index, 401, { code: 'FAIL', message: 'refused' }]);
    }
    expect(await house.content()).toEqual(before);
    expect((await foundation.donation(id)).status).toBe('pending');
  };

  test('where one bit of the body or of a header was turned', async () => {
    const { body, headers } = notification(id);
    const genuine: RawNotification = { body: Buffer.from(body), headers };
    const forgeries = [...forged(genuine, Object.keys(headers), EVERY_BIT)].filter((_, index) => index % EVERY_FORGERY === 0);
    expect(forgeries.length).toBeGreaterThan(100);
    await refused(forgeries.map((each) => ({ body: each.body, headers: each.headers as Record<string, string> })));
  });

  test('where the body was serialised again', async () => {
    const { body, headers } = notification(id);
    await refused([
      { body: JSON.stringify(JSON.parse(body), null, 1), headers },
      { body: `${body}\n`, headers },
      { body: JSON.stringify(Object.fromEntries(Object.entries(JSON.parse(body)).toReversed())), headers },
    ]);
  });

  test('where it is too old, or too far ahead', async () => {
    const early = notification(id);
    house.turn(5 * MINUTE + SECOND);
    await refused([early]);
    const late = notification(id);
    house.turn(-5 * MINUTE - SECOND);
    await refused([late]);
  });

  test('where the amount is another, or the merchant, the app, the order, or the order’s channel', async () => {
    const of = (amount: number, currency = 'CNY') => ({ amount: { total: amount, currency } });
    await refused([
      ...[AMOUNT - 1, AMOUNT + 1, AMOUNT * 100, 1].map((amount) => notification(id, of(amount))),
      notification(id, of(AMOUNT, 'USD')),
      notification(id, { mchid: '1900000110' }),
      notification(id, { appid: 'wxanother' }),
      notification('0123456789ABCDEFGHJKMNPQRS'),
      notification(other),
    ]);
    expect((await foundation.donation(other)).status).toBe('pending');
  });

  test('where another channel’s signature is on it, or that channel has no keys', async () => {
    const before = await house.content();
    const fact = told(foundation.paid(id, AMOUNT), house.now());
    for (const [channel, status] of [
      ['wechatPay', [401]],
      ['alipay', [200]],
      ['stripe', [400, 401]],
    ] as const) {
      const answer = await house.call('POST', `/v1/payments/${channel}/notifications`, fact);
      expect([channel, status]).toEqual([channel, expect.arrayContaining([answer.status])]);
      expect(answer.text).not.toBe('success');
    }
    // Genuine, and of a gift that was promised through another.
    expect((await foundation.tell(foundation.paid(id, AMOUNT))).status).toBe(400);
    expect(await house.content()).toEqual(before);
  });
});

test(`what the local sandbox tells is taken ${TIMES} times at once as one payment, and nothing of it that was changed`, async () => {
  const { id } = await foundation.promise(fund, { amount: AMOUNT, channel: 'tryout' });
  const path = '/v1/payments/tryout/notifications';
  const of = (amount: number): string =>
    JSON.stringify({ kind: 'paid', order: id, transaction: 'tried', amount, paidAt: '2026-11-24T00:59:58.000Z' });
  const body = of(AMOUNT);
  const genuine = { body, headers: signedHeaders(SANDBOX_SECRET, house.now(), 'told-1', body) };
  const before = await house.content();
  const raw: RawNotification = { ...genuine, body: Buffer.from(body) };
  const forgeries = [...forged(raw, Object.keys(genuine.headers), EVERY_BIT)].filter((_, index) => index % EVERY_FORGERY === 0);
  const other = of(AMOUNT + 1);
  for (const each of [
    ...forgeries,
    { body: of(1), headers: genuine.headers },
    { body: JSON.stringify(JSON.parse(body), null, 1), headers: genuine.headers },
    { body: other, headers: signedHeaders(SANDBOX_SECRET, house.now(), 'told-2', other) },
    { body, headers: signedHeaders(SANDBOX_SECRET, plus(house.now(), -5 * MINUTE - SECOND), 'told-1', body) },
  ])
    expect((await house.call('POST', path, each as typeof genuine)).status).toBe(400);
  expect(await house.content()).toEqual(before);
  expect(statuses(await Promise.all(Array.from({ length: TIMES }, () => house.call('POST', path, genuine))))).toEqual([200]);
  expect(await journalsOf(id)).toEqual([`donation ${AMOUNT}`]);
});

const permutations = <T>(all: readonly T[]): readonly (readonly T[])[] =>
  all.length === 0
    ? [[]]
    : all.flatMap((each, index) => permutations(all.filter((_, other) => other !== index)).map((others) => [each, ...others]));

describe('every order of four facts', () => {
  type Told = (order: string, refund: string) => PaymentFact;
  const GIFT = 1000;
  const paid =
    (transaction: string): Told =>
    (order) =>
      foundation.paid(order, GIFT, transaction);
  const disputed =
    (outcome: 'opened' | 'won' | 'lost', amount: number): Told =>
    (order) => ({ kind: 'disputed', order, dispute: 'd', amount: amount as Fen, outcome });
  const refunded =
    (outcome: 'succeeded' | 'failed'): Told =>
    (order, refund) => ({ kind: 'refunded', order, refund, amount: 400 as Fen, outcome });

  const CASES: readonly { readonly name: string; readonly facts: readonly Told[]; readonly left: number; readonly before?: 'refunding' }[] =
    [
      {
        name: 'paid, paid twice, disputed, lost',
        facts: [paid('t-1'), paid('t-2'), disputed('opened', GIFT), disputed('lost', GIFT)],
        left: 0,
      },
      {
        name: 'paid, paid twice, disputed, won',
        facts: [paid('t-1'), paid('t-2'), disputed('opened', GIFT), disputed('won', GIFT)],
        left: GIFT,
      },
      {
        name: 'paid again, paid twice, given back, the rest disputed',
        facts: [paid('t-1'), paid('t-2'), refunded('succeeded'), disputed('opened', 600)],
        left: 600,
        before: 'refunding',
      },
      {
        name: 'paid again, not given back, disputed, lost',
        facts: [paid('t-1'), refunded('failed'), disputed('opened', 600), disputed('lost', 600)],
        left: 400,
        before: 'refunding',
      },
    ];

  test.each(CASES.filter((_, index) => LONG || index % 2 === 0))(
    '$name: the same books, whatever is refused at first being told again',
    async ({ facts, left, before }) => {
      const own = await foundation.fund();
      const telling = async (order: readonly Told[]): Promise<string> => {
        const { id } = await foundation.promise(own, { amount: GIFT, channel: CHANNEL });
        let refund = '';
        if (before === 'refunding') {
          await foundation.tell(paid('t-1')(id, ''));
          refund = await foundation.refund(id, 400);
        }
        let toTell = order.map((fact) => fact(id, refund));
        for (let round = 0; toTell.length > 0; round++) {
          expect(round).toBeLessThan(4);
          const again: PaymentFact[] = [];
          for (const fact of toTell) if ((await foundation.tell(fact)).status !== 200) again.push(fact);
          toTell = again;
        }
        // And all of it once more.
        for (const fact of order) expect((await foundation.tell(fact(id, refund))).status).toBe(200);
        return id;
      };
      const orders = permutations(facts);
      expect(orders).toHaveLength(24);
      const ids = await Promise.all(orders.map(telling));
      const items = donationItems(await house.content(['donations'])).filter((item) => item['fund'] === own);
      expect(faultsOf(items)).toEqual([]);
      const books = booksIn(items);
      const ends = new Set<string>();
      for (const id of ids) {
        const journals = books.journals.filter(({ donation }) => donation === id);
        const accounts: Record<string, number> = {};
        for (const { postings } of journals)
          for (const { account, amount } of postings) accounts[account] = (accounts[account] ?? 0) + amount;
        const gift = books.donations.find((each) => each.id === id);
        const kinds = journals.map(({ kind, amount }) => `${kind} ${amount}`).toSorted();
        const inOrder = Object.entries(accounts).toSorted(([one], [other]) => (one < other ? -1 : 1));
        ends.add(JSON.stringify({ inOrder, kinds, status: gift?.status, back: gift?.refunded, unused: gift?.unused }));
        expect(0 - (accounts['fund/general/0'] ?? 0)).toBe(left);
      }
      expect([...ends]).toHaveLength(1);
    },
  );
});

test('a second payment of one order goes back by itself, and is posted and sent once however often it is told', async () => {
  const own = await foundation.fund();
  await reactions.skip();
  merchant.refunds.length = 0;
  const id = await foundation.gift(own, { channel: CHANNEL });
  const second = foundation.paid(id, 1000, 'second');
  expect(statuses(await Promise.all(Array.from({ length: TIMES }, () => foundation.tell(second))))).toEqual([200]);
  await reactions.settle();
  await foundation.tell(second);
  await reactions.settle();
  expect(merchant.refunds.map(({ order, transaction, amount }) => [order, transaction, amount])).toEqual([[id, 'second', 1000]]);
  expect(await journalsOf(id)).toEqual(['donation 1000', 'doublePayment 1000', 'doublePaymentReturned 1000']);
  const { status, refunds, unused } = await foundation.donation(id);
  // The gift itself is none the less, and who paid sees that the second payment goes back.
  expect([status, refunds, unused, await foundation.balances(own)]).toEqual([
    'received',
    [{ id: merchant.refunds[0]?.id, amount: 1000, status: 'succeeded', ground: 'paidTwice' }],
    1000,
    expect.objectContaining({ general: 1000 }),
  ]);
  expect((await house.get(`/v1/donations/${id}/receipt`, keeper)).body.number).toMatch(/-2026-000001$/);
});
