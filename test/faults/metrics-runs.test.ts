/** Runs of metrics that die, are held up or are given up half way: what was recorded is counted once, at every level, and what is final changes by revisions. */
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { parentOf, type DivisionCode } from '../../functions/kernel/division.ts';
import { REREADABLE } from '../../functions/metrics/images.ts';
import type { FigureView } from '../../functions/metrics/contract.ts';
import { factsOf, type Life } from '../../functions/metrics/life.ts';
import { record } from '../../functions/metrics/record.ts';
import { metricsRepository } from '../../functions/metrics/repository.ts';
import { figuresIn, openDesk, outcome, state, type Desk, type RequestEvent } from '../metrics/support/pieces.ts';
import { LONG, type CallSeen } from '../support/faults.ts';
import { openHouse, type Content, type House } from '../support/house.ts';
import { CAOSHIJIE, DACISI } from '../support/people.ts';
import { ADMIN, DIVISIONS } from '../support/world.ts';

vi.setConfig({ testTimeout: LONG ? 300_000 : 60_000, hookTimeout: 60_000 });

const PROVINCE = '51';
const CODES = DIVISIONS.map(([code]) => code as DivisionCode);
/** A community, and all that it lies in. */
const LINE = CODES.filter((code) => DACISI.startsWith(code));
const MONTHS = ['2026-09', '2026-10', '2026-11', '2026-12'];
const COUNTY = 'county#510104';
const OTHER_COUNTY = 'county#510105';
const CLOSING = '2026-12-01T00:30:00+08:00';
const LATER = '2026-12-02T10:00:00+08:00';

let house: House;
let desk: Desk;
/** One request in each county, the first of September; in the order in which they happen, it is closed, another comes, and it is moved. */
let opened: readonly RequestEvent[];
let closedLate: readonly RequestEvent[];
let another: readonly RequestEvent[];
let moved: readonly RequestEvent[];
/** Nothing recorded; and what was opened, with September, October and November closed one by one. */
let empty: Content;
let threeClosed: Content;

const now = (): Promise<Content> => house.content(['metrics']);
const reset = async (to: Content): Promise<void> => {
  await house.faults.revive();
  await house.restore(to, await now());
};

const OPEN = { service_name: 'imported', description: '历史诉求' };
const SEPTEMBER = { ...OPEN, service_request_id: 'a', requested_datetime: '2026-09-03T09:00:00+08:00', community: DACISI };
const NOVEMBER = { ...OPEN, service_request_id: 'b', requested_datetime: '2026-11-03T09:00:00+08:00', community: CAOSHIJIE };
const CLOSED = { ...SEPTEMBER, closed_date: '2026-09-05T09:00:00+08:00' };

/** Takes in rows, and answers what `record-facts` is told of them. */
const takenIn = async (rows: readonly object[]): Promise<readonly RequestEvent[]> => {
  const { body } = await house.post('/v1/imports/requests', ADMIN, { rows: rows.map((row, index) => ({ line: index + 2, ...row })) });
  expect(body.errors).toEqual([]);
  return desk.events();
};

/** Works until the current run has no piece left; nobody is told any more of one that was given up. */
const workCurrent = async (): Promise<void> => {
  for (;;) {
    const items = await desk.items();
    const current = items.find(({ pk, sk }) => pk === 'RUNS' && sk === 'CURRENT')?.['run'] as { readonly id: string } | undefined;
    const open = items.filter(({ pk, change }) => pk === `PIECES#${current?.id}` && change === 'planned');
    if (open.length === 0) return;
    for (const { sk } of open) await desk.work(sk);
  }
};
const run = async (name: 'monthlyMetrics' | 'metricsRefresh', time: string): Promise<void> => {
  await house.schedule(name, time);
  await workCurrent();
};

