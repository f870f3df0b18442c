/** What other domains may ask of places. */
import type { Database } from '../data/database.ts';
import type { Position } from '../kernel/position.ts';
import type { FacilityKind } from './facility.ts';
import { nearestFacilities, type NearFacility } from './nearest.ts';

export interface PlacesReader {
  /** Up to `count` of a kind within 100 km, nearest first. */
  nearest(from: Position, kind: FacilityKind, count: number): Promise<readonly NearFacility[]>;
}

export const placesReader = (database: Database): PlacesReader => ({
  nearest: (from, kind, count) => nearestFacilities(database, from, kind, count),
});
