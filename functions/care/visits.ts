/** Visits to somebody, for who may visit them. */
import { audit } from '../audit/writer.ts';
import type { Run, SignedInCall } from '../http/call.ts';
import { nextOf, positionOf } from '../http/page.ts';
import { limitOf } from '../http/schema.ts';
import { err, ok } from '../kernel/result.ts';
import { accountOf } from './account.ts';
import type { listVisits, readVisit } from './contract.ts';
import { mayVisit, type Recipient } from './recipient.ts';
import { careRepository } from './repository.ts';
import { visitLine, visitView } from './view.ts';

const visitable = async ({ runtime, caller }: SignedInCall, id: string): Promise<Recipient | undefined> => {
  const recipient = await careRepository(runtime.database).find(id);
  return recipient !== undefined && mayVisit(caller, recipient) ? recipient : undefined;
};

export const list: Run<typeof listVisits> = async (call) => {
  const { runtime, params, query } = call;
  const position = positionOf<Record<string, unknown>>(call, query.cursor);
  if (!position.ok) return position;
  const recipient = await visitable(call, params.id);
  if (recipient === undefined) return err({ code: 'notFound' });
  await audit(runtime.database, accountOf(call, `recipients/${recipient.id}/visits`, recipient.community, 'list'));
  const page = await careRepository(runtime.database).visits(recipient.id, limitOf(query.limit), position.value);
  return ok({ status: 200, body: { items: page.items.map(visitLine), next: nextOf(call, page.after) } });
};

export const read: Run<typeof readVisit> = async (call) => {
  const { runtime, params } = call;
  const [recipient, visit] = await Promise.all([
    visitable(call, params.id),
    careRepository(runtime.database).findVisit(params.id, params.visit),
  ]);
  if (recipient === undefined || visit === undefined) return err({ code: 'notFound' });
  await audit(runtime.database, accountOf(call, `recipients/${recipient.id}/visits/${visit.id}`, recipient.community, 'read'));
  return ok({ status: 200, body: visitView(visit), version: visit.version });
};
