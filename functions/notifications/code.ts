/** The code that shows that a channel reaches its owner: derived, and so nowhere to be read. */
import { keyedHash } from '../http/secret.ts';
import type { Channel } from './channels/channel.ts';

const PURPOSE = 'channelCode';
const DIGITS = 6;
const BYTES = 6;

/** Six digits, others each time that the channel is added. Of 48 bits, so that none is more likely than another to speak of. */
export const codeOf = (secret: string, { id, addedAt }: Pick<Channel, 'id' | 'addedAt'>): string => {
  const hash = Buffer.from(keyedHash(secret, PURPOSE, JSON.stringify([id, addedAt])), 'base64url');
  return String(hash.readUIntBE(0, BYTES) % 10 ** DIGITS).padStart(DIGITS, '0');
};

/** Whether it is the channel's under any valid secret: one may be rotated while a letter is on its way. */
export const isCodeOf = (secrets: readonly string[], channel: Channel, code: string): boolean =>
  secrets.some((secret) => codeOf(secret, channel) === code);
