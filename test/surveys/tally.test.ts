/** Answers are opened and counted in lots, once each, whatever dies between any two calls. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { DivisionCode } from '../../functions/kernel/division.ts';
import { newId } from '../../functions/kernel/id.ts';
import { toInstant } from '../../functions/kernel/time.ts';
import { addAnswers, emptyCounts } from '../../functions/surveys/counts.ts';
import type { Answers, Question } from '../../functions/surveys/question.ts';
import { surveyRepository } from '../../functions/surveys/repository.ts';
import { countClosedSurvey } from '../../functions/surveys/count-closed-survey.ts';
import { LONG, newSeed, seeded } from '../support/faults.ts';
import { openHouse, type House, type StoredItem } from '../support/house.ts';
import { auditor, dispatcher, SHUIJINGFANG } from '../support/people.ts';
import { opened, PLAIN, QUESTIONS, residentOf } from './support/asking.ts';

const MANY = LONG ? 5000 : 200;
const AT_ONCE = 50;

let house: House;
beforeAll(async () => {
  house = await openHouse();
});
afterAll(() => house.stop());

const answer = (id: string, number: number, answers: unknown = PLAIN, key?: string) =>
  house.post(`/v1/surveys/${id}/responses`, residentOf(number), { answers }, { key });
const itemsOf = async (begins: string): Promise<readonly StoredItem[]> =>
  [...((await house.content(['surveys']))['surveys'] ?? new Map<string, StoredItem>()).values()].filter(({ pk }) => pk.startsWith(begins));
/** What the bus does, as often as it does. */
const react = (id: string) => countClosedSurvey(house.runtime)({ detail: { id: 'closed', data: { item: { id } } } } as never);
const close = async (id: string) => expect((await house.post(`/v1/surveys/${id}/close`, dispatcher)).status).toBe(200);
const resultsOf = async (id: string) => (await house.get(`/v1/surveys/${id}/results`)).body;

test('nothing is opened before forty wait, and then all but twenty; at the end all', async () => {
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
  expect((await house.get(`/v1/surveys/${id}/results?by=community`, dispatcher)).body.by).toEqual({ community: [] });
  expect((await house.get(`/v1/surveys/${id}/results`)).status).toBe(403);
  await close(id);
  expect((await house.get(`/v1/surveys/${id}/results`)).body.code).toBe('resultsPending');
  await react(id);
  const results = await house.get(`/v1/surveys/${id}/results?by=community`);
  expect([results.status, results.body.responses, results.body.final]).toEqual([200, 40, true]);
  expect(results.body.by.community).toMatchObject([{ key: '510104017001', responses: 40 }]);
  expect(await itemsOf(`SEALED#${id}`)).toHaveLength(0);
  expect(await itemsOf('TALLY')).toHaveLength(0);
  expect((await house.get(`/v1/surveys/${id}`)).body.keyDestroyedAt).toBeDefined();
});

test('of fewer than five answers none is opened, and nothing is shown', async () => {
  const id = await opened(house);
  for (let number = 0; number < 4; number++) await answer(id, number, { ...PLAIN, wish: `secret ${number}` });
  await close(id);
  await react(id);
  expect(await resultsOf(id)).toMatchObject({ final: true, suppressed: 'small', questions: [] });
  expect(await itemsOf(`ANSWER#${id}`)).toEqual([]);
  expect(JSON.stringify(await itemsOf(''))).not.toContain('secret');
  const lines = await house.get(`/v1/surveys/${id}/responses.csv`, auditor);
  expect([lines.status, lines.text.trim().split('\r\n')]).toEqual([200, [expect.stringContaining('community,overall')]]);
});

test('a confidential survey is counted in the same lots, so that no reading of its results tells of one answer', async () => {
  const id = await opened(house, { mode: 'confidential' });
  const early = async (): Promise<unknown> => {
    await house.schedule('surveyTally');
    return (await house.get(`/v1/surveys/${id}/results`, dispatcher)).body.responses ?? 0;
  };
  for (let number = 0; number < 39; number++) await answer(id, number);
  expect(await early()).toBe(0);
  await answer(id, 39);
  expect(await early()).toBe(20);
  await answer(id, 40);
  expect(await early()).toBe(20);
  await close(id);
  await react(id);
  expect((await resultsOf(id)).responses).toBe(41);
  const { text } = await house.get(`/v1/surveys/${id}/responses.csv`, auditor);
  expect(text.trim().split('\r\n')).toHaveLength(42);
  expect(text).toContain(SHUIJINGFANG);
  // A line leads to whose it is, for who gives a reason.
  const response = text.trim().split('\r\n').at(-1)?.split(',')[0];
  const whose = await house.get(`/v1/surveys/${id}/responses/${response}?reason=complaint`, auditor);
  expect([whose.status, whose.body.sub]).toEqual([200, expect.stringMatching(/^resident-/)]);
  expect((await house.get(`/v1/surveys/${id}/codebook`, auditor)).text).toContain('总体满意程度');
});

