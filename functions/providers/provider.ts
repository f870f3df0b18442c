/**
 * A provider's entry in the register (公共服务准入): applied → admitted ⇄ suspended → removed. Who may do what with it, and whom it may serve.
 * Pure.
 */
import { isDeepStrictEqual } from 'node:util';
import { hasRoleFor, type Principal } from '../http/principal.ts';
import { wrongField, type Failure } from '../http/problem.ts';
import { concernedBy, covers, type DivisionCode } from '../kernel/division.ts';
import { err, ok, type Result } from '../kernel/result.ts';
import type { Texts } from '../kernel/texts.ts';
import { addMonthsToDay, dayOf, fromInstant, parseInstant, startOfDay, toInstant, type EpochMs, type Instant } from '../kernel/time.ts';
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

/** What a dispatcher has admitted it for. */
export interface Admission {
  readonly services: readonly string[];
  readonly divisions: readonly DivisionCode[];
  readonly since: Instant;
  /** The first moment at which it no longer holds. */
  readonly until: Instant;
}

export interface Provider extends ProviderFacts {
  readonly id: string;
  readonly version: number;
  readonly change: 'applied' | 'revised' | 'admitted' | 'suspended' | 'removed' | 'renewed';
  readonly changedAt: Instant;
  readonly appliedAt: Instant;
  /** Who applied. */
  readonly owner: string;
  readonly status: ProviderStatus;
  readonly admissions: readonly Admission[];
  /** Where something that it wants to serve waits for admission. */
  readonly pending: readonly DivisionCode[];
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

/** The claim, or having applied. */
export const isPeopleOf = ({ id, owner }: Pick<Provider, 'id' | 'owner'>, caller: Principal | undefined): boolean =>
  caller !== undefined && (caller.sub === owner || (caller.roles.has('provider') && caller.provider === id));

const admittedIn = ({ admissions }: Pick<Provider, 'admissions'>): readonly DivisionCode[] => [
  ...new Set(admissions.flatMap(({ divisions }) => divisions)),
];

/** A dispatcher of a place at, above or within one that it serves or wants to serve. */
export const oversees = (provider: Provider, caller: Principal | undefined): boolean =>
  caller?.division !== undefined &&
  caller.roles.has('dispatcher') &&
  concernedBy([...provider.divisions, ...admittedIn(provider)])(caller.division);

const isInForce = ({ until }: Admission, now: EpochMs): boolean => now < fromInstant(until);

export const admissionsInForce = ({ status, admissions }: Pick<Provider, 'status' | 'admissions'>, now: EpochMs): readonly Admission[] =>
  status === 'admitted' ? admissions.filter((each) => isInForce(each, now)) : [];

/** How much of an entry a caller sees; `nothing` must look as if it did not exist. */
export type ProviderSight = 'whole' | 'public' | 'nothing';

export const providerSight = (provider: Provider, caller: Principal | undefined, now: EpochMs): ProviderSight => {
  if (isPeopleOf(provider, caller) || oversees(provider, caller)) return 'whole';
  return admissionsInForce(provider, now).length > 0 ? 'public' : 'nothing';
};

const isServing = (admissions: readonly Admission[], service: string, place: DivisionCode): boolean =>
  admissions.some((each) => each.services.includes(service) && each.divisions.some((division) => covers(division, place)));

/** Why it is given no work of that service there; undefined where it may serve it now. */
export const assignmentFault = (
  provider: Provider | undefined,
  { service, community }: { readonly service: string; readonly community: DivisionCode },
  now: EpochMs,
): Texts | undefined => {
  if (provider === undefined || provider.status === 'removed') return { 'zh-CN': '没有这个服务商', en: 'is no provider in the register' };
  if (provider.status === 'suspended') return { 'zh-CN': '该服务商已被暂停', en: 'is suspended' };
  if (isServing(admissionsInForce(provider, now), service, community)) return undefined;
  return isServing(provider.admissions, service, community)
    ? { 'zh-CN': '该服务商的准入已到期，请先续期', en: 'was admitted until a moment that has passed: renew it first' }
    : { 'zh-CN': '该服务商未获准在此提供这项服务', en: 'is not admitted for that service there' };
};

/** Where something of what it wants is not admitted yet. */
const waiting = (facts: Pick<ProviderFacts, 'services' | 'divisions'>, admissions: readonly Admission[]): readonly DivisionCode[] =>
  facts.divisions.filter((division) => facts.services.some((service) => !isServing(admissions, service, division)));

export const applied = (id: string, facts: ProviderFacts, owner: string, now: EpochMs): Changed => {
  const at = toInstant(now);
  const { services, divisions } = facts;
  return {
    provider: {
      ...facts,
      id,
      version: 1,
      change: 'applied',
      changedAt: at,
      appliedAt: at,
      owner,
      status: 'applied',
      admissions: [],
      pending: divisions,
    },
    step: { at, action: 'apply', status: 'applied', by: owner, services, divisions },
  };
};

const next = (
  before: Provider,
  change: Provider['change'],
  patch: Partial<Provider>,
  step: Omit<ProviderStep, 'at' | 'status'>,
  now: EpochMs,
): Changed => {
  const at = toInstant(now);
  const provider: Provider = { ...before, ...patch, version: before.version + 1, change, changedAt: at };
  return { provider, step: { ...step, at, status: provider.status } };
};

/** What is common to two divisions: the smaller of them, or nothing. */
const common = (one: DivisionCode, other: DivisionCode): readonly DivisionCode[] =>
  covers(one, other) ? [other] : covers(other, one) ? [one] : [];

/** What is left of admissions for who wants to serve these services in these places only. */
const narrowed = (admissions: readonly Admission[], { services, divisions }: Pick<ProviderFacts, 'services' | 'divisions'>) =>
  admissions.flatMap((each): Admission[] => {
    const left = each.services.filter((service) => services.includes(service));
    const where = [...new Set(each.divisions.flatMap((one) => divisions.flatMap((other) => common(one, other))))];
    return left.length === 0 || where.length === 0 ? [] : [{ ...each, services: left, divisions: where }];
  });

/** What may be done now at all, whoever asks. */
const isOpenFor = (action: ProviderAction, { status, pending }: Provider): boolean => {
  switch (action) {
    case 'admit':
      return status === 'applied' || status === 'suspended' || (status === 'admitted' && pending.length > 0);
    case 'suspend':
    case 'renew':
      return status === 'admitted';
    case 'remove':
      return status !== 'removed';
  }
};

/** Whether the caller is a dispatcher whose division covers every one of these. */
const coversAll = (caller: Principal, divisions: readonly DivisionCode[]): boolean =>
  divisions.length > 0 && divisions.every((division) => hasRoleFor(caller, 'dispatcher', division));

/** Where it serves; where it serves nothing yet, where it wants to. */
const reachOf = (provider: Provider): readonly DivisionCode[] =>
  provider.admissions.length > 0 ? admittedIn(provider) : provider.divisions;

const renewable = ({ admissions }: Provider, caller: Principal): readonly Admission[] =>
  admissions.filter(({ divisions }) => coversAll(caller, divisions));

/** Nobody admits or suspends a provider of their own. */
const may = (action: ProviderAction, provider: Provider, caller: Principal): boolean => {
  if (isPeopleOf(provider, caller) || !oversees(provider, caller)) return false;
  switch (action) {
    case 'admit':
      // Which divisions, is looked at where they are known.
      return provider.status !== 'suspended' || coversAll(caller, reachOf(provider));
    case 'suspend':
    case 'remove':
      return coversAll(caller, reachOf(provider));
    case 'renew':
      return renewable(provider, caller).length > 0;
  }
};

/** The names of what this caller may do now. */
export const openProviderActions = (provider: Provider, caller: Principal | undefined): ProviderAction[] =>
  caller === undefined ? [] : PROVIDER_ACTIONS.filter((action) => isOpenFor(action, provider) && may(action, provider, caller));

const wrongState = (provider: Provider, caller: Principal): Failure => ({
  code: 'wrongState',
  actions: openProviderActions(provider, caller),
});

/**
 * What it says of itself now. What it no longer wants to serve ends at once; what is new waits for admission. What kind of organisation it is
 * stands from its admission on.
 */
export const revise = (before: Provider, facts: ProviderFacts, caller: Principal, now: EpochMs): Result<Changed, Failure> => {
  if (before.status !== 'applied' && before.status !== 'admitted') return err(wrongState(before, caller));
  if (before.status === 'admitted' && facts.kind !== before.kind)
    return err(wrongField('kind', { 'zh-CN': '准入后不能更改类型', en: 'stands once it is admitted' }));
  const admissions = narrowed(before.admissions, facts);
  const { services, divisions } = facts;
  const patch = {
    ...facts,
    admissions,
    pending: waiting(facts, admissions),
    status: admissions.length === 0 ? ('applied' as const) : before.status,
  };
  return ok(next(before, 'revised', patch, { action: 'revise', by: caller.sub, services, divisions }, now));
};

const factsOf = ({ name, kind, services, divisions, contact }: ProviderFacts): readonly unknown[] => [
  name,
  kind,
  services,
  divisions,
  contact,
];

/** Whether it says nothing new. */
export const saysTheSame = (one: ProviderFacts, other: ProviderFacts): boolean => isDeepStrictEqual(factsOf(one), factsOf(other));

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
}

