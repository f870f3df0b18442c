/** Places in DynamoDB. */
import { conditionOn, type ConditionFailed, type Database, type Key, type Page, type Write } from '../data/database.ts';
import { ancestorOf, covers, type DivisionCode } from '../kernel/division.ts';
import { placeOf, rangeOf } from '../kernel/nearest.ts';
import type { Position } from '../kernel/position.ts';
import type { Result } from '../kernel/result.ts';
import type { Day } from '../kernel/time.ts';
import type { Childcare, Places } from './childcare/childcare.ts';
import type { Facility, FacilityKind } from './facility.ts';
import type { MealDay } from './meal-points/meal-day.ts';
import { placesTable } from './table.ts';

const PREFIXES = { facility: 'FACILITY#', mealDay: 'MEALS#', childcare: 'CHILDCARE#' } as const;
const keyOf = (id: string): Key => ({ pk: PREFIXES.facility + id, sk: 'FACILITY' });
const dayKey = (point: string, date: string): Key => ({ pk: PREFIXES.mealDay + point, sk: date });
const childcareKey = (id: string): Key => ({ pk: PREFIXES.childcare + id, sk: 'CHILDCARE' });
type Stored = Facility & Key;

const kindCell = (kind: FacilityKind, cell: string): string => `${kind}#${cell}`;

/** What has lists by division. */
export type Listed = 'mealPoint' | 'servicePoint' | 'childcare';
const isListed = (kind: FacilityKind): kind is Extract<FacilityKind, Listed> => kind === 'mealPoint' || kind === 'servicePoint';

/** Rare writes, and few thousand of a kind in a city: a city is one list. */
const listOf = (what: Listed, community: DivisionCode): string => `${what}#${ancestorOf(community, 'city')}`;
const daysIn = (community: DivisionCode): string => `mealDay#${community}`;
const listedAs = (community: DivisionCode, id: string): string => `${community}#${id}`;

/** A city, and what of it a list is asked for. */
export interface Range {
  readonly city: DivisionCode;
  readonly within: DivisionCode;
}

const boundsOf = ({ city, within }: Range) => {
  const prefix = covers(city, within) ? within : city;
  return { from: prefix, to: `${prefix}~` };
};

/** What an index has of a facility. */
export interface FacilityEntry {
  readonly id: string;
  readonly location: Position;
}

type After = Page<Key>['after'];

const idsOf = (page: Page<Key>, prefix: string): Page<string> => ({
  items: page.items.map(({ pk }) => pk.slice(prefix.length)),
  after: page.after,
});

/** Unless somebody else has changed it since `before` was read. */
const putsDay = (day: MealDay, before: MealDay | undefined, requestId: string): Write => {
  const item = {
    ...dayKey(day.point, day.date),
    ...day,
    requestId,
    listed: daysIn(day.community),
    listedAs: `${day.date}#${day.point}`,
  };
  return { table: placesTable, put: item, condition: conditionOn(before) };
};

