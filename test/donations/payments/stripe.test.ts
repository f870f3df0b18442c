/** Stripe's adapter against a Stripe that is played here, with Stripe's own library as the other side: it signs what we verify, and asks alike. */
import { createHmac } from 'node:crypto';
import Stripe from 'stripe';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { stripe } from '../../../functions/donations/payments/stripe.ts';
import type { RawNotification } from '../../../functions/data/payments.ts';
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
  told,
  type Answer,
  type Asked,
  type Played,
} from './support.ts';

const CARD = { ...ORDER, method: 'card' } as const;
const HOOK = 'whsec_0123456789abcdef0123456789abcdef';
const NEXT = 'whsec_fedcba9876543210fedcba9876543210';
const KEY = 'sk_test_51H';
const AT = toEpochSeconds(NOW);

let played: Played;
/** Stripe's library, which asks the same Stripe. */
let theirs: Stripe;
beforeAll(async () => {
  played = await play();
  const { hostname, port } = new URL(played.url);
  theirs = new Stripe(KEY, { host: hostname, port, protocol: 'http', maxNetworkRetries: 0, telemetry: false });
});
afterAll(() => played.stop());

const secretOf = (more: object = {}): object => ({
  secretKey: KEY,
  publishableKey: 'pk_test_51H',
  webhookSecrets: [HOOK],
  apiBase: played.url,
  ...more,
});
const system = (more?: object) => {
  const { dependencies, state } = dependenciesFor(secretOf(more));
  return { provider: stripe(dependencies), state };
};

const INTENT = {
  object: 'payment_intent',
  id: 'pi_3MtwBwLkdIwHu7ix28a3tqPa',
  status: 'requires_payment_method',
  amount: 12345,
  amount_received: 0,
  currency: 'cny',
  client_secret: 'pi_3MtwBwLkdIwHu7ix28a3tqPa_secret_YrKJUKribcBjcG8HVhfZluoGH',
  created: AT - 600,
  livemode: false,
  latest_charge: null,
  receipt_email: 'payer@example.org',
  metadata: { order: ORDER.id },
};
const SUCCEEDED = { ...INTENT, status: 'succeeded', amount_received: 12345, latest_charge: 'ch_1' };
const REFUNDED = {
  object: 'refund',
  id: 're_1Nispe2eZvKYlo2Cd31jOCgZ',
  status: 'succeeded',
  amount: 345,
  currency: 'cny',
  charge: 'ch_1',
  payment_intent: INTENT.id,
  metadata: { refund: REFUND.id, order: ORDER.id },
};
const DISPUTE = {
  object: 'dispute',
  id: 'du_1MtJUT2eZvKYlo2CNaw2HvEv',
  status: 'needs_response',
  amount: 12345,
  currency: 'cny',
  charge: 'ch_1',
  payment_intent: INTENT.id,
  metadata: {},
};
const PAID_FACT = { kind: 'paid', order: ORDER.id, transaction: INTENT.id, amount: 12345, paidAt: '2026-11-24T05:59:58.000Z' };

const answered = (content: unknown, status = 200): Answer => ({
  status,
  headers: { 'content-type': 'application/json' },
  body: JSON.stringify(content),
});
const bad = (status: number, error: object): Answer => answered({ error: { message: 'payer@example.org', ...error } }, status);
const list = (data: readonly unknown[], has_more = false): Answer => answered({ object: 'list', url: '/', has_more, data });

/** Fields of a form or query, whichever has them. */
const fieldsOf = ({ method, query, body }: Asked): Record<string, string> =>
  Object.fromEntries([...(method === 'GET' ? query : new URLSearchParams(body))].toSorted(([left], [right]) => (left < right ? -1 : 1)));
const shapeOf = (asked: Asked | undefined) =>
  asked && {
    method: asked.method,
    path: asked.path.split('?')[0],
    fields: fieldsOf(asked),
    authorization: asked.headers['authorization'],
    version: asked.headers['stripe-version'],
    // The library makes one up where none is given.
    key: asked.headers['idempotency-key']?.replace(/^stripe-node-retry-.*$/, '') || undefined,
  };
