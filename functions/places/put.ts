import type { Run } from '../http/call.ts';
import { ok } from '../kernel/result.ts';
import type { putFacility } from './contract.ts';
import { furtherFactsOf } from './facility.ts';
import { located, putAs } from './put-as.ts';
import { facilityView } from './view.ts';

/** Makes or replaces a facility; what a meal point or a service point says further stays. */
export const put: Run<typeof putFacility> = async (call) => {
  const { body, params } = call;
  const written = await putAs(call, params.id, { ...body, location: located(body.location) }, (before) =>
    ok(before === undefined ? {} : furtherFactsOf(before)),
  );
  if (!written.ok) return written;
  const { item, status } = written.value;
  return ok({ status, body: facilityView(item), version: item.version, location: `/v1/facilities/${item.id}` });
};
