/** What the public sees of a foundation: statements that anybody can count again, and nobody's name who did not want it. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { DAY, SECOND } from '../../functions/kernel/time.ts';
import { seeded } from '../support/faults.ts';
import {
  CHANNEL,
  donationItems,
  entriesOf,
  faultsOf,
  foundationOf,
  keeper,
  otherKeeper,
  playMerchant,
  reactionsOf,
  recounted,
  type Foundation,
  type Reactions,
} from '../support/foundation.ts';
import { openHouse, type House } from '../support/house.ts';
import { auditor, resident, SHUIJINGFANG } from '../support/people.ts';

const merchant = playMerchant();
let house: House;
let foundation: Foundation;
let reactions: Reactions;
beforeAll(async () => {
  house = await openHouse({ at: '2026-08-10T09:00:00+08:00', payments: merchant.payments });
  foundation = foundationOf(house);
  reactions = await reactionsOf(house);
});
afterAll(() => house.stop());

const statement = async (fund: string, period: string) => (await house.get(`/v1/funds/${fund}/statements/${period}`)).body;

const disclosed = async (time: string): Promise<void> => {
  await house.schedule('foundationDisclosure', time);
  await reactions.settle();
};

describe('statements', () => {
  const PERIODS = ['2026-Q3', '2026-Q4', '2026', '2027-Q1', '2027'];
  let fund: string;
  /** By period, as it was read while it ran and just after it was over. */
  const early = new Map<string, unknown>();

  beforeAll(async () => {
    const random = seeded(20_260_810);
    const below = (count: number): number => Math.floor(random() * count);
    fund = await foundation.fund(3);
    const gifts: string[] = [];
    for (const at of [
      '2026-08-31T23:59:59',
      '2026-09-01T00:00:00',
      '2026-10-01T00:00:00',
      '2026-12-31T23:59:59.999',
      '2027-01-01T00:00:00',
      '2027-02-28T12:00:00',
    ]) {
      house.turnTo(`${at}+08:00`);
      for (const purpose of [undefined, 'elders', 'children'])
        gifts.push(await foundation.gift(fund, { amount: 1000 + below(1000), purpose, channel: below(2) === 0 ? 'cash' : CHANNEL }));
      await foundation.income(fund, 500 + below(500), 'children');
      await foundation.grant(fund, 300 + below(500), 'elders');
      await foundation.grant(fund, 40, undefined, { administrative: true });
      merchant.answers = () => (below(2) === 0 ? 'succeeded' : 'refused');
      await foundation.refund(gifts.at(-3) ?? '', 100);
      await foundation.changePurpose(gifts.at(-1) ?? '', 'general').catch(() => undefined);
      await reactions.settle();
      const period = at.startsWith('2026-1') ? '2026-Q4' : at.startsWith('2026') ? '2026-Q3' : '2027-Q1';
      early.set(`${period} ${at}`, [await statement(fund, period), recounted(await entriesOf(house, fund), period)]);
    }
    house.turnTo('2027-04-03T09:00:00+08:00');
  }, 60_000);

  test('of quarters and years are what anybody counts from the public entries alone, as they run and long after', async () => {
    for (const [period, [said, counted]] of early as Map<string, [unknown, object]>)
      expect([period, said]).toEqual([period, expect.objectContaining(counted)]);
    const entries = await entriesOf(house, fund);
    for (const period of PERIODS) {
      const said = await statement(fund, period);
      expect([period, said]).toEqual([period, expect.objectContaining(recounted(entries, period))]);
      expect([period, said.status]).toEqual([period, period === '2027' ? 'running' : 'over']);
    }
    // What one closes with, the next opens with, and it is what there is.
    const [q3, q4, , q1] = await Promise.all(PERIODS.map((period) => statement(fund, period)));
    expect([q3.opening, q3.closing, q4.closing]).toEqual([0, q4.opening, q1.opening]);
    expect(q1.byPurpose).toEqual(await foundation.balances(fund));
    const { items } = (await house.get(`/v1/funds/${fund}/entries?limit=100&purpose=elders`)).body;
    expect(items.reduce((sum: number, { amount }: { amount: number }) => sum + amount, 0)).toBe(q1.byPurpose.elders);
    // Moves between a purpose’s own accounts change nothing that is counted.
    const all = await entriesOf(house, fund, '&all=true');
    expect(all.length).toBeGreaterThan(entries.length);
    expect(recounted(all, '2026-Q4')).toEqual(recounted(entries, '2026-Q4'));
  });

  test('as CSV and page by page the entries are the same', async () => {
    const paged = [];
    for (let cursor = ''; ;) {
      const { body } = await house.get(`/v1/funds/${fund}/entries?limit=7${cursor === '' ? '' : `&cursor=${cursor}`}`);
      paged.push(...body.items);
      if (body.next === undefined || body.next === null) break;
      cursor = encodeURIComponent(body.next);
    }
    const entries = await entriesOf(house, fund);
    expect(paged.toReversed()).toEqual(entries);
    const { text } = await house.call('GET', `/v1/funds/${fund}/entries?limit=100`, { headers: { accept: 'text/csv' } });
    expect(
      text
        .trim()
        .split('\r\n')
        .slice(1)
        .map((row) => row.split(',')[0])
        .toReversed(),
    ).toEqual(entries.map(({ id }) => id));
  });

  test('are frozen by `foundationDisclosure`; fired three times, late, or after more has come in, they stay byte for byte', async () => {
    const texts = async (): Promise<readonly string[]> =>
      Promise.all(['2026-Q4', '2026', '2027-Q1'].map(async (period) => (await house.get(`/v1/funds/${fund}/statements/${period}`)).text));
    await disclosed('2027-01-01T01:00:00+08:00');
    await disclosed('2027-04-01T01:00:00+08:00');
    const first = await texts();
    for (const text of first) expect(JSON.parse(text)).toMatchObject({ status: 'final' });
    await foundation.gift(fund, { amount: 99_999 });
    house.turn(40 * DAY);
    for (const time of ['2027-04-01T01:00:00+08:00', '2027-04-01T01:00:00+08:00', '2027-01-01T01:00:00+08:00', '2027-04-02T05:00:00+08:00'])
      await disclosed(time);
    expect(await texts()).toEqual(first);
    const entries = await entriesOf(house, fund);
    for (const text of first) {
      const said = JSON.parse(text);
      expect(said).toEqual(expect.objectContaining(recounted(entries, said.period)));
    }
  });

  test('begin with the period in which their fund was founded: before it there is none, and nobody was late', async () => {
    for (const period of ['2026-Q2', '2025', '2019-Q1'])
      expect([period, (await house.get(`/v1/funds/${fund}/statements/${period}`)).status]).toEqual([period, 404]);
    for (const period of ['2026-Q3', '2026']) expect(await statement(fund, period)).toMatchObject({ opening: 0 });
    // In the quarter after which it is disclosed another one is founded; and the schedule comes late for the one before it.
    const young = await foundation.fund();
    await disclosed('2027-04-01T01:00:00+08:00');
    expect((await house.get(`/v1/funds/${young}/statements/2027-Q1`)).status).toBe(404);
    const ofYoung = donationItems(await house.content(['donations'])).filter(({ pk, sk }) => pk === `FUND#${young}` && sk !== 'FUND');
    expect(ofYoung).toEqual([]);
    expect(await statement(young, '2027-Q2')).toMatchObject({ status: 'running', opening: 0, late: [] });
  });

  test('tell of a grant that was not reported on in time, and of a disclosure that is late', async () => {
    const { late } = await statement(fund, '2026-Q4');
    expect(late.map(({ kind }: { kind: string }) => kind)).toContain('report');
    house.turnTo('2028-05-01T09:00:00+08:00');
    expect((await statement(fund, '2027-Q2')).late.map(({ kind }: { kind: string }) => kind)).toContain('disclosure');
    expect((await house.get(`/v1/funds/${fund}/statements/2028-Q3`)).status).toBe(404);
  });

  test('tell of late reports until they are there: of a hundred that have waited longest, and how many there are', async () => {
    house.turnTo('2028-05-02T09:00:00+08:00');
    const own = await foundation.fund();
    await foundation.gift(own, { amount: 100_000 });
    const grants: string[] = [];
    for (let paid = 0; paid < 103; paid++) {
      house.turn(SECOND);
      grants.push(await foundation.grant(own, 10));
    }
    house.turn(90 * DAY);
    // The last one has until now.
    expect((await statement(own, '2028')).lateReports).toBe(102);
    house.turn(1);
    const late = async () => {
      const { late: all, lateReports } = await statement(own, '2028');
      return { named: all.map(({ grant }: { grant: string }) => grant), lateReports };
    };
    expect(await late()).toEqual({ named: grants.slice(0, 100), lateReports: 103 });
    for (const id of grants.slice(0, 4)) await house.post(`/v1/grants/${id}/report`, keeper, { text: '已按计划使用。' });
    expect(await late()).toEqual({ named: grants.slice(4), lateReports: undefined });
    // Nothing of the quarter in which they were paid was late then.
    expect((await statement(own, '2028-Q2')).late.filter(({ kind }: { kind: string }) => kind === 'report')).toEqual([]);
  });
});

