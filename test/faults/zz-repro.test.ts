import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { figuresIn, openDesk, type Desk } from '../metrics/support/pieces.ts';
import { openHouse, type Content, type House } from '../support/house.ts';
import { DACISI } from '../support/people.ts';
import { metricsRepository } from '../../functions/metrics/repository.ts';
import { ADMIN } from '../support/world.ts';
vi.setConfig({ testTimeout: 300_000, hookTimeout: 60_000 });
let house: House; let desk: Desk; let empty: Content;
const QINGYANG = '510105006001';
const now = () => house.content(['metrics']);
const reset = async (to: Content) => { await house.faults.revive(); await house.restore(to, await now()); };
const row = (id: string, more = {}) => ({ service_request_id: id, requested_datetime: '2026-09-03T09:00:00+08:00', service_name: 'imported', description: 'x', community: DACISI, ...more });
const takeIn = async (rows: object[]) => {
  const a = await house.post('/v1/imports/requests', ADMIN, { rows: rows.map((e, i) => ({ line: i + 2, ...e })) });
  expect(a.body.errors).toEqual([]);
};
const bad = (content: Content) => {
  const f = figuresIn(content) as Record<string, Record<string, [number, number]>>;
  const out: string[] = [];
  for (const key of Object.keys(f)) {
    const [division = '', month = ''] = key.split(' ');
    if (division.length === 12) continue;
    const len = { 2: 4, 4: 6, 6: 9, 9: 12 }[division.length];
    const kids = Object.keys(f).filter((k) => k.endsWith(month) && k.startsWith(division) && k.split(' ')[0]!.length === len);
    for (const id of ['requestsReceived', 'requestsClosed', 'resolvedOnTimeRate']) {
      const s = kids.reduce((t, k) => t + (f[k]![id]?.[0] ?? 0) * 1000 + (f[k]![id]?.[1] ?? 0), 0);
      const is = (f[key]![id]?.[0] ?? 0) * 1000 + (f[key]![id]?.[1] ?? 0);
      if (s !== is) out.push(`${key} ${id}: is ${is}, children ${s}`);
    }
  }
  return out;
};
let first: any; let late: any; let qing: any;
beforeAll(async () => {
  house = await openHouse({ at: '2026-11-02T09:00:00+08:00' });
  empty = await now();
  desk = await openDesk(house);
  await takeIn([row('a'), row('q', { community: QINGYANG, requested_datetime: '2026-11-03T09:00:00+08:00' })]);
  first = await desk.events();
  await takeIn([row('a', { closed_date: '2026-09-05T09:00:00+08:00' })]);
  late = await desk.events();
  await takeIn([row('q2', { community: QINGYANG, requested_datetime: '2026-11-04T09:00:00+08:00' })]);
  qing = await desk.events();
});
afterAll(() => house.stop());

const cur = async () => {
  for (;;) {
    const all = await desk.items();
    const run = (all.find(({ pk, sk }) => pk === 'RUNS' && sk === 'CURRENT') as any)?.run;
    const open = all.filter((i: any) => i.pk === `PIECES#${run?.id}` && i.change === 'planned');
    if (open.length === 0 || !['planning', 'working'].includes(run.status)) return;
    for (const piece of open) await desk.work(piece.sk);
  }
};

