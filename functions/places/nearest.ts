/** The facilities nearest to a position. */
import type { Database } from '../data/database.ts';
import { nearestOf, placeOf, type Found } from '../kernel/nearest.ts';
import { metresBetween, type Position } from '../kernel/position.ts';
import { isPlaced, type FacilityKind, type PlacedFacility } from './facility.ts';
import { placesRepository } from './repository.ts';

export interface NearFacility {
  readonly facility: PlacedFacility;
  /** On the sphere. */
  readonly metres: number;
}

/** Up to `count` within 100 km, of a kind where one is given, nearest first. */
export const nearestFacilities = async (
  database: Database,
  from: Position,
  kind: FacilityKind | undefined,
  count: number,
): Promise<readonly NearFacility[]> => {
  const repository = placesRepository(database);
  const gone = new Set<string>();
  for (;;) {
    const found = await nearestOf<string>({
      from,
      count,
      read: async (cell, limit, after) => {
        const page = await repository.inCell(cell, kind, limit, after);
        return { entries: page.items, after: page.after };
      },
      accepts: (id) => !gone.has(id),
    });
    const facilities = new Map(
      [...(await repository.readMany(found.map(({ id }) => id))).values()].filter(isPlaced).map((each) => [each.id, each]),
    );
    // An index may still have what was moved a moment ago, or is of another kind by now.
    const isThere = ({ id, location }: Found<string>): boolean => {
      const facility = facilities.get(id);
      if (facility === undefined || (kind !== undefined && facility.kind !== kind)) return false;
      return placeOf(facility.location, id).place === placeOf(location, id).place;
    };
    const stale = found.filter((each) => !isThere(each));
    if (stale.length === 0)
      return found.flatMap(({ id }) => {
        const facility = facilities.get(id);
        return facility === undefined ? [] : [{ facility, metres: metresBetween(from, facility.location) }];
      });
    for (const { id } of stale) gone.add(id);
  }
};
