/** A survey from its draft to its end: who may what, and when, to the second. */
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { openHouse, type House } from '../support/house.ts';
import {
  auditor,
  CAOSHIJIE,
  countyDispatcher,
  DACISI,
  dispatcher,
  neighbour,
  resident,
  SHUIJINGFANG,
  strangeDispatcher,
  strangeWorker,
  worker,
} from '../support/people.ts';
import { ADMIN } from '../support/world.ts';
import { aSurvey, drafted, opened, PLAIN, QUESTIONS, residentOf } from './support/asking.ts';

const START = '2026-11-24T09:00:00+08:00';
let house: House;
beforeAll(async () => {
  house = await openHouse({ at: START });
});
afterAll(() => house.stop());
beforeEach(() => house.turnTo(START));

const put = (id: string, as = dispatcher, more: Readonly<Record<string, unknown>> = {}) =>
  house.call('PUT', `/v1/surveys/${id}`, { as, body: aSurvey(more) });
const listed = async (query: string, as?: typeof resident): Promise<readonly string[]> => {
  const { body } = await house.get(`/v1/surveys?limit=100&${query}`, as);
  return body.items.map(({ id }: { id: string }) => id);
};
const answer = (id: string, as = resident, body: unknown = { answers: PLAIN }) => house.post(`/v1/surveys/${id}/responses`, as, body);

test('a draft is made and seen by those whose right reaches all that are asked, and by nobody else', async () => {
  const audience = { divisions: ['510104', '510105'] };
  for (const as of [dispatcher, countyDispatcher, worker, auditor, resident])
    expect((await house.post('/v1/surveys', as, aSurvey({ audience }))).status).toBe(403);
  const id = await drafted(house, { audience }, ADMIN);
  for (const as of [undefined, dispatcher, countyDispatcher, auditor, resident])
    expect((await house.get(`/v1/surveys/${id}`, as)).status).toBe(404);
  expect((await house.get(`/v1/surveys/${id}`, ADMIN)).body).toMatchObject({ state: 'draft', actions: ['publish'] });
  expect(await listed('state=draft', countyDispatcher)).not.toContain(id);
  for (const place of ['51', '5101', '510104', '510104017001', '510105']) {
    expect(await listed(`state=draft&division=${place}`, ADMIN)).toContain(id);
    expect(await listed(`division=${place}`, ADMIN)).not.toContain(id);
  }
  expect(await listed('state=draft&division=52', ADMIN)).not.toContain(id);
});

test('a draft is replaced as a whole, also in its lists; what is published stands', async () => {
  const id = await drafted(house);
  const moved = { audience: { divisions: [SHUIJINGFANG, DACISI, '510104017'] }, opensAt: '2026-11-25T08:00:00+08:00' };
  const after = await put(id, dispatcher, moved);
  // What lies within another part of the audience says nothing more.
  expect([after.status, after.body.audience]).toEqual([200, { divisions: ['510104017'] }]);
  expect(await listed('state=draft&division=510104', worker)).toEqual([]);
  expect(await listed('state=draft&division=510104', countyDispatcher)).toContain(id);
  expect((await put(id, strangeDispatcher)).status).toBe(404);
  expect((await put(id, dispatcher, { audience: { divisions: ['510104'] } })).status).toBe(403);
  expect((await house.post(`/v1/surveys/${id}/publish`, dispatcher)).status).toBe(200);
  expect(await listed('state=draft&division=510104', countyDispatcher)).not.toContain(id);
  const late = await put(id);
  expect([late.status, late.body.code, late.body.actions]).toEqual([409, 'wrongState', ['extend', 'close', 'codes']]);
});

test('it is open from its first moment until, and not including, its last', async () => {
  const id = await opened(house, { opensAt: '2026-11-24T10:00:00+08:00', closesAt: '2026-11-24T12:00:00+08:00' });
  const moments = [
    ['2026-11-24T09:59:59.999+08:00', 'scheduled', 409],
    ['2026-11-24T10:00:00+08:00', 'open', 201],
    ['2026-11-24T11:59:59.999+08:00', 'open', 201],
    ['2026-11-24T12:00:00+08:00', 'closed', 409],
  ] as const;
  for (const [at, state, status] of moments) {
    house.turnTo(at);
    expect([at, (await house.get(`/v1/surveys/${id}`)).body.state]).toEqual([at, state]);
    expect([at, (await listed(`division=${SHUIJINGFANG}`)).includes(id)]).toEqual([at, state === 'open']);
    const answered = await answer(id, residentOf(Date.parse(at)));
    expect([at, answered.status]).toEqual([at, status]);
    if (status === 409) expect(answered.body.code).toBe('wrongState');
  }
});