/** That our request, the one at this place, is the one that Stripe's library makes. */
const expectSame = async (ours: Asked | undefined, call: () => Promise<unknown>): Promise<void> => {
  const before = played.asked.length;
  await call();
  expect(shapeOf(ours)).toEqual(shapeOf(played.asked[before]));
};

describe('an order is made', () => {
  test('as Stripe’s library would: in CNY, by card, once under its key', async () => {
    played.answers(() => answered(INTENT));
    // What our version of their interface takes is what the library was made for: its types know every field below.
    expect(await system().provider.create(CARD)).toEqual({
      ok: true,
      value: { method: 'card', clientSecret: INTENT.client_secret, publishableKey: 'pk_test_51H' },
    });
    await expectSame(played.asked[0], () =>
      theirs.paymentIntents.create(
        {
          amount: 12345,
          currency: 'cny',
          allowed_payment_method_types: ['card'],
          description: ORDER.subject,
          metadata: { order: ORDER.id },
        },
        { idempotencyKey: `linli-order-${ORDER.id}` },
      ),
    );
  });

  test('not by a way that is not Stripe’s', async () => {
    expect(await system().provider.create(ORDER)).toEqual(failed('refused', 'methodNotOffered'));
  });

  test('a refusal tells its code, and nothing that somebody wrote', async () => {
    const { provider } = system();
    for (const [answer, outcome] of [
      [bad(402, { type: 'card_error', code: 'card_declined' }), failed('refused', 'card_declined')],
      [bad(400, { type: 'idempotency_error' }), failed('refused', 'idempotency_error')],
      [bad(401, { type: 'invalid_request_error' }), failed('unauthorised', 'invalid_request_error')],
      [bad(400, { type: 'a b', code: 'payer@example.org' }), failed('refused', 'unnamed')],
      [bad(409, { type: 'idempotency_error', code: 'idempotency_key_in_use' }), failed('unavailable', 'idempotency_key_in_use')],
      [answered({ ...INTENT, client_secret: null }), failed('unavailable', 'notUnderstood')],
      [answered([]), failed('unavailable', 'notUnderstood')],
    ] as const) {
      played.answers(() => answer);
      expect(await provider.create(CARD)).toEqual(outcome);
    }
  });

  test('who does not answer, or answers with 5xx or nonsense, may be asked again', async () => {
    const { provider } = system();
    await expectFailures(
      (answer) => played.answers(() => answer),
      () => provider.create(CARD),
    );
    await played.stop();
    expect(await provider.create(CARD)).toEqual(failed('unavailable', 'TypeError'));
    played = await play();
    const { hostname, port } = new URL(played.url);
    theirs = new Stripe(KEY, { host: hostname, port, protocol: 'http', maxNetworkRetries: 0, telemetry: false });
  });
});

