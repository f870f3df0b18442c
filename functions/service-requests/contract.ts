/** What clients see of service requests, ratings and rectifications. */
import * as z from 'zod/mini';
import { importBody, importResult } from '../http/import.ts';
import { mediaSchema } from '../http/media.ts';
import { channel, contact, forSomebody, MAX_ADDRESS, onBehalfOf } from '../http/on-behalf.ts';
import { operation, type Schema } from '../http/operation.ts';
import {
  code,
  communityCode,
  divisionCode,
  flag,
  id,
  line,
  moment,
  momentOrDay,
  page,
  paging,
  position,
  positionInput,
  prose,
  named,
  stored,
  cell,
  instant,
  decimalCell,
} from '../http/schema.ts';
import type { Uses } from '../data/table.ts';
import type { ProblemCode } from '../http/problem.ts';
import type { Role } from '../http/principal.ts';
import {
  ACTIONS,
  ASSIGNEE_KINDS,
  CALLBACK_OUTCOMES,
  PRIORITIES,
  RECTIFICATION_STATUSES,
  RULINGS,
  STATUSES,
  VISIBILITIES,
} from './names.ts';

const MAX_DESCRIPTION = 2000;
const MAX_NOTE = 1000;
export const MAX_ATTRIBUTE = 2000;

/** 5 very satisfied 非常满意 … 1 very dissatisfied 非常不满意. */
const level = z.int().check(z.gte(1), z.lte(5));
const dimensions = z.strictObject({ efficiency: z.optional(level), quality: z.optional(level), attitude: z.optional(level) });
const assignee = named('Assignee', z.strictObject({ kind: z.enum(ASSIGNEE_KINDS), id: line(255) }));
const attributeValue = z.union([
  z.string().check(z.normalize('NFC'), z.maxLength(MAX_ATTRIBUTE)),
  stored(9),
  z.array(z.string().check(z.maxLength(100))).check(z.maxLength(200)),
]);

const ratingView = named(
  'Rating',
  z.object({
    level,
    dimensions: z.optional(dimensions),
    tags: z.optional(z.array(z.string())),
    comment: z.optional(z.string()),
    channel,
    at: instant,
    /** False once a review has struck it: it no longer counts, and stays on record. */
    counts: z.boolean(),
  }),
);

const historyEntry = named(
  'HistoryEntry',
  z.object({
    at: instant,
    action: z.string(),
    status: z.enum(STATUSES),
    round: z.int(),
    by: z.optional(z.string()),
    note: z.optional(z.string()),
    /** Whom it was assigned to. */
    to: z.optional(assignee),
    /** The division that it went or was raised to. */
    division: z.optional(divisionCode),
    onBehalfOf: z.optional(onBehalfOf),
    channel: z.optional(channel),
  }),
);

const comment = named(
  'Comment',
  z.object({
    id,
    at: instant,
    by: z.string(),
    text: z.string(),
    internal: z.boolean(),
    /** Its pictures; links end after a quarter of an hour. */
    media: z.optional(z.array(mediaSchema)),
    onBehalfOf: z.optional(onBehalfOf),
    channel: z.optional(channel),
  }),
);

const roundView = named(
  'Round',
  z.object({
    round: z.int(),
    respondBy: instant,
    respondedAt: z.optional(instant),
    resolveBy: instant,
    resolvedAt: z.optional(instant),
    closedAt: z.optional(instant),
    resolution: z.optional(z.string()),
    rating: z.optional(ratingView),
  }),
);

/** What everybody sees of a public request. */
const publicFields = {
  id,
  number: z.string(),
  service: code,
  community: communityCode,
  status: z.enum(STATUSES),
  description: z.string(),
  address: z.optional(z.string()),
  location: z.optional(position),
  requestedAt: instant,
  updatedAt: instant,
  respondBy: instant,
  respondedAt: z.optional(instant),
  resolveBy: instant,
  resolvedAt: z.optional(instant),
  closedAt: z.optional(instant),
  /** A deadline lies beyond the last published year of the working-day calendar. */
  estimated: z.boolean(),
};

