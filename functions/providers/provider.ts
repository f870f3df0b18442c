/**
 * A provider's entry in the register (公共服务准入): applied → admitted ⇄ suspended → removed. Who may do what with it, and whom it may serve.
 * Pure.
 */
import { isDeepStrictEqual } from 'node:util';
import { actingFor, hasRoleFor, type Principal } from '../http/principal.ts';
import { wrongField, type Failure, type FieldError } from '../http/problem.ts';
import { OFFLINE_CHANNELS, type Channel } from '../kernel/channel.ts';
import { ancestorOf, concernedBy, covers, withoutParts, type DivisionCode } from '../kernel/division.ts';
import type { Represented } from '../kernel/represented.ts';
import { err, ok, type Result } from '../kernel/result.ts';
import type { Texts } from '../kernel/texts.ts';
import {
  addMonthsToDay,
  DAY,
  dayOf,
  epochMs,
  fromInstant,
  parseInstant,
  plus,
  startOfDay,
  toInstant,
  type EpochMs,
  type Instant,
} from '../kernel/time.ts';
import { PROVIDER_ACTIONS, type PROVIDER_KINDS, type PROVIDER_STATUSES } from './names.ts';

export type ProviderStatus = (typeof PROVIDER_STATUSES)[number];
export type ProviderAction = (typeof PROVIDER_ACTIONS)[number];

/** What a provider says of itself. */
export interface ProviderFacts {
  readonly name: Texts;
  readonly kind: (typeof PROVIDER_KINDS)[number];
  /** Codes of the catalogue that it wants to serve. */
  readonly services: readonly string[];
  /** Where it wants to. */
  readonly divisions: readonly DivisionCode[];
  readonly contact: { readonly name?: string | undefined; readonly phone?: string | undefined };
}

/** What dispatchers have admitted it for, each for their own division: it stands, is suspended or taken away by itself. */
export interface Admission {
  readonly services: readonly string[];
  readonly divisions: readonly DivisionCode[];
  readonly since: Instant;
  /** The first moment at which it no longer holds. */
  readonly until: Instant;
  readonly status: Exclude<ProviderStatus, 'applied'>;
  /** Whose dispatcher suspended it or took it away: whoever admits it again covers that. */
  readonly stoppedBy?: DivisionCode | undefined;
}

/** What a dispatcher has refused. */
interface Refused {
  readonly services: readonly string[];
  readonly divisions: readonly DivisionCode[];
}

/** A refusal as it binds: whoever admits some of it after all covers the division of whoever refused it. */
interface Refusal extends Refused {
  readonly by: DivisionCode;
}

export interface Provider extends ProviderFacts {
  readonly id: string;
  readonly version: number;
  readonly change: 'applied' | 'revised' | 'admitted' | 'suspended' | 'removed' | 'renewed';
  readonly changedAt: Instant;
  readonly appliedAt: Instant;
  /** Who applied; absent where a worker wrote it down for somebody without a `sub`. */
  readonly owner?: string | undefined;
  /** Who wrote it down, where that was not the owner. */
  readonly recordedBy?: string | undefined;
  /** What its admissions come to: {@link standingOf}. */
  readonly status: ProviderStatus;
  /** When something was first admitted. */
  readonly admittedAt?: Instant | undefined;
  readonly admissions: readonly Admission[];
  /** Where something that it wants to serve waits for admission, or for admission anew. */
  readonly pending: readonly DivisionCode[];
  /** What was refused and has not been admitted since. */
  readonly refusals?: readonly Refusal[] | undefined;
  /** Where its last change has ended or suspended something that it was admitted for. */
  readonly stopped?: readonly DivisionCode[] | undefined;
}

/** A line of its history. */
export interface ProviderStep {
  readonly at: Instant;
  readonly action: ProviderAction | 'apply' | 'revise';
  readonly status: ProviderStatus;
  readonly by: string;
  /** Grounds or reason. */
  readonly note?: string | undefined;
  readonly services?: readonly string[] | undefined;
  readonly divisions?: readonly DivisionCode[] | undefined;
  readonly until?: Instant | undefined;
  /** What was applied for there, and was not admitted. */
  readonly refused?: Refused | undefined;
  /** For whom a worker applied, and how that person asked. */
  readonly onBehalfOf?: Represented | undefined;
  readonly channel?: Channel | undefined;
}

export interface Changed {
  readonly provider: Provider;
  readonly step: ProviderStep;
}

