/** How lists are asked for: ids, places, spans of time, statuses and pages, in whatever form clients send them. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { DAY, HOUR } from '../../../functions/kernel/time.ts';
import {
  CAOSHIJIE,
  countyDispatcher,
  DACISI,
  dispatcher,
  resident,
  SHUIJINGFANG,
  strangeDispatcher,
  ZONGFULU,
} from '../../support/people.ts';
import { startWorld, type Answer, type World } from '../../support/world.ts';
import { act, done, make, REASON } from '../support/requests.ts';
import { ask, BASE, fine, FORM, formOf, furnish, keyFor, report, send, type Params } from './support/clients.ts';

let world: World;
let key: string;
let other: string;
/** Requests in the order in which they were made. */
const IDS: string[] = [];
const at = (index: number): string => IDS[index] ?? '';

const START = '2026-06-01T00:00:00Z';
const PLACES = [SHUIJINGFANG, DACISI, ZONGFULU, CAOSHIJIE];

beforeAll(async () => {
  world = await startWorld({ at: START });
  await furnish(world);
  key = await keyFor(world, '5101');
  other = await keyFor(world, '5101');
  // Every 30 days, from 1 June to 28 November; all but one are public.
  for (let index = 0; index < 7; index++) {
    const params = {
      'attribute[community]': PLACES[index % PLACES.length] ?? '',
      service_code: index % 2 === 0 ? 'streetLamp' : 'pothole',
      'attribute[depth]': '1',
    };
    IDS.push(await report(world, key, params));
    world.turn(30 * DAY);
  }
  world.turnTo('2026-11-28T00:00:00Z');
  await world.post(`/v1/requests/${at(6)}/reject`, countyDispatcher, REASON);
  world.turn(HOUR);
});
afterAll(() => world.stop());

const found = (answer: Answer): string[] => fine(answer).body.map((each: { service_request_id: string }) => each.service_request_id);
const list = async (params: Params = {}): Promise<string[]> => found(await ask(world, 'requests.json', params));
const indexes = async (params: Params = {}): Promise<number[]> => (await list(params)).map((id) => IDS.indexOf(id));

test('without dates: the last 90 days, newest first', async () => {
  expect(await indexes()).toEqual([6, 5, 4]);
  expect(await indexes({ start_date: '', end_date: '', status: '', service_code: '', page: '', jurisdiction_id: '', api_key: '' })).toEqual(
    [6, 5, 4],
  );
});

test('from a start, 90 days; to an end, 90 days; both ends belong to it', async () => {
  expect(await indexes({ start_date: START })).toEqual([3, 2, 1, 0]);
  expect(await indexes({ end_date: '2026-07-31T00:00:00Z' })).toEqual([2, 1, 0]);
  expect(await indexes({ start_date: '2026-07-01T00:00:00Z', end_date: '2026-07-31T00:00:00Z' })).toEqual([2, 1]);
  expect(await indexes({ start_date: '2026-07-01T00:00:01Z', end_date: '2026-07-30T23:59:59Z' })).toEqual([]);
  expect(await indexes({ start_date: '2026-06-01', end_date: '2026-08-30' })).toEqual([3, 2, 1, 0]);
  expect(await indexes({ start_date: '2027-01-01T00:00:00Z' })).toEqual([]);
});

test('moments with any offset, one whose plus is a space, with fractions, without a zone, and days', async () => {
  for (const start of [
    '2026-07-01T00:00:00Z',
    '2026-07-01T08:00:00+08:00',
    '2026-06-30T19:00:00-05:00',
    '2026-07-01T08:00:00 08:00',
    '2026-07-01T00:00:00.000000',
    '2026-07-01T00:00:00',
    '2026-07-01',
    ' 2026-07-01T00:00:00.000Z ',
  ])
    expect([start, await indexes({ start_date: start, end_date: '2026-07-20' })]).toEqual([start, [1]]);
  // As it is sent without being encoded.
  const raw = await world.call('GET', `${BASE}/requests.json?start_date=2026-07-01T08:00:00+08:00&end_date=2026-07-20`);
  expect(found(raw)).toEqual([at(1)]);
  for (const wrong of ['2026-07-01T00:00', '01/07/2026', '2026-07-01T00:00:00+0800', '2026-13-01', '0000-01-01', '1.7e12'])
    expect([wrong, (await ask(world, 'requests.json', { start_date: wrong })).status]).toEqual([wrong, 400]);
});

