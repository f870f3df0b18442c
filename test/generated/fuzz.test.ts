/**
 * Every operation × cases made from its own JSON schemas, valid and not: no 5xx, and no answer that its contract does not declare.
 * 20 cases an operation, 1,000 with LINLI_LONG=1; LINLI_SEED repeats a run.
 */
import { parse } from 'csv-parse/sync';
import { XMLValidator } from 'fast-xml-parser';
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import formats from 'ajv-formats';
import * as fc from 'fast-check';
import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { OperationSpec } from '../../functions/http/operation.ts';
import { openApi } from '../../functions/reference/openapi.ts';
import { valueOf } from '../support/arbitrary.ts';
import { bodySchema, described, queryFields } from '../support/json-schema.ts';
import { ALL, bodyOf, FORM, formOf, pathOf, type Made } from '../support/operations.ts';
import { PAYMENT_SECRETS, sampleOf } from '../support/samples.ts';
import { strangersOf } from '../support/strangers.ts';
import { startWorld, type Answer, type World } from '../support/world.ts';

const SEED = Number(process.env['LINLI_SEED'] ?? 20_261_124);
const CASES = process.env['LINLI_LONG'] === '1' ? 1000 : 20;

let world: World;
beforeAll(async () => {
  world = await startWorld({ secretsFile: PAYMENT_SECRETS });
  process.stdout.write(`fuzz: seed ${SEED}, ${CASES} cases an operation\n`);
});
afterAll(() => world.stop());

// ajv-formats is CommonJS; its types and Node's disagree on where the function is.
const addFormats = formats as unknown as (ajv: Ajv2020) => void;
const ajv = new Ajv2020({ strict: false, allErrors: true });
addFormats(ajv);

/** Many answers have one schema. */
const compiled = new Map<string, ValidateFunction>();
const compile = (schema: object): ValidateFunction => {
  const text = JSON.stringify(schema);
  const check = compiled.get(text) ?? ajv.compile(schema);
  compiled.set(text, check);
  return check;
};

/** The check of each answer of an operation, by status and content type. */
const checksOf = (operation: OperationSpec): ReadonlyMap<string, ReadonlyMap<string, ValidateFunction>> =>
  new Map(
    Object.entries(described(operation).responses).map(([status, { content = {} }]) => [
      status,
      new Map(Object.entries(content).map(([type, { schema }]) => [type, compile(schema)])),
    ]),
  );

/** What is asked for, and whether that is a table where there is one. */
const ACCEPTS: ReadonlyMap<string | undefined, boolean> = new Map([
  [undefined, false],
  ['text/csv', true],
  ['Text/CSV; q=0.8, application/json;q=0.7', true],
  ['application/json, text/csv;q=0.5', false],
  ['text/csv;q=0', false],
  ['application/xml', false],
  ['text/html', false],
  ['*/*', false],
]);

/** What a spreadsheet takes for a formula; a number below 0 is none. */
const FORMULA = /^(?:[=+@\t\r]|-(?!\d+(?:\.\d+)?$))/;

/** A table as RFC 4180 has it, in UTF-8 that Excel knows for it, as wide as its head, and without a formula. */
const expectTable = (text: string, what: string): void => {
  expect(text.startsWith('\uFEFF'), what).toBe(true);
  expect(text.endsWith('\r\n'), what).toBe(true);
  const [head = [], ...lines]: string[][] = parse(text, { bom: true, relax_column_count: true });
  for (const name of head) expect(name, what).toMatch(/^[a-z][a-zA-Z]*$/);
  for (const line of lines) {
    expect(line.length, what).toBe(head.length);
    for (const cell of line) expect(cell, what).not.toMatch(FORMULA);
  }
};

/** Of a type, what its schema describes. */
const contentOf = (type: string, answer: Answer): unknown => (/json/.test(type) ? answer.body : answer.text);

interface Case {
  readonly body: unknown;
  readonly query: Readonly<Record<string, unknown>>;
  readonly id: string | undefined;
  readonly who: number;
  readonly headers: Readonly<Record<string, string>>;
}

