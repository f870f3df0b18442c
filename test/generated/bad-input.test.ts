/** Every operation × everything that can be wrong with what is sent. Named, in the reader's language, and nothing is written. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { OperationSpec } from '../../functions/http/operation.ts';
import {
  bodySchema,
  closedObjects,
  fieldsOf,
  isFreeText,
  queryFields,
  withField,
  withoutField,
  wrongValues,
} from '../support/json-schema.ts';
import { OURS, bodyOf, callOperation, pathOf, problemsOf, told, type Made } from '../support/operations.ts';
import { sampleOf } from '../support/samples.ts';
import { differences, startWatchedWorld, writtenBy, type Snapshot, type WatchedWorld } from '../support/snapshot.ts';
import type { Answer } from '../support/world.ts';

const MEBIBYTE = 1024 * 1024;

/** What only we may say, in any domain. */
const SERVER_OWNED = `
  id number status version serviceVersion requestedAt updatedAt changedAt createdAt openedAt closedAt resolvedAt
  respondedAt respondBy resolveBy history actions requester recordedBy acceptedBy handledBy assignee escalatedTo
  escalation estimated overdue round rounds rating comments counts duplicateOf level parent by at change requestId pk sk
  expiresAt balance sub roles
`
  .trim()
  .split(/\s+/);
/** Names that mean something to JavaScript. */
const TREACHEROUS = ['__proto__', 'constructor', 'prototype', 'hasOwnProperty', 'toString', 'noSuchField', ''];
/** No control character, no lone surrogate; and a long text that is wrong at its end is refused as quickly as another. */
const NOT_TEXT = [
  'a\u0000b',
  'a\u0007b',
  'a\u007Fb',
  'a\u0085b',
  '\uD800',
  'a\uDC00b',
  ' ',
  `${'x'.repeat(200_000)}\u0000`,
  `${' '.repeat(200_000)}\u0000`,
];
const UNUSUAL = ['a\u202Eb', '\u200F\u200Eא', 'a\u200Db', '\uFEFFa', '👩‍👩‍👧', '=1+1', "'; DROP TABLE", '{{7*7}}', 'a#b'];
const NO_IDS = ['a#b', '__proto__', '\u0000', 'a\u0000', '\u202E', ' ', '0', '-1', 'a/b', 'a?b', 'é', '👩‍👩‍👧', '"', '\\', 'x'.repeat(3000)];

let world: WatchedWorld;
beforeAll(async () => {
  world = await startWatchedWorld();
});
afterAll(() => world.stop());

const isChinese = (text: string): boolean => /\p{Script=Han}/u.test(text);

/** A problem of RFC 9457 as ours are. */
const expectProblem = (answer: Answer, status: number, code: string, what: string): void => {
  expect([answer.status, answer.body?.code], what).toEqual([status, code]);
  expect(answer.headers.get('content-type'), what).toBe('application/problem+json; charset=utf-8');
  expect(answer.headers.get('x-request-id'), what).toMatch(/./);
  expect(answer.body, what).toMatchObject({ type: `/problems/${code}`, status, title: expect.any(String), detail: expect.any(String) });
};

const expectNamed = (answer: Answer, paths: readonly string[], what: string): void => {
  expectProblem(answer, 422, 'invalid', what);
  const named = problemsOf(answer);
  for (const path of paths)
    expect(
      named.some((each) => each === path || each.startsWith(`${path}.`)),
      `${what}: ${path} is not named: ${answer.text}`,
    ).toBe(true);
};

/** Sends bytes as they are, and no content type but one that is given. */
const sendBytes = async (
  operation: OperationSpec,
  made: Made,
  bytes: Uint8Array<ArrayBuffer> | string,
  headers: Record<string, string>,
): Promise<Answer> => {
  const response = await fetch(world.url + pathOf(operation, made), {
    method: operation.method,
    headers: { ...headers, ...(made.as === undefined ? {} : { authorization: `Bearer ${await world.system.token(made.as)}` }) },
    body: typeof bytes === 'string' ? Buffer.from(bytes) : bytes,
  });
  const text = await response.text();
  return { status: response.status, headers: response.headers, text, body: JSON.parse(text) };
};

