/** What a domain writes down before an answer leaves that must be accounted for. */
import type { Database, Write } from '../data/database.ts';
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

/** The write of one entry, for the transaction of what it accounts for. Only new keys are made, so who may append does no harm. */
export const auditWrite = ({ resource, community, action, caller, now, requestId }: AuditEntry): Write => {
  const item = {
    pk: auditPartition(resource),
    sk: `${toInstant(now)}#${requestId}#${community}`,
    resource,
    community,
    action,
    sub: caller?.sub ?? 'nobody',
    roles: [...(caller?.roles ?? [])],
    at: toInstant(now),
    requestId,
    expiresAt: toEpochSeconds(plus(now, auditTable.attributes.expiresAt.keptDays * DAY)),
  };
  return { table: auditTable, put: item };
};

/** Writes one entry, before the answer leaves that it accounts for. */
export const audit = async (database: Database, entry: AuditEntry): Promise<void> => {
  await database.write([auditWrite(entry)]);
};
