/** The end of a survey whose time is over: put down by whoever comes by first, and told of from there, so that it is counted. */
import type { EpochMs } from '../kernel/time.ts';
import type { SurveyRepository } from './repository.ts';
import { closedByClock, type Survey } from './survey.ts';

/** Whether it was closed by this call: not where it goes on, was closed before, or somebody else was quicker. */
export const closeByClock = async (repository: SurveyRepository, survey: Survey, at: EpochMs, requestId: string): Promise<boolean> => {
  const ended = closedByClock(survey, at);
  if (ended === survey) return false;
  const written = await repository.write([
    repository.puts(ended, survey, requestId),
    ...repository.lists(undefined, 'open', { survey, kind: 'open' }),
  ]);
  return written.ok;
};