/** The setting of the same name: how long an admission holds unless it is said, and at the most. */
export interface ProviderAdmission {
  readonly months: number;
  readonly mostMonths: number;
}

/** Work that a provider may be given, or has. */
export interface Work {
  readonly service: string;
  readonly community: DivisionCode;
}

/** The claim, or having applied. */
export const isPeopleOf = (provider: Pick<Provider, 'id' | 'owner'>, caller: Principal | undefined): boolean =>
  caller !== undefined && (caller.sub === provider.owner || actingFor(caller) === provider.id);

/** Who speaks for it where it is held to something: the claim, or its owner as a provider. Who once applied as a resident does not. */
export const speaksFor = (provider: Pick<Provider, 'id' | 'owner'>, caller: Principal): boolean =>
  actingFor(caller) === provider.id || (caller.roles.has('provider') && caller.sub === provider.owner);

const divisionsIn = (admissions: readonly Admission[]): readonly DivisionCode[] => [
  ...new Set(admissions.flatMap(({ divisions }) => divisions)),
];

/** Every place that it wants to serve, serves, or has served. */
const placesOf = ({ divisions, admissions }: Pick<Provider, 'divisions' | 'admissions'>): readonly DivisionCode[] => [
  ...new Set([...divisions, ...divisionsIn(admissions)]),
];

/** A dispatcher of a place at, above or within one that it serves or wants to serve. */
export const oversees = (provider: Provider, caller: Principal | undefined): boolean =>
  caller?.division !== undefined && caller.roles.has('dispatcher') && concernedBy(placesOf(provider))(caller.division);

const isInForce = ({ status, until }: Admission, now: EpochMs): boolean => status === 'admitted' && now < fromInstant(until);

export const admissionsInForce = ({ admissions }: Pick<Provider, 'admissions'>, now: EpochMs): readonly Admission[] =>
  admissions.filter((each) => isInForce(each, now));

/** How long before its end an admission is said to end. */
const ENDING_DAYS = 60;

/** What is admitted and ends soon, or has ended: it is to be renewed. */
export const admissionsEnding = ({ admissions }: Pick<Provider, 'admissions'>, now: EpochMs): readonly Admission[] =>
  admissions.filter(({ status, until }) => status === 'admitted' && fromInstant(until) <= plus(now, ENDING_DAYS * DAY));

/** How much of an entry a caller sees; `nothing` must look as if it did not exist. */
export type ProviderSight = 'whole' | 'public' | 'nothing';

export const providerSight = (provider: Provider, caller: Principal | undefined, now: EpochMs): ProviderSight => {
  const wroteItDown = caller?.roles.has('worker') === true && caller.sub === provider.recordedBy;
  if (wroteItDown || isPeopleOf(provider, caller) || oversees(provider, caller)) return 'whole';
  return admissionsInForce(provider, now).length > 0 ? 'public' : 'nothing';
};

/** The same of its credit, which stays open to everybody once it was admitted: a suspension does not hide what led to it. */
export const creditSight = (provider: Provider, caller: Principal | undefined, now: EpochMs): ProviderSight => {
  const sight = providerSight(provider, caller, now);
  return sight === 'nothing' && provider.admittedAt !== undefined ? 'public' : sight;
};

const covering = (admissions: readonly Admission[], service: string, place: DivisionCode): readonly Admission[] =>
  admissions.filter((each) => each.services.includes(service) && each.divisions.some((division) => covers(division, place)));

const isAdmittedFor = (admissions: readonly Admission[], service: string, place: DivisionCode): boolean =>
  covering(admissions, service, place).some(({ status }) => status === 'admitted');

export const NO_PROVIDER: Texts = { 'zh-CN': '没有这个服务商', en: 'is no provider in the register' };

/** Why it is given no work of that service there; undefined where it may serve it now. */
export const assignmentFault = (provider: Provider, { service, community }: Work, now: EpochMs): Texts | undefined => {
  if (provider.status === 'removed') return NO_PROVIDER;
  const there = covering(provider.admissions, service, community);
  if (there.some((each) => isInForce(each, now))) return undefined;
  if (there.some(({ status }) => status === 'admitted'))
    return { 'zh-CN': '该服务商的准入已到期，请先续期', en: 'was admitted until a moment that has passed: renew it first' };
  return provider.status === 'suspended' || there.some(({ status }) => status === 'suspended')
    ? { 'zh-CN': '该服务商已被暂停', en: 'is suspended' }
    : { 'zh-CN': '该服务商未获准在此提供这项服务', en: 'is not admitted for that service there' };
};

