/** A letter, and what adapters need of a runtime. */
import type { Letter } from '../../../../functions/notifications/channels/carrier.ts';
import { epochMs, toInstant } from '../../../../functions/kernel/time.ts';

/** 09:00 in Shanghai on 24 November 2026. */
export const NOW = epochMs(Date.UTC(2026, 10, 24, 1));
export const now = () => NOW;

export const LETTER: Letter = {
  id: 'ALERT#1:1:channel',
  subject: '暴雨橙色预警',
  text: '未来三小时有大暴雨,请勿外出。',
  about: 'alerts/1',
  at: toInstant(NOW),
  keptFor: 3600,
  urgency: 'high',
};

export const SECRETS: readonly [string, ...string[]] = [
  'the newest secret of the stage, 32 characters',
  'the secret before the last rotation, 32',
];
