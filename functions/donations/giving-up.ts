/** Grants give up what they used of a gift that goes back: other gifts of their purpose take its place. */
import type { Write } from '../data/database.ts';
import { traced, type Trace } from './grant.ts';
import type { FoundationRepository, WholeDonation } from './repository.ts';

/** So many uses are undone at once: each is a write of a transaction's hundred, and its grant another. */
const MOST_USES = 30;

export interface GivenUp {
  readonly amount: number;
  readonly writes: readonly Write[];
  /** Why it is less than was asked for: there are more uses, or they are those of an earlier purpose, whose money is not this one's. */
  readonly short?: 'tooManyUses' | 'otherPurpose';
}

/** Gives up so much, what was used last first. The gift's own version, in the same transaction, holds for its uses. */
export const givingUp = async (
  repository: FoundationRepository,
  { donation, uses }: Pick<WholeDonation, 'donation' | 'uses'>,
  amount: number,
): Promise<GivenUp> => {
  const byGrant = new Map<string, { readonly trace: Trace; readonly part: number }>();
  const writes: Write[] = [];
  let left = amount;
  let short: GivenUp['short'];
  for (const use of uses.toSorted((a, b) => (a.at > b.at ? -1 : 1))) {
    if (left === 0) break;
    const known = byGrant.get(use.grant);
    const trace = known?.trace ?? (await repository.readTrace(use.grant));
    if (trace === undefined) throw new Error(`the grant ${use.grant} has used something, and is not traced`);
    short = trace.purpose !== donation.purpose ? 'otherPurpose' : writes.length === MOST_USES ? 'tooManyUses' : undefined;
    if (short !== undefined) break;
    const part = Math.min(left, use.amount);
    left -= part;
    byGrant.set(use.grant, { trace, part: (known?.part ?? 0) + part });
    writes.push(part === use.amount ? repository.removesUse(use) : repository.shortensUse(use, part));
  }
  return {
    amount: amount - left,
    writes: [...writes, ...[...byGrant.values()].map(({ trace, part }) => repository.putsTrace(traced(trace, -part), trace))],
    ...(short === undefined ? {} : { short }),
  };
};
