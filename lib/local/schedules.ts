import { Cron } from 'croner';
import type { Log } from '../../functions/data/runtime.ts';
import { err, ok, type Result } from '../../functions/kernel/result.ts';
import { epochMs, SECOND, toInstant, type Clock, type EpochMs } from '../../functions/kernel/time.ts';
import { cause } from '../../functions/kernel/cause.ts';
import { invoke, type LocalHandler } from './invoke.ts';

/** What EventBridge Scheduler passes on: `<aws.scheduler.scheduled-time>`, RFC 3339 in UTC, whole seconds: `2026-12-01T00:00:00Z`. */
export interface ScheduleEvent {
  readonly scheduledTime: string;
}

export interface LocalSchedule {
  readonly name: string;
  /** Five fields: minute, hour, day of month, month, day of week. */
  readonly cron: string;
  /** IANA, `Asia/Shanghai`. */
  readonly timeZone: string;
  readonly handler: LocalHandler<ScheduleEvent, unknown>;
}

export interface Schedules {
  /** Runs one now and answers when it is done; `time` is the moment it is scheduled for, now unless it is told. Rejects where its handler does. */
  run(name: string, time?: EpochMs): Promise<Result<unknown, 'unknownSchedule'>>;
  /** Runs what is due and answers when it is done. Happens by itself every second; a test that has turned the clock calls it. */
  check(): Promise<void>;
  /** Begins nothing more, and answers when what is running is done. */
  stop(): Promise<void>;
}

/** The longest that a function may take on Lambda. */
const TIMEOUT_MS = 15 * 60 * SECOND;

/** Up to the next whole second: what has happened by then is counted. */
const scheduledTime = (time: EpochMs): string => toInstant(epochMs(Math.ceil(time / SECOND) * SECOND)).replace(/\.\d{3}Z$/, 'Z');

/**
 * Runs functions at their times. Times that were slept through are made up for by the last of them alone; a schedule waits for its own
 * run before. A run that fails is logged, and its next time comes as ever. Throws at once where a pattern or a zone is none.
 */
export const startSchedules = ({
  schedules,
  automatic = true,
  now,
  log,
}: {
  readonly schedules: readonly LocalSchedule[];
  /** False: only `run` and `check` run anything. */
  readonly automatic?: boolean;
  readonly now: Clock;
  readonly log: Log;
}): Schedules => {
  const call = ({ name, handler }: LocalSchedule, time: EpochMs): Promise<unknown> =>
    invoke(handler, { scheduledTime: scheduledTime(time) }, { functionName: name, timeoutMs: TIMEOUT_MS });

  const jobs = schedules.map((schedule) => {
    const cron = new Cron(schedule.cron, { timezone: schedule.timeZone, paused: true, mode: '5-part' });
    const nextAfter = (time: number): number => cron.nextRun(new Date(time))?.getTime() ?? Infinity;
    let due = nextAfter(now());
    let running: Promise<void> | undefined;
    const runDue = async (): Promise<void> => {
      let time = due;
      // croner looks for what comes before a moment, and skips that moment itself.
      const last = cron.previousRuns(1, new Date(now() + SECOND))[0]?.getTime();
      if (last !== undefined && last > time && last <= now()) time = last;
      due = nextAfter(now());
      try {
        await call(schedule, epochMs(time));
      } catch (error) {
        log({
          level: 'error',
          code: 'scheduleFailed',
          schedule: schedule.name,
          scheduledTime: scheduledTime(epochMs(time)),
          ...cause(error),
        });
      }
    };
    return {
      check: (): Promise<void> => {
        if (running === undefined && due <= now()) running = runDue().finally(() => (running = undefined));
        return running ?? Promise.resolve();
      },
      done: (): Promise<void> => running ?? Promise.resolve(),
    };
  });

  let stopped = false;
  const check = async (): Promise<void> => {
    if (!stopped) await Promise.all(jobs.map((job) => job.check()));
  };
  const timer = automatic ? setInterval(() => void check(), SECOND) : undefined;
  timer?.unref();

  return {
    async run(name, time) {
      const schedule = schedules.find((each) => each.name === name);
      return schedule === undefined ? err('unknownSchedule') : ok(await call(schedule, time ?? now()));
    },
    check,
    async stop() {
      stopped = true;
      clearInterval(timer);
      await Promise.all(jobs.map((job) => job.done()));
    },
  };
};