test('status and service_code are lists, spaces and all', async () => {
  expect(await indexes({ status: 'closed' })).toEqual([6]);
  expect(await indexes({ status: 'open' })).toEqual([5, 4]);
  expect(await indexes({ status: ' OPEN , closed,' })).toEqual([6, 5, 4]);
  expect(await indexes({ service_code: 'pothole' })).toEqual([5]);
  expect(await indexes({ service_code: 'pothole, streetLamp ' })).toEqual([6, 5, 4]);
  expect(await indexes({ service_code: 'nothing' })).toEqual([]);
});

test('updated_after and updated_before look at the last change', async () => {
  expect(await indexes({ updated_after: '2026-11-28T00:00:00Z' })).toEqual([6]);
  expect(await indexes({ updated_before: '2026-11-01' })).toEqual([5, 4]);
});

test('service_request_id overrides everything else', async () => {
  const ids = ` ${at(0)}, ${at(6)} ,nothing,${at(0)},,0000000000000000000000000`;
  expect(
    await indexes({ service_request_id: ids, status: 'zibble', start_date: '2026-11-01', service_code: 'pothole', page: '7' }),
  ).toEqual([0, 6]);
  // Of none, it is as if it were not there.
  expect(await indexes({ service_request_id: ', ,' })).toEqual(await indexes({}));
  const many = Array.from({ length: 290 }, () => at(0)).join(',');
  expect(await indexes({ service_request_id: many })).toEqual([0]);
  expect((await ask(world, 'requests.json', { service_request_id: 'x,'.repeat(401) })).status).toBe(400);
});

test('pages count from 1', async () => {
  const span = { start_date: START, end_date: '2026-08-30' };
  expect(await indexes({ ...span, page_size: '3' })).toEqual([3, 2, 1]);
  expect(await indexes({ ...span, page_size: '3', page: '2' })).toEqual([0]);
  expect(await indexes({ ...span, page_size: '3', page: '3' })).toEqual([]);
  expect(await indexes({ ...span, page: '1' })).toEqual([3, 2, 1, 0]);
});

test('a jurisdiction is a division of any level', async () => {
  const span = { start_date: START, end_date: '2026-08-30' };
  for (const [division, expected] of [
    ['51', [3, 2, 1, 0]],
    ['5101', [3, 2, 1, 0]],
    ['510104', [2, 1, 0]],
    ['510105', [3]],
    ['510104017', [1, 0]],
    ['510104020', [2]],
    [DACISI, [1]],
    ['510105006', [3]],
  ] as const) {
    expect([division, await indexes({ ...span, jurisdiction_id: division })]).toEqual([division, expected]);
    expect([division, await indexes({ ...span, jurisdiction_id: division, api_key: key })]).toEqual([division, expected]);
  }
});

test('with a key, what is shown without one is that of its division, and there is nothing twice', async () => {
  const county = await keyFor(world, '510105');
  expect(await indexes({ start_date: START, api_key: county })).toEqual([3]);
  expect(await indexes({ start_date: START, api_key: county, jurisdiction_id: '510104' })).toEqual([2, 1, 0]);
  expect(await indexes({ start_date: START, api_key: other })).toEqual([3, 2, 1, 0]);
});

test('parameters that nobody knows are passed over', async () => {
  expect(await indexes({ locale: 'zh', radius: '100', lat: 'x', foo: ['a', 'b'], 'a[b][c]': 'd', __proto__: 'x' })).toEqual([6, 5, 4]);
});

