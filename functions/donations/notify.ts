import type { Repeatable, Reply } from '../http/call.ts';
import { err, ok } from '../kernel/result.ts';
import type { PaymentFact, PaymentProvider, RawAnswer } from '../data/payments.ts';
import type { receiveNotification as declaration } from './contract.ts';
import { providerOf } from './payments/providers.ts';
import { receiveFact } from './receive.ts';
import { Busy } from '../data/database.ts';

const reply = ({ status, contentType, body }: RawAnswer): Reply<string> => ({ status, body, headers: { 'content-type': contentType } });

/** Which of ours it is about. */
const subjectOf = (fact: PaymentFact) => ({
  kind: fact.kind,
  donation: fact.kind === 'nothing' ? undefined : fact.order,
  refund: fact.kind === 'refunded' ? fact.refund : undefined,
});

/** What a provider tells. Nothing of it is believed before its signature, and nothing of a provider is told but what it wants to hear. */
export const notify: Repeatable<typeof declaration> = {
  run: async ({ runtime, params: { channel }, raw, now, requestId }) => {
    const provider: PaymentProvider | undefined = await providerOf(runtime, channel);
    if (provider === undefined) return err({ code: 'notFound' });
    const told = await provider.read(raw, now);
    if (!told.ok) {
      runtime.log({ level: 'warn', code: 'notificationRefused', channel, reason: told.error });
      return ok(reply(provider.answer('refused')));
    }
    try {
      const outcome = await receiveFact({ runtime, now, requestId }, channel, told.value);
      if (outcome === 'refused') runtime.log({ level: 'error', code: 'notificationDisagrees', channel, ...subjectOf(told.value) });
      return ok(reply(provider.answer(outcome)));
    } catch (error) {
      if (!(error instanceof Busy)) throw error;
      return ok(reply(provider.answer('later')));
    }
  },
  // Its own condition keeps it from counting twice: a key, were one sent, adds nothing.
  replay: () => Promise.resolve(err({ code: 'conflict' })),
};
