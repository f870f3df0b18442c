/** A receipt as its donor reads and prints it. */
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import axe from 'axe-core';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { RECEIPT_HEADERS, receiptPage, type ReceiptShown } from '../../functions/donations/receipt-page.ts';
import { fen } from '../../functions/kernel/money.ts';
import type { Instant } from '../../functions/kernel/time.ts';
import { CHROMIUM, launchChromium, NO_CHROMIUM } from '../support/chromium.ts';

if (CHROMIUM === undefined) console.warn(NO_CHROMIUM);

const LANGUAGES = ['zh-CN', 'en'] as const;

const RECEIPT: ReceiptShown = {
  number: '01JD0000000000000000000000-2026-000001',
  payer: '王小明',
  anonymous: false,
  amount: fen(123_456_750),
  amountInWords: '人民币壹佰贰拾叁万肆仟伍佰陆拾柒元伍角',
  currency: 'CNY',
  fund: { 'zh-CN': '春熙路社区基金', en: 'Chunxi Road community fund' },
  purpose: { 'zh-CN': '助老', en: 'Care of the old' },
  division: '春熙路街道大科甲巷社区',
  channel: 'wechatPay',
  donatedAt: '2026-11-23T16:30:00.000Z' as Instant,
  issuedAt: '2026-11-24T01:00:00.000Z' as Instant,
  checkCode: '7K3M-9QXT-2B4F',
  reprint: false,
  void: false,
  donation: '01JD4X5Y6Z7A8B9C0D1E2F3G4H',
};

/** What a reader reads. */
const textOf = (page: string): string =>
  page
    .replace(/<style>[\s\S]*<\/style>/, '')
    .replaceAll(/<[^>]*>/g, '|')
    .replaceAll(/\|+/g, '|');

test('it has what the finance authority’s form has: number, donor, day in Shanghai, project, kind, quantity, amounts, recipient, hands', () => {
  const text = textOf(receiptPage({ ...RECEIPT, treasurer: '李会计' }, 'zh-CN'));
  for (const shown of [
    '|收据编号|01JD0000000000000000000000-2026-000001|',
    '|捐赠日期|2026年11月24日|',
    '|开具日期|2026年11月24日|',
    '|捐赠人|王小明|',
    '|捐赠项目|种类（币种）|数量|金额（元）|',
    '|春熙路社区基金 · 助老|货币资金（人民币 CNY）|1|1,234,567.50|',
    '|金额合计（大写）|人民币壹佰贰拾叁万肆仟伍佰陆拾柒元伍角|',
    '|金额合计（小写）|¥1,234,567.50|',
    '|接受单位|春熙路社区基金 · 春熙路街道大科甲巷社区|',
    '|支付方式|微信支付|',
    '|复核人|李会计|',
    '|开票人|李会计|',
    '|校验码|7K3M-9QXT-2B4F|',
    '|捐赠编号|01JD4X5Y6Z7A8B9C0D1E2F3G4H|',
    '|备注|—|',
  ])
    expect(text).toContain(shown);
  expect(text).not.toMatch(/补打|作废/);
});

test('it is in English where that is asked for, and what is Chinese in it is marked so', () => {
  const page = receiptPage(RECEIPT, 'en');
  expect(page).toContain('<html lang="en">');
  for (const shown of ['24 November 2026', 'Donor', 'WeChat Pay', 'Chunxi Road community fund · Care of the old', '(signature)'])
    expect(textOf(page)).toContain(shown);
  expect(page).toContain('<span lang="zh-CN">王小明</span>');
  expect(page).toContain('lang="zh-CN">人民币壹佰');
});

test.for(LANGUAGES)('it says in both languages that it is not the finance authority’s invoice: %s', (language) => {
  const text = textOf(receiptPage(RECEIPT, language));
  expect(text).toContain('不是财政部门监制的《公益事业捐赠统一票据》，不能单独作为税前扣除凭证');
  expect(text).toContain('It is NOT the unified invoice of the finance authority');
  expect(text).toContain('cannot by itself be used for tax deduction');
});

test.for([
  { language: 'zh-CN', reprint: '补打', isVoid: '作废' },
  { language: 'en', reprint: 'Reprint', isVoid: 'Void' },
] as const)('one that was printed again or is void says so in text and across the page: $language', ({ language, reprint, isVoid }) => {
  const across = (receipt: Partial<ReceiptShown>): string | undefined =>
    /<main class="(\w+)">/.exec(receiptPage({ ...RECEIPT, ...receipt }, language))?.[1];
  const status = (receipt: Partial<ReceiptShown>): readonly string[] =>
    [...receiptPage({ ...RECEIPT, ...receipt }, language).matchAll(/<p class="status">(\w+|补打|作废)/g)].map(([, first = '']) => first);
  expect([across({}), status({})]).toEqual([undefined, []]);
  expect([across({ reprint: true }), status({ reprint: true })]).toEqual(['reprint', [reprint]]);
  expect([across({ void: true }), status({ void: true })]).toEqual(['void', [isVoid]]);
  expect([across({ void: true, reprint: true }), status({ void: true, reprint: true })]).toEqual(['void', [isVoid, reprint]]);
});

test('a donor’s own receipt names the donor; one who gave no name is an anonymous donor', () => {
  const hidden = textOf(receiptPage({ ...RECEIPT, anonymous: true }, 'zh-CN'));
  expect(hidden).toContain('|捐赠人|王小明|');
  expect(hidden).toContain('|备注|对外公示时匿名。|');
  for (const payer of ['', ' ', '匿名捐赠人']) {
    expect(textOf(receiptPage({ ...RECEIPT, anonymous: true, payer }, 'zh-CN'))).toContain('|捐赠人|匿名捐赠人|');
    expect(textOf(receiptPage({ ...RECEIPT, anonymous: true, payer }, 'en'))).toContain('|Donor|Anonymous donor|');
  }
});

