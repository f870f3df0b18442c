import { audit } from '../../audit/writer.ts';
import type { Run } from '../../http/call.ts';
import { isStaffOf } from '../../http/principal.ts';
import { err, ok } from '../../kernel/result.ts';
import { pageOf } from '../list.ts';
import { claimOf } from '../facility.ts';
import { placesRepository } from '../repository.ts';
import { accountOf } from './account.ts';
import type { listServicePoints, readEntitlement, readServicePoint } from './contract.ts';
import { entitlementView, servicePointView, staffView } from './view.ts';

/** A service point; that staff have read its accounts is written down before they see them. */
export const read: Run<typeof readServicePoint> = async (call) => {
  const { runtime, caller, params } = call;
  const point = await placesRepository(runtime.database).find(params.id);
  if (point?.kind !== 'servicePoint') return err({ code: 'notFound' });
  if (!isStaffOf(caller, point.community)) return ok({ status: 200, body: servicePointView(point), version: point.version });
  if ((point.entitlements ?? []).length > 0) await audit(runtime.database, accountOf(call, point, 'read'));
  return ok({ status: 200, body: staffView(point), version: point.version, view: 'whole' });
};

export const readClaim: Run<typeof readEntitlement> = async (call) => {
  const { runtime, caller, params } = call;
  const point = await placesRepository(runtime.database).find(params.id);
  if (point?.kind !== 'servicePoint') return err({ code: 'notFound' });
  if (!isStaffOf(caller, point.community)) return err({ code: 'forbidden' });
  const claim = claimOf(point, params.kind);
  if (claim === undefined) return err({ code: 'notFound' });
  await audit(runtime.database, accountOf(call, point, 'read'));
  return ok({ status: 200, body: entitlementView(claim), version: point.version });
};

export const list: Run<typeof listServicePoints> = async (call) => {
  const { runtime, query } = call;
  const page = await pageOf(call, { what: 'servicePoint', query, read: placesRepository(runtime.database).readMany });
  if (!page.ok) return page;
  const { items, next } = page.value;
  return ok({ status: 200, body: { items: items.filter(({ kind }) => kind === 'servicePoint').map(servicePointView), next } });
};
