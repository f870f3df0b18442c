import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { DAY, HOUR, MINUTE, SECOND } from '../../functions/kernel/time.ts';
import type { TokenClaims } from '../../lib/local/issuer.ts';
import {
  countyDispatcher,
  DACISI,
  dispatcher,
  otherDispatcher,
  otherWorker,
  resident,
  SHUIJINGFANG,
  worker,
  ZONGFULU,
} from '../support/people.ts';
import { ADMIN, startWorld, type Answer, type World } from '../support/world.ts';
import { act, daysAfter, done, make, makeIn, read, REASON, RESOLUTION, shanghai, TO_VOLUNTEER, TO_WORKER } from './support/requests.ts';

let world: World;
beforeAll(async () => {
  world = await startWorld();
});
afterAll(() => world.stop());

const at = (text: string): void => world.turnTo(shanghai(text));
const clocks = (): Promise<Answer> => world.schedule('requestClocks');

interface Message {
  readonly to: string;
  readonly text: string;
  readonly about: string;
}
const outbox = async (id: string, to?: string): Promise<readonly Message[]> =>
  (await world.get(`/dev/outbox${to === undefined ? '' : `?to=${to}`}`)).body.items.filter(
    (each: Message) => each.about === `requests/${id}`,
  );

/** A service of the catalogue with another clock. */
const withClock = async (code: string, resolveWithin: unknown, respondWithin: unknown = { amount: 2, unit: 'hours' }): Promise<string> => {
  const put = await world.put(`/v1/services/${code}`, ADMIN, {
    name: { 'zh-CN': code },
    description: { 'zh-CN': code },
    group: 'convenience',
    keywords: [],
    attributes: [],
    respondWithin,
    resolveWithin,
    visibility: 'public',
  });
  expect([200, 201]).toContain(put.status);
  return code;
};
const workingDays = (amount: number): unknown => ({ amount, unit: 'workingDays' });

