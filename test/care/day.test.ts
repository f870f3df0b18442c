/** A worker's whole day over HTTP: somebody is registered, visited, found to need help; the list, an alert, and what the desk is told. */
import { expect, onTestFinished, test } from 'vitest';
import type { TokenClaims } from '../../lib/local/issuer.ts';
import { RAIN } from '../alerts/support/alerts.ts';
import { auditor, close, metricsOf } from '../metrics/support/months.ts';
import { alertOfficer, dispatcher, SHUIJINGFANG, worker } from '../support/people.ts';
import { startWorld, type Answer } from '../support/world.ts';

const volunteer: TokenClaims = { sub: 'volunteer-qian', roles: [] };

test('a worker’s day: register, visit, help, the list of who is due, an alert, the reminder of the morning, the figure of the month', async () => {
  const world = await startWorld({ at: '2026-11-02T09:00:00+08:00' });
  onTestFinished(() => world.stop());
  const made = async (path: string, as: TokenClaims, body: object): Promise<Answer['body']> => {
    const answer = await world.post(path, as, body);
    expect([answer.text, answer.status]).toEqual([answer.text, 201]);
    return answer.body;
  };
  const register = (more: object): Promise<Answer['body']> =>
    made('/v1/care/recipients', worker, { community: SHUIJINGFANG, categories: ['livingAlone'], activeFrom: '2026-11-01', ...more });
  const visit = (id: string, as: TokenClaims, outcome: string, more: object = {}): Promise<Answer['body']> =>
    made(`/v1/care/recipients/${id}/visits`, as, { at: new Date(world.now()).toISOString(), mode: 'inPerson', outcome, ...more });
  const due = async (): Promise<readonly string[]> => {
    const { body } = await world.get('/v1/care/due', worker);
    return body.items.map(({ name, windows, alerts }: Answer['body']) => {
      const states = windows.map(({ state, why }: Answer['body']) => why ?? state);
      return [name, ...states, ...alerts.map(() => 'alert')].join(' ');
    });
  };

  const wang = await register({
    name: '王桂兰',
    tier: 'high',
    contact: { phone: '13800000001', address: '水井街 3 号' },
    volunteers: [volunteer.sub],
  });
  const zhang = await register({ name: '张秀英', tier: 'key', birthYear: 1938 });
  expect(zhang.veryOld).toBe(true);
  expect((await due()).toSorted()).toEqual(['张秀英 open', '王桂兰 open']);

  // A volunteer calls, and finds that help is needed.
  const helped = await visit(wang.id, volunteer, 'needsHelp', { note: '摔倒了，起不来' });
  await visit(zhang.id, worker, 'notFound');
  await world.settle();
  const { body: request } = await world.get(`/v1/requests/${helped.request}`, dispatcher);
  expect(request).toMatchObject({
    service: 'urgentHelp',
    priority: 'urgent',
    community: SHUIJINGFANG,
    description: '摔倒了，起不来',
    address: '水井街 3 号',
    onBehalfOf: { name: '王桂兰', phone: '13800000001' },
    recordedBy: volunteer.sub,
  });
  expect(request).not.toHaveProperty('requester');
  expect(await due()).toEqual(['张秀英 open']);

  // In the second week, an alert.
  world.turnTo('2026-11-10T10:00:00+08:00');
  const { body: alert } = await world.post('/v1/alerts', alertOfficer, {
    ...RAIN,
    effective: '2026-11-10T10:00:00+08:00',
    expires: '2026-11-10T20:00:00+08:00',
  });
  await world.settle();
  expect((await due()).toSorted()).toEqual(['张秀英 open alert', '王桂兰 visited open alert']);
  world.turn(3_600_000);
  await visit(zhang.id, worker, 'well', { mode: 'phone' });
  expect(await due()).toEqual(['王桂兰 visited open alert']);

  await world.schedule('careDue', '2026-11-11T08:00:00+08:00');
  const { body: outbox } = await world.get(`/dev/outbox?to=${SHUIJINGFANG}`);
  expect(outbox.items).toHaveLength(1);
  expect(outbox.items[0]).toMatchObject({ channel: 'staff', about: `care/due?division=${SHUIJINGFANG}` });
  expect(outbox.items[0].text).toContain('待探访 1 人');
  expect(JSON.stringify(outbox.items)).not.toMatch(/王桂兰|张秀英|13800000001/);
  await world.post(`/v1/alerts/${alert.id}/cancel`, alertOfficer);
  expect(await due()).toEqual(['王桂兰 visited open']);

  // The month is over; a visit is entered late.
  for (const day of ['15', '22']) {
    world.turnTo(`2026-11-${day}T10:00:00+08:00`);
    await visit(wang.id, volunteer, 'well');
  }
  world.turnTo('2026-12-01T09:00:00+08:00');
  const rate = async (): Promise<readonly number[]> => {
    const { indicators, revision } = await metricsOf(world, '5101', '2026-11', auditor);
    const { numerator, denominator } = indicators.find(({ id }: { id: string }) => id === 'elderVisitRate');
    return [numerator, denominator, revision];
  };
  await close(world, '2026-11');
  expect(await rate()).toEqual([1, 2, 1]);
  await visit(wang.id, worker, 'well', { at: '2026-11-13T16:00:00+08:00', mode: 'video' });
  await world.settle();
  await world.schedule('metricsRefresh', '2026-12-01T10:00:00+08:00');
  expect(await rate()).toEqual([2, 2, 2]);
  // Few of them could be recognised.
  const shown = (await world.get('/v1/metrics?division=5101&month=2026-11')).body.indicators;
  expect(shown.find(({ id }: { id: string }) => id === 'elderVisitRate')).toMatchObject({ suppressed: 'small' });
});