/**
 * Why its people may do nothing on some work that it has: `removed` sees it no longer, `suspended` still does, to hand it over. An admission
 * that has ended by the clock bars nobody from finishing what they have; one that is suspended, taken away or given up does.
 */
export const workBar = (provider: Provider, { service, community }: Work): 'suspended' | 'removed' | undefined => {
  if (provider.status === 'removed') return 'removed';
  const standings = new Set(covering(provider.admissions, service, community).map(({ status }) => status));
  if (standings.has('admitted')) return undefined;
  return standings.has('removed') && !standings.has('suspended') ? 'removed' : 'suspended';
};

/** Whether any of its admissions is suspended now. */
export const isSuspendedAnywhere = ({ admissions }: Pick<Provider, 'admissions'>): boolean =>
  admissions.some(({ status }) => status === 'suspended');

/** What somebody wants to serve, and where. */
type Wanted = Pick<ProviderFacts, 'services' | 'divisions'>;

/** The services of these that are not admitted in the whole of a place. */
const missing = (services: readonly string[], place: DivisionCode, admissions: readonly Admission[]): readonly string[] =>
  services.filter((service) => !isAdmittedFor(admissions, service, place));

/** Where something of what it wants is not admitted. */
const waiting = ({ services, divisions }: Wanted, admissions: readonly Admission[]): readonly DivisionCode[] =>
  divisions.filter((division) => missing(services, division, admissions).length > 0);

/** `admitted` as long as one admission stands, `suspended` where none does and one is; without any, it waits or has been turned down. */
const standingOf = (admissions: readonly Admission[], pending: readonly DivisionCode[]): ProviderStatus => {
  const standings = new Set(admissions.map(({ status }) => status));
  if (standings.has('admitted')) return 'admitted';
  if (standings.has('suspended')) return 'suspended';
  return pending.length > 0 ? 'applied' : 'removed';
};

/** For whom somebody applies, and how they were asked: of whoever applies for themselves, nothing. */
export interface AppliedFor {
  readonly onBehalfOf?: Represented | undefined;
  readonly channel?: Channel | undefined;
}

/** Whether the caller may apply so: in their own name, or as a worker of one of its places for somebody. */
export const mayApply = ({ divisions }: Wanted, { onBehalfOf, channel }: AppliedFor, caller: Principal): boolean =>
  (onBehalfOf === undefined && (channel === undefined || !OFFLINE_CHANNELS.has(channel))) ||
  (caller.roles.has('worker') && caller.division !== undefined && concernedBy(divisions)(caller.division));

/** Whose it would be. */
export const ownerOf = ({ onBehalfOf }: AppliedFor, caller: Principal): string | undefined =>
  onBehalfOf === undefined ? caller.sub : onBehalfOf.sub;

export const applied = (id: string, facts: ProviderFacts, caller: Principal, now: EpochMs, appliedFor: AppliedFor = {}): Changed => {
  const at = toInstant(now);
  const { services, divisions } = facts;
  const owner = ownerOf(appliedFor, caller);
  return {
    provider: {
      ...facts,
      id,
      version: 1,
      change: 'applied',
      changedAt: at,
      appliedAt: at,
      owner,
      recordedBy: owner === caller.sub ? undefined : caller.sub,
      status: 'applied',
      admissions: [],
      pending: divisions,
    },
    step: { at, action: 'apply', status: 'applied', by: caller.sub, services, divisions, ...appliedFor },
  };
};

const next = (
  before: Provider,
  change: Provider['change'],
  patch: Partial<Provider> & Pick<Provider, 'admissions' | 'pending'>,
  step: Omit<ProviderStep, 'at' | 'status'>,
  now: EpochMs,
): Changed => {
  const at = toInstant(now);
  const status = standingOf(patch.admissions, patch.pending);
  const provider: Provider = { ...before, stopped: undefined, ...patch, status, version: before.version + 1, change, changedAt: at };
  return { provider, step: { ...step, at, status } };
};

/** What is common to two divisions: the smaller of them, or nothing. */
const common = (one: DivisionCode, other: DivisionCode): readonly DivisionCode[] =>
  covers(one, other) ? [other] : covers(other, one) ? [one] : [];

