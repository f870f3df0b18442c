/** Statements: what they come to now, and those that have been disclosed and stand. */
import { catalogueReader } from '../catalogue/reader.ts';
import type { Runtime } from '../data/runtime.ts';
import type { Run } from '../http/call.ts';
import { err, ok } from '../kernel/result.ts';
import { DAY, fromInstant, plus, toInstant, type EpochMs, type Instant } from '../kernel/time.ts';
import type { readStatement as declaration, StatementView } from './contract.ts';
import { purposeCodes, type Fund } from './fund.ts';
import { foundationRepository, type FoundationRepository } from './repository.ts';
import { endOf, hasBegun, isBefore, isOver, share, total, type Sums } from './statement.ts';
import { sumsIn } from './sums.ts';

/** Late reports that are named. */
const MOST_NAMED = 100;

/** Grants that were to be reported on by then and still are: those that have waited longest, and how many there are. */
const lateReports = async (
  repository: FoundationRepository,
  fund: Fund,
  by: EpochMs,
  within: number,
): Promise<{ readonly named: StatementView['late']; readonly count: number }> => {
  const named: { kind: 'report'; grant: string; since: Instant }[] = [];
  let count = 0;
  let after: Record<string, unknown> | undefined;
  do {
    const page = await repository.withoutReport(fund.id, plus(by, -within * DAY), after);
    for (const { id, paidAt } of page.items.slice(0, MOST_NAMED - named.length))
      named.push({ kind: 'report', grant: id, since: toInstant(plus(fromInstant(paidAt), within * DAY)) });
    count += page.items.length;
    after = page.after;
  } while (after !== undefined);
  return { named, count };
};

/** A fund's statement as it is at a moment. */
export const statementOf = async (
  runtime: Pick<Runtime, 'database'>,
  fund: Fund,
  period: string,
  now: EpochMs,
  disclosedAt?: Instant,
): Promise<StatementView> => {
  const repository = foundationRepository(runtime.database);
  const isYear = !period.includes('-');
  const before = String(Number(period) - 1);
  const [settings, sums, sumsBefore] = await Promise.all([
    catalogueReader(runtime.database).setting('foundation'),
    sumsIn(repository, fund, period),
    isYear ? sumsIn(repository, fund, before) : undefined,
  ]);
  const all = total(sums.values());
  const administrativeShare = share(all.administrative, all.grants);
  const spendingShare = sumsBefore === undefined ? undefined : share(all.grants, total(sumsBefore.values()).in);
  const over = isOver(period, now);
  const by = over ? endOf(period) : now;
  const codes = purposeCodes(fund);
  const sumsOfPurpose = (code: string): Sums => sums.get(code) ?? total([]);
  const reports = await lateReports(repository, fund, by, settings.reportWithinDays);
  const disclosureDue = plus(endOf(period), settings.discloseWithinDays * DAY);
  return {
    fund: fund.id,
    period,
    status: disclosedAt !== undefined ? 'final' : over ? 'over' : 'running',
    currency: 'CNY',
    opening: all.opening,
    in: all.in,
    out: all.out,
    closing: all.closing,
    byPurpose: Object.fromEntries(codes.map((code) => [code, sumsOfPurpose(code).closing])),
    purposes: Object.fromEntries(codes.map((code) => [code, sumsOfPurpose(code)])),
    grants: all.grants,
    administrative: all.administrative,
    administrativeShare,
    administrativeCap: settings.administrativeCap,
    ...(isYear ? { spendingShare, spendingGoal: settings.yearlySpending } : {}),
    warnings: [
      ...(administrativeShare !== null && administrativeShare > settings.administrativeCap
        ? [{ code: 'administrativeCap' as const, share: administrativeShare, limit: settings.administrativeCap }]
        : []),
      // A year that is not over may still spend it.
      ...(over && typeof spendingShare === 'number' && spendingShare < settings.yearlySpending
        ? [{ code: 'yearlySpending' as const, share: spendingShare, limit: settings.yearlySpending }]
        : []),
    ],
    disclosedAt,
    late: [...(over && now > disclosureDue ? [{ kind: 'disclosure' as const, since: toInstant(disclosureDue) }] : []), ...reports.named],
    lateReports: reports.count > reports.named.length ? reports.count : undefined,
  };
};

export const readStatement: Run<typeof declaration> = async ({ runtime, params: { id, period }, now }) => {
  const repository = foundationRepository(runtime.database);
  const fund = await repository.findFund(id);
  if (fund === undefined || !hasBegun(period, now) || isBefore(period, fund)) return err({ code: 'notFound' });
  const disclosed = isOver(period, now) ? await repository.statement<StatementView>(id, period) : undefined;
  return ok({ status: 200, body: disclosed ?? (await statementOf(runtime, fund, period, now)) });
};