test('spending that is beyond what the settings foresee is paid and warned of, where it is decided and in the statement', async () => {
  house.turnTo('2026-11-24T09:00:00+08:00');
  const fund = await foundation.fund();
  const cap: number = (await statement(fund, '2026')).administrativeCap;
  expect(cap).toBeGreaterThan(0);
  await foundation.gift(fund, { amount: 100_000 });
  await foundation.grant(fund, 50_000);
  const within = Math.floor((50_000 * cap) / (1 - cap));
  const id = await foundation.propose(fund, within, undefined, { administrative: true });
  expect((await house.get(`/v1/grants/${id}`, keeper)).body.warnings).toBeUndefined();
  await house.post(`/v1/grants/${id}/approve`, otherKeeper);
  expect((await house.post(`/v1/grants/${id}/pay`, keeper)).body.warnings).toBeUndefined();
  expect((await statement(fund, '2026')).warnings).toEqual([]);
  const beyond = await foundation.propose(fund, 10, undefined, { administrative: true });
  const warned = [expect.objectContaining({ code: 'administrativeCap', limit: cap })];
  expect((await house.get(`/v1/grants/${beyond}`, keeper)).body.warnings).toEqual(warned);
  expect((await house.get(`/v1/grants/${beyond}`)).body.warnings).toBeUndefined();
  await house.post(`/v1/grants/${beyond}/approve`, otherKeeper);
  expect((await house.post(`/v1/grants/${beyond}/pay`, keeper)).body.warnings).toEqual(warned);
  expect((await statement(fund, '2026')).warnings).toEqual(warned);
  // The year after spends next to nothing of what this one got.
  house.turnTo('2028-01-02T09:00:00+08:00');
  expect((await statement(fund, '2027')).warnings).toEqual([expect.objectContaining({ code: 'yearlySpending', share: 0 })]);
});

