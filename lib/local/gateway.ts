/**
 * Stands in for API Gateway's HTTP API on one machine: turns HTTP into payload 2.0 events for the very handlers that Lambda gets, with the
 * same routes, authorizer, limits and answers of its own.
 * https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html
 */
import { isUtf8 } from 'node:buffer';
import { randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { APIGatewayProxyEventV2 } from 'aws-lambda';
import type { VerifyBearer } from '../../functions/http/bearer.ts';
import type { OperationSpec } from '../../functions/http/operation.ts';
import type { LambdaHandler } from '../../functions/http/service.ts';
import { ALLOWED_HEADERS, EXPOSED_HEADERS } from '../cors.ts';
import { FunctionTimedOut, invoke } from './invoke.ts';

const MAX_PAYLOAD_BYTES = 10 * 1024 * 1024;
const MAX_HEAD_BYTES = 10_240;
const TIMEOUT_MS = 30_000;

export interface GatewayRoute {
  readonly operation: OperationSpec;
  readonly handler: LambdaHandler;
}

export interface GatewayOptions {
  readonly routes: readonly GatewayRoute[];
  /** `$default`: what no route takes. */
  readonly fallback: LambdaHandler;
  readonly verifyBearer: VerifyBearer;
  readonly allowedOrigins: readonly string[];
  /** Answers paths that exist on one machine only; false where the path is not one of them. */
  readonly local?: (request: IncomingMessage, response: ServerResponse, body: () => Promise<Buffer>) => Promise<boolean>;
}

interface Route extends GatewayRoute {
  readonly segments: readonly string[];
}

const isVariable = (segment: string): boolean => segment.startsWith('{');

/** The most specific route first: a literal segment goes before a variable. */
const bySpecificity = (a: Route, b: Route): number => {
  for (const [index, segment] of a.segments.entries()) {
    const difference = Number(isVariable(segment)) - Number(isVariable(b.segments[index] ?? '{'));
    if (difference !== 0) return difference;
  }
  return 0;
};

const match = (route: Route, method: string, segments: readonly string[]): boolean =>
  route.operation.method === method &&
  route.segments.length === segments.length &&
  route.segments.every((segment, index) => (isVariable(segment) ? segments[index] !== '' : segment === segments[index]));

/** Text as it is for these types; everything else comes as base64. */
const isText = (contentType: string): boolean => /^(?:text\/|application\/(?:json|xml|javascript)\s*(?:;|$))/i.test(contentType);

const joined = (entries: Iterable<readonly [string, string]>): Record<string, string> | undefined => {
  const result = new Map<string, string>();
  for (const [name, value] of entries) result.set(name, result.has(name) ? `${result.get(name)},${value}` : value);
  return result.size === 0 ? undefined : Object.fromEntries(result);
};

/** Claims come as strings, an array as `[a b]`. */
const claimsAsText = (claims: Readonly<Record<string, unknown>>): Record<string, string> =>
  Object.fromEntries(
    Object.entries(claims).map(([name, value]) => [
      name,
      Array.isArray(value) ? `[${value.join(' ')}]` : typeof value === 'string' ? value : JSON.stringify(value),
    ]),
  );

/** `12/Mar/2020:19:03:58 +0000`. */
const commonLogTime = (time: Date): string => {
  const [, day, month, year, clock] = time.toUTCString().split(' ');
  return `${day}/${month}/${year}:${clock} +0000`;
};

class TooLarge extends Error {}

const readBody = async (request: IncomingMessage): Promise<Buffer> => {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > MAX_PAYLOAD_BYTES) throw new TooLarge();
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
};

const headSize = (request: IncomingMessage): number =>
  `${request.method} ${request.url} HTTP/1.1`.length + request.rawHeaders.reduce((sum, each) => sum + each.length, 0);

/** The gateway's own answers have the gateway's own body. */
const ownAnswer = (response: ServerResponse, status: number, message: string, headers: Record<string, string> = {}): void => {
  response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify({ message }));
};

