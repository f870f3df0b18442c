/** A rectification (差评整改): what must follow a bad rating. Pure. */
import type { Principal } from '../http/principal.ts';
import { hasRoleFor, isStaffOf } from '../http/principal.ts';
import type { Failure } from '../http/problem.ts';
import { deadlineAfter, type TimeLimit } from '../kernel/deadline.ts';
import type { DivisionCode } from '../kernel/division.ts';
import { err, ok, type Result } from '../kernel/result.ts';
import { fromInstant, toInstant, type EpochMs, type Instant } from '../kernel/time.ts';
import { trailAfter, type TrailStep } from '../kernel/trail.ts';
import type { CALLBACK_OUTCOMES, RECTIFICATION_STATUSES, RULINGS } from './names.ts';
import { isAssignee, isOwnWork, type Assignee, type ServiceRequest } from './service-request.ts';

export interface Rectification {
  readonly id: string;
  readonly version: number;
  readonly change: string;
  readonly changedAt: Instant;
  readonly request: string;
  /** The round whose rating it follows. */
  readonly round: number;
  readonly community: DivisionCode;
  readonly handledBy: DivisionCode;
  /** Of a confidential request: for dispatchers only. */
  readonly confidential: boolean;
  readonly level: number;
  readonly status: (typeof RECTIFICATION_STATUSES)[number];
  readonly openedAt: Instant;
  readonly callBackBy: Instant;
  readonly fixBy: Instant;
  readonly hard: boolean;
  readonly estimated: boolean;
  /** How its marks came to be what they are. */
  readonly trail: readonly TrailStep[];
  /** Whose work was rated; they neither call back nor review. */
  readonly assigned?: Assignee | undefined;
  /** Whose provider it was, where it was one's: nor do they. */
  readonly assignedOwner?: string | undefined;
  readonly acceptedBy?: string | undefined;
  readonly callback?:
    | { readonly outcome: (typeof CALLBACK_OUTCOMES)[number]; readonly note: string; readonly by: string; readonly at: Instant }
    | undefined;
  readonly fix?: { readonly measure: string; readonly by: string; readonly at: Instant } | undefined;
  readonly appeal?: { readonly reason: string; readonly by: string; readonly at: Instant } | undefined;
  readonly review?:
    | { readonly ruling: (typeof RULINGS)[number]; readonly reason: string; readonly by: string; readonly at: Instant }
    | undefined;
}

/** The settings of the same name. */
export interface RectificationLimits {
  readonly callbackWithin: TimeLimit;
  readonly fixWithin: TimeLimit;
  readonly hardFixWithin: TimeLimit;
}

/** What the figures of a month need to know of it; their changes are kept in its trail. */
export interface RectificationMarks {
  readonly fixBy: Instant;
  readonly calledBackAt?: Instant | undefined;
  readonly fixedAt?: Instant | undefined;
}

export const rectificationMarks = ({ fixBy, callback, fix }: Rectification): RectificationMarks => ({
  fixBy,
  calledBackAt: callback?.at,
  fixedAt: fix?.at,
});

/** 1 and 2 are bad. */
export const isBad = (level: number): boolean => level <= 2;

/** Opens the one rectification that a bad rating asks for. */
export const openRectification = (
  id: string,
  request: ServiceRequest,
  level: number,
  limits: RectificationLimits,
  now: EpochMs,
): Rectification => {
  const callBack = deadlineAfter(now, limits.callbackWithin);
  const fix = deadlineAfter(now, limits.fixWithin);
  return {
    id,
    version: 1,
    change: 'opened',
    changedAt: toInstant(now),
    request: request.id,
    round: request.round,
    community: request.community,
    handledBy: request.handledBy ?? request.community,
    confidential: request.visibility === 'confidential',
    level,
    status: 'open',
    openedAt: toInstant(now),
    callBackBy: toInstant(callBack.at),
    fixBy: toInstant(fix.at),
    hard: false,
    estimated: callBack.estimated || fix.estimated,
    trail: [],
    assigned: request.assignee,
    assignedOwner: request.assigneeOwner,
    acceptedBy: request.acceptedBy,
  };
};

export interface RectificationInputs {
  readonly callback: { readonly outcome: (typeof CALLBACK_OUTCOMES)[number]; readonly note: string; readonly hard?: boolean | undefined };
  readonly fix: { readonly measure: string };
  readonly appeal: { readonly reason: string };
  readonly review: { readonly ruling: (typeof RULINGS)[number]; readonly reason: string };
}
export type RectificationAction = keyof RectificationInputs;

interface Step<Input> {
  readonly from: readonly Rectification['status'][];
  readonly change: string;
  readonly may: (rectification: Rectification, caller: Principal) => boolean;
  readonly apply: (
    rectification: Rectification,
    input: Input,
    by: string,
    now: EpochMs,
    limits: RectificationLimits,
  ) => Partial<Rectification>;
}

