/** What clients of Open311 cost: exact, from consumed capacity. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { SECOND } from '../../functions/kernel/time.ts';
import { ask, fine, keyFor, send, type Params } from '../service-requests/open311/support/clients.ts';
import { countyDispatcher, DACISI, resident, SHUIJINGFANG, ZONGFULU } from '../support/people.ts';
import { referenceRequest } from '../support/reference-request.ts';
import { ADMIN, startWorld, type Answer, type World } from '../support/world.ts';
import { expectAgreement } from './support/agreement.ts';
import { Meter, type Metered } from './support/meter.ts';

const KB = 1024;
const COMMUNITIES = [SHUIJINGFANG, DACISI, ZONGFULU];
const CHUNK = 100;
/** Lambda's. */
const MOST_BYTES = 6 * 1024 * 1024;
const MONTH = { start_date: '2026-01-01', end_date: '2026-02-20' };

const meter = new Meter();
let world: World;
let key: string;
beforeAll(async () => {
  world = await startWorld({ prepare: meter.attach });
  key = await keyFor(world);
});
afterAll(() => world.stop());

const { description, address } = referenceRequest;
const PLACE = { lat: '30.6443256', long: '104.0915432' };
/** The reference request as a client reports it. */
const REPORT = {
  service_code: 'streetLamp',
  'attribute[community]': SHUIJINGFANG,
  description,
  address_string: address,
  ...PLACE,
  first_name: '三',
  last_name: '张',
  phone: '13800000000',
};
const submit = async (params: Params = {}): Promise<string> =>
  fine(await send(world, 'requests.json', { ...REPORT, api_key: key, ...params })).body[0].service_request_id;
const accept = async (id: string): Promise<void> => {
  world.turn(SECOND);
  expect((await world.post(`/v1/requests/${id}/accept`, countyDispatcher)).status).toBe(200);
};
const unitsOf = async (work: () => Promise<Answer | string>): Promise<Metered> => {
  // What follows from what went before is not of this.
  await world.settle();
  const metered = await meter.of(async () => {
    const answer = await work();
    if (typeof answer !== 'string') fine(answer);
  });
  expectAgreement(metered);
  return metered;
};
const units = ({ read, write }: Metered): { read: number; write: number } => ({ read, write });

test('a report takes 7 write units, one more than a resident’s request: its 2 KB, four lists, and the client’s own', async () => {
  const metered = await unitsOf(() => submit());
  // The client, consistently; the community and the service.
  expect(units(metered)).toEqual({ read: 2, write: 7 });
  expect(metered.writeCalls).toBe(1);
  const written = metered.readings.find(({ write }) => write > 0);
  expect(written?.indexes).toEqual({ byCommunity: 1, byCounty: 1, byRequester: 1, byClient: 1, byDue: 1 });
  expect(written?.sizes[0]).toBeLessThanOrEqual(2 * KB);
});

test('with an id of the client’s it is one transaction with its reference: 2 × 3, since the item is larger with it, 2 × 1, five lists', async () => {
  const params = { 'attribute[fixmystreet_id]': '77' };
  const metered = await unitsOf(() => submit(params));
  expect(units(metered)).toEqual({ read: 3, write: 13 });
  expect(metered.writeCalls).toBe(1);
  // Sent once more it writes nothing: the reference, and the request.
  expect(units(await unitsOf(() => submit(params)))).toEqual({ read: 3.5, write: 0 });
});

test('without a community, the nearest one is looked for', async () => {
  await world.put(`/v1/divisions/${SHUIJINGFANG}`, ADMIN, { name: '水井坊社区', location: { lat: 30.6443, long: 104.0915 } });
  expect(units(await unitsOf(() => submit({ 'attribute[community]': '' })))).toEqual({ read: 3, write: 7 });
});

