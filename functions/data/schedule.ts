/** Declares a function that runs by the clock. It uses the moment that it is scheduled for, which it is given, and never the clock itself. */
import { parseInstant, toInstant, type Instant } from '../kernel/time.ts';
import type { ObjectUses } from './object-store.ts';
import type { Uses } from './table.ts';
import type { VaultRight } from './vault.ts';

export interface Schedule {
  /** lowerCamelCase, unique in the system. */
  readonly name: string;
  readonly domain: string;
  readonly description: string;
  /** Five fields, minute to weekday, in Asia/Shanghai; EventBridge Scheduler's form is derived from it. */
  readonly cron: string;
  /** Tables that it may touch. */
  readonly uses: Uses;
  /** Objects that it may touch: the beginning of their keys → right. */
  readonly objects?: ObjectUses;
  /** It speaks to payment providers, and may know their keys. */
  readonly payments?: true;
  /** It carries messages to people, and may know the keys of what carries them. */
  readonly carries?: true;
  /** What it may do with keys that come and go. */
  readonly vault?: VaultRight;
}
/** What EventBridge Scheduler passes: the moment that the run is for, RFC 3339. */
export interface ScheduledEvent {
  readonly scheduledTime: string;
}

export const TIME_ZONE = 'Asia/Shanghai';

/** Declares a schedule. */
export const schedule = <const S extends Schedule>(declaration: S): S => declaration;

/** The moment that a run is for; throws where what came is none. */
export const scheduledInstant = ({ scheduledTime }: ScheduledEvent): Instant => {
  const at = parseInstant(scheduledTime);
  if (at === undefined) throw new Error(`scheduledTime is no RFC 3339 moment: ${scheduledTime}`);
  return toInstant(at);
};
