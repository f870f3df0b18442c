/**
 * Every change of a request's state, as a value: who may, from which states, and what it makes of the request. Pure.
 *
 * submitted → accepted → assigned → inProgress → resolved → closed; rejected, cancelled and duplicate end it; reopen leads to accepted.
 */
import { wrongField, type Failure } from '../http/problem.ts';
import { afterPause, deadlineAfter, workingTimeBetween, type TimeLimit } from '../kernel/deadline.ts';
import type { Channel } from '../kernel/channel.ts';
import type { DivisionCode } from '../kernel/division.ts';
import type { Represented } from '../kernel/represented.ts';
import { err, ok, type Result } from '../kernel/result.ts';
import { epochMs, fromInstant, parseInstant, toInstant, type EpochMs, type Instant } from '../kernel/time.ts';
import { trailAfter } from '../kernel/trail.ts';
import { marksOf } from './marks.ts';
import { ACTIONS } from './names.ts';
import {
  escalationTarget,
  isOpen,
  isOwnWork,
  MAX_COMMENTS,
  MAX_HISTORY,
  MAX_ROUNDS,
  OPEN_STATUSES,
  pauseEndsAt,
  RATE_WITHIN_MS,
  relationOf,
  REOPEN_WITHIN_MS,
  sightOf,
  stricter,
  type ActionName,
  type Assignee,
  type Caller,
  type EscalatedClock,
  type HistoryEntry,
  type Priority,
  type Relation,
  type ServiceRequest,
  type Status,
  type Visibility,
} from './service-request.ts';

/** What a service says of the requests made under a version of it. */
export interface Terms {
  readonly code: string;
  readonly version: number;
  readonly visibility: Visibility;
  readonly respondWithin: TimeLimit;
  readonly resolveWithin: TimeLimit;
}

interface ForSomebody {
  readonly onBehalfOf?: Represented | undefined;
  readonly channel?: Channel | undefined;
}

/** What each action is given: its body, with the places and services that it names looked up. */
export interface Inputs {
  readonly accept: { readonly terms?: Terms | undefined; readonly priority?: Priority | undefined };
  readonly reject: { readonly reason: string };
  readonly cancel: { readonly reason?: string | undefined } & ForSomebody;
  readonly duplicate: { readonly of: string; readonly version: number };
  readonly transfer: { readonly community: DivisionCode; readonly reason: string };
  readonly assign: {
    readonly to: Assignee;
    readonly provider?: { readonly id: string; readonly version: number; readonly owner?: string | undefined } | undefined;
  };
  readonly start: object;
  readonly resolve: { readonly resolution: string };
  readonly extend: { readonly resolveBy: string; readonly reason: string; readonly decision?: 'granted' | 'refused' | undefined };
  readonly pause: { readonly reason: string };
  readonly resume: object;
  readonly close: object;
  readonly reopen: { readonly reason: string } & ForSomebody;
  readonly comments: {
    readonly text: string;
    readonly internal?: boolean | undefined;
    readonly media?: readonly string[] | undefined;
  } & ForSomebody;
  readonly rating: {
    readonly level: number;
    readonly dimensions?:
      | { readonly efficiency?: number | undefined; readonly quality?: number | undefined; readonly attitude?: number | undefined }
      | undefined;
    readonly tags?: string[] | undefined;
    readonly comment?: string | undefined;
  } & ForSomebody;
}

export interface Acting {
  readonly caller: Caller;
  readonly now: EpochMs;
  /** The terms that the request was made under: its clocks. */
  readonly terms: Terms;
}

interface Standing {
  readonly relation: Relation;
  readonly caller: Caller;
  readonly now: EpochMs;
}

type Patch = Partial<ServiceRequest> & { readonly entry?: Partial<HistoryEntry> };

interface Transition<Input> {
  readonly from: readonly Status[];
  /** The change's name in events. */
  readonly change: string;
  readonly may: (request: ServiceRequest, standing: Standing, input: Input | undefined) => boolean;
  /** What must hold beside the status. */
  readonly open?: (request: ServiceRequest, standing: Standing) => boolean;
  readonly apply: (request: ServiceRequest, input: Input, acting: Acting & Standing) => Result<Patch, Failure>;
}

const BEFORE_RESOLVE = OPEN_STATUSES;
const BEFORE_START: readonly Status[] = ['submitted', 'accepted', 'assigned'];
const DONE: readonly Status[] = ['resolved', 'closed'];

