/** Figures, months and moments as a reader of that language writes them. */
import type { Language } from '../../kernel/texts.ts';
import type { Unit } from '../indicator.ts';
import type { DashboardFigure, DashboardStatus } from './data.ts';
import { DASHBOARD_WORDS, type Words } from './words.ts';

interface Formats {
  readonly words: Words;
  readonly count: (count: number) => string;
  readonly value: (value: number, unit: Unit) => string;
  /** Short, for a chart's axis and for a target: no decimal that says nothing. */
  readonly round: (value: number, unit: Unit) => string;
  /** `2026年10月`, `October 2026`; of `2026-10`. */
  readonly month: (month: string) => string;
  /** `10月`, `Oct`. */
  readonly shortMonth: (month: string) => string;
  /** `2026年`, `2026`. */
  readonly year: (month: string) => string;
  /** A moment in RFC 3339 as a day and a time in Shanghai. */
  readonly moment: (instant: string) => string;
}

const FEN_PER_YUAN = 100;

const newFormats = (language: Language): Formats => {
  const words = DASHBOARD_WORDS[language];
  const numbers = (options: Intl.NumberFormatOptions): ((number: number) => string) => {
    const format = new Intl.NumberFormat(language, options);
    return (number) => format.format(number);
  };
  // A month has no time zone: its name is asked for in that in which it was parsed.
  const ofMonth = (options: Intl.DateTimeFormatOptions): ((month: string) => string) => {
    const format = new Intl.DateTimeFormat(language, { ...options, timeZone: 'UTC' });
    return (month) => format.format(new Date(`${month}-01T00:00:00Z`));
  };
  const count = numbers({ maximumFractionDigits: 2 });
  const rate = numbers({ style: 'percent', minimumFractionDigits: 1, maximumFractionDigits: 1 });
  const yuan = numbers({ minimumFractionDigits: 2, maximumFractionDigits: 2 });
  const roundRate = numbers({ style: 'percent', maximumFractionDigits: 1 });
  const roundNumber = numbers({ notation: 'compact', maximumFractionDigits: 1 });
  const moment = new Intl.DateTimeFormat(language, { dateStyle: 'long', timeStyle: 'short', hourCycle: 'h23', timeZone: 'Asia/Shanghai' });
  return {
    words,
    count,
    value: (value, unit) =>
      ({ ratio: () => rate(value), count: () => count(value), fen: () => words.yuan(yuan(value / FEN_PER_YUAN)) })[unit](),
    round: (value, unit) =>
      ({ ratio: () => roundRate(value), count: () => roundNumber(value), fen: () => words.yuan(roundNumber(value / FEN_PER_YUAN)) })[
        unit
      ](),
    month: ofMonth({ year: 'numeric', month: 'long' }),
    shortMonth: ofMonth({ month: 'short' }),
    year: ofMonth({ year: 'numeric' }),
    moment: (instant) => moment.format(new Date(instant)),
  };
};

const made = new Map<Language, Formats>();

/** Made when first asked for: a cold start needs one language, and Intl takes its time. */
export const formatsOf = (language: Language): Formats => {
  const formats = made.get(language) ?? newFormats(language);
  made.set(language, formats);
  return formats;
};

export type { Formats };

/** Why there is no value, as keys of the words: in short, and said in full with `Means`. */
type Reason = 'small' | 'secondary' | 'later' | 'none';

/** What is neither there nor suppressed has no denominator, or waits for the month to be final and then comes without its parts. */
export const reasonOf = (figure: DashboardFigure, unit: Unit, status: DashboardStatus): Reason =>
  figure.suppressed ?? (status === 'provisional' && unit === 'ratio' && figure.denominator === null ? 'later' : 'none');

/** `1,245 项中有 1,200 项`; undefined for what has no parts, or hides them. */
export const partsOf = ({ numerator, denominator }: DashboardFigure, unit: Unit, { words, count }: Formats): string | undefined =>
  unit !== 'ratio' || numerator === null || denominator === null ? undefined : words.ofWhole(count(numerator), count(denominator));
