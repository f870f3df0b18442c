/** The contract's JSON schemas: what fields there are, and what would be wrong with each. */
import type { OperationSpec } from '../../functions/http/operation.ts';
import { openApi } from '../../functions/reference/openapi.ts';

export interface JsonSchema {
  readonly type?: string;
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly required?: readonly string[];
  readonly additionalProperties?: boolean | JsonSchema;
  readonly propertyNames?: JsonSchema;
  readonly items?: JsonSchema;
  readonly anyOf?: readonly JsonSchema[];
  readonly allOf?: readonly JsonSchema[];
  readonly enum?: readonly unknown[];
  readonly const?: unknown;
  readonly pattern?: string;
  readonly format?: string;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly minItems?: number;
  readonly maxItems?: number;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly exclusiveMinimum?: number;
}

interface Described {
  readonly parameters: readonly { readonly name: string; readonly in: string; readonly required: boolean; readonly schema: JsonSchema }[];
  readonly requestBody?: { readonly content: Readonly<Record<string, { readonly schema: JsonSchema }>> };
  readonly responses: Readonly<Record<string, { readonly content?: Readonly<Record<string, { readonly schema: JsonSchema }>> }>>;
}

/** The document with every reference to a component replaced by what it names. */
const resolved = (node: unknown, components: Readonly<Record<string, unknown>>): unknown => {
  if (Array.isArray(node)) return node.map((each) => resolved(each, components));
  if (typeof node !== 'object' || node === null) return node;
  const { $ref } = node as { $ref?: unknown };
  if (typeof $ref === 'string') return resolved(components[$ref.replace('#/components/schemas/', '')], components);
  return Object.fromEntries(Object.entries(node).map(([name, value]) => [name, resolved(value, components)]));
};

const contract = openApi() as { components: { schemas: Record<string, unknown> } };

export const DOCUMENT = resolved(contract, contract.components.schemas) as {
  paths: Record<string, Record<string, Described>>;
  components: { schemas: Record<string, JsonSchema> };
};

/** An operation as OpenAPI describes it. */
export const described = ({ id, path, method }: OperationSpec): Described => {
  const found = DOCUMENT.paths[path]?.[method.toLowerCase()];
  if (found === undefined) throw new Error(`${id} is not in the OpenAPI document`);
  return found;
};

export const bodySchema = (operation: OperationSpec): JsonSchema | undefined =>
  Object.values(described(operation).requestBody?.content ?? {})[0]?.schema;

export const queryFields = (operation: OperationSpec): Readonly<Record<string, JsonSchema>> =>
  Object.fromEntries(
    described(operation)
      .parameters.filter((each) => each.in === 'query')
      .map(({ name, schema }) => [name, schema]),
  );

/** A field of a body by its path; elements of a list are `0`. */
export interface Field {
  readonly path: readonly string[];
  readonly schema: JsonSchema;
  readonly required: boolean;
}

/** Every field of a body, its fields' fields among them. */
export const fieldsOf = (schema: JsonSchema, path: readonly string[] = []): readonly Field[] => [
  ...Object.entries(schema.properties ?? {}).flatMap(([name, property]): Field[] => [
    { path: [...path, name], schema: property, required: schema.required?.includes(name) === true },
    ...fieldsOf(property, [...path, name]),
  ]),
  ...(schema.items === undefined
    ? []
    : [{ path: [...path, '0'], schema: schema.items, required: false }, ...fieldsOf(schema.items, [...path, '0'])]),
];

/** Objects that take no other field than theirs, by path; the body itself is `[]`. */
export const closedObjects = (schema: JsonSchema): readonly (readonly string[])[] => [
  ...(schema.additionalProperties === false ? [[]] : []),
  ...fieldsOf(schema)
    .filter((field) => field.schema.additionalProperties === false)
    .map(({ path }) => path),
];

type Json = Record<string, unknown>;
const isObject = (value: unknown): value is Json => typeof value === 'object' && value !== null;

