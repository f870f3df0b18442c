/** `requestClocks` fired three times, late, twice at once, at edges of the calendar, and crashed at every call. */
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import { DAY, HOUR, toInstant } from '../../functions/kernel/time.ts';
import { LONG } from '../support/faults.ts';
import { openHouse, type Content, type House, type StoredItem } from '../support/house.ts';
import { dispatcher, resident, worker } from '../support/people.ts';
import { requestAt, type Stage } from '../support/stages.ts';
import { listenToStream, type Listener } from '../support/listener.ts';

if (LONG) vi.setConfig({ testTimeout: 900_000 });

let house: House;
let listener: Listener;
beforeAll(async () => {
  house = await openHouse();
  listener = await listenToStream(house);
});
afterAll(() => house.stop());
afterEach(async () => {
  await house.faults.revive();
  await house.restore({ serviceRequests: new Map() }, await house.content(['serviceRequests']));
});

interface Case {
  readonly name: string;
  readonly at: string;
  readonly run: string;
}

const CASES: readonly Case[] = [
  { name: 'over a weekend', at: '2026-11-27T17:00:00+08:00', run: '2026-12-03T09:15:00+08:00' },
  { name: 'over the end of February', at: '2027-02-26T17:00:00+08:00', run: '2027-03-05T00:00:00+08:00' },
  { name: 'over the end of February in a leap year', at: '2028-02-28T23:59:00+08:00', run: '2028-03-08T00:00:00+08:00' },
  { name: 'at 00:00 in Shanghai, to the millisecond', at: '2026-11-24T20:00:00+08:00', run: '2026-11-25T00:00:00+08:00' },
];

const STATES: readonly (readonly [Stage, more?: 'paused'])[] = [['submitted'], ['inProgress', 'paused'], ['resolved']];

/** One request in each state, and the moment they were made. */
const prepare = async (at: string): Promise<readonly string[]> => {
  house.turnTo(at);
  const ids: string[] = [];
  for (const [stage, more] of STATES) {
    const id = await requestAt(house.post, stage);
    if (more === 'paused') await house.post(`/v1/requests/${id}/pause`, worker, { reason: '住户外出' });
    ids.push(id);
  }
  return ids;
};

const withoutRun = ({ requestId: _requestId, ...rest }: StoredItem): unknown => rest;
const stateOf = (content: Content): unknown =>
  [...(content['serviceRequests']?.values() ?? [])].filter(({ sk }) => sk === 'REQUEST').map(withoutRun);

/** What a run leaves, and the messages that follow, starting from `before` each time. */
const outcome = async (before: Content, run: () => Promise<unknown>): Promise<{ state: unknown; messages: readonly string[] }> => {
  await listener.skip();
  await run();
  await house.faults.revive();
  const after = await house.content(['serviceRequests']);
  const messages = await listener.messages();
  await house.restore(before, after);
  return { state: stateOf(after), messages };
};

describe.each(CASES)('$name', ({ at, run }) => {
  test('fired once, three times, twice at once, late after an earlier run, or crashed at any call: the same state and each step told once', async () => {
    const ids = await prepare(at);
    const before = await house.content(['serviceRequests']);
    const fire = (): Promise<unknown> => house.schedule('requestClocks', run);
    const whole = await outcome(before, fire);
    expect(whole.messages.length).toBeGreaterThan(0);
    expect(new Set(whole.messages).size).toBe(whole.messages.length);
    expect((whole.state as readonly { id: string }[]).filter(({ id }) => ids.includes(id))).toHaveLength(ids.length);

    const three = await outcome(before, async () => {
      for (let time = 0; time < 3; time++) await fire();
    });
    expect(three).toEqual(whole);
    const twice = await outcome(before, () => Promise.all([fire(), fire()]));
    expect(twice).toEqual(whole);
    const late = await outcome(before, async () => {
      // The clock itself does not count: only the moment that the run is for.
      house.turn(3 * DAY);
      await fire();
      house.turn(-3 * DAY);
    });
    expect(late).toEqual(whole);

    const commands: string[] = [];
    house.faults.watch(({ command }) => void commands.push(command));
    await outcome(before, fire);
    house.faults.watch(undefined);
    // One look at an empty shard is like the next.
    const points = [...commands.keys()]
      .filter((index) => LONG || index === 0 || commands[index] !== 'QueryCommand' || commands[index + 1] === 'GetItemCommand')
      .filter((_, index) => LONG || at.startsWith('2026-11-27') || index % 8 === 1)
      .map((index) => index + 1);
    for (const number of points) {
      for (const when of ['before', 'after'] as const) {
        const crashed = await outcome(before, async () => {
          house.faults.crashAt(number, when);
          await expect(fire()).rejects.toThrow();
          await house.faults.revive();
          await fire();
        });
        expect([number, when, crashed]).toEqual([number, when, whole]);
      }
    }
  });
});

