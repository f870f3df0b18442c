/** A place that people look for. Pure. */
import type { DivisionCode } from '../kernel/division.ts';
import type { Position } from '../kernel/position.ts';
import type { Texts } from '../kernel/texts.ts';
import { fromInstant, toInstant, type EpochMs, type Instant } from '../kernel/time.ts';
import { rewind, trailAfter, type TrailStep } from '../kernel/trail.ts';
import { claimsIn, type Entitlement, type EntitlementKind } from './service-points/entitlement.ts';

/** Shelters 应急避难场所, micro fire stations 微型消防站, service points 服务网点, meal points 助餐点. */
export const FACILITY_KINDS = ['shelter', 'microFireStation', 'servicePoint', 'mealPoint'] as const;
export type FacilityKind = (typeof FACILITY_KINDS)[number];

/** What its keepers say of it. */
export interface FacilityFacts {
  readonly kind: FacilityKind;
  readonly name: Texts;
  readonly community: DivisionCode;
  /** Nobody finds it by place without one. */
  readonly location?: Position | undefined;
  readonly capacity?: number | undefined;
  readonly openingHours?: string | undefined;
  readonly barrierFree?: boolean | undefined;
  readonly phone?: string | undefined;
}

/** What only those say who put it as what it is: a meal point or a service point. */
export interface FurtherFacts {
  /** Of a meal point: old people pay less there. */
  readonly subsidised?: boolean | undefined;
  /** Of a service point: who runs it, by its id in the register of providers. */
  readonly provider?: string | undefined;
  /** What is claimed, after what was once. */
  readonly entitlements?: readonly Entitlement[] | undefined;
}

/** What is kept of whatever lies in a community, beside what is said of it. */
export interface Stamped {
  readonly version: number;
  readonly change: 'made' | 'changed';
  readonly changedAt: Instant;
  readonly createdAt: Instant;
  readonly createdBy: string;
}

export const stampAfter = (before: Stamped | undefined, by: string, now: EpochMs): Stamped => ({
  version: (before?.version ?? 0) + 1,
  change: before === undefined ? 'made' : 'changed',
  changedAt: toInstant(now),
  createdAt: before?.createdAt ?? toInstant(now),
  createdBy: before?.createdBy ?? by,
});

export interface Facility extends FacilityFacts, FurtherFacts, Stamped {
  readonly id: string;
  /** The communities that it was in before; absent as long as it has stayed where it was. */
  readonly trail?: readonly TrailStep[] | undefined;
}

/** A facility that is found by place. */
export type PlacedFacility = Facility & { readonly location: Position };
export const isPlaced = (facility: Facility): facility is PlacedFacility => facility.location !== undefined;

/** All of it is replaced by what is said of it now. */
export const facilityFrom = (
  id: string,
  facts: FacilityFacts & FurtherFacts,
  before: Facility | undefined,
  by: string,
  now: EpochMs,
): Facility => {
  const trail = before === undefined ? [] : trailAfter(before.trail ?? [], placeMarks(before), placeMarks(facts), toInstant(now));
  return {
    ...facts,
    id,
    ...stampAfter(before, by, now),
    ...(trail.length === 0 ? {} : { trail }),
  };
};

const placeMarks = ({ community }: { readonly community: DivisionCode }) => ({ community });

/** What was put as a meal point or a service point says more than a facility does: who puts the facility leaves that as it is. */
export const furtherFactsOf = ({ subsidised, provider, entitlements }: Facility): FurtherFacts => ({ subsidised, provider, entitlements });

/** Whether anything is said of it that a facility does not say: then it stays what it is. */
export const saysMore = (facility: Facility): boolean => Object.values(furtherFactsOf(facility)).some((fact) => fact !== undefined);

/** The community that it was in at a moment; before it was known here, the first that it is known to have been in. */
export const communityAt = (facility: Facility, at: EpochMs): DivisionCode => {
  const states = rewind(placeMarks(facility), facility.trail ?? [], facility.createdAt);
  return (states.findLast((each) => fromInstant(each.at) <= at) ?? states[0])?.state.community ?? facility.community;
};

/** What it has claimed of a kind. */
export const claimOf = ({ entitlements }: Facility, wanted: EntitlementKind): Entitlement | undefined =>
  claimsIn(entitlements).find(({ kind }) => kind === wanted);