/** Whether it was the caller's work that was rated, or that of a provider of theirs. */
const isTheirs = ({ assigned, assignedOwner }: Rectification, caller: Principal): boolean =>
  isAssignee(assigned, caller) || isOwnWork({ assignee: assigned, assigneeOwner: assignedOwner }, caller);

const STEPS: { readonly [A in RectificationAction]: Step<RectificationInputs[A]> } = {
  callback: {
    from: ['open'],
    change: 'calledBack',
    may: (rectification, caller) => isStaffOf(caller, rectification.community) && !isTheirs(rectification, caller),
    apply: ({ openedAt, fixBy, estimated }, { outcome, note, hard = false }, by, now, limits) => {
      const longer = hard ? deadlineAfter(fromInstant(openedAt), limits.hardFixWithin) : undefined;
      return {
        status: 'calledBack',
        callback: { outcome, note, by, at: toInstant(now) },
        hard,
        fixBy: longer === undefined ? fixBy : toInstant(longer.at),
        estimated: estimated || (longer?.estimated ?? false),
      };
    },
  },
  fix: {
    from: ['calledBack'],
    change: 'fixed',
    may: ({ community }, caller) => isStaffOf(caller, community),
    apply: (_, { measure }, by, now) => ({ status: 'fixed', fix: { measure, by, at: toInstant(now) } }),
  },
  appeal: {
    from: ['open', 'calledBack', 'fixed'],
    change: 'appealed',
    may: ({ handledBy }, caller) => isStaffOf(caller, handledBy),
    apply: (_, { reason }, by, now) => ({ status: 'appealed', appeal: { reason, by, at: toInstant(now) } }),
  },
  review: {
    from: ['appealed'],
    change: 'reviewed',
    may: (rectification, caller) => {
      const { handledBy, acceptedBy, callback, fix, appeal } = rectification;
      return (
        hasRoleFor(caller, 'dispatcher', handledBy) &&
        caller.division !== handledBy &&
        !isTheirs(rectification, caller) &&
        ![acceptedBy, callback?.by, fix?.by, appeal?.by].includes(caller.sub)
      );
    },
    apply: ({ fix, callback }, { ruling, reason }, by, now) => ({
      // A rating that stands leads back to where the appeal came from.
      status: ruling === 'struck' ? 'struck' : fix !== undefined ? 'fixed' : callback !== undefined ? 'calledBack' : 'open',
      review: { ruling, reason, by, at: toInstant(now) },
    }),
  },
};

const ACTIONS: readonly RectificationAction[] = ['callback', 'fix', 'appeal', 'review'];

/** An appeal is heard once. */
const isOpenFor = (action: RectificationAction, rectification: Rectification): boolean =>
  STEPS[action].from.includes(rectification.status) && (action !== 'appeal' || rectification.appeal === undefined);

/**
 * Who may see it: staff of the community and of the division that handled it. Of a confidential request, only the dispatcher who accepted
 * it, and once an appeal has been made, those who may rule on it.
 */
export const seesRectification = (rectification: Rectification, caller: Principal): boolean => {
  const { community, handledBy, confidential, acceptedBy, appeal } = rectification;
  if (!confidential) return isStaffOf(caller, community) || isStaffOf(caller, handledBy);
  const accepted = hasRoleFor(caller, 'dispatcher', community) && caller.sub === acceptedBy;
  return accepted || (appeal !== undefined && STEPS.review.may(rectification, caller));
};

/** What this caller may do now. */
export const openRectificationActions = (rectification: Rectification, caller: Principal): RectificationAction[] =>
  ACTIONS.filter((action) => isOpenFor(action, rectification) && STEPS[action].may(rectification, caller));

/** Does one step, or says why not. */
export const rectify = <A extends RectificationAction>(
  action: A,
  rectification: Rectification,
  input: RectificationInputs[A],
  caller: Principal,
  now: EpochMs,
  limits: RectificationLimits,
): Result<Rectification, Failure> => {
  const step: Step<RectificationInputs[A]> = STEPS[action];
  if (!step.may(rectification, caller)) return err({ code: 'forbidden' });
  if (!isOpenFor(action, rectification)) return err({ code: 'wrongState', actions: openRectificationActions(rectification, caller) });
  const next: Rectification = {
    ...rectification,
    ...step.apply(rectification, input, caller.sub, now, limits),
    version: rectification.version + 1,
    change: step.change,
    changedAt: toInstant(now),
  };
  const marks = [rectificationMarks(rectification), rectificationMarks(next)] as const;
  return ok({ ...next, trail: trailAfter(rectification.trail, ...marks, next.changedAt) });
};
