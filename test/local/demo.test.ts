/** What `npm start` shows: a demo that could have happened, and community funds whose books are right. */
import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  addDays,
  addMonths,
  DAY,
  dayOf,
  epochMs,
  HOUR,
  monthOf,
  plus,
  startOfDay,
  startOfMonth,
  type Day,
  type EpochMs,
  type Month,
} from '../../functions/kernel/time.ts';
import { foundationYear, type DemoCall, type FoundationTexts, type FoundationYear } from '../../lib/local/demo-foundation.ts';
import { startSystem, type System } from '../../lib/local/system.ts';
import { LONG } from '../support/faults.ts';

const NOW = epochMs(Date.parse('2026-11-24T09:00:00+08:00'));
const TEXTS: FoundationTexts = JSON.parse(readFileSync(new URL('../../lib/data/demo/foundation.json', import.meta.url), 'utf8'));
const PLAN = foundationYear(TEXTS, NOW, 'sandbox');
const TREASURER = { sub: 'demo-treasurer', roles: ['treasurer' as const], division: '510104' };
const QUARTERS = ['2025-Q4', '2026-Q1', '2026-Q2', '2026-Q3'];

const callsOf = (year: FoundationYear): readonly DemoCall[] => year.steps.flatMap(({ calls }) => calls);
const count = (year: FoundationYear, path: RegExp): number => callsOf(year).filter((call) => path.test(call.path)).length;
const giftsThatCame = (year: FoundationYear): number =>
  count(year, /\/confirm$/) + year.steps.filter(({ paidAfter }) => paidAfter !== undefined).length;

const folders = [mkdtempSync(join(tmpdir(), 'linli-demo-')), mkdtempSync(join(tmpdir(), 'linli-demo-'))] as const;
const [dataFolder, emptyFolder] = folders;
let system: System;
let token: string;
/** How often it was said that the demo is being laid out. */
let told = 0;
const start = (demo: boolean, folder: string, prepare?: (client: DynamoDBClient) => void): Promise<System> =>
  startSystem({
    dataFolder: folder,
    port: 0,
    demo,
    onDemo: () => void (told += 1),
    schedules: false,
    log: () => undefined,
    now: () => NOW,
    ...(prepare === undefined ? {} : { prepare }),
  });

/** Nothing answers any more, once the foundation has written so often. */
const diesAfter =
  (most: number) =>
  ({ middlewareStack }: DynamoDBClient): void => {
    let written = 0;
    middlewareStack.add(
      (next, { commandName }) =>
        (args) => {
          if (commandName === 'TransactWriteItemsCommand' && JSON.stringify(args.input).includes('linli-donations')) written += 1;
          return written > most ? Promise.reject(new Error('it has been killed')) : next(args);
        },
      { step: 'initialize' },
    );
  };

// Answers are looked at field by field; a wrong one fails the assertion.
// oxlint-disable-next-line typescript/no-explicit-any
const get = async (path: string, as?: string): Promise<any> => {
  const answer = await fetch(system.url + path, as === undefined ? {} : { headers: { authorization: `Bearer ${as}` } });
  expect(answer.status, path).toBe(200);
  return answer.json();
};
// oxlint-disable-next-line typescript/no-explicit-any
const all = async (path: string, as?: string): Promise<any[]> => {
  const items = [];
  let cursor = '';
  do {
    const page = await get(`${path}${path.includes('?') ? '&' : '?'}limit=100${cursor}`, as);
    items.push(...page.items);
    cursor = page.next === null ? '' : `&cursor=${page.next}`;
  } while (cursor !== '');
  return items;
};
const sum = (amounts: readonly number[]): number => amounts.reduce((total, each) => total + each, 0);

// In the long form everything here is shown of a demo that was killed in the middle and went on at the next start.
beforeAll(async () => {
  const wasKilled =
    !LONG ||
    (await start(true, dataFolder, diesAfter(300)).then(
      () => false,
      () => true,
    ));
  if (!wasKilled) throw new Error('the demo came to its end, and was to be killed in the middle');
  system = await start(true, dataFolder);
  token = await system.token(TREASURER);
}, 120_000);
afterAll(async () => {
  await system.stop();
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});

test('the alerts of the demo: one is active, one is over, one was an exercise; help is near', async () => {
  const alerts = await all('/v1/alerts?division=510104017001');
  expect(alerts.map(({ status, messageType, event, active }) => [event['zh-CN'], status, messageType, active])).toEqual([
    ['大雾', 'actual', 'alert', true],
    ['大风', 'actual', 'cancel', false],
    ['消防疏散演练', 'exercise', 'alert', false],
    ['大风', 'actual', 'alert', false],
  ]);
  const { facilities } = await get(`/v1/alerts/${alerts[0].id}`);
  expect(facilities.map(({ kind }: { kind: string }) => kind)).toEqual(['shelter', 'shelter', 'microFireStation']);
});

