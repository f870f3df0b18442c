/** Which problems an operation may answer with: those that it names, and those that follow from what it is. */
import type { OperationSpec } from './operation.ts';
import type { ProblemCode } from './problem.ts';

export const allProblems = (operation: OperationSpec): readonly ProblemCode[] => [
  ...new Set<ProblemCode>([
    ...(operation.problems ?? []),
    ...(operation.access === 'public' ? [] : (['unauthenticated'] as const)),
    ...(operation.roles === undefined ? [] : (['forbidden'] as const)),
    ...(operation.params === undefined ? [] : (['notFound'] as const)),
    ...(operation.body === undefined ? [] : (['malformed', 'bodyTooLarge', 'unsupportedMediaType'] as const)),
    ...(operation.method === 'POST' ? (['idempotencyKeyReused', 'conflict'] as const) : []),
    ...(operation.ifMatch === true ? (['preconditionFailed'] as const) : []),
    ...(operation.limit === undefined ? [] : (['tooManyRequests'] as const)),
    // A query parameter that is none is told so on every route.
    'invalid',
    'internal',
    'busy',
  ]),
];
