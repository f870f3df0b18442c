/**
 * All that is published of small months, before and after they are revised, put together by somebody who wants to know what is hidden. Each
 * month is a world of its own: what was closed and rated in six communities, and what was put right of it later, once or twice.
 */
import { parse } from 'csv-parse/sync';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import type { DivisionCode } from '../../functions/kernel/division.ts';
import { addMonths, type Instant, type Month } from '../../functions/kernel/time.ts';
import type { Life } from '../../functions/metrics/life.ts';
import { inParallel } from '../../functions/kernel/parallel.ts';
import { record } from '../../functions/metrics/record.ts';
import { metricsRepository } from '../../functions/metrics/repository.ts';
import type { TokenClaims } from '../../lib/local/issuer.ts';
import { LONG, seeded } from '../support/faults.ts';
import { openHouse, type Answered, type Content, type House } from '../support/house.ts';
import { countyDispatcher, resident, strangeDispatcher } from '../support/people.ts';
import { ADMIN, DIVISIONS } from '../support/world.ts';
import { auditor } from './support/months.ts';
import { openDesk, type Desk } from './support/pieces.ts';
import { attack, Published, SENSITIVE, type Sensitive } from './support/published.ts';

vi.setConfig({ testTimeout: LONG ? 900_000 : 30_000, hookTimeout: LONG ? 900_000 : 60_000 });

const MORE = [
  ['510104017003', '第三社区'],
  ['510104020002', '第四社区'],
] as const;
const CODES = [...DIVISIONS, ...MORE].map(([code]) => code).toSorted();
const COMMUNITIES = CODES.filter(({ length }) => length === 12);
const PARENTS = CODES.filter(({ length }) => length < 12);
const [A, B, C, D, E, F] = COMMUNITIES as [string, string, string, string, string, string];

/** A request that was closed in the month; how it was rated, and whether what followed from a bad rating was put right on time. */
interface Closed {
  readonly community: string;
  readonly level?: number | undefined;
  readonly fixed?: boolean | undefined;
}
/** What is found out when the month is final: by the number of the request, those that come late included. */
type Correction = { readonly late: Closed } | { readonly struck: number } | { readonly moved: number; readonly to: string };
interface World {
  readonly name: string;
  readonly closed: readonly Closed[];
  readonly revisions: readonly (readonly Correction[])[];
}

const times = <T>(count: number, make: (index: number) => T): readonly T[] => Array.from({ length: count }, (_, index) => make(index));
/** So many requests of a community: rated well, rated badly, and not at all. */
const of = (community: string, good: number, bad = 0, unrated = 0): readonly Closed[] => [
  ...times(good, () => ({ community, level: 5 })),
  ...times(bad, (index) => ({ community, level: 1, fixed: index % 2 === 0 })),
  ...times(unrated, () => ({ community })),
];
const late = (community: string, level?: number): Correction => ({ late: { community, level, ...(level === 1 ? { fixed: false } : {}) } });

