/** Another alert in the place of one that holds: an update, or the end. */
import { isMatch, type Outcome, type Repeatable, type SignedInCall } from '../http/call.ts';
import { untilWritten } from '../http/until-written.ts';
import type { DivisionCode } from '../kernel/division.ts';
import { err } from '../kernel/result.ts';
import { mayDo, sees, type AlertAction } from './alert.ts';
import type { cancelAlert, readAlert, updateAlert } from './contract.ts';
import { draftFromInput, draftOfEnd, type Draft } from './draft.ts';
import { prepare, type Concerned, type Earlier } from './prepare.ts';
import { issue, withdraw, type Published } from './publish.ts';
import { replayAlert } from './read.ts';
import { alertRepository } from './repository.ts';

const replaceIssued = async (call: SignedInCall, division: DivisionCode, draft: Draft, concerned: Concerned): Promise<Published> => {
  const prepared = await prepare(call, division, draft, concerned);
  if (prepared.faults.length > 0) return err({ code: 'invalid', errors: prepared.faults.map(({ path, message }) => ({ path, message })) });
  return issue(call, prepared, draft, concerned);
};

const replaceOne = async (
  call: SignedInCall,
  id: string,
  action: AlertAction,
  draftOf: (earlier: Earlier) => Draft,
  reason?: string,
): Promise<Outcome<typeof readAlert>> => {
  const { runtime, caller, ifMatch, now } = call;
  const repository = alertRepository(runtime.database);
  return untilWritten<typeof readAlert>(async () => {
    const earlier = await repository.readWhole(id);
    if (earlier === undefined || !sees(caller, earlier.alert)) return err({ code: 'notFound' });
    if (!isMatch(ifMatch, earlier.alert.version)) return err({ code: 'preconditionFailed' });
    const may = mayDo(earlier.alert, action, caller, now);
    if (!may.ok) return may;
    if (caller.division === undefined) return err({ code: 'forbidden' });
    return earlier.alert.state === 'pending'
      ? withdraw(call, earlier, reason)
      : replaceIssued(call, caller.division, draftOf(earlier), { earlier: [earlier], waiting: [] });
  });
};

export const update: Repeatable<typeof updateAlert> = {
  run: (call) => replaceOne(call, call.params.id, 'updates', () => draftFromInput(call.body, 'update', call.now)),
  replay: replayAlert(201),
};

/** An alert that ends another: its words say so, and no second officer is waited for. One that waits itself ends without another. */
export const cancel: Repeatable<typeof cancelAlert> = {
  run: (call) => replaceOne(call, call.params.id, 'cancel', ({ alert }) => draftOfEnd(alert, call.body.reason, call.now), call.body.reason),
  replay: (call, id) => replayAlert(id === call.params.id ? 200 : 201)(call, id),
};
