/** A day of requests while the database throttles and transactions collide. */
import { ThrottlingException } from '@aws-sdk/client-dynamodb';
import { afterAll, beforeAll, beforeEach, expect, test, vi } from 'vitest';
import { SECOND } from '../../functions/kernel/time.ts';
import type { TokenClaims } from '../../lib/local/issuer.ts';
import { LONG, newSeed, seeded } from '../support/faults.ts';
import { openHouse, type Answered, type House } from '../support/house.ts';
import { dispatcher, resident, worker } from '../support/people.ts';
import { newRequest, requestAt } from '../support/stages.ts';

if (LONG) vi.setConfig({ testTimeout: 900_000 });

let house: House;
beforeAll(async () => {
  house = await openHouse();
});
afterAll(() => house.stop());
beforeEach(() => {
  house.faults.weather({}, () => 1);
  house.faults.watch(undefined);
});

const SCRIPT: readonly (readonly [action: string, as: TokenClaims, body: unknown])[] = [
  ['comments', resident, { text: '请问什么时候来修？' }],
  ['accept', dispatcher, {}],
  ['assign', dispatcher, { to: { kind: 'worker', id: worker.sub } }],
  ['start', worker, {}],
  ['pause', worker, { reason: '住户外出' }],
  ['comments', worker, { text: '明天再来' }],
  ['resume', worker, {}],
  ['resolve', worker, { resolution: '已更换灯泡' }],
  ['rating', resident, { level: 2 }],
  ['reopen', resident, { reason: '灯又坏了' }],
];
const REQUESTS = LONG ? 200 : 8;
const AT_ONCE = 4;
const PATIENCE = 100;

interface Told {
  readonly id: string;
  readonly succeeded: number;
  readonly busy: number;
}

/** One request's day: whoever hears 5xx asks again with the same key. */
const day = async (number: number, answersAreLost: boolean): Promise<Told> => {
  let busy = 0;
  const insist = async (path: string, as: TokenClaims, body: unknown, key: string): Promise<Answered> => {
    for (let attempt = 0; ; attempt++) {
      const answer = await house.post(path, as, body, { key });
      if (answer.status < 500 || attempt === PATIENCE) return answer;
      // Whether a lost answer had an effect is not known: that is 500, and 503 would be a promise.
      expect([answer.status, answer.headers['retry-after']]).toEqual(
        answersAreLost && answer.status === 500 ? [500, undefined] : [503, '1'],
      );
      busy += 1;
    }
  };
  const made = await insist('/v1/requests', resident, { ...newRequest, description: `第 ${number} 件` }, `day-${number}`);
  expect([made.text, made.status]).toEqual([made.text, 201]);
  for (const [step, [action, as, body]] of SCRIPT.entries()) {
    const answer = await insist(`/v1/requests/${made.body.id}/${action}`, as, body, `day-${number}-${step}`);
    expect([action, answer.text, answer.status]).toEqual([action, answer.text, 200]);
  }
  return { id: made.body.id, succeeded: 1 + SCRIPT.length, busy };
};

const dayOfAll = async (first: number, answersAreLost = false): Promise<readonly Told[]> => {
  const told: Told[] = [];
  const waiting = Array.from({ length: REQUESTS }, (_, index) => first + index);
  const ended = await Promise.allSettled(
    Array.from({ length: AT_ONCE }, async () => {
      for (let number = waiting.shift(); number !== undefined; number = waiting.shift()) told.push(await day(number, answersAreLost));
    }),
  );
  for (const each of ended) if (each.status === 'rejected') throw each.reason;
  return told;
};

/** What the tables hold, counted again, is what the callers were told. */
const expectRecount = async (told: readonly Told[]): Promise<void> => {
  const items = [...((await house.content(['serviceRequests']))['serviceRequests']?.values() ?? [])];
  for (const { id, succeeded } of told) {
    const request = items.find((item) => item['id'] === id && item.sk === 'REQUEST');
    const comments = items.filter((item) => item.pk === request?.pk && item.sk.startsWith('COMMENT#'));
    const rectifications = items.filter((item) => item.pk.startsWith('RECTIFICATION#') && item['request'] === id);
    const records = items.filter((item) => item.pk.startsWith('IDEMPOTENCY#') && item['resource'] === id);
    expect({
      version: request?.['version'],
      status: request?.['status'],
      history: ((request?.['history'] ?? []) as readonly { action: string }[]).map(({ action }) => action),
      counted: request?.['comments'],
      comments: comments.length,
      rectifications: rectifications.length,
      records: records.length,
    }).toEqual({
      version: succeeded,
      status: 'accepted',
      history: ['submit', ...SCRIPT.map(([action]) => action).filter((action) => action !== 'comments')],
      counted: 2,
      comments: 2,
      rectifications: 1,
      records: succeeded,
    });
  }
};