/** What an Open311 client said of its user, and what it calls things. */
const external = named(
  'External',
  z.object({
    ...z.partial(
      z.object({
        firstName: z.string(),
        lastName: z.string(),
        email: z.string(),
        phone: z.string(),
        deviceId: z.string(),
        accountId: z.string(),
        addressId: z.string(),
      }),
    ).shape,
    /** Pictures that it keeps itself. */
    mediaUrls: z.optional(z.array(z.string())),
    /** Attributes that the service does not ask for. */
    attributes: z.optional(z.record(z.string(), z.array(z.string()))),
  }),
);
const MOST_MEDIA = 10;
/** Pictures that the caller has uploaded: POST /v1/media. Each is attached once. */
const mediaInput = z.array(id).check(z.maxLength(MOST_MEDIA));

/** What the requester, the assignee and staff see of it in lists as well. */
const innerFields = {
  visibility: z.enum(VISIBILITIES),
  priority: z.enum(PRIORITIES),
  /** Late by one of its clocks at this moment. */
  overdue: z.boolean(),
};

const requestSchema = named(
  'ServiceRequest',
  z.object({
    ...publicFields,
    /** Its pictures; links end after a quarter of an hour. */
    media: z.optional(z.array(mediaSchema)),
    history: z.array(historyEntry),
    /** What this caller may do now. */
    actions: z.array(z.enum(ACTIONS)),
    // What follows is for the requester, the assignee and staff.
    ...z.partial(z.object(innerFields)).shape,
    serviceVersion: z.optional(z.int()),
    round: z.optional(z.int()),
    channel: z.optional(channel),
    requester: z.optional(z.string()),
    recordedBy: z.optional(z.string()),
    onBehalfOf: z.optional(onBehalfOf),
    contact: z.optional(contact),
    attributes: z.optional(z.record(z.string(), attributeValue)),
    acceptedBy: z.optional(z.string()),
    handledBy: z.optional(divisionCode),
    assignee: z.optional(assignee),
    escalatedTo: z.optional(divisionCode),
    duplicateOf: z.optional(id),
    resolution: z.optional(z.string()),
    paused: z.optional(z.object({ at: instant, endsAt: instant })),
    extension: z.optional(
      z.object({
        resolveBy: instant,
        reason: z.string(),
        askedAt: instant,
        decision: z.enum(['pending', 'granted', 'refused']),
        decisionReason: z.optional(z.string()),
      }),
    ),
    rating: z.optional(ratingView),
    rounds: z.optional(z.array(roundView)),
    comments: z.optional(z.array(comment)),
    /** The Open311 client that sent it in, and what it said of its user: for staff. */
    client: z.optional(id),
    external: z.optional(external),
  }),
);
export type RequestView = z.input<typeof requestSchema>;

/** A request in a list: no private field, and of a confidential one no words at all. */
const requestSummary = named(
  'ServiceRequestSummary',
  z.object({
    ...publicFields,
    ...innerFields,
    description: z.optional(z.string()),
    /** The description goes on: read the request. */
    descriptionCut: z.optional(z.boolean()),
    assignee: z.optional(assignee),
    escalatedTo: z.optional(divisionCode),
  }),
);
export type RequestSummary = z.input<typeof requestSummary>;

const createInput = named(
  'ServiceRequestInput',
  z.strictObject({
    service: code,
    community: communityCode,
    description: prose(MAX_DESCRIPTION),
    attributes: z.optional(z.record(code, attributeValue)),
    location: z.optional(positionInput),
    address: z.optional(line(MAX_ADDRESS)),
    contact: z.optional(contact),
    channel,
    onBehalfOf: z.optional(onBehalfOf),
    confidential: z.optional(z.boolean()),
    media: z.optional(mediaInput),
  }),
);
export type CreateInput = z.output<typeof createInput>;

