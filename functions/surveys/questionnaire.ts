/** What a questionnaire must be, beyond the shape of each question. Pure. */
import type { Texts } from '../kernel/texts.ts';
import { MOST_TEXT, NPS_LEVELS, RATING_LEVELS, type Question } from './question.ts';
import { mostSealed } from './answers.ts';

/** A fault of a questionnaire and where: `3.showIf.question`, beside the questions themselves. */
export interface QuestionFault {
  readonly path: string;
  readonly message: Texts;
}

/** An item of DynamoDB has 400 KB, and a transaction of the tally holds 90 answers, sealed and opened, in 4 MB. */
const MOST_BYTES = { questions: 100_000, answers: 24_000 };
/** Cells that are counted together: options, and rows by options. The results of a group have some 100 bytes for each. */
const MOST_CELLS = 1000;

const bytesOf = (value: unknown): number => new TextEncoder().encode(JSON.stringify(value)).length;

const needsOptions = ({ kind }: Question): boolean => kind === 'single' || kind === 'multiple' || kind === 'matrix';
const takesBounds = ({ kind }: Question): boolean => kind === 'multiple' || kind === 'text' || kind === 'number';

/** What may be asked for in `showIf`: ids of options, levels in text; undefined where the kind has no such values. */
const valuesOf = ({ kind, options = [] }: Question): readonly string[] | undefined => {
  switch (kind) {
    case 'single':
    case 'multiple':
      return options.map(({ id }) => id);
    case 'rating':
      return RATING_LEVELS;
    case 'nps':
      return NPS_LEVELS;
    case 'text':
    case 'number':
    case 'date':
    case 'matrix':
      return undefined;
  }
};

const repeated = (ids: readonly string[]): readonly number[] => ids.flatMap((id, index) => (ids.indexOf(id) < index ? [index] : []));

const TWICE = { 'zh-CN': '编号重复', en: 'is an id that was given before' };
const NONE_HERE = { 'zh-CN': '该题型没有此字段', en: 'is nothing that a question of this kind has' };

const faultsOfBounds = (question: Question): readonly QuestionFault[] => {
  const { kind, min, max, options = [] } = question;
  if (!takesBounds(question))
    return (['min', 'max'] as const).filter((name) => question[name] !== undefined).map((path) => ({ path, message: NONE_HERE }));
  const most = kind === 'multiple' ? options.length : kind === 'text' ? MOST_TEXT : undefined;
  const isWrong = (bound: number | undefined): boolean =>
    bound !== undefined && most !== undefined && !(Number.isInteger(bound) && bound >= 0 && bound <= most);
  const range = { 'zh-CN': `应为 0 到 ${most} 的整数`, en: `must be a whole number from 0 to ${most}` };
  return [
    ...(isWrong(min) ? [{ path: 'min', message: range }] : []),
    ...(isWrong(max) || (max === 0 && most !== undefined) ? [{ path: 'max', message: range }] : []),
    ...(min !== undefined && max !== undefined && min > max
      ? [{ path: 'max', message: { 'zh-CN': '不能小于 min', en: 'must not be less than min' } }]
      : []),
  ];
};

const faultsOfOptions = (question: Question): readonly QuestionFault[] => {
  const { kind, options, rows } = question;
  const required = { 'zh-CN': '必填', en: 'is required' };
  const wanted = { options: needsOptions(question), rows: kind === 'matrix' };
  return (['options', 'rows'] as const).flatMap((name) => {
    const given = { options, rows }[name];
    if (given === undefined) return wanted[name] ? [{ path: name, message: required }] : [];
    if (!wanted[name]) return [{ path: name, message: NONE_HERE }];
    return repeated(given.map(({ id }) => id)).map((index) => ({ path: `${name}.${index}.id`, message: TWICE }));
  });
};

const faultsOfCondition = ({ showIf }: Question, before: readonly Question[]): readonly QuestionFault[] => {
  if (showIf === undefined) return [];
  const values = before.filter(({ id }) => id === showIf.question).map(valuesOf)[0];
  if (values === undefined)
    return [
      {
        path: 'showIf.question',
        message: {
          'zh-CN': '应为前面一道单选、多选、评分或 NPS 题的编号',
          en: 'must be the id of an earlier question of kind single, multiple, rating or nps',
        },
      },
    ];
  return showIf.in.flatMap((value, index) =>
    values.includes(value)
      ? []
      : [{ path: `showIf.in.${index}`, message: { 'zh-CN': '该题没有此选项', en: 'is no option of that question' } }],
  );
};

/** Every fault of it, in order; paths beside the list of questions, `''` for the whole of it. */
export const faultsOf = (questions: readonly Question[]): readonly QuestionFault[] => {
  const twice = repeated(questions.map(({ id }) => id)).map((index) => ({ path: `${index}.id`, message: TWICE }));
  const satisfactions = questions.flatMap(({ satisfaction, kind }, index) => (satisfaction === true && kind === 'rating' ? [index] : []));
  const faults = questions.flatMap((question, index) =>
    [
      ...faultsOfOptions(question),
      ...faultsOfBounds(question),
      ...faultsOfCondition(question, questions.slice(0, index)),
      ...(question.satisfaction === true && (question.kind !== 'rating' || index !== satisfactions[0])
        ? [
            {
              path: 'satisfaction',
              message: { 'zh-CN': '满意度题应为评分题，且只能有一道', en: 'goes with one question only, of kind rating' },
            },
          ]
        : []),
    ].map(({ path, message }) => ({ path: `${index}.${path}`, message })),
  );
  const cells = questions.reduce((sum, { options = [], rows = [] }) => sum + options.length * Math.max(1, rows.length), 0);
  const isLong = bytesOf(questions) > MOST_BYTES.questions || cells > MOST_CELLS;
  const isWide = mostSealed(questions) > MOST_BYTES.answers;
  return [
    ...twice,
    ...faults,
    ...(isLong
      ? [
          {
            path: '',
            message: {
              'zh-CN': `问卷过长：文字合计不超过 ${MOST_BYTES.questions} 字节，选项（矩阵为行×列）合计不超过 ${MOST_CELLS} 个`,
              en: `is too long: at most ${MOST_BYTES.questions} bytes of text and ${MOST_CELLS} options, rows by columns of a matrix`,
            },
          },
        ]
      : []),
    ...(isWide
      ? [
          {
            path: '',
            message: {
              'zh-CN': '答案可能过长：请减少问答题，或用 max 限制字数',
              en: 'may be answered at too great a length: ask for fewer texts, or shorter ones by max',
            },
          },
        ]
      : []),
  ];
};
