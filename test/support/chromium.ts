/** A real browser for the tests of pages, wherever this machine has one. */
import { existsSync } from 'node:fs';
import { chromium, type Browser } from 'playwright-core';

const PLACES = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];

/** The path of a Chromium: `LINLI_CHROMIUM`, or where distributions put it; undefined where there is none. */
export const CHROMIUM = [process.env['LINLI_CHROMIUM'] ?? '', ...PLACES].find((path) => path !== '' && existsSync(path));

/** To be printed where there is none: tests that did not run must not look as if they had passed. */
export const NO_CHROMIUM =
  'NOT RUN: no Chromium on this machine. Get it with `apt-get install chromium fonts-noto-cjk`, or name one in LINLI_CHROMIUM.';

/** Chromium refuses to be root with its sandbox on, as it is in a container. */
export const launchChromium = (executablePath: string): Promise<Browser> =>
  chromium.launch({ executablePath, args: process.getuid?.() === 0 ? ['--no-sandbox'] : [] });
