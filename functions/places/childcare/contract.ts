/** What clients see of childcare (托育): places offered, taken, free, and children who wait. */
import * as z from 'zod/mini';
import { operation } from '../../http/operation.ts';
import { count, divisionCode, named, paging } from '../../http/schema.ts';
import { locationInput, ownId, placed, placeFields } from '../schema.ts';

/** One house has no more. */
const some = count.check(z.lte(100_000));
const own = {
  /** Places for children under three (托位). */
  offered: some,
  /** No more than are offered. */
  taken: some,
  /** Children who wait for one. */
  waiting: some,
};
/** Offered and not taken. */
const free = count;

const childcareInput = named('ChildcareInput', z.strictObject({ ...own, ...placeFields, location: locationInput }));
const childcareSchema = named('Childcare', z.object({ ...placed, ...own, free }));
const sums = named('ChildcareSums', z.object({ offered: count, taken: count, waiting: count, free }));

const params = z.object({ id: ownId });
const examples = { params: { id: 'nursery-1' } };

export const putChildcare = operation({
  id: 'putChildcare',
  method: 'PUT',
  path: '/v1/childcare/{id}',
  summary: 'Makes or replaces a childcare place, under an id of the caller’s own; for workers of its community',
  access: 'signedIn',
  roles: ['worker'],
  params,
  body: childcareInput,
  responses: { 200: childcareSchema, 201: childcareSchema },
  problems: ['forbidden', 'invalid', 'preconditionFailed', 'conflict'],
  ifMatch: true,
  uses: { places: 'write', divisions: 'read' },
  examples: {
    ...examples,
    body: {
      name: { 'zh-CN': '水井坊社区托育点', en: 'Shuijingfang nursery' },
      community: '510104017001',
      offered: 40,
      taken: 36,
      waiting: 5,
      barrierFree: true,
    },
  },
});

export const readChildcare = operation({
  id: 'readChildcare',
  method: 'GET',
  path: '/v1/childcare/{id}',
  summary: 'A childcare place',
  access: 'public',
  params,
  responses: { 200: childcareSchema },
  problems: ['notFound'],
  uses: { places: 'read' },
  examples,
});

export const listChildcare = operation({
  id: 'listChildcare',
  method: 'GET',
  path: '/v1/childcare',
  summary: 'The childcare places of a division of any level, by community; up to a city, on the first page with the sums of all',
  access: 'public',
  query: z.strictObject({ division: divisionCode, ...paging }),
  responses: { 200: z.object({ sums: z.optional(sums), items: z.array(childcareSchema), next: z.nullable(z.string()) }) },
  problems: ['cursorInvalid'],
  uses: { places: 'read', divisions: 'read' },
  examples: { query: { division: '510104' } },
});

export const childcareOperations = { putChildcare, readChildcare, listChildcare };
