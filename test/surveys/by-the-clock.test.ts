/** What the clock ends, and in which order what is to be counted comes. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { countClosedSurvey } from '../../functions/surveys/count-closed-survey.ts';
import { openHouse, type House } from '../support/house.ts';
import { dispatcher, SHUIJINGFANG } from '../support/people.ts';
import { opened, PLAIN, residentOf } from './support/asking.ts';

const START = '2026-11-24T09:00:00+08:00';
const END = '2026-11-24T12:00:00+08:00';
let house: House;
beforeAll(async () => {
  house = await openHouse({ at: START });
});
afterAll(() => house.stop());

const kept = async (begins: string) =>
  [...((await house.content(['surveys']))['surveys'] ?? new Map()).values()].filter(({ pk }) => pk.startsWith(begins));
const react = (id: string) => countClosedSurvey(house.runtime)({ detail: { id: 'closed', data: { item: { id } } } } as never);
const answer = (id: string, number: number) => house.post(`/v1/surveys/${id}/responses`, residentOf(number), { answers: PLAIN });

const FIRST_TO_COME: Readonly<Record<string, (id: string) => Promise<unknown>>> = {
  'a late answer': (id) => answer(id, 99),
  'who reads its results': (id) => house.get(`/v1/surveys/${id}/results`),
  'who lists surveys': () => house.get(`/v1/surveys?division=${SHUIJINGFANG}`),
};
test.each(Object.entries(FIRST_TO_COME))('what is over by the clock is closed by %s, and counted from there', async (_, come) => {
  house.turnTo(START);
  const id = await opened(house, { closesAt: END });
  for (let number = 0; number < 5; number++) expect((await answer(id, number)).status).toBe(201);
  house.turnTo(END);
  await come(id);
  const [survey] = await kept(`SURVEY#${id}`);
  // This is the change that the reaction to it is told of.
  expect(survey).toMatchObject({ change: 'closed', closedAt: '2026-11-24T04:00:00.000Z' });
  expect((await house.get(`/v1/surveys/${id}/results`)).body.code).toBe('resultsPending');
  // Who comes next finds it closed.
  await come(id);
  expect((await kept(`SURVEY#${id}`))[0]?.version).toBe(survey?.version);
  await react(id);
  expect((await house.get(`/v1/surveys/${id}/results`)).body).toMatchObject({ final: true, responses: 5 });
});

test('what ends first is counted first, and what is not open yet is not looked at', async () => {
  house.turnTo(START);
  const opensAt = '2027-01-01T08:00:00+08:00';
  const future = await opened(house, { opensAt, closesAt: '2027-02-01T08:00:00+08:00' });
  const open = await Promise.all(Array.from({ length: 9 }, () => opened(house, { closesAt: '2026-12-24T18:00:00+08:00' })));
  const over = await opened(house, { closesAt: '2026-11-24T11:00:00+08:00' });
  const extended = await opened(house, { closesAt: '2026-11-24T10:00:00+08:00' });
  expect((await house.post(`/v1/surveys/${extended}/extend`, dispatcher, { closesAt: '2026-11-24T11:30:00+08:00' })).status).toBe(200);
  house.turnTo(END);
  const read: string[] = [];
  house.faults.watch(({ command, input }) => {
    const pk = String((input['Key'] as { pk?: unknown } | undefined)?.pk);
    if (command === 'GetItemCommand' && pk.startsWith('SURVEY#') && !read.includes(pk)) read.push(pk);
  });
  await house.schedule('surveyTally');
  house.faults.watch(undefined);
  const ids = read.map((pk) => pk.slice('SURVEY#'.length));
  expect(ids.slice(0, 2)).toEqual([over, extended]);
  expect(ids.slice(2).toSorted()).toEqual(open.toSorted());
  expect(ids).not.toContain(future);
  // Neither is waited for any more.
  expect((await kept('TALLY')).map(({ survey }) => survey).toSorted()).toEqual([future, ...open].toSorted());
});

test('what is closed by hand is counted as one that ends now', async () => {
  house.turnTo(START);
  const id = await opened(house);
  expect((await house.post(`/v1/surveys/${id}/close`, dispatcher)).status).toBe(200);
  expect((await kept('TALLY')).filter(({ survey }) => survey === id).map(({ sk }) => sk)).toEqual([`2026-11-24T01:00:00.000Z#${id}`]);
  await react(id);
  expect((await kept('TALLY')).filter(({ survey }) => survey === id)).toEqual([]);
});
