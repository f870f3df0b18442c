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
import { keyOf, reconciled, type Known } from './reconcile.ts';
import { foundationRepository } from './repository.ts';
import { paymentReconciliation as declaration } from './schedules.ts';

const FUNDS_PAGE = 50;
const AT_ONCE = 8;
const MOST_ASKED = 200;

/** What is booked, and which order to ask for. */
interface Booked extends Known {
  readonly order: string;
}

/** Which side of a bill a journal stands on; neither for most. */
const sideOf = ({ kind }: Journal): Known['of'] | undefined => {
  if (kind === 'donation' || kind === 'doublePayment') return 'payment';
  return kind === 'refundPaid' || kind === 'doublePaymentReturned' ? 'refund' : undefined;
};
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

  /** What is in our books of a day: payments by the provider's clock, since some were told a day late; refunds by ours. */
  const booked = async (day: Day): Promise<ReadonlyMap<string, readonly Booked[]>> => {
    const byChannel = new Map<string, Booked[]>();
    const isOfDay = (journal: Journal): boolean => {
      const of = sideOf(journal);
      const at = of === 'payment' ? journal.paidAt : journal.at;
      return of !== undefined && at !== undefined && dayOf(fromInstant(at)) === day;
    };
    const [from, until] = [toInstant(startOfDay(addDays(day, -1))), toInstant(startOfDay(addDays(day, 3)))];
    for await (const fund of allFunds()) {
      for await (const page of repository.journalsBetween(fund, from, until)) {
        for (const journal of page.filter(isOfDay)) {
          const { channel = '', transaction = '', refund = '', donation = '', amount, division } = journal;
          const of = sideOf(journal) ?? 'payment';
          const id = of === 'payment' ? transaction : refund;
          const known: Booked = { of, id, order: donation, amount, division, recovered: of === 'payment' && isRecovered(journal) };
          const all = byChannel.get(channel) ?? [];
          all.push(known);
          byChannel.set(channel, all);
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
      if (donation === undefined) return { theirs };
      // In our books already, maybe of the day before or after: their midnight is not ours to the second.
      if (donation.transaction === line.transaction || donation.twice?.includes(line.transaction) === true)
        return { theirs, ours: { ...theirs, amount: donation.amount } };
      const paid = { transaction: line.transaction, amount: line.amount, paidAt: endOfDay(day) };
      const received = await receivePayment(context, donation.id, paid);
      return received === 'refused' ? { theirs } : { theirs, ours: { ...theirs, recovered: true } };
    }
    const theirs: Known = { of: 'refund', id: line.refund ?? line.transaction, amount: line.amount, division };
    const refund = line.refund === undefined ? undefined : await repository.readRefund(line.refund);
    // What has failed by our books has not gone, and has gone by theirs.
    if (refund === undefined || refund.status === 'failed') return { theirs };
    const ours: Known = { of: 'refund', id: refund.id, amount: refund.amount, division, recovered: isRecovered(refund) };
    if (refund.status !== 'pending' || refund.amount !== line.amount) return { theirs, ours };
    await settleRefund(context, refund.id, 'succeeded');
    return { theirs, ours: { ...ours, recovered: true } };
  };

  /** Whether the provider knows of what its bill of the day does not list: then it is on another day's. */
  const isThere = async (provider: PaymentProvider, { of, id, order, amount }: Booked): Promise<boolean> => {
    if (of === 'refund') {
      const found = await provider.findRefund({ id, order });
      return found.ok && found.value.kind === 'succeeded';
    }
    const found = await provider.find({ id: order });
    return found.ok && found.value.kind === 'paid' && found.value.transaction === id && found.value.amount === amount;
  };

  const reconcile = async (
    channel: string,
    provider: PaymentProvider,
    day: Day,
    ours: readonly Booked[],
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
    const listed = new Set(theirs.map(keyOf));
    const unlisted = ours.filter((each) => !listed.has(keyOf(each)));
    // Where so much is missing that it is no matter of midnights, nobody is asked for each.
    for (const each of unlisted.length > MOST_ASKED ? [] : unlisted) if (await isThere(provider, each)) theirs.push(each);
    let isMatched = true;
    // What the bill lists was looked up last, and tells whether it was found here by it.
    for (const each of reconciled(channel, day, [...alsoOurs, ...ours], theirs)) {
      for (let isWritten = false; !isWritten;) {
        // A run beside this one has written it meanwhile.
        const before = await repository.reconciliation(channel, each.division, day);
        isWritten = (await repository.write([repository.putsReconciliation({ ...each, version: (before?.version ?? 0) + 1 }, before)])).ok;
      }
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
    const byChannel = await booked(day);
    const done = { day, matched: [] as string[], differing: [] as string[], failed: [] as string[] };
    for (const channel of [...ONLINE_CHANNELS, ...Object.keys(runtime.payments)]) {
      try {
        const provider = await providerOf(runtime, channel);
        if (provider === undefined || !(await provider.isSetUp())) continue;
        const isMatched = await reconcile(channel, provider, day, byChannel.get(channel) ?? [], now, runId);
        (isMatched ? done.matched : done.differing).push(channel);
      } catch (error) {
        // One provider that does not answer keeps no other from being compared.
        done.failed.push(channel);
        runtime.log({ level: 'error', code: 'reconciliationFailed', channel, day, ...cause(error) });
      }
    }
    await sweep(now, runId);
    if (done.failed.length > 0)
      throw new Error(`no bill of ${day} could be compared of ${done.failed.join(', ')}: run it again for ${scheduledTime}`);
    return done;
  };
};

export const handler = lambda(paymentReconciliation);