/** Makes the HTTP server; the caller lets it listen. */
export const gateway = ({ routes, fallback, verifyBearer, allowedOrigins, local }: GatewayOptions): Server => {
  const table: readonly Route[] = routes.map((route) => ({ ...route, segments: route.operation.path.split('/') })).toSorted(bySpecificity);

  const cors = (request: IncomingMessage, response: ServerResponse): boolean => {
    const { origin } = request.headers;
    if (origin === undefined || !(allowedOrigins.includes('*') || allowedOrigins.includes(origin))) return false;
    response.setHeader('access-control-allow-origin', allowedOrigins.includes('*') ? '*' : origin);
    response.setHeader('access-control-expose-headers', EXPOSED_HEADERS.join(','));
    if (!allowedOrigins.includes('*')) response.setHeader('vary', 'Origin');
    if (request.method !== 'OPTIONS' || request.headers['access-control-request-method'] === undefined) return false;
    response
      .writeHead(204, {
        'access-control-allow-methods': 'GET,POST,PUT,PATCH,DELETE',
        'access-control-allow-headers': ALLOWED_HEADERS.join(','),
        'access-control-max-age': '600',
      })
      .end();
    return true;
  };

  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const requestId = randomUUID();
    response.setHeader('apigw-requestid', requestId);
    if (headSize(request) > MAX_HEAD_BYTES) return ownAnswer(response, 431, 'Request Header Fields Too Large');
    if (cors(request, response)) return;
    if (local !== undefined && (await local(request, response, () => readBody(request)))) return;

    const url = request.url ?? '/';
    const mark = url.indexOf('?');
    const rawQueryString = mark === -1 ? '' : url.slice(mark + 1);
    const encoded = (mark === -1 ? url : url.slice(0, mark)).split('/');
    let segments: string[];
    try {
      segments = encoded.map(decodeURIComponent);
    } catch {
      return ownAnswer(response, 400, 'Bad Request');
    }
    const method = request.method ?? 'GET';
    const route = table.find((each) =>
      match(
        each,
        method,
        encoded.map((segment, index) => segments[index] ?? segment),
      ),
    );

    let claims: Readonly<Record<string, unknown>> | undefined;
    if (route?.operation.access === 'signedIn') {
      const token = /^bearer +(\S+)$/i.exec(request.headers.authorization ?? '')?.[1];
      claims = token === undefined ? undefined : await verifyBearer(token);
      if (claims === undefined) return ownAnswer(response, 401, 'Unauthorized', { 'www-authenticate': 'Bearer' });
    }

    const body = await readBody(request);
    // Bytes that are no UTF-8 do not fit into a JSON event.
    const asText = isText(request.headers['content-type'] ?? '') && isUtf8(body);
    const pairs: [string, string][] = [];
    for (let index = 0; index + 1 < request.rawHeaders.length; index += 2) {
      const name = request.rawHeaders[index]?.toLowerCase() ?? '';
      if (name !== 'cookie') pairs.push([name, request.rawHeaders[index + 1] ?? '']);
    }
    const path = segments.join('/');
    const time = new Date();
    const parameters =
      route === undefined
        ? []
        : route.segments.flatMap((segment, index) => (isVariable(segment) ? [[segment.slice(1, -1), segments[index] ?? ''] as const] : []));
    const event: APIGatewayProxyEventV2 = {
      version: '2.0',
      routeKey: route === undefined ? '$default' : `${method} ${route.operation.path}`,
      rawPath: path,
      rawQueryString,
      ...(request.headers.cookie === undefined ? {} : { cookies: request.headers.cookie.split('; ') }),
      headers: joined(pairs) ?? {},
      ...(rawQueryString === '' ? {} : { queryStringParameters: joined(new URLSearchParams(rawQueryString)) ?? {} }),
      ...(parameters.length === 0 ? {} : { pathParameters: Object.fromEntries(parameters) }),
      requestContext: {
        accountId: '000000000000',
        apiId: 'local',
        domainName: request.headers.host ?? 'localhost',
        domainPrefix: 'local',
        http: {
          method,
          path,
          protocol: 'HTTP/1.1',
          sourceIp: request.socket.remoteAddress ?? '127.0.0.1',
          userAgent: request.headers['user-agent'] ?? '',
        },
        requestId,
        routeKey: route === undefined ? '$default' : `${method} ${route.operation.path}`,
        stage: '$default',
        time: commonLogTime(time),
        timeEpoch: time.getTime(),
        ...(claims === undefined ? {} : { authorizer: { jwt: { claims: claimsAsText(claims), scopes: null } } }),
      },
      ...(body.length === 0 ? {} : { body: asText ? body.toString('utf8') : body.toString('base64') }),
      isBase64Encoded: body.length > 0 && !asText,
    };

    const result = await invoke(route?.handler ?? fallback, event, {
      functionName: route?.operation.id ?? 'fallback',
      timeoutMs: TIMEOUT_MS,
    });
    for (const [name, value] of Object.entries(result.headers ?? {})) {
      const ours = name.toLowerCase() === 'vary' ? response.getHeader('vary') : undefined;
      response.setHeader(name, ours === undefined ? String(value) : `${String(ours)}, ${String(value)}`);
    }
    if (result.cookies !== undefined) response.setHeader('set-cookie', result.cookies);
    response.writeHead(result.statusCode ?? 200).end(Buffer.from(result.body ?? '', result.isBase64Encoded === true ? 'base64' : 'utf8'));
  };

  return createServer({ maxHeaderSize: 64 * 1024 }, (request, response) => {
    answer(request, response).catch((error: unknown) => {
      if (response.headersSent) return response.destroy();
      if (error instanceof TooLarge) return ownAnswer(response, 413, 'Request Entity Too Large', { connection: 'close' });
      if (error instanceof FunctionTimedOut) return ownAnswer(response, 503, 'Service Unavailable');
      return ownAnswer(response, 500, 'Internal Server Error');
    });
  });
};
