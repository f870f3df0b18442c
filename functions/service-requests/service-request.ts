/** A service request: what it holds, who sees it, and when it needs to be looked at. Pure: knows no HTTP and no DynamoDB. */
import type { Principal } from '../http/principal.ts';
import { actingFor, hasRoleFor, isStaffOf } from '../http/principal.ts';
import type { Channel } from '../kernel/channel.ts';
import { ancestorOf, type DivisionCode, type Level } from '../kernel/division.ts';
import { deadlineAfter, pauseEnds, type TimeUnit } from '../kernel/deadline.ts';
import type { Represented } from '../kernel/represented.ts';
import type { Position } from '../kernel/position.ts';
import type { TrailStep } from '../kernel/trail.ts';
import { DAY, fromInstant, plus, toInstant, type EpochMs, type Instant } from '../kernel/time.ts';
import type { BulkRow } from './contract.ts';
import type { ACTIONS, ASSIGNEE_KINDS, PRIORITIES, STATUSES, VISIBILITIES } from './names.ts';

export type Status = (typeof STATUSES)[number];
export type Priority = (typeof PRIORITIES)[number];
export type Visibility = (typeof VISIBILITIES)[number];
export type ActionName = (typeof ACTIONS)[number];

export interface Assignee {
  readonly kind: (typeof ASSIGNEE_KINDS)[number];
  /** A worker's or volunteer's `sub`; a provider's id. */
  readonly id: string;
}

export interface HistoryEntry {
  readonly at: Instant;
  readonly action: ActionName | 'submit' | 'escalate';
  readonly status: Status;
  readonly round: number;
  readonly by?: string | undefined;
  readonly note?: string | undefined;
  readonly to?: Assignee | undefined;
  readonly division?: DivisionCode | undefined;
  /** For whom a worker acted, and how that person asked. */
  readonly onBehalfOf?: Represented | undefined;
  readonly channel?: Channel | undefined;
}

export interface Rating {
  readonly level: number;
  readonly dimensions?:
    | { readonly efficiency?: number | undefined; readonly quality?: number | undefined; readonly attitude?: number | undefined }
    | undefined;
  readonly tags?: string[] | undefined;
  readonly comment?: string | undefined;
  readonly channel: Channel;
  readonly at: Instant;
  readonly by: string;
  readonly counts: boolean;
}

export interface Extension {
  readonly resolveBy: Instant;
  readonly reason: string;
  readonly askedAt: Instant;
  readonly decision: 'pending' | 'granted' | 'refused';
  readonly decisionReason?: string | undefined;
}

/** A round that a reopening ended. */
export interface Round {
  readonly round: number;
  readonly respondBy: Instant;
  readonly respondedAt?: Instant | undefined;
  readonly resolveBy: Instant;
  readonly resolvedAt?: Instant | undefined;
  readonly closedAt?: Instant | undefined;
  readonly resolution?: string | undefined;
  readonly rating?: Rating | undefined;
}

/** What an Open311 client said of its user, and what it calls things: none of it is public. */
export interface External {
  readonly firstName?: string | undefined;
  readonly lastName?: string | undefined;
  readonly email?: string | undefined;
  readonly phone?: string | undefined;
  readonly deviceId?: string | undefined;
  readonly accountId?: string | undefined;
  readonly addressId?: string | undefined;
  /** Pictures that it keeps itself. */
  readonly mediaUrls?: string[] | undefined;
  /** Attributes that the service does not ask for. */
  readonly attributes?: Readonly<Record<string, string[]>> | undefined;
}

export interface Comment {
  readonly id: string;
  readonly at: Instant;
  readonly by: string;
  readonly text: string;
  readonly internal: boolean;
  /** Ids of pictures. */
  readonly media?: readonly string[] | undefined;
  /** For whom a worker wrote it down, and how that person asked. */
  readonly onBehalfOf?: Represented | undefined;
  readonly channel?: Channel | undefined;
}

/** How far each clock's lateness has been raised: steps made, of at most three (street, county, city). */
export interface Escalation {
  readonly respond: number;
  readonly resolve: number;
  /** The step made last: which clock, and to whom. */
  readonly latest?: { readonly clock: EscalatedClock; readonly division: DivisionCode } | undefined;
}
export type EscalatedClock = 'respond' | 'resolve';

