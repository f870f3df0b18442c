/** DynamoDB speaks TLS, the engine does not: something in front of it that does, so that a cold start pays what it pays in Lambda. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { Agent, request } from 'node:http';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface Front {
  readonly endpoint: string;
  /** The certificate's file, for `NODE_EXTRA_CA_CERTS`. */
  readonly certificate: string;
  readonly stop: () => Promise<void>;
}

const OPENSSL = 'openssl';

/** Needs the command `openssl`. */
export const startFront = async (engine: string): Promise<Front> => {
  const folder = mkdtempSync(join(tmpdir(), 'linli-bench-'));
  const [key, certificate] = [join(folder, 'key.pem'), join(folder, 'certificate.pem')];
  const made = spawnSync(
    OPENSSL,
    // A certificate of this address, for a day.
    `req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 1 -subj /CN=bench -addext subjectAltName=IP:127.0.0.1`
      .split(' ')
      .concat('-keyout', key, '-out', certificate),
    { encoding: 'utf8' },
  );
  if (made.status !== 0) throw new Error(`The benchmark needs the command ${OPENSSL}: install it and run again. ${made.stderr ?? ''}`);

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
        rmSync(folder, { recursive: true, force: true });
        server.close(() => stopped());
        server.closeAllConnections();
      }),
  };
};
