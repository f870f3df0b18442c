/** Events of credit as each caller may see them. */
import type { Principal } from '../http/principal.ts';
import { dayOf, type EpochMs } from '../kernel/time.ts';
import type { CreditEventView, CreditMethodView } from './contract.ts';
import { openCreditActions, type CreditEvent } from './credit-event.ts';
import { countedEvent, type CreditMethod } from './credit.ts';
import type { Provider, ProviderSight } from './provider.ts';

export const methodView = (method: CreditMethod): CreditMethodView => ({
  ...method,
  points: { ...method.points },
  posted: { misconduct: { ...method.posted.misconduct }, merit: { ...method.posted.merit } },
});

/** To the public without its subject and without what anybody wrote: either could lead to a person. */
export const creditEventView = (
  event: CreditEvent,
  provider: Provider,
  sight: Exclude<ProviderSight, 'nothing'>,
  acting: { readonly caller: Principal | undefined; readonly now: EpochMs; readonly method: CreditMethod },
): CreditEventView => {
  const { id, kind, on: at, subject, posted, appeal, review, repair } = event;
  const { points, weight, counted, until } = countedEvent(event, acting.method, dayOf(acting.now));
  const whole = sight === 'whole';
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
