/**
 * Results of a survey, as anybody may see them: of the whole, and of its groups as far as they tell of nobody. Fewer than 5 answers are never
 * shown, nor what would give them away.
 *
 * The levels are two, the whole and its groups, so what is hidden is found among the groups alone: first which of them, by how many responded,
 * and then question by question and row by row, for somebody may have left one out, or not have been asked.
 */
import { isSmall, suppressParts, type Suppressed } from '../kernel/suppression.ts';
import { frequenciesOf, meanOf, type Counts, type QuestionCounts, type Tally } from './counts.ts';
import { choicesOf, linesOf, type Question, type QuestionKind } from './question.ts';
import { mean, median, netPromoterScore, share, wilson, type Frequency } from './statistics.ts';

/** Of those who answered the question, or the row: a fraction with its 95 % interval; null where nobody did. */
export interface OptionResult {
  readonly id: string;
  readonly count: number;
  readonly share: number | null;
  readonly low: number | null;
  readonly high: number | null;
}

/** What is hidden has neither `n` nor options nor figures. */
export interface RowResult {
  readonly id: string;
  readonly n?: number;
  readonly options?: readonly OptionResult[];
  /** Of levels. */
  readonly mean?: number | undefined;
  readonly suppressed?: Suppressed;
}

export interface QuestionResult {
  readonly id: string;
  readonly kind: QuestionKind;
  readonly n?: number;
  /** In the question's order; levels of `rating` and `nps` from the lowest; periods of a `date` by time, of the whole only. */
  readonly options?: readonly OptionResult[];
  /** Of a `matrix`. */
  readonly rows?: readonly RowResult[];
  readonly mean?: number;
  readonly median?: number;
  readonly nps?: number;
  readonly suppressed?: Suppressed;
}

export interface GroupResult {
  readonly key: string;
  readonly suppressed?: Suppressed;
  readonly responses?: number;
  /** Without those that fewer than 5 answered in all. */
  readonly questions?: readonly QuestionResult[];
}

export interface Results {
  readonly responses?: number;
  /** All of it, for fewer than 5 responded. */
  readonly suppressed?: Suppressed;
  readonly questions: readonly QuestionResult[];
  readonly by?: Readonly<Record<string, readonly GroupResult[]>>;
}

/** Counts by the group's key. */
export type Groups = ReadonlyMap<string, Counts>;

const sumOf = (tally: Tally): number => Object.values(tally).reduce((sum, count) => sum + count, 0);

/** Something that was answered by `n`, who chose among the same: a question, or a row of one. */
interface Choice {
  readonly row?: string;
  readonly n: number;
  readonly chosen: Tally;
}

const choicesIn = (question: Question, counts: QuestionCounts): readonly Choice[] => {
  if (counts.options) return [{ n: counts.n, chosen: counts.options }];
  const { rows: byRow } = counts;
  if (!byRow) return [];
  return linesOf(question).map(({ id }) => ({ row: id, n: sumOf(byRow[id] ?? {}), chosen: byRow[id] ?? {} }));
};

const optionResult = (id: string, count: number, n: number): OptionResult =>
  n === 0 ? { id, count, share: null, low: null, high: null } : { id, count, share: share(count, n), ...wilson(count, n) };

const optionResults = (ids: readonly string[], { n, chosen }: Choice): readonly OptionResult[] =>
  ids.map((id) => optionResult(id, chosen[id] ?? 0, n));

const frequenciesIn = (chosen: Tally): readonly Frequency[] =>
  Object.entries(chosen).map(([level, count]): Frequency => [Number(level), count]);

const figuresOf = (kind: QuestionKind, counts: QuestionCounts): Pick<QuestionResult, 'mean' | 'median' | 'nps'> => {
  const { n, options = {}, values } = counts;
  const chosen = frequenciesIn(options);
  if (n === 0) return {};
  if (kind === 'nps') return { nps: netPromoterScore(chosen) };
  if (kind === 'rating') return { mean: mean(chosen), median: median(chosen) };
  return values ? { mean: meanOf(values, n), median: median(frequenciesOf(values)) } : {};
};

const countsOf = ({ questions }: Counts, { id }: Question): QuestionCounts => {
  const counts = questions[id];
  if (counts === undefined) throw new Error(`${id} is not counted: these are counts of another survey`);
  return counts;
};

/** By row of a matrix, in which groups it is hidden. */
type HiddenRows = ReadonlyMap<string, ReadonlyMap<string, Suppressed>>;

const rowResults = (question: Question, counts: QuestionCounts, labelOf: (row: Choice) => Suppressed | undefined): readonly RowResult[] =>
  choicesIn(question, counts).map((choice): RowResult => {
    const { row: id = '', n, chosen } = choice;
    const suppressed = labelOf(choice);
    const figures = question.rows === undefined && n > 0 ? { mean: mean(frequenciesIn(chosen)) } : {};
    return suppressed === undefined ? { id, n, options: optionResults(choicesOf(question), choice), ...figures } : { id, suppressed };
  });

