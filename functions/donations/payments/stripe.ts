/**
 * Stripe, PaymentIntents by card in CNY: https://docs.stripe.com/api/payment_intents. Our order's and refund's ids travel as metadata and as
 * idempotency keys.
 *
 * Stripe finds an intent by its own id only at once; by our order's through its search, which lags by up to a minute
 * (https://docs.stripe.com/search#data-freshness). So what is not found there is `open`, not `closed`.
 */
import { createHmac, timingSafeEqual } from 'node:crypto';
import * as z from 'zod/mini';
import { fen } from '../../kernel/money.ts';
import { err, ok, type Result } from '../../kernel/result.ts';
import { addDays, epochMs, MINUTE, SECOND, startOfDay, toEpochSeconds, toInstant, type Day, type Instant } from '../../kernel/time.ts';
import { billError, call, NOT_CONFIGURED, refused, unauthorised, unavailable } from './calling.ts';
import { baseUrl, channelSecret, understood } from '../../data/channel-secret.ts';
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
  Refusal,
} from '../../data/payments.ts';
import { fromJson, textOf } from './signing.ts';

const CHANNEL = 'stripe';
/** What answers look like is fixed by this, whatever the account's own version is. */
const VERSION = '2026-10-28.endive';
const SHAPE =
  '{"secretKey": "sk_…" or "rk_…", "publishableKey": "pk_…", "webhookSecrets": ["whsec_…", newest first], "apiBase"?: an https URL}';
const secretSchema = z.strictObject({
  secretKey: z.string().check(z.regex(/^[sr]k_(?:live|test)_\w+$/)),
  publishableKey: z.string().check(z.regex(/^pk_(?:live|test)_\w+$/)),
  webhookSecrets: z.array(z.string().check(z.regex(/^\S{16,}$/))).check(z.minLength(1)),
  apiBase: baseUrl,
});
type Keys = z.infer<typeof secretSchema>;
const keysOf = (content: unknown): Keys => understood(CHANNEL, secretSchema, SHAPE, content);
const isLive = ({ secretKey }: Keys): boolean => /^.k_live_/.test(secretKey);

/** How far apart their clock and ours, and the way between, may be: Stripe's own libraries allow as much. */
const TOLERANCE_MS = 5 * MINUTE;
const PAGE = 100;
const REMEMBERED = 1000;
/** Metadata of ours, and what goes into a search's query: no sign that could end the quotation. */
const ID = /^[0-9A-Za-z_-]{1,64}$/;

const metadata = z._default(z.record(z.string(), z.unknown()), {});
const seconds = z.int().check(z.minimum(0));
const positive = z.int().check(z.positive());

const errorSchema = z.object({ error: z.object({ type: z.string(), code: z.optional(z.string()) }) });
const intentSchema = z.object({
  object: z.literal('payment_intent'),
  id: z.string(),
  status: z.string(),
  currency: z.string(),
  amount_received: z.int(),
  client_secret: z.nullish(z.string()),
  created: seconds,
  metadata,
  latest_charge: z.nullish(z.union([z.string(), z.object({ created: seconds })])),
});
type Intent = z.infer<typeof intentSchema>;
const refundSchema = z.object({
  object: z.literal('refund'),
  id: z.string(),
  status: z.nullish(z.string()),
  currency: z.string(),
  amount: positive,
  payment_intent: z.nullish(z.string()),
  metadata,
});
const disputeSchema = z.object({
  object: z.literal('dispute'),
  id: z.string(),
  status: z.string(),
  currency: z.string(),
  amount: positive,
  payment_intent: z.nullish(z.string()),
});
const chargeSchema = z.object({
  object: z.literal('charge'),
  currency: z.string(),
  amount: positive,
  payment_intent: z.nullish(z.string()),
  metadata,
});
const balanceTransactionSchema = z.object({ id: z.string(), type: z.string(), source: z.unknown() });
const listOf = <Item extends z.ZodMiniType>(item: Item) => z.object({ data: z.array(item), has_more: z.boolean() });
const eventSchema = z.object({
  object: z.literal('event'),
  type: z.string(),
  created: seconds,
  livemode: z.boolean(),
  data: z.object({ object: z.unknown() }),
});

