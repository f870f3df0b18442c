/**
 * What is kept of many responses to make results of: counts alone, to which more can be added in any order. Plain JSON, so that they can be stored as they are.
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

/** A question's counts while they are added to: in place, since copying all of them for each answer makes counting quadratic. */
interface Counter {
  n: number;
  readonly options?: Map<string, number> | undefined;
  readonly rows?: Map<string, Map<string, number>> | undefined;
  readonly values?: { level: number; bins: Map<number, number>; sum: bigint } | undefined;
  readonly days?: { earliest?: string | undefined; latest?: string | undefined; digits: number; periods: Map<string, number> } | undefined;
}

const tallyFrom = (tally: Tally): Map<string, number> => new Map(Object.entries(tally));

const counterFrom = ({ n, options, rows, values, days }: QuestionCounts): Counter => ({
  n,
  ...(options && { options: tallyFrom(options) }),
  ...(rows && { rows: new Map(Object.entries(rows).map(([row, tally]) => [row, tallyFrom(tally)])) }),
  ...(values && {
    values: {
      level: values.level,
      bins: new Map(Object.entries(values.bins).map(([bin, count]) => [Number(bin), count])),
      sum: BigInt(values.sum),
    },
  }),
  ...(days && { days: { ...days, periods: tallyFrom(days.periods) } }),
});

const countsFrom = ({ n, options, rows, values, days }: Counter): QuestionCounts => ({
  n,
  ...(options && { options: Object.fromEntries(options) }),
  ...(rows && { rows: Object.fromEntries([...rows].map(([row, tally]) => [row, Object.fromEntries(tally)])) }),
  ...(values && { values: { level: values.level, bins: Object.fromEntries(values.bins), sum: String(values.sum) } }),
  ...(days && {
    days: {
      ...(days.earliest === undefined ? {} : { earliest: days.earliest, latest: days.latest }),
      digits: days.digits,
      periods: Object.fromEntries(days.periods),
    },
  }),
});

const add = <K>(tally: Map<K, number>, key: K, count: number): void => void tally.set(key, (tally.get(key) ?? 0) + count);

/** The same tally with other keys. */
const regrouped = <K>(tally: ReadonlyMap<K, number>, keyOf: (key: K) => K): Map<K, number> => {
  const sums = new Map<K, number>();
  for (const [key, count] of tally) add(sums, keyOf(key), count);
  return sums;
};

/** As fine as there is room for: which level that is depends on the values alone, not on the order in which they came. */
const coarsenValues = (values: NonNullable<Counter['values']>, room: number): void => {
  for (; values.bins.size > room; values.level++) values.bins = regrouped(values.bins, (bin) => Math.floor(bin / 2));
};

const coarsenDays = (days: NonNullable<Counter['days']>, room: number): void => {
  for (const digits of DIGITS) {
    if (days.periods.size <= room) return;
    if (digits >= days.digits) continue;
    days.digits = digits;
    days.periods = regrouped(days.periods, (period) => period.slice(0, digits));
  }
};

const reach = (days: NonNullable<Counter['days']>, day: string): void => {
  if (days.earliest === undefined || day < days.earliest) days.earliest = day;
  if (days.latest === undefined || day > days.latest) days.latest = day;
};

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
const addAnswer = (counter: Counter, answer: Answer): void => {
  counter.n += 1;
  const { options, rows, values, days } = counter;
  if (options) for (const option of Array.isArray(answer) ? answer.map(String) : [scalar(answer)]) add(options, option, 1);
  else if (rows)
    for (const [row, option] of Object.entries(answer)) {
      const into = rows.get(row) ?? new Map<string, number>();
      add(into, String(option), 1);
      rows.set(row, into);
    }
  else if (values) {
    const hundredths = hundredthsOf(Number(answer));
    add(values.bins, Math.floor(hundredths / 2 ** values.level), 1);
    values.sum += BigInt(hundredths);
  } else if (days) {
    const day = scalar(answer);
    add(days.periods, day.slice(0, days.digits), 1);
    reach(days, day);
  }
};

/** Of nobody. */
export const emptyCounts = (questions: readonly Question[]): Counts => ({
  n: 0,
  questions: Object.fromEntries(questions.map((question) => [question.id, emptyQuestion(question)])),
});

/** Bins are made coarser once there are so many times what there is room for, and when it is asked for counts. */
const SLACK = 2;

/** Adds up responses to the same questions: so many at so little each, and counts when they are asked for. */
export interface Counting {
  /** One response more. What is answered without having been asked does not count. */
  readonly add: (answers: Answers) => void;
  readonly counts: () => Counts;
}

/** Begins with what has been counted before. In whatever order responses are added, and in how many parts, it comes to the same, to the last bin. */
export const countingFrom = (before: Counts, questions: readonly Question[]): Counting => {
  const counters = new Map(Object.entries(before.questions).map(([id, counts]) => [id, counterFrom(counts)]));
  const room = roomIn(Object.values(before.questions));
  let { n } = before;
  const coarsen = ({ values, days }: Counter, slack: number): void => {
    if (values && values.bins.size > room.bins * slack) coarsenValues(values, room.bins);
    if (days && days.periods.size > room.periods * slack) coarsenDays(days, room.periods);
  };
  return {
    add: (answers) => {
      n += 1;
      for (const { id } of shown(questions, answers)) {
        const [answer, counter] = [answers[id], counters.get(id)];
        if (answer === undefined || counter === undefined) continue;
        addAnswer(counter, answer);
        coarsen(counter, SLACK);
      }
    },
    counts: () => {
      for (const counter of counters.values()) coarsen(counter, 1);
      return { n, questions: Object.fromEntries([...counters].map(([id, counter]) => [id, countsFrom(counter)])) };
    },
  };
};

/** With these responses more. */
export const addAnswers = (counts: Counts, questions: readonly Question[], responses: Iterable<Answers>): Counts => {
  const counting = countingFrom(counts, questions);
  for (const answers of responses) counting.add(answers);
  return counting.counts();
};

/** How often each value was given; where values are told apart by bins only, the middle of its bin stands for each. */
export const frequenciesOf = ({ level, bins }: Values): readonly Frequency[] => {
  const width = 2 ** level;
  return Object.entries(bins).map(([bin, count]): Frequency => [(Number(bin) * width + (width - 1) / 2) / HUNDREDTHS, count]);
};

/** The mean of `n` values, at least one; of bins too it is that of the values themselves. */
export const meanOf = ({ sum }: Values, n: number): number => sixDecimals(Number(sum) / HUNDREDTHS / n);