/** What is left of an admission for who wants to serve these services in these places only. */
const narrowed =
  ({ services, divisions }: Wanted) =>
  (each: Admission): Admission[] => {
    const left = each.services.filter((service) => services.includes(service));
    const where = [...new Set(each.divisions.flatMap((one) => divisions.flatMap((other) => common(one, other))))];
    return left.length === 0 || where.length === 0 ? [] : [{ ...each, services: left, divisions: where }];
  };

/** Admissions, or refusals, with those parts that lie within these places made otherwise; what nothing is left of falls away. */
const changedWithin = <T extends Refused>(
  parts: readonly T[],
  isMeant: (division: DivisionCode, part: T) => boolean,
  change: (part: T) => readonly T[],
): readonly T[] =>
  parts.flatMap((each) => {
    const [meant, others] = [
      each.divisions.filter((division) => isMeant(division, each)),
      each.divisions.filter((division) => !isMeant(division, each)),
    ];
    return [
      ...(others.length === 0 ? [] : [{ ...each, divisions: others }]),
      ...(meant.length === 0 ? [] : change({ ...each, divisions: meant })),
    ];
  });

/**
 * The counties, or divisions above them, that all of its lists can name, and the divisions of all admissions together: whatever becomes of
 * them, each is taken from three lists and put into a fourth in one transaction of 100 items.
 */
export const MOST_COUNTIES = 23;
export const MOST_ADMITTED = 100;

const TOO_MANY_PLACES = wrongField('divisions', {
  'zh-CN': `合计涉及的区县不能超过 ${MOST_COUNTIES} 个，准入区划不能超过 ${MOST_ADMITTED} 个；请先去掉不再服务的区划，另行提交增加的区划，或改用上级区划`,
  en: `are in all too many: at most ${MOST_COUNTIES} counties and ${MOST_ADMITTED} admitted divisions; drop first what is to go and add then, or name a division above them`,
});

const isTooWide = (provider: Pick<Provider, 'divisions' | 'admissions'>): boolean =>
  new Set(placesOf(provider).map((place) => ancestorOf(place, 'county'))).size > MOST_COUNTIES ||
  provider.admissions.flatMap(({ divisions }) => divisions).length > MOST_ADMITTED;

const isDispatcherOf =
  (caller: Principal) =>
  (division: DivisionCode): boolean =>
    hasRoleFor(caller, 'dispatcher', division);

/** The parts of its admissions, of these standings, that lie within the caller's own division. */
const partsOf = (
  { admissions }: Provider,
  caller: Principal,
  standings: readonly Admission['status'][],
): readonly { readonly admission: Admission; readonly divisions: readonly DivisionCode[] }[] =>
  admissions
    .filter(({ status }) => standings.includes(status))
    .map((admission) => ({ admission, divisions: admission.divisions.filter(isDispatcherOf(caller)) }))
    .filter(({ divisions }) => divisions.length > 0);

/** Whether the caller lifts the suspension of that: nobody lifts what was suspended from above them. */
const isLiftableBy =
  (caller: Principal) =>
  (division: DivisionCode, { status, stoppedBy }: Admission): boolean =>
    status === 'suspended' && isDispatcherOf(caller)(division) && isDispatcherOf(caller)(stoppedBy ?? division);

const hasToLift = ({ admissions }: Provider, caller: Principal): boolean =>
  admissions.some((each) => each.divisions.some((division) => isLiftableBy(caller)(division, each)));

/**
 * Whether somebody above the caller has suspended, taken away or refused what they would admit there, or some of it: that is not undone from
 * below, part by part.
 */
const isBarred = ({ admissions, refusals = [] }: Provider, caller: Principal, service: string, place: DivisionCode): boolean =>
  !isAdmittedFor(admissions, service, place) &&
  [
    ...admissions.filter(({ status }) => status !== 'admitted').map(({ stoppedBy, ...each }) => ({ ...each, by: stoppedBy })),
    ...refusals,
  ].some(
    ({ services, divisions, by }) =>
      services.includes(service) &&
      divisions.some((division) => common(division, place).length > 0 && !isDispatcherOf(caller)(by ?? division)),
  );

/** Where the caller could admit something that is not admitted: their part of each place that it wants to serve. */
const admissible = (provider: Provider, caller: Principal): readonly DivisionCode[] =>
  provider.divisions
    .flatMap((division) => (caller.division === undefined ? [] : common(division, caller.division)))
    .filter((part) => missing(provider.services, part, provider.admissions).some((service) => !isBarred(provider, caller, service, part)));

