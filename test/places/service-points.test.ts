/** Service points and the residential rates that they are entitled to: claimed, checked by somebody else, listed for the utilities. */
import { parse } from 'csv-parse/sync';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { openHouse, type Answered, type Content, type House } from '../support/house.ts';
import {
  auditor,
  CAOSHIJIE,
  countyDispatcher,
  DACISI,
  dispatcher,
  otherDispatcher,
  otherWorker,
  resident,
  SHUIJINGFANG,
  strangeDispatcher,
  strangeWorker,
  worker,
} from '../support/people.ts';
import { placesRelay } from '../../functions/places/relay.ts';
import { reactionsTo } from '../support/listener.ts';
import { admitted, applyAs, KNOWN_PROVIDER } from '../support/providers.ts';
import type { TokenClaims } from '../../lib/local/issuer.ts';

let house: House;
let empty: Content;
beforeAll(async () => {
  house = await openHouse();
  empty = await house.content(['places', 'audit']);
});
afterAll(() => house.stop());
beforeEach(async () => {
  house.turnTo('2026-11-24T09:00:00+08:00');
  await house.restore(empty, await house.content(['places', 'audit']));
});

const cityWorker: TokenClaims = { sub: 'worker-of-the-city', roles: ['worker'], division: '5101' };
const UNCHECKED = { status: 'claimed', checks: [], spans: [] };
const WATER = { kind: 'water', account: '8802040170' };
const POWER = { kind: 'power', account: 'DL-0401700912' };
const put = (
  id: string,
  entitlements: readonly (object | string)[] = [WATER],
  more: object = {},
  as = worker,
  ifMatch?: string,
): Promise<Answered> =>
  house.call('PUT', `/v1/service-points/${id}`, {
    as,
    body: { name: { 'zh-CN': '水井坊便民服务点' }, community: SHUIJINGFANG, entitlements, ...more },
    ifMatch,
  });
const check = (id: string, kind: string, body: object = { granted: true }, as = dispatcher, ifMatch?: string): Promise<Answered> =>
  house.post(`/v1/service-points/${id}/entitlements/${kind}/check`, as, body, { ifMatch });
const listed = (division: string, more = '', as = dispatcher): Promise<Answered> =>
  house.get(`/v1/entitlements.csv?division=${division}${more}`, as);
const linesOf = ({ text }: Answered): readonly Record<string, string>[] => parse(text, { bom: true, columns: true });
const accountsIn = async (division: string, more = '', as = dispatcher): Promise<readonly string[]> =>
  linesOf(await listed(division, `&status=granted${more}`, as)).map(({ account = '' }) => account);
const auditOf = async (resource: string): Promise<readonly string[]> =>
  (await house.get(`/v1/audit?resource=${resource}`, auditor)).body.items
    .map(({ action, sub }: { action: string; sub: string }) => `${action} by ${sub}`)
    .toSorted();

test('a service point is the facility under its id; only staff of its community see what it is entitled to', async () => {
  const made = await put('point', [WATER, POWER], {
    openingHours: '9:00–18:00',
    barrierFree: true,
    location: { lat: 30.6461, long: 104.0913 },
  });
  expect([made.status, made.headers['location']]).toEqual([201, '/v1/service-points/point']);
  expect(made.body.entitlements).toEqual([
    { ...WATER, ...UNCHECKED, claimedAt: '2026-11-24T01:00:00.000Z', claimedBy: worker.sub },
    { ...POWER, ...UNCHECKED, claimedAt: '2026-11-24T01:00:00.000Z', claimedBy: worker.sub },
  ]);
  expect((await house.get('/v1/facilities/point')).body).toMatchObject({ kind: 'servicePoint', openingHours: '9:00–18:00' });
  for (const as of [undefined, resident, strangeWorker, strangeDispatcher, auditor]) {
    const { status, text, body } = await house.call('GET', '/v1/service-points/point', { as });
    expect([status, body.id, text.includes(WATER.account)]).toEqual([200, 'point', false]);
    expect(Object.keys(body).filter((key) => /entitlements/i.test(key))).toEqual([]);
  }
  const near = await house.get('/v1/facilities?near=30.6461,104.0913&kind=servicePoint');
  const list = await house.get('/v1/service-points?division=510104');
  for (const { body, text } of [near, list]) {
    expect(body.items.map(({ id }: { id: string }) => id)).toEqual(['point']);
    expect(text).not.toContain(WATER.account);
  }
  for (const as of [worker, otherWorker, dispatcher, countyDispatcher])
    expect((await house.get('/v1/service-points/point', as)).body.entitlements).toHaveLength(2);
  expect(await auditOf('service-points/point')).toEqual(
    [`claim by ${worker.sub}`, ...[worker, otherWorker, dispatcher, countyDispatcher].map(({ sub }) => `read by ${sub}`)].toSorted(),
  );
});

