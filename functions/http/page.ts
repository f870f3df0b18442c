/** Pages of a list: `{items, next}`, and cursors bound to their list and caller. */
import { err, ok, type Result } from '../kernel/result.ts';
import type { Call } from './call.ts';
import type { Failure } from './problem.ts';
import { seal, unseal } from './secret.ts';

/** What the cursor's context is made of: the list (operation, path, filters) and who reads it. */
const contextOf = (call: Call): string => JSON.stringify([call.operation.id, call.list, call.caller?.sub ?? null]);

/** Makes `next` of the position at which the page ended. */
export const nextOf = (call: Call, position: unknown): string | null =>
  position === undefined ? null : seal(call.runtime.secrets, 'cursor', contextOf(call), JSON.stringify(position), call.runtime.random);

/** The position that a cursor holds; undefined without a cursor. */
export const positionOf = <T>(call: Call, cursor: string | undefined): Result<T | undefined, Failure> => {
  if (cursor === undefined) return ok(undefined);
  const text = unseal(call.runtime.secrets, 'cursor', contextOf(call), cursor);
  // Only what we sealed opens, so its shape is ours.
  return text === undefined ? err({ code: 'cursorInvalid' }) : ok(JSON.parse(text) as T);
};
