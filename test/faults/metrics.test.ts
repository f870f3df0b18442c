/** Metrics whose functions die between any two of their calls, hear of things twice and in any order, and read what is no longer so. */
import * as fc from 'fast-check';
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { recordFacts } from '../../functions/metrics/record-facts.ts';
import { INDICATORS } from '../../functions/metrics/sources.ts';
import type { TokenClaims } from '../../lib/local/issuer.ts';
import { figuresIn, openDesk, outcome, state, type Desk, type RequestEvent } from '../metrics/support/pieces.ts';
import { LONG, newSeed, seeded, type CallSeen } from '../support/faults.ts';
import { openHouse, type Content, type House, type StoredItem } from '../support/house.ts';
import { countyDispatcher, DACISI, dispatcher, otherWorker, resident, SHUIJINGFANG } from '../support/people.ts';
import { requestAt } from '../support/stages.ts';
import { ADMIN } from '../support/world.ts';

vi.setConfig({ testTimeout: LONG ? 900_000 : 60_000, hookTimeout: 60_000 });

const CLOSING = '2026-12-01T00:30:00+08:00';
const LATER = '2026-12-02T10:00:00+08:00';
const REASON = { reason: '测试' };
/** Of the other county, and of another province. */
const QINGYANG = '510105006001';
const GUIYANG = '520102001001';

let house: House;
let desk: Desk;
/** Everything that happened before the closing, in its order. */
let events: readonly RequestEvent[];
/** What happens to what is closed: a rating is struck, and a file is corrected. */
let lateEvents: readonly RequestEvent[];
/** Nothing recorded; all recorded; closed; and all that came late recorded, too. */
let empty: Content;
let recorded: Content;
let closed: Content;
let lateRecorded: Content;
/** What each run comes to when nothing goes wrong. */
let afterClosing: Content;
let afterRefresh: Content;

const now = (): Promise<Content> => house.content(['metrics']);
const reset = async (to: Content): Promise<void> => {
  await house.faults.revive();
  await house.restore(to, await now());
};
const post = async (path: string, as: TokenClaims, body: unknown): Promise<{ id: string }> => {
  const answer = await house.post(path, as, body);
  expect([path, answer.text, answer.status < 300]).toEqual([path, answer.text, true]);
  return answer.body;
};
const act = (id: string, action: string, as: TokenClaims, body: unknown = {}): Promise<unknown> =>
  post(`/v1/requests/${id}/${action}`, as, body);
const rectify = (id: string, action: string, as: TokenClaims, body: unknown): Promise<unknown> =>
  post(`/v1/rectifications/${id}/${action}`, as, body);

const row = (id: string, more: Readonly<Record<string, string>> = {}) => ({
  service_request_id: id,
  requested_datetime: '2026-11-03T09:00:00+08:00',
  service_name: 'imported',
  description: '历史诉求',
  community: DACISI,
  closed_date: '2026-11-05T09:00:00+08:00',
  ...more,
});
const takeIn = async (rows: readonly object[]): Promise<void> => {
  const { errors } = (await post('/v1/imports/requests', ADMIN, {
    rows: rows.map((each, index) => ({ line: index + 2, ...each })),
  })) as unknown as {
    errors: unknown[];
  };
  expect(errors).toEqual([]);
};

/** A community in another province. */
const makeGuiyang = async (where: House): Promise<void> => {
  const made = await where.post('/v1/imports/divisions', ADMIN, {
    rows: [
      ['52', '贵州省'],
      ['5201', '贵阳市'],
      ['520102', '南明区'],
      ['520102001', '某街道'],
      [GUIYANG, '某社区'],
    ].map(([code, name], index) => ({ line: index + 2, code, name })),
  });
  expect(made.body.errors).toEqual([]);
};

