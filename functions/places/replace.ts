/** What is put under an id of the caller's own, whole each time: the same rules for whatever lies in a community. */
import type { ConditionFailed } from '../data/database.ts';
import { communityFault, divisionsReader } from '../divisions/reader.ts';
import { isMatch, type SignedInCall } from '../http/call.ts';
import { hasRoleFor } from '../http/principal.ts';
import type { Failure, FieldError } from '../http/problem.ts';
import type { DivisionCode } from '../kernel/division.ts';
import { err, ok, type Result } from '../kernel/result.ts';

interface Placed {
  readonly community: DivisionCode;
  readonly version: number;
}

interface Replacement<T extends Placed> {
  readonly read: () => Promise<T | undefined>;
  /** Every field that is wrong, beside its community. */
  readonly errors?: (before: T | undefined) => readonly FieldError[] | Promise<readonly FieldError[]>;
  /** What it becomes of what is there. */
  readonly next: (before: T | undefined) => Result<T, Failure> | Promise<Result<T, Failure>>;
  readonly write: (next: T, before: T | undefined) => Promise<Result<void, ConditionFailed>>;
}

export type Replaced<T> = Result<{ readonly item: T; readonly status: 200 | 201 }, Failure> | 'lost';

/** Makes or replaces it, for workers of its community. Who moves it to another community is a worker of both. `lost` to somebody who was quicker. */
export const replace = async <T extends Placed>(
  { runtime, caller, ifMatch }: Pick<SignedInCall, 'runtime' | 'caller' | 'ifMatch'>,
  community: DivisionCode,
  { read, errors: errorsOf = () => [], next, write }: Replacement<T>,
): Promise<Replaced<T>> => {
  if (!hasRoleFor(caller, 'worker', community)) return err({ code: 'forbidden' });
  const [before, place] = await Promise.all([read(), divisionsReader(runtime.database).find(community)]);
  if (before !== undefined && !hasRoleFor(caller, 'worker', before.community)) return err({ code: 'forbidden' });
  if (!isMatch(ifMatch, before?.version)) return err({ code: 'preconditionFailed' });
  // What is there already may be kept up in a community that is no longer in use.
  const fault = before?.community === community ? undefined : communityFault(place);
  const errors = [...(fault === undefined ? [] : [{ path: 'community', message: fault }]), ...(await errorsOf(before))];
  if (errors.length > 0) return err({ code: 'invalid', errors });
  const made = await next(before);
  if (!made.ok) return made;
  const written = await write(made.value, before);
  return written.ok ? ok({ item: made.value, status: before === undefined ? 201 : 200 }) : 'lost';
};
