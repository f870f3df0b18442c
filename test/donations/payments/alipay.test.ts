/** Alipay's adapter against a gateway that is played here, with Alipay's own SDK as the other side: it verifies what we sign, and signs alike. */
import { sign } from 'node:crypto';
import { crc32, deflateRawSync } from 'node:zlib';
import { AlipaySdk } from 'alipay-sdk';
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import { alipay } from '../../../functions/donations/payments/alipay.ts';
import type { RawNotification } from '../../../functions/data/payments.ts';
import { fen } from '../../../functions/kernel/money.ts';
import { HOUR, MINUTE, plus } from '../../../functions/kernel/time.ts';
import {
  DAY,
  DAY_AFTER,
  dependenciesFor,
  expectFailures,
  failed,
  forged,
  HOSTILE,
  linesOf,
  NOW,
  ORDER,
  play,
  REFUND,
  rsaPair,
  told,
  type Answer,
  type Asked,
  type Pair,
  type Played,
} from './support.ts';

const APP = rsaPair();
const ALIPAY = rsaPair();
const NEXT = rsaPair();
const APP_ID = '2021000122671080';
const SELLER = '2088102177846880';
const PAGE = { ...ORDER, method: 'page', returnUrl: 'https://linli.example/thanks?a=1&b=2 3' } as const;

let played: Played;
/** The SDK as a merchant has it (which verifies Alipay), and as Alipay would (which verifies the merchant). */
let asMerchant: AlipaySdk;
let asAlipay: AlipaySdk;
beforeAll(async () => {
  played = await play();
  [asMerchant, asAlipay] = [sdk(ALIPAY), sdk(APP)];
});
afterAll(() => played.stop());
afterEach(() => {
  vi.useRealTimers();
});

const secretOf = (more: object = {}): object => ({
  appId: APP_ID,
  sellerId: SELLER,
  privateKey: APP.secret,
  alipayPublicKeys: [ALIPAY.shown],
  gateway: `${played.url}/gateway.do`,
  ...more,
});
const system = (more?: object) => {
  const { dependencies, state } = dependenciesFor(secretOf(more));
  return { provider: alipay(dependencies), state };
};
const sdk = (theirs: Pair) =>
  new AlipaySdk({
    appId: APP_ID,
    privateKey: APP.secret,
    keyType: 'PKCS8',
    alipayPublicKey: theirs.shown,
    gateway: `${played.url}/gateway.do`,
    camelcase: false,
  });

const signedBy = ({ privateKey }: Pair, text: string): string => sign('sha256', Buffer.from(text), privateKey).toString('base64');
/** As the gateway answers: signed over the raw text of the response. */
const answered = (method: string, content: object, key = ALIPAY): Answer => {
  // Solidi are escaped, as Java's writers do: what is signed is the text and not what it says.
  const response = JSON.stringify(content).replaceAll('/', '\\/');
  return { body: `{"${method.replaceAll('.', '_')}_response": ${response} ,"sign":"${signedBy(key, response)}"}` };
};
const GOOD = { code: '10000', msg: 'Success' };
const bad = (sub_code: string, code = '40004') => ({ code, msg: 'Business Failed', sub_code, sub_msg: '交易不存在 159****5620' });

/** That a request is one that Alipay's SDK takes for signed by the merchant; gives what it asks for. */
const expectSigned = ({ query, body }: Pick<Asked, 'query' | 'body'>): Record<string, unknown> => {
  const parameters = Object.fromEntries([...query, ...new URLSearchParams(body)]);
  expect(asAlipay.checkNotifySignV2(parameters)).toBe(true);
  expect(parameters).toMatchObject({
    app_id: APP_ID,
    charset: 'utf-8',
    sign_type: 'RSA2',
    version: '1.0',
    timestamp: '2026-11-24 14:00:00',
  });
  // The gateway takes the character set of the body from the query.
  expect(query.get('charset')).toBe('utf-8');
  return JSON.parse(parameters['biz_content'] ?? '') as Record<string, unknown>;
};

