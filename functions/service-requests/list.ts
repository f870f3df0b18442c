/** Lists of requests and rectifications: of a division, of a resident, of who does the work. */
import type { Call, Run, SignedInCall } from '../http/call.ts';
import { nextOf, positionOf } from '../http/page.ts';
import { actingFor, divisionAsked, hasRoleFor } from '../http/principal.ts';
import { wrongField } from '../http/problem.ts';
import { limitOf } from '../http/schema.ts';
import type { DivisionsReader } from '../divisions/reader.ts';
import { covers, levelOf, type DivisionCode } from '../kernel/division.ts';
import { parseNumber } from '../kernel/id.ts';
import { err, ok } from '../kernel/result.ts';
import { addDays, parseInstant, startOfDay, toInstant, type Day, type EpochMs } from '../kernel/time.ts';
import type { listMyRequests, listMyWork, listProviderWork, listRectifications, listRequests } from './contract.ts';
import { dependencies, registered } from './dependencies.ts';
import { justBelow, merge } from '../data/merge.ts';
import {
  assigneeKey,
  communityList,
  countyLists,
  excerptOf,
  type ListSource,
  type OpenWork,
  type RectificationEntry,
  type RequestEntry,
  type ServiceRequestRepository,
} from './repository.ts';
import { seesRectification } from './rectification.ts';
import { isOverdue, relationOf, sightOf, type Caller } from './service-request.ts';
import { rectificationLine, summaryView } from './view.ts';

const MOST_READ = 200;

/** A day's first moment, or that moment. */
const momentOf = (text: string, wholeDay: boolean): EpochMs | undefined =>
  text.length === 10 ? startOfDay(wholeDay ? addDays(text as Day, 1) : (text as Day)) : parseInstant(text);

/** The lists in which everything of a division stands: its communities' below a county, its counties' from there on. */
export const sourcesOf = async (
  kind: 'REQUESTS' | 'RECTIFICATIONS',
  division: DivisionCode,
  divisions: DivisionsReader,
): Promise<readonly ListSource[]> => {
  switch (levelOf(division)) {
    case 'community':
      return [communityList(kind, division)];
    case 'street':
      return (await divisions.within(division, 'community')).map((each) => communityList(kind, each));
    case 'county':
    case 'city':
    case 'province':
      return (await divisions.within(division, 'county')).flatMap((each) => countyLists(kind, each));
  }
};

interface PageOf<T> {
  readonly sources: readonly ListSource[];
  readonly fits: (entry: T) => boolean;
  readonly from?: string | undefined;
  readonly to?: string | undefined;
}

const pageOf = async <T extends RequestEntry | RectificationEntry>(
  call: Call,
  limit: number,
  cursor: string | undefined,
  { sources, fits, from, to }: PageOf<T>,
) => {
  const position = positionOf<string>(call, cursor);
  if (!position.ok) return position;
  const { requests } = dependencies(call.runtime);
  const page = await merge<ListSource, T>({
    sources,
    read: (source, size, until) => requests.entries<T>(source, size, from, until),
    keyOf: (entry) => entry.sortKey,
    fits,
    limit,
    mostRead: MOST_READ,
    to: position.value === undefined ? to : justBelow(position.value),
  });
  return ok({ items: page.items, next: nextOf(call, page.after) });
};

/** Requests of a division, newest first. Of confidential ones, only those whose dispatcher the caller is. */
export const list: Run<typeof listRequests> = async (asked) => {
  const call = await registered(asked);
  const { runtime, caller, query, now } = call;
  const division = divisionAsked(caller, query.division);
  if (division === undefined) return err({ code: 'forbidden' });
  const from = query.from === undefined ? undefined : momentOf(query.from, false);
  const to = query.to === undefined ? undefined : momentOf(query.to, true);
  if (from !== undefined && to !== undefined && from >= to)
    return err(wrongField('to', { 'zh-CN': '应晚于 from', en: 'must be later than from' }));
  const { requests, divisions } = dependencies(runtime);

  const fits = (entry: RequestEntry): boolean =>
    sightOf(entry, caller) === 'whole' &&
    (query.status === undefined || entry.status === query.status) &&
    (query.service === undefined || entry.service === query.service) &&
    (query.assignee === undefined || entry.assignee?.id === query.assignee) &&
    (query.overdue === undefined || isOverdue(entry, now) === (query.overdue === 'true'));

  if (query.number !== undefined) {
    const number = parseNumber(query.number);
    if (number === undefined)
      return err(
        wrongField('number', {
          'zh-CN': '号码有误，请核对 8 位编号和校验位',
          en: 'is mistyped: check its 8 characters and the check sign',
        }),
      );
    const found = await requests.findByNumber(number);
    const shown =
      found !== undefined &&
      covers(division, found.community) &&
      fits(found) &&
      (from === undefined || found.requestedAt >= toInstant(from)) &&
      (to === undefined || found.requestedAt < toInstant(to));
    return ok({
      status: 200,
      body: { items: shown ? [summaryView({ ...found, excerpt: excerptOf(found) }, now)] : [], next: null },
    });
  }

  const page = await pageOf<RequestEntry>(call, limitOf(query.limit), query.cursor, {
    sources: await sourcesOf('REQUESTS', division, divisions),
    fits,
    from: from === undefined ? undefined : toInstant(from),
    to: to === undefined ? undefined : justBelow(toInstant(to)),
  });
  return page.ok
    ? ok({ status: 200, body: { items: page.value.items.map((entry) => summaryView(entry, now)), next: page.value.next } })
    : page;
};