describe('deadlines', () => {
  test.for([
    // Saturday 14 and 28 February are worked; 15 to 23 are the Spring Festival.
    ['2026-02-13 10:00', 1, '2026-02-14 10:00', false],
    ['2026-02-13 10:00', 2, '2026-02-24 10:00', false],
    ['2026-02-14 17:30', 4, '2026-02-27 17:30', false],
    ['2026-02-18 09:00', 5, '2026-02-28 09:00', false],
    ['2026-02-27 09:00', 2, '2026-03-02 09:00', false],
    // National Day, 1 to 7 October; Sunday 20 September and Saturday 10 October are worked.
    ['2026-09-30 10:00', 1, '2026-10-08 10:00', false],
    ['2026-09-30 10:00', 3, '2026-10-10 10:00', false],
    ['2026-09-30 10:00', 4, '2026-10-12 10:00', false],
    ['2026-09-18 16:00', 1, '2026-09-20 16:00', false],
    // Nobody has published 2027 yet: Monday to Friday, and it says so.
    ['2026-12-31 10:00', 1, '2027-01-01 10:00', true],
    ['2026-12-28 10:00', 3, '2026-12-31 10:00', false],
    ['2026-12-28 10:00', 20, '2027-01-25 10:00', true],
  ] as const)('from %s, %i working days end at %s, estimated: %s', async ([from, amount, until, estimated]) => {
    at(from);
    const service = await withClock(`wait${amount}`, workingDays(amount));
    const { body } = await read(world, await make(world, { service }));
    expect([body.resolveBy, body.estimated]).toEqual([shanghai(until), estimated]);
    expect(body.respondBy).toBe(new Date(world.now() + 2 * HOUR).toISOString());
  });

  test.for([
    [{ amount: 30, unit: 'minutes' }, '2026-09-30 23:45', '2026-10-01 00:15'],
    [{ amount: 4, unit: 'hours' }, '2026-09-30 22:00', '2026-10-01 02:00'],
    [{ amount: 2, unit: 'days' }, '2026-12-31 08:00', '2027-01-02 08:00'],
  ] as const)('%o run through nights and holidays, and are never estimated', async ([limit, from, until]) => {
    at(from);
    const service = await withClock(`runs-${limit.unit}`, limit, limit);
    const { body } = await read(world, await make(world, { service }));
    expect([body.respondBy, body.resolveBy, body.estimated]).toEqual([shanghai(until), shanghai(until), false]);
  });

  test('accepting it as another service counts that service’s clock from the request, estimated where it is', async () => {
    at('2026-12-28 10:00');
    const id = await make(world, { service: 'rubbish' });
    const before = (await read(world, id)).body;
    expect(before.estimated).toBe(false);
    world.turn(HOUR);
    const after = await done(world, id, 'accept', dispatcher, { service: await withClock('wait20', workingDays(20)) });
    expect(after).toMatchObject({
      service: 'wait20',
      respondBy: before.respondBy,
      resolveBy: shanghai('2027-01-25 10:00'),
      estimated: true,
    });
  });

  test('a request keeps the clocks of the version that it was made under', async () => {
    at('2026-06-01 10:00');
    const service = await withClock('changing', { amount: 3, unit: 'days' });
    const id = await make(world, { service });
    await withClock('changing', { amount: 1, unit: 'hours' });
    const fresh = await make(world, { service });
    expect((await read(world, id, resident)).body).toMatchObject({ serviceVersion: 1, resolveBy: shanghai('2026-06-04 10:00') });
    expect((await read(world, fresh, resident)).body).toMatchObject({ serviceVersion: 2, resolveBy: shanghai('2026-06-01 11:00') });
    // A new round has new clocks, of the same terms.
    await done(world, id, 'assign', dispatcher, { to: TO_WORKER });
    await done(world, id, 'start', worker);
    await done(world, id, 'resolve', worker, RESOLUTION);
    at('2026-06-02 10:00');
    expect((await done(world, id, 'reopen', resident, REASON)).resolveBy).toBe(shanghai('2026-06-05 10:00'));
    // Accepted as what it is, it stays what it was.
    const named = await make(world, { service });
    await withClock('changing', { amount: 5, unit: 'days' });
    expect(await done(world, named, 'accept', dispatcher, { service })).toMatchObject({
      serviceVersion: 2,
      resolveBy: shanghai('2026-06-02 11:00'),
    });
  });
});

describe('the first response', () => {
  test.for([
    ['accept', dispatcher, {}],
    ['accept', worker, {}],
    ['reject', dispatcher, REASON],
    ['assign', dispatcher, { to: TO_WORKER }],
  ] as const)('is %s', async ([action, as, body]) => {
    at('2026-06-01 10:00');
    const id = await make(world);
    world.turn(HOUR);
    expect((await done(world, id, action, as, body)).respondedAt).toBe(shanghai('2026-06-01 11:00'));
  });

  test('is duplicate, and is no cancel, comment or transfer; the second accept does not move it', async () => {
    at('2026-06-01 10:00');
    const [original, twin, own] = [await make(world), await make(world), await make(world)];
    world.turn(HOUR);
    expect((await done(world, twin, 'duplicate', dispatcher, { of: original })).respondedAt).toBe(shanghai('2026-06-01 11:00'));
    expect((await done(world, own, 'comments', dispatcher, { text: '已看到' })).respondedAt).toBeUndefined();
    expect((await done(world, own, 'transfer', dispatcher, { community: DACISI, ...REASON })).respondedAt).toBeUndefined();
    await done(world, own, 'accept', dispatcher);
    world.turn(HOUR);
    await done(world, own, 'transfer', dispatcher, { community: SHUIJINGFANG, ...REASON });
    expect((await done(world, own, 'accept', dispatcher)).respondedAt).toBe(shanghai('2026-06-01 11:00'));
    const gone = await make(world);
    expect((await done(world, gone, 'cancel', resident)).respondedAt).toBeUndefined();
  });
});