const pendingFor = ({ pending }: Provider, caller: Principal): readonly DivisionCode[] => pending.filter(isDispatcherOf(caller));

/** What may be done now at all, whoever asks. */
const isOpenFor = (action: ProviderAction, { status, admissions, services, divisions, pending }: Provider): boolean => {
  switch (action) {
    case 'admit':
      return status !== 'removed' && (pending.length > 0 || waiting({ services, divisions }, admissions).length > 0);
    case 'suspend':
    case 'renew':
      return admissions.some((each) => each.status === 'admitted');
    case 'remove':
      return status !== 'removed';
  }
};

/** Whether a caller decides on it at all: nobody on a provider of their own, nor admits one for which they applied themselves. */
const decidesOn = (action: ProviderAction, provider: Provider, caller: Principal): boolean =>
  !isPeopleOf(provider, caller) &&
  oversees(provider, caller) &&
  !((action === 'admit' || action === 'renew') && caller.sub === provider.recordedBy);

/** Whether there is anything for this caller to do it to: what lies within their own division. */
const hasTo = (action: ProviderAction, provider: Provider, caller: Principal): boolean => {
  switch (action) {
    case 'admit':
      // To lift, of what it wants there, or to say anew of what waits.
      return (
        hasToLift(provider, caller) ||
        admissible(provider, caller).length > 0 ||
        pendingFor(provider, caller).some((place) => provider.services.some((service) => !isBarred(provider, caller, service, place)))
      );
    case 'suspend':
    case 'renew':
      return partsOf(provider, caller, ['admitted']).length > 0;
    case 'remove':
      return partsOf(provider, caller, ['admitted', 'suspended']).length > 0 || pendingFor(provider, caller).length > 0;
  }
};

/** The names of what this caller may do now. */
export const openProviderActions = (provider: Provider, caller: Principal | undefined): ProviderAction[] =>
  caller === undefined
    ? []
    : PROVIDER_ACTIONS.filter(
        (action) => decidesOn(action, provider, caller) && isOpenFor(action, provider) && hasTo(action, provider, caller),
      );

const wrongState = (provider: Provider, caller: Principal): Failure => ({
  code: 'wrongState',
  actions: openProviderActions(provider, caller),
});

/**
 * What waits after it has said anew what it wants: what waited, and what is new. What was turned down is asked for again by leaving it out
 * first. Where nothing else is left, all of it waits.
 */
const pendingAfter = (before: Provider, facts: ProviderFacts, admissions: readonly Admission[]): readonly DivisionCode[] => {
  const open = waiting(facts, admissions);
  const isNew = (division: DivisionCode): boolean =>
    missing(facts.services, division, admissions).some(
      (service) => !before.services.includes(service) || !before.divisions.some((each) => covers(each, division)),
    );
  const left = open.filter((division) => before.pending.some((each) => common(each, division).length > 0) || isNew(division));
  return left.length === 0 && admissions.every(({ status }) => status === 'removed') ? open : left;
};

/**
 * What it says of itself now. What it no longer wants to serve ends at once; what is new waits for admission. Who says the same while an
 * admission ends soon, or has ended, asks for it anew. What kind of organisation it is stands from its admission on; who is suspended
 * corrects name and contact alone, and drops nothing that is suspended: a suspension is not got rid of so.
 */
export const revise = (before: Provider, facts: ProviderFacts, caller: Principal, now: EpochMs): Result<Changed, Failure> => {
  if (before.status === 'removed') return err(wrongState(before, caller));
  const { services, divisions } = facts;
  const wantsTheSame = isDeepStrictEqual([services, divisions], [before.services, before.divisions]);
  const suspended = before.admissions.filter(({ status }) => status === 'suspended');
  if (before.status === 'suspended' ? !wantsTheSame : !isDeepStrictEqual(suspended.flatMap(narrowed(facts)), suspended))
    return err({ ...wrongState(before, caller), detail: SUSPENDED });
  if (before.admissions.length > 0 && facts.kind !== before.kind)
    return err(wrongField('kind', { 'zh-CN': '准入后不能更改类型', en: 'stands once it is admitted' }));
  // What was taken away stays so on the record: nobody gets it back by no longer wanting it.
  const admissions = before.admissions.flatMap((each) => (each.status === 'removed' ? [each] : narrowed(facts)(each)));
  const asked = pendingAfter(before, facts, admissions);
  const isSame = saysTheSame(before, facts);
  const anew = divisionsIn(admissionsEnding({ admissions }, now)).filter(
    (each) => (isSame || isPendingIn(before.pending, each)) && !isPendingIn(asked, each),
  );
  const stopped = divisionsIn(
    before.admissions.filter(
      (each) =>
        each.status === 'admitted' &&
        each.divisions.some((place) => each.services.some((service) => !isAdmittedFor(admissions, service, place))),
    ),
  );
  const patch = { ...facts, admissions, pending: [...asked, ...anew], ...(stopped.length === 0 ? {} : { stopped }) };
  // What it leaves and what it comes to move at once.
  if (isTooWide({ divisions: [...divisions, ...placesOf(before)], admissions })) return err(TOO_MANY_PLACES);
  return ok(next(before, 'revised', patch, { action: 'revise', by: caller.sub, services, divisions }, now));
};

