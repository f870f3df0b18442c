/** Service requests, their comments and rectifications in DynamoDB. */
import type { ConditionFailed, Database, Key, Write } from '../data/database.ts';
import type { Bite } from '../data/merge.ts';
import { ancestorOf, type DivisionCode } from '../kernel/division.ts';
import type { Result } from '../kernel/result.ts';
import { toInstant, type EpochMs, type Instant } from '../kernel/time.ts';
import { rectificationMarks, type Rectification } from './rectification.ts';
import { countedRatings, firstResponse } from './marks.ts';
import { isAssignedTo, isOpen, nextDue, type Assignee, type Comment, type ServiceRequest } from './service-request.ts';
import { serviceRequestsTable } from './table.ts';

/** A county could take 2,000 new requests a second. */
const COUNTY_SHARDS = 2;
export const DUE_SHARDS = 16;
const NUMBER_LENGTH = 8;
/** Code points of a description that a list shows: with them an index entry stays below 1 KB. */
const EXCERPT_LENGTH = 60;
const META = 'REQUEST';

export type Kind = 'REQUESTS' | 'RECTIFICATIONS';

/** The first words of a description. */
export interface Excerpt {
  readonly text: string;
  /** The description goes on. */
  readonly cut?: true | undefined;
}

/** What an index entry holds of a request. */
export type RequestEntry = Pick<
  ServiceRequest,
  | 'service'
  | 'community'
  | 'status'
  | 'visibility'
  | 'priority'
  | 'address'
  | 'location'
  | 'changedAt'
  | 'respondBy'
  | 'respondedAt'
  | 'resolveBy'
  | 'resolvedAt'
  | 'closedAt'
  | 'estimated'
  | 'assignee'
  | 'escalatedTo'
  | 'paused'
  | 'acceptedBy'
> &
  Key & { readonly excerpt?: Excerpt | undefined; readonly sortKey: string; readonly requester?: string };

export type RectificationEntry = Key & { readonly rectification: Rectification; readonly sortKey: string };

type StoredRequest = ServiceRequest & Key & { readonly sortKey: string };

/** A stable spread over `shards` that needs no counter. */
const shardOf = (text: string, shards: number): number => {
  let hash = 0;
  for (let index = 0; index < text.length; index++) hash = (hash * 31 + text.charCodeAt(index)) >>> 0;
  return hash % shards;
};

const requestPartition = (id: string): string => `REQUEST#${id.slice(0, NUMBER_LENGTH)}`;
export const requestKey = (id: string): Key => ({ pk: requestPartition(id), sk: META });
const rectificationKey = (id: string): Key => ({ pk: `RECTIFICATION#${id}`, sk: 'RECTIFICATION' });

export const mediaClaimKey = (media: string): Key => ({ pk: `MEDIA#${media}`, sk: 'CLAIM' });

/** Where a thing of a community is listed. `sortKey` is unique, so that pages of several lists merge without gaps. */
const listed = (kind: Kind, community: DivisionCode, at: Instant, id: string) => ({
  communityKey: `${kind}#${community}`,
  countyKey: `${kind}#${ancestorOf(community, 'county')}#${shardOf(community, COUNTY_SHARDS)}`,
  sortKey: `${at}#${id}`,
});

export const assigneeKey = ({ kind, id }: Assignee): string => `${kind}#${id}`;

/** When something that is listed began, and its id: the two halves of its sort key. */
export const listedAs = (sortKey: string): { at: string; id: string } => {
  const [at = '', id = ''] = sortKey.split('#');
  return { at, id };
};

/** The first `most` characters of what a list may show of it: of a confidential request, none. */
export const excerptOf = ({ visibility, description }: ServiceRequest, most = Number.POSITIVE_INFINITY): Excerpt | undefined => {
  if (visibility === 'confidential') return undefined;
  const characters = Array.from(description);
  return characters.length <= most ? { text: description } : { text: characters.slice(0, most).join(''), cut: true };
};

/** What most requests hold, and so none stores: a request of usual length keeps below the next kilobyte. */
const USUAL = {
  pausedWorkingMs: 0,
  escalation: { respond: 0, resolve: 0 },
  rounds: [],
  trail: [],
  comments: 0,
} as const satisfies Partial<ServiceRequest>;

/** A request as it was put: with what is usual. */
const restored = <T extends StoredRequest>(item: T | undefined): T | undefined => (item === undefined ? undefined : { ...USUAL, ...item });