const params = z.object({ id });
const example = { params: { id: '00000000000000000000000ZZ' } };

/** What it takes to show a request: links to its pictures. */
const SHOWING = { uses: { media: 'read' }, objects: { 'media/': 'link' } } as const;

export const createRequest = operation({
  id: 'createRequest',
  method: 'POST',
  path: '/v1/requests',
  summary: 'Asks for help or reports something, oneself or for somebody',
  description: 'Only a worker or dispatcher of the community may use the channels phone, counter and proxy, or `onBehalfOf`.',
  access: 'signedIn',
  body: createInput,
  responses: { 201: requestSchema },
  problems: ['forbidden', 'invalid'],
  uses: { serviceRequests: 'write', catalogue: 'read', divisions: 'read', audit: 'append', ...SHOWING.uses },
  objects: SHOWING.objects,
  examples: {
    body: {
      service: 'streetLamp',
      community: '510104017001',
      description: '小区门口路灯不亮，老人晚上出门看不清路',
      channel: 'app',
      address: '东大街 1 号',
      contact: { name: '张三', phone: '13800000000' },
    },
  },
});

export const readRequest = operation({
  id: 'readRequest',
  method: 'GET',
  path: '/v1/requests/{id}',
  summary: 'A request, as far as the caller may see it',
  access: 'optional',
  params,
  responses: { 200: requestSchema },
  problems: ['notFound'],
  uses: { serviceRequests: 'read', providers: 'read', audit: 'append', ...SHOWING.uses },
  objects: SHOWING.objects,
  examples: example,
});

const STAFF: readonly Role[] = ['worker', 'dispatcher'];

export const listRequests = operation({
  id: 'listRequests',
  method: 'GET',
  path: '/v1/requests',
  summary: 'Requests of a division, newest first',
  description: 'Without `division`, those of the caller’s own. `from` is included, a moment `to` is not, a day `to` is, whole.',
  access: 'signedIn',
  roles: ['worker', 'dispatcher'],
  query: z.strictObject({
    division: z.optional(divisionCode),
    status: z.optional(z.enum(STATUSES)),
    service: z.optional(code),
    from: z.optional(momentOrDay),
    to: z.optional(momentOrDay),
    assignee: z.optional(line(255)),
    overdue: z.optional(flag),
    number: z.optional(line(20)),
    ...paging,
  }),
  responses: { 200: page(requestSummary) },
  problems: ['forbidden', 'cursorInvalid'],
  uses: { serviceRequests: 'read', divisions: 'read', providers: 'read' },
  examples: { query: { division: '510104' } },
});

export const listMyRequests = operation({
  id: 'listMyRequests',
  method: 'GET',
  path: '/v1/me/requests',
  summary: 'My own requests, newest first',
  access: 'signedIn',
  query: z.strictObject(paging),
  responses: { 200: page(requestSummary) },
  problems: ['cursorInvalid'],
  uses: { serviceRequests: 'read' },
});

export const listMyWork = operation({
  id: 'listMyWork',
  method: 'GET',
  path: '/v1/me/work',
  summary: 'Requests that are assigned to me, newest first',
  access: 'signedIn',
  query: z.strictObject({ status: z.optional(z.enum(STATUSES)), ...paging }),
  responses: { 200: page(requestSummary) },
  problems: ['cursorInvalid'],
  uses: { serviceRequests: 'read', providers: 'read' },
});

export const listProviderWork = operation({
  id: 'listProviderWork',
  method: 'GET',
  path: '/v1/providers/{id}/work',
  summary: 'What a provider has open in the dispatcher’s division, newest first: to be given to others where it may work no longer',
  access: 'signedIn',
  roles: ['dispatcher'],
  params: z.object({ id }),
  query: z.strictObject(paging),
  responses: { 200: page(requestSummary) },
  problems: ['notFound', 'cursorInvalid'],
  uses: { serviceRequests: 'read', providers: 'read' },
  examples: { params: { id: '00000000000000000000000ZZ' } },
});