test('a claim that is named again keeps its check; another account is another claim; what is not named is claimed no more', async () => {
  await put('point', [WATER, POWER]);
  await check('point', 'water');
  await check('point', 'power');
  const changed = await put('point', [WATER, { ...POWER, account: 'DL-2' }], {}, otherWorker);
  expect(changed.body.entitlements).toEqual([
    expect.objectContaining({ ...WATER, status: 'granted', claimedBy: worker.sub, validFrom: '2026-11-24' }),
    { kind: 'power', account: 'DL-2', ...UNCHECKED, claimedAt: '2026-11-24T01:00:00.000Z', claimedBy: otherWorker.sub },
  ]);
  expect(changed.body.formerEntitlements).toEqual([
    expect.objectContaining({ ...POWER, endedAt: '2026-11-24T01:00:00.000Z', checks: [expect.objectContaining({ granted: true })] }),
  ]);
  expect((await put('point', [POWER])).body.entitlements.map(({ kind }: { kind: string }) => kind)).toEqual(['power']);
  expect(await accountsIn('510104017')).toEqual([]);
  // Who says nothing of claims takes none away: neither here nor where the facility is put.
  const silent = { name: { 'zh-CN': '水井坊便民服务点' }, community: SHUIJINGFANG };
  const kept = await house.call('PUT', '/v1/service-points/point', { as: worker, body: silent });
  expect(kept.body.entitlements).toEqual([expect.objectContaining({ ...POWER, status: 'claimed' })]);
  expect((await house.call('PUT', '/v1/service-points/bare', { as: worker, body: silent })).body.entitlements).toEqual([]);
  await check('point', 'power');
  const facility = { kind: 'servicePoint', name: { 'zh-CN': '新名称' }, community: SHUIJINGFANG, location: { lat: 30.6, long: 104.1 } };
  expect((await house.call('PUT', '/v1/facilities/point', { as: worker, body: facility })).status).toBe(200);
  expect(await accountsIn('510104017')).toEqual([POWER.account]);
});

test('a claim may lie back, where it came on paper, and never ahead; each kind is claimed once', async () => {
  const back = await put('point', [{ ...WATER, claimedAt: '2026-11-02T10:00:00+08:00' }]);
  expect(back.body.entitlements).toEqual([expect.objectContaining({ claimedAt: '2026-11-02T02:00:00.000Z' })]);
  const { body } = await put('point', [{ ...WATER, claimedAt: '2026-11-25T10:00:00+08:00' }, WATER]);
  expect(body.errors.map(({ path }: { path: string }) => path)).toEqual(['entitlements.0.claimedAt', 'entitlements.1.kind']);
  for (const account of ['', '=1+1', '-1', '5101 0401', 'x'.repeat(41), '５１０１'])
    expect((await put('point', [{ kind: 'gas', account }])).body.errors).toEqual([
      { path: 'entitlements.0.account', message: expect.stringContaining('户号') },
    ]);
  // All that is wrong is told at once, the community and who runs it, too.
  const wrong = await put('point', [WATER, WATER], { community: '510104017999', provider: KNOWN_PROVIDER }, cityWorker);
  expect(wrong.body.errors.map(({ path }: { path: string }) => path)).toEqual(['community', 'provider', 'entitlements.1.kind']);
});

