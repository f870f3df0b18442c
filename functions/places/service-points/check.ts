import { auditWrite } from '../../audit/writer.ts';
import { isMatch, type Repeatable, type Reply } from '../../http/call.ts';
import type { AnswerOf } from '../../http/operation.ts';
import { hasRoleFor } from '../../http/principal.ts';
import { wrongField, type Failure } from '../../http/problem.ts';
import { err, ok } from '../../kernel/result.ts';
import { claimOf, facilityFrom, type Facility } from '../facility.ts';
import { placesRepository } from '../repository.ts';
import { accountOf } from './account.ts';
import type { checkEntitlement } from './contract.ts';
import { checked, type CheckFault, type Entitlement } from './entitlement.ts';
import { entitlementView } from './view.ts';

const FAULTS: Readonly<Record<CheckFault, Failure>> = {
  ownClaim: {
    code: 'forbidden',
    detail: { 'zh-CN': '不能核验自己提出的申请，请由他人核验。', en: 'Nobody checks a claim of their own: ask somebody else.' },
  },
  reasonMissing: wrongField('reason', { 'zh-CN': '不予认定时须说明原因', en: 'is required where it is not granted' }),
  endsBefore: wrongField('validUntil', { 'zh-CN': '不能早于今天', en: 'must not be before today' }),
};

const shown = (point: Facility, entitlement: Entitlement): Reply<AnswerOf<typeof checkEntitlement>> => ({
  status: 200,
  body: entitlementView(entitlement),
  version: point.version,
});

/** Grants a claim, or refuses it. */
export const check: Repeatable<typeof checkEntitlement> = {
  run: async (call) => {
    const { runtime, caller, params, body, ifMatch, requestId, now } = call;
    const repository = placesRepository(runtime.database);
    const point = await repository.read(params.id);
    if (point?.kind !== 'servicePoint') return err({ code: 'notFound' });
    if (!hasRoleFor(caller, 'dispatcher', point.community)) return err({ code: 'forbidden' });
    const claim = claimOf(point, params.kind);
    if (claim === undefined) return err({ code: 'notFound' });
    if (!isMatch(ifMatch, point.version)) return err({ code: 'preconditionFailed' });
    const result = checked(claim, body, caller.sub, now);
    if (!result.ok) return err(FAULTS[result.error]);
    const entitlements = point.entitlements?.map((each) => (each === claim ? result.value : each));
    const next = facilityFrom(point.id, { ...point, entitlements }, point, caller.sub, now);
    const written = await repository.put(next, point, requestId, [
      auditWrite(accountOf(call, point, 'check')),
      ...call.once(200, point.id),
    ]);
    return written.ok ? ok(shown(next, result.value)) : err({ code: ifMatch === undefined ? 'conflict' : 'preconditionFailed' });
  },
  replay: async ({ runtime, params }, id) => {
    const point = await placesRepository(runtime.database).read(id);
    const entitlement = point === undefined ? undefined : claimOf(point, params.kind);
    return point === undefined || entitlement === undefined ? err({ code: 'notFound' }) : ok(shown(point, entitlement));
  },
};