const instantOf = (at: number): Instant => toInstant(epochMs(at * SECOND));
const named = (values: Readonly<Record<string, unknown>>, name: string): string | undefined => {
  const value = Object.hasOwn(values, name) ? values[name] : undefined;
  return typeof value === 'string' && value !== '' ? value : undefined;
};
/** `pending` and `requires_action` are under way. */
const refundKind = (status: string | null | undefined): RefundState['kind'] =>
  status === 'succeeded' ? 'succeeded' : status === 'failed' || status === 'canceled' ? 'failed' : 'open';

/** An answer that is none of Stripe's objects: nobody knows what has been done. */
const NOT_UNDERSTOOD = unavailable('notUnderstood');

/**
 * What the header says: when, and the signatures of the scheme that counts; undefined where it is not as it should be.
 * https://docs.stripe.com/webhooks#verify-manually
 */
const signatureOf = (header: string | undefined): { readonly at: string; readonly signatures: readonly string[] } | undefined => {
  const parts = (header ?? '').split(',').map((part) => part.split('='));
  const valuesOf = (name: string): readonly string[] => parts.filter(([key]) => key === name).map(([, value = '']) => value);
  const [at, another] = valuesOf('t');
  return at !== undefined && another === undefined && /^\d{1,12}$/.test(at) ? { at, signatures: valuesOf('v1') } : undefined;
};

/** Whether any of the secrets has made any of the signatures; each is compared in the same time, whatever it is. */
const isMade = ({ webhookSecrets }: Keys, signatures: readonly string[], payload: Uint8Array): boolean => {
  const made = webhookSecrets.map((secret) => Buffer.from(createHmac('sha256', secret).update(payload).digest('hex')));
  const given = signatures.map((signature) => Buffer.from(signature));
  return given.some((one) => made.some((other) => one.length === other.length && timingSafeEqual(one, other)));
};

type Called<Value> = Promise<Result<Value, ProviderFailure>>;
type Fields = Readonly<Record<string, string | number | undefined>>;

