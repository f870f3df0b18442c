import { afterAll, beforeAll, expect, test } from 'vitest';
import { dispatcher, resident, SHUIJINGFANG, worker } from '../support/people.ts';
import { startWorld, type World } from '../support/world.ts';

let world: World;
beforeAll(async () => {
  world = await startWorld();
});
afterAll(() => world.stop());

test('a request goes from report to rating, and its history says so', async () => {
  const made = await world.post('/v1/requests', resident, {
    service: 'streetLamp',
    community: SHUIJINGFANG,
    description: '路灯不亮',
    channel: 'app',
  });
  expect(made.status).toBe(201);
  const path = made.headers.get('location');
  expect(path).toBe(`/v1/requests/${made.body.id}`);

  for (const [action, as, body, status] of [
    ['accept', dispatcher, {}, 'accepted'],
    ['assign', dispatcher, { to: { kind: 'worker', id: worker.sub } }, 'assigned'],
    ['start', worker, {}, 'inProgress'],
    ['resolve', worker, { resolution: '已更换灯泡' }, 'resolved'],
    ['rating', resident, { level: 5 }, 'resolved'],
    ['close', dispatcher, {}, 'closed'],
  ] as const) {
    const answer = await world.post(`${path}/${action}`, as, body);
    expect([action, answer.status, answer.body.status]).toEqual([action, 200, status]);
  }
  const read = await world.get(path ?? '', resident);
  expect(read.body.history.map((entry: { action: string }) => entry.action)).toEqual([
    'submit',
    'accept',
    'assign',
    'start',
    'resolve',
    'rating',
    'close',
  ]);
});
