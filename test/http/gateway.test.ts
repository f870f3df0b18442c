/** The local gateway against what API Gateway documents of HTTP APIs and payload 2.0. */
import type { APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2 } from 'aws-lambda';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { operation, type Access, type Method } from '../../functions/http/operation.ts';
import { gateway } from '../../lib/local/gateway.ts';
import { raw, type RawAnswer } from '../support/raw-http.ts';

interface Seen {
  readonly route: string;
  readonly event: APIGatewayProxyEventV2 & { requestContext: { authorizer?: unknown } };
}

let server: Server;
let port: number;
let seen: Seen[] = [];
let answers: (event: APIGatewayProxyEventV2) => APIGatewayProxyStructuredResultV2 = () => ({ statusCode: 200 });

const route = (method: Method, path: string, access: Access = 'public') => ({
  operation: operation({ id: `${method} ${path}`, method, path, summary: '', access, responses: {}, uses: {} }),
  handler: (event: APIGatewayProxyEventV2) => {
    seen.push({ route: path, event });
    return Promise.resolve(answers(event));
  },
});

beforeAll(async () => {
  server = gateway({
    // A variable stands before the literal segment, which must win all the same.
    routes: [
      route('GET', '/things/{id}'),
      route('GET', '/things/special'),
      route('GET', '/things/{id}/{part}'),
      route('GET', '/things/{id}/parts'),
      route('GET', '/{anything}/special'),
      route('POST', '/things'),
      route('GET', '/mine', 'signedIn'),
      route('GET', '/maybe', 'optional'),
      route('GET', '/fails'),
    ],
    fallback: (event) => {
      seen.push({ route: '$default', event });
      return Promise.resolve({ statusCode: 404, body: '{}' });
    },
    verifyBearer: (token) =>
      Promise.resolve(
        token === 'good'
          ? { sub: 'wang', roles: ['worker', 'dispatcher'], exp: 1_800_000_000, verified: true, address: { city: '成都' }, none: null }
          : undefined,
      ),
    allowedOrigins: ['https://linli.example'],
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  port = (server.address() as AddressInfo).port;
});
afterAll(() => new Promise<void>((resolve) => void server.close(() => resolve())));
beforeEach(() => {
  seen = [];
  answers = () => ({ statusCode: 200 });
});

const send = (first: string, headers: readonly string[] = [], body: Uint8Array | string = ''): Promise<RawAnswer> =>
  raw(port, [`${first} HTTP/1.1`, 'Host: linli.example', ...headers], body);
const eventOf = async (first: string, headers: readonly string[] = [], body: Uint8Array | string = ''): Promise<Seen['event']> => {
  await send(first, headers, body);
  const [one] = seen;
  if (one === undefined) throw new Error('no handler was called');
  return one.event;
};

describe('the event', () => {
  test('has the documented shape', async () => {
    const event = await eventOf(
      'POST /things?a=1',
      ['Content-Type: application/json', 'User-Agent: tester', 'Cookie: a=1; b=2'],
      '{"路":1}',
    );
    expect(event).toEqual({
      version: '2.0',
      routeKey: 'POST /things',
      rawPath: '/things',
      rawQueryString: 'a=1',
      cookies: ['a=1', 'b=2'],
      headers: {
        host: 'linli.example',
        'content-type': 'application/json',
        'user-agent': 'tester',
        'content-length': '9',
        connection: 'close',
      },
      queryStringParameters: { a: '1' },
      requestContext: {
        accountId: expect.any(String),
        apiId: expect.any(String),
        domainName: 'linli.example',
        domainPrefix: expect.any(String),
        http: { method: 'POST', path: '/things', protocol: 'HTTP/1.1', sourceIp: '127.0.0.1', userAgent: 'tester' },
        requestId: expect.stringMatching(/^\S{16,}$/),
        routeKey: 'POST /things',
        stage: '$default',
        time: expect.stringMatching(/^\d{2}\/[A-Z][a-z]{2}\/\d{4}:\d{2}:\d{2}:\d{2} \+0000$/),
        timeEpoch: expect.any(Number),
      },
      body: '{"路":1}',
      isBase64Encoded: false,
    });
  });

  test('has header names in lower case, and what is sent twice joined by a comma', async () => {
    const { headers } = await eventOf('GET /things/1', ['X-One: a', 'x-ONE: b', 'ACCEPT: text/csv']);
    expect(headers).toMatchObject({ 'x-one': 'a,b', accept: 'text/csv' });
  });

  test('has query parameters decoded and joined, and the raw query as it was sent', async () => {
    const event = await eventOf('GET /things/1?a=1&a=2&b=%E8%B7%AF&c=x+y&d');
    expect(event.rawQueryString).toBe('a=1&a=2&b=%E8%B7%AF&c=x+y&d');
    expect(event.queryStringParameters).toEqual({ a: '1,2', b: '路', c: 'x y', d: '' });
    expect(event.pathParameters).toEqual({ id: '1' });
  });

  test('has the path decoded, as the live service gives it', async () => {
    const event = await eventOf('GET /things/%E8%B7%AF%20%23');
    expect([event.rawPath, event.requestContext.http.path, event.pathParameters]).toEqual(['/things/路 #', '/things/路 #', { id: '路 #' }]);
  });

  test('without query, path parameters, cookies or body does not have them', async () => {
    const event = await eventOf('POST /things');
    for (const name of ['queryStringParameters', 'pathParameters', 'cookies', 'body']) expect(event).not.toHaveProperty(name);
    expect([event.rawQueryString, event.isBase64Encoded]).toEqual(['', false]);
  });

  test('has text as it is for text, JSON, XML and JavaScript, and everything else as base64', async () => {
    for (const [type, isText] of [
      ['application/json', true],
      ['application/json; charset=utf-8', true],
      ['APPLICATION/JSON', true],
      ['application/xml', true],
      ['application/javascript', true],
      ['text/csv', true],
      ['application/x-www-form-urlencoded', false],
      ['application/cap+xml', false],
      ['application/problem+json', false],
      ['application/octet-stream', false],
      ['multipart/form-data; boundary=x', false],
      ['', false],
    ] as const) {
      seen = [];
      const event = await eventOf('POST /things', type === '' ? [] : [`Content-Type: ${type}`], 'a=路');
      expect([type, event.isBase64Encoded, event.body]).toEqual([type, !isText, isText ? 'a=路' : Buffer.from('a=路').toString('base64')]);
    }
  });

  test('has bytes that are no UTF-8 as base64, unharmed', async () => {
    const bytes = Buffer.from([0x22, 0xff, 0xfe, 0x22]);
    const event = await eventOf('POST /things', ['Content-Type: application/json'], bytes);
    expect([event.isBase64Encoded, Buffer.from(event.body ?? '', 'base64')]).toEqual([true, bytes]);
  });
});

describe('routes', () => {
  const routeOf = async (first: string): Promise<string | undefined> => {
    seen = [];
    await send(first);
    return seen[0]?.route;
  };

  test('the most specific one takes it, in whatever order they stand', async () => {
    expect(await routeOf('GET /things/special')).toBe('/things/special');
    expect(await routeOf('GET /things/other')).toBe('/things/{id}');
    expect(await routeOf('GET /things/1/parts')).toBe('/things/{id}/parts');
    expect(await routeOf('GET /things/1/other')).toBe('/things/{id}/{part}');
    expect(await routeOf('GET /others/special')).toBe('/{anything}/special');
  });

  test('a trailing slash, a doubled one, another case and another method are other routes: $default', async () => {
    for (const first of [
      'GET /things/special/',
      'GET //things/special',
      'GET /things//special',
      'GET /Things/other',
      'GET /things/',
      'GET /',
      'PUT /things',
      'HEAD /things/special',
      'OPTIONS /things',
    ])
      expect([first, await routeOf(first)]).toEqual([first, '$default']);
    await send('GET /nowhere');
    expect(seen.at(-1)?.event).toMatchObject({ routeKey: '$default', rawPath: '/nowhere', requestContext: { routeKey: '$default' } });
  });

  test('an encoded slash does not make two segments of one', async () => {
    expect(await routeOf('GET /things/a%2Fb')).toBe('/things/{id}');
    expect(seen[0]?.event.pathParameters).toEqual({ id: 'a/b' });
  });

  test('a path that cannot be decoded is the gateway’s own 400', async () => {
    for (const path of ['/things/%', '/things/%FF', '/things/%ED%A0%80'])
      expect([path, await send(`GET ${path}`)]).toMatchObject([path, { status: 400, body: '{"message":"Bad Request"}' }]);
    expect(seen).toEqual([]);
  });
});

describe('the authorizer', () => {
  test('stands before signedIn only: 401 in the gateway’s own words, and the handler is not called', async () => {
    for (const headers of [[], ['Authorization: Bearer bad'], ['Authorization: good'], ['Authorization: Basic good']])
      expect(await send('GET /mine', headers)).toMatchObject({
        status: 401,
        body: '{"message":"Unauthorized"}',
        headers: { 'www-authenticate': 'Bearer' },
      });
    expect(seen).toEqual([]);
  });

  test('hands every claim over as a string, an array in brackets', async () => {
    const event = await eventOf('GET /mine', ['Authorization: bearer good']);
    expect(event.requestContext.authorizer).toEqual({
      jwt: {
        claims: {
          sub: 'wang',
          roles: '[worker dispatcher]',
          exp: '1800000000',
          verified: 'true',
          address: '{"city":"成都"}',
          none: 'null',
        },
        scopes: null,
      },
    });
  });

  test('elsewhere gives no claims, whatever is sent', async () => {
    for (const path of ['/maybe', '/things/1']) {
      seen = [];
      expect((await eventOf(`GET ${path}`, ['Authorization: Bearer good'])).requestContext).not.toHaveProperty('authorizer');
    }
  });
});

describe('limits', () => {
  test('10 MB of body go through, a byte more is the gateway’s own 413', async () => {
    const most = 10 * 1024 * 1024;
    expect((await send('POST /things', ['Content-Type: text/plain'], Buffer.alloc(most, 'a'))).status).toBe(200);
    expect(seen[0]?.event.body?.length).toBe(most);
    seen = [];
    expect(await send('POST /things', ['Content-Type: text/plain'], Buffer.alloc(most + 1, 'a'))).toMatchObject({
      status: 413,
      body: '{"message":"Request Entity Too Large"}',
    });
    expect(seen).toEqual([]);
  });

  test('10,240 bytes of request line and headers, not more', async () => {
    expect((await send('GET /things/1', [`X-Long: ${'x'.repeat(10_000)}`])).status).toBe(200);
    expect((await send('GET /things/1', [`X-Long: ${'x'.repeat(10_240)}`])).status).toBe(431);
    expect((await send(`GET /things/1?${'x'.repeat(10_240)}`)).status).toBe(431);
  });
});

describe('the answer', () => {
  test('is what the handler says: status, headers, cookies, text or bytes', async () => {
    answers = () => ({ statusCode: 201, headers: { 'X-One': 'a', 'content-type': 'text/plain' }, cookies: ['a=1; Path=/'], body: '路' });
    expect(await send('GET /things/1')).toMatchObject({ status: 201, headers: { 'x-one': 'a', 'set-cookie': 'a=1; Path=/' }, body: '路' });
    answers = () => ({ statusCode: 200, isBase64Encoded: true, body: Buffer.from('路').toString('base64') });
    expect(await send('GET /things/1')).toMatchObject({ status: 200, body: '路' });
  });

  test('of a handler that throws is the gateway’s own 500, without a word of why', async () => {
    answers = () => {
      throw new Error('a secret');
    };
    const answer = await send('GET /fails');
    expect(answer).toMatchObject({ status: 500, body: '{"message":"Internal Server Error"}' });
    expect(JSON.stringify(answer)).not.toContain('secret');
  });
});

describe('CORS', () => {
  const preflight = ['Origin: https://linli.example', 'Access-Control-Request-Method: PUT', 'Access-Control-Request-Headers: if-match'];

  test('a preflight of an allowed origin is answered by the gateway', async () => {
    const { status, headers } = await send('OPTIONS /things', preflight);
    expect([status, seen]).toEqual([204, []]);
    expect(headers['access-control-allow-origin']).toBe('https://linli.example');
    expect(headers['access-control-allow-methods']?.split(',')).toEqual(expect.arrayContaining(['GET', 'POST', 'PUT', 'PATCH', 'DELETE']));
    expect(headers['access-control-allow-headers']?.split(',')).toEqual(
      expect.arrayContaining([
        'authorization',
        'content-type',
        'idempotency-key',
        'if-match',
        'if-none-match',
        'accept-language',
        'x-linli-claim',
      ]),
    );
  });

  test('an allowed origin may read our headers, on errors too', async () => {
    for (const [first, status] of [
      ['GET /things/1', 200],
      ['GET /nowhere', 404],
      ['GET /mine', 401],
    ] as const) {
      const answer = await send(first, ['Origin: https://linli.example']);
      expect([answer.status, answer.headers['access-control-allow-origin']]).toEqual([status, 'https://linli.example']);
      expect(answer.headers['access-control-expose-headers']?.split(',')).toEqual(
        expect.arrayContaining(['ETag', 'Location', 'Retry-After', 'Idempotency-Replayed', 'X-Request-Id']),
      );
      expect(answer.headers['vary']).toMatch(/Origin/);
    }
  });

  test('a Vary of ours stays beside the gateway’s', async () => {
    answers = () => ({ statusCode: 200, headers: { vary: 'Authorization' } });
    const { headers } = await send('GET /things/1', ['Origin: https://linli.example']);
    expect(headers['vary']).toMatch(/Origin/);
    expect(headers['vary']).toMatch(/Authorization/);
  });

  test('any other origin gets no word of CORS, and none is sent without one', async () => {
    for (const headers of [['Origin: https://evil.example'], ['Origin: null'], ['Origin: https://linli.example.evil.example'], []]) {
      const answer = await send('GET /things/1', headers);
      expect([answer.status, Object.keys(answer.headers).filter((name) => name.startsWith('access-control'))]).toEqual([200, []]);
    }
    seen = [];
    await send('OPTIONS /things', ['Origin: https://evil.example', 'Access-Control-Request-Method: PUT']);
    expect(seen[0]?.route).toBe('$default');
  });
});
