/** Who is told of an alert, once each, and what becomes of it. */
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { deliver } from '../../functions/notifications/delivery/deliver.ts';
import { deliverRedAlert } from '../../functions/notifications/reactions.ts';
import { walkSubscribers } from '../../functions/notifications/walk-subscribers.ts';
import { targetedBy } from '../../functions/notifications/reader.ts';
import { err } from '../../functions/kernel/result.ts';
import type { Database, Item } from '../../functions/data/database.ts';
import { newId } from '../../functions/kernel/id.ts';
import { listOf } from '../../functions/notifications/subscriber.ts';
import { seeded } from '../support/faults.ts';
import { HOUR, MINUTE, plus, SECOND, toInstant } from '../../functions/kernel/time.ts';
import { alertingIn, anAlert, division, keysInOneList, type Alerting, type Someone } from '../support/alerting.ts';
import { openHouse, type Content, type House } from '../support/house.ts';
import { CAOSHIJIE, DACISI, SHUIJINGFANG, ZONGFULU } from '../support/people.ts';

const TABLES = ['notifications', 'alerts'];

let house: House;
let alerting: Alerting;
let empty: Content;
beforeAll(async () => {
  house = await openHouse();
  alerting = await alertingIn(house);
  empty = await house.content(TABLES);
});
afterAll(() => house.stop());
afterEach(async () => {
  await house.faults.revive();
  await house.restore(empty, await house.content(TABLES));
  await alerting.skip();
  alerting.forget();
  house.turnTo('2026-11-24T01:00:00.000Z');
});

const neighbours = (count: number, place = SHUIJINGFANG, more: Partial<Someone> = {}): readonly Someone[] =>
  Array.from({ length: count }, (_, index) => ({
    key: `${String.fromCodePoint(65 + (index % 26))}${index}-${place}`,
    subscriptions: [[place]] as const,
    home: place,
    ...more,
  }));

const keysOf = (people: readonly Someone[]): readonly string[] => people.map(({ key }) => `${key}-sms`).toSorted();

test('whoever has subscribed at, above or within what an alert covers is told, nobody else, and all are counted', async () => {
  const told = [
    ...neighbours(3),
    ...neighbours(2, '510104017'),
    ...neighbours(2, '510104'),
    ...neighbours(2, '5101'),
    ...neighbours(1, '51'),
  ];
  const others = [DACISI, ZONGFULU, '510104020', '510105', CAOSHIJIE, '5102', '50'].flatMap((place) => neighbours(2, place));
  await alerting.subscribe([...told, ...others]);
  await alerting.issue();
  expect(alerting.channels()).toEqual(keysOf(told));
  expect(await alerting.counts()).toEqual({ targeted: 10, handed: 10, delivered: 10, failed: 0 });
  expect(await targetedBy(house.runtime.database, anAlert(house))).toBe(10);
});

test('how many would be told is exact where few have subscribed; else it is estimated from a bounded number of reads', async () => {
  const random = seeded(7);
  const bytes = (count: number): Uint8Array => Uint8Array.from({ length: count }, () => Math.floor(random() * 256));
  // In 20 communities of two counties, the last of them larger than all others; every third wants red alone.
  const entries = Array.from({ length: 4000 }, (_, index) => {
    const place = Math.min(index % 40, 19);
    const at = `51010${4 + (place % 2)}${String(100 + place)}001`;
    const person = newId(bytes);
    const subscriptions = [{ division: at, minimumColour: index % 3 === 0 ? 'red' : 'blue', channels: ['one'] }];
    return { pk: `SUBSCRIBERS#${listOf(division(at), person)}`, sk: `${at}#${person}`, subscriptions };
  });
  await house.restore({ notifications: new Map(entries.map((each) => [`${each.pk} ${each.sk}`, each])) }, { notifications: new Map() });
  const aim = { cover: [division('5101')], colour: 'yellow' } as const;
  const told = entries.filter(({ subscriptions }) => subscriptions[0]?.minimumColour === 'blue').length;
  expect(await targetedBy(house.runtime.database, aim)).toBe(told);
  let [reads, items] = [0, 0];
  const counting = {
    ...house.runtime.database,
    query: async <T extends Item>(...asked: Parameters<Database['query']>) => {
      const page = await house.runtime.database.query<T>(...asked);
      reads += 1;
      items += page.items.length;
      return page;
    },
  };
  const estimate = await targetedBy(counting, aim, { read: 100, asked: 200 });
  expect(Math.abs(estimate - told) / told).toBeLessThan(0.15);
  expect([reads < 600, items < 4000]).toEqual([true, true]);
});