const TOLD: readonly World[] = [
  { name: 'one in the whole country, and it is struck', closed: of(A, 1), revisions: [[{ struck: 0 }]] },
  { name: 'nothing, and then one', closed: [], revisions: [[late(A, 5)], [late(B, 1)]] },
  { name: 'five become four, and five again', closed: of(A, 3, 2), revisions: [[{ struck: 4 }], [late(A, 4)]] },
  { name: 'four become five', closed: [...of(A, 2, 2), ...of(B, 6), ...of(C, 4, 3)], revisions: [[late(A, 5)]] },
  { name: 'what is shown loses one', closed: [...of(A, 2), ...of(B, 4, 2), ...of(C, 5, 3)], revisions: [[{ struck: 12 }]] },
  {
    name: 'what is hidden to protect another loses one',
    closed: [...of(A, 1, 1), ...of(B, 4, 2), ...of(C, 5, 3)],
    revisions: [[{ struck: 7 }]],
  },
  { name: 'moved within the street', closed: [...of(A, 1, 1), ...of(B, 4, 2), ...of(C, 5, 3)], revisions: [[{ moved: 3, to: C }]] },
  {
    name: 'moved to another county, and on',
    closed: [...of(A, 5), ...of(D, 5, 1), ...of(F, 6)],
    revisions: [[{ moved: 0, to: F }], [{ moved: 0, to: D }]],
  },
  { name: 'nobody is satisfied', closed: [...of(A, 0, 3), ...of(B, 0, 6), ...of(D, 0, 5)], revisions: [[late(D, 1)], [late(A, 5)]] },
  { name: 'few ever rate', closed: [...of(A, 1, 0, 5), ...of(B, 0, 0, 6), ...of(D, 0, 0, 2)], revisions: [[late(B)], [late(B, 5)]] },
  { name: 'the one who rated is struck', closed: [...of(A, 1), ...of(B, 4, 0, 2), ...of(C, 5, 0, 2)], revisions: [[{ struck: 0 }]] },
  {
    name: 'one moves to where there was nobody',
    closed: [...of(A, 4, 2), ...of(B, 4, 2), ...of(D, 3, 2)],
    revisions: [[{ moved: 0, to: E }]],
  },
  {
    name: 'two and four become one and five',
    closed: [...of(A, 1, 1), ...of(B, 2, 2), ...of(C, 5, 3)],
    revisions: [[{ moved: 0, to: B }]],
  },
  {
    name: 'a small street of small communities',
    closed: [...of(A, 1), ...of(B, 1), ...of(C, 0, 1), ...of(D, 6)],
    revisions: [[late(A, 1)]],
  },
];

const generated = (seed: number): World => {
  const random = seeded(seed);
  const below = (limit: number): number => Math.floor(random() * limit);
  const pick = <T>(all: readonly T[]): T => all[below(all.length)] as T;
  const one = (community: string): Closed => {
    const level = pick([undefined, 1, 3, 5, 5]);
    return { community, level, fixed: level === 1 ? pick([true, false, undefined]) : undefined };
  };
  const closed = COMMUNITIES.flatMap((community) => times(pick([0, 0, 1, 2, 4, 5, 6, 7]), () => one(community)));
  const correction = (): Correction => {
    const kind = closed.length === 0 ? 0 : below(4);
    if (kind < 2) return { late: one(pick(COMMUNITIES)) };
    return kind === 2 ? { struck: below(closed.length) } : { moved: below(closed.length), to: pick(COMMUNITIES) };
  };
  return { name: `seed ${seed}`, closed, revisions: times(1 + below(2), () => times(1 + below(2), correction)) };
};

const FIRST = '2023-01' as Month;
/** So many months are published together. */
const BATCH = LONG ? 24 : 15;
const WORLDS: readonly World[] = [...TOLD, ...times((LONG ? 10 : 1) * BATCH - TOLD.length, (index) => generated(index + 1))];
const BATCHES = times(WORLDS.length / BATCH, (index) => WORLDS.slice(index * BATCH, (index + 1) * BATCH));
const MONTHS: readonly Month[] = times(BATCH, (index) => addMonths(FIRST, index));
/** What there are many ways to read is read of every seventh month only. */
const isLookedAt = (month: Month): boolean => LONG || MONTHS.indexOf(month) % 7 === 1;

const onDay = (month: Month, day: number): Instant => `${month}-${String(day).padStart(2, '0')}T02:00:00.000Z` as Instant;

/** A request as it is known: which version, where, and whether its rating counts. */
interface Known extends Closed {
  readonly version: number;
}
const afterCorrections = (known: readonly Known[], corrections: readonly Correction[]): readonly Known[] => {
  const all = [...known];
  const change = (index: number, to: Partial<Closed>): void => {
    const before = all[index];
    if (before !== undefined) all[index] = { ...before, ...to, version: before.version + 1 };
  };
  for (const correction of corrections) {
    if ('late' in correction) all.push({ ...correction.late, version: 1 });
    else if ('struck' in correction) change(correction.struck, { level: undefined, fixed: undefined });
    else change(correction.moved, { community: correction.to });
  }
  return all;
};
/** As it stands after each publication. */
const historyOf = ({ closed, revisions }: World): readonly (readonly Known[])[] => {
  const history: (readonly Known[])[] = [closed.map((each) => ({ ...each, version: 1 }))];
  for (const corrections of revisions) history.push(afterCorrections(history.at(-1) ?? [], corrections));
  return history;
};

