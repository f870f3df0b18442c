import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { DAY, HOUR, SECOND } from '../../functions/kernel/time.ts';
import type { TokenClaims } from '../../lib/local/issuer.ts';
import {
  countyDispatcher,
  DACISI,
  dispatcher,
  neighbour,
  otherDispatcher,
  otherWorker,
  resident,
  SHUIJINGFANG,
  strangeDispatcher,
  strangeWorker,
  worker,
  ZONGFULU,
} from '../support/people.ts';
import { ADMIN, startWorld, type Answer, type World } from '../support/world.ts';
import { act, allPages, done, makeIn, read, REASON, RESOLUTION, shanghai, TO_WORKER } from './support/requests.ts';

let world: World;
beforeAll(async () => {
  world = await startWorld();
});
afterAll(() => world.stop());
beforeEach(() => world.turnTo('2026-09-29T10:00:00+08:00'));

const FOR_HER = { onBehalfOf: { name: '王奶奶', phone: '028-86660000' }, channel: 'phone' };
const streetDispatcher = dispatcher;
const streetWorker: TokenClaims = { sub: 'worker-street', roles: ['worker'], division: '510104017' };
const cityDispatcher: TokenClaims = { sub: 'dispatcher-city', roles: ['dispatcher'], division: '5101' };

const opened = async (request: string): Promise<readonly Answer['body'][]> =>
  (await allPages(world, '/v1/rectifications?division=510104&limit=100', countyDispatcher)).filter((each) => each.request === request);
/** A request that was rated badly, and the rectification that follows. */
const rectification = async (level = 1): Promise<{ request: string; id: string }> => {
  const request = await makeIn(world, 'resolved');
  await done(world, request, 'rating', resident, { level });
  const [one] = await opened(request);
  return { request, id: one.id };
};
const step = (id: string, action: string, as: TokenClaims, body: unknown): Promise<Answer> =>
  world.post(`/v1/rectifications/${id}/${action}`, as, body);
const stepped = async (id: string, action: string, as: TokenClaims, body: unknown): Promise<Answer['body']> => {
  const answer = await step(id, action, as, body);
  expect([action, as.sub, answer.status, answer.body.code]).toEqual([action, as.sub, 200, undefined]);
  return answer.body;
};
const CALLBACK = { outcome: 'confirmed', note: '已回访' };
const FIX = { measure: '已返工' };
const APPEAL = { reason: '误评' };

describe('a rating', () => {
  test('is given once a round, before or after the closing', async () => {
    for (const status of ['resolved', 'closed']) {
      const id = await makeIn(world, status);
      const rated = await done(world, id, 'rating', resident, {
        level: 4,
        dimensions: { efficiency: 5, quality: 4, attitude: 3 },
        tags: ['响应快'],
        comment: '师傅很耐心',
      });
      expect(rated.rating).toMatchObject({
        level: 4,
        dimensions: { efficiency: 5, quality: 4, attitude: 3 },
        tags: ['响应快'],
        counts: true,
      });
      expect((await act(world, id, 'rating', resident, { level: 5 })).status).toBe(409);
      expect((await act(world, id, 'rating', otherWorker, { level: 5, ...FOR_HER })).status).toBe(409);
      await done(world, id, 'reopen', resident, REASON);
      expect((await act(world, id, 'rating', resident, { level: 5 })).status).toBe(409);
      await done(world, id, 'assign', dispatcher, { to: TO_WORKER });
      await done(world, id, 'start', worker);
      await done(world, id, 'resolve', worker, RESOLUTION);
      const again = await done(world, id, 'rating', resident, { level: 5 });
      expect(again.rating.level).toBe(5);
      expect(again.rounds).toMatchObject([{ round: 1, rating: { level: 4 } }]);
    }
  });

  test('is given within 30 days of resolve', async () => {
    const [first, second] = [await makeIn(world, 'resolved'), await makeIn(world, 'closed')];
    world.turn(30 * DAY);
    expect((await act(world, first, 'rating', resident, { level: 5 })).status).toBe(200);
    world.turn(SECOND);
    expect((await act(world, second, 'rating', resident, { level: 5 })).status).toBe(409);
    expect((await read(world, second, resident)).body.actions).not.toContain('rating');
  });

  test('comes from the requester, or by telephone through a worker who did not do the work', async () => {
    const id = await makeIn(world, 'resolved');
    for (const [as, body] of [
      [neighbour, { level: 5 }],
      [dispatcher, { level: 5, ...FOR_HER }],
      [worker, { level: 5, ...FOR_HER }],
      [strangeWorker, { level: 5, ...FOR_HER }],
      [ADMIN, { level: 5 }],
      [otherWorker, { level: 5, onBehalfOf: FOR_HER.onBehalfOf, channel: 'counter' }],
    ] as const) {
      expect([as.sub, (await act(world, id, 'rating', as, body)).status]).toEqual([as.sub, 403]);
    }
    const rated = await done(world, id, 'rating', otherWorker, { level: 3, ...FOR_HER });
    expect(rated.rating).toMatchObject({ level: 3, channel: 'phone' });
  });

  test('of 3 and better opens nothing, of 1 and 2 one rectification for the division that accepted it', async () => {
    for (const level of [3, 4, 5]) {
      const id = await makeIn(world, 'resolved');
      await done(world, id, 'rating', resident, { level });
      expect(await opened(id)).toEqual([]);
    }
    for (const level of [1, 2]) {
      const id = await makeIn(world, 'resolved');
      await done(world, id, 'rating', resident, { level });
      expect(await opened(id)).toMatchObject([{ request: id, level, status: 'open', handledBy: '510104017', community: SHUIJINGFANG }]);
    }
  });

  test('handledBy is the division of whoever accepted: a worker, or a dispatcher of the county', async () => {
    for (const by of [worker, countyDispatcher]) {
      const id = await makeIn(world, 'submitted');
      await done(world, id, 'accept', by);
      await done(world, id, 'assign', dispatcher, { to: TO_WORKER });
      await done(world, id, 'start', worker);
      await done(world, id, 'resolve', worker, RESOLUTION);
      await done(world, id, 'rating', resident, { level: 1 });
      expect((await opened(id)).map((each) => each.handledBy)).toEqual([by.division]);
    }
  });

  test('sent twice with one key opens one rectification', async () => {
    const id = await makeIn(world, 'resolved');
    const send = (): Promise<Answer> => world.post(`/v1/requests/${id}/rating`, resident, { level: 1 }, { 'idempotency-key': `bad-${id}` });
    const answers = await Promise.all([send(), send(), send()]);
    expect(answers.map((each) => each.status)).toEqual([200, 200, 200]);
    expect(await opened(id)).toHaveLength(1);
  });
});

