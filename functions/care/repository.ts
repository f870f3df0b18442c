/** Those who are looked after, their visits, and what falls due, in DynamoDB. */
import { conditionOn, type ConditionFailed, type Database, type Key, type Page, type Write } from '../data/database.ts';
import { justBelow, type Bite } from '../data/merge.ts';
import { ancestorOf, CODE_LENGTHS, type DivisionCode } from '../kernel/division.ts';
import type { Result } from '../kernel/result.ts';
import { DAY, dayOf, fromInstant, plus, toEpochSeconds, toInstant, type EpochMs, type Instant } from '../kernel/time.ts';
import type { AlertedPlace } from './alerted.ts';
import type { Reminder } from './due.ts';
import { isActive, lookedAfterUntil, type Recipient } from './recipient.ts';
import { careTable } from './table.ts';
import type { HelpCall, Visit } from './visit.ts';

const table = careTable;
const PAGE = 100;
/** Who has not been visited by then is due by their tier again. */
const ALERTED_KEPT = 31 * DAY;
const REMINDER_KEPT = careTable.attributes.day.keptDays * DAY;
/** Longer than anybody tries again. */
const RUN_KEPT = 7 * DAY;
/** After a visit, and after the end of who was looked after. Figures keep what they were counted from. */
const KEPT = careTable.attributes.note.keptDays * DAY;

const recipientKey = (id: string): Key => ({ pk: `RECIPIENT#${id}`, sk: 'RECIPIENT' });
const visitKey = ({ recipient, id }: Pick<Visit, 'recipient' | 'id'>): Key => ({ pk: `VISITS#${recipient}`, sk: id });

/** Those who are looked after in a county, or those who no longer are. */
export interface RecipientList {
  readonly partition: string;
}

const listKeyOf = (community: DivisionCode, active: boolean): string => `${ancestorOf(community, 'county')}#${active ? 'active' : 'ended'}`;
export const recipientList = (county: DivisionCode, active: boolean): RecipientList => ({ partition: listKeyOf(county, active) });

/** What lies where an alert makes visits due. */
export type NotedPlace = Omit<AlertedPlace, 'issuedAt'> & { readonly expiresAt: number };

/** What a list has of somebody. */
export type RecipientEntry = Pick<
  Recipient,
  | 'id'
  | 'name'
  | 'community'
  | 'categories'
  | 'tier'
  | 'birthYear'
  | 'needs'
  | 'spells'
  | 'trail'
  | 'createdAt'
  | 'visited'
  | 'notFound'
  | 'lastVisitAt'
> & { readonly listAt: string };

const visitItem = (visit: Visit, requestId: string) => ({
  ...visitKey(visit),
  ...visit,
  requestId,
  expiresAt: toEpochSeconds(plus(fromInstant(visit.at), KEPT)),
});

const helpKey = (request: string): Key => ({ pk: `HELP#${request}`, sk: 'HELP' });
const helpItem = (call: HelpCall, requestId: string) => ({
  ...helpKey(call.request),
  ...call,
  requestId,
  expiresAt: toEpochSeconds(plus(fromInstant(call.changedAt), KEPT)),
});
const runKey = (at: Instant, county: string): Key => ({ pk: `DUERUN#${at}`, sk: county });
/** Noted as a county is, when none is left. */
export const ALL_COUNTIES = 'all';
const runItem = (at: Instant, county: DivisionCode | typeof ALL_COUNTIES) => ({
  ...runKey(at, county),
  expiresAt: toEpochSeconds(plus(fromInstant(at), RUN_KEPT)),
});

const alertedPartition = (division: DivisionCode): string => `ALERTED#${division.slice(0, CODE_LENGTHS.county)}`;

const alertedKey = ({ division, alert }: Pick<AlertedPlace, 'division' | 'alert'>): Key => ({
  pk: alertedPartition(division),
  sk: `${division}#${alert}`,
});
const alertedItem = ({ issuedAt, ...place }: AlertedPlace) => ({
  ...alertedKey(place),
  ...place,
  expiresAt: toEpochSeconds(plus(fromInstant(issuedAt), ALERTED_KEPT)),
});

const reminderItem = (community: DivisionCode, reminder: Reminder, at: EpochMs, requestId: string) => ({
  pk: `REMINDER#${community}`,
  sk: dayOf(at),
  version: 1,
  change: 'made',
  changedAt: toInstant(at),
  requestId,
  community,
  day: dayOf(at),
  ...reminder,
  expiresAt: toEpochSeconds(plus(at, REMINDER_KEPT)),
});

const recipientItem = (recipient: Recipient, requestId: string) => ({
  ...recipientKey(recipient.id),
  ...recipient,
  requestId,
  expiresAt: isActive(recipient) ? undefined : toEpochSeconds(plus(lookedAfterUntil(recipient), KEPT)),
  listKey: listKeyOf(recipient.community, isActive(recipient)),
  listAt: `${recipient.community}#${recipient.createdAt}#${recipient.id}`,
});