test('extensions only where they are asked for', async () => {
  for (const extensions of ['', 'false', 'yes'])
    expect(fine(await ask(world, 'requests.json', { extensions })).body[0].notes).toBeUndefined();
  const { body } = fine(await ask(world, `requests/${at(6)}.json`, { extensions: 'true' }));
  expect(body[0].notes).toEqual([
    { datetime: '2026-11-28T00:00:00Z', description: '已提交，等待受理', type: 'submit' },
    { datetime: '2026-11-28T00:00:00Z', description: '不予受理', type: 'reject' },
  ]);
  expect(body[0].extended_attributes).toEqual({
    number: expect.stringMatching(/^[0-9A-Z]{9}$/),
    community: ZONGFULU,
    detailed_status: 'no_further_action',
    respond_by: expect.stringMatching(/Z$/),
    photos: [],
  });
  const { text } = fine(await ask(world, `requests/${at(6)}.xml`, { extensions: 'true' }));
  expect(text).toContain(
    '<notes><note><datetime>2026-11-28T00:00:00Z</datetime><description>已提交，等待受理</description><type>submit</type></note>',
  );
  expect(text).toContain('<photos></photos>');
});

test('moments are told in whole seconds, and a span ends with the second that it names', async () => {
  world.turn(HOUR + 777);
  const id = await report(world, key, { 'attribute[community]': SHUIJINGFANG });
  const [{ requested_datetime: at, updated_datetime: updated }] = (await ask(world, `requests/${id}.json`)).body;
  expect(at).toMatch(/:\d\dZ$/);
  for (const params of [
    { end_date: at },
    { start_date: at, end_date: at },
    { updated_before: updated, updated_after: updated },
  ] as Params[])
    expect(await list(params)).toContain(id);
  // The clock goes on in whole seconds.
  world.turn(223);
});

describe('what a client sent in itself', () => {
  test('is seen by it alone where it is private, in lists, by id, and as a token', async () => {
    const id = await report(world, key, { service_code: 'privateHelp', 'attribute[community]': SHUIJINGFANG });
    const secret = await report(world, key, { service_code: 'privateHelp', 'attribute[community]': SHUIJINGFANG });
    await done(world, secret, 'accept', countyDispatcher, { service: 'secretHelp' });
    expect(
      (await send(world, 'requests.json', { service_code: 'secretHelp', 'attribute[community]': SHUIJINGFANG, api_key: key })).status,
    ).toBe(404);
    for (const each of [id, secret]) {
      // What is confidential goes back to nobody, though it was taken in.
      const isSeen = each === id;
      expect((await list({ api_key: key })).includes(each)).toBe(isSeen);
      expect(await list({ api_key: key, service_request_id: each })).toEqual(isSeen ? [each] : []);
      for (const path of [`requests/${each}.json`, `tokens/${each}.json`]) {
        if (isSeen) expect((await ask(world, path, { api_key: key })).status).toBe(200);
        for (const params of [{}, { api_key: other }, ...(isSeen ? [] : [{ api_key: key }])] as Params[]) {
          const refused = await ask(world, path, params);
          expect([refused.status, refused.text]).toEqual([
            404,
            (await ask(world, path.replace(each, '0000000000000000000000000'), params)).text,
          ]);
        }
      }
      for (const params of [{}, { api_key: other }] as Params[]) {
        expect(await list(params)).not.toContain(each);
        expect(await list({ ...params, service_request_id: each })).toEqual([]);
      }
    }
  });

  test('and by nobody who is not shown a resident’s: private ones are in no list', async () => {
    const hidden = await make(world, { service: 'privateHelp' });
    const secret = await make(world, { confidential: true });
    for (const params of [{}, { api_key: key }] as Params[]) {
      for (const id of [hidden, secret]) {
        expect(await list({ ...params, service_request_id: id })).toEqual([]);
        expect(await list(params)).not.toContain(id);
        expect((await ask(world, `requests/${id}.xml`, params)).status).toBe(404);
      }
    }
  });

  test('stays its own when it is handed over to another division', async () => {
    const narrow = await keyFor(world, '510104');
    const [open, hidden] = [
      await report(world, narrow, { 'attribute[community]': SHUIJINGFANG }),
      await report(world, narrow, { 'attribute[community]': SHUIJINGFANG, service_code: 'privateHelp' }),
    ];
    world.turn(HOUR);
    for (const id of [open, hidden]) await done(world, id, 'transfer', dispatcher, { community: CAOSHIJIE, reason: '归草市街' });
    expect(await list({ api_key: narrow })).toEqual(expect.arrayContaining([open, hidden]));
    expect((await list({ api_key: narrow })).filter((id) => id === open)).toHaveLength(1);
    expect(await list({ api_key: narrow, jurisdiction_id: '510104' })).not.toContain(open);
    expect((await list({ api_key: narrow, jurisdiction_id: '5101' })).filter((id) => [open, hidden].includes(id))).toHaveLength(2);
    const updates = fine(await ask(world, 'servicerequestupdates.json', { api_key: narrow })).body;
    expect(
      updates.map((each: { service_request_id: string; status: string }) => [each.service_request_id, each.status]).toSorted(),
    ).toEqual([open, hidden].toSorted().map((id) => [id, 'internal_referral']));
    expect((await act(world, hidden, 'accept', strangeDispatcher)).status).toBe(200);
  });
});