test('one by its id takes 1.5 units, or 2.5 with a key', async () => {
  const id = await submit();
  expect(units(await unitsOf(() => ask(world, `requests/${id}.xml`)))).toEqual({ read: 1.5, write: 0 });
  expect(units(await unitsOf(() => ask(world, `requests/${id}.xml`, { api_key: key })))).toEqual({ read: 2.5, write: 0 });
  expect(units(await unitsOf(() => ask(world, `tokens/${id}.xml`)))).toEqual({ read: 1, write: 0 });
});

test('some by their ids take 1 unit each, and their services', async () => {
  const ids = [await submit(), await submit(), await submit()].join(',');
  expect(units(await unitsOf(() => ask(world, 'requests.xml', { service_request_id: ids })))).toEqual({ read: 3.5, write: 0 });
});

test('updates take a query of the client’s changes and 1 unit each that has changed, whatever else it has', async () => {
  await accept(await submit());
  world.turn(SECOND);
  const start = new Date(world.now()).toISOString();
  expect(units(await unitsOf(() => ask(world, 'servicerequestupdates.xml', { api_key: key, start_date: start })))).toEqual({
    read: 1.5,
    write: 0,
  });
  const changed = [await submit(), await submit()];
  for (const id of changed) await accept(id);
  // The client, the query, the two.
  expect(units(await unitsOf(() => ask(world, 'servicerequestupdates.xml', { api_key: key, start_date: start })))).toEqual({
    read: 3.5,
    write: 0,
  });
});

test('pictures take half a unit each: three of each request, and with extensions all of them', async () => {
  world.turn(SECOND);
  const start = new Date(world.now()).toISOString();
  const media: string[] = [];
  for (let count = 0; count < 4; count++)
    media.push((await world.post('/v1/media', resident, { contentType: 'image/jpeg', bytes: 1000 })).body.id);
  const body = { service: 'streetLamp', community: SHUIJINGFANG, description, channel: 'app', media };
  expect((await world.post('/v1/requests', resident, body)).status).toBe(201);
  await world.settle();
  const picturesIn = async (params: Params): Promise<number> =>
    (await unitsOf(() => ask(world, 'requests.json', { start_date: start, jurisdiction_id: '510104', ...params }))).readings
      .filter(({ table }) => table === 'media')
      .reduce((sum, { read }) => sum + read, 0);
  expect([await picturesIn({}), await picturesIn({ extensions: 'true' })]).toEqual([1.5, 2]);
});

test('updates without a key take the lists of 90 days, and half a unit each that has changed', async () => {
  world.turn(SECOND);
  const start = new Date(world.now()).toISOString();
  await accept(await submit());
  const metered = await unitsOf(() => ask(world, 'servicerequestupdates.xml', { start_date: start, jurisdiction_id: '510104' }));
  const lists = metered.readings.filter(({ index }) => index === 'byCounty');
  expect(lists).toHaveLength(2);
  // The division, and what has changed.
  expect(metered.read).toBe(lists.reduce((sum, { read }) => sum + read, 0) + 0.5 + 0.5);
});

test('an update is a comment: a transaction of the item, the comment, its reference, and five lists', async () => {
  const id = await submit();
  const update = { api_key: key, service_request_id: id, description: '还没修，请尽快。', update_id: '1' };
  world.turn(SECOND);
  const metered = await unitsOf(() => send(world, 'servicerequestupdates.xml', update));
  expect(units(metered)).toEqual({ read: 3.5, write: 15 });
  expect(metered.writeCalls).toBe(1);
  expect(units(await unitsOf(() => send(world, 'servicerequestupdates.xml', update)))).toEqual({ read: 2, write: 0 });
});