describe('a rectification', () => {
  test('is called back within one working day and fixed within five, of the calendar; within 15 when hard', async () => {
    // Tuesday 29 September; National Day is 1 to 7 October, and Saturday 10 is worked.
    const { id } = await rectification();
    const { body } = await world.get(`/v1/rectifications/${id}`, dispatcher);
    expect(body).toMatchObject({
      openedAt: shanghai('2026-09-29 10:00'),
      callBackBy: shanghai('2026-09-30 10:00'),
      fixBy: shanghai('2026-10-12 10:00'),
      hard: false,
      estimated: false,
    });
    world.turn(5 * HOUR);
    const hard = await stepped(id, 'callback', otherDispatcher, { ...CALLBACK, hard: true });
    expect(hard).toMatchObject({ hard: true, callBackBy: shanghai('2026-09-30 10:00'), fixBy: shanghai('2026-10-26 10:00') });
  });

  test('beyond the published years its limits are estimated', async () => {
    world.turnTo('2026-12-30T10:00:00+08:00');
    const { id } = await rectification();
    expect((await world.get(`/v1/rectifications/${id}`, dispatcher)).body).toMatchObject({
      callBackBy: shanghai('2026-12-31 10:00'),
      fixBy: shanghai('2027-01-06 10:00'),
      estimated: true,
    });
  });

  test('takes its limits from the setting as it stands when it is opened', async () => {
    const path = '/v1/settings/rectifications';
    const { value } = (await world.get(path, ADMIN)).body;
    const days = (amount: number): unknown => ({ amount, unit: 'days' });
    const before = await rectification();
    expect((await world.put(path, ADMIN, { value: { callbackWithin: days(2), fixWithin: days(3), hardFixWithin: days(20) } })).status).toBe(
      200,
    );
    const after = await rectification();
    expect((await world.get(`/v1/rectifications/${after.id}`, dispatcher)).body).toMatchObject({
      callBackBy: shanghai('2026-10-01 10:00'),
      fixBy: shanghai('2026-10-02 10:00'),
    });
    expect((await stepped(after.id, 'callback', dispatcher, { ...CALLBACK, hard: true })).fixBy).toBe(shanghai('2026-10-19 10:00'));
    expect((await world.get(`/v1/rectifications/${before.id}`, dispatcher)).body.fixBy).toBe(shanghai('2026-10-12 10:00'));
    expect((await world.put(path, ADMIN, { value })).status).toBe(200);
  });

  test('is called back, then fixed; each once and in that order, and 409 says what is open', async () => {
    const { id } = await rectification();
    const early = await step(id, 'fix', dispatcher, FIX);
    expect([early.status, early.body.code, early.body.actions]).toEqual([409, 'wrongState', ['callback', 'appeal']]);
    const called = await stepped(id, 'callback', streetWorker, CALLBACK);
    expect(called).toMatchObject({ status: 'calledBack', callback: { ...CALLBACK, by: streetWorker.sub } });
    expect((await step(id, 'callback', dispatcher, CALLBACK)).status).toBe(409);
    const fixed = await stepped(id, 'fix', streetWorker, FIX);
    expect(fixed).toMatchObject({ status: 'fixed', fix: { ...FIX, by: streetWorker.sub } });
    expect((await step(id, 'fix', dispatcher, FIX)).status).toBe(409);
    expect((await step(id, 'review', countyDispatcher, { ruling: 'struck', ...REASON })).status).toBe(409);
  });

  test('nobody calls back their own work', async () => {
    const { id } = await rectification();
    expect((await step(id, 'callback', worker, CALLBACK)).status).toBe(403);
    expect((await world.get(`/v1/rectifications/${id}`, worker)).body.actions).not.toContain('callback');
  });

  test('is for staff of the place: others do not know that it is there', async () => {
    const { id } = await rectification();
    for (const as of [strangeWorker, strangeDispatcher]) {
      expect((await world.get(`/v1/rectifications/${id}`, as)).status).toBe(404);
      expect((await step(id, 'callback', as, CALLBACK)).status).toBe(404);
    }
    for (const as of [resident, ADMIN]) {
      expect((await world.get(`/v1/rectifications/${id}`, as)).status).toBe(403);
      expect((await world.get('/v1/rectifications', as)).status).toBe(403);
      expect((await step(id, 'callback', as, CALLBACK)).status).toBe(403);
    }
  });

  test('asks for what each step must say', async () => {
    const { id } = await rectification();
    for (const [action, body, path] of [
      ['callback', { outcome: 'perhaps', note: '已回访' }, 'outcome'],
      ['callback', { outcome: 'confirmed' }, 'note'],
      ['fix', {}, 'measure'],
      ['appeal', {}, 'reason'],
      ['review', { ruling: 'maybe', reason: '不知' }, 'ruling'],
    ] as const) {
      const answer = await step(id, action, countyDispatcher, body);
      expect([action, answer.status, answer.body.errors[0].path]).toEqual([action, 422, path]);
    }
  });

  test.for(['mistaken', 'malicious'])('a callback that finds it %s strikes nothing by itself', async (outcome) => {
    const { id, request } = await rectification();
    await stepped(id, 'callback', dispatcher, { ...CALLBACK, outcome });
    expect((await read(world, request, dispatcher)).body.rating.counts).toBe(true);
  });

  test('an appeal of who handled it is ruled on by a dispatcher above, who had no part in it', async () => {
    const { id, request } = await rectification();
    expect((await step(id, 'appeal', strangeDispatcher, APPEAL)).status).toBe(404);
    const appealed = await stepped(id, 'appeal', streetWorker, APPEAL);
    expect(appealed).toMatchObject({ status: 'appealed', appeal: { ...APPEAL, by: streetWorker.sub } });
    expect((await step(id, 'callback', dispatcher, CALLBACK)).status).toBe(409);
    // Of the same division, of the community below, no dispatcher, of elsewhere.
    for (const [as, status] of [
      [streetDispatcher, 403],
      [otherDispatcher, 403],
      [streetWorker, 403],
      [{ sub: 'worker-county', roles: ['worker'], division: '510104' }, 403],
      [strangeDispatcher, 404],
    ] as const) {
      expect([as.sub, (await step(id, 'review', as, { ruling: 'struck', ...REASON })).status]).toEqual([as.sub, status]);
    }
    const struck = await stepped(id, 'review', countyDispatcher, { ruling: 'struck', reason: '回访确认误评' });
    expect(struck).toMatchObject({
      status: 'struck',
      review: { ruling: 'struck', reason: '回访确认误评', by: countyDispatcher.sub },
      actions: [],
    });
    // It no longer counts, and stays on record with its ruling.
    expect((await read(world, request, dispatcher)).body.rating).toMatchObject({ level: 1, counts: false });
    expect((await act(world, request, 'rating', resident, { level: 5 })).status).toBe(409);
    for (const [action, body] of [
      ['callback', CALLBACK],
      ['fix', FIX],
      ['appeal', APPEAL],
      ['review', { ruling: 'upheld', ...REASON }],
    ] as const) {
      expect([action, (await step(id, action, cityDispatcher, body)).status]).toEqual([action, 409]);
    }
  });

  test('whoever accepted it, or appealed, does not review it', async () => {
    const accepter: TokenClaims = { sub: 'dispatcher-moved', roles: ['dispatcher'], division: '510104017' };
    const request = await makeIn(world, 'submitted');
    await done(world, request, 'accept', accepter);
    await done(world, request, 'assign', dispatcher, { to: TO_WORKER });
    await done(world, request, 'start', worker);
    await done(world, request, 'resolve', worker, RESOLUTION);
    await done(world, request, 'rating', resident, { level: 2 });
    const { id } = (await opened(request))[0];
    await stepped(id, 'appeal', cityDispatcher, APPEAL);
    // Promoted since, they still had their part in it.
    for (const as of [{ ...accepter, division: '510104' }, cityDispatcher])
      expect([as.sub, (await step(id, 'review', as, { ruling: 'struck', ...REASON })).status]).toEqual([as.sub, 403]);
    await stepped(id, 'review', countyDispatcher, { ruling: 'upheld', ...REASON });
  });

  test('a rating that is upheld counts, goes on where it was, and is not appealed again', async () => {
    for (const before of ['open', 'calledBack', 'fixed']) {
      const { id, request } = await rectification(2);
      if (before !== 'open') await stepped(id, 'callback', dispatcher, CALLBACK);
      if (before === 'fixed') await stepped(id, 'fix', dispatcher, FIX);
      await stepped(id, 'appeal', dispatcher, APPEAL);
      const upheld = await stepped(id, 'review', countyDispatcher, { ruling: 'upheld', ...REASON });
      expect(upheld).toMatchObject({ status: before, review: { ruling: 'upheld' } });
      expect(upheld.actions).not.toContain('appeal');
      expect((await step(id, 'appeal', dispatcher, APPEAL)).status).toBe(409);
      expect((await read(world, request, dispatcher)).body.rating.counts).toBe(true);
    }
  });

  test('of an earlier round strikes the rating of that round', async () => {
    const { id, request } = await rectification();
    await done(world, request, 'reopen', resident, REASON);
    await done(world, request, 'assign', dispatcher, { to: TO_WORKER });
    await done(world, request, 'start', worker);
    await done(world, request, 'resolve', worker, RESOLUTION);
    await done(world, request, 'rating', resident, { level: 2 });
    expect(await opened(request)).toHaveLength(2);
    await stepped(id, 'appeal', dispatcher, APPEAL);
    await stepped(id, 'review', countyDispatcher, { ruling: 'struck', ...REASON });
    const { rating, rounds } = (await read(world, request, dispatcher)).body;
    expect([rounds[0].rating.counts, rating.counts]).toEqual([false, true]);
  });

  test('a wrong If-Match is 412', async () => {
    const { id } = await rectification();
    const tag = (await world.get(`/v1/rectifications/${id}`, dispatcher)).headers.get('etag') ?? '';
    const send = (match: string): Promise<Answer> =>
      world.post(`/v1/rectifications/${id}/callback`, dispatcher, CALLBACK, { 'if-match': match });
    expect((await send('"77"')).status).toBe(412);
    expect((await send(tag)).status).toBe(200);
    expect((await send(tag)).status).toBe(412);
  });
});

