import { isMatch, type Repeatable } from '../http/call.ts';
import { untilWritten } from '../http/until-written.ts';
import { err } from '../kernel/result.ts';
import { issued, mayDo, sees } from './alert.ts';
import type { approveAlert } from './contract.ts';
import { publish } from './publish.ts';
import { replayAlert } from './read.ts';
import { alertRepository } from './repository.ts';

/** Issues an alert that waits, unless what it was to stand in the place of has been replaced meanwhile. */
export const approve: Repeatable<typeof approveAlert> = {
  run: async (call) => {
    const { runtime, caller, params, ifMatch, now } = call;
    const repository = alertRepository(runtime.database);
    return untilWritten<typeof approveAlert>(async () => {
      const found = await repository.readWhole(params.id);
      if (found === undefined || !sees(caller, found.alert)) return err({ code: 'notFound' });
      const { alert, where } = found;
      if (!isMatch(ifMatch, alert.version)) return err({ code: 'preconditionFailed' });
      const may = mayDo(alert, 'approve', caller, now);
      if (!may.ok) return may;
      const [earlier, xml] = await Promise.all([
        repository.readMany(alert.supersedes, true),
        alert.imported === true ? repository.readDraft(alert.id) : undefined,
      ]);
      const old = [...earlier.values()];
      if (old.some(({ supersededBy }) => supersededBy !== undefined)) return err({ code: 'wrongState', actions: [] });
      return publish(call, { alert: issued(alert, now, caller.sub), where, before: alert, xml, superseded: old });
    });
  },
  replay: replayAlert(200),
};
