import { changeAttributes, table } from '../data/table.ts';
import { idempotencyAttributes } from '../http/idempotency.ts';

const plain = { personal: 'none', keptDays: 'entity' } as const;
const identity = { personal: 'identity', keptDays: 'entity' } as const;
const contact = { personal: 'contact', keptDays: 'entity' } as const;
const sensitive = { personal: 'sensitive', keptDays: 'entity' } as const;

/**
 * What a list shows, without reading the request itself; under 1 KB, so that an index entry costs one write unit. `id` and `requestedAt` are
 * in the sort key. DynamoDB projects 20 attributes an index, so all of a rectification is one.
 */
const LISTED = [
  'service',
  'community',
  'status',
  'visibility',
  'priority',
  'excerpt',
  'address',
  'location',
  'changedAt',
  'respondBy',
  'respondedAt',
  'resolveBy',
  'resolvedAt',
  'closedAt',
  'estimated',
  'assignee',
  'escalatedTo',
  'paused',
  'acceptedBy',
  'rectification',
] as const;

/**
 * `REQUEST#<number>` / `REQUEST`: a request with its history; its id begins with its number. `REQUEST#<number>` / `COMMENT#<moment>#<id>`: its
 * comments, read with it in one query. `RECTIFICATION#<id>` / `RECTIFICATION`. `MEDIA#<id>` / `CLAIM`: the request that a picture belongs to.
 */
export const serviceRequestsTable = table({
  name: 'serviceRequests',
  indexes: {
    /** `REQUESTS#<community>` or `RECTIFICATIONS#<community>`, newest last. */
    byCommunity: { partition: 'communityKey', sort: 'sortKey', project: LISTED },
    /** The same per county, in two shards. */
    byCounty: { partition: 'countyKey', sort: 'sortKey', project: LISTED },
    byRequester: { partition: 'requester', sort: 'sortKey', project: LISTED },
    byAssignee: { partition: 'assigneeKey', sort: 'sortKey', project: LISTED },
    /** What providers have open, for who gives it to others. */
    byOpenWork: { partition: 'workKey', sort: 'sortKey', project: 'keys' },
    /** What has become of a client's requests, by the moment of their last change. */
    byClient: { partition: 'client', sort: 'changedAt', project: 'keys' },
    /** What `requestClocks` must look at next, in 16 shards. */
    byDue: { partition: 'dueKey', sort: 'due', project: 'keys' },
  },
  ttl: 'expiresAt',
  attributes: {
    ...idempotencyAttributes,
    ...changeAttributes,
    count: { personal: 'none', keptDays: 1 },
    id: plain,
    service: plain,
    serviceVersion: plain,
    community: plain,
    visibility: plain,
    status: plain,
    priority: plain,
    channel: plain,
    // What people write may say anything about anybody.
    description: sensitive,
    excerpt: sensitive,
    rectification: sensitive,
    request: plain,
    level: plain,
    openedAt: plain,
    callBackBy: plain,
    fixBy: plain,
    hard: plain,
    confidential: plain,
    callback: sensitive,
    fix: sensitive,
    appeal: sensitive,
    review: sensitive,
    assigned: identity,
    address: contact,
    location: contact,
    attributes: sensitive,
    contact,
    onBehalfOf: contact,
    media: plain,
    received: plain,
    commentMedia: plain,
    requester: identity,
    recordedBy: identity,
    requestedAt: plain,
    respondBy: plain,
    respondedAt: plain,
    resolveBy: plain,
    resolvedAt: plain,
    closedAt: plain,
    estimated: plain,
    round: plain,
    paused: plain,
    pausedWorkingMs: plain,
    extension: sensitive,
    acceptedBy: identity,
    handledBy: plain,
    assignee: identity,
    assigneeOwner: identity,
    assignedOwner: identity,
    escalation: plain,
    escalatedTo: plain,
    duplicateOf: plain,
    resolution: sensitive,
    rating: sensitive,
    rounds: sensitive,
    history: sensitive,
    // Dates and places for the figures of a month.
    trail: plain,
    firstResponse: plain,
    // Levels and dates alone, but somebody's opinion.
    ratings: sensitive,
    calledBackAt: plain,
    fixedAt: plain,
    comments: plain,
    client: plain,
    external: contact,
    // Of an Open311 client: its name, its division, and its key as a hash.
    name: plain,
    division: plain,
    hash: plain,
    madeAt: plain,
    revokedAt: plain,
    imported: sensitive,
    importHash: plain,
    communityKey: plain,
    countyKey: plain,
    sortKey: plain,
    assigneeKey: identity,
    workKey: plain,
    dueKey: plain,
    due: plain,
    at: plain,
    by: identity,
    text: sensitive,
    internal: plain,
  },
  entities: [
    { noun: 'serviceRequest', partitionPrefix: 'REQUEST#', sortKey: 'REQUEST', change: 'change', version: 'version' },
    { noun: 'rectification', partitionPrefix: 'RECTIFICATION#', sortKey: 'RECTIFICATION', change: 'change', version: 'version' },
  ],
  personIndex: 'byRequester',
});