beforeAll(async () => {
  house = await openHouse({ at: '2026-11-02T09:00:00+08:00' });
  desk = await openDesk(house);
  empty = await now();
  opened = await takenIn([SEPTEMBER, NOVEMBER]);
  closedLate = await takenIn([CLOSED]);
  another = await takenIn([{ ...NOVEMBER, service_request_id: 'c' }]);
  moved = await takenIn([{ ...CLOSED, community: CAOSHIJIE }]);
  await desk.recordAll(opened);
  for (const month of ['10', '11', '12']) await run('monthlyMetrics', `2026-${month}-01T00:30:00+08:00`);
  threeClosed = await now();
});
afterAll(() => house.stop());

type Shown = FigureView & { readonly id: string };
interface MonthShown {
  readonly status: string;
  readonly revision: number;
  readonly indicators: readonly Shown[];
}

const read = async (division: string, month: string, revision?: number): Promise<MonthShown> => {
  const asked = revision === undefined ? '' : `&revision=${revision}`;
  const { status, body } = await house.get(`/v1/metrics?division=${division}&month=${month}${asked}`);
  expect(status).toBe(200);
  return body;
};

type Pair = readonly [numerator: number, denominator: number];
/** Indicators that count anything. */
type Counted = Readonly<Record<string, Pair>>;

const counted = (pairs: readonly (readonly [id: string, pair: Pair])[]): Counted => {
  const sums = new Map<string, Pair>();
  for (const [id, [numerator, denominator]] of pairs) {
    const [n, d] = sums.get(id) ?? [0, 0];
    if (n + numerator + d + denominator > 0) sums.set(id, [n + numerator, d + denominator]);
  }
  return Object.fromEntries([...sums].toSorted(([one], [other]) => (one < other ? -1 : 1)));
};

/** The sums of every division and month, by `<division> <month>`. */
const allFigures = async (): Promise<ReadonlyMap<string, Counted>> =>
  new Map(Object.entries(figuresIn(await now())).map(([key, sums]) => [key, counted(Object.entries(sums as Counted))]));

/** Every parent is the sum of its children, in every month. */
const expectSums = (figures: ReadonlyMap<string, Counted>): void => {
  for (const month of MONTHS)
    for (const parent of CODES) {
      const children = CODES.filter((code) => parentOf(code) === parent);
      if (children.length === 0) continue;
      const sum = counted(children.flatMap((child) => Object.entries(figures.get(`${child} ${month}`) ?? {})));
      expect([parent, month, figures.get(`${parent} ${month}`) ?? {}]).toEqual([parent, month, sum]);
    }
};

/** How the public sees the closed request's month, from the province down. */
const publicLine = (month: string, id: string): Promise<readonly unknown[]> =>
  Promise.all(
    LINE.map(async (division) => {
      const { status, revision, indicators } = await read(division, month);
      const found = indicators.find((each) => each.id === id);
      return [division, status, revision, found?.suppressed ?? found?.numerator];
    }),
  );
/** What it should be: the same everywhere. */
const everywhere = (...expected: readonly unknown[]): readonly unknown[] => LINE.map((division) => [division, ...expected]);

const itemsWritten = ({ input }: CallSeen): readonly { readonly pk?: string; readonly sk?: string }[] => {
  const writes = (input['TransactItems'] ?? [{ Put: input }]) as readonly { readonly Put?: { readonly Item?: { readonly pk?: string } } }[];
  return writes.map(({ Put: put }) => put?.Item ?? {});
};

const looksForLeaves = ({ command, input }: CallSeen): boolean => command.startsWith('Query') && JSON.stringify(input).includes('LEAVES#');

/** Works until it comes to such a call, and is held up there; what is answered lets it end. */
const heldUp = async (work: () => Promise<unknown>, isThere: (call: CallSeen) => boolean): Promise<() => Promise<void>> => {
  const there = Promise.withResolvers<boolean>();
  const goesOn = Promise.withResolvers<void>();
  let isHeld = false;
  house.faults.watch((call) => {
    if (isHeld || !isThere(call)) return undefined;
    isHeld = true;
    there.resolve(true);
    return goesOn.promise;
  });
  // A piece that fails is tried again; here, by the next run.
  const ended = work().catch(() => undefined);
  expect(await Promise.race([there.promise, ended])).toBe(true);
  return async () => {
    goesOn.resolve();
    await ended;
    house.faults.watch(undefined);
  };
};

