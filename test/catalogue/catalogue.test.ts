import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { TokenClaims } from '../../lib/local/issuer.ts';
import { countyDispatcher, dispatcher, resident, SHUIJINGFANG, worker } from '../support/people.ts';
import { ADMIN, startWorld, type Answer, type World } from '../support/world.ts';
import { allPages } from '../service-requests/support/requests.ts';

let world: World;
beforeAll(async () => {
  world = await startWorld();
});
afterAll(() => world.stop());

const SERVICE = {
  name: { 'zh-CN': '试验服务', en: 'Trial service' },
  description: { 'zh-CN': '只为试验' },
  group: 'convenience',
  keywords: ['试验'],
  attributes: [],
  respondWithin: { amount: 4, unit: 'hours' },
  resolveWithin: { amount: 3, unit: 'workingDays' },
  visibility: 'public',
};
const put = (code: string, more: Readonly<Record<string, unknown>> = {}, as: TokenClaims = ADMIN): Promise<Answer> =>
  world.put(`/v1/services/${code}`, as, { ...SERVICE, ...more });
const codes = async (query = ''): Promise<readonly string[]> =>
  (await allPages(world, `/v1/services?limit=100${query}`, resident)).map((each) => each.code);
const ask = (service: string, attributes?: unknown): Promise<Answer> =>
  world.post('/v1/requests', resident, {
    service,
    community: SHUIJINGFANG,
    description: '试验',
    channel: 'app',
    ...(attributes === undefined ? {} : { attributes }),
  });

describe('a new system', () => {
  test('offers at least sixty services in three groups, to everybody', async () => {
    const all = await codes();
    expect(all.length).toBeGreaterThanOrEqual(60);
    expect(all).toEqual(all.toSorted());
    const groups = await Promise.all(['welfare', 'convenience', 'safety'].map((group) => codes(`&group=${group}`)));
    for (const group of groups) expect(group.length).toBeGreaterThan(5);
    expect(groups.flat().toSorted()).toEqual(all);
    expect((await world.get('/v1/services?group=other')).status).toBe(422);
    expect((await world.get('/v1/services')).body.items).toHaveLength(20);
  });

  test('always has urgentHelp and imported, as promised', async () => {
    expect((await world.get('/v1/services/urgentHelp')).body).toMatchObject({
      group: 'safety',
      visibility: 'confidential',
      respondWithin: { amount: 30, unit: 'minutes' },
    });
    expect((await world.get('/v1/services/imported')).body).toMatchObject({
      visibility: 'public',
      resolveWithin: { amount: 7, unit: 'days' },
    });
    expect((await world.get('/v1/services/noSuchService')).status).toBe(404);
  });

  test('names programmes with their source, in pages too', async () => {
    const { status, body } = await world.get('/v1/programmes?limit=100');
    expect(status).toBe(200);
    expect(body.items.length).toBeGreaterThan(0);
    for (const each of body.items) {
      expect(each.name['zh-CN']).toMatch(/./);
      expect(each.source).toMatch(/./);
    }
    expect((await allPages(world, '/v1/programmes?limit=3', resident)).length).toBe(body.items.length);
    const known = new Set(body.items.map((each: { code: string }) => each.code));
    for (const service of await allPages(world, '/v1/services?limit=100', resident))
      if (service.programme !== undefined) expect(known.has(service.programme)).toBe(true);
  });
});

