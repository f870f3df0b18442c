/** What dispatchers post to a provider's credit, and what the provider says to it. */
import { isMatch, type Outcome, type Repeatable, type SignedInCall } from '../http/call.ts';
import type { OperationSpec } from '../http/operation.ts';
import { wrongField } from '../http/problem.ts';
import { untilWritten } from '../http/until-written.ts';
import { newDatedId } from '../kernel/id.ts';
import { err, ok } from '../kernel/result.ts';
import { dayOf } from '../kernel/time.ts';
import * as contract from './contract.ts';
import { creditStep, posted, type CreditAction, type CreditInputs } from './credit-event.ts';
import { creditRepository } from './credit-repository.ts';
import { creditEventShown } from './credit-view.ts';
import { creditSight, providerSight, speaksFor } from './provider.ts';
import { creditMethod } from './read-credit.ts';
import { providersRepository } from './repository.ts';

type Answered = Outcome<typeof contract.readCreditEvent>;

const replayed = async (call: SignedInCall, provider: string, event: string): Promise<Answered> => {
  const { database } = call.runtime;
  const [of, found, method] = await Promise.all([
    providersRepository(database).read(provider),
    creditRepository(database).read(provider, event),
    creditMethod(database),
  ]);
  if (of === undefined || found === undefined) return err({ code: 'notFound' });
  return ok({ status: 200, ...creditEventShown(found, of, { ...call, method }) });
};

export const post: Repeatable<typeof contract.postCreditEvent> = {
  run: async (call) => {
    const { runtime, params, body, caller, now, requestId } = call;
    const { database } = runtime;
    const [provider, method] = await Promise.all([providersRepository(database).read(params.id), creditMethod(database)]);
    if (provider === undefined || providerSight(provider, caller, now) === 'nothing') return err({ code: 'notFound' });
    const made = posted(newDatedId(dayOf(now), runtime.random), provider, body, { caller, now, method });
    if (!made.ok) return made;
    const event = made.value;
    const credit = creditRepository(database);
    const written = await credit.write([credit.puts(event, undefined, requestId), ...call.once(201, event.id)]);
    if (!written.ok) return err({ code: 'conflict' });
    return ok({
      status: 201,
      ...creditEventShown(event, provider, { caller, now, method }),
      location: `/v1/providers/${provider.id}/credit-events/${event.id}`,
    });
  },
  replay: async (call, event) => {
    const again = await replayed(call, call.params.id, event);
    return again.ok ? ok({ ...again.value, status: 201, location: `/v1/providers/${call.params.id}/credit-events/${event}` }) : again;
  },
};

const NO_SUCH_EVENT = wrongField('event', { 'zh-CN': '没有这个信用事件', en: 'is no event of its credit' });

/** The use case of one step on an event: look, ask the rule, write. Its path names the event, or else its body. */
const step = <O extends OperationSpec & { readonly access: 'signedIn'; readonly method: 'POST' }, A extends CreditAction>(
  _: O,
  action: A,
): Repeatable<O> => {
  const run = async (call: SignedInCall): Promise<Answered> => {
    const { runtime, caller, now, ifMatch, requestId } = call;
    const { database } = runtime;
    const params = call.params as { readonly id: string; readonly event?: string };
    const { event: named, ...input } = call.body as CreditInputs[A] & { readonly event?: string };
    const id = params.event ?? named ?? '';
    const credit = creditRepository(database);
    const [provider, method] = await Promise.all([providersRepository(database).read(params.id), creditMethod(database)]);
    if (provider === undefined || creditSight(provider, caller, now) === 'nothing') return err({ code: 'notFound' });
    // Who may not, learns nothing of events that are there or not.
    if (action === 'appeal' && !speaksFor(provider, caller)) return err({ code: 'forbidden' });
    return untilWritten<typeof contract.readCreditEvent>(async () => {
      const before = await credit.read(params.id, id);
      if (before === undefined || before.fallen) return err(named === undefined ? { code: 'notFound' } : NO_SUCH_EVENT);
      if (!isMatch(ifMatch, before.version)) return err({ code: 'preconditionFailed' });
      const next = creditStep(action, before, input as CreditInputs[A], provider, { caller, now, method });
      if (!next.ok) return next;
      const written = await credit.write([credit.puts(next.value, before, requestId), ...call.once(200, id)]);
      if (written.ok) return ok({ status: 200, ...creditEventShown(next.value, provider, { caller, now, method }) });
      return written.error.index === 0 ? 'lost' : err({ code: 'conflict' });
    });
  };
  const replay = (call: SignedInCall, event: string): Promise<Answered> =>
    replayed(call, (call.params as { readonly id: string }).id, event);
  // Which body belongs to which step is settled where `step` is called.
  return { run, replay } as unknown as Repeatable<O>;
};

export const creditActions = {
  appealCreditEvent: step(contract.appealCreditEvent, 'appeal'),
  appealCredit: step(contract.appealCredit, 'appeal'),
  reviewCreditEvent: step(contract.reviewCreditEvent, 'review'),
  repairCreditEvent: step(contract.repairCreditEvent, 'repair'),
};
