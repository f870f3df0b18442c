/** What alerts cost: exact, from consumed capacity. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { MINUTE } from '../../functions/kernel/time.ts';
import { issued, RAIN } from '../alerts/support/alerts.ts';
import { openHouse, type House } from '../support/house.ts';
import { alertOfficer, SHUIJINGFANG } from '../support/people.ts';
import { Meter } from './support/meter.ts';
import { unitsBy } from './support/units-by.ts';

const meter = new Meter();
let house: House;
beforeAll(async () => {
  house = await openHouse();
  meter.attach(house.client);
});
afterAll(() => house.stop());

const unitsOf = unitsBy(meter);

test('an alert of one street, in Chinese and some English, takes 24 write units in one round trip, an update of it 26', async () => {
  // 2 each for the alert, where it holds and its name, 2 × 3 for its CAP in two languages; of four lists 2 and an entry of the index, 1, each.
  expect(await unitsOf(() => issued(house))).toEqual({ read: 8, write: 24, writeCalls: 1 });
  house.turn(MINUTE);
  const id = await issued(house);
  house.turn(MINUTE);
  expect(await unitsOf(() => house.post(`/v1/alerts/${id}/updates`, alertOfficer, RAIN))).toEqual({ read: 9, write: 26, writeCalls: 1 });
});

test('one is read for half a unit, as JSON and as CAP', async () => {
  house.turn(MINUTE);
  const id = await issued(house);
  expect(await unitsOf(() => house.get(`/v1/alerts/${id}`))).toEqual({ read: 0.5, write: 0, writeCalls: 0 });
  expect(await unitsOf(() => house.get(`/cap/alerts/${id}.xml`))).toEqual({ read: 0.5, write: 0, writeCalls: 0 });
});

test('what is active costs what is active, however many alerts there have been', async () => {
  const asked = async (query: string): Promise<{ readonly read: number; readonly found: number }> => {
    let found = 0;
    const { read } = await meter.of(async () => {
      found = (await house.get(`/v1/alerts?division=${SHUIJINGFANG}${query}`)).body.items.length;
    });
    return { read, found };
  };
  house.turnTo('2026-11-25T09:00:00+08:00');
  await issued(house, { expires: '2026-11-26T09:00:00+08:00' });
  const few = await asked('&active=true');
  // Three lists, ½ each, and the one alert.
  expect(few).toEqual({ read: 2, found: 1 });
  for (let count = 0; count < 40; count++) {
    house.turn(MINUTE);
    await issued(house, { expires: '2026-11-25T12:00:00+08:00' });
  }
  house.turnTo('2026-11-25T13:00:00+08:00');
  expect(await asked('&active=true')).toEqual(few);
  // Two of the lists are empty; the third is a kilobyte or two.
  expect(await asked('')).toEqual({ read: 12, found: 20 });
});
