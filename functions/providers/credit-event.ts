/** An event of a provider's credit, and what becomes of it: appealed against, reviewed, repaired (信用修复). Pure. */
import { isDeepStrictEqual } from 'node:util';
import { hasRoleFor, type Principal } from '../http/principal.ts';
import { wrongField, type Failure } from '../http/problem.ts';
import { levelOf, type DivisionCode } from '../kernel/division.ts';
import { err, ok, type Result } from '../kernel/result.ts';
import { addDays, dayOf, fromInstant, toInstant, type Day, type EpochMs, type Instant } from '../kernel/time.ts';
import type { RatedRound, RectifiedWork } from '../service-requests/work.ts';
import { isListed, pointsOf, type CreditKind, type CreditMethod, type PostedKind, type RecordedKind } from './credit.ts';
import { CREDIT_ACTIONS, type CREDIT_RULINGS, type CREDIT_WAITS } from './names.ts';
import { isPeopleOf, oversees, speaksFor, type Provider } from './provider.ts';

export type CreditAction = (typeof CREDIT_ACTIONS)[number];

interface Said {
  readonly reason: string;
  readonly by: string;
  readonly at: Instant;
}

export interface CreditEvent {
  readonly id: string;
  readonly provider: string;
  readonly kind: CreditKind;
  /** The day that it counts from. */
  readonly on: Day;
  /** What it comes from, as its path names it: `requests/<id>`, `rectifications/<id>`; of a confidential request, nothing. */
  readonly subject?: string | undefined;
  /** Whose dispatchers posted it, or where the work was done: who reviews it is above that. */
  readonly division: DivisionCode;
  /** Whoever of the staff had to do with what it tells of. */
  readonly involved?: readonly string[] | undefined;
  /** Of what was posted with points of its own. */
  readonly points?: number | undefined;
  /** Of what was posted. */
  readonly posted?: Said | undefined;
  /** Which version of its subject it is told from. */
  readonly told: number;
  /** Its subject no longer tells of it: a rating was struck, a rectification was in time. */
  readonly fallen: boolean;
  readonly appeal?: Said | undefined;
  readonly review?: (Said & { readonly ruling: (typeof CREDIT_RULINGS)[number] }) | undefined;
  readonly repair?: (Said & { readonly decision: 'pending' | 'granted' | 'refused'; readonly decided?: Said | undefined }) | undefined;
  readonly version: number;
  readonly change: 'recorded' | 'posted' | 'fallen' | 'appealed' | 'reviewed' | 'repairAsked' | 'repairGranted' | 'repairRefused';
  readonly changedAt: Instant;
}

/** What the record of some work tells of a provider's credit. */
export type Recorded = Pick<CreditEvent, 'provider' | 'kind' | 'on' | 'subject' | 'division' | 'told' | 'fallen'> & {
  readonly involved: readonly string[];
  /** What it is of: the same however often and in whatever order it is told. It leads to people, and is shown to nobody. */
  readonly source: string;
};

/** The levels of a rating (好差评) that tell something; 3 and 4 tell nothing. */
const RATED: Readonly<Record<number, RecordedKind>> = {
  5: 'ratedVerySatisfied',
  2: 'ratedDissatisfied',
  1: 'ratedVeryDissatisfied',
};

/** What one round of a request tells: of who had it when its deadline passed, and of who resolved it. */
export const eventsOfRound = (work: RatedRound): readonly Recorded[] => {
  const { request, version, round, provider, lateBy, community, confidential, involved, resolvedAt, rating } = work;
  const recorded = (by: string, kind: RecordedKind, at: Instant, fallen: boolean): Recorded => ({
    provider: by,
    kind,
    on: dayOf(fromInstant(at)),
    subject: confidential ? undefined : `requests/${request}`,
    division: community,
    involved,
    told: version,
    fallen,
    source: `${kind}#${request}#${round}`,
  });
  const kind = rating === undefined ? undefined : RATED[rating.level];
  return [
    ...(lateBy === undefined ? [] : [recorded(lateBy, 'resolvedLate', resolvedAt, false)]),
    ...(provider === undefined || rating === undefined || kind === undefined ? [] : [recorded(provider, kind, rating.at, !rating.counts)]),
  ];
};

