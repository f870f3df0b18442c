/** Visits: who records them, when they may have been, what follows from them, and who may know. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { TokenClaims } from '../../lib/local/issuer.ts';
import { openHouse, type Answered, type House } from '../support/house.ts';
import { auditor, CAOSHIJIE, dispatcher, neighbour, resident, SHUIJINGFANG, strangeWorker, worker } from '../support/people.ts';
import { ADMIN } from '../support/world.ts';

let house: House;
beforeAll(async () => {
  house = await openHouse();
});
afterAll(() => house.stop());

const NOW = '2026-11-24T09:00:00+08:00';
/** Anybody may be a volunteer. */
const volunteer: TokenClaims = { sub: 'volunteer-qian', roles: [] };
const registered = async (more: object = {}): Promise<string> => {
  house.turnTo(NOW);
  const body = {
    name: '王桂兰',
    community: SHUIJINGFANG,
    tier: 'high',
    volunteers: [volunteer.sub, neighbour.sub],
    activeFrom: '2026-11-01',
    ...more,
  };
  return (await house.post('/v1/care/recipients', worker, body)).body.id;
};
const VISIT = { at: '2026-11-24T08:30:00+08:00', mode: 'inPerson', outcome: 'well' };
const visit = (id: string, more: object = {}, as: TokenClaims = worker, key?: string): Promise<Answered> =>
  house.post(`/v1/care/recipients/${id}/visits`, as, { ...VISIT, ...more }, { key });

test('a visit is recorded by a worker of the community or a volunteer who is named, and read by the same', async () => {
  const id = await registered();
  for (const as of [worker, volunteer, neighbour]) {
    const made = await visit(id, { note: '精神很好' }, as);
    expect([made.status, made.headers['etag']]).toEqual([201, '"1"']);
    const there = await house.get(made.headers['location'] ?? '', volunteer);
    expect(there.body).toEqual({ ...made.body, visitor: as.sub, recipient: id, at: '2026-11-24T00:30:00.000Z', note: '精神很好' });
    for (const other of [dispatcher, ADMIN, resident, strangeWorker, { ...volunteer, sub: 'volunteer-other' }]) {
      const missing = await visit('3'.repeat(26), {}, other);
      const refused = await visit(id, {}, other);
      expect([refused.status, refused.text]).toEqual([404, missing.text]);
      expect((await house.get(made.headers['location'] ?? '', other)).status).toBe(404);
      expect((await house.get(`/v1/care/recipients/${id}/visits`, other)).status).toBe(404);
    }
  }
  expect((await house.get(`/v1/care/recipients/${id}`, volunteer)).status).toBe(403);
  const resources = ['', '/visits'].map((rest) => `care/recipients/${id}${rest}`);
  await house.get(`/v1/care/recipients/${id}/visits`, volunteer);
  const read = await Promise.all(resources.map((resource) => house.get(`/v1/audit?resource=${resource}`, auditor)));
  expect(read.map(({ body }) => body.items.map(({ action }: { action: string }) => action))).toEqual([['register'], ['list']]);
});

test('who records a visit is written down, and so is who is told of it again or reads it', async () => {
  const id = await registered();
  const made = await visit(id, { note: '精神很好' }, volunteer, 'told-again');
  house.turn(1000);
  const again = await visit(id, { note: '精神很好' }, volunteer, 'told-again');
  expect([again.headers['idempotency-replayed'], again.body]).toEqual(['true', made.body]);
  house.turn(1000);
  await house.get(made.headers['location'] ?? '', worker);
  const { body } = await house.get(`/v1/audit?resource=care/recipients/${id}/visits/${made.body.id}`, auditor);
  expect(body.items.map(({ action, sub }: { action: string; sub: string }) => `${action} ${sub}`)).toEqual([
    `read ${worker.sub}`,
    `record ${volunteer.sub}`,
    `record ${volunteer.sub}`,
  ]);
});

