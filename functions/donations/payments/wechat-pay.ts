/**
 * WeChat Pay, APIv3, as a merchant of its own (直连商户). Requests and answers are signed with RSA over SHA-256, notifications are signed and
 * sealed (AES-256-GCM) besides: https://pay.weixin.qq.com/docs/merchant/development/interface-rules/signature-generation.html
 */
import { createDecipheriv, createHash, type KeyObject } from 'node:crypto';
import { gunzipSync } from 'node:zlib';
import * as z from 'zod/mini';
import { fen, type Fen } from '../../kernel/money.ts';
import { err, ok, type Result } from '../../kernel/result.ts';
import {
  addDays,
  epochMs,
  fromInstant,
  HOUR,
  MINUTE,
  parseInstant,
  plus,
  SECOND,
  startOfDay,
  toEpochSeconds,
  toInstant,
  toShanghai,
  type Day,
  type Instant,
} from '../../kernel/time.ts';
import { withoutSeparators } from './bill-table.ts';
import { billError, call, inPages, NOT_CONFIGURED, refused, unauthorised, unavailable, type Reply } from './calling.ts';
import { baseUrl, channelSecret, isSafeBase, secretError, understood } from '../../data/channel-secret.ts';
import type {
  BillLine,
  Order,
  OrderState,
  PaymentFact,
  PaymentInstructions,
  PaymentProvider,
  ProviderDependencies,
  ProviderFailure,
  RefundOrder,
  RefundState,
} from '../../data/payments.ts';
import { fromBase64, fromJson, isSigned, privateKeyOf, publicKeyOf, signed, textOf, within } from './signing.ts';
import { wechatBillLines } from './wechat-bill.ts';

const CHANNEL = 'wechatPay';
const SHAPE =
  '{"mchId", "appId", "apiV3Key": 32 characters, "serial": of the merchant’s certificate, "privateKey": PEM, ' +
  '"platformKeys": {"<serial of the platform’s certificate, or PUB_KEY_ID_…>": PEM}, "apiBase"?: an https URL}';
const secretSchema = z.strictObject({
  mchId: z.string().check(z.regex(/^\d{1,32}$/)),
  appId: z.string().check(z.regex(/^\w{1,32}$/)),
  apiV3Key: z.string().check(z.refine((key) => Buffer.byteLength(key) === 32)),
  serial: z.string().check(z.regex(/^[0-9A-Za-z]{8,64}$/)),
  privateKey: z.string(),
  platformKeys: z.record(z.string(), z.string()),
  apiBase: baseUrl,
});

interface Keys extends Omit<z.infer<typeof secretSchema>, 'privateKey' | 'platformKeys'> {
  readonly privateKey: KeyObject;
  readonly platformKeys: ReadonlyMap<string, KeyObject>;
}

const keysOf = (content: unknown): Keys => {
  const secret = understood(CHANNEL, secretSchema, SHAPE, content);
  const privateKey = privateKeyOf(secret.privateKey);
  if (privateKey === undefined) throw secretError(CHANNEL, ['privateKey is no RSA private key'], SHAPE);
  const platformKeys = new Map<string, KeyObject>();
  for (const [serial, text] of Object.entries(secret.platformKeys)) {
    const key = publicKeyOf(text);
    if (key === undefined) throw secretError(CHANNEL, ['one of platformKeys is no RSA public key or certificate'], SHAPE);
    platformKeys.set(serial, key);
  }
  if (platformKeys.size === 0) throw secretError(CHANNEL, ['platformKeys has none'], SHAPE);
  return { ...secret, privateKey, platformKeys };
};

/** How far apart their clock and ours, and the way between, may be. */
const TOLERANCE_MS = 5 * MINUTE;
const BILL_TIMEOUT_MS = 30 * SECOND;
const BILL_BYTES = 256 * 2 ** 20;
/** From then on a day's bill is made: what is missing afterwards is a day without payments. */
const BILL_READY_MS = 10 * HOUR;
/** Begins the signatures by which WeChat Pay tries whether we verify at all. */
const PROBE = 'WECHATPAY/SIGNTEST/';
/** Bytes of a seal's tag, which lies at its end. */
const TAG = 16;

const currency = z.literal('CNY');
const orderNumber = z.string().check(z.regex(/^[\w|*@-]{1,64}$/));
const amountOf = z.int().check(z.positive());

