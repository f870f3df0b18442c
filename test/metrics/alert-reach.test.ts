/** The rate at which alerts reach those whom they are to tell: counted where these live, in the month in which the alert was sent. */
import { afterAll, beforeAll, beforeEach, expect, test, vi } from 'vitest';
import type { DivisionCode } from '../../functions/kernel/division.ts';
import type { Instant, Month } from '../../functions/kernel/time.ts';
import { REREADABLE, rereadable } from '../../functions/metrics/images.ts';
import { partsOf, rebuild } from '../../functions/metrics/rebuild.ts';
import { alerts } from '../../functions/metrics/sources/alerts.ts';
import { divisionsReader } from '../../functions/divisions/reader.ts';
import type { ReachImage } from '../../functions/notifications/reader.ts';
import { alertingIn, anAlert } from '../support/alerting.ts';
import { openHouse, type Content, type House } from '../support/house.ts';
import { CAOSHIJIE, DACISI, SHUIJINGFANG } from '../support/people.ts';
import { auditor } from './support/months.ts';
import { figuresIn, openDesk, type Desk, type RequestEvent } from './support/pieces.ts';

vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

const NOVEMBER = '2026-11';
let house: House;
let desk: Desk;
let empty: Content;
beforeAll(async () => {
  house = await openHouse({ at: '2026-11-24T09:00:00+08:00' });
  desk = await openDesk(house);
  empty = await house.content(['metrics']);
});
afterAll(() => house.stop());
beforeEach(async () => {
  house.turnTo('2026-11-24T09:00:00+08:00');
  await house.restore(empty, await house.content(['metrics']));
});

/** What the sums of a division come to, in part, after so many additions. */
const sums = (community: string, targeted: number, delivered: number, more: Partial<ReachImage> = {}): ReachImage => ({
  alert: 'ALERT1',
  status: 'actual',
  sentAt: '2026-11-20T01:00:00.000Z' as Instant,
  community: community as DivisionCode,
  part: 0,
  version: 1,
  targeted,
  delivered,
  ...more,
});
const counted = (item: ReachImage): RequestEvent =>
  ({
    detail: {
      id: `REACH#${item.alert}#${item.part}/${item.community}:${item.version}`,
      type: 'reach.counted',
      data: { item: { ...item, handed: item.delivered, failed: 0, change: 'counted' } },
    },
  }) as unknown as RequestEvent;
const tell = (images: readonly ReachImage[]): Promise<void> => desk.recordAll(images.map(counted));
const refresh = (): Promise<void> => desk.run('metricsRefresh', '2026-11-24T09:00:00+08:00');

const shown = async (division: string, month = NOVEMBER): Promise<readonly (number | null)[]> => {
  const { body } = await house.get(`/v1/metrics?division=${division}&month=${month}`, auditor);
  const { numerator, denominator, value } = body.indicators.find(({ id }: { id: string }) => id === 'alertReachRate');
  return [numerator, denominator, value];
};

const OF_EVERY_LEVEL: readonly ReachImage[] = [
  // Planned in one part, and delivered in others as well.
  sums(SHUIJINGFANG, 30, 8),
  sums(SHUIJINGFANG, 0, 20, { part: 7 }),
  sums(SHUIJINGFANG, 5, 1, { alert: 'ALERT2' }),
  sums(DACISI, 4, 0),
  sums(CAOSHIJIE, 1, 1),
  // Of who has no home, where they have subscribed.
  sums('510104', 3, 2),
  sums('5101', 2, 2),
];

test('sums the parts of every alert where people live, and in all above; what nobody was to be told of has no value', async () => {
  await tell(OF_EVERY_LEVEL);
  await refresh();
  expect(await shown(SHUIJINGFANG)).toEqual([29, 35, 0.828571]);
  expect(await shown(DACISI)).toEqual([0, 4, 0]);
  expect(await shown('510104017')).toEqual([29, 39, 0.74359]);
  expect(await shown('510104')).toEqual([31, 42, 0.738095]);
  expect(await shown('51')).toEqual([34, 45, 0.755556]);
  expect(await shown('510104020001')).toEqual([0, 0, null]);
});

test('takes the newest state of a sum alone, in whatever order and however often it is told of', async () => {
  const steps = [1, 2, 3, 4].map((version) => sums(SHUIJINGFANG, 100, version * 20, { version }));
  await tell([...steps, ...OF_EVERY_LEVEL.slice(1)]);
  await refresh();
  const inOrder = figuresIn(await house.content(['metrics']));
  expect(await shown(SHUIJINGFANG)).toEqual([101, 105, 0.961905]);
  await house.restore(empty, await house.content(['metrics']));
  for (const each of [steps[3], steps[0], steps[2], steps[3], steps[1], ...OF_EVERY_LEVEL.slice(1).toReversed()])
    if (each !== undefined) await tell([each, each]);
  await refresh();
  expect(figuresIn(await house.content(['metrics']))).toEqual(inOrder);
});