test('it may end later than was said as long as it has not ended, and never earlier by that', async () => {
  const id = await opened(house, { closesAt: '2026-11-24T12:00:00+08:00' });
  const extend = (closesAt: string) => house.post(`/v1/surveys/${id}/extend`, dispatcher, { closesAt });
  for (const early of ['2026-11-24T12:00:00+08:00', '2026-11-24T08:00:00+08:00']) expect((await extend(early)).status).toBe(422);
  expect((await extend('2026-11-24T13:00:00+08:00')).body.closesAt).toBe('2026-11-24T05:00:00.000Z');
  house.turnTo('2026-11-24T12:30:00+08:00');
  expect((await answer(id)).status).toBe(201);
  await house.schedule('surveyTally');
  expect((await house.get(`/v1/surveys/${id}`)).body.state).toBe('open');
  house.turnTo('2026-11-24T13:00:00+08:00');
  expect((await extend('2026-11-24T14:00:00+08:00')).body.code).toBe('wrongState');
  expect((await house.post(`/v1/surveys/${id}/close`, dispatcher)).body.code).toBe('wrongState');
  await house.schedule('surveyTally');
  expect((await house.get(`/v1/surveys/${id}`)).body).toMatchObject({ state: 'closed', closedAt: '2026-11-24T05:00:00.000Z', actions: [] });
});

test('it is closed by hand at once, and found in no list any more', async () => {
  const id = await opened(house);
  expect(await listed('division=51')).toContain(id);
  expect((await house.post(`/v1/surveys/${id}/close`, countyDispatcher)).status).toBe(200);
  expect((await answer(id)).body.code).toBe('wrongState');
  expect(await listed('division=51')).not.toContain(id);
  expect(await listed('')).not.toContain(id);
});

test('what would be over at once is not drafted and not published', async () => {
  expect((await house.post('/v1/surveys', dispatcher, aSurvey({ closesAt: '2026-11-24T08:30:00+08:00' }))).body.errors[0].path).toBe(
    'closesAt',
  );
  expect((await house.post('/v1/surveys', dispatcher, aSurvey({ opensAt: '2026-12-24T18:00:00+08:00' }))).body.errors[0].path).toBe(
    'closesAt',
  );
  const id = await drafted(house, { closesAt: '2026-11-24T09:30:00+08:00' });
  house.turnTo('2026-11-24T09:30:00+08:00');
  expect((await house.post(`/v1/surveys/${id}/publish`, dispatcher)).body.errors[0].path).toBe('closesAt');
});

test('who looks from a place at, above or within what is asked finds it, newest first; from beside it nobody does', async () => {
  const earlier = await opened(house, { audience: { divisions: ['510104017'] }, opensAt: '2026-11-20T08:00:00+08:00' });
  const later = await opened(house, { audience: { divisions: ['5101'] }, opensAt: '2026-11-21T08:00:00+08:00' }, ADMIN);
  const both = async (query: string) => (await listed(query)).filter((id) => id === earlier || id === later);
  for (const query of ['', 'division=51', 'division=5101', 'division=510104', 'division=510104017', `division=${SHUIJINGFANG}`])
    expect([query, await both(query)]).toEqual([query, [later, earlier]]);
  expect(await both(`division=${CAOSHIJIE}`)).toEqual([later]);
  expect(await both('division=52')).toEqual([]);
});

test('a list costs the same however many there have been', async () => {
  const reads: string[] = [];
  const costOf = async (): Promise<number> => {
    reads.length = 0;
    house.faults.watch(({ command }) => void reads.push(command));
    await house.get(`/v1/surveys?division=${DACISI}`);
    house.faults.watch(undefined);
    return reads.length;
  };
  const before = await costOf();
  for (let each = 0; each < 30; each++) {
    const id = await opened(house, { audience: { divisions: [DACISI] } });
    expect((await house.post(`/v1/surveys/${id}/close`, dispatcher)).status).toBe(200);
  }
  expect(await costOf()).toBe(before);
});