describe('what became of an order', () => {
  const charged = { ...SUCCEEDED, latest_charge: { object: 'charge', created: AT - 2 } };
  const paid = { kind: 'paid', transaction: INTENT.id, amount: 12345, paidAt: '2026-11-24T05:59:58.000Z' };

  test.each([
    ['succeeded', [charged], paid],
    ['given up once and paid then', [{ ...INTENT, id: 'pi_0', status: 'canceled' }, charged], paid],
    ['waits for a card', [INTENT], { kind: 'open' }],
    ['under way', [{ ...INTENT, status: 'processing' }], { kind: 'open' }],
    ['given up', [{ ...INTENT, status: 'canceled' }], { kind: 'closed' }],
    // The search lags.
    ['not found', [], { kind: 'open' }],
  ])('%s', async (_what, found, state) => {
    played.answers(() => list(found));
    expect(await system().provider.find(CARD)).toEqual({ ok: true, value: state });
    await expectSame(played.asked[0], () =>
      theirs.paymentIntents.search({ query: `metadata['order']:'${ORDER.id}'`, limit: 100, expand: ['data.latest_charge'] }),
    );
  });

  test('one that was made here is known before the search knows it', async () => {
    const { provider } = system();
    played.answers(({ path, method }) => (method === 'POST' ? answered(INTENT) : path.includes('/search') ? list([]) : answered(charged)));
    await provider.create(CARD);
    expect(await provider.find(CARD)).toEqual({ ok: true, value: paid });
  });

  test('one in another currency, or without an amount, is not understood; an id that is none is not searched for', async () => {
    for (const more of [{ currency: 'hkd' }, { amount_received: 0 }, { amount_received: 1.5 }]) {
      played.answers(() => list([{ ...charged, ...more }]));
      expect(await system().provider.find(CARD)).toEqual(failed('unavailable', 'notUnderstood'));
    }
    played.answers(() => list([]));
    expect(await system().provider.find({ id: "x' OR status:'succeeded" })).toEqual(failed('refused', 'orderNotNamedSo'));
    expect(played.asked).toEqual([]);
  });

  test('an order is closed by giving up its intents; one that was given up, or never made, is closed; a paid one is not', async () => {
    const closed = { ok: true, value: undefined };
    played.answers(({ method }) => (method === 'POST' ? answered({ ...INTENT, status: 'canceled' }) : list([INTENT])));
    expect(await system().provider.close(CARD)).toEqual(closed);
    await expectSame(played.asked[1], () => theirs.paymentIntents.cancel(INTENT.id, { cancellation_reason: 'abandoned' }));
    for (const found of [[], [{ ...INTENT, status: 'canceled' }]]) {
      played.answers(() => list(found));
      expect(await system().provider.close(CARD)).toEqual(closed);
    }
    played.answers(() => list([SUCCEEDED]));
    expect(await system().provider.close(CARD)).toEqual(failed('refused', 'payment_intent_unexpected_state'));
    // What the search said was old.
    for (const [status, outcome] of [
      ['succeeded', failed('refused', 'payment_intent_unexpected_state')],
      ['canceled', closed],
    ] as const) {
      played.answers(({ method, path }) =>
        method === 'POST'
          ? bad(400, { type: 'invalid_request_error', code: 'payment_intent_unexpected_state' })
          : path.includes('/search')
            ? list([INTENT])
            : answered({ ...INTENT, status }),
      );
      expect(await system().provider.close(CARD)).toEqual(outcome);
    }
  });
});

describe('a refund', () => {
  const order = { ...REFUND, transaction: INTENT.id };

  test.each([
    ['succeeded', 'succeeded'],
    ['pending', 'open'],
    ['requires_action', 'open'],
    ['failed', 'failed'],
    ['canceled', 'failed'],
  ])('%s is %s, when it is asked for and when it is looked up', async (status, kind) => {
    played.answers(({ method, path }) =>
      method === 'POST'
        ? answered({ ...REFUNDED, status })
        : path.includes('/search')
          ? list([SUCCEEDED])
          : list([{ ...REFUNDED, status }]),
    );
    const { provider } = system();
    expect(await provider.refund(order)).toEqual({ ok: true, value: { kind } });
    expect(await provider.findRefund(order)).toEqual({ ok: true, value: { kind } });
    const [asked, , listed] = played.asked;
    await expectSame(asked, () =>
      theirs.refunds.create(
        {
          payment_intent: INTENT.id,
          amount: 345,
          reason: 'requested_by_customer',
          metadata: { refund: REFUND.id, order: ORDER.id },
        },
        { idempotencyKey: `linli-refund-${REFUND.id}` },
      ),
    );
    await expectSame(listed, () => theirs.refunds.list({ payment_intent: INTENT.id, limit: 100 }));
  });

  test('is looked for on every page and in every payment of its order', async () => {
    const others = Array.from({ length: 3 }, (_, index) => ({ ...REFUNDED, id: `re_${index}`, metadata: { refund: `OTHER${index}` } }));
    played.answers(({ path, query }) => {
      if (path.includes('/search')) return list([{ ...SUCCEEDED, id: 'pi_0' }, SUCCEEDED]);
      if (query.get('payment_intent') === 'pi_0') return list([]);
      return query.get('starting_after') === 're_2' ? list([REFUNDED]) : list(others, true);
    });
    expect(await system().provider.findRefund(order)).toEqual({ ok: true, value: { kind: 'succeeded' } });
    played.answers(({ path }) => (path.includes('/search') ? list([SUCCEEDED]) : list(others)));
    expect(await system().provider.findRefund(order)).toEqual(failed('refused', 'refundNotFound'));
  });

  test('that is refused tells the code; an answer about another one may be asked for again', async () => {
    played.answers(() => bad(400, { type: 'invalid_request_error', code: 'charge_already_refunded' }));
    expect(await system().provider.refund(order)).toEqual(failed('refused', 'charge_already_refunded'));
    played.answers(() => answered({ ...REFUNDED, metadata: {} }));
    expect(await system().provider.refund(order)).toEqual(failed('unavailable', 'notUnderstood'));
  });
});

