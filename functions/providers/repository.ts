/** The register of providers in DynamoDB. */
import { conditionOn, type ConditionFailed, type Database, type Key, type Write } from '../data/database.ts';
import type { Bite } from '../data/merge.ts';
import { ancestorOf, type DivisionCode } from '../kernel/division.ts';
import type { Result } from '../kernel/result.ts';
import { PROVIDER_STATUSES } from './names.ts';
import type { Changed, Provider, ProviderStatus, ProviderStep } from './provider.ts';
import { providersTable as table } from './table.ts';

const PREFIX = 'PROVIDER#';
const VERSION_DIGITS = 6;
/** As many as a reader wants to see at once. */
const SHOWN_STEPS = 100;

const partitionOf = (id: string): string => PREFIX + id;
const keyOf = (id: string): Key => ({ pk: partitionOf(id), sk: 'PROVIDER' });
type Stored = Provider & Key;

/** The whole country's. */
export const EVERYWHERE = 'ALL';
/** Of somebody who has applied for more than this, the newest. */
const MOST_ENTRIES = 100;

/** The divisions in whose lists something of these places stands: their counties, and those above that are places themselves. */
const listCodes = (places: readonly DivisionCode[]): readonly string[] =>
  places.length === 0 ? [] : [EVERYWHERE, ...new Set(places.map((place) => ancestorOf(place, 'county')))];

interface ListItem extends Key {
  readonly listKey: string;
  readonly sortKey: string;
}

const listItem = ({ id, appliedAt }: Provider, list: ProviderStatus, code: string): ListItem => ({
  pk: partitionOf(id),
  sk: `LIST#${list}#${code}`,
  listKey: `${list}#${code}`,
  sortKey: `${appliedAt}#${id}#${code}`,
});

/** Where something of it is in that list: what waits, where it waits; what was admitted once, by what has become of it there. */
const listedPlaces = ({ status, pending, admissions, divisions }: Provider, list: ProviderStatus): readonly DivisionCode[] => {
  if (list === 'applied') return pending;
  if (list === 'removed' && status === 'removed' && admissions.length === 0) return divisions;
  return admissions.filter((each) => each.status === list).flatMap((each) => each.divisions);
};

const listItems = (provider: Provider | undefined): ReadonlyMap<string, ListItem> => {
  if (provider === undefined) return new Map();
  const items = PROVIDER_STATUSES.flatMap((list) => listCodes(listedPlaces(provider, list)).map((code) => listItem(provider, list, code)));
  return new Map(items.map((item) => [item.sk, item]));
};

/** A place of a list, and who stands there. */
export interface Listed {
  readonly code: string;
  readonly sortKey: string;
  readonly provider: Provider | undefined;
}

/** In which of these lists it stands first: elsewhere it has been seen. */
export const firstListOf = (provider: Provider, list: ProviderStatus, codes: ReadonlySet<string>): string | undefined =>
  [...listItems(provider).values()]
    .map(({ listKey }) => listKey.split('#'))
    .find(([name, code = '']) => name === list && codes.has(code))?.[1];

export const providersRepository = (database: Database) => ({
  find: (id: string): Promise<Provider | undefined> => database.find<Stored>(table, keyOf(id)),
  read: (id: string): Promise<Provider | undefined> => database.read<Stored>(table, keyOf(id)),
  /** By their ids, as they were a moment ago. */
  findMany: async (ids: readonly string[]): Promise<ReadonlyMap<string, Provider>> =>
    new Map((await database.readMany<Stored>(table, [...new Set(ids)].map(keyOf), false)).map((each) => [each.id, each])),
  /** Oldest first; of a long history the newest. */
  history: async (id: string): Promise<readonly ProviderStep[]> => {
    const bounds = { from: 'HISTORY#', to: 'HISTORY$' };
    const page = await database.query<ProviderStep & Key>(table, {
      partition: partitionOf(id),
      ...bounds,
      newestFirst: true,
      limit: SHOWN_STEPS,
      consistent: true,
    });
    return page.items.toReversed();
  },
  /** The entry, its history and its places in the lists, unless somebody else has changed it since `before` was read. */
  puts: ({ provider, step }: Changed, before: Provider | undefined, requestId: string): readonly Write[] => {
    const [were, are] = [listItems(before), listItems(provider)];
    const entry = { ...keyOf(provider.id), ...provider, sortKey: `${provider.appliedAt}#${provider.id}`, requestId };
    return [
      { table, put: entry, condition: conditionOn(before) },
      { table, put: { pk: partitionOf(provider.id), sk: `HISTORY#${String(provider.version).padStart(VERSION_DIGITS, '0')}`, ...step } },
      ...[...are].filter(([sk]) => !were.has(sk)).map(([, put]): Write => ({ table, put })),
      ...[...were]
        .filter(([sk]) => !are.has(sk))
        .map(([, { pk, sk, listKey }]): Write => ({ table, remove: { pk, sk }, condition: { kind: 'holds', equal: { listKey } } })),
    ];
  },
  write: (writes: readonly Write[]): Promise<Result<void, ConditionFailed>> => database.write(writes),
  /** A part of one list, newest first, each with its entry as it was a moment ago. */
  listed: async (list: ProviderStatus, code: string, limit: number, to: string | undefined): Promise<Bite<Listed>> => {
    const page = await database.query<ListItem>(table, {
      index: 'byList',
      partition: `${list}#${code}`,
      newestFirst: true,
      limit,
      ...(to === undefined ? {} : { to }),
    });
    const keys = [...new Set(page.items.map(({ pk }) => pk))].map((pk) => ({ pk, sk: 'PROVIDER' }));
    const providers = new Map((await database.readMany<Stored>(table, keys, false)).map((each) => [each.pk, each]));
    return { items: page.items.map(({ pk, sortKey }) => ({ code, sortKey, provider: providers.get(pk) })), more: page.after !== undefined };
  },
  /** The id of what somebody applied for last. */
  newestOf: async (owner: string): Promise<string | undefined> => {
    const page = await database.query<Key>(table, { index: 'byOwner', partition: owner, newestFirst: true, limit: 1 });
    return page.items[0]?.pk.slice(PREFIX.length);
  },
  /** What somebody has applied for, newest first. */
  entriesOf: async (owner: string): Promise<readonly Provider[]> => {
    const page = await database.query<Key>(table, { index: 'byOwner', partition: owner, newestFirst: true, limit: MOST_ENTRIES });
    const keys = page.items.map(({ pk }) => ({ pk, sk: 'PROVIDER' }));
    const found = new Map((await database.readMany<Stored>(table, keys)).map((each) => [each.pk, each]));
    return keys.flatMap(({ pk }) => found.get(pk) ?? []);
  },
  /** Holds a transaction to an entry that is as it was read. */
  stands: ({ id, version }: Pick<Provider, 'id' | 'version'>): Write => ({
    table,
    check: keyOf(id),
    condition: { kind: 'version', version },
  }),
});

export type ProvidersRepository = ReturnType<typeof providersRepository>;