test('every wrong question is named', async () => {
  const text = { 'zh-CN': '题' };
  const wrong = [
    { id: 'a', kind: 'single', text, required: true },
    { id: 'b', kind: 'rating', text, required: true, options: [{ id: 'x', text }], min: 0 },
    { id: 'b', kind: 'text', text, required: true, satisfaction: true, max: 0.5 },
    { id: 'c', kind: 'number', text, required: true, min: 2, max: 1, showIf: { question: 'd', in: ['1'] } },
    { id: 'd', kind: 'nps', text, required: true, showIf: { question: 'b', in: ['6'] } },
    {
      id: 'e',
      kind: 'multiple',
      text,
      required: true,
      options: [
        { id: 'x', text },
        { id: 'x', text },
      ],
      max: 3,
    },
    { id: 'f', kind: 'rating', text, required: true, satisfaction: true },
    { id: 'g', kind: 'rating', text, required: true, satisfaction: true },
    { id: 'h', kind: 'date', text, required: true, showIf: { question: 'c', in: ['1'] } },
  ];
  const { status, body } = await house.post(
    '/v1/surveys',
    dispatcher,
    aSurvey({ questions: wrong, audience: { divisions: ['510104017', '510104017999'] } }),
  );
  expect(status).toBe(422);
  expect(body.errors.map(({ path }: { path: string }) => path).toSorted()).toEqual(
    [
      'questions.0.options',
      'questions.1.options',
      'questions.1.min',
      'questions.2.id',
      'questions.2.satisfaction',
      'questions.2.max',
      'questions.3.max',
      'questions.3.showIf.question',
      'questions.4.showIf.in.0',
      'questions.5.options.1.id',
      'questions.5.max',
      'questions.7.satisfaction',
      'questions.8.showIf.question',
      'audience.divisions.1',
    ].toSorted(),
  );
  const twoLines = [
    { id: 'x', text },
    { id: 'y', text },
  ];
  for (const bounds of [{ min: 5 }, { max: 1 }, { min: 3, max: 3 }, { min: -1 }, { max: 11 }, { max: 1e15 }, { min: 1.5 }])
    expect(
      (
        await house.post(
          '/v1/surveys',
          dispatcher,
          aSurvey({ questions: [{ id: 'a', kind: 'matrix', text, required: true, options: twoLines, ...bounds }] }),
        )
      ).body.errors[0].path,
    ).toMatch(/^questions\.0\.m(?:in|ax)$/);
  const long = Array.from({ length: 10 }, (_, index) => ({ id: `t${index}`, kind: 'text', text, required: false }));
  expect((await house.post('/v1/surveys', dispatcher, aSurvey({ questions: long }))).body.errors[0].path).toBe('questions');
});

test('what goes without saying may be said: levels as numbers, the bounds that a kind has, a text longer than it can be', async () => {
  const text = { 'zh-CN': '题' };
  const questions = [
    { id: 'stars', kind: 'rating', text, required: true, min: 1, max: 5 },
    { id: 'friends', kind: 'nps', text, required: true, min: 0, max: 10 },
    { id: 'wish', kind: 'text', text, required: true, max: 2000, showIf: { question: 'stars', in: [1, '2'] } },
    { id: 'long', kind: 'text', text, required: false, max: 9000 },
  ];
  const id = await opened(house, { questions });
  const { body } = await house.get(`/v1/surveys/${id}`);
  expect(body.questions.map(({ max }: { max?: number }) => max)).toEqual([5, 10, 2000, 2000]);
  expect(body.questions[2].showIf.in).toEqual(['1', '2']);
  expect((await answer(id, resident, { answers: { stars: 1, friends: 0 } })).body.errors[0].path).toBe('answers.wish');
  expect((await answer(id, resident, { answers: { stars: 1, friends: 0, wish: '长'.repeat(2000) } })).status).toBe(201);
});

test('a matrix without rows asks for a level of each option; an empty choice is no answer; a number is told to its hundredths', async () => {
  const text = { 'zh-CN': '题' };
  const lines = ['clean', 'quiet'].map((id) => ({ id, text }));
  const questions = [
    { id: 'parts', kind: 'matrix', text, options: lines, required: true },
    { id: 'more', kind: 'matrix', text, options: lines, min: 0, max: 10, required: false },
    { id: 'must', kind: 'multiple', text, options: lines, required: true },
    { id: 'may', kind: 'multiple', text, options: lines, min: 2, required: false },
    { id: 'amount', kind: 'number', text, required: false },
  ];
  const id = await opened(house, { mode: 'confidential', questions });
  const right = { parts: { clean: 1, quiet: 5 }, must: ['clean'] };
  const cases: readonly (readonly [Record<string, unknown>, readonly string[]])[] = [
    [{ parts: { clean: 0, quiet: 6 } }, ['parts.clean', 'parts.quiet']],
    [{ parts: { clean: '1', nothing: 2, quiet: 3 } }, ['parts.nothing', 'parts.clean']],
    [{ parts: { clean: 1 } }, ['parts.quiet']],
    [{ more: { clean: 11 } }, ['more.clean']],
    [{ must: [] }, ['must']],
    [{ may: ['clean'] }, ['may']],
    [{ amount: 0.004 }, ['amount']],
    [{ amount: 1e13 }, ['amount']],
    [{ amount: 1e-9 }, ['amount']],
  ];
  for (const [answers, wrong] of cases) {
    const { status, body } = await answer(id, resident, { answers: { ...right, ...answers } });
    expect([status, body.errors?.map(({ path }: { path: string }) => path)]).toEqual([422, wrong.map((path) => `answers.${path}`)]);
  }
  const made = await answer(id, resident, { answers: { ...right, may: [], more: { quiet: 0 }, amount: -0.29 } });
  expect(made.status).toBe(201);
  const kept = await house.get(`/v1/surveys/${id}/responses/${made.body.response}?reason=x`, auditor);
  expect(kept.body.answers).toEqual({ ...right, more: { quiet: 0 }, amount: -0.29 });
});