test('names of anonymous donors and of persons who received are in no public answer, no event and no log', async () => {
  house.turnTo('2026-11-25T09:00:00+08:00');
  await reactions.skip();
  const logged = house.logs.length;
  const SECRET = ['独孤求败', '13912345678', '东方不败', '西门吹雪', '只有会计知道', '上官婉儿'];
  const [donor = '', phone = '', person = '', behalf = '', note = '', message = ''] = SECRET;
  const fund = await foundation.fund();
  const open = await foundation.gift(fund, { amount: 2000, donor: { name: '王芳', anonymous: false }, as: resident });
  house.turn(SECOND);
  const hidden = await foundation.gift(fund, { amount: 3000, donor: { name: donor, anonymous: true, contact: { phone } }, as: resident });
  const given = await house.post('/v1/donations', keeper, {
    fund,
    amount: 4000,
    channel: 'cash',
    donor: { name: behalf, anonymous: true },
    onBehalfOf: { name: behalf, phone },
    message,
  });
  await house.post(`/v1/donations/${given.body.id}/confirm`, keeper);
  const online = await foundation.gift(fund, { amount: 500, channel: CHANNEL, donor: { name: donor, anonymous: true } });
  await foundation.tell(foundation.paid(online, 500, 'twice'));
  await reactions.settle();
  const toPerson = { recipient: { kind: 'person', name: person }, reason: `${person}的临时困难救助` };
  const paid = await foundation.grant(fund, 700, undefined, toPerson);
  const rejected = await foundation.propose(fund, 700, undefined, toPerson);
  await house.post(`/v1/grants/${rejected}/reject`, otherKeeper, { reason: note });
  await foundation.grant(fund, 300);
  await foundation.refund(hidden, 100);
  await foundation.changePurpose(hidden, 'elders');
  // Who keeps the books sees the names; so there were some to leak.
  expect((await house.get(`/v1/grants/${paid}`, keeper)).body.recipient.name).toBe(person);
  expect((await house.get(`/v1/donations/${hidden}`, keeper)).body.donor.name).toBe(donor);

  const events = await reactions.events();
  for (const event of events) await reactions.deliver(event);
  const told = [...events, ...(await reactions.events())];
  const { checkCode } = (await house.get(`/v1/donations/${hidden}/receipt`, keeper)).body;
  await house.schedule('paymentReconciliation', '2026-11-26T10:30:00+08:00');
  await house.schedule('paymentSettlement', '2026-11-26T10:40:00+08:00');
  // One that is still to be made: this fund and all before it are in it.
  await disclosed('2028-01-01T01:00:00+08:00');
  const paths = [
    '/v1/funds',
    `/v1/funds?division=${SHUIJINGFANG}`,
    `/v1/funds/${fund}`,
    `/v1/funds/${fund}/entries?limit=100&all=true`,
    `/v1/funds/${fund}/statements/2026-Q4`,
    `/v1/funds/${fund}/statements/2026`,
    `/v1/funds/${fund}/360giving.json`,
    `/v1/grants?fund=${fund}&limit=100`,
    `/v1/grants/${paid}`,
    `/v1/grants/${rejected}`,
    `/v1/donations/${hidden}/receipt/check?checkCode=${checkCode}`,
    `/v1/donations/${hidden}`,
    `/v1/donations/${hidden}/receipt`,
  ];
  const shown: string[] = [];
  for (const path of paths) shown.push((await house.get(path)).text);
  // As staff of elsewhere, as another resident, and as lines of a table.
  const stranger = { sub: 'treasurer-yu', roles: ['treasurer'], division: '510105' };
  for (const as of [stranger, { ...resident, sub: 'resident-zhou' }])
    for (const path of paths) shown.push((await house.get(path, as)).text);
  shown.push((await house.call('GET', `/v1/funds/${fund}/entries?limit=100`, { headers: { accept: 'text/csv' } })).text);
  const everything = shown.join('\n');
  expect(everything).toContain('王芳');
  expect(everything).toContain('邻里助老服务中心');
  for (const [where, text] of [
    ['public answers', everything],
    ['events', JSON.stringify(told)],
    ['logs', JSON.stringify(house.logs.slice(logged))],
  ] as const)
    expect([where, SECRET.filter((secret) => text.includes(secret))]).toEqual([where, []]);
  expect(told.map((event) => event['detail-type'])).toEqual(expect.arrayContaining(['grant.paid', 'donation.purposeChanged']));
  // An auditor of the city does see who received, and a log of that would have nobody's name either.
  expect((await house.get(`/v1/grants/${paid}`, auditor)).text).toContain(person);
  expect(JSON.stringify(house.logs.slice(logged))).not.toContain(person);
  expect((await foundation.donation(open)).donor.name).toBe('王芳');
  expect(faultsOf(donationItems(await house.content(['donations'])))).toEqual([]);
});

