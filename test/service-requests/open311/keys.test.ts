/** Keys of Open311 clients: who gives them out, what is kept of them, and when they end. */
import { ListTablesCommand, ScanCommand, type DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { TokenClaims } from '../../../lib/local/issuer.ts';
import { dispatcher, resident, worker } from '../../support/people.ts';
import { ADMIN, startWorld, type World } from '../../support/world.ts';
import { allPages } from '../support/requests.ts';
import { ask, errorsOf, fine, furnish, idOfKey, keyFor, report, send } from './support/clients.ts';

const PATH = '/v1/open311/keys';
const countyAdmin: TokenClaims = { sub: 'admin-jinjiang', roles: ['admin'], division: '510104' };
const strangeAdmin: TokenClaims = { sub: 'admin-qingyang', roles: ['admin'], division: '510105' };

/** Everything that is stored, as text. */
const stored = async (client: DynamoDBClient): Promise<string> => {
  const { TableNames: names = [] } = await client.send(new ListTablesCommand());
  const tables = await Promise.all(names.map((TableName) => client.send(new ScanCommand({ TableName }))));
  return JSON.stringify(tables.map(({ Items }) => Items));
};

describe('keys', () => {
  let world: World;
  let client: DynamoDBClient | undefined;
  beforeAll(async () => {
    world = await startWorld({ prepare: (each) => (client ??= each) });
    await furnish(world);
  });
  afterAll(() => world.stop());

  test('are told once, and read and listed without the key itself', async () => {
    const issued = await world.post(PATH, countyAdmin, { name: '市民随手拍', division: '510104017' });
    expect([issued.status, issued.headers.get('location'), issued.headers.get('etag')]).toEqual([201, `${PATH}/${issued.body.id}`, '"1"']);
    const { key, ...rest } = issued.body;
    expect(rest).toEqual({ id: idOfKey(key), name: '市民随手拍', division: '510104017', madeAt: '2026-11-24T01:00:00.000Z' });
    // 256 bits of its own.
    expect(key).toMatch(/^[0-9A-Z]{26}\.[\w-]{43}$/);
    const read = await world.get(`${PATH}/${rest.id}`, countyAdmin);
    expect([read.status, read.body, read.headers.get('etag')]).toEqual([200, rest, '"1"']);
    const listed = await world.get(PATH, countyAdmin);
    expect(listed.body.items).toContainEqual(rest);
    for (const { text } of [read, listed]) expect(text).not.toContain(key.split('.')[1]);
  });

  test('are given out by administrators of the division, and read by them alone', async () => {
    const body = { name: '随手拍', division: '510104' };
    for (const as of [dispatcher, worker, resident, strangeAdmin, { ...countyAdmin, division: '510104017' }])
      expect([as.sub, (await world.post(PATH, as, body)).status]).toEqual([as.sub, 403]);
    expect((await world.post(PATH, undefined, body)).status).toBe(401);
    expect((await world.post(PATH, ADMIN, { ...body, division: '510106' })).body.errors).toMatchObject([{ path: 'division' }]);
    const id = idOfKey(await keyFor(world, '510104', countyAdmin));
    expect((await world.get(`${PATH}/${id}`, strangeAdmin)).status).toBe(404);
    expect((await world.call('DELETE', `${PATH}/${id}`, { as: strangeAdmin })).status).toBe(404);
    expect((await world.get(PATH, strangeAdmin)).body).toEqual({ items: [], next: null });
    expect((await world.get(PATH, ADMIN)).body.items.map((each: { id: string }) => each.id)).toContain(id);
  });

  test('are listed page by page, those of other divisions left out', async () => {
    const made: string[] = [];
    for (let index = 0; index < 5; index++) {
      made.push(idOfKey(await keyFor(world, '510105006', strangeAdmin)));
      await keyFor(world, '510104');
    }
    const listed = await allPages(world, `${PATH}?limit=2`, strangeAdmin);
    expect(listed.map(({ id }) => id).toSorted()).toEqual(made.toSorted());
  });

  test('are the same again for the same Idempotency-Key, though only a hash is kept', async () => {
    const key = { 'idempotency-key': 'key-1' };
    const body = { name: '随手拍', division: '510104' };
    const once = await world.post(PATH, ADMIN, body, key);
    const again = await world.post(PATH, ADMIN, body, key);
    expect([again.status, again.body, again.headers.get('idempotency-replayed')]).toEqual([201, once.body, 'true']);
    await report(world, once.body.key, { 'attribute[fixmystreet_id]': '1' });
    if (client === undefined) throw new Error('no engine');
    const everything = await stored(client);
    expect(everything).toContain(once.body.id);
    expect(everything).not.toContain(once.body.key.split('.')[1]);
    expect((await world.post(PATH, ADMIN, { ...body, name: '别的' }, key)).body.code).toBe('idempotencyKeyReused');
  });

  test('that are revoked are refused at once, everywhere, for what they were taken before as well', async () => {
    const key = await keyFor(world);
    const params = { api_key: key, service_code: 'streetLamp', lat: '30.6443', long: '104.0915' };
    const header = { 'idempotency-key': '7d444840-9dc0-4a52-8f6f-2f3f4c5d6e7f' };
    const [{ service_request_id: id }] = fine(await send(world, 'requests.json', params, header)).body;
    const hidden = await report(world, key, { service_code: 'privateHelp', 'attribute[fixmystreet_id]': '1' });
    const update = { api_key: key, service_request_id: id, description: '还没修', update_id: '1' };
    fine(await send(world, 'servicerequestupdates.json', update, header));

    const path = `${PATH}/${idOfKey(key)}`;
    expect((await world.call('DELETE', path, { as: countyAdmin, headers: { 'if-match': '"9"' } })).status).toBe(412);
    world.turn(1000);
    const revoked = await world.call('DELETE', path, { as: countyAdmin, headers: { 'if-match': '"1"' } });
    expect([revoked.status, revoked.body.revokedAt]).toEqual([200, '2026-11-24T01:00:01.000Z']);
    world.turn(1000);
    expect((await world.call('DELETE', path, { as: countyAdmin })).body).toEqual(revoked.body);
    expect((await world.get(path, countyAdmin)).body).toEqual(revoked.body);

    const calls = [
      () => send(world, 'requests.json', params),
      () => send(world, 'requests.json', params, header),
      () => send(world, 'requests.json', { ...params, 'attribute[fixmystreet_id]': '1' }),
      () => send(world, 'servicerequestupdates.json', update),
      () => send(world, 'servicerequestupdates.json', update, header),
      () => ask(world, 'requests.json', { api_key: key }),
      () => ask(world, `requests/${hidden}.json`, { api_key: key }),
      () => ask(world, `tokens/${hidden}.json`, { api_key: key }),
      () => ask(world, 'servicerequestupdates.json', { api_key: key }),
    ];
    for (const [index, call] of calls.entries()) expect([index, (await call()).status]).toEqual([index, 403]);
    // What came with it stays.
    expect(fine(await ask(world, `requests/${id}.json`)).body).toHaveLength(1);
    expect((await world.get(`/v1/requests/${hidden}`, dispatcher)).status).toBe(200);
  });

  test('and what is done with them is written down, by whom and when', async () => {
    const key = await keyFor(world, '510104', countyAdmin);
    await world.call('DELETE', `${PATH}/${idOfKey(key)}`, { as: countyAdmin });
    const auditor: TokenClaims = { sub: 'auditor-1', roles: ['auditor'], division: '5101' };
    const { body } = await world.get(`/v1/audit?resource=open311/keys/${idOfKey(key)}`, auditor);
    expect(body.items.map((each: { action: string; by: string }) => each.action).toSorted()).toEqual([
      'issueOpen311Key',
      'revokeOpen311Key',
    ]);
  });

  test('stand in no log line, nor does what was sent with them', async () => {
    const key = await keyFor(world);
    await report(world, key, { description: '话ULO1', email: 'ulo2@example.org', 'attribute[fixmystreet_id]': 'ULO3' });
    await ask(world, 'requests.xml', { api_key: key, service_request_id: 'ULO4' });
    await send(world, 'requests.xml', { api_key: `${key}ULO5`, service_code: 'ULO6' });
    await world.settle();
    const logs = JSON.stringify(world.logs);
    expect(logs).toContain('submitOpen311RequestXml');
    expect(logs).not.toMatch(/ULO\d|ulo\d/);
    expect(logs).not.toContain(key.split('.')[1]);
  });
});

test('a client that asks too often is told when to come back, in its own format; another one is not', async () => {
  let client: DynamoDBClient | undefined;
  const world = await startWorld({ limits: 'on', prepare: (each) => (client ??= each) });
  try {
    const [busy, calm] = [await keyFor(world), await keyFor(world)];
    const one = (key: string) => ask(world, 'servicerequestupdates.xml', { api_key: key, start_date: 'x' });
    const AT_ONCE = 50;
    for (let sent = 0; sent < 300; sent += AT_ONCE) await Promise.all(Array.from({ length: AT_ONCE }, () => one(busy)));
    const refused = await one(busy);
    expect([refused.status, refused.headers.get('retry-after')]).toEqual([429, '60']);
    expect(errorsOf(refused, 'xml')).toEqual([{ code: 429, description: expect.stringMatching(/./) }]);
    expect((await one(calm)).status).toBe(400);
    if (client !== undefined) expect(await stored(client)).not.toContain(busy.split('.')[1]);
    world.turn(60_000);
    expect((await one(busy)).status).toBe(400);
    // Whoever makes up keys is counted by their address.
    if (process.env['LINLI_LONG'] !== '1') return;
    for (let sent = 0; sent < 3000; sent += AT_ONCE)
      await Promise.all(Array.from({ length: AT_ONCE }, (_, index) => one(`made-up-${sent + index}`)));
    expect((await one('made-up-at-last')).status).toBe(429);
  } finally {
    await world.stop();
  }
}, 120_000);