test('the surveys of the demo: one is open, one has ended and shows its results to everybody', async () => {
  const surveys = await all('/v1/surveys?division=510104017001');
  expect(surveys.map(({ title }) => title['zh-CN'])).toEqual(['社区食堂菜品征求意见']);
  const [ended] = await all('/v1/surveys?division=510104017001&state=closed');
  const results = await get(`/v1/surveys/${ended.id}/results?by=community`);
  expect(results.responses).toBe(64);
  expect(results.questions.map(({ id }: { id: string }) => id)).toEqual(['overall', 'used', 'why', 'recommend']);
  expect(results.by.community.map(({ key }: { key: string }) => key)).toEqual(['510104017001', '510104017003', '510104017004']);
});

test('the places of the demo: meals in every month, so that a large city is measured by them; childcare; a point that pays residential rates', async () => {
  const points = await all('/v1/meal-points?division=510104');
  expect(points).toHaveLength(3);
  for (const month of ['2026-08', '2026-09', '2026-10', '2026-11']) {
    for (const { id } of points) expect((await get(`/v1/meal-points/${id}/days?month=${month}`)).served).toBeGreaterThan(0);
    const { indicators } = await get(`/v1/metrics?division=510104&month=${month}`);
    expect(indicators.find(({ id }: { id: string }) => id === 'mealCoverageRate')).toMatchObject({
      numerator: 3,
      denominator: 76,
      target: 0.8,
    });
  }
  expect((await get('/v1/childcare?division=510104')).sums).toEqual({ offered: 64, taken: 55, waiting: 5, free: 9 });
  const dispatcher = await system.token({ sub: 'demo-dispatcher', roles: ['dispatcher'], division: '510104' });
  const csv = await fetch(`${system.url}/v1/entitlements.csv?division=510104&status=granted`, {
    headers: { authorization: `Bearer ${dispatcher}` },
  });
  expect((await csv.text()).trimEnd().split('\r\n')).toHaveLength(2);
});

test('those who are looked after in the demo: most were visited as their tier asks; one was missed, one not found, one needs help', async () => {
  const token = await system.token({ sub: 'demo-worker', roles: ['worker'], division: '510104' });
  const as = async (path: string) => (await fetch(`${system.url}${path}`, { headers: { authorization: `Bearer ${token}` } })).json();
  const { items } = (await as('/v1/care/recipients?division=510104&limit=100')) as { items: unknown[] };
  expect(items).toHaveLength(12);
  const due = (await as('/v1/care/due?division=510104&month=2026-10')) as { items: { windows: { why?: string }[] }[] };
  expect(due.items.flatMap(({ windows }) => windows.flatMap(({ why }) => why ?? [])).toSorted()).toEqual(['noVisit', 'notFound']);
  const { indicators } = await get('/v1/metrics?division=510104&month=2026-10');
  expect(indicators.find(({ id }: { id: string }) => id === 'elderVisitRate')).toMatchObject({ numerator: 10, denominator: 12 });
  const dispatcher = await system.token({ sub: 'demo-dispatcher', roles: ['dispatcher'], division: '510104' });
  const answer = await fetch(`${system.url}/v1/requests?division=510104&service=urgentHelp`, {
    headers: { authorization: `Bearer ${dispatcher}` },
  });
  const { items: help } = (await answer.json()) as { items: { description: string; community: string }[] };
  expect(help.map(({ community }) => community)).toContain('510104017004');
});

test('the providers of the demo: one has work and credit, one has applied, one is suspended with work open', async () => {
  const dispatcher = await system.token({ sub: 'demo-dispatcher', roles: ['dispatcher'], division: '510104' });
  await fetch(`${system.url}/dev/settle`, { method: 'POST' });
  const [working] = await all('/v1/providers?division=510104017001&service=streetLamp');
  const { score, kinds } = await get(`/v1/providers/${working.id}/credit`);
  expect([score, kinds.map(({ kind, counted }: { kind: string; counted: number }) => [kind, counted])]).toEqual([
    83,
    [
      ['ratedVerySatisfied', 2],
      ['resolvedLate', -2],
      ['merit', 3],
    ],
  ]);
  expect((await all('/v1/providers?status=applied', dispatcher)).map(({ kind }) => kind)).toEqual(['socialOrganisation']);
  const [idle] = await all('/v1/providers?status=suspended', dispatcher);
  expect(await all(`/v1/providers/${idle.id}/work`, dispatcher)).toHaveLength(1);
});