describe('waiting for the resident', () => {
  test('stops the clock, and what was left is left after it', async () => {
    at('2026-06-01 10:00');
    const id = await makeIn(world, 'inProgress', { service: 'rubbish' });
    expect((await read(world, id, worker)).body.resolveBy).toBe(shanghai('2026-06-02 10:00'));
    at('2026-06-01 14:00');
    const paused = await done(world, id, 'pause', worker, REASON);
    expect(paused.paused).toEqual({ at: shanghai('2026-06-01 14:00'), endsAt: shanghai('2026-06-15 14:00') });
    at('2026-06-03 14:00');
    await clocks();
    expect((await read(world, id, worker)).body).toMatchObject({ overdue: false });
    expect(await outbox(id)).toEqual([]);
    const resumed = await done(world, id, 'resume', worker);
    expect(resumed).toMatchObject({ resolveBy: shanghai('2026-06-04 10:00'), overdue: false });
    expect(resumed.paused).toBeUndefined();
  });

  test('hides no lateness that was there before', async () => {
    at('2026-06-01 10:00');
    const id = await makeIn(world, 'inProgress', { service: 'rubbish' });
    at('2026-06-02 10:01');
    await done(world, id, 'pause', worker, REASON);
    at('2026-06-03 10:00');
    const { body } = await read(world, id, worker);
    expect([body.overdue, body.resolveBy]).toEqual([true, shanghai('2026-06-02 10:00')]);
    expect((await done(world, id, 'resume', worker)).resolveBy).toBe(shanghai('2026-06-02 10:00'));
  });

  test('moves working days by working time', async () => {
    at('2026-09-29 10:00');
    const id = await makeIn(world, 'inProgress', { service: await withClock('wait3', workingDays(3)) });
    expect((await read(world, id, worker)).body.resolveBy).toBe(shanghai('2026-10-09 10:00'));
    at('2026-09-30 10:00');
    await done(world, id, 'pause', worker, REASON);
    // Of these eight days one was worked.
    at('2026-10-08 10:00');
    expect((await done(world, id, 'resume', worker)).resolveBy).toBe(shanghai('2026-10-10 10:00'));
  });

  test('takes ten working days a round at most, in all its pauses, and then requestClocks ends it', async () => {
    at('2026-06-01 10:00');
    const id = await makeIn(world, 'inProgress', { service: await withClock('wait20', workingDays(20)) });
    await done(world, id, 'pause', worker, REASON);
    at('2026-06-08 10:00');
    await done(world, id, 'resume', worker);
    // Five are used; 19 to 21 June are the Dragon Boat Festival.
    at('2026-06-15 10:00');
    const again = await done(world, id, 'pause', worker, REASON);
    expect(again.paused.endsAt).toBe(shanghai('2026-06-23 10:00'));
    at('2026-06-23 09:59');
    await clocks();
    expect((await read(world, id, worker)).body.paused).toBeDefined();
    at('2026-06-25 10:00');
    await clocks();
    const ended = (await read(world, id, worker)).body;
    expect(ended.paused).toBeUndefined();
    expect(ended.history.at(-1)).toMatchObject({ action: 'resume', status: 'inProgress' });
    expect(ended.actions).not.toContain('pause');
    expect((await act(world, id, 'pause', worker, REASON)).status).toBe(409);
    // From 29 June ten working days on, and not the two that the pause outlived its allowance.
    expect(ended.resolveBy).toBe(shanghai('2026-07-14 10:00'));
    // A new round has its own allowance.
    await done(world, id, 'resolve', worker, RESOLUTION);
    await done(world, id, 'reopen', resident, REASON);
    await done(world, id, 'assign', dispatcher, { to: TO_WORKER });
    await done(world, id, 'start', worker);
    expect((await done(world, id, 'pause', worker, REASON)).paused.endsAt).toBe(shanghai('2026-07-09 10:00'));
  });
});

