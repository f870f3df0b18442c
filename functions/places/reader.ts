/** What other domains may ask of places. */
import type { Database } from '../data/database.ts';
import { pagesOf } from '../data/pages.ts';
import type { DivisionCode } from '../kernel/division.ts';
import type { Position } from '../kernel/position.ts';
import type { FacilityKind } from './facility.ts';
import type { MealDay } from './meal-points/meal-day.ts';
import { nearestFacilities, type NearFacility } from './nearest.ts';
import { placesRepository } from './repository.ts';

export interface PlacesReader {
  /** Up to `count` of a kind within 100 km, nearest first. */
  nearest(from: Position, kind: FacilityKind, count: number): Promise<readonly NearFacility[]>;
}

export const placesReader = (database: Database): PlacesReader => ({
  nearest: (from, kind, count) => nearestFacilities(database, from, kind, count),
});

/** What the event of a day's meals carries, and its item holds, for the figures. */
export type MealDayImage = Pick<MealDay, 'point' | 'date' | 'served' | 'delivered' | 'community' | 'version'>;

const PAGE = 100;

/** Every day of meals that counts in a community, a page at a time. */
export async function* mealDayImages(database: Database, community: DivisionCode): AsyncGenerator<readonly MealDayImage[]> {
  const repository = placesRepository(database);
  yield* pagesOf((after) => repository.daysIn(community, PAGE, after));
}