beforeAll(async () => {
  house = await openHouse({ at: '2026-11-02T09:00:00+08:00' });
  await makeGuiyang(house);
  empty = await now();
  desk = await openDesk(house);

  const rated = async (level: number, more = {}): Promise<string> => {
    const id = await requestAt(house.post, 'resolved', more);
    house.turn(60_000);
    await act(id, 'rating', resident, { level });
    return id;
  };
  for (const level of [5, 4, 1, 3, 5]) await rated(level);
  house.turnTo('2026-11-24T09:00:00+08:00');
  const bad = await rated(2);
  const open = await requestAt(house.post, 'accepted');
  const again = await rated(4);
  house.turn(60_000);
  await act(again, 'reopen', resident, REASON);
  house.turn(60_000);
  const moved = await requestAt(house.post, 'submitted');
  await act(moved, 'transfer', dispatcher, { community: DACISI, ...REASON });
  await requestAt(house.post, 'submitted', { service: 'urgentHelp' });
  await takeIn([row('a'), row('b'), row('c', { closed_date: '' }), row('d', { community: QINGYANG }), row('e', { community: GUIYANG })]);
  const listed = await house.get('/v1/rectifications?division=510104017', dispatcher);
  const rectification: string = listed.body.items.find((each: { request: string }) => each.request === bad).id;
  // Marked hard, it is due in December.
  await rectify(rectification, 'callback', otherWorker, { outcome: 'confirmed', note: '属实', hard: true });
  house.turn(60_000);
  await rectify(rectification, 'appeal', dispatcher, REASON);
  events = await desk.events();

  house.turnTo('2026-12-01T09:00:00+08:00');
  await rectify(rectification, 'review', countyDispatcher, { ruling: 'struck', ...REASON });
  await act(open, 'cancel', resident);
  // Moved to another community of the street, and closed after all.
  await takeIn([row('a', { community: SHUIJINGFANG }), row('c'), row('e', { community: QINGYANG })]);
  lateEvents = await desk.events();

  await desk.recordAll(events);
  recorded = await now();
  await desk.run('monthlyMetrics', CLOSING);
  afterClosing = await now();
  closed = afterClosing;
  await desk.recordAll(lateEvents);
  lateRecorded = await now();
  await desk.run('metricsRefresh', LATER);
  afterRefresh = await now();
});
afterAll(() => house.stop());
beforeEach(() => house.faults.revive());

/** The last event of each thing alone. */
const lastOf = (all: readonly RequestEvent[]): readonly RequestEvent[] =>
  [...Map.groupBy(all, ({ detail }) => detail.subject).values()].flatMap((ofOne) => ofOne.slice(-1));

/** Every parent is the sum of its children, in every month. */
const expectSums = (content: Content): void => {
  const figures = figuresIn(content) as Readonly<Record<string, Readonly<Record<string, readonly [number, number]>>>>;
  for (const key of Object.keys(figures)) {
    const [division = '', month = ''] = key.split(' ');
    if (division.length === 12) continue;
    const length = { 2: 4, 4: 6, 6: 9, 9: 12 }[division.length];
    const children = Object.keys(figures).filter((each) => {
      const [code = '', of] = each.split(' ');
      return of === month && code.length === length && code.startsWith(division);
    });
    const sums: Record<string, [number, number]> = {};
    for (const child of children)
      for (const [id, [n, d]] of Object.entries(figures[child] ?? {})) sums[id] = [(sums[id]?.[0] ?? 0) + n, (sums[id]?.[1] ?? 0) + d];
    const without = (all: object): object =>
      Object.fromEntries(
        Object.entries(all)
          .filter(([, [n, d]]) => n !== 0 || d !== 0)
          .toSorted(),
      );
    expect([key, without(figures[key] ?? {})]).toEqual([key, without(sums)]);
  }
};

test('there is something to lose: figures at every level, revisions, and what is hidden', () => {
  expectSums(afterClosing);
  expectSums(afterRefresh);
  const items = Object.entries(outcome(afterRefresh));
  for (const prefix of [
    'FIGURES##2026-11',
    'FIGURES#510104017#2026-11',
    'FIGURES#5201#2026-11',
    'REVISIONS#51#2026-11',
    'CLOSINGS',
    'STATE',
  ])
    expect([prefix, items.some(([key]) => key.startsWith(prefix))]).toEqual([prefix, true]);
  expect(JSON.stringify(items)).toContain('"small"');
  expect(JSON.stringify(items)).toContain('"secondary"');
  const [revised] = items.flatMap(([key, item]) => (key === 'FIGURES##2026-11 / 51' ? [item as { revision: number }] : []));
  expect(revised?.revision).toBe(2);
});

const IS_WRITE = /^(?:Put|Delete|TransactWrite)/;

