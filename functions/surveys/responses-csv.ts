/**
 * Responses as lines of a table. Nothing in them says when or by whom, and they keep the order in which they are given, which must say
 * nothing either. Pure.
 */
import type { Answers, Question } from './question.ts';
import { shown } from './shown.ts';
import type { SurveyMode } from './survey.ts';
import { COMMUNITY_COLUMN, RESPONSE_COLUMN, variablesOf } from './variables.ts';

export interface ResponseRow {
  /** Its id. */
  readonly sk: string;
  readonly answers: Answers;
  /** Where it comes from, if that is known. */
  readonly community?: string | undefined;
}

type Lines = readonly (readonly string[])[];

/**
 * First the columns, and then a page of lines for each of responses. A community stands only beside answers from one that is among `told`, those
 * that results show: of fewer than 5, and of those that would give these away, it does not. A cell is empty where there is no answer, also
 * where one was given to what was not asked. Of a confidential survey each says which response it is; of an anonymous one that leads nowhere.
 */
export async function* responseLines(
  { questions, mode }: { readonly questions: readonly Question[]; readonly mode: SurveyMode },
  pages: AsyncIterable<readonly ResponseRow[]>,
  told: ReadonlySet<string>,
): AsyncGenerator<Lines> {
  const variables = variablesOf(questions);
  const isNamed = mode === 'confidential';
  yield [[...(isNamed ? [RESPONSE_COLUMN] : []), COMMUNITY_COLUMN, ...variables.map(({ name }) => name)]];
  for await (const page of pages)
    yield page.map(({ sk, answers, community }) => {
      const asked = new Set(shown(questions, answers).map(({ id }) => id));
      const cells = variables.map(({ question: { id }, cellOf }) => {
        const answer = asked.has(id) ? answers[id] : undefined;
        return answer === undefined ? '' : cellOf(answer);
      });
      return [...(isNamed ? [sk] : []), community !== undefined && told.has(community) ? community : '', ...cells];
    });
}
