/** What a request costs, read and written: exact, from consumed capacity. */
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { SECOND } from '../../functions/kernel/time.ts';
import type { TokenClaims } from '../../lib/local/issuer.ts';
import { DACISI, dispatcher, resident, worker } from '../support/people.ts';
import { REFERENCE_KEY, referenceRequest } from '../support/reference-request.ts';
import { startWorld, type World } from '../support/world.ts';
import { Meter, type Metered } from './support/meter.ts';
import { expectAgreement } from './support/agreement.ts';

const KB = 1024;

const meter = new Meter();
let world: World;
beforeAll(async () => {
  world = await startWorld({ prepare: meter.attach });
});
afterAll(() => world.stop());

const request = async (body: object = {}, as: TokenClaims = resident): Promise<string> => {
  const made = await world.post('/v1/requests', as, { ...referenceRequest, ...body });
  expect(made.status).toBe(201);
  return made.body.id;
};
const act = async (id: string, action: string, as: TokenClaims, body: object = {}): Promise<void> => {
  // Lists show when something changed last.
  world.turn(SECOND);
  const answer = await world.post(`/v1/requests/${id}/${action}`, as, body);
  expect([action, answer.status]).toEqual([action, 200]);
};
const unitsOf = async (work: () => Promise<unknown>): Promise<Metered> => {
  // What follows from what went before is not of this.
  await world.settle();
  const metered = await meter.of(work);
  expectAgreement(metered);
  return metered;
};
const units = ({ read, write }: Metered): { read: number; write: number } => ({ read, write });

test('the reference request takes 10 write units and one write round trip: its item 2 × 2, its key’s record 2 × 1, four index entries', async () => {
  // An OpenID provider's `sub` is a UUID.
  const somebody = { ...resident, sub: '3f1c8e0a-52a7-4a3e-9b1d-7d0c5a2f6e11' };
  const metered = await unitsOf(() => world.post('/v1/requests', somebody, referenceRequest, { 'idempotency-key': REFERENCE_KEY }));
  expect(units(metered)).toEqual({ read: 1, write: 10 });
  expect(metered.writeCalls).toBe(1);
  const written = metered.readings.find(({ write }) => write > 0);
  expect(written?.indexes).toEqual({ byCommunity: 1, byCounty: 1, byRequester: 1, byDue: 1 });
  const [item = 0, record = 0] = written?.sizes ?? [];
  expect(item).toBeLessThanOrEqual(2 * KB);
  expect(record).toBeLessThanOrEqual(KB / 2);
});

test('the same key again writes nothing', async () => {
  const key = { 'idempotency-key': 'again' };
  await world.post('/v1/requests', resident, referenceRequest, key);
  expect(units(await unitsOf(() => world.post('/v1/requests', resident, referenceRequest, key)))).toEqual({ read: 3, write: 0 });
});

test('without a key there is no transaction: 6 write units', async () => {
  expect(units(await unitsOf(() => request()))).toEqual({ read: 1, write: 6 });
});

test('the longest description is still one write round trip, and its list entries stay below 1 KB', async () => {
  const metered = await unitsOf(() =>
    world.post(
      '/v1/requests',
      resident,
      { ...referenceRequest, description: '灯'.repeat(2000), address: '锦'.repeat(100) },
      { 'idempotency-key': 'longest' },
    ),
  );
  expect(metered.writeCalls).toBe(1);
  expect(metered.readings.at(-1)?.indexes).toEqual({ byCommunity: 1, byCounty: 1, byRequester: 1, byDue: 1 });
});

test('reading a request with its history and comments takes half a unit up to 4 KB', async () => {
  const id = await request();
  expect(units(await unitsOf(() => world.get(`/v1/requests/${id}`, resident)))).toEqual({ read: 0.5, write: 0 });
  await act(id, 'accept', dispatcher);
  await act(id, 'assign', dispatcher, { to: { kind: 'worker', id: worker.sub } });
  await act(id, 'start', worker);
  await act(id, 'comments', worker, { text: '已联系居民，约定明早上门。' });
  await act(id, 'resolve', worker, { resolution: '已更换灯泡，夜间照明恢复正常。' });
  await act(id, 'rating', resident, { level: 5 });
  const metered = await unitsOf(() => world.get(`/v1/requests/${id}`, resident));
  expect(units(metered)).toEqual({ read: 0.5, write: 0 });
  expect(metered.readings).toHaveLength(1);
});

test('every further 4 KB of it takes half a unit more', async () => {
  const id = await request({ description: '灯'.repeat(1500) });
  const metered = await unitsOf(() => world.get(`/v1/requests/${id}`, resident));
  expect(metered.readings[0]?.sizes[0]).toBeGreaterThan(4 * KB);
  expect(units(metered)).toEqual({ read: 1, write: 0 });
});