const livesOf = (month: Month, number: number, { community: code, level, fixed, version }: Known): readonly Life[] => {
  const community = code as DivisionCode;
  const id = `${month}-${number}`;
  const [requestedAt, respondBy, resolvedAt, ratedAt, due] = [2, 3, 5, 8, 15].map((day) => onDay(month, day)) as [Instant, ...Instant[]];
  const open = { community, phase: 'open', requestedAt, respondBy, respondedAt: requestedAt, resolveBy: due, ratings: [] };
  const resolved = { ...open, phase: 'resolved', resolvedAt };
  const rated = { ...resolved, ratings: [{ at: ratedAt, level }] };
  const rectification = { community, callBackBy: due, fixBy: due, ...(fixed === true ? { calledBackAt: ratedAt, fixedAt: ratedAt } : {}) };
  return [
    {
      kind: 'request',
      id,
      confidential: false,
      version,
      moments: [
        { at: requestedAt, state: open },
        { at: resolvedAt as Instant, state: resolved },
        ...(level === undefined ? [] : [{ at: ratedAt as Instant, state: rated }]),
      ],
    },
    // What has never been does not begin to be gone.
    ...(fixed === undefined && version === 1
      ? []
      : [
          {
            kind: 'rectification',
            id,
            confidential: false,
            version,
            moments: fixed === undefined ? [] : [{ at: ratedAt as Instant, state: rectification }],
          },
        ]),
  ];
};

/** What a division's sensitive figures are in truth. */
const truthOf = (known: readonly Known[], division: string): Readonly<Record<Sensitive, readonly [number, number]>> => {
  const here = known.filter(({ community }) => community.startsWith(division));
  const count = (which: (each: Known) => boolean): number => here.filter(which).length;
  return {
    satisfactionRate: [count(({ level = 0 }) => level >= 3), count(({ level }) => level !== undefined)],
    ratedRate: [count(({ level }) => level !== undefined), here.length],
    rectificationRate: [count(({ fixed }) => fixed === true), count(({ fixed }) => fixed !== undefined)],
  };
};

let house: House;
let desk: Desk;

const AT_ONCE = 12;
const write = async (lives: readonly Life[]): Promise<void> => {
  const repository = metricsRepository(house.runtime.database);
  await inParallel(lives, AT_ONCE, (life) => record(repository, life, `${life.kind}#${life.id}#${life.version}`));
};

const get = async (path: string, as?: TokenClaims): Promise<Answered['body']> => {
  const answer = await house.call('GET', path, { as });
  expect([path, answer.text, answer.status]).toEqual([path, answer.text, 200]);
  return answer.body;
};
const table = async (path: string): Promise<readonly Readonly<Record<string, string>>[]> => {
  const answer = await house.call('GET', path, { headers: { accept: 'text/csv' } });
  expect([path, answer.status]).toEqual([path, 200]);
  return parse(answer.text, { columns: true, bom: true });
};
const product = <A, B>(one: readonly A[], other: readonly B[]): readonly (readonly [A, B])[] =>
  one.flatMap((a) => other.map((b) => [a, b] as const));

/** Reads all that anybody can of these months. */
const readAll = async (published: Published, months: readonly Month[]): Promise<void> => {
  for (const month of months) published.publishedAnew(month);
  await inParallel(product(months, CODES), AT_ONCE, async ([month, division]) => {
    const path = `/v1/metrics?division=${division}&month=${month}`;
    const newest = await get(path);
    published.seen(newest);
    if (!isLookedAt(month)) return;
    for (let revision = 1; revision < newest.revision; revision++) published.told(await get(`${path}&revision=${revision}`));
    published.toldInTable(await table(path));
  });
  await inParallel(product(SENSITIVE, CODES), AT_ONCE, async ([indicator, division]) => {
    const path = `/v1/metrics/series?division=${division}&indicator=${indicator}&from=${MONTHS[0]}&to=${MONTHS.at(-1)}`;
    published.toldInSeries(await get(path));
    if (LONG) published.toldInTable(await table(path));
  });
  await inParallel(product(product(SENSITIVE, PARENTS), months.filter(isLookedAt)), AT_ONCE, async ([[indicator, division], month]) =>
    published.toldOfChildren(await get(`/v1/metrics/children?division=${division}&month=${month}&indicator=${indicator}&limit=100`)),
  );
};

