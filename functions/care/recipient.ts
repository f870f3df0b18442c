/** Somebody who is looked after (特殊困难老年人): who they are, since when, where, how often they are to be visited, and when they were. Pure. */
import { hasRoleFor, type Principal } from '../http/principal.ts';
import type { FieldError } from '../http/problem.ts';
import type { DivisionCode } from '../kernel/division.ts';
import { err, ok, type Result } from '../kernel/result.ts';
import type { Texts } from '../kernel/texts.ts';
import {
  addMonths,
  dayOf,
  FIRST_DAY,
  fromInstant,
  MINUTE,
  monthOf,
  plus,
  startOfDay,
  startOfMonth,
  toInstant,
  type Day,
  type EpochMs,
  type Instant,
  type Month,
} from '../kernel/time.ts';
import { rewind, trailAfter, type TrailStep } from '../kernel/trail.ts';
import { MOST_MONTHS_ASKED, type Tier } from '../kernel/visit-plan.ts';
import type { CATEGORIES, END_REASONS, NEEDS } from './names.ts';
import type { Visit } from './visit.ts';
import { fromMonth, withDay, type DaysByMonth } from './windows.ts';

export type Category = (typeof CATEGORIES)[number];
export type Need = (typeof NEEDS)[number];
export type EndReason = (typeof END_REASONS)[number];

/** Days on which somebody is looked after: from the first, to the day before `until`. */
export interface Spell {
  readonly from: Day;
  /** The first day on which they no longer are. */
  readonly until?: Day | undefined;
}

export interface Contact {
  readonly name?: string | undefined;
  readonly phone?: string | undefined;
  readonly address?: string | undefined;
}

/** What changes of a recipient, and counts: told for any moment by the trail. */
interface Marks {
  readonly community: DivisionCode;
  readonly tier: Tier;
}

export interface Recipient extends Marks {
  readonly id: string;
  readonly version: number;
  /** A visit is a change like any other: events tell of none. */
  readonly change: 'registered' | 'changed';
  readonly changedAt: Instant;
  readonly createdAt: Instant;
  readonly registeredBy: string;
  readonly name: string;
  readonly categories: readonly Category[];
  readonly birthYear?: number | undefined;
  readonly contact?: Contact | undefined;
  readonly needs: readonly Need[];
  /** By `sub`. */
  readonly volunteers: readonly string[];
  /** The last one goes on where it has no end; by their days, however late they were entered. */
  readonly spells: readonly Spell[];
  readonly endReason?: EndReason | undefined;
  readonly trail: readonly TrailStep[];
  /** All days of visits, and of those that found nobody, from that month on. */
  readonly keptFrom: Month;
  readonly visited: DaysByMonth;
  readonly notFound: DaysByMonth;
  readonly lastVisitAt?: Instant | undefined;
}

/** Months before this one of which anything may still be entered: beyond that, figures stand. */
export const LATE_MONTHS = 12;
/** What tells of a month, and of how somebody came into it, lies in so many months before it. */
export const LOOKED_BACK_MONTHS = MOST_MONTHS_ASKED;
const KEPT_MONTHS = LATE_MONTHS + LOOKED_BACK_MONTHS;
/** Clocks of phones go before ours. */
const TOLERANCE = 5 * MINUTE;

const earliestDay = (now: EpochMs): Day => dayOf(startOfMonth(addMonths(monthOf(now), -LATE_MONTHS)));

/** Years of age by the year of birth alone (高龄). */
export const isVeryOld = (birthYear: number | undefined, from: number, now: EpochMs): boolean =>
  birthYear !== undefined && Number(dayOf(now).slice(0, 4)) - birthYear >= from;

const spellOf = (spells: readonly Spell[]): Spell | undefined => spells.at(-1);
export const isActive = ({ spells }: Pick<Recipient, 'spells'>): boolean => {
  const spell = spellOf(spells);
  return spell !== undefined && spell.until === undefined;
};

/** The moment since when somebody who is not active is no longer looked after: who never was, since they were last changed. */
export const lookedAfterUntil = ({ spells, changedAt }: Pick<Recipient, 'spells' | 'changedAt'>): EpochMs => {
  const until = spellOf(spells)?.until;
  return until === undefined ? fromInstant(changedAt) : startOfDay(until);
};

/** The spell that a day lies in. */
export const spellAt = ({ spells }: Pick<Recipient, 'spells'>, day: Day): Spell | undefined =>
  spells.find(({ from, until }) => from <= day && (until === undefined || day < until));

/** Where somebody was, and in which tier, at any moment. */
export const marksAt = ({
  community,
  tier,
  trail,
  createdAt,
}: Pick<Recipient, 'community' | 'tier' | 'trail' | 'createdAt'>): ((at: Instant) => Marks) => {
  const marks = rewind<Marks>({ community, tier }, trail, createdAt);
  const first: Marks = marks[0]?.state ?? { community, tier };
  return (at) => marks.findLast((each) => each.at <= at)?.state ?? first;
};

