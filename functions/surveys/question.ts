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
  /** Of `single` and `multiple`; the columns of a `matrix`. */
  readonly options?: readonly Option[] | undefined;
  /** The lines of a `matrix`, each answered with one of its options. */
  readonly rows?: readonly Option[] | undefined;
  /** Of a `number` its bounds; of `multiple` how many; of `text` how many characters. */
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
 * option's id by row.
 */
export type Answer = string | readonly string[] | number | Readonly<Record<string, string>>;
/** By the question's id. */
export type Answers = Readonly<Record<string, Answer>>;

/** Characters of a `text`, where its question asks for no fewer. */
export const MOST_TEXT = 1000;

const levels = (from: number, to: number): readonly string[] => Array.from({ length: to - from + 1 }, (_, index) => String(from + index));
/** From the worst to the best, as they are named in counts and conditions. */
export const RATING_LEVELS = levels(1, 5);
export const NPS_LEVELS = levels(0, 10);

/** How an answer came in. */
export const RESPONSE_CHANNELS = ['app', 'web', 'phone', 'paper'] as const;
export type ResponseChannel = (typeof RESPONSE_CHANNELS)[number];
