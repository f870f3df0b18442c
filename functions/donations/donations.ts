/** Reading gifts: one by who gave it or keeps the books, and lists. */
import type { Call, Outcome, Reply, Run } from '../http/call.ts';
import type { AnswerOf } from '../http/operation.ts';
import { nextOf, positionOf } from '../http/page.ts';
import { limitOf } from '../http/schema.ts';
import { err, ok } from '../kernel/result.ts';
import { maySee } from './claim.ts';
import type * as contract from './contract.ts';
import { actionsOf, isDisputed, type Donation } from './donation.ts';
import { keepsBooksOf, seesBooksOf } from './fund.ts';
import type { Refund } from './refund.ts';
import { foundationRepository, type WholeDonation } from './repository.ts';

type DonationView = AnswerOf<typeof contract.readDonation>;
type ListedDonation = AnswerOf<typeof contract.listDonations>['items'][number];

const listed = (donation: Donation): ListedDonation => {
  const { id, fund, purpose, amount, channel, method, status, createdAt, payBy, receivedAt, refunded, lost = 0, receiptNumber } = donation;
  return {
    id,
    fund,
    purpose,
    amount,
    currency: 'CNY',
    channel,
    method,
    status,
    createdAt,
    payBy,
    receivedAt,
    refunded,
    ...(lost === 0 ? {} : { lost }),
    ...(isDisputed(donation) ? { disputed: true } : {}),
    receipt: receiptNumber,
  };
};

/** A grant may have come back to a gift that it gave up once. */
const usedBy = (uses: WholeDonation['uses']): DonationView['usedBy'] => {
  const byGrant = new Map<string, number>();
  for (const { grant, amount } of uses) byGrant.set(grant, (byGrant.get(grant) ?? 0) + amount);
  return [...byGrant].map(([grant, amount]) => ({ grant, amount }));
};

const donationView = ({ donation, donor, uses }: WholeDonation, caller: Call['caller']): DonationView => ({
  ...listed(donation),
  donor: { name: donor.name, anonymous: donor.anonymous, contact: donor.contact },
  message: donor.message,
  onBehalfOf: donor.onBehalfOf as DonationView['onBehalfOf'],
  refunds: donation.refunds.map(({ id, amount, status, ground }) => ({ id, amount, status, ground })),
  usedBy: usedBy(uses.toSorted((a, b) => (a.at < b.at ? -1 : 1))),
  unused: donation.unused,
  actions: keepsBooksOf(caller, donation) ? [...actionsOf(donation)] : [],
});

export const donationReply = (whole: WholeDonation, caller: Call['caller']): Reply<DonationView> => ({
  status: 200,
  body: donationView(whole, caller),
  version: whole.donation.version,
});

/** The gift as its GET shows it, after something was done with it. */
export const donationAgain = async (
  { runtime, caller }: Pick<Call, 'runtime' | 'caller'>,
  id: string,
): Promise<Outcome<typeof contract.readDonation>> => {
  const whole = await foundationRepository(runtime.database).wholeDonation(id);
  return whole === undefined ? err({ code: 'notFound' }) : ok(donationReply(whole, caller));
};

export const readDonation: Run<typeof contract.readDonation> = async (call) => {
  const whole = await foundationRepository(call.runtime.database).wholeDonation(call.params.id);
  return whole === undefined || !maySee(call, whole.donation, whole.donor)
    ? err({ code: 'notFound' })
    : ok(donationReply(whole, call.caller));
};

export const refundView = (refund: Refund): AnswerOf<typeof contract.readRefund> => {
  const { id, donation, amount, reason, status, createdAt, settledAt } = refund;
  const ground = refund.ground === 'paidTwice' ? 'paidTwice' : 'requested';
  return { id, donation, amount, currency: 'CNY', ground, reason, status, createdAt, settledAt };
};

export const readRefund: Run<typeof contract.readRefund> = async (call) => {
  const { runtime, params } = call;
  const repository = foundationRepository(runtime.database);
  const [whole, refund] = await Promise.all([repository.wholeDonation(params.id), repository.readRefund(params.refund)]);
  // What a bank took back itself is no refund.
  const isThere = refund?.donation === params.id && refund.ground !== 'disputeLost';
  if (whole === undefined || !isThere || !maySee(call, whole.donation, whole.donor)) return err({ code: 'notFound' });
  return ok({ status: 200, body: refundView(refund), version: refund.version });
};

export const listOwnDonations: Run<typeof contract.listOwnDonations> = async (call) => {
  const { runtime, query, caller } = call;
  const position = positionOf<Record<string, unknown>>(call, query.cursor);
  if (!position.ok) return position;
  const page = await foundationRepository(runtime.database).ownDonations(caller.sub, limitOf(query.limit), position.value);
  return ok({ status: 200, body: { items: page.items.map(listed), next: nextOf(call, page.after) } });
};

export const listDonations: Run<typeof contract.listDonations> = async (call) => {
  const { runtime, query, caller } = call;
  const position = positionOf<Record<string, unknown>>(call, query.cursor);
  if (!position.ok) return position;
  const repository = foundationRepository(runtime.database);
  const fund = await repository.findFund(query.fund);
  if (fund === undefined || !seesBooksOf(caller, fund)) return err({ code: 'notFound' });
  const page = await repository.list<Donation>('DONATIONS', fund.id, limitOf(query.limit), position.value);
  const items = page.items.filter(({ status }) => query.status === undefined || status === query.status).map(listed);
  return ok({ status: 200, body: { items, next: nextOf(call, page.after) } });
};
