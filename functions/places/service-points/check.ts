import { auditWrite } from '../../audit/writer.ts';
import { isMatch, type Repeatable, type Reply } from '../../http/call.ts';
import type { AnswerOf } from '../../http/operation.ts';
import { hasRoleFor } from '../../http/principal.ts';
import type { Failure } from '../../http/problem.ts';
import { untilWritten } from '../../http/until-written.ts';
import { err, ok } from '../../kernel/result.ts';
import { claimOf, facilityFrom } from '../facility.ts';
import { placesRepository } from '../repository.ts';
import { accountOf } from './account.ts';
import type { checkEntitlement } from './contract.ts';
import { asCheckedIn, checkedIn, type CheckFault, type Entitlement } from './entitlement.ts';
import { entitlementView } from './view.ts';

const OWN_CLAIM: Failure = {
  code: 'forbidden',
  detail: { 'zh-CN': '不能核验自己提出的申请，请由他人核验。', en: 'Nobody checks a claim of their own: ask somebody else.' },
};

const ERRORS = {
  reasonMissing: { path: 'reason', message: { 'zh-CN': '不予认定时须说明原因', en: 'is required where it is not granted' } },
  endsBefore: { path: 'validUntil', message: { 'zh-CN': '不能早于今天', en: 'must not be before today' } },
} as const;

const failureOf = (fault: CheckFault): Failure =>
  fault === 'ownClaim' ? OWN_CLAIM : { code: 'invalid', errors: fault.map((each) => ERRORS[each]) };

const shown = (entitlement: Entitlement, version: number): Reply<AnswerOf<typeof checkEntitlement>> => ({
  status: 200,
  body: entitlementView(entitlement),
  version,
});

/** Grants a claim, or refuses it. */
export const check: Repeatable<typeof checkEntitlement> = {
  run: (call) =>
    untilWritten<typeof checkEntitlement>(async () => {
      const { runtime, caller, params, body, ifMatch, requestId, now } = call;
      const repository = placesRepository(runtime.database);
      const point = await repository.read(params.id);
      if (point?.kind !== 'servicePoint') return err({ code: 'notFound' });
      if (!hasRoleFor(caller, 'dispatcher', point.community)) return err({ code: 'forbidden' });
      const claim = claimOf(point, params.kind);
      if (claim === undefined) return err({ code: 'notFound' });
      if (!isMatch(ifMatch, point.version)) return err({ code: 'preconditionFailed' });
      const version = point.version + 1;
      const checked = checkedIn(point.entitlements, claim, body, { by: caller.sub, now, version });
      if (!checked.ok) return err(failureOf(checked.error));
      const entitlement = asCheckedIn(checked.value, version);
      if (entitlement === undefined) throw new Error('a check is kept that was made just now');
      const next = facilityFrom(point.id, { ...point, entitlements: checked.value }, point, caller.sub, now);
      const written = await repository.put(next, point, requestId, [
        auditWrite(accountOf(call, point, 'check')),
        ...call.once(200, String(version)),
      ]);
      return written.ok ? ok(shown(entitlement, version)) : 'lost';
    }),
  /** What that check was, whatever became of the claim since. */
  replay: async ({ runtime, params }, version) => {
    const point = await placesRepository(runtime.database).read(params.id);
    const entitlement = asCheckedIn(point?.entitlements, Number(version));
    return entitlement === undefined ? err({ code: 'notFound' }) : ok(shown(entitlement, Number(version)));
  },
};
