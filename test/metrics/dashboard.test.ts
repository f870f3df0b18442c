/** The dashboard as text: what stands in it, and what cannot. */
import { describe, expect, test } from 'vitest';
import { wrongField } from '../../functions/http/problem.ts';
import type { DashboardData } from '../../functions/metrics/dashboard/data.ts';
import { html, pageText, styleSheet } from '../../functions/http/html.ts';
import { dashboardPage } from '../../functions/metrics/dashboard/page.ts';
import { problemPage } from '../../functions/metrics/dashboard/problem.ts';
import { DASHBOARD_STYLE } from '../../functions/metrics/dashboard/style.ts';
import { DASHBOARD_WORDS } from '../../functions/metrics/dashboard/words.ts';
import { count, dashboardData, none, rate, secondary, small, startData } from '../support/dashboard-data.ts';

const LANGUAGES = ['zh-CN', 'en'] as const;

/** What a reader reads: no tags, no style, entities as characters. */
const textOf = (page: string): string =>
  page
    .replace(/<style>[\s\S]*<\/style>/, '')
    .replaceAll(/<[^>]*>/g, '|')
    .replaceAll(/\|+/g, '|')
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&amp;', '&');

/** One indicator's card, as text. */
const cardOf = (data: DashboardData, id: string): string => {
  const name = data.indicators.find((each) => each.id === id)?.name ?? '';
  const [, after = ''] = textOf(dashboardPage(data)).split(`|${name}|`);
  return after.trimEnd();
};

