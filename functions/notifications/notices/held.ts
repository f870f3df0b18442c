/** A notice on its way: by which channels it is still to go, and when. Pure. */
import { MINUTE, HOUR, plus, toInstant, type EpochMs, type Instant } from '../../kernel/time.ts';
import type { Fate } from '../channels/carrier.ts';
import type { Notice } from './notice.ts';

export interface HeldNotice extends Notice {
  readonly version: number;
  /** Ids of channels. */
  readonly remaining: readonly string[];
  /** How often it has been tried. */
  readonly attempt: number;
  /** Undefined once nothing remains. */
  readonly dueAt?: Instant | undefined;
}

/** Before each further attempt; then it is given up. */
const PAUSES = [MINUTE, 5 * MINUTE, 30 * MINUTE, 2 * HOUR, 6 * HOUR];

/** Whoever sends it has so long; then they are dead, and it is due again. */
const LEASE = 5 * MINUTE;

/** One that is to go by these channels: from that moment on, or at once, by whoever writes it. */
export const held = (notice: Notice, channels: readonly string[], now: EpochMs, from: EpochMs | undefined): HeldNotice => ({
  ...notice,
  version: 1,
  remaining: channels,
  attempt: 0,
  dueAt: toInstant(from ?? plus(now, LEASE)),
});

/** The same, being sent by whoever writes this. */
export const taken = (notice: HeldNotice, now: EpochMs): HeldNotice => postponed(notice, plus(now, LEASE));

/** The same for later, untried. */
export const postponed = (notice: HeldNotice, until: EpochMs): HeldNotice => ({
  ...notice,
  version: notice.version + 1,
  dueAt: toInstant(until),
});

/** After an attempt: what a carrier did not take just now remains, unless it has been tried often enough. */
export const tried = (notice: HeldNotice, fates: ReadonlyMap<string, Fate>, now: EpochMs): HeldNotice => {
  const later = notice.remaining.filter((id) => fates.get(id)?.kind === 'later');
  const pause = PAUSES[notice.attempt];
  const remaining = pause === undefined ? [] : later;
  return {
    ...notice,
    version: notice.version + 1,
    attempt: notice.attempt + 1,
    remaining,
    dueAt: remaining.length === 0 || pause === undefined ? undefined : toInstant(plus(now, pause)),
  };
};
