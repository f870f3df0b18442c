/** A key that no survey has is destroyed, whatever publishing has died of; one that a survey has is not. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { HOUR, MINUTE } from '../../functions/kernel/time.ts';
import { openHouse, type House } from '../support/house.ts';
import { dispatcher, resident } from '../support/people.ts';
import { drafted, opened, PLAIN } from './support/asking.ts';

let house: House;
beforeAll(async () => {
  house = await openHouse();
});
afterAll(() => house.stop());

const kept = async (begins: string) =>
  [...((await house.content(['surveys']))['surveys'] ?? new Map()).values()].filter(({ pk }) => pk.startsWith(begins));
const publish = (id: string) => house.post(`/v1/surveys/${id}/publish`, dispatcher);
const isKept = async (name: unknown): Promise<boolean> => (await (await house.runtime.vault()).read(String(name))) !== undefined;

test('publishing that dies between any two calls, and again, leaves one key in the end', async () => {
  const id = await drafted(house);
  const names = new Set<unknown>();
  let isPublished = false;
  for (let at = 1; !isPublished; at++)
    for (const when of ['before', 'after'] as const) {
      house.faults.crashAt(at, when);
      await publish(id);
      await house.faults.revive();
      for (const { keyName } of await kept('KEYS')) names.add(keyName);
      isPublished ||= (await kept(`SURVEY#${id}`))[0]?.publishedAt !== undefined;
    }
  const [survey] = await kept(`SURVEY#${id}`);
  expect(names.size).toBeGreaterThan(1);
  expect(names.has(survey?.keyName)).toBe(false);

  house.turn(HOUR - MINUTE);
  await house.schedule('surveyTally');
  expect((await kept('KEYS')).length).toBe(names.size);
  house.turn(2 * MINUTE);
  await house.schedule('surveyTally');
  expect(await kept('KEYS')).toEqual([]);
  for (const name of names) expect(await isKept(name)).toBe(false);
  expect(await isKept(survey?.keyName)).toBe(true);
  expect((await house.post(`/v1/surveys/${id}/responses`, resident, { answers: PLAIN })).status).toBe(201);
});

test('of ten who publish at once one does, and its key alone is left', async () => {
  const id = await drafted(house);
  const statuses = (await Promise.all(Array.from({ length: 10 }, () => publish(id)))).map(({ status }) => status);
  expect(statuses.filter((status) => status === 200)).toHaveLength(1);
  const lost = (await kept('KEYS')).map(({ keyName }) => keyName);
  house.turn(HOUR + MINUTE);
  await house.schedule('surveyTally');
  for (const name of lost) expect(await isKept(name)).toBe(false);
  expect(await isKept((await kept(`SURVEY#${id}`))[0]?.keyName)).toBe(true);
});

test('what is published leaves no name behind', async () => {
  await opened(house);
  expect(await kept('KEYS')).toEqual([]);
});
