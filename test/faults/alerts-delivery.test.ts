/** Planning and delivering an alert by functions that die at any of their calls, in bad weather, and by carriers that fail. */
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { MINUTE } from '../../functions/kernel/time.ts';
import { CHUNK } from '../../functions/notifications/delivery/batch.ts';
import { alertingIn, anAlert, keysInOneList, type Alerting, type Someone } from '../support/alerting.ts';
import { LONG, newSeed, seeded } from '../support/faults.ts';
import { openHouse, type Content, type House } from '../support/house.ts';
import { CAOSHIJIE, DACISI, SHUIJINGFANG, ZONGFULU } from '../support/people.ts';

vi.setConfig({ testTimeout: LONG ? 900_000 : 60_000 });

const TABLES = ['notifications', 'alerts'];
const BEGAN = '2026-11-24T01:00:00.000Z';
const HOMES = [SHUIJINGFANG, DACISI, ZONGFULU, CAOSHIJIE];
/** In one list of the county's: in the long form two batches, one of them of four chunks; else one of three. */
const COUNT = LONG ? 120 : 64;
const PEOPLE: readonly Someone[] = keysInOneList(COUNT).map((key, index) => ({ key, home: HOMES[index % HOMES.length] ?? '' }));
/** They are in the middle of the first batch. */
const LATE = `${PEOPLE[30]?.key}-sms`;
const LOST = `${PEOPLE[60]?.key}-sms`;

let house: House;
let alerting: Alerting;
let issued: Content;
beforeAll(async () => {
  house = await openHouse();
  // A page a step, and sums as soon as there are some: every write there is.
  alerting = await alertingIn(house, { walk: { lasts: 0, communities: 2, pages: 1 } });
  await alerting.subscribe(PEOPLE);
  await alerting.put(anAlert(house));
  issued = await house.content(TABLES);
});
afterAll(() => house.stop());

const back = async (to: Content): Promise<void> => {
  await house.faults.revive();
  house.faults.weather({}, () => 1);
  await house.restore(to, await house.content(TABLES));
  await alerting.skip();
  alerting.forget();
  alerting.answer((channel, attempt) =>
    channel === LATE && attempt === 0
      ? { kind: 'later', why: 'busy' }
      : channel === LOST
        ? { kind: 'refused', why: 'no' }
        : { kind: 'delivered' },
  );
};
beforeEach(async () => {
  house.turnTo(BEGAN);
  await back(issued);
});
afterEach(() => house.faults.revive());

/** As the bus does: an event that fails is told again, by then to another process. */
const insist = async (work: () => Promise<unknown>, prepare: () => void = () => undefined): Promise<void> => {
  for (let attempt = 0; attempt < 40; attempt++) {
    prepare();
    const went = await work().then(
      () => true,
      () => false,
    );
    await house.faults.revive();
    if (went) return;
  }
  throw new Error('it does not get through');
};

/** Everybody has been attempted, and the sums are what a recount gives. */
const expectAllTold = async (repeats: number): Promise<void> => {
  const letters = alerting.carried.map(({ letter }) => letter.id);
  expect(new Set(letters).size).toBe(PEOPLE.length);
  expect(letters.length).toBeLessThanOrEqual(PEOPLE.length + 1 + repeats);
  expect(await alerting.counts()).toEqual({ targeted: COUNT, handed: COUNT - 1, delivered: COUNT - 1, failed: 1 });
  const { byCommunity } = await alerting.reach();
  expect(byCommunity.map(({ community, targeted, delivered, failed }) => [community, targeted, delivered + failed])).toEqual(
    HOMES.toSorted().map((home) => [home, COUNT / 4, COUNT / 4]),
  );
};

/** Minutes until a batch is found whose owner has died, and who was to be tried again has been. */
const FOUND = 4;
const finish = async (): Promise<void> => {
  await alerting.settle();
  for (let minute = 0; minute < FOUND; minute++) {
    house.turn(MINUTE);
    await house.schedule('deliveryRetries');
    await alerting.settle();
  }
};