test('of nested subscriptions the smallest division tells, once, by the channels of all that match the colour', async () => {
  await alerting.subscribe([
    {
      key: 'NEST',
      channels: ['sms', 'email', 'webPush', 'webhook'],
      subscriptions: [
        ['51', 'blue', ['sms']],
        ['510104', 'yellow', ['email']],
        [SHUIJINGFANG, 'orange', ['webPush', 'sms']],
        [CAOSHIJIE, 'blue', ['webhook']],
      ],
    },
  ]);
  await alerting.issue({ id: 'ORANGE', colour: 'orange' });
  expect(alerting.channels()).toEqual(['NEST-email', 'NEST-sms', 'NEST-webPush']);
  alerting.carried.length = 0;
  // Nobody knows how grave: as yellow.
  await alerting.issue({ id: 'UNKNOWN', colour: undefined });
  expect(alerting.channels()).toEqual(['NEST-email', 'NEST-sms']);
  alerting.carried.length = 0;
  await alerting.issue({ id: 'WIDE', cover: [division('510104'), division('510105')] });
  expect(alerting.channels()).toEqual(['NEST-email', 'NEST-sms', 'NEST-webPush', 'NEST-webhook']);
  expect([await alerting.counts('ORANGE'), await alerting.counts('UNKNOWN'), await alerting.counts('WIDE')]).toEqual(
    Array.from({ length: 3 }, () => ({ targeted: 1, handed: 1, delivered: 1, failed: 0 })),
  );
  expect(await targetedBy(house.runtime.database, { cover: [division('51')], colour: 'blue' })).toBe(1);
});

test('an alert for a city or a province reaches every county of it, and counts by home, or by where somebody without one has subscribed', async () => {
  await alerting.subscribe([
    ...neighbours(2),
    ...neighbours(1, CAOSHIJIE),
    { key: 'CITY', subscriptions: [['5101']], home: DACISI },
    { key: 'GUEST', subscriptions: [['510105']] },
    ...neighbours(1, '5202'),
  ]);
  for (const [index, cover] of ['5101', '51'].entries()) {
    const { id } = await alerting.issue({ id: `LARGE${index}`, cover: [division(cover)], colour: 'blue' });
    const { byCommunity, ...all } = await alerting.reach(id);
    expect(all).toEqual({ targeted: 5, handed: 5, delivered: 5, failed: 0 });
    expect(byCommunity.map(({ community, delivered }) => [community, delivered])).toEqual([
      [SHUIJINGFANG, 2],
      [DACISI, 1],
      ['510105', 1],
      [CAOSHIJIE, 1],
    ]);
  }
  // Each once, by each of the two.
  expect(new Set(alerting.carried.map(({ letter }) => letter.id)).size).toBe(10);
});

test('a cover of many places is gone through once, however many ranges it makes', async () => {
  const places = Array.from({ length: 60 }, (_, index) => `510104${String(100 + index)}001`);
  await alerting.subscribe(
    places.flatMap((place, index) => neighbours(1, place, { key: `${String.fromCodePoint(65 + (index % 16))}-${index}` })),
  );
  const cover = places.filter((_, index) => index % 2 === 0).map(division);
  await alerting.issue({ cover });
  expect(await alerting.counts()).toEqual({ targeted: 30, handed: 30, delivered: 30, failed: 0 });
});