const errorSchema = z.object({ code: z.string() });
const prepaySchema = z.union([z.object({ code_url: z.string() }), z.object({ h5_url: z.url() }), z.object({ prepay_id: z.string() })]);
const transactionSchema = z.object({
  appid: z.string(),
  mchid: z.string(),
  out_trade_no: orderNumber,
  trade_state: z.string(),
  transaction_id: z.optional(z.string()),
  success_time: z.optional(z.string()),
  amount: z.optional(z.object({ total: z.int(), currency: z.optional(z.string()) })),
});
const paidSchema = z.object({
  transaction_id: z.string().check(z.minLength(1), z.maxLength(64)),
  success_time: z.string(),
  amount: z.object({ total: amountOf, currency }),
});
const refundSchema = z.object({ out_refund_no: z.string(), status: z.string() });
const billSchema = z.object({
  hash_type: z.literal('SHA1'),
  hash_value: z.string().check(z.regex(/^[0-9a-f]{40}$/i)),
  download_url: z.string().check(z.refine((url) => isSafeBase(url.split('?')[0] ?? ''))),
});
const notificationSchema = z.object({
  event_type: z.string(),
  resource: z.object({
    algorithm: z.literal('AEAD_AES_256_GCM'),
    ciphertext: z.string(),
    nonce: z.string(),
    associated_data: z.optional(z.string()),
  }),
});
const refundFactSchema = z.object({
  mchid: z.string(),
  out_trade_no: orderNumber,
  out_refund_no: orderNumber,
  refund_status: z.string(),
  amount: z.object({ refund: amountOf }),
});

/** Codes that say «try again» with a status that does not. */
const PASSING = new Set(['SYSTEM_ERROR', 'FREQUENCY_LIMITED', 'FREQUENCY_LIMIT_EXCEED', 'RATELIMIT_EXCEEDED', 'BIZERR_NEED_RETRY']);
/** They do not take our signature, or do not let this merchant do it. */
const OUR_KEYS = new Set(['SIGN_ERROR', 'NO_AUTH', 'MCH_NOT_EXISTS', 'APPID_MCHID_NOT_MATCH', 'http.401']);
const NEVER_MADE = new Set(['ORDER_NOT_EXIST', 'ORDERNOTEXIST']);
const IS_CLOSED = new Set(['ORDER_CLOSED', 'ORDERCLOSED']);
const NO_BILL = 'NO_STATEMENT_EXIST';

const TRADE_STATES: Readonly<Record<string, 'open' | 'paid' | 'closed'>> = {
  NOTPAY: 'open',
  USERPAYING: 'open',
  ACCEPT: 'open',
  SUCCESS: 'paid',
  // It was paid, and something of it went back.
  REFUND: 'paid',
  CLOSED: 'closed',
  REVOKED: 'closed',
  PAYERROR: 'closed',
};
/** `ABNORMAL`: the payer's card takes no money. It stays with the merchant until somebody sends it elsewhere, in WeChat Pay's own pages. */
const REFUND_STATES: Readonly<Record<string, RefundState['kind']>> = {
  PROCESSING: 'open',
  SUCCESS: 'succeeded',
  CLOSED: 'failed',
  ABNORMAL: 'failed',
};
const lookedUp = <Value>(table: Readonly<Record<string, Value>>, key: string): Value | undefined =>
  Object.hasOwn(table, key) ? table[key] : undefined;

/** What lies in a notification's `resource`; undefined where the key does not open it. */
const opened = (apiV3Key: string, { ciphertext, nonce, associated_data = '' }: z.infer<typeof notificationSchema>['resource']) => {
  const bytes = fromBase64(ciphertext);
  if (bytes === undefined || bytes.length <= TAG) return undefined;
  try {
    const decipher = createDecipheriv('aes-256-gcm', Buffer.from(apiV3Key), Buffer.from(nonce));
    decipher.setAAD(Buffer.from(associated_data)).setAuthTag(bytes.subarray(-TAG));
    return textOf(Buffer.concat([decipher.update(bytes.subarray(0, -TAG)), decipher.final()]));
  } catch {
    return undefined;
  }
};

/** Of a transaction that was paid: its number, amount (`total`, whatever part coupons paid) and time; undefined where one of them is not right. */
const paymentOf = (transaction: unknown): { readonly transaction: string; readonly amount: Fen; readonly paidAt: Instant } | undefined => {
  const { success, data } = paidSchema.safeParse(transaction);
  const paidAt = success ? parseInstant(data.success_time) : undefined;
  return success && paidAt !== undefined
    ? { transaction: data.transaction_id, amount: fen(data.amount.total), paidAt: toInstant(paidAt) }
    : undefined;
};