const monthsOn = (now: EpochMs, months: number): EpochMs => startOfDay(addMonthsToDay(dayOf(now), months));

/** The moment that is asked for; the setting's where none is. */
const untilOf = (asked: string | undefined, { now, terms }: Acting): Result<Instant, Failure> => {
  const until = asked === undefined ? monthsOn(now, terms.months) : parseInstant(asked);
  if (until === undefined || until <= now || until > monthsOn(now, terms.mostMonths))
    return err(
      wrongField('until', {
        'zh-CN': `应晚于现在，且不超过 ${terms.mostMonths} 个月`,
        en: `must be later than now, and within ${terms.mostMonths} months`,
      }),
    );
  return ok(toInstant(until));
};

const unknown = (path: string, asked: readonly string[], isWanted: (each: string) => boolean) =>
  asked.flatMap((each, index) =>
    isWanted(each) ? [] : [{ path: `${path}.${index}`, message: { 'zh-CN': '不在申请范围内', en: 'is not among what was applied for' } }],
  );

/** An admission for these services and divisions takes the place of what was admitted there before. */
const admit = (before: Provider, input: ProviderInputs['admit'], acting: Acting): Result<Changed, Failure> => {
  const { caller, now } = acting;
  const isLifted = before.status === 'suspended' && input.services === undefined && input.divisions === undefined;
  const services = input.services ?? before.services;
  const divisions =
    input.divisions ?? (isLifted ? admittedIn(before) : before.pending.filter((division) => hasRoleFor(caller, 'dispatcher', division)));
  const errors = [
    ...unknown('services', services, (service) => before.services.includes(service)),
    ...(isLifted ? [] : unknown('divisions', divisions, (asked) => before.divisions.some((division) => covers(division, asked)))),
  ];
  if (errors.length > 0) return err({ code: 'invalid', errors });
  if (!coversAll(caller, divisions)) return err({ code: 'forbidden' });
  const until = untilOf(input.until, acting);
  if (!until.ok) return until;
  const isReplaced = (division: DivisionCode): boolean => divisions.some((each) => covers(each, division));
  const admissions = isLifted
    ? before.admissions.map((each) => (input.until === undefined && isInForce(each, now) ? each : { ...each, until: until.value }))
    : [
        ...before.admissions.flatMap((each): Admission[] => {
          const left = each.divisions.filter((division) => !isReplaced(division));
          return left.length === 0 ? [] : [{ ...each, divisions: left }];
        }),
        { services, divisions, since: toInstant(now), until: until.value },
      ];
  return ok(
    next(
      before,
      'admitted',
      {
        status: 'admitted',
        admissions,
        // What this dispatcher could have admitted and has not is decided, too.
        pending: before.pending.filter((division) => !hasRoleFor(caller, 'dispatcher', division)),
      },
      {
        action: 'admit',
        by: caller.sub,
        note: input.grounds,
        ...(isLifted ? {} : { services, divisions, until: until.value }),
      },
      now,
    ),
  );
};

