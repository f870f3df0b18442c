/** What the register of providers and their credit cost: exact, from consumed capacity. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { SECOND } from '../../functions/kernel/time.ts';
import { countyDispatcher, dispatcher, neighbour, resident } from '../support/people.ts';
import { admitted, APPLICATION, applyAs, type Registered } from '../support/providers.ts';
import { referenceRequest } from '../support/reference-request.ts';
import { startWorld, type World } from '../support/world.ts';
import { expectAgreement } from './support/agreement.ts';
import { Meter } from './support/meter.ts';

const meter = new Meter();
let world: World;
beforeAll(async () => {
  world = await startWorld({ prepare: meter.attach });
});
afterAll(() => world.stop());

const unitsOf = async (work: () => Promise<{ readonly status: number }>): Promise<{ read: number; write: number; writeCalls: number }> => {
  // What follows from what was done before is not this call's.
  await world.settle();
  const metered = await meter.of(async () => expect((await work()).status).toBeLessThan(300));
  expectAgreement(metered);
  const { read, write, writeCalls } = metered;
  return { read, write, writeCalls };
};

test('applying takes 2 reads, with what else the owner has, and 11 write units: entry, history and two places 2 each, and an index entry of the owner’s and of each place', async () => {
  expect(await unitsOf(() => world.post('/v1/providers', neighbour, APPLICATION))).toEqual({ read: 2, write: 11, writeCalls: 1 });
});

// A setting that nobody has set is looked for twice: 1.5.
test('admitting and suspending take 16: entry and history, and two places of one list for two of another', async () => {
  const { id } = await applyAs(world.post);
  expect(await unitsOf(() => world.post(`/v1/providers/${id}/admit`, countyDispatcher))).toEqual({ read: 5, write: 16, writeCalls: 1 });
  expect(await unitsOf(() => world.post(`/v1/providers/${id}/suspend`, countyDispatcher, { reason: '核查' }))).toEqual({
    read: 5,
    write: 16,
    writeCalls: 1,
  });
});

test('a provider takes half a unit, with its history one more; a list half a one and half a one for each', async () => {
  const { id, as } = await admitted(world.post, { divisions: ['510105'] });
  expect(await unitsOf(() => world.get(`/v1/providers/${id}`))).toEqual({ read: 0.5, write: 0, writeCalls: 0 });
  expect(await unitsOf(() => world.get(`/v1/providers/${id}`, as))).toEqual({ read: 1.5, write: 0, writeCalls: 0 });
  // Its province's, its city's and its county's.
  expect(await unitsOf(() => world.get('/v1/providers?division=510105'))).toEqual({ read: 2, write: 0, writeCalls: 0 });
});

const mended = async ({ to, as }: Registered): Promise<string> => {
  const { id } = (await world.post('/v1/requests', resident, referenceRequest)).body;
  await world.post(`/v1/requests/${id}/assign`, dispatcher, { to });
  world.turn(SECOND);
  await world.post(`/v1/requests/${id}/start`, as);
  world.turn(SECOND);
  await world.post(`/v1/requests/${id}/resolve`, as, { resolution: '已修' });
  await world.settle();
  return id;
};

test('to give work to a provider takes 1 read more, and 6 writes, since a transaction holds the register to it; its people’s calls 1 read more', async () => {
  const { to, as } = await admitted(world.post, { services: [referenceRequest.service] });
  const { id } = (await world.post('/v1/requests', resident, referenceRequest)).body;
  await world.post(`/v1/requests/${id}/accept`, dispatcher);
  await world.settle();
  world.turn(SECOND);
  const assign = await unitsOf(() => world.post(`/v1/requests/${id}/assign`, dispatcher, { to }));
  await world.settle();
  world.turn(SECOND);
  const start = await unitsOf(() => world.post(`/v1/requests/${id}/start`, as));
  expect([assign, start]).toEqual([
    { read: 2.5, write: 13, writeCalls: 1 },
    { read: 2.5, write: 7, writeCalls: 1 },
  ]);
});

test('an event of credit takes 4, with what finds it again; credit half a unit for each 4 KB of events, some twelve, and 2 for the provider and the method', async () => {
  const provider = await admitted(world.post, { services: [referenceRequest.service] });
  const request = await mended(provider);
  const written = await meter.of(async () => {
    await world.post(`/v1/requests/${request}/rating`, resident, { level: 5 });
    await world.settle();
  });
  const event = written.readings.filter(({ table, write }) => table.endsWith('providers') && write > 0);
  expect(event.map(({ write }) => write)).toEqual([4]);
  expect(event[0]?.sizes[0]).toBeLessThan(400);
  expect(await unitsOf(() => world.get(`/v1/providers/${provider.id}/credit`))).toEqual({ read: 2.5, write: 0, writeCalls: 0 });
  // Of one that waits: three lists, the event and its provider, half each, and the method.
  const [rated] = (await world.get(`/v1/providers/${provider.id}/credit`)).body.events;
  await world.post(`/v1/providers/${provider.id}/appeal`, provider.as, { event: rated.id, reason: '不实' });
  expect(await unitsOf(() => world.get('/v1/credit-events', countyDispatcher))).toEqual({ read: 4, write: 0, writeCalls: 0 });
});