test('a dispatcher of its community checks, never a claim of their own; a refusal has a reason; what was granted may be refused later', async () => {
  const both: TokenClaims = { sub: 'both', roles: ['worker', 'dispatcher'], division: '510104017' };
  await put('point', [WATER], {}, both);
  expect((await check('point', 'water', { granted: true }, both)).body).toMatchObject({ status: 403, code: 'forbidden' });
  for (const as of [strangeDispatcher, worker, resident]) expect((await check('point', 'water', { granted: true }, as)).status).toBe(403);
  expect((await check('point', 'gas')).status).toBe(404);
  expect((await check('no-such', 'water')).status).toBe(404);
  expect((await check('point', 'water', { granted: false })).body.errors).toEqual([expect.objectContaining({ path: 'reason' })]);
  expect((await check('point', 'water', { granted: false, validUntil: '2026-11-23' })).body.errors).toEqual([
    expect.objectContaining({ path: 'reason' }),
    expect.objectContaining({ path: 'validUntil' }),
  ]);
  const granted = await check('point', 'water', { granted: true, validUntil: '2027-12-31' });
  expect(granted.body).toMatchObject({
    ...WATER,
    status: 'granted',
    checkedBy: dispatcher.sub,
    checkedAt: '2026-11-24T01:00:00.000Z',
    validFrom: '2026-11-24',
    validUntil: '2027-12-31',
  });
  expect((await house.get('/v1/service-points/point/entitlements/water', dispatcher)).body).toEqual(granted.body);
  expect((await house.get('/v1/service-points/point/entitlements/water', strangeDispatcher)).status).toBe(403);
  expect((await check('point', 'water', { granted: false, reason: '已停止经营' }, dispatcher, '"1"')).status).toBe(412);
  const refused = await check('point', 'water', { granted: false, reason: '已停止经营' }, otherDispatcher);
  expect(refused.body).toMatchObject({ status: 'refused', reason: '已停止经营' });
  expect(refused.body).not.toHaveProperty('validFrom');
  expect(await accountsIn('510104017')).toEqual([]);
  expect(await auditOf('service-points/point')).toContain(`check by ${otherDispatcher.sub}`);
});

test('the utilities are listed what was granted and holds on any day of the month, in the division that is asked for', async () => {
  await put('a', [WATER, POWER]);
  await put('b', [{ kind: 'gas', account: 'G-1' }], { community: DACISI }, cityWorker);
  await put('c', [{ kind: 'heat', account: 'H-1' }], { community: CAOSHIJIE }, cityWorker);
  await put('d', [{ kind: 'heat', account: 'H-2' }]);
  await check('a', 'water', { granted: true, validUntil: '2027-01-15' });
  await check('b', 'gas');
  await check('c', 'heat', { granted: true }, strangeDispatcher);
  expect(await accountsIn('510104017')).toEqual([WATER.account, 'G-1']);
  expect(await accountsIn(SHUIJINGFANG)).toEqual([WATER.account]);
  const cityDispatcher: TokenClaims = { ...dispatcher, division: '5101' };
  expect(await accountsIn('5101', '', cityDispatcher)).toEqual([WATER.account, 'G-1', 'H-1']);
  expect(await accountsIn('510104', '&month=2026-10', countyDispatcher)).toEqual([]);
  expect(await accountsIn('510104', '&month=2027-01', countyDispatcher)).toEqual([WATER.account, 'G-1']);
  expect(await accountsIn('510104', '&month=2027-02', countyDispatcher)).toEqual(['G-1']);
  const answer = await listed(SHUIJINGFANG, '&status=granted');
  expect([answer.headers['content-type'], answer.text.startsWith('\ufeffmonth,')]).toEqual(['text/csv; charset=utf-8', true]);
  expect(linesOf(answer)).toEqual([
    {
      month: '2026-11',
      status: 'granted',
      kind: 'water',
      account: WATER.account,
      servicePoint: 'a',
      name: '水井坊便民服务点',
      community: SHUIJINGFANG,
      communityName: '水井坊社区',
      validFrom: '2026-11-24',
      validUntil: '2027-01-15',
    },
  ]);
});

