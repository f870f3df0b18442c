/**
 * Handlers that are loaded at their first call. For what is seldom asked for: a cold start of anything else is spared it, and one of the thing
 * itself takes a little longer, since it opens more files.
 */
import type { Repeatable, Run } from './call.ts';
import type { OperationSpec } from './operation.ts';

export const later =
  <O extends OperationSpec>(load: () => Promise<Run<O>>): Run<O> =>
  async (call) =>
    (await load())(call);

/** The same of a POST. */
export const laterRepeatable = <O extends OperationSpec>(load: () => Promise<Repeatable<O>>): Repeatable<O> => ({
  run: async (call) => (await load()).run(call),
  replay: async (call, resource, answer) => (await load()).replay(call, resource, answer),
});
