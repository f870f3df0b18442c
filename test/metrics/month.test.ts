/** A month from requests to figures, over HTTP. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { dispatcher, resident, SHUIJINGFANG, worker } from '../support/people.ts';
import { startWorld, type World } from '../support/world.ts';

let world: World;
beforeAll(async () => {
  world = await startWorld({ at: '2026-10-05T09:00:00+08:00' });
});
afterAll(() => world.stop());

describe('a month', () => {
  it('counts', async () => {
    const { body: request } = await world.post('/v1/requests', resident, {
      service: 'streetLamp',
      community: SHUIJINGFANG,
      description: '路灯坏了',
      channel: 'app',
    });
    await world.post(`/v1/requests/${request.id}/accept`, dispatcher);
    await world.post(`/v1/requests/${request.id}/assign`, dispatcher, { to: { kind: 'worker', id: worker.sub } });
    await world.post(`/v1/requests/${request.id}/start`, worker);
    await world.post(`/v1/requests/${request.id}/resolve`, worker, { resolution: '已修' });
    await world.post(`/v1/requests/${request.id}/rating`, resident, { level: 5 });
    await world.settle();
    console.log((await world.schedule('metricsRefresh', '2026-10-06T00:00:00+08:00')).text);
    console.log((await world.get('/v1/metrics?division=51&month=2026-10', { sub: 'a', roles: ['auditor'], division: '51' })).text);
    console.log((await world.schedule('monthlyMetrics', '2026-11-01T00:30:00+08:00')).text);
    for (const d of ['51', SHUIJINGFANG]) console.log((await world.get(`/v1/metrics?division=${d}&month=2026-10`)).text);
    console.log((await world.get('/v1/metrics/children?division=510104&month=2026-10&indicator=requestsReceived')).text);
    console.log((await world.get('/v1/metrics/series?division=510104&indicator=requestsReceived')).text);
    console.log((await world.get('/v1/metrics/facts?division=510104&month=2026-10&indicator=requestsReceived', dispatcher)).text);
    console.log((await world.get('/v1/metrics/runs', { sub: 'a', roles: ['auditor'], division: '51' })).text);
    console.log((await world.call('GET', '/v1/metrics?division=51&month=2026-10', { headers: { accept: 'text/csv' } })).text);
    console.log((await world.get('/dashboard?division=510104&month=2026-10')).text.slice(0, 300));
    console.log(world.logs.filter((l) => l.level !== 'info'));
    expect(1).toBe(1);
  });
});
