import type { AnswerOf } from '../http/operation.ts';
import type { readFacility } from './contract.ts';
import type { Facility } from './facility.ts';

type FacilityView = AnswerOf<typeof readFacility>;

/** What everybody sees of whatever lies in a community. */
export const placedView = (place: Omit<FacilityView, 'kind' | 'capacity' | 'updatedAt'> & { readonly changedAt: string }) => {
  const { id, name, community, location, openingHours, barrierFree, phone, changedAt: updatedAt } = place;
  return { id, name, community, location, openingHours, barrierFree, phone, updatedAt };
};

/** A facility as everybody sees it. */
export const facilityView = (facility: Facility): FacilityView => {
  const { kind, capacity } = facility;
  return { ...placedView(facility), kind, capacity };
};
