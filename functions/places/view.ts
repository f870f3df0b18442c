import type { AnswerOf } from '../http/operation.ts';
import type { readFacility } from './contract.ts';
import type { Facility } from './facility.ts';

/** A facility as everybody sees it. */
export const facilityView = (facility: Facility): AnswerOf<typeof readFacility> => {
  const { id, kind, name, community, location, capacity, openingHours, barrierFree, phone, changedAt: updatedAt } = facility;
  return { id, kind, name, community, location, capacity, openingHours, barrierFree, phone, updatedAt };
};