type Called<Value> = Promise<Result<Value, ProviderFailure>>;

/** WeChat Pay by its secret; see `SHAPE`. */
export const wechatPay = (dependencies: ProviderDependencies): PaymentProvider => {
  const { fetch, now, random } = dependencies;
  const secret = channelSecret(dependencies, keysOf);
  const nonce = (): string => Buffer.from(random(16)).toString('hex');

  /** Whether WeChat Pay has signed it. A serial that we do not know may be that of a new key. */
  const isTheirs = async (keys: Keys, header: (name: string) => string | undefined, body: Uint8Array): Promise<boolean> => {
    const serial = header('wechatpay-serial') ?? '';
    const signature = header('wechatpay-signature') ?? '';
    const [timestamp = '', once = ''] = [header('wechatpay-timestamp'), header('wechatpay-nonce')];
    if (!/^\d{1,12}$/.test(timestamp) || !/^[\x21-\x7e]{1,128}$/.test(once) || signature.startsWith(PROBE)) return false;
    const key = keys.platformKeys.get(serial) ?? (await secret.newerKeys())?.platformKeys.get(serial);
    return key !== undefined && isSigned(key, Buffer.concat([Buffer.from(`${timestamp}\n${once}\n`), body, Buffer.from('\n')]), signature);
  };
  const isInTime = (timestamp: string | undefined, moment: number): boolean =>
    Math.abs(moment - Number(timestamp) * SECOND) <= TOLERANCE_MS;

  const authorization = (keys: Keys, method: string, url: URL, body: string): string => {
    const timestamp = toEpochSeconds(now());
    const once = nonce();
    const signature = signed(keys.privateKey, `${method}\n${url.pathname}${url.search}\n${timestamp}\n${once}\n${body}\n`);
    const fields = { mchid: keys.mchId, nonce_str: once, signature, timestamp, serial_no: keys.serial };
    return `WECHATPAY2-SHA256-RSA2048 ${Object.entries(fields)
      .map(([name, value]) => `${name}="${value}"`)
      .join(',')}`;
  };

  const sent = (keys: Keys, method: 'GET' | 'POST', url: URL, content?: unknown, timeout?: number): Called<Reply> => {
    const body = content === undefined ? '' : JSON.stringify(content);
    // Who has a public key of WeChat Pay's (and no platform certificate, or one that goes) says so, and answers are signed with it.
    const wanted = [...keys.platformKeys.keys()].find((serial) => serial.startsWith('PUB_KEY_ID_'));
    const headers = {
      accept: 'application/json',
      'user-agent': 'linli',
      authorization: authorization(keys, method, url, body),
      ...(wanted === undefined ? {} : { 'wechatpay-serial': wanted }),
      ...(body === '' ? {} : { 'content-type': 'application/json' }),
    };
    return call(fetch, url.href, { method, headers, ...(body === '' ? {} : { body }) }, timeout);
  };

  /** What WeChat Pay answers. A good answer is theirs only with their signature; errors may come without (from before their gateway). */
  const asked = async (keys: Keys, method: 'GET' | 'POST', path: string, content?: unknown): Called<unknown> => {
    const reply = await sent(keys, method, new URL(`${keys.apiBase ?? 'https://api.mch.weixin.qq.com'}${path}`), content);
    if (!reply.ok) return reply;
    const { status, headers, body } = reply.value;
    const answer = fromJson(textOf(body));
    if (status >= 400) {
      const code = errorSchema.safeParse(answer).data?.code ?? `http.${status}`;
      if (OUR_KEYS.has(code)) return unauthorised(code);
      return PASSING.has(code) ? unavailable(code) : refused(code);
    }
    const header = (name: string): string | undefined => headers.get(name) ?? undefined;
    const genuine = isInTime(header('wechatpay-timestamp'), now()) && (await isTheirs(keys, header, body));
    return genuine ? ok(answer) : unavailable('signatureNotGenuine');
  };
  const withKeys = async <Value>(use: (keys: Keys) => Called<Value>): Called<Value> => {
    const keys = await secret.keys();
    return keys === undefined ? NOT_CONFIGURED : use(keys);
  };

  const orderPath = (id: string): string => `/v3/pay/transactions/out-trade-no/${encodeURIComponent(id)}`;

  const instructions = (keys: Keys, { method, returnUrl }: Order, answer: unknown): PaymentInstructions | undefined => {
    const { success, data } = prepaySchema.safeParse(answer);
    if (!success) return undefined;
    if (method === 'native' && 'code_url' in data) return { method, codeUrl: data.code_url };
    if (method === 'h5' && 'h5_url' in data) {
      const url = new URL(data.h5_url);
      if (returnUrl !== undefined) url.searchParams.set('redirect_url', returnUrl);
      return { method, url: url.href };
    }
    if (method !== 'jsapi' || !('prepay_id' in data)) return undefined;
    const unsigned = {
      appId: keys.appId,
      timeStamp: String(toEpochSeconds(now())),
      nonceStr: nonce(),
      package: `prepay_id=${data.prepay_id}`,
    };
    const paySign = signed(keys.privateKey, `${Object.values(unsigned).join('\n')}\n`);
    return { method, jsapi: { ...unsigned, signType: 'RSA', paySign } };
  };

  const create = (order: Order): Called<PaymentInstructions> =>
    withKeys(async (keys) => {
      const { id, amount, method, subject, expiresAt, notifyUrl, openId, payerIp } = order;
      if (method !== 'native' && method !== 'h5' && method !== 'jsapi') return refused('methodNotOffered');
      if (method === 'jsapi' && openId === undefined) return refused('openIdMissing');
      if (method === 'h5' && payerIp === undefined) return refused('payerIpMissing');
      const answer = await asked(keys, 'POST', `/v3/pay/transactions/${method}`, {
        appid: keys.appId,
        mchid: keys.mchId,
        description: withoutSeparators(subject),
        out_trade_no: id,
        // Whole seconds, and rather too early than too late.
        time_expire: toShanghai(epochMs(toEpochSeconds(fromInstant(expiresAt)) * SECOND)),
        notify_url: notifyUrl,
        amount: { total: amount, currency: 'CNY' },
        ...(method === 'jsapi' ? { payer: { openid: openId } } : {}),
        ...(method === 'h5' ? { scene_info: { payer_client_ip: payerIp, h5_info: { type: 'Wap' } } } : {}),
      });
      if (!answer.ok) return answer;
      const next = instructions(keys, order, answer.value);
      return next === undefined ? unavailable('notUnderstood') : ok(next);
    });

  const find = ({ id }: Pick<Order, 'id'>): Called<OrderState> =>
    withKeys<OrderState>(async (keys) => {
      const answer = await asked(keys, 'GET', `${orderPath(id)}?mchid=${keys.mchId}`);
      if (!answer.ok) return NEVER_MADE.has(answer.error.providerCode ?? '') ? ok({ kind: 'closed' }) : answer;
      const { success, data } = transactionSchema.safeParse(answer.value);
      if (!success || data.mchid !== keys.mchId || data.appid !== keys.appId || data.out_trade_no !== id)
        return unavailable('notUnderstood');
      const kind = lookedUp(TRADE_STATES, data.trade_state);
      if (kind === undefined) return unavailable('notUnderstood');
      if (kind !== 'paid') return ok({ kind });
      const payment = paymentOf(answer.value);
      return payment === undefined ? unavailable('notUnderstood') : ok({ kind, ...payment });
    });

  const close = ({ id }: Pick<Order, 'id'>): Called<void> =>
    withKeys(async (keys) => {
      const answer = await asked(keys, 'POST', `${orderPath(id)}/close`, { mchid: keys.mchId });
      const code = answer.ok ? '' : (answer.error.providerCode ?? '');
      return answer.ok || NEVER_MADE.has(code) || IS_CLOSED.has(code) ? ok(undefined) : answer;
    });

  const refundState = (id: string, answer: Result<unknown, ProviderFailure>): Result<RefundState, ProviderFailure> => {
    if (!answer.ok) return answer;
    const { success, data } = refundSchema.safeParse(answer.value);
    const kind = success && data.out_refund_no === id ? lookedUp(REFUND_STATES, data.status) : undefined;
    return kind === undefined ? unavailable('notUnderstood') : ok({ kind });
  };

  const refund = ({ id, transaction, amount, total, reason, notifyUrl }: RefundOrder): Called<RefundState> =>
    withKeys(async (keys) => {
      const told = within(reason, 80);
      const answer = await asked(keys, 'POST', '/v3/refund/domestic/refunds', {
        transaction_id: transaction,
        out_refund_no: id,
        ...(told === '' ? {} : { reason: told }),
        notify_url: notifyUrl,
        amount: { refund: amount, total, currency: 'CNY' },
      });
      return refundState(id, answer);
    });

  const findRefund = ({ id }: Pick<RefundOrder, 'id'>): Called<RefundState> =>
    withKeys(async (keys) => refundState(id, await asked(keys, 'GET', `/v3/refund/domestic/refunds/${encodeURIComponent(id)}`)));

  const factOf = (keys: Keys, event: string, text: string): Result<PaymentFact, 'notGenuine' | 'unreadable'> => {
    const content = fromJson(text);
    if (event === 'TRANSACTION.SUCCESS') {
      const { success, data } = transactionSchema.safeParse(content);
      if (!success) return err('unreadable');
      if (data.mchid !== keys.mchId || data.appid !== keys.appId) return err('notGenuine');
      if (data.trade_state !== 'SUCCESS') return ok({ kind: 'nothing' });
      const payment = paymentOf(content);
      return payment === undefined ? err('unreadable') : ok({ kind: 'paid', order: data.out_trade_no, ...payment });
    }
    const { success, data } = refundFactSchema.safeParse(content);
    if (!success) return err('unreadable');
    if (data.mchid !== keys.mchId) return err('notGenuine');
    const outcome = lookedUp(REFUND_STATES, data.refund_status);
    if (outcome === undefined) return err('unreadable');
    if (outcome === 'open') return ok({ kind: 'nothing' });
    return ok({ kind: 'refunded', order: data.out_trade_no, refund: data.out_refund_no, amount: fen(data.amount.refund), outcome });
  };

  const read: PaymentProvider['read'] = async ({ headers, body }, moment) => {
    const keys = await secret.keys();
    if (keys === undefined) return err('notConfigured');
    if (!(await isTheirs(keys, (name) => headers[name], body))) return err('notGenuine');
    if (!isInTime(headers['wechatpay-timestamp'], moment)) return err('stale');
    const { success, data } = notificationSchema.safeParse(fromJson(textOf(body)));
    if (!success) return err('unreadable');
    if (!/^(?:TRANSACTION\.SUCCESS|REFUND\.(?:SUCCESS|ABNORMAL|CLOSED))$/.test(data.event_type)) return ok({ kind: 'nothing' });
    const known = opened(keys.apiV3Key, data.resource);
    if (known !== undefined) return factOf(keys, data.event_type, known);
    // The key that seals may have been changed as well.
    const newer = await secret.newerKeys();
    const text = newer === undefined ? undefined : opened(newer.apiV3Key, data.resource);
    return newer === undefined || text === undefined ? err('unreadable') : factOf(newer, data.event_type, text);
  };

  const downloaded = async (keys: Keys, day: Day): Called<readonly BillLine[]> => {
    const link = await asked(keys, 'GET', `/v3/bill/tradebill?bill_date=${day}&bill_type=ALL&tar_type=GZIP`);
    if (!link.ok) return link;
    const { success, data } = billSchema.safeParse(link.value);
    if (!success) return unavailable('notUnderstood');
    const file = await sent(keys, 'GET', new URL(data.download_url), undefined, BILL_TIMEOUT_MS);
    if (!file.ok) return file;
    if (file.value.status !== 200) return unavailable(`http.${file.value.status}`);
    const { body } = file.value;
    const bytes = body[0] === 0x1f && body[1] === 0x8b ? gunzipSync(body, { maxOutputLength: BILL_BYTES }) : body;
    // The file itself is not signed; what it must hash to is.
    if (createHash('sha1').update(bytes).digest('hex') !== data.hash_value.toLowerCase()) return unavailable('hashDiffers');
    return ok(wechatBillLines(bytes.toString('utf8')));
  };

  const bill = async function* (day: Day): AsyncGenerator<readonly BillLine[]> {
    const keys = await secret.keys();
    const lines = keys === undefined ? NOT_CONFIGURED : await downloaded(keys, day);
    if (lines.ok) yield* inPages(lines.value);
    else if (lines.error.providerCode !== NO_BILL || now() < plus(startOfDay(addDays(day, 1)), BILL_READY_MS))
      throw billError(CHANNEL, day, lines.error);
  };

  return {
    methods: ['native', 'h5', 'jsapi'],
    isSetUp: async () => (await secret.keys()) !== undefined,
    create,
    read,
    answer(outcome) {
      const body = { taken: { code: 'SUCCESS' }, refused: { code: 'FAIL', message: 'refused' }, later: { code: 'FAIL', message: 'later' } };
      return {
        status: { taken: 200, refused: 401, later: 503 }[outcome],
        contentType: 'application/json; charset=utf-8',
        body: JSON.stringify(body[outcome]),
      };
    },
    find,
    close,
    refund,
    findRefund,
    bill,
  };
};
