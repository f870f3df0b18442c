/** Every list: its pages make the whole, and its cursors open nothing but it. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { OperationSpec } from '../../functions/http/operation.ts';
import { queryFields } from '../support/json-schema.ts';
import { ALL, callOperation, problemsOf, told, type Made } from '../support/operations.ts';
import { sampleOf } from '../support/samples.ts';
import { startWorld, type Answer, type World } from '../support/world.ts';

const LISTS = ALL.filter((operation) => 'cursor' in queryFields(operation));
/** Bits of each cursor that are flipped over HTTP; `test/http/secret.test.ts` flips every one. */
const EVERY_NTH_BIT = process.env['LINLI_LONG'] === '1' ? 1 : 41;

let world: World;
beforeAll(async () => {
  world = await startWorld();
});
afterAll(() => world.stop());

const ask = (operation: OperationSpec, made: Made, query: Record<string, string> = {}): Promise<Answer> =>
  callOperation(world, operation, { ...made, query: { ...made.query, ...query } });

const pagesOf = async (operation: OperationSpec, made: Made, limit: number): Promise<unknown[][]> => {
  const pages: unknown[][] = [];
  for (let cursor: string | null = ''; cursor !== null;) {
    const answer = await ask(operation, made, { limit: String(limit), ...(cursor === '' ? {} : { cursor }) });
    expect(answer.status, told(operation, `limit ${limit}`, answer)).toBe(200);
    pages.push(answer.body.items);
    cursor = answer.body.next;
    expect(pages.length, `${operation.id} does not end`).toBeLessThan(500);
  }
  return pages;
};

/** A cursor that is good, and the caller's own. */
const cursorOf = async (operation: OperationSpec, made: Made): Promise<string> => {
  const { body } = await ask(operation, made, { limit: '1' });
  expect(body.next, `${operation.id} has a second page`).toEqual(expect.any(String));
  return body.next;
};

const expectRefused = (operation: OperationSpec, what: string, answer: Answer): void => {
  expect([answer.status, answer.body?.code], told(operation, what, answer)).toEqual([400, 'cursorInvalid']);
};

test('there are lists', () => {
  expect(LISTS.length).toBeGreaterThan(0);
});

describe.each(LISTS.map((operation) => [operation.id, operation] as const))('%s', (id, operation) => {
  let made: Made;
  beforeAll(async () => {
    made = await sampleOf(id).make(world);
  });

  test('pages of any size, put together, are the whole list, nothing twice', async () => {
    const whole = (await pagesOf(operation, made, 100)).flat();
    expect(whole.length, `the sample of ${id} fills a few pages`).toBeGreaterThan(2);
    expect(new Set(whole.map((each) => JSON.stringify(each))).size).toBe(whole.length);
    const sizes = [...new Set([1, 2, 3, whole.length - 1, whole.length, whole.length + 1])].filter((size) => size > 0 && size <= 100);
    for (const size of sizes) {
      // A long list in ones is the same again and again.
      if (whole.length / size > 30) continue;
      const pages = await pagesOf(operation, made, size);
      expect(pages.flat(), `${id} in pages of ${size}`).toEqual(whole);
      for (const page of pages) expect(page.length).toBeLessThanOrEqual(size);
    }
  });

  test('without a limit a page has 20 at most; a limit is 1 to 100', async () => {
    const { body } = await ask(operation, made);
    expect(body.items.length).toBeLessThanOrEqual(20);
    for (const limit of ['1', '100']) expect((await ask(operation, made, { limit })).status).toBe(200);
    for (const limit of ['0', '101', '-1', '1.5', '1e1', '', ' 5', '05', 'all', '１']) {
      const answer = await ask(operation, made, { limit });
      expect([limit, answer.status, problemsOf(answer)]).toEqual([limit, 422, ['limit']]);
    }
  });

  test('a cursor of which one bit is changed is 400', async () => {
    const cursor = await cursorOf(operation, made);
    const bytes = Buffer.from(cursor, 'base64url');
    for (let bit = 0; bit < bytes.length * 8; bit += EVERY_NTH_BIT) {
      const changed = Buffer.from(bytes);
      changed[bit >> 3] = (changed[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      expectRefused(operation, `bit ${bit}`, await ask(operation, made, { cursor: changed.toString('base64url') }));
    }
    const last = cursor.at(-1) ?? '';
    for (const text of [
      '',
      'x',
      `${cursor}A`,
      `${cursor}=`,
      cursor.slice(0, -1),
      `${cursor.slice(0, -1)}${last === 'B' ? 'C' : 'B'}`,
      ` ${cursor}`,
    ])
      expectRefused(operation, JSON.stringify(text), await ask(operation, made, { cursor: text }));
    for (const text of [
      cursor.slice(0, -1) + String.fromCodePoint((last.codePointAt(0) ?? 0) ^ 0x80),
      `${cursor}\u0000`,
      '__proto__',
      'é',
      '='.repeat(3000),
    ])
      expectRefused(operation, JSON.stringify(text).slice(0, 30), await ask(operation, made, { cursor: text }));
    expect((await ask(operation, made, { cursor })).status).toBe(200);
  });

  test('a cursor of another list, of other filters or of another caller is 400', async () => {
    const cursor = await cursorOf(operation, made);
    const other = sampleOf(id).otherList?.(world, made);
    const filters = Object.keys(queryFields(operation)).filter((name) => name !== 'limit' && name !== 'cursor');
    if (other === undefined) expect([operation.params, filters], `${id} needs \`otherList\` in its sample`).toEqual([undefined, []]);
    else {
      expectRefused(operation, 'of other filters', await ask(operation, other, { cursor }));
      expect((await ask(operation, other)).status, `the other list of ${id} can be read`).toBeLessThan(500);
    }
    if (made.as !== undefined)
      expectRefused(operation, 'of another caller', await ask(operation, { ...made, as: { ...made.as, sub: 'another' } }, { cursor }));
    for (const list of LISTS.filter((each) => each !== operation)) {
      const as = { sub: 'anybody', ...made.as, roles: [...(made.as?.roles ?? []), ...(list.roles ?? [])], division: '510104' };
      const answer = await ask(list, { ...list.examples, as }, { cursor });
      expectRefused(list, `with a cursor of ${id}`, answer);
    }
  });

  test('the limit may change from page to page', async () => {
    const whole = (await pagesOf(operation, made, 100)).flat();
    const answer = await ask(operation, made, { limit: '3', cursor: await cursorOf(operation, made) });
    expect(answer.body.items).toEqual(whole.slice(1, 4));
  });
});
