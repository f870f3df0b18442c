/** The rate of communities with meal help: counted from communities as they were and from days of meals, however late these are entered. */
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { divisionsRelay } from '../../functions/divisions/relay.ts';
import {
  addDays,
  addMonths,
  dayOf,
  endOfMonth,
  monthOf,
  startOfDay,
  type Day,
  type EpochMs,
  type Month,
} from '../../functions/kernel/time.ts';
import { rebuild } from '../../functions/metrics/rebuild.ts';
import { REREADABLE } from '../../functions/metrics/images.ts';
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
const endOfDay = (date: string): number => startOfDay(addDays(date as Day, 1)) - 1;
const STREET = '510104099';
const OTHER_STREET = '510104098';
/** The last of them lie in another street. */
const communityOf = (index: number): string => `${index < 7 ? STREET : OTHER_STREET}00${index}`;
const cityWorker = { sub: 'worker-of-the-city', roles: ['worker'], division: '5101' };

interface Office {
  readonly house: House;
  readonly desk: Desk;
  /** Lets the facts of all that has happened be recorded. */
  readonly settle: () => Promise<void>;
  readonly putCommunity: (index: number, more?: object) => Promise<void>;
  readonly putPoint: (id: string, index: number) => Promise<void>;
  readonly enter: (id: string, date: string, served: number, delivered?: number) => Promise<void>;
  readonly shown: (division: string, month: string) => Promise<readonly (number | null)[]>;
}

const openOffice = async (at: string): Promise<Office> => {
  const house = await openHouse({ at });
  const desk = await openDesk(house);
  const own = REACTIONS.filter(({ declaration }) => declaration.name === 'record-facts');
  const heard = [await reactionsTo(house, 'divisions', divisionsRelay, own), await reactionsTo(house, 'places', placesRelay, own)];
  const put = async (path: string, as: object, body: object): Promise<number> => {
    const { status, text } = await house.call('PUT', path, { as: as as never, body });
    if (status >= 300) throw new Error(`${path}: ${status} ${text}`);
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
    enter: async (id, date, served, delivered = 0) =>
      void (await put(`/v1/meal-points/${id}/days/${date}`, cityWorker, { served, delivered })),
    shown: async (division, month) => {
      const { body } = await house.get(`/v1/metrics?division=${division}&month=${month}`, auditor);
      const { numerator, denominator, value } = body.indicators.find(({ id }: { id: string }) => id === 'mealCoverageRate');
      return [numerator, denominator, value];
    },
  };
  for (const street of [STREET, OTHER_STREET]) await put(`/v1/divisions/${street}`, ADMIN, { name: '某街道' });
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
    ...[1, 2, 3, 4].map((index) => [`divisions/${communityOf(index)}`, 0, 1]),
    ['meal-points/one-a/days/2026-09-02', 1, 0],
  ]);
  // And those behind the figure of one community alone.
  const own = await house.get(`/v1/metrics/facts?division=${communityOf(1)}&month=2026-09&indicator=mealCoverageRate`, auditor);
  expect(own.body.items.map((each: { record: string; numerator: number; denominator: number }) => Object.values(each))).toEqual([
    [`divisions/${communityOf(1)}`, 'community', communityOf(1), 0, 1],
    ['meal-points/one-a/days/2026-09-02', 'mealDay', communityOf(1), 1, 0],
  ]);
});

test('a month that is final is revised by what is entered late, set back or moved; one before the last that can still be closed when communities were made known has no value', async () => {
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
  expect(await office.shown(STREET, '2026-08')).toEqual([1, 4, 0.25]);
  await office.enter('two', '2026-07-31', 5);
  await office.settle();
  await desk.run('metricsRefresh', '2026-10-03T10:30:00+08:00');
  expect(await office.shown(STREET, '2026-07')).toEqual([0, 0, null]);
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
  const csv = (await house.call('GET', '/v1/indicators', { headers: { accept: 'text/csv' } })).text.split('\r\n');
  expect(csv[0]).toMatch(/,target,targetIn$/);
  expect(csv.find((line) => line.startsWith('mealCoverageRate,'))).toMatch(/,0\.8,largeCities$/);
  const { body } = await house.get('/v1/indicators');
  expect(body.items).toContainEqual(
    expect.objectContaining({ id: 'mealCoverageRate', target: 0.8, targetIn: 'largeCities', sensitive: false }),
  );
});