/**
 * A rectification that is not fixed in time tells against the provider from the day after its deadline, where the staff had called back in
 * time: before that there is nothing to fix. It is written down with that call, and falls away where it is fixed in time, or its rating is struck.
 */
export const eventOfRectification = (work: RectifiedWork): Recorded | undefined => {
  const { rectification, version, provider, community, confidential, involved, callBackBy, calledBackAt, fixBy, fixedAt, struck } = work;
  if (calledBackAt === undefined || calledBackAt > callBackBy) return undefined;
  return {
    provider,
    kind: 'rectificationLate',
    on: addDays(dayOf(fromInstant(fixBy)), 1),
    subject: confidential ? undefined : `rectifications/${rectification}`,
    division: community,
    involved,
    told: version,
    fallen: struck || (fixedAt !== undefined && fixedAt <= fixBy),
    source: `rectificationLate#${rectification}`,
  };
};

/** Without what is undefined: it is not stored, and is no difference. */
const tellingOf = (
  event: Pick<CreditEvent, 'provider' | 'kind' | 'on' | 'subject' | 'division' | 'involved' | 'fallen'>,
): readonly unknown[] => [event.provider, event.kind, event.on, event.subject, event.division, event.involved, event.fallen];

/** The event after it was told of; undefined where what is there knows as much already. */
export const told = (before: CreditEvent | undefined, id: string, recorded: Recorded, now: EpochMs): CreditEvent | undefined => {
  const { provider, kind, on, subject, division, involved, told: version, fallen } = recorded;
  const telling = { provider, kind, on, subject, division, involved, fallen };
  if (before !== undefined && (before.told >= version || isDeepStrictEqual(tellingOf(before), tellingOf(recorded)))) return undefined;
  return {
    ...before,
    ...telling,
    id,
    told: version,
    version: (before?.version ?? 0) + 1,
    change: fallen ? 'fallen' : 'recorded',
    changedAt: toInstant(now),
  };
};

/** What a dispatcher has confirmed: misconduct, or merit. */
export const posted = (
  id: string,
  provider: Provider,
  { kind, points, reason }: { readonly kind: PostedKind; readonly points?: number | undefined; readonly reason: string },
  { caller, now, method }: CreditActing,
): Result<CreditEvent, Failure> => {
  const { division } = caller;
  if (division === undefined || isPeopleOf(provider, caller) || !oversees(provider, caller)) return err({ code: 'forbidden' });
  const { points: usual, most } = method.posted[kind];
  const sign = Math.sign(usual);
  if (points !== undefined && (Math.sign(points) !== sign || Math.abs(points) > most)) {
    const [least, greatest] = sign < 0 ? [-most, -1] : [1, most];
    return err(wrongField('points', { 'zh-CN': `应在 ${least} 到 ${greatest} 之间`, en: `must be from ${least} to ${greatest}` }));
  }
  const at = toInstant(now);
  return ok({
    id,
    provider: provider.id,
    kind,
    on: dayOf(now),
    division,
    points: points ?? usual,
    posted: { reason, by: caller.sub, at },
    told: 0,
    fallen: false,
    version: 1,
    change: 'posted',
    changedAt: at,
  });
};

export interface CreditInputs {
  readonly appeal: { readonly reason: string };
  readonly review: { readonly ruling: (typeof CREDIT_RULINGS)[number]; readonly reason: string };
  readonly repair: { readonly reason: string; readonly decision?: 'granted' | 'refused' | undefined };
}

export interface CreditActing {
  readonly caller: Principal;
  readonly now: EpochMs;
  readonly method: CreditMethod;
}

interface CreditStep<Input> {
  readonly may: (event: CreditEvent, provider: Provider, caller: Principal) => boolean;
  readonly open: (event: CreditEvent, provider: Provider, acting: CreditActing) => boolean;
  readonly apply: (
    event: CreditEvent,
    input: Input,
    said: Said,
    provider: Provider,
    caller: Principal,
  ) => Result<Partial<CreditEvent>, Failure>;
}

/** A dispatcher of a division above where it comes from, or another one of a province; nobody reviews what they posted or had to do with. */
const reviews = ({ division, posted: by, involved = [] }: CreditEvent, provider: Provider, caller: Principal): boolean =>
  !isPeopleOf(provider, caller) &&
  hasRoleFor(caller, 'dispatcher', division) &&
  (caller.division !== division || levelOf(division) === 'province') &&
  ![...involved, by?.by].includes(caller.sub);

