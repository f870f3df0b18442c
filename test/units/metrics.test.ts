/**
 * What figures cost: facts, refreshing, reading; and that months gone by cost nothing. Events are handed to the reactions here, one after the
 * other, so that every unit is known.
 */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { CloudEvent } from '../../functions/data/reaction.ts';
import { DAY, HOUR } from '../../functions/kernel/time.ts';
import { computeMetrics } from '../../functions/metrics/compute-metrics.ts';
import { recordFacts } from '../../functions/metrics/record-facts.ts';
import type { TokenClaims } from '../../lib/local/issuer.ts';
import { openHouse, type Answered, type StoredItem } from '../support/house.ts';
import { countyDispatcher, DACISI, dispatcher, resident, SHUIJINGFANG, worker } from '../support/people.ts';
import { referenceRequest } from '../support/reference-request.ts';
import { expectAgreement } from './support/agreement.ts';
import { Meter } from './support/meter.ts';
import { sizeOf, storedOf } from './support/size.ts';

const KB = 1024;
const NOW = '2026-11-24T09:00:00+08:00';

type Units = Readonly<Record<'read' | 'write', number>>;

/** A house with figures of that many months before the one that it is in. */
const houseWith = async (months: number) => {
  const meter = new Meter();
  const first = new Date(Date.UTC(2026, 10 - months, 2, 1));
  const house = await openHouse({ at: first.toISOString() });
  meter.attach(house.client);
  const record = recordFacts(house.runtime);
  const compute = computeMetrics(house.runtime);

  const succeeded = (answer: Answered): Answered => {
    if (answer.status >= 300) throw new Error(answer.text);
    return answer;
  };
  const itemsOf = async (table: string): Promise<readonly StoredItem[]> => [...((await house.content([table]))[table]?.values() ?? [])];
  const event = (type: string, id: string, item: StoredItem): Parameters<typeof record>[0] =>
    ({ detail: { id, type, data: { item } } as unknown as CloudEvent<never> }) as Parameters<typeof record>[0];
  /** Tells of a request as its relay does. */
  const tell = async (id: string): Promise<void> => {
    const item = (await itemsOf('serviceRequests')).find((each) => each['id'] === id);
    if (item === undefined) throw new Error(`there is no ${id}`);
    await record(event(`serviceRequest.${String(item['change'])}`, `${id}#${String(item['version'])}`, item));
  };
  const make = async (community: string): Promise<string> =>
    succeeded(await house.post('/v1/requests', resident, { ...referenceRequest, community })).body.id;
  const act = async (id: string, action: string, as: TokenClaims, body: object = {}): Promise<void> => {
    house.turn(HOUR);
    succeeded(await house.post(`/v1/requests/${id}/${action}`, as, body));
  };
  /** A run and all of its pieces, each told of once. */
  const run = async (schedule: string, time?: string): Promise<void> => {
    await house.schedule(schedule, time);
    const told = new Set<string>();
    for (;;) {
      const planned = (await itemsOf('metrics')).filter(
        ({ pk, sk, change }) => pk.startsWith('PIECES#') && change === 'planned' && !told.has(`${pk}/${sk}`),
      );
      if (planned.length === 0) return;
      for (const piece of planned) {
        told.add(`${piece.pk}/${piece.sk}`);
        await compute(event('metricsPiece.planned', piece.sk, piece));
      }
    }
  };
  const unitsOf = async (work: () => Promise<unknown>): Promise<Units> => {
    const metered = await meter.of(work, { figures: true });
    expectAgreement(metered);
    return { read: metered.read, write: metered.write };
  };

  // One in each community stays open all the time, and late: it goes on from month to month.
  for (const community of [SHUIJINGFANG, DACISI]) await tell(await make(community));
  for (let month = 0; month < months; month++) {
    for (const community of [SHUIJINGFANG, DACISI]) {
      const id = await make(community);
      await tell(id);
      for (const [action, as, body] of [
        ['accept', dispatcher, {}],
        ['assign', dispatcher, { to: { kind: 'worker', id: worker.sub } }],
        ['start', worker, {}],
        ['resolve', worker, { resolution: '已更换灯泡。' }],
        ['rating', resident, { level: 5 }],
      ] as const)
        await act(id, action, as, body);
      await tell(id);
    }
    const next = new Date(Date.UTC(2026, 11 - months + month, 0, 16, 30));
    house.turnTo(next.toISOString());
    await run('monthlyMetrics');
    house.turn(DAY);
  }
  house.turnTo(NOW);
  await run('metricsRefresh');
  return { house, make, tell, act, run, unitsOf };
};
type Given = Awaited<ReturnType<typeof houseWith>>;
type Costs = Readonly<Record<string, Units>>;