test.for(['<script>alert(1)</script>', '"><img src=x onerror=alert(1)>', `' onfocus='alert(1)`, '&lt;b&gt;${number}', '</title></style>'])(
  'every text is shown as it is written: %s',
  (evil) => {
    const texts = { 'zh-CN': evil, en: evil };
    const page = receiptPage(
      {
        ...RECEIPT,
        number: evil,
        payer: evil,
        amountInWords: evil,
        fund: texts,
        purpose: texts,
        division: evil,
        channel: evil,
        checkCode: evil,
        donation: evil,
        treasurer: evil,
        reprint: true,
      },
      'en',
    );
    const plain = receiptPage({ ...RECEIPT, reprint: true, treasurer: 'x' }, 'en');
    const tags = (each: string): ReadonlySet<string> => new Set(each.replaceAll(/"[^"]*"/g, '""').match(/<[^>]*>/g));
    expect([...tags(page)].filter((tag) => !tags(plain).has(tag))).toEqual([]);
    const escaped = evil.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
    expect(page.split(escaped.replaceAll('"', '&quot;').replaceAll("'", '&#39;')).length - 1).toBeGreaterThanOrEqual(13);
  },
);

test('nothing in it runs or is loaded', () => {
  const headers = RECEIPT_HEADERS;
  expect(headers['content-security-policy']).toMatch(/^default-src 'none'; style-src 'sha256-[\w+/]+=*'; form-action 'none'/);
  expect(headers).toMatchObject({ 'x-content-type-options': 'nosniff', 'referrer-policy': 'no-referrer' });
  const page = receiptPage(RECEIPT, 'en');
  expect(page).not.toMatch(/<script|<link|<img|<form|\ssrc=|\shref=|\sstyle=|url\(/);
});

describe.runIf(CHROMIUM !== undefined)('in a real browser', () => {
  let server: Server;
  let browser: Browser;
  const LONG: Partial<ReceiptShown> = {
    payer: '成都市锦江区某某某科技发展有限责任公司工会委员会及全体职工',
    fund: {
      'zh-CN': '成都市锦江区春熙路街道大科甲巷社区发展基金',
      en: 'Community development fund of Dakejiaxiang, Chunxi Road, Jinjiang',
    },
    amount: fen(123_456_789_012),
    amountInWords: '人民币壹拾贰亿叁仟肆佰伍拾陆万柒仟捌佰玖拾元零壹角贰分',
    anonymous: true,
    reprint: true,
    void: true,
  };

  beforeAll(async () => {
    server = createServer((request, response) => {
      const { pathname, searchParams } = new URL(request.url ?? '/', 'http://localhost');
      const language = searchParams.get('lang') === 'en' ? 'en' : 'zh-CN';
      response.writeHead(pathname === '/' ? 200 : 404, { 'content-type': 'text/html; charset=utf-8', ...RECEIPT_HEADERS });
      response.end(pathname === '/' ? receiptPage({ ...RECEIPT, ...(searchParams.has('long') ? LONG : {}) }, language) : '');
    });
    await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
    browser = await launchChromium(CHROMIUM ?? '');
  });
  afterAll(async () => {
    await browser.close();
    server.close();
  });
  const urlOf = (query: string): string => `http://127.0.0.1:${(server.address() as AddressInfo).port}/?${query}`;

  const RULES = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];
  const told = (results: readonly axe.Result[]) => results.flatMap(({ id, nodes }) => nodes.map(({ html }) => `${id}: ${html}`));

  test.for(LANGUAGES)('axe finds nothing, all text is 18 px or more, and it fits a phone: %s', async (lang) => {
    const page = await browser.newPage();
    const complaints: string[] = [];
    page.on('console', (message) => complaints.push(message.text()));
    for (const query of [`lang=${lang}`, `lang=${lang}&long`])
      for (const width of [360, 1280]) {
        await page.setViewportSize({ width, height: 740 });
        await page.goto(urlOf(query));
        await page.evaluate(axe.source);
        const { violations, incomplete } = await page.evaluate<axe.AxeResults>(`axe.run(${JSON.stringify({ runOnly: RULES })})`);
        expect([query, width, told(violations)]).toEqual([query, width, []]);
        expect(told(incomplete)).toEqual([]);
        expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(width);
        expect(
          await page.evaluate(
            `Math.min(...[...document.querySelectorAll('main *')].map((each) => parseFloat(getComputedStyle(each).fontSize)))`,
          ),
        ).toBeGreaterThanOrEqual(18);
      }
    expect(complaints.filter((each) => !each.includes('favicon') && !each.includes('404'))).toEqual([]);
    expect(await page.evaluate(`getComputedStyle(document.querySelector('main'), '::after').content`)).toContain('作废 Void');
    await page.close();
  });

  test.for(LANGUAGES)('it is printed on one page of A5, landscape: %s', async (lang) => {
    const page = await browser.newPage();
    for (const query of [`lang=${lang}`, `lang=${lang}&long`]) {
      await page.goto(urlOf(query));
      const pdf = (await page.pdf({ preferCSSPageSize: true })).toString('latin1');
      expect([query, pdf.match(/\/Type\s*\/Page\b/g)?.length]).toEqual([query, 1]);
      const [, width = '0', height = '0'] = /\/MediaBox\s*\[0 0 ([\d.]+) ([\d.]+)\]/.exec(pdf) ?? [];
      expect([Math.round(Number(width)), Math.round(Number(height))]).toEqual([595, 420]);
    }
    await page.close();
  });
});
