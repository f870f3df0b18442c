/** Another alert in the place of one that holds: an update, or the end. */
import { isMatch, type Outcome, type Repeatable, type SignedInCall } from '../http/call.ts';
import { err } from '../kernel/result.ts';
import { mayDo, sees, type AlertAction } from './alert.ts';
import type { cancelAlert, readAlert, updateAlert } from './contract.ts';
import { draftFromInput, draftOfEnd, type Draft } from './draft.ts';
import { prepare, type Earlier } from './prepare.ts';
import { issue } from './publish.ts';
import { replayAlert } from './read.ts';
import { alertRepository } from './repository.ts';

const ATTEMPTS = 8;

const replaceOne = async (
  call: SignedInCall,
  id: string,
  action: AlertAction,
  draftOf: (earlier: Earlier) => Draft,
): Promise<Outcome<typeof readAlert>> => {
  const { runtime, caller, ifMatch, now } = call;
  const repository = alertRepository(runtime.database);
  for (let attempt = 1; ; attempt++) {
    const earlier = await repository.readWhole(id);
    if (earlier === undefined || !sees(caller, earlier.alert)) return err({ code: 'notFound' });
    if (!isMatch(ifMatch, earlier.alert.version)) return err({ code: 'preconditionFailed' });
    const may = mayDo(earlier.alert, action, caller, now);
    if (!may.ok) return may;
    if (caller.division === undefined) return err({ code: 'forbidden' });
    const draft = draftOf(earlier);
    const prepared = await prepare(call, caller.division, draft, [earlier]);
    if (prepared.faults.length > 0)
      return err({ code: 'invalid', errors: prepared.faults.map(({ path, message }) => ({ path, message })) });
    const done = await issue(call, prepared, draft, [earlier.alert]);
    if (done !== 'lost') return done;
    if (ifMatch !== undefined) return err({ code: 'preconditionFailed' });
    if (attempt === ATTEMPTS) return err({ code: 'conflict' });
  }
};

export const update: Repeatable<typeof updateAlert> = {
  run: (call) => replaceOne(call, call.params.id, 'updates', () => draftFromInput(call.body, 'update', call.now)),
  replay: replayAlert(201),
};

/** An alert that ends another: its words say so, and no second officer is waited for. */
export const cancel: Repeatable<typeof cancelAlert> = {
  run: (call) => replaceOne(call, call.params.id, 'cancel', ({ alert }) => draftOfEnd(alert, call.body.reason, call.now)),
  replay: replayAlert(201),
};
