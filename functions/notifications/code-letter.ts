/** The one thing that reaches a channel which is not verified. Pure. */
import { inLanguage, type Language, type Texts } from '../kernel/texts.ts';
import { MINUTE, SECOND, toInstant, type EpochMs } from '../kernel/time.ts';
import type { Letter } from './channels/carrier.ts';
import { verifyBy, type Channel } from './channels/channel.ts';

const SUBJECT: Texts = { 'zh-CN': '邻里：通知渠道验证码', en: 'Linli: the code of your channel' };

/** Names the letter with whoever carries it, and in what we remember: another each time that the channel is added. */
export const codeLetterId = ({ id, addedAt }: Channel): string => `code:${id}:${addedAt}`;

/** The code is its last six characters: so a client of ours may read it, and a telephone offer it. */
export const codeLetter = (channel: Channel, code: string, language: Language, now: EpochMs): Letter => {
  const left = verifyBy(channel) - now;
  const minutes = Math.max(1, Math.ceil(left / MINUTE));
  return {
    id: codeLetterId(channel),
    subject: inLanguage(SUBJECT, language),
    text: inLanguage(
      {
        'zh-CN': `【邻里】您正在将此处设为通知渠道，${minutes} 分钟内有效。如非本人操作请忽略，勿将验证码告诉他人。验证码：${code}`,
        en: `[Linli] You are adding this as a channel for messages; the code is valid for ${minutes} min. If it was not you, ignore this, and tell nobody the code: ${code}`,
      },
      language,
    ),
    about: `me/channels/${channel.id}`,
    at: toInstant(now),
    keptFor: Math.max(0, Math.floor(left / SECOND)),
    urgency: 'high',
    topic: channel.id,
  };
};
