/** Alerts by place: of at most three lists, whatever there has been. */
import type { Call, Run } from '../http/call.ts';
import { nextOf, positionOf } from '../http/page.ts';
import { hasRoleFor } from '../http/principal.ts';
import { limitOf } from '../http/schema.ts';
import type { Database } from '../data/database.ts';
import { justBelow, merge, type Bite, type Merged } from '../data/merge.ts';
import { concernedBy, type DivisionCode } from '../kernel/division.ts';
import { err, ok } from '../kernel/result.ts';
import { toInstant, type EpochMs } from '../kernel/time.ts';
import { isActive, type Alert } from './alert.ts';
import { listsFor } from '../kernel/listings.ts';
import type { listAlerts } from './contract.ts';
import { alertRepository, type Entry } from './repository.ts';
import { summaryView } from './view.ts';

const MOST_READ = 200;
/** Of a page, in UTF-8, and one alert more: what a function may answer with is 6 MB, and a message of another system has up to 390 KB. */
const PAGE_BYTES = 2_000_000;

interface Line extends Entry {
  /** Undefined where it does not concern the place. */
  readonly alert: Alert | undefined;
}

/** The alerts of entries, each as it is; those alone that concern the place. */
const linesOf = async (database: Database, place: DivisionCode | undefined, { items, more }: Bite<Entry>): Promise<Bite<Line>> => {
  const concerning = items.filter(({ cover }) => place === undefined || cover === undefined || concernedBy(cover)(place));
  const alerts = await alertRepository(database).readMany(concerning.map(({ id }) => id));
  const concerned = new Set(concerning.map(({ id }) => id));
  return { items: items.map((entry) => ({ ...entry, alert: concerned.has(entry.id) ? alerts.get(entry.id) : undefined })), more };
};

/** One page of these lists: what an alert covers has no part within another, so it is in one of them at most. */
const pageOf = (
  sources: readonly string[],
  read: (list: string, limit: number, to: string | undefined) => Promise<Bite<Line>>,
  fits: (alert: Alert) => boolean,
  limit: number,
  to: string | undefined,
): Promise<Merged<Line>> =>
  merge<string, Line>({
    sources,
    read,
    keyOf: ({ position }) => position,
    fits: ({ alert }) => alert !== undefined && fits(alert),
    limit,
    mostRead: MOST_READ,
    to: to === undefined ? undefined : justBelow(to),
  });

/** The page as far as it may be long: the next goes on from there. */
const cut = ({ items, after }: Merged<Line>): Merged<Line> => {
  let bytes = 0;
  const end = items.findIndex(({ alert }) => {
    const { cover: _cover, aim: _aim, references: _references, ...shown } = alert ?? {};
    bytes += Buffer.byteLength(JSON.stringify(shown));
    return bytes > PAGE_BYTES;
  });
  const last = items[end];
  return last === undefined || end === items.length - 1 ? { items, after } : { items: items.slice(0, end + 1), after: last.position };
};

const alertsOf = ({ items }: Merged<Line>): readonly Alert[] => items.map(({ alert }) => alert).filter((alert) => alert !== undefined);

const newestPage = (
  database: Database,
  place: DivisionCode | undefined,
  limit: number,
  to: string | undefined,
  fits: (alert: Alert) => boolean = () => true,
): Promise<Merged<Line>> => {
  const read = async (list: string, size: number, until: string | undefined): Promise<Bite<Line>> =>
    linesOf(database, place, await alertRepository(database).newest(list, size, until));
  return pageOf(listsFor(place), read, fits, limit, to);
};

/** The newest alerts at, above or within a place. */
export const newestAlerts = async (database: Database, place: DivisionCode | undefined, limit: number): Promise<readonly Alert[]> =>
  alertsOf(await newestPage(database, place, limit, undefined));

/** Those that are active, the ones that last longest first. */
const activePage = (database: Database, place: DivisionCode | undefined, limit: number, to: string | undefined, now: EpochMs) => {
  const read = async (list: string, size: number, until: string | undefined): Promise<Bite<Line>> =>
    linesOf(database, place, await alertRepository(database).lasting(list, toInstant(now), size, until));
  return pageOf(listsFor(place), read, (alert) => isActive(alert, now), limit, to);
};

/** Those of an officer's division that wait, newest first. */
const waitingPage = (database: Database, division: DivisionCode, limit: number, to: string | undefined, now: EpochMs) => {
  const read = async (_: string, size: number, until: string | undefined): Promise<Bite<Line>> =>
    linesOf(database, undefined, await alertRepository(database).waiting(division, size, until));
  const isWaiting = ({ state, expires }: Alert): boolean => state === 'pending' && expires > toInstant(now);
  return pageOf([division], read, isWaiting, limit, to);
};

const found = (call: Call<typeof listAlerts>, division: DivisionCode | undefined, to: string | undefined): Promise<Merged<Line>> => {
  const { runtime, query, now } = call;
  const limit = limitOf(query.limit);
  if (query.state === 'pending' && division !== undefined) return waitingPage(runtime.database, division, limit, to, now);
  if (query.active === 'true') return activePage(runtime.database, division, limit, to, now);
  return newestPage(runtime.database, division, limit, to, query.active === 'false' ? (alert) => !isActive(alert, now) : undefined);
};

const newestFirst = (alerts: readonly Alert[]): readonly Alert[] =>
  alerts.toSorted((one, other) => ((one.issuedAt ?? '') < (other.issuedAt ?? '') ? 1 : -1));

export const list: Run<typeof listAlerts> = async (call) => {
  const { caller, query, now } = call;
  const isPending = query.state === 'pending';
  const division = query.division ?? (isPending ? caller?.division : undefined);
  if (isPending && (division === undefined || !hasRoleFor(caller, 'alertOfficer', division))) return err({ code: 'forbidden' });
  const position = positionOf<string>(call, query.cursor);
  if (!position.ok) return position;
  const page = cut(await found(call, division, position.value));
  const alerts = query.active === 'true' && !isPending ? newestFirst(alertsOf(page)) : alertsOf(page);
  return ok({ status: 200, body: { items: alerts.map((alert) => summaryView(alert, now)), next: nextOf(call, page.after) } });
};
