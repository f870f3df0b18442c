import type { Write } from '../data/database.ts';
import { isMatch, type Repeatable, type SignedInCall } from '../http/call.ts';
import { newId } from '../kernel/id.ts';
import { fen } from '../kernel/money.ts';
import { err, ok, type Result } from '../kernel/result.ts';
import { booksOf } from './books.ts';
import { maySee } from './claim.ts';
import type { refundDonation as declaration } from './contract.ts';
import { actionsOf, MOST_REFUNDS, refunding, type RefundRefusal } from './donation.ts';
import { refundView } from './donations.ts';
import { keepsBooksOf } from './fund.ts';
import { traced } from './grant.ts';
import { journals } from './ledger.ts';
import { isByHand } from './names.ts';
import { post } from './post.ts';
import { newRefund } from './refund.ts';
import { foundationRepository, type FoundationRepository, type WholeDonation } from './repository.ts';
import type { Failure } from '../http/problem.ts';

/** Whoever loses a race looks again, unless they said which version they mean. */
const ATTEMPTS = 8;
/** So many uses are undone by one refund. */
const MOST_USES = 30;

const FAILURES: Readonly<Record<RefundRefusal, Failure>> = {
  notPaid: { code: 'wrongState' },
  notLeft: {
    code: 'notEnoughMoney',
    detail: {
      'zh-CN': '该笔捐赠没有这么多可退，请查看 refunded 和 refunds。',
      en: 'So much is not left of it: see `refunded` and `refunds`.',
    },
  },
  tooMany: {
    code: 'wrongState',
    detail: { 'zh-CN': `一笔捐赠最多退款 ${MOST_REFUNDS} 次。`, en: `A donation goes back in ${MOST_REFUNDS} parts at most.` },
  },
};
const TOO_MANY_USES: Failure = {
  code: 'wrongState',
  actions: ['refunds'],
  detail: { 'zh-CN': '该款已用于多笔资助，请分几次退款。', en: 'So much of it was used by many grants: give it back in several parts.' },
};

/** Grants that have used what now goes back, the last first, give it up: other gifts take its place. */
const givingUp = async (
  repository: FoundationRepository,
  { uses }: WholeDonation,
  amount: number,
): Promise<Result<readonly Write[], Failure>> => {
  const latest = uses.toSorted((a, b) => (a.at > b.at ? -1 : 1));
  const byGrant = new Map<string, number>();
  const writes: Write[] = [];
  let left = amount;
  for (const use of latest) {
    if (left === 0) break;
    const part = Math.min(left, use.amount);
    left -= part;
    byGrant.set(use.grant, (byGrant.get(use.grant) ?? 0) + part);
    writes.push(part === use.amount ? repository.removesUse(use) : repository.shortensUse(use, part));
  }
  if (writes.length > MOST_USES) return err(TOO_MANY_USES);
  for (const [id, part] of byGrant) {
    const trace = await repository.readTrace(id);
    if (trace !== undefined) writes.push(repository.putsTrace(traced(trace, -part), trace));
  }
  return ok(writes);
};

const run: Repeatable<typeof declaration>['run'] = async (call) => {
  const { runtime, params, body, caller, now, requestId, ifMatch } = call;
  const repository = foundationRepository(runtime.database);
  const id = newId(runtime.random);
  for (let attempt = 1; ; attempt++) {
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
    if (!undone.ok) return undone;
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
        ...undone.value,
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
    const isOurs = posted.error.index >= 2 + undone.value.length;
    if (isOurs || attempt === ATTEMPTS) return err({ code: 'conflict' });
    if (ifMatch !== undefined && posted.error.index === 0) return err({ code: 'preconditionFailed' });
  }
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
