/** The sandbox as the foundation knows a payment provider: everything goes over HTTP, as it does to a real one. */
import type * as z from 'zod/mini';
import type { PaymentFact, PaymentProvider, ProviderDependencies, ProviderFailure } from '../../functions/data/payments.ts';
import { PAYMENT_METHODS } from '../../functions/kernel/payment-words.ts';
import { fen } from '../../functions/kernel/money.ts';
import { err, ok, type Result } from '../../functions/kernel/result.ts';
import { epochMs, toInstant } from '../../functions/kernel/time.ts';
import {
  billAnswer,
  notification,
  orderAnswer,
  orderStateAnswer,
  refundAnswer,
  refusalAnswer,
  signedHeaders,
  verdictOn,
  type Notification,
} from './sandbox-protocol.ts';

const TIMEOUT_MS = 10_000;

const instant = (text: string) => toInstant(epochMs(Date.parse(text)));

const factOf = (told: Notification): PaymentFact => {
  switch (told.kind) {
    case 'paid':
      return { ...told, amount: fen(told.amount), paidAt: instant(told.paidAt) };
    case 'refunded':
      return { ...told, amount: fen(told.amount) };
    case 'failed':
      return { kind: 'nothing' };
  }
};

const jsonOf = (bytes: Uint8Array): unknown => {
  try {
    return JSON.parse(Buffer.from(bytes).toString('utf8'));
  } catch {
    return undefined;
  }
};

/** The provider that the sandbox at that URL is, to whoever shares its secret; the channel's secret is not asked for. */
export const sandboxProvider =
  ({ url, secret }: { readonly url: string; readonly secret: Uint8Array }) =>
  ({ fetch, now }: ProviderDependencies): PaymentProvider => {
    const call = async <Schema extends z.ZodMiniType>(
      method: 'GET' | 'POST',
      path: string,
      schema: Schema,
      input?: unknown,
    ): Promise<Result<z.infer<Schema>, ProviderFailure>> => {
      const body = input === undefined ? '' : JSON.stringify(input);
      try {
        const answer = await fetch(`${url}${path}`, {
          method,
          headers: { 'content-type': 'application/json', ...signedHeaders(secret, now(), `${method} ${path}`, body) },
          ...(body === '' ? {} : { body }),
          signal: AbortSignal.timeout(TIMEOUT_MS),
        });
        const read: unknown = await answer.json();
        if (answer.ok) return ok(schema.parse(read));
        const refusal = refusalAnswer.safeParse(read);
        const providerCode = refusal.success ? refusal.data.code : String(answer.status);
        return err({ code: answer.status >= 500 ? 'unavailable' : 'refused', providerCode });
      } catch {
        // It is not there, was too slow, or what answered is not the sandbox.
        return err({ code: 'unavailable' });
      }
    };

    return {
      // Whatever a client will use elsewhere can be tried: each leads to the page.
      methods: ['page', ...PAYMENT_METHODS.filter((method) => method !== 'page')],
      isSetUp: () => Promise.resolve(true),

      async create({ id, amount, method, subject, expiresAt, notifyUrl, returnUrl }) {
        const made = await call('POST', '/orders', orderAnswer, { id, amount, subject, expiresAt, notifyUrl, returnUrl });
        if (!made.ok) return made;
        const { url: page } = made.value;
        return ok({ method, url: page, ...(method === 'native' ? { codeUrl: page } : {}) });
      },

      async read({ headers, body }, at) {
        const verdict = verdictOn(secret, at, headers, body);
        if (verdict !== 'genuine') return err(verdict);
        const told = notification.safeParse(jsonOf(body));
        return told.success ? ok(factOf(told.data)) : err('unreadable');
      },

      answer(outcome) {
        const status = { taken: 200, refused: 400, later: 503 }[outcome];
        return { status, contentType: 'application/json; charset=utf-8', body: JSON.stringify({ outcome }) };
      },

      async find({ id }) {
        const found = await call('GET', `/orders/${id}`, orderStateAnswer);
        if (!found.ok) return found;
        if (found.value.kind !== 'paid') return ok(found.value);
        return ok({ ...found.value, amount: fen(found.value.amount), paidAt: instant(found.value.paidAt) });
      },

      async close({ id }) {
        const closed = await call('POST', `/orders/${id}/close`, orderStateAnswer, {});
        return closed.ok ? ok(undefined) : closed;
      },

      refund: ({ id, order, transaction, amount, total, reason, notifyUrl }) =>
        call('POST', '/refunds', refundAnswer, { id, order, transaction, amount, total, reason, notifyUrl }),

      findRefund: ({ id }) => call('GET', `/refunds/${id}`, refundAnswer),

      async *bill(day) {
        let next: number | undefined = 0;
        while (next !== undefined) {
          const page: Result<z.infer<typeof billAnswer>, ProviderFailure> = await call('GET', `/bills/${day}?from=${next}`, billAnswer);
          if (!page.ok) throw new Error(`the sandbox has no bill of ${day}: ${page.error.providerCode ?? page.error.code}`);
          if (page.value.lines.length > 0)
            yield page.value.lines.map(({ kind, order, refund, transaction, amount }) => ({
              kind,
              order,
              transaction,
              amount: fen(amount),
              ...(refund === undefined ? {} : { refund }),
            }));
          next = page.value.next;
        }
      },
    };
  };
