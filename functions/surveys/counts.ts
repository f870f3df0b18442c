/**
 * What is kept of many responses to make results of: counts alone, that add up in any order. Plain JSON, so that they can be stored as they are.
 *
 * However many answer whatever, they stay small: values of numbers, and days, are told apart only as finely as there is room for.
 */
import type { Answer, Answers, Question } from './question.ts';
import { sixDecimals } from '../kernel/decimals.ts';
import { shown } from './shown.ts';
import type { Frequency } from './statistics.ts';

/** By an option's id, a level or a value; what is not there is nobody. */
export type Tally = Readonly<Record<string, number>>;

/** Values of a `number`, in equal bins. */
export interface Values {
  /** A bin is 0.01 × 2^level wide: with 0, as long as there is room, each value to two decimals is told from every other. */
  readonly level: number;
  /** By the bin's number, whose first value is that many times its width. */
  readonly bins: Tally;
  /** All values, in hundredths, exactly: an integer that may be beyond what a number holds. */
  readonly sum: string;
}

/** Answers to a `date`. */
export interface Days {
  readonly earliest?: string | undefined;
  readonly latest?: string | undefined;
  /** So much of a day is told: 7 characters are its month, 4 its year, 3 its decade, 2 its century. */
  readonly digits: number;
  readonly periods: Tally;
}

export interface QuestionCounts {
  /** Who answered it. */
  readonly n: number;
  /** Of `single`, `multiple`, `rating` and `nps`. */
  readonly options?: Tally | undefined;
  /** Of a `matrix`, by row. */
  readonly rows?: Readonly<Record<string, Tally>> | undefined;
  readonly values?: Values | undefined;
  readonly days?: Days | undefined;
}

/** Always of every question of its survey. */
export interface Counts {
  /** Responses. */
  readonly n: number;
  readonly questions: Readonly<Record<string, QuestionCounts>>;
}

const HUNDREDTHS = 100;
/** A greater number counts as this one, so that no answer can be too great to be counted. */
const FURTHEST = 1e12;

/**
 * So many bins a question may have, and all `number` questions of a survey together: an entry takes at most 24 bytes in DynamoDB, which makes
 * 96 KB. One or two such questions have the 2,000 each.
 */
const BINS = { each: 2000, together: 4000 };
/** The same for `date`, of at most 15 bytes: 100 centuries are the fewest there can be, and fifty such questions 75 KB. */
const PERIODS = { each: 600, together: 4000, least: 100 };
const DIGITS = [7, 4, 3, 2] as const;

const countOf = (tally: Tally): number => Object.keys(tally).length;

/** Adds up tallies whose keys become other ones. */
const addUp = (tallies: readonly Tally[], keyOf: (key: string) => string = (key) => key): Tally => {
  const sums = new Map<string, number>();
  for (const tally of tallies) for (const [key, count] of Object.entries(tally)) sums.set(keyOf(key), (sums.get(keyOf(key)) ?? 0) + count);
  return Object.fromEntries(sums);
};

/** As fine as there is room for: which level that is depends on the values alone, not on the order in which they came. */
const mergeValues = (a: Values, b: Values, room: number): Values => {
  let level = Math.max(a.level, b.level);
  const at = ({ bins, level: from }: Values): Tally => addUp([bins], (bin) => String(Math.floor(Number(bin) / 2 ** (level - from))));
  let bins = addUp([at(a), at(b)]);
  for (; countOf(bins) > room; level++) bins = addUp([bins], (bin) => String(Math.floor(Number(bin) / 2)));
  return { level, bins, sum: String(BigInt(a.sum) + BigInt(b.sum)) };
};

const mergeDays = (a: Days, b: Days, room: number): Days => {
  const [earliest] = [a.earliest, b.earliest].filter((day) => day !== undefined).toSorted();
  const latest = [a.latest, b.latest]
    .filter((day) => day !== undefined)
    .toSorted()
    .at(-1);
  for (const digits of DIGITS) {
    if (digits > Math.min(a.digits, b.digits)) continue;
    const periods = addUp([a.periods, b.periods], (period) => period.slice(0, digits));
    if (countOf(periods) <= room || digits === DIGITS.at(-1))
      return { ...(earliest === undefined ? {} : { earliest, latest }), digits, periods };
  }
  throw new Error(`days are told by ${a.digits} and ${b.digits} characters`);
};

const mergeRows = (a: Readonly<Record<string, Tally>>, b: Readonly<Record<string, Tally>>): Readonly<Record<string, Tally>> =>
  Object.fromEntries([...new Set([...Object.keys(a), ...Object.keys(b)])].map((row) => [row, addUp([a[row] ?? {}, b[row] ?? {}])]));

interface Room {
  readonly bins: number;
  readonly periods: number;
}