type Point = readonly [at: number, when: 'before' | 'after'];

interface Written {
  readonly Item?: StoredItem;
  readonly Key?: StoredItem;
}
/** What a call writes, so far as it matters: items of which kind, of which level, in which state. */
const kindOf = ({ command, input }: CallSeen): string => {
  const { TransactItems: all } = input as { readonly TransactItems?: readonly Readonly<Record<string, Written>>[] };
  const items = (all?.flatMap((each) => Object.values(each)) ?? [input as Written]).map(({ Item: item, Key: key }) => item ?? key);
  const kinds = items.map((item) => {
    const run = item?.['run'] as { readonly status?: string } | undefined;
    const level = item?.pk.startsWith('FIGURES') ? item.sk.length : '';
    const judgement = [item?.['judged'], item?.['hides'], item?.['below']].map((each) => each !== undefined);
    return [item?.pk.split('#')[0], level, item?.['change'], run?.status, ...judgement].join(' ');
  });
  return `${command}: ${kinds.join(', ')}`;
};

/** In short, where something has died already. */
const DIED = new Set<string>();

/**
 * Every point at which some work could die: before each of its calls and after each. In short, before a write of each kind and after the very
 * last, since what only reads leaves nothing behind.
 */
const pointsOf = async (start: Content, work: () => Promise<unknown>): Promise<readonly Point[]> => {
  await reset(start);
  const all: Point[] = [];
  const firsts: Point[] = [];
  let last: readonly Point[] = [];
  house.faults.watch((call) => {
    const at = house.faults.calls();
    all.push([at, 'before'], [at, 'after']);
    if (!IS_WRITE.test(call.command)) return;
    if (DIED.size < DIED.add(kindOf(call)).size) firsts.push([at, 'before']);
    last = [[at, 'after']];
  });
  await work();
  house.faults.watch(undefined);
  return LONG ? all : [...firsts, ...last];
};

/** Dies at each point, is asked again, and must have come to the same. */
const expectSame = async (start: Content, work: () => Promise<unknown>): Promise<void> => {
  const points = await pointsOf(start, work);
  let after = await now();
  const expected = state(after);
  for (const [at, when] of points) {
    const point = `${when} call ${at}`;
    await house.restore(start, after);
    house.faults.crashAt(at, when);
    await work().catch(() => undefined);
    expect([point, house.faults.hasCrashed()]).toEqual([point, true]);
    await house.faults.revive();
    await work();
    after = await now();
    expect([point, state(after)]).toEqual([point, expected]);
  }
};

/** In short, one of each level. */
const CRASHED = new Set(['county#510104', 'city#5101', 'province#51']);

const FACTS = /^(?:FACT|SUBJECT)/;
const factsIn = (content: Content): Readonly<Record<string, unknown>> =>
  Object.fromEntries(
    [...(content['metrics']?.values() ?? [])]
      .filter(({ pk }) => FACTS.test(pk))
      // A place from which a thing has gone counts nothing, and is there only where it has been.
      .filter(({ moments }) => !Array.isArray(moments) || moments.length > 0)
      .map(({ pk, sk, requestId: _requestId, places, ...item }): [string, unknown] => [
        `${pk} / ${sk}`,
        {
          ...item,
          ...(places === undefined
            ? {}
            : {
                places: Object.fromEntries(
                  Object.entries(places as Record<string, string>)
                    .filter(([, digest]) => digest !== 'gone')
                    .toSorted(),
                ),
              }),
        },
      ])
      .toSorted(([a], [b]) => (a < b ? -1 : 1)),
  );

/** Months that are to be counted again. */
const marksIn = (content: Content): readonly string[] =>
  [...(content['metrics']?.values() ?? [])].filter(({ pk, month }) => pk.startsWith('LEAVES#') && month !== undefined).map(({ sk }) => sk);

