/** `surveyTally`: closes surveys whose time is over, opens and counts what waits, ends what is counted, and destroys keys that nobody needs. */
import type { Context } from 'aws-lambda';
import { lambda } from '../data/lambda.ts';
import type { Runtime } from '../data/runtime.ts';
import { scheduledInstant, type ScheduledEvent } from '../data/schedule.ts';
import { withUses } from '../data/scope.ts';
import { cause } from '../kernel/cause.ts';
import { fromInstant, HOUR, plus, SECOND, toInstant } from '../kernel/time.ts';
import { shuffled } from './lots.ts';
import { closeByClock } from './close-by-clock.ts';
import { endingBy, surveyRepository } from './repository.ts';
import { surveyTally as declaration } from './schedules.ts';
import { tally, type TallyOutcome } from './tally.ts';

/** A step more is begun as long as so much is left: the results of the largest survey take some of it. */
const ENOUGH_MS = 120 * SECOND;
/** A call that makes a key ends long before. */
const MADE_BY = HOUR;
/** Surveys that are counted side by side. */
const AT_ONCE = 8;

export type TallyDone = Readonly<Record<TallyOutcome | 'closed', number>>;

export const surveyTally = (outer: Runtime) => {
  const runtime = withUses(outer, declaration.uses, declaration.name, undefined, declaration.vault);
  const repository = surveyRepository(runtime.database);

  return async (
    { scheduledTime }: ScheduledEvent,
    { getRemainingTimeInMillis: remainingMs }: Pick<Context, 'getRemainingTimeInMillis'>,
  ): Promise<TallyDone> => {
    const scheduled = scheduledInstant({ scheduledTime });
    const now = fromInstant(scheduled);
    const requestId = `surveyTally#${scheduledTime}`;
    const hasTime = (): boolean => remainingMs() >= ENOUGH_MS;
    const done = { closed: 0, waiting: 0, later: 0, done: 0 };
    const failures: unknown[] = [];

    const step = async (id: string): Promise<void> => {
      if (!hasTime()) {
        done.later += 1;
        return;
      }
      try {
        const survey = await repository.read(id);
        if (survey !== undefined && (await closeByClock(repository, survey, now, requestId))) done.closed += 1;
        done[await tally({ runtime, now, requestId, hasTime }, id)] += 1;
      } catch (error) {
        // What fails keeps nothing else waiting.
        failures.push(error);
        runtime.log({ level: 'error', code: 'surveyTallyStuck', survey: id, ...cause(error) });
      }
    };

    const entries = await repository.toCount();
    const until = endingBy(scheduled);
    const [over, others] = [entries.filter(({ sk }) => sk <= until), entries.filter(({ sk }) => sk > until)];
    const open = others.filter(({ opensAt }) => opensAt <= scheduled);
    // What has ended is waited for; of the rest, what there is no time for is not the same each time.
    const queue = [...over, ...shuffled(open, runtime.random)].values();
    const inTurn = async (): Promise<void> => {
      for (const { survey } of queue) await step(survey);
    };
    await Promise.all(Array.from({ length: AT_ONCE }, inTurn));
    try {
      for (const name of await repository.keyNames(toInstant(plus(now, -MADE_BY)))) {
        // Whoever publishes takes the name away in the same step: it is there, so no survey has this key, and none will any more.
        await (await runtime.vault()).destroy(name.keyName);
        await repository.write([repository.removesKeyName(name)]);
        runtime.log({ level: 'warn', code: 'surveyKeyUnused', survey: name.survey });
      }
    } catch (error) {
      failures.push(error);
      runtime.log({ level: 'error', code: 'surveyKeysStuck', ...cause(error) });
    }
    runtime.log({ level: 'info', code: 'surveysTallied', ...done });
    if (failures.length > 0) throw new Error(`${failures.length} steps of counting have failed`, { cause: failures[0] });
    return done;
  };
};

export const handler = lambda(surveyTally);