const SUSPENDED: Texts = {
  'zh-CN': '已被暂停的服务和区划不能放弃；全部被暂停时只能更正名称和联系方式。请联系所在区划的调度员。',
  en: 'What is suspended cannot be dropped; who is suspended altogether may correct name and contact only: ask a dispatcher of its division.',
};

const isPendingIn = (pending: readonly DivisionCode[], place: DivisionCode): boolean => pending.some((each) => covers(each, place));

/** Whether it says nothing new: neither of itself, nor that something is to be renewed which does not wait for it already. */
export const changesNothing = (before: Provider, facts: ProviderFacts, now: EpochMs): boolean =>
  saysTheSame(before, facts) && divisionsIn(admissionsEnding(before, now)).every((each) => isPendingIn(before.pending, each));

const factsOf = ({ name, kind, services, divisions, contact }: ProviderFacts): readonly unknown[] => [
  name,
  kind,
  services,
  divisions,
  contact,
];

const saysTheSame = (one: ProviderFacts, other: ProviderFacts): boolean => isDeepStrictEqual(factsOf(one), factsOf(other));

export interface ProviderInputs {
  readonly admit: {
    readonly grounds?: string | undefined;
    readonly services?: readonly string[] | undefined;
    readonly divisions?: readonly DivisionCode[] | undefined;
    readonly until?: string | undefined;
  };
  readonly suspend: { readonly reason: string };
  readonly remove: { readonly reason: string };
  readonly renew: { readonly until: string };
}

interface Acting {
  readonly caller: Principal;
  readonly now: EpochMs;
  readonly terms: ProviderAdmission;
  /** Whether a division that is named is there and in use. */
  readonly isInUse: (division: DivisionCode) => boolean;
}

const monthsOn = (now: EpochMs, months: number): EpochMs => startOfDay(addMonthsToDay(dayOf(now), months));

/** What is wrong with the moment that is asked for, and the moment; the setting's where none is. */
const untilOf = (asked: string | undefined, after: EpochMs, { now, terms }: Acting): Result<Instant, FieldError> => {
  const until = asked === undefined ? monthsOn(now, terms.months) : parseInstant(asked);
  if (until !== undefined && until > after && until <= monthsOn(now, terms.mostMonths)) return ok(toInstant(until));
  return err({
    path: 'until',
    message: {
      'zh-CN': `应晚于 ${toInstant(after)}，且不超过 ${terms.mostMonths} 个月`,
      en: `must be later than ${toInstant(after)}, and within ${terms.mostMonths} months`,
    },
  });
};

/** What is wrong with names in a list, each of which is looked at from the first on. */
export const errorsIn = <T extends string>(path: string, names: readonly T[], faultOf: (name: T) => Texts | undefined): FieldError[] =>
  names.flatMap((name, index): FieldError[] => {
    const message = names.indexOf(name) === index ? faultOf(name) : { 'zh-CN': '与前面的重复', en: 'is there twice' };
    return message === undefined ? [] : [{ path: `${path}.${index}`, message }];
  });

export const NOT_IN_USE: Texts = { 'zh-CN': '不存在或已停用', en: 'is not there, or no longer in use' };
const NOT_APPLIED_FOR: Texts = { 'zh-CN': '不在申请范围内', en: 'is not among what was applied for' };

