/** A server on this machine that speaks TLS with a certificate of its own, for what is only spoken to over https. */
import { readFileSync } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { certificateFor } from './certificate.ts';

export interface Received {
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

export interface HttpsServer {
  readonly port: number;
  /** PEM, to be trusted. */
  readonly certificate: string;
  readonly received: Received[];
  /** How it answers from now on; with 200 until it is told. */
  readonly answers: (answer: (request: IncomingMessage, response: ServerResponse) => void) => void;
  readonly stop: () => Promise<void>;
}

/** Listens on every address of this machine, under the given names. */
export const startHttps = async (names: readonly string[]): Promise<HttpsServer> => {
  const files = certificateFor(names.map((name) => `DNS:${name}`).join(','));
  const [keyText, certificateText] = [readFileSync(files.key, 'utf8'), readFileSync(files.certificate, 'utf8')];
  files.remove();

  const received: Received[] = [];
  let answer = (_request: IncomingMessage, response: ServerResponse): void => void response.end();
  const server = createServer({ key: keyText, cert: certificateText }, (request, response) => {
    const chunks: Uint8Array[] = [];
    request.on('data', (chunk: Uint8Array) => chunks.push(chunk));
    request.on('end', () => {
      const headers = Object.fromEntries(Object.entries(request.headers).map(([name, value]) => [name, String(value)]));
      received.push({ path: request.url ?? '', headers, body: Buffer.concat(chunks).toString('utf8') });
      answer(request, response);
    });
  });
  await new Promise<void>((listening) => server.listen(0, '0.0.0.0', listening));
  return {
    port: (server.address() as AddressInfo).port,
    certificate: certificateText,
    received,
    answers: (next) => {
      answer = next;
    },
    stop: () =>
      new Promise((closed) => {
        server.close(() => closed());
        server.closeAllConnections();
      }),
  };
};
