/** Moments as CAP writes them (§3.3.2): to the second, with the offset of whoever wrote them. */
import { epochMs, MINUTE, parseInstant, SECOND, toShanghai, type EpochMs } from '../../kernel/time.ts';

declare const kind: unique symbol;

/** `2026-11-24T09:00:00+08:00`; UTC is `-00:00` or `+00:00`, never `Z`. */
export type CapTime = string & { readonly [kind]: 'CapTime' };

const OFFSET = /(?:Z|([+-])(\d{2}):(\d{2}))$/;
/** XML Schema's own (§3.2.7.3). */
const WIDEST_OFFSET = 14 * 60;
const LONGEST = 40;

/**
 * Reads what senders write, too: `Z`, and fractions of a second, which CAP cannot write and which are left off wherever they are read, so
 * that a message is still found by when it was sent. Undefined where the text is no moment with an offset.
 */
export const parseCapTime = (text: string): CapTime | undefined => {
  if (text.length > LONGEST) return undefined;
  const moment = parseInstant(text);
  if (moment === undefined) return undefined;
  // For UTC without a sign, the standard wants `-00:00`.
  const [, sign = '-', hours = '00', minutes = '00'] = OFFSET.exec(text) ?? [];
  const offset = Number(hours) * 60 + Number(minutes);
  if (offset > WIDEST_OFFSET) return undefined;
  const local = new Date(moment + (sign === '-' ? -offset : offset) * MINUTE).toISOString().slice(0, 19);
  return `${local}${sign}${hours}:${minutes}` as CapTime;
};

/** As clocks in Shanghai show it; what is less than a second is left off. */
export const capTimeOf = (moment: EpochMs): CapTime => toShanghai(epochMs(Math.floor(moment / SECOND) * SECOND)) as CapTime;

export const momentOf = (time: CapTime): EpochMs => epochMs(Date.parse(time));