describe('a report', () => {
  const REPORT = { service_code: 'streetLamp', lat: '30.6443', long: '104.0915', description: '灯' };
  const made = async (answer: Answer): Promise<Answer['body']> => {
    const id = fine(answer).body[0].service_request_id;
    return fine(await ask(world, `requests/${id}.json`, { api_key: key, extensions: 'true' })).body[0];
  };

  test('may have any of its parameters in the query, and the form’s stand where both have one', async () => {
    const query = formOf({ jurisdiction_id: '510104', api_key: key, description: '桥', email: 'a@b.cn' });
    const body = formOf({ ...REPORT, email: '' });
    const answer = await world.call('POST', `${BASE}/requests.json?${query}`, { headers: FORM, body });
    expect(await made(answer)).toMatchObject({ description: '灯', extended_attributes: { email: 'a@b.cn' } });
    const all = await world.call('POST', `${BASE}/requests.json?${formOf({ ...REPORT, api_key: key })}`);
    expect((await made(all)).description).toBe('灯');
  });

  test('may come in parts, with pictures', async () => {
    const form = new FormData();
    for (const [name, value] of Object.entries({ ...REPORT, api_key: key, 'attribute[bin]': '蓝', 'attribute[marks][]': '1' }))
      form.append(name, value);
    form.append('attribute[marks][]', '2');
    form.append('media', new Blob([new Uint8Array([0xff, 0xd8, 0xff, 0, 1, 2])], { type: 'image/jpeg' }), '路灯.jpg');
    const encoded = new Response(form);
    const response = await fetch(`${world.url}${BASE}/requests.json`, {
      method: 'POST',
      headers: { 'content-type': encoded.headers.get('content-type') ?? '' },
      body: await encoded.arrayBuffer(),
    });
    const text = await response.text();
    expect([response.status, text]).toEqual([200, expect.stringContaining('service_request_id')]);
    const [{ service_request_id: id }] = JSON.parse(text);
    const [shown] = fine(await ask(world, `requests/${id}.json`, { api_key: key, extensions: 'true' })).body;
    expect(shown.description).toBe('灯');
    expect(shown.attributes.map(({ code, value }: { code: string; value: string }) => [code, value])).toEqual([
      ['bin', '蓝'],
      ['marks', '1'],
      ['marks', '2'],
    ]);
  });

  test.each([
    ['attribute[depth]=2&attribute[marks]=circle&attribute[marks]=oval'],
    ['attribute%5Bdepth%5D=2&attribute%5Bmarks%5D%5B%5D=circle&attribute%5Bmarks%5D%5B%5D=oval'],
    ['attribute[depth]=2&attribute[marks][]=circle&attribute[marks]=oval&attribute[shape]='],
    ['attribute[depth]=+2+&attribute[marks]=circle%2C+oval'],
    ['attribute[depth][]=2.0&attribute[marks][]=circle&attribute[marks][]=oval'],
  ])('has attributes as %s', async (attributes) => {
    const body = `api_key=${key}&service_code=pothole&lat=30.6443&long=104.0915&${attributes}`;
    const { attributes: shown } = await made(await world.call('POST', `${BASE}/requests.json`, { headers: FORM, body }));
    expect(shown.map(({ code, value }: { code: string; value: string }) => [code, value])).toEqual([
      ['depth', '2'],
      ['marks', 'circle'],
      ['marks', 'oval'],
    ]);
  });

  test('goes to the community it names, to the nearest one, or to the only one of its key', async () => {
    const communityOf = async (params: Params, as = key): Promise<string> => {
      const id = await report(world, as, params);
      return (await world.get(`/v1/requests/${id}`)).body.community;
    };
    expect(await communityOf({})).toBe(SHUIJINGFANG);
    expect(await communityOf({ lat: '30.6551', long: '104.0841' })).toBe(DACISI);
    expect(await communityOf({ lat: '30.6551', long: '104.0841', 'attribute[community]': ZONGFULU })).toBe(ZONGFULU);
    expect(await communityOf({ lat: '30.6551', long: '104.0841', jurisdiction_id: '510104020' })).toBe(ZONGFULU);
    expect(await communityOf({ lat: '', long: '', 'attribute[community]': CAOSHIJIE })).toBe(CAOSHIJIE);
    const single = await keyFor(world, DACISI);
    expect(await communityOf({ lat: '', long: '', address_string: '大慈寺路 1 号' }, single)).toBe(DACISI);
    expect(await communityOf({ lat: '', long: '', address_id: '#NOTPINPOINTED#' }, single)).toBe(DACISI);
  });

  test('beyond what its key reaches is refused', async () => {
    const narrow = await keyFor(world, '510104');
    const refusals: readonly (readonly [Params, number])[] = [
      [{ 'attribute[community]': CAOSHIJIE }, 403],
      [{ jurisdiction_id: '510105' }, 403],
      [{ jurisdiction_id: '510105', 'attribute[community]': CAOSHIJIE }, 403],
      [{ jurisdiction_id: '5101', 'attribute[community]': CAOSHIJIE }, 403],
      [{ jurisdiction_id: '510104017', 'attribute[community]': ZONGFULU }, 400],
    ];
    for (const [params, status] of refusals)
      expect([params, (await send(world, 'requests.json', { ...REPORT, api_key: narrow, ...params })).status]).toEqual([params, status]);
    expect((await send(world, 'requests.json', { ...REPORT, api_key: narrow, jurisdiction_id: '5101' })).status).toBe(200);
  });
});

