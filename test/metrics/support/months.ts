/** A world that keeps its data in a folder, which takes in thousands of changes faster than one in memory; and figures as clients see them. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'vitest';
import type { LogLine } from '../../../functions/data/runtime.ts';
import { epochMs, fromInstant, plus, toInstant, type Instant } from '../../../functions/kernel/time.ts';
import type { TokenClaims } from '../../../lib/local/issuer.ts';
import { startSystem } from '../../../lib/local/system.ts';
import { ADMIN, DIVISIONS, type Answer, type World } from '../../support/world.ts';

/** Of the whole province: sees everything there. */
export const auditor: TokenClaims = { sub: 'auditor-sichuan', roles: ['auditor'], division: '51' };

/** As `startWorld`, with a folder that is removed when it stops. */
export const startKeptWorld = async ({
  at = '2026-11-24T09:00:00+08:00',
  divisions = DIVISIONS,
}: { readonly at?: string; readonly divisions?: readonly (readonly [string, string])[] } = {}): Promise<World> => {
  let moment = epochMs(Date.parse(at));
  const logs: LogLine[] = [];
  const dataFolder = mkdtempSync(join(tmpdir(), 'linli-months-'));
  const system = await startSystem({
    dataFolder,
    port: 0,
    demo: false,
    schedules: false,
    limits: 'off',
    log: (line) => logs.push(line),
    now: () => moment,
  });
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
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    const json = /json/.test(response.headers.get('content-type') ?? '') && text !== '';
    return { status: response.status, headers: response.headers, body: json ? JSON.parse(text) : undefined, text };
  };
  const world: World = {
    system,
    url: system.url,
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
  const loaded = await world.post('/v1/imports/divisions', ADMIN, {
    rows: divisions.map(([code, name], index) => ({ line: index + 2, code, name })),
  });
  if (loaded.status !== 200 || loaded.body.errors.length > 0) throw new Error(`the test's divisions do not go in: ${loaded.text}`);
  return world;
};

/** Numerator and denominator by indicator; null of a count, undefined of what is not shown, and the label of what is hidden. */
export type Shown = Readonly<Record<string, readonly [numerator: number | null, denominator: number | null] | string>>;

interface FigureBody {
  readonly id: string;
  readonly numerator: number | null;
  readonly denominator: number | null;
  readonly suppressed?: string;
}

export const shownOf = (indicators: readonly FigureBody[]): Shown =>
  Object.fromEntries(indicators.map(({ id, numerator, denominator, suppressed }) => [id, suppressed ?? [numerator, denominator]]));

export const metricsOf = async (
  world: World,
  division: string,
  month: string,
  as: TokenClaims | undefined = auditor,
  more = '',
): Promise<Answer['body']> => {
  const answer = await world.get(`/v1/metrics?division=${division}&month=${month}${more}`, as);
  expect([answer.text, answer.status]).toEqual([answer.text, 200]);
  return answer.body;
};

/** What everybody sees. */
export const publicMetricsOf = async (world: World, division: string, month: string, more = ''): Promise<Answer['body']> => {
  const answer = await world.get(`/v1/metrics?division=${division}&month=${month}${more}`);
  expect([answer.text, answer.status]).toEqual([answer.text, 200]);
  return answer.body;
};

/** Closes a month at 00:30 of the 1st after it, when everything so far has been recorded. */
export const close = async (world: World, month: string): Promise<void> => {
  const [year, number] = month.split('-').map(Number);
  const next = new Date(Date.UTC(year ?? 0, number ?? 0, 1)).toISOString().slice(0, 7);
  await world.settle();
  const answer = await world.schedule('monthlyMetrics', `${next}-01T00:30:00+08:00`);
  expect([answer.text, answer.status]).toEqual([answer.text, 200]);
};

export const refresh = async (world: World, time: string): Promise<void> => {
  await world.settle();
  const answer = await world.schedule('metricsRefresh', time);
  expect([answer.text, answer.status]).toEqual([answer.text, 200]);
};

/** Nothing has failed and been put by. */
export const expectNothingParked = async (world: World): Promise<void> => {
  const { body } = await world.get('/dev/parked');
  expect(body).toEqual({});
};