const CLOSING = '2026-11-01T00:30:00+08:00';

interface Played {
  readonly month: Month;
  readonly world: World;
  readonly published: Published;
  readonly history: readonly (readonly Known[])[];
}

/** What there is to write of a world when it is published once more. */
const newLives = ({ month, history }: Played, publication: number): readonly Life[] =>
  (history[publication] ?? []).flatMap((known, number) =>
    known.version === history[publication - 1]?.[number]?.version ? [] : livesOf(month, number, known),
  );

/** Publishes worlds, a month each, and whatever is found out of them later; `whileOpen` is done when all is counted and nothing is final. */
const play = async (worlds: readonly World[], whileOpen: () => Promise<void> = () => Promise.resolve()): Promise<readonly Played[]> => {
  await house.restore(empty, await house.content(['metrics']));
  const published = new Published();
  const all = worlds.map((world, index): Played => ({ month: addMonths(FIRST, index), world, published, history: historyOf(world) }));
  await write(all.flatMap((each) => newLives(each, 0)));
  await desk.run('metricsRefresh', '2026-10-31T10:00:00+08:00');
  await whileOpen();
  await desk.run('monthlyMetrics', CLOSING);
  await readAll(
    published,
    all.map(({ month }) => month),
  );
  for (let publication = 1; all.some(({ history }) => history.length > publication); publication++) {
    const revised = all.filter(({ history }) => history.length > publication);
    await write(revised.flatMap((each) => newLives(each, publication)));
    await desk.run('metricsRefresh', `2026-11-0${publication}T10:00:00+08:00`);
    await readAll(
      published,
      revised.map(({ month }) => month),
    );
  }
  return all;
};

const attackOn = ({ month, published, history }: Played, indicator: Sensitive): ReturnType<typeof attack> =>
  attack(
    published,
    { month, indicator, divisions: CODES },
    (division, publication) => truthOf(history[publication] ?? [], division)[indicator],
  );

let empty: Content;
const played: Played[] = [];
/** Those that were played last: they are still there. */
const lastOnes = (): readonly Played[] => played.slice(-BATCH);
const named = (name: string): Played => played[WORLDS.findIndex((world) => world.name === name)] as Played;

const figuresOf = (indicators: readonly Answered['body'][]): Readonly<Record<string, unknown>> =>
  Object.fromEntries(
    indicators
      .filter(({ id }) => SENSITIVE.some((each) => each === id))
      .map(({ id, numerator, denominator, suppressed }) => [id, suppressed ?? [numerator, denominator]]),
  );

/** What is seen of a month while nothing is final: by the public and by an auditor. */
const MONTH_OPEN = addMonths(
  FIRST,
  TOLD.findIndex(({ name }) => name === 'nobody is satisfied'),
);
const open: { readonly as: TokenClaims | undefined; readonly month: Answered['body'] }[] = [];
const openLists: Answered['body'][] = [];
const lookWhileOpen = async (): Promise<void> => {
  await inParallel(product(CODES, [undefined, auditor]), AT_ONCE, async ([division, as]) => {
    open.push({ as, month: await get(`/v1/metrics?division=${division}&month=${MONTH_OPEN}`, as) });
  });
  await inParallel(product(SENSITIVE, PARENTS), AT_ONCE, async ([indicator, division]) => {
    openLists.push(await get(`/v1/metrics/series?division=${division}&indicator=${indicator}&from=${MONTHS[0]}&to=2026-10`));
    openLists.push(await get(`/v1/metrics/children?division=${division}&month=${MONTH_OPEN}&indicator=${indicator}`));
  });
};