/** Every action on one request has the same form; only its name, who may and its body differ. */
const action = <const N extends string, const B extends Schema, const R extends readonly Role[] | undefined = undefined>(
  name: N,
  summary: string,
  body: B,
  more: { roles?: R; example: unknown; problems?: readonly ProblemCode[]; uses?: Uses },
) =>
  operation({
    id: `${name}Request`,
    method: 'POST',
    path: `/v1/requests/{id}/${name}`,
    summary,
    access: 'signedIn',
    ...(more.roles === undefined ? {} : { roles: more.roles }),
    params,
    body,
    responses: { 200: requestSchema },
    problems: ['forbidden', 'notFound', 'wrongState', 'preconditionFailed', 'conflict', ...(more.problems ?? [])],
    ifMatch: true,
    // A confidential request is read as it is changed, and that is written down.
    uses: { serviceRequests: 'write', catalogue: 'read', providers: 'read', audit: 'append', ...SHOWING.uses, ...more.uses },
    objects: SHOWING.objects,
    examples: { ...example, body: more.example },
  });

const reason = line(MAX_NOTE);
const nothing = z.strictObject({});

const acceptInput = z.strictObject({ service: z.optional(code), priority: z.optional(z.enum(PRIORITIES)) });
const reasonInput = z.strictObject({ reason });
const cancelInput = z.strictObject({ reason: z.optional(reason), ...forSomebody });
const reopenInput = z.strictObject({ reason, ...forSomebody });
const duplicateInput = z.strictObject({ of: id });
const transferInput = z.strictObject({ community: communityCode, reason });
const assignInput = z.strictObject({ to: assignee });
const resolveInput = z.strictObject({ resolution: prose(MAX_DESCRIPTION) });
const extendInput = z.strictObject({ resolveBy: moment, reason, decision: z.optional(z.enum(['granted', 'refused'])) });
const commentInput = z.strictObject({
  text: prose(MAX_DESCRIPTION),
  internal: z.optional(z.boolean()),
  media: z.optional(mediaInput),
  ...forSomebody,
});
const ratingInput = z.strictObject({
  level,
  dimensions: z.optional(dimensions),
  tags: z.optional(z.array(line(30)).check(z.maxLength(10))),
  comment: z.optional(prose(MAX_NOTE)),
  ...forSomebody,
});

