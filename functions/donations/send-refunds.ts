/**
 * Sends money back through the provider that it came by: its own id is the provider's key, so sending twice is sending once. A provider may
 * forget that key after a day: what was asked for before is looked for first.
 */
import type { EventBridgeEvent } from 'aws-lambda';
import { lambda } from '../data/lambda.ts';
import type { PaymentProvider } from '../data/payments.ts';
import type { CloudEvent } from '../data/reaction.ts';
import type { Runtime } from '../data/runtime.ts';
import { withUses } from '../data/scope.ts';
import type { EpochMs } from '../kernel/time.ts';
import type { Donation } from './donation.ts';
import { notifyUrl, providerOf } from './payments/providers.ts';
import { sendRefunds as declaration } from './reactions.ts';
import { settleRefund } from './receive.ts';
import type { Refund } from './refund.ts';
import { foundationRepository } from './repository.ts';

/** Asks for it, where the provider does not know of it yet. */
const asked = async (provider: PaymentProvider, refund: Refund, donation: Donation): ReturnType<PaymentProvider['refund']> => {
  const { id, donation: order, transaction = '', amount, reason, channel } = refund;
  if (refund.change === 'postponed') {
    const known = await provider.findRefund({ id, order });
    // Of what it has never heard it refuses to tell; and a second payment is owed whatever became of it before.
    const isToSend = known.ok ? refund.ground === 'paidTwice' && known.value.kind === 'failed' : known.error.code === 'refused';
    if (!isToSend) return known;
  }
  const { amount: total, origin = '' } = donation;
  return provider.refund({ id, order, transaction, amount, total, reason, notifyUrl: notifyUrl(origin, channel) });
};

/** Sends it, and settles it where the provider says at once what became of it. `pending`: it is to be asked for later. */
export const sendRefund = async (runtime: Runtime, refund: Refund, now: EpochMs, requestId: string): Promise<'settled' | 'pending'> => {
  const [provider, donation] = await Promise.all([
    providerOf(runtime, refund.channel),
    foundationRepository(runtime.database).readDonation(refund.donation),
  ]);
  if (provider === undefined || donation === undefined || refund.transaction === undefined) return 'pending';
  const sent = await asked(provider, refund, donation);
  if (!sent.ok) {
    runtime.log({
      level: 'warn',
      code: 'refundNotSent',
      refund: refund.id,
      channel: refund.channel,
      failure: sent.error.code,
      providerCode: sent.error.providerCode,
    });
    if (sent.error.code !== 'refused') return 'pending';
    // A provider that refuses will go on refusing: the money is the fund's again, and a treasurer is told.
  }
  const state = sent.ok ? sent.value.kind : 'failed';
  if (state === 'open') return 'pending';
  await settleRefund({ runtime, now, requestId }, refund.id, state);
  // What was paid twice and does not go back is sent again.
  return refund.ground === 'paidTwice' && state === 'failed' ? 'pending' : 'settled';
};

/** What its provider says of a refund that it has told one way and then the other; undefined where it cannot say. */
export const saidOf = async (runtime: Runtime, { id, donation, channel, status }: Refund): Promise<Refund['status'] | undefined> => {
  const provider = await providerOf(runtime, channel);
  const found = await provider?.findRefund({ id, order: donation });
  if (found?.ok === true) return found.value.kind === 'open' ? undefined : found.value.kind;
  return found?.error.code === 'refused' ? status : undefined;
};

export const sendRefunds = (outer: Runtime) => {
  const runtime = withUses(outer, declaration.uses, declaration.name);
  return async ({ detail }: EventBridgeEvent<string, CloudEvent<{ readonly id: string }>>): Promise<void> => {
    const refund = await foundationRepository(runtime.database).readRefund(detail.data.item.id);
    if (refund?.status === 'pending' && refund.ground !== 'disputeLost') await sendRefund(runtime, refund, runtime.now(), detail.id);
  };
};

export const handler = lambda(sendRefunds);