const decides = ({ division }: CreditEvent, provider: Provider, caller: Principal): boolean =>
  !isPeopleOf(provider, caller) && hasRoleFor(caller, 'dispatcher', division);

const isPending = ({ repair }: CreditEvent): boolean => repair?.decision === 'pending';
const isAppealed = ({ appeal, review }: CreditEvent): boolean => appeal !== undefined && review === undefined;

/** What it waits for; what has fallen away waits for nothing. */
export const waitsFor = (event: CreditEvent): readonly (typeof CREDIT_WAITS)[number][] =>
  event.fallen ? [] : [...(isAppealed(event) ? ['appealed' as const] : []), ...(isPending(event) ? ['repairAsked' as const] : [])];

/** Who sees what it comes from and what people wrote: the provider's own people, and dispatchers of where it comes from. */
export const seesWhole = ({ division }: CreditEvent, provider: Provider, caller: Principal | undefined): boolean =>
  isPeopleOf(provider, caller) || hasRoleFor(caller, 'dispatcher', division);

const STEPS: { readonly [A in CreditAction]: CreditStep<CreditInputs[A]> } = {
  // Heard once.
  appeal: {
    may: (_, provider, caller) => speaksFor(provider, caller),
    open: (event, _, { method, now }) => event.appeal === undefined && isListed(event, method, dayOf(now)),
    apply: (_, __, said) => ok({ appeal: said, change: 'appealed' }),
  },
  review: {
    may: reviews,
    open: isAppealed,
    apply: (_, { ruling }, said) => ok({ review: { ...said, ruling }, change: 'reviewed' }),
  },
  // The provider asks, saying what it has done since; a dispatcher decides.
  repair: {
    may: (event, provider, caller) => speaksFor(provider, caller) || decides(event, provider, caller),
    open: (event, provider, { caller, method, now }) => {
      const { repair, review } = event;
      if (review?.ruling === 'struck' || pointsOf(event, method) >= 0 || !isListed(event, method, dayOf(now))) return false;
      return speaksFor(provider, caller) ? repair === undefined || repair.decision === 'refused' : isPending(event);
    },
    apply: ({ repair }, { decision }, said, provider, caller) => {
      if (speaksFor(provider, caller))
        return decision === undefined
          ? ok({ repair: { ...said, decision: 'pending' }, change: 'repairAsked' })
          : err(wrongField('decision', { 'zh-CN': '由调度员决定', en: 'is the dispatcher’s to make' }));
      if (decision === undefined || repair === undefined)
        return err(wrongField('decision', { 'zh-CN': '请写明 granted 或 refused', en: 'must be granted or refused' }));
      return ok({ repair: { ...repair, decision, decided: said }, change: decision === 'granted' ? 'repairGranted' : 'repairRefused' });
    },
  },
};

/** The names of what this caller may do now. */
export const openCreditActions = (
  event: CreditEvent,
  provider: Provider,
  acting: Omit<CreditActing, 'caller'> & { readonly caller: Principal | undefined },
): CreditAction[] => {
  const { caller } = acting;
  if (caller === undefined) return [];
  return CREDIT_ACTIONS.filter((action) => {
    const { may, open }: CreditStep<never> = STEPS[action];
    return may(event, provider, caller) && open(event, provider, { ...acting, caller });
  });
};

/** Does one step, or says why not: `forbidden`, or `wrongState` with what is open. */
export const creditStep = <A extends CreditAction>(
  action: A,
  event: CreditEvent,
  input: CreditInputs[A],
  provider: Provider,
  acting: CreditActing,
): Result<CreditEvent, Failure> => {
  const step: CreditStep<CreditInputs[A]> = STEPS[action];
  const { caller, now } = acting;
  if (!step.may(event, provider, caller)) return err({ code: 'forbidden' });
  if (!step.open(event, provider, acting)) return err({ code: 'wrongState', actions: openCreditActions(event, provider, acting) });
  const at = toInstant(now);
  const patch = step.apply(event, input, { reason: input.reason, by: caller.sub, at }, provider, caller);
  return patch.ok ? ok({ ...event, ...patch.value, version: event.version + 1, changedAt: at }) : patch;
};
