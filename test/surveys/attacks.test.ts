/** Where there are few, where names are kept, between two sights of the results, and on the disk: nobody's answer is told there either. */
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { countClosedSurvey } from '../../functions/surveys/count-closed-survey.ts';
import { seeded } from '../support/faults.ts';
import { openHouse, type House } from '../support/house.ts';
import { dispatcher } from '../support/people.ts';
import { startWorld } from '../support/world.ts';
import { opened, QUESTIONS, residentOf, type Place } from './support/asking.ts';
import { found, lotsIn, sealedIn, STRATEGIES, streamed, type Observed } from './support/attacker.ts';

const LEAST = 20;
const FEW = 12;
const numbers = seeded(77);
let house: House;
beforeAll(async () => {
  house = await openHouse({ random: (bytes) => Uint8Array.from({ length: bytes }, () => Math.floor(numbers() * 256)) });
});
afterAll(() => house.stop());

/** Some answer all of it, and some little: how many answered what differs by one and by few. */
const saidBy = (each: number) => ({
  overall: 3 + (each % 3),
  used: each % 2 === 0 ? 'yes' : 'no',
  wish: `said ${each}${'长'.repeat(each % 30)}`,
  ...(each % 7 === 0 ? { recommend: each % 11, age: 20 + each } : {}),
  ...(each % 13 === 0 ? { parts: { clean: 'yes' } } : {}),
});
const answer = (place: Place, id: string, each: number) =>
  place.post(`/v1/surveys/${id}/responses`, residentOf(each), { answers: saidBy(each) });
const end = async (id: string): Promise<void> => {
  expect((await house.post(`/v1/surveys/${id}/close`, dispatcher)).status).toBe(200);
  await countClosedSurvey(house.runtime)({ detail: { id: 'closed', data: { item: { id } } } } as never);
};

test.each(['anonymous', 'confidential'])(
  'no figure of an open survey changes but with twenty responses and more (%s)',
  async (mode) => {
    const id = await opened(house, { mode });
    const seen: { readonly responses?: number; readonly questions: readonly object[] }[] = [];
    for (let each = 0; each < 90; each++) {
      expect((await answer(house, id, each)).status).toBe(201);
      if (each % 9 !== 8) continue;
      await house.schedule('surveyTally');
      seen.push((await house.get(`/v1/surveys/${id}/results`, dispatcher)).body);
    }
    await end(id);
    seen.push((await house.get(`/v1/surveys/${id}/results`)).body);
    expect(new Set(seen.map(({ responses }) => responses)).size).toBeGreaterThan(2);
    for (const [index, next] of seen.entries()) {
      const before = seen[index - 1];
      if (before === undefined || JSON.stringify(before.questions) === JSON.stringify(next.questions)) continue;
      expect((next.responses ?? 0) - (before.responses ?? 0)).toBeGreaterThanOrEqual(LEAST);
    }
    expect(seen.at(-1)?.responses).toBe(90);
  },
  60_000,
);

test('of a survey that few answer nothing is opened before the end, and then all at once, in an order that tells nobody', async () => {
  const id = await opened(house);
  const truth = new Map<string, string>();
  let sealed: string | undefined;
  house.faults.watch(({ command, input }) => {
    if (command === 'TransactWriteItemsCommand') sealed = sealedIn(input);
  });
  for (let each = 0; each < FEW; each++) {
    await answer(house, id, each);
    truth.set(String(sealed), saidBy(each).wish);
    await house.schedule('surveyTally');
    expect((await house.get(`/v1/surveys/${id}/results`, dispatcher)).body.responses).toBe(0);
  }
  house.faults.watch(undefined);
  await end(id);
  const observed: Observed = (await streamed(house)).filter(({ key }) => key.pk.includes(id));
  expect(lotsIn(observed).map(({ gone, come }) => [gone.length, come.length])).toEqual([[FEW, FEW]]);
  // By chance one is right; more than six of twelve one time in a thousand and more.
  for (const [name, strategy] of Object.entries(STRATEGIES))
    expect([name, found(observed, strategy, truth) <= FEW / 2]).toEqual([name, true]);
});

test('on one machine the key lies in one file for its owner alone, and after the end nowhere; no file says who answered', async () => {
  const world = await startWorld();
  try {
    const folder = world.dataFolder;
    const files = () =>
      readdirSync(folder, { recursive: true, withFileTypes: true })
        .filter((entry) => entry.isFile())
        .map((entry) => join(entry.parentPath, entry.name));
    const having = (text: string) => files().filter((file) => readFileSync(file).includes(text));
    const vault = () => files().filter((file) => file.startsWith(join(folder, 'vault')));

    const id = await opened(world, { questions: QUESTIONS });
    for (let each = 0; each < 25; each++) expect((await answer(world, id, each)).status).toBe(201);
    await world.settle();
    const [key = '', ...others] = vault();
    expect([others, statSync(key).mode & 0o777]).toEqual([[], 0o600]);
    const secret = readFileSync(key, 'utf8');
    expect(having(secret)).toEqual([key]);
    // Sealed as they are, no words lie anywhere.
    expect(having('said 7')).toEqual([]);

    await world.post(`/v1/surveys/${id}/close`, dispatcher);
    await world.settle();
    expect((await world.get(`/v1/surveys/${id}/results`)).body.responses).toBe(25);
    expect([vault(), having(secret)]).toEqual([[], []]);
    expect(having('said 7')).not.toEqual([]);
    expect(having('resident-7')).toEqual([]);
  } finally {
    await world.stop();
  }
}, 60_000);
