/** WeChat Pay's adapter against a WeChat Pay that is played here, with the signatures and seals of `wechatpay-axios-plugin` as the other side. */
import { createHash } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Aes, Formatter, Rsa } from 'wechatpay-axios-plugin';
import type { RawNotification } from '../../../functions/data/payments.ts';
import { wechatPay } from '../../../functions/donations/payments/wechat-pay.ts';
import { fen } from '../../../functions/kernel/money.ts';
import { MINUTE, plus, SECOND, toEpochSeconds, type EpochMs } from '../../../functions/kernel/time.ts';
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

const MERCHANT = rsaPair();
const PLATFORM = rsaPair();
const NEXT = rsaPair();
const KEY = '0123456789abcdef0123456789ABCDEF';
const SERIAL = 'PUB_KEY_ID_0116';
const CERTIFICATE = '5157F09EFDC096DE15EBE81A47057A7232F1B8E1';

let played: Played;
beforeAll(async () => {
  played = await play();
});
afterAll(() => played.stop());

const secretOf = (more: object = {}): object => ({
  mchId: '1900000109',
  appId: 'wxd678efh567hg6787',
  apiV3Key: KEY,
  serial: '1DDE55AD98ED71D6EDD4A4A16996DE7B47773A8C',
  privateKey: MERCHANT.secret,
  platformKeys: { [SERIAL]: PLATFORM.shown },
  apiBase: played.url,
  ...more,
});
const system = (more?: object) => {
  const { dependencies, state } = dependenciesFor(secretOf(more));
  return { provider: wechatPay(dependencies), state };
};

/** As WeChat Pay signs: answers and notifications alike. */
const signedHeaders = (body: string, { key = PLATFORM, serial = SERIAL, at = NOW }: { key?: Pair; serial?: string; at?: EpochMs } = {}) => {
  const [timestamp, nonce] = [String(toEpochSeconds(at)), 'fdasflkja484w'];
  return {
    'wechatpay-timestamp': timestamp,
    'wechatpay-nonce': nonce,
    'wechatpay-serial': serial,
    'wechatpay-signature': Rsa.sign(Formatter.response(timestamp, nonce, body), key.privateKey),
  };
};
const answered = (content: unknown, status = 200): Answer => {
  const body = content === undefined ? '' : JSON.stringify(content);
  return { status, headers: { 'content-type': 'application/json', ...signedHeaders(body) }, body };
};

const PAID = {
  mchid: '1900000109',
  appid: 'wxd678efh567hg6787',
  out_trade_no: ORDER.id,
  transaction_id: '4200001234567890',
  trade_type: 'NATIVE',
  trade_state: 'SUCCESS',
  success_time: '2026-11-24T13:59:58+08:00',
  payer: { openid: 'oUpF8uMuAJO_M2pxb1Q9zNjWeS6o' },
  // A coupon paid a part: what counts is the whole.
  amount: { total: 12345, payer_total: 12000, currency: 'CNY', payer_currency: 'CNY' },
};
const REFUNDED = {
  mchid: '1900000109',
  transaction_id: '4200001234567890',
  out_trade_no: ORDER.id,
  refund_id: '50300807092026112400000000001',
  out_refund_no: REFUND.id,
  refund_status: 'SUCCESS',
  success_time: '2026-11-24T13:59:58+08:00',
  user_received_account: '招商银行信用卡0403',
  amount: { total: 12345, refund: 345, payer_total: 12000, payer_refund: 335 },
};
const PAID_FACT = { kind: 'paid', order: ORDER.id, transaction: '4200001234567890', amount: 12345, paidAt: '2026-11-24T05:59:58.000Z' };

interface Sealing {
  readonly event?: string;
  readonly apiV3Key?: string;
  readonly key?: Pair;
  readonly serial?: string;
  readonly at?: EpochMs;
}
const sealed = (content: unknown, { event = 'TRANSACTION.SUCCESS', apiV3Key = KEY }: Sealing = {}): string =>
  JSON.stringify({
    id: 'EV-2026112413595800000000',
    create_time: '2026-11-24T13:59:59+08:00',
    resource_type: 'encrypt-resource',
    event_type: event,
    summary: '支付成功',
    resource: {
      original_type: 'transaction',
      algorithm: 'AEAD_AES_256_GCM',
      ciphertext: Aes.AesGcm.encrypt(JSON.stringify(content), apiV3Key, 'abcdefghijkl', 'transaction'),
      associated_data: 'transaction',
      nonce: 'abcdefghijkl',
    },
  });
