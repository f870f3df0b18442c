/** Whenever a schedule fires, how often, how late and beside which other: the same report, byte for byte. */
import * as fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import type { TokenClaims } from '../../lib/local/issuer.ts';
import { LONG, newSeed } from '../support/faults.ts';
import { openHouse, type Content, type House } from '../support/house.ts';
import { CAOSHIJIE, DACISI, resident, SHUIJINGFANG, ZONGFULU } from '../support/people.ts';
import { requestAt } from '../support/stages.ts';
import { ADMIN, DIVISIONS, startWorld, type Answer, type World } from '../support/world.ts';
import { auditor, expectNothingParked } from './support/months.ts';
import { openDesk, type Desk, type RequestEvent } from './support/pieces.ts';

vi.setConfig({ testTimeout: LONG ? 600_000 : 30_000, hookTimeout: 60_000 });

const CODES = DIVISIONS.map(([code]) => code);
/** The month in which there is something to hide. */
const RATED = '2026-11';
const MONTHS = ['2026-10', RATED, '2026-12'];

/** Moments of Shanghai's clock: `2026-12-01 00:30`. */
const moment = (time: string): string => {
  const [day = '', clock = '00:00'] = time.split(' ');
  return `${day}T${clock.length === 5 ? `${clock}:00` : clock}+08:00`;
};
const instant = (time: string): string => new Date(moment(time)).toISOString();

const OCTOBER_CLOSES = '2026-11-01 00:30';
const NOVEMBER_CLOSES = '2026-12-01 00:30';
const DECEMBER_CLOSES = '2027-01-01 00:30';

type Post = (path: string, as: TokenClaims, body?: unknown) => Promise<Pick<Answer, 'status' | 'body' | 'text'>>;
interface Place {
  readonly post: Post;
  readonly turnTo: (moment: string) => void;
}

type Row = readonly [id: string, community: string, requested: string, closed?: string];
/** History, as it is taken in: to be resolved within seven days of 24 hours, and responded to within one of them at most. */
const takeIn = async (post: Post, rows: readonly Row[]): Promise<void> => {
  const taken = await post('/v1/imports/requests', ADMIN, {
    rows: rows.map(([id, community, requested, closed], index) => ({
      line: index + 2,
      service_request_id: id,
      service_name: 'imported',
      description: '历史诉求',
      community,
      requested_datetime: moment(requested),
      ...(closed === undefined ? {} : { closed_date: moment(closed) }),
    })),
  });
  if (taken.status !== 200 || taken.body.errors.length > 0) throw new Error(`not taken in: ${taken.text}`);
};

/** What happens from October to January: some is closed on time, some late, some never; in November some is rated. */
const ROWS: readonly Row[] = [
  ['october', SHUIJINGFANG, '2026-10-12 09:00', '2026-10-15 09:00'],
  ['neverClosed', DACISI, '2026-10-20 09:00'],
  ['onTime', SHUIJINGFANG, '2026-11-03 09:00', '2026-11-05 09:00'],
  ['late', ZONGFULU, '2026-11-03 09:00', '2026-11-20 09:00'],
  ['acrossTheEnd', CAOSHIJIE, '2026-11-27 09:00', '2026-12-02 09:00'],
  ['lateAcrossTheEnd', ZONGFULU, '2026-11-20 09:00', '2027-01-10 09:00'],
  ['openFromNovember', SHUIJINGFANG, '2026-11-28 09:00'],
  ['december', CAOSHIJIE, '2026-12-10 09:00', '2026-12-11 09:00'],
  ['openFromDecember', DACISI, '2026-12-29 15:30'],
];

const happen = async ({ post, turnTo }: Place): Promise<void> => {
  await takeIn(post, ROWS);
  turnTo(moment('2026-11-10 09:00'));
  for (const level of [5, 1]) {
    const id = await requestAt(post, 'resolved');
    const rated = await post(`/v1/requests/${id}/rating`, resident, { level });
    if (rated.status !== 200) throw new Error(`not rated: ${rated.text}`);
  }
  turnTo(moment('2027-04-01 09:00'));
};

let house: House;
let desk: Desk;
let empty: Content;
/** All that happened is known, and nothing has been counted. */
let recorded: Content;
/** What there is to see when every month was closed on time and nothing else happened: after November's closing, and after December's. */
let novemberClosed: Report;
let onTime: Report;