export const placesRepository = (database: Database) => ({
  find: (id: string): Promise<Facility | undefined> => database.find<Stored>(placesTable, keyOf(id)),
  read: (id: string): Promise<Facility | undefined> => database.read<Stored>(placesTable, keyOf(id)),
  readMany: async (ids: readonly string[], consistent = true): Promise<ReadonlyMap<string, Facility>> =>
    new Map((await database.readMany<Stored>(placesTable, ids.map(keyOf), consistent)).map((each) => [each.id, each])),
  /** Those within a cell of a geohash, of a kind where one is given, in order of cells. */
  inCell: async (cell: string, kind: FacilityKind | undefined, limit: number | undefined, after: After): Promise<Page<FacilityEntry>> => {
    const { partition, ...range } = rangeOf(cell);
    const page = await database.query<Key & { readonly location: Position }>(placesTable, {
      ...(kind === undefined ? { index: 'byPlace', partition } : { index: 'byKind', partition: kindCell(kind, partition) }),
      ...range,
      ...(limit === undefined ? {} : { limit }),
      after,
    });
    return { items: page.items.map(({ pk, location }) => ({ id: pk.slice(PREFIXES.facility.length), location })), after: page.after };
  },
  /** Ids of a kind within part of a city, by community. */
  listed: async (what: Listed, range: Range, limit: number, after: After): Promise<Page<string>> =>
    idsOf(
      await database.query<Key>(placesTable, {
        index: 'byDivision',
        partition: listOf(what, range.city),
        ...boundsOf(range),
        limit,
        after,
      }),
      what === 'childcare' ? PREFIXES.childcare : PREFIXES.facility,
    ),
  /** Ids of the service points in part of a city that have claimed anything, or once had: past months are listed, too. Where they stand now. */
  claimed: async ({ city }: Range, after: After): Promise<Page<string>> =>
    idsOf(await database.query<Key>(placesTable, { index: 'byClaim', partition: city, after }), PREFIXES.facility),
  /** What childcare there is in part of a city. */
  placesIn: (range: Range, after: After): Promise<Page<Places>> =>
    database.query<Key & Places>(placesTable, {
      index: 'byDivision',
      partition: listOf('childcare', range.city),
      ...boundsOf(range),
      after,
    }),
  /** Writes it unless somebody else has changed it since `before` was read, with what goes along. */
  put: (
    facility: Facility,
    before: Facility | undefined,
    requestId: string,
    along: readonly Write[] = [],
  ): Promise<Result<void, ConditionFailed>> => {
    const { id, kind, community, location, entitlements = [] } = facility;
    const where = location === undefined ? undefined : placeOf(location, id);
    const isIn = isListed(kind);
    // What it no longer has in an index is said to be nothing: `facility` may be as it was read, with all that it had.
    const item = {
      ...keyOf(id),
      ...facility,
      requestId,
      cell: where?.cell,
      kindCell: where === undefined ? undefined : kindCell(kind, where.cell),
      place: where?.place,
      listed: isIn ? listOf(kind, community) : undefined,
      listedAs: isIn ? listedAs(community, id) : undefined,
      claimedIn: entitlements.length > 0 ? ancestorOf(community, 'city') : undefined,
    };
    return database.write([{ table: placesTable, put: item, condition: conditionOn(before) }, ...along]);
  },

  findDay: (point: string, date: Day): Promise<MealDay | undefined> => database.find<MealDay & Key>(placesTable, dayKey(point, date)),
  readDay: (point: string, date: Day): Promise<MealDay | undefined> => database.read<MealDay & Key>(placesTable, dayKey(point, date)),
  /** The days of a point from one to another, both included, in order. */
  days: async (point: string, from: Day, to: Day): Promise<readonly MealDay[]> =>
    (await database.query<MealDay & Key>(placesTable, { partition: PREFIXES.mealDay + point, from, to })).items,
  /** Whether any day of it was entered. */
  hasDays: async (point: string): Promise<boolean> =>
    (await database.query<Key>(placesTable, { partition: PREFIXES.mealDay + point, limit: 1, consistent: true })).items.length > 0,
  /** Unless the day, or its point, is no longer as it was read: what a day says of where it counts is so when it is written. */
  putDay: (
    day: MealDay,
    before: MealDay | undefined,
    { id, version }: Facility,
    requestId: string,
  ): Promise<Result<void, ConditionFailed>> =>
    database.write([putsDay(day, before, requestId), { table: placesTable, check: keyOf(id), condition: { kind: 'version', version } }]),
  putsDay,
  /** Holds a transaction to its not having been entered. */
  noDay: (point: string, date: Day): Write => ({ table: placesTable, check: dayKey(point, date), condition: { kind: 'absent' } }),
  /** Days of meals that count in a community, a page at a time. */
  daysIn: async (community: DivisionCode, limit: number, after: After): Promise<Page<MealDay & Key>> => {
    const page = await database.query<Key>(placesTable, { index: 'byDivision', partition: daysIn(community), limit, after });
    return { items: await database.readMany<MealDay & Key>(placesTable, page.items), after: page.after };
  },

  findChildcare: (id: string): Promise<Childcare | undefined> => database.find<Childcare & Key>(placesTable, childcareKey(id)),
  readChildcare: (id: string): Promise<Childcare | undefined> => database.read<Childcare & Key>(placesTable, childcareKey(id)),
  readManyChildcare: async (ids: readonly string[], consistent = true): Promise<ReadonlyMap<string, Childcare>> =>
    new Map((await database.readMany<Childcare & Key>(placesTable, ids.map(childcareKey), consistent)).map((each) => [each.id, each])),
  putChildcare: (childcare: Childcare, before: Childcare | undefined, requestId: string): Promise<Result<void, ConditionFailed>> => {
    const { id, community } = childcare;
    const item = {
      ...childcareKey(id),
      ...childcare,
      requestId,
      listed: listOf('childcare', community),
      listedAs: listedAs(community, id),
    };
    return database.write([{ table: placesTable, put: item, condition: conditionOn(before) }]);
  },
});
