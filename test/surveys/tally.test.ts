/** Answers are opened and counted in lots, once each, whatever dies. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { tallySurvey } from '../../functions/surveys/tally-survey.ts';
import { openHouse, type House } from '../support/house.ts';
import { dispatcher } from '../support/people.ts';
import { opened, PLAIN, residentOf } from './support/asking.ts';

let house: House;
beforeAll(async () => {
  house = await openHouse();
});
afterAll(() => house.stop());

const answer = (id: string, number: number, answers: unknown = PLAIN) =>
  house.post(`/v1/surveys/${id}/responses`, residentOf(number), { answers });
const itemsOf = async (begins: string) =>
  [...((await house.content(['surveys']))['surveys'] ?? new Map()).values()].filter(({ pk }) => pk.startsWith(begins));

test('nothing is opened before forty wait, and then all but twenty', async () => {
  const id = await opened(house);
  for (let number = 0; number < 39; number++) expect((await answer(id, number)).status).toBe(201);
  await house.schedule('surveyTally');
  expect(await itemsOf(`ANSWER#${id}`)).toHaveLength(0);
  expect((await answer(id, 39)).status).toBe(201);
  await house.schedule('surveyTally');
  expect(await itemsOf(`ANSWER#${id}`)).toHaveLength(20);
  expect(await itemsOf(`SEALED#${id}`)).toHaveLength(20);
  const early = await house.get(`/v1/surveys/${id}/results`, dispatcher);
  expect([early.status, early.body.responses, early.body.final]).toEqual([200, 20, false]);
  expect((await house.get(`/v1/surveys/${id}/results`)).status).toBe(403);
  expect((await house.post(`/v1/surveys/${id}/close`, dispatcher)).status).toBe(200);
  expect((await house.get(`/v1/surveys/${id}/results`)).body.code).toBe('resultsPending');
  const event = { detail: { id: 'one', data: { item: { id } } } } as never;
  await tallySurvey(house.runtime)(event);
  const results = await house.get(`/v1/surveys/${id}/results?by=community`);
  expect([results.status, results.body.responses, results.body.final]).toEqual([200, 40, true]);
  expect(results.body.by.community).toMatchObject([{ key: '510104017001', responses: 40 }]);
  expect(await itemsOf(`SEALED#${id}`)).toHaveLength(0);
  expect(await itemsOf('TALLY')).toHaveLength(0);
});