describe('an order is made', () => {
  const content = {
    out_trade_no: ORDER.id,
    total_amount: '123.45',
    subject: '幸福里社区基金',
    time_expire: '2026-11-24 14:30:00',
  };

  test('page: an URL that the SDK takes for signed by the merchant; nobody is asked', async () => {
    played.answers(() => ({ body: '' }));
    const made = await system().provider.create(PAGE);
    const url = new URL((made.ok && made.value.url) || '');
    expect(url.origin + url.pathname).toBe(`${played.url}/gateway.do`);
    expect(expectSigned({ query: url.searchParams, body: '' })).toEqual({ ...content, product_code: 'FAST_INSTANT_TRADE_PAY' });
    expect(Object.fromEntries(url.searchParams)).toMatchObject({
      method: 'alipay.trade.page.pay',
      notify_url: PAGE.notifyUrl,
      return_url: PAGE.returnUrl,
    });
    expect(url.href).not.toContain('+');
    expect(played.asked).toEqual([]);
  });

  test('app: the order string of the SDK, to the last parameter and the signature', async () => {
    // The SDK writes the time of the machine's own zone.
    vi.useFakeTimers({ now: new Date(2026, 10, 24, 14), toFake: ['Date'] });
    const theirs = asMerchant.sdkExecute('alipay.trade.app.pay', {
      format: 'JSON',
      notifyUrl: ORDER.notifyUrl,
      bizContent: { ...content, product_code: 'QUICK_MSECURITY_PAY' },
    });
    const made = await system().provider.create({ ...ORDER, method: 'app' });
    const ours = (made.ok && made.value.orderString) || '';
    const read = (text: string) => {
      const { biz_content = '', ...parameters } = Object.fromEntries(new URLSearchParams(text));
      return { ...parameters, biz_content: JSON.parse(biz_content) as unknown, sign: undefined };
    };
    expect(read(ours)).toEqual(read(theirs));
    expectSigned({ query: new URLSearchParams(ours), body: '' });
  });

  test('the same parameters have the same signature as the SDK’s', async () => {
    vi.useFakeTimers({ now: new Date(2026, 10, 24, 14), toFake: ['Date'] });
    const made = await system().provider.create({ ...ORDER, method: 'app' });
    const { sign: ours, ...parameters } = Object.fromEntries(new URLSearchParams((made.ok && made.value.orderString) || ''));
    const { biz_content = '', notify_url: notifyUrl } = parameters;
    const theirs = asMerchant.sdkExecute('alipay.trade.app.pay', {
      format: 'JSON',
      notifyUrl,
      bizContent: JSON.parse(biz_content) as Record<string, unknown>,
    });
    expect(ours).toBe(new URLSearchParams(theirs).get('sign'));
  });

  test('not by a way that is not Alipay’s', async () => {
    expect(await system().provider.create(ORDER)).toEqual(failed('refused', 'methodNotOffered'));
  });

  test('commas and quotation marks, which would part the cells of a bill, are written as other signs', async () => {
    const made = await system().provider.create({ ...PAGE, subject: '爱,"心"' });
    const content = new URL((made.ok && made.value.url) || '').searchParams.get('biz_content');
    expect(JSON.parse(content ?? '')).toMatchObject({ subject: '爱，’心’' });
  });
});

const QUERY = 'alipay.trade.query';
const TRADE = {
  ...GOOD,
  out_trade_no: ORDER.id,
  trade_no: '2026112422001400000000000001',
  total_amount: '123.45',
  buyer_logon_id: '159****5620',
};

