/**
 * Results of a survey, as anybody may see them: of the whole, and of its groups as far as they tell of nobody. Fewer than 5 answers are never
 * shown, nor what would give them away.
 *
 * The levels are two, the whole and its groups, so what is hidden is found among the groups alone: first which of them, by how many responded,
 * and then question by question, for somebody may have left one out, or not have been asked.
 */
import { isSmall, suppressParts, type Part, type Suppressed } from '../kernel/suppression.ts';
import { frequenciesOf, meanOf, type Counts, type QuestionCounts, type Tally } from './counts.ts';
import { NPS_LEVELS, RATING_LEVELS, type Question, type QuestionKind } from './question.ts';
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
  /** Without those of which nothing can be said by group. */
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

/** What can be chosen, once or in each row. */
const choicesOf = ({ kind, options = [] }: Question): readonly string[] => {
  if (kind === 'rating') return RATING_LEVELS;
  return kind === 'nps' ? NPS_LEVELS : options.map(({ id }) => id);
};

const sumOf = (tally: Tally): number => Object.values(tally).reduce((sum, count) => sum + count, 0);

/** Something that was answered by `n`, who chose among the same: a question, or a row of one. */
interface Choice {
  readonly row?: string;
  readonly n: number;
  readonly chosen: Tally;
}

const choicesIn = ({ rows = [] }: Question, counts: QuestionCounts): readonly Choice[] => {
  if (counts.options) return [{ n: counts.n, chosen: counts.options }];
  const { rows: byRow } = counts;
  if (!byRow) return [];
  return rows.map(({ id }) => ({ row: id, n: sumOf(byRow[id] ?? {}), chosen: byRow[id] ?? {} }));
};

const optionResult = (id: string, count: number, n: number): OptionResult =>
  n === 0 ? { id, count, share: null, low: null, high: null } : { id, count, share: share(count, n), ...wilson(count, n) };

const optionResults = (ids: readonly string[], { n, chosen }: Choice): readonly OptionResult[] =>
  ids.map((id) => optionResult(id, chosen[id] ?? 0, n));

const figuresOf = (kind: QuestionKind, counts: QuestionCounts): Pick<QuestionResult, 'mean' | 'median' | 'nps'> => {
  const { n, options = {}, values } = counts;
  const chosen = Object.entries(options).map(([level, count]): Frequency => [Number(level), count]);
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

/** A row of which the whole survey shows nothing is shown of no group either. */
const questionResult = (question: Question, counts: QuestionCounts, whole: QuestionCounts): QuestionResult => {
  const { id, kind } = question;
  const ids = choicesOf(question);
  const figures = { id, kind, n: counts.n, ...figuresOf(kind, counts) };
  const choices = choicesIn(question, counts);
  if (kind === 'matrix') {
    const hidden = new Set(choicesIn(question, whole).flatMap(({ row, n }) => (isSmall(n) ? [row] : [])));
    const rows = choices.map(({ row = '', ...choice }): RowResult => {
      const result = { id: row, n: choice.n, options: optionResults(ids, choice) };
      return hidden.has(row) ? { id: row, suppressed: 'small' } : result;
    });
    return { ...figures, options: [], rows };
  }
  // By group, days would tell of single ones.
  const periods = counts === whole ? Object.entries(counts.days?.periods ?? {}) : [];
  const ofDays = periods.toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([period, count]) => optionResult(period, count, counts.n));
  return { ...figures, options: choices.flatMap((choice) => optionResults(ids, choice)).concat(ofDays) };
};

const allOf = (groups: Groups, partOf: (counts: Counts, key: string) => Omit<Part, 'key'>): readonly Part[] =>
  [...groups].map(([key, counts]) => ({ key, ...partOf(counts, key) }));

/** Which groups are hidden; undefined where nothing may be said of any. */
const hiddenGroups = (groups: Groups): ReadonlyMap<string, Suppressed> | undefined =>
  suppressParts(allOf(groups, ({ n }) => ({ numerator: n, denominator: n })));

/**
 * In which groups a question is hidden beside those that are hidden altogether; undefined where nothing may be said of it by group.
 *
 * How many answered is protected, going by that and by how many responded. Of what they chose it is taken to be known how many answered, as it
 * often is: everybody, or those who gave a certain answer before.
 */
