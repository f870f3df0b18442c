/** Headers that a client may read across origins. */
export const EXPOSED_HEADERS = ['ETag', 'Location', 'Retry-After', 'Idempotency-Replayed', 'X-Request-Id'] as const;
/** Headers that a client may send across origins. */
export const ALLOWED_HEADERS = [
  'authorization',
  'content-type',
  'idempotency-key',
  'if-match',
  'if-none-match',
  'accept-language',
  'x-linli-claim',
] as const;
