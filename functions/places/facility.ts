/** A place that people look for. Pure. */
import type { DivisionCode } from '../kernel/division.ts';
import type { Position } from '../kernel/position.ts';
import type { Texts } from '../kernel/texts.ts';
import { toInstant, type EpochMs, type Instant } from '../kernel/time.ts';

/** Shelters 应急避难场所, micro fire stations 微型消防站, service points 服务网点, meal points 助餐点. */
export const FACILITY_KINDS = ['shelter', 'microFireStation', 'servicePoint', 'mealPoint'] as const;
export type FacilityKind = (typeof FACILITY_KINDS)[number];

/** What its keepers say of it. */
export interface FacilityFacts {
  readonly kind: FacilityKind;
  readonly name: Texts;
  readonly community: DivisionCode;
  readonly location: Position;
  readonly capacity?: number | undefined;
  readonly openingHours?: string | undefined;
  readonly barrierFree?: boolean | undefined;
  readonly phone?: string | undefined;
}

export interface Facility extends FacilityFacts {
  readonly id: string;
  readonly version: number;
  readonly change: 'made' | 'changed';
  readonly changedAt: Instant;
  readonly createdAt: Instant;
  readonly createdBy: string;
}

/** All of it is replaced by what is said of it now. */
export const facilityFrom = (id: string, facts: FacilityFacts, before: Facility | undefined, by: string, now: EpochMs): Facility => ({
  ...facts,
  id,
  version: (before?.version ?? 0) + 1,
  change: before === undefined ? 'made' : 'changed',
  changedAt: toInstant(now),
  createdAt: before?.createdAt ?? toInstant(now),
  createdBy: before?.createdBy ?? by,
});
