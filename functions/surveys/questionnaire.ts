/** What a questionnaire must be, beyond the shape of each question. Pure. */
import type { Texts } from '../kernel/texts.ts';
import { choicesOf, linesOf, MOST_TEXT, SCALE, type Question } from './question.ts';
import { mostSealed } from './answers.ts';

/** A fault of a questionnaire and where: `3.showIf.question`, beside the questions themselves. */
export interface QuestionFault {
  readonly path: string;
  readonly message: Texts;
}

/** An item of DynamoDB has 400 KB, and a transaction of the tally holds 90 answers, sealed and opened, in 4 MB. */
const MOST_BYTES = { questions: 100_000, answers: 24_000 };
/** A level of a `matrix` is at most this, and at least 0. */
const HIGHEST = 10;
/** Cells that are counted together: options or levels, line by line of a matrix. The results of a group have some 100 bytes for each. */
const MOST_CELLS = 1000;

const bytesOf = (value: unknown): number => new TextEncoder().encode(JSON.stringify(value)).length;

const needsOptions = ({ kind }: Question): boolean => kind === 'single' || kind === 'multiple' || kind === 'matrix';
/** A matrix that asks for levels, not for options. */
const isScale = ({ kind, rows }: Question): boolean => kind === 'matrix' && rows === undefined;
const takesBounds = (question: Question): boolean => {
  const { kind } = question;
  return kind === 'multiple' || kind === 'text' || kind === 'number' || isScale(question);
};

/** What may be asked for in `showIf`: ids of options, levels in text; undefined where the kind has no such values. */
const valuesOf = (question: Question): readonly string[] | undefined =>
  ['single', 'multiple', 'rating', 'nps'].includes(question.kind) ? choicesOf(question) : undefined;

const repeated = (ids: readonly string[]): readonly number[] => ids.flatMap((id, index) => (ids.indexOf(id) < index ? [index] : []));

const TWICE = { 'zh-CN': '编号重复', en: 'is an id that was given before' };
const NONE_HERE = { 'zh-CN': '该题型没有此字段', en: 'is nothing that a question of this kind has' };

/** A rating and a promoter score have bounds of their own, which may be said. */
const faultsOfOwnBounds = (question: Question): readonly QuestionFault[] => {
  const own = choicesOf(question).map(Number);
  return (
    [
      ['min', own[0]],
      ['max', own.at(-1)],
    ] as const
  ).flatMap(([path, bound]) =>
    question[path] === undefined || question[path] === bound
      ? []
      : [{ path, message: { 'zh-CN': `该题型固定为 ${bound}`, en: `is always ${bound} of a question of this kind` } }],
  );
};

const faultsOfBounds = (question: Question): readonly QuestionFault[] => {
  const { kind, min, max, options = [] } = question;
  if (kind === 'rating' || kind === 'nps') return faultsOfOwnBounds(question);
  if (!takesBounds(question))
    return (['min', 'max'] as const).filter((name) => question[name] !== undefined).map((path) => ({ path, message: NONE_HERE }));
  const most = kind === 'multiple' ? options.length : kind === 'text' ? MOST_TEXT.ever : kind === 'matrix' ? HIGHEST : undefined;
  const isWrong = (bound: number | undefined): boolean =>
    bound !== undefined && most !== undefined && !(Number.isInteger(bound) && bound >= 0 && bound <= most);
  const range = { 'zh-CN': `应为 0 到 ${most} 的整数`, en: `must be a whole number from 0 to ${most}` };
  return [
    ...(isWrong(min) ? [{ path: 'min', message: range }] : []),
    ...(isWrong(max) || (max === 0 && most !== undefined) ? [{ path: 'max', message: range }] : []),
    ...(isScale(question) && (min ?? SCALE.min) >= (max ?? SCALE.max)
      ? [{ path: max === undefined ? 'min' : 'max', message: { 'zh-CN': 'min 应小于 max', en: 'must leave two levels at least' } }]
      : []),
    ...(!isScale(question) && min !== undefined && max !== undefined && min > max
      ? [{ path: 'max', message: { 'zh-CN': '不能小于 min', en: 'must not be less than min' } }]
      : []),
  ];
};

const faultsOfOptions = (question: Question): readonly QuestionFault[] => {
  const { kind, options, rows } = question;
  const required = { 'zh-CN': '必填', en: 'is required' };
  const wanted = { options: needsOptions(question), rows: false };
  const taken = { ...wanted, rows: kind === 'matrix' };
  return (['options', 'rows'] as const).flatMap((name) => {
    const given = { options, rows }[name];
    if (given === undefined) return wanted[name] ? [{ path: name, message: required }] : [];
    if (!taken[name]) return [{ path: name, message: NONE_HERE }];
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

/** As it is sent: levels to hang on may be numbers. */
interface QuestionInput extends Omit<Question, 'showIf'> {
  readonly showIf?: { readonly question: string; readonly in: readonly (string | number)[] } | undefined;
}

/** As it is kept: levels as text, and of a text no more asked for than can be answered. */
export const questionFrom = ({ showIf, max, ...question }: QuestionInput): Question => ({
  ...question,
  ...(max === undefined ? {} : { max: question.kind === 'text' ? Math.min(max, MOST_TEXT.ever) : max }),
  ...(showIf === undefined ? {} : { showIf: { question: showIf.question, in: showIf.in.map(String) } }),
});

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
  // What is wrong by itself is not measured.
  if (twice.length + faults.length > 0) return [...twice, ...faults];
  const cells = questions.reduce((sum, question) => sum + choicesOf(question).length * Math.max(1, linesOf(question).length), 0);
  const isLong = bytesOf(questions) > MOST_BYTES.questions || cells > MOST_CELLS;
  const isWide = mostSealed(questions) > MOST_BYTES.answers;
  return [
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
