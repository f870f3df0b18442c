import { isMatch, type Repeatable, type SignedInCall } from '../http/call.ts';
import { untilWritten } from '../http/until-written.ts';
import { newId } from '../kernel/id.ts';
import { fen } from '../kernel/money.ts';
import { err, ok } from '../kernel/result.ts';
import { booksOf } from './books.ts';
import { maySee } from './claim.ts';
import type { refundDonation as declaration } from './contract.ts';
import { actionsOf, MOST_REFUNDS, refunding, type RefundRefusal } from './donation.ts';
import { refundView } from './donations.ts';
import { keepsBooksOf } from './fund.ts';
import { givingUp, type Short } from './giving-up.ts';
import { journals } from './ledger.ts';
import { isByHand } from './names.ts';
import { post } from './post.ts';
import { newRefund } from './refund.ts';
import { foundationRepository } from './repository.ts';
import type { Failure } from '../http/problem.ts';

const FAILURES: Readonly<Record<RefundRefusal, Failure>> = {
  notPaid: { code: 'wrongState' },
  notLeft: {
    code: 'notEnoughMoney',
    detail: {
      'zh-CN': '该笔捐赠没有这么多可退，请查看 refunded 和 refunds。',
      en: 'So much is not left of it: see `refunded` and `refunds`.',
    },
  },
  disputed: {
    code: 'wrongState',
    detail: {
      'zh-CN': '该笔捐赠正被付款人向银行拒付，判定前不能退款。',
      en: 'Its payer’s bank has taken it back while it is disputed: until that is decided it cannot go back once more.',
    },
  },
  owed: {
    code: 'wrongState',
    detail: {
      'zh-CN': '该笔捐赠的一笔退款先报失败、后又到账，入账前不能再退。',
      en: 'A refund of it that had failed has gone after all: until that is borne it cannot go back once more.',
    },
  },
  tooMany: {
    code: 'wrongState',
    detail: { 'zh-CN': `一笔捐赠最多退款 ${MOST_REFUNDS} 次。`, en: `A donation goes back in ${MOST_REFUNDS} parts at most.` },
  },
};
const SHORT: Readonly<Record<Short, Failure>> = {
  tooManyUses: {
    code: 'wrongState',
    actions: ['refunds'],
    detail: { 'zh-CN': '该款已用于多笔资助，请分几次退款。', en: 'So much of it was used by many grants: give it back in several parts.' },
  },
  otherPurpose: {
    code: 'notEnoughMoney',
    detail: {
      'zh-CN': '该款变更用途前已使用的部分不能从现用途退还。',
      en: 'What was used of it before its purpose was changed is not there to go back: its purpose now has other gifts’ money.',
    },
  },
};

const run: Repeatable<typeof declaration>['run'] = async (call) => {
  const { runtime, params, body, caller, now, requestId, ifMatch } = call;
  const repository = foundationRepository(runtime.database);
  const id = newId(runtime.random);
  return untilWritten<typeof declaration>(async () => {
    const whole = await repository.wholeDonation(params.id);
    if (whole === undefined) return err({ code: 'notFound' });
    const { donation, donor } = whole;
    if (!keepsBooksOf(caller, donation)) return err({ code: maySee({ caller, headers: {} }, donation, donor) ? 'forbidden' : 'notFound' });
    if (!isMatch(ifMatch, donation.version)) return err({ code: 'preconditionFailed' });
    const asked = { id, amount: fen(body.amount) };
    const next = refunding(donation, asked, now);
    if (!next.ok) {
      const failure = FAILURES[next.error];
      return err(failure.code === 'wrongState' ? { ...failure, actions: actionsOf(donation) } : failure);
    }
    const undone = await givingUp(repository, whole, next.value.givenUp);
    if (undone.short !== undefined) return err(SHORT[undone.short]);
    const refund = newRefund(
      { ...asked, reason: body.reason, ground: 'requested', transaction: donation.transaction, by: caller.sub },
      donation,
      isByHand(donation.channel) ? 'succeeded' : 'pending',
      now,
    );
    const books = await booksOf(runtime, donation.fund, requestId);
    const details = { channel: donation.channel, donation: donation.id, refund: id, by: caller.sub };
    const posted = await post(books, now, (at) => ({
      writes: [
        repository.putsDonation(next.value.donation, donation, requestId),
        repository.putsRefund(refund, undefined, requestId),
        ...undone.writes,
      ],
      journals: [
        (isByHand(donation.channel) ? journals.refundByHand : journals.refundReserved)(
          donation,
          { id: newId(runtime.random), at, amount: asked.amount },
          details,
        ),
      ],
      after: call.once(201, `${donation.id}/${id}`),
    }));
    if (posted.ok) return answered(refund);
    if (posted.error.code === 'notThere') return err({ code: 'notEnoughMoney' });
    const isOurs = posted.error.index >= 2 + undone.writes.length;
    return isOurs ? err({ code: 'conflict' }) : 'lost';
  });
};

const answered = (refund: Parameters<typeof refundView>[0]) =>
  ok({
    status: 201,
    body: refundView(refund),
    version: refund.version,
    location: `/v1/donations/${refund.donation}/refunds/${refund.id}`,
  });

/** Gives a gift back, or part of it. What goes through a provider is sent by a reaction, and reserved until it has gone. */
export const refundDonation: Repeatable<typeof declaration> = {
  run,
  replay: async ({ runtime }: SignedInCall<typeof declaration>, resource) => {
    const refund = await foundationRepository(runtime.database).readRefund(resource.split('/')[1] ?? '');
    return refund === undefined ? err({ code: 'notFound' }) : answered(refund);
  },
};
