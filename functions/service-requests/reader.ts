/** What other domains may know of service requests and rectifications: how each stood at any moment, from its event or from the table. */
import type { Database, Key } from '../data/database.ts';
import { justBelow } from '../data/merge.ts';
import type { DivisionCode } from '../kernel/division.ts';
import { derivedFrom, newNumberedId } from '../kernel/id.ts';
import { rewind, type Dated, type TrailStep } from '../kernel/trail.ts';
import type { EpochMs, Instant } from '../kernel/time.ts';
import { PHASES, type CountedRating, type RequestMarks } from './marks.ts';
import type { Rectification, RectificationMarks } from './rectification.ts';
import { isOverdue } from './service-request.ts';
import { ratedRounds, rectifiedWork, type RatedRound, type RectifiedWork } from './work.ts';
import { communityList, mediaClaimKey, requestKey, serviceRequestRepository, type Kind } from './repository.ts';
import type { Round, ServiceRequest } from './service-request.ts';
import { serviceRequestsTable } from './table.ts';

/** What the event of a request carries, and its item holds, for the figures. */
export type RequestImage = Pick<
  ServiceRequest,
  | 'id'
  | 'version'
  | 'visibility'
  | 'community'
  | 'status'
  | 'requestedAt'
  | 'respondBy'
  | 'respondedAt'
  | 'resolveBy'
  | 'resolvedAt'
  | 'paused'
> & {
  readonly firstResponse?: Pick<Round, 'respondBy' | 'respondedAt'> | undefined;
  readonly trail?: readonly TrailStep[] | undefined;
  readonly ratings?: readonly CountedRating[] | undefined;
};

export interface RequestState extends RequestMarks {
  readonly requestedAt: Instant;
  /** Those that count, given by then. */
  readonly ratings: readonly CountedRating[];
}

/** How a request stood from each of its changes on, oldest first. */
export const requestLife = (image: RequestImage): readonly Dated<RequestState>[] => {
  const { requestedAt, trail = [], ratings = [] } = image;
  const { respondBy, respondedAt } = image.firstResponse ?? image;
  const now: RequestMarks = {
    community: image.community,
    phase: PHASES[image.status],
    respondBy,
    respondedAt,
    resolveBy: image.resolveBy,
    resolvedAt: image.resolvedAt,
    pausedAt: image.paused?.at,
  };
  const marks = rewind(now, trail, requestedAt);
  const moments = [...new Set([...marks.map(({ at }) => at), ...ratings.map(({ at }) => at)])].toSorted();
  return moments.map((at) => ({
    at,
    state: {
      ...(marks.findLast((each) => each.at <= at)?.state ?? now),
      requestedAt,
      ratings: ratings.filter((rating) => rating.at <= at),
    },
  }));
};

export type RectificationImage = Pick<
  Rectification,
  'id' | 'version' | 'request' | 'community' | 'confidential' | 'status' | 'openedAt' | 'callBackBy' | 'fixBy'
> &
  RectificationMarks & { readonly trail?: readonly TrailStep[] | undefined };

export interface RectificationState extends RectificationMarks {
  readonly community: DivisionCode;
  readonly callBackBy: Instant;
}

/** The same of a rectification. One whose rating was struck has never been due. */
export const rectificationLife = (image: RectificationImage): readonly Dated<RectificationState>[] => {
  const { community, callBackBy, status, openedAt, fixBy, calledBackAt, fixedAt, trail = [] } = image;
  if (status === 'struck') return [];
  // Marked hard when it was late already, it has been due once, and is not due again.
  let due: Instant | undefined;
  return rewind({ community, callBackBy, fixBy, calledBackAt, fixedAt }, trail, openedAt).map(({ at, state }) => {
    due = due !== undefined && due < at ? due : state.fixBy;
    return { at, state: { ...state, fixBy: due } };
  });
};

const PAGE = 100;

