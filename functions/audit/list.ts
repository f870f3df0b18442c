import type { Key } from '../data/database.ts';
import type { Run } from '../http/call.ts';
import { nextOf, positionOf } from '../http/page.ts';
import { limitOf } from '../http/schema.ts';
import { covers, type DivisionCode } from '../kernel/division.ts';
import { ok } from '../kernel/result.ts';
import type { listAudit } from './contract.ts';
import { auditTable } from './table.ts';
import { auditPartition } from './writer.ts';

interface Stored extends Key {
  readonly resource: string;
  readonly community: DivisionCode;
  readonly action: string;
  readonly sub: string;
  readonly roles: string[];
  readonly at: string;
  readonly requestId: string;
}

/** Entries of a resource. `resource` is as its path names it, with or without `/v1/`. */
export const list: Run<typeof listAudit> = async (call) => {
  const { runtime, query, caller } = call;
  const position = positionOf<Record<string, unknown>>(call, query.cursor);
  if (!position.ok) return position;
  const page = await runtime.database.query<Stored>(auditTable, {
    partition: auditPartition(query.resource.replace(/^\/?(?:v1\/)?/, '')),
    newestFirst: true,
    limit: limitOf(query.limit),
    after: position.value,
  });
  const items = page.items.filter((each) => covers(caller.division, each.community) && each.sub !== caller.sub);
  return ok({ status: 200, body: { items, next: nextOf(call, page.after) } });
};
