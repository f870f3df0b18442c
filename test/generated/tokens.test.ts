/** Every operation × every kind of bad token. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { epochMs } from '../../functions/kernel/time.ts';
import { startSystem, type System } from '../../lib/local/system.ts';
import { startForger, type Forger } from '../support/forger.ts';
import { ALL, pathOf } from '../support/operations.ts';
import type { OperationSpec } from '../../functions/http/operation.ts';

const AUDIENCE = 'linli';
let moment = Date.parse('2026-11-24T09:00:00+08:00');
let system: System;
let forger: Forger;
let bad: Readonly<Record<string, string>>;

beforeAll(async () => {
  forger = await startForger({ audience: AUDIENCE, nowSeconds: () => Math.floor(moment / 1000) });
  system = await startSystem({
    port: 0,
    demo: false,
    schedules: false,
    log: () => undefined,
    now: () => epochMs(moment),
    oidcIssuer: forger.url,
    oidcAudience: AUDIENCE,
  });
  bad = await forger.bad();
});
afterAll(async () => {
  await system.stop();
  await forger.stop();
});

interface Seen {
  readonly status: number;
  readonly body: { readonly message?: string; readonly code?: string };
}

/** What stands before the bearer is looked at sees nothing of the body, so the example will do. */
const send = async (operation: OperationSpec, authorization: string | undefined): Promise<Seen> => {
  const body = operation.body === undefined ? undefined : JSON.stringify(operation.examples?.body ?? {});
  const response = await fetch(system.url + pathOf(operation, operation.examples ?? {}), {
    method: operation.method,
    headers: {
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      ...(authorization === undefined ? {} : { authorization }),
    },
    ...(body === undefined ? {} : { body }),
  });
  const isJson = /json/.test(response.headers.get('content-type') ?? '');
  return { status: response.status, body: isJson ? ((await response.json()) as Seen['body']) : {} };
};

const of = (...access: OperationSpec['access'][]): [string, OperationSpec][] =>
  ALL.filter((operation) => access.includes(operation.access)).map((operation) => [operation.id, operation]);

describe.each(of('signedIn'))('%s, before which the authorizer stands', (_, operation) => {
  test('without a token: the gateway’s own 401', async () => {
    expect(await send(operation, undefined)).toEqual({ status: 401, body: { message: 'Unauthorized' } });
  });
  test('with a bad token: the same', async () => {
    for (const [what, token] of Object.entries(bad)) {
      expect([what, await send(operation, `Bearer ${token}`)]).toEqual([what, { status: 401, body: { message: 'Unauthorized' } }]);
    }
    for (const authorization of ['Bearer', 'Basic YTpi', `Token ${await forger.good()}`, await forger.good()])
      expect([authorization.slice(0, 6), (await send(operation, authorization)).status]).toEqual([authorization.slice(0, 6), 401]);
  });
});

describe.each(of('optional'))('%s, which verifies the bearer itself', (_, operation) => {
  test('a bad token is 401, and never an anonymous answer', async () => {
    for (const [what, token] of Object.entries(bad)) {
      const { status, body } = await send(operation, `Bearer ${token}`);
      expect([what, status, body.code]).toEqual([what, 401, 'unauthenticated']);
    }
    for (const authorization of ['Bearer', 'Bearer ', 'Basic YTpi', `Token ${await forger.good()}`, await forger.good()])
      expect([authorization.slice(0, 6), (await send(operation, authorization)).status]).toEqual([authorization.slice(0, 6), 401]);
  });
  test('without a token it answers', async () => {
    expect((await send(operation, undefined)).status).not.toBe(401);
  });
});

test('a public operation asks for no token and verifies none', async () => {
  const token = Object.values(bad)[0];
  for (const [id, operation] of of('public')) {
    expect([id, (await send(operation, undefined)).status]).not.toEqual([id, 401]);
    expect([id, (await send(operation, `Bearer ${token}`)).status]).not.toEqual([id, 401]);
  }
});

test('a good token is believed everywhere until it ends, and no moment longer', async () => {
  const authorization = `Bearer ${await forger.good()}`;
  for (const [id, operation] of of('signedIn', 'optional')) {
    // Never 401: what it answers instead depends on what there is.
    expect([id, (await send(operation, authorization)).status]).not.toEqual([id, 401]);
  }
  moment += 3_600_000 + 1000;
  for (const [id, operation] of of('signedIn', 'optional')) expect([id, (await send(operation, authorization)).status]).toEqual([id, 401]);
});
