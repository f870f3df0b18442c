/** Who is to be visited, and why: the windows of their tier, and alerts. Pure. */
import { covers, type DivisionCode } from '../kernel/division.ts';
import {
  addDays,
  dayOf,
  endOfMonth,
  epochMs,
  HOUR,
  fromInstant,
  monthOf,
  plus,
  startOfDay,
  toInstant,
  type EpochMs,
  type Instant,
  type Month,
} from '../kernel/time.ts';
import type { Texts } from '../kernel/texts.ts';
import type { VisitPlan } from '../kernel/visit-plan.ts';
import { marksAt, spellAt, type Spell } from './recipient.ts';
import type { RecipientEntry } from './repository.ts';
import { judgeWindows, type JudgedWindow } from './windows.ts';

/** An alert that makes visits due in a division, as long as nothing stands in its place. */
export interface AlertInForce {
  readonly alert: string;
  readonly headline: Texts;
  readonly division: DivisionCode;
  /** Whoever was visited from then on is not due because of it: when it, or what it stands in the place of, was issued here. */
  readonly since: Instant;
}

/** How often people are visited, and how soon after an alert. */
export type CarePlan = VisitPlan & { readonly alertWithinHours: number };

export interface DueAlert {
  readonly alert: string;
  readonly headline: Texts;
  readonly since: Instant;
  readonly dueBy: Instant;
}

export interface Due {
  readonly windows: readonly JudgedWindow[];
  readonly alerts: readonly DueAlert[];
}

interface Asking {
  readonly division: DivisionCode;
  readonly month: Month;
  readonly now: EpochMs;
  readonly plan: CarePlan;
  readonly alerts: readonly AlertInForce[];
}

/** Whoever is active now: since the alert, or since their first day where that came later. */
const alertsFor = ({ community, lastVisitAt }: RecipientEntry, { from }: Spell, { alerts, plan }: Asking): readonly DueAlert[] => {
  const began = toInstant(startOfDay(from));
  return alerts
    .filter(({ division }) => covers(division, community))
    .map(({ alert, headline, since: issued }) => {
      const since = issued < began ? began : issued;
      return { alert, headline, since, dueBy: toInstant(plus(fromInstant(since), plan.alertWithinHours * HOUR)) };
    })
    .filter(({ since }) => lastVisitAt === undefined || lastVisitAt < since);
};

/**
 * What there is to be done, or was not done, for somebody in a month so far; nothing where they have been visited as asked. Of a month that
 * has ended: by their tier at its end, where they were looked after then, and in that division.
 */
export const dueOf = (entry: RecipientEntry, asking: Asking): Due | undefined => {
  const { division, month, now, plan } = asking;
  const isPast = monthOf(now) > month;
  const then = isPast ? epochMs(endOfMonth(month) - 1) : now;
  const spell = spellAt(entry, dayOf(then));
  const { community, tier } = marksAt(entry)(toInstant(then));
  if (spell === undefined || !covers(division, community)) return undefined;
  const { visited, notFound } = entry;
  const windows = judgeWindows({ asked: plan[tier], month, activeFrom: spell.from, today: dayOf(now), visited, notFound });
  const alerts = isPast ? [] : alertsFor(entry, spell, asking);
  return alerts.length > 0 || windows.some(({ state }) => state !== 'visited') ? { windows, alerts } : undefined;
};

/** What a community's desk is reminded of. */
export interface Tally {
  /** People whose time to be visited is running, and those of them for whom it ends today. */
  readonly open: number;
  readonly endingToday: number;
  /** Times that passed without a visit, in the month that yesterday was in. */
  readonly missed: number;
  /** People who are to be visited because of an alert. */
  readonly alerted: number;
}

export const NOTHING: Tally = { open: 0, endingToday: 0, missed: 0, alerted: 0 };
export const isNothing = (tally: Tally): boolean => Object.values(tally).every((count) => count === 0);

export const sumOf = (one: Tally, other: Tally): Tally => ({
  open: one.open + other.open,
  endingToday: one.endingToday + other.endingToday,
  missed: one.missed + other.missed,
  alerted: one.alerted + other.alerted,
});

/** What a community's desk is told on a day. */
export interface Reminder extends Tally {
  /** The month in which it missed what was missed. */
  readonly missedIn: Month;
  /** How soon after an alert people are to be visited, hours. */
  readonly withinHours: number;
}

/** On the first of a month, what was missed in the last one is told once more and for good. */
const missedIn = (now: EpochMs): Month => monthOf(startOfDay(addDays(dayOf(now), -1)));

export const reminderOf = (tally: Tally, now: EpochMs, { alertWithinHours }: CarePlan): Reminder => ({
  ...tally,
  missedIn: missedIn(now),
  withinHours: alertWithinHours,
});

/** What one person adds to it. */
export const tallyOf = (entry: RecipientEntry, asking: Omit<Asking, 'month' | 'division'>): Tally => {
  const today = dayOf(asking.now);
  const month = monthOf(asking.now);
  const { community: division } = entry;
  const due = dueOf(entry, { ...asking, division, month });
  const open = due?.windows.filter(({ state }) => state === 'open') ?? [];
  const before = missedIn(asking.now);
  const past = before === month ? due : dueOf(entry, { ...asking, division, month: before });
  return {
    open: Math.min(open.length, 1),
    endingToday: open.some(({ to }) => to === today) ? 1 : 0,
    missed: past?.windows.filter(({ state }) => state === 'missed').length ?? 0,
    alerted: due !== undefined && due.alerts.length > 0 ? 1 : 0,
  };
};
