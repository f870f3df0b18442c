import { isMatch, type Repeatable } from '../http/call.ts';
import { err, ok } from '../kernel/result.ts';
import { maySee } from './claim.ts';
import type { confirmDonation } from './contract.ts';
import { donationAgain, donationReply } from './donations.ts';
import { actionsOf, isPaid } from './donation.ts';
import { keepsBooksOf } from './fund.ts';
import { isByHand } from './names.ts';
import { receivePayment } from './receive.ts';
import { foundationRepository } from './repository.ts';

/** A treasurer says that cash or a transfer has come in. It counts once: who says so again is told what is. */
export const confirm: Repeatable<typeof confirmDonation> = {
  run: async (call) => {
    const { runtime, params, caller, now, requestId, ifMatch } = call;
    const whole = await foundationRepository(runtime.database).wholeDonation(params.id);
    if (whole === undefined) return err({ code: 'notFound' });
    const { donation, donor } = whole;
    // Of what they may not know, they learn nothing.
    if (!keepsBooksOf(caller, donation)) return err({ code: maySee({ caller, headers: {} }, donation, donor) ? 'forbidden' : 'notFound' });
    if (!isMatch(ifMatch, donation.version)) return err({ code: 'preconditionFailed' });
    if (!isByHand(donation.channel)) return err({ code: 'wrongState', actions: actionsOf(donation) });
    const once = call.once(200, donation.id);
    if (!isPaid(donation)) {
      const received = await receivePayment({ runtime, now, requestId }, donation.id, undefined, once);
      if (typeof received !== 'string') return ok(donationReply({ ...whole, donation: received }, caller));
      if (received === 'refused') return err({ code: 'conflict' });
      // Somebody else was quicker, and what was meant is no more.
      if (ifMatch !== undefined) return err({ code: 'preconditionFailed' });
    }
    // It is said again: the key, where there is one, stands for that; where it stood for it already, this is its replay.
    const recorded = await foundationRepository(runtime.database).write(once);
    return recorded.ok ? donationAgain(call, donation.id) : err({ code: 'conflict' });
  },
  replay: (call, id) => donationAgain(call, id),
};