describe('the funds of the demo', () => {
  test('have what their entries come to, by purpose', async () => {
    const funds = await all('/v1/funds?division=510104');
    expect(funds.map(({ name }) => name['zh-CN']).toSorted()).toEqual(['水井坊社区微基金', '锦官驿街道社区发展基金'].toSorted());
    for (const { id, balance } of funds) {
      const entries = await all(`/v1/funds/${id}/entries`);
      const byPurpose = Object.groupBy(entries, ({ purpose }) => purpose);
      for (const [purpose, amount] of Object.entries(balance.byPurpose)) {
        expect(sum((byPurpose[purpose] ?? []).map((each) => each.amount)), purpose).toBe(amount);
        expect(amount, purpose).toBeGreaterThanOrEqual(0);
      }
      expect(entries.filter(({ postings }) => sum(postings.map((each: { amount: number }) => each.amount)) !== 0)).toEqual([]);
    }
  });

  test('got a year of gifts by every way, of which each that came has its receipt, without gaps and in the order in which they came', async () => {
    const gifts = [];
    for (const { id } of await all('/v1/funds?division=510104')) {
      const ofFund = await all(`/v1/donations?fund=${id}`, token);
      gifts.push(...ofFund);
      const came = ofFund.filter(({ receivedAt }) => receivedAt !== undefined).toSorted((a, b) => (a.receivedAt < b.receivedAt ? -1 : 1));
      const byYear = Object.groupBy(came, ({ receivedAt }) => dayOf(epochMs(Date.parse(receivedAt))).slice(0, 4));
      for (const [year, ofYear = []] of Object.entries(byYear))
        expect(ofYear.map(({ receipt }) => receipt).toSorted()).toEqual(
          ofYear.map((_, index) => `${id}-${year}-${String(index + 1).padStart(6, '0')}`),
        );
      const { 0: first } = came;
      const receipt = await get(`/v1/donations/${first.id}/receipt`, token);
      expect(Date.parse(receipt.issuedAt) - Date.parse(receipt.donatedAt)).toBeLessThan(HOUR);
    }
    expect(gifts.filter(({ receivedAt }) => receivedAt !== undefined)).toHaveLength(giftsThatCame(PLAN));
    expect(gifts.length).toBeGreaterThanOrEqual(120);
    expect(new Set(gifts.map(({ channel }) => channel))).toEqual(new Set(['cash', 'bankTransfer', 'sandbox']));
    expect(new Set(gifts.map(({ status }) => status))).toEqual(new Set(['received', 'refunded', 'partlyRefunded', 'expired', 'pending']));
    // What nobody brought has been given up, and what is waited for still can be.
    for (const { status, payBy } of gifts) if (status === 'pending') expect(Date.parse(payBy)).toBeGreaterThan(NOW);
  });

  test('were used first in, first out, and every fen of a gift is accounted for', async () => {
    const [fund] = await all('/v1/funds?division=510104017001');
    const gifts = (await all(`/v1/donations?fund=${fund.id}`, token)).filter(({ receivedAt }) => receivedAt !== undefined);
    const whole = await Promise.all(gifts.map(({ id }) => get(`/v1/donations/${id}`, token)));
    const usedOf = ({ usedBy }: { usedBy: { amount: number }[] }): number => sum(usedBy.map(({ amount }) => amount));
    for (const gift of whole) expect(usedOf(gift) + gift.unused + gift.refunded, gift.id).toBe(gift.amount);
    const elders = whole.filter(({ purpose }) => purpose === 'elders').toSorted((a, b) => (a.receivedAt < b.receivedAt ? -1 : 1));
    const left = elders.map(({ unused }) => unused > 0);
    expect(left).toContain(true);
    expect(left).toContain(false);
    expect(left.slice(left.indexOf(true)).every((each, index) => each || elders[left.indexOf(true) + index].status === 'refunded')).toBe(
      true,
    );
  });

  test('paid grants that one treasurer proposed, another approved and a third paid; of persons nothing is told, and the foundation stays under its cap', async () => {
    const grants = [];
    for (const { id } of await all('/v1/funds?division=510104')) grants.push(...(await all(`/v1/grants?fund=${id}`)));
    expect(grants.length).toBeGreaterThanOrEqual(12);
    expect(grants.length).toBeLessThanOrEqual(20);
    const byStatus = Object.groupBy(grants, ({ status }) => status);
    expect([byStatus.proposed, byStatus.approved, byStatus.rejected].map((each) => each?.length)).toEqual([1, 1, 1]);
    const persons = grants.filter(({ recipient }) => recipient.kind === 'person');
    expect(persons.length).toBeGreaterThan(0);
    for (const { recipient, reason } of persons) expect([recipient.name, reason]).toEqual([undefined, undefined]);
    for (const { id } of byStatus.paid ?? []) {
      const { proposedBy, decidedBy, paidBy, warnings } = await get(`/v1/grants/${id}`, token);
      expect([proposedBy, decidedBy, paidBy]).toEqual(['demo-treasurer', 'demo-second-treasurer', 'demo-third-treasurer']);
      expect(warnings ?? []).toEqual([]);
    }
    expect((byStatus.paid ?? []).filter(({ report }) => report !== undefined).length).toBeGreaterThanOrEqual(10);
  });

  test('disclosed every quarter that is over, which stands, follows on the one before, and has nothing late', async () => {
    for (const { id, balance } of await all('/v1/funds?division=510104')) {
      let before = 0;
      for (const period of QUARTERS) {
        const statement = await get(`/v1/funds/${id}/statements/${period}`);
        expect(statement).toMatchObject({ status: 'final', opening: before, late: [], warnings: [], disclosedAt: expect.any(String) });
        expect(statement.opening + statement.in - statement.out).toBe(statement.closing);
        before = statement.closing;
      }
      expect(await get(`/v1/funds/${id}/statements/2025`)).toMatchObject({ status: 'final', opening: 0, late: [] });
      const running = await get(`/v1/funds/${id}/statements/2026-Q4`);
      expect(running).toMatchObject({ status: 'running', opening: before, closing: balance.available, late: [], warnings: [] });
      const { grants } = await get(`/v1/funds/${id}/360giving.json`);
      expect(grants.length).toBe((await all(`/v1/grants?fund=${id}&status=paid`)).length);
    }
  });

  test('are in the figures of the months that are over', async () => {
    const entries = [];
    for (const { id } of await all('/v1/funds?division=510104')) entries.push(...(await all(`/v1/funds/${id}/entries`)));
    for (const month of ['2025-12', '2026-09', '2026-10'] as Month[]) {
      const ofMonth = entries.filter(({ at }) => monthOf(epochMs(Date.parse(at))) === month);
      const fenOf = (kind: string): number => sum(ofMonth.filter((each) => each.kind === kind).map(({ amount }) => Math.abs(amount)));
      const { status, indicators } = await get(`/v1/metrics?division=510104&month=${month}`);
      expect(status).toBe('final');
      expect(indicators).toContainEqual(expect.objectContaining({ id: 'donationsReceived', value: fenOf('donation') }));
      expect(indicators).toContainEqual(expect.objectContaining({ id: 'grantsPaid', value: fenOf('grant') }));
    }
  });

  test('are compared with what the sandbox says of this day, if the schedule is run for tomorrow', async () => {
    const [{ id: fund }] = await all('/v1/funds?division=510104');
    const post = async (path: string, body: unknown, to = system.url): Promise<Response> =>
      fetch(to + path, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) });
    const promised = await post('/v1/donations', { fund, amount: 777, channel: 'sandbox', donor: { anonymous: true } });
    const { payment } = (await promised.json()) as { payment: { url: string } };
    const pressed = await fetch(payment.url, {
      method: 'POST',
      headers: { accept: 'application/json' },
      body: new URLSearchParams({ action: 'pay' }),
    });
    expect(await pressed.json()).toMatchObject({ state: 'paid', notified: true });
    await system.settle();
    const ran = await post('/dev/schedules/paymentReconciliation', { time: '2026-11-25T10:30:00+08:00' });
    expect([ran.status, await ran.json()]).toEqual([200, { day: '2026-11-24', matched: ['sandbox'], differing: [] }]);
    const auditor = await system.token({ sub: 'auditor-of-the-city', roles: ['auditor'], division: '5101' });
    const [report] = (await get('/v1/payments/sandbox/reconciliations?division=5101&limit=1', auditor)).items;
    expect(report).toMatchObject({ day: '2026-11-24', status: 'matched', differences: [] });
    expect(report.ours).toEqual(report.theirs);
    expect(report.ours.amount).toBeGreaterThanOrEqual(777);
  });

  test('are left as they are at the next start, and an empty system has none', async () => {
    // When it began, and when it went on.
    const toldSoFar = LONG ? 2 : 1;
    expect(told).toBe(toldSoFar);
    const before = await all('/v1/funds?division=51');
    await system.stop();
    system = await start(true, dataFolder);
    expect(await all('/v1/funds?division=51')).toEqual(before);
    await system.stop();
    system = await start(false, emptyFolder);
    expect(await all('/v1/funds')).toEqual([]);
    expect(told).toBe(toldSoFar);
  });
});

