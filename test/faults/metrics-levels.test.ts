/** What lies in a county, a city or a province itself is counted once, however runs die or are given up, and however its events are told. */
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { journal, posted } from '../metrics/support/journals.ts';
import { figuresIn, openDesk, outcome, state, type Desk } from '../metrics/support/pieces.ts';
import { LONG } from '../support/faults.ts';
import { openHouse, type Content, type House } from '../support/house.ts';

vi.setConfig({ testTimeout: LONG ? 300_000 : 60_000, hookTimeout: 60_000 });

const CLOSING = '2026-12-01T00:30:00+08:00';
const LATER = '2026-12-02T10:00:00+08:00';
const NEXT = '2026-12-02T13:00:00+08:00';
/** What is there when November closes, and what comes late: of a city alone, and of each level. */
const EARLY = [journal('510104017', '2026-11-03 09:00', 1), journal('5101', '2026-11-03 09:00', 20)];
const LATE_IN_CITY = journal('5101', '2026-11-20 09:00', 300);
const LATE = [LATE_IN_CITY, journal('51', '2026-11-20 09:00', 4_000), journal('510104', '2026-11-20 09:00', 50_000)];

let house: House;
let desk: Desk;
let empty: Content;
let closed: Content;

const now = (): Promise<Content> => house.content(['metrics']);
const reset = async (to: Content): Promise<void> => {
  await house.faults.revive();
  await house.restore(to, await now());
};
const received = async (): Promise<Readonly<Record<string, number | undefined>>> =>
  Object.fromEntries(
    Object.entries(figuresIn(await now()))
      .filter(([key]) => key.endsWith('2026-11'))
      .map(([key, sums]) => [key.split(' ')[0], (sums as Readonly<Record<string, readonly [number, number]>>)['donationsReceived']?.[0]]),
  );
/** The calls of some work, as it goes without faults. */
const callsOf = async (work: () => Promise<unknown>): Promise<number> => {
  await house.faults.revive();
  await work();
  return house.faults.calls();
};
const steps = (calls: number): readonly number[] => {
  const step = LONG ? 1 : Math.max(1, calls / 10);
  return Array.from({ length: Math.floor(calls / step) }, (_, nth) => 1 + Math.floor(nth * step));
};
/** Works on what the run under way has left; nobody is told any more of one that was given up. */
const workCurrent = async (): Promise<void> => {
  for (;;) {
    const items = await desk.items();
    const current = items.find(({ pk, sk }) => pk === 'RUNS' && sk === 'CURRENT')?.['run'] as { readonly id: string } | undefined;
    const open = items.filter(({ pk, change }) => pk === `PIECES#${current?.id}` && change === 'planned');
    if (open.length === 0) return;
    for (const { sk } of open) await desk.work(sk);
  }
};

beforeAll(async () => {
  house = await openHouse({ at: '2026-11-24T09:00:00+08:00' });
  desk = await openDesk(house);
  empty = await now();
  await desk.recordAll(EARLY.map(posted));
  await desk.run('monthlyMetrics', CLOSING);
  closed = await now();
});
afterAll(() => house.stop());

test('an event that dies at any call, and comes again, is counted', async () => {
  await reset(empty);
  const calls = await callsOf(() => desk.record(posted(LATE_IN_CITY)));
  for (let at = 1; at <= calls; at++)
    for (const when of ['before', 'after'] as const) {
      await reset(empty);
      house.faults.crashAt(at, when);
      await desk.record(posted(LATE_IN_CITY)).catch(() => undefined);
      await house.faults.revive();
      await desk.record(posted(LATE_IN_CITY));
      await desk.run('metricsRefresh', LATER);
      expect([at, when, await received()]).toEqual([at, when, { '51': 300, '5101': 300 }]);
    }
});

test('a piece of a county, a city or a province that dies at any call comes out as without that', async () => {
  await reset(closed);
  await desk.recordAll(LATE.map(posted));
  await house.schedule('metricsRefresh', LATER);
  for (const piece of ['county#510104', 'city#5101', 'province#51']) {
    const planned = await now();
    const calls = await callsOf(() => desk.work(piece));
    const afterPiece = state(await now());
    for (const at of steps(calls)) {
      await reset(planned);
      house.faults.crashAt(at, 'after');
      await desk.work(piece).catch(() => undefined);
      await house.faults.revive();
      await desk.work(piece);
      expect([piece, at, state(await now())]).toEqual([piece, at, afterPiece]);
    }
  }
  expect(await received()).toEqual({ '51': 54_321, '5101': 50_321, '510104': 50_001, '510104017': 1 });
});

test('a run that dies at any call while it is planned, and is begun again, counts everything', async () => {
  await reset(closed);
  await desk.recordAll(LATE.map(posted));
  const marked = await now();
  const calls = await callsOf(() => house.schedule('metricsRefresh', LATER));
  await desk.workAll();
  const expected = outcome(await now());
  for (const at of steps(calls)) {
    await reset(marked);
    house.faults.crashAt(at, 'after');
    await house.schedule('metricsRefresh', LATER).catch(() => undefined);
    await house.faults.revive();
    await desk.run('metricsRefresh', LATER);
    expect([at, outcome(await now())]).toEqual([at, expected]);
  }
});

test.each([
  ['the city', ['county#510104', 'city#5101']],
  ['the county', ['county#510104']],
])('a run that is given up after %s: the next one sums up what is above it', async (_, pieces) => {
  await reset(closed);
  await desk.recordAll(LATE.map(posted));
  await house.schedule('metricsRefresh', LATER);
  for (const piece of pieces) await desk.work(piece);
  await house.schedule('metricsRefresh', NEXT);
  await workCurrent();
  expect(await received()).toEqual({ '51': 54_321, '5101': 50_321, '510104': 50_001, '510104017': 1 });
});

test('a run that is given up when a city has counted what it alone had: the next one sums up its province', async () => {
  await reset(closed);
  await desk.record(posted(LATE_IN_CITY));
  await house.schedule('metricsRefresh', LATER);
  expect(await desk.planned()).toEqual(['city#5101']);
  await desk.work('city#5101');
  expect(await received()).toMatchObject({ '51': 21, '5101': 321 });
  await house.schedule('metricsRefresh', NEXT);
  await workCurrent();
  expect(await received()).toMatchObject({ '51': 321, '5101': 321 });
});
