/** How far an alert has come, in persons, each once: what is counted while it is delivered, and shown beside what was answered. */
export interface ReachCounts {
  /** handed + failed + those still waiting. Who is delivered to has been handed something, too. */
  readonly targeted: number;
  /** A carrier has taken it for them. */
  readonly handed: number;
  /** A carrier says that it is there. */
  readonly delivered: number;
  /** By none of their channels. */
  readonly failed: number;
}

export const NOBODY: ReachCounts = { targeted: 0, handed: 0, delivered: 0, failed: 0 };

export const sumOf = (one: ReachCounts, other: Partial<ReachCounts>): ReachCounts => ({
  targeted: one.targeted + (other.targeted ?? 0),
  handed: one.handed + (other.handed ?? 0),
  delivered: one.delivered + (other.delivered ?? 0),
  failed: one.failed + (other.failed ?? 0),
});