/** What is refused changes nothing, so that one sample of an operation does for all of its tests. */
const samples = new Map<string, Promise<Made>>();
const sampled = (id: string): Promise<Made> => {
  const made = samples.get(id) ?? sampleOf(id).make(world);
  samples.set(id, made);
  return made;
};

const watching = async (operation: OperationSpec, work: (made: Made) => Promise<void>): Promise<void> => {
  const made = await sampled(operation.id);
  const before: Snapshot = await world.snapshot(writtenBy(operation));
  await work(made);
  expect(differences(before, await world.snapshot(writtenBy(operation))), `${operation.id} has written what it refused`).toEqual([]);
};

const withBody = OURS.filter((operation) => operation.body !== undefined).map((operation) => [operation.id, operation] as const);

test('there are bodies, and texts that people write among their fields', () => {
  expect(withBody.length).toBeGreaterThan(20);
  expect(
    withBody.flatMap(([, operation]) => fieldsOf(bodySchema(operation) ?? {})).filter(({ schema }) => isFreeText(schema)).length,
  ).toBeGreaterThan(20);
});

describe.each(withBody)('the body of %s', (_, operation) => {
  const schema = bodySchema(operation) ?? {};
  const fields = fieldsOf(schema);
  const required = fields.filter((field) => field.required);

  test('a wrong, missing, unknown or server-owned field is 422 and named', () =>
    watching(operation, async (made) => {
      const valid = bodyOf(operation, made);
      const send = (body: unknown): Promise<Answer> => callOperation(world, operation, { ...made, body: JSON.stringify(body) });
      for (const { path } of required) {
        const answer = await send(withoutField(valid, path));
        expectNamed(answer, [path.join('.')], told(operation, `without ${path.join('.')}`, answer));
      }
      for (const field of fields) {
        const name = field.path.join('.');
        for (const value of wrongValues(field.schema)) {
          const answer = await send(withField(valid, field.path, value));
          expectNamed(answer, [name], told(operation, `${name} is ${JSON.stringify(value).slice(0, 40)}`, answer));
        }
        if (!isFreeText(field.schema)) continue;
        for (const value of NOT_TEXT) {
          const answer = await send(withField(valid, field.path, value));
          expectNamed(answer, [name], told(operation, `${name} is ${JSON.stringify(value).slice(0, 40)}`, answer));
        }
      }
      for (const path of closedObjects(schema)) {
        const own = new Set(
          fields
            .filter((field) => field.path.length === path.length + 1 && path.every((part, i) => field.path[i] === part))
            .map(({ path: each }) => each.at(-1)),
        );
        const foreign = [...SERVER_OWNED, ...TREACHEROUS].filter((name) => !own.has(name));
        const body = foreign.reduce((all, name) => withField(all, [...path, name], 'x'), valid);
        const answer = await send(body);
        expectNamed(
          answer,
          foreign.map((name) => [...path, name].join('.')),
          `${operation.id}, fields that are none`,
        );
      }
    }));

  test('every wrong field is named at once, in Chinese and in English', () =>
    watching(operation, async (made) => {
      const top = fields.filter(({ path }) => path.length === 1);
      const typed = top.filter((field) => wrongValues(field.schema).length > 0);
      const body = JSON.stringify({
        ...Object.fromEntries(typed.map(({ path, schema: of }) => [path[0], wrongValues(of)[0]])),
        noSuchField: 1,
      });
      const names = [...top.filter((field) => field.required || typed.includes(field)).map(({ path }) => path.join('.')), 'noSuchField'];
      for (const [language, header] of [
        ['zh-CN', undefined],
        ['zh-CN', 'fr, *'],
        ['en', 'en-GB, zh;q=0.5'],
      ] as const) {
        const answer = await callOperation(world, operation, { ...made, body }, header === undefined ? {} : { 'accept-language': header });
        expectNamed(answer, names, `${operation.id} in ${language}`);
        expect(problemsOf(answer).length).toBe(names.length);
        expect(answer.headers.get('content-language')).toBe(language);
        const texts: string[] = [
          answer.body.title,
          answer.body.detail,
          ...answer.body.errors.map((each: { message: string }) => each.message),
        ];
        for (const text of texts) expect(isChinese(text), `${language}: ${text}`).toBe(language === 'zh-CN');
      }
    }));

  test('what is no JSON in UTF-8 is 400, of another type 415, over 1 MiB 413', () =>
    watching(operation, async (made) => {
      const json = { 'content-type': 'application/json' };
      for (const text of ['{"a":', 'nope', '{a: 1}', "{'a': 1}", '\uFEFF', '{"a":1}{', 'undefined'])
        expectProblem(await sendBytes(operation, made, text, json), 400, 'malformed', `${operation.id}: ${text}`);
      const invalidUtf8 = Buffer.concat([Buffer.from('{"a":"'), Buffer.from([0xff, 0xfe, 0xc0]), Buffer.from('"}')]);
      expectProblem(await sendBytes(operation, made, invalidUtf8, json), 400, 'malformed', `${operation.id}: invalid UTF-8`);
      for (const text of ['[]', '"text"', '1', 'null', 'true']) {
        const answer = await sendBytes(operation, made, text, json);
        expectProblem(answer, 422, 'invalid', told(operation, text, answer));
      }
      const good = Buffer.from(JSON.stringify(bodyOf(operation, made)));
      for (const type of [
        'text/plain',
        'application/x-www-form-urlencoded',
        'application/jsonp',
        'application/problem+json',
        'multipart/form-data',
        undefined,
      ])
        expectProblem(
          await sendBytes(operation, made, good, type === undefined ? {} : { 'content-type': type }),
          415,
          'unsupportedMediaType',
          `${operation.id}: ${type}`,
        );
      const large = JSON.stringify({ noSuchField: 'x'.repeat(MEBIBYTE) });
      expectProblem(await sendBytes(operation, made, large, json), 413, 'bodyTooLarge', operation.id);
      const deep = `{"noSuchField":${'['.repeat(10_000)}${']'.repeat(10_000)}}`;
      expect([400, 422], operation.id).toContain((await sendBytes(operation, made, deep, json)).status);
    }));
});