describe('more time', () => {
  const ask = (days: number): unknown => ({ resolveBy: daysAfter(world.now(), days), reason: '配件需要订货' });

  test('is asked for by the assignee and granted by a dispatcher, once', async () => {
    at('2026-06-01 10:00');
    const id = await makeIn(world, 'inProgress');
    const before = (await read(world, id, worker)).body.resolveBy;
    for (const as of [dispatcher, countyDispatcher]) expect((await act(world, id, 'extend', as, ask(10))).status).toBe(409);
    for (const as of [resident, otherWorker]) expect((await act(world, id, 'extend', as, ask(10))).status).toBe(403);
    expect((await act(world, id, 'extend', worker, { ...(ask(10) as object), decision: 'granted' })).status).toBe(422);

    const asked = await done(world, id, 'extend', worker, ask(10));
    expect(asked).toMatchObject({ resolveBy: before, extension: { decision: 'pending', reason: '配件需要订货' } });
    expect(asked.actions).not.toContain('extend');
    expect((await act(world, id, 'extend', worker, ask(12))).status).toBe(409);
    expect((await read(world, id, dispatcher)).body.actions).toContain('extend');

    const granted = await done(world, id, 'extend', otherDispatcher, { ...(ask(8) as object), decision: 'granted' });
    expect(granted).toMatchObject({ resolveBy: daysAfter(world.now(), 8), extension: { decision: 'granted' } });
    for (const as of [worker, dispatcher]) expect((await act(world, id, 'extend', as, ask(20))).status).toBe(409);
  });

  test('may be refused, and then the deadline stays', async () => {
    at('2026-06-01 10:00');
    const id = await makeIn(world, 'inProgress');
    const before = (await read(world, id, worker)).body.resolveBy;
    await done(world, id, 'extend', worker, ask(10));
    const refused = await done(world, id, 'extend', dispatcher, { ...(ask(10) as object), decision: 'refused' });
    expect(refused).toMatchObject({ resolveBy: before, extension: { decision: 'refused' } });
    expect((await act(world, id, 'extend', worker, ask(20))).status).toBe(409);
  });

  test('is not granted by whoever asked for it', async () => {
    at('2026-06-01 10:00');
    const both: TokenClaims = { sub: 'dispatcher-too', roles: ['worker', 'dispatcher'], division: SHUIJINGFANG };
    const id = await makeIn(world, 'accepted');
    await done(world, id, 'assign', dispatcher, { to: { kind: 'worker', id: both.sub } });
    await done(world, id, 'extend', both, ask(10));
    expect((await read(world, id, both)).body.actions).not.toContain('extend');
    expect((await act(world, id, 'extend', both, { ...(ask(10) as object), decision: 'granted' })).status).toBe(409);
    await done(world, id, 'extend', dispatcher, { ...(ask(10) as object), decision: 'granted' });
  });
});

