/** What clients see of divisions (行政区划). */
import * as z from 'zod/mini';
import { LEVELS } from '../kernel/division.ts';
import { importBody, importResult } from '../http/import.ts';
import { operation } from '../http/operation.ts';
import { count, divisionCode, flag, line, page, paging, position, positionInput, named, stored, decimalCell } from '../http/schema.ts';

const MAX_NAME = 100;

const fields = {
  /** Metres are exact enough. */
  radiusKm: z.optional(stored(3).check(z.positive(), z.lte(2000))),
  population: z.optional(count),
  households: z.optional(count),
  largeCity: z.optional(z.boolean()),
  mergedInto: z.optional(divisionCode),
};

export const divisionInput = named(
  'DivisionInput',
  z.strictObject({
    name: line(MAX_NAME),
    location: z.optional(positionInput),
    ...fields,
    active: z.optional(z.boolean()),
  }),
);
export type DivisionInput = z.output<typeof divisionInput>;

const divisionSchema = named(
  'Division',
  z.object({
    code: divisionCode,
    name: z.string(),
    level: z.enum(LEVELS),
    parent: z.nullable(divisionCode),
    location: z.optional(position),
    ...fields,
    active: z.boolean(),
  }),
);

const params = z.object({ code: divisionCode });
const examples = { params: { code: '510104' } };

export const readDivision = operation({
  id: 'readDivision',
  method: 'GET',
  path: '/v1/divisions/{code}',
  summary: 'A division of any level',
  access: 'public',
  params,
  responses: { 200: divisionSchema },
  problems: ['notFound'],
  uses: { divisions: 'read' },
  examples,
});

export const listChildren = operation({
  id: 'listChildren',
  method: 'GET',
  path: '/v1/divisions/{code}/children',
  summary: 'The divisions one level below, by code',
  access: 'public',
  params,
  query: z.strictObject(paging),
  responses: { 200: page(divisionSchema) },
  problems: ['notFound', 'cursorInvalid'],
  uses: { divisions: 'read' },
  examples,
});

export const putDivision = operation({
  id: 'putDivision',
  method: 'PUT',
  path: '/v1/divisions/{code}',
  summary: 'Makes or replaces a division; its parent must be there',
  access: 'signedIn',
  roles: ['admin'],
  params,
  body: divisionInput,
  responses: { 200: divisionSchema, 201: divisionSchema },
  problems: ['preconditionFailed', 'conflict'],
  ifMatch: true,
  uses: { divisions: 'write' },
  examples: { ...examples, body: { name: '锦江区', population: 902933 } },
});

/** A line of a file: every field of a division by its own name, `lat` and `long` for its position. */
export const divisionRow = z.strictObject({
  code: divisionCode,
  name: line(MAX_NAME),
  lat: z.optional(decimalCell),
  long: z.optional(decimalCell),
  radiusKm: z.optional(decimalCell),
  population: z.optional(decimalCell),
  households: z.optional(decimalCell),
  largeCity: z.optional(flag),
  mergedInto: z.optional(divisionCode),
  active: z.optional(flag),
});

export const importDivisions = operation({
  id: 'importDivisions',
  method: 'POST',
  path: '/v1/imports/divisions',
  summary: 'Takes in a chunk of divisions, parents before children; the same again changes nothing',
  access: 'signedIn',
  roles: ['admin'],
  inSteps: true,
  body: importBody,
  responses: { 200: importResult },
  uses: { divisions: 'write' },
  examples: { body: { rows: [{ line: 2, code: '51', name: '四川省' }] } },
});

export const divisionOperations = { readDivision, listChildren, putDivision, importDivisions };