test('who begins here and enters the days of last month is shown last month, of all that were made known meanwhile', async () => {
  const begun = await openOffice('2026-11-10T09:00:00+08:00');
  try {
    for (const index of [1, 2]) await begun.putCommunity(index);
    await begun.putPoint('first', 1);
    await begun.enter('first', '2026-10-15', 30);
    await begun.settle();
    await begun.desk.run('monthlyMetrics', '2026-11-10T10:00:00+08:00');
    expect(await begun.shown(communityOf(1), '2026-10')).toEqual([1, 1, 1]);
    expect(await begun.shown(STREET, '2026-10')).toEqual([1, 2, 0.5]);
    expect(await begun.shown(STREET, '2026-09')).toEqual([0, 0, null]);
    await begun.desk.run('metricsRefresh', '2026-11-10T11:00:00+08:00');
    expect(await begun.shown(STREET, '2026-11')).toEqual([0, 2, 0]);
  } finally {
    await begun.house.stop();
  }
});

test('equals a recount from the raw records over generated months of entries, late ones, moves, zeros, mergers and closings, in two streets', async () => {
  const random = seeded(newSeed('meal coverage'));
  const below = (count: number): number => Math.floor(random() * count);
  const generated = await openOffice('2026-01-05T09:00:00+08:00');
  const { house, desk } = generated;
  try {
    const COMMUNITIES = [4, 5, 6, 7, 8];
    const POINTS = 4;
    /** When a community came into use, and went out of it. */
    const uses: { readonly at: number; readonly index: number; readonly inUse: boolean }[] = [];
    const stays: { readonly at: number; readonly point: number; readonly index: number }[] = [];
    /** What was last entered, and where that counts. */
    const days = new Map<string, { readonly meals: number; readonly index: number }>();
    const shanghai = (at: number): string => dayOf(at as EpochMs);
    const lastUse = (index: number, at = house.now() as number) => uses.findLast((each) => each.index === index && each.at <= at);
    const isInUse = (index: number): boolean => lastUse(index)?.inUse === true;
    const use = async (index: number, inUse: boolean): Promise<void> => {
      const into = COMMUNITIES.filter((each) => each !== index && isInUse(each)).at(below(3) - 1);
      const gone = into === undefined || below(2) === 0 ? { active: false } : { mergedInto: communityOf(into) };
      await generated.putCommunity(index, inUse ? {} : gone);
      uses.push({ at: house.now(), index, inUse });
    };
    for (const index of COMMUNITIES.slice(1)) await use(index, true);
    const standsAt = (point: number, at: number): number | undefined => {
      const own = stays.filter((each) => each.point === point);
      return (own.findLast((each) => each.at <= at) ?? own[0])?.index;
    };
    const move = async (point: number, index: number): Promise<void> => {
      const today = `${point} ${shanghai(house.now())}`;
      const day = days.get(today);
      if (day !== undefined && standsAt(point, house.now()) !== index) days.set(today, { ...day, index });
      await generated.putPoint(`point-${point}`, index);
      stays.push({ at: house.now(), point, index });
    };
    let refused = 0;
    const enter = async (point: number, date: string, meals: number): Promise<void> => {
      const at = Math.min(house.now(), endOfDay(date));
      // A community that is out of use by then takes no day any more; where the point stands now may.
      const takes = [standsAt(point, at), standsAt(point, house.now())].find(
        (index) => index !== undefined && (isInUse(index) || (lastUse(index)?.at ?? 0) > at),
      );
      if (takes !== undefined) {
        await generated.enter(`point-${point}`, date, meals);
        days.set(`${point} ${date}`, { meals, index: takes });
        return;
      }
      refused += 1;
      await expect(generated.enter(`point-${point}`, date, meals)).rejects.toThrow(': 409 ');
    };

    const staysOne = async (point: number): Promise<void> => {
      const community = communityOf(standsAt(point, house.now()) ?? 0);
      const body = { kind: 'shelter', name: { 'zh-CN': '操场' }, community, location: { lat: 30, long: 104 } };
      expect((await house.call('PUT', `/v1/facilities/point-${point}`, { as: cityWorker, body })).status).toBe(409);
    };

    const MONTHS = LONG ? 12 : 4;
    const all = Array.from({ length: MONTHS }, (_, number) => `2026-${String(number + 1).padStart(2, '0')}` as Month);
    for (const month of all) {
      for (let step = 0; step < (LONG ? 60 : 25) && monthOf(house.now()) === month; step++) {
        house.turn(below(DAY));
        const [point, index] = [below(POINTS), COMMUNITIES[below(COMMUNITIES.length)] ?? 0];
        const isThere = stays.some((each) => each.point === point);
        switch (below(10)) {
          case 0:
            await use(index, !isInUse(index));
            break;
          case 1:
          case 2:
            if (isInUse(index)) await move(point, index);
            break;
          case 3:
            if (isThere) await staysOne(point);
            break;
          default:
            if (isThere) await enter(point, shanghai(house.now() - below(random() < 0.5 ? 3 : 70) * DAY), below(3));
        }
        if (below(8) === 0) {
          await generated.settle();
          await desk.run('metricsRefresh', new Date(house.now()).toISOString());
        }
      }
      const next = addMonths(month, 1);
      if (monthOf(house.now()) < next) house.turnTo(`${next}-01T00:10:00+08:00`);
      await generated.settle();
      await desk.run('monthlyMetrics', `${next}-01T00:30:00+08:00`);
    }
    house.turn(DAY);
    await generated.settle();
    await desk.run('metricsRefresh', new Date(house.now()).toISOString());

    const covered = new Set([...days].flatMap(([key, { meals, index }]) => (meals === 0 ? [] : [`${index} ${key.slice(2, 9)}`])));
    const recount = (index: number, month: Month): readonly [number, number] => {
      const first = uses.find((each) => each.index === index);
      // It counts from the month before the one in which it was made known.
      if (first === undefined || month < addMonths(monthOf(first.at as EpochMs), -1)) return [0, 0];
      const inUse = (lastUse(index, Math.min(endOfMonth(month) - 1, house.now())) ?? first).inUse;
      return [inUse && covered.has(`${index} ${month}`) ? 1 : 0, inUse ? 1 : 0];
    };
    let sum = 0;
    for (const month of [addMonths('2026-01' as Month, -2), addMonths('2026-01' as Month, -1), ...all]) {
      for (const street of [STREET, OTHER_STREET]) {
        const counted = COMMUNITIES.filter((index) => communityOf(index).startsWith(street)).map(
          (index) => [index, ...recount(index, month)] as const,
        );
        for (const [index, ...expected] of counted)
          expect([month, index, ...(await generated.shown(communityOf(index), month).catch(() => [0, 0])).slice(0, 2)]).toEqual([
            month,
            index,
            ...expected,
          ]);
        const sums = [1, 2].map((part) => counted.reduce((total, each) => total + (each[part] ?? 0), 0));
        expect([month, street, ...(await generated.shown(street, month)).slice(0, 2)]).toEqual([month, street, ...sums]);
        sum += sums[0] ?? 0;
      }
    }
    // Otherwise it would show nothing.
    expect([sum > 0, refused > 0 || !LONG]).toEqual([true, true]);

    const sources = [REREADABLE.community, REREADABLE.mealDay];
    for (const street of [STREET, OTHER_STREET])
      expect(
        (
          await rebuild(house.runtime.database, street as DivisionCode, {
            until: '2027-01' as Month,
            runId: 'again',
            recount: false,
            sources,
          })
        ).differences,
      ).toEqual([]);
  } finally {
    await house.stop();
  }
});