test('everything that comes twice, and in any order, tells nobody twice and counts nobody twice', async () => {
  await alerting.subscribe(neighbours(60));
  const alert = anAlert(house);
  await alerting.put(alert);
  await Promise.all([alerting.plan(alert), alerting.plan(alert)]);
  await alerting.settle((events) => [...events, ...events].toReversed());
  expect(alerting.carried).toHaveLength(60);
  expect(await alerting.counts()).toEqual({ targeted: 60, handed: 60, delivered: 60, failed: 0 });
  await alerting.plan(alert);
  await alerting.settle();
  expect(alerting.carried).toHaveLength(60);
});

/** The events of batches in which so many of one list are planned. */
const plannedInOneList = async (count: number): Promise<Awaited<ReturnType<Alerting['events']>>> => {
  await alerting.subscribe(keysInOneList(count).map((key) => ({ key })));
  const alert = anAlert(house);
  await alerting.put(alert);
  await alerting.plan(alert);
  for (const piece of await alerting.events()) await alerting.deliver(piece);
  return (await alerting.events()).filter((event) => event['detail-type'] === 'alertBatch.plannedRed');
};

test('several deliveries of one batch at once send each letter once, and count everybody once', async () => {
  const batches = await plannedInOneList(60);
  await Promise.all([...batches, ...batches, ...batches].map((event) => alerting.deliver(event)));
  expect(alerting.carried).toHaveLength(60);
  expect(await alerting.counts()).toEqual({ targeted: 60, handed: 60, delivered: 60, failed: 0 });
});

test('a batch whose owner has died is left alone until the lease ends, and then gone on with, at most one chunk again', async () => {
  const [batch] = await plannedInOneList(60);
  if (batch === undefined) throw new Error('there is no batch');
  // It dies before the second chunk is written.
  let calls = 0;
  alerting.answer(() => {
    calls += 1;
    if (calls === 50) house.faults.crashAt(1, 'before');
    return { kind: 'delivered' };
  });
  await alerting.deliver(batch).catch(() => undefined);
  await house.faults.revive();
  expect(alerting.carried).toHaveLength(50);
  for (const after of [0, MINUTE]) {
    house.turn(after);
    await alerting.deliver(batch);
    await house.schedule('deliveryRetries');
    await alerting.settle();
    expect(alerting.carried).toHaveLength(50);
  }
  house.turn(MINUTE);
  await house.schedule('deliveryRetries');
  await alerting.settle();
  expect(alerting.carried).toHaveLength(85);
  expect(new Set(alerting.carried.map(({ letter }) => letter.id)).size).toBe(60);
  expect(await alerting.counts()).toEqual({ targeted: 60, handed: 60, delivered: 60, failed: 0 });
  house.turn(HOUR);
  await house.schedule('deliveryRetries');
  expect(await alerting.events()).toEqual([]);
});

test('a delivery that fails lets its batch go: the event’s next attempt goes on at once', async () => {
  const [batch] = await plannedInOneList(30);
  if (batch === undefined) throw new Error('there is no batch');
  alerting.answer((_channel, attempt) => {
    if (attempt === 0) throw new Error('a bug of a carrier');
    return { kind: 'delivered' };
  });
  await expect(alerting.deliver(batch)).rejects.toThrow('a bug of a carrier');
  alerting.answer(() => ({ kind: 'delivered' }));
  await alerting.deliver(batch);
  expect(await alerting.counts()).toEqual({ targeted: 30, handed: 30, delivered: 30, failed: 0 });
});

