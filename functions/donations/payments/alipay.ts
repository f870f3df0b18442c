/**
 * Alipay's open platform, gateway 2.0, with public keys: https://opendocs.alipay.com/common/02kf5q. Everything is signed with RSA2 (RSA over
 * SHA-256): requests and notifications over their sorted parameters, answers over the raw text of their `…_response`.
 *
 * An order is made by the payer's own browser or app, with what we have signed: until they come, Alipay knows nothing of it.
 */
import type { KeyObject } from 'node:crypto';
import * as z from 'zod/mini';
import { fromYuan, inYuan, type Fen } from '../../kernel/money.ts';
import { err, ok, type Result } from '../../kernel/result.ts';
import {
  addDays,
  fromInstant,
  HOUR,
  parseInstant,
  plus,
  SECOND,
  startOfDay,
  toInstant,
  toShanghai,
  type Day,
  type EpochMs,
} from '../../kernel/time.ts';
import { alipayBillLines } from './alipay-bill.ts';
import { withoutSeparators } from './bill-table.ts';
import { billError, call, inPages, NOT_CONFIGURED, refused, unauthorised, unavailable } from './calling.ts';
import { baseUrl, channelSecret, secretError, understood } from '../../data/channel-secret.ts';
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
import { fromJson, isSigned, privateKeyOf, publicKeyOf, signed, textOf, within } from './signing.ts';

const CHANNEL = 'alipay';
const SHAPE =
  '{"appId", "sellerId": the merchant’s 2088…, "privateKey": PEM or base64, ' +
  '"alipayPublicKeys": [PEM or base64, newest first], "gateway"?: an https URL, "apiBase"?: the same}';
const secretSchema = z.strictObject({
  appId: z.string().check(z.regex(/^\d{1,32}$/)),
  sellerId: z.string().check(z.regex(/^\d{1,32}$/)),
  privateKey: z.string(),
  alipayPublicKeys: z.array(z.string()).check(z.minLength(1)),
  gateway: baseUrl,
  apiBase: baseUrl,
});

interface Keys {
  readonly appId: string;
  readonly sellerId: string;
  readonly gateway: string;
  readonly privateKey: KeyObject;
  readonly alipayPublicKeys: readonly KeyObject[];
}

const keysOf = (content: unknown): Keys => {
  const secret = understood(CHANNEL, secretSchema, SHAPE, content);
  const { appId, sellerId, gateway = secret.apiBase ?? 'https://openapi.alipay.com/gateway.do' } = secret;
  const privateKey = privateKeyOf(secret.privateKey);
  if (privateKey === undefined) throw secretError(CHANNEL, ['privateKey is no RSA private key'], SHAPE);
  const alipayPublicKeys = secret.alipayPublicKeys.map(publicKeyOf).filter((key) => key !== undefined);
  if (alipayPublicKeys.length !== secret.alipayPublicKeys.length)
    throw secretError(CHANNEL, ['one of alipayPublicKeys is no RSA public key'], SHAPE);
  return { appId, sellerId, gateway, privateKey, alipayPublicKeys };
};

/** A notification is sent for up to 24 h 22 min; there is no other bound in the protocol. */
const OLDEST_MS = 25 * HOUR;
const BILL_TIMEOUT_MS = 30 * SECOND;
/** From then on a day's bill is made: what is missing afterwards is a day without payments. */
const BILL_READY_MS = 10 * HOUR;
const NO_BILL = /^(?:isp\.)?(?:bill_not_exist|no_bill_data)$/i;

/** `2026-11-24 14:00:00`, as clocks in Shanghai show it. */
const inShanghai = (moment: EpochMs): string => toShanghai(moment).slice(0, 19).replace('T', ' ');
/** Undefined where the text is no such time. */
const fromShanghai = (text: string | undefined): EpochMs | undefined =>
  text === undefined ? undefined : parseInstant(`${text.replace(' ', 'T')}+08:00`);

