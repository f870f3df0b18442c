/**
 * Idempotency-Key on every POST: a record written in the same transaction as the effect, and read only where that transaction, or anything
 * before it, fails. It is kept 24 hours; the answer is made again from the resource.
 */
import { createHash } from 'node:crypto';
import type { Item, Write } from '../data/database.ts';
import type { AttributeDescription, TableDescription } from '../data/table.ts';
import { DAY, plus, toEpochSeconds, type EpochMs } from '../kernel/time.ts';
import { keyedHash } from './secret.ts';

const KEPT = DAY;

export interface IdempotencyRecord extends Item {
  readonly bodyHash: string;
  readonly status: number;
  /** What the answer is made again from: the id of a resource. */
  readonly resource: string;
  /** The answer itself, where it is no resource and small. */
  readonly answer?: string;
  readonly expiresAt: number;
}

/** What a table must declare that keeps idempotency records. */
export const idempotencyAttributes = {
  bodyHash: { personal: 'none', keptDays: 1 },
  status: { personal: 'none', keptDays: 1 },
  resource: { personal: 'none', keptDays: 1 },
  answer: { personal: 'none', keptDays: 1 },
  expiresAt: { personal: 'none', keptDays: 1 },
} as const satisfies Record<string, AttributeDescription>;

/** One use of a key: who, on which route, with which body. */
export interface Idempotency {
  readonly table: TableDescription;
  readonly key: { readonly pk: string; readonly sk: string };
  readonly body: string;
  readonly secret: string;
  readonly now: EpochMs;
}

export const BODY_HASH = 'idempotencyBody';

/** The key under which a use is recorded: says nothing of who used it. */
export const idempotencyKey = (
  caller: string,
  method: string,
  path: string,
  key: string,
): { readonly pk: string; readonly sk: string } => ({
  pk: `IDEMPOTENCY#${createHash('sha256')
    .update(JSON.stringify([caller, method, path, key]))
    .digest('base64url')}`,
  sk: 'RECORD',
});

/** The write that goes into the effect's transaction. */
export const recordWrite = (use: Idempotency, status: number, resource: string, answer?: unknown): Write => {
  const record: IdempotencyRecord = {
    ...use.key,
    bodyHash: keyedHash(use.secret, BODY_HASH, use.body),
    status,
    resource,
    ...(answer === undefined ? {} : { answer: JSON.stringify(answer) }),
    expiresAt: toEpochSeconds(plus(use.now, KEPT)),
  };
  return { table: use.table, put: record, condition: { kind: 'absentOrExpired', now: toEpochSeconds(use.now) } };
};