const requestItem = (request: ServiceRequest, requestId: string) => {
  const due = nextDue(request);
  const { pausedWorkingMs, escalation, rounds, trail, comments } = request;
  const ratings = countedRatings(request);
  return {
    ...request,
    pausedWorkingMs: pausedWorkingMs === 0 ? undefined : pausedWorkingMs,
    escalation: escalation.respond + escalation.resolve === 0 ? undefined : escalation,
    rounds: rounds.length === 0 ? undefined : rounds,
    trail: trail.length === 0 ? undefined : trail,
    comments: comments === 0 ? undefined : comments,
    ...requestKey(request.id),
    ...listed('REQUESTS', request.community, request.requestedAt, request.id),
    excerpt: excerptOf(request, EXCERPT_LENGTH),
    requestId,
    firstResponse: rounds.length === 0 ? undefined : firstResponse(request),
    ratings: ratings.length === 0 ? undefined : ratings,
    assigneeKey: request.assignee === undefined ? undefined : assigneeKey(request.assignee),
    workKey: isOpen(request) && request.assignee?.kind === 'provider' ? request.assignee.id : undefined,
    dueKey: due === undefined ? undefined : `DUE#${shardOf(request.id, DUE_SHARDS)}`,
    due: due === undefined ? undefined : toInstant(due.at),
  };
};

/** A place among what a provider has open. */
export interface OpenWork {
  readonly sortKey: string;
  /** Undefined where it is open no longer, or somebody else's, by now. */
  readonly request: StoredRequest | undefined;
}

/** The list of one partition, an index and its key. */
export interface ListSource {
  readonly index: 'byCommunity' | 'byCounty' | 'byRequester' | 'byAssignee';
  readonly partition: string;
}

export const communityList = (kind: Kind, community: DivisionCode): ListSource => ({
  index: 'byCommunity',
  partition: `${kind}#${community}`,
});
export const countyLists = (kind: Kind, county: DivisionCode): readonly ListSource[] =>
  Array.from({ length: COUNTY_SHARDS }, (_, shard) => ({ index: 'byCounty', partition: `${kind}#${county}#${shard}` }));

/** What a page costs grows with what is put into it, so a source's first bite is its share of the page and a little more. */