describe('a run that dies or is given up leaves nothing uncounted', () => {
  test('a piece that crashes where what goes on over closed months has changed: they all come out as without the crash', async () => {
    await reset(threeClosed);
    const before = await allFigures();
    await desk.recordAll(closedLate);
    await house.schedule('metricsRefresh', LATER);
    const planned = await now();
    const points: number[] = [];
    house.faults.watch(({ command }) => {
      if (/^(?:Put|Delete|TransactWrite)/.test(command)) points.push(house.faults.calls());
    });
    await house.faults.revive();
    await desk.work(COUNTY);
    house.faults.watch(undefined);
    const afterPiece = state(await now());
    await workCurrent();
    const allAbove = outcome(await now());
    const after = await allFigures();
    expectSums(after);
    for (const month of MONTHS.slice(0, 3))
      for (const division of LINE) {
        const key = `${division} ${month}`;
        expect([key, after.get(key)]).not.toEqual([key, before.get(key)]);
        expect([key, (await read(division, month)).revision]).toEqual([key, 2]);
      }

    const step = LONG ? 1 : points.length / 8;
    for (let nth = 0; nth < points.length; nth += step) {
      const at = points[Math.floor(nth)] ?? 0;
      await reset(planned);
      house.faults.crashAt(at, 'before');
      await desk.work(COUNTY).catch(() => undefined);
      expect([at, house.faults.hasCrashed()]).toEqual([at, true]);
      await house.faults.revive();
      await desk.work(COUNTY);
      // All that is above it follows from this: its figures, and the months that it says have changed.
      expect([at, state(await now())]).toEqual([at, afterPiece]);
      if (!LONG && nth > 0) continue;
      await workCurrent();
      expect([at, outcome(await now())]).toEqual([at, allAbove]);
    }
  });

  test('a refresh that is given up after one of two counties: the next one sums up what is above both', async () => {
    await reset(threeClosed);
    await desk.recordAll([...closedLate, ...another]);
    await run('metricsRefresh', LATER);
    const expected = await allFigures();

    await reset(threeClosed);
    await desk.recordAll([...closedLate, ...another]);
    await house.schedule('metricsRefresh', LATER);
    await desk.work(COUNTY);
    await run('metricsRefresh', '2026-12-02T13:00:00+08:00');
    const figures = await allFigures();
    expectSums(figures);
    expect(figures).toEqual(expected);
    expect(await publicLine('2026-09', 'requestsClosed')).toEqual(everywhere('final', 2, 1));
  });

  test.each([
    ['nothing was counted before', false],
    ['it was counted before', true],
  ])('a closing that is given up after its county, where %s: the run in its place closes the month', async (_, wasCounted) => {
    await reset(empty);
    await desk.recordAll(opened);
    if (wasCounted) await run('metricsRefresh', '2026-10-05T00:00:00+08:00');
    await desk.recordAll(closedLate);
    await house.schedule('monthlyMetrics', CLOSING);
    await desk.work(COUNTY);

    await run('metricsRefresh', '2026-12-01T03:00:00+08:00');
    const figures = await allFigures();
    expectSums(figures);
    expect((await read(PROVINCE, '2026-11')).status).toBe('final');
    expect(figures.get(`${PROVINCE} 2026-11`)).toMatchObject({ requestsReceived: [1, 0] });
    expect(await publicLine('2026-09', 'requestsReceived')).toEqual(everywhere('final', 1, 1));
    expect(await publicLine('2026-09', 'requestsClosed')).toEqual(everywhere('final', 1, 1));
    expect(await publicLine('2026-09', 'ratedRate')).toEqual(everywhere('final', 1, 'small'));

    await run('metricsRefresh', '2026-12-01T06:00:00+08:00');
    expect(await allFigures()).toEqual(figures);
    await run('monthlyMetrics', '2027-01-01T00:30:00+08:00');
    expect(await publicLine('2026-12', 'requestsReceived')).toEqual(everywhere('final', 1, 0));
    expectSums(await allFigures());
  });
});