const eventOf = (type: string, object: unknown, more: object = {}): string =>
  JSON.stringify({
    id: 'evt_1NG8Du2eZvKYlo2CUI79vXWy',
    object: 'event',
    api_version: Stripe.API_VERSION,
    created: AT - 2,
    livemode: false,
    type,
    data: { object },
    ...more,
  });
const header = (payload: string, secret = HOOK, at: EpochMs = NOW): string =>
  Stripe.webhooks.generateTestHeaderString({ payload, secret, timestamp: toEpochSeconds(at) });
const sent = (payload: string, signature = header(payload)): RawNotification => ({
  headers: { 'stripe-signature': signature },
  body: Buffer.from(payload),
});
const notification = (type: string, object: unknown, more?: object): RawNotification => sent(eventOf(type, object, more));
const PAID = eventOf('payment_intent.succeeded', SUCCEEDED);

describe('a notification', () => {
  test('that is genuine, as Stripe’s library finds as well, tells of a payment; nothing of the payer', async () => {
    expect(Stripe.webhooks.constructEvent(PAID, header(PAID), HOOK, 300, undefined, NOW).type).toBe('payment_intent.succeeded');
    expect(await told(system().provider, sent(PAID))).toEqual(PAID_FACT);
  });

  test('is read a hundred times alike', async () => {
    const { provider, state } = system();
    for (let time = 0; time < 100; time++) expect(await told(provider, sent(PAID))).toEqual(PAID_FACT);
    expect(state.reads).toBe(1);
  });

  test.each([
    ['refund.updated', 'succeeded', 'succeeded'],
    ['charge.refund.updated', 'succeeded', 'succeeded'],
    ['refund.failed', 'failed', 'failed'],
    ['refund.updated', 'canceled', 'failed'],
  ])('%s, %s: a refund has %s', async (type, status, outcome) => {
    const fact = { kind: 'refunded', order: ORDER.id, refund: REFUND.id, amount: 345, outcome };
    expect(await told(system().provider, notification(type, { ...REFUNDED, status }))).toEqual(fact);
  });

  test('of a refund that was made by hand has its order from the payment, and Stripe’s own number', async () => {
    played.answers(() => answered(SUCCEEDED));
    expect(await told(system().provider, notification('refund.updated', { ...REFUNDED, metadata: {} }))).toEqual({
      kind: 'refunded',
      order: ORDER.id,
      refund: REFUNDED.id,
      amount: 345,
      outcome: 'succeeded',
    });
    expect(played.asked.map(({ path }) => path)).toEqual([`/v1/payment_intents/${INTENT.id}`]);
  });

  test.each([
    ['charge.dispute.created', 'needs_response', 'opened'],
    ['charge.dispute.funds_withdrawn', 'needs_response', 'opened'],
    ['charge.dispute.closed', 'won', 'won'],
    ['charge.dispute.closed', 'lost', 'lost'],
  ])('%s, %s: a dispute is %s, of the order that its payment is for', async (type, status, outcome) => {
    played.answers(() => answered(SUCCEEDED));
    expect(await told(system().provider, notification(type, { ...DISPUTE, status }))).toEqual({
      kind: 'disputed',
      order: ORDER.id,
      dispute: DISPUTE.id,
      amount: 12345,
      outcome,
    });
  });

  test('throws where Stripe cannot be asked which order a dispute is of, so that it is told again', async () => {
    played.answers(() => ({ status: 503, body: '' }));
    await expect(told(system().provider, notification('charge.dispute.created', DISPUTE))).rejects.toThrow('unavailable');
  });

  test('that concerns no order of ours, or moves no money, tells nothing', async () => {
    played.answers(() => answered({ ...SUCCEEDED, metadata: {} }));
    const { provider } = system();
    for (const [type, object] of [
      ['payment_intent.succeeded', { ...SUCCEEDED, metadata: {} }],
      ['payment_intent.payment_failed', INTENT],
      ['refund.updated', { ...REFUNDED, status: 'pending' }],
      ['refund.updated', { ...REFUNDED, metadata: {} }],
      ['refund.updated', { ...REFUNDED, metadata: {}, payment_intent: null }],
      ['charge.dispute.created', DISPUTE],
      ['charge.dispute.created', { ...DISPUTE, status: 'warning_needs_response' }],
      ['charge.dispute.closed', { ...DISPUTE, status: 'warning_closed' }],
      ['charge.dispute.created', { ...DISPUTE, status: 'prevented' }],
      ['toString', {}],
    ] as const)
      expect([type, await told(provider, notification(type, object))]).toEqual([type, { kind: 'nothing' }]);
  });

  test('with one bit turned anywhere is not genuine, as Stripe’s library finds as well', async () => {
    const { provider } = system();
    const takes = ({ body, headers }: RawNotification): boolean => {
      try {
        Stripe.webhooks.constructEvent(Buffer.from(body), headers['stripe-signature'] ?? '', HOOK, 300, undefined, NOW);
        return true;
      } catch {
        return false;
      }
    };
    let count = 0;
    for (const each of forged(sent(PAID), ['stripe-signature'], 5)) {
      count++;
      expect(await told(provider, each)).toBe('notGenuine');
      if (count % 10 === 0) expect(takes(each)).toBe(false);
    }
    expect(count).toBeGreaterThan(1500);
    expect(takes(sent(PAID))).toBe(true);
  });

  test('with its JSON written anew, says the same and is not genuine', async () => {
    const anew = JSON.stringify(JSON.parse(PAID), null, 1);
    expect(await told(system().provider, sent(anew, header(PAID)))).toBe('notGenuine');
    expect(await told(system().provider, sent(`${PAID}\n`, header(PAID)))).toBe('notGenuine');
  });

  const mac = (text: string, secret = HOOK): string => createHmac('sha256', secret).update(text).digest('hex');
  const good = mac(`${AT}.${PAID}`);
  test.each([
    ['no header', ''],
    ['no time', `v1=${good}`],
    ['two times', `t=${AT},t=${AT},v1=${good}`],
    ['a time that is none', `t=1e9,v1=${good}`],
    ['no signature', `t=${AT}`],
    ['an empty one', `t=${AT},v1=`],
    ['one of another scheme', `t=${AT},v0=${good}`],
    ['one in upper case', `t=${AT},v1=${good.toUpperCase()}`],
    ['half a one', `t=${AT},v1=${good.slice(0, 32)}`],
    ['one by another secret', `t=${AT},v1=${mac(`${AT}.${PAID}`, NEXT)}`],
    ['one of the body alone', `t=${AT},v1=${mac(PAID)}`],
  ])('whose header has %s is not genuine', async (_what, signature) => {
    expect(await told(system().provider, sent(PAID, signature))).toBe('notGenuine');
  });

  test('may have several signatures: one of them is enough', async () => {
    const wrong = mac('other');
    for (const signature of [`t=${AT},v1=${wrong},v1=${good}`, `t=${AT},v1=${good},v1=${wrong},v0=${wrong}`])
      expect(await told(system().provider, sent(PAID, signature))).toEqual(PAID_FACT);
  });

  test('is stale after five minutes, and as long before its time', async () => {
    const { provider } = system();
    for (const [off, outcome] of [
      [5 * MINUTE, PAID_FACT],
      [-5 * MINUTE, PAID_FACT],
      [5 * MINUTE + SECOND, 'stale'],
      [-5 * MINUTE - SECOND, 'stale'],
    ] as const)
      expect(await told(provider, sent(PAID), plus(NOW, off))).toEqual(outcome);
  });

  test.each([
    ['of the live world, with a test key', eventOf('payment_intent.succeeded', SUCCEEDED, { livemode: true }), 'notGenuine'],
    ['in another currency', eventOf('payment_intent.succeeded', { ...SUCCEEDED, currency: 'usd' }), 'unreadable'],
    ['of half a fen', eventOf('payment_intent.succeeded', { ...SUCCEEDED, amount_received: 0.5 }), 'unreadable'],
    ['of nothing', eventOf('payment_intent.succeeded', { ...SUCCEEDED, amount_received: 0 }), 'unreadable'],
    ['of more than a number holds', eventOf('payment_intent.succeeded', { ...SUCCEEDED, amount_received: 2 ** 60 }), 'unreadable'],
    ['of a payment that did not succeed', eventOf('payment_intent.succeeded', INTENT), 'unreadable'],
    ['of another object', eventOf('payment_intent.succeeded', REFUNDED), 'unreadable'],
    ['of a refund in another currency', eventOf('refund.updated', { ...REFUNDED, currency: 'usd' }), 'unreadable'],
    ['of a refund without an amount', eventOf('refund.updated', { ...REFUNDED, amount: -1 }), 'unreadable'],
  ])('%s changes nothing', async (_what, payload, refusal) => {
    expect(await told(system().provider, sent(payload))).toBe(refusal);
  });

  test('of the test world is not for a live key', async () => {
    const { provider } = system({ secretKey: 'rk_live_51H', publishableKey: 'pk_live_51H' });
    expect(await told(provider, sent(PAID))).toBe('notGenuine');
    expect(await told(provider, notification('payment_intent.succeeded', SUCCEEDED, { livemode: true }))).toEqual(PAID_FACT);
  });

  test.each(HOSTILE)('of %s is unreadable when it is signed, not genuine when it is not, and trips nobody', async (_what, body) => {
    const signature = createHmac('sha256', HOOK).update(`${AT}.`).update(body).digest('hex');
    const { provider } = system();
    expect(await told(provider, { headers: { 'stripe-signature': `t=${AT},v1=${signature}` }, body })).toBe('unreadable');
    expect(await told(provider, { headers: {}, body })).toBe('notGenuine');
  });

  test('is answered for with 2xx only where it was taken', () => {
    const { provider } = system();
    const contentType = 'application/json; charset=utf-8';
    expect(provider.answer('taken')).toEqual({ status: 200, contentType, body: '{"received":true}' });
    expect(provider.answer('refused')).toMatchObject({ status: 400 });
    expect(provider.answer('later')).toMatchObject({ status: 503 });
  });
});

