/**
 * A real month of requests and what came after it, recounted from the file alone: every division at five levels, every indicator. In short,
 * every twentieth row and all that are open or were closed later; `npm run test:long` takes all 2,038.
 */
import { parse } from 'csv-parse/sync';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { fixture, sendAll, type Row } from '../import/support.ts';
import { LONG } from '../support/faults.ts';
import { startWorld, type Answer, type World } from '../support/world.ts';
import { allPages } from '../service-requests/support/requests.ts';
import { auditor, close, expectNothingParked, metricsOf, refresh, type Shown, shownOf } from './support/months.ts';

vi.setConfig({ testTimeout: 120_000, hookTimeout: 300_000 });

const INDICATORS = [
  'requestsReceived',
  'requestsClosed',
  'respondedOnTimeRate',
  'resolvedOnTimeRate',
  'satisfactionRate',
  'ratedRate',
  'rectificationRate',
] as const;
const RATES = INDICATORS.slice(2);

/** Jinjiang, whole in the long form, else three of its streets. */
const STREETS = LONG ? ['510104'] : ['510104017', '510104022', '510104035'];
const isTaken = (code: string): boolean => STREETS.some((street) => code.startsWith(street) || street.startsWith(code));
/** And a county in which nothing happens. */
const DIVISIONS = fixture('divisions-chengdu.csv')
  .filter(({ code = '' }) => isTaken(code) || ['510105', '510105006', '510105006001'].includes(code))
  .map(({ code = '', name = '' }) => [code, name] as const);
const CODES = DIVISIONS.map(([code]) => code);

const JANUARY = fixture('requests-2025-01.csv')
  .filter(({ community = '' }) => isTaken(community))
  .filter((row, index) => LONG || index % 20 === 0 || !row['closed_date']?.startsWith('2025-01'));
const OPEN = JANUARY.filter((row) => row['closed_date'] === '');

const HOURS = 3_600_000;
const DAYS = 24 * HOURS;
const movedBy = (text: string | undefined, days: number): string =>
  text === undefined || text === '' ? '' : new Date(Date.parse(text) + days * DAYS).toISOString();

const NAMES = ['噪音扰民', 'strayAnimals', 'Rubbish', 'Something else'];
/** The same month again, some days later: other services, some still open, some closed much later. */
const later = (days: number, every: number): readonly Row[] =>
  JANUARY.filter((_, index) => index % every === 0).map((row, index) => ({
    ...row,
    service_request_id: `${days}-${row['service_request_id']}`,
    service_name: NAMES[index % NAMES.length] ?? '',
    requested_datetime: movedBy(row['requested_datetime'], days),
    updated_datetime: '',
    closed_date: index % 7 === 0 ? '' : movedBy(row['closed_date'], days + (index % 11 === 0 ? 40 : 0)),
    status_description: index % 7 === 0 || row['closed_date'] === '' ? 'open' : 'closed',
  }));

let world: World;
/** Of each service by its code and its names: how long it may take, in milliseconds. */
let clocks: ReadonlyMap<string, { readonly respond: number; readonly resolve: number }>;

const UNITS: Readonly<Record<string, number>> = { minutes: HOURS / 60, hours: HOURS, days: DAYS };
const readClocks = async (): Promise<typeof clocks> => {
  const length = ({ amount, unit }: { amount: number; unit: string }): number => amount * (UNITS[unit] ?? Number.NaN);
  const services = await allPages(world, '/v1/services?limit=100', auditor);
  return new Map(
    services.flatMap(({ code, name, respondWithin, resolveWithin }) =>
      [code, name['zh-CN'], name.en].map((each) => [each, { respond: length(respondWithin), resolve: length(resolveWithin) }] as const),
    ),
  );
};

const startOf = (month: string): number => Date.parse(`${month}-01T00:00:00+08:00`);
const after = (month: string): string => new Date(Date.parse(`${month}-15`) + 31 * DAYS).toISOString().slice(0, 7);