test('where a dead address cannot be retired just now, its chunk is not sent again, and the next letter finds it dead', async () => {
  const batches = await plannedInOneList(30);
  const [busy] = keysInOneList(1);
  alerting.answer((channel) => (channel === `${busy}-sms` ? { kind: 'dead', why: 'gone' } : { kind: 'delivered' }));
  const { runtime } = house;
  const isPersons = (writes: Parameters<typeof runtime.database.write>[0]): boolean =>
    writes.some((each) => 'put' in each && each.put.pk === `PERSON#resident-${busy}`);
  const stubborn = deliver(
    {
      ...runtime,
      database: {
        ...runtime.database,
        write: (writes) =>
          isPersons(writes) ? Promise.resolve(err({ code: 'conditionFailed', index: 0 })) : runtime.database.write(writes),
      },
    },
    deliverRedAlert,
    alerting.ways,
  );
  for (const batch of batches) await stubborn(batch as never);
  expect(alerting.carried).toHaveLength(30);
  expect(await alerting.counts()).toEqual({ targeted: 30, handed: 29, delivered: 29, failed: 1 });
  expect(await alerting.statusOf({ key: String(busy) }, 'sms')).toBe('verified');
  expect(house.logs.map(({ code }) => code)).toContain('channelNotRetired');
  await alerting.issue({ id: 'NEXT' });
  expect(await alerting.statusOf({ key: String(busy) }, 'sms')).toBe('dead');
});

const later = { kind: 'later', why: 'busy' } as const;

test('what a carrier cannot take just now is tried again after 30 s, 2 min, 10 min and 1 h, and then has failed', async () => {
  await alerting.subscribe([...neighbours(3), { key: 'HARD' }, { key: 'PATIENT' }]);
  alerting.answer((channel, attempt) =>
    channel === 'HARD-sms' ? later : channel === 'PATIENT-sms' && attempt === 0 ? { ...later, afterSeconds: 300 } : { kind: 'delivered' },
  );
  await alerting.issue();
  expect(await alerting.counts()).toEqual({ targeted: 5, handed: 3, delivered: 3, failed: 0 });
  const attemptsOf = (channel: string): number => alerting.carried.filter((each) => each.channel === channel).length;
  const wake = async (after: number): Promise<readonly number[]> => {
    house.turn(after);
    await house.schedule('deliveryRetries');
    await alerting.settle();
    return [attemptsOf('HARD-sms'), attemptsOf('PATIENT-sms')];
  };
  expect(await wake(29 * SECOND)).toEqual([1, 1]);
  expect(await wake(1 * SECOND)).toEqual([2, 1]);
  expect(await wake(2 * MINUTE)).toEqual([3, 1]);
  expect(await wake(3 * MINUTE)).toEqual([3, 2]);
  expect(await alerting.counts()).toEqual({ targeted: 5, handed: 4, delivered: 4, failed: 0 });
  expect(await wake(7 * MINUTE)).toEqual([4, 2]);
  expect(await wake(HOUR)).toEqual([5, 2]);
  expect(await alerting.counts()).toEqual({ targeted: 5, handed: 4, delivered: 4, failed: 1 });
  expect(await wake(5 * HOUR)).toEqual([5, 2]);
  // The same letter each time.
  expect(new Set(alerting.carried.map(({ letter }) => letter.id)).size).toBe(5);
});

test('a dead address is retired and fails, as does what is refused; by another channel the same person is reached, and counted once', async () => {
  await alerting.subscribe([
    { key: 'DEAD' },
    { key: 'NO' },
    { key: 'BOTH', channels: ['sms', 'email'] },
    { key: 'SLOW', channels: ['sms', 'email'] },
  ]);
  alerting.answer((channel, attempt) =>
    channel === 'DEAD-sms' || channel === 'BOTH-sms'
      ? { kind: 'dead', why: 'gone' }
      : channel === 'NO-sms'
        ? { kind: 'refused', why: 'no' }
        : channel === 'SLOW-sms' && attempt < 1
          ? later
          : { kind: channel.endsWith('email') ? 'handed' : 'delivered' },
  );
  await alerting.issue();
  expect(await Promise.all(['DEAD', 'BOTH', 'NO', 'SLOW'].map((key) => alerting.statusOf({ key }, 'sms')))).toEqual([
    'dead',
    'dead',
    'verified',
    'verified',
  ]);
  expect(await alerting.counts()).toEqual({ targeted: 4, handed: 2, delivered: 0, failed: 2 });
  house.turn(MINUTE);
  await house.schedule('deliveryRetries');
  await alerting.settle();
  expect(await alerting.counts()).toEqual({ targeted: 4, handed: 2, delivered: 1, failed: 2 });
});