test('what is claimed and not checked yet is listed for this month, with or without an account, until it is checked', async () => {
  const claimed = await put('point', ['water', 'heat', POWER]);
  expect(claimed.body.entitlements).toEqual([
    expect.objectContaining({ kind: 'water', status: 'claimed' }),
    expect.objectContaining({ kind: 'heat', status: 'claimed' }),
    expect.objectContaining({ ...POWER, status: 'claimed' }),
  ]);
  await check('point', 'power');
  await check('point', 'heat', { granted: false, reason: '不在供热范围内' });
  const told = async (more = ''): Promise<readonly string[]> =>
    linesOf(await listed('510104017', more)).map(({ status, kind, account, validFrom }) => `${status} ${kind} ${account} ${validFrom}`);
  const [granted, open] = [`granted power ${POWER.account} 2026-11-24`, 'claimed water  '];
  expect(await told()).toEqual([granted, open]);
  expect(await told('&status=claimed')).toEqual([open]);
  expect(await told('&status=granted')).toEqual([granted]);
  expect(await told('&month=2026-12')).toEqual([granted]);
  // The kind alone says nothing against the account that is known; the account that was missing makes another claim.
  const named = await put('point', [WATER, 'power']);
  expect(named.body.entitlements).toEqual([
    expect.objectContaining({ ...WATER, status: 'claimed' }),
    expect.objectContaining({ ...POWER, status: 'granted' }),
  ]);
  expect((await put('point', ['steam', { account: '1' }])).body.errors).toEqual([
    { path: 'entitlements.0', message: expect.stringContaining('water') },
    { path: 'entitlements.1', message: expect.stringContaining('water') },
  ]);
});

test('no cell of it becomes a formula', async () => {
  for (const name of ['=HYPERLINK("http://x")', '+1', '-1', '@SUM(A1)', '\t=1']) {
    await put('point', [WATER], { name: { 'zh-CN': name } });
    await check('point', 'water');
    expect(linesOf(await listed(SHUIJINGFANG)).map((line) => line['name'])).toEqual([`'${name}`]);
  }
});

test('only a dispatcher whose division covers it is listed anything, a city at most; every list that names accounts is written down', async () => {
  expect(linesOf(await listed('510104017'))).toEqual([]);
  expect(await auditOf('entitlements.csv')).toEqual([]);
  await put('point');
  await check('point', 'water');
  for (const as of [worker, resident, auditor, strangeDispatcher]) expect((await listed(SHUIJINGFANG, '', as)).status).toBe(403);
  expect((await listed('510104')).status).toBe(403);
  const province: TokenClaims = { ...dispatcher, division: '51' };
  expect((await listed('51', '', province)).body.errors).toEqual([expect.objectContaining({ path: 'division' })]);
  expect(await auditOf('entitlements.csv')).toEqual([]);
  await listed(SHUIJINGFANG);
  await listed('5101', '&month=2026-12', province);
  // Each is found by what was asked for.
  for (const asked of [`division=${SHUIJINGFANG}&month=2026-11`, 'division=5101&month=2026-12'])
    expect([asked, await auditOf(encodeURIComponent(`entitlements.csv?${asked}`))]).toEqual([asked, [`list by ${dispatcher.sub}`]]);
});

