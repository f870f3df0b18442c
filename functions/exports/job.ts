/** A job that makes a file, piece by piece. Pure. */
import type { Principal, Role } from '../http/principal.ts';
import type { DivisionCode } from '../kernel/division.ts';
import type { Texts } from '../kernel/texts.ts';
import { DAY, fromInstant, HOUR, plus, toEpochSeconds, toInstant, type EpochMs, type Instant, type Month } from '../kernel/time.ts';
import type { MonthPosition } from '../service-requests/month-reader.ts';
import { exportsTable } from './table.ts';

/** With what rights it was asked for. They decide what is in the file. */
export interface Asker {
  readonly sub: string;
  readonly roles: readonly Role[];
  readonly division?: DivisionCode | undefined;
  readonly provider?: string | undefined;
}

export interface Job {
  readonly id: string;
  readonly version: number;
  readonly change: 'started' | 'continued' | 'stumbled' | 'done' | 'failed';
  readonly changedAt: Instant;
  readonly division: DivisionCode;
  readonly month: Month;
  readonly caller: Asker;
  readonly askedAt: Instant;
  /** The HTTP request that asked for it. */
  readonly askedIn: string;
  /** How many steps have been made: an event that tells of another one comes too late. */
  readonly step: number;
  /** Reading what there is into pieces, then putting these together. */
  readonly phase: 'reading' | 'writing';
  readonly after?: MonthPosition | undefined;
  /** Names of the pieces that are in the store, in their order. */
  readonly pieces: readonly string[];
  readonly bytes: number;
  readonly lines: number;
  /** The file under way, in parts; how many pieces are in them, and what the store calls them. */
  readonly upload?: string | undefined;
  readonly used: number;
  readonly tags: readonly string[];
  readonly progress: number;
  /** How often this step has failed; of putting together, any of its steps. */
  readonly failures: number;
  readonly expiresAt: number;
}

/** A step is tried three times by the bus. */
const MOST_FAILURES = 3;
/** Nothing has happened for so long: its event lies parked, and nobody waits for it any more. */
const STALLED_AFTER = HOUR;
/** Of the way, what is reading. */
const READING = 0.9;

const ADVICE: Texts = {
  'zh-CN': '未能生成文件。请重新发起导出；如仍失败，请将此任务编号告知管理员。',
  en: 'The file could not be made. Ask for the export again; if that fails too, tell the operator the id of this job.',
};

export const askerOf = ({ sub, roles, division, provider }: Principal): Asker => ({
  sub,
  roles: [...roles].toSorted(),
  division,
  provider,
});
export const principalOf = ({ sub, roles, division, provider }: Asker): Principal => ({ sub, roles: new Set(roles), division, provider });

export const newJob = (
  id: string,
  { division, month, caller, askedIn }: Pick<Job, 'division' | 'month' | 'caller' | 'askedIn'>,
  now: EpochMs,
): Job => ({
  id,
  version: 1,
  change: 'started',
  changedAt: toInstant(now),
  division,
  month,
  caller,
  askedAt: toInstant(now),
  askedIn,
  step: 0,
  phase: 'reading',
  pieces: [],
  bytes: 0,
  lines: 0,
  used: 0,
  tags: [],
  progress: 0,
  failures: 0,
  expiresAt: toEpochSeconds(plus(now, exportsTable.attributes.expiresAt.keptDays * DAY)),
});

export const statusOf = ({ change, changedAt }: Job, now: EpochMs): 'running' | 'done' | 'failed' => {
  if (change === 'done' || change === 'failed') return change;
  return now - fromInstant(changedAt) > STALLED_AFTER ? 'failed' : 'running';
};

export const isExpired = ({ expiresAt }: Job, now: EpochMs): boolean => expiresAt <= toEpochSeconds(now);

export const adviceOf = (job: Job, now: EpochMs): Texts | undefined => (statusOf(job, now) === 'failed' ? ADVICE : undefined);

const rounded = (share: number): number => Math.floor(share * 1000) / 1000;

/** What a step changes of a job. */
export type Step = Partial<Pick<Job, 'phase' | 'after' | 'pieces' | 'bytes' | 'lines' | 'upload' | 'used' | 'tags'>> & {
  readonly change: 'continued' | 'done';
  /** Of what is read, or else put together. */
  readonly share: number;
};

const progressAfter = (job: Job, { share }: Pick<Step, 'share'>): number =>
  Math.max(job.progress, rounded(job.phase === 'reading' ? READING * share : READING + (1 - READING) * share));

export const afterStep = (job: Job, step: Step, now: EpochMs): Job => {
  const { share, ...changed } = step;
  return {
    ...job,
    ...changed,
    version: job.version + 1,
    changedAt: toInstant(now),
    step: job.step + 1,
    progress: step.change === 'done' ? 1 : progressAfter(job, { share }),
    // What is put together anew each time would otherwise go on for ever.
    failures: job.phase === 'reading' ? 0 : job.failures,
  };
};

/** A step that has failed is tried again, with a new upload; where it goes on failing, the job has failed. */
export const afterFailure = (job: Job, now: EpochMs): Job => {
  const failures = job.failures + 1;
  return {
    ...job,
    version: job.version + 1,
    change: failures >= MOST_FAILURES ? 'failed' : 'stumbled',
    changedAt: toInstant(now),
    failures,
    upload: undefined,
    used: 0,
    tags: [],
  };
};

const PREFIX = 'exports/';
export const fileKey = ({ id }: Pick<Job, 'id'>): string => `${PREFIX}${id}.csv`;
export const pieceKey = ({ id }: Pick<Job, 'id'>, piece: string): string => `${PREFIX}${id}/${piece}`;
