import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { TokenClaims } from '../../lib/local/issuer.ts';
import { countyDispatcher, DACISI, resident, SHUIJINGFANG, worker } from '../support/people.ts';
import { ADMIN, DIVISIONS, startWorld, type Answer, type World } from '../support/world.ts';

const countyAdmin: TokenClaims = { sub: 'admin-jinjiang', roles: ['admin'], division: '510104' };

let world: World;
beforeAll(async () => {
  world = await startWorld();
});
afterAll(() => world.stop());

const get = (path: string): Promise<Answer> => world.get(`/v1/divisions/${path}`);
const put = (
  code: string,
  body: unknown,
  as: TokenClaims | undefined = ADMIN,
  headers: Readonly<Record<string, string>> = {},
): Promise<Answer> => world.put(`/v1/divisions/${code}`, as, body, headers);

test.for([
  ['51', 'province', null],
  ['5101', 'city', '51'],
  ['510104', 'county', '5101'],
  ['510104017', 'street', '510104'],
  [SHUIJINGFANG, 'community', '510104017'],
] as const)('%s is a %s, and everybody may read it', async ([code, level, parent]) => {
  const { status, headers, body } = await get(code);
  expect([status, headers.get('etag')]).toEqual([200, '"1"']);
  expect(body).toEqual({ code, name: DIVISIONS.find((each) => each[0] === code)?.[1], level, parent, active: true });
});

test('what is no division, or none that is known, is 404', async () => {
  for (const code of ['52', '510199', '510104017999', '5', '51010', 'abc', '__proto__', '5101041', `${SHUIJINGFANG}0`]) {
    expect([code, (await get(code)).status]).toEqual([code, 404]);
    expect([code, (await get(`${code}/children`)).status]).toEqual([code, 404]);
  }
});

describe('children', () => {
  test('are the divisions one level below, by code', async () => {
    const codes = async (code: string): Promise<string[]> =>
      (await get(`${code}/children`)).body.items.map((each: { code: string }) => each.code);
    expect(await codes('51')).toEqual(['5101']);
    expect(await codes('5101')).toEqual(['510104', '510105']);
    expect(await codes('510104017')).toEqual([SHUIJINGFANG, DACISI]);
    expect(await codes(SHUIJINGFANG)).toEqual([]);
    for (const child of (await get('510104017/children')).body.items) expect(child).toEqual((await get(child.code)).body);
  });

  test('come in pages that make up the whole', async () => {
    const street = '510104035';
    await put(street, { name: '测试街道' });
    const wanted = Array.from({ length: 23 }, (_, index) => `${street}${String(index + 1).padStart(3, '0')}`);
    await Promise.all(wanted.toReversed().map((code) => put(code, { name: `社区${code.slice(-2)}` })));
    for (const limit of [1, 7, 20, 23, 100]) {
      const found: string[] = [];
      let next: string | null = null;
      do {
        const page: Answer = await get(`${street}/children?limit=${limit}${next === null ? '' : `&cursor=${next}`}`);
        expect(page.body.items.length).toBeLessThanOrEqual(limit);
        found.push(...page.body.items.map((each: { code: string }) => each.code));
        next = page.body.next;
      } while (next !== null);
      expect([limit, found]).toEqual([limit, wanted]);
    }
    const { next } = (await get(`${street}/children?limit=5`)).body;
    expect((await get(`510104017/children?cursor=${next}`)).status).toBe(400);
    expect((await get(`${street}/children?limit=500`)).status).toBe(422);
  });
});

describe('an administrator', () => {
  test('makes a division, and replaces all of it', async () => {
    const made = await put('510104021', {
      name: '新街道',
      location: { lat: 30.65, long: 104.08 },
      radiusKm: 1.5,
      population: 52_000,
      households: 20_100,
    });
    expect([made.status, made.headers.get('location')]).toEqual([201, '/v1/divisions/510104021']);
    expect(made.body).toEqual((await get('510104021')).body);
    expect(made.body).toMatchObject({ level: 'street', parent: '510104', population: 52_000, active: true });
    const replaced = await put('510104021', { name: '新街道办', largeCity: false });
    expect([replaced.status, replaced.body]).toEqual([
      200,
      { code: '510104021', name: '新街道办', level: 'street', parent: '510104', largeCity: false, active: true },
    ]);
  });

  test('asks for the parent’s existence, and for nothing else', async () => {
    const orphan = await put('510199001', { name: '无上级' });
    expect([orphan.status, orphan.body.errors[0].path]).toEqual([422, 'code']);
    expect((await put('52', { name: '贵州省' })).status).toBe(201);
    expect((await put('5201', { name: '贵阳市' })).status).toBe(201);
  });

  test('is told of every wrong field', async () => {
    const answer = await put('510104022', {
      name: { 'zh-CN': '街道' },
      population: -1,
      radiusKm: 0,
      location: { lat: 100, long: 0 },
      level: 'street',
    });
    expect([answer.status, answer.body.errors.map((each: { path: string }) => each.path).toSorted()]).toEqual([
      422,
      ['level', 'location.lat', 'name', 'population', 'radiusKm'],
    ]);
    expect((await put('510104022', {})).body.errors).toMatchObject([{ path: 'name' }]);
    expect((await get('510104022')).status).toBe(404);
  });

  test('changes what they have read, and not what has changed since', async () => {
    await put('510104023', { name: '一' });
    const tag = (await get('510104023')).headers.get('etag') ?? '';
    expect((await put('510104023', { name: '二' }, ADMIN, { 'if-match': tag })).status).toBe(200);
    expect((await put('510104023', { name: '三' }, ADMIN, { 'if-match': tag })).status).toBe(412);
    expect((await put('510104024', { name: '没有' }, ADMIN, { 'if-match': tag })).status).toBe(412);
    expect((await get('510104023')).body.name).toBe('二');
  });

  test('of a division reaches it and what lies within, and nothing else', async () => {
    for (const code of ['510104', '510104017', SHUIJINGFANG, '510104029']) {
      expect([code, (await put(code, { name: '本区的' }, countyAdmin)).status < 300]).toEqual([code, true]);
    }
    for (const code of ['51', '5101', '510105', '510105006', '510105006001', '53']) {
      expect([code, (await put(code, { name: '别处的' }, countyAdmin)).status]).toEqual([code, 403]);
      expect((await get(code)).body.name ?? '无').not.toBe('别处的');
    }
  });

  test('is who changes divisions: nobody else does', async () => {
    for (const as of [resident, worker, countyDispatcher]) expect((await put('510104', { name: '改名' }, as)).status).toBe(403);
    expect((await world.call('PUT', '/v1/divisions/510104', { body: { name: '改名' } })).status).toBe(401);
  });
});

test('a division that became part of another says into which, and is out of use', async () => {
  await put('510104018', { name: '旧街道' });
  expect((await put('510104018', { name: '旧街道', mergedInto: '510104017' })).body).toMatchObject({
    active: false,
    mergedInto: '510104017',
  });
  expect((await get('510104018')).body).toMatchObject({ active: false, mergedInto: '510104017' });
  // Still listed where it was.
  expect((await get('510104/children?limit=100')).body.items.map((each: { code: string }) => each.code)).toContain('510104018');
});

test('no other method is answered', async () => {
  for (const method of ['DELETE', 'PATCH', 'POST'])
    expect([404, 405]).toContain((await world.call(method, '/v1/divisions/510104', { as: ADMIN })).status);
});
