/** Sends money back through the provider that it came by: its own id is the provider's key, so sending twice is sending once. */
import type { EventBridgeEvent } from 'aws-lambda';
import { lambda } from '../data/lambda.ts';
import type { CloudEvent } from '../data/reaction.ts';
import type { Runtime } from '../data/runtime.ts';
import { withUses } from '../data/scope.ts';
import type { EpochMs } from '../kernel/time.ts';
import { notifyUrl, providerOf } from './payments/providers.ts';
import { sendRefunds as declaration } from './reactions.ts';
import { settleRefund } from './receive.ts';
import type { Refund } from './refund.ts';
import { foundationRepository } from './repository.ts';

/** Sends it, and settles it where the provider says at once what became of it. `pending`: it is to be asked for later. */
export const sendRefund = async (runtime: Runtime, refund: Refund, now: EpochMs, requestId: string): Promise<'settled' | 'pending'> => {
  const [provider, donation] = await Promise.all([
    providerOf(runtime, refund.channel),
    foundationRepository(runtime.database).readDonation(refund.donation),
  ]);
  if (provider === undefined || donation === undefined || refund.transaction === undefined) return 'pending';
  const sent = await provider.refund({
    id: refund.id,
    order: refund.donation,
    transaction: refund.transaction,
    amount: refund.amount,
    total: donation.amount,
    reason: refund.reason,
    notifyUrl: notifyUrl(donation.origin ?? '', refund.channel),
  });
  if (!sent.ok) {
    runtime.log({
      level: 'warn',
      code: 'refundNotSent',
      refund: refund.id,
      channel: refund.channel,
      failure: sent.error.code,
      providerCode: sent.error.providerCode,
    });
    // A provider that refuses will go on refusing: the money is the fund's again, and a treasurer is told.
    if (sent.error.code !== 'refused') return 'pending';
  }
  const state = sent.ok ? sent.value.kind : 'failed';
  if (state === 'open') return 'pending';
  await settleRefund({ runtime, now, requestId }, refund.id, state);
  return 'settled';
};

export const sendRefunds = (outer: Runtime) => {
  const runtime = withUses(outer, declaration.uses, declaration.name);
  return async ({ detail }: EventBridgeEvent<string, CloudEvent<{ readonly id: string }>>): Promise<void> => {
    const refund = await foundationRepository(runtime.database).readRefund(detail.data.item.id);
    if (refund?.status === 'pending' && refund.ground !== 'disputeLost') await sendRefund(runtime, refund, runtime.now(), detail.id);
  };
};

export const handler = lambda(sendRefunds);
