/** What a domain writes down before an answer leaves that must be accounted for. */
import type { Database } from '../data/database.ts';
import type { Principal } from '../http/principal.ts';
import type { DivisionCode } from '../kernel/division.ts';
import { DAY, plus, toEpochSeconds, toInstant, type EpochMs } from '../kernel/time.ts';
import { auditTable } from './table.ts';

export interface AuditEntry {
  /** `requests/<id>`: the resource as its path names it, without `/v1/`. */
  readonly resource: string;
  /** Where it belongs: an auditor whose division covers it may see the entry. */
  readonly community: DivisionCode;
  readonly action: string;
  readonly caller: Principal | undefined;
  readonly now: EpochMs;
  readonly requestId: string;
}

export const auditPartition = (resource: string): string => `AUDIT#${resource}`;

/** Writes one entry; the same request writes the same one. */
export const audit = async (database: Database, { resource, community, action, caller, now, requestId }: AuditEntry): Promise<void> => {
  const item = {
    pk: auditPartition(resource),
    sk: `${toInstant(now)}#${requestId}`,
    resource,
    community,
    action,
    sub: caller?.sub ?? 'nobody',
    roles: [...(caller?.roles ?? [])],
    at: toInstant(now),
    requestId,
    expiresAt: toEpochSeconds(plus(now, auditTable.attributes.expiresAt.keptDays * DAY)),
  };
  // Nobody who may only append changes what is there; the same request may write its entry again.
  await database.write([{ table: auditTable, put: item }]);
};
