import type { AnswerOf } from '../../http/operation.ts';
import type { Facility } from '../facility.ts';
import { placedView } from '../view.ts';
import type { readEntitlement, readServicePoint } from './contract.ts';
import { claimsIn, endedIn, spansOf, statusOf, type Entitlement } from './entitlement.ts';

type PointView = AnswerOf<typeof readServicePoint>;
type EndedView = NonNullable<PointView['formerEntitlements']>[number];

/** As everybody sees it. */
export const servicePointView = (facility: Facility): Omit<PointView, 'entitlements' | 'formerEntitlements'> => {
  const { provider, capacity } = facility;
  return { ...placedView(facility), provider, capacity };
};

const pastOf = (entitlement: Entitlement): Pick<EndedView, 'checks' | 'spans'> => ({
  checks: entitlement.checks.map(({ at, by, granted, reason, validUntil }) => ({ at, by, granted, reason, validUntil })),
  spans: spansOf(entitlement).map((span) => ({ ...span })),
});

export const entitlementView = (entitlement: Entitlement): AnswerOf<typeof readEntitlement> => {
  const { kind, account, claimedAt, claimedBy, checks } = entitlement;
  const { at: checkedAt, by: checkedBy, reason } = checks.at(-1) ?? {};
  const status = statusOf(entitlement);
  const past = pastOf(entitlement);
  const { from: validFrom, until: validUntil } = (status === 'granted' ? past.spans.at(-1) : undefined) ?? {};
  return { kind, account, status, claimedAt, claimedBy, checkedAt, checkedBy, reason, validFrom, validUntil, ...past };
};

const endedView = (entitlement: Entitlement): EndedView => {
  const { kind, account, claimedAt, claimedBy, endedAt } = entitlement;
  return { kind, account, claimedAt, claimedBy, endedAt, ...pastOf(entitlement) };
};

/** As staff of its community see it. */
export const staffView = (facility: Facility): PointView => ({
  ...servicePointView(facility),
  entitlements: claimsIn(facility.entitlements).map(entitlementView),
  formerEntitlements: endedIn(facility.entitlements).map(endedView),
});
