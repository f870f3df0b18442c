import { isMatch, type Repeatable } from '../http/call.ts';
import { wrongField, type Failure } from '../http/problem.ts';
import { untilWritten } from '../http/until-written.ts';
import { newId } from '../kernel/id.ts';
import { fen } from '../kernel/money.ts';
import { err } from '../kernel/result.ts';
import { booksOf } from './books.ts';
import { maySee } from './claim.ts';
import type { changePurpose as declaration } from './contract.ts';
import { actionsOf, purposeChanged, type Donation } from './donation.ts';
import { donationAgain } from './donations.ts';
import { keepsBooksOf, purposeCodes } from './fund.ts';
import { journals } from './ledger.ts';
import { post } from './post.ts';
import { foundationRepository } from './repository.ts';

const nothingLeft = (donation: Donation): Failure => ({
  code: 'wrongState',
  actions: actionsOf(donation),
  detail: {
    'zh-CN': '该笔捐赠尚未到账、已全部使用、正在退款，或正被拒付。',
    en: 'It has not come in, has been used whole, is on its way back, or is disputed.',
  },
});

/** What is unused of a gift goes to another purpose of its fund: by the donor's recorded consent, or to a similar one, and published. */
export const changePurpose: Repeatable<typeof declaration> = {
  run: async (call) => {
    const { runtime, params, body, caller, now, requestId, ifMatch } = call;
    const repository = foundationRepository(runtime.database);
    return untilWritten(async () => {
      const whole = await repository.wholeDonation(params.id);
      if (whole === undefined) return err({ code: 'notFound' });
      const { donation, donor } = whole;
      if (!keepsBooksOf(caller, donation))
        return err({ code: maySee({ caller, headers: {} }, donation, donor) ? 'forbidden' : 'notFound' });
      if (!isMatch(ifMatch, donation.version)) return err({ code: 'preconditionFailed' });
      if ((body.ground === 'donorConsent') !== (body.consent !== undefined))
        return err(
          wrongField('consent', {
            'zh-CN': '以捐赠人同意为依据时必填，否则不填',
            en: 'is required where the donor’s consent is the ground, and only there',
          }),
        );
      const books = await booksOf(runtime, donation.fund, requestId);
      if (!purposeCodes(books.fund).includes(body.purpose) || body.purpose === donation.purpose)
        return err(wrongField('purpose', { 'zh-CN': '该基金没有这个用途，或就是现在的用途', en: 'is no other purpose of this fund' }));
      if (!actionsOf(donation).includes('purpose')) return err(nothingLeft(donation));
      const amount = fen(donation.unused);
      const details = {
        donation: donation.id,
        reason: body.reason,
        ...(body.consent === undefined ? {} : { consent: body.consent }),
        ground: body.ground,
        by: caller.sub,
      };
      const posted = await post(books, now, (at) => ({
        writes: [repository.putsDonation(purposeChanged(donation, body.purpose, at), donation, requestId)],
        journals: [
          journals.purposeChangeOut(donation, { id: newId(runtime.random), at, amount }, details),
          journals.purposeChangeIn({ ...donation, purpose: body.purpose }, { id: newId(runtime.random), at, amount }, details),
        ],
        after: call.once(200, donation.id),
      }));
      if (posted.ok) return donationAgain(call, donation.id);
      if (posted.error.code === 'notThere') return err({ code: 'notEnoughMoney' });
      return posted.error.index > 0 ? err({ code: 'conflict' }) : 'lost';
    });
  },
  replay: donationAgain,
};
