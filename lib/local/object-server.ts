/**
 * Answers the links of the folder store, as S3 answers those of a bucket. It stands on a port of its own: what people have put is never served
 * from the origin of the interface, so no page in it could act there.
 */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { pipeline } from 'node:stream/promises';
import type { Log } from '../../functions/data/runtime.ts';
import { cause } from '../../functions/kernel/cause.ts';
import type { Instant } from '../../functions/kernel/time.ts';
import type { FolderStore, Link } from './folder-store.ts';

export interface ObjectServerOptions {
  readonly store: FolderStore;
  readonly host: string;
  /** 0 takes a free one. */
  readonly port: number;
  readonly allowedOrigins: readonly string[];
  /** Told of what somebody has put, before they are answered. */
  readonly onPut: (key: string) => void;
  readonly log: Log;
}

export interface ObjectServer {
  readonly port: number;
  stop(): Promise<void>;
}

/** A client's claim, as in a URL or a header; undefined where it says nothing of the kind. */
const claimOf = (request: IncomingMessage): { readonly link: Link; readonly signature: string } | undefined => {
  const url = new URL(request.url ?? '/', 'http://localhost');
  const { method } = request;
  const { 'content-type': contentType, 'content-length': contentLength } = request.headers;
  const signature = url.searchParams.get('signature');
  const until = url.searchParams.get('until');
  if (signature === null || until === null) return undefined;
  // What it says is believed only with the signature over just that.
  const common = { key: url.pathname.slice(1), until: until as Instant };
  if (method === 'PUT') {
    const link: Link = { ...common, method, contentType: contentType ?? '', bytes: Number(contentLength ?? Number.NaN) };
    return { link, signature };
  }
  if (method !== 'GET' && method !== 'HEAD') return undefined;
  const fileName = url.searchParams.get('fileName') ?? undefined;
  return { link: { ...common, method: 'GET', contentType: url.searchParams.get('type') ?? '', fileName }, signature };
};

const refuse = (request: IncomingMessage, response: ServerResponse, status: number, message: string): void => {
  // What is still on its way is not read.
  if (!request.complete) response.setHeader('connection', 'close');
  response.writeHead(status, { 'content-type': 'text/plain; charset=utf-8' }).end(`${message}\n`);
};

export const startObjectServer = async ({ store, host, port, allowedOrigins, onPut, log }: ObjectServerOptions): Promise<ObjectServer> => {
  const cors = (request: IncomingMessage, response: ServerResponse): boolean => {
    const { origin } = request.headers;
    if (origin === undefined || !(allowedOrigins.includes('*') || allowedOrigins.includes(origin))) return false;
    response.setHeader('access-control-allow-origin', allowedOrigins.includes('*') ? '*' : origin);
    response.setHeader('vary', 'Origin');
    if (request.method !== 'OPTIONS' || request.headers['access-control-request-method'] === undefined) return false;
    response
      .writeHead(204, {
        'access-control-allow-methods': 'GET,HEAD,PUT',
        'access-control-allow-headers': 'content-type',
        'access-control-max-age': '600',
      })
      .end();
    return true;
  };

  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    // Whatever it is, no browser takes it for anything else, or runs it.
    response.setHeader('x-content-type-options', 'nosniff');
    response.setHeader('content-security-policy', "sandbox; default-src 'none'");
    response.setHeader('cache-control', 'private, no-store');
    if (cors(request, response)) return;
    const claim = claimOf(request);
    if (claim === undefined) return refuse(request, response, 403, 'AccessDenied: there is nothing here without a signed link.');
    const verdict = store.verdictOn(claim.link, claim.signature);
    if (verdict === 'expired') return refuse(request, response, 403, 'AccessDenied: the link has expired; ask for another.');
    if (verdict === 'forged')
      return refuse(
        request,
        response,
        403,
        'SignatureDoesNotMatch: method, path, query, content-type and content-length must be as signed.',
      );
    const { key, contentType, bytes, fileName } = claim.link;
    if (bytes !== undefined) {
      if (!(await store.receive(key, request, bytes)))
        return refuse(request, response, 400, 'IncompleteBody: it is not as long as signed.');
      onPut(key);
      response.writeHead(200).end();
      return;
    }
    const found = await store.stream(key);
    if (found === undefined) return refuse(request, response, 404, 'NoSuchKey: it is not there, or no longer.');
    response.writeHead(200, {
      'content-type': contentType,
      'content-length': found.bytes,
      ...(fileName === undefined ? {} : { 'content-disposition': `attachment; filename*=UTF-8''${encodeURIComponent(fileName)}` }),
    });
    if (request.method === 'HEAD') response.end();
    else await pipeline(found.content, response);
  };

  const server = createServer((request, response) => {
    answer(request, response).catch((error: unknown) => {
      // Whoever asked has gone, or sent less than they said.
      if (!response.headersSent && !request.destroyed) refuse(request, response, 500, 'InternalError');
      else response.destroy();
      if (!request.destroyed) log({ level: 'error', code: 'objectServerFailed', ...cause(error) });
    });
  });
  await new Promise<void>((listening, failed) => {
    server.once('error', failed);
    server.listen(port, host, listening);
  });
  const address = server.address();
  if (typeof address !== 'object' || address === null) throw new Error('the object server listens nowhere');
  return {
    port: address.port,
    async stop() {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      server.closeAllConnections();
      await closed;
    },
  };
};
