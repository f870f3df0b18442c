/** How far an alert has come, and what was answered: two kinds of sums as one. Pure. */
import type { DivisionCode } from '../../kernel/division.ts';
import { NOBODY, sumOf, type ReachCounts } from '../../kernel/reach-counts.ts';

/** Persons. */
export interface Counts extends ReachCounts {
  readonly safe: number;
  readonly needHelp: number;
}
const NOTHING: Counts = { ...NOBODY, safe: 0, needHelp: 0 };

type Part = Partial<Counts> & { readonly community: DivisionCode };

export interface WholeReach extends Counts {
  readonly byCommunity: readonly (Counts & { readonly community: DivisionCode })[];
}

const sum = (one: Counts, other: Partial<Counts>): Counts => ({
  ...sumOf(one, other),
  safe: one.safe + (other.safe ?? 0),
  needHelp: one.needHelp + (other.needHelp ?? 0),
});

/** All parts together and by community, in order of codes; those of whom nothing is counted any more are left out. */
export const wholeReach = (parts: readonly Part[]): WholeReach => {
  const byCommunity = new Map<DivisionCode, Counts>();
  let all = NOTHING;
  for (const part of parts) {
    all = sum(all, part);
    byCommunity.set(part.community, sum(byCommunity.get(part.community) ?? NOTHING, part));
  }
  return {
    ...all,
    byCommunity: [...byCommunity]
      .filter(([, counts]) => Object.values(counts).some((count) => count !== 0))
      .toSorted(([one], [other]) => (one < other ? -1 : 1))
      .map(([community, counts]) => ({ community, ...counts })),
  };
};
