/**
 * A payment provider that there is on one machine only, so that everything about donations can be tried without a merchant's account: orders
 * are made over HTTP, somebody presses a button on a page, and a signed notification comes. It stands on a port of its own, as a provider
 * stands elsewhere; no money moves.
 */
import { existsSync, readFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import * as z from 'zod/mini';
import type { Log } from '../../functions/data/runtime.ts';
import type { PaymentProvider, ProviderDependencies } from '../../functions/data/payments.ts';
import { cause } from '../../functions/kernel/cause.ts';
import { newId, type Random } from '../../functions/kernel/id.ts';
import { fen } from '../../functions/kernel/money.ts';
import { preferredLanguage, type Language } from '../../functions/kernel/texts.ts';
import { dayOf, epochMs, toInstant, type Clock } from '../../functions/kernel/time.ts';
import { sandboxProvider } from './sandbox-adapter.ts';
import { ACTIONS, orderPage, SANDBOX_HEADERS, unknownOrderPage, type Action, type ShownOrder } from './sandbox-page.ts';
import { notification, orderInput, refundInput, signedHeaders, verdictOn, type Notification } from './sandbox-protocol.ts';
import { writeAtomically } from './write-atomically.ts';

export interface SandboxOptions {
  readonly now: Clock;
  readonly random: Random;
  /** 0 takes a free one. */
  readonly port: number;
  readonly host: string;
  readonly log: Log;
  /** Orders outlive a restart there; in memory without one. */
  readonly dataFolder?: string | undefined;
  /** How long it waits before it tells again what was not taken. */
  readonly retryAfterMs?: readonly number[];
}

export interface Sandbox {
  readonly url: string;
  /** The adapter to it, to be put among the channels. */
  readonly provider: (dependencies: ProviderDependencies) => PaymentProvider;
  readonly stop: () => Promise<void>;
}

const FILE = 'sandbox-payments.json';
const SECRET_BYTES = 32;
const MAX_BODY_BYTES = 64 * 1024;
const TIMEOUT_MS = 10_000;
const RETRY_AFTER_MS = [200, 500, 1000];
const BILL_PAGE = 1000;
const NAMES = ['127.0.0.1', 'localhost', '[::1]'];

const storedOrder = z.extend(orderInput, {
  closed: z.boolean(),
  payments: z.array(z.object({ transaction: z.string(), paidAt: z.string() })),
  refunds: z.array(z.object({ id: z.string(), transaction: z.string(), amount: z.int(), refundedAt: z.string() })),
  /** What was told or is to be told, and whether it was taken. */
  told: z.array(z.object({ id: z.string(), url: z.string(), what: notification, taken: z.boolean() })),
});
type StoredOrder = z.infer<typeof storedOrder>;
type Told = StoredOrder['told'][number];

/** What is refused, to whoever asked. */
class Refused extends Error {
  readonly status: number;
  readonly code: string;
  constructor(status: number, code: string) {
    super(code);
    this.status = status;
    this.code = code;
  }
}

const kept = (file: string | undefined): readonly StoredOrder[] => {
  if (file === undefined || !existsSync(file)) return [];
  try {
    return z.array(storedOrder).parse(JSON.parse(readFileSync(file, 'utf8')));
  } catch {
    throw new Error(`${file} is damaged: remove it, and the sandbox begins without orders.`);
  }
};

const bodyOf = async (request: IncomingMessage): Promise<Buffer> => {
  const chunks: Buffer[] = [];
  let bytes = 0;
  // A request that is given up can still be answered.
  for await (const chunk of request.iterator({ destroyOnReturn: false })) {
    chunks.push(chunk as Buffer);
    bytes += (chunk as Buffer).length;
    if (bytes > MAX_BODY_BYTES) throw new Refused(413, 'tooLarge');
  }
  return Buffer.concat(chunks);
};

const inputOf = <Schema extends z.ZodMiniType>(schema: Schema, body: Buffer): z.infer<Schema> => {
  try {
    return schema.parse(JSON.parse(body.toString('utf8')));
  } catch {
    throw new Refused(400, 'invalid');
  }
};

const refundedOf = (order: StoredOrder, transaction: string): number =>
  order.refunds.filter((each) => each.transaction === transaction).reduce((sum, { amount }) => sum + amount, 0);

/** Starts it, and answers when it listens. Throws where its file is damaged or its port taken. */
export const startSandbox = async ({
  now,
  random,
  port,
  host,
  log,
  dataFolder,
  retryAfterMs = RETRY_AFTER_MS,
}: SandboxOptions): Promise<Sandbox> => {
  const secret = random(SECRET_BYTES);
  const file = dataFolder === undefined ? undefined : join(dataFolder, FILE);
  const orders = new Map(kept(file).map((order) => [order.id, order]));
  const keep = (): void => {
    if (file !== undefined) writeAtomically(file, `${JSON.stringify([...orders.values()])}\n`);
  };
  const stopping = new AbortController();
  const underWay = new Set<Promise<unknown>>();

  const stateOf = ({ payments, closed, expiresAt }: StoredOrder): ShownOrder['state'] => {
    if (payments.length > 0) return 'paid';
    return closed || now() >= Date.parse(expiresAt) ? 'closed' : 'open';
  };
  const shown = (order: StoredOrder): ShownOrder => ({
    id: order.id,
    amount: fen(order.amount),
    subject: order.subject,
    returnUrl: order.returnUrl,
    state: stateOf(order),
    payments: order.payments.length,
    notified: order.told.every(({ taken }) => taken),
  });
  const orderOf = (id: string): StoredOrder => {
    const order = orders.get(id);
    if (order === undefined) throw new Refused(404, 'orderNotFound');
    return order;
  };

  /** Whether it was taken; what else it may be, nobody answers in time. */
  const handOver = async ({ id, url, what }: Told): Promise<boolean> => {
    const body = JSON.stringify(what);
    try {
      const answer = await fetch(url, {
        method: 'POST',
        headers: { 'content-type': 'application/json', ...signedHeaders(secret, now(), id, body) },
        body,
        redirect: 'error',
        signal: AbortSignal.any([stopping.signal, AbortSignal.timeout(TIMEOUT_MS)]),
      });
      await answer.body?.cancel();
      return answer.ok;
    } catch {
      return false;
    }
  };
  /** Tells until it is taken, a few times. Says nothing of what is told at once: each is told by itself. */
  const tell = async (order: StoredOrder, told: Told): Promise<void> => {
    for (const pause of [0, ...retryAfterMs]) {
      if (pause > 0) await sleep(pause, undefined, { signal: stopping.signal }).catch(() => undefined);
      if (stopping.signal.aborted) return;
      if (await handOver(told)) {
        told.taken = true;
        keep();
        return;
      }
    }
    log({ level: 'warn', code: 'sandboxNotificationNotTaken', order: order.id, kind: told.what.kind });
  };
  const toBeTold = (order: StoredOrder, url: string, what: Notification): Told => {
    const told = { id: newId(random), url, what, taken: false };
    order.told.push(told);
    return told;
  };

  const pay = (order: StoredOrder): Told => {
    const payment = { transaction: newId(random), paidAt: toInstant(now()) };
    order.payments.push(payment);
    return toBeTold(order, order.notifyUrl, { kind: 'paid', order: order.id, amount: order.amount, ...payment });
  };

  /** Does what somebody pressed, and answers when it has been told. */
  const act = async (order: StoredOrder, action: Action): Promise<void> => {
    const state = stateOf(order);
    if (action === 'notify') {
      await Promise.all(order.told.map((each) => tell(order, each)));
      return;
    }
    if (state === 'closed') throw new Refused(409, 'orderClosed');
    const missing = (action === 'twice' ? 2 : 1) - order.payments.length;
    if (missing <= 0) throw new Refused(409, 'orderPaid');
    const told =
      action === 'fail'
        ? [toBeTold(order, order.notifyUrl, { kind: 'failed', order: order.id })]
        : Array.from({ length: missing }, () => pay(order));
    keep();
    await Promise.all(told.map((each) => tell(order, each)));
  };

  const create = (body: Buffer): unknown => {
    const input = inputOf(orderInput, body);
    const made = orders.get(input.id);
    const order = made ?? { ...input, closed: false, payments: [], refunds: [], told: [] };
    if (order.amount !== input.amount) throw new Refused(409, 'orderDiffers');
    const state = stateOf(order);
    if (state !== 'open') throw new Refused(409, state === 'paid' ? 'orderPaid' : 'orderClosed');
    if (made === undefined) {
      orders.set(order.id, order);
      keep();
    }
    return { url: `${url}/pay/${order.id}` };
  };

  const find = (id: string): unknown => {
    const order = orders.get(id);
    const [payment] = order?.payments ?? [];
    if (order === undefined) return { kind: 'closed' };
    return payment === undefined ? { kind: stateOf(order) } : { kind: 'paid', amount: order.amount, ...payment };
  };

  const close = (id: string): unknown => {
    const order = orders.get(id);
    if (order !== undefined && order.payments.length > 0) throw new Refused(409, 'orderPaid');
    if (order !== undefined && !order.closed) {
      order.closed = true;
      keep();
    }
    return { kind: 'closed' };
  };

  const refund = (body: Buffer): unknown => {
    const { id, order: orderId, transaction, amount, total, notifyUrl } = inputOf(refundInput, body);
    const order = orderOf(orderId);
    const made = order.refunds.find((each) => each.id === id);
    if (made !== undefined) {
      if (made.amount !== amount || made.transaction !== transaction) throw new Refused(409, 'refundDiffers');
      return { kind: 'succeeded' };
    }
    if (!order.payments.some((each) => each.transaction === transaction)) throw new Refused(404, 'paymentNotFound');
    if (total !== order.amount) throw new Refused(409, 'totalDiffers');
    if (amount > order.amount - refundedOf(order, transaction)) throw new Refused(409, 'refundTooLarge');
    order.refunds.push({ id, transaction, amount, refundedAt: toInstant(now()) });
    const told = toBeTold(order, notifyUrl, { kind: 'refunded', order: order.id, refund: id, amount, outcome: 'succeeded' });
    keep();
    const telling = tell(order, told)
      .catch((error: unknown) => log({ level: 'error', code: 'sandboxFailed', ...cause(error) }))
      .finally(() => underWay.delete(telling));
    underWay.add(telling);
    return { kind: 'succeeded' };
  };

  const findRefund = (id: string): unknown => {
    if (![...orders.values()].some(({ refunds }) => refunds.some((each) => each.id === id))) throw new Refused(404, 'refundNotFound');
    return { kind: 'succeeded' };
  };

  const bill = (day: string, from: number): unknown => {
    // A real one is made when the day is over. Whoever tries the schedules gives them a moment to come, by which this day is.
    const isThen = (moment: string): boolean => dayOf(epochMs(Date.parse(moment))) === day;
    const lines = [...orders.values()].flatMap(({ id: order, amount, payments, refunds }) => [
      ...payments.filter(({ paidAt }) => isThen(paidAt)).map(({ transaction }) => ({ kind: 'payment', order, transaction, amount })),
      ...refunds
        .filter(({ refundedAt }) => isThen(refundedAt))
        .map((each) => ({ kind: 'refund', order, refund: each.id, transaction: each.transaction, amount: each.amount })),
    ]);
    const next = from + BILL_PAGE;
    return { lines: lines.slice(from, next), ...(next < lines.length ? { next } : {}) };
  };

  /** What the adapter asks; undefined where there is no such path. */
  const called = (method: string, path: string, query: URLSearchParams, body: Buffer): unknown => {
    const [, kind, id, verb] = /^\/(orders|refunds|bills)(?:\/([0-9A-Za-z_-]+))?(?:\/(close))?$/.exec(path) ?? [];
    const asked = `${method} ${kind} ${id === undefined ? '' : 'id'}${verb === undefined ? '' : ` ${verb}`}`.trim();
    switch (asked) {
      case 'POST orders':
        return create(body);
      case 'GET orders id':
        return find(id ?? '');
      case 'POST orders id close':
        return close(id ?? '');
      case 'POST refunds':
        return refund(body);
      case 'GET refunds id':
        return findRefund(id ?? '');
      case 'GET bills id':
        return bill(id ?? '', Number(query.get('from') ?? 0));
      default:
        throw new Refused(404, 'notFound');
    }
  };

  /** No page of somebody else's presses a button here, by whatever name it knows this machine. */
  const isOurs = ({ headers }: IncomingMessage): boolean =>
    [...NAMES, host].some((name) => headers.host === `${name}:${listening}`) &&
    (headers.origin === undefined || headers.origin === `http://${headers.host}`);

  const sendJson = (response: ServerResponse, status: number, answer: unknown): void => {
    response
      .writeHead(status, {
        'content-type': 'application/json; charset=utf-8',
        'x-content-type-options': 'nosniff',
        'cache-control': 'no-store',
      })
      .end(JSON.stringify(answer));
  };

  const languageOf = (request: IncomingMessage, query: URLSearchParams): Language =>
    preferredLanguage(query.get('lang') ?? request.headers['accept-language']);

  const answerPage = async (request: IncomingMessage, response: ServerResponse, id: string, query: URLSearchParams): Promise<void> => {
    const language = languageOf(request, query);
    const wantsJson = /\bapplication\/json\b/.test(request.headers.accept ?? '');
    const order = orders.get(id);
    if (order === undefined && !wantsJson) {
      response.writeHead(404, SANDBOX_HEADERS).end(unknownOrderPage(language));
      return;
    }
    const known = orderOf(id);
    let failed = query.has('failed');
    if (request.method === 'POST') {
      const pressed = new URLSearchParams((await bodyOf(request)).toString('utf8')).get('action');
      const action = ACTIONS.find((each) => each === pressed);
      if (action === undefined) throw new Refused(400, 'unknownAction');
      failed = action === 'fail';
      try {
        await act(known, action);
      } catch (error) {
        // Pressed twice, or on a page of before: a person is shown what there is now.
        if (wantsJson || !(error instanceof Refused)) throw error;
      }
      if (!wantsJson) {
        response.writeHead(303, { ...SANDBOX_HEADERS, location: `/pay/${id}?lang=${language}${failed ? '&failed' : ''}` }).end();
        return;
      }
    }
    if (wantsJson) {
      const { state, payments, notified } = shown(known);
      sendJson(response, 200, { order: id, state, payments, notified });
    } else response.writeHead(200, SANDBOX_HEADERS).end(orderPage(shown(known), language, failed));
  };

  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const { pathname, search, searchParams } = new URL(request.url ?? '/', 'http://localhost');
    if (!isOurs(request)) throw new Refused(403, 'forbidden');
    const [, page] = /^\/pay\/([0-9A-Za-z_-]+)$/.exec(pathname) ?? [];
    if (page !== undefined) {
      if (request.method !== 'GET' && request.method !== 'POST') throw new Refused(405, 'methodNotAllowed');
      await answerPage(request, response, page, searchParams);
      return;
    }
    const body = await bodyOf(request);
    const asked = `${request.method} ${pathname}${search}`;
    if (request.headers['webhook-id'] !== asked || verdictOn(secret, now(), request.headers, body) !== 'genuine')
      throw new Refused(401, 'notGenuine');
    sendJson(response, 200, called(request.method ?? '', pathname, searchParams, body));
  };

  const server = createServer((request, response) => {
    answer(request, response).catch((error: unknown) => {
      if (response.headersSent || request.socket.destroyed) return void response.destroy();
      // What is still on its way is not read.
      if (!request.complete) response.setHeader('connection', 'close');
      if (error instanceof Refused) return sendJson(response, error.status, { code: error.code });
      log({ level: 'error', code: 'sandboxFailed', ...cause(error) });
      sendJson(response, 500, { code: 'internal' });
    });
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, resolve);
  });
  const address = server.address();
  if (typeof address !== 'object' || address === null) throw new Error('the sandbox listens nowhere');
  const listening = address.port;
  const url = `http://${host}:${listening}`;
  return {
    url,
    provider: sandboxProvider({ url, secret }),
    async stop() {
      stopping.abort();
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      server.closeAllConnections();
      await closed;
      await Promise.all(underWay);
    },
  };
};
