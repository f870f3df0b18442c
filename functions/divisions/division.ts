import { isDeepStrictEqual } from 'node:util';
import type { Item } from '../data/database.ts';
import { levelOf, parentOf, type DivisionCode, type Level } from '../kernel/division.ts';
import type { Position } from '../kernel/position.ts';
import type { FieldError } from '../http/problem.ts';
import type { Instant } from '../kernel/time.ts';
import { trailAfter, type TrailStep } from '../kernel/trail.ts';

/** As far as a community reaches around its location, where nobody has said how far. */
export const USUAL_RADIUS_KM = 1;
/** No community reaches farther: whoever draws a shape finds all that meet it by looking so far around. */
export const MOST_RADIUS_KM = 100;

/** A division as its table keeps it. */
export interface Division extends Item {
  readonly code: DivisionCode;
  readonly name: string;
  readonly location?: Position | undefined;
  readonly radiusKm?: number | undefined;
  readonly population?: number | undefined;
  readonly households?: number | undefined;
  readonly largeCity?: boolean | undefined;
  readonly active: boolean;
  /** The division that took its place, of an inactive one. */
  readonly mergedInto?: DivisionCode | undefined;
  readonly version: number;
  readonly change: 'made' | 'changed';
  readonly requestId: string;
  readonly changedAt: Instant;
  /** Since when it is known here; absent of one that was made before this was written down. */
  readonly madeAt?: Instant | undefined;
  /** Whether it was in use before each change of that; absent as long as there was none. */
  readonly trail?: readonly TrailStep[] | undefined;
}

/** What of a division figures are cut by. */
export interface DivisionMarks {
  readonly inUse: 'yes' | 'no';
}

/** What has become part of another is not in use, whatever else is said of it. */
export const marksOf = ({ active, mergedInto }: Pick<Division, 'active' | 'mergedInto'>): DivisionMarks => ({
  inUse: active && mergedInto === undefined ? 'yes' : 'no',
});

/** What is kept of how it was: since when it is there, and when it came into use and went out of it. */
export const pastOf = (
  next: Pick<Division, 'active' | 'mergedInto' | 'changedAt'>,
  before: Division | undefined,
): Pick<Division, 'madeAt' | 'trail'> => {
  if (before === undefined) return { madeAt: next.changedAt };
  const trail = trailAfter(before.trail ?? [], marksOf(before), marksOf(next), next.changedAt);
  // All that is known of one that was made earlier is that it was there when it last changed.
  return { madeAt: before.madeAt ?? before.changedAt, ...(trail.length === 0 ? {} : { trail }) };
};

export interface DivisionView extends Omit<Division, 'pk' | 'sk' | 'version' | 'change' | 'requestId' | 'changedAt' | 'madeAt' | 'trail'> {
  readonly level: Level;
  readonly parent: string | null;
}

/** A division as clients see it: level and parent follow from the code. */
export const viewOf = (division: Division): DivisionView => ({
  ...division,
  level: levelOf(division.code),
  parent: parentOf(division.code) ?? null,
});

/** What is wrong with how far it reaches. */
export const radiusErrors = (code: DivisionCode, radiusKm: number | undefined): readonly FieldError[] =>
  levelOf(code) === 'community' && radiusKm !== undefined && radiusKm > MOST_RADIUS_KM
    ? [
        {
          path: 'radiusKm',
          message: { 'zh-CN': `社区的半径最多 ${MOST_RADIUS_KM} 公里`, en: `of a community is ${MOST_RADIUS_KM} km at most` },
        },
      ]
    : [];

/** What of a division is said by people, and not by us. */
const contentOf = ({ name, location, radiusKm, population, households, largeCity, active, mergedInto }: Division): readonly unknown[] => [
  name,
  location,
  radiusKm,
  population,
  households,
  largeCity,
  active,
  mergedInto,
];

/** Whether two states of a division say the same. */
export const isSame = (one: Division, other: Division): boolean => isDeepStrictEqual(contentOf(one), contentOf(other));
