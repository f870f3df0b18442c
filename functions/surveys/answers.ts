/** Answers to a questionnaire: whether they are right, and how long they may be. Pure. */
import type { DivisionCode } from '../kernel/division.ts';
import type { Texts } from '../kernel/texts.ts';
import {
  choicesOf,
  linesOf,
  MOST_TEXT,
  NUMBERS,
  RESPONSE_CHANNELS,
  SCALE,
  type Answer,
  type Answers,
  type Question,
  type ResponseChannel,
} from './question.ts';
import { shown } from './shown.ts';

/** What is kept of a response beside whose it is. */
export interface Response {
  readonly answers: Answers;
  readonly community: DivisionCode;
  readonly channel: ResponseChannel;
}

/** What is wrong with the answer to a question; `row` where it is that of a line of a matrix. */
export interface AnswerFault {
  readonly question: string;
  readonly row?: string;
  readonly message: Texts;
}

const REQUIRED = { 'zh-CN': '必填', en: 'is required' };
const NO_OPTION = { 'zh-CN': '没有这个选项', en: 'is no option here' };

const isDay = (text: string): boolean => {
  const at = /^\d{4}-\d{2}-\d{2}$/.test(text) ? Date.parse(`${text}T00:00:00Z`) : Number.NaN;
  return !Number.isNaN(at) && new Date(at).toISOString().startsWith(text);
};

const wholeFrom = (low: number, high: number): Texts => ({
  'zh-CN': `应为 ${low} 到 ${high} 的整数`,
  en: `must be a whole number from ${low} to ${high}`,
});
const isWhole = (answer: Answer, low: number, high: number): boolean =>
  typeof answer === 'number' && Number.isInteger(answer) && answer >= low && answer <= high;

const multipleFault = ({ options = [], min = 1, max = options.length }: Question, answer: Answer): Texts | undefined => {
  if (!Array.isArray(answer)) return { 'zh-CN': '应为选项编号的列表', en: 'must be a list of ids of options' };
  const chosen: readonly string[] = answer;
  if (chosen.some((each) => !options.some(({ id }) => id === each))) return NO_OPTION;
  if (new Set(chosen).size < chosen.length) return { 'zh-CN': '选项重复', en: 'names an option twice' };
  const least = Math.max(1, min);
  return chosen.length < least || chosen.length > max
    ? { 'zh-CN': `应选 ${least} 到 ${max} 项`, en: `must be ${least} to ${max} of them` }
    : undefined;
};

const NO_NUMBER = {
  'zh-CN': `绝对值不能超过 ${NUMBERS.furthest}，小数不能超过 ${NUMBERS.decimals} 位`,
  en: `must be within ${NUMBERS.furthest} of zero, with ${NUMBERS.decimals} decimals at most`,
};

const numberFault = ({ min, max }: Question, answer: Answer): Texts | undefined => {
  if (typeof answer !== 'number') return { 'zh-CN': '应为数字', en: 'must be a number' };
  if (Math.abs(answer) > NUMBERS.furthest || Number(answer.toFixed(NUMBERS.decimals)) !== answer) return NO_NUMBER;
  if (min !== undefined && answer < min) return { 'zh-CN': `不能小于 ${min}`, en: `must not be less than ${min}` };
  return max !== undefined && answer > max ? { 'zh-CN': `不能大于 ${max}`, en: `must not be more than ${max}` } : undefined;
};

const textFault = ({ min = 0, max = MOST_TEXT.unlessSaid }: Question, answer: Answer): Texts | undefined =>
  typeof answer === 'string' && answer.length >= min && answer.length <= max
    ? undefined
    : { 'zh-CN': `应为 ${min} 到 ${max} 个字`, en: `must be a text of ${min} to ${max} characters` };

const OPTIONS_BY_ROW = { 'zh-CN': '应为“行编号：选项编号”', en: 'must be ids of options by ids of rows' };
const LEVELS_BY_OPTION = { 'zh-CN': '应为“选项编号：分值”', en: 'must be levels by ids of options' };

const matrixFaults = (question: Question, answer: Answer): readonly Omit<AnswerFault, 'question'>[] => {
  const { required, rows, min = SCALE.min, max = SCALE.max } = question;
  const [lines, choices, isScale] = [linesOf(question), choicesOf(question), rows === undefined];
  if (typeof answer !== 'object' || Array.isArray(answer)) return [{ message: isScale ? LEVELS_BY_OPTION : OPTIONS_BY_ROW }];
  const chosen: readonly (readonly [string, string | number])[] = Object.entries(answer);
  const isLine = (row: string): boolean => lines.some(({ id }) => id === row);
  const isChoice = (choice: string | number): boolean => (typeof choice === 'number') === isScale && choices.includes(String(choice));
  return [
    ...chosen.filter(([row]) => !isLine(row)).map(([row]) => ({ row, message: { 'zh-CN': '没有这一行', en: 'is no row here' } })),
    ...chosen
      .filter(([row, choice]) => isLine(row) && !isChoice(choice))
      .map(([row]) => ({ row, message: isScale ? wholeFrom(min, max) : NO_OPTION })),
    // Who is asked about every line is asked about every line; else one at least, or it is no answer.
    ...(required ? lines.filter(({ id }) => !chosen.some(([row]) => row === id)).map(({ id: row }) => ({ row, message: REQUIRED })) : []),
    ...(chosen.length === 0 && !required ? [{ message: { 'zh-CN': '至少答一行', en: 'must have a row at least' } }] : []),
  ];
};

