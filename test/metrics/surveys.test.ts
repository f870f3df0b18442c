/** The rate of the satisfied in surveys (群众满意率), from what surveys tell of their results when they end. */
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import type { DivisionCode } from '../../functions/kernel/division.ts';
import type { Instant } from '../../functions/kernel/time.ts';
import { metricsRepository } from '../../functions/metrics/repository.ts';
import { rebuild } from '../../functions/metrics/rebuild.ts';
import { REREADABLE } from '../../functions/metrics/images.ts';
import { SOURCES } from '../../functions/metrics/sources.ts';
import { surveys } from '../../functions/metrics/sources/surveys.ts';
import type { SurveyCountImage } from '../../functions/surveys/reader.ts';
import { surveyRepository } from '../../functions/surveys/repository.ts';
import { openHouse, type Content, type House } from '../support/house.ts';
import { CAOSHIJIE, countyDispatcher, DACISI, SHUIJINGFANG } from '../support/people.ts';
import { auditor } from './support/months.ts';
import { figuresIn, openDesk, type Desk, type RequestEvent } from './support/pieces.ts';

vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

const CLOSING = '2026-12-01T00:30:00+08:00';

let house: House;
let desk: Desk;
let empty: Content;
beforeAll(async () => {
  house = await openHouse({ at: '2026-11-24T09:00:00+08:00' });
  desk = await openDesk(house);
  empty = await house.content(['metrics', 'surveys']);
});
afterAll(() => house.stop());
beforeEach(async () => house.restore(empty, await house.content(['metrics', 'surveys'])));

/** A survey that ended at a moment in Shanghai: so many of those who answered in a community were satisfied. */
const count = (survey: string, community: string, closed: string, satisfied: number, answered: number): SurveyCountImage => ({
  survey,
  community: community as DivisionCode,
  version: 1,
  closedAt: new Date(`${closed.replace(' ', 'T')}:00+08:00`).toISOString() as Instant,
  satisfied,
  answered,
});
const closed = (item: SurveyCountImage): RequestEvent =>
  ({
    detail: { id: `COUNTS#${item.survey}#community#${item.community}#1`, type: 'surveyCount.closed', data: { item } },
  }) as unknown as RequestEvent;

const COUNTS = [
  count('one', SHUIJINGFANG, '2026-11-20 18:00', 18, 20),
  count('one', DACISI, '2026-11-20 18:00', 4, 20),
  count('two', SHUIJINGFANG, '2026-11-30 23:59', 5, 5),
  count('two', CAOSHIJIE, '2026-11-30 23:59', 0, 30),
  count('three', SHUIJINGFANG, '2026-12-01 00:00', 1, 10),
];

const rateOf = async (division: string, month = '2026-11', who: 'auditor' | 'public' = 'auditor'): Promise<unknown> => {
  const { body } = await house.get(`/v1/metrics?division=${division}&month=${month}`, who === 'auditor' ? auditor : undefined);
  const found = (body['indicators'] as { id: string; numerator: number; denominator: number; value: number }[]).find(
    ({ id }) => id === 'surveySatisfactionRate',
  );
  return found === undefined ? undefined : [found.numerator, found.denominator, found.value];
};

describe('the rate of a month', () => {
  test('is of the answers to surveys that ended in it, of all of them together, and of a parent the sum of its communities', async () => {
    await desk.recordAll(COUNTS.map(closed));
    await desk.run('monthlyMetrics', CLOSING);
    expect(await rateOf(SHUIJINGFANG)).toEqual([23, 25, 0.92]);
    expect(await rateOf(DACISI)).toEqual([4, 20, 0.2]);
    expect(await rateOf('510104017')).toEqual([27, 45, 0.6]);
    expect(await rateOf('51')).toEqual([27, 75, 0.36]);
    expect(await rateOf(SHUIJINGFANG, '2026-12')).toEqual([1, 10, 0.1]);
    expect(await rateOf(SHUIJINGFANG, '2026-10')).toEqual([0, 0, null]);
  });

  test('is public once the month is final', async () => {
    await desk.recordAll(COUNTS.map(closed));
    await desk.run('metricsRefresh', '2026-11-30T23:59:30+08:00');
    expect(await rateOf(DACISI)).toEqual([4, 20, 0.2]);
    expect(await rateOf(DACISI, '2026-11', 'public')).toBe(undefined);
    await desk.run('monthlyMetrics', CLOSING);
    expect(await rateOf(DACISI, '2026-11', 'public')).toEqual([4, 20, 0.2]);
  });

  test('is the same whatever order the counts came in, and however often', async () => {
    await desk.recordAll(COUNTS.map(closed));
    await desk.run('monthlyMetrics', CLOSING);
    const expected = figuresIn(await house.content(['metrics', 'surveys']));
    await house.restore(empty, await house.content(['metrics', 'surveys']));
    for (const each of COUNTS.toReversed()) {
      await desk.recordAll([each, each].map(closed));
      await desk.run('metricsRefresh', '2026-11-30T23:59:30+08:00');
    }
    await desk.run('monthlyMetrics', CLOSING);
    expect(figuresIn(await house.content(['metrics', 'surveys']))).toEqual(expected);
  });

  test('is behind each survey’s results of the community', async () => {
    await desk.recordAll(COUNTS.map(closed));
    await desk.run('monthlyMetrics', CLOSING);
    const { body } = await house.get(
      `/v1/metrics/facts?division=${SHUIJINGFANG}&month=2026-11&indicator=surveySatisfactionRate`,
      countyDispatcher,
    );
    const fact = (survey: string, numerator: number, denominator: number) => ({
      record: `surveys/${survey}/results?by=community&division=${SHUIJINGFANG}`,
      kind: 'surveyCount',
      community: SHUIJINGFANG,
      numerator,
      denominator,
    });
    expect(body['items']).toEqual([fact('one', 18, 20), fact('two', 5, 5)]);
  });
});

test('the facts are made again from the counts of the surveys', async () => {
  const { database } = house.runtime;
  const repository = surveyRepository(database);
  await repository.write(COUNTS.map((each) => repository.putsSurveyCount(each, 'test')));
  const again = async (): Promise<readonly string[]> => {
    const found = await Promise.all(
      [SHUIJINGFANG, DACISI, CAOSHIJIE].map((community) =>
        rebuild(database, community as DivisionCode, {
          until: '2026-12' as never,
          runId: 'again',
          recount: false,
          sources: [REREADABLE.surveyCount],
        }),
      ),
    );
    return found.flatMap(({ differences }) => differences.map(({ what }) => what));
  };
  expect(await again()).toEqual(COUNTS.map(() => 'missing'));
  expect(await again()).toEqual([]);
  expect((await metricsRepository(database).facts(SHUIJINGFANG as DivisionCode, '2026-11' as never)).length).toBe(2);
  expect(SOURCES).toContain(surveys);
});