/** A caller's own requests, those that a worker wrote down for them among them. */
export const listMine: Run<typeof listMyRequests> = async (call) => {
  const page = await pageOf<RequestEntry>(call, limitOf(call.query.limit), call.query.cursor, {
    sources: [{ index: 'byRequester', partition: call.caller.sub }],
    fits: () => true,
  });
  return page.ok
    ? ok({ status: 200, body: { items: page.value.items.map((entry) => summaryView(entry, call.now)), next: page.value.next } })
    : page;
};

/** As whom somebody may have been given work. */
const workKeys = (caller: Caller): readonly string[] => {
  const provider = actingFor(caller);
  return [
    ...(caller.roles.has('worker') ? [assigneeKey({ kind: 'worker', id: caller.sub })] : []),
    ...(provider === undefined ? [] : [assigneeKey({ kind: 'provider', id: provider })]),
    assigneeKey({ kind: 'volunteer', id: caller.sub }),
  ];
};

export const listWork: Run<typeof listMyWork> = async (asked) => {
  const call = await registered(asked);
  const { caller, query, now } = call;
  const page = await pageOf<RequestEntry>(call, limitOf(query.limit), query.cursor, {
    sources: workKeys(caller).map((partition) => ({ index: 'byAssignee', partition })),
    fits: (entry) => (query.status === undefined || entry.status === query.status) && relationOf(entry, caller).barred !== 'removed',
  });
  return page.ok
    ? ok({ status: 200, body: { items: page.value.items.map((entry) => summaryView(entry, now)), next: page.value.next } })
    : page;
};

/** Whether a provider has any such work open, however much it has. */
const hasOpenWork = async (
  requests: ServiceRequestRepository,
  provider: string,
  isMeant: (work: OpenWork) => boolean,
): Promise<boolean> => {
  for (let to: string | undefined, more = true; more;) {
    const page = await requests.openWork(provider, MOST_READ, to);
    if (page.items.some(isMeant)) return true;
    const last = page.items.at(-1);
    more = page.more && last !== undefined;
    to = last === undefined ? undefined : justBelow(last.sortKey);
  }
  return false;
};

/** What a provider has open in a dispatcher's division, newest first. */
export const listOpenWork: Run<typeof listProviderWork> = async (call) => {
  const { runtime, caller, params, query, now } = call;
  const { requests, providers } = dependencies(runtime);
  const position = positionOf<string>(call, query.cursor);
  if (!position.ok) return position;
  const provider = await providers.read(params.id);
  if (provider === undefined) return err({ code: 'notFound' });
  const isTheirs = ({ request }: OpenWork): boolean =>
    request !== undefined && hasRoleFor(caller, 'dispatcher', request.community) && sightOf(request, caller) === 'whole';
  const page = await merge<string, OpenWork>({
    sources: [params.id],
    read: (provider, limit, to) => requests.openWork(provider, limit, to),
    keyOf: ({ sortKey }) => sortKey,
    fits: isTheirs,
    limit: limitOf(query.limit),
    mostRead: MOST_READ,
    to: position.value === undefined ? undefined : justBelow(position.value),
  });
  // Who sees nothing of it, and none of its work on any page, does not learn that it is there.
  const isThere = page.items.length > 0 || provider.isSeenBy(caller, now) || (await hasOpenWork(requests, params.id, isTheirs));
  if (!isThere) return err({ code: 'notFound' });
  const next = nextOf(call, page.after);
  const items = page.items.flatMap(({ request }) =>
    request === undefined ? [] : [summaryView({ ...request, excerpt: excerptOf(request) }, now)],
  );
  return ok({ status: 200, body: { items, next } });
};

/** Rectifications of a division, newest first. */
export const listRectified: Run<typeof listRectifications> = async (call: SignedInCall<typeof listRectifications>) => {
  const { runtime, caller, query } = call;
  const division = divisionAsked(caller, query.division);
  if (division === undefined) return err({ code: 'forbidden' });
  const page = await pageOf<RectificationEntry>(call, limitOf(query.limit), query.cursor, {
    sources: await sourcesOf('RECTIFICATIONS', division, dependencies(runtime).divisions),
    fits: ({ rectification }) =>
      seesRectification(rectification, caller) && (query.status === undefined || rectification.status === query.status),
  });
  return page.ok
    ? ok({
        status: 200,
        body: { items: page.value.items.map(({ rectification }) => rectificationLine(rectification, caller)), next: page.value.next },
      })
    : page;
};