describe('what became of an order', () => {
  const paid = { kind: 'paid', transaction: TRADE.trade_no, amount: 12345, paidAt: '2026-11-24T05:59:58.000Z' };
  const at = { send_pay_date: '2026-11-24 13:59:58' };

  test.each([
    ['TRADE_SUCCESS', at, paid],
    ['TRADE_FINISHED', at, paid],
    ['TRADE_SUCCESS', {}, { ...paid, paidAt: '2026-11-24T06:00:00.000Z' }],
    // Paid, and wholly refunded.
    ['TRADE_CLOSED', at, paid],
    ['TRADE_CLOSED', {}, { kind: 'closed' }],
    ['WAIT_BUYER_PAY', {}, { kind: 'open' }],
  ])('%s %j', async (trade_status, more, state) => {
    played.answers(() => answered(QUERY, { ...TRADE, trade_status, ...more }));
    expect(await system().provider.find(ORDER)).toEqual({ ok: true, value: state });
    const [asked] = played.asked;
    if (asked === undefined) throw new Error('nothing was asked');
    expect(asked.query.get('method')).toBe(QUERY);
    expect(expectSigned(asked)).toEqual({ out_trade_no: ORDER.id });
  });

  test('one of which Alipay knows nothing is open: the payer may still come with what we have signed', async () => {
    played.answers(() => answered(QUERY, bad('ACQ.TRADE_NOT_EXIST')));
    expect(await system().provider.find(ORDER)).toEqual({ ok: true, value: { kind: 'open' } });
  });

  test('the gateway that plays here is one that the SDK believes', async () => {
    played.answers(() => answered(QUERY, { ...TRADE, trade_status: 'TRADE_SUCCESS', url: 'https://a/b' }));
    const answer = await asMerchant.exec(QUERY, { bizContent: { out_trade_no: ORDER.id } }, { validateSign: true });
    expect(answer).toMatchObject({ trade_status: 'TRADE_SUCCESS' });
    // And the SDK parts a request between query and body as we do.
    const [theirs] = played.asked;
    await system().provider.find(ORDER);
    const names = ({ query, body }: Asked) => [
      [...query.keys()].filter((name) => name !== 'format').toSorted(),
      [...new URLSearchParams(body).keys()],
    ];
    expect(played.asked[1] && names(played.asked[1])).toEqual(theirs && names(theirs));
  });

  test('a good answer that Alipay has not signed is none; a bad one without a signature is only a refusal', async () => {
    const content = { ...TRADE, trade_status: 'TRADE_SUCCESS' };
    const genuine = String(answered(QUERY, content).body);
    for (const body of [
      genuine.replace('123.45', '999.45'),
      genuine.replace('"sign"', '"other"'),
      genuine.replace('TRADE_SUCCESS', 'TRADE_SUCCESS '),
      String(answered(QUERY, content, NEXT).body),
      // The signature of one response under another's name, and one response hidden in another.
      `{"alipay_trade_query_response":${JSON.stringify({ ...content, alipay_trade_query_response: 1 })},"sign":"${signedBy(ALIPAY, '1')}"}`,
    ]) {
      played.answers(() => ({ body }));
      expect(await system().provider.find(ORDER)).toEqual(failed('unavailable', 'signatureNotGenuine'));
    }
    played.answers(() => ({ body: JSON.stringify({ alipay_trade_query_response: bad('ACQ.TRADE_NOT_EXIST') }) }));
    expect(await system().provider.find(ORDER)).toEqual(failed('refused', 'unsigned.ACQ.TRADE_NOT_EXIST'));
    played.answers(() => ({ body: JSON.stringify({ error_response: bad('isv.invalid-app-id', '40002') }) }));
    expect(await system().provider.find(ORDER)).toEqual(failed('unauthorised', 'unsigned.isv.invalid-app-id'));
    for (const [code, subCode] of [
      ['40002', 'isv.invalid-signature'],
      ['40006', 'isv.insufficient-isv-permissions'],
    ] as const) {
      played.answers(() => ({ body: JSON.stringify({ error_response: bad(subCode, code) }) }));
      expect(await system().provider.find(ORDER)).toEqual(failed('unauthorised', `unsigned.${subCode}`));
    }
  });

  test('who does not answer, or has failed itself, may be asked again', async () => {
    const { provider } = system();
    await expectFailures(
      (answer) => played.answers(() => answer),
      () => provider.find(ORDER),
    );
    for (const [code, sub_code] of [
      ['20000', 'isp.unknow-error'],
      ['40004', 'ACQ.SYSTEM_ERROR'],
      ['40004', 'aop.ACQ.SYSTEM_ERROR'],
    ] as const) {
      played.answers(() => answered(QUERY, bad(sub_code, code)));
      expect(await provider.find(ORDER)).toEqual(failed('unavailable', sub_code));
    }
    for (const more of [
      { trade_status: 'toString' },
      { trade_status: 'TRADE_SUCCESS', out_trade_no: 'OTHER' },
      { trade_status: 'TRADE_SUCCESS', total_amount: '1e3' },
    ]) {
      played.answers(() => answered(QUERY, { ...TRADE, ...more }));
      expect(await provider.find(ORDER)).toEqual(failed('unavailable', 'notUnderstood'));
    }
  });

  test('an order is closed; so is one that was, or of which nothing is known; a paid one is not', async () => {
    const { provider } = system();
    const close = 'alipay.trade.close';
    const closed = { ok: true, value: undefined };
    played.answers(() => answered(close, { ...GOOD, out_trade_no: ORDER.id }));
    expect(await provider.close(ORDER)).toEqual(closed);
    expect(played.asked[0] && expectSigned(played.asked[0])).toEqual({ out_trade_no: ORDER.id });
    played.answers(() => answered(close, bad('ACQ.TRADE_NOT_EXIST')));
    expect(await provider.close(ORDER)).toEqual(closed);
    for (const [trade_status, outcome] of [
      ['TRADE_CLOSED', closed],
      ['TRADE_SUCCESS', failed('refused', 'ACQ.TRADE_STATUS_ERROR')],
    ] as const) {
      played.answers(({ query }) =>
        query.get('method') === close ? answered(close, bad('ACQ.TRADE_STATUS_ERROR')) : answered(QUERY, { ...TRADE, trade_status }),
      );
      expect(await provider.close(ORDER)).toEqual(outcome);
    }
  });
});

