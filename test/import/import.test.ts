import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { TokenClaims } from '../../lib/local/issuer.ts';
import { exported, linesOf, rowsOf } from '../exports/support/exported.ts';
import { allPages, done, read, REASON, RESOLUTION, shanghai, TO_WORKER } from '../service-requests/support/requests.ts';
import { ADMIN, startWorld, type Answer, type World } from '../support/world.ts';
import { fixture, numbered, send, sendAll, type Row, type Totals } from './support.ts';

const LONG = process.env['LINLI_LONG'] !== undefined;
/** Of the whole city's communities the short form takes those of the county that the requests were moved to. */
const DIVISIONS = fixture('divisions-chengdu.csv').filter(({ code = '' }) => LONG || code.length < 12 || code.startsWith('510104'));
const REQUESTS = fixture('requests-2025-01.csv');
const OPEN = REQUESTS.filter((row) => row['closed_date'] === '');

/** Of the county that the requests were moved to, who sees all of them. */
const county: TokenClaims = { sub: 'dispatcher-jinjiang', roles: ['dispatcher'], division: '510104' };
const worker: TokenClaims = { sub: TO_WORKER.id, roles: ['worker'], division: '510104' };

let world: World;
let divisionsRun: Totals;
let firstRun: Totals;
/** Every imported request by the moment and community of its line, which are unique enough to find it by. */
let listed: readonly Answer['body'][];

beforeAll(async () => {
  world = await startWorld({ divisions: [['98', '空省']], at: '2025-03-03T09:00:00+08:00' });
  divisionsRun = await sendAll(world, 'divisions', DIVISIONS);
  firstRun = await sendAll(world, 'requests', REQUESTS);
  listed = await allPages(world, '/v1/requests?division=510104&limit=100', county);
  await world.settle();
}, 120_000);
afterAll(() => world.stop());

/** The request that a line became. */
const find = async (row: Row): Promise<Answer['body']> => {
  const requestedAt = new Date(row['requested_datetime'] ?? '').toISOString();
  for (const each of listed.filter((item) => item.requestedAt === requestedAt && item.community === row['community'])) {
    const { body } = await read(world, each.id, county);
    if (body.description === row['description'] && body.address === row['address']) return body;
  }
  throw new Error(`not found: ${row['service_request_id']}`);
};
const valid = (id: string, more: Row = {}): Record<string, string> => ({
  service_request_id: id,
  requested_datetime: '2025-02-01T08:00:00+08:00',
  service_name: 'Noise',
  description: '夜间施工噪声',
  community: OPEN[0]?.['community'] ?? '',
  ...more,
});