beforeAll(async () => {
  house = await openHouse({ at: moment('2026-11-02 09:00') });
  empty = await house.content(['metrics']);
  desk = await openDesk(house);
  await desk.recordDivisions();
  await happen(house);
  await desk.recordAll(await desk.events());
  recorded = await house.content(['metrics']);
  await closing(OCTOBER_CLOSES);
  await closing(NOVEMBER_CLOSES);
  novemberClosed = await report();
  await closing(DECEMBER_CLOSES);
  onTime = await report();
});
afterAll(() => house.stop());

test('there is something to see: in final months, of staff and of everybody, something hidden, on time and late', () => {
  expect(Object.keys(onTime)).toHaveLength(CODES.length * (MONTHS.length + 1));
  expect(seenIn(onTime, CAOSHIJIE, '2026-10')).toMatchObject({ status: 'final', received: 0, computedAt: instant(OCTOBER_CLOSES) });
  expect(seenIn(onTime, '51', RATED)).toMatchObject({ status: 'final', received: 7, closed: 4, resolved: [3, 6] });
  expect(seenIn(onTime, DACISI, '2026-12')).toMatchObject({ status: 'final', received: 1, resolved: [0, 1] });
  expect(onTime[`510104 ${RATED} everybody`]).toContain('"small"');
});

/** Nothing has been counted, and this is known. */
const begin = async (from: Content = recorded, more: readonly RequestEvent[] = []): Promise<void> => {
  await house.restore(from, await house.content(['metrics']));
  await desk.recordAll(more);
};
const closing = (time: string): Promise<void> => desk.run('monthlyMetrics', moment(time));
const refresh = (time: string): Promise<void> => desk.run('metricsRefresh', moment(time));

type Report = Readonly<Record<string, string>>;
type Get = (path: string, as?: TokenClaims) => Promise<{ readonly text: string; readonly status: number }>;
/** All that is answered of these months, as it is sent: to an auditor, and to everybody where there is something to hide. */
const reportOf = async (get: Get, months: readonly string[], readers = [auditor, undefined]): Promise<Report> => {
  const asked = CODES.flatMap((division) =>
    months.flatMap((month) => (month === RATED ? readers : [auditor]).map((as) => [division, month, as] as const)),
  );
  return Object.fromEntries(
    await Promise.all(
      asked.map(async ([division, month, as]) => {
        const { text, status } = await get(`/v1/metrics?division=${division}&month=${month}`, as);
        expect([division, text, status]).toEqual([division, text, 200]);
        return [`${division} ${month} ${as?.sub ?? 'everybody'}`, text] as const;
      }),
    ),
  );
};
const report = (months: readonly string[] = MONTHS): Promise<Report> => reportOf(house.get, months);
/** The same of the month while it lasts: nothing of it is hidden yet from anybody who sees it. */
const openReport = (): Promise<Report> => reportOf(house.get, [RATED], [auditor]);

const ofMonth = (all: Report, month: string): Report => Object.fromEntries(Object.entries(all).filter(([of]) => of.includes(` ${month} `)));

const COMPUTED_AT = /"computedAt":(?:"[^"]*"|null)/;
/** The same, whenever each figure was computed. */
const withoutMoments = (all: Report): Report =>
  Object.fromEntries(Object.entries(all).map(([of, text]) => [of, text.replace(COMPUTED_AT, '')]));
const momentsIn = (all: Report): Readonly<Record<string, string | null>> =>
  Object.fromEntries(Object.entries(all).map(([of, text]) => [of, (JSON.parse(text) as { computedAt: string | null }).computedAt]));

interface Seen {
  readonly status: string;
  readonly revision: number;
  readonly computedAt: string | null;
  readonly received: number;
  readonly closed: number;
  readonly resolved: readonly [number, number];
}
const seenBy = (text: string): Seen => {
  const body = JSON.parse(text);
  const of = (id: string): { numerator: number; denominator: number } => body.indicators.find((each: { id: string }) => each.id === id);
  const { numerator, denominator } = of('resolvedOnTimeRate');
  return {
    status: body.status,
    revision: body.revision,
    computedAt: body.computedAt,
    received: of('requestsReceived').numerator,
    closed: of('requestsClosed').numerator,
    resolved: [numerator, denominator],
  };
};
const seenIn = (all: Report, division: string, month: string): Seen => seenBy(all[`${division} ${month} ${auditor.sub}`] ?? '');
const seen = async (division: string, month: string): Promise<Seen> =>
  seenBy((await house.get(`/v1/metrics?division=${division}&month=${month}`, auditor)).text);