test('at 30 % throttling and 30 % transaction conflicts everything succeeds in the end, or is told 503 with Retry-After; never half', async () => {
  const random = seeded(newSeed('weather'));
  house.faults.weather({ throttled: 0.3, conflicted: 0.3 }, random);
  const told = await dayOfAll(0);
  house.faults.weather({}, () => 1);
  await expectRecount(told);
});

test('in a storm, with lost answers among them, some are told 5xx, and still nothing is half or twice', async () => {
  const random = seeded(newSeed('storm'));
  house.faults.weather({ throttled: 0.4, conflicted: 0.3, answerLost: 0.05 }, random);
  const told = await dayOfAll(1000, true);
  house.faults.weather({}, () => 1);
  expect(told.reduce((sum, { busy }) => sum + busy, 0)).toBeGreaterThan(0);
  await expectRecount(told);
});

test('503 means that nothing was written: what follows the write asks the database for nothing', async () => {
  const id = await requestAt(house.post, 'accepted');
  await house.post(`/v1/requests/${id}/comments`, resident, { text: '第一条' });
  house.turn(SECOND);
  let written = false;
  house.faults.watch(({ command }) => {
    if (written) throw new ThrottlingException({ $metadata: {}, message: 'injected' });
    written = /^(?:Put|TransactWrite)/.test(command);
  });
  const answer = await house.post(`/v1/requests/${id}/comments`, resident, { text: '第二条' });
  house.faults.watch(undefined);
  expect([answer.status, answer.body.comments?.map(({ text }: { text: string }) => text)]).toEqual([200, ['第一条', '第二条']]);
});

// Known: the audit entry of an action on a confidential request is written after the action and not with it.
test('503 means that nothing was written, for a confidential request as well', async () => {
  const id = await requestAt(house.post, 'submitted', { service: 'urgentHelp' });
  let written = false;
  house.faults.watch(({ command }) => {
    if (written) throw new ThrottlingException({ $metadata: {}, message: 'injected' });
    written = /^(?:Put|TransactWrite)/.test(command);
  });
  const answer = await house.post(`/v1/requests/${id}/accept`, dispatcher, {});
  house.faults.watch(undefined);
  expect(answer.status).toBe(200);
});

test('whoever is told to come back later may come back at once: a throttled read says 503 with Retry-After as well', async () => {
  const id = await requestAt(house.post, 'submitted');
  house.faults.weather({ throttled: 1 }, () => 0.5);
  const started = house.now();
  for (const answer of [
    await house.get(`/v1/requests/${id}`, resident),
    await house.get('/v1/requests?division=510104017', dispatcher),
    await house.get('/v1/me/requests', resident),
    await house.get('/v1/services'),
    await house.get('/v1/divisions/510104'),
  ])
    expect([answer.status, answer.body.code, answer.headers['retry-after']]).toEqual([503, 'busy', '1']);
  house.faults.weather({}, () => 1);
  house.turn(SECOND);
  expect(house.now() - started).toBe(SECOND);
  expect((await house.get(`/v1/requests/${id}`, resident)).status).toBe(200);
});

test('a throttled schedule fails whole or goes on, and its next run ends what it left', async () => {
  const ids = await Promise.all(Array.from({ length: 4 }, () => requestAt(house.post, 'submitted')));
  house.turnTo('2026-12-07T09:00:00+08:00');
  const random = seeded(newSeed('schedule'));
  house.faults.weather({ throttled: 0.3, conflicted: 0.3 }, random);
  let failures = 0;
  for (; failures < PATIENCE;) {
    try {
      await house.schedule('requestClocks', '2026-12-07T09:00:00+08:00');
      break;
    } catch {
      failures += 1;
    }
  }
  house.faults.weather({}, () => 1);
  expect(failures).toBeLessThan(PATIENCE);
  for (const id of ids) {
    const { body } = await house.get(`/v1/requests/${id}`, dispatcher);
    const notes = body.history.filter(({ action }: { action: string }) => action === 'escalate').map(({ note }: { note: string }) => note);
    expect(notes.toSorted()).toEqual(['resolve', 'resolve', 'resolve', 'respond', 'respond', 'respond']);
  }
});
