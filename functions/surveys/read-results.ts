import type { Run } from '../http/call.ts';
import { isStaffOf } from '../http/principal.ts';
import { err, ok } from '../kernel/result.ts';
import { closeByClock } from './close-by-clock.ts';
import type { readSurveyResults } from './contract.ts';
import { emptyCounts } from './counts.ts';
import { surveyRepository, type WholeResults } from './repository.ts';
import { liveResultsOf } from './results.ts';
import { seen } from './seen.ts';
import { reaches, stateAt } from './survey.ts';
import { groupResultView, questionResultView } from './view.ts';

/** Groups that are told at once, if they are small. */
const MOST_GROUPS = 1000;
const KEPT_SECONDS = 300;

const wholeView = ({ responses, suppressed, questions }: WholeResults) => ({
  responses,
  suppressed,
  questions: questions.map(questionResultView),
});

/** The results of what is over as they were written down, or for staff of what is counted by now. */
export const readResults: Run<typeof readSurveyResults> = async (call) => {
  const { runtime, caller, params, query, now, requestId } = call;
  const found = await seen(call, params.id);
  if (!found.ok) return found;
  const survey = found.value;
  const repository = surveyRepository(runtime.database);

  if (survey.countedAt === undefined) {
    const isStaff = reaches(survey, (division) => isStaffOf(caller, division));
    const isOver = stateAt(survey, now) === 'closed';
    if (isOver) await closeByClock(repository, survey, now, requestId);
    if (!isStaff && !isOver) return err({ code: 'forbidden' });
    if (!isStaff) return err({ code: 'resultsPending' });
    const counts = (await repository.readCounts(survey.id))?.counts ?? emptyCounts(survey.questions);
    // By place and channel nothing is known before the end.
    const groups = query.by === undefined ? {} : { by: { [query.by]: [] }, more: false };
    return ok({ status: 200, body: { survey: survey.id, final: false, ...wholeView(liveResultsOf(survey.questions, counts)), ...groups } });
  }

  const whole = await repository.readResults(survey.id);
  if (whole === undefined) throw new Error('what is counted has results');
  const page =
    query.by === undefined
      ? undefined
      : await repository.groups(survey.id, query.by, query.by === 'community' ? (query.division ?? '') : '', query.after, MOST_GROUPS);
  return ok({
    status: 200,
    // They never change any more.
    ...(caller === undefined ? { headers: { 'cache-control': `public, max-age=${KEPT_SECONDS}` } } : {}),
    body: {
      survey: survey.id,
      final: true,
      ...wholeView(whole),
      ...(query.by === undefined || page === undefined ? {} : { by: { [query.by]: page.groups.map(groupResultView) }, more: page.more }),
    },
  });
};
