/** The disclosure of a quarter, and of the year that ended with it: how far it has come through all funds. Pure. */
import { fromInstant, toInstant, type EpochMs, type Instant } from '../kernel/time.ts';
import { justOver } from './statement.ts';

export interface Disclosure {
  /** `2026-Q4`: there is one disclosure of each. */
  readonly quarter: string;
  readonly version: number;
  readonly change: 'begun' | 'continued' | 'done';
  readonly changedAt: Instant;
  /** As of when funds are disclosed: the moment that the schedule was first run for, however long it takes. */
  readonly at: Instant;
  /** The last fund that has been looked at, as the list of funds has it. */
  readonly after?: Readonly<Record<string, unknown>> | undefined;
  /** Funds that have been looked at; statements of theirs that stand; those of them that tell of something late or beyond a cap. */
  readonly funds: number;
  readonly disclosed: number;
  readonly flagged: number;
}

export const quarterToDisclose = (at: EpochMs): string => justOver(at)[0] ?? '';
/** What is disclosed of each fund. */
export const periodsOf = ({ at }: Pick<Disclosure, 'at'>): readonly string[] => justOver(fromInstant(at));

export const newDisclosure = (at: EpochMs): Disclosure => ({
  quarter: quarterToDisclose(at),
  version: 1,
  change: 'begun',
  changedAt: toInstant(at),
  at: toInstant(at),
  funds: 0,
  disclosed: 0,
  flagged: 0,
});

/** It goes on where it is: for one whose last step was lost. */
export const resumed = (disclosure: Disclosure, at: EpochMs): Disclosure => ({
  ...disclosure,
  version: disclosure.version + 1,
  change: 'continued',
  changedAt: toInstant(at),
});

export type Step = Pick<Disclosure, 'after' | 'funds' | 'disclosed' | 'flagged'>;

export const afterStep = (disclosure: Disclosure, step: Step, now: EpochMs): Disclosure => ({
  ...disclosure,
  version: disclosure.version + 1,
  change: step.after === undefined ? 'done' : 'continued',
  changedAt: toInstant(now),
  after: step.after,
  funds: disclosure.funds + step.funds,
  disclosed: disclosure.disclosed + step.disclosed,
  flagged: disclosure.flagged + step.flagged,
});
