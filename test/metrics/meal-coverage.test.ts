/** The rate of communities with meal help: counted from communities as they were and from days of meals, however late these are entered. */
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { divisionsRelay } from '../../functions/divisions/relay.ts';
import type { Month } from '../../functions/kernel/time.ts';
import { rebuild } from '../../functions/metrics/rebuild.ts';
import { communities, meals } from '../../functions/metrics/sources/meals.ts';
import { placesRelay } from '../../functions/places/relay.ts';
import type { DivisionCode } from '../../functions/kernel/division.ts';
import { REACTIONS } from '../../lib/local/functions.ts';
import { LONG, newSeed, seeded } from '../support/faults.ts';
import { openHouse, type House } from '../support/house.ts';
import { reactionsTo } from '../support/listener.ts';
import { ADMIN } from '../support/world.ts';
import { auditor } from './support/months.ts';
import { openDesk, type Desk } from './support/pieces.ts';

vi.setConfig({ testTimeout: 240_000, hookTimeout: 60_000 });

const DAY = 86_400_000;
const STREET = '510104099';
const communityOf = (index: number): string => `${STREET}00${index}`;
const cityWorker = { sub: 'worker-of-the-city', roles: ['worker'], division: '5101' };

interface Office {
  readonly house: House;
  readonly desk: Desk;
  /** Lets the facts of all that has happened be recorded. */
  readonly settle: () => Promise<void>;
  readonly putCommunity: (index: number, more?: object) => Promise<void>;
  readonly putPoint: (id: string, index: number) => Promise<void>;
  readonly enter: (id: string, date: string, served: number, delivered?: number) => Promise<number>;
  readonly shown: (division: string, month: string) => Promise<readonly (number | null)[]>;
}

const openOffice = async (at: string): Promise<Office> => {
  const house = await openHouse({ at });
  const desk = await openDesk(house);
  const own = REACTIONS.filter(({ declaration }) => declaration.name === 'record-facts');
  const heard = [await reactionsTo(house, 'divisions', divisionsRelay, own), await reactionsTo(house, 'places', placesRelay, own)];
  const put = async (path: string, as: object, body: object): Promise<number> => {
    const { status, text } = await house.call('PUT', path, { as: as as never, body });
    if (status >= 300 && status !== 403) throw new Error(`${path}: ${status} ${text}`);
    return status;
  };
  const office: Office = {
    house,
    desk,
    settle: async () => {
      for (const each of heard) await each.settle();
    },
    putCommunity: async (index, more = {}) => void (await put(`/v1/divisions/${communityOf(index)}`, ADMIN, { name: '某社区', ...more })),
    putPoint: async (id, index) =>
      void (await put(`/v1/meal-points/${id}`, cityWorker, {
        name: { 'zh-CN': '长者食堂' },
        community: communityOf(index),
        subsidised: true,
      })),
    enter: (id, date, served, delivered = 0) => put(`/v1/meal-points/${id}/days/${date}`, cityWorker, { served, delivered }),
    shown: async (division, month) => {
      const { body } = await house.get(`/v1/metrics?division=${division}&month=${month}`, auditor);
      const { numerator, denominator, value } = body.indicators.find(({ id }: { id: string }) => id === 'mealCoverageRate');
      return [numerator, denominator, value];
    },
  };
  await put(`/v1/divisions/${STREET}`, ADMIN, { name: '某街道' });
  return office;
};

let office: Office;
beforeAll(async () => {
  office = await openOffice('2026-09-01T09:00:00+08:00');
});
afterAll(() => office.house.stop());

test('a community is covered once, however many points and days it has; days without meals, and days of others, cover nothing', async () => {
  const { house, desk } = office;
  for (const index of [1, 2, 3, 4]) await office.putCommunity(index);
  for (const [id, index] of [
    ['one-a', 1],
    ['one-b', 1],
    ['two', 2],
  ] as const)
    await office.putPoint(id, index);
  house.turnTo('2026-09-20T09:00:00+08:00');
  for (const date of ['2026-09-02', '2026-09-03', '2026-09-20']) await office.enter('one-a', date, 20, 3);
  await office.enter('one-b', '2026-09-05', 0, 1);
  await office.enter('two', '2026-09-05', 0, 0);
  await office.settle();
  await desk.run('metricsRefresh', '2026-09-20T09:00:00+08:00');
  expect(await office.shown(communityOf(1), '2026-09')).toEqual([1, 1, 1]);
  expect(await office.shown(communityOf(2), '2026-09')).toEqual([0, 1, 0]);
  expect(await office.shown(STREET, '2026-09')).toEqual([1, 4, 0.25]);
  // The records behind it come to the same: every community, and the first day that covers one.
  const { body } = await house.get(`/v1/metrics/facts?division=${STREET}&month=2026-09&indicator=mealCoverageRate`, auditor);
  const records = body.items as readonly { record: string; numerator: number; denominator: number }[];
  expect(records.map(({ record, numerator, denominator }) => [record, numerator, denominator])).toEqual([
    [`divisions/${communityOf(1)}`, 0, 1],
    ['meal-points/one-a/days/2026-09-02', 1, 0],
    ...[2, 3, 4].map((index) => [`divisions/${communityOf(index)}`, 0, 1]),
  ]);
});

