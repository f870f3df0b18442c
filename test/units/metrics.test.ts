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
import { openHouse, type Answered, type House, type StoredItem } from '../support/house.ts';
import { countyDispatcher, DACISI, dispatcher, resident, SHUIJINGFANG, worker } from '../support/people.ts';
import { referenceRequest } from '../support/reference-request.ts';
import { expectAgreement } from './support/agreement.ts';
import { Meter, type Metered } from './support/meter.ts';

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
  const metered = async (work: () => Promise<unknown>): Promise<Metered> => {
    const all = await meter.of(work, { figures: true });
    expectAgreement(all);
    return all;
  };
  const unitsOf = async (work: () => Promise<unknown>): Promise<Units> => {
    const { read, write } = await metered(work);
    return { read, write };
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
  return { house, make, tell, act, run, metered, unitsOf };
};
type Given = Awaited<ReturnType<typeof houseWith>>;

/** What each costs in one house, in this order. */
const costsOf = async ({ house, make, tell, act, run, unitsOf }: Given): Promise<Readonly<Record<string, Units>>> => {
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
  await metering('runs', get('/v1/metrics/runs', { sub: 'auditor', roles: ['auditor'] }));
  await metering('dashboard', get('/dashboard?division=510104&month=2026-10'));
  return costs;
};

let short: Given;
let costs: Readonly<Record<string, Units>>;
beforeAll(async () => {
  short = await houseWith(2);
  costs = await costsOf(short);
});
afterAll(() => short.house.stop());

test('x', () => { console.log(costs); });
