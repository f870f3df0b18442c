/** The quality score of a division's month: by hand from what its reader sees, and from nothing else. */
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { HOUR } from '../../functions/kernel/time.ts';
import { qualityScore } from '../../functions/providers/quality.ts';
import type { TokenClaims } from '../../lib/local/issuer.ts';
import { dispatcher, resident, SHUIJINGFANG, worker } from '../support/people.ts';
import { requestAt } from '../support/stages.ts';
import { ADMIN, startWorld, type World } from '../support/world.ts';

let world: World;
beforeAll(async () => {
  world = await startWorld({ at: '2026-10-12T09:00:00+08:00' });
  for (const level of [5, 1, 4]) {
    const id = await requestAt(world.post, 'resolved');
    world.turn(HOUR);
    await world.post(`/v1/requests/${id}/rating`, resident, { level });
  }
  world.turnTo('2026-11-01T00:30:00+08:00');
  await world.settle();
  await world.schedule('monthlyMetrics');
  await world.settle();
});
afterAll(() => world.stop());

const scoreFor = async (as?: TokenClaims, query = 'month=2026-10') =>
  (await world.get(`/v1/divisions/${SHUIJINGFANG}/score?${query}`, as)).body;

test('it is the points of its parts ÷ their weights, from the very figures that its reader sees', async () => {
  for (const as of [undefined, resident, dispatcher]) {
    const { score, parts, leftOut, method, status } = await scoreFor(as);
    const seen = (await world.get(`/v1/metrics?division=${SHUIJINGFANG}&month=2026-10`, as)).body;
    expect(status).toBe('final');
    let [points, weights] = [0, 0];
    for (const part of parts) {
      expect(part.value).toBe(seen.indicators.find(({ id }: { id: string }) => id === part.indicator).value);
      expect(part.points).toBeCloseTo(part.weight * Math.min(1, part.value / part.target), 2);
      points += part.points;
      weights += part.weight;
    }
    expect(score).toBeCloseTo((100 * points) / weights, 2);
    expect([...parts, ...leftOut].map(({ indicator }) => indicator).toSorted()).toEqual(
      method.parts.map(({ indicator }: { indicator: string }) => indicator).toSorted(),
    );
  }
});

test('a small figure is left out of the public score, and said to be; staff see it', async () => {
  const [open, whole] = [await scoreFor(), await scoreFor(dispatcher)];
  expect(open.leftOut).toContainEqual({ indicator: 'satisfactionRate', why: 'suppressed' });
  expect(whole.parts.find(({ indicator }: { indicator: string }) => indicator === 'satisfactionRate').value).toBeCloseTo(2 / 3, 5);
  expect(open.score).not.toBe(whole.score);
  expect(open.parts.map(({ indicator }: { indicator: string }) => indicator)).toEqual([
    'respondedOnTimeRate',
    'resolvedOnTimeRate',
    'mealCoverageRate',
  ]);
});

test('of a month that is not final, what concerns residents is not public yet; without any figure there is no score', async () => {
  const now = await scoreFor(undefined, 'month=2026-11');
  expect(now.leftOut).toContainEqual({ indicator: 'satisfactionRate', why: 'notPublicYet' });
  expect((await scoreFor(undefined, 'month=2026-01')).score).toBe(null);
  expect((await world.get('/v1/divisions/510104999/score?month=2026-10')).status).toBe(404);
});

test('another method is another version, public, and holds at once', async () => {
  const value = {
    parts: [
      { indicator: 'respondedOnTimeRate', weight: 1, target: 0.5 },
      { indicator: 'nothingOfTheKind', weight: 9 },
    ],
  };
  expect((await world.put('/v1/settings/qualityMethod', ADMIN, { value })).status).toBe(200);
  expect((await world.get('/v1/quality-method')).body).toEqual({ version: 2, ...value });
  expect(await scoreFor(worker)).toMatchObject({ score: 100, leftOut: [{ indicator: 'nothingOfTheKind', why: 'notCounted' }] });
});

test('what is not seen does not move it', () => {
  const parts = [
    { indicator: 'seen', weight: 3 },
    { indicator: 'hidden', weight: 7 },
  ];
  const share = fc.double({ min: 0, max: 1, noNaN: true });
  fc.assert(
    fc.property(share, share, fc.constantFrom(undefined, 'small', 'zero'), (value, target, suppressed) => {
      const alone = qualityScore({ version: 1, parts: parts.slice(0, 1) }, [{ id: 'seen', value }], () => true);
      const withHidden = qualityScore(
        { version: 1, parts },
        [
          { id: 'seen', value },
          { id: 'hidden', value: null, target, suppressed },
        ],
        () => true,
      );
      expect([withHidden.score, withHidden.parts]).toEqual([alone.score, alone.parts]);
      expect(qualityScore({ version: 1, parts }, [{ id: 'seen', value }], () => true).score).toBe(alone.score);
    }),
    { seed: 20261124 },
  );
});
