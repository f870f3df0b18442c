import { expect, test } from 'vitest';
import * as z from 'zod/mini';
import { code, day, id, line, moment, paging, phone, prose, texts } from '../../functions/http/schema.ts';
import { validate } from '../../functions/http/validate.ts';
import type { Schema } from '../../functions/http/operation.ts';

const schema = z.strictObject({
  name: line(5),
  many: z.optional(z.array(z.strictObject({ n: z.int() }))),
  kind: z.enum(['a', 'b']),
});

const errorsOf = async (of: Schema, input: unknown, root?: readonly string[]) => {
  const result = await validate(of, input, root);
  return result.ok ? [] : result.error;
};
const isRight = async (of: Schema, input: unknown): Promise<boolean> => (await validate(of, input)).ok;

test('what is right comes back as it is stored: in NFC', async () => {
  expect(await validate(schema, { name: 'e\u0301', kind: 'a' })).toEqual({ ok: true, value: { name: '\u00E9', kind: 'a' } });
});

test('every wrong field is named at once, by its path below the root', async () => {
  const errors = await errorsOf(schema, { name: 'too long', many: [{ n: 1 }, { n: 'x', o: 1 }], more: 1 }, ['value']);
  expect(errors.map(({ path }) => path).toSorted()).toEqual(['value.kind', 'value.many.1.n', 'value.many.1.o', 'value.more', 'value.name']);
});

test('a message is Chinese in zh-CN and English in en', async () => {
  for (const { message } of await errorsOf(schema, { name: 'a\u0000', kind: 'c', many: 1, more: 1 })) {
    expect(message['zh-CN']).toMatch(/\p{Script=Han}/u);
    expect(message.en).toMatch(/^[\x20-\x7e“”’]+$/);
  }
});

test('names that mean something to JavaScript are fields like others', async () => {
  const input: unknown = JSON.parse('{"name":"a","kind":"a","__proto__":{"kind":"b"},"constructor":1}');
  expect((await errorsOf(schema, input)).map(({ path }) => path).toSorted()).toEqual(['__proto__', 'constructor']);
  expect(await errorsOf(schema, JSON.parse('{"name":"a","__proto__":{"kind":"b"}}'))).toHaveLength(2);
});

test('a line holds no control character, line break, separator or lone surrogate, and is not blank', async () => {
  const one = line(20);
  for (const good of ['老人', 'a', ' a ', '👩‍👩‍👧', '\u202Ea', '=1+1']) expect([good, await isRight(one, good)]).toEqual([good, true]);
  for (const bad of ['', ' ', '\u3000', 'a\nb', 'a\tb', 'a\u0000b', '\u0000', 'a\u0085', '\u2028a', '\uD800', 'a\uDFFF', 'x'.repeat(21)])
    expect([bad, await isRight(one, bad)]).toEqual([bad, false]);
});

test('prose may have line breaks and tabs, and nothing else of the kind', async () => {
  const some = prose(20);
  for (const good of ['a\nb', 'a\r\n\tb', '\n老人\n']) expect([good, await isRight(some, good)]).toEqual([good, true]);
  for (const bad of ['', ' \n\t', 'a\u0000b', 'a\u000Bb', 'a\u001F', '\u007Fa', '\uD800', 'x'.repeat(21)])
    expect([bad, await isRight(some, bad)]).toEqual([bad, false]);
});

test('a long wrong text is refused as quickly as a short one', async () => {
  // Quadratic time would take minutes.
  for (const of of [line(50), prose(50), texts(50), code, phone, id, day, moment, paging.limit]) {
    for (const wrong of [
      `${'x'.repeat(500_000)}\u0000`,
      `${' '.repeat(500_000)}\u0000`,
      `${'1'.repeat(500_000)}!`,
      `${'a-'.repeat(250_000)}!`,
    ])
      expect(await isRight(of, of === texts(50) ? { 'zh-CN': wrong } : wrong)).toBe(false);
  }
});

test('codes, phones and moments are what they say', async () => {
  for (const [of, good, bad] of [
    [code, ['a', 'streetLamp', 'A-1'], ['', '1a', '-a', 'a b', 'a_b', 'é', 'a#b', 'a\n', `a${'b'.repeat(64)}`]],
    [
      phone,
      ['13800000000', '+86 138-0000-0000', '(028) 8888 8888', '12345'],
      ['', '1', 'abc', '138\u00000000', '１３８００００００００', '138;000'],
    ],
    [
      moment,
      ['2026-11-24T09:00:00Z', '2026-11-24T09:00:00.123+08:00'],
      ['2026-11-24', '2026-11-24T09:00:00', '2026-02-30T00:00:00Z', '2026-11-24 09:00:00Z', ''],
    ],
    [day, ['2026-11-24', '2024-02-29'], ['2026-02-29', '2026-11', '24.11.2026', '']],
  ] as const) {
    for (const each of good) expect([each, await isRight(of, each)]).toEqual([each, true]);
    for (const each of bad) expect([each, await isRight(of, each)]).toEqual([each, false]);
  }
});
