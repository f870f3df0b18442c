/** Divisions in DynamoDB. */
import { conditionOn, type Database, type Key, type Page, type Write } from '../data/database.ts';
import type { Result } from '../kernel/result.ts';
import type { ConditionFailed } from '../data/database.ts';
import { levelOf, parentOf, type DivisionCode } from '../kernel/division.ts';
import { placeOf, rangeOf } from '../kernel/nearest.ts';
import type { Position } from '../kernel/position.ts';
import type { Division } from './division.ts';

import { divisionsTable } from './table.ts';

const childrenKey = (parent: DivisionCode | undefined): string => `CHILDREN#${parent ?? ''}`;
export const keyOf = (code: DivisionCode): Key => ({ pk: childrenKey(parentOf(code)), sk: code });

/** What the index has of a community: where it is and how far it reaches, and its code as the sort key of its item. */
export type PlaceEntry = Pick<Division, 'pk' | 'radiusKm'> & { readonly sk: DivisionCode; readonly location: Position };

/** The keys under which a division can be found by place: an active community that has one. */
export const indexKeyOf = ({ code, location, active, mergedInto }: Division): Partial<ReturnType<typeof placeOf>> =>
  location === undefined || !active || mergedInto !== undefined || levelOf(code) !== 'community' ? {} : placeOf(location, code);

export const divisionRepository = (database: Database) => ({
  find: (code: DivisionCode): Promise<Division | undefined> => database.find(divisionsTable, keyOf(code)),
  read: (code: DivisionCode): Promise<Division | undefined> => database.read(divisionsTable, keyOf(code)),
  readMany: (codes: readonly DivisionCode[]): Promise<readonly Division[]> => database.readMany(divisionsTable, codes.map(keyOf)),
  /** Children of a division by code, those after `after`. */
  children: async (parent: DivisionCode | undefined, limit: number, after?: DivisionCode, consistent = false): Promise<Page<Division>> =>
    database.query(divisionsTable, {
      partition: childrenKey(parent),
      limit,
      consistent,
      after: after === undefined ? undefined : { ...keyOf(after) },
    }),
  /** Communities within a cell of a geohash, in order of cells. */
  inCell: (cell: string, limit: number | undefined, after: Record<string, unknown> | undefined): Promise<Page<PlaceEntry>> =>
    database.query(divisionsTable, {
      index: 'byPlace',
      ...rangeOf(cell),
      ...(limit === undefined ? {} : { limit }),
      after,
    }),
  /** Writes a division unless somebody else has changed it since `before` was read. */
  put: (division: Division, before: Division | undefined): Promise<Result<void, ConditionFailed>> =>
    database.write([
      {
        table: divisionsTable,
        put: { ...division, ...indexKeyOf(division) },
        condition: conditionOn(before),
      } satisfies Write,
    ]),
});