describe('a refund', () => {
  const refund = 'alipay.trade.refund';
  const query = 'alipay.trade.fastpay.refund.query';
  const answer = (fund_change: string) => ({
    ...GOOD,
    out_trade_no: ORDER.id,
    fund_change,
    refund_fee: '3.45',
    buyer_user_id: '2088101117955611',
  });

  test('succeeds at once', async () => {
    played.answers(() => answered(refund, answer('Y')));
    expect(await system().provider.refund(REFUND)).toEqual({ ok: true, value: { kind: 'succeeded' } });
    expect(played.asked[0] && expectSigned(played.asked[0])).toEqual({
      trade_no: REFUND.transaction,
      refund_amount: '3.45',
      out_request_no: REFUND.id,
      refund_reason: '重复捐款',
    });
  });

  test('asked for again moves no money again, and is looked up', async () => {
    for (const [refund_status, kind] of [
      ['REFUND_SUCCESS', 'succeeded'],
      ['REFUND_PROCESSING', 'open'],
      [undefined, 'open'],
    ] as const) {
      played.answers((asked) =>
        asked.query.get('method') === refund
          ? answered(refund, answer('N'))
          : answered(query, { ...GOOD, out_request_no: REFUND.id, refund_status, refund_amount: '3.45' }),
      );
      expect(await system().provider.refund(REFUND)).toEqual({ ok: true, value: { kind } });
    }
  });

  test('is looked up by its order and number; one that Alipay does not know is a refusal', async () => {
    const { provider } = system();
    played.answers(() => answered(query, { ...GOOD, out_request_no: REFUND.id, refund_status: 'REFUND_SUCCESS' }));
    expect(await provider.findRefund(REFUND)).toEqual({ ok: true, value: { kind: 'succeeded' } });
    expect(played.asked[0] && expectSigned(played.asked[0])).toEqual({ out_trade_no: ORDER.id, out_request_no: REFUND.id });
    played.answers(() => answered(query, GOOD));
    expect(await provider.findRefund(REFUND)).toEqual(failed('refused', 'refundNotFound'));
  });

  test('that is refused tells the code', async () => {
    played.answers(() => answered(refund, bad('ACQ.SELLER_BALANCE_NOT_ENOUGH')));
    expect(await system().provider.refund(REFUND)).toEqual(failed('refused', 'ACQ.SELLER_BALANCE_NOT_ENOUGH'));
    played.answers(() => answered(refund, { ...answer('Y'), out_trade_no: 'OTHER' }));
    expect(await system().provider.refund(REFUND)).toEqual(failed('unavailable', 'notUnderstood'));
  });
});

const PAID: Readonly<Record<string, string>> = {
  notify_time: '2026-11-24 14:00:00',
  notify_type: 'trade_status_sync',
  notify_id: '2026112400222140000000000000000001',
  app_id: APP_ID,
  auth_app_id: APP_ID,
  seller_id: SELLER,
  charset: 'utf-8',
  version: '1.0',
  out_trade_no: ORDER.id,
  trade_no: TRADE.trade_no,
  trade_status: 'TRADE_SUCCESS',
  total_amount: '123.45',
  receipt_amount: '120.00',
  buyer_logon_id: '159****5620',
  gmt_create: '2026-11-24 13:59:50',
  gmt_payment: '2026-11-24 13:59:58',
  subject: '幸福里 100% + “爱”=心&情',
  fund_bill_list: '[{"amount":"123.45","fundChannel":"ALIPAYACCOUNT"}]',
};
const PAID_FACT = { kind: 'paid', order: ORDER.id, transaction: TRADE.trade_no, amount: 12345, paidAt: '2026-11-24T05:59:58.000Z' };

const formOf = (parameters: Readonly<Record<string, string>>, key = ALIPAY, sign_type = 'RSA2'): Record<string, string> => {
  const message = Object.entries(parameters)
    .toSorted(([left], [right]) => (left < right ? -1 : 1))
    .map(([name, value]) => `${name}=${value}`)
    .join('&');
  return { ...parameters, sign: signedBy(key, message), sign_type };
};
const sent = (form: Readonly<Record<string, string>>): RawNotification => ({
  headers: { 'content-type': 'application/x-www-form-urlencoded; text/html; charset=utf-8' },
  body: Buffer.from(new URLSearchParams(form).toString()),
});
const notification = (more: Readonly<Record<string, string>> = {}, key?: Pair): RawNotification => sent(formOf({ ...PAID, ...more }, key));