/** Without an assignee it is the state that is wrong, not the caller, as long as the caller is one of those who work on it. */
const asAssignee = (request: ServiceRequest, { relation }: Standing): boolean =>
  (relation.assignee && relation.barred === undefined) || (request.assignee === undefined && (relation.worker || relation.dispatcher));
const asDispatcher = (_: ServiceRequest, { relation }: Standing): boolean => relation.dispatcher;
/** The requester, or a worker for a resident of their division. Before there is an input, a worker might. */
const asRequester = (_: ServiceRequest, { relation }: Standing, input: ForSomebody | undefined): boolean =>
  relation.requester || (relation.worker && (input === undefined || input.onBehalfOf !== undefined));

const sinceResolve = (request: ServiceRequest, now: EpochMs): number =>
  request.resolvedAt === undefined ? 0 : now - fromInstant(request.resolvedAt);

/** The first response: the first of accept, reject, duplicate and assign in this round. */
const responded = (request: ServiceRequest, now: EpochMs): Patch =>
  request.respondedAt === undefined ? { respondedAt: toInstant(now) } : {};

const acceptedBy = (request: ServiceRequest, { caller }: Standing): Patch =>
  request.acceptedBy === undefined ? { acceptedBy: caller.sub, handledBy: caller.division } : {};

/** The clock goes on: it stood still from the pause's beginning until now, or until the allowance was spent. */
const endPause = (request: ServiceRequest, now: EpochMs, resolveWithin: TimeLimit): Patch => {
  if (request.paused === undefined) return {};
  const pausedAt = fromInstant(request.paused.at);
  const resumedAt = epochMs(Math.min(now, fromInstant(request.paused.endsAt)));
  const deadline = afterPause({
    deadline: { at: fromInstant(request.resolveBy), estimated: request.estimated },
    pausedAt,
    resumedAt,
    unit: resolveWithin.unit,
  });
  return {
    paused: undefined,
    pausedWorkingMs: request.pausedWorkingMs + workingTimeBetween(pausedAt, resumedAt),
    resolveBy: toInstant(deadline.at),
    estimated: deadline.estimated,
  };
};

/** Both clocks, from a moment. */
export const clocksFrom = (
  start: EpochMs,
  terms: Pick<Terms, 'respondWithin' | 'resolveWithin'>,
): { respondBy: Instant; resolveBy: Instant; estimated: boolean } => {
  const respond = deadlineAfter(start, terms.respondWithin);
  const resolve = deadlineAfter(start, terms.resolveWithin);
  return { respondBy: toInstant(respond.at), resolveBy: toInstant(resolve.at), estimated: respond.estimated || resolve.estimated };
};

/** The clock that another service sets; the first response keeps its own. */
const resolveClock = (
  start: EpochMs,
  { respondWithin }: Terms,
  { resolveWithin }: Terms,
): Pick<ServiceRequest, 'resolveBy' | 'estimated'> => {
  const { resolveBy, estimated } = clocksFrom(start, { respondWithin, resolveWithin });
  return { resolveBy, estimated };
};

const openedRoundAt = (request: ServiceRequest): EpochMs =>
  fromInstant(request.history.findLast((entry) => entry.action === 'reopen')?.at ?? request.requestedAt);

const acted = (entry: ForSomebody): Partial<HistoryEntry> => ({ onBehalfOf: entry.onBehalfOf, channel: entry.channel });

