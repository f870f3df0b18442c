/** How far an alert has come: sums by the community of those whom it is told to. Pure. */
import type { AlertMessage, AlertStatus } from '../../alerts/alert.ts';
import { NOBODY, sumOf, type ReachCounts } from '../../kernel/reach-counts.ts';
import type { Instant } from '../../kernel/time.ts';

/** What is still to be added to sums, by community, or by a larger division for those of whom no home is known. */
export type Tally = Readonly<Record<string, ReachCounts>>;

/** What every sum of an alert says of it. */
export interface ReachOf {
  readonly alert: string;
  readonly status: AlertStatus;
  readonly sentAt: Instant;
}

export const reachHead = ({ id, status, sent }: AlertMessage): ReachOf => ({ alert: id, status, sentAt: sent });

/** The tally with more of one community's. */
export const tallied = (tally: Tally, community: string, more: Partial<ReachCounts>): Tally => ({
  ...tally,
  [community]: sumOf(tally[community] ?? NOBODY, more),
});

/** The first communities of a tally, and what is left of it. */
export const taken = (tally: Tally, most: number): { readonly some: Tally; readonly left: Tally } => {
  const all = Object.entries(tally);
  return { some: Object.fromEntries(all.slice(0, most)), left: Object.fromEntries(all.slice(most)) };
};

export const failedIn = (tally: Tally): number => Object.values(tally).reduce((sum, { failed }) => sum + failed, 0);