describe('what is late goes up a level by itself', () => {
  const escalations = async (id: string): Promise<readonly unknown[]> =>
    (await read(world, id, dispatcher)).body.history
      .filter((entry: { action: string }) => entry.action === 'escalate')
      .map(({ division, at: when }: { division: string; at: string }) => [division, when]);

  test('unresolved: at the deadline to the street, then a level a working day up to the city, each told once', async () => {
    at('2026-06-03 10:00');
    // Its deadline is Thursday 4 June; the next working days are Friday and Monday.
    const id = await makeIn(world, 'inProgress', { service: 'rubbish' });
    at('2026-06-04 09:59');
    await clocks();
    expect((await read(world, id, dispatcher)).body).toMatchObject({ overdue: false });
    expect(await outbox(id)).toEqual([]);

    const seen: [string, string | undefined, number][] = [];
    for (const moment of [
      '2026-06-04 10:00',
      '2026-06-04 10:15',
      '2026-06-05 09:59',
      '2026-06-05 10:00',
      '2026-06-07 10:00',
      '2026-06-08 10:00',
      '2026-06-30 10:00',
    ]) {
      at(moment);
      await clocks();
      await clocks();
      const { body } = await read(world, id, dispatcher);
      seen.push([moment, body.escalatedTo, (await outbox(id)).length]);
    }
    expect(seen).toEqual([
      ['2026-06-04 10:00', '510104017', 2],
      ['2026-06-04 10:15', '510104017', 2],
      ['2026-06-05 09:59', '510104017', 2],
      ['2026-06-05 10:00', '510104', 4],
      ['2026-06-07 10:00', '510104', 4],
      ['2026-06-08 10:00', '5101', 6],
      ['2026-06-30 10:00', '5101', 6],
    ]);
    for (const division of ['510104017', '510104', '5101']) expect(await outbox(id, division)).toHaveLength(1);
    // Who works on it is told of every step.
    expect(await outbox(id, worker.sub)).toHaveLength(3);
    expect(await escalations(id)).toEqual([
      ['510104017', shanghai('2026-06-04 10:00')],
      ['510104', shanghai('2026-06-05 10:00')],
      ['5101', shanghai('2026-06-08 10:00')],
    ]);
    expect((await read(world, id, dispatcher)).body.overdue).toBe(true);
    // Resolved, it is nobody's above any more.
    const resolved = await done(world, id, 'resolve', worker, RESOLUTION);
    expect([resolved.escalatedTo, resolved.overdue]).toEqual([undefined, false]);
  });

  test('unanswered: from respondBy, and an answer takes it down again', async () => {
    at('2026-06-01 10:00');
    const id = await make(world, { service: await withClock('slow', workingDays(20)) });
    at('2026-06-01 12:00');
    await clocks();
    expect((await read(world, id, dispatcher)).body.escalatedTo).toBe('510104017');
    at('2026-06-02 12:00');
    await clocks();
    expect((await read(world, id, dispatcher)).body).toMatchObject({ escalatedTo: '510104', overdue: true });
    const accepted = await done(world, id, 'accept', dispatcher);
    expect([accepted.escalatedTo, accepted.overdue]).toEqual([undefined, false]);
    at('2026-06-10 12:00');
    await clocks();
    expect((await outbox(id)).map(({ to }) => to).toSorted()).toEqual(['510104', '510104017']);
    // The public learns that it was raised, and not to whom.
    expect((await read(world, id)).body.history.filter((entry: { action: string }) => entry.action === 'escalate')).toHaveLength(2);
    expect((await read(world, id)).text).not.toContain('escalatedTo');
  });

  test('a run that comes late makes up for every step, once', async () => {
    at('2026-06-03 10:00');
    const id = await makeIn(world, 'inProgress', { service: 'rubbish' });
    at('2026-07-01 10:00');
    await clocks();
    expect((await read(world, id, dispatcher)).body.escalatedTo).toBe('5101');
    expect((await outbox(id, worker.sub)).length).toBe(3);
  });

  test('after a transfer the lateness goes on in the other place', async () => {
    at('2026-06-01 10:00');
    const id = await make(world, { service: await withClock('slow', workingDays(20)) });
    at('2026-06-01 12:00');
    await clocks();
    const moved = await done(world, id, 'transfer', countyDispatcher, { community: ZONGFULU, ...REASON });
    expect(moved.escalatedTo).toBe('510104020');
    at('2026-06-02 12:00');
    await clocks();
    expect((await read(world, id, countyDispatcher)).body.escalatedTo).toBe('510104');
  });

  test('a message says nothing of what the resident wrote', async () => {
    at('2026-06-01 10:00');
    const id = await make(world, {
      service: 'urgentHelp',
      description: '家里的事不想让人知道',
      contact: { name: '张三', phone: '13800001111' },
    });
    at('2026-06-01 10:30');
    await clocks();
    const told = await outbox(id);
    expect(told.map(({ to }) => to)).toEqual(['510104017']);
    for (const secret of ['家里', '张三', '13800001111', resident.sub]) expect(JSON.stringify(told)).not.toContain(secret);
  });

  test('what was rejected, cancelled, resolved or closed is never late', async () => {
    at('2026-06-01 10:00');
    const late = await Promise.all(
      ['rejected', 'cancelled', 'duplicate', 'resolved', 'closed'].map((status) => makeIn(world, status, { service: 'rubbish' })),
    );
    at('2026-06-05 10:00');
    await clocks();
    for (const id of late) {
      const { body } = await read(world, id, dispatcher);
      expect([body.status, body.overdue, body.escalatedTo]).toEqual([body.status, false, undefined]);
      expect(await outbox(id)).toEqual([]);
    }
  });
});

