/** Alerts and the lists that they are in, in DynamoDB. */
import { conditionOn, type Condition, type ConditionFailed, type Database, type Key, type Page, type Write } from '../data/database.ts';
import { ancestorOf, LEVELS, levelOf, type DivisionCode } from '../kernel/division.ts';
import type { Result } from '../kernel/result.ts';
import { DAY, fromInstant, plus, toEpochSeconds } from '../kernel/time.ts';
import type { Alert } from './alert.ts';
import { listingsOf } from '../kernel/listings.ts';
import { alertsTable } from './table.ts';
import type { Where } from './area.ts';

const PREFIX = 'ALERT#';
const partitionOf = (id: string): string => PREFIX + id;
const keyOf = (id: string): Key => ({ pk: partitionOf(id), sk: 'ALERT' });
const whereKey = (id: string): Key => ({ pk: partitionOf(id), sk: 'ALERT#WHERE' });
const capKey = (id: string): Key => ({ pk: partitionOf(id), sk: 'CAP' });
const draftKey = (id: string): Key => ({ pk: partitionOf(id), sk: 'DRAFT' });
/** Names hold no commas. */
const nameKey = (sender: string, identifier: string): Key => ({ pk: `CAP#${sender},${identifier}`, sk: 'MESSAGE' });
const listKey = (list: string): string => `LIST#${list}`;
const activeKey = (list: string): string => `ACTIVE#${list}`;
const pendingKey = (division: string): string => `PENDING#${division}`;
/** How long after its end one that nobody approved is still in its list. */
const PENDING_KEPT = DAY;

type Stored = Alert & Key;

/** An entry of a list: the alert's id, and which of what it covers the list is about; nothing where all of it is within. */
export interface Entry {
  readonly id: string;
  /** Unique in its list, newest last. */
  readonly position: string;
  readonly cover?: readonly DivisionCode[] | undefined;
}

interface StoredEntry extends Key {
  readonly cover?: readonly DivisionCode[];
  readonly ending?: string;
}

/** Where an alert stands in its lists. Only one that can be active is in the index of those that are. */
const entries = (alert: Alert): readonly (StoredEntry & { readonly activeKey?: string })[] => {
  const isEver = alert.messageType !== 'cancel' && alert.supersededBy === undefined;
  return listingsOf(alert.cover).map(({ list, cover }) => ({
    pk: listKey(list),
    sk: `${alert.issuedAt ?? alert.madeAt}#${alert.id}`,
    ...(list.startsWith('OWN#') ? { cover } : {}),
    ...(isEver ? { activeKey: activeKey(list), ending: `${alert.expires}#${alert.id}` } : {}),
  }));
};

const pendingLists = (division: DivisionCode): readonly string[] =>
  LEVELS.slice(0, LEVELS.indexOf(levelOf(division)) + 1).map((level) => pendingKey(ancestorOf(division, level)));
const pendingKeys = (alert: Alert): readonly Key[] => pendingLists(alert.division).map((pk) => ({ pk, sk: `${alert.madeAt}#${alert.id}` }));

const puts = <T extends Key>(item: T, condition?: Condition): Write => ({
  table: alertsTable,
  put: item,
  ...(condition === undefined ? {} : { condition }),
});

/** An alert as it was read and as it is from now on. */
export interface Changed {
  readonly before: Alert;
  readonly after: Alert;
}

export interface Publication {
  /** As it is issued, with its name. */
  readonly alert: Alert;
  /** As it waited, where it did. */
  readonly before?: Alert | undefined;
  readonly where: Where;
  readonly xml: string;
  /** Those in whose place it stands. */
  readonly superseded: readonly Changed[];
}