test('counts exercises and tests nowhere', async () => {
  await tell([sums(SHUIJINGFANG, 10, 5, { status: 'exercise' }), sums(DACISI, 10, 5, { status: 'test' }), sums(CAOSHIJIE, 4, 3)]);
  await refresh();
  expect(await shown('51')).toEqual([3, 4, 0.75]);
  expect((await desk.items()).filter(({ pk }) => pk.startsWith('FACT#'))).toHaveLength(1);
});

test('counts in the month in which the alert was sent, though it is delivered in the next', async () => {
  const sentAt = '2026-11-30T15:59:00.000Z' as Instant;
  await tell([sums(SHUIJINGFANG, 10, 0, { sentAt })]);
  house.turnTo('2026-12-01T09:00:00+08:00');
  await desk.run('monthlyMetrics', '2026-12-01T00:30:00+08:00');
  expect(await shown(SHUIJINGFANG)).toEqual([0, 10, 0]);
  await tell([sums(SHUIJINGFANG, 10, 10, { sentAt, version: 9 })]);
  await desk.run('metricsRefresh', '2026-12-01T09:00:00+08:00');
  expect(await shown(SHUIJINGFANG)).toEqual([10, 10, 1]);
});

test('is recounted from the sums as they are, those of larger divisions, too', async () => {
  await tell(OF_EVERY_LEVEL.filter(({ community }) => !['5101', DACISI].includes(community)));
  const source = rereadable(alerts, async function* (_, division) {
    yield await Promise.resolve(OF_EVERY_LEVEL.filter((each) => each.community === division));
  });
  const { database } = house.runtime;
  const found: string[] = [];
  for (const part of await partsOf(divisionsReader(database), undefined))
    found.push(
      ...(await rebuild(database, part, { until: NOVEMBER as Month, runId: 'again', recount: false, sources: [source] })).differences.map(
        ({ what, subject }) => `${what} ${subject}`,
      ),
    );
  expect(found.toSorted()).toEqual([`missing reach#ALERT1/reach/5101.0`, `missing reach#ALERT1/reach/${DACISI}.0`]);
  await refresh();
  expect(await shown('51')).toEqual([34, 45, 0.755556]);
});

test('equals what alerts were planned and delivered to, told of as it happens or recounted afterwards', async () => {
  const alerting = await alertingIn(house);
  await alerting.subscribe(
    [SHUIJINGFANG, SHUIJINGFANG, DACISI, CAOSHIJIE].flatMap((home, place) =>
      Array.from({ length: 5 }, (_, index) => ({ key: `${'ABCD'.charAt(place)}${index}`, home, subscriptions: [['510104']] as const })),
    ),
  );
  await alerting.subscribe([{ key: 'E1', subscriptions: [['510104']] }]);
  alerting.answer((channel) => ({ kind: /[13]-/.test(channel) ? 'handed' : 'delivered' }));
  const told: RequestEvent[] = [];
  for (const [id, status] of [
    ['ALERT0000000000000000000001', 'actual'],
    ['ALERT0000000000000000000002', 'exercise'],
  ] as const) {
    const alert = anAlert(house, { id, status });
    await alerting.put(alert);
    await alerting.plan(alert);
    await alerting.settle((events) => {
      told.push(...events.filter((event) => event['detail-type'] === 'reach.counted').map((event) => event as unknown as RequestEvent));
      return events;
    });
  }
  await desk.recordAll([...told.toReversed(), ...told.slice(0, 3)]);
  await refresh();
  const { targeted, delivered, byCommunity } = await alerting.reach();
  expect([targeted, delivered]).toEqual([21, 12]);
  expect(await shown('51')).toEqual([delivered, targeted, 0.571429]);
  for (const each of byCommunity)
    // The county sums what lies below it, too.
    expect([each.community, ...(await shown(each.community)).slice(0, 2)]).toEqual([
      each.community,
      ...(each.community === '510104' ? [9, 16] : [each.delivered, each.targeted]),
    ]);
  const { database } = house.runtime;
  const rebuilding = { until: NOVEMBER as Month, runId: 'again', recount: false, sources: [REREADABLE.reach] };
  for (const part of await partsOf(divisionsReader(database), undefined))
    expect([part, (await rebuild(database, part, rebuilding)).differences]).toEqual([part, []]);
});

test('is shown to everybody: it tells of carriers, and of nobody', async () => {
  await tell([sums(DACISI, 1, 1)]);
  await refresh();
  const { body } = await house.get(`/v1/metrics?division=${DACISI}&month=${NOVEMBER}`);
  expect(body.indicators).toContainEqual({ id: 'alertReachRate', numerator: 1, denominator: 1, value: 1 });
});