/** Everything that a community has of one kind, a page at a time. */
async function* itemsOf<T extends Key>(database: Database, kind: Kind, community: DivisionCode): AsyncGenerator<readonly T[]> {
  const { index, partition } = communityList(kind, community);
  let after: Record<string, unknown> | undefined;
  do {
    const page = await database.query<Key>(serviceRequestsTable, { index, partition, limit: PAGE, after });
    yield await database.readMany<T>(serviceRequestsTable, page.items);
    after = page.after;
  } while (after !== undefined);
}

export const requestImages = (database: Database, community: DivisionCode): AsyncGenerator<readonly (RequestImage & Key)[]> =>
  itemsOf(database, 'REQUESTS', community);

export const rectificationImages = (database: Database, community: DivisionCode): AsyncGenerator<readonly (RectificationImage & Key)[]> =>
  itemsOf(database, 'RECTIFICATIONS', community);

/** Two requests draw one number less than once in ten thousand million. */
const DRAWS = 8;

/** What is known here of the request that has the number of an id: who only asks this takes none of its rules along. */
const holderOf = (database: Database, id: string): Promise<(Key & { readonly id: string; readonly requester?: string }) | undefined> =>
  database.read(serviceRequestsTable, requestKey(id));

/** The id of a request that is yet to be opened for something: it follows from that alone, and its number is nobody else's. */
export const freeRequestId = async (database: Database, source: string): Promise<string> => {
  for (let draw = 1; draw <= DRAWS; draw++) {
    const id = newNumberedId(derivedFrom('request', source, draw));
    const holder = await holderOf(database, id);
    if (holder === undefined || holder.id === id) return id;
  }
  throw new Error('every number that was drawn is taken');
};

/** The `sub` of whoever a request is of; undefined where a worker wrote it down for somebody without one. */
export const requesterOf = async (database: Database, id: string): Promise<string | undefined> => (await holderOf(database, id))?.requester;

/** The request that a picture belongs to, as its claim says now. */
export const mediaClaim = async (database: Database, media: string): Promise<string | undefined> =>
  (await database.read<Key & { readonly request: string }>(serviceRequestsTable, mediaClaimKey(media)))?.request;

/** The rounds of a request, as it is now, that have been resolved. */
export const ratedRoundsOf = async (database: Database, id: string): Promise<readonly RatedRound[]> => {
  const request = await serviceRequestRepository(database).read(id);
  return request === undefined ? [] : ratedRounds(request);
};

/** A rectification of a provider's work, as it is now; undefined where it is of somebody else's. */
export const rectifiedWorkOf = async (database: Database, id: string): Promise<RectifiedWork | undefined> => {
  const repository = serviceRequestRepository(database);
  const rectification = await repository.readRectification(id);
  if (rectification?.assigned?.kind !== 'provider') return undefined;
  return rectifiedWork(rectification, await repository.read(rectification.request));
};

/** A request that a provider has open. */
export interface OpenWorkState {
  readonly service: string;
  readonly community: DivisionCode;
  /** Its community's dispatchers see it: of confidential ones, until one of them has accepted it. */
  readonly seenByDesk: boolean;
  readonly status: ServiceRequest['status'];
  readonly overdue: boolean;
}

/** What a provider has open, the newest first, so many at a time. */
export async function* openWorkOf(
  database: Database,
  provider: string,
  now: EpochMs,
  limit = PAGE,
): AsyncGenerator<readonly OpenWorkState[]> {
  const repository = serviceRequestRepository(database);
  for (let to: string | undefined, more = true; more;) {
    const page = await repository.openWork(provider, limit, to);
    yield page.items.flatMap(({ request }) =>
      request === undefined
        ? []
        : [
            {
              service: request.service,
              community: request.community,
              seenByDesk: request.visibility !== 'confidential' || request.acceptedBy === undefined,
              status: request.status,
              overdue: isOverdue(request, now),
            },
          ],
    );
    const last = page.items.at(-1);
    more = page.more && last !== undefined;
    to = last === undefined ? undefined : justBelow(last.sortKey);
  }
}