test('services take the whole catalogue, a definition half a unit, discovery 1.5 as long as its setting has not been put', async () => {
  expect(units(await unitsOf(() => ask(world, 'services.xml')))).toEqual({ read: 7.5, write: 0 });
  expect(units(await unitsOf(() => ask(world, 'services/streetLamp.xml')))).toEqual({ read: 0.5, write: 0 });
  expect(units(await unitsOf(() => ask(world, 'services/streetLamp.xml', { jurisdiction_id: '510104' })))).toEqual({ read: 1, write: 0 });
  expect(units(await unitsOf(() => ask(world, 'discovery.xml')))).toEqual({ read: 1.5, write: 0 });
});

test('a key takes 6 write units to give out: 2 × 1, the same in the list, and 2 × 1 for its audit entry', async () => {
  const metered = await unitsOf(() => keyFor(world));
  expect(units(metered)).toEqual({ read: 0.5, write: 6 });
});

/** Lines of a file, an hour apart, one community after the other. */
const rows = (from: number, text: string): readonly object[] =>
  Array.from({ length: CHUNK }, (_, index) => ({
    line: index + 2,
    service_request_id: `${text.length}-${from + index}`,
    requested_datetime: new Date(Date.UTC(2026, 0, 1) + (from + index) * 3_600_000).toISOString(),
    service_name: '路灯不亮',
    description: text,
    address,
    ...PLACE,
    community: COMMUNITIES[(from + index) % COMMUNITIES.length],
  }));
const isLong = process.env['LINLI_LONG'] === '1';
/** The longest text of ours; and one of which XML makes as much with a few lines. */
const [LISTED, TEXT] = isLong ? [1000, '灯'.repeat(2000)] : [500, '"'.repeat(2000)];

test('more than goes into one answer: as many as do, in either format; a page says how many those are', async () => {
  for (let from = 0; from < LISTED; from += CHUNK)
    expect((await world.post('/v1/imports/requests', ADMIN, { rows: rows(from, TEXT) })).body.errors).toEqual([]);
  for (const format of isLong ? ['xml', 'json'] : ['xml']) {
    const started = performance.now();
    let answer: Answer | undefined;
    const metered = await unitsOf(async () => (answer = await ask(world, `requests.${format}`, MONTH)));
    const bytes = Buffer.byteLength(answer?.text ?? '');
    const ms = Math.round(performance.now() - started);
    if (isLong) console.log(`${LISTED} requests of 2,000 characters in ${format}: ${bytes} bytes in ${ms} ms`);
    expect(bytes).toBeLessThan(MOST_BYTES);
    expect(bytes).toBeGreaterThan(MOST_BYTES / 2);
    const inLists = metered.readings.filter(({ index }) => index !== undefined);
    // What lies within the span, each list once; and each of these requests, 100 at a time, half a unit for each 4 KB.
    expect(inLists.flatMap(({ sizes }) => sizes)).toHaveLength(LISTED);
    const batches = metered.readings.filter(({ command }) => command === 'BatchGetItem');
    expect(batches).toHaveLength(LISTED / 100);
    expect(metered.read).toBe(
      inLists.reduce((sum, { read }) => sum + read, 0) +
        batches.flatMap(({ sizes }) => sizes).reduce((sum, size) => sum + Math.ceil(size / (4 * KB)) / 2, 0) +
        // The counties, of whole China; and the service.
        metered.readings.filter(({ table }) => table !== 'serviceRequests').reduce((sum, { read }) => sum + read, 0),
    );
  }
  const refused = await ask(world, 'requests.json', { ...MONTH, page_size: String(LISTED) });
  const most = Number(/: \D*(\d+)/.exec(refused.body[0].description)?.[1]);
  expect([refused.status, most > LISTED / 2, most < LISTED]).toEqual([400, true, true]);
  const pages = [1, 2].map((page) => ask(world, 'requests.json', { ...MONTH, page_size: String(LISTED / 2), page: String(page) }));
  const ids = (await Promise.all(pages)).flatMap((page) =>
    fine(page).body.map((each: { service_request_id: string }) => each.service_request_id),
  );
  expect(new Set(ids).size).toBe(LISTED);
});