describe('a crash before and after every call, and then again', () => {
  test('of record-facts, for each event of what was closed already: the same facts, and all of them are counted', async () => {
    await reset(closed);
    // In short, one of each type.
    const types = Map.groupBy(lateEvents, (event) => event['detail-type']);
    for (const event of LONG ? lateEvents : [...types.values()].flatMap((all) => all.slice(-1))) {
      DIED.clear();
      // Those before it have been counted: nothing but this event says that there is something to count.
      await desk.run('metricsRefresh', '2026-12-01T12:00:00+08:00');
      const start = await now();
      const points = await pointsOf(start, () => desk.record(event));
      const recordedOnce = await now();
      const [facts, marks] = [factsIn(recordedOnce), marksIn(recordedOnce)];
      if (LONG) await desk.run('metricsRefresh', LATER);
      const figures = figuresIn(await now());
      for (const [at, when] of points) {
        const point = `${event['detail-type']}, ${when} call ${at}`;
        await reset(start);
        house.faults.crashAt(at, when);
        await desk.record(event).catch(() => undefined);
        expect([point, house.faults.hasCrashed()]).toEqual([point, true]);
        await house.faults.revive();
        await desk.record(event);
        const after = await now();
        expect([point, factsIn(after)]).toEqual([point, facts]);
        // Everything that has changed is to be counted; what has not may be, too.
        expect([point, marksIn(after)]).toEqual([point, expect.arrayContaining([...marks])]);
        if (!LONG) continue;
        await desk.run('metricsRefresh', LATER);
        expect([point, figuresIn(await now())]).toEqual([point, figures]);
      }
      await reset(recordedOnce);
    }
  });

  test('of the schedule that closes a month', () => expectSame(recorded, () => house.schedule('monthlyMetrics', CLOSING)));

  test('of the schedule that refreshes', () => expectSame(lateRecorded, () => house.schedule('metricsRefresh', LATER)));

  const eachPiece = async (
    start: Content,
    schedule: 'monthlyMetrics' | 'metricsRefresh',
    time: string,
    expected: Content,
  ): Promise<void> => {
    await reset(start);
    await house.schedule(schedule, time);
    for (;;) {
      const [piece] = await desk.planned();
      if (piece === undefined) break;
      if (LONG || CRASHED.has(piece)) await expectSame(await now(), () => desk.work(piece));
      else await desk.work(piece);
    }
    expect(outcome(await now())).toEqual(outcome(expected));
  };

  test('of the pieces of a closing', () => eachPiece(recorded, 'monthlyMetrics', CLOSING, afterClosing));

  test('of the pieces of a refresh that revises', () => eachPiece(lateRecorded, 'metricsRefresh', LATER, afterRefresh));
});

describe('while a run works', () => {
  test('the same schedule fires again after something has been recorded in a county of a city that is done: nothing is left out', async () => {
    await reset(empty);
    const isOf = (event: RequestEvent, community: string): boolean => JSON.stringify(event.detail.data).includes(community);
    await desk.recordAll(events.filter((event) => !isOf(event, QINGYANG)));
    await house.schedule('monthlyMetrics', CLOSING);
    for (const piece of ['county#510104', 'city#5101', 'province#51']) await desk.work(piece);
    await desk.recordAll(events.filter((event) => isOf(event, QINGYANG)));
    await house.schedule('monthlyMetrics', CLOSING);
    await desk.workAll();
    await desk.run('metricsRefresh', '2026-12-01T01:00:00+08:00');
    expectSums(await now());
    expect(figuresIn(await now())).toEqual(figuresIn(afterClosing));
  });

  test('a piece that is worked on twice at once, the first time from before an event: what was recorded is counted', async () => {
    await reset(empty);
    const [last] = events.filter((event) => event['detail-type'] === 'serviceRequest.resolved').slice(-1);
    await desk.recordAll(events.filter((event) => event !== last && event.detail.subject !== last?.detail.subject));
    await house.schedule('monthlyMetrics', CLOSING);
    // The first stops before it writes its first figure.
    let goOn = (): void => undefined;
    const waits = new Promise<void>((resolve) => (goOn = resolve));
    let stopped = (): void => undefined;
    const isStopped = new Promise<void>((resolve) => (stopped = resolve));
    let isFirst = true;
    house.faults.watch(({ input }) => {
      const items = [input, ...((input['TransactItems'] ?? []) as { Put?: object }[]).map(({ Put: put }) => put ?? {})] as {
        Item?: { pk?: string };
      }[];
      if (!isFirst || !items.some(({ Item: item }) => item?.pk?.startsWith('FIGURES'))) return undefined;
      stopped();
      return waits;
    });
    const first = desk.work('county#510104').catch(() => undefined);
    await isStopped;
    isFirst = false;
    if (last !== undefined) await desk.recordAll(events.filter((event) => event.detail.subject === last.detail.subject));
    await desk.work('county#510104');
    goOn();
    await first;
    house.faults.watch(undefined);
    await desk.workAll();
    await desk.run('metricsRefresh', '2026-12-01T01:00:00+08:00');
    expect(figuresIn(await now())).toEqual(figuresIn(afterClosing));
    expectSums(await now());
  });

  test('closings that come while another run works are all closed, in whatever order they come', async () => {
    await reset(recorded);
    await house.schedule('metricsRefresh', '2026-12-01T00:00:00+08:00');
    await house.schedule('monthlyMetrics', CLOSING);
    await house.schedule('monthlyMetrics', '2026-11-01T00:30:00+08:00');
    await desk.workAll();
    const closings = Object.keys(outcome(await now())).filter((key) => key.startsWith('CLOSINGS'));
    expect(closings).toContain('CLOSINGS / 2026-11');
  });
});

