/** `paymentReconciliation`: each provider's bill of the day before against our books. What only the bill knows of comes in by it. */
import type { Context } from 'aws-lambda';
import { lambda } from '../data/lambda.ts';
import type { BillLine, PaymentProvider } from '../data/payments.ts';
import type { Runtime } from '../data/runtime.ts';
import { scheduledInstant, type ScheduledEvent } from '../data/schedule.ts';
import { withUses } from '../data/scope.ts';
import { cause } from '../kernel/cause.ts';
import { addDays, dayOf, fromInstant, plus, startOfDay, toInstant, type Day, type EpochMs, type Instant } from '../kernel/time.ts';
import { billRepository, BOOKED_SHARDS } from './bill-repository.ts';
import { isRecovered, RECONCILIATION_RUN, type Booked, type Known } from './booked.ts';
import type { Donation } from './donation.ts';
import type { Fund } from './fund.ts';
import { MAIN } from './ledger.ts';
import { ONLINE_CHANNELS } from './names.ts';
import { providerOf } from './payments/providers.ts';
import { sweepAccount } from './post.ts';
import { receivePayment, settleRefund } from './receive.ts';
import { comparison, keyOf } from './reconcile.ts';
import { foundationRepository } from './repository.ts';
import { paymentReconciliation as declaration } from './schedules.ts';

const FUNDS_PAGE = 50;
const LOOKED_UP = 100;
const AT_ONCE = 8;
const MOST_ASKED = 200;
/** With less time than this nothing is begun. */
const ENOUGH_MS = 60_000;

/** A bill says of which day a payment is, and not when. */
const endOfDay = (day: Day): Instant => toInstant(plus(startOfDay(addDays(day, 1)), -1));

export interface ReconciliationDone {
  readonly day: string;
  /** Channels whose bill agreed with our books, in every city. */
  readonly matched: readonly string[];
  readonly differing: readonly string[];
}

/** What is compared: whose bill, of which day, and by which run. */
interface Comparing {
  readonly channel: string;
  readonly provider: PaymentProvider;
  readonly day: Day;
  readonly now: EpochMs;
  readonly runId: string;
  readonly isTimeShort: () => boolean;
}

interface Looked {
  readonly theirs: Known;
  readonly ours?: Known;
}

