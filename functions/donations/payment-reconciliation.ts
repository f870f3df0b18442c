/** `paymentReconciliation`: each provider's bill of the day before against our books. What only the bill knows of comes in by it. */
import { lambda } from '../data/lambda.ts';
import type { BillLine, PaymentProvider } from '../data/payments.ts';
import type { Runtime } from '../data/runtime.ts';
import { scheduledInstant, type ScheduledEvent } from '../data/schedule.ts';
import { withUses } from '../data/scope.ts';
import { cause } from '../kernel/cause.ts';
import { addDays, dayOf, fromInstant, plus, startOfDay, toInstant, type Day, type EpochMs, type Instant } from '../kernel/time.ts';
import type { Fund } from './fund.ts';
import { MAIN, type Journal } from './ledger.ts';
import { ONLINE_CHANNELS } from './names.ts';
import { providerOf } from './payments/providers.ts';
import { sweepAccount } from './post.ts';
import { receivePayment, settleRefund } from './receive.ts';
import { reconciled, type Known } from './reconcile.ts';
import { foundationRepository } from './repository.ts';
import { paymentReconciliation as declaration } from './schedules.ts';

const FUNDS_PAGE = 50;
const AT_ONCE = 8;
const RUN = 'paymentReconciliation#';
/** A bill says of which day a payment is, and not when. */
const endOfDay = (day: Day): Instant => toInstant(plus(startOfDay(addDays(day, 1)), -1));
/** What a run has put into the books itself, now or when it was run for this before. */
const isRecovered = ({ requestId }: { readonly requestId?: string }): boolean => requestId?.startsWith(RUN) === true;

export interface ReconciliationDone {
  readonly day: string;
  /** Channels whose bill agreed with our books, in every city. */
  readonly matched: readonly string[];
  readonly differing: readonly string[];
  readonly failed: readonly string[];
}