/** What a plan's calls move, as the books would: by fund and purpose, in the order of time. */
const moved = (year: FoundationYear): readonly { at: EpochMs; of: string; amount: number; administrative?: boolean; grant?: true }[] => {
  // oxlint-disable-next-line typescript/no-explicit-any
  const bodies = new Map([...year.promises, ...callsOf(year)].map(({ key, body }) => [key, body as any]));
  const made = (path: string) => bodies.get(/\{([a-z0-9-]+)\}(?:\/(?:confirm|refunds|purpose|approve|pay))$/.exec(path)?.[1] ?? '');
  return year.steps.flatMap(({ fund, calls, paidAfter }) =>
    calls.flatMap((call) => {
      const of = (purpose = 'general') => `${fund}/${purpose}`;
      // oxlint-disable-next-line typescript/no-explicit-any
      const body = call.body as any;
      const about = made(call.path);
      if (paidAfter !== undefined) return [{ at: call.at, of: of(body.purpose), amount: body.amount }];
      if (call.path.endsWith('/confirm')) return [{ at: call.at, of: of(about.purpose), amount: about.amount }];
      if (call.path.endsWith('/refunds')) return [{ at: call.at, of: of(about.purpose), amount: -body.amount }];
      if (call.path.endsWith('/purpose'))
        return [
          { at: call.at, of: of(about.purpose), amount: -about.amount },
          { at: call.at, of: of(body.purpose), amount: about.amount },
        ];
      if (/\/income\/.*\/approve$/.test(call.path)) return [{ at: call.at, of: of(about.purpose), amount: about.amount }];
      if (call.path.endsWith('/pay'))
        return [
          {
            at: call.at,
            of: of(about.purpose),
            amount: -about.amount,
            grant: true as const,
            administrative: about.administrative === true,
          },
        ];
      return [];
    }),
  );
};