test('every wrong answer is named: what is missing, does not fit, or is not asked of who answers so', async () => {
  const id = await opened(house);
  const cases: readonly (readonly [Record<string, unknown>, readonly string[]])[] = [
    [{}, ['overall', 'used']],
    [
      { overall: 6, used: 'maybe', recommend: 11, wish: '长'.repeat(51), age: 131, parts: { clean: 'x', wrong: 'yes' } },
      ['overall', 'used', 'recommend', 'wish', 'age', 'parts.wrong', 'parts.clean'],
    ],
    [{ overall: 1, used: 'no' }, ['why']],
    [{ overall: 3, used: 'no', why: ['taste'], since: '2026-01-01' }, ['why', 'since']],
    [{ overall: 1, used: 'yes', why: ['taste', 'taste'], since: '2026-02-30' }, ['why', 'since']],
    [{ overall: 1, used: 'yes', why: ['taste', 'price', 'place'], recommend: 1.5 }, ['why', 'recommend']],
    [
      { overall: '5', used: ['yes'], recommend: 'x', age: 'y', parts: 'yes', nothing: 1 },
      ['nothing', 'overall', 'used', 'recommend', 'age', 'parts'],
    ],
    [{ ...PLAIN, parts: {} }, ['parts']],
  ];
  for (const [answers, wrong] of cases) {
    const { status, body } = await answer(id, resident, { answers });
    expect([status, body.errors.map(({ path }: { path: string }) => path)]).toEqual([422, wrong.map((path) => `answers.${path}`)]);
  }
  const right = {
    overall: 1,
    used: 'yes',
    why: ['price'],
    recommend: 0,
    wish: '多一点\n"蔬菜"',
    age: 70.5,
    since: '2026-01-31',
    parts: { clean: 'no' },
  };
  expect((await answer(id, resident, { answers: right })).status).toBe(201);
  expect(QUESTIONS).toHaveLength(Object.keys(right).length);
});

test('only who lives where it is asked answers, and only a worker enters what came by telephone or on paper', async () => {
  const id = await opened(house, { audience: { divisions: [SHUIJINGFANG] } });
  for (const as of [
    worker,
    dispatcher,
    auditor,
    ADMIN,
    residentOf(1, DACISI),
    residentOf(1, CAOSHIJIE),
    { ...resident, division: '510104017' },
  ])
    expect((await answer(id, as)).status).toBe(403);
  expect((await answer(id, resident, { answers: PLAIN, channel: 'phone' })).status).toBe(403);
  expect((await answer(id, worker, { answers: PLAIN, channel: 'phone' })).body.errors[0].path).toBe('code');
  expect((await answer(id, resident, { answers: PLAIN, code: '123456789' })).body.errors[0].path).toBe('code');
  expect((await answer(id, neighbour, { answers: PLAIN, channel: 'web' })).status).toBe(201);
});

test('codes are handed out by staff of a community that is asked, and used once each by a worker of it', async () => {
  const id = await opened(house);
  const codes = (as: typeof worker, community: string, count = 3, key?: string) =>
    house.post(`/v1/surveys/${id}/codes`, as, { community, count }, { key });
  expect((await codes(strangeWorker, CAOSHIJIE)).body.errors[0].path).toBe('community');
  expect((await codes(strangeWorker, SHUIJINGFANG)).status).toBe(403);
  expect((await codes(resident, SHUIJINGFANG)).status).toBe(403);
  expect((await codes(worker, DACISI)).status).toBe(403);
  const key = 'a-key-of-the-worker';
  const given = await codes(worker, SHUIJINGFANG, 90, key);
  expect([given.status, new Set(given.body.codes).size]).toEqual([201, 90]);
  expect((await codes(worker, SHUIJINGFANG, 90, key)).body).toEqual(given.body);
  const [code = '', other = ''] = given.body.codes;
  expect(code).toMatch(/^[0-9A-HJKMNP-TV-Z]{9}$/);
  const spoken = `${code.slice(0, 4)} ${code.slice(4)}`.toLowerCase().replaceAll('0', 'o');
  const paper = { answers: PLAIN, channel: 'paper' };
  expect((await answer(id, strangeWorker, { ...paper, code })).status).toBe(403);
  expect((await answer(id, worker, { ...paper, code: '00000000X' })).body.errors[0].path).toBe('code');
  expect((await answer(id, worker, { ...paper, code: spoken })).status).toBe(201);
  expect((await answer(id, worker, { ...paper, channel: 'phone', code })).body.code).toBe('conflict');
  expect((await answer(id, worker, { ...paper, code: other })).status).toBe(201);
  const stored = JSON.stringify([...((await house.content(['surveys']))['surveys'] ?? new Map()).values()]);
  for (const each of given.body.codes) expect(stored).not.toContain(each.slice(0, 8));
});

