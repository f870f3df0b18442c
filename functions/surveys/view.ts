import type { AnswerOf } from '../http/operation.ts';
import type { Principal } from '../http/principal.ts';
import type { EpochMs } from '../kernel/time.ts';
import type { listSurveys, readSurvey } from './contract.ts';
import { actionsOf, stateAt, type Survey } from './survey.ts';

export const surveySummaryView = (survey: Survey, now: EpochMs): AnswerOf<typeof listSurveys>['items'][number] => {
  const { id, title, audience, mode, opensAt, closesAt, closedAt } = survey;
  return { id, title, audience: { divisions: [...audience.divisions] }, mode, state: stateAt(survey, now), opensAt, closesAt, closedAt };
};

/** A survey as this caller sees it. */
export const surveyView = (survey: Survey, caller: Principal | undefined, now: EpochMs): AnswerOf<typeof readSurvey> => {
  const { questions, createdAt, changedAt: updatedAt, publishedAt, countedAt, talliedAt } = survey;
  return {
    ...surveySummaryView(survey, now),
    questions: structuredClone(questions) as AnswerOf<typeof readSurvey>['questions'],
    createdAt,
    updatedAt,
    publishedAt,
    countedAt,
    talliedAt,
    actions: [...actionsOf(survey, caller, now)],
  };
};