test('what has moved within a street whose sum it does not change is judged all the same, and shown to the public', async () => {
  await reset(lateRecorded);
  await desk.run('metricsRefresh', LATER);
  const seen = async (): Promise<readonly unknown[]> =>
    Promise.all(
      [SHUIJINGFANG, DACISI].map(async (code) => {
        const { body } = await house.get(`/v1/metrics?division=${code}&month=2026-11`);
        return [code, body.status, body.indicators.length];
      }),
    );
  expect(await seen()).toEqual([
    [SHUIJINGFANG, 'final', INDICATORS.length],
    [DACISI, 'final', INDICATORS.length],
  ]);
  await desk.events();
  await takeIn([row('b', { community: SHUIJINGFANG })]);
  await desk.recordAll(await desk.events());
  await desk.run('metricsRefresh', '2026-12-03T10:00:00+08:00');
  const revisions = await Promise.all(
    [SHUIJINGFANG, DACISI, '510104017'].map(async (code) => (await house.get(`/v1/metrics?division=${code}&month=2026-11`)).body.revision),
  );
  expect(revisions).toEqual([3, 3, 2]);
  expect(await seen()).toEqual([
    [SHUIJINGFANG, 'final', INDICATORS.length],
    [DACISI, 'final', INDICATORS.length],
  ]);
  await takeIn([row('b')]);
  await desk.events();
});

describe('an answer that is lost after the commit', () => {
  test('leaves one effect, whoever wrote', async () => {
    const writes = async (start: Content, work: () => Promise<unknown>, expected: Content): Promise<void> => {
      const lose = async (isLost: (nth: number, call: CallSeen) => boolean): Promise<number> => {
        await reset(start);
        let number = 0;
        house.faults.watch((call) => {
          if (IS_WRITE.test(call.command) && isLost(number++, call)) house.faults.loseAnswer(IS_WRITE);
        });
        await work();
        house.faults.watch(undefined);
        expect(outcome(await now())).toEqual(outcome(expected));
        return number;
      };
      // The first of each kind; in the long form each by itself, too.
      const kinds = new Set<string>();
      const count = await lose((_, call) => kinds.size < kinds.add(kindOf(call)).size);
      for (let only = 0; LONG && only < count; only++) await lose((nth) => nth === only);
    };
    await writes(recorded, () => desk.run('monthlyMetrics', CLOSING), afterClosing);
    await writes(lateRecorded, () => desk.run('metricsRefresh', LATER), afterRefresh);
  });
});