describe.each(OURS.map((operation) => [operation.id, operation] as const))('the address of %s', (_, operation) => {
  test('a query parameter that is wrong, unknown or given twice is 422 and named', () =>
    watching(operation, async (made) => {
      const fields = queryFields(operation);
      const ask = (query: string): Promise<Answer> =>
        world.call(operation.method, `${pathOf(operation, { ...made, query: {} })}?${query}`, {
          as: made.as,
          body: bodyOf(operation, made),
        });
      const others = Object.entries(made.query ?? {});
      const asked = (...more: (readonly [string, string])[]): string =>
        new URLSearchParams(
          [...others.filter(([name]) => !more.some(([each]) => each === name)), ...more].map(([a, b]): [string, string] => [a, b]),
        ).toString();

      const foreign = TREACHEROUS.filter((each) => each !== '');
      const unknown = await ask(asked(...foreign.map((name) => [name, '1'] as const)));
      expectNamed(unknown, foreign, told(operation, 'unknown', unknown));
      const twice = await ask(`${asked()}&noSuchField=1&noSuchField=2`);
      expectNamed(twice, ['noSuchField'], told(operation, 'twice', twice));
      for (const name of Object.keys(fields)) {
        const again = await ask(`${asked([name, '1'])}&${name}=2`);
        expectNamed(again, [name], told(operation, `${name} twice`, again));
        // A cursor that cannot be read is 400: see the tests of lists.
        if (name === 'cursor') continue;
        for (const value of ['', 'x'.repeat(3000), '\u0000', 'a\u0000']) {
          const answer = await ask(asked([name, value]));
          expectNamed(answer, [name], told(operation, `${name}=${value.slice(0, 10)}`, answer));
        }
      }
      if (Object.keys(fields).length > 1) {
        const all = await ask(
          new URLSearchParams(
            Object.keys(fields)
              .filter((name) => name !== 'cursor')
              .map((name): [string, string] => [name, '']),
          ).toString(),
        );
        expectNamed(
          all,
          Object.keys(fields).filter((name) => name !== 'cursor'),
          `${operation.id}, all of them`,
        );
      }
      for (const query of ['%', '%zz', '%ff=%ff', '=', 'a=%ED%A0%80']) expect((await ask(query)).status, query).toBeLessThan(500);
    }));

  test('an id that cannot be one names nothing', () =>
    watching(operation, async (made) => {
      for (const name of Object.keys(made.params ?? {})) {
        const isTheirs = (value: string): boolean => sampleOf(operation.id).ownIds === true && /^[a-z0-9-]{1,64}$/i.test(value);
        for (const value of NO_IDS.filter((each) => !isTheirs(each))) {
          const answer = await callOperation(world, operation, { ...made, params: { ...made.params, [name]: value } });
          expectProblem(answer, 404, 'notFound', told(operation, `${name}=${value.slice(0, 20)}`, answer));
        }
        const broken = pathOf(operation, { ...made, query: {}, params: { ...made.params, [name]: 'BROKEN' } });
        for (const bytes of ['%ED%A0%80', '%FF', '%']) {
          const answer = await world.call(operation.method, broken.replace('BROKEN', bytes), {
            as: made.as,
            body: bodyOf(operation, made),
          });
          expect(answer.status, bytes).toBe(400);
        }
      }
    }));
});

