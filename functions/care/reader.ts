/** What other domains may know of those who are looked after: how they stood at any moment, and what a visitor asks help for. */
import type { Database } from '../data/database.ts';
import type { DivisionCode } from '../kernel/division.ts';
import {
  addMonths,
  dayOf,
  epochMs,
  fromInstant,
  monthOf,
  startOfDay,
  startOfMonth,
  toInstant,
  type Day,
  type Instant,
  type Month,
} from '../kernel/time.ts';
import type { Dated } from '../kernel/trail.ts';
import { MOST_MONTHS_ASKED, VISIT_PLAN, type Tier } from '../kernel/visit-plan.ts';
import { LATE_MONTHS, LOOKED_BACK_MONTHS, marksAt, spellAt, type Recipient } from './recipient.ts';
import { careRepository } from './repository.ts';
import type { Visit } from './visit.ts';
import { byMonth, daysIn, judgeWindows, windowsOf, type DaysByMonth, type JudgedWindow } from './windows.ts';

/** What figures are counted from, of somebody. No event carries it: it is read where it stands. */
export type RecipientImage = Pick<
  Recipient,
  'id' | 'version' | 'community' | 'tier' | 'createdAt' | 'spells' | 'trail' | 'keptFrom' | 'visited'
>;

export interface CareState {
  readonly community: DivisionCode;
  readonly tier: Tier;
  /** Absent while they are not looked after. */
  readonly activeFrom?: Day | undefined;
  /** Of visits up to then, all that can tell in this month and the two before it. */
  readonly visited: DaysByMonth;
}

const MONTHS_BACK = MOST_MONTHS_ASKED - 1;
const DAYS_OF_A_WEEK = 7;

/** The first of each seven days of a month: more of them say nothing more, since every window is made of whole such weeks. */
const thinned = (days: readonly Day[]): readonly Day[] => {
  const weekOf = (day: Day): string => `${day.slice(0, 7)}.${Math.floor((Number(day.slice(8)) - 1) / DAYS_OF_A_WEEK)}`;
  return [...new Map(days.toReversed().map((day) => [weekOf(day), day])).values()].toReversed();
};

/** The first month that an image of somebody tells of. */
export const careToldFrom = ({ keptFrom }: RecipientImage): Month => addMonths(keptFrom, LOOKED_BACK_MONTHS);

/**
 * How somebody stood from each of their changes on, oldest first. Visits and spells count by their own days, however late they were entered, but
 * for what came long before somebody was registered: figures of those months stand.
 */
export const careLife = (image: RecipientImage): readonly Dated<CareState>[] => {
  const { createdAt, spells, trail } = image;
  const first = startOfMonth(addMonths(monthOf(fromInstant(createdAt)), -LATE_MONTHS));
  const visits = thinned(daysIn(image.visited));
  const marks = marksAt(image);
  const instantOf = (day: Day): Instant => toInstant(startOfDay(day));
  const began = spells[0] === undefined ? undefined : toInstant(epochMs(Math.max(first, startOfDay(spells[0].from))));
  if (began === undefined) return [];
  const happened = [
    began,
    ...spells.flatMap(({ from, until }) => [from, ...(until === undefined ? [] : [until])]).map(instantOf),
    ...trail.map(({ at }) => at),
    ...visits.map(instantOf),
  ].toSorted();
  // A visit is forgotten when it tells nothing any more: so a state is the same whether what came before it is still kept or not.
  const forgotten = visits.map((day) => toInstant(startOfMonth(addMonths(monthOf(startOfDay(day)), MONTHS_BACK + 1))));
  const times = [...happened, ...forgotten.filter((at) => at <= (happened.at(-1) ?? began))];
  let recent: readonly Day[] = [];
  let next = 0;
  return [...new Set(times)]
    .filter((at) => at >= began)
    .toSorted()
    .map((at) => {
      const day = dayOf(fromInstant(at));
      const from = dayOf(startOfMonth(addMonths(monthOf(fromInstant(at)), -MONTHS_BACK)));
      const had = next;
      while ((visits[next] ?? '9') <= day) next += 1;
      recent = [...recent, ...visits.slice(had, next)].filter((each) => each >= from);
      const { community, tier } = marks(at);
      return { at, state: { community, tier, activeFrom: spellAt(image, day)?.from, visited: byMonth(recent) } };
    });
};

/** The windows of a month in which somebody who stood so is due, up to a moment: as the indicator asks, whatever is set. */
export const windowsBy = ({ tier, activeFrom, visited }: CareState, month: Month, until: Instant): readonly JudgedWindow[] =>
  activeFrom === undefined
    ? []
    : judgeWindows({ asked: VISIT_PLAN[tier], month, activeFrom, today: dayOf(epochMs(fromInstant(until) - 1)), visited });

/** When windows of a month begin: from then on, somebody who stood so may be due in one more. */
export const beginnings = ({ tier, activeFrom }: CareState, month: Month): readonly Instant[] =>
  activeFrom === undefined
    ? []
    : windowsOf(VISIT_PLAN[tier], month)
        .filter(({ from }) => activeFrom <= from)
        .map(({ from }) => toInstant(startOfDay(from)));

/** All who are registered in exactly that community now, a page at a time. */
export const recipientImages = (database: Database, community: DivisionCode): AsyncGenerator<readonly RecipientImage[]> =>
  careRepository(database).recipientsIn(community);

/** Somebody as they are now. */
export const recipientImage = (database: Database, id: string): Promise<RecipientImage | undefined> => careRepository(database).read(id);

/** The visit that has asked for a request for help, and whom it was paid to as they are known now. */
export const helpedBy = async (
  database: Database,
  request: string,
): Promise<{ readonly visit: Visit; readonly recipient: Recipient } | undefined> => {
  const repository = careRepository(database);
  const call = await repository.findHelpCall(request);
  if (call === undefined) return undefined;
  const [recipient, visit] = await Promise.all([repository.find(call.recipient), repository.findVisit(call.recipient, call.visit)]);
  return recipient === undefined || visit === undefined ? undefined : { visit, recipient };
};
