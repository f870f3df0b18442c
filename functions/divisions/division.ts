import { isDeepStrictEqual } from 'node:util';
import type { Item } from '../data/database.ts';
import { levelOf, parentOf, type DivisionCode, type Level } from '../kernel/division.ts';
import type { Position } from '../kernel/position.ts';

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
  readonly changedAt: string;
}

export interface DivisionView extends Omit<Division, 'pk' | 'sk' | 'version' | 'change' | 'requestId' | 'changedAt'> {
  readonly level: Level;
  readonly parent: string | null;
}

/** A division as clients see it: level and parent follow from the code. */
export const viewOf = (division: Division): DivisionView => ({
  ...division,
  level: levelOf(division.code),
  parent: parentOf(division.code) ?? null,
});

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
