/** Events of credit as each caller may see them. */
import type { Principal } from '../http/principal.ts';
import { dayOf, type EpochMs } from '../kernel/time.ts';
import type { CreditEventView, CreditMethodView } from './contract.ts';
import { openCreditActions, seesWhole, type CreditEvent } from './credit-event.ts';
import { countedEvent, type CreditMethod } from './credit.ts';
import type { Provider } from './provider.ts';

export const methodView = (method: CreditMethod): CreditMethodView => ({
  ...method,
  points: { ...method.points },
  together: { ...method.together },
  posted: { misconduct: { ...method.posted.misconduct }, merit: { ...method.posted.merit } },
});

/** Without its subject and what anybody wrote, which could lead to a person, save to its own people and dispatchers of where it comes from. */
export const creditEventView = (
  event: CreditEvent,
  provider: Provider,
  acting: { readonly caller: Principal | undefined; readonly now: EpochMs; readonly method: CreditMethod },
): CreditEventView => {
  const { id, kind, on: at, subject, posted, appeal, review, repair } = event;
  const { points, weight, counted, until } = countedEvent(event, acting.method, dayOf(acting.now));
  const whole = seesWhole(event, provider, acting.caller);
  return {
    id,
    kind,
    at,
    points,
    weight,
    counted,
    until,
    ...(appeal === undefined
      ? {}
      : { appeal: { status: review?.ruling ?? 'pending', ...(whole ? { reason: appeal.reason, ruling: review?.reason } : {}) } }),
    ...(repair === undefined
      ? {}
      : { repair: { status: repair.decision, ...(whole ? { reason: repair.reason, ruling: repair.decided?.reason } : {}) } }),
    ...(whole ? { subject, reason: posted?.reason } : {}),
    actions: openCreditActions(event, provider, acting),
  };
};

/** The answer that holds an event. */
export const creditEventShown = (...[event, provider, acting]: Parameters<typeof creditEventView>) => ({
  body: creditEventView(event, provider, acting),
  version: event.version,
  ...(seesWhole(event, provider, acting.caller) ? { view: 'whole' as const } : {}),
});
