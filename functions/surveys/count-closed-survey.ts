/** Counts a survey to the end as soon as it is closed. */
import type { Context, EventBridgeEvent } from 'aws-lambda';
import { lambda } from '../data/lambda.ts';
import type { CloudEvent } from '../data/reaction.ts';
import type { Runtime } from '../data/runtime.ts';
import { withUses } from '../data/scope.ts';
import { SECOND } from '../kernel/time.ts';
import { countClosedSurvey as declaration } from './reactions.ts';
import type { Survey } from './survey.ts';
import { tally } from './tally.ts';

/** A step more is begun as long as so much is left. */
const ENOUGH_MS = 60 * SECOND;

export const countClosedSurvey = (outer: Runtime) => {
  const runtime = withUses(outer, declaration.uses, declaration.name, undefined, declaration.vault);
  return async (
    {
      detail: {
        id: event,
        data: {
          item: { id },
        },
      },
    }: EventBridgeEvent<string, CloudEvent<Pick<Survey, 'id'>>>,
    context?: Pick<Context, 'getRemainingTimeInMillis'>,
  ): Promise<void> => {
    const hasTime = (): boolean => context === undefined || context.getRemainingTimeInMillis() >= ENOUGH_MS;
    const outcome = await tally({ runtime, now: runtime.now(), requestId: `count-closed-survey#${event}`, hasTime }, id);
    // The next run of the schedule goes on.
    runtime.log({ level: 'info', code: 'surveyTallied', survey: id, outcome });
  };
};

export const handler = lambda(countClosedSurvey);
