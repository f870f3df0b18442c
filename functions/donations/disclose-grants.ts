import { divisionsReader } from '../divisions/reader.ts';
import type { Run } from '../http/call.ts';
import { wrongField } from '../http/problem.ts';
import { err, ok } from '../kernel/result.ts';
import { dayOf, fromInstant, type Instant } from '../kernel/time.ts';
import type { readThreeSixtyGiving as declaration } from './contract.ts';
import { purposeName } from './fund.ts';
import type { Grant } from './grant.ts';
import { GENERAL } from './names.ts';
import { foundationRepository } from './repository.ts';

const PAGE = 100;
/** Some 2 MB: a gateway and a Lambda bear it. */
const MOST = 2000;

interface PaidGrant extends Grant {
  readonly paidAt: Instant;
}

/** The grants that a fund has paid, as 360Giving has them: all of them, or those of a year. */
export const discloseGrants: Run<typeof declaration> = async ({ runtime, params, query, origin }) => {
  const repository = foundationRepository(runtime.database);
  const fund = await repository.findFund(params.id);
  if (fund === undefined) return err({ code: 'notFound' });
  const paid: PaidGrant[] = [];
  let after: Record<string, unknown> | undefined;
  do {
    const page = await repository.list<Grant>('GRANTS', fund.id, PAGE, after);
    for (const grant of page.items) {
      const { paidAt } = grant;
      if (paidAt !== undefined && (query.year === undefined || dayOf(fromInstant(paidAt)).startsWith(query.year)))
        paid.push({ ...grant, paidAt });
    }
    after = page.after;
    if (paid.length > MOST)
      return err(wrongField('year', { 'zh-CN': '资助太多，请按年份查询', en: 'is needed: there are more grants than fit' }));
  } while (after !== undefined);
  const [{ threeSixtyGiving }, division] = await Promise.all([
    import('./threesixty-giving.ts'),
    divisionsReader(runtime.database).find(fund.division),
  ]);
  const disclosed = threeSixtyGiving(
    paid.map((grant) => ({
      id: grant.id,
      amount: grant.amount,
      purpose: grant.purpose === GENERAL ? undefined : { code: grant.purpose, name: purposeName(fund, grant.purpose) },
      recipient: grant.recipientKind === 'person' ? { kind: 'person' } : { kind: 'organisation', name: grant.recipientName },
      reason: grant.reason,
      paidAt: grant.paidAt,
      reportedAt: grant.reportedAt,
      administrative: grant.administrative,
    })),
    { id: fund.id, name: fund.name, division: { code: fund.division, name: division?.name ?? fund.division } },
    { source: `${origin}/v1/funds/${fund.id}/360giving.json` },
  );
  return ok({ status: 200, body: { ...disclosed, grants: disclosed.grants.map((each) => ({ ...each })) } });
};