export const paymentReconciliation = (outer: Runtime) => {
  const runtime = withUses(outer, declaration.uses, declaration.name);
  const repository = foundationRepository(runtime.database);
  const bills = billRepository(runtime.database);

  /** What is in our books of a day; a reaction has listed it moments after it was posted. */
  const booked = async (channel: string, day: Day): Promise<ReadonlyMap<string, Booked>> => {
    const all = new Map<string, Booked>();
    const read = async (shard: number): Promise<void> => {
      let after: Record<string, unknown> | undefined;
      do {
        const page = await bills.booked(channel, day, shard, after);
        for (const each of page.items) all.set(keyOf(each), each);
        after = page.after;
      } while (after !== undefined);
    };
    await Promise.all(Array.from({ length: BOOKED_SHARDS }, (_, shard) => read(shard)));
    return all;
  };

  /** A line of the bill that our books have not on this day, and what we know of it; what was never told is told by it. */
  const lookUp = async (line: BillLine, donation: Donation | undefined, { channel, day, now, runId }: Comparing): Promise<Looked> => {
    const context = { runtime, now, requestId: runId };
    const division = donation?.division;
    if (line.kind === 'payment') {
      const theirs: Known = { of: 'payment', id: line.transaction, amount: line.amount, division };
      if (donation === undefined) return { theirs };
      // In our books already, maybe of the day before or after: their midnight is not ours to the second.
      if (donation.transaction === line.transaction || donation.twice?.includes(line.transaction) === true)
        return { theirs, ours: { ...theirs, amount: donation.amount } };
      const paid = { transaction: line.transaction, amount: line.amount, paidAt: endOfDay(day) };
      const ours: Booked = { ...theirs, division: donation.division, order: donation.id, recovered: true };
      // Listed in the same transaction, so that a run that goes on after this one says the same of it.
      const received = await receivePayment(context, donation.id, paid, [bills.putsBooked(channel, day, ours)]);
      return received === 'refused' ? { theirs } : { theirs, ours };
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
  const isThere = async ({ provider }: Comparing, { of, id, order, amount }: Booked): Promise<boolean> => {
    if (of === 'refund') {
      const found = await provider.findRefund({ id, order });
      return found.ok && found.value.kind === 'succeeded';
    }
    const found = await provider.find({ id: order });
    return found.ok && found.value.kind === 'paid' && found.value.transaction === id && found.value.amount === amount;
  };

  const reconcile = async (comparing: Comparing): Promise<'matched' | 'differing' | 'unfinished'> => {
    const { channel, provider, day, isTimeShort } = comparing;
    const ours = await booked(channel, day);
    const { add, reports } = comparison(channel, day);
    const listed = new Set<string>();
    for await (const page of provider.bill(day)) {
      const unknown: BillLine[] = [];
      for (const line of page) {
        const of = line.kind;
        const id = of === 'payment' ? line.transaction : (line.refund ?? line.transaction);
        const key = keyOf({ of, id });
        if (listed.has(key)) continue;
        listed.add(key);
        const here = ours.get(key);
        if (here === undefined) unknown.push(line);
        else add(here, { of, id, amount: line.amount, division: here.division });
      }
      for (let start = 0; start < unknown.length; start += LOOKED_UP) {
        const lines = unknown.slice(start, start + LOOKED_UP);
        const orders = [...new Set(lines.map(({ order }) => order))];
        const donations = new Map((await repository.readDonations(orders)).map((each) => [each.id, each]));
        for (let first = 0; first < lines.length; first += AT_ONCE) {
          if (isTimeShort()) return 'unfinished';
          const looked = await Promise.all(
            lines.slice(first, first + AT_ONCE).map((line) => lookUp(line, donations.get(line.order), comparing)),
          );
          for (const each of looked) add(each.ours, each.theirs);
        }
      }
      runtime.log({ level: 'info', code: 'reconciliationProgress', channel, day, lines: listed.size });
    }
    const unlisted = [...ours].flatMap(([key, each]) => (listed.has(key) ? [] : [each]));
    for (const each of unlisted) {
      if (isTimeShort()) return 'unfinished';
      // Where so much is missing that it is no matter of midnights, nobody is asked for each.
      add(each, unlisted.length <= MOST_ASKED && (await isThere(comparing, each)) ? each : undefined);
    }
    let isMatched = true;
    for (const each of reports()) {
      for (let isWritten = false; !isWritten;) {
        // A run beside this one has written it meanwhile.
        const before = await bills.reconciliation(each);
        isWritten = (await repository.write([bills.putsReconciliation({ ...each, version: (before?.version ?? 0) + 1 }, before)])).ok;
      }
      if (each.report.status === 'matched') continue;
      isMatched = false;
      runtime.log({ level: 'error', code: 'reconciliationDiffers', channel, day, city: each.division, different: each.report.different });
    }
    return isMatched ? 'matched' : 'differing';
  };

  const sweepFund = async (fund: Fund, now: EpochMs, runId: string): Promise<void> => {
    for (const account of await repository.accounts(fund))
      if (account.account !== MAIN && account.balance > 0)
        await sweepAccount({ repository, fund, requestId: runId, random: runtime.random }, account, now);
  };

  /** What a campaign has left on other accounts goes to the main ones. Answers whether all of it has. */
  const sweep = async (now: EpochMs, runId: string, isTimeShort: () => boolean): Promise<boolean> => {
    let after: Record<string, unknown> | undefined;
    do {
      const page = await repository.widenedFunds(FUNDS_PAGE, after);
      for (let start = 0; start < page.items.length; start += AT_ONCE) {
        if (isTimeShort()) return false;
        await Promise.all(page.items.slice(start, start + AT_ONCE).map((fund) => sweepFund(fund, now, runId)));
      }
      after = page.after;
    } while (after !== undefined);
    return true;
  };

  return async (
    { scheduledTime }: ScheduledEvent,
    { getRemainingTimeInMillis: remainingMs }: Pick<Context, 'getRemainingTimeInMillis'>,
  ): Promise<ReconciliationDone> => {
    const now = fromInstant(scheduledInstant({ scheduledTime }));
    const runId = `${RECONCILIATION_RUN}${scheduledTime}`;
    const day = addDays(dayOf(now), -1);
    const isTimeShort = (): boolean => remainingMs() < ENOUGH_MS;
    const done = { matched: [] as string[], differing: [] as string[], unfinished: [] as string[], failed: [] as string[] };
    for (const channel of [...ONLINE_CHANNELS, ...Object.keys(runtime.payments)]) {
      try {
        const provider = await providerOf(runtime, channel);
        if (provider === undefined || !(await provider.isSetUp())) continue;
        const outcome = isTimeShort() ? 'unfinished' : await reconcile({ channel, provider, day, now, runId, isTimeShort });
        done[outcome].push(channel);
        if (outcome === 'unfinished') runtime.log({ level: 'warn', code: 'reconciliationUnfinished', channel, day });
      } catch (error) {
        // One provider that does not answer keeps no other from being compared.
        done.failed.push(channel);
        runtime.log({ level: 'error', code: 'reconciliationFailed', channel, day, ...cause(error) });
      }
    }
    const isSwept = await sweep(now, runId, isTimeShort);
    const left = [
      ...(done.failed.length > 0 ? [`no bill of ${day} could be compared of ${done.failed.join(', ')}`] : []),
      ...(done.unfinished.length > 0 ? [`the time was too short for the bill of ${day} of ${done.unfinished.join(', ')}`] : []),
      ...(isSwept ? [] : ['the time was too short to sweep all accounts']),
    ];
    // What has been done stays done, and the next run is the shorter.
    if (left.length > 0) throw new Error(`${left.join('; ')}: run it again for ${scheduledTime}`);
    return { day, matched: done.matched, differing: done.differing };
  };
};

export const handler = lambda(paymentReconciliation);