describe('three times for one moment', () => {
  const WITHIN = '2026-11-20 10:00';
  let refreshed: Report;
  let closed: Report;

  test('each when the one before is done', async () => {
    await begin();
    await refresh(WITHIN);
    refreshed = await openReport();
    expect(seenIn(refreshed, SHUIJINGFANG, RATED)).toMatchObject({ status: 'provisional', received: 3, closed: 3 });
    for (let more = 0; more < 2; more++) await refresh(WITHIN);
    expect(await openReport()).toEqual(refreshed);
    await closing(NOVEMBER_CLOSES);
    closed = await report([RATED]);
    expect(seenIn(closed, SHUIJINGFANG, RATED)).toMatchObject({ status: 'final', received: 4, closed: 3 });
    for (let more = 0; more < 2; more++) await closing(NOVEMBER_CLOSES);
    expect(await report([RATED])).toEqual(closed);
  });

  // Over HTTP, this is below.
  test('all at once', async () => {
    const thrice = async (name: 'metricsRefresh' | 'monthlyMetrics', time: string): Promise<void> => {
      await Promise.all([1, 2, 3].map(() => house.schedule(name, moment(time))));
      await desk.workAll();
    };
    await begin();
    await thrice('metricsRefresh', WITHIN);
    expect(await openReport()).toEqual(refreshed);
    await thrice('monthlyMetrics', NOVEMBER_CLOSES);
    expect(await report([RATED])).toEqual(closed);
  });
});

describe('hours late', () => {
  /** What happens in the hours between the moment and the run. */
  const eventsOf = async (rows: readonly Row[]): Promise<readonly RequestEvent[]> => {
    await takeIn(house.post, rows);
    return desk.events();
  };

  test('a refresh tells how it was at its moment and a closing how the month ended, and the next one what has come since', async () => {
    const before = await eventsOf([
      ['r1', DACISI, '2026-11-20 08:00'],
      ['r2', DACISI, '2026-11-20 10:00'],
      ['c1', CAOSHIJIE, '2026-11-29 09:00'],
    ]);
    await begin(recorded, before);
    await refresh('2026-11-20 10:00');
    const refreshed = await openReport();
    expect(seenIn(refreshed, DACISI, RATED)).toMatchObject({ status: 'provisional', received: 2 });

    house.turnTo(moment('2026-11-20 15:00'));
    const after = await eventsOf([
      ['r1', DACISI, '2026-11-20 08:00', '2026-11-20 11:00'],
      ['r3', DACISI, '2026-11-20 10:00:00.001'],
      ['r4', ZONGFULU, '2026-11-20 12:00', '2026-11-20 13:00'],
    ]);
    await begin(recorded, [...before, ...after]);
    await refresh('2026-11-20 10:00');
    expect(await openReport()).toEqual(refreshed);

    await refresh('2026-11-20 15:00');
    const latest = await openReport();
    expect(seenIn(latest, DACISI, RATED)).toMatchObject({ received: 3, closed: 1, computedAt: instant('2026-11-20 15:00') });
    // And one that comes after a later one takes nothing back.
    await refresh('2026-11-20 11:00');
    expect(await openReport()).toEqual(latest);

    const known = await house.content(['metrics']);
    await closing(NOVEMBER_CLOSES);
    const closed = await report([RATED]);
    expect(seenIn(closed, CAOSHIJIE, RATED)).toMatchObject({ status: 'final', received: 2, closed: 0 });

    house.turnTo(moment('2026-12-01 07:00'));
    const since = await eventsOf([
      ['c1', CAOSHIJIE, '2026-11-29 09:00', '2026-12-01 03:00'],
      ['c2', SHUIJINGFANG, '2026-12-01 00:30:00.001', '2026-12-01 05:00'],
    ]);
    await begin(known, since);
    await closing(NOVEMBER_CLOSES);
    expect(await report([RATED])).toEqual(closed);
    expect(await seen(CAOSHIJIE, '2026-12')).toMatchObject({ closed: 0 });
    expect(await seen(SHUIJINGFANG, '2026-12')).toMatchObject({ received: 0 });

    await refresh('2026-12-01 07:00');
    expect(await report([RATED])).toEqual(closed);
    expect(await seen(CAOSHIJIE, '2026-12')).toMatchObject({ closed: 1, resolved: [1, 1] });
    expect(await seen(SHUIJINGFANG, '2026-12')).toMatchObject({ received: 1, closed: 1, computedAt: instant('2026-12-01 07:00') });
  });
});

