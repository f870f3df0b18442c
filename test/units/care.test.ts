/** What care costs: exact, from consumed capacity. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openHouse, type Answered, type House } from '../support/house.ts';
import { CAOSHIJIE, SHUIJINGFANG, strangeWorker, worker } from '../support/people.ts';
import { Meter } from './support/meter.ts';
import { sizeOf, storedOf } from './support/size.ts';
import { unitsBy } from './support/units-by.ts';

const meter = new Meter();
let house: House;
beforeAll(async () => {
  house = await openHouse();
  meter.attach(house.client);
});
afterAll(() => house.stop());

const unitsOf = unitsBy(meter);
let calls = 0;
const PERSON = {
  name: '王桂兰',
  community: SHUIJINGFANG,
  categories: ['livingAlone'],
  tier: 'high',
  birthYear: 1941,
  contact: { name: '李明', phone: '13800000000', address: '水井街 3 号 2 单元 401' },
  needs: ['meals', 'companionship'],
  volunteers: ['a1b2c3d4-0000-4000-8000-000000000001'],
  activeFrom: '2026-08-01',
};
const register = (more: object = {}, as = worker): Promise<Answered> =>
  house.post('/v1/care/recipients', as, { ...PERSON, ...more }, { key: `register-${++calls}` });
const visit = (id: string, at: string, outcome = 'well'): Promise<Answered> =>
  house.post(`/v1/care/recipients/${id}/visits`, worker, { at, mode: 'inPerson', outcome }, { key: `visit-${++calls}` });

test('registering somebody takes 7 write units: the person, an entry, the record of the key and of who did it', async () => {
  expect(await unitsOf(() => register())).toEqual({ read: 2, write: 7, writeCalls: 1 });
});

test('a visit takes 9: the person, its entry, the visit, the record of the key and of who did it', async () => {
  const { id } = (await register()).body;
  expect(await unitsOf(() => visit(id, '2026-11-23T10:00:00+08:00'))).toEqual({ read: 1, write: 9, writeCalls: 1 });
  // And a number that nobody else has for the request that it opens, and the word that help is needed.
  expect(await unitsOf(() => visit(id, '2026-11-22T10:00:00+08:00', 'needsHelp'))).toEqual({ read: 2, write: 11, writeCalls: 1 });
});

test('reading somebody takes half a unit, a setting that nobody has set 1.5, and what is written down 1 write unit', async () => {
  const { id } = (await register()).body;
  expect(await unitsOf(() => house.get(`/v1/care/recipients/${id}`, worker))).toEqual({ read: 2, write: 1, writeCalls: 1 });
});

test('a year of four visits a month leaves a person below 2 KB, and the entry below 1 KB', async () => {
  const { id } = (await register()).body;
  house.turnTo('2027-11-29T09:00:00+08:00');
  for (let month = 0; month < 12; month++)
    for (const day of ['02', '09', '16', '23'])
      await visit(id, `${month < 1 ? 2026 : 2027}-${String(((month + 11) % 12) + 1).padStart(2, '0')}-${day}T10:00:00+08:00`);
  const item = [...((await house.content(['care']))['care']?.values() ?? [])].find((each) => each['id'] === id && each.sk === 'RECIPIENT');
  expect(sizeOf(storedOf(item as never))).toBeLessThan(2048);
});

test('a page of 20 who are due takes what 20 entries hold, and four small reads of the setting and of alerts over the place', async () => {
  for (let index = 0; index < 40; index++) await register({ community: CAOSHIJIE }, strangeWorker);
  const { read, write } = await meter.of(() => house.get('/v1/care/due?limit=20', strangeWorker));
  expect([read, write]).toEqual([4, 1]);
});
