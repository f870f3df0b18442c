import type { Write } from '../data/database.ts';
import type { SignedInCall } from '../http/call.ts';
import type { Failure } from '../http/problem.ts';
import { toWgs84, type Position } from '../kernel/position.ts';
import { err, ok, type Result } from '../kernel/result.ts';
import { facilityFrom, mayBecome, type Facility, type FacilityFacts, type FurtherFacts } from './facility.ts';
import { replace } from './replace.ts';
import { placesRepository } from './repository.ts';

const OTHER_KIND: Failure = {
  code: 'conflict',
  detail: {
    'zh-CN': '该编号已用于另一类设施，请换一个编号。',
    en: 'This id is that of another kind of facility, which has more to say: take another id.',
  },
};

/** A position as phones give it is converted; there may be none. */
export const located = (location: Parameters<typeof toWgs84>[0] | undefined): Position | undefined =>
  location === undefined ? undefined : toWgs84(location);

/** Makes or replaces what lies under an id as a facility of a kind, with what its kind says further. */
export const putAs = async (
  call: Pick<SignedInCall, 'runtime' | 'caller' | 'ifMatch' | 'requestId' | 'now'>,
  id: string,
  facts: FacilityFacts,
  further: (before: Facility | undefined) => Result<FurtherFacts, Failure>,
  along: (next: Facility, before: Facility | undefined) => readonly Write[] = () => [],
): Promise<Result<{ readonly item: Facility; readonly status: 200 | 201 }, Failure>> => {
  const { runtime, caller, requestId, now } = call;
  const repository = placesRepository(runtime.database);
  return replace<Facility>(call, facts.community, {
    read: () => repository.read(id),
    next: (before) => {
      if (!mayBecome(before, facts.kind)) return err(OTHER_KIND);
      const more = further(before);
      return more.ok ? ok(facilityFrom(id, { ...facts, ...more.value }, before, caller.sub, now)) : more;
    },
    write: (next, before) => repository.put(next, before, requestId, along(next, before)),
  });
};