test('a month that is over stays as it was, whatever is refused, renewed or claimed no more since; staff see the whole of it', async () => {
  const spansIn = async (month: string): Promise<readonly string[]> =>
    linesOf(await listed('510104017', `&status=granted&month=${month}`)).map(
      (line) => `${line['account']} ${line['validFrom']}–${line['validUntil']}`,
    );
  await put('point', [WATER, POWER]);
  await check('point', 'water', { granted: true, validUntil: '2026-12-31' });
  await check('point', 'power');
  house.turnTo('2026-12-01T09:00:00+08:00');
  const november = [`${WATER.account} 2026-11-24–2026-12-31`, `${POWER.account} 2026-11-24–`];
  expect(await spansIn('2026-11')).toEqual(november);
  // Renewed, it goes on; refused, it ends the day before; another account begins anew.
  house.turnTo('2026-12-20T09:00:00+08:00');
  await check('point', 'water', { granted: true, validUntil: '2027-12-31' });
  await check('point', 'power', { granted: false, reason: '已停止经营' }, otherDispatcher);
  expect(await spansIn('2026-12')).toEqual([`${WATER.account} 2026-11-24–2027-12-31`, `${POWER.account} 2026-11-24–2026-12-19`]);
  house.turnTo('2027-01-10T09:00:00+08:00');
  await put('point', [{ ...WATER, account: 'W-2' }]);
  await check('point', 'water');
  expect(await spansIn('2027-01')).toEqual([`${WATER.account} 2026-11-24–2027-01-09`, 'W-2 2027-01-10–']);
  expect(await spansIn('2027-02')).toEqual(['W-2 2027-01-10–']);
  await put('point', [], { community: DACISI }, cityWorker);
  expect(linesOf(await listed(SHUIJINGFANG, '&month=2026-11')).map(({ account }) => account)).toEqual([WATER.account, POWER.account]);
  expect(await spansIn('2026-11')).toEqual(november);
  const { body } = await house.get('/v1/service-points/point', dispatcher);
  expect(body.entitlements).toEqual([]);
  expect(body.formerEntitlements.map(({ account, checks, spans }: Record<string, unknown>) => [account, checks, spans])).toEqual([
    [
      WATER.account,
      [
        { at: '2026-11-24T01:00:00.000Z', by: dispatcher.sub, granted: true, validUntil: '2026-12-31' },
        { at: '2026-12-20T01:00:00.000Z', by: dispatcher.sub, granted: true, validUntil: '2027-12-31' },
      ],
      [{ from: '2026-11-24', until: '2027-01-09' }],
    ],
    [
      POWER.account,
      [
        { at: '2026-11-24T01:00:00.000Z', by: dispatcher.sub, granted: true },
        { at: '2026-12-20T01:00:00.000Z', by: otherDispatcher.sub, granted: false, reason: '已停止经营' },
      ],
      [{ from: '2026-11-24', until: '2026-12-19' }],
    ],
    ['W-2', [{ at: '2027-01-10T01:00:00.000Z', by: dispatcher.sub, granted: true }], []],
  ]);
});

test('a check that is asked for again answers with what it was, though the claim was refused or given up since', async () => {
  await put('point', [WATER]);
  const granting = (): Promise<Answered> =>
    house.post('/v1/service-points/point/entitlements/water/check', dispatcher, { granted: true }, { key: 'a-check' });
  const first = await granting();
  expect([first.body.status, first.headers['etag']]).toEqual(['granted', '"2"']);
  await check('point', 'water', { granted: false, reason: '已停止经营' }, otherDispatcher);
  for (let times = 0; times < 2; times++) {
    const again = await granting();
    expect([again.status, again.body, again.headers['etag'], again.headers['idempotency-replayed']]).toEqual([
      200,
      first.body,
      '"2"',
      'true',
    ]);
    await put('point', []);
  }
});

test('of each kind the newest hundred checks are kept, none earlier than the one before it', async () => {
  await put('point', [WATER, POWER]);
  await check('point', 'power');
  for (let times = 0; times < 102; times++) await check('point', 'water', { granted: true, reason: `第${times}次` });
  house.turn(-60_000);
  await check('point', 'water', { granted: false, reason: '不符合条件' });
  const { body } = await house.get('/v1/service-points/point', dispatcher);
  const [water, power] = body.entitlements;
  expect([water.checks.length, water.checks[0].reason, water.checks.at(-1).reason, power.checks.length]).toEqual([
    100,
    '第3次',
    '不符合条件',
    1,
  ]);
  expect(water.checks.at(-1).at).toBe(water.checks.at(-2).at);
});

test('two who check at once, without asking for a version, both do, one after the other', async () => {
  await put('point', [WATER]);
  const both = await Promise.all([
    check('point', 'water'),
    check('point', 'water', { granted: false, reason: '不符合条件' }, otherDispatcher),
  ]);
  expect(both.map(({ status }) => status)).toEqual([200, 200]);
  expect((await house.get('/v1/service-points/point/entitlements/water', dispatcher)).body.checks).toHaveLength(2);
});

