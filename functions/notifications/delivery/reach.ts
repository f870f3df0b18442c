/** How far an alert has come: sums by the community of those whom it is told to. Pure. */
import type { AlertMessage, AlertStatus } from '../../alerts/alert.ts';
import type { DivisionCode } from '../../kernel/division.ts';
import type { Instant } from '../../kernel/time.ts';

/** Persons, each once. Who is delivered to has been handed something, too: targeted = handed + failed + those still waiting. */
export interface Counts {
  readonly targeted: number;
  /** A carrier has taken it for them. */
  readonly handed: number;
  /** A carrier says that it is there. */
  readonly delivered: number;
  /** By none of their channels. */
  readonly failed: number;
}

/** What is still to be added to sums, by community, or by a larger division for those of whom no home is known. */
export type Tally = Readonly<Record<string, Counts>>;

export const NOTHING: Counts = { targeted: 0, handed: 0, delivered: 0, failed: 0 };

/** What every sum of an alert says of it. */
export interface ReachOf {
  readonly alert: string;
  readonly status: AlertStatus;
  readonly sentAt: Instant;
}

export const reachHead = ({ id, status, sent }: AlertMessage): ReachOf => ({ alert: id, status, sentAt: sent });

export const sumOf = (one: Counts, other: Partial<Counts>): Counts => ({
  targeted: one.targeted + (other.targeted ?? 0),
  handed: one.handed + (other.handed ?? 0),
  delivered: one.delivered + (other.delivered ?? 0),
  failed: one.failed + (other.failed ?? 0),
});

/** The tally with more of one community's. */
export const tallied = (tally: Tally, community: string, more: Partial<Counts>): Tally => ({
  ...tally,
  [community]: sumOf(tally[community] ?? NOTHING, more),
});

/** The first communities of a tally, and what is left of it. */
export const taken = (tally: Tally, most: number): { readonly some: Tally; readonly left: Tally } => {
  const all = Object.entries(tally);
  return { some: Object.fromEntries(all.slice(0, most)), left: Object.fromEntries(all.slice(most)) };
};

export interface Reach extends Counts {
  readonly byCommunity: readonly (Counts & { readonly community: DivisionCode })[];
}
