/** What GeoReport v2 calls things. It stands apart from the mapping, which contracts have no use for. */
import type { FaceSpec } from '../../http/operation.ts';
import type { ProblemCode } from '../../http/problem.ts';

export const XML_TYPE = 'text/xml; charset=utf-8';
export const JSON_TYPE = 'application/json; charset=utf-8';

/** The finer words of updates, which FixMyStreet knows beside open and closed. */
export const FINE_STATUSES = [
  'open',
  'investigating',
  'action_scheduled',
  'in_progress',
  'fixed',
  'closed',
  'no_further_action',
  'cancelled',
  'duplicate',
  'internal_referral',
] as const;
export type FineStatus = (typeof FINE_STATUSES)[number];

const STATUSES: Readonly<Partial<Record<ProblemCode, number>>> = {
  unauthenticated: 403,
  forbidden: 403,
  notFound: 404,
  // Not the specification's, and still the truth: try again later.
  tooManyRequests: 429,
  internal: 500,
  busy: 503,
};

/** 403 for a key, 404 for what is not there, 400 for the rest. */
export const statusOf = (code: ProblemCode): number => STATUSES[code] ?? 400;

/** An answer whose XML has that root. */
export const answeredAs = (root: string): FaceSpec => ({ root, statusOf });
