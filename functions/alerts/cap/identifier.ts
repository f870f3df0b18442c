/** How messages and their senders are called. */
import type { EpochMs } from '../../kernel/time.ts';
import { capTimeOf } from './cap-time.ts';

const NAME = /^[^\s,<&\p{Cc}]+$/u;
const LONGEST = 256;
/** Under which an office sends warnings. */
const SENDER_CODE = /^\d{14}$/;

/** Whether an identifier or a sender is one by the standard (§3.2.1): no spaces, commas, `<` or `&`, so that references can name it. */
export const isCapName = (text: string): boolean => text.length <= LONGEST && NAME.test(text);

/** `<sender code>_<yyyyMMddHHmmss in Shanghai>_<serial>`. */
export const identifierOf = (senderCode: string, sent: EpochMs, serial: number): string => {
  if (!SENDER_CODE.test(senderCode)) throw new Error(`not a sender code: ${senderCode}`);
  return `${senderCode}_${capTimeOf(sent).slice(0, 19).replaceAll(/\D/g, '')}_${serial}`;
};