export interface ServiceRequest {
  readonly id: string;
  readonly version: number;
  readonly change: string;
  readonly service: string;
  readonly serviceVersion: number;
  readonly community: DivisionCode;
  readonly visibility: Visibility;
  readonly status: Status;
  readonly priority: Priority;
  readonly channel: Channel;
  readonly description: string;
  readonly address?: string | undefined;
  readonly location?: Position | undefined;
  readonly attributes?: Readonly<Record<string, string | number | string[]>> | undefined;
  readonly contact?: { readonly name?: string | undefined; readonly phone?: string | undefined } | undefined;
  readonly onBehalfOf?: Represented | undefined;
  /** Ids of pictures. */
  readonly media?: readonly string[] | undefined;
  /** Those of them that came with it, in a form. */
  readonly received?: readonly string[] | undefined;
  /** Those of a comment, where that was its last change: they are kept with the comment, and told of here. */
  readonly commentMedia?: readonly string[] | undefined;
  /** The resident's `sub`; absent where a worker wrote it down for somebody without one. */
  readonly requester?: string | undefined;
  /** Who wrote it down, where that was not the requester. */
  readonly recordedBy?: string | undefined;
  readonly requestedAt: Instant;
  readonly changedAt: Instant;
  readonly round: number;
  readonly respondBy: Instant;
  readonly respondedAt?: Instant | undefined;
  readonly resolveBy: Instant;
  readonly resolvedAt?: Instant | undefined;
  readonly closedAt?: Instant | undefined;
  readonly estimated: boolean;
  /** Waiting for the resident since `at`, at the longest until `endsAt`; why is in the history. */
  readonly paused?: { readonly at: Instant; readonly endsAt: Instant } | undefined;
  /** Working time spent in pauses of this round, milliseconds. */
  readonly pausedWorkingMs: number;
  readonly extension?: Extension | undefined;
  readonly acceptedBy?: string | undefined;
  readonly handledBy?: DivisionCode | undefined;
  readonly assignee?: Assignee | undefined;
  /** The `sub` of whoever owns the provider that it is given to: its work is not rated by them. */
  readonly assigneeOwner?: string | undefined;
  readonly escalation: Escalation;
  readonly escalatedTo?: DivisionCode | undefined;
  readonly duplicateOf?: string | undefined;
  readonly resolution?: string | undefined;
  readonly rating?: Rating | undefined;
  readonly rounds: readonly Round[];
  readonly history: readonly HistoryEntry[];
  /** How its marks (marks.ts) came to be what they are. */
  readonly trail: readonly TrailStep[];
  /** How many comments there are; they are kept beside it. */
  readonly comments: number;
  /** The id of the Open311 client that sent it in. */
  readonly client?: string | undefined;
  readonly external?: External | undefined;
  /** The line that it was imported from: imported history sends no notice and does not escalate. */
  readonly imported?: BulkRow | undefined;
  readonly importHash?: string | undefined;
}

export const OPEN_STATUSES: readonly Status[] = ['submitted', 'accepted', 'assigned', 'inProgress'];

export const isOpen = (request: Pick<ServiceRequest, 'status'>): boolean => OPEN_STATUSES.includes(request.status);

/** Waiting for the resident stops the clock for at most 10 working days a round. */
const PAUSE_ALLOWANCE = { amount: 10, unit: 'workingDays' as TimeUnit };
const CLOSE_AFTER_MS = 7 * DAY;
export const REOPEN_WITHIN_MS = 15 * DAY;
export const RATE_WITHIN_MS = 30 * DAY;
export const MAX_COMMENTS = 100;
/** In all comments of a request: they are shown with it, and a link is longer than most comments. */
export const MAX_COMMENT_MEDIA = 100;
export const MAX_ROUNDS = 10;
/** What makes a history longer and is not needed to end it stops here: an item has 400 KB. */
export const MAX_HISTORY = 80;

/** Which levels lateness is raised to, a working day apart: the first at the deadline itself. */
const ESCALATION_LEVELS: readonly Level[] = ['street', 'county', 'city'];

/** Late by one of its clocks at that moment. While it waits for the resident it does not become late; what was late before stays so. */
export const isOverdue = (
  request: Pick<ServiceRequest, 'status' | 'respondedAt' | 'respondBy' | 'resolveBy' | 'paused'>,
  now: EpochMs,
): boolean =>
  isOpen(request) &&
  ((request.respondedAt === undefined && now > fromInstant(request.respondBy)) ||
    (request.paused === undefined ? now : fromInstant(request.paused.at)) > fromInstant(request.resolveBy));

export type Due =
  | { readonly at: EpochMs; readonly what: 'escalate'; readonly clock: EscalatedClock }
  | { readonly at: EpochMs; readonly what: 'close' | 'endPause' };

const stepAt = (deadline: Instant, step: number): EpochMs =>
  step === 0 ? fromInstant(deadline) : deadlineAfter(fromInstant(deadline), { amount: step, unit: 'workingDays' }).at;