test('a volunteer visits, and knows of visits, while the person is active', async () => {
  const id = await registered();
  const made = await visit(id, {}, volunteer, 'not-heard');
  await house.call('PATCH', `/v1/care/recipients/${id}`, { as: worker, body: { active: false, endReason: 'moved' } });
  const missing = await visit('3'.repeat(26), {}, volunteer);
  expect((await visit(id, {}, volunteer)).text).toBe(missing.text);
  // What was asked for while they were, and not heard, is answered still, to whom it was to be answered.
  const again = await visit(id, {}, volunteer, 'not-heard');
  expect([again.status, again.headers['idempotency-replayed'], again.text]).toEqual([201, 'true', made.text]);
  for (const path of [`/v1/care/recipients/${id}/visits`, made.headers['location'] ?? ''])
    expect([path, (await house.get(path, volunteer)).status, (await house.get(path, worker)).status]).toEqual([path, 404, 200]);
  await house.call('PATCH', `/v1/care/recipients/${id}`, { as: worker, body: { active: true } });
  expect((await visit(id, {}, volunteer)).status).toBe(201);
});

test('a visit took place before now, within twelve months, and on no day after an end: on that day, and before somebody was registered, it may have been', async () => {
  const id = await registered();
  const refusals = await Promise.all(
    ['2026-11-24T09:06:00+08:00', '2025-10-31T12:00:00+08:00', '1950-01-01T00:00:00Z'].map((at) => visit(id, { at })),
  );
  expect(refusals.map(({ status, body }) => [status, body.errors[0].path])).toEqual([1, 2, 3].map(() => [422, 'at']));
  expect((await visit(id, { at: '2026-10-31T23:59:00+08:00' })).status).toBe(201);
  expect((await visit(id, { at: '2026-11-24T09:04:00+08:00' })).status).toBe(201);
  expect((await visit(id, { at: '2026-11-01T00:00:00+08:00' })).status).toBe(201);
  await house.call('PATCH', `/v1/care/recipients/${id}`, { as: worker, body: { active: false, endedOn: '2026-11-20' } });
  const on = async (day: string): Promise<number> => (await visit(id, { at: `2026-11-${day}T08:00:00+08:00` })).status;
  expect([await on('19'), await on('20'), await on('21')]).toEqual([201, 201, 422]);
  await house.call('PATCH', `/v1/care/recipients/${id}`, { as: worker, body: { active: true, activeFrom: '2026-11-23' } });
  expect([await on('20'), await on('22'), await on('23')]).toEqual([201, 422, 201]);
});

test('visits are listed by when they took place, the latest first, without what was noted', async () => {
  const id = await registered();
  for (const day of ['10', '02', '23', '11']) await visit(id, { at: `2026-11-${day}T08:00:00+08:00`, note: '悄悄话' });
  const days: string[] = [];
  for (let next: string | null = ''; next !== null;) {
    const { body, text }: Answered = await house.get(
      `/v1/care/recipients/${id}/visits?limit=3${next === '' ? '' : `&cursor=${encodeURIComponent(next)}`}`,
      worker,
    );
    expect(text).not.toContain('悄悄话');
    days.push(...body.items.map(({ at }: { at: string }) => at.slice(8, 10)));
    next = body.next;
  }
  expect(days).toEqual(['23', '11', '10', '02']);
  expect((await house.get(`/v1/care/recipients/${id}`, worker)).body.lastVisitAt).toBe('2026-11-23T00:00:00.000Z');
});

test('one key is one visit; many at once all count', async () => {
  const id = await registered();
  const [one, other] = await Promise.all([visit(id, {}, worker, 'once'), visit(id, {}, worker, 'once')]);
  expect([one?.status, other?.status, other?.body]).toEqual([201, 201, one?.body]);
  const days = ['02', '09', '16', '23'];
  const thirty = Array.from({ length: 30 }, (_, index) => days[index % days.length]);
  const all = await Promise.all(thirty.map((day) => visit(id, { at: `2026-11-${day}T08:00:00+08:00` })));
  expect(all.filter(({ status }) => status === 201)).toHaveLength(30);
  expect((await house.get(`/v1/care/recipients/${id}/visits?limit=100`, worker)).body.items).toHaveLength(31);
  const { body } = await house.get(`/v1/care/due?division=${SHUIJINGFANG}&limit=100`, worker);
  expect(body.items.map((each: { id: string }) => each.id)).not.toContain(id);
});

test('somebody who has moved is visited by those of the new community and the same volunteers', async () => {
  const id = await registered();
  const mover = { sub: 'worker-of-the-city', roles: ['worker'], division: '5101' };
  await house.call('PATCH', `/v1/care/recipients/${id}`, { as: mover, body: { community: CAOSHIJIE } });
  expect((await visit(id)).status).toBe(404);
  expect((await visit(id, {}, strangeWorker)).status).toBe(201);
  expect((await visit(id, {}, volunteer)).status).toBe(201);
});