/** Every link of the page, as its parameters. */
const linksOf = (page: string): readonly Record<string, string>[] =>
  [...page.matchAll(/href="\?([^"]*)"/g)].map(([, query = '']) =>
    Object.fromEntries(new URLSearchParams(query.replaceAll('&amp;', '&').replace(/#.*$/, ''))),
  );

/** The tags that the page is made of, with the names of their attributes. */
const tagsOf = (page: string): ReadonlySet<string> => new Set(page.replaceAll(/"[^"]*"/g, '""').match(/<[^>]*>/g));

describe('escaping', () => {
  test('a string in html is text, wherever it stands', () => {
    const evil = `<script>alert("1")</script>&'`;
    const safe = '&lt;script&gt;alert(&quot;1&quot;)&lt;/script&gt;&amp;&#39;';
    expect(pageText(html`<p title="${evil}">${evil}${[evil, html`<b>${evil}</b>`]}${undefined}${0}</p>`)).toBe(
      `<!doctype html>\n<p title="${safe}">${safe}${safe}<b>${safe}</b>0</p>\n`,
    );
  });

  test('nothing but html itself makes HTML: an object that looks like it is refused', () => {
    expect(() => html`<p>${{ source: '<script>' } as never}</p>`).toThrow();
    expect(() => styleSheet('</style><script>')).toThrow();
  });

  test.for([
    '<script>alert(1)</script>',
    '"><img src=x onerror=alert(1)>',
    `' onfocus='alert(1)`,
    '${name} &lt;b&gt; &amp;',
    '</title></style>',
  ])('every text of the data is shown as it is written: %s', (evil) => {
    const plain = dashboardData('zh-CN');
    const figure = rate(9, 10);
    const page = dashboardPage({
      ...plain,
      path: [...plain.path.slice(0, -1), { code: evil, name: evil }],
      indicators: [
        { id: evil, name: evil, definition: evil, unit: 'ratio', ...figure, target: 0.9, met: true },
        { id: 'x', name: evil, definition: evil, unit: 'ratio', ...small },
      ],
      indicator: evil,
      children: [{ code: evil, name: evil, rank: 1, ...figure }],
      computedAt: '2026-10-31T16:30:00.000Z',
    });
    const usual = tagsOf(dashboardPage(plain));
    expect([...tagsOf(page)].filter((tag) => !usual.has(tag))).toEqual([]);
    const shown = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };
    const parts = page.split(evil.replaceAll(/[&<>"']/g, (each) => shown[each as keyof typeof shown]));
    // Title, breadcrumb, heading, two cards with their definitions, chart, tables, the child's row.
    expect(parts.length).toBeGreaterThan(12);
    for (const link of linksOf(page)) expect([evil, 'x', undefined]).toContain(link['indicator']);
  });
});

test('what was asked for and is wrong is shown as it is written', () => {
  const evil = '"><script>alert(1)</script>';
  const query = new URLSearchParams({ division: evil, [evil]: evil });
  const usual = tagsOf(problemPage({ code: 'notFound' }, { query: new URLSearchParams(), language: 'en' }));
  const listed = new Set([...usual, '<ul class="">', '<li>']);
  for (const failure of [{ code: 'notFound' }, wrongField(evil, { 'zh-CN': evil }), { code: 'busy' }] as const)
    for (const language of LANGUAGES)
      expect([...tagsOf(problemPage(failure, { query, language }))].filter((tag) => !listed.has(tag))).toEqual([]);
});

describe('languages', () => {
  test('both have every word', () => {
    for (const language of LANGUAGES)
      for (const [key, word] of Object.entries(DASHBOARD_WORDS[language])) expect([key, word]).not.toEqual([key, '']);
    expect(Object.keys(DASHBOARD_WORDS.en)).toEqual(Object.keys(DASHBOARD_WORDS['zh-CN']));
  });

  test('an English page has no Chinese but names, which are marked as such, and the way to the Chinese page', () => {
    const page = dashboardPage(dashboardData('en'));
    expect(page).toContain('<html lang="en">');
    const [, head = '', body = ''] = /^([\s\S]*)<body>([\s\S]*)$/.exec(page) ?? [];
    expect(head).toContain('<title>锦江区 October 2026 | Linli community services</title>');
    const left = body.replaceAll(/<(span|a)\b[^>]* lang="zh-CN"[^>]*>[^<]*<\/\1>/g, '');
    expect(left.match(/\p{Script=Han}+/gu) ?? []).toEqual([]);
  });

  test('a Chinese page has no English word but the way to the English page', () => {
    const page = dashboardPage(dashboardData('zh-CN'));
    expect(page).toContain('<html lang="zh-CN">');
    expect(textOf(page).match(/[a-z]{2,}/gi)).toEqual(['doctype', 'html', 'English', 'CSV'].filter((word) => textOf(page).includes(word)));
  });

  test('the switch keeps place, month and indicator', () => {
    const here = { division: '510104', month: '2026-10', indicator: 'respondedOnTimeRate' };
    expect(linksOf(dashboardPage(dashboardData('zh-CN')))).toContainEqual({ ...here, lang: 'en' });
    expect(linksOf(dashboardPage(dashboardData('en')))).toContainEqual({ ...here, lang: 'zh-CN' });
  });
});

describe('figures', () => {
  test('a count is grouped, a rate has one decimal and its parts in words, a target is met or not in words', () => {
    expect(cardOf(dashboardData('zh-CN'), 'requestsReceived')).toMatch(/^1,311\|怎么算的$/);
    expect(cardOf(dashboardData('zh-CN'), 'respondedOnTimeRate')).toMatch(/^96\.4%\|1,245 项中有 1,200 项\|目标 90%\|达标\|/);
    expect(cardOf(dashboardData('zh-CN'), 'resolvedOnTimeRate')).toMatch(/^86\.4%\|1,218 项中有 1,052 项\|目标 90%\|未达标\|/);
    expect(cardOf(dashboardData('en'), 'respondedOnTimeRate')).toMatch(/^96\.4%\|1,200 of 1,245\|Target 90%\|Met\|/);
    expect(cardOf(dashboardData('en'), 'resolvedOnTimeRate')).toMatch(/^86\.4%\|1,052 of 1,218\|Target 90%\|Not met\|/);
  });

  test('fen are shown as yuan, to the fen', () => {
    const donations = { id: 'donationsReceived', name: '捐赠', definition: '', unit: 'fen', ...count(123_456_705) } as const;
    expect(cardOf(dashboardData('zh-CN', { indicators: [donations] }), 'donationsReceived')).toMatch(/^1,234,567\.05 元\|/);
    expect(cardOf(dashboardData('en', { indicators: [donations] }), 'donationsReceived')).toMatch(/^¥1,234,567\.05\|/);
  });

  test('what is not shown says why, and no number in its place', () => {
    expect(cardOf(dashboardData('zh-CN'), 'rectificationRate')).toMatch(/^不公布\|人数过少（不到 5）[^|\d]*\|目标 100%\|怎么算的/);
    expect(cardOf(dashboardData('zh-CN'), 'ratedRate')).toMatch(/^不公布\|为保护隐私[^|\d]*\|怎么算的/);
    expect(cardOf(dashboardData('zh-CN'), 'satisfactionRate')).toMatch(/^定稿后公布\|[^|\d]*\|目标 90%\|怎么算的/);
    expect(cardOf(dashboardData('en'), 'rectificationRate')).toMatch(/^Not shown\|Fewer than 5[^|\d]*\|/);
    expect(cardOf(dashboardData('en'), 'ratedRate')).toMatch(/^Not shown\|For privacy[^|\d]*\|/);
    expect(cardOf(dashboardData('en'), 'satisfactionRate')).toMatch(/^Shown when final\|/);
  });

  test('a rate without a denominator is none, in a final month too where it comes without its parts', () => {
    const nothing = { id: 'r', name: '率', definition: '', unit: 'ratio', ...none } as const;
    expect(cardOf(dashboardData('zh-CN', { indicators: [nothing] }), 'r')).toMatch(/^本月无\|/);
    const bare = { ...nothing, numerator: null, denominator: null };
    expect(cardOf(dashboardData('en', { indicators: [bare], status: 'final' }), 'r')).toMatch(/^None this month\|/);
  });

  test('zero is a figure', () => {
    const zero = { id: 'r', name: '率', definition: '', unit: 'ratio', ...rate(0, 8), target: 0.9, met: false } as const;
    expect(cardOf(dashboardData('zh-CN', { indicators: [zero] }), 'r')).toMatch(/^0\.0%\|8 项中有 0 项\|目标 90%\|未达标\|/);
  });

  test('status, revision and the moment in Shanghai are told', () => {
    const provisional = textOf(dashboardPage(dashboardData('zh-CN')));
    expect(provisional).toContain('|暂计|第 1 版|');
    expect(provisional).toContain('2026年11月1日 00:30');
    const final = textOf(dashboardPage(dashboardData('en', { status: 'final', revision: 2, computedAt: null })));
    expect(final).toContain('|Final|revision 2|');
    expect(final).not.toContain('Beijing time');
  });
});

describe('the trend', () => {
  test('has a gap where a month has no value, a hollow point where it is provisional, and says every month in a table', () => {
    const page = dashboardPage(dashboardData('zh-CN'));
    const [, path = ''] = /<path class="line" d="([^"]*)"/.exec(page) ?? [];
    expect(path.match(/M/g)).toHaveLength(2);
    expect(page.match(/<circle class="dot" /g)).toHaveLength(10);
    expect(page.match(/<circle class="dot open" cx="\d+%"/g)).toHaveLength(1);
    expect(textOf(page)).toContain('|2026年5月|本月无|已定稿|');
    expect(textOf(page)).toContain('|2026年10月|96.4%|1,245 项中有 1,200 项|暂计|');
    expect(textOf(page)).toContain('最高 97.3%（2026年9月），最低 82.5%（2026年2月）。');
  });

  test('nothing of a hidden month is drawn or told', () => {
    const trend = [
      { month: '2026-08', status: 'final', ...rate(80, 100) },
      { month: '2026-09', status: 'final', ...small },
      { month: '2026-10', status: 'final', ...secondary },
    ] as const;
    const page = dashboardPage(dashboardData('en', { trend }));
    expect(page.match(/<circle class="dot" /g)).toHaveLength(1);
    expect(textOf(page)).toContain('|September 2026|Fewer than 5|Final|');
    expect(textOf(page)).toContain('|October 2026|For privacy|Final|');
  });

  test.for([0, 1, 2, 36])('any number of months is drawn: %i', (length) => {
    const trend = Array.from({ length }, (_, index) => ({
      month: `${2024 + Math.floor(index / 12)}-${String((index % 12) + 1).padStart(2, '0')}`,
      status: 'final' as const,
      ...count(index * 1000),
    }));
    const page = dashboardPage(dashboardData('zh-CN', { trend, indicator: 'requestsReceived' }));
    expect(page).not.toMatch(/NaN|Infinity|undefined|\[object/);
    expect(page.match(/<circle class="dot" /g) ?? []).toHaveLength(length);
  });
});

describe('the axis of money', () => {
  const donations = { id: 'donationsReceived', name: '捐赠', definition: '', unit: 'fen', ...count(0) } as const;
  const ticksOf = (language: 'zh-CN' | 'en', ...fen: readonly number[]): readonly (string | undefined)[] => {
    const trend = fen.map((value, index) => ({ month: `2026-0${index + 1}`, status: 'final' as const, ...count(value) }));
    const page = dashboardPage(dashboardData(language, { indicators: [donations], indicator: donations.id, trend }));
    return [...page.matchAll(/<text class="tick"[^>]*>([^<]*)</g)].map((match) => match[1]);
  };
  test('is in yuan, and never says the same twice', () => {
    expect(ticksOf('zh-CN', 0, 0)).toEqual(['0 元', '0.5 元', '1 元']);
    expect(ticksOf('zh-CN', 5_000_000, 123_456_789)).toEqual(['0 元', '100万 元', '200万 元']);
    expect(ticksOf('en', 5_000, 123_456)).toEqual(['¥0', '¥1K', '¥2K']);
  });
});

describe('the ranking', () => {
  test('equal figures have an equal rank, what has none has no rank, and each leads to its own page', () => {
    const page = dashboardPage(dashboardData('zh-CN'));
    const text = textOf(page);
    expect(text).toContain('|1|春熙路街道|100.0%|达标|131 项中有 131 项|');
    expect(text).toContain('|5|锦官驿街道|97.0%|');
    expect(text).toContain('|5|锦华路街道|97.0%|');
    expect(text).toContain('|7|书院街街道|');
    expect(text).toContain('|10|沙河街道|85.1%|未达标|74 项中有 63 项|');
    expect(text).toContain('|–|狮子山街道|本月无|');
    for (const { code } of dashboardData('zh-CN').children)
      expect(linksOf(page)).toContainEqual({ division: code, month: '2026-10', indicator: 'respondedOnTimeRate', lang: 'zh-CN' });
  });

  test('a target that only some of the places below have is marked in their bars, and in no other', () => {
    const plain = dashboardData('zh-CN');
    const [aimed, free] = [
      { code: '5101', name: '成都市', rank: 1, ...rate(9, 10), target: 0.8, met: true },
      { code: '5107', name: '绵阳市', rank: 2, ...rate(5, 10) },
    ];
    const indicators = plain.indicators.map(({ target: _target, met: _met, ...each }) => each);
    const marksIn = (children: DashboardData['children']): number => {
      const page = dashboardPage({ ...plain, indicators, children });
      return page.slice(page.indexOf('id="ranking"')).split('y2="12"').length - 1;
    };
    expect([marksIn([aimed, free]), marksIn([free])]).toEqual([1, 0]);
  });

  test('children are called by their level', () => {
    for (const [code, called] of [
      ['5101', '各地市'],
      ['510104', '各区县'],
      ['510104022', '各街道、乡镇'],
      ['510104022001', '各社区、村'],
    ] as const)
      expect(textOf(dashboardPage(dashboardData('zh-CN', { children: [{ code, name: '某', rank: 1, ...count(1) }] })))).toContain(
        `|${called}排名：响应率|`,
      );
  });

  test('a community has no children and no ranking', () => {
    const page = dashboardPage(dashboardData('zh-CN', { children: [] }));
    expect(textOf(page)).not.toContain('排名');
    expect(linksOf(page).map((link) => link['download'])).not.toContain('children');
  });
});

describe('ways', () => {
  test('the month, the series and the children can be downloaded', () => {
    const downloads = linksOf(dashboardPage(dashboardData('en'))).filter((link) => link['download'] !== undefined);
    const here = { division: '510104', month: '2026-10', indicator: 'respondedOnTimeRate', lang: 'en' };
    expect(downloads).toEqual([
      { ...here, download: 'month' },
      { ...here, download: 'series' },
      { ...here, download: 'children' },
    ]);
  });

  test('a month without figures says so, and offers the others', () => {
    const page = dashboardPage(dashboardData('zh-CN', { indicators: [], trend: [], children: [] }));
    expect(textOf(page)).toContain('本月还没有数字。');
    expect(page.match(/<option /g)).toHaveLength(12);
    expect(page).not.toContain('download=');
  });

  test('the start lists the provinces, and no figure', () => {
    const page = dashboardPage(startData('zh-CN'));
    expect(textOf(page)).toContain('|北京市|上海市|浙江省|四川省|新疆维吾尔自治区|');
    expect(linksOf(page)).toContainEqual({ division: '51', month: '2026-10', indicator: 'respondedOnTimeRate', lang: 'zh-CN' });
    expect(textOf(page)).not.toContain('%');
  });
});

test('the page is light: no script, nothing fetched, one style, under 60 KB with a hundred children', () => {
  for (const language of LANGUAGES) {
    const children = Array.from({ length: 100 }, (_, index) => ({
      code: `51010402${String(index).padStart(4, '0')}`,
      name: '狮子山街道第一社区',
      rank: index + 1,
      ...rate(1200 - index, 1245),
      met: index < 50,
    }));
    const page = dashboardPage(dashboardData(language, { children }));
    expect(Buffer.byteLength(page)).toBeLessThan(60_000);
    expect(page).not.toMatch(/<script|<link|<img|\ssrc=|https?:\/\/|\sstyle=/);
    expect(page.split('<style>')).toHaveLength(2);
    // What the handler's content security policy hashes.
    expect(page).toContain(`<style>${DASHBOARD_STYLE}</style>`);
  }
});
