/** DynamoDB speaks TLS, the engine does not: something in front of it that does, so that a cold start pays what it pays in Lambda. */
import { readFileSync } from 'node:fs';
import { Agent, request } from 'node:http';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { certificateFor } from '../support/certificate.ts';

export interface Front {
  readonly endpoint: string;
  /** The certificate's file, for `NODE_EXTRA_CA_CERTS`. */
  readonly certificate: string;
  readonly stop: () => Promise<void>;
}

export const startFront = async (engine: string): Promise<Front> => {
  const { key, certificate, remove } = certificateFor('IP:127.0.0.1');
  const agent = new Agent({ keepAlive: true });
  const server = createServer({ key: readFileSync(key), cert: readFileSync(certificate) }, (incoming, outgoing) => {
    const onward = request(engine, { agent, method: incoming.method, headers: incoming.headers }, (answer) => {
      outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(outgoing);
    });
    onward.on('error', () => outgoing.destroy());
    incoming.pipe(onward);
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  return {
    endpoint: `https://127.0.0.1:${(server.address() as AddressInfo).port}`,
    certificate,
    stop: () =>
      new Promise<void>((stopped) => {
        agent.destroy();
        remove();
        server.close(() => stopped());
        server.closeAllConnections();
      }),
  };
};