describe('a real month of requests', () => {
  test('goes in whole: 2,038 of 2,038', () => {
    expect(firstRun).toEqual({ made: 2038, changed: 0, unchanged: 0, errors: [] });
    expect(listed).toHaveLength(2038);
    expect(new Set(listed.map((each) => each.number)).size).toBe(2038);
    for (const community of new Set(REQUESTS.map((row) => row['community'])))
      expect(listed.filter((each) => each.community === community)).toHaveLength(
        REQUESTS.filter((row) => row['community'] === community).length,
      );
  });

  test('comes out equal, line by line and cell by cell, and taken in again as it came out changes nothing', async () => {
    const file = await exported(world, county, '510104', '2025-01');
    const byId = new Map(linesOf(file).map((line) => [line['service_request_id'], line]));
    expect(byId.size).toBe(REQUESTS.length);
    for (const row of REQUESTS) expect(byId.get(row['service_request_id'])).toEqual(row);
    expect(await sendAll(world, 'requests', rowsOf(file))).toEqual({ made: 0, changed: 0, unchanged: REQUESTS.length, errors: [] });
  });

  test('a closed one was resolved and closed at its closed_date', async () => {
    for (const row of REQUESTS.filter((_, index) => index % 200 === 0)) {
      const body = await find(row);
      const closed = new Date(row['closed_date'] ?? '').toISOString();
      expect(body).toMatchObject({
        status: 'closed',
        service: 'imported',
        channel: 'phone',
        requestedAt: new Date(row['requested_datetime'] ?? '').toISOString(),
        resolvedAt: closed,
        closedAt: closed,
        location: { lat: Number(row['lat']), long: Number(row['long']) },
      });
      expect(body.history.map(({ action, at }: { action: string; at: string }) => [action, at])).toEqual([
        ['submit', body.requestedAt],
        ['resolve', closed],
        ['close', closed],
      ]);
      expect(body.resolveBy).toBe(new Date(Date.parse(body.requestedAt) + 7 * 86_400_000).toISOString());
    }
  });

  test('one that is open stays open, and late', async () => {
    expect(OPEN).toHaveLength(28);
    expect(listed.filter((each) => each.status === 'submitted')).toHaveLength(28);
    const body = await find(OPEN[0] ?? {});
    expect(body).toMatchObject({ status: 'submitted', overdue: true });
    expect([body.resolvedAt, body.closedAt]).toEqual([undefined, undefined]);
  });

  test('everybody may read one, as any public request', async () => {
    const { id } = await find(REQUESTS[0] ?? {});
    const { status, body } = await read(world, id);
    expect([status, body.description, body.channel]).toEqual([200, REQUESTS[0]?.['description'], undefined]);
  });

  test('sends no notice and does not escalate, however long it lies', async () => {
    for (const month of ['04', '07', '12']) {
      world.turnTo(`2025-${month}-15T10:00:00+08:00`);
      await world.schedule('requestClocks');
    }
    expect((await world.get('/dev/outbox')).body.items).toEqual([]);
    const late = await find(OPEN[0] ?? {});
    expect([late.status, late.escalatedTo, late.history.length]).toEqual(['submitted', undefined, 1]);
    world.turnTo('2025-03-03T09:00:00+08:00');
  });

  test('sent again changes nothing', async () => {
    const before = await find(OPEN[1] ?? {});
    expect(await sendAll(world, 'requests', REQUESTS)).toEqual({ made: 0, changed: 0, unchanged: 2038, errors: [] });
    expect(await find(OPEN[1] ?? {})).toEqual(before);
  });

  test('corrected in one row changes that one', async () => {
    const row = OPEN[2] ?? {};
    const corrected = { ...row, status_description: 'closed', closed_date: '2025-02-20T15:00:00+08:00', status_notes: '已处理' };
    const chunk = REQUESTS.slice(REQUESTS.indexOf(row) - 15, REQUESTS.indexOf(row) + 15).map((each) => (each === row ? corrected : each));
    expect(await sendAll(world, 'requests', chunk)).toEqual({ made: 0, changed: 1, unchanged: chunk.length - 1, errors: [] });
    expect(await find(row)).toMatchObject({
      status: 'closed',
      resolvedAt: shanghai('2025-02-20 15:00'),
      closedAt: shanghai('2025-02-20 15:00'),
      resolution: '已处理',
    });
    expect(await sendAll(world, 'requests', chunk)).toMatchObject({ made: 0, changed: 0, unchanged: chunk.length });
    expect(await allPages(world, '/v1/requests?status=submitted&limit=100', county)).toHaveLength(27);
  });

  test('an open one can be worked on to its end, and the file no longer overwrites it', async () => {
    const row = OPEN[3] ?? {};
    const { id } = await find(row);
    await done(world, id, 'accept', county, { priority: 'high' });
    await done(world, id, 'assign', county, { to: TO_WORKER });
    await done(world, id, 'start', worker);
    await done(world, id, 'resolve', worker, RESOLUTION);
    expect((await read(world, id, county)).body).toMatchObject({ status: 'resolved', resolvedAt: shanghai('2025-03-03 09:00') });

    expect(await sendAll(world, 'requests', [row])).toMatchObject({ unchanged: 1, errors: [] });
    const corrected = { ...row, status_description: 'closed', closed_date: '2025-02-20T15:00:00+08:00' };
    expect(await sendAll(world, 'requests', [corrected])).toMatchObject({ changed: 0, errors: [{ line: 2, path: 'service_request_id' }] });
    expect((await read(world, id, county)).body.status).toBe('resolved');

    // What is worked on here closes here: seven days after resolve.
    world.turnTo('2025-03-10T09:00:00+08:00');
    await world.schedule('requestClocks');
    expect((await read(world, id, county)).body).toMatchObject({ status: 'closed', closedAt: shanghai('2025-03-10 09:00') });
    expect((await done(world, id, 'reopen', county, REASON)).round).toBe(2);
    world.turnTo('2025-03-03T09:00:00+08:00');
  });
});

