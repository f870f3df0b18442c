/** `surveyTally`: closes surveys whose time is over, opens and counts what waits, and ends what is counted. */
import type { Context } from 'aws-lambda';
import type { Page, Key } from '../data/database.ts';
import { lambda } from '../data/lambda.ts';
import type { Runtime } from '../data/runtime.ts';
import { scheduledInstant, type ScheduledEvent } from '../data/schedule.ts';
import { withUses } from '../data/scope.ts';
import { cause } from '../kernel/cause.ts';
import { fromInstant, SECOND } from '../kernel/time.ts';
import { shuffled } from './lots.ts';
import { surveyRepository } from './repository.ts';
import { surveyTally as declaration } from './schedules.ts';
import { closedByClock } from './survey.ts';
import { tally, type TallyOutcome } from './tally.ts';

/** A step more is begun as long as so much is left: the results of the largest survey take some of it. */
const ENOUGH_MS = 120 * SECOND;

export type TallyDone = Readonly<Record<TallyOutcome | 'closed', number>>;

export const surveyTally = (outer: Runtime) => {
  const runtime = withUses(outer, declaration.uses, declaration.name, undefined, declaration.vault);
  const repository = surveyRepository(runtime.database);

  return async (
    { scheduledTime }: ScheduledEvent,
    { getRemainingTimeInMillis: remainingMs }: Pick<Context, 'getRemainingTimeInMillis'>,
  ): Promise<TallyDone> => {
    const now = fromInstant(scheduledInstant({ scheduledTime }));
    const requestId = `surveyTally#${scheduledTime}`;
    const hasTime = (): boolean => remainingMs() >= ENOUGH_MS;
    const done = { closed: 0, waiting: 0, later: 0, done: 0 };
    const failures: unknown[] = [];

    const due: string[] = [];
    let after: Page<Key>['after'];
    do {
      const page = await repository.toTally(after);
      due.push(...page.items.map(({ sk }) => sk));
      after = page.after;
    } while (after !== undefined);

    // What there is no time for is not the same each time.
    for (const id of shuffled(due, runtime.random)) {
      if (!hasTime()) {
        done.later += 1;
        continue;
      }
      try {
        const survey = await repository.read(id);
        const ended = survey === undefined ? undefined : closedByClock(survey, now);
        if (survey !== undefined && ended !== undefined && ended !== survey) {
          const written = await repository.write([
            repository.puts(ended, survey, requestId),
            ...repository.lists(undefined, 'open', { survey, kind: 'open' }),
          ]);
          // Whoever was quicker has closed or extended it: what it is now is read again.
          if (written.ok) done.closed += 1;
        }
        done[await tally({ runtime, now, requestId, hasTime }, id)] += 1;
      } catch (error) {
        // What fails keeps nothing else waiting.
        failures.push(error);
        runtime.log({ level: 'error', code: 'surveyTallyStuck', survey: id, ...cause(error) });
      }
    }
    runtime.log({ level: 'info', code: 'surveysTallied', ...done });
    if (failures.length > 0) throw new Error(`${failures.length} surveys could not be counted`, { cause: failures[0] });
    return done;
  };
};

export const handler = lambda(surveyTally);
