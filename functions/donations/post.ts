/** Writes journals together with what they are about: all or nothing, in the month that the accounts are in, and never below nothing. */
import type { Write } from '../data/database.ts';
import { newId, type Random } from '../kernel/id.ts';
import { fen } from '../kernel/money.ts';
import { err, ok, type Result } from '../kernel/result.ts';
import { epochMs, monthOf, startOfMonth, type EpochMs, type Month } from '../kernel/time.ts';
import type { Fund } from './fund.ts';
import { changesOf, journals, MAIN, type Account, type AccountChange, type Journal } from './ledger.ts';
import type { FoundationRepository } from './repository.ts';

/** Why nothing was posted: something else has changed (the position of its write, what comes after the journals included), or so much is not there. */
export type NotPosted = { readonly code: 'conflict'; readonly index: number } | { readonly code: 'notThere' };

/** What is written together: what changed, its journals, and what comes after them. */
export interface Posting {
  readonly writes: readonly Write[];
  readonly journals: readonly Journal[];
  readonly after?: readonly Write[];
}

export interface Books {
  readonly repository: FoundationRepository;
  readonly fund: Pick<Fund, 'id' | 'accounts' | 'division'>;
  readonly requestId: string;
  readonly random: Random;
}

/** A month's turn, a sweep, and some collisions. */
const ATTEMPTS = 12;

/** An account that is in a month before goes on in this one. Whoever is late finds it done. */
const rolled = async ({ repository }: Books, account: Account, at: EpochMs): Promise<void> => {
  if (account.month < monthOf(at)) await repository.write(repository.rolls(account, monthOf(at)));
};

/**
 * Every account of the fund goes on in that month at least: nothing is posted in one before any more, by whatever clock, since what comes for
 * it finds the account in a later one.
 */
export const closesMonths = async (
  { repository, fund }: Pick<Books, 'repository'> & { readonly fund: Fund },
  until: Month,
): Promise<void> => {
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const behind = (await repository.accounts(fund)).filter(({ month }) => month < until);
    if (behind.length === 0) return;
    // Where somebody posts meanwhile, it is looked at again.
    await Promise.all(behind.map((account) => repository.write(repository.rolls(account, until))));
  }
  throw new Error(`the accounts of the fund ${fund.id} do not come to rest in ${until}`);
};

const read = async ({ repository }: Books, of: Pick<Account, 'fund' | 'purpose' | 'account'>): Promise<Account> => {
  const account = await repository.account(of);
  if (account === undefined) throw new Error(`the fund ${of.fund} has no account ${of.purpose}/${of.account}`);
  return account;
};

/**
 * What an account has goes to the main one of its purpose. Where somebody else takes of it meanwhile, nothing happens, and whoever needs the
 * money looks again.
 */
export const sweepAccount = async (books: Books, from: Account, at: EpochMs): Promise<void> => {
  const { fund, repository, requestId, random } = books;
  const of = { fund: fund.id, division: fund.division, purpose: from.purpose };
  const journal = journals.sweep(of, { id: newId(random), at, amount: fen(from.balance) }, from.account);
  const written = await repository.write(repository.posts(journal, requestId));
  if (!written.ok) for (const each of changesOf(journal)) await rolled(books, await read(books, each), at);
};

/**
 * Whether the accounts of its purpose have enough together; then the others are swept. They are read before the main one: what somebody else
 * sweeps meanwhile is then seen twice rather than nowhere, and nobody is told that money is not there which is only on its way.
 */
const sweptInto = async (books: Books, change: AccountChange, at: EpochMs): Promise<boolean> => {
  const others = await Promise.all(
    Array.from({ length: books.fund.accounts - 1 }, (_, index) => read(books, { ...change, account: index + 1 })),
  );
  const lacking = -((await read(books, change)).balance + change.balance);
  const full = others.filter(({ balance }) => balance > 0);
  if (full.reduce((sum, { balance }) => sum + balance, 0) < lacking) return false;
  if (lacking > 0) for (const from of full) await sweepAccount(books, from, at);
  return true;
};

/** Looks at why the accounts would not take the journals, and mends what can be: answers with the moment to post at. */
const makeRoom = async (books: Books, posted: readonly Journal[], at: EpochMs): Promise<Result<EpochMs, NotPosted>> => {
  let moment: number = at;
  for (const change of posted.flatMap(changesOf)) {
    const account = await read(books, change);
    // By another's clock the next month has begun already.
    if (account.month > monthOf(at)) moment = Math.max(moment, startOfMonth(account.month));
    else if (account.month < monthOf(at)) await rolled(books, account, at);
    const isThere = account.balance + change.balance >= 0;
    if (change.balance < 0 && !isThere && (change.account !== MAIN || !(await sweptInto(books, change, at))))
      return err({ code: 'notThere' });
  }
  return ok(epochMs(moment));
};

/** Posts. `build` is told the moment that counts: `now`, unless an account is in a later month already. */
export const post = async (books: Books, now: EpochMs, build: (at: EpochMs) => Posting): Promise<Result<void, NotPosted>> => {
  let at = now;
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const { writes, journals: posted, after = [] } = build(at);
    const postings = posted.flatMap((each) => books.repository.posts(each, books.requestId));
    const written = await books.repository.write([...writes, ...postings, ...after]);
    if (written.ok) return ok(undefined);
    const { index } = written.error;
    if (index < writes.length) return err({ code: 'conflict', index });
    if (index >= writes.length + postings.length) return err({ code: 'conflict', index: index - postings.length });
    const room = await makeRoom(books, posted, at);
    if (!room.ok) return room;
    at = room.value;
  }
  return err({ code: 'conflict', index: 0 });
};
