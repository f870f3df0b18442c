/** What divisions, the catalogue, the audit and the clocks cost. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { DUE_SHARDS } from '../../functions/service-requests/repository.ts';
import { auditor, resident, SHUIJINGFANG } from '../support/people.ts';
import { referenceRequest } from '../support/reference-request.ts';
import { ADMIN, startWorld, type World } from '../support/world.ts';
import { expectAgreement } from './support/agreement.ts';
import { Meter } from './support/meter.ts';

const meter = new Meter();
let world: World;
beforeAll(async () => {
  world = await startWorld({ prepare: meter.attach });
});
afterAll(() => world.stop());

const unitsOf = async (work: () => Promise<{ readonly status: number }>): Promise<{ read: number; write: number }> => {
  const metered = await meter.of(async () => expect((await work()).status).toBeLessThan(300));
  expectAgreement(metered);
  return { read: metered.read, write: metered.write };
};

test('a division takes half a read unit, a page of children half a one for each 4 KB', async () => {
  expect(await unitsOf(() => world.get(`/v1/divisions/${SHUIJINGFANG}`))).toEqual({ read: 0.5, write: 0 });
  expect(await unitsOf(() => world.get('/v1/divisions/510104/children'))).toEqual({ read: 0.5, write: 0 });
});

test('putting a division takes 1 write unit, importing one 1 and its parent’s read', async () => {
  expect(await unitsOf(() => world.put('/v1/divisions/510104017009', ADMIN, { name: '新社区' }))).toEqual({ read: 1.5, write: 1 });
  const rows = [
    { line: 2, code: '510104017010', name: '十社区' },
    { line: 3, code: '510104017011', name: '十一社区' },
  ];
  expect(await unitsOf(() => world.post('/v1/imports/divisions', ADMIN, { rows }))).toEqual({ read: 3, write: 2 });
  expect(await unitsOf(() => world.post('/v1/imports/divisions', ADMIN, { rows }))).toEqual({ read: 3, write: 0 });
});

test('a service takes half a unit, the whole catalogue 7.5', async () => {
  expect(await unitsOf(() => world.get('/v1/services/streetLamp'))).toEqual({ read: 0.5, write: 0 });
  expect(await unitsOf(() => world.get('/v1/services?limit=100'))).toEqual({ read: 7.5, write: 0 });
});

test('putting a service writes it in three places: 6 units', async () => {
  const { body: service } = await world.get('/v1/services/streetLamp');
  const { code: _code, version: _version, ...body } = service;
  expect(await unitsOf(() => world.put('/v1/services/streetLamp', ADMIN, body))).toEqual({ read: 1.5, write: 6 });
});

test('the audit of a resource takes half a unit a page', async () => {
  expect(await unitsOf(() => world.get('/v1/audit?resource=requests/00000000000000000000000ZZ', auditor))).toEqual({ read: 0.5, write: 0 });
});

test('a run of the clocks that finds nothing takes half a unit a shard', async () => {
  expect(await unitsOf(() => world.schedule('requestClocks'))).toEqual({ read: DUE_SHARDS / 2, write: 0 });
});

test('a late request takes 2 more reads of it and 9 write units a step, telling who is responsible included', async () => {
  await world.post('/v1/requests', resident, referenceRequest);
  await world.settle();
  // The street lamp is to be answered within four hours.
  world.turnTo('2026-11-24T13:15:00+08:00');
  const metered = await meter.of(() => world.schedule('requestClocks'));
  expectAgreement(metered);
  const ofRequests = metered.readings.filter(({ table }) => table === 'serviceRequests');
  expect(ofRequests.filter(({ write }) => write > 0).map(({ write, indexes }) => ({ write, due: indexes['byDue'] }))).toEqual([
    { write: 8, due: 2 },
  ]);
  // Every shard is asked, the one that had something twice; the request is read before the step and after it.
  expect(ofRequests.reduce((sum, { read }) => sum + read, 0)).toBe(DUE_SHARDS / 2 + 0.5 + 2);
  expect(metered.readings.filter(({ table }) => table === 'notifications').map(({ read, write }) => [read, write])).toEqual([
    [1, 0],
    [0, 1],
  ]);
});