describe('keys change', () => {
  test('any of the secrets may have signed', async () => {
    const { provider } = system({ webhookSecrets: [NEXT, HOOK] });
    expect(await told(provider, sent(PAID))).toEqual(PAID_FACT);
    expect(await told(provider, sent(PAID, header(PAID, NEXT)))).toEqual(PAID_FACT);
  });

  test('a secret that we do not know makes ours be read once more, and not again within a minute', async () => {
    const { provider, state } = system();
    const next = sent(PAID, header(PAID, NEXT));
    for (let time = 0; time < 20; time++) expect(await told(provider, next)).toBe('notGenuine');
    expect(state.reads).toBe(1);
    state.secret = secretOf({ webhookSecrets: [NEXT, HOOK] });
    state.now = plus(NOW, MINUTE);
    for (let time = 0; time < 20; time++) expect(await told(provider, next)).toEqual(PAID_FACT);
    expect(state.reads).toBe(2);
  });

  test('where no secret is set, nothing is called, and nothing is believed; once one is, within a minute', async () => {
    const { dependencies, state } = dependenciesFor(undefined);
    const provider = stripe(dependencies);
    for (let time = 0; time < 20; time++) expect(await told(provider, sent(PAID))).toBe('notConfigured');
    expect(state.reads).toBe(1);
    expect(await provider.create(CARD)).toEqual(failed('notConfigured'));
    expect(await provider.find(CARD)).toEqual(failed('notConfigured'));
    expect(await provider.close(CARD)).toEqual(failed('notConfigured'));
    expect(await provider.refund(REFUND)).toEqual(failed('notConfigured'));
    await expect(linesOf(provider.bill(DAY))).rejects.toThrow('notConfigured');
    state.secret = secretOf();
    state.now = plus(NOW, MINUTE);
    expect(await told(provider, sent(PAID))).toEqual(PAID_FACT);
  });

  test('a secret that cannot be had is asked for again at the next call', async () => {
    let reads = 0;
    const secret = (): Promise<unknown> => (reads++ === 0 ? Promise.reject(new Error('throttled')) : Promise.resolve(secretOf()));
    const provider = stripe(dependenciesFor(undefined, { secret }).dependencies);
    await expect(told(provider, sent(PAID))).rejects.toThrow('throttled');
    expect(await told(provider, sent(PAID))).toEqual(PAID_FACT);
  });

  test.each([
    ['a field is missing', { webhookSecrets: undefined }, /webhookSecrets is missing or wrong/],
    ['a field is too many', { other: 'hush' }, /a field that is not known/],
    ['a key is of another kind', { secretKey: 'pk_hush' }, /secretKey is missing or wrong/],
    ['there is no webhook’s secret', { webhookSecrets: [] }, /webhookSecrets is missing or wrong/],
    ['the base is no https', { apiBase: 'http://hush.example' }, /apiBase is missing or wrong/],
  ])('a secret in which %s says what to do, and nothing of what is in it', async (_what, more, message) => {
    const thrown = await system(more)
      .provider.create(CARD)
      .catch((error: unknown) => error);
    expect(String(thrown)).toMatch(message);
    expect(String(thrown)).toMatch(/Put a JSON object of this shape there/);
    expect(String(thrown)).not.toMatch(/hush/);
  });
});

