/** The whole local system as a process of its own, killed under load, stopped, and started where it cannot run. */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test, vi } from 'vitest';
import type { TokenClaims } from '../../lib/local/issuer.ts';
import { startEngine } from '../../lib/local/engine.ts';
import { LONG } from '../support/faults.ts';
import { dispatcher, resident } from '../support/people.ts';
import { newRequest } from '../support/stages.ts';
import { ADMIN, DIVISIONS } from '../support/world.ts';

if (LONG) vi.setConfig({ testTimeout: 900_000 });

const EACH = LONG ? 200 : 16;
const PROGRAM = join(import.meta.dirname, '..', '..', 'bin', 'local.ts');

const folderOf = (): string => {
  const folder = mkdtempSync(join(tmpdir(), 'linli-killed-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true, maxRetries: 5 }));
  return folder;
};

const freePort = async (): Promise<number> => {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
};

const runs = (pid: number): boolean => {
  try {
    return !readFileSync(`/proc/${pid}/stat`, 'utf8').includes(') Z ');
  } catch {
    return false;
  }
};

const enginePid = (folder: string): number | undefined => {
  const file = join(folder, 'engine.json');
  return existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as { pid?: number }).pid : undefined;
};

const start = (
  environment: Readonly<Record<string, string | undefined>>,
): { child: ChildProcess; said: () => string; ended: Promise<number | null> } => {
  const { HOST: _host, OIDC_ISSUER: _issuer, AWS_ENDPOINT_URL_DYNAMODB: _endpoint, ...inherited } = process.env;
  const child = spawn(process.execPath, [PROGRAM, '--empty'], { env: { ...inherited, ...environment }, stdio: ['ignore', 'pipe', 'pipe'] });
  let said = '';
  child.stdout.on('data', (text: Buffer) => (said += text.toString()));
  child.stderr.on('data', (text: Buffer) => (said += text.toString()));
  const ended = once(child, 'exit').then(([code]) => code as number | null);
  onTestFinished(async () => {
    if (child.exitCode === null && child.signalCode === null) child.kill('SIGKILL');
    await ended;
    const folder = environment['LINLI_DATA'];
    const left = folder === undefined ? undefined : enginePid(folder);
    if (left !== undefined && runs(left)) process.kill(left, 'SIGKILL');
  });
  return { child, said: () => said, ended };
};

/** Waits until it says where it is; how long that took, milliseconds. */
const isUp = async ({ child, said }: ReturnType<typeof start>): Promise<number> => {
  const began = performance.now();
  while (!said().includes('is running at')) {
    if (child.exitCode !== null) throw new Error(`it ended: ${said()}`);
    await Promise.race([once(child.stdout ?? child, 'data'), once(child, 'exit')]);
  }
  return performance.now() - began;
};

interface Client {
  readonly call: (
    method: string,
    path: string,
    token: string | undefined,
    body?: unknown,
    key?: string,
  ) => Promise<{ status: number; body: never }>;
  readonly token: (claims: TokenClaims) => Promise<string>;
}
const clientOf = (port: number): Client => {
  const call: Client['call'] = async (method, path, token, body, key) => {
    const response = await fetch(`http://127.0.0.1:${port}${path}`, {
      method,
      headers: {
        'content-type': 'application/json',
        ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
        ...(key === undefined ? {} : { 'idempotency-key': key }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    return { status: response.status, body: (await response.json()) as never };
  };
  return { call, token: async (claims) => ((await call('POST', '/dev/tokens', undefined, claims)).body as { token: string }).token };
};

test('kill -9 under 8 writers, again and again, with the engine or without: nothing acknowledged is lost, and what follows from it comes', async () => {
  const LINLI_DATA = folderOf();
  const port = await freePort();
  const { call, token } = clientOf(port);
  const environment = { LINLI_DATA, PORT: String(port) };
  let system = start(environment);
  await isUp(system);
  const [admin, wang, chen] = await Promise.all([ADMIN, resident, dispatcher].map(token));
  const rows = DIVISIONS.map(([code, name], index) => ({ line: index + 2, code, name }));
  expect((await call('POST', '/v1/imports/divisions', admin, { rows })).status).toBe(200);

  const made: string[] = [];
  const accepted: string[] = [];
  const kills = LONG ? 12 : 2;
  for (let kill = 0; kill < kills; kill++) {
    const before = made.length;
    let stopped = false;
    const enough = Promise.withResolvers<void>();
    const writers = Array.from({ length: 8 }, async (_, writer) => {
      for (let count = 0; !stopped; count++) {
        try {
          const key = `${kill}-${writer}-${count}`;
          const request = await call('POST', '/v1/requests', wang, { ...newRequest, description: key }, key);
          if (request.status !== 201) continue;
          const { id } = request.body as { id: string };
          made.push(id);
          if (made.length >= before + EACH) enough.resolve();
          const answer = await call('POST', `/v1/requests/${id}/accept`, chen, {});
          if (answer.status === 200) accepted.push(id);
        } catch {
          return;
        }
      }
    });
    await enough.promise;
    const engine = enginePid(LINLI_DATA);
    if (kill % 2 === 1 && engine !== undefined) process.kill(engine, 'SIGKILL');
    system.child.kill('SIGKILL');
    await system.ended;
    stopped = true;
    await Promise.all(writers);
    // Half of the time the engine is left over, without a parent.
    if (kill % 2 === 0 && engine !== undefined) expect(runs(engine)).toBe(true);
    system = start(environment);
    expect(await isUp(system)).toBeLessThan(8000);
    if (engine !== undefined) expect(runs(engine)).toBe(false);
  }

  expect(made.length).toBeGreaterThanOrEqual(EACH * kills);
  const isAccepted = new Set(accepted);
  // The token is from before the first kill.
  for (const id of made) {
    const { status, body } = await call('GET', `/v1/requests/${id}`, wang);
    expect([id, status]).toEqual([id, 200]);
    const actions = (body as { history: { action: string }[] }).history.map(({ action }) => action);
    if (isAccepted.has(id)) expect(actions).toEqual(['submit', 'accept']);
    else expect(['submit', 'submit accept']).toContain(actions.join(' '));
  }
  const again = await call('POST', '/v1/requests', wang, { ...newRequest, description: '0-0-0' }, '0-0-0');
  expect([again.status, made.includes((again.body as { id: string }).id)]).toEqual([201, true]);

  // What follows: each request is late by now and is told of, once each.
  await call('POST', '/dev/schedules/requestClocks', undefined, { time: new Date(Date.now() + 60 * 86_400_000).toISOString() });
  system.child.kill('SIGKILL');
  await system.ended;
  system = start(environment);
  await isUp(system);
  expect((await call('POST', '/dev/settle', undefined, {})).status).toBe(200);
  const outbox = (await call('GET', '/dev/outbox', undefined)).body as { items: { id: string; about: string }[] };
  const toldOf = new Set(outbox.items.map(({ about }) => about));
  expect(made.filter((id) => !toldOf.has(`requests/${id}`))).toEqual([]);
  expect(new Set(outbox.items.map(({ id }) => id)).size).toBe(outbox.items.length);

  const engine = enginePid(LINLI_DATA);
  system.child.kill('SIGTERM');
  expect(await system.ended).toBe(0);
  expect(engine === undefined || runs(engine)).toBe(false);
  expect(existsSync(join(LINLI_DATA, 'engine.json'))).toBe(false);
}, 180_000);

// Known: a connection that was busy when the gateway closed is waited for until its client lets it go.
test('SIGTERM in the middle of requests lets them end, and exits with 0 at once', { timeout: 15_000 }, async () => {
  const LINLI_DATA = folderOf();
  const port = await freePort();
  const system = start({ LINLI_DATA, PORT: String(port) });
  await isUp(system);
  const { call, token } = clientOf(port);
  const admin = await token(ADMIN);
  const rows = DIVISIONS.map(([code, name], index) => ({ line: index + 2, code, name }));
  const under = Array.from({ length: 8 }, () =>
    call('POST', '/v1/imports/divisions', admin, { rows }).then(
      ({ status }) => status,
      () => 'refused',
    ),
  );
  await Promise.race(under);
  system.child.kill('SIGTERM');
  expect((await Promise.all(under)).filter((each) => each !== 200 && each !== 'refused')).toEqual([]);
  expect(await system.ended).toBe(0);
});

test('what keeps it from starting is said with what to do', async () => {
  const LINLI_DATA = folderOf();
  const port = await freePort();
  const first = start({ LINLI_DATA, PORT: String(port) });
  await isUp(first);
  const cases = [
    {
      environment: { LINLI_DATA: folderOf(), PORT: String(port) },
      says: new RegExp(`Port ${port} is taken.*PORT=${port + 1} npm start`, 's'),
    },
    {
      environment: { LINLI_DATA, PORT: '0' },
      says: new RegExp(`in use by process ${first.child.pid}: stop it \\(kill ${first.child.pid}\\), or set LINLI_DATA`),
    },
    { environment: { LINLI_DATA: folderOf(), PORT: '0', HOST: '127.0.0.1' }, says: /set OIDC_ISSUER to the URL of your OpenID provider/ },
    { environment: { LINLI_DATA: folderOf(), PORT: 'many' }, says: /PORT must be a port, 1 to 65535; it is "many"/ },
  ];
  const told = await Promise.all(
    cases.map(async ({ environment }) => {
      const system = start(environment);
      return [await system.ended, system.said()] as const;
    }),
  );
  for (const [index, { says }] of cases.entries()) {
    expect(told[index]?.[0]).toBe(1);
    expect(told[index]?.[1]).toMatch(says);
  }
  // The first one is none the worse for it.
  expect((await fetch(`http://127.0.0.1:${port}/v1/services`)).status).toBe(200);
});

test('where this platform has no engine it says how to get one, and runs on one that is named', async () => {
  await expect(startEngine({ log: () => undefined, findBinary: () => undefined })).rejects.toThrow(
    /no DynamoDB engine for .*npx dynoxide@[\d.]+ serve.*AWS_ENDPOINT_URL_DYNAMODB=http:\/\/127\.0\.0\.1:8000 npm start/s,
  );
  const named = await startEngine({ log: () => undefined });
  onTestFinished(() => named.stop());
  const port = await freePort();
  const LINLI_DATA = folderOf();
  const system = start({ LINLI_DATA, PORT: String(port), AWS_ENDPOINT_URL_DYNAMODB: named.endpoint });
  await isUp(system);
  expect((await fetch(`http://127.0.0.1:${port}/v1/services`)).status).toBe(200);
  expect(existsSync(join(LINLI_DATA, 'engine.json'))).toBe(false);
});
