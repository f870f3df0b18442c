/** Who reads all that is stored and streamed cannot tell whose an answer is: no better than by guessing among twenty. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { countClosedSurvey } from '../../functions/surveys/count-closed-survey.ts';
import { seeded } from '../support/faults.ts';
import { openHouse, type House, type StoredItem } from '../support/house.ts';
import { DACISI, dispatcher, SHUIJINGFANG, worker } from '../support/people.ts';
import { aSurvey, opened, residentOf } from './support/asking.ts';
import {
  found,
  lotsIn,
  openedOf,
  sealedIn,
  sealedOf,
  steps,
  STRATEGIES,
  streamed,
  type Change,
  type Observed,
} from './support/attacker.ts';

const RESIDENTS = 180;
const BY_CODE = 20;
const ALL = RESIDENTS + BY_CODE;
const LEAST = 20;
const numbers = seeded(2026);

let house: House;
let id: string;
let observed: Observed;
let contents: readonly (readonly StoredItem[])[];
/** What somebody said, and where it was sealed. */
const truth = new Map<string, string>();
const live: number[] = [];

const stored = async (): Promise<readonly StoredItem[]> => [...((await house.content(['surveys']))['surveys'] ?? new Map()).values()];
beforeAll(async () => {
  house = await openHouse({ random: (bytes) => Uint8Array.from({ length: bytes }, () => Math.floor(numbers() * 256)) });
  const { questions } = aSurvey() as { questions: readonly { id: string }[] };
  const wish = { id: 'wish', kind: 'text', text: { 'zh-CN': '建议' }, max: 60, required: true };
  id = await opened(house, { questions: [...questions.filter((each) => each.id !== 'wish'), wish] });
  const codes: readonly string[] = (await house.post(`/v1/surveys/${id}/codes`, worker, { community: SHUIJINGFANG, count: BY_CODE })).body
    .codes;

  let sealed: string | undefined;
  house.faults.watch(({ command, input }) => {
    if (command === 'TransactWriteItemsCommand') sealed = sealedIn(input);
  });
  for (let each = 0; each < ALL; each++) {
    // Each says something of a length of its own.
    const said = `answer ${each} ${'长'.repeat(each % 30)}`;
    const answers = { overall: 3 + (each % 3), used: each % 2 === 0 ? 'yes' : 'no', wish: said };
    const answer =
      each < RESIDENTS
        ? await house.post(`/v1/surveys/${id}/responses`, residentOf(each, each % 9 === 0 ? DACISI : SHUIJINGFANG), { answers })
        : await house.post(`/v1/surveys/${id}/responses`, worker, { answers, channel: 'paper', code: codes[each - RESIDENTS] });
    if (answer.status !== 201) throw new Error(answer.text);
    if (sealed !== undefined) truth.set(sealed, said);
    house.turn(7000);
    if (each % 37 === 36) {
      await house.schedule('surveyTally');
      live.push((await house.get(`/v1/surveys/${id}/results`, dispatcher)).body.responses ?? 0);
    }
  }
  house.faults.watch(undefined);
  const before = await stored();
  await house.post(`/v1/surveys/${id}/close`, dispatcher);
  await countClosedSurvey(house.runtime)({ detail: { id: 'closed', data: { item: { id } } } } as never);
  live.push((await house.get(`/v1/surveys/${id}/results`)).body.responses);
  contents = [before, await stored()];
  observed = await streamed(house);
}, 240_000);
afterAll(() => house.stop());

test('all of it is seen: every answer sealed, and opened once', () => {
  expect([truth.size, sealedOf(observed).length, openedOf(observed).length]).toEqual([ALL, ALL, ALL]);
  expect(lotsIn(observed).flatMap(({ gone }) => gone)).toHaveLength(ALL);
});

test('an answer stands beside nothing that says whose it is, when it came or from where', () => {
  const shapes = (begins: string) => [
    ...new Set(
      observed
        .filter(({ key, image }) => key.pk.startsWith(begins) && image !== undefined)
        .map(({ image = {} }) => Object.keys(image).toSorted().join()),
    ),
  ];
  expect(shapes('MARKER#')).toEqual(['pk,sk']);
  expect(shapes('SEALED#')).toEqual(['pk,sealed,sk']);
  expect(shapes('ANSWER#')).toEqual(['answers,pk,place,sk']);
  const lengths = (begins: string, name: string) =>
    new Set(observed.flatMap(({ key, image }) => (key.pk.startsWith(begins) && image !== undefined ? [String(image[name]).length] : [])));
  expect([lengths('SEALED#', 'sealed').size, lengths('ANSWER#', 'place').size]).toEqual([1, 1]);
});