const roomIn = (questions: readonly QuestionCounts[]): Room => {
  const [numbers, dates] = [questions.filter(({ values }) => values).length, questions.filter(({ days }) => days).length];
  return {
    bins: Math.min(BINS.each, Math.floor(BINS.together / numbers)),
    periods: Math.max(PERIODS.least, Math.min(PERIODS.each, Math.floor(PERIODS.together / dates))),
  };
};

const mergeQuestion = (a: QuestionCounts, b: QuestionCounts, room: Room): QuestionCounts => ({
  n: a.n + b.n,
  ...(a.options && b.options && { options: addUp([a.options, b.options]) }),
  ...(a.rows && b.rows && { rows: mergeRows(a.rows, b.rows) }),
  ...(a.values && b.values && { values: mergeValues(a.values, b.values, room.bins) }),
  ...(a.days && b.days && { days: mergeDays(a.days, b.days, room.periods) }),
});

const NO_VALUES: Values = { level: 0, bins: {}, sum: '0' };
const NO_DAYS: Days = { digits: DIGITS[0], periods: {} };

const emptyQuestion = ({ kind }: Question): QuestionCounts => {
  switch (kind) {
    case 'single':
    case 'multiple':
    case 'rating':
    case 'nps':
      return { n: 0, options: {} };
    case 'matrix':
      return { n: 0, rows: {} };
    case 'number':
      return { n: 0, values: NO_VALUES };
    case 'date':
      return { n: 0, days: NO_DAYS };
    case 'text':
      return { n: 0 };
  }
};

/** Hundredths, halves up. */
const hundredthsOf = (value: number): number => Math.round(Math.max(-FURTHEST, Math.min(FURTHEST, value)) * HUNDREDTHS) + 0;

const scalar = (answer: Answer): string => (typeof answer === 'object' ? '' : String(answer));

/** One answer; it has been validated, and fits its question's kind. */
const countAnswer = (question: Question, answer: Answer): QuestionCounts => {
  const empty = emptyQuestion(question);
  if (empty.options) {
    const chosen = Array.isArray(answer) ? answer.map(String) : [scalar(answer)];
    return { n: 1, options: addUp(chosen.map((option) => ({ [option]: 1 }))) };
  }
  if (empty.rows) return { n: 1, rows: Object.fromEntries(Object.entries(answer).map(([row, option]) => [row, { [String(option)]: 1 }])) };
  if (empty.values) {
    const hundredths = String(hundredthsOf(Number(answer)));
    return { n: 1, values: { level: 0, bins: { [hundredths]: 1 }, sum: hundredths } };
  }
  if (empty.days) {
    const day = scalar(answer);
    return { n: 1, days: { earliest: day, latest: day, digits: DIGITS[0], periods: { [day.slice(0, DIGITS[0])]: 1 } } };
  }
  return { n: 1 };
};

/** Of nobody. */
export const emptyCounts = (questions: readonly Question[]): Counts => ({
  n: 0,
  questions: Object.fromEntries(questions.map((question) => [question.id, emptyQuestion(question)])),
});

/** With one response more. What is answered without having been asked does not count. */
export const addAnswers = (counts: Counts, questions: readonly Question[], answers: Answers): Counts => {
  const room = roomIn(Object.values(counts.questions));
  const added = shown(questions, answers).flatMap((question): [string, QuestionCounts][] => {
    const [answer, before] = [answers[question.id], counts.questions[question.id]];
    return answer === undefined || before === undefined ? [] : [[question.id, mergeQuestion(before, countAnswer(question, answer), room)]];
  });
  return { n: counts.n + 1, questions: { ...counts.questions, ...Object.fromEntries(added) } };
};

/** Both together; of the same questions. Associative and commutative, to the last bin. */
export const mergeCounts = (a: Counts, b: Counts): Counts => {
  const room = roomIn(Object.values(a.questions));
  const questions = Object.entries(a.questions).map(([id, counts]): [string, QuestionCounts] => {
    const other = b.questions[id];
    if (other === undefined) throw new Error(`${id} is counted here and not there: these are counts of two surveys`);
    return [id, mergeQuestion(counts, other, room)];
  });
  return { n: a.n + b.n, questions: Object.fromEntries(questions) };
};

/** How often each value was given; where values are told apart by bins only, the middle of its bin stands for each. */
export const frequenciesOf = ({ level, bins }: Values): readonly Frequency[] => {
  const width = 2 ** level;
  return Object.entries(bins).map(([bin, count]): Frequency => [(Number(bin) * width + (width - 1) / 2) / HUNDREDTHS, count]);
};

/** The mean of `n` values, at least one; of bins too it is that of the values themselves. */
export const meanOf = ({ sum }: Values, n: number): number => sixDecimals(Number(sum) / HUNDREDTHS / n);