/** Months whose end is easily missed: what happens in the last millisecond and in the first one after it. */
const ENDS = [
  ['2027-02', '2027-02-28', '2027-03'],
  ['2028-02', '2028-02-29', '2028-03'],
  ...(LONG ? [['2026-12', '2026-12-31', '2027-01'] as const, ['2100-02', '2100-02-28', '2100-03'] as const] : []),
] as const;

describe.each(ENDS)('the end of %s, %s', (month, lastDay, next) => {
  const [last, first] = [`${lastDay} 23:59:59.999`, `${next}-01 00:00:00.000`];
  /** Seven days of 24 hours before them. */
  const weekBefore = (time: string): string =>
    new Date(Date.parse(moment(time)) - (7 * 24 - 8) * 3_600_000).toISOString().slice(0, 23).replace('T', ' ');
  const rows: readonly Row[] = [
    [`${month}-requestedLast`, SHUIJINGFANG, last],
    [`${month}-requestedFirst`, DACISI, first, first],
    [`${month}-closedLast`, ZONGFULU, `${lastDay} 09:00`, last],
    [`${month}-closedFirst`, ZONGFULU, `${lastDay} 09:00`, first],
    [`${month}-dueLast`, CAOSHIJIE, weekBefore(last)],
    [`${month}-dueFirst`, CAOSHIJIE, weekBefore(first)],
  ];
  let known: readonly RequestEvent[];
  let closed: Report = {};
  beforeAll(async () => {
    await takeIn(house.post, rows);
    known = await desk.events();
  });

  test('a millisecond decides to which month it belongs, and whether it is late in it', async () => {
    await begin(empty, known);
    // A refresh at 00:00 of the 1st sees all of the month before.
    await refresh(`${next}-01 00:00`);
    expect(await seen(ZONGFULU, month)).toMatchObject({ status: 'provisional', received: 2, closed: 1, resolved: [1, 1] });
    expect(await seen(CAOSHIJIE, month)).toMatchObject({ status: 'provisional', resolved: [0, 1] });
    // What happens at that very moment is in it, and what is due at it is not late yet.
    expect(await seen(DACISI, next)).toMatchObject({ received: 1, closed: 1 });
    expect(await seen(CAOSHIJIE, next)).toMatchObject({ resolved: [0, 1] });

    await closing(`${next}-01 00:30`);
    const final = { status: 'final', revision: 1 };
    expect(await seen(SHUIJINGFANG, month)).toMatchObject({ ...final, received: 1, closed: 0, resolved: [0, 0] });
    expect(await seen(DACISI, month)).toMatchObject({ ...final, received: 0, closed: 0, resolved: [0, 0] });
    expect(await seen(ZONGFULU, month)).toMatchObject({ ...final, received: 2, closed: 1, resolved: [1, 1] });
    expect(await seen(CAOSHIJIE, month)).toMatchObject({ ...final, received: 2, closed: 0, resolved: [0, 1] });
    expect(await seen('51', month)).toMatchObject({ ...final, received: 5, closed: 1, resolved: [1, 2] });
    expect(await seen(DACISI, next)).toMatchObject({ status: 'provisional', received: 1, closed: 1, resolved: [1, 1] });
    expect(await seen(ZONGFULU, next)).toMatchObject({ status: 'provisional', received: 0, closed: 1, resolved: [1, 1] });
    expect(await seen(CAOSHIJIE, next)).toMatchObject({ computedAt: instant(`${next}-01 00:30`), received: 0, resolved: [0, 2] });
    closed = await report([month]);
  });

  test('at 00:00 of the 1st, a closing closes the month before; a second earlier it does not', async () => {
    await begin(empty, known);
    await closing(`${lastDay} 23:59:59`);
    expect(await seen('51', month)).toMatchObject({ status: 'provisional', received: 4 });
    await closing(`${next}-01 00:00`);
    expect(withoutMoments(await report([month]))).toEqual(withoutMoments(closed));
  });
});

describe('a missed closing', () => {
  test('is made up for by the next one: the months between are final, too, with what they would have had; late, it changes nothing', async () => {
    await begin();
    await closing(DECEMBER_CLOSES);
    const late = await report();
    expect(withoutMoments(late)).toEqual(withoutMoments(onTime));
    // Where there is a figure and where there is none.
    expect(seenIn(late, CAOSHIJIE, '2026-10')).toMatchObject({ status: 'final', revision: 1, received: 0 });
    expect(new Set(Object.values(momentsIn(late)))).toEqual(new Set([instant(DECEMBER_CLOSES)]));
    await closing(OCTOBER_CLOSES);
    await closing(NOVEMBER_CLOSES);
    expect(await report([RATED])).toEqual(ofMonth(late, RATED));
  });
});