test('what somebody has put among the sealed answers keeps nobody from being counted', async () => {
  const id = await opened(house);
  for (let number = 0; number < 6; number++) await answer(id, number);
  const [one] = await itemsOf(`SEALED#${id}`);
  const before = await house.content(['surveys']);
  const forged = {
    ...before['surveys']?.values().next().value,
    pk: String(one?.pk),
    // Where it lies follows from how its id begins.
    sk: String(one?.sk).slice(0, 6) + '0'.repeat(20),
    sealed: String(one?.['sealed']).replace(/^../, 'AA'),
  };
  await house.restore(
    { surveys: new Map([...(before['surveys'] ?? []), ['forged', { pk: forged.pk, sk: forged.sk, sealed: forged.sealed }]]) },
    before,
  );
  await close(id);
  await react(id);
  expect((await resultsOf(id)).responses).toBe(6);
  expect(house.logs.some(({ code, unreadable }) => code === 'surveyAnswersUnreadable' && unreadable === 1)).toBe(true);
});

test('an answer that is under way when it ends is in the counts, or is told that it came too late', async () => {
  const id = await opened(house);
  for (let number = 0; number < 10; number++) await answer(id, number);
  const late = Array.from({ length: 20 }, (_, number) => answer(id, 100 + number));
  const [answers] = await Promise.all([Promise.all(late), close(id).then(() => react(id))]);
  const taken = answers.filter(({ status }) => status === 201).length;
  expect(answers.every(({ status, body }) => status === 201 || body.code === 'wrongState')).toBe(true);
  await house.schedule('surveyTally');
  expect((await resultsOf(id)).responses).toBe(10 + taken);
  expect(await itemsOf(`SEALED#${id}`)).toEqual([]);
});

test(
  `${MANY} answers, each sent twice, counted by several at once that die again and again: counts equal a recount, nobody is in them twice`,
  async () => {
    const random = seeded(newSeed('surveys counted'));
    const pick = (below: number): number => Math.floor(random() * below);
    const id = await opened(house);
    const run = async (): Promise<void> => {
      if (random() < 0.7) house.faults.crashAt(1 + pick(40), random() < 0.5 ? 'before' : 'after');
      await Promise.allSettled([
        house.schedule('surveyTally'),
        ...(random() < 0.5 ? [house.schedule('surveyTally')] : []),
        ...(random() < 0.3 ? [react(id)] : []),
      ]);
      await house.faults.revive();
    };
    for (let start = 0; start < MANY; start += AT_ONCE) {
      const given = Array.from({ length: AT_ONCE }, (_, offset) => {
        const number = start + offset;
        const overall = 1 + pick(5);
        return {
          number,
          answers: { overall, used: 'yes', wish: `said ${number}`, ...(overall <= 2 ? { why: ['taste'] } : {}), age: pick(100) },
        };
      });
      const answers = await Promise.all([...given, ...given].map(({ number, answers: said }) => answer(id, number, said, `key-${number}`)));
      expect(answers.map(({ status }) => status).every((status) => status === 201)).toBe(true);
      await run();
    }
    await close(id);
    for (let runs = 0; (await house.get(`/v1/surveys/${id}`)).body.keyDestroyedAt === undefined; runs++) {
      expect(runs).toBeLessThan(60);
      await (runs < 40 ? run() : react(id));
    }
    const openedItems = await itemsOf(`ANSWER#${id}`);
    const said = openedItems.map(({ answers }) => (answers as Record<string, string>)['wish']);
    expect([said.length, new Set(said).size]).toEqual([MANY, MANY]);
    const questions = QUESTIONS as readonly Question[];
    const recount = addAnswers(
      emptyCounts(questions),
      questions,
      openedItems.map(({ answers }) => answers as Answers),
    );
    const counts = (await itemsOf(`COUNTS#${id}`)).find(({ sk }) => sk === 'ALL');
    expect(counts?.['counts']).toEqual(recount);
    const results = await house.get(`/v1/surveys/${id}/results?by=community`);
    expect([results.body.responses, results.body.by.community[0].responses]).toEqual([MANY, MANY]);
    expect([await itemsOf(`SEALED#${id}`), await itemsOf('TALLY')]).toEqual([[], []]);
  },
  LONG ? 1_800_000 : 120_000,
);

