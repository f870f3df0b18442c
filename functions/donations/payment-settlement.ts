/** `paymentSettlement`: asks for what was never told, and gives up what nobody pays. A notification that comes later still counts. */
import type { Context } from 'aws-lambda';
import { lambda } from '../data/lambda.ts';
import type { Runtime } from '../data/runtime.ts';
import { scheduledInstant, type ScheduledEvent } from '../data/schedule.ts';
import { withUses } from '../data/scope.ts';
import { cause } from '../kernel/cause.ts';
import { fromInstant, type EpochMs } from '../kernel/time.ts';
import { askedAgain as donationAskedAgain, expired, type Donation } from './donation.ts';
import { isByHand } from './names.ts';
import { providerOf } from './payments/providers.ts';
import { receivePayment, settleRefund } from './receive.ts';
import { askedAgain as refundAskedAgain, type Refund } from './refund.ts';
import { ASK_SHARDS, foundationRepository } from './repository.ts';
import { paymentSettlement as declaration } from './schedules.ts';
import { sendRefund } from './send-refunds.ts';

const PAGE = 100;
const AT_ONCE = 8;
const ENOUGH_MS = 60_000;

export interface SettlementDone {
  readonly received: number;
  readonly expired: number;
  readonly refunded: number;
  readonly postponed: number;
}

type Outcome = keyof SettlementDone;

export const paymentSettlement = (outer: Runtime) => {
  const runtime = withUses(outer, declaration.uses, declaration.name);
  const repository = foundationRepository(runtime.database);

  const giveUp = async (donation: Donation, at: EpochMs, runId: string): Promise<Outcome> => {
    await repository.write([repository.putsDonation(expired(donation, at), donation, runId)]);
    return 'expired';
  };
  const later = async (donation: Donation, at: EpochMs, runId: string): Promise<Outcome> => {
    await repository.write([repository.putsDonation(donationAskedAgain(donation, at), donation, runId)]);
    return 'postponed';
  };

  const askForPayment = async (donation: Donation, at: EpochMs, runId: string): Promise<Outcome> => {
    const isOver = fromInstant(donation.payBy) <= at;
    const provider = isByHand(donation.channel) ? undefined : await providerOf(runtime, donation.channel);
    if (provider === undefined) return isOver ? giveUp(donation, at, runId) : later(donation, at, runId);
    const found = await provider.find(donation);
    if (!found.ok) {
      runtime.log({
        level: 'warn',
        code: 'paymentNotFound',
        channel: donation.channel,
        failure: found.error.code,
        providerCode: found.error.providerCode,
      });
      // A channel whose keys were taken away has nobody to ask.
      return isOver && found.error.code === 'notConfigured' ? giveUp(donation, at, runId) : later(donation, at, runId);
    }
    if (found.value.kind === 'paid') {
      const received = await receivePayment({ runtime, now: at, requestId: runId }, donation.id, found.value);
      if (received !== 'refused') return 'received';
      runtime.log({ level: 'error', code: 'notificationDisagrees', channel: donation.channel, kind: 'paid' });
      return later(donation, at, runId);
    }
    if (!isOver) return later(donation, at, runId);
    // From here on nobody can pay it; where somebody just has, closing is refused, and it is asked for again.
    const closed = found.value.kind === 'closed' || (await provider.close(donation)).ok;
    return closed ? giveUp(donation, at, runId) : later(donation, at, runId);
  };

  const askForRefund = async (refund: Refund, at: EpochMs, runId: string): Promise<Outcome> => {
    const context = { runtime, now: at, requestId: runId };
    const isSettled =
      refund.ground === 'disputeLost'
        ? (await settleRefund(context, refund.id, 'succeeded')) === 'taken'
        : (await sendRefund(runtime, refund, at, runId)) === 'settled';
    if (isSettled) return 'refunded';
    await repository.write([repository.putsRefund(refundAskedAgain(refund, at), refund, runId)]);
    return 'postponed';
  };

  const isDue = (askAt: string | undefined, at: EpochMs): boolean => askAt !== undefined && fromInstant(askAt as never) <= at;

  return async (
    { scheduledTime }: ScheduledEvent,
    { getRemainingTimeInMillis: remainingMs }: Pick<Context, 'getRemainingTimeInMillis'>,
  ): Promise<SettlementDone> => {
    const at = fromInstant(scheduledInstant({ scheduledTime }));
    const runId = `paymentSettlement#${scheduledTime}`;
    const done: Record<Outcome, number> = { received: 0, expired: 0, refunded: 0, postponed: 0 };
    const failures: unknown[] = [];
    const lookAt = async ({ pk }: { readonly pk: string }): Promise<void> => {
      const [kind, id = ''] = pk.split('#');
      try {
        if (kind === 'DONATION') {
          const donation = await repository.readDonation(id);
          if (donation !== undefined && isDue(donation.askAt, at)) done[await askForPayment(donation, at, runId)] += 1;
        } else {
          const refund = await repository.readRefund(id);
          if (refund !== undefined && isDue(refund.askAt, at)) done[await askForRefund(refund, at, runId)] += 1;
        }
      } catch (error) {
        // What fails keeps nothing else waiting.
        failures.push(error);
        runtime.log({ level: 'error', code: 'settlementStuck', subject: pk, ...cause(error) });
      }
    };
    for (let shard = 0; shard < ASK_SHARDS; shard++) {
      let after: Record<string, unknown> | undefined;
      do {
        const page = await repository.toAskFor(shard, at, PAGE, after);
        for (let start = 0; start < page.items.length; start += AT_ONCE)
          await Promise.all(page.items.slice(start, start + AT_ONCE).map(lookAt));
        after = page.after;
      } while (after !== undefined && remainingMs() >= ENOUGH_MS);
      runtime.log({ level: 'info', code: 'settlementProgress', shard: shard + 1, shards: ASK_SHARDS, ...done });
    }
    if (failures.length > 0) throw new Error(`${failures.length} payments could not be asked for`, { cause: failures[0] });
    return done;
  };
};

export const handler = lambda(paymentSettlement);
