/** A request as each caller may see it. */
import type { Principal } from '../http/principal.ts';
import { isStaffOf } from '../http/principal.ts';
import { numberOf } from '../kernel/id.ts';
import type { EpochMs } from '../kernel/time.ts';
import type { RectificationView, RequestSummary, RequestView } from './contract.ts';
import type { Pictures } from './pictures.ts';
import { openRectificationActions, type Rectification } from './rectification.ts';
import { listedAs, type RequestEntry } from './repository.ts';
import {
  isOverdue,
  type Caller,
  type Comment,
  type External,
  type HistoryEntry,
  type Rating,
  type ServiceRequest,
  type Sight,
} from './service-request.ts';
import { openActions } from './transitions.ts';

const publicPart = (request: ServiceRequest): Omit<RequestView, 'history' | 'actions' | 'media'> => ({
  id: request.id,
  number: numberOf(request.id),
  service: request.service,
  community: request.community,
  status: request.status,
  description: request.description,
  address: request.address,
  location: request.location,
  requestedAt: request.requestedAt,
  updatedAt: request.changedAt,
  respondBy: request.respondBy,
  respondedAt: request.respondedAt,
  resolveBy: request.resolveBy,
  resolvedAt: request.resolvedAt,
  closedAt: request.closedAt,
  estimated: request.estimated,
});

const publicEntry = ({ at, action, status, round }: HistoryEntry): RequestView['history'][number] => ({ at, action, status, round });

/** Who counts ratings one by one could tell what small figures of them are. */
const publicHistory = ({ history }: ServiceRequest): RequestView['history'] =>
  history.filter(({ action }) => action !== 'rating').map(publicEntry);

/** The rater is never named to the rated, nor to anybody but themself. */
const wholeEntry = (entry: HistoryEntry, caller: Principal | undefined): RequestView['history'][number] =>
  entry.action === 'rating' && entry.by !== caller?.sub ? { ...publicEntry(entry), channel: entry.channel } : { ...entry };

const ratingView = (rating: Rating | undefined): RequestView['rating'] => (rating === undefined ? undefined : { ...rating });

const externalView = (external: External | undefined): RequestView['external'] =>
  external === undefined
    ? undefined
    : { ...external, attributes: external.attributes === undefined ? undefined : { ...external.attributes } };

/** The comments that a caller sees: of a request that they see whole; internal ones are for staff. */
export const commentsSeenBy = (
  { community }: Pick<ServiceRequest, 'community'>,
  comments: readonly Comment[],
  sight: Sight,
  caller: Principal | undefined,
): readonly Comment[] => (sight === 'whole' ? comments.filter(({ internal }) => !internal || isStaffOf(caller, community)) : []);

/** Pictures in their order; none where it has none. */
const mediaView = (ids: readonly string[] | undefined, pictures: Pictures | undefined): RequestView['media'] =>
  ids?.flatMap((id) => pictures?.get(id) ?? []);

/** What that caller sees of a request, as far as `sight` goes. */
export const requestView = (
  request: ServiceRequest,
  comments: readonly Comment[],
  sight: Exclude<Sight, 'nothing'>,
  caller: Caller | undefined,
  now: EpochMs,
  pictures: Pictures | undefined,
): RequestView => {
  const media = mediaView(request.media, pictures);
  const actions = openActions(request, caller, now);
  if (sight === 'public') return { ...publicPart(request), media, history: publicHistory(request), actions };
  const staff = isStaffOf(caller, request.community);
  return {
    ...publicPart(request),
    media,
    history: request.history.map((entry) => wholeEntry(entry, caller)),
    actions,
    visibility: request.visibility,
    priority: request.priority,
    overdue: isOverdue(request, now),
    serviceVersion: request.serviceVersion,
    round: request.round,
    channel: request.channel,
    requester: request.requester,
    recordedBy: request.recordedBy,
    onBehalfOf: request.onBehalfOf,
    contact: request.contact,
    attributes: request.attributes === undefined ? undefined : { ...request.attributes },
    acceptedBy: request.acceptedBy,
    handledBy: request.handledBy,
    assignee: request.assignee,
    escalatedTo: request.escalatedTo,
    duplicateOf: request.duplicateOf,
    resolution: request.resolution,
    paused: request.paused,
    extension: request.extension,
    rating: ratingView(request.rating),
    rounds: request.rounds.map((round) => ({ ...round, rating: ratingView(round.rating) })),
    comments: commentsSeenBy(request, comments, sight, caller).map((comment) => ({
      ...comment,
      media: mediaView(comment.media, pictures),
    })),
    client: staff ? request.client : undefined,
    external: staff ? externalView(request.external) : undefined,
  };
};

/** A line of a list; of a confidential request, without its words and its place. */
export const summaryView = (entry: RequestEntry, now: EpochMs): RequestSummary => {
  const { at, id } = listedAs(entry.sortKey);
  const place = entry.visibility === 'confidential' ? undefined : entry;
  return {
    id,
    number: numberOf(id),
    service: entry.service,
    community: entry.community,
    status: entry.status,
    visibility: entry.visibility,
    priority: entry.priority,
    description: entry.excerpt?.text,
    descriptionCut: entry.excerpt?.cut,
    address: place?.address,
    location: place?.location,
    requestedAt: at,
    updatedAt: entry.changedAt,
    respondBy: entry.respondBy,
    respondedAt: entry.respondedAt,
    resolveBy: entry.resolveBy,
    resolvedAt: entry.resolvedAt,
    closedAt: entry.closedAt,
    estimated: entry.estimated,
    overdue: isOverdue(entry, now),
    assignee: entry.assignee,
    escalatedTo: entry.escalatedTo,
  };
};

export const rectificationView = (rectification: Rectification, caller: Principal): RectificationView => ({
  ...rectification,
  actions: openRectificationActions(rectification, caller),
});

/** A line of a list; of a confidential request's, without what anybody wrote: reading it is what is audited. */
export const rectificationLine = (rectification: Rectification, caller: Principal): RectificationView => {
  const view = rectificationView(rectification, caller);
  return rectification.confidential ? { ...view, callback: undefined, fix: undefined, appeal: undefined, review: undefined } : view;
};