describe('a service', () => {
  test('gets a new version each time, and is read as it is now', async () => {
    const made = await put('trial');
    expect([made.status, made.headers.get('location'), made.headers.get('etag')]).toEqual([201, '/v1/services/trial', '"1"']);
    expect(made.body).toEqual({ ...SERVICE, code: 'trial', version: 1, active: true });
    const again = await put('trial', { visibility: 'private' });
    expect([again.status, again.body.version, again.body.visibility]).toEqual([200, 2, 'private']);
    expect((await world.get('/v1/services/trial')).body).toEqual(again.body);
    expect((await world.put('/v1/services/trial', ADMIN, SERVICE, { 'if-match': '"1"' })).status).toBe(412);
    expect((await world.put('/v1/services/trial', ADMIN, SERVICE, { 'if-match': '"2"' })).body.version).toBe(3);
  });

  test('is put by an administrator', async () => {
    for (const as of [resident, worker, dispatcher, countyDispatcher]) expect((await put('trial', {}, as)).status).toBe(403);
    expect((await world.call('PUT', '/v1/services/trial', { body: SERVICE })).status).toBe(401);
  });

  test('that is no longer offered leaves the list, and can be read', async () => {
    await put('gone');
    expect(await codes()).toContain('gone');
    await put('gone', { active: false });
    expect(await codes()).not.toContain('gone');
    expect((await world.get('/v1/services/gone')).body.active).toBe(false);
    expect((await ask('gone')).status).toBe(422);
  });

  test('that is offered in some divisions is listed for them, for what lies within and for what holds them', async () => {
    await put('local', { divisions: ['510104'] });
    for (const division of ['51', '5101', '510104', '510104017', SHUIJINGFANG])
      expect([division, (await codes(`&division=${division}`)).includes('local')]).toEqual([division, true]);
    for (const division of ['52', '510105', '510105006001'])
      expect([division, (await codes(`&division=${division}`)).includes('local')]).toEqual([division, false]);
    expect(await codes('&division=510105&group=convenience')).toContain('trial');
  });

  test('must make sense', async () => {
    const attribute = { code: 'a', datatype: 'string', required: false, description: { 'zh-CN': '说明' }, order: 1 };
    for (const [more, paths] of [
      [{ name: { en: 'English only' } }, ['name.zh-CN']],
      [{ group: 'other' }, ['group']],
      [{ resolveWithin: { amount: 0, unit: 'days' } }, ['resolveWithin.amount']],
      [{ resolveWithin: { amount: 1.5, unit: 'days' } }, ['resolveWithin.amount']],
      [{ resolveWithin: { amount: 1, unit: 'weeks' } }, ['resolveWithin.unit']],
      [{ visibility: 'secret' }, ['visibility']],
      [{ programme: 'noSuchProgramme' }, ['programme']],
      [{ version: 7 }, ['version']],
      [{ divisions: [] }, ['divisions']],
      [{ attributes: [attribute, attribute] }, ['attributes.1.code']],
      [{ attributes: [{ ...attribute, datatype: 'singlevaluelist' }] }, ['attributes.0.values']],
      [{ attributes: [{ ...attribute, values: [{ key: 'x', name: { 'zh-CN': '甲' } }] }] }, ['attributes.0.values']],
      [{ attributes: [{ ...attribute, datatype: 'date' }] }, ['attributes.0.datatype']],
    ] as const) {
      const answer = await put('wrong', more);
      expect([more, answer.status, answer.body.errors?.map((each: { path: string }) => each.path)]).toEqual([more, 422, paths]);
    }
    expect((await world.get('/v1/services/wrong')).status).toBe(404);
    for (const code of ['9lives', 'a b', 'a#b', 'x'.repeat(65)]) expect((await put(encodeURIComponent(code))).status).toBe(404);
  });
});

describe('attributes of a request', () => {
  const values = [
    { key: 'red', name: { 'zh-CN': '红' } },
    { key: 'blue', name: { 'zh-CN': '蓝' } },
  ];
  const attribute = (code: string, datatype: string, required: boolean, order: number, more = {}): unknown => ({
    code,
    datatype,
    required,
    description: { 'zh-CN': code },
    order,
    ...more,
  });
  beforeAll(async () => {
    await put('attributed', {
      attributes: [
        attribute('line', 'string', true, 1),
        attribute('amount', 'number', false, 2),
        attribute('at', 'datetime', false, 3),
        attribute('story', 'text', false, 4),
        attribute('one', 'singlevaluelist', false, 5, { values }),
        attribute('many', 'multivaluelist', false, 6, { values }),
      ],
    });
  });

  test.for([
    { line: '一行' },
    { line: '一行', amount: 0 },
    { line: '一行', amount: -2.5 },
    { line: '一行', at: '2026-11-24T09:00:00+08:00' },
    { line: '一行', story: '几行\n字' },
    { line: '一行', one: 'red' },
    { line: '一行', many: ['blue', 'red'] },
    { line: '一行', many: ['blue'] },
  ])('%o are taken and given back', async (attributes) => {
    const answer = await ask('attributed', attributes);
    expect([answer.status, answer.body.attributes]).toEqual([201, attributes]);
  });

  test.for([
    [{}, ['attributes.line']],
    [undefined, ['attributes.line']],
    [{ line: ' ' }, ['attributes.line']],
    [{ line: 5 }, ['attributes.line']],
    [{ line: ['x'] }, ['attributes.line']],
    [{ line: 'x', amount: '5' }, ['attributes.amount']],
    [{ line: 'x', at: '2026-11-24' }, ['attributes.at']],
    [{ line: 'x', at: '2026-02-30T09:00:00+08:00' }, ['attributes.at']],
    [{ line: 'x', one: 'green' }, ['attributes.one']],
    [{ line: 'x', one: ['red'] }, ['attributes.one']],
    [{ line: 'x', many: 'red' }, ['attributes.many']],
    [{ line: 'x', many: [] }, ['attributes.many']],
    [{ line: 'x', many: ['red', 'red'] }, ['attributes.many']],
    [{ line: 'x', many: ['red', 'green'] }, ['attributes.many']],
    [{ line: 'x', colour: 'red' }, ['attributes.colour']],
    [{ amount: 'x', colour: 'red' }, ['attributes.amount', 'attributes.colour', 'attributes.line']],
  ] as const)('%o are told wrong at %o', async ([attributes, paths]) => {
    const answer = await ask('attributed', attributes);
    expect([answer.status, answer.body.errors?.map((each: { path: string }) => each.path).toSorted()]).toEqual([422, paths]);
  });

  test('follow the version that is offered now, and stay with the request that was made before', async () => {
    await put('growing');
    const { body: before } = await ask('growing');
    await put('growing', { attributes: [attribute('floor', 'number', true, 1)] });
    expect((await ask('growing')).status).toBe(422);
    expect((await ask('growing', { floor: 3 })).body.serviceVersion).toBe(2);
    expect((await world.post(`/v1/requests/${before.id}/accept`, dispatcher, {})).body).toMatchObject({
      status: 'accepted',
      serviceVersion: 1,
    });
  });
});

