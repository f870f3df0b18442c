/** 404, 405, limits and the local paths, on the whole system. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { MINUTE, SECOND } from '../../functions/kernel/time.ts';
import { startSystem } from '../../lib/local/system.ts';
import { ALL, OURS, pathOf } from '../support/operations.ts';
import { dispatcher, resident } from '../support/people.ts';
import { raw } from '../support/raw-http.ts';
import { startWorld, type Answer, type World } from '../support/world.ts';

let world: World;
beforeAll(async () => {
  world = await startWorld({ limits: 'on' });
});
afterAll(() => world.stop());

const METHODS = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'];

const expectOurs = (answer: Answer, status: number, code: string): void => {
  expect([answer.status, answer.body?.code, answer.headers.get('content-type')]).toEqual([
    status,
    code,
    'application/problem+json; charset=utf-8',
  ]);
  const id = answer.headers.get('x-request-id');
  expect(world.logs.filter((line) => line['requestId'] === id)).toMatchObject([{ code: 'requestHandled', status }]);
};

test('a path that there is not is our 404', async () => {
  for (const path of [
    '/',
    '/v1',
    '/v1/nothing',
    '/v2/requests',
    '/v1/requests/a/b/c',
    '/favicon.ico',
    '/openapi.yaml',
    '/%E8%B7%AF',
    '/..%2f..%2fetc',
  ])
    expectOurs(await world.get(path, resident), 404, 'notFound');
});

test('a trailing slash, a doubled one or another case is another path', async () => {
  for (const path of ['/v1/programmes/', '//v1/programmes', '/v1//programmes', '/V1/programmes', '/v1/Programmes']) {
    const answer = await raw(Number(new URL(world.url).port), [`GET ${path} HTTP/1.1`, 'Host: 127.0.0.1']);
    expect([path, answer.status, JSON.parse(answer.body).code]).toEqual([path, 404, 'notFound']);
  }
});

test('a method that a path does not have is our 405, which names those that it has', async () => {
  for (const path of new Set(ALL.map((operation) => operation.path))) {
    const own = ALL.filter((operation) => operation.path === path);
    const [first] = own;
    if (first === undefined) continue;
    // What a literal path and one with a variable share is allowed on both.
    const address = pathOf(first, first.examples ?? {});
    for (const method of METHODS.filter((each) => !own.some((operation) => operation.method === each))) {
      const answer = await world.call(method, address, { as: resident, headers: { 'content-type': 'application/json' } });
      if (answer.status !== 405) continue;
      expectOurs(answer, 405, 'methodNotAllowed');
      expect(answer.headers.get('allow')?.split(', ')).toEqual(expect.arrayContaining(own.map((operation) => operation.method)));
      expect(answer.headers.get('allow')?.split(', ')).not.toContain(method);
    }
  }
  for (const [method, path] of [
    ['DELETE', '/v1/requests'],
    ['PUT', '/v1/requests/1'],
    ['GET', '/v1/requests/1/accept'],
    ['POST', '/openapi.json'],
    ['PATCH', '/v1/divisions/51'],
  ] as const)
    expectOurs(await world.call(method, path), 405, 'methodNotAllowed');
});

test('the reader’s language is spoken on 404 too', async () => {
  expect((await world.call('GET', '/nothing', { headers: { 'accept-language': 'en' } })).body.title).toBe('Not found');
  expect((await world.get('/nothing')).body.title).toBe('未找到');
});

describe.each(OURS.filter(({ limit }) => limit !== undefined).map((operation) => [operation.id, operation] as const))(
  'the limit of %s',
  (_, operation) => {
    const { per, count, window } = operation.limit ?? { per: 'ip', count: 0, window: 0 };
    // Calls that fail count as well, and cost least.
    const call = (sub: string): Promise<Answer> =>
      world.call(operation.method, pathOf(operation, operation.examples ?? {}), {
        as: { sub, roles: [...(operation.roles ?? ['resident'])], division: '510104' },
        body: operation.examples?.body,
      });

    test('beyond it is 429 with Retry-After; others go on, and it passes with its window', async () => {
      // From the beginning of a window, so that all of them fall into one.
      world.turn(window * SECOND - (world.now() % (window * SECOND)));
      for (let used = 0; used < count; used++) expect((await call('eager')).status).not.toBe(429);
      const over = await call('eager');
      expectOurs(over, 429, 'tooManyRequests');
      expect(Number(over.headers.get('retry-after'))).toBe(window);
      world.turn(MINUTE);
      expect(Number((await call('eager')).headers.get('retry-after'))).toBe(window - 60);
      if (per === 'caller') expect((await call('another')).status).not.toBe(429);
      world.turn((window - 60) * SECOND - 1);
      expect((await call('eager')).status).toBe(429);
      world.turn(1);
      expect((await call('eager')).status).not.toBe(429);
    });
  },
);

describe('/dev', () => {
  const port = (): number => Number(new URL(world.url).port);
  const send = (host: string, more: readonly string[] = [], first = 'POST /dev/settle') =>
    raw(port(), [`${first} HTTP/1.1`, `Host: ${host}`, ...more], '{}');

  test('answers who calls this machine by name', async () => {
    for (const host of ['127.0.0.1', 'localhost', '[::1]']) expect([host, (await send(`${host}:${port()}`)).status]).toEqual([host, 200]);
  });

  test('refuses a web page and a foreign host, on every path', async () => {
    const own = `127.0.0.1:${port()}`;
    for (const path of [
      'POST /dev/tokens',
      'POST /dev/settle',
      'POST /dev/schedules/requestClocks',
      'GET /dev/outbox',
      'GET /dev/issuer/jwks.json',
      'GET /dev/nothing',
      'GET /dev',
    ]) {
      for (const origin of ['https://evil.example', 'null', `http://${own}`])
        expect([path, (await send(own, [`Origin: ${origin}`], path)).status]).toEqual([path, 403]);
      for (const host of [
        'evil.example',
        `evil.example:${port()}`,
        '127.0.0.1',
        `127.0.0.1:${port() + 1}`,
        `127.0.0.1.evil.example:${port()}`,
      ])
        expect([path, host, (await send(host, [], path)).status]).toEqual([path, host, 403]);
    }
  });

  test('makes tokens, and names every wrong field of what is asked for', async () => {
    const { body } = await world.call('POST', '/dev/tokens', { body: { sub: 'wang', roles: ['dispatcher'], division: '510104' } });
    const answer = await fetch(`${world.url}/v1/requests`, { headers: { authorization: `Bearer ${body.token}` } });
    expect(answer.status).toBe(200);
    const wrong = await world.call('POST', '/dev/tokens', { body: { roles: ['king'], division: '5', more: 1 } });
    expect([wrong.status, wrong.body.errors.map(({ path }: { path: string }) => path).toSorted()]).toEqual([
      422,
      ['division', 'more', 'roles.0', 'sub'],
    ]);
    expect((await world.call('POST', '/dev/tokens', { body: '{' })).status).toBe(400);
  });

  test('what it does not have is 404', async () => {
    for (const [method, path] of [
      ['GET', '/dev'],
      ['GET', '/dev/nothing'],
      ['POST', '/dev/schedules/nothing'],
      ['POST', '/dev/redrive/nothing'],
      ['GET', '/dev/tokens'],
      ['DELETE', '/dev/outbox'],
    ] as const)
      expect([path, (await world.call(method, path)).status]).toEqual([path, 404]);
  });

  test('is off where HOST is set, and so is the local issuer: an issuer must be named', async () => {
    const options = { port: 0, host: '127.0.0.1', demo: false, schedules: false, log: () => undefined };
    await expect(startSystem(options)).rejects.toThrow('OIDC_ISSUER');
    const system = await startSystem({ ...options, oidcIssuer: 'https://issuer.example' });
    try {
      for (const [method, path] of [
        ['POST', '/dev/tokens'],
        ['POST', '/dev/settle'],
        ['GET', '/dev/outbox'],
        ['GET', '/dev/issuer/.well-known/openid-configuration'],
      ] as const)
        expect([path, (await fetch(system.url + path, { method })).status]).toEqual([path, 404]);
      expect((await fetch(`${system.url}/v1/programmes`)).status).toBe(200);
    } finally {
      await system.stop();
    }
  });
});

test('a dispatcher’s list is what it is without limits', async () => {
  expect((await world.get('/v1/requests', dispatcher)).status).toBe(200);
});
