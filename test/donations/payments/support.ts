/** What the adapters' tests share: a provider that is played by a small server on this machine, an order, and forgers. */
import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect } from 'vitest';
import type {
  BillLine,
  Order,
  PaymentFact,
  PaymentProvider,
  ProviderDependencies,
  RawNotification,
  Refusal,
  RefundOrder,
} from '../../../functions/data/payments.ts';
import { fen } from '../../../functions/kernel/money.ts';
import type { Result } from '../../../functions/kernel/result.ts';
import { epochMs, HOUR, plus, toInstant, type Day } from '../../../functions/kernel/time.ts';

/** 14:00 in Shanghai on 24 November 2026. */
export const NOW = epochMs(Date.UTC(2026, 10, 24, 6));
export const DAY = '2026-11-24' as Day;
/** When that day's bill is there. */
export const DAY_AFTER = plus(NOW, 22 * HOUR);

export const ORDER: Order = {
  id: '0123456789ABCDEFGHJKMNPQRS',
  amount: fen(12345),
  method: 'native',
  subject: '幸福里社区基金',
  expiresAt: toInstant(epochMs(Date.UTC(2026, 10, 24, 6, 30, 0, 999))),
  notifyUrl: 'https://linli.example/v1/payments/any/notifications',
};
export const REFUND: RefundOrder = {
  id: 'ZYXWVTSRQPNMKJHGFEDCBA9876',
  order: ORDER.id,
  transaction: '4200001234567890',
  amount: fen(345),
  total: ORDER.amount,
  reason: '重复捐款',
  notifyUrl: ORDER.notifyUrl,
};

export interface Pair {
  readonly privateKey: KeyObject;
  readonly publicKey: KeyObject;
  /** In PEM. */
  readonly secret: string;
  readonly shown: string;
}
export const rsaPair = (): Pair => {
  const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  return {
    privateKey,
    publicKey,
    secret: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
    shown: publicKey.export({ type: 'spki', format: 'pem' }).toString(),
  };
};

export interface Asked {
  readonly method: string;
  /** With its query. */
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly body: string;
  readonly bytes: Buffer;
}
export interface Answer {
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body: string | Uint8Array;
}
export interface Played {
  readonly url: string;
  /** What was asked since the last `answers`. */
  readonly asked: Asked[];
  readonly answers: (answer: (asked: Asked) => Answer) => void;
  readonly stop: () => Promise<void>;
}

/** Begins to play a provider. */
export const play = async (): Promise<Played> => {
  const asked: Asked[] = [];
  let answer = (_asked: Asked): Answer => ({ status: 500, body: '' });
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const path = request.url ?? '';
      const one: Asked = {
        method: request.method ?? '',
        path,
        query: new URL(path, 'http://127.0.0.1').searchParams,
        headers: Object.fromEntries(Object.entries(request.headers).map(([name, value]) => [name, String(value)])),
        body: Buffer.concat(chunks).toString(),
        bytes: Buffer.concat(chunks),
      };
      asked.push(one);
      const { status = 200, headers = {}, body } = answer(one);
      response.writeHead(status, headers).end(body);
    });
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    asked,
    answers(next) {
      asked.length = 0;
      answer = next;
    },
    stop: () =>
      new Promise((closed) => {
        server.close(() => closed());
        server.closeAllConnections();
      }),
  };
};

/** What an adapter needs, with a secret that may change, and a count of how often it was read. */
export const dependenciesFor = (secret: unknown, more: Partial<ProviderDependencies> = {}) => {
  const state = { secret, reads: 0, now: NOW };
  let given = 0;
  const dependencies: ProviderDependencies = {
    secret: () => {
      state.reads++;
      return Promise.resolve(state.secret);
    },
    fetch: (...request) => fetch(...request),
    now: () => state.now,
    random: (bytes) => Uint8Array.from({ length: bytes }, () => given++ % 256),
    ...more,
  };
  return { dependencies, state };
};

const flipped = (bytes: Uint8Array, bit: number): Buffer => {
  const other = Buffer.from(bytes);
  other.writeUInt8(other.readUInt8(bit >> 3) ^ (1 << (bit & 7)), bit >> 3);
  return other;
};

/** The same notification with one bit of its body or of one of these headers turned: every `nth` bit of the body, every bit of the headers. */
export const forged = function* (genuine: RawNotification, headers: readonly string[], nth: number): Generator<RawNotification> {
  for (let bit = 0; bit < genuine.body.length * 8; bit += nth) yield { ...genuine, body: flipped(genuine.body, bit) };
  for (const name of headers) {
    const bytes = Buffer.from(genuine.headers[name] ?? '', 'latin1');
    for (let bit = 0; bit < bytes.length * 8; bit++)
      yield { ...genuine, headers: { ...genuine.headers, [name]: flipped(bytes, bit).toString('latin1') } };
  }
};

/** Bodies that nobody should trip over. */
export const HOSTILE: readonly (readonly [string, Uint8Array])[] = [
  ['nothing', Buffer.from('')],
  ['bytes that are no UTF-8', Buffer.from([0xff, 0xfe, 0xc3, 0x28, 0x80])],
  ['half a JSON', Buffer.from('{"id":"')],
  ['JSON null', Buffer.from('null')],
  ['a JSON list', Buffer.from('[[[]]]')],
  ['__proto__', Buffer.from('{"__proto__":{"event_type":"TRANSACTION.SUCCESS"},"constructor":1}')],
  ['numbers beyond all', Buffer.from('{"created":1e999,"amount":123456789012345678901234567890}')],
  ['the same name twice', Buffer.from('{"event_type":"a","event_type":{"b":1}}')],
  ['very deep', Buffer.from('['.repeat(50_000))],
  ['a broken form', Buffer.from('a=%E4%BD&=&&b=%zz&__proto__=1')],
];

/** What a notification is answered for: its fact, or why it changes nothing. */
export const told = async (provider: PaymentProvider, notification: RawNotification, now = NOW): Promise<PaymentFact | Refusal> => {
  const read: Result<PaymentFact, Refusal> = await provider.read(notification, now);
  return read.ok ? read.value : read.error;
};

export const linesOf = async (pages: AsyncIterable<readonly BillLine[]>): Promise<readonly BillLine[]> => {
  const lines: BillLine[] = [];
  for await (const page of pages) lines.push(...page);
  return lines;
};

/** That a call has no result, and why. */
export const failed = (code: string, providerCode?: string) => ({
  ok: false,
  error: providerCode === undefined ? { code } : { code, providerCode },
});

/** Every failure that any provider's call tells alike; `call` is made against `answers`. */
export const expectFailures = async (answers: (answer: Answer) => void, call: () => Promise<Result<unknown, unknown>>): Promise<void> => {
  for (const status of [429, 500, 502, 503]) {
    answers({ status, body: '{"code":"SYSTEM_ERROR"}' });
    expect(await call()).toEqual(failed('unavailable', `http.${status}`));
  }
  // Whoever sends us elsewhere gets neither a signature of ours nor a key.
  answers({ status: 307, headers: { location: '/elsewhere' }, body: '' });
  expect(await call()).toEqual(failed('unavailable', 'TypeError'));
  answers({ status: 200, body: 'not JSON' });
  expect(await call()).toMatchObject(failed('unavailable'));
};