const TRANSITIONS: { readonly [N in ActionName]: Transition<Inputs[N]> } = {
  accept: {
    from: ['submitted'],
    change: 'accepted',
    may: (_, { relation }) => relation.dispatcher || relation.worker,
    apply: (request, { terms, priority }, acting) => {
      const visibility = terms === undefined ? request.visibility : stricter(request.visibility, terms.visibility);
      return ok({
        ...responded(request, acting.now),
        ...acceptedBy(request, acting),
        // Only a dispatcher takes a confidential request out of the other dispatchers' sight: behind a worker nobody would see it any more.
        ...(visibility === 'confidential' && !acting.relation.dispatcher ? { acceptedBy: undefined } : {}),
        status: 'accepted',
        visibility,
        ...(priority === undefined ? {} : { priority }),
        ...(terms === undefined
          ? {}
          : {
              service: terms.code,
              serviceVersion: terms.version,
              ...resolveClock(openedRoundAt(request), acting.terms, terms),
            }),
      });
    },
  },
  reject: {
    from: BEFORE_RESOLVE,
    change: 'rejected',
    may: asDispatcher,
    apply: (request, { reason }, { now, terms }) =>
      ok({ ...endPause(request, now, terms.resolveWithin), ...responded(request, now), status: 'rejected', entry: { note: reason } }),
  },
  cancel: {
    from: BEFORE_START,
    change: 'cancelled',
    may: asRequester,
    apply: (_, input) => ok({ status: 'cancelled', entry: { note: input.reason, ...acted(input) } }),
  },
  duplicate: {
    from: BEFORE_RESOLVE,
    change: 'markedDuplicate',
    may: asDispatcher,
    apply: (request, { of }, { now, terms }) =>
      ok({ ...endPause(request, now, terms.resolveWithin), ...responded(request, now), status: 'duplicate', duplicateOf: of }),
  },
  transfer: {
    from: BEFORE_RESOLVE,
    change: 'transferred',
    // The caller's right to the other place was looked at where that place was looked up.
    may: (_, { caller }) => caller.roles.has('dispatcher') && caller.division !== undefined,
    apply: (request, { community, reason }, { now, terms }) =>
      ok({
        ...endPause(request, now, terms.resolveWithin),
        status: 'submitted',
        community,
        acceptedBy: undefined,
        handledBy: undefined,
        assignee: undefined,
        assigneeOwner: undefined,
        entry: { note: reason, division: community },
      }),
  },
  assign: {
    from: BEFORE_RESOLVE,
    change: 'assigned',
    may: asDispatcher,
    apply: (request, { to, provider }, acting) =>
      ok({
        ...endPause(request, acting.now, acting.terms.resolveWithin),
        ...responded(request, acting.now),
        ...acceptedBy(request, acting),
        status: 'assigned',
        assignee: to,
        assigneeOwner: provider?.owner,
        entry: { to },
      }),
  },
  start: { from: ['assigned'], change: 'started', may: asAssignee, apply: () => ok({ status: 'inProgress' }) },
  resolve: {
    from: ['inProgress'],
    change: 'resolved',
    may: asAssignee,
    apply: (request, { resolution }, { now, terms }) =>
      ok({
        ...endPause(request, now, terms.resolveWithin),
        status: 'resolved',
        resolvedAt: toInstant(now),
        resolution,
        entry: { note: resolution },
      }),
  },
  extend: {
    from: ['assigned', 'inProgress'],
    change: 'extended',
    may: (request, { relation, caller }) => asAssignee(request, { relation, caller, now: epochMs(0) }) || relation.dispatcher,
    // Once a round: the assignee asks, then a dispatcher who is not the assignee decides.
    open: (request, { relation }) =>
      request.extension === undefined
        ? relation.assignee
        : request.extension.decision === 'pending' && relation.dispatcher && !relation.assignee,
    apply: (request, { resolveBy, reason, decision }, { now, caller, terms }) => {
      const asked = parseInstant(resolveBy);
      const asking = request.extension === undefined;
      if (asking && decision !== undefined)
        return err(wrongField('decision', { 'zh-CN': '由调度员决定', en: 'is the dispatcher’s to make' }));
      if (decision !== 'refused' && (asked === undefined || asked <= fromInstant(request.resolveBy) || asked <= now)) {
        return err(
          wrongField('resolveBy', {
            'zh-CN': `应晚于现在和原期限 ${request.resolveBy}`,
            en: `must be later than now and than ${request.resolveBy}`,
          }),
        );
      }
      const until = toInstant(asked ?? now);
      if (request.extension === undefined) {
        return ok({
          extension: { resolveBy: until, reason, askedAt: toInstant(now), decision: 'pending' },
          change: 'extensionAsked',
          entry: { note: reason, by: caller.sub },
        });
      }
      if (decision === 'refused') {
        return ok({
          extension: { ...request.extension, decision: 'refused', decisionReason: reason },
          change: 'extensionRefused',
          entry: { note: reason },
        });
      }
      const { paused } = request;
      const waited = endPause(request, now, terms.resolveWithin);
      return ok({
        ...waited,
        // Who still waits for the resident goes on waiting: the new deadline counts from here.
        ...(paused === undefined ? {} : { paused: { ...paused, at: toInstant(now) } }),
        resolveBy: until,
        extension: { ...request.extension, resolveBy: until, decision: 'granted', decisionReason: reason },
        escalation: { ...request.escalation, resolve: 0 },
        entry: { note: reason },
      });
    },
  },
  pause: {
    from: ['inProgress'],
    change: 'paused',
    may: asAssignee,
    open: (request, { now }) => request.paused === undefined && fromInstant(pauseEndsAt(request, now)) > now,
    apply: (request, { reason }, { now }) =>
      ok({ paused: { at: toInstant(now), endsAt: pauseEndsAt(request, now) }, entry: { note: reason } }),
  },
  resume: {
    from: ['inProgress'],
    change: 'resumed',
    may: asAssignee,
    open: (request) => request.paused !== undefined,
    apply: (request, _, { now, terms }) => ok(endPause(request, now, terms.resolveWithin)),
  },
  close: {
    from: ['resolved'],
    change: 'closed',
    may: asDispatcher,
    apply: (_, __, { now }) => ok({ status: 'closed', closedAt: toInstant(now) }),
  },
  reopen: {
    from: DONE,
    change: 'reopened',
    may: (request, standing, input) => standing.relation.dispatcher || asRequester(request, standing, input),
    open: (request, { relation, now }) =>
      request.round < MAX_ROUNDS && (relation.dispatcher || sinceResolve(request, now) <= REOPEN_WITHIN_MS),
    apply: (request, input, { now, terms }) => {
      const { round, respondBy, respondedAt, resolveBy, resolvedAt, closedAt, resolution, rating } = request;
      return ok({
        ...clocksFrom(now, terms),
        status: 'accepted',
        round: round + 1,
        rounds: [...request.rounds, { round, respondBy, respondedAt, resolveBy, resolvedAt, closedAt, resolution, rating }],
        respondedAt: undefined,
        resolvedAt: undefined,
        closedAt: undefined,
        resolution: undefined,
        rating: undefined,
        extension: undefined,
        paused: undefined,
        pausedWorkingMs: 0,
        assignee: undefined,
        assigneeOwner: undefined,
        escalation: { respond: 0, resolve: 0 },
        entry: { note: input.reason, ...acted(input) },
      });
    },
  },
  comments: {
    from: [...OPEN_STATUSES, ...DONE, 'rejected', 'cancelled', 'duplicate'],
    change: 'commented',
    // Whoever reads the whole of it; who that is was looked at when it was read.
    may: (_, { relation }, input) => input?.internal !== true || relation.worker || relation.dispatcher,
    open: (request) => request.comments < MAX_COMMENTS,
    apply: (request, { media }) => ok({ comments: request.comments + 1, commentMedia: media?.length === 0 ? undefined : media }),
  },
  rating: {
    from: DONE,
    change: 'rated',
    // Nobody rates their own work, or that of a provider of theirs, however they ask. A worker takes a rating by telephone.
    may: (request, { relation, caller }, input) =>
      !relation.assignee &&
      ![caller, { sub: request.requester }, { sub: input?.onBehalfOf?.sub }].some((each) => isOwnWork(request, each)) &&
      (relation.requester || (relation.worker && (input?.channel === undefined || input.channel === 'phone'))),
    open: (request, { now }) => request.rating === undefined && sinceResolve(request, now) <= RATE_WITHIN_MS,
    apply: (_, { level, dimensions, tags, comment, channel, onBehalfOf }, { now, caller, relation }) => {
      const through = channel ?? (relation.requester ? 'app' : 'phone');
      return ok({
        rating: { level, dimensions, tags, comment, channel: through, at: toInstant(now), by: caller.sub, counts: true },
        entry: { channel: through, onBehalfOf },
      });
    },
  },
};