/** The object that holds the last part of `path`; what is missing on the way there is made. */
const holderOf = (body: unknown, path: readonly string[]): Json => {
  let holder = body as Json;
  for (const [index, name] of path.slice(0, -1).entries()) {
    if (!isObject(holder[name])) holder[name] = path[index + 1] === '0' ? [] : {};
    holder = holder[name] as Json;
  }
  return holder;
};

/** A copy of the body with that value at that path. */
export const withField = (body: unknown, path: readonly string[], value: unknown): unknown => {
  const copy = structuredClone(body);
  // Also what is called __proto__ becomes a field like others.
  Object.defineProperty(holderOf(copy, path), path.at(-1) ?? '', { value, enumerable: true, configurable: true, writable: true });
  return copy;
};

export const withoutField = (body: unknown, path: readonly string[]): unknown => {
  const copy = structuredClone(body);
  Reflect.deleteProperty(holderOf(copy, path), path.at(-1) ?? '');
  return copy;
};

const OF_NO_FORMAT: Readonly<Record<string, readonly string[]>> = {
  // The last two are of other years in UTC than their own: 10000, and the one before 0000.
  'date-time': ['2026-02-30T00:00:00Z', '2026-11-24T09:00:00', '2026-11-24', '9999-12-31T23:59:59-11:00', '0000-01-01T00:00:00+08:00'],
  date: ['2026-02-30', '2026-11', '24.11.2026'],
};

const isAnything = ({ type, anyOf, enum: values, const: value }: JsonSchema): boolean =>
  type === undefined && anyOf === undefined && values === undefined && value === undefined;

const OF_ANOTHER_TYPE: Readonly<Record<string, readonly unknown[]>> = {
  string: [12, {}, ['text'], true],
  number: ['1', {}, true],
  integer: ['1', 1.5, {}],
  boolean: ['true', 1],
  array: ['text', {}, 3],
  object: ['text', [], 3],
};

/** What a field is where it may also be null, which takes it away. */
const unlessNull = ({ anyOf }: JsonSchema): JsonSchema | undefined => {
  const others = anyOf?.filter(({ type }) => type !== 'null');
  return others?.length === 1 && others.length < (anyOf?.length ?? 0) ? others[0] : undefined;
};

/** Values that a field must not take: of another type, beyond its bounds, not among its words. */
export const wrongValues = (schema: JsonSchema): readonly unknown[] => {
  if (isAnything(schema)) return [];
  const other = unlessNull(schema);
  if (other !== undefined) return wrongValues(other).filter((value) => value !== null);
  const { type, minLength, maxLength, minItems, maxItems, minimum, maximum, exclusiveMinimum } = schema;
  return [
    null,
    ...(type === undefined ? [] : (OF_ANOTHER_TYPE[type] ?? [])),
    ...(schema.enum === undefined ? [] : ['nope']),
    ...(schema.anyOf === undefined ? [] : [{ no: 'such' }]),
    ...(type === 'string' && schema.enum === undefined ? ['x'.repeat((maxLength ?? 20_000) + 1)] : []),
    ...(schema.format === undefined ? [] : (OF_NO_FORMAT[schema.format] ?? [])),
    ...(minLength !== undefined && minLength > 0 ? [''] : []),
    ...(minItems !== undefined && minItems > 0 ? [[]] : []),
    ...(maxItems === undefined ? [] : [Array.from({ length: maxItems + 1 }, () => 'x')]),
    ...(minimum === undefined ? [] : [minimum - 1]),
    ...(exclusiveMinimum === undefined ? [] : [exclusiveMinimum]),
    ...(maximum === undefined ? [] : [maximum + 1]),
  ];
};

/** The patterns that a text must fit, all of them. */
export const patternsOf = ({ pattern, allOf = [] }: JsonSchema): readonly RegExp[] =>
  [pattern, ...allOf.map((each) => each.pattern)].filter((each) => each !== undefined).map((each) => new RegExp(each, 'u'));

/** What a person writes: neither a code of ours nor a moment. */
export const isFreeText = (schema: JsonSchema): boolean =>
  schema.type === 'string' &&
  schema.enum === undefined &&
  schema.format === undefined &&
  patternsOf(schema).every((pattern) => pattern.test('路灯 a'));