/** Who dies before a call has done what who dies after the one before it has. */
const POINTS = LONG ? (['before', 'after'] as const) : (['after'] as const);

/** A function dies at each of its calls in turn, from the same beginning each time; how often it did. */
const dieAtEach = async (begin: () => Promise<() => Promise<unknown>>, repeats: number): Promise<number> => {
  let crashes = 0;
  for (const when of POINTS)
    for (let at = 1; ; at++) {
      house.turnTo(BEGAN);
      await back(issued);
      const work = await begin();
      house.faults.crashAt(at, when);
      await work().catch(() => undefined);
      const [died, calls] = [house.faults.hasCrashed(), house.faults.calls()];
      await house.faults.revive();
      if (died) await insist(work);
      await finish();
      await expectAllTold(died ? repeats : 0);
      if (at > calls) break;
      // A page that was asked for ahead may answer when all is done: nobody dies of that.
      crashes += 1;
    }
  return crashes;
};

type Event = Awaited<ReturnType<Alerting['events']>>[number];
const isPieceWithPeople = (event: Event): boolean => event.detail.subject.endsWith('#510104.0');

/** Planned but for the piece that has people. */
const toWalk = async (): Promise<() => Promise<unknown>> => {
  await alerting.plan(anAlert(house));
  const events = await alerting.events();
  for (const event of events) if (!isPieceWithPeople(event)) await alerting.deliver(event);
  const piece = events.find(isPieceWithPeople);
  if (piece === undefined) throw new Error('there is no such piece');
  return () => alerting.deliver(piece);
};

/** Planned, with one batch left to deliver. */
const toDeliver = async (): Promise<() => Promise<unknown>> => {
  await (
    await toWalk()
  )();
  for (;;) {
    const events = await alerting.events();
    const batches = events.filter((event) => event['detail-type'] === 'alertBatch.plannedRed');
    for (const event of events) if (!batches.includes(event) || batches.indexOf(event) > 0) await alerting.deliver(event);
    const [batch] = batches;
    if (batch !== undefined) return () => alerting.deliver(batch);
  }
};

/** Delivered, but for the one that is tried again. */
const toRetry = async (): Promise<() => Promise<unknown>> => {
  await (
    await toDeliver()
  )();
  await alerting.settle();
  house.turn(MINUTE);
  await house.schedule('deliveryRetries');
  const woken = (await alerting.events()).find((event) => event['detail-type'] === 'alertBatch.wokenRed');
  if (woken === undefined) throw new Error('nothing is tried again');
  return () => alerting.deliver(woken);
};

describe('a function that dies before or after any of its calls, and is told again, leaves nobody out and counts nobody twice', () => {
  test('planning', async () => {
    const pieces = async (): Promise<readonly string[]> =>
      [...((await house.content(TABLES))['notifications']?.values() ?? [])]
        .filter(({ pk }) => pk.startsWith('PIECE#'))
        .map((item) => JSON.stringify(item))
        .toSorted();
    await alerting.plan(anAlert(house));
    const planned = await pieces();
    expect(planned).toHaveLength(12);
    let crashes = 0;
    for (const when of POINTS)
      for (let at = 1; ; at++) {
        await back(issued);
        house.faults.crashAt(at, when);
        await alerting.plan(anAlert(house)).catch(() => undefined);
        const died = house.faults.hasCrashed();
        await house.faults.revive();
        if (!died) break;
        crashes += 1;
        await insist(() => alerting.plan(anAlert(house)));
        expect(await pieces()).toEqual(planned);
      }
    expect(crashes).toBeGreaterThanOrEqual(POINTS.length * 13);
    await finish();
    await expectAllTold(0);
  });

  test('going through the lists', async () => {
    expect(await dieAtEach(toWalk, 0)).toBeGreaterThanOrEqual(POINTS.length * 4);
  });

  test('delivering: at most one chunk is repeated, by the same ids', async () => {
    expect(await dieAtEach(toDeliver, CHUNK)).toBeGreaterThanOrEqual(POINTS.length * 7);
  });

  test('trying again', async () => {
    expect(await dieAtEach(toRetry, 1)).toBeGreaterThanOrEqual(POINTS.length * 4);
  });

  test('waking', async () => {
    const begin = async (): Promise<() => Promise<unknown>> => {
      await (
        await toDeliver()
      )();
      await alerting.settle();
      house.turn(MINUTE);
      return () => house.schedule('deliveryRetries');
    };
    expect(await dieAtEach(begin, 1)).toBeGreaterThanOrEqual(POINTS.length * 8);
  });
});

