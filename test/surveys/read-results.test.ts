/** Results as they are read: how much at once, and what of them before the end. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { surveyRepository } from '../../functions/surveys/repository.ts';
import type { GroupResult } from '../../functions/surveys/results.ts';
import { openHouse, type House } from '../support/house.ts';
import { auditor, dispatcher, resident, strangeDispatcher, worker } from '../support/people.ts';
import { opened, PLAIN, residentOf } from './support/asking.ts';

let house: House;
beforeAll(async () => {
  house = await openHouse();
});
afterAll(() => house.stop());

const answer = (id: string, number: number, answers: unknown) => house.post(`/v1/surveys/${id}/responses`, residentOf(number), { answers });

test('of large groups as many are told at once as an answer holds, and the others after them', async () => {
  const repository = surveyRepository(house.runtime.database);
  const groupOf = (key: string): GroupResult => ({
    key,
    responses: 9,
    questions: [{ id: 'long'.repeat(70_000), kind: 'text', n: 9, options: [] }],
  });
  const keys = Array.from({ length: 25 }, (_, index) => `5101040170${10 + index}`);
  for (const key of keys) expect((await repository.write([repository.putsGroup('large', 'community', groupOf(key))])).ok).toBe(true);
  const seen: string[] = [];
  let parts = 0;
  for (let after: string | undefined, more = true; more; parts += 1) {
    const part = await repository.groups('large', 'community', '51', after, 1000);
    expect(JSON.stringify(part.groups).length).toBeLessThan(3_100_000);
    seen.push(...part.groups.map(({ key }) => key));
    after = seen.at(-1);
    ({ more } = part);
  }
  expect(seen).toEqual(keys);
  expect(parts).toBeGreaterThan(1);
});

test('before the end staff see the whole of it, by group nothing, and only what everybody must answer', async () => {
  const id = await opened(house);
  for (let number = 0; number < 40; number++) expect((await answer(id, number, { ...PLAIN, recommend: 9 })).status).toBe(201);
  await house.schedule('surveyTally');
  for (const by of ['community', 'channel']) {
    const { status, body } = await house.get(`/v1/surveys/${id}/results?by=${by}`, dispatcher);
    expect([status, body.responses, body.final, body.by]).toEqual([200, 20, false, { [by]: [] }]);
    expect(body.questions.map(({ id: each, n, suppressed }: Record<string, unknown>) => [each, suppressed ?? n])).toEqual([
      ['overall', 20],
      ['used', 20],
      ['why', 'secondary'],
      ['recommend', 'secondary'],
      ['wish', 'secondary'],
      ['age', 'secondary'],
      ['since', 'secondary'],
      ['parts', 'secondary'],
    ]);
  }
});

test('what was written is read by staff and auditors of all that was asked, after the end, page by page and each once', async () => {
  const id = await opened(house);
  const path = `/v1/surveys/${id}/texts`;
  const wishes = Array.from({ length: 12 }, (_, number) => `建议 ${number}`);
  for (const [number, wish] of wishes.entries()) await answer(id, number, { ...PLAIN, wish });
  for (let number = 12; number < 20; number++) await answer(id, number, { ...PLAIN, age: 70 });
  expect((await house.get(`${path}?question=wish`, dispatcher)).body.code).toBe('resultsPending');
  await house.post(`/v1/surveys/${id}/close`, dispatcher);
  await house.schedule('surveyTally');

  for (const as of [resident, worker, strangeDispatcher]) expect((await house.get(`${path}?question=wish`, as)).status).toBe(403);
  expect((await house.get(`${path}?question=wish`)).status).toBe(401);
  for (const question of ['age', 'nothing'])
    expect((await house.get(`${path}?question=${question}`, dispatcher)).body.errors[0].path).toBe('question');
  for (const as of [dispatcher, auditor]) {
    const seen: string[] = [];
    for (let cursor = ''; ;) {
      const { body } = await house.get(`${path}?question=wish&limit=5${cursor}`, as);
      expect(body.items.length).toBeLessThanOrEqual(5);
      seen.push(...body.items);
      if (body.next === null) break;
      cursor = `&cursor=${encodeURIComponent(body.next)}`;
    }
    expect(seen.toSorted()).toEqual(wishes.toSorted());
    expect(seen).not.toEqual(wishes);
  }
  expect(JSON.stringify((await house.get(`/v1/surveys/${id}/results`)).body)).not.toContain('建议');
});

test.each(['anonymous', 'confidential'])('of what fewer than 5 wrote nothing is read (%s)', async (mode) => {
  const id = await opened(house, { mode });
  for (let number = 0; number < 9; number++) await answer(id, number, { ...PLAIN, ...(number < 4 ? { wish: '太少' } : {}) });
  await house.post(`/v1/surveys/${id}/close`, dispatcher);
  await house.schedule('surveyTally');
  const { status, body } = await house.get(`/v1/surveys/${id}/texts?question=wish`, dispatcher);
  expect([status, body]).toEqual([200, { suppressed: 'small', items: [], next: null }]);
});