test('who runs it is an admitted provider, and may go on doing so when suspended', async () => {
  const { id } = await admitted(house.post);
  const applicant = await applyAs(house.post, {}, 'another');
  const wrong = async (provider: string): Promise<unknown> => (await put('point', [], { provider })).body.errors?.[0].path;
  expect([await wrong(KNOWN_PROVIDER), await wrong(applicant.id), await wrong(id)]).toEqual(['provider', 'provider', undefined]);
  await house.post(`/v1/providers/${id}/suspend`, countyDispatcher, { reason: '整改中' });
  expect((await put('point', [], { provider: id, barrierFree: true })).status).toBe(200);
  expect((await put('second', [], { provider: id })).body.errors).toEqual([expect.objectContaining({ path: 'provider' })]);
});

test('what staff and what everybody see has a tag of its own; either may be sent back to change it', async () => {
  const made = await put('point', [WATER]);
  const [staff, all] = [await house.get('/v1/service-points/point', dispatcher), await house.get('/v1/service-points/point')];
  expect(staff.headers['etag']).toBe(made.headers['etag']);
  expect(all.headers['etag']).not.toBe(staff.headers['etag']);
  const known = { headers: { 'if-none-match': all.headers['etag'] ?? '' } };
  expect((await house.call('GET', '/v1/service-points/point', { as: dispatcher, ...known })).status).toBe(200);
  expect((await house.call('GET', '/v1/service-points/point', known)).status).toBe(304);
  expect((await put('point', [WATER], { barrierFree: true }, worker, staff.headers['etag'])).status).toBe(200);
  expect((await put('point', [WATER], {}, worker, all.headers['etag'])).status).toBe(412);
});

test('who changes or moves what is claimed is written down, and who changes anything else is not', async () => {
  await put('point', [WATER]);
  await put('point', [WATER], { barrierFree: true });
  expect(await auditOf('service-points/point')).toEqual([`claim by ${worker.sub}`]);
  const facility = { kind: 'servicePoint', name: { 'zh-CN': '新名称' }, location: { lat: 30.6, long: 104.1 } };
  const putFacility = (community: string): Promise<Answered> =>
    house.call('PUT', '/v1/facilities/point', { as: cityWorker, body: { ...facility, community } });
  await putFacility(SHUIJINGFANG);
  await putFacility(DACISI);
  await put('point', [WATER], {}, cityWorker);
  await put('point', [], {}, otherWorker);
  await putFacility(DACISI);
  expect(await auditOf('service-points/point')).toEqual(
    [`claim by ${worker.sub}`, `move by ${cityWorker.sub}`, `move by ${cityWorker.sub}`, `claim by ${otherWorker.sub}`].toSorted(),
  );
});

test('no event of a service point carries an account', async () => {
  const heard = await reactionsTo(house, 'places', placesRelay, []);
  await put('point', [WATER]);
  await check('point', 'water', { granted: false, reason: '不符合条件' });
  const events = JSON.stringify(await heard.events());
  expect(events).toContain('"point"');
  expect([events.includes(WATER.account), events.includes('不符合条件')]).toEqual([false, false]);
});

test('a point that moves takes its claims along: the dispatchers of where it is see them, and list them', async () => {
  await put('point');
  await check('point', 'water');
  await put('point', [WATER], { community: CAOSHIJIE }, cityWorker);
  expect(await accountsIn('510104017')).toEqual([]);
  expect(await accountsIn('510105', '', strangeDispatcher)).toEqual([WATER.account]);
  expect((await house.get('/v1/service-points/point', dispatcher)).body).not.toHaveProperty('entitlements');
});

test('no account is in a log line', async () => {
  await put('point', [WATER, POWER]);
  await check('point', 'water');
  await listed(SHUIJINGFANG);
  await put('point', [{ kind: 'gas', account: 'bad account' }]);
  const said = JSON.stringify(house.logs);
  for (const account of [WATER.account, POWER.account, 'bad account']) expect(said).not.toContain(account);
});