test('rectifications are listed by division and status, newest first, for staff of that division only', async () => {
  const there = await makeIn(world, 'submitted', { community: ZONGFULU });
  await done(world, there, 'assign', countyDispatcher, { to: TO_WORKER });
  await done(world, there, 'start', worker);
  await done(world, there, 'resolve', worker, RESOLUTION);
  await done(world, there, 'rating', resident, { level: 1 });
  const all = await allPages(world, '/v1/rectifications?limit=7', countyDispatcher);
  expect(all.length).toBeGreaterThan(7);
  expect(all.map((each) => each.openedAt)).toEqual(
    all
      .map((each) => each.openedAt)
      .toSorted()
      .toReversed(),
  );
  expect(new Set(all.map((each) => each.id)).size).toBe(all.length);
  for (const [division, as] of [
    ['51', { ...cityDispatcher, division: '51' }],
    ['5101', cityDispatcher],
    ['510104', cityDispatcher],
    ['510104017', dispatcher],
    [SHUIJINGFANG, worker],
  ] as const) {
    const found = await allPages(world, `/v1/rectifications?division=${division}&limit=9`, as);
    expect(found.map((each) => each.id)).toEqual(all.filter((each) => each.community.startsWith(division)).map((each) => each.id));
    const open = await allPages(world, `/v1/rectifications?division=${division}&status=struck`, as);
    expect(open.map((each) => each.id)).toEqual(
      all.filter((each) => each.community.startsWith(division) && each.status === 'struck').map((each) => each.id),
    );
  }
  for (const division of ['51', '510104', DACISI])
    expect((await world.get(`/v1/rectifications?division=${division}`, worker)).status).toBe(403);
});