export const paymentReconciliation = (outer: Runtime) => {
  const runtime = withUses(outer, declaration.uses, declaration.name);
  const repository = foundationRepository(runtime.database);

  async function* allFunds(): AsyncGenerator<Fund> {
    let after: Record<string, unknown> | undefined;
    do {
      const page = await repository.listFunds('', FUNDS_PAGE, after);
      yield* page.items;
      after = page.after;
    } while (after !== undefined);
  }

  /** What is in our books of the payments of a day, by the provider's clock: some were told a day late. */
  const booked = async (day: Day): Promise<ReadonlyMap<string, readonly Known[]>> => {
    const byChannel = new Map<string, Known[]>();
    const isOfDay = ({ paidAt, kind }: Journal): boolean =>
      (kind === 'donation' || kind === 'doublePayment') && paidAt !== undefined && dayOf(fromInstant(paidAt)) === day;
    const [from, until] = [toInstant(startOfDay(addDays(day, -1))), toInstant(startOfDay(addDays(day, 3)))];
    for await (const fund of allFunds()) {
      for await (const page of repository.journalsBetween(fund, from, until)) {
        for (const journal of page.filter(isOfDay)) {
          const { channel = '', transaction = '', amount, division } = journal;
          const known: Known = { of: 'payment', id: transaction, amount, division, recovered: isRecovered(journal) };
          byChannel.set(channel, [...(byChannel.get(channel) ?? []), known]);
        }
      }
    }
    return byChannel;
  };

  /** A line of the bill, and what we know of it; what was never told is told by it. */
  const lookUp = async (line: BillLine, day: Day, now: EpochMs, runId: string): Promise<{ theirs: Known; ours?: Known }> => {
    const context = { runtime, now, requestId: runId };
    const donation = await repository.readDonation(line.order);
    const division = donation?.division;
    if (line.kind === 'payment') {
      const theirs: Known = { of: 'payment', id: line.transaction, amount: line.amount, division };
      const isKnown = donation?.transaction === line.transaction || donation?.twice?.includes(line.transaction) === true;
      if (donation === undefined || isKnown) return { theirs };
      const paid = { transaction: line.transaction, amount: line.amount, paidAt: endOfDay(day) };
      const received = await receivePayment(context, donation.id, paid);
      return received === 'refused' ? { theirs } : { theirs, ours: { ...theirs, recovered: true } };
    }
    const theirs: Known = { of: 'refund', id: line.refund ?? line.transaction, amount: line.amount, division };
    const refund = line.refund === undefined ? undefined : await repository.readRefund(line.refund);
    if (refund === undefined) return { theirs };
    const ours: Known = { of: 'refund', id: refund.id, amount: refund.amount, division, recovered: isRecovered(refund) };
    if (refund.status !== 'pending' || refund.amount !== line.amount) return { theirs, ours };
    await settleRefund(context, refund.id, 'succeeded');
    return { theirs, ours: { ...ours, recovered: true } };
  };

  const reconcile = async (
    channel: string,
    provider: PaymentProvider,
    day: Day,
    ours: readonly Known[],
    now: EpochMs,
    runId: string,
  ): Promise<boolean> => {
    const theirs: Known[] = [];
    const alsoOurs: Known[] = [];
    for await (const lines of provider.bill(day)) {
      for (let start = 0; start < lines.length; start += AT_ONCE) {
        const looked = await Promise.all(lines.slice(start, start + AT_ONCE).map((line) => lookUp(line, day, now, runId)));
        theirs.push(...looked.map((each) => each.theirs));
        alsoOurs.push(...looked.flatMap((each) => each.ours ?? []));
      }
      runtime.log({ level: 'info', code: 'reconciliationProgress', channel, day, lines: theirs.length });
    }
    let isMatched = true;
    for (const each of reconciled(channel, day, [...ours, ...alsoOurs], theirs)) {
      const before = await repository.reconciliation(channel, each.division, day);
      await repository.write([repository.putsReconciliation({ ...each, version: (before?.version ?? 0) + 1 }, before)]);
      if (each.report.status === 'matched') continue;
      isMatched = false;
      runtime.log({ level: 'error', code: 'reconciliationDiffers', channel, day, city: each.division, different: each.report.different });
    }
    return isMatched;
  };

  /** What a campaign has left on other accounts goes to the main ones. */
  const sweep = async (now: EpochMs, runId: string): Promise<void> => {
    for await (const fund of allFunds()) {
      if (fund.accounts === 1) continue;
      for (const account of await repository.accounts(fund))
        if (account.account !== MAIN && account.balance > 0)
          await sweepAccount({ repository, fund, requestId: runId, random: runtime.random }, account, now);
    }
  };

  return async ({ scheduledTime }: ScheduledEvent): Promise<ReconciliationDone> => {
    const now = fromInstant(scheduledInstant({ scheduledTime }));
    const runId = `${RUN}${scheduledTime}`;
    const day = addDays(dayOf(now), -1);
    await sweep(now, runId);
    const byChannel = await booked(day);
    const done = { day, matched: [] as string[], differing: [] as string[], failed: [] as string[] };
    for (const channel of [...ONLINE_CHANNELS, ...Object.keys(runtime.payments)]) {
      const provider = await providerOf(runtime, channel);
      if (provider === undefined || !(await provider.isSetUp())) continue;
      try {
        const isMatched = await reconcile(channel, provider, day, byChannel.get(channel) ?? [], now, runId);
        (isMatched ? done.matched : done.differing).push(channel);
      } catch (error) {
        // One provider that does not answer keeps no other from being compared.
        done.failed.push(channel);
        runtime.log({ level: 'error', code: 'reconciliationFailed', channel, day, ...cause(error) });
      }
    }
    if (done.failed.length > 0)
      throw new Error(`no bill could be compared of ${done.failed.join(', ')}: the next run, or POST of the schedule, tries again`);
    return done;
  };
};

export const handler = lambda(paymentReconciliation);