const casesOf = (operation: OperationSpec, made: Made): fc.Arbitrary<Case> => {
  const schema = bodySchema(operation);
  const valid = bodyOf(operation, made);
  const query = (wrongness: number): fc.Arbitrary<Record<string, unknown>> =>
    fc.record(Object.fromEntries(Object.entries(queryFields(operation)).map(([name, field]) => [name, valueOf(field, wrongness)])), {
      requiredKeys: [],
    });
  return fc.record({
    body:
      schema === undefined
        ? operation.raw === true
          ? fc.oneof(fc.constant(valid), fc.string({ unit: 'binary' }))
          : fc.constant(undefined)
        : fc.oneof(
            { weight: 2, arbitrary: fc.constant(valid) },
            { weight: 4, arbitrary: valueOf(schema, 0) },
            { weight: 4, arbitrary: valueOf(schema, 12) },
          ),
    query: fc.oneof(
      { weight: 2, arbitrary: fc.constant(made.query ?? {}) },
      // Of something that is there, whatever else may be asked.
      { weight: 3, arbitrary: query(0).map((others) => ({ ...others, ...made.query })) },
      { weight: 2, arbitrary: query(0) },
      { weight: 2, arbitrary: query(20) },
    ),
    id: fc.oneof(
      { weight: 9, arbitrary: fc.constant(undefined) },
      { weight: 1, arbitrary: fc.string({ unit: 'binary', minLength: 1, maxLength: 12 }) },
    ),
    who: fc.nat(20),
    headers: fc.record(
      {
        'if-match': fc.constantFrom('"1"', '"2"', '*', 'W/"1"', '"'),
        'if-none-match': fc.constantFrom('"1"', '*', ''),
        'idempotency-key': fc.uuid(),
        'accept-language': fc.constantFrom('en', 'zh', 'de;q=x', ';;;', ',en;q=0'),
        accept: fc.constantFrom(...ACCEPTS.keys()),
      },
      { requiredKeys: [] },
    ),
  });
};

/** An address and its headers have 10,240 bytes. */
const LONG_ADDRESS = 8000;

/** An object may come with a `toString` of its own. */
const asText = (value: unknown): string => (typeof value === 'string' ? value : JSON.stringify(value ?? null));

/** Half a surrogate is no address. */
const encodable = (value: string): string => (value.isWellFormed() && value !== '.' && value !== '..' ? value : 'x');

describe.each(ALL.map((operation) => [operation.id, operation] as const))('%s', (id, operation) => {
  test('whatever is sent, the answer is one that its contract declares', { timeout: CASES * 1000 }, async () => {
    const sample = sampleOf(id);
    const made = await sample.make(world);
    const people = [made.as, ...(made.as === undefined ? [] : strangersOf(operation, sample, made.as).map(({ as }) => as))];
    const checks = checksOf(operation);
    await fc.assert(
      fc.asyncProperty(casesOf(operation, made), async ({ body, query, id: otherId, who, headers }) => {
        const as = who < people.length ? people[who] : made.as;
        const params =
          otherId === undefined
            ? made.params
            : { ...made.params, id: encodable(otherId), code: encodable(otherId), name: encodable(otherId), file: encodable(otherId) };
        const path = pathOf(operation, {
          params: params ?? {},
          query: Object.fromEntries(Object.entries(query).map(([name, value]) => [name, asText(value).slice(0, 3000)])),
        });
        const isForm = operation.face !== undefined && typeof body === 'object' && body !== null;
        const answer = await world.call(operation.method, path, {
          as,
          headers: { ...made.headers, ...headers, ...(isForm ? FORM : {}) },
          body: body === undefined || operation.raw === true ? body : isForm ? formOf(body) : JSON.stringify(body),
        });
        const what = `${operation.method} ${path.slice(0, 200)} → ${answer.status} ${answer.text.slice(0, 300)}`;
        expect(answer.status, what).toBeLessThan(500);
        const declared = checks.get(String(answer.status));
        // The gateway's own 400 for an address that is none has no operation yet.
        if (answer.status === 400 && operation.face === undefined && answer.body?.code === undefined) return;
        // Nor has its own 431 for one that is too long.
        if (answer.status === 431 && path.length > LONG_ADDRESS) return;
        expect(declared, `${what}: not declared`).toBeDefined();
        const contentType = answer.headers.get('content-type');
        const type = contentType?.split(';')[0];
        if (type === undefined) {
          expect([answer.text, declared?.size], what).toEqual(['', 0]);
          return;
        }
        const check = declared?.get(type);
        expect(check, `${what}: ${type} is not declared`).toBeDefined();
        // Of XML a schema says what it holds, and not how.
        if (type.endsWith('xml')) expect(XMLValidator.validate(answer.text), what).toBe(true);
        else expect(check?.(contentOf(type, answer)) === true ? [] : check?.errors, what).toEqual([]);
        if (answer.status !== 200) return;
        expect(contentType, what).toBe(operation.media?.find((each) => each.split(';')[0] === type) ?? `${type}; charset=utf-8`);
        if (operation.csv !== undefined) expect(type === 'text/csv', what).toBe(ACCEPTS.get(headers['accept']));
        if (type === 'text/csv') expectTable(answer.text, what);
      }),
      { seed: SEED, numRuns: CASES, endOnFailure: true },
    );
  });
});