/** What is signed: `name=value` by name, joined by `&`. */
const joined = (parameters: Iterable<readonly [string, string]>): string =>
  [...parameters]
    .toSorted(([left], [right]) => (left < right ? -1 : 1))
    .map(([name, value]) => `${name}=${value}`)
    .join('&');

/** The parameters of a form, decoded; `repeated` where a name comes twice, undefined where it is no form. */
const formOf = (text: string | undefined): ReadonlyMap<string, string> | 'repeated' | undefined => {
  if (text === undefined) return undefined;
  const parameters = new Map<string, string>();
  try {
    for (const part of text.split('&')) {
      const [, name = '', value = ''] = /^([^=]+)=(.*)$/s.exec(part.replaceAll('+', ' ')) ?? [];
      if (name === '') return undefined;
      if (parameters.has(decodeURIComponent(name))) return 'repeated';
      parameters.set(decodeURIComponent(name), decodeURIComponent(value));
    }
  } catch {
    return undefined;
  }
  return parameters;
};

/** The raw text of a member of a JSON object: the signature is over these very characters. `text` is JSON. */
export const rawMember = (text: string, name: string): string | undefined => {
  let depth = 0;
  let start: number | undefined;
  let key: string | undefined;
  for (const { 0: token, index } of text.matchAll(/"(?:[^"\\]|\\.)*"|[{}[\]:,]/gs)) {
    if (token === '}' || token === ']') depth--;
    const ends = (depth === 1 && token === ',') || (depth === 0 && token === '}');
    if (ends && start !== undefined) return text.slice(start, index).trim();
    if (token === '{' || token === '[') depth++;
    if (depth === 1 && token.startsWith('"')) key = token;
    if (depth === 1 && token === ':' && key === JSON.stringify(name)) start = index + 1;
  }
  return undefined;
};

const answerSchema = z.object({ code: z.string(), sub_code: z.optional(z.string()) });
const tradeSchema = z.object({
  out_trade_no: z.string(),
  trade_no: z.string().check(z.minLength(1), z.maxLength(64)),
  trade_status: z.string(),
  total_amount: z.string(),
  send_pay_date: z.optional(z.string()),
});
const refundAnswerSchema = z.object({ out_trade_no: z.string(), fund_change: z.optional(z.string()) });
const refundQuerySchema = z.object({
  out_request_no: z.optional(z.string()),
  refund_status: z.optional(z.string()),
  refund_amount: z.optional(z.string()),
});
const billSchema = z.object({ bill_download_url: z.url() });

const PAID = new Set(['TRADE_SUCCESS', 'TRADE_FINISHED']);
const NEVER_MADE = 'ACQ.TRADE_NOT_EXIST';
/** Already closed, or paid. */
const CANNOT_CLOSE = new Set(['ACQ.TRADE_STATUS_ERROR', 'ACQ.REASON_TRADE_STATUS_INVALID', 'ACQ.REASON_ILLEGAL_STATUS']);
/** Alipay's own failures: nobody knows what has been done. */
const isPassing = (code: string, subCode: string): boolean =>
  code === '20000' || /SYSTEM_ERROR|unknow-error|^isp\.|call-limited/i.test(subCode);

/** They do not take our signature, or do not let this application do it: 20001 and 40006, and the signature among what is wrong or missing. */
const isOurKeys = (code: string, subCode: string): boolean =>
  code === '20001' || code === '40006' || /^isv\.(?:invalid|missing)-(?:signature|signature-type|app-id|signature-key)$/.test(subCode);

const positive = (text: string | undefined): Fen | undefined => {
  const amount = fromYuan(text ?? '');
  return amount === undefined || amount <= 0 ? undefined : amount;
};