/** What each costs in one house, in this order. */
const costsOf = async ({ house, make, tell, act, run, unitsOf }: Given): Promise<Costs> => {
  const costs: Record<string, Units> = {};
  const metering = async (what: string, work: () => Promise<unknown>): Promise<void> => {
    costs[what] = await unitsOf(work);
  };
  const get = (path: string, as?: TokenClaims) => async (): Promise<void> => {
    const answer = await house.get(path, as);
    if (answer.status !== 200) throw new Error(answer.text);
  };
  const id = await make(SHUIJINGFANG);
  await metering('created', () => tell(id));
  await act(id, 'accept', dispatcher);
  await metering('accepted', () => tell(id));
  await metering('again', () => tell(id));
  await act(id, 'transfer', dispatcher, { community: DACISI, reason: '归大慈寺社区' });
  await metering('transferred', () => tell(id));
  house.turn(HOUR);
  await run('metricsRefresh');

  house.turn(HOUR);
  await metering('nothing dirty', () => run('metricsRefresh'));
  await tell(await make(SHUIJINGFANG));
  house.turn(HOUR);
  await metering('one dirty', () => run('metricsRefresh'));
  for (const community of [SHUIJINGFANG, DACISI]) await tell(await make(community));
  house.turn(HOUR);
  await metering('two dirty', () => run('metricsRefresh'));

  await metering('metrics', get('/v1/metrics?division=510104&month=2026-11'));
  await metering('final metrics', get('/v1/metrics?division=510104&month=2026-10'));
  await metering('children', get('/v1/metrics/children?division=510104017&month=2026-10&indicator=resolvedOnTimeRate'));
  await metering('series', get('/v1/metrics/series?division=510104&indicator=requestsReceived&from=2025-12&to=2026-11'));
  await metering('facts', get('/v1/metrics/facts?division=510104&month=2026-11&indicator=requestsReceived', countyDispatcher));
  await metering('runs', get('/v1/metrics/runs?limit=5', { sub: 'auditor', roles: ['auditor'] }));
  await metering('dashboard', get('/dashboard?division=510104&month=2026-10'));
  house.turnTo('2026-12-01T00:30:00+08:00');
  await metering('closing', () => run('monthlyMetrics'));
  return costs;
};

const SHORT = 1;
const LONG = 10 * SHORT;

let short: Given;
let costs: Costs;
beforeAll(async () => {
  short = await houseWith(SHORT);
  costs = await costsOf(short);
});
afterAll(() => short.house.stop());

/** What a run does however little is to be counted, and what each piece of it adds; the words stand in docs/data-model.md. */
const RUN: Units = { read: 15, write: 6 };
const COUNTY: Units = { read: 12, write: 7 };
const CITY: Units = { read: 16, write: 8 };
const PROVINCE: Units = { read: 19, write: 8 };
const STREET: Units = { read: 3, write: 1 };
const COMMUNITY: Units = { read: 4, write: 3 };

const sum = (...all: readonly Units[]): Units => ({
  read: all.reduce((total, { read }) => total + read, 0),
  write: all.reduce((total, { write }) => total + write, 0),
});

describe('facts of a request', () => {
  test('that is new: its places are read, and written in one transaction with its fact, 2 × 1 + 2 × 1; its community is marked, 1', () => {
    expect(costs['created']).toEqual({ read: 1, write: 5 });
  });
  test('that has changed: the same', () => {
    expect(costs['accepted']).toEqual({ read: 1, write: 5 });
  });
  test('of an event that comes twice: only the mark', () => {
    expect(costs['again']).toEqual({ read: 1, write: 1 });
  });
  test('that has moved: a fact and a mark in both communities', () => {
    expect(costs['transferred']).toEqual({ read: 1, write: 8 });
  });
  test('a fact stays below 1 KB after all that usually happens', async () => {
    const facts = [...((await short.house.content(['metrics']))['metrics']?.values() ?? [])].filter(({ pk }) => pk.startsWith('FACT#'));
    const sizes = facts.map((fact) => sizeOf(storedOf(fact)));
    expect(Math.max(...sizes)).toBeLessThan(KB);
    expect(Math.max(...sizes)).toBeGreaterThan(KB / 2);
  });
});

describe('a refresh', () => {
  test('that finds nothing takes 15 read and 6 write units', () => {
    expect(costs['nothing dirty']).toEqual(RUN);
  });
  test('of one community takes 69 read and 33 write units: those, and a county, a city, a province, a street and the community', () => {
    expect(costs['one dirty']).toEqual(sum(RUN, COUNTY, CITY, PROVINCE, STREET, COMMUNITY));
    expect(costs['one dirty']).toEqual({ read: 69, write: 33 });
  });
  test('takes 4 read and 3 write units for each further community of the street', () => {
    expect(costs['two dirty']).toEqual(sum(costs['one dirty'] as Units, COMMUNITY));
  });
});

test('closing a month with two communities takes 97 read and 54 write units, and judges it', () => {
  // Everything is counted for the month that closes and for the one that has begun; what goes on is kept.
  expect(costs['closing']).toEqual({ read: 97, write: 54 });
});

test.each<readonly [what: string, read: number]>([
  // The division and what is above it, which months are final, and then its figure, consistently.
  ['metrics', 3],
  ['final metrics', 3],
  // The divisions' names, and their figures, consistently.
  ['children', 2.5],
  // Each month's figure, consistently.
  ['series', 13],
  // The street's figures on the way down, and three reads for each of its two communities.
  ['facts', 8.5],
  ['runs', 0.5],
  ['dashboard', 19.5],
])('reading %s takes %d read units', (what, read) => {
  expect(costs[what]).toEqual({ read, write: 0 });
});

test('with ten times the history all of it costs the same', { timeout: 60_000 }, async () => {
  const long = await houseWith(LONG);
  const items = [...((await long.house.content(['metrics']))['metrics']?.values() ?? [])];
  expect(items.filter(({ pk, sk }) => pk === 'CLOSINGS' && sk !== 'THROUGH')).toHaveLength(LONG);
  expect(await costsOf(long)).toEqual(costs);
  await long.house.stop();
});