describe('after resolve', () => {
  test('requestClocks closes it seven days later, not before', async () => {
    at('2026-06-01 10:00');
    const id = await makeIn(world, 'resolved');
    at('2026-06-08 09:59');
    await clocks();
    expect((await read(world, id)).body.status).toBe('resolved');
    at('2026-06-08 10:00');
    await clocks();
    const { body } = await read(world, id, resident);
    expect(body).toMatchObject({ status: 'closed', closedAt: shanghai('2026-06-08 10:00'), resolvedAt: shanghai('2026-06-01 10:00') });
    expect(body.history.at(-1).by).toBeUndefined();
  });

  test('the requester reopens it within 15 days, a dispatcher at any time; both rounds stay', async () => {
    at('2026-06-01 10:00');
    const [first, second] = [await makeIn(world, 'closed'), await makeIn(world, 'closed')];
    world.turn(15 * DAY);
    const reopened = await done(world, first, 'reopen', resident, { reason: '灯又坏了' });
    expect(reopened).toMatchObject({
      status: 'accepted',
      round: 2,
      respondBy: new Date(world.now() + 4 * HOUR).toISOString(),
      rounds: [
        { round: 1, resolvedAt: shanghai('2026-06-01 10:00'), closedAt: shanghai('2026-06-01 10:00'), resolution: RESOLUTION.resolution },
      ],
    });
    for (const field of ['respondedAt', 'resolvedAt', 'closedAt', 'resolution', 'assignee']) expect(reopened[field]).toBeUndefined();
    expect(reopened.history.map(({ action, round }: { action: string; round: number }) => [action, round])).toEqual([
      ['submit', 1],
      ['accept', 1],
      ['assign', 1],
      ['start', 1],
      ['resolve', 1],
      ['close', 1],
      ['reopen', 2],
    ]);

    world.turn(MINUTE);
    expect((await read(world, second, resident)).body.actions).not.toContain('reopen');
    expect((await act(world, second, 'reopen', resident, REASON)).status).toBe(409);
    expect((await act(world, second, 'reopen', otherWorker, { ...REASON, onBehalfOf: { name: '王奶奶' }, channel: 'phone' })).status).toBe(
      409,
    );
    world.turn(300 * DAY);
    expect((await done(world, second, 'reopen', dispatcher, REASON)).status).toBe('accepted');
  });

  test('a second round is late by its own clocks, and closes by itself as the first would', async () => {
    at('2026-06-01 10:00');
    const id = await makeIn(world, 'resolved', { service: 'rubbish' });
    at('2026-06-03 10:00');
    await done(world, id, 'reopen', resident, REASON);
    at('2026-06-03 12:00');
    await clocks();
    expect((await read(world, id, dispatcher)).body.escalatedTo).toBe('510104017');
    await done(world, id, 'assign', dispatcher, { to: TO_VOLUNTEER });
    const volunteer: TokenClaims = { sub: TO_VOLUNTEER.id, roles: ['resident'] };
    await done(world, id, 'start', volunteer);
    await done(world, id, 'resolve', volunteer, RESOLUTION);
    world.turn(7 * DAY - SECOND);
    await clocks();
    expect((await read(world, id)).body.status).toBe('resolved');
    world.turn(SECOND);
    await clocks();
    expect((await read(world, id, resident)).body).toMatchObject({ status: 'closed', round: 2 });
  });
});