/** What a notification tells whose signature is good; `undefined` where something is not as it should be. */
const factOf = (value: (name: string) => string | undefined): PaymentFact | undefined => {
  const order = value('out_trade_no');
  const transaction = value('trade_no');
  const amount = positive(value('total_amount'));
  if (order === undefined || !/^\w{1,64}$/.test(order) || transaction === undefined || amount === undefined) return undefined;
  // A refund was answered for when it was asked; here only the sum of all of an order's refunds is told, which is no fact of one.
  if (value('gmt_refund') !== undefined || positive(value('refund_fee')) !== undefined) return { kind: 'nothing' };
  if (!PAID.has(value('trade_status') ?? '')) return { kind: 'nothing' };
  const paidAt = fromShanghai(value('gmt_payment'));
  return paidAt === undefined ? undefined : { kind: 'paid', order, transaction, amount, paidAt: toInstant(paidAt) };
};

type Called<Value> = Promise<Result<Value, ProviderFailure>>;

/** Alipay by its secret; see `SHAPE`. */
export const alipay = (dependencies: ProviderDependencies): PaymentProvider => {
  const { fetch, now } = dependencies;
  const secret = channelSecret(dependencies, keysOf);

  /** Whether Alipay has signed any of these messages; where it seems not, with keys that may have come since. */
  const isTheirs = async (keys: Keys, signature: string, ...messages: readonly string[]): Promise<boolean> => {
    const by = ({ alipayPublicKeys }: Keys): boolean =>
      alipayPublicKeys.some((key) => messages.some((message) => isSigned(key, message, signature)));
    if (by(keys)) return true;
    const newer = await secret.newerKeys();
    return newer !== undefined && newer !== keys && by(newer);
  };

  /** The parameters of a request with their signature, as they go into a query, a form or an order string. */
  const parametersOf = (keys: Keys, method: string, content: object, more: Readonly<Record<string, string | undefined>> = {}) => {
    const parameters = Object.entries({
      app_id: keys.appId,
      method,
      format: 'JSON',
      charset: 'utf-8',
      sign_type: 'RSA2',
      timestamp: inShanghai(now()),
      version: '1.0',
      biz_content: JSON.stringify(content),
      ...more,
    }).filter((entry): entry is [string, string] => entry[1] !== undefined);
    return new URLSearchParams([...parameters, ['sign', signed(keys.privateKey, joined(parameters))]]);
  };

  /** What Alipay answers. A good answer is theirs only with their signature; without one, an error says no more than that. */
  const asked = async (keys: Keys, method: string, content: object): Called<unknown> => {
    const parameters = parametersOf(keys, method, content);
    const body = new URLSearchParams({ biz_content: parameters.get('biz_content') ?? '' });
    parameters.delete('biz_content');
    // The gateway reads the character set, by which it reads the body, from the query.
    const headers = { 'content-type': 'application/x-www-form-urlencoded;charset=utf-8', accept: 'application/json' };
    const reply = await call(fetch, `${keys.gateway}?${parameters.toString()}`, { method: 'POST', headers, body: body.toString() });
    if (!reply.ok) return reply;
    const text = textOf(reply.value.body);
    const whole = z.record(z.string(), z.unknown()).safeParse(fromJson(text)).data;
    if (whole === undefined || text === undefined) return unavailable(`http.${reply.value.status}`);
    const name = `${method.replaceAll('.', '_')}_response`;
    const raw = rawMember(text, name);
    const answer = fromJson(raw ?? rawMember(text, 'error_response'));
    const { success, data } = answerSchema.safeParse(answer);
    if (!success) return unavailable('notUnderstood');
    const genuine = raw !== undefined && typeof whole['sign'] === 'string' && (await isTheirs(keys, whole['sign'], raw));
    if (data.code === '10000') return genuine ? ok(answer) : unavailable('signatureNotGenuine');
    const code = `${genuine ? '' : 'unsigned.'}${data.sub_code ?? data.code}`;
    if (isOurKeys(data.code, data.sub_code ?? '')) return unauthorised(code);
    return isPassing(data.code, data.sub_code ?? '') ? unavailable(code) : refused(code);
  };
  const withKeys = async <Value>(use: (keys: Keys) => Called<Value>): Called<Value> => {
    const keys = await secret.keys();
    return keys === undefined ? NOT_CONFIGURED : use(keys);
  };

  const create = ({ id, amount, method, subject, expiresAt, notifyUrl, returnUrl }: Order): Called<PaymentInstructions> =>
    withKeys<PaymentInstructions>(async (keys) => {
      if (method !== 'page' && method !== 'app') return refused('methodNotOffered');
      const content = {
        out_trade_no: id,
        total_amount: inYuan(amount),
        subject: withoutSeparators(subject),
        product_code: method === 'page' ? 'FAST_INSTANT_TRADE_PAY' : 'QUICK_MSECURITY_PAY',
        time_expire: inShanghai(fromInstant(expiresAt)),
      };
      const parameters = parametersOf(keys, `alipay.trade.${method}.pay`, content, {
        notify_url: notifyUrl,
        ...(method === 'page' ? { return_url: returnUrl } : {}),
      });
      // Their app takes %20 and not +; their gateway takes both.
      const text = parameters.toString().replaceAll('+', '%20');
      return ok(method === 'page' ? { method, url: `${keys.gateway}?${text}` } : { method, orderString: text });
    });

  const stateOf = async (keys: Keys, id: string): Called<OrderState> => {
    const answer = await asked(keys, 'alipay.trade.query', { out_trade_no: id });
    // The payer may still come, with what we have signed, until it expires.
    if (!answer.ok) return answer.error.providerCode === NEVER_MADE ? ok({ kind: 'open' }) : answer;
    const { success, data } = tradeSchema.safeParse(answer.value);
    const amount = positive(data?.total_amount);
    if (!success || data.out_trade_no !== id || amount === undefined) return unavailable('notUnderstood');
    const paidAt = fromShanghai(data.send_pay_date);
    // One that was paid and wholly refunded is closed too.
    if (PAID.has(data.trade_status) || (data.trade_status === 'TRADE_CLOSED' && paidAt !== undefined))
      return ok({ kind: 'paid', transaction: data.trade_no, amount, paidAt: toInstant(paidAt ?? now()) });
    if (data.trade_status === 'TRADE_CLOSED') return ok({ kind: 'closed' });
    return data.trade_status === 'WAIT_BUYER_PAY' ? ok({ kind: 'open' }) : unavailable('notUnderstood');
  };

  const close = ({ id }: Pick<Order, 'id'>): Called<void> =>
    withKeys<void>(async (keys) => {
      const answer = await asked(keys, 'alipay.trade.close', { out_trade_no: id });
      if (answer.ok || answer.error.providerCode === NEVER_MADE) return ok(undefined);
      if (!CANNOT_CLOSE.has(answer.error.providerCode ?? '')) return answer;
      const state = await stateOf(keys, id);
      if (!state.ok) return state;
      return state.value.kind === 'closed' ? ok(undefined) : answer;
    });

  const refundState = async (keys: Keys, { id, order }: Pick<RefundOrder, 'id' | 'order'>): Called<RefundState> => {
    const answer = await asked(keys, 'alipay.trade.fastpay.refund.query', { out_trade_no: order, out_request_no: id });
    if (!answer.ok) return answer;
    const { success, data } = refundQuerySchema.safeParse(answer.value);
    if (!success) return unavailable('notUnderstood');
    if (data.refund_status === 'REFUND_SUCCESS') return ok({ kind: 'succeeded' });
    if (data.refund_status === 'REFUND_PROCESSING') return ok({ kind: 'open' });
    // Without a status there is none, or it did not get through: to ask for it again, under the same number, is right in both cases.
    return refused('refundNotFound');
  };

  const refund = ({ id, order, transaction, amount, reason }: RefundOrder): Called<RefundState> =>
    withKeys<RefundState>(async (keys) => {
      const told = within(reason, 80);
      const answer = await asked(keys, 'alipay.trade.refund', {
        trade_no: transaction,
        refund_amount: inYuan(amount),
        out_request_no: id,
        ...(told === '' ? {} : { refund_reason: told }),
      });
      if (!answer.ok) return answer;
      const { success, data } = refundAnswerSchema.safeParse(answer.value);
      if (!success || data.out_trade_no !== order) return unavailable('notUnderstood');
      if (data.fund_change === 'Y') return ok({ kind: 'succeeded' });
      // No money moved this time: it did before, or it does not yet.
      const state = await refundState(keys, { id, order });
      return !state.ok && state.error.code === 'refused' ? ok({ kind: 'open' }) : state;
    });

  const read: PaymentProvider['read'] = async ({ body }, moment) => {
    const keys = await secret.keys();
    if (keys === undefined) return err('notConfigured');
    const form = formOf(textOf(body));
    if (form === undefined) return err('unreadable');
    if (form === 'repeated' || form.get('sign_type') !== 'RSA2') return err('notGenuine');
    const content = [...form].filter(([name]) => name !== 'sign' && name !== 'sign_type');
    // Alipay's libraries differ on parameters without a value: those for Node.js and Java sign them, that for PHP leaves them out.
    const messages = [content, content.filter(([, value]) => value !== '')].map(joined);
    if (!(await isTheirs(keys, form.get('sign') ?? '', ...new Set(messages)))) return err('notGenuine');
    const value = (name: string): string | undefined => form.get(name) || undefined;
    if (value('app_id') !== keys.appId || value('seller_id') !== keys.sellerId) return err('notGenuine');
    const sentAt = fromShanghai(value('notify_time'));
    if (sentAt === undefined) return err('unreadable');
    if (Math.abs(moment - sentAt) > OLDEST_MS) return err('stale');
    const fact = factOf(value);
    return fact === undefined ? err('unreadable') : ok(fact);
  };

  const downloaded = async (keys: Keys, day: Day): Called<readonly BillLine[]> => {
    const link = await asked(keys, 'alipay.data.dataservice.bill.downloadurl.query', { bill_type: 'trade', bill_date: day });
    if (!link.ok) return link;
    const { success, data } = billSchema.safeParse(link.value);
    if (!success) return unavailable('notUnderstood');
    const url = new URL(data.bill_download_url);
    // They name it with http; payers' accounts are in it.
    if (url.hostname !== '127.0.0.1') url.protocol = 'https:';
    const file = await call(fetch, url.href, { method: 'GET' }, BILL_TIMEOUT_MS);
    if (!file.ok) return file;
    return file.value.status === 200 ? ok(alipayBillLines(file.value.body)) : unavailable(`http.${file.value.status}`);
  };

  const bill = async function* (day: Day): AsyncGenerator<readonly BillLine[]> {
    const keys = await secret.keys();
    const lines = keys === undefined ? NOT_CONFIGURED : await downloaded(keys, day);
    if (lines.ok) yield* inPages(lines.value);
    else if (!NO_BILL.test(lines.error.providerCode ?? '') || now() < plus(startOfDay(addDays(day, 1)), BILL_READY_MS))
      throw billError(CHANNEL, day, lines.error);
  };

  return {
    methods: ['page', 'app'],
    isSetUp: async () => (await secret.keys()) !== undefined,
    create,
    read,
    answer: (outcome) => ({
      status: 200,
      contentType: 'text/plain; charset=utf-8',
      body: outcome === 'taken' ? 'success' : 'failure',
    }),
    find: ({ id }) => withKeys((keys) => stateOf(keys, id)),
    close,
    refund,
    findRefund: (which) => withKeys((keys) => refundState(keys, which)),
    bill,
  };
};
