import type { AnswerOf } from '../../http/operation.ts';
import type { Facility } from '../facility.ts';
import type { readEntitlement, readServicePoint } from './contract.ts';
import { validity, type Entitlement } from './entitlement.ts';

type PointView = AnswerOf<typeof readServicePoint>;

/** As everybody sees it. */
export const servicePointView = (facility: Facility): Omit<PointView, 'entitlements'> => {
  const { id, name, community, provider, location, capacity, openingHours, barrierFree, phone, changedAt: updatedAt } = facility;
  return { id, name, community, provider, location, capacity, openingHours, barrierFree, phone, updatedAt };
};

export const entitlementView = (entitlement: Entitlement): AnswerOf<typeof readEntitlement> => {
  const { kind, account, status, claimedAt, claimedBy, checkedAt, checkedBy, reason } = entitlement;
  const valid = validity(entitlement);
  return { kind, account, status, claimedAt, claimedBy, checkedAt, checkedBy, reason, validFrom: valid?.from, validUntil: valid?.until };
};

/** As staff of its community see it. */
export const staffView = (facility: Facility): PointView => ({
  ...servicePointView(facility),
  entitlements: (facility.entitlements ?? []).map(entitlementView),
});
