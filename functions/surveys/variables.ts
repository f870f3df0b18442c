/** The columns that answers are written in, one a question or a part of one. Pure. */
import { choicesOf, linesOf, type Answer, type Option, type Question } from './question.ts';

export interface Variable {
  /** The question's id, and where it has several columns, `.` and that of the option or the row. */
  readonly name: string;
  readonly question: Question;
  /** What of the question it is about. */
  readonly part?: Option | undefined;
  /** What may stand in it; undefined where that is anything of its kind. */
  readonly values?: readonly Option[] | undefined;
  /** What stands in it of an answer; nothing where there is none. */
  readonly cellOf: (answer: Answer) => string;
}

const YES_OR_NO: readonly Option[] = [
  { id: '0', text: { 'zh-CN': '未选', en: 'not chosen' } },
  { id: '1', text: { 'zh-CN': '已选', en: 'chosen' } },
];

const isList = (answer: Answer): answer is readonly string[] => Array.isArray(answer);
const plain = (answer: Answer): string => (typeof answer === 'object' ? '' : String(answer));
const inRow =
  (row: string) =>
  (answer: Answer): string =>
    typeof answer === 'object' && !isList(answer) ? String(answer[row] ?? '') : '';

const asLabels = (levels: readonly string[]): readonly Option[] => levels.map((id) => ({ id, text: { 'zh-CN': id, en: id } }));

const variablesOfOne = (question: Question): readonly Variable[] => {
  const { id, kind, options = [] } = question;
  switch (kind) {
    case 'multiple':
      return options.map((part): Variable => ({
        name: `${id}.${part.id}`,
        question,
        part,
        values: YES_OR_NO,
        cellOf: (answer) => (isList(answer) && answer.includes(part.id) ? '1' : '0'),
      }));
    case 'matrix':
      return linesOf(question).map((part): Variable => {
        const values = question.rows === undefined ? asLabels(choicesOf(question)) : options;
        return { name: `${id}.${part.id}`, question, part, values, cellOf: inRow(part.id) };
      });
    case 'single':
      return [{ name: id, question, values: options, cellOf: plain }];
    case 'rating':
    case 'nps':
      return [{ name: id, question, values: asLabels(choicesOf(question)), cellOf: plain }];
    case 'text':
    case 'number':
    case 'date':
      return [{ name: id, question, cellOf: plain }];
  }
};

export const variablesOf = (questions: readonly Question[]): readonly Variable[] => questions.flatMap(variablesOfOne);

/** The column, of a confidential survey, of the id by which an auditor may ask whose a response is. No question has an id that begins so. */
export const RESPONSE_COLUMN = '_response';
/** The column of where an answer comes from. */
export const COMMUNITY_COLUMN = '_community';