test('a code is one, and of the community that goes without saying, unless more is asked for', async () => {
  const id = await opened(house);
  const plain = await house.post(`/v1/surveys/${id}/codes`, { ...worker, division: SHUIJINGFANG });
  expect(plain.body).toEqual({ survey: id, community: SHUIJINGFANG, code: plain.body.codes[0], codes: [expect.any(String)] });
  expect((await house.post(`/v1/surveys/${id}/codes`, dispatcher)).body.errors[0].path).toBe('community');
  const small = await opened(house, { audience: { divisions: [SHUIJINGFANG] } });
  const given = await house.post(`/v1/surveys/${small}/codes`, dispatcher, { count: 2 });
  expect([given.body.community, given.body.codes.length]).toEqual([SHUIJINGFANG, 2]);
});

test('a list reads no survey whole, and tells of each what it is by now', async () => {
  const id = await opened(house, { opensAt: '2026-11-24T08:30:00+08:00', closesAt: '2026-11-24T12:00:00+08:00' });
  const inList = async (query: string) => {
    const { body } = await house.get(`/v1/surveys?limit=100&division=510104017&${query}`);
    return body.items.find((each: { id: string }) => each.id === id);
  };
  const reads: string[] = [];
  house.faults.watch(({ command }) => void reads.push(command));
  const before = await inList('');
  house.faults.watch(undefined);
  expect(new Set(reads)).toEqual(new Set(['QueryCommand']));
  const whole = (await house.get(`/v1/surveys/${id}`)).body;
  expect(whole).toMatchObject(before);
  expect(Object.keys(before).toSorted()).toEqual(['audience', 'closesAt', 'id', 'mode', 'opensAt', 'state', 'title']);
  await house.post(`/v1/surveys/${id}/extend`, dispatcher, { closesAt: '2026-11-24T13:00:00+08:00' });
  house.turnTo('2026-11-24T12:30:00+08:00');
  expect(await inList('')).toEqual({ ...before, closesAt: '2026-11-24T05:00:00.000Z' });
  await house.post(`/v1/surveys/${id}/close`, dispatcher);
  await house.schedule('surveyTally');
  expect(await inList('state=closed')).toMatchObject({ state: 'closed', closedAt: '2026-11-24T04:30:00.000Z' });
});

test('a confidential response is read by an auditor who says why, and that is on record; an anonymous one by nobody', async () => {
  const id = await opened(house, { mode: 'confidential' });
  const made = await answer(id, resident);
  const path = `/v1/surveys/${id}/responses/${made.body.response}`;
  expect((await house.get(path, auditor)).status).toBe(422);
  for (const as of [dispatcher, worker, resident]) expect((await house.get(`${path}?reason=x`, as)).status).toBe(403);
  const readNow = await house.get(`${path}?reason=complaint`, auditor);
  expect(readNow.body).toMatchObject({ sub: resident.sub, community: SHUIJINGFANG, channel: 'app', answers: PLAIN });
  await house.schedule('surveyTally');
  expect((await house.get(`${path}?reason=complaint`, auditor)).body).toEqual(readNow.body);
  const audit = [...((await house.content(['audit']))['audit'] ?? new Map()).values()];
  expect(audit.filter(({ resource }) => resource === path.slice(4))).toMatchObject([
    { sub: auditor.sub, action: 'read: complaint' },
    { sub: auditor.sub, action: 'read: complaint' },
  ]);
  const anonymous = await opened(house);
  expect((await answer(anonymous, resident)).body).toEqual({ survey: anonymous, received: true });
  expect((await house.get(`/v1/surveys/${anonymous}/responses/${made.body.response}?reason=x`, auditor)).status).toBe(404);
});