describe('a piece that is held up', () => {
  test('while facts are made again: what one rebuild writes before and after it has counted is all counted', async () => {
    const lives: Life[] = [];
    for (const { lives: livesIn } of Object.values(REREADABLE))
      for await (const some of livesIn(house.runtime.database, CAOSHIJIE as DivisionCode)) lives.push(...some);
    const [first, ...others] = lives.filter((life) => factsOf(life).every(({ month }) => month === '2026-11'));
    const repository = metricsRepository(house.runtime.database);
    const rebuild = async (life: Life): Promise<void> => {
      expect(await record(repository, life, 'facts:rebuild#1', {})).toBe('recorded');
    };
    await reset(empty);
    if (first !== undefined) await rebuild(first);
    await house.schedule('metricsRefresh', LATER);
    const goOn = await heldUp(
      () => desk.work(OTHER_COUNTY),
      (call) => itemsWritten(call).some(({ pk, sk }) => pk?.startsWith('FIGURES') === true && sk === CAOSHIJIE),
    );
    for (const life of others) await rebuild(life);
    await goOn();
    await workCurrent();
    await run('metricsRefresh', '2026-12-02T11:00:00+08:00');
    const figures = await allFigures();
    expectSums(figures);
    for (const division of [CAOSHIJIE, '510105', PROVINCE])
      expect([division, figures.get(`${division} 2026-11`)?.['requestsReceived']]).toEqual([division, [2, 0]]);
  });

  test('until somebody else has ended it and the city above: what it finds by then forgets nothing, and the next run sums it up', async () => {
    const refreshAgain = (hour: 11 | 12): Promise<void> => run('metricsRefresh', `2026-12-02T${hour}:00:00+08:00`);
    await reset(empty);
    await desk.recordAll(opened);
    await run('metricsRefresh', LATER);
    await desk.recordAll(closedLate);
    await refreshAgain(11);
    const expected = await allFigures();

    await reset(empty);
    await desk.recordAll(opened);
    await house.schedule('metricsRefresh', LATER);
    const goOn = await heldUp(() => desk.work(COUNTY), looksForLeaves);
    for (const piece of [COUNTY, OTHER_COUNTY, 'city#5101']) await desk.work(piece);
    await desk.recordAll(closedLate);
    await goOn();
    // It has counted what came late, and the city had been summed up without it.
    const between = await allFigures();
    for (const division of LINE)
      expect([division, between.get(`${division} 2026-09`)?.['requestsClosed']]).toEqual([
        division,
        division.startsWith('510104') ? [1, 0] : undefined,
      ]);
    await workCurrent();
    for (const hour of [11, 12] as const) {
      await refreshAgain(hour);
      const figures = await allFigures();
      expectSums(figures);
      expect(figures).toEqual(expected);
    }
  });

  test.each<readonly [string, (call: CallSeen) => boolean]>([
    ['looks for what is to be counted', looksForLeaves],
    ['writes its first figure', (call) => itemsWritten(call).some(({ pk }) => pk?.startsWith('FIGURES') === true)],
  ])('before it %s, until its month has closed: it makes a revision, and no silent change', async (_, isThere) => {
    await reset(empty);
    await desk.recordAll(opened);
    await house.schedule('monthlyMetrics', CLOSING);
    const goOn = await heldUp(() => desk.work(COUNTY), isThere);
    await desk.work(COUNTY);
    await workCurrent();
    const first = await Promise.all(LINE.map((division) => read(division, '2026-09')));
    expect(await publicLine('2026-09', 'requestsClosed')).toEqual(everywhere('final', 1, 0));
    await desk.recordAll(closedLate);
    await goOn();
    for (const division of LINE) {
      const { revision, indicators } = await read(division, '2026-09');
      const closed = indicators.find(({ id }) => id === 'requestsClosed')?.numerator;
      expect([division, revision, closed]).toEqual([division, revision, revision === 1 ? 0 : 1]);
      expect(indicators.filter(({ id, denominator }) => id === 'ratedRate' && denominator === 1)).toEqual([]);
    }

    await run('metricsRefresh', LATER);
    expectSums(await allFigures());
    expect(await publicLine('2026-09', 'requestsClosed')).toEqual(everywhere('final', 2, 1));
    expect(await publicLine('2026-09', 'ratedRate')).toEqual(everywhere('final', 2, 'small'));
    expect(await Promise.all(LINE.map((division) => read(division, '2026-09', 1)))).toEqual(first);
  });
});

