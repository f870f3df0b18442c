/** The dashboard of the running system, walked through in a real browser without scripts, as somebody would who looks for their community. */
import axe from 'axe-core';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { CHROMIUM, launchChromium, NO_CHROMIUM } from '../support/chromium.ts';
import { dispatcher, resident, SHUIJINGFANG, worker } from '../support/people.ts';
import { startWorld, type World } from '../support/world.ts';

if (CHROMIUM === undefined) console.warn(NO_CHROMIUM);

let world: World;

/** So many rated requests that their rating may be shown. */
const RATED = 6;

beforeAll(async () => {
  world = await startWorld({ at: '2026-10-05T09:00:00+08:00' });
  for (let index = 0; index < RATED; index++) {
    const { body: request } = await world.post('/v1/requests', resident, {
      service: 'streetLamp',
      community: SHUIJINGFANG,
      description: '路灯坏了',
      channel: 'app',
    });
    await world.post(`/v1/requests/${request.id}/accept`, dispatcher);
    await world.post(`/v1/requests/${request.id}/assign`, dispatcher, { to: { kind: 'worker', id: worker.sub } });
    await world.post(`/v1/requests/${request.id}/start`, worker);
    await world.post(`/v1/requests/${request.id}/resolve`, worker, { resolution: '已修' });
    await world.post(`/v1/requests/${request.id}/rating`, resident, { level: index === 0 ? 2 : 5 });
  }
  world.turnTo('2026-11-10T09:00:00+08:00');
  await world.schedule('monthlyMetrics', '2026-11-01T00:30:00+08:00');
  await world.schedule('metricsRefresh');
});
afterAll(() => world.stop());

test('the page answers as a public resource: ETag, cache, a policy, its language, 404 for what is not there', async () => {
  const page = await world.call('GET', '/dashboard?division=510104', { headers: { 'accept-language': 'en' } });
  expect([page.status, page.headers.get('content-type'), page.headers.get('content-language')]).toEqual([
    200,
    'text/html; charset=utf-8',
    'en',
  ]);
  expect(page.headers.get('cache-control')).toBe('public, max-age=60');
  expect(page.headers.get('vary')).toBe('Accept-Language');
  expect(page.headers.get('content-security-policy')).toContain("default-src 'none'");
  const again = await world.call('GET', '/dashboard?division=510104', {
    headers: { 'accept-language': 'en', 'if-none-match': page.headers.get('etag') ?? '' },
  });
  expect([again.status, again.text]).toEqual([304, '']);
  expect((await world.get('/dashboard?division=99')).status).toBe(404);
});

/** As browsers ask for a page. */
const BROWSER = 'text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,*/*;q=0.8';

test.for([
  ['division=99', 404, '没有这个区划', 'There is no such division', ['']],
  ['division=abc', 422, '应为 2、4、6、9 或 12 位区划代码', 'must be a division code of 2, 4, 6, 9 or 12 digits', ['']],
  ['division=510104&month=2026-13', 422, '月份：应为月份', 'Month: must be a month', ['510104', '']],
  ['division=510104&indicator=none', 422, '没有这个指标', 'is no indicator', ['510104', '']],
  ['division=510104&lang=fr', 422, '网址有误', 'Something in the address is wrong', ['510104', '']],
  ['division=510104&division=51', 422, '只能出现一次', 'may be given once', ['']],
  ['colour=red', 422, 'colour', 'colour', ['']],
] as const)('a person who asks for what is not there gets a page that says so and leads on: %s', async ([query, status, zh, en, ways]) => {
  for (const [language, told] of [
    ['zh-CN', zh],
    ['en', en],
  ] as const) {
    const ask = (path: string, accept: string) => world.call('GET', path, { headers: { accept, 'accept-language': language } });
    const page = await ask(`/dashboard?${query}`, BROWSER);
    expect([page.status, page.headers.get('content-type')]).toEqual([status, 'text/html; charset=utf-8']);
    expect(page.text).toContain(`<html lang="${language}">`);
    expect(page.text).toContain(told);
    const [, main = ''] = page.text.split('<main');
    const links = [...main.matchAll(/href="\?([^"]*)"/g)].map(([, link = '']) => new URLSearchParams(link.replaceAll('&amp;', '&')));
    expect(links.map((link) => link.get('division') ?? '')).toEqual(ways);
    for (const link of links) expect((await ask(`/dashboard?${link.toString()}`, BROWSER)).status).toBe(200);

    const usual = await ask('/dashboard', BROWSER);
    for (const name of ['content-security-policy', 'content-language', 'vary', 'referrer-policy', 'x-content-type-options'])
      expect([name, page.headers.get(name)]).toEqual([name, usual.headers.get(name)]);
    expect(page.headers.get('cache-control')).toBe('no-store');

    for (const accept of ['*/*', 'application/json', 'application/json, text/html;q=0.9']) {
      const problem = await ask(`/dashboard?${query}`, accept);
      expect([problem.status, problem.headers.get('content-type')]).toEqual([status, 'application/problem+json; charset=utf-8']);
    }
  }
});