const notified = (body: string, sealing: Sealing = {}): RawNotification => ({
  headers: signedHeaders(body, sealing),
  body: Buffer.from(body),
});
const notification = (content: unknown, sealing: Sealing = {}): RawNotification => notified(sealed(content, sealing), sealing);
const HEADERS = ['wechatpay-timestamp', 'wechatpay-nonce', 'wechatpay-serial', 'wechatpay-signature'];

/** That a request is signed by the merchant, as WeChat Pay would verify it. */
const expectSigned = ({ method, path, headers, body }: Asked): void => {
  const [scheme, fields = ''] = (headers['authorization'] ?? '').split(' ');
  const {
    mchid,
    nonce_str: nonce = '',
    signature = '',
    timestamp = '',
    serial_no: serial,
  } = Object.fromEntries([...fields.matchAll(/(\w+)="([^"]*)"/g)].map(([, name = '', value = '']) => [name, value]));
  expect([scheme, mchid, serial, timestamp]).toEqual([
    'WECHATPAY2-SHA256-RSA2048',
    '1900000109',
    '1DDE55AD98ED71D6EDD4A4A16996DE7B47773A8C',
    String(toEpochSeconds(NOW)),
  ]);
  expect(nonce).toMatch(/^[0-9a-f]{32}$/);
  expect(Rsa.verify(Formatter.request(method, path, timestamp, nonce, body), signature, MERCHANT.publicKey)).toBe(true);
};

describe('an order is made', () => {
  const expected = {
    appid: 'wxd678efh567hg6787',
    mchid: '1900000109',
    description: '幸福里社区基金',
    out_trade_no: ORDER.id,
    time_expire: '2026-11-24T14:30:00+08:00',
    notify_url: ORDER.notifyUrl,
    amount: { total: 12345, currency: 'CNY' },
  };

  test('native: signed, and the code is what the payer scans', async () => {
    played.answers(() => answered({ code_url: 'weixin://wxpay/bizpayurl/up?pr=NwY5Mz9' }));
    expect(await system().provider.create(ORDER)).toEqual({
      ok: true,
      value: { method: 'native', codeUrl: 'weixin://wxpay/bizpayurl/up?pr=NwY5Mz9' },
    });
    const [asked] = played.asked;
    if (asked === undefined) throw new Error('nothing was asked');
    expectSigned(asked);
    expect([asked.method, asked.path, JSON.parse(asked.body)]).toEqual(['POST', '/v3/pay/transactions/native', expected]);
    // Answers are asked for under the key that we can verify.
    expect(asked.headers['wechatpay-serial']).toBe(SERIAL);
  });

  test('h5: with the payer’s address, and the way back', async () => {
    played.answers(() => answered({ h5_url: 'https://wx.tenpay.com/cgi-bin/mmpayweb-bin/checkmweb?prepay_id=wx2016&package=1037687096' }));
    const order = { ...ORDER, method: 'h5', payerIp: '203.0.113.9', returnUrl: 'https://linli.example/thanks?a=1' } as const;
    const made = await system().provider.create(order);
    expect(made).toMatchObject({ ok: true, value: { method: 'h5' } });
    const url = new URL((made.ok && made.value.url) || '');
    expect([url.searchParams.get('prepay_id'), url.searchParams.get('redirect_url')]).toEqual(['wx2016', order.returnUrl]);
    expect(JSON.parse(played.asked[0]?.body ?? '')).toEqual({
      ...expected,
      scene_info: { payer_client_ip: '203.0.113.9', h5_info: { type: 'Wap' } },
    });
  });

  test('jsapi: what the page gives to WeChat is signed by the merchant', async () => {
    played.answers(() => answered({ prepay_id: 'wx201410272009395522657a690389285100' }));
    const made = await system().provider.create({ ...ORDER, method: 'jsapi', openId: 'oUpF8uMuAJO_M2pxb1Q9zNjWeS6o' });
    const { appId, timeStamp, nonceStr, package: prepaid, signType, paySign } = (made.ok && made.value.jsapi) || {};
    expect([appId, timeStamp, prepaid, signType]).toEqual([
      'wxd678efh567hg6787',
      String(toEpochSeconds(NOW)),
      'prepay_id=wx201410272009395522657a690389285100',
      'RSA',
    ]);
    const message = Formatter.joinedByLineFeed(appId ?? '', timeStamp ?? '', nonceStr ?? '', prepaid ?? '');
    expect(Rsa.verify(message, paySign ?? '', MERCHANT.publicKey)).toBe(true);
    expect(JSON.parse(played.asked[0]?.body ?? '')).toEqual({ ...expected, payer: { openid: 'oUpF8uMuAJO_M2pxb1Q9zNjWeS6o' } });
  });

  test('not by a way that is not WeChat Pay’s, or without what it needs', async () => {
    const { provider } = system();
    played.answers(() => answered({}));
    expect(await provider.create({ ...ORDER, method: 'page' })).toEqual(failed('refused', 'methodNotOffered'));
    expect(await provider.create({ ...ORDER, method: 'jsapi' })).toEqual(failed('refused', 'openIdMissing'));
    expect(await provider.create({ ...ORDER, method: 'h5' })).toEqual(failed('refused', 'payerIpMissing'));
    expect(played.asked).toEqual([]);
  });

  test('a refusal tells its code, and nothing that somebody wrote', async () => {
    played.answers(() => answered({ code: 'PARAM_ERROR', message: 'openid oUpF8uMuAJO 无效' }, 400));
    expect(await system().provider.create(ORDER)).toEqual(failed('refused', 'PARAM_ERROR'));
    played.answers(() => answered({ code: 'openid oUpF8uMuAJO 无效' }, 400));
    expect(await system().provider.create(ORDER)).toEqual(failed('refused', 'unnamed'));
    played.answers(() => answered({ code: 'SYSTEM_ERROR' }, 400));
    expect(await system().provider.create(ORDER)).toEqual(failed('unavailable', 'SYSTEM_ERROR'));
    // Keys that do not do are not the order's fault: a refund is not given up for them.
    for (const code of ['SIGN_ERROR', 'NO_AUTH']) {
      played.answers(() => answered({ code }, code === 'NO_AUTH' ? 403 : 401));
      expect(await system().provider.create(ORDER)).toEqual(failed('unauthorised', code));
    }
  });

  test('who does not answer, or answers with 5xx or nonsense, may be asked again', async () => {
    const { provider } = system();
    await expectFailures(
      (answer) => played.answers(() => answer),
      () => provider.create(ORDER),
    );
    const silent: typeof fetch = (_url, init) =>
      init?.signal instanceof AbortSignal
        ? Promise.reject(new DOMException('late', 'TimeoutError'))
        : Promise.reject(new Error('no limit'));
    expect(await wechatPay({ ...dependenciesFor(secretOf()).dependencies, fetch: silent }).create(ORDER)).toEqual(
      failed('unavailable', 'TimeoutError'),
    );
  });

  test('an answer that WeChat Pay has not signed, or long ago, is none', async () => {
    const body = JSON.stringify({ code_url: 'weixin://wxpay/other' });
    const { 'wechatpay-signature': signature, ...unsigned } = signedHeaders(body);
    const wrong: readonly Record<string, string>[] = [
      {},
      unsigned,
      { ...unsigned, 'wechatpay-signature': `WECHATPAY/SIGNTEST/${signature}` },
      signedHeaders(`${body} `),
      signedHeaders(body, { key: NEXT }),
      signedHeaders(body, { serial: CERTIFICATE }),
      signedHeaders(body, { at: plus(NOW, -5 * MINUTE - SECOND) }),
    ];
    for (const headers of wrong) {
      played.answers(() => ({ headers, body }));
      expect(await system().provider.create(ORDER)).toEqual(failed('unavailable', 'signatureNotGenuine'));
    }
  });

  test('commas and backticks, which would part the cells of a bill, are written as other signs', async () => {
    played.answers(() => answered({ code_url: 'weixin://' }));
    await system().provider.create({ ...ORDER, subject: '爱,`心\n基金' });
    expect(JSON.parse(played.asked[0]?.body ?? '')).toMatchObject({ description: '爱，’心 基金' });
  });
});

describe('what became of an order', () => {
  test.each([
    ['SUCCESS', { ...PAID_FACT, order: undefined }],
    ['REFUND', { ...PAID_FACT, order: undefined }],
    ['NOTPAY', { kind: 'open' }],
    ['USERPAYING', { kind: 'open' }],
    ['CLOSED', { kind: 'closed' }],
    ['REVOKED', { kind: 'closed' }],
    ['PAYERROR', { kind: 'closed' }],
  ])('%s', async (trade_state, state) => {
    played.answers(() => answered({ ...PAID, trade_state }));
    expect(await system().provider.find(ORDER)).toEqual({ ok: true, value: state });
    expect(played.asked[0]?.path).toBe(`/v3/pay/transactions/out-trade-no/${ORDER.id}?mchid=1900000109`);
    played.asked.forEach(expectSigned);
  });

  test('one that was never made is closed', async () => {
    played.answers(() => answered({ code: 'ORDER_NOT_EXIST', message: '订单不存在' }, 404));
    expect(await system().provider.find(ORDER)).toEqual({ ok: true, value: { kind: 'closed' } });
  });

  test.each([
    ['another merchant’s', { mchid: '1900000110' }],
    ['another app’s', { appid: 'wx0000000000000000' }],
    ['another order', { out_trade_no: 'OTHER' }],
    ['another currency', { amount: { total: 1, currency: 'USD' } }],
    ['no amount', { amount: { total: 0, currency: 'CNY' } }],
    ['a state that we do not know', { trade_state: 'toString' }],
  ])('%s is not understood', async (_what, more) => {
    played.answers(() => answered({ ...PAID, ...more }));
    expect(await system().provider.find(ORDER)).toEqual(failed('unavailable', 'notUnderstood'));
  });

  test('an order is closed; so is one that was, or that never was; a paid one is not', async () => {
    const { provider } = system();
    played.answers(() => answered(undefined, 204));
    expect(await provider.close(ORDER)).toEqual({ ok: true, value: undefined });
    const [asked] = played.asked;
    expect([asked?.path, asked?.body]).toEqual([`/v3/pay/transactions/out-trade-no/${ORDER.id}/close`, '{"mchid":"1900000109"}']);
    played.asked.forEach(expectSigned);
    for (const code of ['ORDER_CLOSED', 'ORDER_NOT_EXIST']) {
      played.answers(() => answered({ code }, 400));
      expect(await provider.close(ORDER)).toEqual({ ok: true, value: undefined });
    }
    played.answers(() => answered({ code: 'ORDERPAID' }, 400));
    expect(await provider.close(ORDER)).toEqual(failed('refused', 'ORDERPAID'));
  });
});

describe('a refund', () => {
  const states = [
    ['SUCCESS', 'succeeded'],
    ['PROCESSING', 'open'],
    ['CLOSED', 'failed'],
    ['ABNORMAL', 'failed'],
  ] as const;

  test.each(states)('%s is %s, when it is asked for and when it is looked up', async (status, kind) => {
    const { provider } = system();
    played.answers(() => answered({ out_refund_no: REFUND.id, status, amount: { refund: 345 } }));
    expect(await provider.refund(REFUND)).toEqual({ ok: true, value: { kind } });
    expect(await provider.findRefund(REFUND)).toEqual({ ok: true, value: { kind } });
    expect(played.asked.map(({ method, path }) => `${method} ${path}`)).toEqual([
      'POST /v3/refund/domestic/refunds',
      `GET /v3/refund/domestic/refunds/${REFUND.id}`,
    ]);
    played.asked.forEach(expectSigned);
    expect(JSON.parse(played.asked[0]?.body ?? '')).toEqual({
      transaction_id: REFUND.transaction,
      out_refund_no: REFUND.id,
      reason: '重复捐款',
      notify_url: REFUND.notifyUrl,
      amount: { refund: 345, total: 12345, currency: 'CNY' },
    });
  });

  test('its reason is cut at a whole character within 80 bytes', async () => {
    played.answers(() => answered({ out_refund_no: REFUND.id, status: 'SUCCESS' }));
    for (const [reason, sent] of [
      ['款'.repeat(27), '款'.repeat(26)],
      [`a${'𠮷'.repeat(30)}`, `a${'𠮷'.repeat(19)}`],
      ['', undefined],
    ]) {
      await system().provider.refund({ ...REFUND, reason: reason ?? '' });
      expect(JSON.parse(played.asked.at(-1)?.body ?? '').reason).toBe(sent);
    }
  });

  test('an answer about another refund, or in a state that we do not know, may be asked for again', async () => {
    for (const more of [{ out_refund_no: 'OTHER', status: 'SUCCESS' }, { out_refund_no: REFUND.id, status: 'constructor' }, {}]) {
      played.answers(() => answered(more));
      expect(await system().provider.refund(REFUND)).toEqual(failed('unavailable', 'notUnderstood'));
    }
  });

  test('too little money, and a refund that WeChat Pay does not know, are refusals', async () => {
    const { provider } = system();
    played.answers(() => answered({ code: 'NOT_ENOUGH' }, 403));
    expect(await provider.refund(REFUND)).toEqual(failed('refused', 'NOT_ENOUGH'));
    played.answers(() => answered({ code: 'RESOURCE_NOT_EXISTS' }, 404));
    expect(await provider.findRefund(REFUND)).toEqual(failed('refused', 'RESOURCE_NOT_EXISTS'));
  });
});

describe('a notification', () => {
  test('that is genuine tells of a payment: the whole amount, whatever part a coupon paid; nothing of the payer', async () => {
    expect(await told(system().provider, notification(PAID))).toEqual(PAID_FACT);
  });

  test.each([
    ['REFUND.SUCCESS', 'SUCCESS', 'succeeded'],
    ['REFUND.CLOSED', 'CLOSED', 'failed'],
    ['REFUND.ABNORMAL', 'ABNORMAL', 'failed'],
  ])('%s tells of a refund', async (event, refund_status, outcome) => {
    const fact = await told(system().provider, notification({ ...REFUNDED, refund_status }, { event }));
    expect(fact).toEqual({ kind: 'refunded', order: ORDER.id, refund: REFUND.id, amount: 345, outcome });
  });

  test('of another kind tells nothing', async () => {
    const { provider } = system();
    expect(await told(provider, notification({ any: 1 }, { event: 'COUPON.USE' }))).toEqual({ kind: 'nothing' });
    expect(await told(provider, notification({ ...PAID, trade_state: 'NOTPAY' }))).toEqual({ kind: 'nothing' });
  });

  test('is read a hundred times alike', async () => {
    const { provider, state } = system();
    const again = notification(PAID);
    for (let time = 0; time < 100; time++) expect(await told(provider, again)).toEqual(PAID_FACT);
    expect(state.reads).toBe(1);
  });

  test('with one bit turned anywhere is not genuine', async () => {
    const { provider } = system();
    let count = 0;
    for (const each of forged(notification(PAID), HEADERS, 5)) {
      count++;
      expect(await told(provider, each)).toBe('notGenuine');
    }
    expect(count).toBeGreaterThan(4000);
  });

  test('with its JSON written anew, says the same and is not genuine', async () => {
    const genuine = notification(PAID);
    const anew = Buffer.from(JSON.stringify(JSON.parse(Buffer.from(genuine.body).toString()), null, 1));
    expect(await told(system().provider, { ...genuine, body: anew })).toBe('notGenuine');
    expect(await told(system().provider, { ...genuine, body: Buffer.concat([genuine.body, Buffer.from('\n')]) })).toBe('notGenuine');
  });

  test.each(HEADERS)('without %s, or with an empty one, is not genuine', async (name) => {
    const genuine = notification(PAID);
    const { provider } = system();
    for (const value of [undefined, '', ' ', '\n', '__proto__'])
      expect(await told(provider, { ...genuine, headers: { ...genuine.headers, [name]: value } })).toBe('notGenuine');
  });

  test('with WeChat Pay’s probe for a signature is not genuine, so that the probe finds what it looks for', async () => {
    const genuine = notification(PAID);
    const signature = `WECHATPAY/SIGNTEST/${genuine.headers['wechatpay-signature'] ?? ''}`;
    expect(await told(system().provider, { ...genuine, headers: { ...genuine.headers, 'wechatpay-signature': signature } })).toBe(
      'notGenuine',
    );
  });

  test('signed by somebody else, or cut short, is not genuine', async () => {
    const genuine = notification(PAID);
    expect(await told(system().provider, notification(PAID, { key: MERCHANT }))).toBe('notGenuine');
    const cut = (genuine.headers['wechatpay-signature'] ?? '').slice(0, -9);
    expect(await told(system().provider, { ...genuine, headers: { ...genuine.headers, 'wechatpay-signature': cut } })).toBe('notGenuine');
  });

  test('is stale after five minutes, and as long before its time', async () => {
    const { provider } = system();
    for (const [off, outcome] of [
      [5 * MINUTE, PAID_FACT],
      [-5 * MINUTE, PAID_FACT],
      [5 * MINUTE + 1, 'stale'],
      [-5 * MINUTE - 1, 'stale'],
    ] as const)
      expect(await told(provider, notification(PAID), plus(NOW, off))).toEqual(outcome);
  });

  test.each([
    ['another merchant', { ...PAID, mchid: '1900000110' }, {}, 'notGenuine'],
    ['another app', { ...PAID, appid: 'wx0000000000000000' }, {}, 'notGenuine'],
    ['another merchant’s refund', { ...REFUNDED, mchid: '1900000110' }, { event: 'REFUND.SUCCESS' }, 'notGenuine'],
    ['another currency', { ...PAID, amount: { total: 12345, currency: 'HKD' } }, {}, 'unreadable'],
    ['no order', { ...PAID, out_trade_no: undefined }, {}, 'unreadable'],
    ['half a fen', { ...PAID, amount: { total: 12345.5, currency: 'CNY' } }, {}, 'unreadable'],
    ['less than nothing', { ...PAID, amount: { total: -1, currency: 'CNY' } }, {}, 'unreadable'],
    ['more than a number holds', { ...PAID, amount: { total: 2 ** 60, currency: 'CNY' } }, {}, 'unreadable'],
    ['a day that is none', { ...PAID, success_time: '2026-02-30T00:00:00+08:00' }, {}, 'unreadable'],
    ['something else in the seal', 'text', {}, 'unreadable'],
    ['a seal by another key', PAID, { apiV3Key: KEY.toLowerCase() }, 'unreadable'],
  ])('for %s changes nothing', async (_what, content, sealing, refusal) => {
    expect(await told(system().provider, notification(content, sealing))).toBe(refusal);
  });

  test.each(HOSTILE)('of %s is unreadable when it is signed, not genuine when it is not, and trips nobody', async (_what, body) => {
    const { provider } = system();
    const signature = Rsa.sign(
      Buffer.concat([Buffer.from(`${toEpochSeconds(NOW)}\nonce\n`), body, Buffer.from('\n')]) as never,
      PLATFORM.privateKey,
    );
    const headers = {
      'wechatpay-timestamp': String(toEpochSeconds(NOW)),
      'wechatpay-nonce': 'once',
      'wechatpay-serial': SERIAL,
      'wechatpay-signature': signature,
    };
    expect(await told(provider, { headers, body })).toBe('unreadable');
    expect(await told(provider, { headers: {}, body })).toBe('notGenuine');
  });

  test.each([
    ['no base64', { ciphertext: '***' }],
    ['nothing', { ciphertext: '' }],
    ['less than a tag', { ciphertext: 'AAAA' }],
    ['a nonce of another length', { nonce: 'abc' }],
    ['no nonce', { nonce: '' }],
    ['another context', { associated_data: 'refund' }],
    ['another algorithm', { algorithm: 'AES-ECB' }],
  ])('whose seal has %s is unreadable', async (_what, more) => {
    const content = JSON.parse(sealed(PAID));
    const body = JSON.stringify({ ...content, resource: { ...content.resource, ...more } });
    expect(await told(system().provider, notified(body))).toBe('unreadable');
  });

  test('is answered for in the words that WeChat Pay wants', () => {
    const { provider } = system();
    const contentType = 'application/json; charset=utf-8';
    expect(provider.answer('taken')).toEqual({ status: 200, contentType, body: '{"code":"SUCCESS"}' });
    expect(provider.answer('refused')).toMatchObject({ status: 401, body: expect.stringContaining('"code":"FAIL"') });
    expect(provider.answer('later')).toMatchObject({ status: 503, body: expect.stringContaining('"code":"FAIL"') });
  });
});

describe('keys change', () => {
  test('old and new platform keys are told apart by the serial', async () => {
    const { provider } = system({ platformKeys: { [SERIAL]: PLATFORM.shown, [CERTIFICATE]: NEXT.shown } });
    expect(await told(provider, notification(PAID))).toEqual(PAID_FACT);
    expect(await told(provider, notification(PAID, { key: NEXT, serial: CERTIFICATE }))).toEqual(PAID_FACT);
    // A genuine signature under the other’s name is none.
    expect(await told(provider, notification(PAID, { key: NEXT }))).toBe('notGenuine');
  });

  test('an unknown serial makes the secret be read once more, and not again within a minute', async () => {
    const { provider, state } = system();
    const next = notification(PAID, { key: NEXT, serial: CERTIFICATE });
    expect(await told(provider, notification(PAID))).toEqual(PAID_FACT);
    for (let time = 0; time < 50; time++) expect(await told(provider, next)).toBe('notGenuine');
    expect(state.reads).toBe(1);
    state.secret = secretOf({ platformKeys: { [SERIAL]: PLATFORM.shown, [CERTIFICATE]: NEXT.shown } });
    state.now = plus(NOW, MINUTE);
    for (let time = 0; time < 50; time++) expect(await told(provider, next)).toEqual(PAID_FACT);
    expect(state.reads).toBe(2);
  });

  test('a new key for seals is found as well', async () => {
    const { provider, state } = system();
    const apiV3Key = 'another0another0another0another0';
    expect(await told(provider, notification(PAID))).toEqual(PAID_FACT);
    state.secret = secretOf({ apiV3Key });
    state.now = plus(NOW, MINUTE);
    expect(await told(provider, notification(PAID, { apiV3Key }))).toEqual(PAID_FACT);
  });

  test('a key that was taken out is trusted for ten minutes at most', async () => {
    const { provider, state } = system();
    expect(await told(provider, notification(PAID))).toEqual(PAID_FACT);
    state.secret = secretOf({ platformKeys: { [CERTIFICATE]: NEXT.shown } });
    state.now = plus(NOW, 10 * MINUTE);
    expect(await told(provider, notification(PAID))).toBe('notGenuine');
  });

  test('where no secret is set, nothing is called, and nothing is believed', async () => {
    const { dependencies } = dependenciesFor(undefined);
    const provider = wechatPay(dependencies);
    played.answers(() => answered({}));
    const none = failed('notConfigured');
    expect(await told(provider, notification(PAID))).toBe('notConfigured');
    expect(await provider.create(ORDER)).toEqual(none);
    expect(await provider.find(ORDER)).toEqual(none);
    expect(await provider.close(ORDER)).toEqual(none);
    expect(await provider.refund(REFUND)).toEqual(none);
    expect(await provider.findRefund(REFUND)).toEqual(none);
    await expect(linesOf(provider.bill(DAY))).rejects.toThrow('notConfigured');
    expect(played.asked).toEqual([]);
  });

  test.each([
    ['a field is missing', { apiV3Key: undefined }, /apiV3Key is missing or wrong/],
    ['a key is too short', { apiV3Key: 'too short' }, /apiV3Key is missing or wrong/],
    ['a field is too many', { other: 'hush' }, /a field that is not known/],
    ['a key is no key', { privateKey: 'hush' }, /privateKey is no RSA private key/],
    ['a platform key is no key', { platformKeys: { hush: 'hush' } }, /one of platformKeys/],
    ['there is no platform key', { platformKeys: {} }, /platformKeys has none/],
    ['the base is no https', { apiBase: 'http://hush.example' }, /apiBase is missing or wrong/],
  ])('a secret in which %s says what to do, and nothing of what is in it', async (_what, more, message) => {
    const { provider } = system(more);
    const thrown = await provider.create(ORDER).catch((error: unknown) => error);
    expect(thrown).toBeInstanceOf(Error);
    expect(String(thrown)).toMatch(message);
    expect(String(thrown)).toMatch(/Put a JSON object of this shape there/);
    expect(String(thrown)).not.toMatch(/hush|too short|BEGIN/);
    await expect(wechatPay(dependenciesFor('text').dependencies).create(ORDER)).rejects.toThrow('no JSON object');
  });
});

describe('a daily bill', () => {
  /** The columns of bill_type=ALL. */
  const HEADING =
    '交易时间,公众账号ID,商户号,特约商户号,设备号,微信订单号,商户订单号,用户标识,交易类型,交易状态,付款银行,货币种类,应结订单金额,代金券金额,' +
    '微信退款单号,商户退款单号,退款金额,充值券退款金额,退款类型,退款状态,商品名称,商户数据包,手续费,费率,订单金额,申请退款金额,费率备注';
  const LINE =
    '`2026-11-24 13:59:58,`wxd678efh567hg6787,`1900000109,`0,`,`4200001234567890,`A,`openid,`NATIVE,`SUCCESS,`OTHERS,`CNY,`0.01,`0.00,' +
    '`0,`0,`0.00,`0.00,`,`,`幸福里,`,`0.00000,`0.60%,`0.01,`0.00,`';
  const row = (cells: Readonly<Record<string, string>>): string => {
    const headings = HEADING.split(',');
    return LINE.slice(1)
      .split(',`')
      .map((cell, index) => `\`${cells[headings[index] ?? ''] ?? cell}`)
      .join(',');
  };
  /** With a byte order mark and CRLF, as bills come: only so does one that was published hash to what was published with it. */
  const billOf = (...rows: readonly string[]): string =>
    `\uFEFF${[HEADING, ...rows, '总交易单数,订单总金额', '`1,`0.00', ''].join('\r\n')}`;

  const offered = (text: string, hash = createHash('sha1').update(text).digest('hex'), packed = true): void =>
    played.answers(({ path }) =>
      path.startsWith('/v3/bill/tradebill')
        ? answered({ hash_type: 'SHA1', hash_value: hash, download_url: `${played.url}/v3/billdownload/file?token=a%2Bb_c` })
        : { body: packed ? gzipSync(text) : text },
    );
  const read = async (text: string, hash?: string, packed?: boolean) => {
    offered(text, hash, packed);
    return linesOf(system().provider.bill(DAY));
  };

  test.each([true, false])('is read, packed or not, as `wechatpay-axios-plugin` reads it (packed: %s)', async (packed) => {
    const text = billOf(row({ 商户订单号: 'A' }), row({ 商户订单号: 'B', 微信订单号: '4200009', 订单金额: '2.00', 商品名称: '有,逗号' }));
    expect(await read(text, undefined, packed)).toEqual([
      { kind: 'payment', order: 'A', transaction: '4200001234567890', amount: fen(1) },
      { kind: 'payment', order: 'B', transaction: '4200009', amount: fen(200) },
    ]);
    const theirs = Formatter.castCsvBill(text.replaceAll('\r', '').replaceAll('有,逗号', '有')) as { rows: Record<string, string>[] };
    expect(theirs.rows.map((each) => [each['商户订单号'], each['微信订单号'], each['订单金额']])).toEqual([
      ['A', '4200001234567890', '0.01'],
      ['B', '4200009', '2.00'],
    ]);
    expect(played.asked.map(({ path }) => path)).toEqual([
      `/v3/bill/tradebill?bill_date=${DAY}&bill_type=ALL&tar_type=GZIP`,
      '/v3/billdownload/file?token=a%2Bb_c',
    ]);
    played.asked.forEach(expectSigned);
  });

  test('tells payments from refunds, by what was ordered and what was asked back', async () => {
    const lines = await read(
      billOf(
        row({ 商户订单号: 'A', 应结订单金额: '0.90', 订单金额: '1234567.80' }),
        row({
          商户订单号: 'A',
          交易状态: 'REFUND',
          商户退款单号: 'R',
          退款金额: '0.40',
          申请退款金额: '0.5',
          退款状态: 'SUCCESS',
          订单金额: '1.00',
        }),
        row({ 商户订单号: 'B', 交易状态: 'REFUND', 商户退款单号: 'S', 退款状态: 'FAIL' }),
        row({ 商户订单号: 'C', 交易状态: 'REVOKED' }),
      ),
    );
    const transaction = '4200001234567890';
    expect(lines).toEqual([
      { kind: 'payment', order: 'A', transaction, amount: fen(123456780) },
      { kind: 'refund', order: 'A', refund: 'R', transaction, amount: fen(50) },
    ]);
  });

  test('comes in pages', async () => {
    offered(billOf(...Array.from({ length: 2345 }, (_, index) => row({ 商户订单号: `N${index}` }))));
    const lengths: number[] = [];
    for await (const page of system().provider.bill(DAY)) lengths.push(page.length);
    expect(lengths).toEqual([1000, 1000, 345]);
  });

  test.each([
    ['another hash than was said', [billOf(row({})), 'a'.repeat(40)], /hashDiffers/],
    ['no totals', [billOf(row({})).split('总')[0] ?? ''], /no totals/],
    ['a line that lacks a cell', [billOf(row({}).replace('`SUCCESS,', ''))], /26 cells below 27/],
    ['a line in another currency', [billOf(row({ 货币种类: 'USD' }))], /currency/],
    ['an amount that is none', [billOf(row({ 订单金额: '1e3' }))], /amount/],
    ['other columns', [billOf(row({})).replace('商户订单号', '别的')], /no column 商户订单号/],
  ] as const)('with %s is not believed', async (_what, [text, hash], message) => {
    await expect(read(text, hash)).rejects.toThrow(message);
  });

  test('that is not there before ten the next morning is not there yet; afterwards the day had no payments', async () => {
    played.answers(() => answered({ code: 'NO_STATEMENT_EXIST' }, 400));
    const { provider, state } = system();
    await expect(linesOf(provider.bill(DAY))).rejects.toThrow(
      'The bill of wechatPay for 2026-11-24 cannot be had: refused (NO_STATEMENT_EXIST).',
    );
    state.now = DAY_AFTER;
    expect(await linesOf(provider.bill(DAY))).toEqual([]);
    played.answers(() => answered({ code: 'STATEMENT_CREATING' }, 400));
    await expect(linesOf(provider.bill(DAY))).rejects.toThrow('STATEMENT_CREATING');
  });

  test('is not fetched from where there is no https', async () => {
    played.answers(() => answered({ hash_type: 'SHA1', hash_value: 'a'.repeat(40), download_url: 'http://bills.example/file' }));
    await expect(linesOf(system().provider.bill(DAY))).rejects.toThrow('notUnderstood');
  });
});
