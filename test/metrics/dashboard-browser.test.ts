/**
 * The dashboard in a real browser: what axe finds, what a keyboard reaches, what a screen reader is told, and how it fits a small screen.
 * A page that shows everything that there can be is served as the running system serves its own, with the very headers and so under the very
 * policy; scripts are off in every test but axe's.
 */
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import axe from 'axe-core';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { dashboardPage } from '../../functions/metrics/dashboard/page.ts';
import type { Language } from '../../functions/kernel/texts.ts';
import { CHROMIUM, launchChromium, NO_CHROMIUM } from '../support/chromium.ts';
import { dashboardData, startData } from '../support/dashboard-data.ts';
import { startWorld } from '../support/world.ts';

if (CHROMIUM === undefined) console.warn(NO_CHROMIUM);

/** Half of what a finger needs is enough for WCAG 2.2 AA; a page for old hands gives it all. */
const FINGER = 44;
const SMALLEST_TEXT = 18;

const LANGUAGES: readonly Language[] = ['zh-CN', 'en'];
/** What says how the bytes are sent, or of which bytes it speaks, and is said anew of those that are sent here. */
const OF_THE_BYTES = new Set(['connection', 'content-length', 'date', 'etag', 'keep-alive', 'transfer-encoding']);

/** What the running system says of its page in a language. */
const headersSent = async (): Promise<ReadonlyMap<Language, Readonly<Record<string, string>>>> => {
  const world = await startWorld();
  const sent = LANGUAGES.map(async (language) => {
    const { status, headers } = await world.get(`/dashboard?lang=${language}`);
    expect([status, headers.has('content-security-policy')]).toEqual([200, true]);
    return [language, Object.fromEntries([...headers].filter(([name]) => !OF_THE_BYTES.has(name)))] as const;
  });
  try {
    return new Map(await Promise.all(sent));
  } finally {
    await world.stop();
  }
};

let server: Server;
let browser: Browser;

/** Where the page is: the one place that knows. */
const pageUrl = (query: Readonly<Record<string, string>>): string =>
  `http://127.0.0.1:${(server.address() as AddressInfo).port}/dashboard?${new URLSearchParams(query).toString()}`;

const languageOf = (query: URLSearchParams): Language => (query.get('lang') === 'en' ? 'en' : 'zh-CN');

const answer = (query: URLSearchParams): string => {
  const language = languageOf(query);
  const division = query.get('division');
  if (division === null) return dashboardPage(startData(language));
  const data = dashboardData(language, {
    month: query.get('month') ?? '2026-10',
    indicator: query.get('indicator') ?? 'respondedOnTimeRate',
  });
  const street = data.children.find(({ code }) => code === division);
  return dashboardPage(street === undefined ? data : { ...data, path: [...data.path, street], children: [] });
};

const DIVISION = { division: '510104', month: '2026-10' };

/** One with scripts of its own off, as most tests have it, and one with them on. */
const pages = new Map<boolean, Page>();

const pageWith = async (javaScriptEnabled: boolean): Promise<Page> => {
  const page = pages.get(javaScriptEnabled) ?? (await (await browser.newContext({ javaScriptEnabled })).newPage());
  pages.set(javaScriptEnabled, page);
  page.setDefaultTimeout(5000);
  return page;
};

interface Sight {
  readonly width?: number;
  readonly scripts?: boolean;
}

/** The page afresh, on a phone where nothing else is said. Whatever the browser complains of, as of what the policy refuses, fails the test. */
const opened = async (
  query: Readonly<Record<string, string>>,
  { width = 360, scripts = false }: Sight,
  use: (page: Page) => Promise<void>,
) => {
  const page = await pageWith(scripts);
  const complaints: string[] = [];
  page.on('console', (message) => complaints.push(message.text()));
  await page.emulateMedia({ colorScheme: 'light' });
  await page.setViewportSize({ width, height: 740 });
  await page.goto(pageUrl(query));
  await use(page);
  page.removeAllListeners('console');
  // A browser with a window asks for the site's icon by itself.
  expect(complaints.filter((each) => !each.includes('favicon'))).toEqual([]);
};

/** Everything that is folded is unfolded. */
const unfold = (page: Page): Promise<void> =>
  page.evaluate<void>('for (const each of document.querySelectorAll("details")) each.open = true');

