import type { Call, Outcome, SignedInCall } from '../http/call.ts';
import type { Texts } from '../kernel/texts.ts';
import { err, ok } from '../kernel/result.ts';
import { fromInstant } from '../kernel/time.ts';
import { superseded, withdrawn, type Alert } from './alert.ts';
import type { Where } from './area.ts';
import { identifierOf } from './cap/identifier.ts';
import type { readAlert } from './contract.ts';
import type { Draft } from './draft.ts';
import { xmlOf, type Concerned, type Earlier, type Prepared } from './prepare.ts';
import { alertRepository, type Changed } from './repository.ts';
import { alertView } from './view.ts';

/** Messages of one office within one second. */
const MOST_SERIALS = 100;
const KNOWN: Texts = {
  'zh-CN': '同一发布者的同一标识的报文已经收过。',
  en: 'A message of that sender with that identifier has come in already.',
};

type Shown = Outcome<typeof readAlert>;

/** `lost` where somebody else has changed what it was to stand in the place of, or what was to be issued. */
export type Published = Shown | 'lost';

export const replyWith = (status: number, alert: Alert, where: Where, { caller, now }: Pick<Call, 'caller' | 'now'>): Shown =>
  ok({
    status,
    body: alertView(alert, where, caller, now),
    version: alert.version,
    transient: true,
    ...(status === 201 ? { location: `/v1/alerts/${alert.id}` } : {}),
  });

interface Publishing {
  /** As it goes out; without a name it is given the next that is free. */
  readonly alert: Alert;
  readonly where: Where;
  /** As it waited. */
  readonly before?: Alert;
  /** As it came. */
  readonly xml?: string | undefined;
  readonly superseded: readonly Alert[];
  /** What waited and does not go out any more, now that this does. */
  readonly withdrawn?: readonly Changed[];
}

/** Puts an alert out in one transaction, with all that it takes the place of. */
export const publish = async (
  call: SignedInCall,
  { alert, where, before, xml, superseded: old, withdrawn: gone = [] }: Publishing,
): Promise<Published> => {
  const repository = alertRepository(call.runtime.database);
  const status = before === undefined ? 201 : 200;
  for (let serial = 1; serial <= MOST_SERIALS; serial++) {
    const named = { ...alert, identifier: alert.identifier ?? identifierOf(alert.sender, fromInstant(alert.sent), serial) };
    const published = repository.publishes(
      {
        alert: named,
        before,
        where,
        xml: xml ?? xmlOf(named, where, {}),
        superseded: old.map((each) => ({ before: each, after: superseded(each, alert.id, call.now) })),
      },
      call.requestId,
    );
    const effect = [...published, ...repository.withdraws(gone, call.requestId)];
    const written = await repository.write([...effect, ...call.once(status, alert.id)]);
    if (written.ok) return replyWith(status, named, where, call);
    const { index } = written.error;
    // The key has been used: the kit answers with what it made.
    if (index >= effect.length) return err({ code: 'conflict' });
    if (index <= old.length) return 'lost';
    if (index > old.length + 1) return 'lost';
    if (alert.identifier !== undefined) return err({ code: 'conflict', detail: KNOWN });
  }
  return err({ code: 'busy', retryAfter: 1 });
};

/** Issues what was prepared, or lets it wait for a second officer; what waited and is named by it does not go out any more. */
export const issue = async (
  call: SignedInCall,
  { alert, where }: Prepared,
  draft: Draft,
  { earlier, waiting }: Concerned,
): Promise<Published> => {
  const gone = waiting.map((each): Changed => ({ before: each.alert, after: withdrawn(each.alert, call.now, { later: alert.id }) }));
  const xml = draft.cap === undefined ? undefined : xmlOf(alert, where, draft);
  const old = earlier.map((each) => each.alert);
  if (alert.state === 'issued') return publish(call, { alert, where, xml, superseded: old, withdrawn: gone });
  const repository = alertRepository(call.runtime.database);
  const proposed = repository.proposes(alert, where, xml, call.requestId);
  const effect = [...proposed, ...repository.withdraws(gone, call.requestId)];
  const written = await repository.write([...effect, ...call.once(201, alert.id)]);
  if (written.ok) return replyWith(201, alert, where, call);
  const { index } = written.error;
  if (index >= proposed.length && index < effect.length) return 'lost';
  return err({ code: 'conflict', ...(index === 1 && alert.identifier !== undefined ? { detail: KNOWN } : {}) });
};

/** Ends one that waits: nobody has heard of it, and nobody hears of its end. */
export const withdraw = async (call: SignedInCall, { alert, where }: Earlier, note: string | undefined): Promise<Published> => {
  const repository = alertRepository(call.runtime.database);
  const after = withdrawn(alert, call.now, { note });
  const written = await repository.write([
    ...repository.withdraws([{ before: alert, after }], call.requestId),
    ...call.once(200, alert.id),
  ]);
  if (written.ok) return replyWith(200, after, where, call);
  return written.error.index === 0 ? 'lost' : err({ code: 'conflict' });
};
