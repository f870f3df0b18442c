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
    if (isPaid(donation)) {
      // Said before, and by another key: this one says the same from now on.
      await foundationRepository(runtime.database).write(call.once(200, donation.id));
      return ok(donationReply(whole, caller));
    }
    const received = await receivePayment({ runtime, now, requestId }, donation.id, undefined, call.once(200, donation.id));
    return typeof received === 'string' ? err({ code: 'conflict' }) : ok(donationReply({ ...whole, donation: received }, caller));
  },
  replay: (call, id) => donationAgain(call, id),
};
