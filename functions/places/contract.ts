/** What clients see of places that people look for: shelters (应急避难场所), micro fire stations (微型消防站), service points, meal points. */
import * as z from 'zod/mini';
import { operation } from '../http/operation.ts';
import { communityCode, count, instant, line, listLimit, named, near, phone, position, positionInput, texts } from '../http/schema.ts';
import { FACILITY_KINDS } from './facility.ts';

/** Whoever puts it names it. */
const id = z.string().check(z.regex(/^[a-zA-Z0-9-]{1,64}$/));
const kind = z.enum(FACILITY_KINDS);

const fields = {
  kind,
  name: texts(100),
  community: communityCode,
  /** People that it holds. */
  capacity: z.optional(count),
  openingHours: z.optional(line(200)),
  /** Without steps, for a wheelchair (无障碍). */
  barrierFree: z.optional(z.boolean()),
  phone: z.optional(phone),
};

const facilityInput = named('FacilityInput', z.strictObject({ ...fields, location: positionInput }));
export type FacilityInput = z.output<typeof facilityInput>;

const facility = { id, ...fields, location: position, updatedAt: instant };
const facilitySchema = named('Facility', z.object(facility));
const nearFacility = named(
  'NearFacility',
  z.object({
    ...facility,
    /** Metres on the sphere, as the crow flies. */
    distance: count,
  }),
);

const params = z.object({ id });
const example = {
  kind: 'shelter',
  name: { 'zh-CN': '水井坊小学操场', en: 'Shuijingfang primary school, sports ground' },
  community: '510104017001',
  location: { lat: 30.6461, long: 104.0913 },
  capacity: 800,
  barrierFree: true,
} as const;

export const listFacilities = operation({
  id: 'listFacilities',
  method: 'GET',
  path: '/v1/facilities',
  summary: 'The facilities nearest to a position, within 100 km, nearest first',
  access: 'public',
  query: z.strictObject({ near, kind: z.optional(kind), limit: listLimit }),
  responses: { 200: z.object({ items: z.array(nearFacility), next: z.null() }) },
  uses: { places: 'read' },
  examples: { query: { near: '30.6461,104.0913' } },
});

export const readFacility = operation({
  id: 'readFacility',
  method: 'GET',
  path: '/v1/facilities/{id}',
  summary: 'A facility',
  access: 'public',
  params,
  responses: { 200: facilitySchema },
  problems: ['notFound'],
  uses: { places: 'read' },
  examples: { params: { id: 'shelter-1' } },
});

export const putFacility = operation({
  id: 'putFacility',
  method: 'PUT',
  path: '/v1/facilities/{id}',
  summary: 'Makes or replaces a facility, under an id of the caller’s own; for workers of its community',
  access: 'signedIn',
  roles: ['worker'],
  params,
  body: facilityInput,
  responses: { 200: facilitySchema, 201: facilitySchema },
  problems: ['forbidden', 'invalid', 'preconditionFailed', 'conflict'],
  ifMatch: true,
  uses: { places: 'write', divisions: 'read' },
  examples: { params: { id: 'shelter-1' }, body: example },
});

export const placeOperations = { listFacilities, readFacility, putFacility };
