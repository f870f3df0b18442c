/** What a fund's accounts come to in a period: read once for statements and for what a grant is warned of. */
import type { Fund } from './fund.ts';
import type { FoundationRepository } from './repository.ts';
import { monthsOf, sumsByPurpose, type Sums } from './statement.ts';

/** By purpose, from what its accounts were in since the period began: the months that are over, and the one that each is in. */
export const sumsIn = async (repository: FoundationRepository, fund: Fund, period: string): Promise<ReadonlyMap<string, Sums>> => {
  const accounts = await repository.accounts(fund);
  const periods = await repository.periods(fund.id, monthsOf(period).from);
  // An account that went on in a new month in between is told of twice: then both are read again.
  const over = new Set(periods.map(({ purpose, account, month }) => `${purpose}/${account}/${month}`));
  const isTwice = accounts.some(({ purpose, account, month }) => over.has(`${purpose}/${account}/${month}`));
  return isTwice ? sumsIn(repository, fund, period) : sumsByPurpose([...periods, ...accounts], period);
};