describe('a notification', () => {
  test('that is genuine, as the SDK finds as well, tells of a payment; nothing of the payer', async () => {
    expect(asMerchant.checkNotifySignV2(formOf(PAID))).toBe(true);
    expect(await told(system().provider, notification())).toEqual(PAID_FACT);
    expect(await told(system().provider, notification({ trade_status: 'TRADE_FINISHED' }))).toEqual(PAID_FACT);
  });

  test('is read a hundred times alike', async () => {
    const { provider } = system();
    for (let time = 0; time < 100; time++) expect(await told(provider, notification())).toEqual(PAID_FACT);
  });

  test('that is under way, was given up, or tells of a refund, tells nothing', async () => {
    const { provider } = system();
    const others: readonly Readonly<Record<string, string>>[] = [
      { trade_status: 'WAIT_BUYER_PAY' },
      { trade_status: 'TRADE_CLOSED' },
      // The sum of all refunds, not this one's; this one was answered for when it was asked.
      { refund_fee: '3.45', gmt_refund: '2026-11-24 14:00:00.123', out_biz_no: REFUND.id },
      { trade_status: 'TRADE_CLOSED', refund_fee: '123.45', gmt_refund: '2026-11-24 14:00:00.123', out_biz_no: REFUND.id },
    ];
    for (const more of others) expect(await told(provider, notification(more))).toEqual({ kind: 'nothing' });
  });

  test('is genuine whether its parameters without a value were signed or left out', async () => {
    const { provider } = system();
    const signedToo = formOf({ ...PAID, body: '', passback_params: '' });
    expect(asMerchant.checkNotifySignV2(signedToo)).toBe(true);
    expect(await told(provider, sent(signedToo))).toEqual(PAID_FACT);
    expect(await told(provider, sent({ ...formOf(PAID), body: '' }))).toEqual(PAID_FACT);
    // Whose value is taken away has another meaning, and another signature.
    expect(await told(provider, sent({ ...formOf(PAID), subject: '' }))).toBe('notGenuine');
  });

  test('with one bit turned anywhere is not believed: refused, or the same text in another spelling', async () => {
    const { provider } = system();
    let refusals = 0;
    let same = 0;
    for (const each of forged(notification(), [], 3)) {
      const outcome = await told(provider, each);
      if (typeof outcome === 'string') refusals++;
      else {
        same++;
        expect(outcome).toEqual(PAID_FACT);
        // A percent escape in lower case, and nothing else.
        expect(Object.fromEntries(new URLSearchParams(Buffer.from(each.body).toString()))).toEqual(formOf(PAID));
      }
    }
    expect(refusals).toBeGreaterThan(2500);
    expect(same).toBeLessThan(100);
  });

  test.each([
    ['another app', notification({ app_id: '2021000000000000' }), 'notGenuine'],
    ['another seller', notification({ seller_id: '2088000000000000' }), 'notGenuine'],
    ['no order', notification({ out_trade_no: '' }), 'unreadable'],
    ['an order that is no word', notification({ out_trade_no: '../x' }), 'unreadable'],
    ['no amount', notification({ total_amount: '' }), 'unreadable'],
    ['an amount of three decimals', notification({ total_amount: '123.456' }), 'unreadable'],
    ['an amount in scientific notation', notification({ total_amount: '1e3' }), 'unreadable'],
    ['less than nothing', notification({ total_amount: '-123.45' }), 'unreadable'],
    ['more than a number holds', notification({ total_amount: '99999999999999999999' }), 'unreadable'],
    ['a day that is none', notification({ gmt_payment: '2026-02-30 00:00:00' }), 'unreadable'],
    ['no time of sending', notification({ notify_time: '' }), 'unreadable'],
    ['somebody else’s signature', notification({}, NEXT), 'notGenuine'],
    ['the merchant’s own signature', notification({}, APP), 'notGenuine'],
    ['no signature', sent({ ...PAID, sign_type: 'RSA2' }), 'notGenuine'],
    ['a signature cut short', sent({ ...formOf(PAID), sign: formOf(PAID)['sign']?.slice(0, -9) ?? '' }), 'notGenuine'],
    ['the weaker kind of signature', sent(formOf(PAID, ALIPAY, 'RSA')), 'notGenuine'],
    ['no kind of signature', sent({ ...PAID, sign: formOf(PAID)['sign'] ?? '' }), 'notGenuine'],
    ['one parameter more', sent({ ...formOf(PAID), extra: '1' }), 'notGenuine'],
  ])('with %s changes nothing', async (_what, notified, refusal) => {
    expect(await told(system().provider, notified)).toBe(refusal);
  });

  test('is the same in any order of its parameters, and with a refund of nothing', async () => {
    const turned = Object.fromEntries(Object.entries(formOf({ ...PAID, refund_fee: '0.00' })).toReversed());
    expect(await told(system().provider, sent(turned))).toEqual(PAID_FACT);
  });

  test('with a parameter twice is not genuine, whichever is signed', async () => {
    const { body, headers } = notification();
    for (const twice of [`${body.toString()}&total_amount=999.00`, `total%5Famount=999.00&${body.toString()}`])
      expect(await told(system().provider, { headers, body: Buffer.from(twice) })).toBe('notGenuine');
  });

  test('is stale after 25 hours, for it is sent again for 24 hours and 22 minutes', async () => {
    const { provider } = system();
    for (const [off, outcome] of [
      [24 * HOUR + 22 * MINUTE, PAID_FACT],
      [25 * HOUR, PAID_FACT],
      [25 * HOUR + 1, 'stale'],
      [-25 * HOUR - 1, 'stale'],
    ] as const)
      expect(await told(provider, notification(), plus(NOW, off))).toEqual(outcome);
  });

  test.each(HOSTILE)('of %s trips nobody', async (_what, body) => {
    expect(await told(system().provider, { headers: {}, body })).toMatch(/^(?:notGenuine|unreadable)$/);
  });

  test('is answered for with exactly `success`, or with `failure`, and 200', () => {
    const { provider } = system();
    const contentType = 'text/plain; charset=utf-8';
    expect(provider.answer('taken')).toEqual({ status: 200, contentType, body: 'success' });
    expect(provider.answer('refused')).toEqual({ status: 200, contentType, body: 'failure' });
    expect(provider.answer('later')).toEqual({ status: 200, contentType, body: 'failure' });
  });
});