test('unusual characters are kept as they are, or refused', async () => {
  const [, create] = withBody.find(([id]) => id === 'createRequest') ?? [];
  if (create === undefined) throw new Error('there is no createRequest');
  const made = await sampleOf(create.id).make(world);
  for (const description of UNUSUAL) {
    const body = withField(bodyOf(create, made), ['description'], description);
    const answer = await callOperation(world, create, { ...made, body });
    expect([201, 422], told(create, description, answer)).toContain(answer.status);
    if (answer.status === 201) expect((await world.get(answer.headers.get('location') ?? '', made.as)).body.description).toBe(description);
  }
});

test('texts are stored in NFC', async () => {
  const [, create] = withBody.find(([id]) => id === 'createRequest') ?? [];
  if (create === undefined) throw new Error('there is no createRequest');
  const made = await sampleOf(create.id).make(world);
  const answer = await callOperation(world, create, { ...made, body: withField(bodyOf(create, made), ['description'], 'e\u0301') });
  expect(answer.body.description).toBe('\u00E9');
});

test('a body of 1 MiB to the byte is read', async () => {
  const [, create] = withBody.find(([id]) => id === 'createRequest') ?? [];
  if (create === undefined) throw new Error('there is no createRequest');
  const made = await sampleOf(create.id).make(world);
  const frame = '{"noSuchField":""}'.length;
  const answer = await callOperation(world, create, { ...made, body: `{"noSuchField":"${'x'.repeat(MEBIBYTE - frame)}"}` });
  expect(answer.status).toBe(422);
});

test('every problem that an operation may answer with is explained at its type', async () => {
  const { PROBLEMS } = await import('../../functions/http/problem.ts');
  for (const [code, { status, title }] of Object.entries(PROBLEMS)) {
    const { body } = await world.get(`/problems/${code}`);
    expect(body).toMatchObject({ type: `/problems/${code}`, status, title });
    expect(body.advice['zh-CN'].length * body.advice.en.length).toBeGreaterThan(0);
  }
});
