import type { Write } from '../data/database.ts';
import type { SignedInCall } from '../http/call.ts';
import type { Failure, FieldError } from '../http/problem.ts';
import { toWgs84, type Position } from '../kernel/position.ts';
import { err, ok } from '../kernel/result.ts';
import { dayOf } from '../kernel/time.ts';
import { facilityFrom, type Facility, type FacilityFacts, type FurtherFacts } from './facility.ts';
import { movedDay } from './meal-points/meal-day.ts';
import { replace, type Replaced } from './replace.ts';
import { placesRepository } from './repository.ts';

const OTHER_KIND: Failure = {
  code: 'conflict',
  detail: {
    'zh-CN': '该编号已用于另一类设施，请换一个编号。',
    en: 'This id is that of another kind of facility: take another id.',
  },
};

/** A position as phones give it is converted; there may be none. */
export const located = (location: Parameters<typeof toWgs84>[0] | undefined): Position | undefined =>
  location === undefined ? undefined : toWgs84(location);

interface Putting {
  readonly facts: FacilityFacts;
  /** What its kind says further. */
  readonly further: (before: Facility | undefined) => FurtherFacts;
  readonly errors?: (before: Facility | undefined) => readonly FieldError[] | Promise<readonly FieldError[]>;
  /** Whether what is there of another kind may become of this one; it does not, unless said. */
  readonly mayBecome?: (before: Facility) => Promise<boolean>;
  /** What goes into the same transaction. */
  readonly along?: (next: Facility, before: Facility | undefined) => readonly Write[];
}

/** Makes or replaces what lies under an id as a facility of a kind, with what its kind says further. */
export const putAs = async (
  call: Pick<SignedInCall, 'runtime' | 'caller' | 'ifMatch' | 'requestId' | 'now'>,
  id: string,
  { facts, further, errors, mayBecome = () => Promise.resolve(false), along = () => [] }: Putting,
): Promise<Replaced<Facility>> => {
  const { runtime, caller, requestId, now } = call;
  const repository = placesRepository(runtime.database);
  /** The day that is not over yet counts where the point stands, and is not entered while the point moves. */
  const openDay = async (next: Facility, before: Facility | undefined): Promise<readonly Write[]> => {
    if (before?.kind !== 'mealPoint' || before.community === next.community) return [];
    const day = await repository.readDay(id, dayOf(now));
    return day === undefined
      ? [repository.noDay(id, dayOf(now))]
      : [repository.putsDay(movedDay(day, next.community, now), day, requestId)];
  };
  return replace<Facility>(call, facts.community, {
    read: () => repository.read(id),
    ...(errors === undefined ? {} : { errors }),
    next: async (before) =>
      before !== undefined && before.kind !== facts.kind && !(await mayBecome(before))
        ? err(OTHER_KIND)
        : ok(facilityFrom(id, { ...facts, ...further(before) }, before, caller.sub, now)),
    write: async (next, before) => repository.put(next, before, requestId, [...along(next, before), ...(await openDay(next, before))]),
  });
};