test('a problem speaks the language that the address asks for, and the switch keeps the rest of it', async () => {
  const page = await world.call('GET', '/dashboard?division=99&lang=en', { headers: { accept: 'text/html', 'accept-language': 'zh-CN' } });
  expect(page.headers.get('content-language')).toBe('en');
  expect(page.text).toContain('href="?division=99&amp;lang=zh-CN"');
});

test('what is downloaded is what the page shows, to be kept as a file', async () => {
  const csv = await world.get('/dashboard?division=510104&month=2026-10&download=month');
  expect(csv.headers.get('content-type')).toBe('text/csv; charset=utf-8');
  expect(csv.headers.get('content-disposition')).toBe('attachment; filename="linli-510104-2026-10-month.csv"');
  expect(csv.text).toContain(`510104,2026-10,final,1,2026-10-31T16:30:00.000Z,satisfactionRate,5,6,0.833333,,,`);
  const children = await world.get('/dashboard?division=510104&month=2026-10&indicator=requestsClosed&download=children');
  expect(children.text).toContain(`510104017,锦官驿街道,2026-10,final,requestsClosed,1,6,,6,,,`);
  const series = await world.get('/dashboard?division=51&month=2026-10&indicator=requestsClosed&download=series');
  expect(series.text).toContain('51,requestsClosed,2026-10,final,1,6,,6,,,');
});

test('to the public an open month shows no sensitive figure, and the way on from it', async () => {
  const { text } = await world.get('/dashboard?division=510104&month=2026-11&indicator=satisfactionRate&lang=en');
  expect(text).toContain('division=510104017');
  expect(text.match(/Shown when final/g)?.length).toBeGreaterThanOrEqual(3);
  expect((await world.get('/v1/metrics?division=510104&month=2026-11')).body.indicators.map(({ id }: { id: string }) => id)).not.toContain(
    'satisfactionRate',
  );
});

describe.runIf(CHROMIUM !== undefined)('in a real browser', () => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await launchChromium(CHROMIUM ?? '');
  });
  afterAll(() => browser.close());

  test('from the provinces down to a community, to another month and to English, by links and a form alone', async () => {
    const page = await (
      await browser.newContext({ javaScriptEnabled: false, locale: 'zh-CN', viewport: { width: 360, height: 740 } })
    ).newPage();
    page.setDefaultTimeout(5000);
    // As of what the policy refuses. A browser with a window asks for the site's icon by itself.
    const complaints: string[] = [];
    page.on('console', (message) => complaints.push(message.text()));
    await page.goto(`${world.url}/dashboard`);
    for (const place of ['四川省', '成都市', '锦江区', '锦官驿街道', '水井坊社区'])
      await page.getByRole('link', { name: place }).first().click();
    expect(await page.getByRole('heading', { level: 1 }).textContent()).toContain('水井坊社区');
    expect(await page.getByRole('main').textContent()).toContain('已定稿');
    await page.getByRole('combobox').selectOption('2026-11');
    await page.getByRole('button').click();
    expect(await page.getByRole('main').textContent()).toContain('暂计');
    await page.getByRole('link', { name: 'English' }).click();
    expect(await page.locator('html').getAttribute('lang')).toBe('en');
    expect(page.url()).toContain('month=2026-11');
    expect(complaints.filter((each) => !each.includes('favicon'))).toEqual([]);
    await page.context().close();
  });

  const examine = async (page: Page): Promise<void> => {
    await page.evaluate(axe.source);
    const { violations, passes } = await page.evaluate<Pick<axe.AxeResults, 'violations' | 'passes'>>('axe.run()');
    expect(violations.map(({ id }) => id)).toEqual([]);
    expect(passes.length).toBeGreaterThan(10);
  };

  test('axe finds nothing in it, nor in a page that says what is wrong, from which a link leads on', async () => {
    const page = await (await browser.newContext({ locale: 'en', viewport: { width: 360, height: 740 } })).newPage();
    await page.goto(`${world.url}/dashboard?division=510104&month=2026-10&indicator=satisfactionRate`);
    await examine(page);
    await page.goto(`${world.url}/dashboard?division=510104&month=2026-13`);
    expect(await page.getByRole('heading', { level: 1 }).textContent()).toBe('Something in the address is wrong');
    await examine(page);
    await page.getByRole('link', { name: 'Division 510104' }).click();
    expect(await page.getByRole('heading', { level: 1 }).textContent()).toContain('锦江区');
    await page.context().close();
  });
});
