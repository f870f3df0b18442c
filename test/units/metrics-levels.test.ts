/** What it costs that something lies in a division above communities itself. Those in which nothing does cost what they cost before. */
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import type { JournalImage } from '../../functions/donations/reader.ts';
import { journal, posted } from '../metrics/support/journals.ts';
import { openDesk, type Desk } from '../metrics/support/pieces.ts';
import { openHouse, type Content, type House } from '../support/house.ts';
import { DACISI } from '../support/people.ts';
import { expectAgreement } from './support/agreement.ts';
import { Meter } from './support/meter.ts';
import { sizeOf, storedOf } from './support/size.ts';

type Units = Readonly<Record<'read' | 'write', number>>;

let house: House;
let desk: Desk;
let empty: Content;
const meter = new Meter();

beforeAll(async () => {
  house = await openHouse();
  meter.attach(house.client);
  desk = await openDesk(house);
  await desk.run('monthlyMetrics', '2026-11-01T00:30:00+08:00');
  empty = await house.content(['metrics']);
});
afterAll(() => house.stop());
beforeEach(async () => house.restore(empty, await house.content(['metrics'])));

const unitsOf = async (work: () => Promise<unknown>): Promise<Units> => {
  const metered = await meter.of(work, { figures: true });
  expectAgreement(metered);
  return { read: metered.read, write: metered.write };
};
const told = (item: JournalImage): Promise<Units> => unitsOf(() => desk.record(posted(item)));
const gift = (division: string): JournalImage => journal(division, '2026-11-20 09:00', 500);

test.each<readonly [where: string, division: string, first: Units, next: Units]>([
  ['a community', DACISI, { read: 1, write: 5 }, { read: 1, write: 5 }],
  ['a street', '510104017', { read: 1, write: 5 }, { read: 1, write: 5 }],
  ['a county', '510104', { read: 1, write: 5 }, { read: 1, write: 5 }],
  // The first time it is looked for twice, cheaply and consistently, and said that there is something.
  ['a city', '5101', { read: 2.5, write: 6 }, { read: 1.5, write: 5 }],
  ['a province', '51', { read: 2.5, write: 6 }, { read: 1.5, write: 5 }],
])('a fact in %s', async (_, division, first, next) => {
  expect(await told(gift(division))).toEqual(first);
  expect(await told(gift(division))).toEqual(next);
});

test('a fact of money is small', async () => {
  await desk.record(posted(gift('5101')));
  const fact = (await desk.items()).find(({ pk }) => pk.startsWith('FACT#'));
  expect(sizeOf(storedOf(fact as never))).toBeLessThan(320);
});

/** What a refresh costs after one more gift in each of these; there were some at every level before. */
const refreshOf = async (...divisions: readonly string[]): Promise<Units> => {
  for (const division of ['51', '5101', '510104', '510104017', DACISI]) await desk.record(posted(gift(division)));
  await desk.run('metricsRefresh', '2026-11-24T09:00:00+08:00');
  for (const division of divisions) await desk.record(posted(gift(division)));
  return unitsOf(() => desk.run('metricsRefresh', '2026-11-24T10:00:00+08:00'));
};

test('a refresh that finds nothing looks for it in each city and province that has any, 1 each', async () => {
  expect(await refreshOf()).toEqual({ read: 17, write: 6 });
});

// What goes on, its facts, its share; its share, how far it is, its mark. How far it is, of a city or a province is read by itself.
test.each<readonly [where: string, divisions: readonly string[], read: number, write: number]>([
  ['a community', [DACISI], 71, 33],
  ['a community, and its street itself', [DACISI, '510104017'], 74, 36],
  ['a community, and its county itself', [DACISI, '510104'], 74, 36],
  ['a community, and its city itself', [DACISI, '5101'], 75, 36],
  ['a community, and its province itself', [DACISI, '51'], 75, 36],
])('a refresh of %s', async (_, divisions, read, write) => {
  expect(await refreshOf(...divisions)).toEqual({ read, write });
});