describe.each(ALL.filter(({ csv }) => csv !== undefined).map((operation) => [operation.id, operation] as const))(
  '%s as CSV',
  (id, operation) => {
    test('is the table of what JSON shows, and nothing in it is a formula', async () => {
      const made = await sampleOf(id).make(world);
      const limit: Record<string, string> = 'limit' in queryFields(operation) ? { limit: '100' } : {};
      const path = pathOf(operation, { ...made, query: { ...made.query, ...limit } });
      const json = await world.get(path, made.as);
      const table = await world.call('GET', path, { as: made.as, headers: { accept: 'text/csv' } });
      expect([table.status, table.headers.get('content-type')]).toEqual([200, 'text/csv; charset=utf-8']);
      expectTable(table.text, table.text.slice(0, 300));
      const { items, indicators = items } = json.body;
      const lines: Record<string, string>[] = parse(table.text, { bom: true, columns: true });
      expect(lines.length).toBe(indicators.length);
      expect(lines.length, `the sample of ${id} has lines`).toBeGreaterThan(0);
      for (const [index, line] of lines.entries())
        for (const [name, value] of Object.entries<unknown>(indicators[index])) {
          // Texts by their language have columns of their own.
          if (!(name in line) || typeof value === 'object') continue;
          const cell = JSON.stringify(value).replace(/^"(.*)"$/, '$1');
          expect([name, line[name]]).toEqual([name, FORMULA.test(cell) ? `'${cell}` : cell]);
        }
    });
  },
);

test('docs/openapi.json is what the code says: `npm run openapi` writes it', () => {
  const committed: unknown = JSON.parse(readFileSync(new URL('../../docs/openapi.json', import.meta.url), 'utf8'));
  expect(committed).toEqual(JSON.parse(JSON.stringify(openApi())));
});

test('the contract served is the contract committed', async () => {
  const { status, body } = await world.get('/openapi.json');
  expect([status, body]).toEqual([200, JSON.parse(JSON.stringify(openApi()))]);
});

test('every example is valid by its own schema, and every declared answer is JSON schema', () => {
  for (const operation of ALL) {
    const schema = bodySchema(operation);
    if (schema !== undefined) {
      const check = compile(schema);
      expect([operation.id, check(operation.examples?.body), check.errors]).toEqual([operation.id, true, null]);
    }
    expect(checksOf(operation).size).toBeGreaterThan(0);
  }
});

test('operation ids are unique and lowerCamelCase', () => {
  const ids = ALL.map(({ id }) => id);
  expect(new Set(ids).size).toBe(ids.length);
  for (const id of ids) expect(id).toMatch(/^[a-z][a-zA-Z0-9]+$/);
});
