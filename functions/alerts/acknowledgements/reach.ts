/** How far an alert has come, and what was answered: two kinds of sums as one. Pure. */
import type { DivisionCode } from '../../kernel/division.ts';

/** Persons. */
export interface Counts {
  readonly targeted: number;
  readonly handed: number;
  readonly delivered: number;
  readonly failed: number;
  readonly safe: number;
  readonly needHelp: number;
}
const NAMES = ['targeted', 'handed', 'delivered', 'failed', 'safe', 'needHelp'] as const;
const NOTHING: Counts = { targeted: 0, handed: 0, delivered: 0, failed: 0, safe: 0, needHelp: 0 };

type Part = Partial<Counts> & { readonly community: DivisionCode };

export interface WholeReach extends Counts {
  readonly byCommunity: readonly (Counts & { readonly community: DivisionCode })[];
}

const sum = (one: Counts, other: Partial<Counts>): Counts => ({
  targeted: one.targeted + (other.targeted ?? 0),
  handed: one.handed + (other.handed ?? 0),
  delivered: one.delivered + (other.delivered ?? 0),
  failed: one.failed + (other.failed ?? 0),
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
      .filter(([, counts]) => NAMES.some((name) => counts[name] !== 0))
      .toSorted(([one], [other]) => (one < other ? -1 : 1))
      .map(([community, counts]) => ({ community, ...counts })),
  };
};