describe('keys change', () => {
  test('any of the keys may have signed', async () => {
    const { provider } = system({ alipayPublicKeys: [NEXT.shown, ALIPAY.shown] });
    expect(await told(provider, notification())).toEqual(PAID_FACT);
    expect(await told(provider, notification({}, NEXT))).toEqual(PAID_FACT);
  });

  test('a key that we do not know makes the secret be read once more, and not again within a minute', async () => {
    const { provider, state } = system();
    for (let time = 0; time < 20; time++) expect(await told(provider, notification({}, NEXT))).toBe('notGenuine');
    expect(state.reads).toBe(1);
    state.secret = secretOf({ alipayPublicKeys: [NEXT.shown, ALIPAY.shown] });
    state.now = plus(NOW, MINUTE);
    for (let time = 0; time < 20; time++) expect(await told(provider, notification({}, NEXT))).toEqual(PAID_FACT);
    expect(state.reads).toBe(2);
  });

  test('keys in bare base64, as Alipay’s tools give them, do as well: PKCS #8 and PKCS #1', async () => {
    const bare = (type: 'pkcs1' | 'pkcs8') => APP.privateKey.export({ type, format: 'der' }).toString('base64');
    const shown = ALIPAY.publicKey.export({ type: 'spki', format: 'der' }).toString('base64');
    for (const type of ['pkcs1', 'pkcs8'] as const) {
      const { provider } = system({ privateKey: bare(type), alipayPublicKeys: [shown] });
      expect(await told(provider, notification())).toEqual(PAID_FACT);
      const made = await provider.create(PAGE);
      expectSigned({ query: new URL((made.ok && made.value.url) || '').searchParams, body: '' });
    }
  });

  test('where no secret is set, nothing is called, and nothing is believed', async () => {
    const provider = alipay(dependenciesFor(undefined).dependencies);
    expect(await told(provider, notification())).toBe('notConfigured');
    expect(await provider.create(PAGE)).toEqual(failed('notConfigured'));
    expect(await provider.find(ORDER)).toEqual(failed('notConfigured'));
    expect(await provider.findRefund(REFUND)).toEqual(failed('notConfigured'));
    await expect(linesOf(provider.bill(DAY))).rejects.toThrow('notConfigured');
  });

  test.each([
    ['a field is missing', { sellerId: undefined }, /sellerId is missing or wrong/],
    ['a field is too many', { other: 'hush' }, /a field that is not known/],
    ['a key is no key', { privateKey: 'hush' }, /privateKey is no RSA private key/],
    ['a public key is no key', { alipayPublicKeys: ['hush'] }, /one of alipayPublicKeys/],
    ['there is no public key', { alipayPublicKeys: [] }, /alipayPublicKeys is missing or wrong/],
    ['the gateway is no https', { gateway: 'http://hush.example/gateway.do' }, /gateway is missing or wrong/],
  ])('a secret in which %s says what to do, and nothing of what is in it', async (_what, more, message) => {
    const thrown = await system(more)
      .provider.create(PAGE)
      .catch((error: unknown) => error);
    expect(String(thrown)).toMatch(message);
    expect(String(thrown)).toMatch(/Put a JSON object of this shape there/);
    expect(String(thrown)).not.toMatch(/hush|BEGIN/);
  });
});

