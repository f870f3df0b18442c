/** A job that dies, is told twice or too late, or fails: the file is the same, or the job says that there is none. */
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { marshall } from '@aws-sdk/util-dynamodb';
import type { DynamoDBRecord } from 'aws-lambda';
import type { ObjectStore } from '../../functions/data/object-store.ts';
import { cloudEventOf } from '../../functions/data/relay.ts';
import { exportsTable } from '../../functions/exports/table.ts';
import { writeExport } from '../../functions/exports/write-export.ts';
import { openHouse, type Content, type House, type StoredItem } from '../support/house.ts';
import { CAOSHIJIE, DACISI, SHUIJINGFANG } from '../support/people.ts';
import { ADMIN } from '../support/world.ts';
import type { TokenClaims } from '../../lib/local/issuer.ts';

vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

const TABLES = ['exports', 'audit'];
const province: TokenClaims = { sub: 'dispatcher-sichuan', roles: ['dispatcher'], division: '51' };
const PATH = '/v1/exports/requests?division=51&month=2026-11';
/** Every county is a step, and every piece a part. */
const TINY = { requests: 1, bytes: 1, lasts: 0, small: 0, part: 1 };
const STEPS = 5;

type Event = Parameters<ReturnType<typeof writeExport>>[0];
/** What the store is asked for; a fault may be thrown before it, or after it. */
type Seen = (name: keyof ObjectStore, when: 'before' | 'after') => void;

let house: House;
let seen: Seen = () => undefined;
let react: (event: Event) => Promise<void>;
let begun: Content;
let expected: string;
let calls: { readonly database: number; readonly store: number };

const watched = (store: ObjectStore): ObjectStore =>
  new Proxy(store, {
    get: (target, name: keyof ObjectStore) => {
      const method: unknown = target[name];
      if (typeof method !== 'function') return method;
      return async (...given: unknown[]) => {
        seen(name, 'before');
        const answer: unknown = await Reflect.apply(method, target, given);
        seen(name, 'after');
        return answer;
      };
    },
  });

const job = async (): Promise<StoredItem> => {
  const found = [...((await house.content(['exports']))['exports']?.values() ?? [])].find(({ sk }) => sk === 'JOB');
  if (found === undefined) throw new Error('there is no job');
  return found;
};
const eventOf = ({ id, step }: StoredItem): Event => ({ detail: { data: { item: { id, step } } } }) as unknown as Event;

/** Tells of the job's last change as often as the bus does, and of each that follows from it. */
const workOn = async (): Promise<StoredItem> => {
  for (let told = 0; told < 30; told++) {
    const now = await job();
    if (now['change'] === 'failed') return now;
    for (let attempt = 0; attempt < 3; attempt++) {
      await house.faults.revive();
      const went = await react(eventOf(now)).then(
        () => true,
        () => false,
      );
      if (went) break;
    }
    await house.faults.revive();
    if (now['change'] === 'done') return now;
  }
  throw new Error('the job does not end');
};

const file = async (): Promise<string> =>
  Buffer.from((await house.objects.read(`exports/${String((await job())['id'])}.csv`)) ?? []).toString('utf8');
/** Who read what, without how it came about. */
const readings = async (): Promise<readonly string[]> => [...((await house.content(['audit']))['audit']?.keys() ?? [])].toSorted();
const reset = async (): Promise<void> => {
  seen = () => undefined;
  await house.faults.revive();
  await house.restore(begun, await house.content(TABLES));
  await house.objects.remove(await house.objects.keys('exports/'));
};

const begin = async (): Promise<void> => {
  house = await openHouse();
  const rows = [SHUIJINGFANG, DACISI, CAOSHIJIE].map((community, index) => ({
    line: index + 2,
    service_request_id: `request-${index}`,
    requested_datetime: `2026-11-0${index + 1}T09:00:00+08:00`,
    service_name: 'imported',
    description: `第 ${index} 件`,
    community,
  }));
  expect((await house.post('/v1/imports/requests', ADMIN, { rows })).body.errors).toEqual([]);
  const urgent = { service: 'urgentHelp', community: CAOSHIJIE, description: '紧急', channel: 'app' };
  expect((await house.post('/v1/requests', { sub: 'resident-1', roles: ['resident'], division: CAOSHIJIE }, urgent)).status).toBe(201);
  const store = watched(house.objects);
  react = writeExport({ ...house.runtime, objects: () => Promise.resolve(store) }, TINY);
  expect((await house.get(PATH, province)).status).toBe(202);
  begun = await house.content(TABLES);

  let stored = 0;
  seen = (_, when) => void (stored += when === 'before' ? 1 : 0);
  let counted = 0;
  house.faults.watch(() => void (counted += 1));
  expect(await workOn()).toMatchObject({ change: 'done', step: STEPS, progress: 1, lines: 4 });
  house.faults.watch(undefined);
  calls = { database: counted, store: stored };
  expected = await file();
  expect(expected.split('\r\n')).toHaveLength(6);
};
beforeAll(begin);
afterAll(() => house.stop());
beforeEach(() => reset());