beforeAll(async () => {
  house = await openHouse({ at: '2026-11-24T09:00:00+08:00' });
  const made = await house.post('/v1/imports/divisions', ADMIN, {
    rows: MORE.map(([code, name], index) => ({ line: index + 2, code, name })),
  });
  if (made.body.errors.length > 0) throw new Error(`the test's divisions do not go in: ${made.text}`);
  desk = await openDesk(house);
  empty = await house.content(['metrics']);
  for (const [index, batch] of BATCHES.entries())
    played.push(
      ...(await play(batch, async () => {
        if (index === 0) await lookWhileOpen();
      })),
    );
});
afterAll(() => house.stop());

test('before a month is final, the public sees nothing of what concerns residents; staff and auditors see all', () => {
  expect([open.length, openLists.length]).toEqual([2 * CODES.length, 2 * SENSITIVE.length * PARENTS.length]);
  const [truth] = named('nobody is satisfied').history;
  for (const { as, month } of open) {
    const seen = as === undefined ? {} : truthOf(truth ?? [], month.division);
    expect([month.division, month.status, figuresOf(month.indicators)]).toEqual([month.division, 'provisional', seen]);
  }
  for (const { items } of openLists) expect(items).toEqual([]);
});

test('when it is final, staff and auditors of the division see all of every revision, and nobody else more than the public', async () => {
  const months = lastOnes().filter(({ month }) => isLookedAt(month));
  await inParallel(product(months, CODES), AT_ONCE, async ([{ month, published, history }, division]) => {
    const path = `/v1/metrics?division=${division}&month=${month}`;
    for (const [publication, known] of history.entries()) {
      const revision = `&revision=${published.revision(division, month, publication)}`;
      for (const as of [auditor, ...(division.startsWith('510104') ? [countyDispatcher] : [])]) {
        const { status, indicators, previous = [] } = await get(path + revision, as);
        expect([path, status, figuresOf(indicators)]).toEqual([path, 'final', truthOf(known, division)]);
        expect(JSON.stringify(previous)).not.toContain('suppressed');
      }
    }
    const everybody = await get(path);
    for (const as of division.startsWith('510104') ? [resident, strangeDispatcher] : [resident, countyDispatcher])
      expect(await get(path, as)).toEqual(everybody);
  });
});

test('from all that is published, every revision of it, nothing hidden is known to fewer than three values', () => {
  let hidden = 0;
  for (const each of played)
    for (const indicator of SENSITIVE) {
      const found = attackOn(each, indicator);
      expect([each.world.name, indicator, found.exposed]).toEqual([each.world.name, indicator, []]);
      hidden += found.hidden;
    }
  expect(hidden).toBeGreaterThan(50 * BATCH);
});

test('how many have rated is not told by whoever is counted as having done so', () => {
  let both = 0;
  for (const { published, month, history, world } of played)
    for (const division of CODES) {
      const closed = truthOf(history[0] ?? [], division).ratedRate[1];
      const isHidden = (indicator: Sensitive): boolean => typeof published.at(division, month, 0, indicator) === 'string';
      if (closed === 0 || !isHidden('satisfactionRate')) continue;
      expect([world.name, division, isHidden('ratedRate')]).toEqual([world.name, division, true]);
      both += 1;
    }
  expect(both).toBeGreaterThan(2 * BATCH);
});

test('what a revision hides below a sum that is shown has one label: which is small would tell what the others are', () => {
  const labels = new Set<string>();
  let beside = 0;
  for (const { published, month, history } of played)
    for (const [publication, known] of history.entries())
      for (const division of publication === 0 ? [] : COMMUNITIES)
        for (const indicator of ['satisfactionRate', 'rectificationRate'] as const) {
          const at = (code: string, when: number) => published.at(code, month, when, indicator);
          if (typeof at(division, publication) !== 'string' || typeof at(division, publication - 1) === 'string') continue;
          const isSmall = truthOf(known, division)[indicator][1] <= 4;
          const isBelowShown = PARENTS.some((above) => division.startsWith(above) && typeof at(above, publication) !== 'string');
          if (isBelowShown) {
            labels.add(String(at(division, publication)));
            if (isSmall) beside += 1;
          }
        }
  expect([...labels]).toEqual(['secondary']);
  expect(beside).toBeGreaterThan(0);
});

