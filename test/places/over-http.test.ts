/** A month of meal help, childcare and residential rates over HTTP, and what the figures say of it. */
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { CAOSHIJIE, DACISI, dispatcher, resident, SHUIJINGFANG, worker } from '../support/people.ts';
import { auditor, close, expectNothingParked, refresh } from '../metrics/support/months.ts';
import { ADMIN, startWorld, type World } from '../support/world.ts';

vi.setConfig({ testTimeout: 120_000, hookTimeout: 60_000 });

let world: World;
beforeAll(async () => {
  world = await startWorld({ at: '2026-11-02T09:00:00+08:00' });
});
afterAll(() => world.stop());

const streetWorker = { ...worker, division: '510104017' };
const coverageIn = async (division: string, month: string): Promise<object> => {
  const { body } = await world.get(`/v1/metrics?division=${division}&month=${month}`);
  return body.indicators.find(({ id }: { id: string }) => id === 'mealCoverageRate');
};

test('a street sets up its places, tells of its meals late, and is measured against the target of a large city', async () => {
  await world.put('/v1/divisions/5101', ADMIN, { name: '成都市', largeCity: true });
  const canteen = { name: { 'zh-CN': '长者食堂', en: 'Canteen' }, subsidised: true, openingHours: '11:00–13:00' };
  for (const [id, community] of [
    ['canteen-sjf', SHUIJINGFANG],
    ['canteen-dcs', DACISI],
  ] as const)
    expect(
      (await world.put(`/v1/meal-points/${id}`, streetWorker, { ...canteen, community, location: { lat: 30.6458, long: 104.0921 } }))
        .status,
    ).toBe(201);
  expect((await world.put('/v1/meal-points/canteen-csj', streetWorker, { ...canteen, community: CAOSHIJIE })).status).toBe(403);

  // A resident looks around, and finds where to eat.
  const near = await world.get('/v1/facilities?near=30.6461,104.0913&kind=mealPoint', resident);
  expect(near.body.items.map(({ id }: { id: string }) => id).toSorted()).toEqual(['canteen-dcs', 'canteen-sjf']);

  await world.put('/v1/meal-points/canteen-sjf/days/2026-11-02', streetWorker, { served: 46, delivered: 12 });
  await world.put('/v1/meal-points/canteen-dcs/days/2026-11-02', streetWorker, { served: 0, delivered: 0 });
  await refresh(world, '2026-11-02T10:00:00+08:00');
  expect(await coverageIn('510104017', '2026-11')).toEqual({
    id: 'mealCoverageRate',
    numerator: 1,
    denominator: 2,
    value: 0.5,
    target: 0.8,
    met: false,
  });

  world.turnTo('2026-12-01T00:40:00+08:00');
  await close(world, '2026-11');
  expect(await coverageIn('5101', '2026-11')).toMatchObject({ numerator: 1, denominator: 4, met: false });
  // Paper comes in late, and revises what was final.
  world.turnTo('2026-12-03T09:00:00+08:00');
  await world.put('/v1/meal-points/canteen-dcs/days/2026-11-30', streetWorker, { served: 0, delivered: 3 });
  await refresh(world, '2026-12-03T10:00:00+08:00');
  expect(await coverageIn('510104017', '2026-11')).toMatchObject({ numerator: 2, denominator: 2, value: 1, met: true });
  const { body } = await world.get('/v1/metrics?division=510104017&month=2026-11');
  expect(body).toMatchObject({ status: 'final', revision: 2 });
  // December has begun, and nobody has eaten anything yet.
  expect(await coverageIn('510104017', '2026-12')).toMatchObject({ numerator: 0, denominator: 2 });
  await expectNothingParked(world);
});

test('parents see what childcare is free; the utilities get what was found right, and the auditor who read it', async () => {
  await world.put('/v1/childcare/nursery-sjf', streetWorker, {
    name: { 'zh-CN': '水井坊托育点' },
    community: SHUIJINGFANG,
    offered: 40,
    taken: 36,
    waiting: 5,
  });
  expect((await world.get('/v1/childcare?division=510104', resident)).body).toMatchObject({
    sums: { offered: 40, taken: 36, waiting: 5, free: 4 },
    items: [{ id: 'nursery-sjf', free: 4 }],
  });

  const point = {
    name: { 'zh-CN': '水井坊便民服务点' },
    community: SHUIJINGFANG,
    entitlements: [
      { kind: 'water', account: 'CS-8802040170' },
      { kind: 'heat', account: 'RL-8802040171' },
    ],
  };
  expect((await world.put('/v1/service-points/point-sjf', streetWorker, point)).status).toBe(201);
  const check = (kind: string, body: object, key: string) =>
    world.post(`/v1/service-points/point-sjf/entitlements/${kind}/check`, dispatcher, body, { 'idempotency-key': key });
  const first = await check('water', { granted: true }, 'check-1');
  const again = await check('water', { granted: true }, 'check-1');
  expect([first.status, again.body, again.headers.get('idempotency-replayed')]).toEqual([200, first.body, 'true']);
  expect((await check('heat', { granted: false, reason: '该点不在供热范围内' }, 'check-2')).status).toBe(200);
  const csv = await world.get('/v1/entitlements.csv?division=510104017', dispatcher);
  expect(csv.headers.get('content-type')).toBe('text/csv; charset=utf-8');
  expect(csv.text.split('\r\n')).toEqual([
    '\ufeffmonth,status,kind,account,servicePoint,name,community,communityName,validFrom,validUntil',
    `2026-12,granted,water,CS-8802040170,point-sjf,水井坊便民服务点,${SHUIJINGFANG},水井坊社区,2026-12-03,`,
    '',
  ]);
  const { body } = await world.get('/v1/audit?resource=entitlements.csv%3Fdivision%3D510104017%26month%3D2026-12', auditor);
  expect(body.items).toEqual([expect.objectContaining({ sub: dispatcher.sub, action: 'list', community: '510104017' })]);
  await world.settle();
  await expectNothingParked(world);
});
