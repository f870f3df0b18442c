/** What happens in a community in a month, made up: the same for the same place, month and number, whatever else there is. Pure. */
import type { DivisionCode } from '../../../functions/kernel/division.ts';
import { newNumberedId } from '../../../functions/kernel/id.ts';
import { DAY, endOfMonth, epochMs, HOUR, plus, startOfMonth, toInstant, type EpochMs, type Month } from '../../../functions/kernel/time.ts';
import type { Dated } from '../../../functions/kernel/trail.ts';
import { factsOf, type Fact, type Life, type State } from '../../../functions/metrics/life.ts';
import type { RectificationState, RequestState } from '../../../functions/service-requests/reader.ts';
import { seeded } from '../../support/faults.ts';

/** A community, and its number in its country: all that is random hangs on it. */
export interface Place {
  readonly community: DivisionCode;
  readonly index: number;
}

/** Requests of a month, each as often as it stands here: three on average. */
const REQUESTS = [1, 2, 2, 3, 3, 3, 3, 4, 4, 5];

type Chance = () => number;

const among = <T>(chance: Chance, all: readonly T[]): T => all[Math.floor(chance() * all.length)] as T;
const hours = (chance: Chance, least: number, most: number): number => Math.round((least + chance() * (most - least)) * HOUR);

const idOf = (chance: Chance): string => newNumberedId((bytes) => Uint8Array.from({ length: bytes }, () => Math.floor(chance() * 256)));

interface Change<S> {
  readonly at: EpochMs;
  readonly to: Partial<S>;
}

/** Every state that follows from a first one, oldest first. */
const statesFrom = <S extends State>(began: EpochMs, first: S, changes: readonly Change<S>[]): readonly Dated<S>[] => {
  let state = first;
  return [
    { at: toInstant(began), state },
    ...changes.map(({ at, to }) => {
      state = { ...state, ...to };
      return { at: toInstant(at), state };
    }),
  ];
};

/** One in twenty ratings is bad, and has to be put right. */
const levelOf = (chance: Chance): number => (chance() < 0.05 ? 1 + Math.floor(chance() * 2) : 3 + Math.floor(chance() * 3));

/**
 * One request, and what follows from a bad rating of it. All of it is over by the 25th of the month after, so that a month is made up of
 * itself and the one before: a longer history does not change it.
 */
const requestIn = ({ community }: Place, month: Month, chance: Chance): readonly Life[] => {
  const requestedAt = plus(startOfMonth(month), Math.round(chance() * 27 * DAY));
  const respondBy = plus(requestedAt, DAY);
  const resolveBy = plus(requestedAt, 5 * DAY);
  const first: RequestState = {
    community,
    phase: 'open',
    requestedAt: toInstant(requestedAt),
    respondBy: toInstant(respondBy),
    resolveBy: toInstant(resolveBy),
    ratings: [],
  };
  const respondedAt = plus(requestedAt, hours(chance, 1, 30));
  // One in six is left open when its month ends, and resolved in the next one's first week.
  const usual = plus(respondedAt, hours(chance, 6, 110));
  const late = plus(endOfMonth(month), hours(chance, 6, 160));
  const resolvedAt = chance() < 1 / 6 || usual >= endOfMonth(month) ? late : usual;
  const isRated = chance() < 0.4;
  const level = levelOf(chance);
  const ratedAt = plus(resolvedAt, hours(chance, 1, 48));
  const id = idOf(chance);
  const changes: Change<RequestState>[] = [
    { at: respondedAt, to: { respondedAt: toInstant(respondedAt) } },
    { at: resolvedAt, to: { phase: 'resolved', resolvedAt: toInstant(resolvedAt) } },
    ...(isRated ? [{ at: ratedAt, to: { ratings: [{ at: toInstant(ratedAt), level }] } }] : []),
  ];
  const moments = statesFrom(requestedAt, first, changes);
  const request: Life = { kind: 'request', id, confidential: false, version: moments.length, moments };
  if (!isRated || level > 2) return [request];
  const calledBackAt = plus(ratedAt, hours(chance, 1, 30));
  const fixedAt = plus(ratedAt, hours(chance, 40, 340));
  const asked: RectificationState = {
    community,
    callBackBy: toInstant(plus(ratedAt, DAY)),
    fixBy: toInstant(plus(ratedAt, 14 * DAY)),
  };
  const put = statesFrom(ratedAt, asked, [
    { at: calledBackAt, to: { calledBackAt: toInstant(calledBackAt) } },
    { at: fixedAt, to: { fixedAt: toInstant(fixedAt) } },
  ]);
  return [request, { kind: 'rectification', id: idOf(chance), confidential: false, version: put.length, moments: put }];
};

/** Everything that begins in a community in a month, as far as it is known at `until`. */
const begunIn = (place: Place, month: Month, until: EpochMs): readonly Life[] => {
  const chance = seeded(Math.imul(place.index + 1, 0x9e3779b1) ^ Math.imul(startOfMonth(month) / DAY, 0x85ebca6b));
  // The first numbers of neighbouring seeds are alike.
  for (let skipped = 0; skipped < 4; skipped++) chance();
  const count = among(chance, REQUESTS);
  const last = toInstant(until);
  return Array.from({ length: count }, () => requestIn(place, month, chance))
    .flat()
    .map((life) => ({ ...life, moments: life.moments.filter(({ at }) => at < last) }))
    .filter(({ moments }) => moments.length > 0);
};

/** The facts of a community by month, of all that begins in those months, and the things that they are of. */
export const happened = (
  place: Place,
  months: readonly Month[],
  until: EpochMs,
): { readonly lives: readonly Life[]; readonly facts: ReadonlyMap<Month, readonly Fact[]> } => {
  const lives = months.flatMap((month) => begunIn(place, month, until));
  return {
    lives,
    facts: Map.groupBy(
      lives.flatMap((life) => factsOf(life)),
      ({ month }) => month,
    ),
  };
};

/** Beyond everything that is made up here. */
export const FOREVER = epochMs(Date.UTC(2999, 0, 1));