describe('events', () => {
  const subjects = (): readonly (readonly RequestEvent[])[] =>
    [...Map.groupBy([...events, ...lateEvents], ({ detail }) => detail.subject).values()].filter(({ length }) => length > 2);

  test('of one thing twice and in any order make the same facts', async () => {
    const seed = newSeed('facts');
    const all = [...events, ...lateEvents];
    await reset(empty);
    await desk.recordAll(all);
    const expected = await now();
    expect(subjects().length).toBeGreaterThan(5);
    await fc.assert(
      fc.asyncProperty(fc.shuffledSubarray([...all, ...all.slice(0, 10)], { minLength: all.length + 10 }), async (shuffled) => {
        await reset(empty);
        await desk.recordAll(shuffled);
        expect(factsIn(await now())).toEqual(factsIn(expected));
      }),
      { seed, numRuns: LONG ? 60 : 2 },
    );
  });

  test('in any order, counted in between, come to the same figures', async () => {
    const seed = newSeed('figures');
    await fc.assert(
      fc.asyncProperty(
        fc.shuffledSubarray([...events], { minLength: events.length }),
        fc.integer({ min: 1, max: events.length - 1 }),
        async (shuffled, middle) => {
          await reset(empty);
          await desk.recordAll(shuffled.slice(0, middle));
          await desk.run('metricsRefresh', '2026-11-30T23:00:00+08:00');
          await desk.recordAll(shuffled.slice(middle));
          await desk.run('monthlyMetrics', CLOSING);
          expect(figuresIn(await now())).toEqual(figuresIn(afterClosing));
        },
      ),
      { seed, numRuns: LONG ? 60 : 1 },
    );
  });

  test('at once, many for one community: none is lost', async () => {
    await reset(empty);
    const react = recordFacts(house.runtime);
    await Promise.all(
      events.map(async (event) => {
        for (let attempt = 0; ; attempt++) {
          try {
            return await react(event);
          } catch (error) {
            if (attempt === 3) throw error;
          }
        }
      }),
    );
    await desk.run('monthlyMetrics', CLOSING);
    expect(outcome(await now())).toEqual(outcome(afterClosing));
  });
});

describe('bad weather', () => {
  const persistently = async (work: () => Promise<unknown>): Promise<void> => {
    for (let attempt = 0; attempt < 50; attempt++) {
      try {
        await work();
        return;
      } catch {
        // It is tried again, as an event and a schedule are.
      }
    }
    throw new Error('it never gets through');
  };

  test.each(LONG ? [1, 2, 3, 4, 5] : [1])('three in ten calls throttled or in conflict: all of it in the end (seed %i)', async (seed) => {
    const random = seeded(seed);
    await reset(empty);
    // In short, each thing as it is in the end.
    const told = LONG ? events : lastOf(events);
    house.faults.weather({ throttled: 0.3, conflicted: 0.3 }, random);
    for (const event of told) await persistently(() => desk.record(event));
    await persistently(() => house.schedule('monthlyMetrics', CLOSING));
    const workAll = async (): Promise<void> => {
      for (;;) {
        const open = await desk.planned();
        if (open.length === 0) return;
        for (const piece of open) await persistently(() => desk.work(piece));
      }
    };
    await workAll();
    expect(outcome(await now())).toEqual(outcome(afterClosing));
    for (const event of lateEvents) await persistently(() => desk.record(event));
    await persistently(() => house.schedule('metricsRefresh', LATER));
    await workAll();
    house.faults.weather({}, () => 1);
    expect(outcome(await now())).toEqual(outcome(afterRefresh));
  });
});

test('what reactions have made equals what is made from the beginning, into an empty table', async () => {
  await reset(empty);
  await desk.recordAll(lastOf([...events, ...lateEvents]));
  expect(factsIn(await now())).toEqual(factsIn(lateRecorded));
  await desk.run('monthlyMetrics', CLOSING);
  const figures = figuresIn(await now());
  // Where everything has gone from, there is no figure at all.
  for (const [key, sums] of Object.entries(figuresIn(afterRefresh)))
    if (key.endsWith('2026-11')) expect([key, figures[key] ?? {}]).toEqual([key, sums]);
});

test('reads that need not be consistent may all be stale: the same facts, figures, revisions, and what is hidden of them', async () => {
  const other = await openHouse({ at: '2026-12-01T09:00:00+08:00', stale: true });
  try {
    await makeGuiyang(other);
    const there = await openDesk(other);
    const random = seeded(7);
    other.faults.stale({ lag: () => Math.floor(random() * 40), chance: () => true });
    await there.recordAll(LONG ? events : lastOf(events));
    await there.run('monthlyMetrics', CLOSING);
    expect(outcome(await other.content(['metrics']))).toEqual(outcome(afterClosing));
    await there.recordAll(lateEvents);
    await there.run('metricsRefresh', LATER);
    expect(outcome(await other.content(['metrics']))).toEqual(outcome(afterRefresh));
  } finally {
    await other.stop();
  }
});