describe('a bad row is told with its line, and the others go in', () => {
  test('of requests', async () => {
    const rows = [
      valid('good-1'),
      valid('bad-community', { community: '510104999999' }),
      valid('bad-code', { community: '510104' }),
      valid('bad-date', { requested_datetime: '2025-02-30T08:00:00+08:00' }),
      valid('no-offset', { requested_datetime: '2025-02-01 08:00' }),
      valid('too-early', { closed_date: '2025-01-31T08:00:00+08:00' }),
      valid('closed-when', { status_description: 'closed' }),
      valid('twice', { description: '第一次' }),
      valid('twice', { description: '第二次' }),
      valid('half-a-place', { lat: '30.6' }),
      valid('off-the-map', { lat: '95.5', long: '104.1' }),
      valid('', {}),
      { ...valid('unknown-column'), colour: 'red' },
      valid('good-2', { closed_date: '2025-02-01T08:00:00+08:00' }),
    ];
    const { status, body } = await send(world, 'requests', numbered(rows));
    expect(status).toBe(200);
    expect(body.errors.map(({ line, path }: { line: number; path: string }) => [line, path])).toEqual([
      [3, 'community'],
      [4, 'community'],
      [5, 'requested_datetime'],
      [6, 'requested_datetime'],
      [7, 'closed_date'],
      [8, 'closed_date'],
      [9, 'service_request_id'],
      [11, 'long'],
      [12, 'lat'],
      [13, 'service_request_id'],
      [14, 'colour'],
    ]);
    expect([body.made, body.changed, body.unchanged]).toEqual([3, 0, 0]);
    for (const each of body.errors) expect(each.message).toMatch(/[a-z]/);
    // Mended, they go in.
    expect(await send(world, 'requests', numbered([valid('bad-community')])).then((answer) => answer.body.made)).toBe(1);
  });

  test('of divisions', async () => {
    const rows: readonly Row[] = [
      { code: '510199', name: '新区' },
      { code: '510199001', name: '一街道' },
      { code: '510198001', name: '没有上级' },
      { code: '5101990', name: '七位' },
      { code: '510199002', name: '' },
      { code: '510199003', name: '两次' },
      { code: '510199003', name: '两次' },
      { code: '510199004', name: '半个位置', lat: '30.6' },
      { code: '510199005', name: '出界', lat: '95', long: '104' },
      { code: '510199006', name: '人口', population: 'many' },
      {
        code: '510199007',
        name: '全部',
        lat: '30.6',
        long: '104.1',
        radiusKm: '2.5',
        population: '1000',
        households: '400',
        largeCity: 'true',
      },
    ];
    const { body } = await send(world, 'divisions', numbered(rows));
    expect(body.errors.map(({ line, path }: { line: number; path: string }) => [line, path])).toEqual([
      [4, 'code'],
      [5, 'code'],
      [6, 'name'],
      [8, 'code'],
      [9, 'long'],
      [10, 'location.lat'],
      [11, 'population'],
    ]);
    expect([body.made, body.changed, body.unchanged]).toEqual([4, 0, 0]);
    expect((await world.get('/v1/divisions/510199007')).body).toMatchObject({
      location: { lat: 30.6, long: 104.1 },
      radiusKm: 2.5,
      population: 1000,
      households: 400,
      largeCity: true,
      active: true,
    });
  });
});

test('a service_name that the catalogue knows, in either language or by code, is that service; any other is `imported`', async () => {
  const names = { 路灯故障: undefined, streetLamp: 'streetLamp', 'Something Else': 'imported' };
  const { body: lamp } = await world.get('/v1/services/streetLamp');
  const rows = [lamp.name['zh-CN'], lamp.name.en, ...Object.keys(names).slice(1)].map((service_name, index) =>
    valid(`named-${index}`, { service_name, description: `第 ${index} 种叫法` }),
  );
  expect((await send(world, 'requests', numbered(rows))).body.made).toBe(4);
  const found = await allPages(world, `/v1/requests?division=${rows[0]?.['community']}&from=2025-02-01&to=2025-02-01&limit=100`, county);
  const serviceOf = (index: number): string => found.find((each) => each.description === `第 ${index} 种叫法`)?.service;
  expect([0, 1, 2, 3].map(serviceOf)).toEqual(['streetLamp', 'streetLamp', 'streetLamp', 'imported']);
});

