/** Questions of a survey, and answers to them. Pure. */
import type { Texts } from '../kernel/texts.ts';

export const QUESTION_KINDS = ['single', 'multiple', 'rating', 'nps', 'text', 'number', 'date', 'matrix'] as const;
export type QuestionKind = (typeof QUESTION_KINDS)[number];

export interface Option {
  readonly id: string;
  readonly text: Texts;
}

export interface Question {
  readonly id: string;
  readonly kind: QuestionKind;
  readonly text: Texts;
  /** Of `single` and `multiple`; the columns of a `matrix` with rows, or else its lines. */
  readonly options?: readonly Option[] | undefined;
  /** The lines of a `matrix`, each answered with one of its options; without them, each option is answered with a level from `min` to `max`. */
  readonly rows?: readonly Option[] | undefined;
  /** Of a `number` its bounds; of `multiple` how many; of `text` how many characters; of a `matrix` without rows its levels. */
  readonly min?: number | undefined;
  readonly max?: number | undefined;
  readonly required: boolean;
  /** The question that the satisfaction rate is made of: a `rating`, one in a survey at most. */
  readonly satisfaction?: boolean | undefined;
  /** Asked only of whom an earlier question was answered by with one of these: ids of options, or levels in text. */
  readonly showIf?: { readonly question: string; readonly in: readonly string[] } | undefined;
}

/**
 * By kind: `single` an option's id; `multiple` ids without repetition; `rating` 1 to 5; `nps` 0 to 10; `text`; `number`; `date` a day; `matrix` an
 * option's id by row, or without rows a level by option.
 */
export type Answer = string | readonly string[] | number | Readonly<Record<string, string | number>>;
/** By the question's id. */
export type Answers = Readonly<Record<string, Answer>>;

/** Characters of a `text`: where its question says nothing, and whatever it says. */
export const MOST_TEXT = { unlessSaid: 1000, ever: 2000 };
/** A `number` is no further from zero, and has no more decimals: so counts hold it exactly. */
export const NUMBERS = { furthest: 1e9, decimals: 2 };

const levels = (from: number, to: number): readonly string[] => Array.from({ length: to - from + 1 }, (_, index) => String(from + index));
/** From the worst to the best, as they are named in counts and conditions. */
const RATING_LEVELS = levels(1, 5);
const NPS_LEVELS = levels(0, 10);
/** Levels of a `matrix` without rows, unless said. */
export const SCALE = { min: 1, max: 5 };

/** The lines of a `matrix`. */
export const linesOf = ({ kind, options = [], rows = options }: Question): readonly Option[] => (kind === 'matrix' ? rows : []);

/** What can be chosen, once or on each line: ids of options, or levels in text, from the lowest. */
export const choicesOf = ({ kind, options = [], rows, min = SCALE.min, max = SCALE.max }: Question): readonly string[] => {
  if (kind === 'rating') return RATING_LEVELS;
  if (kind === 'nps') return NPS_LEVELS;
  return kind === 'matrix' && rows === undefined ? levels(min, max) : options.map(({ id }) => id);
};

/** How an answer came in. */
export const RESPONSE_CHANNELS = ['app', 'web', 'phone', 'paper'] as const;
export type ResponseChannel = (typeof RESPONSE_CHANNELS)[number];
