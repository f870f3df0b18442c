/** A list of those who want to hear of surveys, gone through for a round of one; how far it is, is kept with it. Pure. */
import type { Texts } from '../../kernel/texts.ts';
import { DAY, plus, toEpochSeconds, toInstant, type EpochMs, type Instant } from '../../kernel/time.ts';
import type { Range, Region } from '../delivery/ranges.ts';
import { SHARDS } from '../subscriber.ts';
import type { Invitation, Round } from './invitation.ts';

export interface ReaderWalk {
  readonly survey: string;
  readonly round: Round;
  readonly title: Texts;
  readonly closesAt: Instant;
  /** `<region>#<shard>`. */
  readonly list: string;
  readonly ranges: readonly Range[];
  /** Ranges that are done, and the last key of the next one that is. */
  readonly walked: number;
  readonly position?: string | undefined;
  /** Calls of the function that goes through it: each is told of. */
  readonly steps: number;
  readonly version: number;
  readonly change: 'begun' | 'continued' | 'walked';
  readonly changedAt: Instant;
  readonly expiresAt: number;
}

const KEPT = 30 * DAY;

export const walksOf = (
  { survey, title, closesAt }: Invitation,
  round: Round,
  regions: readonly Region[],
  now: EpochMs,
): readonly ReaderWalk[] =>
  regions.flatMap(({ region, ranges }) =>
    Array.from({ length: SHARDS }, (_, shard) => ({
      survey,
      round,
      title,
      closesAt,
      list: `${region}#${shard.toString(16)}`,
      ranges,
      walked: 0,
      steps: 1,
      version: 1,
      change: 'begun' as const,
      changedAt: toInstant(now),
      expiresAt: toEpochSeconds(plus(now, KEPT)),
    })),
  );

/** After a page that ends at `after`, or with the range. */
export const afterPage = (walk: ReaderWalk, after: string | undefined, isLate: boolean, now: EpochMs): ReaderWalk => {
  const { position: _position, ...rest } = walk;
  const moved = after === undefined ? { ...rest, walked: walk.walked + 1 } : { ...walk, position: after };
  const isThrough = moved.walked >= walk.ranges.length;
  return {
    ...moved,
    version: walk.version + 1,
    steps: walk.steps + (isLate && !isThrough ? 1 : 0),
    change: isThrough ? 'walked' : isLate ? 'continued' : walk.change,
    changedAt: toInstant(now),
  };
};