test('whoever counts to the end may die before and after every call: the same end, each time', async () => {
  const own = await openHouse();
  try {
    const id = await opened(own, { audience: { divisions: [SHUIJINGFANG] } });
    for (let number = 0; number < 6; number++)
      expect((await own.post(`/v1/surveys/${id}/responses`, residentOf(number), { answers: PLAIN })).status).toBe(201);
    expect((await own.post(`/v1/surveys/${id}/close`, dispatcher)).status).toBe(200);
    const before = await own.content(['surveys']);
    const survey = (await own.get(`/v1/surveys/${id}`)).body;
    const keyName = String([...(before['surveys'] ?? new Map()).values()].find(({ pk }) => pk === `SURVEY#${id}`)?.keyName);
    const vault = await own.runtime.vault();
    const key = await vault.read(keyName);
    expect([survey.state, typeof key]).toEqual(['closed', 'string']);

    const ended = async (crash?: { readonly at: number; readonly when: 'before' | 'after' }) => {
      await own.faults.revive();
      if (crash !== undefined) own.faults.crashAt(crash.at, crash.when);
      const counted = countClosedSurvey(own.runtime)({ detail: { id: 'closed', data: { item: { id } } } } as never);
      await counted.catch(() => undefined);
      const calls = own.faults.calls();
      await own.faults.revive();
      await own.schedule('surveyTally');
      const { responses, questions } = (await own.get(`/v1/surveys/${id}/results`)).body;
      const after = await own.content(['surveys']);
      const kinds = [...(after['surveys'] ?? new Map()).values()].map(({ pk }) => String(pk).split('#')[0]).toSorted();
      const isKeyGone = (await vault.read(keyName)) === undefined;
      await own.restore(before, after);
      await vault.create(keyName, String(key));
      return { calls, end: { responses, questions, kinds, isKeyGone } };
    };
    const whole = await ended();
    expect(whole.end).toMatchObject({ responses: 6, isKeyGone: true });
    expect(whole.end.kinds).not.toContain('SEALED');
    for (let at = 1; at <= whole.calls; at++)
      for (const when of ['before', 'after'] as const) expect([at, when, (await ended({ at, when })).end]).toEqual([at, when, whole.end]);
  } finally {
    await own.stop();
  }
}, 120_000);

test('the results of many groups, as large as they may be, are written in transactions that DynamoDB takes', async () => {
  const words = Array.from({ length: 50 }, (_, each) => ({ id: `option-${each}`, text: { 'zh-CN': `选项 ${each}` } }));
  const questions = Array.from({ length: 20 }, (_, each) => ({
    id: `q${each}`,
    kind: 'single',
    text: { 'zh-CN': `问题 ${each}` },
    options: words,
    required: true,
  }));
  const id = await opened(house, { mode: 'confidential', questions });
  const repository = surveyRepository(house.runtime.database);
  const survey = await repository.read(id);
  if (survey === undefined) throw new Error('it is there');
  const GROUPS = 24;
  const waiting = Array.from({ length: GROUPS * 5 }, (_, each) => ({
    sk: newId(house.runtime.random),
    answers: Object.fromEntries(questions.map((question) => [question.id, `option-${each % 50}`])),
    community: `510104017${String(each % GROUPS).padStart(3, '0')}` as DivisionCode,
    channel: 'app' as const,
    at: toInstant(house.now()),
  }));
  for (let start = 0; start < waiting.length; start += AT_ONCE)
    await repository.write(waiting.slice(start, start + AT_ONCE).map((each) => repository.putsWaiting(survey, each)));
  await close(id);
  let greatest = 0;
  let together = 0;
  house.faults.watch(({ command, input }) => {
    if (command !== 'TransactWriteItemsCommand') return;
    // Plain JSON is longer than what DynamoDB counts: names, texts, and digits at half a byte.
    if (JSON.stringify(input).includes('RESULTS#')) together += 1;
    greatest = Math.max(greatest, Buffer.byteLength(JSON.stringify(input['TransactItems'])));
  });
  await react(id);
  house.faults.watch(undefined);
  // However many groups there are, none is put together with others.
  expect(together).toBe(0);
  expect(greatest).toBeGreaterThan(0);
  expect(greatest).toBeLessThan(4_000_000);
  const results = (await itemsOf(`RESULTS#${id}`)).filter(({ sk }) => sk.startsWith('community#'));
  expect(results).toHaveLength(GROUPS);
  const sizes = results.map((each) => Buffer.byteLength(JSON.stringify(each)));
  process.stdout.write(`results of the largest group: ${Math.max(...sizes)} bytes; the greatest transaction: ${greatest}\n`);
  expect(Math.max(...sizes)).toBeLessThan(150_000);
}, 60_000);