export const acceptRequest = action(
  'accept',
  'Takes it on, perhaps as another service or with another priority: the first response',
  acceptInput,
  { roles: STAFF, example: { priority: 'high' } },
);
export const rejectRequest = action('reject', 'Turns it down with a reason, before it is resolved', reasonInput, {
  roles: ['dispatcher'],
  example: { reason: '不属于社区职责，请拨打 12345' },
});
export const cancelRequest = action('cancel', 'The requester no longer wants it, before work has started', cancelInput, {
  example: { reason: '已经自行解决' },
});
export const duplicateRequest = action('duplicate', 'The same thing has been reported before', duplicateInput, {
  roles: ['dispatcher'],
  example: { of: '00000000000000000000000ZX' },
});
export const transferRequest = action(
  'transfer',
  'Another community’s matter; a dispatcher of either place hands it over, and the clocks go on',
  transferInput,
  {
    roles: ['dispatcher'],
    example: { community: '510104018001', reason: '地址属于该社区' },
    uses: { divisions: 'read' },
  },
);
export const assignRequest = action('assign', 'Gives it to a worker, an admitted provider or a volunteer; again to reassign', assignInput, {
  roles: ['dispatcher'],
  problems: ['invalid'],
  example: { to: { kind: 'worker', id: 'worker-1' } },
});
export const startRequest = action('start', 'The assignee begins', nothing, { example: {} });
export const resolveRequest = action('resolve', 'The assignee is done', resolveInput, { example: { resolution: '已更换灯泡' } });
export const extendRequest = action(
  'extend',
  'The assignee asks for more time, once a round; a dispatcher who is not the assignee grants it, with this or another moment, or refuses',
  extendInput,
  {
    example: { resolveBy: '2027-01-10T18:00:00+08:00', reason: '配件需要订货' },
  },
);
export const pauseRequest = action('pause', 'Waiting for the resident stops the clock, for at most 10 working days a round', reasonInput, {
  example: { reason: '住户外出，等待预约' },
});
export const resumeRequest = action('resume', 'The clock goes on', nothing, { example: {} });
export const closeRequest = action('close', 'A dispatcher closes what is resolved', nothing, { roles: ['dispatcher'], example: {} });
export const reopenRequest = action(
  'reopen',
  'It is not solved after all: the requester within 15 days of resolve, or a dispatcher; new clocks',
  reopenInput,
  { example: { reason: '灯又坏了' } },
);
export const commentRequest = operation({
  ...action('comments', 'A comment, by anybody who may read the whole request; internal ones are for staff', commentInput, {
    example: { text: '请问什么时候来修？' },
  }),
  id: 'commentRequest',
  limit: { per: 'caller', count: 60, window: 600 },
  problems: ['forbidden', 'notFound', 'wrongState', 'preconditionFailed', 'conflict', 'tooManyRequests'],
});
export const rateRequest = operation({
  ...action(
    'rating',
    'Good or bad (好差评), once a round, within 30 days of resolve; a worker who was not the assignee may take it by phone',
    ratingInput,
    {
      example: { level: 5, dimensions: { efficiency: 5, quality: 5, attitude: 5 }, tags: ['响应快'], comment: '师傅很耐心' },
    },
  ),
  id: 'rateRequest',
});

const rectificationSchema = named(
  'Rectification',
  z.object({
    id,
    request: id,
    community: communityCode,
    /** The accepting dispatcher's or worker's division. */
    handledBy: divisionCode,
    level,
    status: z.enum(RECTIFICATION_STATUSES),
    openedAt: instant,
    callBackBy: instant,
    fixBy: instant,
    hard: z.boolean(),
    estimated: z.boolean(),
    callback: z.optional(z.object({ outcome: z.enum(CALLBACK_OUTCOMES), note: z.string(), by: z.string(), at: instant })),
    fix: z.optional(z.object({ measure: z.string(), by: z.string(), at: instant })),
    appeal: z.optional(z.object({ reason: z.string(), by: z.string(), at: instant })),
    review: z.optional(z.object({ ruling: z.enum(RULINGS), reason: z.string(), by: z.string(), at: instant })),
    /** What this caller may do now. */
    actions: z.array(z.enum(['callback', 'fix', 'appeal', 'review'])),
  }),
);
export type RectificationView = z.input<typeof rectificationSchema>;

export const listRectifications = operation({
  id: 'listRectifications',
  method: 'GET',
  path: '/v1/rectifications',
  summary: 'Rectifications (差评整改) of a division, newest first',
  access: 'signedIn',
  roles: ['worker', 'dispatcher'],
  query: z.strictObject({ division: z.optional(divisionCode), status: z.optional(z.enum(RECTIFICATION_STATUSES)), ...paging }),
  responses: { 200: page(rectificationSchema) },
  problems: ['forbidden', 'cursorInvalid'],
  uses: { serviceRequests: 'read', divisions: 'read' },
  examples: { query: { division: '510104' } },
});

export const readRectification = operation({
  id: 'readRectification',
  method: 'GET',
  path: '/v1/rectifications/{id}',
  summary: 'A rectification',
  access: 'signedIn',
  roles: ['worker', 'dispatcher'],
  params,
  responses: { 200: rectificationSchema },
  problems: ['notFound'],
  uses: { serviceRequests: 'read', audit: 'append' },
  examples: example,
});

