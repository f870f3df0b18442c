/** What the use cases of the foundation work with. */
import type { Runtime } from '../data/runtime.ts';
import type { EpochMs } from '../kernel/time.ts';
import type { Fund } from './fund.ts';
import type { Books } from './post.ts';
import { foundationRepository } from './repository.ts';

/** Where and when something is taken up that a provider has told, or was asked for. */
export interface Working {
  readonly runtime: Pick<Runtime, 'database' | 'random' | 'log'>;
  readonly now: EpochMs;
  readonly requestId: string;
}

/** `refused`: what is told does not agree with what we know. */
export type Received = 'taken' | 'refused';

/** The books of a fund. Whatever belongs to a fund has been checked to when it was made. */
export const booksOf = async (
  { database, random }: Pick<Runtime, 'database' | 'random'>,
  fund: string,
  requestId: string,
): Promise<Books & { readonly fund: Fund }> => {
  const repository = foundationRepository(database);
  const found = await repository.findFund(fund);
  if (found === undefined) throw new Error(`there is no fund ${fund}, though something belongs to it`);
  return { repository, fund: found, requestId, random };
};
