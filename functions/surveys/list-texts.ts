/** What people wrote in answer to a question, for staff: in the order of random ids, without where it comes from. */
import type { Run } from '../http/call.ts';
import { nextOf, positionOf } from '../http/page.ts';
import { isStaffOf } from '../http/principal.ts';
import { wrongField } from '../http/problem.ts';
import { limitOf } from '../http/schema.ts';
import { err, ok } from '../kernel/result.ts';
import type { listSurveyTexts } from './contract.ts';
import { surveyRepository, type OpenedPlace } from './repository.ts';
import { seen } from './seen.ts';
import { shown } from './shown.ts';
import { audits, reaches } from './survey.ts';

/** Shards that are looked into at once: where few answered, a page may be short. */
const MOST_READS = 50;
const NO_TEXT = { 'zh-CN': '应为此调查中一道问答题的编号', en: 'must be the id of a question of kind text' };

export const listTexts: Run<typeof listSurveyTexts> = async (call) => {
  const { runtime, caller, params, query } = call;
  const position = positionOf<OpenedPlace>(call, query.cursor);
  if (!position.ok) return position;
  const found = await seen(call, params.id);
  if (!found.ok) return found;
  const survey = found.value;
  if (!audits(caller, survey) && !reaches(survey, (division) => isStaffOf(caller, division))) return err({ code: 'forbidden' });
  const question = survey.questions.find(({ id, kind }) => id === query.question && kind === 'text');
  if (question === undefined) return err(wrongField('question', NO_TEXT));
  if (survey.countedAt === undefined) return err({ code: 'resultsPending' });

  const repository = surveyRepository(runtime.database);
  const whole = await repository.readResults(survey.id);
  const suppressed = whole?.suppressed ?? whole?.questions.find(({ id }) => id === question.id)?.suppressed;
  const [items, limit]: [string[], number] = [[], limitOf(query.limit)];
  let place = suppressed === undefined ? (position.value ?? { shard: 0 }) : undefined;
  for (let reads = 0; place !== undefined && items.length < limit && reads < MOST_READS; reads++) {
    const page = await repository.openedPage(survey, place, limit - items.length);
    for (const { answers } of page.items) {
      const text = shown(survey.questions, answers).includes(question) ? answers[question.id] : undefined;
      if (typeof text === 'string') items.push(text);
    }
    place = page.next;
  }
  return ok({ status: 200, body: { suppressed, items, next: nextOf(call, place) } });
};