describe('a daily bill', () => {
  const charge = (order: string, amount: number, more: object = {}) => ({
    object: 'charge',
    id: `ch_${order}`,
    currency: 'cny',
    amount,
    payment_intent: `pi_${order}`,
    metadata: { order },
    ...more,
  });
  const entry = (id: string, type: string, source: unknown) => ({
    object: 'balance_transaction',
    id,
    type,
    currency: 'hkd',
    amount: 999,
    source,
  });
  const billed = async (now = DAY_AFTER) => {
    const { provider, state } = system();
    state.now = now;
    return linesOf(provider.bill(DAY));
  };

  test('has each charge and refund of the day in Shanghai, in our currency and not in that of the account', async () => {
    const pages = [
      [entry('txn_1', 'charge', charge('A', 12345)), entry('txn_2', 'stripe_fee', null), entry('txn_3', 'payment', charge('B', 1))],
      [
        entry('txn_4', 'refund', REFUNDED),
        entry('txn_5', 'refund', { ...REFUNDED, id: 're_hand', metadata: {} }),
        entry('txn_6', 'adjustment', DISPUTE),
        entry('txn_7', 'charge', charge('C', 5, { metadata: {} })),
        entry('txn_8', 'charge', charge('D', 5, { currency: 'hkd' })),
      ],
    ];
    played.answers(({ path, query }) =>
      path.startsWith('/v1/payment_intents/')
        ? answered(SUCCEEDED)
        : query.get('starting_after') === 'txn_3'
          ? list(pages[1] ?? [])
          : list(pages[0] ?? [], true),
    );
    expect(await billed()).toEqual([
      { kind: 'payment', order: 'A', transaction: 'pi_A', amount: fen(12345) },
      { kind: 'payment', order: 'B', transaction: 'pi_B', amount: fen(1) },
      { kind: 'refund', order: ORDER.id, refund: REFUND.id, transaction: INTENT.id, amount: fen(345) },
      { kind: 'refund', order: ORDER.id, refund: 're_hand', transaction: INTENT.id, amount: fen(345) },
    ]);
    const [from, until] = [Date.UTC(2026, 10, 23, 16) / 1000, Date.UTC(2026, 10, 24, 16) / 1000];
    await expectSame(played.asked[0], () =>
      theirs.balanceTransactions.list({ created: { gte: from, lt: until }, expand: ['data.source'], limit: 100 }),
    );
  });

  test('of a day that is not over, or that cannot be fetched whole, is not there yet', async () => {
    await expect(billed(NOW)).rejects.toThrow('dayNotOver');
    played.answers(({ query }) =>
      query.has('starting_after') ? { status: 500, body: '' } : list([entry('txn_1', 'charge', charge('A', 1))], true),
    );
    await expect(billed()).rejects.toThrow('http.500');
  });
});
