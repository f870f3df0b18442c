import type { Call, Outcome, Run } from '../http/call.ts';
import { err } from '../kernel/result.ts';
import { sees } from './alert.ts';
import type { readAlert } from './contract.ts';
import { helpNear } from './prepare.ts';
import { replyWith } from './publish.ts';
import { alertRepository } from './repository.ts';

/** An alert; with `near`, the help that is nearest to there now, and else that which was nearest to its middle when it was made. */
export const read: Run<typeof readAlert> = async (call) => {
  const { runtime, caller, params, query } = call;
  const found = await alertRepository(runtime.database).find(params.id);
  if (found === undefined || !sees(caller, found.alert)) return err({ code: 'notFound' });
  const { alert, where } = found;
  const facilities = query.near === undefined ? where.facilities : await helpNear(runtime.database, query.near);
  return replyWith(200, alert, { ...where, facilities }, call);
};

/** The answer once more, of whatever answers with an alert. */
export const replayAlert =
  (status: number) =>
  async (call: Pick<Call, 'runtime' | 'caller' | 'now'>, id: string): Promise<Outcome<typeof readAlert>> => {
    const found = await alertRepository(call.runtime.database).readWhole(id);
    return found === undefined ? err({ code: 'notFound' }) : replyWith(status, found.alert, found.where, call);
  };