export const careRepository = (database: Database) => ({
  find: (id: string): Promise<Recipient | undefined> => database.find<Recipient & Key>(table, recipientKey(id)),
  read: (id: string): Promise<Recipient | undefined> => database.read<Recipient & Key>(table, recipientKey(id)),
  /** Unless somebody else has changed it since `before` was read. */
  puts: (recipient: Recipient, before: Recipient | undefined, requestId: string): Write => ({
    table,
    put: recipientItem(recipient, requestId),
    condition: conditionOn(before),
  }),
  putsVisit: (visit: Visit, requestId: string): Write => ({
    table,
    put: visitItem(visit, requestId),
    condition: { kind: 'absent' },
  }),
  putsHelpCall: (call: HelpCall, requestId: string): Write => ({
    table,
    put: helpItem(call, requestId),
    condition: { kind: 'absent' },
  }),
  findHelpCall: (request: string): Promise<HelpCall | undefined> => database.find<HelpCall & Key>(table, helpKey(request)),
  write: (writes: readonly Write[]): Promise<Result<void, ConditionFailed>> => database.write(writes),

  findVisit: (recipient: string, id: string): Promise<Visit | undefined> => database.find<Visit & Key>(table, visitKey({ recipient, id })),
  /** The latest first. */
  visits: (recipient: string, limit: number, after: Page<Key>['after']): Promise<Page<Visit>> =>
    database.query<Visit & Key>(table, { partition: visitKey({ recipient, id: '' }).pk, newestFirst: true, limit, after }),

  entries: async (
    { partition }: RecipientList,
    limit: number,
    within: DivisionCode,
    to: string | undefined,
  ): Promise<Bite<RecipientEntry>> => {
    const page = await database.query<RecipientEntry & Key>(table, {
      index: 'byPlace',
      partition,
      newestFirst: true,
      limit,
      from: within,
      to: to ?? `${within}~`,
    });
    return { items: page.items, more: page.after !== undefined };
  },
  /** All of a list, from below an entry on. */
  entriesBelow: async ({ partition }: RecipientList, limit: number, below: string | undefined): Promise<Bite<RecipientEntry>> => {
    const to = below === undefined ? {} : { to: justBelow(below) };
    const page = await database.query<RecipientEntry & Key>(table, { index: 'byPlace', partition, newestFirst: true, limit, ...to });
    return { items: page.items, more: page.after !== undefined };
  },
  /** Everybody who is registered in a community now, as they are, a page at a time. */
  async *recipientsIn(community: DivisionCode): AsyncGenerator<readonly Recipient[]> {
    for (const active of [true, false]) {
      const { partition } = recipientList(community, active);
      let after: Page<Key>['after'];
      do {
        const page = await database.query<Key>(table, {
          index: 'byPlace',
          partition,
          from: community,
          to: `${community}~`,
          limit: PAGE,
          after,
        });
        yield await database.readMany<Recipient & Key>(
          table,
          page.items.map(({ pk, sk }) => ({ pk, sk })),
        );
        after = page.after;
      } while (after !== undefined);
    }
  },

  /** One that is there stays as it is. */
  putsAlerted: (place: AlertedPlace): Write => ({
    table,
    put: alertedItem(place),
    condition: { kind: 'absent' },
  }),
  /** One that is not there need not go. */
  removesAlerted: (place: Pick<AlertedPlace, 'division' | 'alert'>): Write => ({
    table,
    remove: alertedKey(place),
    condition: { kind: 'holds', equal: { alert: place.alert } },
  }),
  /** What lies in a county, or holds for the whole of a city or a province. */
  alertedIn: async (place: DivisionCode): Promise<readonly NotedPlace[]> => {
    const found: (NotedPlace & Key)[] = [];
    let after: Page<Key>['after'];
    do {
      const page = await database.query<(typeof found)[number]>(table, { partition: alertedPartition(place), after });
      found.push(...page.items);
      after = page.after;
    } while (after !== undefined);
    return found;
  },

  /** Once a day and community. */
  putsReminder: (community: DivisionCode, reminder: Reminder, at: EpochMs, requestId: string): Write => ({
    table,
    put: reminderItem(community, reminder, at, requestId),
    condition: { kind: 'absent' },
  }),

  /** The counties that a run for that moment has behind it, until one has all of them behind it: then whoever runs again begins anew. */
  remindedCounties: async (at: Instant): Promise<ReadonlySet<string>> => {
    const found = new Set<string>();
    let after: Page<Key>['after'];
    do {
      const page = await database.query<Key>(table, { partition: runKey(at, '').pk, consistent: true, only: ['sk'], after });
      for (const { sk } of page.items) found.add(sk);
      after = page.after;
    } while (after !== undefined);
    return found.has(ALL_COUNTIES) ? new Set() : found;
  },
  putsRemindedCounty: (at: Instant, county: DivisionCode | typeof ALL_COUNTIES): Write => ({
    table,
    put: runItem(at, county),
  }),
});