const hiddenAnswers = (
  question: Question,
  groups: Groups,
  hidden: ReadonlyMap<string, Suppressed>,
): ReadonlyMap<string, Suppressed> | undefined => {
  const also = new Set(hidden.keys());
  const ids = choicesOf(question);
  const choices = new Map([...groups].map(([key, counts]) => [key, choicesIn(question, countsOf(counts, question))]));
  const isAnsweredByAll = question.required && question.showIf === undefined;
  const sizes = allOf(groups, (counts, key) => {
    const { n } = countsOf(counts, question);
    return { numerator: n, denominator: n, ...(hidden.has(key) ? {} : { most: counts.n }) };
  });

  const [first] = choices.values();
  const places = (first ?? []).map((_, place) => place);
  const at = (key: string, place: number): Choice => choices.get(key)?.[place] ?? { n: 0, chosen: {} };
  const shownPlaces = places.filter((place) => !isSmall([...groups.keys()].reduce((sum, key) => sum + at(key, place).n, 0)));
  for (const key of groups.keys()) if (shownPlaces.some((place) => isSmall(at(key, place).n))) also.add(key);

  for (let before = -1; before < also.size;) {
    before = also.size;
    const found = isAnsweredByAll ? also : suppressParts(sizes, { also })?.keys();
    if (found === undefined) return undefined;
    for (const key of found) also.add(key);
    for (const place of shownPlaces)
      for (const id of ids) {
        const parts = allOf(groups, (_, key) => ({ numerator: at(key, place).chosen[id] ?? 0, denominator: at(key, place).n }));
        for (const key of suppressParts(parts, { denominators: 'published', also })?.keys() ?? []) also.add(key);
      }
  }
  return new Map(
    sizes.flatMap(({ key, denominator }): [string, Suppressed][] =>
      also.has(key) && !hidden.has(key) ? [[key, isSmall(denominator) ? 'small' : 'secondary']] : [],
    ),
  );
};

const resultsBy = (questions: readonly Question[], whole: Counts, groups: Groups): readonly GroupResult[] => {
  const sum = [...groups.values()].reduce((total, { n }) => total + n, 0);
  if (sum !== whole.n) throw new Error(`the groups have ${sum} responses, and the whole ${whole.n}`);
  const hidden = hiddenGroups(groups);
  if (hidden === undefined) return [];
  const told = questions.flatMap((question) => {
    const labels = isSmall(countsOf(whole, question).n) ? undefined : hiddenAnswers(question, groups, hidden);
    return labels === undefined ? [] : [{ question, labels }];
  });
  return [...groups]
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, counts]): GroupResult => {
      const suppressed = hidden.get(key);
      if (suppressed !== undefined) return { key, suppressed };
      const results = told.map(({ question, labels }): QuestionResult => {
        const label = labels.get(key);
        if (label !== undefined) return { id: question.id, kind: question.kind, suppressed: label };
        return questionResult(question, countsOf(counts, question), countsOf(whole, question));
      });
      return { key, responses: counts.n, questions: results };
    });
};

/**
 * The results of a survey. `by` names ways of grouping (`community`, `channel`), each with the counts of all its groups, which add up to the
 * `whole`; a way whose groups would give each other away has none.
 */
export const resultsOf = (questions: readonly Question[], whole: Counts, by: Readonly<Record<string, Groups>> = {}): Results => {
  const isHidden = isSmall(whole.n);
  const grouped = Object.entries(by).map(([way, groups]) => [way, isHidden ? [] : resultsBy(questions, whole, groups)] as const);
  const ways = grouped.length === 0 ? {} : { by: Object.fromEntries(grouped) };
  if (isHidden) return { suppressed: 'small', questions: [], ...ways };
  const results = questions.map((question): QuestionResult => {
    const counts = countsOf(whole, question);
    return isSmall(counts.n) ? { id: question.id, kind: question.kind, suppressed: 'small' } : questionResult(question, counts, counts);
  });
  return { responses: whole.n, questions: results, ...ways };
};
