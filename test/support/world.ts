/** The whole system for a test: real HTTP, real engine in memory, a clock that the test turns. */
import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { LogLine } from '../../functions/data/runtime.ts';
import { epochMs, fromInstant, plus, toInstant, type EpochMs, type Instant } from '../../functions/kernel/time.ts';
import type { TokenClaims } from '../../lib/local/issuer.ts';
import { startSystem, type System } from '../../lib/local/system.ts';
import { SIGNER } from './signer.ts';

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  // Answers are looked at field by field; a wrong one fails the assertion.
  // oxlint-disable-next-line typescript/no-explicit-any
  readonly body: any;
  readonly text: string;
}

export interface CallOptions {
  readonly as?: TokenClaims | undefined;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

export interface World {
  readonly system: System;
  readonly url: string;
  /** Where it keeps its data. */
  readonly dataFolder: string;
  readonly logs: readonly LogLine[];
  readonly call: (method: string, path: string, options?: CallOptions) => Promise<Answer>;
  readonly get: (path: string, as?: TokenClaims) => Promise<Answer>;
  readonly post: (path: string, as: TokenClaims | undefined, body?: unknown, headers?: Readonly<Record<string, string>>) => Promise<Answer>;
  readonly put: (path: string, as: TokenClaims | undefined, body: unknown, headers?: Readonly<Record<string, string>>) => Promise<Answer>;
  readonly now: () => EpochMs;
  /** Sets the clock. */
  readonly turnTo: (moment: Instant | string) => void;
  /** Moves the clock on. */
  readonly turn: (milliseconds: number) => void;
  /** Runs a schedule for the clock's moment, or another, and lets every reaction to it end. */
  readonly schedule: (name: string, time?: string) => Promise<Answer>;
  readonly settle: () => Promise<void>;
  readonly stop: () => Promise<void>;
}

export const ADMIN: TokenClaims = { sub: 'admin-1', roles: ['admin'] };

/** Real codes: Sichuan, Chengdu, Jinjiang and another county, with a few streets and communities of each. */
export const DIVISIONS: readonly (readonly [code: string, name: string])[] = [
  ['51', '四川省'],
  ['5101', '成都市'],
  ['510104', '锦江区'],
  ['510104017', '锦官驿街道'],
  ['510104017001', '水井坊社区'],
  ['510104017002', '大慈寺社区'],
  ['510104020', '春熙路街道'],
  ['510104020001', '总府路社区'],
  ['510105', '青羊区'],
  ['510105006', '草市街街道'],
  ['510105006001', '草市街社区'],
];

const MORNING = '2026-11-24T09:00:00+08:00';

interface Furnishing {
  readonly dataFolder: string;
  readonly now: () => EpochMs;
  readonly log?: (line: LogLine) => void;
  readonly limits?: 'on' | 'off';
  readonly secretsFile?: string | undefined;
  readonly prepare?: ((client: DynamoDBClient) => void) | undefined;
}

const systemIn = ({ dataFolder, now, log = () => undefined, limits = 'off', secretsFile, prepare }: Furnishing): Promise<System> =>
  startSystem({
    dataFolder,
    port: 0,
    demo: false,
    schedules: false,
    limits,
    secretsFile,
    log,
    now,
    prepare: (client) => {
      client.config.signer = () => Promise.resolve(SIGNER);
      prepare?.(client);
    },
  });

const importDivisions = async (system: System, divisions: readonly (readonly [string, string])[]): Promise<void> => {
  const loaded = await fetch(`${system.url}/v1/imports/divisions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${await system.token(ADMIN)}` },
    body: JSON.stringify({ rows: divisions.map(([code, name], index) => ({ line: index + 2, code, name })) }),
  });
  const { errors } = (await loaded.json()) as { errors?: unknown[] };
  if (loaded.status !== 200 || errors?.length !== 0) throw new Error(`the test's divisions do not go in: ${loaded.status}`);
};

let furnished: Promise<string> | undefined;

/** A folder as most worlds begin with, made once by the system itself: whoever copies it begins in a sixth of the time. */
const furnish = async (): Promise<string> => {
  const folder = mkdtempSync(join(tmpdir(), 'linli-furnished-'));
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
  const system = await systemIn({ dataFolder: folder, now: () => epochMs(Date.parse(MORNING)) });
  await importDivisions(system, DIVISIONS);
  await system.settle();
  await system.stop();
  return folder;
};

/** Starts a world at a Tuesday morning in Chengdu, with the catalogue and a few divisions, in a folder that is removed when it stops. */
export const startWorld = async ({
  at = MORNING,
  divisions = DIVISIONS,
  limits = 'off',
  secretsFile,
  prepare,
}: {
  readonly at?: string;
  readonly divisions?: readonly (readonly [string, string])[];
  readonly limits?: 'on' | 'off';
  /** Keys of payment providers; without it only the sandbox is set up. */
  readonly secretsFile?: string | undefined;
  readonly prepare?: (client: DynamoDBClient) => void;
} = {}): Promise<World> => {
  let moment = epochMs(Date.parse(at));
  const logs: LogLine[] = [];
  const dataFolder = mkdtempSync(join(tmpdir(), 'linli-world-'));
  const isUsual = at === MORNING && divisions === DIVISIONS;
  if (isUsual) cpSync(await (furnished ??= furnish()), dataFolder, { recursive: true });
  const system = await systemIn({ dataFolder, now: () => moment, log: (line) => logs.push(line), limits, secretsFile, prepare });
  if (!isUsual) await importDivisions(system, divisions);
  const tokens = new Map<string, Promise<string>>();
  const tokenOf = (claims: TokenClaims): Promise<string> => {
    const key = JSON.stringify([claims, Math.floor(moment / 3_600_000)]);
    const known = tokens.get(key) ?? system.token(claims);
    tokens.set(key, known);
    return known;
  };

  const call: World['call'] = async (method, path, { as, body, headers = {} } = {}) => {
    const response = await fetch(system.url + path, {
      method,
      headers: {
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...(as === undefined ? {} : { authorization: `Bearer ${await tokenOf(as)}` }),
        ...headers,
      },
      ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
      redirect: 'manual',
    });
    // As it was sent: `text()` would drop a byte order mark.
    const text = new TextDecoder('utf-8', { ignoreBOM: true }).decode(await response.arrayBuffer());
    const json = /json/.test(response.headers.get('content-type') ?? '');
    return { status: response.status, headers: response.headers, body: json ? JSON.parse(text) : undefined, text };
  };

  const world: World = {
    system,
    url: system.url,
    dataFolder,
    logs,
    call,
    get: (path, as) => call('GET', path, { as }),
    post: (path, as, body = {}, headers = {}) => call('POST', path, { as, body, headers }),
    put: (path, as, body, headers = {}) => call('PUT', path, { as, body, headers }),
    now: () => moment,
    turnTo: (to) => {
      moment = fromInstant(to as Instant);
    },
    turn: (milliseconds) => {
      moment = plus(moment, milliseconds);
    },
    schedule: async (name, time = toInstant(moment)) => {
      const answer = await call('POST', `/dev/schedules/${name}`, { body: { time } });
      await system.settle();
      return answer;
    },
    settle: system.settle,
    stop: async () => {
      await system.stop();
      rmSync(dataFolder, { recursive: true, force: true });
    },
  };
  return world;
};
