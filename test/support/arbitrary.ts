/** fast-check's values for a JSON schema: mostly what it allows, sometimes not. */
import * as fc from 'fast-check';
import { isFreeText, patternsOf, type JsonSchema } from './json-schema.ts';

/** What people and attackers send. */
const NAUGHTY = [
  '',
  ' ',
  '\u0000',
  '\uD800',
  '\u202Eabc',
  '__proto__',
  'constructor',
  'null',
  'undefined',
  'NaN',
  '0',
  '-1',
  '1e400',
  'true',
  '[]',
  '{}',
  '../../etc/passwd',
  '=1+1',
  '<script>',
  "'; --",
  '%00',
  'a'.repeat(5000),
  '９９',
  '😀',
  'é',
  '2026-02-30',
  '2026-13-01T00:00:00Z',
  '510104017001',
  '510104',
  '51010401700',
  '0000-00-00T00:00:00Z',
  '9999-12-31T23:59:59.999999999+14:00',
  '-000001-01-01T00:00:00Z',
];
const WORDS = ['路灯不亮', '请尽快处理', 'Lamp', '东大街 1 号', 'a b', '王', '"quoted"', 'line\nbreak', 'e\u0301'];

const naughty = fc.oneof(
  fc.constantFrom(...NAUGHTY),
  fc.string({ unit: 'binary', maxLength: 30 }),
  fc.jsonValue({ maxDepth: 2 }),
  fc.constantFrom(0, -0, -1, 1.5, 1e308, -1e308, 2 ** 53, null, true, [], {}),
);

const text = (schema: JsonSchema): fc.Arbitrary<unknown> => {
  const { enum: values, format, minLength = 0, maxLength = 200 } = schema;
  if (values !== undefined) return fc.constantFrom(...values);
  if (format === 'date-time')
    return fc
      .tuple(fc.integer({ min: 0, max: 4_000_000_000 }), fc.constantFrom('Z', '+08:00', '-11:30'))
      .map(([seconds, offset]) => new Date(seconds * 1000).toISOString().replace('Z', offset));
  if (format === 'date') return fc.integer({ min: 0, max: 30_000 }).map((days) => new Date(days * 86_400_000).toISOString().slice(0, 10));
  const [pattern, ...others] = patternsOf(schema);
  if (pattern !== undefined && !isFreeText(schema))
    return fc
      .stringMatching(new RegExp(pattern.source))
      .filter((each) => each.length >= minLength && each.length <= maxLength && others.every((other) => other.test(each)));
  return fc.oneof(
    fc.constantFrom(...WORDS.filter((each) => each.length <= maxLength)),
    fc.string({ unit: 'grapheme', minLength, maxLength: Math.min(maxLength, 40) }),
    fc.constant('长'.repeat(maxLength)),
  );
};

const object = (schema: JsonSchema, wrongness: number): fc.Arbitrary<unknown> => {
  const { properties = {}, required = [], additionalProperties } = schema;
  const known = fc.record(Object.fromEntries(Object.entries(properties).map(([name, property]) => [name, valueOf(property, wrongness)])), {
    requiredKeys: required.filter((name) => name in properties),
  });
  if (typeof additionalProperties !== 'object') return known;
  const more = fc.dictionary(
    fc.constantFrom('code', 'line', 'lat', 'name', 'x'),
    Object.keys(additionalProperties).length === 0 ? fc.jsonValue({ maxDepth: 1 }) : valueOf(additionalProperties, wrongness),
    { maxKeys: 3 },
  );
  return fc.tuple(more, known).map(([others, own]) => ({ ...others, ...(own as object) }));
};

const right = (schema: JsonSchema, wrongness: number): fc.Arbitrary<unknown> => {
  if (schema.anyOf !== undefined) return fc.oneof(...schema.anyOf.map((each) => valueOf(each, wrongness)));
  if (schema.const !== undefined) return fc.constant(schema.const);
  const { type, minimum, maximum, exclusiveMinimum, minItems = 0, maxItems = 5 } = schema;
  const low = minimum ?? exclusiveMinimum;
  switch (type ?? 'anything') {
    case 'string':
      return text(schema);
    case 'integer':
      return fc.integer({ min: Math.max(low ?? -1000, -1e9), max: Math.min(maximum ?? 1e6, 1e9) });
    case 'number':
      return fc.double({
        min: low ?? -1000,
        max: maximum ?? 1e6,
        noNaN: true,
        ...(exclusiveMinimum === undefined ? {} : { minExcluded: true }),
      });
    case 'boolean':
      return fc.boolean();
    case 'null':
      return fc.constant(null);
    case 'array':
      return fc.array(valueOf(schema.items ?? {}, wrongness), { minLength: minItems, maxLength: Math.min(maxItems, minItems + 3) });
    case 'object':
      return object(schema, wrongness);
    default:
      return schema.enum === undefined ? fc.jsonValue({ maxDepth: 2 }) : fc.constantFrom(...schema.enum);
  }
};

/** A value that the schema allows, but one in a hundred parts `wrongness` is anything. */
export const valueOf = (schema: JsonSchema, wrongness: number): fc.Arbitrary<unknown> =>
  wrongness === 0
    ? right(schema, 0)
    : fc.oneof({ weight: 100 - wrongness, arbitrary: right(schema, wrongness) }, { weight: wrongness, arbitrary: naughty });
