/** Places in DynamoDB. */
import { conditionOn, type ConditionFailed, type Database, type Key, type Page } from '../data/database.ts';
import { placeOf, rangeOf } from '../kernel/nearest.ts';
import type { Position } from '../kernel/position.ts';
import type { Result } from '../kernel/result.ts';
import type { Facility, FacilityKind } from './facility.ts';
import { placesTable } from './table.ts';

const PREFIX = 'FACILITY#';
const keyOf = (id: string): Key => ({ pk: PREFIX + id, sk: 'FACILITY' });
type Stored = Facility & Key;

const kindCell = (kind: FacilityKind, cell: string): string => `${kind}#${cell}`;

/** What an index has of a facility. */
export interface FacilityEntry {
  readonly id: string;
  readonly location: Position;
}

export const placesRepository = (database: Database) => ({
  find: (id: string): Promise<Facility | undefined> => database.find<Stored>(placesTable, keyOf(id)),
  read: (id: string): Promise<Facility | undefined> => database.read<Stored>(placesTable, keyOf(id)),
  readMany: async (ids: readonly string[]): Promise<ReadonlyMap<string, Facility>> =>
    new Map((await database.readMany<Stored>(placesTable, ids.map(keyOf))).map((each) => [each.id, each])),
  /** Those within a cell of a geohash, of a kind where one is given, in order of cells. */
  inCell: async (
    cell: string,
    kind: FacilityKind | undefined,
    limit: number | undefined,
    after: Page<Key>['after'],
  ): Promise<Page<FacilityEntry>> => {
    const { partition, ...range } = rangeOf(cell);
    const page = await database.query<Key & { readonly location: Position }>(placesTable, {
      ...(kind === undefined ? { index: 'byPlace', partition } : { index: 'byKind', partition: kindCell(kind, partition) }),
      ...range,
      ...(limit === undefined ? {} : { limit }),
      after,
    });
    return { items: page.items.map(({ pk, location }) => ({ id: pk.slice(PREFIX.length), location })), after: page.after };
  },
  /** Writes it unless somebody else has changed it since `before` was read. */
  put: (facility: Facility, before: Facility | undefined, requestId: string): Promise<Result<void, ConditionFailed>> => {
    const { cell, place } = placeOf(facility.location, facility.id);
    const item = { ...keyOf(facility.id), ...facility, requestId, cell, kindCell: kindCell(facility.kind, cell), place };
    return database.write([{ table: placesTable, put: item, condition: conditionOn(before) }]);
  },
});