/** What a community's rows come to in a month, looked at from `at`. */
const recountCommunity = (rows: readonly Row[], month: string, at: number): ReadonlyMap<string, readonly [number, number]> => {
  const [start, end] = [startOf(month), startOf(after(month))];
  const until = Math.min(end, at);
  const has = (moment: number): boolean => (at < end ? moment <= at : moment < end);
  const sums = new Map<string, [number, number]>(INDICATORS.map((id) => [id, [0, 0]]));
  const add = (id: (typeof INDICATORS)[number], numerator: number, denominator: number): void => {
    const [n, d] = sums.get(id) ?? [0, 0];
    sums.set(id, [n + numerator, d + denominator]);
  };
  for (const row of rows) {
    const requested = Date.parse(row['requested_datetime'] ?? '');
    const closed = row['closed_date'] === '' ? Infinity : Date.parse(row['closed_date'] ?? '');
    const clock = clocks.get(row['service_name'] ?? '') ?? clocks.get('imported');
    if (clock === undefined) throw new Error('no service imported');
    if (!has(requested)) continue;
    if (requested >= start) add('requestsReceived', 1, 0);
    if (has(closed)) {
      if (closed < start) continue;
      add('requestsClosed', 1, 0);
      add('resolvedOnTimeRate', closed <= requested + clock.resolve ? 1 : 0, 1);
      add('ratedRate', 0, 1);
    } else {
      if (requested + clock.respond < until) add('respondedOnTimeRate', 0, 1);
      if (requested + clock.resolve < until) add('resolvedOnTimeRate', 0, 1);
    }
  }
  return sums;
};

/** Every division's figures, from the rows. */
const recount = (rows: readonly Row[], month: string, at: number): ReadonlyMap<string, Shown> => {
  const byCommunity = Map.groupBy(rows, (row) => row['community'] ?? '');
  const communities = new Map(
    CODES.filter((code) => code.length === 12).map((code) => [code, recountCommunity(byCommunity.get(code) ?? [], month, at)]),
  );
  return new Map(
    CODES.map((code) => {
      const within = [...communities].filter(([community]) => community.startsWith(code)).map(([, sums]) => sums);
      const sum = (id: string, part: 0 | 1): number => within.reduce((total, sums) => total + (sums.get(id)?.[part] ?? 0), 0);
      return [
        code,
        Object.fromEntries(INDICATORS.map((id) => [id, [sum(id, 0), RATES.some((rate) => rate === id) ? sum(id, 1) : null] as const])),
      ];
    }),
  );
};

const shown = async (month: string): Promise<ReadonlyMap<string, Answer['body']>> =>
  new Map(await Promise.all(CODES.map(async (code) => [code, await metricsOf(world, code, month)] as const)));

const figures = (answers: ReadonlyMap<string, Answer['body']>): Readonly<Record<string, Shown>> =>
  Object.fromEntries([...answers].map(([code, { indicators }]) => [code, shownOf(indicators)]));

/** Everything that is shown of a month is what the rows come to. */
const expectRecount = async (rows: readonly Row[], month: string, at: string): Promise<ReadonlyMap<string, Answer['body']>> => {
  const answers = await shown(month);
  expect([month, figures(answers)]).toEqual([month, Object.fromEntries(recount(rows, month, Date.parse(at)))]);
  return answers;
};

/** What the file says at the time; later rows of an id take the place of earlier ones. */
let rows: readonly Row[] = [];
const take = async (file: readonly Row[]): Promise<void> => {
  const taken = await sendAll(world, 'requests', file);
  expect(taken.errors).toEqual([]);
  await world.settle();
  rows = [...new Map([...rows, ...file].map((row) => [row['service_request_id'], row])).values()];
};

const CLOSED: readonly (readonly [month: string, file: readonly Row[]])[] = [
  ['2025-01', JANUARY],
  ['2025-02', later(31, 4)],
  ['2025-03', later(60, 6)],
];
const LAST_CLOSING = '2025-04-01T00:30:00+08:00';
/** By month, when it was closed. */
const first = new Map<string, ReadonlyMap<string, Answer['body']>>();

beforeAll(async () => {
  world = await startWorld({ divisions: DIVISIONS, at: '2025-05-02T09:00:00+08:00' });
  clocks = await readClocks();
});
afterAll(() => world.stop());