const rectify = <const N extends string, const B extends Schema>(
  name: N,
  summary: string,
  body: B,
  roles: readonly Role[],
  bodyExample: unknown,
) =>
  operation({
    id: `${name}Rectification`,
    method: 'POST',
    path: `/v1/rectifications/{id}/${name}`,
    summary,
    access: 'signedIn',
    roles,
    params,
    body,
    responses: { 200: rectificationSchema },
    problems: ['forbidden', 'notFound', 'wrongState', 'preconditionFailed', 'conflict'],
    ifMatch: true,
    uses: { serviceRequests: 'write', catalogue: 'read', audit: 'append' },
    examples: { ...example, body: bodyExample },
  });

const callbackInput = z.strictObject({ outcome: z.enum(CALLBACK_OUTCOMES), note: line(MAX_NOTE), hard: z.optional(z.boolean()) });
const fixInput = z.strictObject({ measure: prose(MAX_DESCRIPTION) });
const appealInput = z.strictObject({ reason });
const reviewInput = z.strictObject({ ruling: z.enum(RULINGS), reason });

export const callbackRectification = rectify('callback', 'Staff who did not do the work call the resident back', callbackInput, STAFF, {
  outcome: 'confirmed',
  note: '居民反映维修不彻底',
});
export const fixRectification = rectify('fix', 'What was done about it', fixInput, STAFF, { measure: '已重新维修并致歉' });
export const appealRectification = rectify(
  'appeal',
  'Staff of the division that handled it hold the rating to be wrong',
  appealInput,
  STAFF,
  { reason: '误评，居民已确认满意' },
);
export const reviewRectification = rectify('review', 'A dispatcher of a division above rules on the appeal', reviewInput, ['dispatcher'], {
  ruling: 'struck',
  reason: '回访确认误评',
});

const OPEN311_MOMENT = line(40);
const MAX_CELL = 4000;
const bulkCell = z.optional(cell(MAX_CELL));

export const importRequests = operation({
  id: 'importRequests',
  method: 'POST',
  path: '/v1/imports/requests',
  summary: 'Takes in a chunk of requests from before, in Open311 bulk columns plus community; the same again changes nothing',
  access: 'signedIn',
  roles: ['admin'],
  inSteps: true,
  body: importBody,
  responses: { 200: importResult },
  uses: { serviceRequests: 'write', catalogue: 'read', divisions: 'read' },
  examples: {
    body: {
      rows: [
        {
          line: 2,
          service_request_id: '63594352',
          requested_datetime: '2025-01-01T07:52:00+08:00',
          service_name: '路灯不亮',
          description: '路灯不亮',
          community: '510104017001',
        },
      ],
    },
  },
});

/** Open311's bulk columns (http://wiki.open311.org/GeoReport_v2/bulk/), plus the community. */
export const bulkRow = z.strictObject({
  service_request_id: line(100),
  requested_datetime: OPEN311_MOMENT,
  updated_datetime: z.optional(OPEN311_MOMENT),
  closed_date: z.optional(OPEN311_MOMENT),
  status_description: bulkCell,
  status_notes: bulkCell,
  source: bulkCell,
  service_name: line(200),
  service_subtype: bulkCell,
  description: z.optional(prose(4000)),
  agency_responsible: bulkCell,
  address: bulkCell,
  lat: z.optional(decimalCell),
  long: z.optional(decimalCell),
  community: communityCode,
});
export type BulkRow = z.output<typeof bulkRow>;

export const serviceRequestOperations = {
  createRequest,
  readRequest,
  listRequests,
  listMyRequests,
  listMyWork,
  listProviderWork,
  acceptRequest,
  rejectRequest,
  cancelRequest,
  duplicateRequest,
  transferRequest,
  assignRequest,
  startRequest,
  resolveRequest,
  extendRequest,
  pauseRequest,
  resumeRequest,
  closeRequest,
  reopenRequest,
  commentRequest,
  rateRequest,
  listRectifications,
  readRectification,
  callbackRectification,
  fixRectification,
  appealRectification,
  reviewRectification,
  importRequests,
};