/** What is said of somebody who is registered, or changed; nothing where it is to be taken away. */
export interface Said {
  readonly name: string;
  readonly community: DivisionCode;
  readonly categories: readonly Category[];
  readonly tier: Tier;
  readonly birthYear?: number | undefined;
  readonly contact?: Contact | undefined;
  readonly needs: readonly Need[];
  readonly volunteers: readonly string[];
}

/** How it is said since when somebody is looked after, and until when. */
export interface SaidOfSpell {
  readonly active?: boolean | undefined;
  readonly activeFrom?: Day | undefined;
  readonly endedOn?: Day | undefined;
  readonly endReason?: EndReason | undefined;
}

const once = <T>(all: readonly T[]): readonly T[] => [...new Set(all)];
const wrong = (path: string, zh: string, en: string): FieldError => ({ path, message: { 'zh-CN': zh, en } });

const FUTURE_DAY = (path: string): FieldError => wrong(path, '不能晚于今天', 'must not be later than today');
const TOO_EARLY = (path: string, day: Day): FieldError =>
  wrong(path, `不能早于 ${day}：更早的统计不再更改`, `must not be before ${day}: figures before it stand`);
const NOT_BEFORE = (path: string, day: Day): FieldError => wrong(path, `不能早于 ${day}`, `must not be before ${day}`);
const ONLY_ACTIVE = (path: string): FieldError => wrong(path, '仅用于在册的对象', 'goes with somebody who is active');
const ONLY_ENDED = (path: string): FieldError => wrong(path, '仅用于不再在册的对象', 'goes with somebody who is no longer active');

const birthYearErrors = (birthYear: number | undefined, now: EpochMs): readonly FieldError[] =>
  birthYear !== undefined && birthYear > Number(dayOf(now).slice(0, 4))
    ? [wrong('birthYear', '不能晚于今年', 'must not be later than this year')]
    : [];

/** `fault`: what is wrong with the community, where anything is. */
export const communityErrors = (fault: Texts | undefined): readonly FieldError[] =>
  fault === undefined ? [] : [{ path: 'community', message: fault }];

/** Registers somebody, from today unless said. */
export const registered = (id: string, said: Said, of: SaidOfSpell, by: string, now: EpochMs): Result<Recipient, readonly FieldError[]> => {
  const { active = true, activeFrom = dayOf(now) } = of;
  const errors = [
    ...birthYearErrors(said.birthYear, now),
    ...(activeFrom > dayOf(now) ? [FUTURE_DAY('activeFrom')] : []),
    ...(activeFrom < FIRST_DAY ? [NOT_BEFORE('activeFrom', FIRST_DAY)] : []),
    ...(!active && of.activeFrom !== undefined ? [ONLY_ACTIVE('activeFrom')] : []),
  ];
  if (errors.length > 0) return err(errors);
  return ok({
    ...said,
    categories: once(said.categories),
    needs: once(said.needs),
    volunteers: once(said.volunteers),
    id,
    version: 1,
    change: 'registered',
    changedAt: toInstant(now),
    createdAt: toInstant(now),
    registeredBy: by,
    spells: active ? [{ from: activeFrom }] : [],
    trail: [],
    keptFrom: addMonths(monthOf(now), -KEPT_MONTHS),
    visited: {},
    notFound: {},
  });
};

/** The spell that begins then goes on from the one before it where there is no day between them. */
const begunAt = (before: readonly Spell[], from: Day): readonly Spell[] => {
  const last = spellOf(before);
  return last?.until === from ? [...before.slice(0, -1), { from: last.from }] : [...before, { from }];
};

/**
 * The spells after what is said of them; each wrong field named. Who begins again on the day of the end, or no later than the spell began that has
 * ended, takes back that end: else whoever ends and begins somebody by mistake would wipe out what they were due. What is said as it stands is no
 * change and never wrong: a form sends back what it got.
 */
