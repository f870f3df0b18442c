/** Everybody answers once, by whichever way, however many try at once. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openHouse, type House } from '../support/house.ts';
import { dispatcher, resident, SHUIJINGFANG, worker } from '../support/people.ts';
import { opened, PLAIN } from './support/asking.ts';

const WRITERS = 32;
let house: House;
beforeAll(async () => {
  house = await openHouse();
});
afterAll(() => house.stop());

const kept = async (id: string): Promise<number> =>
  [...((await house.content(['surveys']))['surveys'] ?? new Map()).values()].filter(({ pk }) => pk.startsWith(`SEALED#${id}`)).length;
const at = (id: string) => `/v1/surveys/${id}/responses`;
const counted = (answers: readonly { readonly status: number }[]): Readonly<Record<number, number>> =>
  Object.fromEntries([...Map.groupBy(answers, ({ status }) => status)].map(([status, all]) => [status, all.length]));

test.each(['anonymous', 'confidential'])('of 32 writers at once one is taken (%s)', async (mode) => {
  const id = await opened(house, { mode });
  const answers = await Promise.all(
    Array.from({ length: WRITERS }, (_, each) =>
      house.post(
        at(id),
        resident,
        { answers: { ...PLAIN, overall: 1 + (each % 2) * 4, ...(each % 2 === 0 ? { why: ['price'] } : {}) } },
        { key: `key-${each}` },
      ),
    ),
  );
  expect(counted(answers)).toEqual({ 201: 1, 409: WRITERS - 1 });
  expect(answers.filter(({ status }) => status === 409).every(({ body }) => body.code === 'conflict')).toBe(true);
  expect(await kept(id)).toBe(1);
});

test.each(['anonymous', 'confidential'])('the same key gives the same answer, 32 times at once and after the end (%s)', async (mode) => {
  const id = await opened(house, { mode });
  const send = () => house.post(at(id), resident, { answers: PLAIN }, { key: 'the-same' });
  const answers = await Promise.all(Array.from({ length: WRITERS }, send));
  expect(counted(answers)).toEqual({ 201: WRITERS });
  expect(new Set(answers.map(({ text }) => text)).size).toBe(1);
  expect(answers.filter(({ headers }) => headers['idempotency-replayed'] === 'true')).toHaveLength(WRITERS - 1);
  expect(await kept(id)).toBe(1);
  await house.post(`/v1/surveys/${id}/close`, dispatcher);
  expect((await send()).text).toBe(answers[0]?.text);
});

test('of an anonymous answer no body is compared, since nothing of it is kept', async () => {
  const id = await opened(house);
  const key = 'one-key';
  expect((await house.post(at(id), resident, { answers: PLAIN }, { key })).status).toBe(201);
  const other = await house.post(at(id), resident, { answers: { ...PLAIN, overall: 5 } }, { key });
  expect([other.status, other.headers['idempotency-replayed']]).toEqual([201, 'true']);
  expect((await house.post(at(id), resident, { answers: PLAIN }, { key: 'another' })).body.code).toBe('conflict');
  expect((await house.post(at(id), resident, { answers: PLAIN })).body.code).toBe('conflict');
  const records = [...((await house.content(['surveys']))['surveys'] ?? new Map()).values()].filter(({ pk }) =>
    pk.startsWith('IDEMPOTENCY#'),
  );
  expect(records.every(({ resource, answer }) => resource !== id || answer === undefined)).toBe(true);
});

test.each(['anonymous', 'confidential'])(
  'who enters two answers under one key is told so, and only the first is taken (%s)',
  async (mode) => {
    const id = await opened(house, { mode });
    const { body } = await house.post(`/v1/surveys/${id}/codes`, worker, { community: SHUIJINGFANG, count: 3 });
    const [first, second, third] = body.codes;
    const enter = (code: string, key: string) => house.post(at(id), worker, { answers: PLAIN, channel: 'paper', code }, { key });
    const key = `a-stack-of-papers-${mode}`;
    const answers = await Promise.all([enter(first, key), enter(first, key)]);
    expect(counted(answers)).toEqual({ 201: 2 });
    for (const code of [second, third]) {
      const again = await enter(code, key);
      expect([again.status, again.body.code]).toEqual([422, 'idempotencyKeyReused']);
    }
    expect((await enter(first, key)).headers['idempotency-replayed']).toBe('true');
    expect((await enter(second, `${key}-2`)).status).toBe(201);
    expect(await kept(id)).toBe(2);
  },
);

test('a code is used once by 32 workers at once', async () => {
  const id = await opened(house);
  const { body } = await house.post(`/v1/surveys/${id}/codes`, worker, { community: SHUIJINGFANG, count: 1 });
  const answers = await Promise.all(
    Array.from({ length: WRITERS }, (_, each) =>
      house.post(at(id), worker, { answers: PLAIN, channel: each % 2 === 0 ? 'phone' : 'paper', code: body.codes[0] }),
    ),
  );
  expect(counted(answers)).toEqual({ 201: 1, 409: WRITERS - 1 });
});

test('who has answered under the secret before the last rotation has answered', async () => {
  const id = await opened(house);
  expect((await house.post(at(id), resident, { answers: PLAIN }, { key: 'mine' })).status).toBe(201);
  const secrets = house.runtime.secrets as unknown as string[];
  secrets.unshift('another secret of at least 32 characters for the house');
  try {
    expect((await house.post(at(id), resident, { answers: PLAIN }, { key: 'mine' })).status).toBe(201);
    expect((await house.post(at(id), resident, { answers: PLAIN }, { key: 'yours' })).body.code).toBe('conflict');
    expect(await kept(id)).toBe(1);
  } finally {
    secrets.shift();
  }
});
