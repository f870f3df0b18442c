/** Which questions somebody is asked, by what they have answered before. One rule, at answering and at counting. */
import type { Answer, Answers, Question } from './question.ts';

const isAnyOf = (answer: Answer, wanted: readonly string[]): boolean =>
  Array.isArray(answer)
    ? answer.some((each: string) => wanted.includes(each))
    : typeof answer !== 'object' && wanted.includes(String(answer));

/** The questions that are asked of who answers so, in their order: a question that is not asked itself leads to no other. */
export const shown = (questions: readonly Question[], answers: Answers): readonly Question[] => {
  const asked = new Set<string>();
  return questions.filter(({ id, showIf }) => {
    const answer = showIf !== undefined && asked.has(showIf.question) ? answers[showIf.question] : undefined;
    const isAsked = showIf === undefined || (answer !== undefined && isAnyOf(answer, showIf.in));
    if (isAsked) asked.add(id);
    return isAsked;
  });
};