test('an update overtakes what is not delivered yet: the rest is told by it alone, and counted by it alone', async () => {
  await alerting.subscribe([...neighbours(40), { key: 'LATE' }]);
  const alert = anAlert(house);
  await alerting.put(alert);
  await alerting.plan(alert);
  for (const piece of await alerting.events()) await alerting.deliver(piece);
  const batches = await alerting.events();
  alerting.answer((channel) => (channel === 'LATE-sms' ? later : { kind: 'delivered' }));
  for (const batch of batches.slice(0, 4)) await alerting.deliver(batch);
  const before = alerting.carried.filter(({ fate }) => fate.kind === 'delivered').length;
  await alerting.put({ ...alert, supersededBy: 'NEWER' });
  for (const batch of batches.slice(4)) await alerting.deliver(batch);
  house.turn(MINUTE);
  await house.schedule('deliveryRetries');
  await alerting.settle();
  expect(before).toBeGreaterThan(0);
  expect(before).toBeLessThan(41);
  expect(await alerting.counts()).toEqual({ targeted: before, handed: before, delivered: before, failed: 0 });
  alerting.answer(() => ({ kind: 'delivered' }));
  await alerting.issue({ id: 'NEWER', messageType: 'update' });
  expect(await alerting.counts('NEWER')).toEqual({ targeted: 41, handed: 41, delivered: 41, failed: 0 });
});

test('nothing of an alert that another has taken the place of, that waits for a second officer, or that is over, is planned', async () => {
  await alerting.subscribe(neighbours(3));
  await alerting.issue({ id: 'OLD', supersededBy: 'NEWER' });
  await alerting.issue({ id: 'WAITS', state: 'pending' });
  await alerting.issue({ id: 'OVER', expires: toInstant(house.now()) });
  expect(alerting.carried).toEqual([]);
});

test('when an alert expires, whoever has not been told has failed', async () => {
  await alerting.subscribe([...neighbours(30), { key: 'LATE' }]);
  alerting.answer((channel) => (channel === 'LATE-sms' ? later : { kind: 'delivered' }));
  const alert = anAlert(house, { expires: toInstant(plus(house.now(), 20 * SECOND)) });
  await alerting.put(alert);
  await alerting.plan(alert);
  for (const piece of await alerting.events()) await alerting.deliver(piece);
  const batches = await alerting.events();
  const ofLate = batches.filter((event) => event['detail-type'] === 'alertBatch.plannedRed').slice(0, 6);
  for (const batch of ofLate) await alerting.deliver(batch);
  const told = alerting.carried.filter(({ fate }) => fate.kind === 'delivered').length;
  house.turn(20 * SECOND);
  for (const batch of batches) await alerting.deliver(batch);
  await house.schedule('deliveryRetries');
  await alerting.settle();
  expect(await alerting.counts()).toEqual({ targeted: 31, handed: told, delivered: told, failed: 31 - told });
});

test('who stops it or comes to it between planning and delivery is not counted, or is', async () => {
  const people = neighbours(30);
  await alerting.subscribe(people);
  const alert = anAlert(house);
  await alerting.put(alert);
  await alerting.plan(alert);
  for (const piece of await alerting.events()) await alerting.deliver(piece);
  const planned = await house.content(['notifications']);
  const gone = [...(planned['notifications'] ?? [])].filter(
    ([key]) => key.includes('SUBSCRIBERS#') && [4, 20].some((index) => key.includes(String(people[index]?.key))),
  );
  await house.restore(
    { notifications: new Map([...(planned['notifications'] ?? [])].filter(([key]) => !gone.some(([other]) => key === other))) },
    planned,
  );
  await alerting.settle();
  expect(gone).toHaveLength(2);
  expect(await alerting.counts()).toEqual({ targeted: 28, handed: 28, delivered: 28, failed: 0 });
});