const faultsOfAnswer = (question: Question, answer: Answer): readonly Omit<AnswerFault, 'question'>[] => {
  const one = (message: Texts | undefined): readonly Omit<AnswerFault, 'question'>[] => (message === undefined ? [] : [{ message }]);
  switch (question.kind) {
    case 'single':
      return one(question.options?.some(({ id }) => id === answer) === true ? undefined : NO_OPTION);
    case 'multiple':
      return one(multipleFault(question, answer));
    case 'rating':
      return one(isWhole(answer, 1, 5) ? undefined : wholeFrom(1, 5));
    case 'nps':
      return one(isWhole(answer, 0, 10) ? undefined : wholeFrom(0, 10));
    case 'number':
      return one(numberFault(question, answer));
    case 'text':
      return one(textFault(question, answer));
    case 'date':
      return one(
        typeof answer === 'string' && isDay(answer)
          ? undefined
          : { 'zh-CN': '应为日期，如 2026-11-24', en: 'must be a day, as 2026-11-24' },
      );
    case 'matrix':
      return matrixFaults(question, answer);
  }
};

/** Who chose none of several has not answered: an empty list is none. */
export const given = (questions: readonly Question[], answers: Answers): Answers => {
  const several = new Set(questions.flatMap(({ id, kind }) => (kind === 'multiple' ? [id] : [])));
  return Object.fromEntries(
    Object.entries(answers).filter(([id, answer]) => !(several.has(id) && Array.isArray(answer) && answer.length === 0)),
  );
};

/** Everything that is wrong: what is no question, what is not asked of who answers so, what is missing, what does not fit. */
export const faultsOfAnswers = (questions: readonly Question[], answers: Answers): readonly AnswerFault[] => {
  const asked = shown(questions, answers);
  return [
    ...Object.keys(answers)
      .filter((id) => !questions.some((question) => question.id === id))
      .map((question) => ({ question, message: { 'zh-CN': '没有这道题', en: 'is no question here' } })),
    ...questions.flatMap((question): AnswerFault[] => {
      const answer = answers[question.id];
      if (!asked.includes(question))
        return answer === undefined
          ? []
          : [{ question: question.id, message: { 'zh-CN': '按前面的回答不应作答此题', en: 'is not asked of who answers so' } }];
      if (answer === undefined) return question.required ? [{ question: question.id, message: REQUIRED }] : [];
      return faultsOfAnswer(question, answer).map((fault) => ({ question: question.id, ...fault }));
    }),
  ];
};

const NUMBER_LENGTH = 25;
const DAY_LENGTH = 10;
/** A unit of UTF-16 is 3 bytes of UTF-8 at most, and no more where JSON writes it with a backslash. */
const BYTES_OF_UNIT = 3;
const QUOTED = 2;
const SEPARATORS = 2;

const longest = (ids: readonly string[]): number => Math.max(0, ...ids.map((id) => id.length));
const together = (ids: readonly string[], each: number): number => ids.reduce((sum, id) => sum + id.length + each, 0);

/** Bytes of the longest answer that a question may get, as JSON. */
const mostBytes = (question: Question): number => {
  const { kind, max = MOST_TEXT.unlessSaid } = question;
  const choices = choicesOf(question);
  switch (kind) {
    case 'single':
      return longest(choices) + QUOTED;
    case 'multiple':
      return together(choices, QUOTED + SEPARATORS) + QUOTED;
    case 'rating':
    case 'nps':
      return 2;
    case 'number':
      return NUMBER_LENGTH;
    case 'date':
      return DAY_LENGTH + QUOTED;
    case 'text':
      return max * BYTES_OF_UNIT + QUOTED;
    case 'matrix':
      return (
        together(
          linesOf(question).map(({ id }) => id),
          longest(choices) + 2 * QUOTED + SEPARATORS,
        ) + QUOTED
      );
  }
};

/** A response in words of its own; what is sealed. */
export const packed = ({ answers, community, channel }: Response): string => JSON.stringify({ answers, community, channel });
/** Only what {@link packed} made is ever sealed, so its shape is ours. */
export const unpacked = (text: string): Response => JSON.parse(text) as Response;

const NOBODYS: Response = {
  answers: {},
  community: '000000000000' as DivisionCode,
  channel: RESPONSE_CHANNELS.reduce((a, b) => (b.length > a.length ? b : a)),
};

/** Bytes of the longest response that a questionnaire allows: every one is padded to so many. */
export const mostSealed = (questions: readonly Question[]): number =>
  questions.reduce((sum, question) => sum + question.id.length + QUOTED + SEPARATORS + mostBytes(question), packed(NOBODYS).length);
