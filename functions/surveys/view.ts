import type { AnswerOf } from '../http/operation.ts';
import type { Principal } from '../http/principal.ts';
import type { EpochMs } from '../kernel/time.ts';
import type { listSurveys, readSurvey, readSurveyResponse, readSurveyResults } from './contract.ts';
import { linesOf, type Answer, type Answers, type Option, type Question } from './question.ts';
import type { GroupResult, QuestionResult } from './results.ts';
import type { SurveySummary } from './repository.ts';
import { actionsOf, stateAt, type Survey } from './survey.ts';

export const surveySummaryView = (survey: SurveySummary, now: EpochMs): AnswerOf<typeof listSurveys>['items'][number] => {
  const { id, title, audience, mode, opensAt, closesAt, closedAt } = survey;
  return { id, title, audience: { divisions: [...audience.divisions] }, mode, state: stateAt(survey, now), opensAt, closesAt, closedAt };
};

const questionView = ({ options, rows, showIf, ...question }: Question): AnswerOf<typeof readSurvey>['questions'][number] => ({
  ...question,
  ...(options === undefined ? {} : { options: [...options] }),
  ...(rows === undefined ? {} : { rows: [...rows] }),
  ...(showIf === undefined ? {} : { showIf: { question: showIf.question, in: [...showIf.in] } }),
});

/** `Array.isArray` does not see that what may not be changed is a list, too. */
const isList = (answer: Answer): answer is readonly string[] => Array.isArray(answer);

type Lines = Record<string, string | number>;

const inOrderOf = (rows: readonly Option[], answer: Readonly<Lines>): Lines =>
  Object.fromEntries(rows.flatMap(({ id }) => (answer[id] === undefined ? [] : [[id, answer[id]]])));

type AnswerView = string | number | string[] | Lines;

/** In the questionnaire's order: a database gives them back in any. */
export const answersView = (questions: readonly Question[], answers: Answers): AnswerOf<typeof readSurveyResponse>['answers'] =>
  Object.fromEntries(
    questions.flatMap((question): [string, AnswerView][] => {
      const { id } = question;
      const answer = answers[id];
      if (answer === undefined) return [];
      if (typeof answer !== 'object') return [[id, answer]];
      return [[id, isList(answer) ? [...answer] : inOrderOf(linesOf(question), answer)]];
    }),
  );

type ResultsView = AnswerOf<typeof readSurveyResults>;

export const questionResultView = ({ options, rows, ...result }: QuestionResult): ResultsView['questions'][number] => ({
  ...result,
  ...(options === undefined ? {} : { options: [...options] }),
  ...(rows === undefined
    ? {}
    : { rows: rows.map(({ options: chosen, ...row }) => ({ ...row, ...(chosen === undefined ? {} : { options: [...chosen] }) })) }),
});

export const groupResultView = ({ questions, ...group }: GroupResult) => ({
  ...group,
  ...(questions === undefined ? {} : { questions: questions.map(questionResultView) }),
});

/** A survey as this caller sees it. */
export const surveyView = (survey: Survey, caller: Principal | undefined, now: EpochMs): AnswerOf<typeof readSurvey> => {
  const { questions, createdAt, changedAt: updatedAt, publishedAt, countedAt, keyDestroyedAt } = survey;
  return {
    ...surveySummaryView(survey, now),
    questions: questions.map(questionView),
    createdAt,
    updatedAt,
    publishedAt,
    countedAt,
    keyDestroyedAt,
    actions: [...actionsOf(survey, caller, now)],
  };
};
