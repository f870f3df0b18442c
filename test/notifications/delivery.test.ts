/** Who is told of an alert, once each, and what becomes of it. */
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { targetedBy } from '../../functions/notifications/reader.ts';
import { HOUR, MINUTE, plus, SECOND, toInstant } from '../../functions/kernel/time.ts';
import { alertingIn, anAlert, division, type Alerting, type Someone } from '../support/alerting.ts';
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