/** What `requestClocks` has to do next on this request, and when; undefined where time alone changes nothing. */
export const nextDue = (request: ServiceRequest): Due | undefined => {
  if (request.status === 'resolved' && request.resolvedAt !== undefined)
    return { at: plus(fromInstant(request.resolvedAt), CLOSE_AFTER_MS), what: 'close' };
  if (!isOpen(request)) return undefined;
  const steps: Due[] = [];
  const { respond, resolve } = request.escalation;
  const { paused } = request;
  // Imported history does not escalate; what is opened again here is history no longer.
  const escalates = request.imported === undefined || request.round > 1;
  if (escalates && request.respondedAt === undefined && respond < ESCALATION_LEVELS.length)
    steps.push({ at: stepAt(request.respondBy, respond), what: 'escalate', clock: 'respond' });
  // Waiting for the resident stops the clock; what was late by then goes on being late.
  if (escalates && resolve < ESCALATION_LEVELS.length && (paused === undefined || paused.at > request.resolveBy))
    steps.push({ at: stepAt(request.resolveBy, resolve), what: 'escalate', clock: 'resolve' });
  if (paused !== undefined) steps.push({ at: fromInstant(paused.endsAt), what: 'endPause' });
  return steps.toSorted((a, b) => a.at - b.at)[0];
};

/** When a pause that begins now ends by itself. */
export const pauseEndsAt = (request: ServiceRequest, now: EpochMs): Instant =>
  toInstant(pauseEnds(now, request.pausedWorkingMs, PAUSE_ALLOWANCE).at);

/** The division that lateness is raised to at that step. */
export const escalationTarget = (request: ServiceRequest, step: number): DivisionCode =>
  ancestorOf(request.community, ESCALATION_LEVELS[step] ?? 'city');

/** Who sees work that was given to their provider, and may do none of it; who does not even see it any more. */
type Bar = 'suspended' | 'removed';

/** Who calls, as the register of providers has it now. */
export interface Caller extends Principal {
  /** Why the provider that the claim names may not do some work; undefined where it may. */
  readonly barredFrom?: ((work: Pick<ServiceRequest, 'service' | 'community'>) => Bar | undefined) | undefined;
}

/** What a caller is to a request. */
export interface Relation {
  readonly requester: boolean;
  readonly assignee: boolean;
  /** It is given to a provider of theirs that may do no work now. */
  readonly barred: Bar | undefined;
  readonly worker: boolean;
  readonly dispatcher: boolean;
}

/** Whether it is that provider's work. */
export const isAssignedTo = ({ assignee }: Pick<ServiceRequest, 'assignee'>, provider: string): boolean =>
  assignee?.kind === 'provider' && assignee.id === provider;

/** Whether that provider is somebody's own: they act for it, or it is theirs. */
export const isOwnWork = (
  { assignee, assigneeOwner }: Pick<ServiceRequest, 'assignee' | 'assigneeOwner'>,
  { sub, provider }: Partial<Pick<Principal, 'sub' | 'provider'>>,
): boolean => assignee?.kind === 'provider' && (provider === assignee.id || (sub !== undefined && sub === assigneeOwner));

export const isAssignee = (assignee: Assignee | undefined, caller: Principal | undefined): boolean => {
  if (assignee === undefined || caller === undefined) return false;
  switch (assignee.kind) {
    case 'worker':
      return caller.roles.has('worker') && caller.sub === assignee.id;
    case 'volunteer':
      return caller.sub === assignee.id;
    case 'provider':
      return actingFor(caller) === assignee.id;
  }
};

export const relationOf = (
  request: Pick<ServiceRequest, 'requester' | 'assignee' | 'service' | 'community'>,
  caller: Caller | undefined,
): Relation => ({
  requester: caller !== undefined && caller.sub === request.requester,
  assignee: isAssignee(request.assignee, caller),
  barred: request.assignee?.kind === 'provider' && isAssignee(request.assignee, caller) ? caller?.barredFrom?.(request) : undefined,
  worker: hasRoleFor(caller, 'worker', request.community),
  dispatcher: hasRoleFor(caller, 'dispatcher', request.community),
});

const STRICTNESS: readonly Visibility[] = ['public', 'private', 'confidential'];
/** What was written under a promise keeps it: another service may make a request more private, never less. */
export const stricter = (a: Visibility, b: Visibility): Visibility => (STRICTNESS.indexOf(a) > STRICTNESS.indexOf(b) ? a : b);

/** How much of a request a caller sees; `nothing` must look as if it did not exist. */
export type Sight = 'whole' | 'public' | 'nothing';

/**
 * A confidential request is for its requester, its assignee and the dispatcher who accepted it; before acceptance for the dispatchers of its
 * community. Others: requester, assignee and staff see the whole, everybody the public part of a public one. A suspended provider goes on
 * seeing what it was given, to hand it over; a removed one does not.
 */
export const sightOf = (
  request: Pick<ServiceRequest, 'requester' | 'assignee' | 'service' | 'community' | 'visibility' | 'acceptedBy'>,
  caller: Caller | undefined,
): Sight => {
  const relation = relationOf(request, caller);
  if (relation.requester || (relation.assignee && relation.barred !== 'removed')) return 'whole';
  if (request.visibility === 'confidential') {
    const theirs = request.acceptedBy === undefined ? relation.dispatcher : relation.dispatcher && caller?.sub === request.acceptedBy;
    return theirs ? 'whole' : 'nothing';
  }
  if (isStaffOf(caller, request.community)) return 'whole';
  return request.visibility === 'public' ? 'public' : 'nothing';
};