// Last: from here on no account is in a month of before.
test('statements stay true once they are frozen, though an old moment is replayed on accounts that nothing has moved since', async () => {
  house.turnTo('2030-12-31T23:30:00+08:00');
  const quiet = await foundation.fund(2);
  await foundation.gift(quiet, { amount: 700 });
  const { id } = await foundation.promise(quiet, { amount: 1000, channel: CHANNEL });
  const paidAt = new Date(house.now()).toISOString() as never;
  merchant.orders.set(id, { kind: 'paid', transaction: 'never told', amount: 1000 as never, paidAt });
  house.turnTo('2031-01-01T09:00:00+08:00');
  await disclosed('2031-01-01T01:00:00+08:00');
  const frozen = await statement(quiet, '2030-Q4');
  await house.schedule('paymentSettlement', '2030-12-31T23:50:00+08:00');
  expect(await foundation.balances(quiet)).toMatchObject({ general: 1700 });
  const [entries, q1] = [await entriesOf(house, quiet), await statement(quiet, '2031-Q1')];
  expect(frozen).toEqual(expect.objectContaining(recounted(entries, '2030-Q4')));
  expect(q1).toEqual(expect.objectContaining(recounted(entries, '2031-Q1')));
  expect([frozen.status, frozen.closing, q1.opening, q1.in]).toEqual(['final', 700, 700, 1000]);
  expect(await statement(quiet, '2030-Q4')).toEqual(frozen);
});