test('a month that is final is revised by what is entered late, set back or moved; one before anything was known has no value', async () => {
  const { house, desk } = office;
  await desk.run('monthlyMetrics', '2026-10-01T00:30:00+08:00');
  house.turnTo('2026-10-03T09:00:00+08:00');
  expect(await office.shown(STREET, '2026-09')).toEqual([1, 4, 0.25]);
  // All communities go on into October, though nothing happens to them.
  await desk.run('metricsRefresh', '2026-10-03T09:00:00+08:00');
  expect(await office.shown(STREET, '2026-10')).toEqual([0, 4, 0]);

  await office.enter('two', '2026-09-30', 1);
  // It moves to the third; what it gave out in September stays with the second.
  await office.putPoint('two', 3);
  await office.enter('two', '2026-09-29', 5);
  await office.enter('two', '2026-10-03', 5);
  await office.enter('two', '2026-08-31', 5);
  await office.settle();
  await desk.run('metricsRefresh', '2026-10-03T10:00:00+08:00');
  expect(await office.shown(communityOf(2), '2026-09')).toEqual([1, 1, 1]);
  expect(await office.shown(communityOf(3), '2026-09')).toEqual([0, 1, 0]);
  expect(await office.shown(communityOf(3), '2026-10')).toEqual([1, 1, 1]);
  expect(await office.shown(communityOf(2), '2026-10')).toEqual([0, 1, 0]);
  expect(await office.shown(STREET, '2026-08')).toEqual([0, 0, null]);
  const revised = await house.get(`/v1/metrics?division=${STREET}&month=2026-09`);
  expect(revised.body).toMatchObject({ status: 'final', revision: 2 });

  for (const date of ['2026-09-29', '2026-09-30']) await office.enter('two', date, 0);
  await office.settle();
  await desk.run('metricsRefresh', '2026-10-03T11:00:00+08:00');
  expect(await office.shown(STREET, '2026-09')).toEqual([1, 4, 0.25]);
});

test('a community that goes out of use counts no more from that month on, whatever was given out in it', async () => {
  const { house, desk } = office;
  house.turnTo('2026-10-10T09:00:00+08:00');
  await office.enter('one-a', '2026-10-10', 5);
  await office.putCommunity(1, { mergedInto: communityOf(2) });
  await office.settle();
  await desk.run('metricsRefresh', '2026-10-10T10:00:00+08:00');
  expect(await office.shown(communityOf(1), '2026-10')).toEqual([0, 0, null]);
  expect(await office.shown(STREET, '2026-10')).toEqual([1, 3, 0.333333]);
  expect(await office.shown(STREET, '2026-09')).toEqual([1, 4, 0.25]);
});

test('the target is one of large cities: of a division that says so, and of what is in it', async () => {
  const { house } = office;
  const figure = async (division: string): Promise<{ target?: number; met?: boolean }> =>
    (await house.get(`/v1/metrics?division=${division}&month=2026-10`)).body.indicators.find(
      ({ id }: { id: string }) => id === 'mealCoverageRate',
    );
  expect(await figure(STREET)).not.toHaveProperty('target');
  await house.call('PUT', '/v1/divisions/5101', { as: ADMIN, body: { name: '成都市', largeCity: true } });
  expect(await figure(STREET)).toMatchObject({ target: 0.8, met: false });
  expect(await figure(communityOf(3))).toMatchObject({ target: 0.8, met: true });
  expect(await figure('5101')).toMatchObject({ target: 0.8 });
  expect(await figure('51')).not.toHaveProperty('target');
  const children = await house.get('/v1/metrics/children?division=51&month=2026-10&indicator=mealCoverageRate');
  expect(children.body.items.find(({ division }: { division: string }) => division === '5101')).toMatchObject({ target: 0.8 });
  const series = await house.get(`/v1/metrics/series?division=${STREET}&indicator=mealCoverageRate&from=2026-10&to=2026-10`);
  expect(series.body.items).toEqual([expect.objectContaining({ target: 0.8, met: false })]);
  const { body } = await house.get('/v1/indicators');
  expect(body.items).toContainEqual(
    expect.objectContaining({ id: 'mealCoverageRate', target: 0.8, targetIn: 'largeCities', sensitive: false }),
  );
});

