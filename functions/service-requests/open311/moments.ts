/** Moments as clients of GeoReport v2 send and read them (W3C-DTF), and the spans of time that lists are asked for. */
import type { FieldError } from '../../http/problem.ts';
import { err, ok, type Result } from '../../kernel/result.ts';
import { DAY, epochMs, parseInstant, plus, type EpochMs, type Instant, SECOND } from '../../kernel/time.ts';

const DATE = /^\d{4}-\d{2}-\d{2}$/;
const WITHOUT_ZONE = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:\.\d+)?$/;
/** The specification's: a list spans 90 days at most, and shows the last 90 where nothing is asked. */
const LONGEST_SPAN_DAYS = 90;
const LONGEST_SPAN = LONGEST_SPAN_DAYS * DAY;

/** A `+` that was not encoded arrives as a space; what has no zone is UTC, and a day begins there. */
const parseMoment = (sent: string): EpochMs | undefined => {
  const text = sent.trim().replace(/ (?=\d{2}:\d{2}$)/, '+');
  if (DATE.test(text)) return parseInstant(`${text}T00:00:00Z`);
  return parseInstant(WITHOUT_ZONE.test(text) ? `${text}Z` : text);
};

/** What was asked, by the names of its parameters. */
type Asked = Readonly<Record<string, unknown>>;

/** In whole seconds: some clients compare them as text. */
export const momentText = (instant: Instant): string => instant.replace(/\.\d{3}Z$/, 'Z');

const WRONG = {
  'zh-CN': '应为带时区的时间，如 2026-11-24T09:00:00+08:00',
  en: 'must be a W3C-DTF moment, as 2026-11-24T09:00:00+08:00',
};

/** A parameter that names a moment; undefined where it is not there, and told where it is none. */
export const momentIn = (parameters: Asked, name: string, errors: FieldError[]): EpochMs | undefined => {
  const sent = parameters[name];
  if (sent === undefined) return undefined;
  const moment = typeof sent === 'string' ? parseMoment(sent) : undefined;
  if (moment === undefined) errors.push({ path: name, message: WRONG });
  return moment;
};

/** Moments are told in whole seconds: one that ends a span ends with its second. */
export const wholeSecond = (moment: EpochMs): EpochMs => (moment % SECOND === 0 ? plus(moment, SECOND - 1) : moment);

export interface Span {
  readonly from: EpochMs;
  /** Itself included. */
  readonly to: EpochMs;
}

/** `start_date` to `end_date`; of one alone, 90 days from there; of none, the last 90 days. */
export const spanOf = (parameters: Asked, now: EpochMs): Result<Span, readonly FieldError[]> => {
  const errors: FieldError[] = [];
  const start = momentIn(parameters, 'start_date', errors);
  const end = momentIn(parameters, 'end_date', errors);
  if (errors.length > 0) return err(errors);
  const to = end ?? (start === undefined ? now : epochMs(Math.max(start, Math.min(now, start + LONGEST_SPAN))));
  const from = start ?? plus(to, -LONGEST_SPAN);
  if (from > to) return err([{ path: 'end_date', message: { 'zh-CN': '应晚于 start_date', en: 'must be later than start_date' } }]);
  if (to - from > LONGEST_SPAN) {
    const message = {
      'zh-CN': `与 start_date 相距不能超过 ${LONGEST_SPAN_DAYS} 天，请分段查询`,
      en: `must be ${LONGEST_SPAN_DAYS} days after start_date at most: ask for shorter spans one after the other`,
    };
    return err([{ path: 'end_date', message }]);
  }
  return ok({ from, to: wholeSecond(to) });
};