describe('month after month', () => {
  test.each(CLOSED)('%s is what the file says, while it lasts and closed, and so is the month that has begun', async (month, file) => {
    await take(file);
    const within = `${month}-20T10:00:00+08:00`;
    await refresh(world, within);
    for (const { status } of (await expectRecount(rows, month, within)).values()) expect(status).toBe('provisional');
    await close(world, month);
    const at = `${after(month)}-01T00:30:00+08:00`;
    const answers = await expectRecount(rows, month, at);
    for (const { status, revision, previous } of answers.values()) expect([status, revision, previous]).toEqual(['final', 1, undefined]);
    first.set(month, answers);
    const begun = await expectRecount(rows, after(month), at);
    for (const { status } of begun.values()) expect(status).toBe('provisional');
    await expectNothingParked(world);
  });

  test('nothing that came later has changed an earlier month', async () => {
    for (const [month] of CLOSED) expect([month, await shown(month)]).toEqual([month, first.get(month)]);
  });

  test('there is something to count in each month, also what stayed open', () => {
    for (const [month] of CLOSED) {
      const province = shownOf(first.get(month)?.get('51')?.indicators ?? []);
      for (const id of ['requestsReceived', 'requestsClosed', 'respondedOnTimeRate', 'resolvedOnTimeRate'])
        expect([month, id, Number(province[id]?.[id.endsWith('Rate') ? 1 : 0]) > 5]).toEqual([month, id, true]);
    }
  });

  test('the sum of a division’s children is its figure, at every level', async () => {
    for (const [month] of CLOSED) {
      for (const parent of CODES.filter((code) => code.length < 12)) {
        for (const indicator of INDICATORS.slice(0, LONG ? INDICATORS.length : 4)) {
          const { body } = await world.get(
            `/v1/metrics/children?division=${parent}&month=${month}&indicator=${indicator}&limit=100`,
            auditor,
          );
          const sum = (part: 'numerator' | 'denominator'): number =>
            body.items.reduce((total: number, each: Record<string, number | null>) => total + (each[part] ?? 0), 0);
          const figure = first
            .get(month)
            ?.get(parent)
            .indicators.find((each: { id: string }) => each.id === indicator);
          expect([month, parent, indicator, sum('numerator'), sum('denominator')]).toEqual([
            month,
            parent,
            indicator,
            figure.numerator,
            figure.denominator ?? 0,
          ]);
        }
      }
    }
  });

  test('CSV says what JSON says: a month, the children, the series', async () => {
    const table = async (path: string): Promise<readonly Row[]> => {
      const answer = await world.call('GET', path, { as: auditor, headers: { accept: 'text/csv' } });
      expect(answer.headers.get('content-type')).toBe('text/csv; charset=utf-8');
      return parse(answer.text, { columns: true, bom: true });
    };
    const cell = (value: unknown): string => (value === null || value === undefined ? '' : `${value as string | number | boolean}`);
    const agree = (csv: readonly Row[], items: readonly Record<string, unknown>[], more: (item: Record<string, unknown>) => Row): void =>
      expect(csv).toEqual(
        items.map((item) => ({
          ...Object.fromEntries(
            ['numerator', 'denominator', 'value', 'target', 'met', 'suppressed'].map((column) => [column, cell(item[column])]),
          ),
          ...more(item),
        })),
      );
    for (const division of ['51', '510104', '510104035', OPEN[0]?.['community'] ?? '']) {
      const path = `/v1/metrics?division=${division}&month=2025-01`;
      const { body } = await world.get(path, auditor);
      const { month, status, revision, computedAt } = body;
      agree(await table(path), body.indicators, ({ id }) => ({
        division,
        month,
        status,
        revision: cell(revision),
        computedAt,
        indicator: cell(id),
      }));
    }
    const children = '/v1/metrics/children?division=510104035&month=2025-01&indicator=resolvedOnTimeRate';
    agree(await table(children), await allPages(world, `${children}&limit=3`, auditor), ({ division, name, rank }) => ({
      division: cell(division),
      name: cell(name),
      rank: cell(rank),
      month: '2025-01',
      status: 'final',
      indicator: 'resolvedOnTimeRate',
    }));
    const series = '/v1/metrics/series?division=510104&indicator=requestsClosed&from=2024-12&to=2025-05';
    agree(await table(series), (await world.get(series, auditor)).body.items, ({ month, status, revision }) => ({
      division: '510104',
      indicator: 'requestsClosed',
      month: cell(month),
      status: cell(status),
      revision: cell(revision),
    }));
  });

  test('what comes in late revises the months that it belongs to, and nothing else', async () => {
    const before = rows;
    const [inJanuary, inFebruary] = [OPEN.slice(0, 8), OPEN.slice(8, 12)];
    const community = CODES.filter((code) => code.length === 12);
    const [moved, reopened, redated] = JANUARY.filter((row) => row['closed_date']?.startsWith('2025-01-1'));
    const latest = (row: Row, most: string): string =>
      Date.parse(movedBy(row['requested_datetime'], 5)) < Date.parse(most) ? movedBy(row['requested_datetime'], 5) : most;
    await take([
      ...inJanuary.map((row) => ({ ...row, status_description: 'closed', closed_date: latest(row, '2025-01-31T23:59:59.999+08:00') })),
      ...inFebruary.map((row) => ({ ...row, status_description: 'closed', closed_date: '2025-02-01T00:00:00+08:00' })),
      { ...moved, community: community.find((code) => code.slice(0, 9) !== moved?.['community']?.slice(0, 9)) ?? '' },
      { ...reopened, status_description: 'open', closed_date: '' },
      {
        ...redated,
        requested_datetime: '2025-02-03T10:00:00+08:00',
        closed_date: '2025-02-20T10:00:00+08:00',
        updated_datetime: '',
      },
    ]);
    // Until the next run, what was final stays as it was.
    expect(await metricsOf(world, '51', '2025-01')).toEqual(first.get('2025-01')?.get('51'));

    const at = '2025-04-02T10:00:00+08:00';
    await refresh(world, at);
    for (const [month] of CLOSED) {
      const was = recount(before, month, Date.parse(LAST_CLOSING));
      const is = recount(rows, month, Date.parse(at));
      const answers = await expectRecount(rows, month, at);
      for (const [code, answer] of answers) {
        const old = first.get(month)?.get(code);
        const changed = INDICATORS.filter((id) => JSON.stringify(was.get(code)?.[id]) !== JSON.stringify(is.get(code)?.[id]));
        if (changed.length === 0) {
          expect([month, code, answer]).toEqual([month, code, old]);
          continue;
        }
        expect([month, code, answer.status, answer.revision, answer.computedAt]).toEqual([
          month,
          code,
          'final',
          2,
          new Date(at).toISOString(),
        ]);
        expect([month, code, answer.previous]).toEqual([
          month,
          code,
          old.indicators.filter(({ id }: { id: string }) => changed.some((each) => each === id)),
        ]);
        expect([month, code, await metricsOf(world, code, month, auditor, '&revision=1')]).toEqual([month, code, old]);
        expect(await metricsOf(world, code, month, auditor, '&revision=2')).toEqual(answer);
        expect((await world.get(`/v1/metrics?division=${code}&month=${month}&revision=3`, auditor)).status).toBe(404);
      }
    }
    await expectRecount(rows, '2025-04', at);
    await expectNothingParked(world);
  });

  test('another refresh changes nothing, and neither does the same file again', async () => {
    const before = await shown('2025-01');
    await take(CLOSED[0]?.[1].slice(0, 40).filter((row) => rows.includes(row)) ?? []);
    await refresh(world, '2025-04-02T11:00:00+08:00');
    expect(await shown('2025-01')).toEqual(before);
  });

  test('the records behind a figure are as many as it counts', async () => {
    for (const division of ['51', '510104035', OPEN[0]?.['community'] ?? '']) {
      for (const indicator of ['requestsReceived', 'respondedOnTimeRate', 'resolvedOnTimeRate']) {
        const items = await allPages(
          world,
          `/v1/metrics/facts?division=${division}&month=2025-01&indicator=${indicator}&limit=100`,
          auditor,
        );
        const figure = (await metricsOf(world, division, '2025-01')).indicators.find(({ id }: { id: string }) => id === indicator);
        expect([division, indicator, items.length]).toEqual([division, indicator, figure.denominator ?? figure.numerator]);
        expect(items.reduce((sum, { numerator }) => sum + numerator, 0)).toBe(figure.numerator);
        expect(new Set(items.map(({ record }) => record)).size).toBe(items.length);
        for (const { community } of items) expect(community.startsWith(division)).toBe(true);
      }
    }
  });
});
