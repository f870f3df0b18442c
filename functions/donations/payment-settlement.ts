/** `paymentSettlement`: asks for what was never told, and gives up what nobody pays. A notification that comes later still counts. */
import type { Context } from 'aws-lambda';
import type { Write } from '../data/database.ts';
import { lambda } from '../data/lambda.ts';
import type { Runtime } from '../data/runtime.ts';
import { scheduledInstant, type ScheduledEvent } from '../data/schedule.ts';
import { withUses } from '../data/scope.ts';
import { cause } from '../kernel/cause.ts';
import { fromInstant, type EpochMs } from '../kernel/time.ts';
import { bearOwed } from './bearing.ts';
import { askedAgain as donationAskedAgain, expired, type Donation } from './donation.ts';
import { isByHand } from './names.ts';
import { providerOf } from './payments/providers.ts';
import { receivePayment, settleRefund } from './receive.ts';
import { askedAgain as refundAskedAgain, confirmed, type Refund } from './refund.ts';
import { ASK_SHARDS, foundationRepository } from './repository.ts';
import { paymentSettlement as declaration } from './schedules.ts';
import { saidOf, sendRefund } from './send-refunds.ts';

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

  /** Where somebody was quicker, it is none of this run's. */
  const written = async (write: Write, outcome: Outcome): Promise<Outcome | undefined> =>
    (await repository.write([write])).ok ? outcome : undefined;
  const giveUp = (donation: Donation, at: EpochMs, runId: string): Promise<Outcome | undefined> =>
    written(repository.putsDonation(expired(donation, at), donation, runId), 'expired');
  const later = (donation: Donation, at: EpochMs, runId: string): Promise<Outcome | undefined> =>
    written(repository.putsDonation(donationAskedAgain(donation, at), donation, runId), 'postponed');

  const askForPayment = async (donation: Donation, at: EpochMs, runId: string): Promise<Outcome | undefined> => {
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

  const askForRefund = async (refund: Refund, at: EpochMs, runId: string): Promise<Outcome | undefined> => {
    const context = { runtime, now: at, requestId: runId };
    if (refund.status !== 'pending') {
      const said = await saidOf(runtime, refund);
      if (said === 'succeeded' || said === 'failed') {
        if (said !== refund.status) return (await settleRefund(context, refund.id, said)) === 'taken' ? 'refunded' : undefined;
        if (refund.owed === undefined) return written(repository.putsRefund(confirmed(refund, at), refund, runId), 'refunded');
      }
      if (refund.owed !== undefined && (await bearOwed(context, refund.id))) return 'refunded';
    } else {
      const isDone =
        refund.owed === undefined ? (await sendRefund(runtime, refund, at, runId)) === 'settled' : await bearOwed(context, refund.id);
      if (isDone) return 'refunded';
    }
    // Part of what was owed may be borne by now.
    const now = await repository.readRefund(refund.id);
    return now?.askAt === undefined ? undefined : written(repository.putsRefund(refundAskedAgain(now, at), now, runId), 'postponed');
  };

  const isDue = (askAt: string | undefined, at: EpochMs): boolean => askAt !== undefined && fromInstant(askAt as never) <= at;

  return async (
    { scheduledTime }: ScheduledEvent,
    { getRemainingTimeInMillis: remainingMs }: Pick<Context, 'getRemainingTimeInMillis'>,
  ): Promise<SettlementDone> => {
    const at = fromInstant(scheduledInstant({ scheduledTime }));
    const runId = `paymentSettlement#${scheduledTime}`;
    const done: Record<Outcome, number> = { received: 0, expired: 0, refunded: 0, postponed: 0 };
    const count = (outcome: Outcome | undefined): void => {
      if (outcome !== undefined) done[outcome] += 1;
    };
    const failures: unknown[] = [];
    const lookAt = async ({ pk }: { readonly pk: string }): Promise<void> => {
      const [kind, id = ''] = pk.split('#');
      try {
        if (kind === 'DONATION') {
          const donation = await repository.readDonation(id);
          if (donation !== undefined && isDue(donation.askAt, at)) count(await askForPayment(donation, at, runId));
        } else {
          const refund = await repository.readRefund(id);
          if (refund !== undefined && isDue(refund.askAt, at)) count(await askForRefund(refund, at, runId));
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
