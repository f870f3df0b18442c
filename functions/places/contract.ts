/** What clients see of places that people look for: shelters (应急避难场所), micro fire stations (微型消防站), service points, meal points. */
import * as z from 'zod/mini';
import { operation } from '../http/operation.ts';
import { count, listLimit, named, near, position, positionInput } from '../http/schema.ts';
import { childcareOperations } from './childcare/contract.ts';
import { FACILITY_KINDS } from './facility.ts';
import { mealPointOperations } from './meal-points/contract.ts';
import { capacity, ownId, placed, placeFields } from './schema.ts';
import { servicePointOperations } from './service-points/contract.ts';

const kind = z.enum(FACILITY_KINDS);

const own = {
  kind,
  capacity,
};

const facilityInput = named('FacilityInput', z.strictObject({ ...own, ...placeFields, location: positionInput }));

/** A meal point or a service point may have no location; what is found by place has one. */
const facility = { ...placed, ...own };
const facilitySchema = named('Facility', z.object(facility));
const nearFacility = named(
  'NearFacility',
  z.object({
    ...facility,
    location: position,
    /** Metres on the sphere, as the crow flies. */
    distance: count,
  }),
);

const params = z.object({ id: ownId });
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
  description:
    'What was put as a meal point or a service point stays one, and so does a meal point that has days: what it says further is kept, and another kind under its id is 409.',
  access: 'signedIn',
  roles: ['worker'],
  params,
  body: facilityInput,
  responses: { 200: facilitySchema, 201: facilitySchema },
  problems: ['forbidden', 'invalid', 'preconditionFailed', 'conflict'],
  ifMatch: true,
  uses: { places: 'write', divisions: 'read', audit: 'append' },
  examples: { params: { id: 'shelter-1' }, body: example },
});

export const placeOperations = {
  listFacilities,
  readFacility,
  putFacility,
  ...mealPointOperations,
  ...childcareOperations,
  ...servicePointOperations,
};
