/** What the columns of the responses mean, and what stands in them: a line for each value of each. Pure. */
import type { Texts } from '../kernel/texts.ts';
import type { Question } from './question.ts';
import type { SurveyMode } from './survey.ts';
import { COMMUNITY_COLUMN, RESPONSE_COLUMN, variablesOf, type Variable } from './variables.ts';

type Lines = readonly (readonly string[])[];

const HEADER = ['variable', 'question.zh-CN', 'question.en', 'kind', 'value', 'label.zh-CN', 'label.en', 'condition'];

const both = ({ 'zh-CN': zh, en = '' }: Texts): readonly string[] => [zh, en];

/** A question, and after a dash what of it a column is about. */
const titleOf = ({ question: { text }, part }: Variable): readonly string[] => {
  const [texts, parts] = [both(text), both(part?.text ?? { 'zh-CN': '' })];
  return texts.map((each, index) => [each, parts[index] ?? ''].filter((piece) => piece !== '').join(' — '));
};

/** `stars = 1 | 2`: asked only of whom that question was answered by so. */
const conditionOf = ({ showIf }: Question): string => (showIf === undefined ? '' : `${showIf.question} = ${showIf.in.join(' | ')}`);

const rangeOf = ({ kind, min, max }: Question): Texts => {
  if (kind === 'date') return { 'zh-CN': '日期，年-月-日', en: 'a day: year-month-day' };
  if (kind === 'text') return { 'zh-CN': '文字', en: 'free text' };
  const from = min === undefined ? { 'zh-CN': '', en: '' } : { 'zh-CN': `，不小于 ${min}`, en: `, at least ${min}` };
  const to = max === undefined ? { 'zh-CN': '', en: '' } : { 'zh-CN': `，不大于 ${max}`, en: `, at most ${max}` };
  return { 'zh-CN': `数${from['zh-CN']}${to['zh-CN']}`, en: `a number${from.en}${to.en}` };
};

const COMMUNITY_LINE = [
  COMMUNITY_COLUMN,
  '社区代码',
  'Code of the community',
  'division',
  '',
  '12 位统计用区划代码；作答人数少的社区为空',
  '12 digits of the statistics bureau’s codes; empty where few answered',
  '',
];

const RESPONSE_LINE = [
  RESPONSE_COLUMN,
  '答卷编号',
  'Id of the response',
  'id',
  '',
  '审计员凭理由可查是谁所答：/v1/surveys/{id}/responses/{response}',
  'with a reason, an auditor reads whose it is: /v1/surveys/{id}/responses/{response}',
  '',
];

/** With its header, in zh-CN and en. */
export const codebook = ({ questions, mode }: { readonly questions: readonly Question[]; readonly mode: SurveyMode }): Lines => [
  HEADER,
  ...(mode === 'confidential' ? [RESPONSE_LINE] : []),
  COMMUNITY_LINE,
  ...variablesOf(questions).flatMap((variable) => {
    const { name, question, values } = variable;
    const labels = values?.map(({ id, text }) => [id, ...both(text)]) ?? [['', ...both(rangeOf(question))]];
    return labels.map((label) => [name, ...titleOf(variable), question.kind, ...label, conditionOf(question)]);
  }),
];