test('a resident’s request comes out as a report does', async () => {
  const id = await make(
    world,
    {
      service: 'pothole',
      attributes: { depth: 3, shape: 'oval' },
      address: '东大街 1 号',
      location: { lat: 30.6571, long: 104.0817, datum: 'gcj02' },
      description: '坑',
    },
    resident,
  );
  const stored = (await world.get(`/v1/requests/${id}`, resident)).body;
  const [shown] = fine(await ask(world, `requests/${id}.json`, { extensions: 'true' })).body;
  expect(shown).toMatchObject({
    service_code: 'pothole',
    service_name: '路面坑洼',
    address: '东大街 1 号',
    description: '坑',
    lat: stored.location.lat,
    long: stored.location.long,
  });
  expect(Math.abs(shown.long - 104.0817)).toBeGreaterThan(0.0015);
  expect([shown.attributes, shown.extended_attributes.number]).toEqual([undefined, stored.number]);
  expect(await list({})).toContain(id);
});

test('where there are many counties, a list needs its jurisdiction', async () => {
  const counties = Array.from({ length: 101 }, (_, index): [string, string] => [
    `510${1 + Math.floor(index / 99)}${String(1 + (index % 99)).padStart(2, '0')}`,
    '某区',
  ]);
  const many = await startWorld({ divisions: [['51', '四川省'], ['5101', '成都市'], ['5102', '某市'], ...counties] });
  try {
    const refused = await ask(many, 'requests.json');
    expect([refused.status, refused.body]).toEqual([400, [{ code: 400, description: expect.stringContaining('jurisdiction_id') }]]);
    expect((await ask(many, 'servicerequestupdates.json')).status).toBe(400);
    for (const [division, status] of Object.entries({ 5101: 200, 51: 400 }))
      expect((await ask(many, 'requests.json', { jurisdiction_id: division })).status).toBe(status);
    expect((await ask(many, 'requests.json', { api_key: await keyFor(many, '5101') })).body).toEqual([]);
    expect((await ask(many, 'requests.json', { service_request_id: 'x' })).body).toEqual([]);
  } finally {
    await many.stop();
  }
});