const POINTS = ['before', 'after'] as const;

describe('a process that dies', () => {
  test('before or after any call to the database leaves the same file and the same account of it', async () => {
    await workOn();
    const account = await readings();
    const heads = await job();
    for (let at = 1; at <= calls.database; at++)
      for (const when of POINTS) {
        await reset();
        let count = 0;
        house.faults.watch(() => {
          // Counted over all steps, each of which begins a new count of the faults' own.
          if (++count === at) house.faults.crashAt(house.faults.calls(), when);
        });
        const { change, lines } = await workOn();
        house.faults.watch(undefined);
        expect([at, when, change, lines, await file()]).toEqual([at, when, 'done', heads['lines'], expected]);
        expect([at, await readings()]).toEqual([at, account]);
      }
  });

  test('before or after any call to the store leaves the same file', async () => {
    for (let at = 1; at <= calls.store; at++)
      for (const when of POINTS) {
        await reset();
        let count = 0;
        seen = (name, moment) => {
          if (moment !== when || ++count !== at) return;
          // It takes nothing more down with it.
          house.faults.crashAt(house.faults.calls() + 1, 'before');
          throw new Error(`died ${when} ${name}`);
        };
        const { change } = await workOn();
        expect([at, when, change, await file()]).toEqual([at, when, 'done', expected]);
      }
  });
});

test('each event twice at once, and all again at the end: one file, and nothing changes any more', async () => {
  const events: Event[] = [];
  for (;;) {
    const now = await job();
    events.push(eventOf(now));
    await Promise.allSettled([react(eventOf(now)), react(eventOf(now))]);
    const { change, step } = await job();
    if (now['change'] === 'done') break;
    // Who came second has changed nothing, or has begun to put the parts together anew.
    expect(change === 'stumbled' || step !== now['step']).toBe(true);
  }
  expect(await file()).toBe(expected);
  const before = await house.content(TABLES);
  for (const event of events.toReversed()) await react(event);
  expect(await house.content(TABLES)).toEqual(before);
  expect(await file()).toBe(expected);
});

test('its progress grows from step to step, and what it was made from is taken away at the end', async () => {
  const shown: number[] = [];
  for (;;) {
    const now = await job();
    const { body } = await house.get(`/v1/jobs/${String(now['id'])}`, province);
    shown.push(body.progress);
    await react(eventOf(now));
    if (body.status === 'done') break;
  }
  expect(shown).toHaveLength(STEPS + 1);
  expect(shown).toEqual([...new Set(shown)].toSorted((a, b) => a - b));
  expect([shown[0], shown.at(-1)]).toEqual([0, 1]);
  expect((await house.objects.keys('exports/')).filter((key) => !key.endsWith('.csv'))).toEqual([]);
});

test('what others are told of it names nobody', async () => {
  const now = await job();
  const record = { dynamodb: { Keys: marshall({ pk: now.pk, sk: now.sk }), NewImage: marshall(now) } } as DynamoDBRecord;
  const event = cloudEventOf(exportsTable, record, {});
  expect(event).toMatchObject({ type: 'job.started', data: { item: { id: now['id'], step: 0 } } });
  expect(JSON.stringify(now)).toContain(province.sub);
  expect(JSON.stringify([event, house.logs])).not.toContain(province.sub);
});

describe('a job that cannot be done', () => {
  test.each<keyof ObjectStore>(['put', 'read', 'putPart', 'endParts'])(
    'since `%s` goes on failing, says so and what to do; the next one is a new one',
    async (broken) => {
      seen = (name) => {
        if (name === broken) throw new Error('broken');
      };
      const { id, change } = await workOn();
      expect(change).toBe('failed');
      seen = () => undefined;
      const { body } = await house.get(`/v1/jobs/${String(id)}`, province);
      expect(body).toMatchObject({ status: 'failed', error: expect.stringContaining('请重新发起导出') });
      expect(body.url).toBeUndefined();
      const again = await house.get(PATH, province);
      expect(again.body).toMatchObject({ status: 'running', progress: 0 });
      expect(again.body.id).not.toBe(id);
      expect(house.logs.filter(({ code }) => code === 'exportFailed').length).toBeGreaterThan(0);
    },
  );

  test('since nobody is told of it, has failed an hour later, and stays so', async () => {
    const { id } = await job();
    house.turn(3_600_001);
    const view = async (): Promise<string> => (await house.get(`/v1/jobs/${String(id)}`, province)).body.status;
    expect(await view()).toBe('failed');
    await react(eventOf(await job()));
    expect(await view()).toBe('failed');
    expect((await house.get(PATH, province)).body.id).not.toBe(id);
    house.turn(-3_600_001);
  });
});