/** Ends a suspension: what of it is the caller's to lift holds as long as it did, or anew. What waits goes on waiting. */
const lift = (before: Provider, input: ProviderInputs['admit'], until: Instant, { caller, now }: Acting): Changed => {
  const lifted: Admission[] = [];
  const holdsOn = (part: Admission): boolean => input.until === undefined && now < fromInstant(part.until);
  const admissions = changedWithin(before.admissions, isLiftableBy(caller), (part) => {
    lifted.push(part);
    return [{ ...part, status: 'admitted' as const, stoppedBy: undefined, until: holdsOn(part) ? part.until : until }];
  });
  const step = {
    action: 'admit',
    by: caller.sub,
    note: input.grounds,
    services: [...new Set(lifted.flatMap(({ services }) => services))],
    divisions: divisionsIn(lifted),
    until: lifted.every(holdsOn) ? undefined : until,
  } as const;
  return next(before, 'admitted', { admissions, pending: before.pending }, step, now);
};

const STOPPED_ABOVE: Texts = {
  'zh-CN': '其中有上级区划暂停、移出或未准入的服务和区划，须由作出决定的区划或其上级处理。',
  en: 'Some of it was suspended, removed or refused from above: who admits it covers the division that decided so.',
};

/** What is refused now beside what was: once for each place and each division that refuses. */
const refusedToo = (before: readonly Refusal[], refused: Refused, { division: by }: Principal): readonly Refusal[] | undefined => {
  const { services } = refused;
  const isKnown = (each: Refusal, place: DivisionCode): boolean => each.by === by && each.divisions.includes(place);
  const all = before.map((each) =>
    refused.divisions.some((place) => isKnown(each, place)) ? { ...each, services: [...new Set([...each.services, ...services])] } : each,
  );
  for (const place of refused.divisions)
    if (by !== undefined && !before.some((each) => isKnown(each, place))) all.push({ services, divisions: [place], by });
  return all.length === 0 ? undefined : all;
};

/**
 * An admission for these services and divisions takes the place of what was said of them there before. What waits in the caller's division
 * is decided with it: what of that is not admitted is refused, which the history says, and may be admitted later.
 */
const admit = (before: Provider, input: ProviderInputs['admit'], acting: Acting): Result<Changed, Failure> => {
  const { caller, now, isInUse } = acting;
  const isPlain = input.services === undefined && input.divisions === undefined;
  const isLifted = isPlain && hasToLift(before, caller);
  const waits = pendingFor(before, caller);
  const divisions = input.divisions ?? (waits.length > 0 ? waits : admissible(before, caller));
  const isBarredThere = (service: string): boolean => divisions.some((place) => isBarred(before, caller, service, place));
  const services = input.services ?? before.services.filter((service) => !isBarredThere(service));
  const until = untilOf(input.until, now, acting);
  const errors = [
    ...errorsIn('services', input.services ?? [], (each) => (before.services.includes(each) ? undefined : NOT_APPLIED_FOR)),
    ...errorsIn('divisions', input.divisions ?? [], (each) => {
      if (!before.divisions.some((division) => covers(division, each))) return NOT_APPLIED_FOR;
      return isInUse(each) ? undefined : NOT_IN_USE;
    }),
    ...(until.ok ? [] : [until.error]),
  ];
  if (!until.ok || errors.length > 0) return err({ code: 'invalid', errors });
  if (isLifted) return ok(lift(before, input, until.value, acting));
  if (divisions.length === 0 || !divisions.every(isDispatcherOf(caller))) return err({ code: 'forbidden' });
  if (services.length === 0 || services.some(isBarredThere)) return err({ code: 'forbidden', detail: STOPPED_ABOVE });

  const isSaidAnew = (division: DivisionCode): boolean => divisions.some((each) => covers(each, division));
  const saidAnew = <T extends Refused>(part: T): readonly T[] => {
    const left = part.services.filter((service) => !services.includes(service));
    return left.length === 0 ? [] : [{ ...part, services: left }];
  };
  const admissions = [
    ...changedWithin(before.admissions, isSaidAnew, saidAnew),
    { services, divisions: withoutParts(divisions), since: toInstant(now), until: until.value, status: 'admitted' as const },
  ];
  if (isTooWide({ divisions: before.divisions, admissions })) return err(TOO_MANY_PLACES);
  const refusedIn = waits.filter((division) => missing(before.services, division, admissions).length > 0);
  const refused = {
    services: before.services.filter((service) => refusedIn.some((each) => missing([service], each, admissions).length > 0)),
    divisions: refusedIn,
  };
  return ok(
    next(
      before,
      'admitted',
      {
        admittedAt: before.admittedAt ?? toInstant(now),
        admissions,
        pending: before.pending.filter((division) => !isDispatcherOf(caller)(division)),
        refusals: refusedToo(changedWithin(before.refusals ?? [], isSaidAnew, saidAnew), refused, caller),
      },
      {
        action: 'admit',
        by: caller.sub,
        note: input.grounds,
        services,
        divisions,
        until: until.value,
        refused: refusedIn.length === 0 ? undefined : refused,
      },
      now,
    ),
  );
};