describe('what is hidden', () => {
  /** What the public is told of those who have rated, in one division or in each of those below it. */
  const ratesFrom = async (of: House, path: string): Promise<readonly string[]> => {
    const { status, body } = await of.get(`/v1/metrics${path}&month=2026-09`);
    expect(status).toBe(200);
    const rates: readonly Shown[] = body.items ?? body.indicators.filter(({ id }: Shown) => id === 'ratedRate');
    return rates.map(({ numerator, denominator, suppressed }) => `${body.status}: ${suppressed ?? `${numerator} of ${denominator}`}`);
  };

  test('of a figure that a revision makes nothing keeps its label', async () => {
    await reset(empty);
    await desk.recordAll([...opened, ...closedLate]);
    await run('monthlyMetrics', CLOSING);
    expect(await publicLine('2026-09', 'ratedRate')).toEqual(everywhere('final', 1, 'small'));
    await desk.recordAll(moved);
    await run('metricsRefresh', LATER);
    const figures = await allFigures();
    expectSums(figures);
    const left = LINE.filter((division) => division.startsWith('510104'));
    expect(left.map((division) => figures.get(`${division} 2026-09`))).toEqual(left.map(() => ({})));
    expect(await publicLine('2026-09', 'ratedRate')).toEqual(
      LINE.map((division) => [division, 'final', left.includes(division) ? 2 : 1, 'small']),
    );
  });

  test('stays hidden from who asks while the month closes, between any two reads of the answer', async () => {
    await reset(empty);
    await desk.recordAll([...opened, ...closedLate]);
    await house.schedule('monthlyMetrics', CLOSING);
    for (const piece of [COUNTY, OTHER_COUNTY, 'city#5101']) await desk.work(piece);
    const closing = await now();
    for (const nth of [1, 2, 3])
      for (const path of LONG ? [`?division=${DACISI}`, '/children?division=510104017&indicator=ratedRate'] : [`?division=${DACISI}`]) {
        await reset(closing);
        let calls = 0;
        let told: readonly string[] = [];
        const ask = async (): Promise<void> => {
          told = await ratesFrom(house, path);
        };
        const goOn = await heldUp(ask, () => ++calls === nth);
        await desk.work('province#51');
        await goOn();
        expect([path, nth, told.filter((each) => !['final: small', 'final: 0 of 0'].includes(each))]).toEqual([path, nth, []]);
      }
  });

  test('stays hidden from the public, however stale its reads are', async () => {
    const other = await openHouse({ at: '2026-11-02T09:00:00+08:00', stale: true });
    try {
      const there = await openDesk(other);
      await there.recordAll(opened);
      await there.recordAll(closedLate);
      await there.run('monthlyMetrics', CLOSING);
      const told = new Set<string>();
      const look = async (path: string): Promise<void> => {
        for (const each of await ratesFrom(other, path)) told.add(each);
      };
      for (let lag = LONG ? 60 : 30; lag >= 0; lag -= LONG ? 1 : 10)
        for (const pattern of [[true], [true, false], [false, true]]) {
          let reads = 0;
          other.faults.stale({ lag: () => lag, chance: () => pattern[reads++ % pattern.length] === true });
          for (const division of LINE) {
            await look(`?division=${division}`);
            if (division !== DACISI) await look(`/children?division=${division}&indicator=ratedRate`);
          }
        }
      expect([...told].toSorted()).toEqual(['final: 0 of 0', 'final: small']);
    } finally {
      await other.stop();
    }
  });
});
