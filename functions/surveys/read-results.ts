import type { Run } from '../http/call.ts';
import { nextOf, positionOf } from '../http/page.ts';
import { isStaffOf } from '../http/principal.ts';
import { err, ok } from '../kernel/result.ts';
import type { readSurveyResults } from './contract.ts';
import { emptyCounts } from './counts.ts';
import { seen } from './replies.ts';
import { surveyRepository } from './repository.ts';
import { resultsOf } from './results.ts';
import { reaches, stateAt } from './survey.ts';

/** Groups that are told at once. */
const MOST_GROUPS = 1000;

/** The results of what is over as they were written down, or for staff of what is counted by now. */
export const readResults: Run<typeof readSurveyResults> = async (call) => {
  const { runtime, caller, params, query, now } = call;
  const found = await seen(call, params.id);
  if (!found.ok) return found;
  const survey = found.value;
  const position = positionOf<string>(call, query.cursor);
  if (!position.ok) return position;
  const repository = surveyRepository(runtime.database);

  if (survey.countedAt === undefined) {
    const isStaff = reaches(survey, (division) => isStaffOf(caller, division));
    const isOver = stateAt(survey, now) === 'closed';
    if (!isStaff && !isOver) return err({ code: 'forbidden' });
    // By place and channel nothing is known before the end.
    if (!isStaff || query.by !== undefined) return err({ code: 'resultsPending' });
    const counts = (await repository.readCounts(survey.id))?.counts ?? emptyCounts(survey.questions);
    const { by: _, ...whole } = resultsOf(survey.questions, counts);
    return ok({ status: 200, body: { survey: survey.id, final: false, ...copied(whole), next: null } });
  }

  const whole = await repository.readResults(survey.id);
  if (whole === undefined) throw new Error('what is counted has results');
  const page =
    query.by === undefined
      ? undefined
      : await repository.groups(survey.id, query.by, query.by === 'community' ? (query.division ?? '') : '', position.value, MOST_GROUPS);
  return ok({
    status: 200,
    body: {
      survey: survey.id,
      final: true,
      ...copied(whole),
      ...(query.by === undefined || page === undefined ? {} : { by: { [query.by]: copied(page.groups) } }),
      next: nextOf(call, page?.after),
    },
  });
};

/** What is read only may be answered with: the schema makes a new one of it. */
type Loose<T> = T extends readonly (infer E)[] ? Loose<E>[] : T extends object ? { -readonly [K in keyof T]: Loose<T[K]> } : T;
const copied = <T>(value: T): Loose<T> => value as Loose<T>;