/** Stripe by its secret; see `SHAPE`. */
export const stripe = (dependencies: ProviderDependencies): PaymentProvider => {
  const { fetch } = dependencies;
  const secret = channelSecret(dependencies, keysOf);
  /** Intents that were made here: these are known before the search knows them. */
  const made = new Map<string, string>();

  const asked = async (keys: Keys, method: 'GET' | 'POST', path: string, fields: Fields = {}, idempotencyKey?: string): Called<unknown> => {
    const form = new URLSearchParams();
    for (const [name, value] of Object.entries(fields)) if (value !== undefined) form.append(name, String(value));
    const url = `${keys.apiBase ?? 'https://api.stripe.com'}${path}`;
    const reply = await call(fetch, method === 'GET' && form.size > 0 ? `${url}?${form.toString()}` : url, {
      method,
      headers: {
        authorization: `Bearer ${keys.secretKey}`,
        'stripe-version': VERSION,
        ...(method === 'POST' ? { 'content-type': 'application/x-www-form-urlencoded' } : {}),
        ...(idempotencyKey === undefined ? {} : { 'idempotency-key': idempotencyKey }),
      },
      ...(method === 'POST' ? { body: form.toString() } : {}),
    });
    if (!reply.ok) return reply;
    const { status, body } = reply.value;
    const answer = fromJson(textOf(body));
    if (status < 300) return ok(answer);
    const { data } = errorSchema.safeParse(answer);
    const code = data?.error.code ?? data?.error.type ?? `http.${status}`;
    // 409: the same idempotency key is under way at this moment.
    if (status === 401 || status === 403) return unauthorised(code);
    return status === 409 || code === 'rate_limit' || code === 'lock_timeout' ? unavailable(code) : refused(code);
  };
  const withKeys = async <Value>(use: (keys: Keys) => Called<Value>): Called<Value> => {
    const keys = await secret.keys();
    return keys === undefined ? NOT_CONFIGURED : use(keys);
  };
  const intentPath = (id: string): string => `/v1/payment_intents/${encodeURIComponent(id)}`;

  const create = ({ id, amount, method, subject }: Order): Called<PaymentInstructions> =>
    withKeys<PaymentInstructions>(async (keys) => {
      if (method !== 'card') return refused('methodNotOffered');
      const fields = {
        amount,
        currency: 'cny',
        'allowed_payment_method_types[0]': 'card',
        description: subject,
        'metadata[order]': id,
      };
      const answer = await asked(keys, 'POST', '/v1/payment_intents', fields, `linli-order-${id}`);
      if (!answer.ok) return answer;
      const { success, data } = intentSchema.safeParse(answer.value);
      if (!success || !data.client_secret) return NOT_UNDERSTOOD;
      made.set(id, data.id);
      const [oldest] = made.keys();
      if (made.size > REMEMBERED && oldest !== undefined) made.delete(oldest);
      return ok({ method, clientSecret: data.client_secret, publishableKey: keys.publishableKey });
    });

  /** Every intent of an order: one, or two where it was made again after Stripe had forgotten the idempotency key (24 hours). */
  const intentsOf = async (keys: Keys, order: string): Called<readonly Intent[]> => {
    if (!ID.test(order)) return refused('orderNotNamedSo');
    const searched = await asked(keys, 'GET', '/v1/payment_intents/search', {
      query: `metadata['order']:'${order}'`,
      limit: PAGE,
      'expand[0]': 'data.latest_charge',
    });
    if (!searched.ok) return searched;
    const { success, data } = listOf(intentSchema).safeParse(searched.value);
    if (!success) return NOT_UNDERSTOOD;
    // The search may be late with what has become of an intent, too.
    const known = made.get(order);
    if (known === undefined) return ok(data.data);
    const answer = await asked(keys, 'GET', intentPath(known), { 'expand[0]': 'latest_charge' });
    if (!answer.ok) return answer;
    const intent = intentSchema.safeParse(answer.value);
    return intent.success ? ok([intent.data, ...data.data.filter(({ id }) => id !== known)]) : NOT_UNDERSTOOD;
  };

  const find = ({ id }: Pick<Order, 'id'>): Called<OrderState> =>
    withKeys<OrderState>(async (keys) => {
      const intents = await intentsOf(keys, id);
      if (!intents.ok) return intents;
      const paid = intents.value.find(({ status }) => status === 'succeeded');
      if (paid === undefined) {
        const closed = intents.value.length > 0 && intents.value.every(({ status }) => status === 'canceled');
        return ok({ kind: closed ? 'closed' : 'open' });
      }
      const { currency, amount_received: amount, latest_charge: charge, created } = paid;
      if (currency !== 'cny' || amount <= 0) return NOT_UNDERSTOOD;
      const paidAt = instantOf(charge !== null && typeof charge === 'object' ? charge.created : created);
      return ok({ kind: 'paid', transaction: paid.id, amount: fen(amount), paidAt });
    });

  const close = ({ id }: Pick<Order, 'id'>): Called<void> =>
    withKeys<void>(async (keys) => {
      const intents = await intentsOf(keys, id);
      if (!intents.ok) return intents;
      for (const intent of intents.value) {
        if (intent.status === 'canceled') continue;
        if (intent.status === 'succeeded') return refused('payment_intent_unexpected_state');
        const answer = await asked(keys, 'POST', `${intentPath(intent.id)}/cancel`, { cancellation_reason: 'abandoned' });
        if (answer.ok) continue;
        // What the search knows may be old: what was given up in between is given up.
        const since = await asked(keys, 'GET', intentPath(intent.id));
        if (!since.ok || intentSchema.safeParse(since.value).data?.status !== 'canceled') return answer;
      }
      return ok(undefined);
    });

  const refund = ({ id, order, transaction, amount }: RefundOrder): Called<RefundState> =>
    withKeys<RefundState>(async (keys) => {
      const fields = {
        payment_intent: transaction,
        amount,
        reason: 'requested_by_customer',
        'metadata[refund]': id,
        'metadata[order]': order,
      };
      const answer = await asked(keys, 'POST', '/v1/refunds', fields, `linli-refund-${id}`);
      if (!answer.ok) return answer;
      const { success, data } = refundSchema.safeParse(answer.value);
      return success && named(data.metadata, 'refund') === id ? ok({ kind: refundKind(data.status) }) : NOT_UNDERSTOOD;
    });

  const pages = async function* <Item extends z.ZodMiniType<{ readonly id: string }>>(
    keys: Keys,
    path: string,
    fields: Fields,
    item: Item,
  ): AsyncGenerator<Result<readonly z.infer<Item>[], ProviderFailure>> {
    let after: string | undefined;
    for (;;) {
      const answer = await asked(keys, 'GET', path, { ...fields, limit: PAGE, starting_after: after });
      const page = answer.ok ? listOf(item).safeParse(answer.value) : undefined;
      if (!answer.ok || !page?.success) {
        yield answer.ok ? NOT_UNDERSTOOD : answer;
        return;
      }
      yield ok(page.data.data);
      after = page.data.data.at(-1)?.id;
      if (!page.data.has_more || after === undefined) return;
    }
  };

  const findRefund = ({ id, order }: Pick<RefundOrder, 'id' | 'order'>): Called<RefundState> =>
    withKeys<RefundState>(async (keys) => {
      const intents = await intentsOf(keys, order);
      if (!intents.ok) return intents;
      for (const { id: intent } of intents.value)
        for await (const page of pages(keys, '/v1/refunds', { payment_intent: intent }, refundSchema)) {
          if (!page.ok) return page;
          const found = page.value.find(({ metadata }) => named(metadata, 'refund') === id);
          if (found !== undefined) return ok({ kind: refundKind(found.status) });
        }
      return refused('refundNotFound');
    });

  /** Our order that an intent is for; undefined where it is none of ours. Throws where Stripe cannot be asked. */
  const orderOf = async (keys: Keys, intent: string | null | undefined): Promise<string | undefined> => {
    if (intent === null || intent === undefined) return undefined;
    const answer = await asked(keys, 'GET', intentPath(intent));
    const { success, data } = intentSchema.safeParse(answer.ok ? answer.value : undefined);
    if (!success) throw new Error(`Stripe does not say which order a payment is for: ${answer.ok ? 'notUnderstood' : answer.error.code}`);
    return named(data.metadata, 'order');
  };

  type Read = Result<PaymentFact, Refusal>;
  const NOTHING: Read = ok({ kind: 'nothing' });

  const paidFact = (content: unknown, created: number): Read => {
    const { success, data } = intentSchema.safeParse(content);
    if (!success) return err('unreadable');
    const order = named(data.metadata, 'order');
    if (order === undefined) return NOTHING;
    if (data.status !== 'succeeded' || data.currency !== 'cny' || data.amount_received <= 0) return err('unreadable');
    return ok({ kind: 'paid', order, transaction: data.id, amount: fen(data.amount_received), paidAt: instantOf(created) });
  };

  const refundFact = async (keys: Keys, content: unknown): Promise<Read> => {
    const { success, data } = refundSchema.safeParse(content);
    if (!success) return err('unreadable');
    const outcome = refundKind(data.status);
    if (outcome === 'open') return NOTHING;
    const order = named(data.metadata, 'order') ?? (await orderOf(keys, data.payment_intent));
    if (order === undefined) return NOTHING;
    if (data.currency !== 'cny') return err('unreadable');
    // One that was made by hand in Stripe's own pages has no id of ours.
    const refund = named(data.metadata, 'refund') ?? data.id;
    return ok({ kind: 'refunded', order, refund, amount: fen(data.amount), outcome });
  };

  const disputeFact = async (keys: Keys, type: string, content: unknown): Promise<Read> => {
    const { success, data } = disputeSchema.safeParse(content);
    if (!success) return err('unreadable');
    const outcome = type !== 'charge.dispute.closed' ? 'opened' : data.status === 'won' || data.status === 'lost' ? data.status : undefined;
    // `warning_…`: a bank asks; `prevented`: it asked no more. No money has moved.
    if (outcome === undefined || /^(?:warning_|prevented)/.test(data.status)) return NOTHING;
    const order = await orderOf(keys, data.payment_intent);
    if (order === undefined) return NOTHING;
    return data.currency === 'cny'
      ? ok({ kind: 'disputed', order, dispute: data.id, amount: fen(data.amount), outcome })
      : err('unreadable');
  };

  const read: PaymentProvider['read'] = async ({ headers, body }, moment) => {
    let keys = await secret.keys();
    if (keys === undefined) return err('notConfigured');
    const signature = signatureOf(headers['stripe-signature']);
    if (signature === undefined) return err('notGenuine');
    const payload = Buffer.concat([Buffer.from(`${signature.at}.`), body]);
    if (!isMade(keys, signature.signatures, payload)) {
      keys = await secret.newerKeys();
      if (keys === undefined || !isMade(keys, signature.signatures, payload)) return err('notGenuine');
    }
    if (Math.abs(moment - Number(signature.at) * SECOND) > TOLERANCE_MS) return err('stale');
    const { success, data: event } = eventSchema.safeParse(fromJson(textOf(body)));
    if (!success) return err('unreadable');
    if (event.livemode !== isLive(keys)) return err('notGenuine');
    const content = event.data.object;
    switch (event.type) {
      case 'payment_intent.succeeded':
        return paidFact(content, event.created);
      case 'refund.updated':
      case 'refund.failed':
      case 'charge.refund.updated':
        return refundFact(keys, content);
      // The second is that of an inquiry which has become a dispute; told twice, it is one fact.
      case 'charge.dispute.created':
      case 'charge.dispute.funds_withdrawn':
      case 'charge.dispute.closed':
        return disputeFact(keys, event.type, content);
      default:
        return NOTHING;
    }
  };

  /** Amounts are the charge's or refund's own: those of the balance are in the currency that the account is settled in. */
  const billLine = async (keys: Keys, { type, source }: z.infer<typeof balanceTransactionSchema>): Promise<BillLine | undefined> => {
    if (type === 'charge' || type === 'payment') {
      const { success, data } = chargeSchema.safeParse(source);
      const order = success ? named(data.metadata, 'order') : undefined;
      if (!success || order === undefined || data.currency !== 'cny' || !data.payment_intent) return undefined;
      return { kind: 'payment', order, transaction: data.payment_intent, amount: fen(data.amount) };
    }
    if (type !== 'refund' && type !== 'payment_refund') return undefined;
    const { success, data } = refundSchema.safeParse(source);
    if (!success || data.currency !== 'cny' || !data.payment_intent) return undefined;
    const order = named(data.metadata, 'order') ?? (await orderOf(keys, data.payment_intent));
    if (order === undefined) return undefined;
    return {
      kind: 'refund',
      order,
      refund: named(data.metadata, 'refund') ?? data.id,
      transaction: data.payment_intent,
      amount: fen(data.amount),
    };
  };

  const bill = async function* (day: Day): AsyncGenerator<readonly BillLine[]> {
    const keys = await secret.keys();
    if (keys === undefined) throw billError(CHANNEL, day, NOT_CONFIGURED.error);
    const [from, until] = [startOfDay(day), startOfDay(addDays(day, 1))];
    if (dependencies.now() < until) throw billError(CHANNEL, day, { code: 'unavailable', providerCode: 'dayNotOver' });
    const fields = { 'created[gte]': toEpochSeconds(from), 'created[lt]': toEpochSeconds(until), 'expand[0]': 'data.source' };
    for await (const page of pages(keys, '/v1/balance_transactions', fields, balanceTransactionSchema)) {
      if (!page.ok) throw billError(CHANNEL, day, page.error);
      const lines: BillLine[] = [];
      for (const transaction of page.value) {
        const line = await billLine(keys, transaction);
        if (line !== undefined) lines.push(line);
      }
      yield lines;
    }
  };

  return {
    methods: ['card'],
    isSetUp: async () => (await secret.keys()) !== undefined,
    create,
    read,
    answer: (outcome) => ({
      status: { taken: 200, refused: 400, later: 503 }[outcome],
      contentType: 'application/json; charset=utf-8',
      body: JSON.stringify({ received: outcome === 'taken' }),
    }),
    find,
    close,
    refund,
    findRefund,
    bill,
  };
};