/** Stopped by the caller, or by whoever above them had stopped it before. */
const stoppedPart = (part: Admission, status: 'suspended' | 'removed', { division }: Principal): Admission => ({
  ...part,
  status,
  stoppedBy: division !== undefined && covers(part.stoppedBy, division) ? part.stoppedBy : division,
});

/** Everything of these standings within the caller's division is made otherwise; the divisions that it was. */
const madeOf = (
  before: Provider,
  caller: Principal,
  standings: readonly Admission['status'][],
  change: (part: Admission) => Admission,
) => ({
  admissions: changedWithin(
    before.admissions,
    (division, { status }) => standings.includes(status) && isDispatcherOf(caller)(division),
    (part) => [change(part)],
  ),
  divisions: [...new Set(partsOf(before, caller, standings).flatMap(({ divisions }) => divisions))],
});

const RULES: { readonly [A in ProviderAction]: (before: Provider, input: ProviderInputs[A], acting: Acting) => Result<Changed, Failure> } =
  {
    admit,
    suspend: (before, { reason }, { caller, now }) => {
      const { admissions, divisions } = madeOf(before, caller, ['admitted'], (part) => stoppedPart(part, 'suspended', caller));
      const step = { action: 'suspend', by: caller.sub, note: reason, divisions } as const;
      return ok(next(before, 'suspended', { admissions, pending: before.pending, stopped: divisions }, step, now));
    },
    remove: (before, { reason }, { caller, now }) => {
      const { admissions, divisions } = madeOf(before, caller, ['admitted', 'suspended'], (part) => stoppedPart(part, 'removed', caller));
      const turnedDown = pendingFor(before, caller);
      const refused = turnedDown.length === 0 ? undefined : { services: before.services, divisions: turnedDown };
      const step = { action: 'remove', by: caller.sub, note: reason, divisions, refused } as const;
      const pending = before.pending.filter((each) => !turnedDown.includes(each));
      const refusals = refused === undefined ? before.refusals : refusedToo(before.refusals ?? [], refused, caller);
      return ok(next(before, 'removed', { admissions, pending, refusals, stopped: divisions }, step, now));
    },
    // Who is to stop sooner is suspended or removed: a renewal takes nothing away.
    renew: (before, input, acting) => {
      const { caller, now } = acting;
      const longest = partsOf(before, caller, ['admitted']).map(({ admission }) => fromInstant(admission.until));
      const until = untilOf(input.until, epochMs(Math.max(now, ...longest)), acting);
      if (!until.ok) return err({ code: 'invalid', errors: [until.error] });
      const { admissions, divisions } = madeOf(before, caller, ['admitted'], (part) => ({ ...part, until: until.value }));
      const step = { action: 'renew', by: caller.sub, divisions, until: until.value } as const;
      // What waits there for nothing but this waits no longer.
      const { services } = before;
      const pending = before.pending.filter((each) => !isDispatcherOf(caller)(each) || missing(services, each, admissions).length > 0);
      return ok(next(before, 'renewed', { admissions, pending }, step, now));
    },
  };

/** Does one action, or says why not: `forbidden`, or `wrongState` with what is open. */
export const changeProvider = <A extends ProviderAction>(
  action: A,
  provider: Provider,
  input: ProviderInputs[A],
  acting: Acting,
): Result<Changed, Failure> => {
  const { caller } = acting;
  if (!decidesOn(action, provider, caller)) return err({ code: 'forbidden' });
  if (isOpenFor(action, provider) && hasTo(action, provider, caller)) return RULES[action](provider, input, acting);
  // What is nobody's to do now, and what was theirs to do and is done, is no matter of rights.
  const isTheirs = !isOpenFor(action, provider) || placesOf(provider).some(isDispatcherOf(caller));
  return err(isTheirs ? wrongState(provider, caller) : { code: 'forbidden' });
};