describe('while nothing happens', () => {
  /** A quarter of a day each: deadlines pass between them. */
  const times = Array.from({ length: 4 * 80 }, (_, index) =>
    new Date(Date.parse(moment('2026-10-12 06:00')) + index * 6 * 3_600_000).toISOString(),
  );
  const closings = [OCTOBER_CLOSES, NOVEMBER_CLOSES, DECEMBER_CLOSES].map(instant);
  const play = async (refreshes: readonly string[], closes: readonly string[]): Promise<Report> => {
    await begin();
    for (const time of [...refreshes, ...closes].toSorted())
      await desk.run(closes.includes(time) ? 'monthlyMetrics' : 'metricsRefresh', time);
    return report();
  };

  test('figures that were counted while their month lasted come to the same, whether and when they were', async () => {
    const moments = momentsIn(onTime);
    const seed = newSeed('refreshes');
    await fc.assert(
      fc.asyncProperty(
        fc.subarray(times, { minLength: 1, maxLength: LONG ? 6 : 3 }),
        fc.subarray(closings.slice(0, -1)),
        async (refreshes, closes) => {
          const all = [...closes, closings.at(-1) ?? ''];
          const disturbed = await play(refreshes, all);
          expect(withoutMoments(disturbed)).toEqual(withoutMoments(onTime));
          const missed = all.length < closings.length;
          for (const [of, at] of Object.entries(momentsIn(disturbed))) {
            const was = moments[of] ?? null;
            // A refresh moves a figure earlier, and a closing that was missed later; without both it keeps its moment.
            const isOne = at === was || (at !== null && [...refreshes, ...all].includes(at));
            expect([of, at, isOne && (missed || String(at) <= String(was))]).toEqual([of, at, true]);
          }
        },
      ),
      { seed, numRuns: LONG ? 60 : 1 },
    );
  });
});

describe('at once', () => {
  let world: World;
  const fire = (name: string, time: string): Promise<{ status: number; text: string }> =>
    world.call('POST', `/dev/schedules/${name}`, { body: { time: moment(time) } });
  const fireAll = async (all: readonly (readonly [name: string, time: string])[]): Promise<void> => {
    for (const { status, text } of await Promise.all(all.map(([name, time]) => fire(name, time))))
      expect([text, status]).toEqual([text, 200]);
    await expectNothingParked(world);
  };

  beforeAll(async () => {
    world = await startWorld({ at: moment('2026-11-02 09:00') });
    await happen(world);
    await world.settle();
    await fireAll([['monthlyMetrics', OCTOBER_CLOSES]]);
  });
  afterAll(() => world.stop());

  test('two closings, and a third, of one month', async () => {
    await fireAll(Array.from({ length: 3 }, () => ['monthlyMetrics', NOVEMBER_CLOSES] as const));
    expect(await reportOf(world.get, MONTHS)).toEqual(novemberClosed);
  });

  test('a closing between refreshes', async () => {
    await fireAll([
      ['metricsRefresh', '2027-01-01 00:00'],
      ['monthlyMetrics', DECEMBER_CLOSES],
      ['metricsRefresh', '2027-01-01 01:00'],
    ]);
    // December may have been counted by the refresh half an hour before it was closed.
    expect(withoutMoments(await reportOf(world.get, ['2026-12']))).toEqual(withoutMoments(ofMonth(onTime, '2026-12')));
    expect(await reportOf(world.get, [RATED])).toEqual(ofMonth(onTime, RATED));
  });

  test('the closings of two months: both are final', async () => {
    await fireAll([
      ['monthlyMetrics', '2027-03-01 00:30'],
      ['monthlyMetrics', '2027-02-01 00:30'],
      ['monthlyMetrics', '2027-03-01 00:30'],
    ]);
    for (const month of ['2027-01', '2027-02']) {
      const { text } = await world.get(`/v1/metrics?division=51&month=${month}`, auditor);
      const resolved = month === '2027-01' ? [0, 4] : [0, 3];
      expect([month, seenBy(text)]).toMatchObject([month, { status: 'final', revision: 1, received: 0, resolved }]);
    }
    expect(await reportOf(world.get, [RATED])).toEqual(ofMonth(onTime, RATED));
  });
});