test('what is not there is asked for once more, consistently: 1.5 units', async () => {
  expect(units(await unitsOf(() => world.get('/v1/requests/00000000000000000000000ZZ', resident)))).toEqual({ read: 1.5, write: 0 });
});

test('an audited reading writes its entry: 1 unit more', async () => {
  const id = await request({ confidential: true });
  const metered = await unitsOf(() => world.get(`/v1/requests/${id}`, resident));
  expect(units(metered)).toEqual({ read: 0.5, write: 1 });
});

let id = '';
beforeEach(async () => {
  id = await request();
});

/** Whatever leads there; then comes the action that is metered. */
const ACCEPTED = [['accept', dispatcher, {}]] as const;
const ASSIGNED = [...ACCEPTED, ['assign', dispatcher, { to: { kind: 'worker', id: worker.sub } }]] as const;
const STARTED = [...ASSIGNED, ['start', worker, {}]] as const;
const PAUSED = [...STARTED, ['pause', worker, { reason: '等居民在家' }]] as const;
const RESOLVED = [...STARTED, ['resolve', worker, { resolution: '已更换灯泡，夜间照明恢复正常。' }]] as const;

type Step = readonly [action: string, as: TokenClaims, body: object];
const ACTIONS: readonly (readonly [action: string, before: readonly Step[], as: TokenClaims, body: object, read: number, write: number])[] =
  [
    // The item has 3 KB by now; three lists, and the next deadline moves in its index: off and on.
    ['accept', [], dispatcher, {}, 1.5, 8],
    // The deadline ends, and when it was answered is kept: beyond 2 KB. A cancelled one just stays within.
    ['reject', [], dispatcher, { reason: '不属于社区事项' }, 1.5, 7],
    ['cancel', [], resident, {}, 1.5, 6],
    // Two lists change their community: off and on.
    ['transfer', [], dispatcher, { community: DACISI, reason: '归大慈寺社区' }, 2, 8],
    // One more list; the deadline stands.
    ['assign', ACCEPTED, dispatcher, { to: { kind: 'worker', id: worker.sub } }, 1.5, 7],
    ['start', ASSIGNED, worker, {}, 1.5, 7],
    ['pause', STARTED, worker, { reason: '等居民在家' }, 1.5, 9],
    ['resume', PAUSED, worker, {}, 1.5, 9],
    ['extend', STARTED, worker, { resolveBy: '2026-12-01T09:00:00+08:00', reason: '等配件到货' }, 1.5, 7],
    ['resolve', STARTED, worker, { resolution: '已更换灯泡，夜间照明恢复正常。' }, 1.5, 9],
    ['close', RESOLVED, dispatcher, {}, 1.5, 8],
    ['reopen', RESOLVED, resident, { reason: '又坏了' }, 1.5, 9],
    ['rating', RESOLVED, resident, { level: 5 }, 1.5, 7],
    // In one transaction with what it brings about: 2 × 3 and 2 × 1, four lists, and two of the rectification's.
    ['rating', RESOLVED, resident, { level: 1, comment: '没有修好' }, 3, 14],
    ['comments', STARTED, worker, { text: '已联系居民，约定明早上门。' }, 1.5, 12],
  ];
const titled = ACTIONS.map((each) => [`${each[0]} takes ${each[4]} read and ${each[5]} write units`, ...each] as const);
test.each(titled)('%s, in one write round trip', async (_, action, before, as, body, read, write) => {
  for (const [name, by, input] of before) await act(id, name, by, input);
  const metered = await unitsOf(() => act(id, action, as, body));
  expect(units(metered)).toEqual({ read, write });
  expect(metered.writeCalls).toBe(1);
});

test('a duplicate is one transaction, which checks that the other still is none: 14 write units', async () => {
  const other = await request();
  expect(units(await unitsOf(() => act(id, 'duplicate', dispatcher, { of: other })))).toEqual({ read: 2.5, write: 14 });
});

test('an Idempotency-Key makes an action a transaction: its 3 KB once more, and 2 for the record', async () => {
  const metered = await unitsOf(() => world.post(`/v1/requests/${id}/accept`, dispatcher, {}, { 'idempotency-key': 'accept' }));
  expect(units(metered)).toEqual({ read: 1.5, write: 8 + 3 + 2 });
});

test('an action on a confidential request writes its audit entry in one transaction with it', async () => {
  const secret = await request({ confidential: true });
  const metered = await unitsOf(() => act(secret, 'accept', dispatcher));
  // 2 × 2, four entries and the deadline's other one, 2 × 1.
  expect(units(metered)).toEqual({ read: 1.5, write: 11 });
  expect(metered.writeCalls).toBe(1);
});
