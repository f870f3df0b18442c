/** The sandbox over real HTTP: what a payer presses, what is told of it, and what the adapter is answered. */
import { randomBytes } from 'node:crypto';
import { existsSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import axe from 'axe-core';
import { expect, onTestFinished, test } from 'vitest';
import type { Order, PaymentProvider, RawNotification } from '../../functions/data/payments.ts';
import { newId } from '../../functions/kernel/id.ts';
import { PAYMENT_METHODS } from '../../functions/kernel/payment-words.ts';
import { fen } from '../../functions/kernel/money.ts';
import { DAY, dayOf, HOUR, MINUTE, plus, toInstant } from '../../functions/kernel/time.ts';
import { startSandbox, type SandboxOptions } from '../../lib/local/sandbox-payments.ts';
import { CHROMIUM, launchChromium, NO_CHROMIUM } from '../support/chromium.ts';
import { logLines, temporaryFolder, turnedClock } from './support/local.ts';

if (CHROMIUM === undefined) console.warn(NO_CHROMIUM);

/** Takes notifications, or answers as it is told to, and keeps all that came. */
const receiver = async () => {
  const came: RawNotification[] = [];
  const statuses: number[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      came.push({ headers: request.headers as Record<string, string>, body: Buffer.concat(chunks) });
      response.writeHead(statuses.shift() ?? 200).end();
    });
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  onTestFinished(() => {
    server.close();
    server.closeAllConnections();
  });
  return { came, statuses, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/notifications` };
};

const setUp = async (options: Partial<SandboxOptions> = {}) => {
  const clock = turnedClock();
  const { log, codes } = logLines();
  const sandbox = await startSandbox({
    now: clock.now,
    random: randomBytes,
    port: 0,
    host: '127.0.0.1',
    log,
    retryAfterMs: [1, 1],
    ...options,
  });
  onTestFinished(() => sandbox.stop());
  const provider = sandbox.provider({ secret: () => Promise.resolve(undefined), fetch, now: clock.now, random: randomBytes });
  const told = await receiver();
  const order = (change: Partial<Order> = {}): Order => ({
    id: newId(randomBytes),
    amount: fen(123_450),
    method: 'page',
    subject: '春熙路社区基金',
    expiresAt: toInstant(plus(clock.now(), HOUR)),
    notifyUrl: told.url,
    returnUrl: 'https://example.org/thanks',
    ...change,
  });
  const press = async (id: string, action: string, headers: Record<string, string> = { accept: 'application/json' }) =>
    fetch(`${sandbox.url}/pay/${id}`, { method: 'POST', headers, body: new URLSearchParams({ action }), redirect: 'manual' });
  const made = async (change: Partial<Order> = {}): Promise<Order> => {
    const each = order(change);
    expect((await provider.create(each)).ok).toBe(true);
    return each;
  };
  return { sandbox, provider, clock, codes, told, order, made, press };
};

const paid = async (provider: PaymentProvider, id: string) => {
  const found = await provider.find({ id });
  if (!found.ok || found.value.kind !== 'paid') throw new Error('it has not been paid');
  return found.value;
};

const allOf = async <T>(pages: AsyncIterable<T>): Promise<readonly T[]> => {
  const all: T[] = [];
  for await (const page of pages) all.push(page);
  return all;
};

test('who pays is told of with a signature that the adapter believes, before the answer', async () => {
  const { provider, clock, told, press, made } = await setUp();
  const { id } = await made();
  expect(await provider.find({ id })).toEqual({ ok: true, value: { kind: 'open' } });
  const answer = await press(id, 'pay');
  expect([answer.status, await answer.json()]).toEqual([200, { order: id, state: 'paid', payments: 1, notified: true }]);
  const [notification] = told.came;
  if (notification === undefined) throw new Error('nothing was told');
  const { transaction, paidAt } = await paid(provider, id);
  const fact = { kind: 'paid', order: id, transaction, amount: 123_450, paidAt };
  expect(await provider.read(notification, clock.now())).toEqual({ ok: true, value: fact });
  expect(paidAt).toBe(toInstant(clock.now()));
});

test('what is not signed, changed by a byte, signed by another, too old or ahead is refused', async () => {
  const { provider, clock, told, press, made } = await setUp();
  const other = await setUp();
  const { id } = await made();
  await press(id, 'pay');
  const [{ headers, body } = { headers: {}, body: new Uint8Array() }] = told.came;
  const read = (change: Partial<RawNotification>, at = clock.now()) => provider.read({ headers, body, ...change }, at);
  expect(await read({})).toMatchObject({ ok: true });
  const { 'webhook-signature': signature = '', ...unsigned } = headers;
  for (const change of [
    { headers: unsigned },
    { headers: { ...headers, 'webhook-signature': signature.replace('v1,', 'v2,') } },
    { headers: { ...headers, 'webhook-signature': 'v1,' } },
    { headers: { ...headers, 'webhook-id': newId(randomBytes) } },
    { headers: { ...headers, 'webhook-timestamp': `${headers['webhook-timestamp']}0` } },
    { body: Buffer.from(Buffer.from(body).toString().replace('123450', '123451')) },
  ])
    expect(await read(change)).toEqual({ ok: false, error: 'notGenuine' });
  expect(await other.provider.read({ headers, body }, clock.now())).toEqual({ ok: false, error: 'notGenuine' });
  // Beside another, of a key that comes or goes, the right one is found.
  expect(await read({ headers: { ...headers, 'webhook-signature': `v1,AAAA ${signature}` } })).toMatchObject({ ok: true });
  for (const minutes of [-6, 6]) expect(await read({}, plus(clock.now(), minutes * MINUTE))).toEqual({ ok: false, error: 'stale' });
  for (const minutes of [-4, 4]) expect(await read({}, plus(clock.now(), minutes * MINUTE))).toMatchObject({ ok: true });
});

test('the adapter’s answers are what the sandbox takes or tries again', async () => {
  const { provider } = await setUp();
  expect((['taken', 'refused', 'later'] as const).map((outcome) => provider.answer(outcome).status)).toEqual([200, 400, 503]);
});

test('what is not taken is told again with the same id, a few times', async () => {
  const { told, press, made, codes } = await setUp();
  const { id } = await made();
  told.statuses.push(503, 500);
  expect(await (await press(id, 'pay')).json()).toMatchObject({ state: 'paid', notified: true });
  expect(told.came).toHaveLength(3);
  expect(new Set(told.came.map(({ headers }) => headers['webhook-id'])).size).toBe(1);

  const lost = await made();
  told.statuses.push(500, 500, 500);
  expect(await (await press(lost.id, 'pay')).json()).toMatchObject({ state: 'paid', notified: false });
  expect(codes()).toEqual(['sandboxNotificationNotTaken']);
  expect(await (await press(lost.id, 'notify')).json()).toMatchObject({ notified: true });
});

test('nobody there to be told does not undo a payment', async () => {
  const { provider, press, made } = await setUp();
  const { id } = await made({ notifyUrl: 'http://127.0.0.1:9/' });
  expect(await (await press(id, 'pay')).json()).toMatchObject({ state: 'paid', notified: false });
  expect((await provider.find({ id })).ok).toBe(true);
});

test('a payment that fails changes nothing and can be tried again', async () => {
  const { provider, clock, told, press, made } = await setUp();
  const { id } = await made();
  expect(await (await press(id, 'fail')).json()).toMatchObject({ state: 'open', payments: 0 });
  const [notification] = told.came;
  if (notification === undefined) throw new Error('nothing was told');
  expect(await provider.read(notification, clock.now())).toEqual({ ok: true, value: { kind: 'nothing' } });
  expect(await (await press(id, 'pay')).json()).toMatchObject({ state: 'paid' });
});

test('paid twice is two transactions, each told of', async () => {
  const { provider, clock, told, press, made } = await setUp();
  const { id } = await made();
  expect(await (await press(id, 'twice')).json()).toMatchObject({ state: 'paid', payments: 2, notified: true });
  const facts = await Promise.all(told.came.map((each) => provider.read(each, clock.now())));
  const transactions = facts.map((fact) => (fact.ok && fact.value.kind === 'paid' ? fact.value.transaction : undefined));
  expect([transactions.length, new Set(transactions).size, transactions.includes(undefined)]).toEqual([2, 2, false]);
  expect(transactions).toContain((await paid(provider, id)).transaction);
  for (const action of ['pay', 'twice']) expect((await press(id, action)).status).toBe(409);
  expect((await press(id, 'steal')).status).toBe(400);
});

test('an order is made once, under its id; another amount is another order', async () => {
  const { provider, press, order } = await setUp();
  const one = order();
  const first = await provider.create(one);
  expect(first).toMatchObject({ ok: true, value: { method: 'page', url: expect.stringContaining(`/pay/${one.id}`) } });
  expect(await provider.create(one)).toEqual(first);
  const url: unknown = first.ok ? first.value.url : undefined;
  expect(await provider.create({ ...one, method: 'native' })).toEqual({ ok: true, value: { method: 'native', url, codeUrl: url } });
  for (const method of provider.methods)
    expect(await provider.create({ ...one, method })).toMatchObject({ ok: true, value: { method, url } });
  expect([...provider.methods].toSorted()).toEqual([...PAYMENT_METHODS].toSorted());
  expect(await provider.create({ ...one, amount: fen(1) })).toMatchObject({ error: { code: 'refused', providerCode: 'orderDiffers' } });
  await press(one.id, 'pay');
  expect(await provider.create(one)).toMatchObject({ error: { code: 'refused', providerCode: 'orderPaid' } });
});

test('what is closed or expired can no longer be paid; what is paid cannot be closed', async () => {
  const { provider, clock, press, made } = await setUp();
  const one = await made();
  expect(await provider.close(one)).toEqual({ ok: true, value: undefined });
  expect(await provider.close(one)).toEqual({ ok: true, value: undefined });
  expect(await provider.find(one)).toEqual({ ok: true, value: { kind: 'closed' } });
  expect((await press(one.id, 'pay')).status).toBe(409);
  const paidOne = await made();
  await press(paidOne.id, 'pay');
  expect(await provider.close(paidOne)).toMatchObject({ ok: false, error: { code: 'refused' } });
  const late = await made();
  clock.turn(HOUR);
  expect(await provider.find(late)).toEqual({ ok: true, value: { kind: 'closed' } });
  expect((await press(late.id, 'twice')).status).toBe(409);
  expect((await paid(provider, paidOne.id)).amount).toBe(123_450);
  const never = { id: newId(randomBytes) };
  expect([await provider.find(never), await provider.close(never)]).toMatchObject([{ value: { kind: 'closed' } }, { ok: true }]);
});

test('a refund is made once, told of, and never beyond its payment', async () => {
  const { provider, clock, told, press, made } = await setUp();
  const { id, amount: total } = await made();
  await press(id, 'twice');
  const { transaction } = await paid(provider, id);
  const refund = { order: id, transaction, total, reason: '重复支付', notifyUrl: told.url };
  const first = { ...refund, id: newId(randomBytes), amount: fen(100_000) };
  expect(await provider.findRefund(first)).toMatchObject({ ok: false, error: { code: 'refused', providerCode: 'refundNotFound' } });
  told.came.length = 0;
  for (const _ of [1, 2]) expect(await provider.refund(first)).toEqual({ ok: true, value: { kind: 'succeeded' } });
  expect(await provider.findRefund(first)).toEqual({ ok: true, value: { kind: 'succeeded' } });
  await expect.poll(() => told.came.length).toBe(1);
  const [notification] = told.came;
  if (notification === undefined) throw new Error('nothing was told');
  expect(await provider.read(notification, clock.now())).toEqual({
    ok: true,
    value: { kind: 'refunded', order: id, refund: first.id, amount: 100_000, outcome: 'succeeded' },
  });
  for (const [change, code] of [
    [{ amount: fen(99_999) }, 'refundDiffers'],
    [{ id: newId(randomBytes), amount: fen(23_451) }, 'refundTooLarge'],
    [{ id: newId(randomBytes), total: fen(1) }, 'totalDiffers'],
    [{ id: newId(randomBytes), transaction: 'unknown' }, 'paymentNotFound'],
    [{ id: newId(randomBytes), order: 'unknown' }, 'orderNotFound'],
  ] as const)
    expect(await provider.refund({ ...first, ...change })).toMatchObject({ ok: false, error: { code: 'refused', providerCode: code } });
  expect((await provider.refund({ ...first, id: newId(randomBytes), amount: fen(23_450) })).ok).toBe(true);
});

test('the bill of a day in Shanghai has its payments and refunds, of this day what there is so far', async () => {
  const { provider, clock, told, press, made } = await setUp();
  const { id, amount } = await made();
  await press(id, 'pay');
  const { transaction } = await paid(provider, id);
  const day = dayOf(clock.now());
  const refund = { id: newId(randomBytes), order: id, transaction, total: amount, amount: fen(50), reason: '退款', notifyUrl: told.url };
  const payment = [[{ kind: 'payment', order: id, transaction, amount }]];
  expect(await allOf(provider.bill(day))).toEqual(payment);
  clock.turn(DAY);
  await provider.refund(refund);
  expect(await allOf(provider.bill(day))).toEqual(payment);
  const next = dayOf(clock.now());
  expect(await allOf(provider.bill(next))).toEqual([[{ kind: 'refund', order: id, refund: refund.id, transaction, amount: 50 }]]);
  clock.turn(DAY);
  expect(await allOf(provider.bill(dayOf(clock.now())))).toEqual([]);
});

test('a page of the bill follows another until all is told', async () => {
  const folder = temporaryFolder();
  const paidAt = '2026-11-20T04:00:00.000Z';
  const stored = Array.from({ length: 2500 }, (_each, index) => ({
    id: `order-${index}`,
    amount: 100,
    subject: '基金',
    expiresAt: paidAt,
    notifyUrl: 'http://127.0.0.1/',
    closed: false,
    payments: [{ transaction: `payment-${index}`, paidAt }],
    refunds: [],
    told: [],
  }));
  writeFileSync(join(folder, 'sandbox-payments.json'), JSON.stringify(stored));
  const { provider, clock } = await setUp({ dataFolder: folder });
  const pages = await allOf(provider.bill(dayOf(plus(clock.now(), -4 * DAY))));
  expect(pages.map(({ length }) => length)).toEqual([1000, 1000, 500]);
  expect(new Set(pages.flat().map(({ order }) => order)).size).toBe(2500);
});

test('orders outlive a restart where there is a folder', async () => {
  const dataFolder = temporaryFolder();
  const before = await setUp({ dataFolder });
  const one = await before.made();
  const open = await before.made();
  await before.press(one.id, 'pay');
  const { transaction } = await paid(before.provider, one.id);
  await before.sandbox.stop();
  const after = await setUp({ dataFolder });
  expect((await paid(after.provider, one.id)).transaction).toBe(transaction);
  expect(await (await after.press(open.id, 'pay')).json()).toMatchObject({ state: 'paid', notified: true });
  await after.sandbox.stop();
  expect(existsSync(join(dataFolder, 'sandbox-payments.json'))).toBe(true);
  writeFileSync(join(dataFolder, 'sandbox-payments.json'), '[{"id":1}]');
  await expect(setUp({ dataFolder })).rejects.toThrow('remove it');
});

test('without the secret nobody asks it anything, nor twice with one signature for something else', async () => {
  const { sandbox, made } = await setUp();
  const { id } = await made();
  for (const [method, path] of [
    ['GET', `/orders/${id}`],
    ['POST', '/orders'],
    ['POST', '/refunds'],
    ['GET', '/bills/2026-11-20'],
    ['GET', '/'],
  ] as const)
    expect([path, (await fetch(`${sandbox.url}${path}`, { method })).status]).toEqual([path, 401]);
  const tooLarge = await fetch(`${sandbox.url}/orders`, { method: 'POST', body: 'x'.repeat(100_000) });
  expect([tooLarge.status, await tooLarge.json()]).toEqual([413, { code: 'tooLarge' }]);
  const other = await setUp();
  const theirs = { ...other.order(), notifyUrl: 'file:///etc/passwd' };
  expect(await other.provider.create(theirs)).toMatchObject({ error: { code: 'refused', providerCode: 'invalid' } });
  // oxlint-disable-next-line no-script-url
  expect(await other.provider.create(other.order({ returnUrl: 'javascript:alert(1)' }))).toMatchObject({ ok: false });
});

test('a sandbox that is not there is unavailable, as is one that answers nonsense', async () => {
  const { sandbox, provider, order, told } = await setUp();
  await sandbox.stop();
  expect(await provider.create(order())).toEqual({ ok: false, error: { code: 'unavailable' } });
  const nonsense = sandbox.provider({
    secret: () => Promise.resolve(undefined),
    fetch: () => fetch(told.url),
    now: () => plus(turnedClock().now(), 0),
    random: randomBytes,
  });
  expect(await nonsense.find({ id: 'x' })).toEqual({ ok: false, error: { code: 'unavailable' } });
});

test('another site’s page presses nothing, and no other name of this machine is known', async () => {
  const { sandbox, provider, press, made } = await setUp();
  const { id } = await made();
  for (const origin of ['https://evil.example', 'null', 'http://127.0.0.1'])
    expect([origin, (await press(id, 'pay', { origin })).status]).toEqual([origin, 403]);
  expect(await provider.find({ id })).toMatchObject({ value: { kind: 'open' } });
  expect((await press(id, 'fail', { origin: sandbox.url })).status).toBe(303);
  expect((await press(id, 'pay', { origin: sandbox.url })).headers.get('location')).toBe(`/pay/${id}?lang=zh-CN`);
  expect((await fetch(`${sandbox.url}/pay/${id}`, { method: 'DELETE' })).status).toBe(405);
});

test.for([
  { language: 'zh-CN', words: ['支付', '支付失败', '重复支付', '待支付', '不动真钱'] },
  { language: 'en', words: ['Pay', 'Fail', 'Pay twice', 'To be paid', 'no money moves'] },
])('the page shows fund, yuan and three buttons, as text: $language', async ({ language, words }) => {
  const { sandbox, made, press } = await setUp();
  const { id } = await made({ subject: '<script>alert(1)</script>基金' });
  const page = await fetch(`${sandbox.url}/pay/${id}`, { headers: { 'accept-language': language } });
  const text = await page.text();
  expect([page.status, page.headers.get('content-type')]).toEqual([200, 'text/html; charset=utf-8']);
  expect(page.headers.get('content-security-policy')).toContain("default-src 'none'");
  expect(text).toContain(`<html lang="${language}">`);
  expect(text).toContain('&lt;script&gt;alert(1)&lt;/script&gt;基金');
  expect(text).toContain('¥1234.50');
  expect(text).toContain('href="https://example.org/thanks"');
  expect([...text.matchAll(/<button name="action" value="(\w+)"/g)].map(([, action]) => action)).toEqual(['pay', 'fail', 'twice']);
  for (const word of words) expect(text).toContain(word);
  await press(id, 'twice', {});
  const after = await (await fetch(`${sandbox.url}/pay/${id}?lang=${language}`)).text();
  expect(after).toContain(language === 'en' ? 'Paid twice' : '已支付两次');
  expect([...after.matchAll(/value="(\w+)"/g)].map(([, action]) => action)).toEqual(['notify']);
  const unknown = await fetch(`${sandbox.url}/pay/none?lang=${language}`);
  expect([unknown.status, (await unknown.text()).includes(language === 'en' ? 'no such order' : '没有这个订单')]).toEqual([404, true]);
});

test.runIf(CHROMIUM !== undefined)(
  'a browser pays with a press of a button, in 18 px and to axe’s content, under the page’s own policy',
  async () => {
    const { sandbox, provider, made } = await setUp();
    const browser = await launchChromium(CHROMIUM ?? '');
    onTestFinished(() => browser.close());
    for (const [lang, fail, pay, paidWord] of [
      ['zh-CN', '支付失败', '支付', '已支付'],
      ['en', 'Fail', 'Pay', 'Paid'],
    ] as const) {
      const { id } = await made();
      const page = await browser.newPage({ viewport: { width: 360, height: 740 } });
      const complaints: string[] = [];
      page.on('console', (message) => complaints.push(message.text()));
      const examine = async (): Promise<void> => {
        await page.evaluate(axe.source);
        const runOnly = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];
        const { violations, incomplete } = await page.evaluate<axe.AxeResults>(`axe.run(${JSON.stringify({ runOnly })})`);
        expect([...violations, ...incomplete].map((each) => [each.id, each.nodes.map(({ html }) => html)])).toEqual([]);
        const sizes = await page.evaluate<number[]>(
          `[...document.querySelectorAll('main *')].map((each) => parseFloat(getComputedStyle(each).fontSize))`,
        );
        expect(Math.min(...sizes)).toBeGreaterThanOrEqual(18);
        expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(360);
      };
      await page.goto(`${sandbox.url}/pay/${id}?lang=${lang}`);
      await examine();
      await page.getByRole('button', { name: fail, exact: true }).click();
      await expect.poll(() => page.url()).toContain('failed');
      await examine();
      await page.getByRole('button', { name: pay, exact: true }).click();
      await page.getByText(paidWord, { exact: false }).first().waitFor();
      await examine();
      expect((await paid(provider, id)).amount).toBe(123_450);
      expect(complaints.filter((each) => !each.includes('favicon') && !each.includes('404') && !each.includes('401'))).toEqual([]);
      await page.close();
    }
  },
);