describe.runIf(CHROMIUM !== undefined)('in a real browser', () => {
  beforeAll(async () => {
    const headers = await headersSent();
    server = createServer((request, response) => {
      const { pathname, searchParams } = new URL(request.url ?? '/', 'http://localhost');
      const isPage = pathname === '/dashboard';
      response.writeHead(isPage ? 200 : 404, headers.get(languageOf(searchParams)));
      response.end(isPage ? answer(searchParams) : '');
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    browser = await launchChromium(CHROMIUM ?? '');
  });
  afterAll(async () => {
    await browser.close();
    server.close();
  });

  const RULES = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];
  type Found = Pick<axe.AxeResults, 'violations' | 'incomplete' | 'passes'>;
  const told = (results: readonly axe.Result[]) => results.flatMap(({ id, nodes }) => nodes.map(({ html }) => `${id}: ${html}`));

  /** A chart's text has the colour of its card's text, which axe has measured; over a drawing it cannot tell, and says so. */
  const OTHER_CHART_TEXT = `[...document.querySelectorAll('svg text')]
    .filter((each) => getComputedStyle(each).fill !== getComputedStyle(each.closest('.block')).color).map((each) => each.outerHTML)`;

  /** What a thing is depends on the width, and its colours on the scheme alone. */
  const SIGHTS = [
    { width: 360, colorScheme: 'light', runOnly: RULES },
    { width: 1280, colorScheme: 'dark', runOnly: ['color-contrast'] },
    { width: 1280, colorScheme: 'light', runOnly: RULES },
    { width: 360, colorScheme: 'dark', runOnly: ['color-contrast'] },
  ] as const;

  const examine = async (page: Page, sights: readonly (typeof SIGHTS)[number][]): Promise<void> => {
    await unfold(page);
    await page.evaluate(axe.source);
    for (const { width, colorScheme, runOnly } of sights) {
      await page.setViewportSize({ width, height: 740 });
      await page.emulateMedia({ colorScheme });
      const { violations, incomplete, passes } = await page.evaluate<Found>(`axe.run(${JSON.stringify({ runOnly })})`);
      expect([width, colorScheme, told(violations)]).toEqual([width, colorScheme, []]);
      expect([width, colorScheme, told(incomplete).filter((each) => !each.startsWith('color-contrast: <text'))]).toEqual([
        width,
        colorScheme,
        [],
      ]);
      expect(await page.evaluate(OTHER_CHART_TEXT)).toEqual([]);
      expect(passes.map(({ id }) => id)).toContain('color-contrast');
    }
  };

  test.for(LANGUAGES)('axe finds nothing, on a phone and on a wide screen, light and dark: %s', async (lang) => {
    await opened({ ...DIVISION, lang }, { scripts: true }, async (page) => {
      await examine(page, SIGHTS);
      // The start is a few links in the same style.
      await page.goto(pageUrl({ lang }));
      await examine(page, SIGHTS.slice(0, 2));
    });
  });

  /** Every element that has text of its own, with the size at which it is drawn: a stretched SVG's text would be smaller than it says. */
  const DRAWN_TEXT = `[...document.querySelectorAll('body *')]
    .filter((each) => [...each.childNodes].some((node) => node.nodeType === 3 && node.data.trim() !== '')
      && each.getClientRects().length > 0 && !['title', 'desc'].includes(each.localName))
    .map((each) => ({
      text: each.textContent.trim().slice(0, 20),
      size: parseFloat(getComputedStyle(each).fontSize) * (each.getScreenCTM?.().a ?? 1),
    }))`;

  /** Everything that a finger touches, and its box. */
  const TOUCHED = `[...document.querySelectorAll('a, button, select, summary')]
    .filter((each) => !each.matches('.skip'))
    .map((each) => {
      const { width, height } = each.getBoundingClientRect();
      return { what: each.textContent.trim().slice(0, 20), width, height };
    })`;

  test.for(LANGUAGES)('nothing is smaller than 18 px or a finger, and nothing is wider than the screen: %s', async (lang) => {
    for (const query of [{ ...DIVISION, lang }, { lang }])
      await opened(query, {}, async (page) => {
        await unfold(page);
        for (const width of [320, 360, 768, 1280]) {
          await page.setViewportSize({ width, height: 740 });
          const texts = await page.evaluate<{ text: string; size: number }[]>(DRAWN_TEXT);
          expect(texts.length).toBeGreaterThan(8);
          expect(texts.filter(({ size }) => size < SMALLEST_TEXT)).toEqual([]);
          const touched = await page.evaluate<{ what: string; width: number; height: number }[]>(TOUCHED);
          expect(touched.filter((each) => each.height < FINGER - 0.01 || each.width < FINGER - 0.01)).toEqual([]);
          expect([width, await page.evaluate('document.documentElement.scrollWidth')]).toEqual([width, width]);
          // Nor is anything cut off or over its card's edge, except what is for the ear alone.
          const over = `[...document.querySelectorAll('.block, .cards > li, header')].filter((each) => each.scrollWidth > each.clientWidth + 1)
            .map((each) => each.className)`;
          expect([width, await page.evaluate(over)]).toEqual([width, []]);
        }
      });
  });

  test('a reader who has set twice the text size still has all of it on a wide screen, without scrolling sideways', async () => {
    await opened({ ...DIVISION, lang: 'en' }, { width: 640 }, async (page) => {
      await page.evaluate('document.documentElement.style.fontSize = "225%"');
      expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(640);
    });
  });

  test.for(LANGUAGES)('the keyboard reaches everything in order, and one sees where it is: %s', async (lang) => {
    await opened({ ...DIVISION, lang }, {}, async (page) => {
      const all = await page.evaluate<string[]>(
        `[...document.querySelectorAll('a, button, select, summary')].map((each) => each.textContent.trim())`,
      );
      const reached: string[] = [];
      for (const _ of all) {
        await page.keyboard.press('Tab');
        const focus = await page.evaluate<{ what: string; outline: string; width: number; seen: boolean }>(`(() => {
          const focused = document.activeElement;
          const { outlineStyle, outlineWidth, outlineColor } = getComputedStyle(focused);
          const { top, bottom, left, right } = focused.getBoundingClientRect();
          return {
            what: focused.textContent.trim(),
            outline: outlineStyle,
            width: parseFloat(outlineWidth),
            seen: top >= 0 && left >= 0 && bottom <= innerHeight + 1 && right <= innerWidth,
          };
        })()`);
        expect(focus).toEqual({ what: focus.what, outline: 'solid', width: 3, seen: true });
        reached.push(focus.what);
      }
      expect(reached).toEqual(all);
    });
  });

  test('the first key leads past the head of the page', async () => {
    await opened({ ...DIVISION, lang: 'zh-CN' }, {}, async (page) => {
      await page.keyboard.press('Tab');
      await page.keyboard.press('Enter');
      expect(await page.evaluate('document.activeElement.id')).toBe('main');
      await page.keyboard.press('Tab');
      expect(await page.evaluate('document.activeElement.textContent')).toBe('全国各省');
    });
  });

  interface AxNode {
    readonly ignored: boolean;
    readonly role?: { readonly value: string };
    readonly name?: { readonly value: string };
  }

  test.for(LANGUAGES)('a screen reader is told a name for everything: %s', async (lang) => {
    await opened({ ...DIVISION, lang }, { scripts: true }, async (page) => {
      await unfold(page);
      const devtools = await page.context().newCDPSession(page);
      const { nodes } = (await devtools.send('Accessibility.getFullAXTree')) as unknown as { readonly nodes: readonly AxNode[] };
      const said = nodes.filter(({ ignored }) => !ignored).map(({ role, name }) => ({ role: role?.value ?? '', name: name?.value ?? '' }));
      const named = new Set([
        'link',
        'button',
        'combobox',
        'image',
        'img',
        'heading',
        'navigation',
        'table',
        'columnheader',
        'rowheader',
        'region',
      ]);
      expect(said.filter(({ role, name }) => named.has(role) && name.trim() === '')).toEqual([]);
      // Links that lead elsewhere do not sound the same.
      const links = said.filter(({ role }) => role === 'link').map(({ name }) => name);
      expect(links.filter((name, index) => links.indexOf(name) !== index)).toEqual([]);
      const zh = lang === 'zh-CN';
      for (const heard of [
        {
          role: 'image',
          name: zh ? '响应率，2025年11月至2026年10月，折线图' : 'Responded to on time, November 2025 to October 2026, line chart',
        },
        { role: 'combobox', name: zh ? '月份' : 'Month' },
        { role: 'button', name: zh ? '查看' : 'Show' },
        { role: 'link', name: zh ? '看走势 满意率' : 'Trend Satisfaction' },
        { role: 'navigation', name: zh ? '所在区划' : 'Divisions above' },
        { role: 'columnheader', name: zh ? '名次' : 'Rank' },
        { role: 'rowheader', name: '春熙路街道' },
      ])
        expect(said.filter(({ role }) => role === heard.role || (role === 'img' && heard.role === 'image'))).toContainEqual(
          expect.objectContaining({ name: heard.name }),
        );
      expect(said.filter(({ role }) => ['banner', 'main', 'contentinfo'].includes(role)).map(({ role }) => role)).toEqual([
        'banner',
        'main',
        'contentinfo',
      ]);
    });
  });

  test('everything works with JavaScript off: province to street, another month, another indicator, another language, and folds', async () => {
    await opened({ lang: 'zh-CN' }, {}, async (page) => {
      await page.getByRole('link', { name: '四川省' }).click();
      await page.getByLabel('月份').selectOption('2026-08');
      await page.getByRole('button', { name: '查看' }).click();
      expect(await page.locator('h1').innerText()).toContain('2026年8月');
      await page.getByRole('link', { name: '看走势 按期办结率' }).click();
      expect(new URL(page.url()).hash).toBe('#trend');
      expect(await page.locator('#trend h2').innerText()).toContain('按期办结率');
      await page.getByRole('link', { name: '春熙路街道' }).click();
      expect(await page.locator('h1').innerText()).toContain('春熙路街道');
      await page.getByText('用表格看走势').click();
      expect(await page.getByRole('cell', { name: '已定稿' }).count()).toBe(11);
      await page.getByRole('link', { name: 'English' }).click();
      expect(await page.locator('#trend h2').innerText()).toContain('Resolved on time');
      expect(Object.fromEntries(new URL(page.url()).searchParams)).toEqual({
        division: '510104022',
        month: '2026-08',
        indicator: 'resolvedOnTimeRate',
        lang: 'en',
      });
    });
  });

  test('nothing but the page itself is fetched', async () => {
    await opened({ lang: 'en' }, { scripts: true }, async (page) => {
      const asked: string[] = [];
      page.on('request', (request) => asked.push(request.url()));
      await page.goto(pageUrl({ ...DIVISION, lang: 'en' }));
      expect(asked.filter((url) => !url.endsWith('/favicon.ico'))).toHaveLength(1);
    });
  });
});