test('while a month lasts, the moment of the last change does not tell the public of a rating', async () => {
  const month = '2026-11' as Month;
  const path = `/v1/metrics?division=${A}&month=${month}`;
  const computed = async (time: string, known: readonly Known[]): Promise<readonly unknown[]> => {
    await write(known.flatMap((each, number) => livesOf(month, number, each)));
    await desk.run('metricsRefresh', `2026-11-24T${time}+08:00`);
    const [everybody, audited] = [await house.call('GET', path), await get(path, auditor)];
    return [everybody.body.computedAt, everybody.headers['etag'], audited.computedAt];
  };
  const closed: Known = { community: A, version: 1 };
  const first = await computed('10:00:00', [closed]);
  expect(first).toEqual(['2026-11-24T02:00:00.000Z', expect.any(String), '2026-11-24T02:00:00.000Z']);
  const rated: Known = { community: A, level: 5, version: 2 };
  expect(await computed('11:00:00', [rated])).toEqual([first[0], first[1], '2026-11-24T03:00:00.000Z']);
  const [moved, etag] = await computed('12:00:00', [rated, closed]);
  expect([moved, etag === first[1]]).toEqual(['2026-11-24T04:00:00.000Z', false]);
});

describe('whoever looks for it finds', () => {
  const street = '510104017';
  const publish = (published: Published, revisions: Readonly<Record<string, readonly [number, ...(number | string)[]]>>): void => {
    published.publishedAnew('2026-01');
    for (const [division, [revision, ...told]] of Object.entries(revisions)) {
      const [numerator, denominator] = told.length === 2 ? (told as number[]) : [null, null];
      const cell = { id: 'satisfactionRate', numerator: numerator ?? null, denominator: denominator ?? null };
      published.seen({
        division,
        month: '2026-01',
        revision,
        indicators: [told.length === 1 ? { ...cell, suppressed: String(told[0]) } : cell],
      });
    }
  };
  const find = (published: Published, truth: Readonly<Record<string, readonly (readonly [number, number])[]>>): readonly string[] =>
    attack(
      published,
      { month: '2026-01', indicator: 'satisfactionRate', divisions: Object.keys(truth) },
      (division, publication) => truth[division]?.[publication] ?? [0, 0],
    ).exposed.map(({ figure, values }) => `${figure}: ${values}`);

  test('what is left when the others are taken from their sum', () => {
    const published = new Published();
    publish(published, { [street]: [1, 7, 10], [A]: [1, 'small'], [B]: [1, 6, 7] });
    expect(find(published, { [street]: [[7, 10]], [A]: [[1, 3]], [B]: [[6, 7]] })).toEqual([`${A} 0 n: 1`, `${A} 0 d: 1`]);
  });

  test('what a revision tells of what it has not changed', () => {
    const published = new Published();
    publish(published, { [street]: [1, 7, 12], [A]: [1, 'small'], [B]: [1, 'secondary'] });
    expect(find(published, { [street]: [[7, 12]], [A]: [[1, 3]], [B]: [[6, 9]] })).toEqual([]);
    publish(published, { [street]: [2, 8, 13], [A]: [1, 'small'], [B]: [2, 7, 10] });
    const truth: Readonly<Record<string, readonly (readonly [number, number])[]>> = {
      [street]: [
        [7, 12],
        [8, 13],
      ],
      [A]: [
        [1, 3],
        [1, 3],
      ],
      [B]: [
        [6, 9],
        [7, 10],
      ],
    };
    const both = [A, B].flatMap((code) => [`${code} 0 n: 1`, `${code} 0 d: 1`]);
    expect(find(published, truth).toSorted()).toEqual([...both, `${A} 1 n: 1`, `${A} 1 d: 1`].toSorted());
  });
});