const questionResult = (
  question: Question,
  counts: QuestionCounts,
  labelOf: (row: Choice) => Suppressed | undefined,
  periods: readonly (readonly [string, number])[] = [],
): QuestionResult => {
  const { id, kind } = question;
  const figures = { id, kind, n: counts.n, ...figuresOf(kind, counts) };
  if (kind === 'matrix') return { ...figures, options: [], rows: rowResults(question, counts, labelOf) };
  const chosen = choicesIn(question, counts).flatMap((choice) => optionResults(choicesOf(question), choice));
  return { ...figures, options: [...chosen, ...periods.map(([period, count]) => optionResult(period, count, counts.n))] };
};

const wholeResult = (question: Question, counts: QuestionCounts): QuestionResult => {
  if (isSmall(counts.n)) return { id: question.id, kind: question.kind, suppressed: 'small' };
  const periods = Object.entries(counts.days?.periods ?? {}).toSorted(([a], [b]) => (a < b ? -1 : 1));
  return questionResult(question, counts, ({ n }) => (isSmall(n) ? 'small' : undefined), periods);
};

const hiddenIn = (groups: Groups, sizeOf: (counts: Counts) => number, also: Iterable<string> = []): ReadonlyMap<string, Suppressed> =>
  suppressParts(
    [...groups].map(([key, counts]) => ({ key, size: sizeOf(counts) })),
    also,
  );

/** In which groups each row is hidden, beside those in which the question is; everywhere where the whole survey shows nothing of it. */
const hiddenRows = (question: Question, whole: Counts, groups: Groups, also: ReadonlyMap<string, Suppressed>): HiddenRows =>
  new Map(
    choicesIn(question, countsOf(whole, question)).flatMap(({ row, n }, place): [string, ReadonlyMap<string, Suppressed>][] => {
      if (row === undefined) return [];
      if (isSmall(n)) return [[row, new Map([...groups.keys()].map((key) => [key, 'small']))]];
      const sizeOf = (counts: Counts): number => choicesIn(question, countsOf(counts, question))[place]?.n ?? 0;
      return [[row, hiddenIn(groups, sizeOf, also.keys())]];
    }),
  );

const resultsBy = (questions: readonly Question[], whole: Counts, groups: Groups): readonly GroupResult[] => {
  const sum = [...groups.values()].reduce((total, { n }) => total + n, 0);
  if (sum !== whole.n) throw new Error(`the groups have ${sum} responses, and the whole ${whole.n}`);
  const hidden = hiddenIn(groups, ({ n }) => n);
  const told = questions.flatMap((question) => {
    if (isSmall(countsOf(whole, question).n)) return [];
    const labels = hiddenIn(groups, (counts) => countsOf(counts, question).n, hidden.keys());
    return [{ question, labels, rows: hiddenRows(question, whole, groups, labels) }];
  });
  return [...groups]
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, counts]): GroupResult => {
      const suppressed = hidden.get(key);
      if (suppressed !== undefined) return { key, suppressed };
      const results = told.map(({ question, labels, rows }): QuestionResult => {
        const label = labels.get(key);
        if (label !== undefined) return { id: question.id, kind: question.kind, suppressed: label };
        // Without days, which would tell of single ones.
        return questionResult(question, countsOf(counts, question), ({ row = '' }) => rows.get(row)?.get(key));
      });
      return { key, responses: counts.n, questions: results };
    });
};

/**
 * The results of a survey. `by` names ways of grouping (`community`, `channel`), each with the counts of all its groups, which add up to the
 * `whole`; of fewer than 5 responses none is named.
 */
export const resultsOf = (questions: readonly Question[], whole: Counts, by: Readonly<Record<string, Groups>> = {}): Results => {
  const isHidden = isSmall(whole.n);
  const grouped = Object.entries(by).map(([way, groups]) => [way, isHidden ? [] : resultsBy(questions, whole, groups)] as const);
  const ways = grouped.length === 0 ? {} : { by: Object.fromEntries(grouped) };
  if (isHidden) return { suppressed: 'small', questions: [], ...ways };
  const results = questions.map((question) => wholeResult(question, countsOf(whole, question)));
  return { responses: whole.n, questions: results, ...ways };
};

/**
 * The results of a survey that goes on. Whoever looks again sees what has come in between, which are twenty answers or more to what
 * everybody must answer, and perhaps a single one to what not everybody is asked, or answers: of that nothing is said before the end.
 */
export const liveResultsOf = (questions: readonly Question[], counts: Counts): Results => {
  const results = resultsOf(questions, counts);
  const told = new Set(questions.flatMap(({ id, required, showIf }) => (required && showIf === undefined ? [id] : [])));
  return {
    ...results,
    questions: results.questions.map((result): QuestionResult =>
      told.has(result.id) ? result : { id: result.id, kind: result.kind, suppressed: 'secondary' },
    ),
  };
};