test('functions that die at random calls all the way: everybody is attempted, and the sums are right', async () => {
  const random = seeded(newSeed('dying'));
  for (let round = 0; round < (LONG ? 40 : 3); round++) {
    house.turnTo(BEGAN);
    await back(issued);
    let deaths = 0;
    const die = (): void => {
      if (random() < 0.5) house.faults.crashAt(1 + Math.floor(random() * 12), random() < 0.5 ? 'before' : 'after');
    };
    const mortal = async (work: () => Promise<unknown>): Promise<void> => {
      await insist(async () => {
        try {
          await work();
        } finally {
          deaths += house.faults.hasCrashed() ? 1 : 0;
        }
      }, die);
    };
    await mortal(() => alerting.plan(anAlert(house)));
    const settle = async (): Promise<void> => {
      for (let events = await alerting.events(); events.length > 0; events = await alerting.events())
        for (const event of events) await mortal(() => alerting.deliver(event));
    };
    await settle();
    // Who dies leaves a lease behind, and may die again when that has ended.
    for (let minute = 0; minute < 10 * FOUND; minute++) {
      house.turn(MINUTE);
      await mortal(() => house.schedule('deliveryRetries'));
      await settle();
    }
    expect(deaths).toBeGreaterThan(3);
    await expectAllTold(deaths * CHUNK);
  }
});

test('at 30 % throttling and 30 % transaction conflicts everybody is told and counted once', async () => {
  house.faults.weather({ throttled: 0.3, conflicted: 0.3 }, seeded(newSeed('alert weather')));
  await insist(() => alerting.plan(anAlert(house)));
  const settle = async (): Promise<void> => {
    for (let events = await alerting.events(); events.length > 0; events = await alerting.events())
      for (const event of events) await insist(() => alerting.deliver(event));
  };
  await settle();
  for (let minute = 0; minute < FOUND; minute++) {
    house.turn(MINUTE);
    await insist(() => house.schedule('deliveryRetries'));
    await settle();
  }
  house.faults.weather({}, () => 1);
  await expectAllTold(PEOPLE.length);
});

test('a carrier that is off for minutes is asked again, and everybody is reached in the end', async () => {
  let isOff = true;
  const attempts = new Map<string, number>();
  alerting.answer((channel) => {
    attempts.set(channel, (attempts.get(channel) ?? 0) + 1);
    return isOff ? { kind: 'later', why: 'off' } : { kind: 'delivered' };
  });
  await alerting.plan(anAlert(house));
  await alerting.settle();
  expect(await alerting.counts()).toEqual({ targeted: COUNT, handed: 0, delivered: 0, failed: 0 });
  for (let minute = 0; minute < 10; minute++) {
    isOff = minute < 5;
    house.turn(MINUTE);
    await house.schedule('deliveryRetries');
    await alerting.settle();
  }
  house.turn(15 * MINUTE);
  await house.schedule('deliveryRetries');
  await alerting.settle();
  expect(await alerting.counts()).toEqual({ targeted: COUNT, handed: COUNT, delivered: COUNT, failed: 0 });
  expect(Math.max(...attempts.values())).toBeLessThanOrEqual(5);
});
