import { communityFault, divisionsReader } from '../divisions/reader.ts';
import { isMatch, type Run } from '../http/call.ts';
import { hasRoleFor } from '../http/principal.ts';
import { wrongField } from '../http/problem.ts';
import { toWgs84 } from '../kernel/position.ts';
import { err, ok } from '../kernel/result.ts';
import type { putFacility } from './contract.ts';
import { facilityFrom } from './facility.ts';
import { placesRepository } from './repository.ts';
import { facilityView } from './view.ts';

/** Makes or replaces a facility. Who moves it to another community is a worker of both. */
export const put: Run<typeof putFacility> = async ({ runtime, caller, params: { id }, body, ifMatch, requestId, now }) => {
  if (!hasRoleFor(caller, 'worker', body.community)) return err({ code: 'forbidden' });
  const repository = placesRepository(runtime.database);
  const [before, community] = await Promise.all([repository.read(id), divisionsReader(runtime.database).find(body.community)]);
  if (before !== undefined && !hasRoleFor(caller, 'worker', before.community)) return err({ code: 'forbidden' });
  if (!isMatch(ifMatch, before?.version)) return err({ code: 'preconditionFailed' });
  const fault = communityFault(community);
  if (fault !== undefined) return err(wrongField('community', fault));
  const facility = facilityFrom(id, { ...body, location: toWgs84(body.location) }, before, caller.sub, now);
  const written = await repository.put(facility, before, requestId);
  if (!written.ok) return err({ code: ifMatch === undefined ? 'conflict' : 'preconditionFailed' });
  return ok({
    status: before === undefined ? 201 : 200,
    body: facilityView(facility),
    version: facility.version,
    location: `/v1/facilities/${id}`,
  });
};