export const alertRepository = (database: Database) => {
  const alertItem = (alert: Alert, requestId: string) => ({ ...alert, ...keyOf(alert.id), requestId });
  const table = alertsTable;
  const whereWrite = (id: string, where: Where): Write => puts({ ...whereKey(id), where: JSON.stringify(where) });
  const nameWrite = ({ id, sender, identifier = '' }: Alert): Write => puts({ ...nameKey(sender, identifier), id }, { kind: 'absent' });
  const changes = ({ before, after }: Changed, requestId: string): Write => puts(alertItem(after, requestId), conditionOn(before));
  const whole = async (id: string, consistent: boolean): Promise<{ alert: Alert; where: Where } | undefined> => {
    const { items } = await database.query<Stored | (Key & { readonly where: string })>(table, {
      partition: partitionOf(id),
      from: keyOf(id).sk,
      to: whereKey(id).sk,
      consistent,
    });
    const alert = items.find((item): item is Stored => item.sk === keyOf(id).sk);
    const place = items.find((item): item is Key & { readonly where: string } => 'where' in item);
    return alert === undefined || place === undefined ? undefined : { alert, where: JSON.parse(place.where) };
  };
  const entriesOf = (page: Page<StoredEntry>, by: 'sk' | 'ending'): { readonly items: readonly Entry[]; readonly more: boolean } => ({
    items: page.items.map(({ sk, cover, ending = '' }) => ({
      id: sk.slice(sk.lastIndexOf('#') + 1),
      position: by === 'sk' ? sk : ending,
      cover,
    })),
    more: page.after !== undefined,
  });
  return {
    read: (id: string): Promise<Alert | undefined> => database.read<Stored>(table, keyOf(id)),
    /** With its areas, cheaply at first. */
    find: async (id: string) => (await whole(id, false)) ?? (await whole(id, true)),
    /** With its areas, as it is now. */
    readWhole: (id: string) => whole(id, true),
    /** As they were a moment ago, by id. */
    readMany: async (ids: readonly string[], consistent = false): Promise<ReadonlyMap<string, Alert>> =>
      new Map((await database.readMany<Stored>(table, ids.map(keyOf), consistent)).map((each) => [each.id, each])),
    /** The ids of messages by their senders' names for them, those that are here. */
    idsOf: async (names: readonly { readonly sender: string; readonly identifier: string }[]): Promise<readonly string[]> => {
      const keys = new Map(names.map(({ sender, identifier }) => [`${sender},${identifier}`, nameKey(sender, identifier)]));
      return (await database.readMany<Key & { readonly id: string }>(table, [...keys.values()])).map(({ id }) => id);
    },
    /** The message as it is published; undefined of one that waits. */
    findCap: async (id: string) => database.find<Key & { readonly xml: string; readonly issuedAt: Alert['issuedAt'] }>(table, capKey(id)),
    /** The message as it came, of one from elsewhere that waits or was withdrawn. */
    readDraft: async (id: string): Promise<string | undefined> =>
      (await database.read<Key & { readonly xml: string }>(table, draftKey(id)))?.xml,

    /** A list's newest. */
    newest: async (list: string, limit: number, to: string | undefined) =>
      entriesOf(
        await database.query<StoredEntry>(table, {
          partition: listKey(list),
          newestFirst: true,
          limit,
          ...(to === undefined ? {} : { to }),
        }),
        'sk',
      ),
    /** Of a list, those that nothing stands in the place of and that have not expired, those that last longest first. */
    lasting: async (list: string, now: string, limit: number, to: string | undefined) =>
      entriesOf(
        await database.query<StoredEntry>(table, {
          index: 'byEnding',
          partition: activeKey(list),
          from: now,
          newestFirst: true,
          limit,
          ...(to === undefined ? {} : { to }),
        }),
        'ending',
      ),
    /** Those of a division that wait, newest first. */
    waiting: async (division: DivisionCode, limit: number, to: string | undefined) =>
      entriesOf(
        await database.query<StoredEntry>(table, {
          partition: pendingKey(division),
          newestFirst: true,
          limit,
          ...(to === undefined ? {} : { to }),
        }),
        'sk',
      ),

    /** The alert first, then those in whose place it stands, then its name, where it has none yet. */
    publishes: ({ alert, before, where, xml, superseded }: Publication, requestId: string): readonly Write[] => [
      puts(alertItem(alert, requestId), conditionOn(before)),
      ...superseded.map((each) => changes(each, requestId)),
      ...(before?.identifier === undefined ? [nameWrite(alert)] : []),
      ...(before === undefined ? [whereWrite(alert.id, where)] : []),
      puts({ ...capKey(alert.id), xml, issuedAt: alert.issuedAt }),
      ...entries(alert).map((entry) => puts(entry)),
      ...(before === undefined
        ? []
        : pendingKeys(before).map((remove): Write => ({ table, remove, condition: { kind: 'holds', equal: { id: alert.id } } }))),
    ],
    /** What waits no longer. That its lists still have it for a while does no harm: each is read as it is. */
    withdraws: (all: readonly Changed[], requestId: string): readonly Write[] => all.map((each) => changes(each, requestId)),
    /** One that waits, or ends what waited and is withdrawn with it; its name, where it came with one, directly after it. */
    proposes: (alert: Alert, where: Where, draft: string | undefined, requestId: string): readonly Write[] => [
      puts(alertItem(alert, requestId), conditionOn(undefined)),
      ...(alert.identifier === undefined ? [] : [nameWrite(alert)]),
      whereWrite(alert.id, where),
      ...(draft === undefined ? [] : [puts({ ...draftKey(alert.id), xml: draft })]),
      ...(alert.state === 'pending' ? pendingKeys(alert) : []).map((key) =>
        puts({ ...key, id: alert.id, expiresAt: toEpochSeconds(plus(fromInstant(alert.expires), PENDING_KEPT)) }),
      ),
    ],
    write: (writes: readonly Write[]): Promise<Result<void, ConditionFailed>> => database.write(writes),
    /** Takes an alert that another stands in the place of out of the index of those that are active; as often as one likes. */
    retire: async (alert: Alert): Promise<void> => {
      await Promise.all(entries(alert).map((entry) => database.write([puts(entry)])));
    },
  };
};
