import { auditWrite } from '../audit/writer.ts';
import type { Run } from '../http/call.ts';
import { untilWritten } from '../http/until-written.ts';
import { ok } from '../kernel/result.ts';
import type { putFacility } from './contract.ts';
import { furtherFactsOf, saysMore } from './facility.ts';
import { located, putAs } from './put-as.ts';
import { placesRepository } from './repository.ts';
import { accountOf, movesClaims } from './service-points/account.ts';
import { facilityView } from './view.ts';

/** Makes or replaces a facility; what a meal point or a service point says further stays. */
export const put: Run<typeof putFacility> = (call) =>
  untilWritten<typeof putFacility>(async () => {
    const { runtime, body, params } = call;
    const written = await putAs(call, params.id, {
      facts: { ...body, location: located(body.location) },
      further: (before) => (before === undefined ? {} : furtherFactsOf(before)),
      mayBecome: async (before) => !saysMore(before) && !(await placesRepository(runtime.database).hasDays(before.id)),
      along: (next, before) => (movesClaims(next, before) ? [auditWrite(accountOf(call, next, 'move'))] : []),
    });
    if (written === 'lost' || !written.ok) return written;
    const { item, status } = written.value;
    return ok({ status, body: facilityView(item), version: item.version, location: `/v1/facilities/${item.id}` });
  });
