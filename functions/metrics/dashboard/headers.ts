import { createHash } from 'node:crypto';
import type { Language } from '../../kernel/texts.ts';
import { DASHBOARD_STYLE } from './style.ts';

/** One page without scripts, and with this one style: nothing else runs or is loaded. */
const POLICY = [
  "default-src 'none'",
  `style-src 'sha256-${createHash('sha256').update(DASHBOARD_STYLE).digest('base64')}'`,
  "form-action 'self'",
  "base-uri 'none'",
  "frame-ancestors 'self'",
].join('; ');

/** What goes with everything that the dashboard sends. */
export const DASHBOARD_HEADERS = {
  'content-security-policy': POLICY,
  vary: 'Accept-Language',
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
};

/** What goes with a page of it. */
export const pageHeaders = (language: Language): Readonly<Record<string, string>> => ({
  ...DASHBOARD_HEADERS,
  'content-language': language,
});