test('equals a recount from the raw records over generated months of entries, late ones, moves, zeros and closings', async () => {
  const random = seeded(newSeed('meal coverage'));
  const below = (count: number): number => Math.floor(random() * count);
  const generated = await openOffice('2026-01-05T09:00:00+08:00');
  const { house, desk } = generated;
  try {
    const COMMUNITIES = 5;
    const POINTS = 4;
    /** Every change, as it was made. */
    const uses: { readonly at: number; readonly index: number; readonly inUse: boolean }[] = [];
    const stays: { readonly at: number; readonly point: number; readonly index: number }[] = [];
    const entries: { readonly at: number; readonly point: number; readonly date: string; readonly meals: number }[] = [];
    const use = async (index: number, inUse: boolean): Promise<void> => {
      await generated.putCommunity(index, inUse ? {} : { active: false });
      uses.push({ at: house.now(), index, inUse });
    };
    const isInUse = (index: number): boolean => uses.findLast((each) => each.index === index)?.inUse === true;
    for (let index = 0; index < COMMUNITIES - 1; index++) await use(index, true);
    const shanghai = (at: number): string => new Date(at + 8 * 3_600_000).toISOString().slice(0, 10);

    const MONTHS = LONG ? 12 : 4;
    const all = Array.from({ length: MONTHS }, (_, number) => `2026-${String(number + 1).padStart(2, '0')}`);
    for (const [number, month] of all.entries()) {
      for (let step = 0; step < (LONG ? 60 : 25); step++) {
        house.turn(below(DAY));
        const point = below(POINTS);
        const at = below(COMMUNITIES);
        switch (below(10)) {
          case 0:
            await use(at, !isInUse(at));
            break;
          case 1:
          case 2:
            if (isInUse(at)) {
              await generated.putPoint(`point-${point}`, at);
              stays.push({ at: house.now(), point, index: at });
            }
            break;
          default:
            if (stays.some((each) => each.point === point)) {
              const date = shanghai(house.now() - below(random() < 0.5 ? 3 : 70) * DAY);
              const count = below(3) === 0 ? 0 : 1 + below(2);
              await generated.enter(`point-${point}`, date, random() < 0.5 ? count : 0, 0);
              const last = (await house.get(`/v1/meal-points/point-${point}/days/${date}`)).body;
              entries.push({ at: house.now(), point, date, meals: last.served + last.delivered });
            }
        }
        if (below(8) === 0) {
          await generated.settle();
          await desk.run('metricsRefresh', new Date(house.now()).toISOString());
        }
        // The month is over before its steps are.
        if (shanghai(house.now()).slice(0, 7) > month) break;
      }
      const next = `2026-${String(number + 2).padStart(2, '0')}-01`;
      const closes = number + 1 < MONTHS || MONTHS < 12;
      if (!closes) continue;
      if (shanghai(house.now()) < next) house.turnTo(`${next}T00:10:00+08:00`);
      await generated.settle();
      await desk.run('monthlyMetrics', `${next}T00:30:00+08:00`);
    }
    house.turn(DAY);
    await generated.settle();
    await desk.run('metricsRefresh', new Date(house.now()).toISOString());

    const standsAt = (point: number, at: number): number | undefined => {
      const own = stays.filter((each) => each.point === point);
      return (own.findLast((each) => each.at <= at) ?? own[0])?.index;
    };
    const lastEntries = [...new Map(entries.map((each) => [`${each.point} ${each.date}`, each])).values()];
    const covered = new Set(
      lastEntries.flatMap(({ at, point, date, meals: count }) => {
        const ends = Date.parse(`${date}T24:00:00+08:00`) - 1;
        return count === 0 ? [] : [`${standsAt(point, Math.min(at, ends))} ${date.slice(0, 7)}`];
      }),
    );
    const recount = (index: number, month: string): readonly [number, number] => {
      const ends = Math.min(Date.parse(`${month}-01T00:00:00+08:00`) + 0, Number.POSITIVE_INFINITY);
      const after = new Date(ends + 8 * 3_600_000);
      after.setUTCMonth(after.getUTCMonth() + 1);
      const end = Math.min(after.getTime() - 8 * 3_600_000 - 1, house.now());
      const inUse = uses.findLast((each) => each.index === index && each.at <= end)?.inUse === true;
      return [inUse && covered.has(`${index} ${month}`) ? 1 : 0, inUse ? 1 : 0];
    };
    let sum = 0;
    for (const month of all) {
      const communitiesOf = Array.from({ length: COMMUNITIES }, (_, index) => recount(index, month));
      for (const [index, expected] of communitiesOf.entries()) {
        if (!uses.some((each) => each.index === index)) continue;
        const shown = await generated.shown(communityOf(index), month);
        expect([month, index, ...shown.slice(0, 2)]).toEqual([month, index, ...expected]);
      }
      const [numerator, denominator] = communitiesOf.reduce(([n, d], [more, of]) => [n + more, d + of], [0, 0]);
      expect([month, ...(await generated.shown(STREET, month)).slice(0, 2)]).toEqual([month, numerator, denominator]);
      sum += numerator;
    }
    expect(sum).toBeGreaterThan(0);

    const rebuilding = { until: '2027-01' as Month, runId: 'again', recount: false, sources: [communities, meals] };
    const { differences } = await rebuild(house.runtime.database, STREET as DivisionCode, rebuilding);
    expect(differences).toEqual([]);
  } finally {
    await house.stop();
  }
});