const spellsAfter = (
  { spells, endReason }: Recipient,
  { active, activeFrom, endedOn, endReason: reason }: SaidOfSpell,
  now: EpochMs,
): Result<Pick<Recipient, 'spells' | 'endReason'>, readonly FieldError[]> => {
  const today = dayOf(now);
  const earliest = earliestDay(now);
  const errors: FieldError[] = [];
  const check = (path: string, day: Day | undefined, was: Day | undefined, least: Day | undefined): void => {
    if (day === undefined || day === was) return;
    if (day > today) errors.push(FUTURE_DAY(path));
    else if (path === 'endedOn' && day < earliest) errors.push(TOO_EARLY(path, earliest));
    else if (least !== undefined && day < least) errors.push(NOT_BEFORE(path, least));
  };
  const wasActive = isActive({ spells });
  const last = spellOf(spells);
  const isNow = active ?? wasActive;
  if (isNow) {
    if (endedOn !== undefined && endedOn !== last?.until) errors.push(ONLY_ENDED('endedOn'));
    if (reason !== undefined && reason !== endReason) errors.push(ONLY_ENDED('endReason'));
    const from = activeFrom ?? (wasActive ? last?.from : undefined) ?? today;
    // Begun again, or its beginning corrected: never before the spell before it has ended.
    const before = wasActive || (last !== undefined && from <= last.from) ? spells.slice(0, -1) : spells;
    check('activeFrom', activeFrom, last?.from, before.at(-1)?.until ?? FIRST_DAY);
    return errors.length > 0 ? err(errors) : ok({ spells: begunAt(before, from), endReason: undefined });
  }
  if (activeFrom !== undefined && activeFrom !== last?.from) errors.push(ONLY_ACTIVE('activeFrom'));
  if (last === undefined) {
    if (endedOn !== undefined) errors.push(ONLY_ACTIVE('endedOn'));
    return errors.length > 0 ? err(errors) : ok({ spells, endReason: reason ?? endReason });
  }
  check('endedOn', endedOn, last.until, last.from);
  const until = endedOn ?? last.until ?? today;
  return errors.length > 0
    ? err(errors)
    : ok({ spells: [...spells.slice(0, -1), { from: last.from, until }], endReason: reason ?? endReason });
};

/** Drops days that no figure needs any more. */
const pruned = (recipient: Recipient, now: EpochMs): Recipient => {
  const month = addMonths(monthOf(now), -KEPT_MONTHS);
  if (month <= recipient.keptFrom) return recipient;
  const { visited, notFound } = recipient;
  return { ...recipient, keptFrom: month, visited: fromMonth(visited, month), notFound: fromMonth(notFound, month) };
};

/** The same person as they are said to be now. */
export const changed = (before: Recipient, said: Said, of: SaidOfSpell, now: EpochMs): Result<Recipient, readonly FieldError[]> => {
  const spells = spellsAfter(before, of, now);
  const errors = [...birthYearErrors(said.birthYear, now), ...(spells.ok ? [] : spells.error)];
  if (!spells.ok || errors.length > 0) return err(errors);
  const marksOf = ({ community, tier }: Marks): Marks => ({ community, tier });
  return ok(
    pruned(
      {
        ...before,
        ...said,
        categories: once(said.categories),
        needs: once(said.needs),
        volunteers: once(said.volunteers),
        ...spells.value,
        version: before.version + 1,
        change: 'changed',
        changedAt: toInstant(now),
        trail: trailAfter(before.trail, marksOf(before), marksOf(said), toInstant(now)),
      },
      now,
    ),
  );
};

/** A worker whose division covers the community; to others nobody is there. */
export const cares = (caller: Principal | undefined, { community }: Pick<Recipient, 'community'>): boolean =>
  hasRoleFor(caller, 'worker', community);

/** The same, and volunteers who are named for it, while the person is active. */
export const mayVisit = (caller: Principal, recipient: Pick<Recipient, 'community' | 'volunteers' | 'spells'>): boolean =>
  cares(caller, recipient) || (isActive(recipient) && recipient.volunteers.includes(caller.sub));

/**
 * Whether somebody was no longer active on a day. Whoever calls on the day of an end may have found out about it, and one visits, then registers:
 * such visits are kept, and count in nothing.
 */
const isAfterEnd = ({ spells }: Pick<Recipient, 'spells'>, day: Day): boolean => {
  const until = spells.findLast(({ from }) => from <= day)?.until;
  return until !== undefined && until < day;
};

/** What is wrong with the moment of a visit that is entered now. */
export const momentErrors = (recipient: Recipient, at: EpochMs, now: EpochMs): readonly FieldError[] => {
  if (at > plus(now, TOLERANCE)) return [wrong('at', '不能晚于现在', 'must not be in the future')];
  const day = dayOf(at);
  if (day < earliestDay(now)) return [TOO_EARLY('at', earliestDay(now))];
  if (isAfterEnd(recipient, day)) return [wrong('at', '该日对象已不在册', 'is on a day on which the person was no longer active')];
  return [];
};

/** The same person after a visit. One that found nobody is none. */
export const visited = (before: Recipient, visit: Visit, now: EpochMs): Recipient => {
  const day = dayOf(fromInstant(visit.at));
  const after = pruned({ ...before, version: before.version + 1, change: 'changed', changedAt: toInstant(now) }, now);
  if (visit.outcome === 'notFound') return { ...after, notFound: withDay(after.notFound, day) };
  const { lastVisitAt } = after;
  return {
    ...after,
    visited: withDay(after.visited, day),
    lastVisitAt: lastVisitAt === undefined || lastVisitAt < visit.at ? visit.at : lastVisitAt,
  };
};
