import type { Run } from '../http/call.ts';
import { limitOf } from '../http/schema.ts';
import { err, ok } from '../kernel/result.ts';
import type { listFacilities, readFacility } from './contract.ts';
import { nearestFacilities } from './nearest.ts';
import { placesRepository } from './repository.ts';
import { facilityView } from './view.ts';

export const read: Run<typeof readFacility> = async ({ runtime, params }) => {
  const facility = await placesRepository(runtime.database).find(params.id);
  return facility === undefined ? err({ code: 'notFound' }) : ok({ status: 200, body: facilityView(facility), version: facility.version });
};

/** Nearest first. */
export const list: Run<typeof listFacilities> = async ({ runtime, query }) => {
  const found = await nearestFacilities(runtime.database, query.near, query.kind, limitOf(query.limit));
  const items = found.map(({ facility, metres }) => ({
    ...facilityView(facility),
    location: facility.location,
    distance: Math.round(metres),
  }));
  return ok({ status: 200, body: { items, next: null } });
};