export const serviceRequestRepository = (database: Database) => {
  const own = (request: StoredRequest | undefined, id: string): StoredRequest | undefined =>
    request?.id === id ? restored(request) : undefined;
  return {
    /** A request and its comments, as its readers see it: one query; where it is not found yet, once more consistently. */
    async find(id: string): Promise<{ request: StoredRequest; comments: readonly Comment[] } | undefined> {
      for (const consistent of [false, true]) {
        const items: (Key & object)[] = [];
        let after: Record<string, unknown> | undefined;
        do {
          const page = await database.query<Key & object>(serviceRequestsTable, { partition: requestPartition(id), consistent, after });
          items.push(...page.items);
          after = page.after;
        } while (after !== undefined);
        const request = own(
          items.find((item): item is StoredRequest => item.sk === META),
          id,
        );
        if (request !== undefined) return { request, comments: items.filter((item): item is Comment & Key => item.sk !== META) };
      }
      return undefined;
    },

    /** A request as it is now. */
    read: async (id: string): Promise<StoredRequest | undefined> =>
      own(await database.read<StoredRequest>(serviceRequestsTable, requestKey(id)), id),

    comments: async (id: string): Promise<readonly Comment[]> =>
      (
        await database.query<Comment & Key>(serviceRequestsTable, {
          partition: requestPartition(id),
          from: 'COMMENT#',
          to: 'COMMENT$',
          consistent: true,
        })
      ).items,

    /** The request of a number (its 8 characters, checked). */
    findByNumber: async (number: string): Promise<StoredRequest | undefined> =>
      restored(await database.find<StoredRequest>(serviceRequestsTable, requestKey(number))),

    /** Requests of these ids as they are now, in the order of the ids, without those that are not there. */
    async readMany(ids: readonly string[], consistent = true): Promise<readonly StoredRequest[]> {
      const found = await database.readMany<StoredRequest>(serviceRequestsTable, ids.map(requestKey), consistent);
      const byId = new Map(found.map((each) => [each.id, { ...USUAL, ...each }]));
      return ids.flatMap((id) => byId.get(id) ?? []);
    },

    /** A client's requests that have changed since a moment, the longest unchanged first, so many at a time. */
    async *changedSince(client: string, since: Instant, limit: number): AsyncGenerator<readonly StoredRequest[]> {
      let after: Record<string, unknown> | undefined;
      do {
        const page = await database.query<Key>(serviceRequestsTable, { index: 'byClient', partition: client, from: since, limit, after });
        const found = await database.readMany<StoredRequest>(serviceRequestsTable, page.items);
        yield found.map((each) => ({ ...USUAL, ...each }));
        after = page.after;
      } while (after !== undefined);
    },

    /** Whatever request has that number, as it is now. */
    readByNumber: async (number: string): Promise<StoredRequest | undefined> =>
      restored(await database.read<StoredRequest>(serviceRequestsTable, requestKey(number))),

    makes: (request: ServiceRequest, requestId: string): Write => ({
      table: serviceRequestsTable,
      put: requestItem(request, requestId),
      condition: { kind: 'absent' },
    }),
    /** Holds a transaction to a request's being what it was. */
    stands: (id: string, version: number): Write => ({
      table: serviceRequestsTable,
      check: requestKey(id),
      condition: { kind: 'version', version },
    }),
    changes: (request: ServiceRequest, before: number, requestId: string): Write => ({
      table: serviceRequestsTable,
      put: requestItem(request, requestId),
      condition: { kind: 'version', version: before },
    }),
    /** A picture belongs to one request, and to the first that says so. */
    claimsMedia: (request: Pick<ServiceRequest, 'id' | 'media'>): readonly Write[] =>
      (request.media ?? []).map((media) => ({
        table: serviceRequestsTable,
        put: { ...mediaClaimKey(media), request: request.id },
        condition: { kind: 'absent' },
      })),
    addsComment: (request: ServiceRequest, comment: Comment): Write => ({
      table: serviceRequestsTable,
      put: { pk: requestPartition(request.id), sk: `COMMENT#${comment.at}#${comment.id}`, ...comment },
    }),

    readRectification: async (id: string): Promise<Rectification | undefined> =>
      (await database.read<RectificationEntry>(serviceRequestsTable, rectificationKey(id)))?.rectification,
    findRectification: async (id: string): Promise<Rectification | undefined> =>
      (await database.find<RectificationEntry>(serviceRequestsTable, rectificationKey(id)))?.rectification,
    putsRectification: (rectification: Rectification, before: number | undefined, requestId: string): Write => {
      const { calledBackAt, fixedAt } = rectificationMarks(rectification);
      const item = {
        ...rectification,
        calledBackAt,
        fixedAt,
        rectification,
        ...rectificationKey(rectification.id),
        ...listed('RECTIFICATIONS', rectification.community, rectification.openedAt, rectification.id),
        requestId,
      };
      return {
        table: serviceRequestsTable,
        put: item,
        condition: before === undefined ? { kind: 'absent' } : { kind: 'version', version: before },
      };
    },

    write: (writes: readonly Write[]): Promise<Result<void, ConditionFailed>> => database.write(writes),

    /** Entries of one list, newest first, within bounds of the sort key. */
    async entries<T extends Key>(source: ListSource, limit: number, from: string | undefined, to: string | undefined): Promise<Bite<T>> {
      const page = await database.query<T>(serviceRequestsTable, {
        index: source.index,
        partition: source.partition,
        newestFirst: true,
        limit,
        ...(from === undefined ? {} : { from }),
        ...(to === undefined ? {} : { to }),
      });
      return { items: page.items, more: page.after !== undefined };
    },

    /** Partition keys of requests in a shard that are due, earliest first. */
    async due(shard: number, until: EpochMs, limit: number): Promise<readonly string[]> {
      const page = await database.query<Key>(serviceRequestsTable, {
        index: 'byDue',
        partition: `DUE#${shard}`,
        to: toInstant(until),
        limit,
      });
      return page.items.map((each) => each.pk);
    },

    /** A part of what a provider has open, newest first, as it is now. */
    async openWork(provider: string, limit: number, to: string | undefined): Promise<Bite<OpenWork>> {
      const page = await database.query<Key & { readonly sortKey: string }>(serviceRequestsTable, {
        index: 'byOpenWork',
        partition: provider,
        newestFirst: true,
        limit,
        ...(to === undefined ? {} : { to }),
      });
      const found = await database.readMany<StoredRequest>(serviceRequestsTable, page.items);
      const theirs = new Map(found.filter((each) => isOpen(each) && isAssignedTo(each, provider)).map((each) => [each.pk, each]));
      return {
        items: page.items.map(({ pk, sortKey }) => ({ sortKey, request: restored(theirs.get(pk)) })),
        more: page.after !== undefined,
      };
    },

    /** Requests as they are now, in no order. */
    readListed: async (keys: readonly Key[]): Promise<readonly StoredRequest[]> =>
      (await database.readMany<StoredRequest>(serviceRequestsTable, keys)).flatMap((each) => restored(each) ?? []),

    readByPartition: async (pk: string): Promise<StoredRequest | undefined> =>
      restored(await database.read<StoredRequest>(serviceRequestsTable, { pk, sk: META })),
  };
};

export type ServiceRequestRepository = ReturnType<typeof serviceRequestRepository>;