const pub = async (d: string, m: string) => { const b = (await house.get(`/v1/metrics?division=${d}&month=${m}`)).body; return `${d} ${m} ${b.status} r${b.revision} ` + b.indicators.filter((x: any) => ['requestsReceived', 'requestsClosed','ratedRate'].includes(x.id)).map((x: any) => `${x.id}=${x.suppressed ?? x.numerator + '/' + x.denominator}`).join(' '); };
test('B2 closing given up after counties', async () => {
  await reset(empty);
  await desk.recordAll(late);
  await house.schedule('monthlyMetrics', '2026-12-01T00:30:00+08:00');
  await desk.work('county#510104');
  await house.schedule('metricsRefresh', '2026-12-01T03:00:00+08:00'); await cur();
  await house.schedule('metricsRefresh', '2026-12-01T06:00:00+08:00'); await cur();
  for (const d of ['51', '5101', '510104', DACISI]) console.log('B2', await pub(d, '2026-09'));
});
test('B3 wedge', async () => {
  await reset(empty);
  await desk.recordAll(first);
  await house.schedule('metricsRefresh', '2026-10-05T00:00:00+08:00'); await cur();
  await desk.recordAll(late);
  await house.schedule('monthlyMetrics', '2026-12-01T00:30:00+08:00');
  await desk.work('county#510104');
  for (const t of ['2026-12-01T03:00', '2026-12-01T06:00', '2026-12-01T09:00']) {
    let err: any;
    await house.schedule('metricsRefresh', t + ':00+08:00'); await cur().catch((e) => { err = e; });
    if (t.includes('T03')) { for (const d of ['51', '5101', '510104', DACISI]) console.log('B3', await pub(d, '2026-09')); console.log(JSON.stringify((await desk.items()).filter((i: any) => /PIECES|UNJUDGED/.test(i.pk)).map((i: any) => [i.pk, i.sk, i.change, i.months]))); }
    console.log('B3', t, String(err), (await desk.items()).filter((i: any) => i.sk === 'THROUGH').map((i: any) => i.through));
  }
});
test('C marks of one rebuild', async () => {
  await reset(empty);
  const r = metricsRepository(house.runtime.database);
  await r.write([r.putsMark(DACISI as any, '2026-09' as any, 'facts:rebuild#1')]);
  const leaf = await r.leaf(DACISI as any);
  await r.write([r.putsMark(DACISI as any, '2026-09' as any, 'facts:rebuild#1')]);
  console.log('C', await r.write([r.removesMark(leaf.marks[0]!)]), (await r.leaf(DACISI as any)).marks.length);
});
test('F late worker', async () => {
  await reset(empty);
  await desk.recordAll(first);
  await house.schedule('monthlyMetrics', '2026-12-01T00:30:00+08:00');
  let goOn = (): void => undefined; const waits = new Promise<void>((r) => (goOn = r));
  let stopped = (): void => undefined; const isStopped = new Promise<void>((r) => (stopped = r));
  let isFirst = true;
  house.faults.watch(({ command, input }: any) => {
    if (!isFirst || command !== 'Query' && command !== 'QueryCommand' || !JSON.stringify(input).includes('LEAVES')) return undefined;
    stopped(); return waits;
  });
  const one = desk.work('county#510104').catch((e) => console.log('one', e));
  await isStopped; isFirst = false;
  await desk.work('county#510104'); await cur();
  console.log('F before', await pub(DACISI, '2026-09'));
  await desk.recordAll(late);
  goOn(); await one; house.faults.watch(undefined);
  await house.schedule('metricsRefresh', '2026-12-01T01:00:00+08:00'); await cur();
  for (const d of ['51', '5101', '510104', DACISI]) console.log('F after', await pub(d, '2026-09'));
});
test('D stale', async () => {
  const h = await openHouse({ at: '2026-11-02T09:00:00+08:00', stale: true });
  const old = house; house = h;
  try {
    const d = await openDesk(h);
    let n = 0;
    h.faults.stale({ lag: () => 12, chance: () => n++ % 2 === 0 } as any);
    await d.recordAll(late);
    await d.run('monthlyMetrics', '2026-12-01T00:30:00+08:00');
    const seen = new Set<string>();
    await takeInDiv(h);
    for (let i = 0; i < 12; i++) seen.add(await pub(DACISI, '2026-09').catch((e) => String(e)));
    console.log('D', [...seen]);
  } finally { house = old; await h.stop(); }
});
const takeInDiv = async (_: House) => undefined;
const closedThree = async () => {
  await reset(empty);
  await desk.recordAll(first);
  for (const t of ['2026-10-01', '2026-11-01', '2026-12-01']) { await house.schedule('monthlyMetrics', `${t}T00:30:00+08:00`); await cur(); }
};
test('A crash between what goes on and the next month', async () => {
  await closedThree();
  await desk.recordAll(late);
  await house.schedule('metricsRefresh', '2026-12-02T10:00:00+08:00');
  const start = await now();
  await cur();
  const expected = figuresIn(await now());
  for (const at of [11, 20, 30, 48]) {
    await reset(start);
    house.faults.crashAt(at, 'before');
    await desk.work('county#510104').catch(() => undefined);
    await house.faults.revive();
    await desk.work('county#510104'); await cur();
    await house.schedule('metricsRefresh', '2026-12-02T11:00:00+08:00'); await cur();
    const is = figuresIn(await now());
    console.log('A', at, Object.keys(expected).filter((k) => JSON.stringify(expected[k]) !== JSON.stringify(is[k])).join(', '));
  }
});
test('B given up after one county', async () => {
  await closedThree();
  await desk.recordAll(late);
  await desk.recordAll(qing);
  await house.schedule('metricsRefresh', '2026-12-02T10:00:00+08:00');
  await desk.work('county#510104'); // the other county's piece is parked
  for (const t of ['13', '14']) { await house.schedule('metricsRefresh', `2026-12-02T${t}:00:00+08:00`); await cur(); }
  console.log('B', bad(await now()));
});
// what a struck rating does to a label
test('G label of nothing after a revision', async () => {
  const { judge } = await import('../../functions/metrics/judge.ts');
  const fig = (division: string, sums: any, more = {}) => ({ pk: `FIGURES#${division.length === 2 ? '' : division.slice(0, ({ 4: 2, 6: 4, 9: 6, 12: 9 } as any)[division.length])}#2026-09`, sk: division, division, month: '2026-09', version: 1, requestId: 'x', revision: 2, judged: 1, computedAt: 'x', sums, ...more });
  const line = ['51', '5101', '510104', '510104017', DACISI];
  const all = line.map((d) => fig(d, { satisfactionRate: [0, 0] }, { hidden: { satisfactionRate: 'small' } }));
  const out: any[] = [];
  await judge({ writer: 'w', month: '2026-09' as any, isFinal: true, repository: {
    figure: async (d: string) => all.find((f) => f.division === d), children: async (p: string) => all.filter((f) => f.pk === `FIGURES#${p}#2026-09`),
    revision: async () => ({ sums: { satisfactionRate: [0, 1] } }), putsFigure: (f: any) => f, write: async (w: any) => { out.push(w[0]); return { ok: true }; } } as any }, '51' as any);
  console.log('G', out.filter((o) => o.division === DACISI && o.judged === 2).map((o) => o.hidden));
});