describe('settings', () => {
  test('are for administrators, each with its own shape', async () => {
    const path = '/v1/settings/rectifications';
    for (const as of [resident, worker, dispatcher]) {
      expect((await world.get(path, as)).status).toBe(403);
      expect((await world.put(path, as, { value: {} })).status).toBe(403);
    }
    expect((await world.get(path)).status).toBe(401);
    const { body } = await world.get(path, ADMIN);
    expect(body).toEqual({
      name: 'rectifications',
      value: {
        callbackWithin: { amount: 1, unit: 'workingDays' },
        fixWithin: { amount: 5, unit: 'workingDays' },
        hardFixWithin: { amount: 15, unit: 'workingDays' },
      },
    });
    const wrong = await world.put(path, ADMIN, { value: { ...body.value, fixWithin: { amount: 5, unit: 'moons' }, more: true } });
    expect([wrong.status, wrong.body.errors.map((each: { path: string }) => each.path).toSorted()]).toEqual([
      422,
      ['value.fixWithin.unit', 'value.more'],
    ]);
    for (const name of ['noSuchSetting', '__proto__']) {
      expect((await world.get(`/v1/settings/${name}`, ADMIN)).status).toBe(404);
      expect((await world.put(`/v1/settings/${name}`, ADMIN, { value: 1 })).status).toBe(404);
    }
  });

  test('are read back as they were put, and a lost race is 412', async () => {
    const path = '/v1/settings/rectifications';
    const before = await world.get(path, ADMIN);
    const tag = before.headers.get('etag') ?? '';
    const value = { ...before.body.value, fixWithin: { amount: 7, unit: 'workingDays' } };
    expect((await world.put(path, ADMIN, { value }, { 'if-match': tag })).body).toEqual({ name: 'rectifications', value });
    expect((await world.put(path, ADMIN, { value: before.body.value }, { 'if-match': tag })).status).toBe(412);
    expect((await world.get(path, ADMIN)).body.value).toEqual(value);
    expect((await world.put(path, ADMIN, { value: before.body.value })).status).toBe(200);
  });

  test('programmes are one of them: what is put is what everybody reads, and no code stands twice', async () => {
    const { body } = await world.get('/v1/settings/programmes', ADMIN);
    const added = { code: 'trialProgramme', name: { 'zh-CN': '试验行动' }, source: '试验' };
    expect((await world.put('/v1/settings/programmes', ADMIN, { value: [...body.value, added] })).status).toBe(200);
    expect((await allPages(world, '/v1/programmes?limit=100', resident)).at(-1)).toEqual(added);
    expect((await put('programmed', { programme: 'trialProgramme' })).body.programme).toBe('trialProgramme');
    const twice = await world.put('/v1/settings/programmes', ADMIN, { value: [added, added] });
    expect([twice.status, twice.body.errors[0].path]).toEqual([422, 'value.1.code']);
  });
});
