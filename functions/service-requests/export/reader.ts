/** A division's month as lines of a file, for whoever may read it. */
import { catalogueReader } from '../../catalogue/reader.ts';
import type { Database, Key } from '../../data/database.ts';
import { divisionsReader } from '../../divisions/reader.ts';
import type { Principal } from '../../http/principal.ts';
import { covers, levelOf, type DivisionCode } from '../../kernel/division.ts';
import { endOfMonth, fromInstant, startOfMonth, toInstant, type Instant, type Month } from '../../kernel/time.ts';
import { BULK_COLUMNS, bulkCells, bulkNames, bulkRowOf, IMPORTED, servicesByName } from '../bulk.ts';
import type { BulkRow } from '../contract.ts';
import { communityList, countyLists, listedAs, serviceRequestRepository, type ListSource } from '../repository.ts';
import { sightOf, stricter, type ServiceRequest } from '../service-request.ts';
import { serviceRequestsTable } from '../table.ts';

/** How far a month has been read: all before it has been. */
export interface MonthPosition {
  /** The county, or below a county the division itself. */
  readonly place: DivisionCode;
  /** The sort key of the last one there. */
  readonly key: string;
}

/** Some requests of a month as lines of a file. */
export interface ExportedPage {
  readonly lines: readonly (readonly string[])[];
  /** Those among them whose every reading is written down. */
  readonly confidential: readonly { readonly id: string; readonly community: DivisionCode }[];
  /** How many were read, whether or not they are among the lines. */
  readonly read: number;
  readonly after: MonthPosition;
  /** How much of the month lies before it, from 0 to 1. */
  readonly share: number;
}

export const EXPORTED_COLUMNS: readonly string[] = BULK_COLUMNS;

const EXPORT_PAGE = 100;
const SMALLEST_BITE = 20;

/** The lists of a division, a county's together: from there on counties are read one after the other. */
const listsOf = async (database: Database, division: DivisionCode): Promise<ReadonlyMap<DivisionCode, readonly ListSource[]>> => {
  const divisions = divisionsReader(database);
  switch (levelOf(division)) {
    case 'community':
      return new Map([[division, [communityList('REQUESTS', division)]]]);
    case 'street':
      return new Map([[division, (await divisions.within(division, 'community')).map((each) => communityList('REQUESTS', each))]]);
    case 'county':
    case 'city':
    case 'province':
      return new Map(
        (await divisions.within(division, 'county')).toSorted().map((county) => [county, countyLists('REQUESTS', county)] as const),
      );
  }
};

type ListedKey = Key & { readonly sortKey: string };
interface Head {
  readonly reader: AsyncGenerator<ListedKey, void>;
  readonly entry: ListedKey;
}

/** Entries of several lists as one, oldest first. */
async function* ascending(database: Database, lists: readonly ListSource[], from: string, to: string): AsyncGenerator<ListedKey> {
  const limit = Math.max(SMALLEST_BITE, Math.ceil(EXPORT_PAGE / lists.length));
  const oldestFirst = async function* ({ index, partition }: ListSource): AsyncGenerator<ListedKey, void> {
    let after: Record<string, unknown> | undefined;
    do {
      const page = await database.query<ListedKey>(serviceRequestsTable, { index, partition, from, to, limit, after });
      yield* page.items;
      after = page.after;
    } while (after !== undefined);
  };
  const advanced = async (reader: AsyncGenerator<ListedKey, void>): Promise<Head | undefined> => {
    const { done, value } = await reader.next();
    return done === true ? undefined : { reader, entry: value };
  };
  const heads = (await Promise.all(lists.map((list) => advanced(oldestFirst(list))))).filter((head) => head !== undefined);
  for (;;) {
    const [first] = heads.toSorted((one, other) => (one.entry.sortKey < other.entry.sortKey ? -1 : 1));
    if (first === undefined) return;
    yield first.entry;
    const next = await advanced(first.reader);
    heads.splice(heads.indexOf(first), 1, ...(next === undefined ? [] : [next]));
  }
}

/**
 * The requests of a division that were asked for in a month, in the columns of the import: what `caller` may read of them, county by county, and
 * there by the moment at which they were asked for. The columns have no visibility, and the import takes the service's: those that it would
 * make more public are left out.
 */
export async function* exportedMonth(
  database: Database,
  { division, month, caller }: { readonly division: DivisionCode; readonly month: Month; readonly caller: Principal },
  after: MonthPosition | undefined,
): AsyncGenerator<ExportedPage> {
  const requests = serviceRequestRepository(database);
  const [lists, services] = await Promise.all([listsOf(database, division), catalogueReader(database).all()]);
  const nameOf = bulkNames(services);
  const byName = servicesByName(services);
  const isKept = ({ visibility }: ServiceRequest, { service_name: name }: BulkRow): boolean => {
    const taken = (byName.get(name) ?? byName.get(IMPORTED))?.visibility ?? 'public';
    return stricter(visibility, taken) === taken;
  };
  const [begins, ends] = [startOfMonth(month), endOfMonth(month)];
  const places = [...lists.keys()];
  // It is for staff: what somebody sees as a provider, they read one by one, each time held against the register.
  const asStaff: Principal = { ...caller, provider: undefined };

  const pageOf = async (place: DivisionCode, keys: readonly ListedKey[]): Promise<ExportedPage> => {
    const found = new Map((await requests.readListed(keys)).map((each) => [each.pk, each]));
    const last = keys.at(-1)?.sortKey ?? '';
    const shown = keys
      .flatMap(({ pk }) => found.get(pk) ?? [])
      .flatMap((request) => {
        const sight = sightOf(request, asStaff);
        // An entry may lag behind: somebody has just handed the request over to another place.
        if (!covers(division, request.community) || sight === 'nothing') return [];
        const row = bulkRowOf(request, nameOf, sight);
        return isKept(request, row) ? [{ request, row }] : [];
      });
    const passed = (fromInstant(listedAs(last).at as Instant) - begins) / (ends - begins);
    return {
      lines: shown.map(({ row }) => bulkCells(row)),
      confidential: shown.flatMap(({ request }) => (request.visibility === 'confidential' ? [request] : [])),
      read: keys.length,
      after: { place, key: last },
      share: (places.indexOf(place) + passed) / places.length,
    };
  };

  for (const [place, sources] of lists) {
    if (after !== undefined && place < after.place) continue;
    // Keys have one form, so what begins with one comes right after it.
    const from = after?.place === place ? `${after.key}#` : toInstant(begins);
    let keys: ListedKey[] = [];
    for await (const entry of ascending(database, sources, from, toInstant(ends))) {
      keys.push(entry);
      if (keys.length < EXPORT_PAGE) continue;
      yield await pageOf(place, keys);
      keys = [];
    }
    if (keys.length > 0) yield await pageOf(place, keys);
  }
}