test('a run that comes late makes all the steps that it missed, in their order, at the moment that it is for', async () => {
  const [id = ''] = await prepare('2026-11-24T09:00:00+08:00');
  const at = toInstant(house.now());
  await house.schedule('requestClocks', at);
  await house.schedule('requestClocks', '2026-12-10T09:00:00+08:00');
  const { body } = await house.get(`/v1/requests/${id}`, dispatcher);
  const raised = body.history.filter(({ action }: { action: string }) => action === 'escalate');
  // Responded to within 4 hours, resolved within 3 working days, then a level per working day.
  // Respond by Tuesday 13:00, then Wednesday and Thursday; resolve by Friday 09:00, then Monday and Tuesday.
  const told = (raised as readonly { note: string; division: string; at: string }[]).map(
    (each) => `${each.note} ${each.division} ${each.at}`,
  );
  expect(told).toEqual(
    ['respond 510104017', 'respond 510104', 'respond 5101', 'resolve 510104017', 'resolve 510104', 'resolve 5101'].map(
      (step) => `${step} 2026-12-10T01:00:00.000Z`,
    ),
  );
});

test('a run for a moment just before a deadline does nothing, and one for the deadline itself does', async () => {
  house.turnTo('2026-11-24T09:00:00+08:00');
  const id = await requestAt(house.post, 'submitted');
  const version = async (): Promise<string | undefined> => (await house.get(`/v1/requests/${id}`, resident)).headers['etag'];
  await house.schedule('requestClocks', '2026-11-24T12:59:59+08:00');
  expect(await version()).toBe('"1-whole"');
  await house.schedule('requestClocks', '2026-11-24T13:00:00+08:00');
  expect(await version()).toBe('"2-whole"');
});

test('while somebody acts on it, a due request gets both: the action and the step', async () => {
  house.turnTo('2026-11-24T09:00:00+08:00');
  const ids = await Promise.all(Array.from({ length: 12 }, () => requestAt(house.post, 'submitted')));
  house.turn(5 * HOUR);
  const [, ...answers] = await Promise.all([
    house.schedule('requestClocks'),
    ...ids.map((id) => house.post(`/v1/requests/${id}/comments`, resident, { text: '还没有人来' })),
  ]);
  expect(answers.map((answer) => (answer as { status: number }).status)).toEqual(ids.map(() => 200));
  for (const id of ids) {
    const { body, headers } = await house.get(`/v1/requests/${id}`, resident);
    expect([body.escalatedTo, body.comments.length, headers['etag']]).toEqual(['510104017', 1, '"3-whole"']);
  }
});

test('a request that cannot be brought on keeps no other waiting, and the run says that it failed', async () => {
  house.turnTo('2026-11-24T09:00:00+08:00');
  const stuck = await requestAt(house.post, 'inProgress');
  await house.post(`/v1/requests/${stuck}/pause`, worker, { reason: '住户外出' });
  const others = await Promise.all(Array.from({ length: 20 }, () => requestAt(house.post, 'submitted')));
  const whole = await house.content(['catalogue']);
  const terms = JSON.stringify(['SERVICE#streetLamp', 'V#000001']);
  const without = { catalogue: new Map([...(whole['catalogue'] ?? [])].filter(([key]) => key !== terms)) };
  await house.restore(without, whole);
  const late = '2026-12-29T09:00:00+08:00';
  house.logs.length = 0;
  await expect(house.schedule('requestClocks', late)).rejects.toThrow('failed');
  for (const id of others) expect((await house.get(`/v1/requests/${id}`, dispatcher)).body.escalatedTo).toBe('5101');
  expect(house.logs.filter(({ code }) => code === 'requestClocksStuck')).toHaveLength(1);
  await house.restore(whole, without);
  await house.schedule('requestClocks', late);
  expect((await house.get(`/v1/requests/${stuck}`, dispatcher)).body.paused).toBeUndefined();
});

test('a run whose time is up leaves the rest to the next one', async () => {
  house.turnTo('2026-11-24T09:00:00+08:00');
  const ids = await Promise.all(Array.from({ length: 10 }, () => requestAt(house.post, 'submitted')));
  expect(await house.schedule('requestClocks', '2026-11-24T14:00:00+08:00', () => 1000)).toMatchObject({ requests: 0 });
  await house.schedule('requestClocks', '2026-11-24T14:15:00+08:00');
  for (const id of ids) expect((await house.get(`/v1/requests/${id}`, dispatcher)).body.escalatedTo).toBe('510104017');
});
