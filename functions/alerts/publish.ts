import type { Call, Outcome, SignedInCall } from '../http/call.ts';
import type { Texts } from '../kernel/texts.ts';
import { err, ok } from '../kernel/result.ts';
import { fromInstant } from '../kernel/time.ts';
import { superseded, type Alert } from './alert.ts';
import { identifierOf } from './cap/identifier.ts';
import type { readAlert } from './contract.ts';
import type { Draft } from './draft.ts';
import { xmlOf, type Prepared } from './prepare.ts';
import { alertRepository } from './repository.ts';
import { alertView, type Where } from './view.ts';

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
}

/** Puts an alert out in one transaction, with all that it takes the place of. */
export const publish = async (call: SignedInCall, { alert, where, before, xml, superseded: old }: Publishing): Promise<Published> => {
  const repository = alertRepository(call.runtime.database);
  const status = before === undefined ? 201 : 200;
  for (let serial = 1; serial <= MOST_SERIALS; serial++) {
    const named = { ...alert, identifier: alert.identifier ?? identifierOf(alert.sender, fromInstant(alert.sent), serial) };
    const effect = repository.publishes(
      {
        alert: named,
        before,
        where,
        xml: xml ?? xmlOf(named, where, {}),
        superseded: old.map((each) => ({ before: each, after: superseded(each, alert.id, call.now) })),
      },
      call.requestId,
    );
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

/** Issues what was prepared, or lets it wait for a second officer. */
export const issue = async (
  call: SignedInCall,
  { alert, where }: Prepared,
  draft: Draft,
  superseding: readonly Alert[],
): Promise<Published> => {
  const xml = draft.cap === undefined ? undefined : xmlOf(alert, where, draft);
  if (alert.state === 'issued') return publish(call, { alert, where, xml, superseded: superseding });
  const repository = alertRepository(call.runtime.database);
  const effect = repository.proposes(alert, where, xml, call.requestId);
  const written = await repository.write([...effect, ...call.once(201, alert.id)]);
  if (written.ok) return replyWith(201, alert, where, call);
  return err({ code: 'conflict', ...(written.error.index === 1 && alert.identifier !== undefined ? { detail: KNOWN } : {}) });
};