const RULES: { readonly [A in ProviderAction]: (before: Provider, input: ProviderInputs[A], acting: Acting) => Result<Changed, Failure> } =
  {
    admit,
    suspend: (before, { reason }, { caller, now }) =>
      ok(next(before, 'suspended', { status: 'suspended' }, { action: 'suspend', by: caller.sub, note: reason }, now)),
    remove: (before, { reason }, { caller, now }) =>
      ok(next(before, 'removed', { status: 'removed', pending: [] }, { action: 'remove', by: caller.sub, note: reason }, now)),
    renew: (before, input, acting) => {
      const until = untilOf(input.until, acting);
      if (!until.ok) return until;
      const renewed = new Set(renewable(before, acting.caller));
      const admissions = before.admissions.map((each) => (renewed.has(each) ? { ...each, until: until.value } : each));
      const divisions = [...renewed].flatMap((each) => each.divisions);
      const step = { action: 'renew', by: acting.caller.sub, divisions, until: until.value } as const;
      return ok(next(before, 'renewed', { admissions }, step, acting.now));
    },
  };

/** Does one action, or says why not: `forbidden`, or `wrongState` with what is open. */
export const changeProvider = <A extends ProviderAction>(
  action: A,
  provider: Provider,
  input: ProviderInputs[A],
  acting: Acting,
): Result<Changed, Failure> => {
  if (isPeopleOf(provider, acting.caller) || !oversees(provider, acting.caller)) return err({ code: 'forbidden' });
  if (!isOpenFor(action, provider)) return err(wrongState(provider, acting.caller));
  if (!may(action, provider, acting.caller)) return err({ code: 'forbidden' });
  return RULES[action](provider, input, acting);
};
