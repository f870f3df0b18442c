/** Grants give up what they used of a gift that goes back: other gifts of their purpose take its place. */
import type { Write } from '../data/database.ts';
import { traced, type Trace } from './grant.ts';
import type { FoundationRepository, Use, WholeDonation } from './repository.ts';
import type { Key } from '../data/database.ts';

/** So many uses are undone at once: each is a write of a transaction's hundred, its grant another, and the journal of its purpose two. */
const MOST_USES = 24;

/** A part of a gift that its grant gives up. */
interface Undone {
  readonly use: Use & Key;
  readonly trace: Trace;
  readonly part: number;
}

/** What was used last, first: so much of it, and how much there is beyond what is undone at once. */
const lastUsed = async (
  repository: FoundationRepository,
  uses: WholeDonation['uses'],
  amount: number,
): Promise<{ readonly undone: readonly Undone[]; readonly left: number }> => {
  const traces = new Map<string, Trace>();
  const undone: Undone[] = [];
  let left = amount;
  for (const use of uses.toSorted((a, b) => (a.at > b.at ? -1 : 1))) {
    if (left === 0 || undone.length === MOST_USES) break;
    const trace = traces.get(use.grant) ?? (await repository.readTrace(use.grant));
    if (trace === undefined) throw new Error(`the grant ${use.grant} has used something, and is not traced`);
    traces.set(use.grant, trace);
    const part = Math.min(left, use.amount);
    left -= part;
    undone.push({ use, trace, part });
  }
  return { undone, left };
};

/** The gift's own version, in the same transaction, holds for its uses. */
const writesOf = (repository: FoundationRepository, undone: readonly Undone[]): readonly Write[] => [
  ...undone.map(({ use, part }) => (part === use.amount ? repository.removesUse(use) : repository.shortensUse(use, part))),
  ...[...Map.groupBy(undone, ({ trace }) => trace)].map(([trace, parts]) =>
    repository.putsTrace(traced(trace, 0 - parts.reduce((sum, { part }) => sum + part, 0)), trace),
  ),
];

/** Why so much cannot be given up at once: there are more uses, or they are those of an earlier purpose, whose money is not this one's. */
export type Short = 'tooManyUses' | 'otherPurpose';

/** What is written where the gift's own purpose gives up so much of what it used. */
export const givingUp = async (
  repository: FoundationRepository,
  { donation, uses }: Pick<WholeDonation, 'donation' | 'uses'>,
  amount: number,
): Promise<{ readonly writes: readonly Write[]; readonly short?: Short }> => {
  const { undone, left } = await lastUsed(repository, uses, amount);
  if (undone.some(({ trace }) => trace.purpose !== donation.purpose)) return { writes: [], short: 'otherPurpose' };
  return left > 0 ? { writes: [], short: 'tooManyUses' } : { writes: writesOf(repository, undone) };
};

/** What one purpose bears of a gift that has gone: what it has of it, and what it has used. */
export interface Share {
  readonly purpose: string;
  readonly amount: number;
  /** Of it, what no grant has used. */
  readonly unused: number;
  readonly writes: readonly Write[];
}

/**
 * Who bears so much of a gift: its purpose what is unused of it, then each purpose what it used, the last first. It is less than was asked for
 * where the gift has no more left, or more uses than are undone at once.
 */
export const sharesOf = async (
  repository: FoundationRepository,
  { donation, uses }: Pick<WholeDonation, 'donation' | 'uses'>,
  amount: number,
): Promise<readonly Share[]> => {
  const unused = Math.min(amount, donation.unused);
  const { undone } = await lastUsed(repository, uses, amount - unused);
  const byPurpose = Map.groupBy(undone, ({ trace }) => trace.purpose);
  return [...new Set([donation.purpose, ...byPurpose.keys()])].flatMap((purpose): readonly Share[] => {
    const own = byPurpose.get(purpose) ?? [];
    const ofIt = purpose === donation.purpose ? unused : 0;
    const all = own.reduce((sum, { part }) => sum + part, ofIt);
    return all === 0 ? [] : [{ purpose, amount: all, unused: ofIt, writes: writesOf(repository, own) }];
  });
};