/** What may be done again and again. */
const LENGTHENS: ReadonlySet<ActionName> = new Set(['transfer', 'assign', 'pause', 'reopen']);

const isOpenFor = (name: ActionName, request: ServiceRequest, standing: Standing): boolean => {
  const { from, open } = TRANSITIONS[name];
  const fits = request.history.length < MAX_HISTORY || !LENGTHENS.has(name);
  return fits && from.includes(request.status) && (open?.(request, standing) ?? true);
};

/** The names of what this caller may do now. Who does not read the whole of it may take it over, as the dispatcher of another place. */
export const openActions = (request: ServiceRequest, caller: Caller | undefined, now: EpochMs): ActionName[] => {
  if (caller === undefined) return [];
  const standing: Standing = { relation: relationOf(request, caller), caller, now };
  const whole = sightOf(request, caller) === 'whole';
  return ACTIONS.filter((name) => {
    const may: Transition<never>['may'] = TRANSITIONS[name].may;
    return (whole || name === 'transfer') && isOpenFor(name, request, standing) && may(request, standing, undefined);
  });
};

/** The division that lateness has been raised to: the furthest of the clocks that still run. */
const escalatedTo = (request: ServiceRequest): DivisionCode | undefined => {
  if (!isOpen(request)) return undefined;
  const steps = Math.max(request.respondedAt === undefined ? request.escalation.respond : 0, request.escalation.resolve);
  return steps === 0 ? undefined : escalationTarget(request, steps - 1);
};