const DAYS = Array.from({ length: 24 }, (_, index) => addDays('2026-01-01' as Day, index * 17));

const plannedOn = (day: Day): { now: EpochMs; year: FoundationYear } => {
  const now = plus(startOfDay(day), 9 * HOUR);
  return { now, year: foundationYear(TEXTS, now, 'sandbox') };
};

describe('on whatever day it begins, the year of the funds', () => {
  test('takes of no purpose what it has not, spends on itself what it may, and leaves no report late', () => {
    for (const { now, year } of DAYS.map(plannedOn)) {
      const balances = new Map<string, number>();
      const paid = new Map<string, { all: number; administrative: number }>();
      for (const { at, of, amount, grant, administrative } of moved(year)) {
        const balance = (balances.get(of) ?? 0) + amount;
        expect(balance, `${of} on ${dayOf(at)}`).toBeGreaterThanOrEqual(0);
        balances.set(of, balance);
        if (grant !== true) continue;
        const quarter = `${of.split('/')[0]} ${monthOf(at).slice(0, 4)}-${Math.ceil(Number(monthOf(at).slice(5)) / 3)}`;
        const before = paid.get(quarter) ?? { all: 0, administrative: 0 };
        paid.set(quarter, { all: before.all - amount, administrative: before.administrative - (administrative === true ? amount : 0) });
      }
      for (const [quarter, { all: whole, administrative }] of paid) expect(administrative / whole, quarter).toBeLessThanOrEqual(0.1);
      const calls = callsOf(year);
      for (const { path, at } of calls.filter((call) => call.path.endsWith('/pay'))) {
        const reported = calls.find((call) => call.path === path.replace('/pay', '/report'))?.at ?? now;
        expect(reported - at, path).toBeLessThanOrEqual(90 * DAY);
      }
    }
  });

  test('has 120 to 200 gifts, all of the twelve months before and of this one, and the same ones each time', () => {
    for (const { now, year } of DAYS.map(plannedOn)) {
      expect(giftsThatCame(year)).toBeGreaterThanOrEqual(120);
      expect(giftsThatCame(year)).toBeLessThanOrEqual(200);
      const moments = [...year.promises, ...callsOf(year)].map(({ at }) => at);
      expect(Math.min(...moments)).toBeGreaterThanOrEqual(startOfMonth(addMonths(monthOf(now), -12)));
      expect(Math.max(...moments)).toBeLessThan(now);
      expect(foundationYear(TEXTS, now, 'sandbox')).toEqual(year);
    }
  });
});
