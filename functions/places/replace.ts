/** What is put under an id of the caller's own, whole each time: the same rules for whatever lies in a community. */
import type { ConditionFailed } from '../data/database.ts';
import { communityFault, divisionsReader } from '../divisions/reader.ts';
import { isMatch, type SignedInCall } from '../http/call.ts';
import { hasRoleFor } from '../http/principal.ts';
import { wrongField, type Failure } from '../http/problem.ts';
import type { DivisionCode } from '../kernel/division.ts';
import { err, ok, type Result } from '../kernel/result.ts';

interface Placed {
  readonly community: DivisionCode;
  readonly version: number;
}

interface Replacement<T extends Placed> {
  readonly read: () => Promise<T | undefined>;
  /** What it becomes of what is there. */
  readonly next: (before: T | undefined) => Result<T, Failure>;
  readonly write: (next: T, before: T | undefined) => Promise<Result<void, ConditionFailed>>;
}

/** Makes or replaces it, for workers of its community. Who moves it to another community is a worker of both. */
export const replace = async <T extends Placed>(
  { runtime, caller, ifMatch }: Pick<SignedInCall, 'runtime' | 'caller' | 'ifMatch'>,
  community: DivisionCode,
  { read, next, write }: Replacement<T>,
): Promise<Result<{ readonly item: T; readonly status: 200 | 201 }, Failure>> => {
  if (!hasRoleFor(caller, 'worker', community)) return err({ code: 'forbidden' });
  const [before, place] = await Promise.all([read(), divisionsReader(runtime.database).find(community)]);
  if (before !== undefined && !hasRoleFor(caller, 'worker', before.community)) return err({ code: 'forbidden' });
  if (!isMatch(ifMatch, before?.version)) return err({ code: 'preconditionFailed' });
  // What is there already may be kept up in a community that is no longer in use.
  const fault = before?.community === community ? undefined : communityFault(place);
  if (fault !== undefined) return err(wrongField('community', fault));
  const made = next(before);
  if (!made.ok) return made;
  const written = await write(made.value, before);
  if (!written.ok) return err({ code: ifMatch === undefined ? 'conflict' : 'preconditionFailed' });
  return ok({ item: made.value, status: before === undefined ? 201 : 200 });
};