describe('divisions', () => {
  test('go in whole', async () => {
    expect(divisionsRun).toEqual({ made: DIVISIONS.length, changed: 0, unchanged: 0, errors: [] });
    for (const { code, name } of DIVISIONS.filter((_, index) => index % 37 === 0)) {
      const { body } = await world.get(`/v1/divisions/${code}`);
      expect([body.code, body.name]).toEqual([code, name]);
    }
  });

  test('sent again change nothing; a new name changes that one', async () => {
    const some = DIVISIONS.slice(0, 300);
    expect(await sendAll(world, 'divisions', some)).toEqual({ made: 0, changed: 0, unchanged: 300, errors: [] });
    const renamed = some.map((row, index) => (index === 7 ? { ...row, name: '新名字' } : row));
    expect(await sendAll(world, 'divisions', renamed)).toEqual({ made: 0, changed: 1, unchanged: 299, errors: [] });
    expect((await world.get(`/v1/divisions/${renamed[7]?.['code']}`)).body.name).toBe('新名字');
    expect(await sendAll(world, 'divisions', some)).toMatchObject({ changed: 1, unchanged: 299 });
  });

  test('keep what the file has no column for', async () => {
    const code = '510104035';
    await world.put(`/v1/divisions/${code}`, ADMIN, {
      name: '旧名',
      population: 52_000,
      location: { lat: 30.6, long: 104.1 },
      active: false,
    });
    expect((await send(world, 'divisions', numbered([{ code, name: '旧名' }]))).body).toMatchObject({ changed: 0, unchanged: 1 });
    expect((await send(world, 'divisions', numbered([{ code, name: '新名' }]))).body).toMatchObject({ changed: 1 });
    expect((await world.get(`/v1/divisions/${code}`)).body).toMatchObject({
      name: '新名',
      population: 52_000,
      location: { lat: 30.6, long: 104.1 },
      active: false,
    });
    const merged = [{ code: '510104017001', name: '水井坊社区', mergedInto: '510104017002' }];
    expect((await send(world, 'divisions', numbered(merged))).body).toMatchObject({ changed: 1 });
    expect((await world.get('/v1/divisions/510104017001')).body).toMatchObject({ active: false, mergedInto: '510104017002' });
    expect((await send(world, 'divisions', numbered(merged))).body).toMatchObject({ unchanged: 1 });
  });

  test('go in whatever their order within a chunk, parents first of themselves', async () => {
    const rows = [
      { code: '990101001001', name: '社区' },
      { code: '990101001', name: '街道' },
      { code: '990101', name: '县' },
      { code: '9901', name: '市' },
      { code: '99', name: '省' },
    ];
    expect((await send(world, 'divisions', numbered(rows))).body).toMatchObject({ made: 5, errors: [] });
  });
});

describe('who imports', () => {
  test('is an administrator, and of their own division only', async () => {
    for (const as of [county, worker, { sub: 'resident-1', roles: ['resident'] }] as const) {
      for (const kind of ['requests', 'divisions']) expect((await send(world, kind, numbered([valid('x')]), as)).status).toBe(403);
    }
    const ofCounty: TokenClaims = { sub: 'admin-county', roles: ['admin'], division: '510105' };
    const { body } = await send(world, 'requests', numbered([valid('outside')]), ofCounty);
    expect([body.made, body.errors]).toMatchObject([0, [{ line: 2, path: 'community' }]]);
    const divisions = await send(world, 'divisions', numbered([{ code: '510104', name: '抢来的' }]), ofCounty);
    expect(divisions.body.errors).toMatchObject([{ line: 2, path: 'code' }]);
    expect((await world.get('/v1/divisions/510104')).body.name).toBe('锦江区');
    expect((await send(world, 'alerts', numbered([valid('x')]))).status).toBe(404);
  });

  test('sends at most 200 rows at once, and gets the same answer for the same key', async () => {
    const many = numbered(Array.from({ length: 201 }, (_, index) => valid(`many-${index}`)));
    expect((await send(world, 'requests', many)).status).toBe(422);
    expect((await send(world, 'requests', [])).status).toBe(422);
    const once = (): Promise<Answer> =>
      world.post('/v1/imports/requests', ADMIN, { rows: numbered([valid('keyed')]) }, { 'idempotency-key': 'chunk-1' });
    const [first, again] = [await once(), await once()];
    expect([first.body.made, again.body, again.headers.get('idempotency-replayed')]).toEqual([1, first.body, 'true']);
  });
});