test('where most of a batch has failed, at once or after the last attempt, a line says so that rings when there are many', async () => {
  const lines = (): readonly unknown[] =>
    house.logs.filter(({ code }) => code === 'alertBatchFailed').map(({ failed, count, alert }) => [alert, failed, count]);
  const before = lines().length;
  const people = keysInOneList(40);
  await alerting.subscribe(people.map((key) => ({ key })));
  alerting.answer((channel) => (channel < `${people[20]}` ? { kind: 'refused', why: 'no' } : { kind: 'delivered' }));
  await alerting.issue({ id: 'HALF' });
  expect(lines().length).toBe(before);
  alerting.answer((channel) => (channel < `${people[21]}` ? { kind: 'refused', why: 'no' } : { kind: 'delivered' }));
  await alerting.issue({ id: 'MORE' });
  expect(lines().slice(before)).toEqual([['MORE', 21, 40]]);
  alerting.answer(() => later);
  await alerting.issue({ id: 'NEVER' });
  for (let hour = 0; hour < 5; hour++) {
    house.turn(HOUR);
    await house.schedule('deliveryRetries');
    await alerting.settle();
  }
  expect(lines().slice(before + 1)).toEqual([['NEVER', 40, 40]]);
});

test('a red alert goes by events and a function of its own', async () => {
  await alerting.subscribe(neighbours(3));
  const types = async (colour: 'blue' | 'red'): Promise<readonly string[]> => {
    const alert = anAlert(house, { id: colour.toUpperCase(), colour });
    await alerting.put(alert);
    await alerting.plan(alert);
    for (const piece of await alerting.events()) await alerting.deliver(piece);
    const events = await alerting.events();
    return [...new Set(events.map((event) => event['detail-type']))].filter((type) => type.startsWith('alertBatch'));
  };
  expect(await types('blue')).toEqual(['alertBatch.planned']);
  expect(await types('red')).toEqual(['alertBatch.plannedRed']);
});

test('a step that finds nobody ends in time, too, and the next begins where it was', async () => {
  await alerting.subscribe(neighbours(8, SHUIJINGFANG, { subscriptions: [[SHUIJINGFANG, 'red']] }));
  await alerting.skip();
  const hasty = walkSubscribers(house.runtime, { lasts: 0, communities: 500, pages: 20 });
  const alert = anAlert(house, { colour: 'blue' });
  await alerting.put(alert);
  await alerting.plan(alert);
  let steps = 0;
  for (let events = await alerting.events(); events.length > 0; events = await alerting.events())
    for (const event of events) {
      steps += 1;
      await hasty(event as never);
    }
  // A step a page: four lists a piece, one range each in the city's and the province's, three in the county's.
  const pages = [...Array.from({ length: 8 }, () => 4), ...Array.from({ length: 4 }, () => 12)];
  expect(steps).toBe(pages.reduce((sum, each) => sum + each, 0));
  const through = house.logs.filter(({ code }) => code === 'alertPieceWalked').slice(-12);
  expect(through.map(({ steps: taken }) => Number(taken)).toSorted((one, other) => one - other)).toEqual(pages);
});

test('sums are told of as they grow, by community and with the alert’s status and moment, and name nobody', async () => {
  await alerting.subscribe(neighbours(5));
  await alerting.skip();
  const alert = anAlert(house, { status: 'exercise' });
  await alerting.put(alert);
  await alerting.plan(alert);
  const told: Record<string, unknown>[] = [];
  let text = '';
  await alerting.settle((events) => {
    for (const event of events) {
      text += JSON.stringify(event);
      if (event['detail-type'] === 'reach.counted') told.push(event.detail.data.item as never);
    }
    return events;
  });
  expect(told.length).toBeGreaterThan(0);
  for (const each of told)
    expect(each).toMatchObject({ alert: alert.id, community: SHUIJINGFANG, status: 'exercise', sentAt: alert.sent, failed: 0 });
  const { length } = text.match(/resident-|A0-|B1-|sms of/g) ?? [];
  expect(length ?? 0).toBe(0);
  expect(JSON.stringify(house.logs)).not.toMatch(/resident-[A-Z]\d|sms of/);
});