describe('a daily bill', () => {
  const method = 'alipay.data.dataservice.bill.downloadurl.query';
  /** GBK has no encoder in Node: what it decodes, turned round. */
  const GBK = new Map<string, Buffer>();
  for (let high = 0x81; high <= 0xfe; high++)
    for (let low = 0x40; low <= 0xfe; low++) {
      const bytes = Buffer.from([high, low]);
      const text = new TextDecoder('gbk').decode(bytes);
      if (text.length === 1 && text !== '\uFFFD' && !GBK.has(text)) GBK.set(text, bytes);
    }
  const gbk = (text: string): Buffer => Buffer.concat(Array.from(text, (character) => GBK.get(character) ?? Buffer.from(character)));

  /** A zip as APPNOTE.TXT has it; `extra` makes local headers longer than those of the directory say, as many writers do. */
  const zip = (files: readonly (readonly [string, Buffer])[], { stored = false, extra = 0 } = {}): Buffer => {
    const parts: Buffer[] = [];
    const directory: Buffer[] = [];
    let at = 0;
    for (const [name, content] of files) {
      const packed = stored ? content : deflateRawSync(content);
      const fields = (signature: number, versions: number, more: number, tail: number): Buffer => {
        const header = Buffer.alloc(tail);
        header.writeUInt32LE(signature, 0);
        const from = versions;
        header.writeUInt16LE(stored ? 0 : 8, from + 4);
        header.writeUInt32LE(crc32(content), from + 10);
        header.writeUInt32LE(packed.length, from + 14);
        header.writeUInt32LE(content.length, from + 18);
        header.writeUInt16LE(gbk(name).length, from + 22);
        header.writeUInt16LE(more, from + 24);
        return header;
      };
      const central = fields(0x02014b50, 6, 0, 46);
      central.writeUInt32LE(at, 42);
      directory.push(central, gbk(name));
      const local = [fields(0x04034b50, 4, extra, 30), gbk(name), Buffer.alloc(extra), packed];
      parts.push(...local);
      at += Buffer.concat(local).length;
    }
    const end = Buffer.alloc(22);
    end.writeUInt32LE(0x06054b50, 0);
    end.writeUInt16LE(files.length, 8);
    end.writeUInt16LE(files.length, 10);
    end.writeUInt32LE(Buffer.concat(directory).length, 12);
    end.writeUInt32LE(at, 16);
    return Buffer.concat([...parts, ...directory, end]);
  };

  const HEADING =
    '支付宝交易号,商户订单号,业务类型,商品名称,创建时间,完成时间,门店编号,门店名称,操作员,终端号,对方账户,订单金额（元）,商家实收（元）,' +
    '支付宝红包（元）,集分宝（元）,支付宝优惠（元）,商家优惠（元）,券核销金额（元）,券名称,商家红包消费金额（元）,卡消费金额（元）,退款批次号/请求号,服务费（元）,分润（元）,备注';
  const row = (kind: string, order: string, amount: string, refund = '', subject = '幸福里基金'): string =>
    `2026112422001\t,${order}\t,${kind},${subject},2026-11-24 13:59:50,2026-11-24 13:59:58,,,,,*三(159****5620),${amount},${amount},0.00,0.00,0.00,0.00,0.00,,0.00,0.00,${refund},-0.01,0.00,`;
  const table = (...rows: readonly string[]): Buffer =>
    gbk(
      [
        '#支付宝业务明细查询',
        `#账号：[${SELLER}0156]`,
        '#-----------------------------------------业务明细列表----------------------------------------',
        HEADING,
        ...rows,
        '#-----------------------------------------业务明细列表结束------------------------------------',
        `#导出时间：[2026年11月25日]`,
        '',
      ].join('\r\n'),
    );
  const totals = gbk('#支付宝业务汇总查询\r\n门店编号,门店名称,交易订单总笔数,退款订单总笔数\r\n,,1,1\r\n');

  const offered = (file: Buffer, status = 200): void =>
    played.answers(({ path }) =>
      path.startsWith('/gateway.do')
        ? answered(method, { ...GOOD, bill_download_url: `${played.url}/downloadBillFile.resource?bizType=trade&fileId=1%2F2` })
        : { status, body: file },
    );
  const read = (file: Buffer, status?: number) => {
    offered(file, status);
    return linesOf(system().provider.bill(DAY));
  };
  const files = (detail: Buffer): readonly (readonly [string, Buffer])[] => [
    [`${SELLER}0156_20261124_业务明细(汇总).csv`, totals],
    [`${SELLER}0156_20261124_业务明细.csv`, detail],
  ];

  test.each([{}, { stored: true }, { extra: 28 }])('is read from its zip: payments, and refunds by their numbers (%j)', async (packing) => {
    const lines = await read(
      zip(
        files(
          table(
            row('交易', 'A', '1234567.80'),
            row('退款', 'A', '-3.45', 'R'),
            row('交易', 'B', '1', '', '"有,逗号 ""和"" 引号"'),
            row('其他', 'C', '9.00'),
          ),
        ),
        packing,
      ),
    );
    const transaction = '2026112422001';
    expect(lines).toEqual([
      { kind: 'payment', order: 'A', transaction, amount: fen(123456780) },
      { kind: 'refund', order: 'A', refund: 'R', transaction, amount: fen(345) },
      { kind: 'payment', order: 'B', transaction, amount: fen(100) },
    ]);
    expect(played.asked.map(({ path }) => path.split('?')[0])).toEqual(['/gateway.do', '/downloadBillFile.resource']);
    expect(played.asked[0] && expectSigned(played.asked[0])).toEqual({ bill_type: 'trade', bill_date: DAY });
    expect(played.asked[1]?.path).toContain('fileId=1%2F2');
  });

  test('may be empty', async () => {
    expect(await read(zip(files(table())))).toEqual([]);
  });

  test.each([
    ['that is no zip', Buffer.from('<html>'), /no zip/],
    ['cut short', zip(files(table())).subarray(0, -40), /./],
    ['without the table', zip([['other.csv', totals]]), /no table of trades/],
    ['with a line that has a comma too many', zip(files(table(row('交易', 'A', '1.00', '', 'a,b')))), /26 cells below 25/],
    ['with an amount that is none', zip(files(table(row('交易', 'A', '1e3')))), /amount/],
    ['with a broken file', zip(files(table())).fill(0xff, 60, 90), /./],
  ])('%s is not believed', async (_what, file, message) => {
    await expect(read(file)).rejects.toThrow(message);
  });

  test('that cannot be fetched is not there yet', async () => {
    await expect(read(Buffer.from(''), 404)).rejects.toThrow('http.404');
  });

  test('that is not there before ten the next morning is not there yet; afterwards the day had no payments', async () => {
    for (const code of ['isp.bill_not_exist', 'BILL_NOT_EXIST', 'NO_BILL_DATA']) {
      const { provider, state } = system();
      played.answers(() => answered(method, bad(code)));
      await expect(linesOf(provider.bill(DAY))).rejects.toThrow(code);
      state.now = DAY_AFTER;
      expect(await linesOf(provider.bill(DAY))).toEqual([]);
    }
  });

  test('is fetched by https, though Alipay names it with http', async () => {
    const asked: string[] = [];
    const watched: typeof fetch = (url, init) => {
      const text = typeof url === 'string' ? url : '';
      if (text.startsWith(played.url)) return fetch(url, init);
      asked.push(text);
      return Promise.resolve(new Response(new Uint8Array(zip(files(table())))));
    };
    played.answers(() =>
      answered(method, { ...GOOD, bill_download_url: 'http://dwbillcenter.alipay.com/downloadBillFile.resource?bizType=X' }),
    );
    const provider = alipay(dependenciesFor(secretOf(), { fetch: watched }).dependencies);
    expect(await linesOf(provider.bill(DAY))).toEqual([]);
    expect(asked).toEqual(['https://dwbillcenter.alipay.com/downloadBillFile.resource?bizType=X']);
  });
});