test('lots have twenty and more, in the stream and in what anybody sees of the counts', () => {
  for (const { gone, come } of lotsIn(observed)) {
    expect(gone.length).toBeGreaterThanOrEqual(LEAST);
    expect(come).toHaveLength(gone.length);
  }
  for (const step of steps(live)) expect(step).toBeGreaterThanOrEqual(LEAST);
});

test.each(Object.entries(STRATEGIES))('by %s nobody is found but by chance', (_, strategy) => {
  // One of a lot is right by chance, however large it is; Poisson's tail beyond this is below one in a thousand.
  const lots = lotsIn(observed).length;
  expect(found(observed, strategy, truth)).toBeLessThanOrEqual(lots + Math.ceil(3.5 * Math.sqrt(lots)));
});

test('no log line, no message and no other table knows who answered', async () => {
  const lines = JSON.stringify(house.logs);
  const others = JSON.stringify(
    Object.entries(await house.content())
      .filter(([name]) => name !== 'surveys')
      .map(([, items]) => [...items.values()]),
  );
  for (const text of [lines, others, JSON.stringify(contents), JSON.stringify(observed)]) expect(text).not.toMatch(/"(?:sub#)?resident-\d/);
});

test('before the end nothing tells of a place; after it nothing that is too small, and the key is gone', async () => {
  const [before = [], after = []] = contents;
  expect(before.filter(({ pk }) => pk.startsWith('RESULTS#') || pk.includes('#community#'))).toEqual([]);
  const shown = after.filter(({ pk }) => pk.startsWith('RESULTS#')).map(({ sk }) => sk);
  expect(shown).toEqual(expect.arrayContaining(['ALL', `community#${SHUIJINGFANG}`, 'channel#paper']));
  const survey = after.find(({ pk }) => pk === `SURVEY#${id}`);
  expect(await (await house.runtime.vault()).read(String(survey?.['keyName']))).toBeUndefined();
});

/** The same as a store would have written it that is broken in one way. */
const broken = {
  /** What comes is stored in the order in which it goes. */
  order: (): Observed => {
    const words = new Map(openedOf(observed).map((each) => [JSON.stringify(each.image?.['answers']), each]));
    const openedFrom = (sealed: string): Change | undefined => [...words].find(([said]) => said.includes(`"${truth.get(sealed)}"`))?.[1];
    const queue = new Map<Change, Change>();
    for (const { gone, come } of lotsIn(observed))
      for (const [index, each] of gone.entries()) {
        const place = come[index];
        const right = openedFrom(each.key.sk);
        if (place !== undefined && right !== undefined) queue.set(place, right);
      }
    return observed.map((each) => queue.get(each) ?? each);
  },
  /** What is sealed is as long as what was said. */
  size: (): Observed =>
    observed.map((each) => {
      const said = truth.get(each.key.sk);
      if (!each.key.pk.startsWith('SEALED#') || said === undefined) return each;
      const words = openedOf(observed).find(({ image }) => JSON.stringify(image?.['answers']).includes(`"${said}"`));
      const sealed = 'x'.repeat(JSON.stringify(words?.image).length);
      return { key: each.key, ...(each.image === undefined ? { before: { sealed } } : { image: { sealed } }) };
    }),
  /** What is opened keeps its id. */
  key: (): Observed =>
    observed.map((each) => {
      if (!each.key.pk.startsWith('ANSWER#')) return each;
      const said = JSON.stringify(each.image?.['answers']);
      const sealed = [...truth].find(([, words]) => said.includes(`"${words}"`))?.[0] ?? '';
      return { ...each, key: { ...each.key, sk: sealed } };
    }),
} as const;

test.each(Object.entries(broken))(
  'where a store is broken in its %s, the same strategy finds nearly everybody or many',
  (name, observe) => {
    const strategy = STRATEGIES[name];
    if (strategy === undefined) throw new Error(`no strategy ${name}`);
    // Of two that are equally long either may be taken for the other.
    expect(found(observe(), strategy, truth)).toBeGreaterThan(name === 'size' ? ALL / 4 : ALL * 0.99);
  },
);