/** The request after a change: one version on, with its place in the history. */
const changed = (
  request: ServiceRequest,
  action: HistoryEntry['action'],
  change: string,
  { entry, ...patch }: Patch,
  now: EpochMs,
  by: string | undefined,
): ServiceRequest => {
  const next: ServiceRequest = {
    ...request,
    change,
    commentMedia: undefined,
    ...patch,
    version: request.version + 1,
    changedAt: toInstant(now),
  };
  const history =
    action === 'comments'
      ? request.history
      : [...request.history, { at: toInstant(now), action, status: next.status, round: next.round, by, ...entry }];
  return {
    ...next,
    history,
    trail: trailAfter(request.trail, marksOf(request), marksOf(next), next.changedAt),
    escalatedTo: escalatedTo(next),
  };
};

const BARRED: Failure = {
  code: 'forbidden',
  detail: {
    'zh-CN': '您所属的服务商在此已被暂停、移出或不再提供这项服务，不能办理；请联系所在区划的调度员。',
    en: 'Your provider is suspended or removed here, or serves this no longer, and may not work on it: ask a dispatcher of its division.',
  },
};

/** Why somebody may not do one action now: `forbidden`, or `wrongState` with what is open. */
export const refusalOf = <N extends ActionName>(
  name: N,
  request: ServiceRequest,
  input: Inputs[N],
  { caller, now }: Pick<Acting, 'caller' | 'now'>,
): Failure | undefined => {
  const transition: Transition<Inputs[N]> = TRANSITIONS[name];
  const standing: Standing = { relation: relationOf(request, caller), caller, now };
  if (!transition.may(request, standing, input)) return standing.relation.barred === undefined ? { code: 'forbidden' } : BARRED;
  return isOpenFor(name, request, standing) ? undefined : { code: 'wrongState', actions: openActions(request, caller, now) };
};

/** Does one action, or says why not. */
export const perform = <N extends ActionName>(
  name: N,
  request: ServiceRequest,
  input: Inputs[N],
  acting: Acting,
): Result<ServiceRequest, Failure> => {
  const refused = refusalOf(name, request, input, acting);
  if (refused !== undefined) return err(refused);
  const transition: Transition<Inputs[N]> = TRANSITIONS[name];
  const patch = transition.apply(request, input, { ...acting, relation: relationOf(request, acting.caller) });
  return patch.ok ? ok(changed(request, name, transition.change, patch.value, acting.now, acting.caller.sub)) : patch;
};

/** Raises a late request by one level. */
export const escalate = (request: ServiceRequest, clock: EscalatedClock, now: EpochMs): ServiceRequest => {
  const step = request.escalation[clock];
  const division = escalationTarget(request, step);
  return changed(
    request,
    'escalate',
    'escalated',
    { escalation: { ...request.escalation, [clock]: step + 1, latest: { clock, division } }, entry: { division, note: clock } },
    now,
    undefined,
  );
};

/** One comment more, which nobody was asked whether they may write: what somebody in danger says. Undefined where there are as many as there may be. */
export const commented = (request: ServiceRequest, now: EpochMs, by: string): ServiceRequest | undefined =>
  request.comments < MAX_COMMENTS
    ? changed(request, 'comments', TRANSITIONS.comments.change, { comments: request.comments + 1 }, now, by)
    : undefined;

/** Closes what has been resolved for long enough. */
export const closeByTime = (request: ServiceRequest, now: EpochMs): ServiceRequest =>
  changed(request, 'close', 'closed', { status: 'closed', closedAt: toInstant(now) }, now, undefined);

/** Ends a pause whose allowance is spent. */
export const endPauseByTime = (request: ServiceRequest, now: EpochMs, resolveWithin: TimeLimit): ServiceRequest =>
  changed(request, 'resume', 'resumed', endPause(request, now, resolveWithin), now, undefined);
