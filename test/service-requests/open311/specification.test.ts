/** GeoReport v2 (https://wiki.open311.org/GeoReport_v2/) by its own examples, in both formats, and by what its validators ask. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { SHUIJINGFANG } from '../../support/people.ts';
import { ADMIN, startWorld, type Answer, type World } from '../../support/world.ts';
import {
  ask,
  asFixMyStreet,
  BASE,
  errorsOf,
  fine,
  FORM,
  furnish,
  idOfKey,
  JSON_TYPE,
  keyFor,
  listIn,
  readXml,
  report,
  send,
  XML,
  type Params,
} from './support/clients.ts';

let world: World;
let key: string;
/** Of a county where no community has a position. */
let blank: string;
beforeAll(async () => {
  world = await startWorld();
  await furnish(world);
  key = await keyFor(world);
  blank = await keyFor(world, '510105');
});
afterAll(() => world.stop());

const FORMATS = ['xml', 'json'] as const;

describe('services', () => {
  const POTHOLE = {
    service_code: 'pothole',
    service_name: '路面坑洼',
    description: '路面有坑 <b>&"',
    metadata: true,
    type: 'realtime',
    keywords: '坑,hole',
    group: '便民服务',
  };

  test('are an array in JSON, with booleans, and a list of elements in XML, all at once', async () => {
    const json = fine(await ask(world, 'services.json'));
    expect(json.headers.get('content-type')).toBe(JSON_TYPE);
    expect(json.body).toContainEqual(POTHOLE);
    expect(json.body.length).toBeGreaterThan(60);
    const xml = listIn(fine(await ask(world, 'services.xml')), 'services', 'service');
    expect(xml).toContainEqual({ ...POTHOLE, metadata: 'true' });
    expect(xml).toEqual(
      json.body.map((each: object) => Object.fromEntries(Object.entries(each).map(([name, value]) => [name, String(value)]))),
    );
  });

  test('in English for whom asks for it', async () => {
    const { text } = await world.call('GET', `${BASE}/services.xml`, { headers: { 'accept-language': 'en' } });
    expect(text).toContain('<service_name>Pothole</service_name><description>A hole in the road &lt;b&gt;&amp;&quot;</description>');
    expect(text).toContain('<group>Convenience</group>');
  });

  test('of a jurisdiction are those that are offered there', async () => {
    const lamp = (await world.get('/v1/services/streetLamp')).body;
    const { code: _code, version: _version, ...input } = lamp;
    await world.put('/v1/services/onlyThere', ADMIN, { ...input, divisions: ['510105'] });
    await world.put('/v1/services/noMore', ADMIN, { ...input, active: false });
    const codesOf = async (params: Record<string, string>): Promise<string[]> =>
      fine(await ask(world, 'services.json', params)).body.map((each: { service_code: string }) => each.service_code);
    expect(await codesOf({ jurisdiction_id: '510105006' })).toContain('onlyThere');
    expect(await codesOf({ jurisdiction_id: '510104' })).not.toContain('onlyThere');
    expect(await codesOf({ jurisdiction_id: '' })).toContain('onlyThere');
    expect(await codesOf({})).not.toContain('noMore');
    for (const code of ['noMore', 'onlyThere']) {
      const refused = await ask(world, `services/${code}.xml`, { jurisdiction_id: '510104' });
      expect([code, refused.status]).toEqual([code, 404]);
    }
  });
});

describe('a service definition', () => {
  const ATTRIBUTES = [
    { variable: true, code: 'depth', datatype: 'number', required: true, datatype_description: '厘米', order: 1, description: 'depth?' },
    {
      variable: true,
      code: 'shape',
      datatype: 'singlevaluelist',
      required: false,
      datatype_description: null,
      order: 2,
      description: 'shape?',
      values: [
        { key: 'circle', name: '圆形' },
        { key: 'square', name: '方形' },
        { key: 'oval', name: '椭圆' },
      ],
    },
  ];

  test('is an object in JSON, its attributes in their order, values as they were declared', async () => {
    const { body, headers } = fine(await ask(world, 'services/pothole.json'));
    expect(headers.get('content-type')).toBe(JSON_TYPE);
    expect(body.service_code).toBe('pothole');
    expect(body.attributes.slice(0, 2)).toEqual(ATTRIBUTES);
    expect(body.attributes.map(({ code }: { code: string }) => code)).toEqual([
      'depth',
      'shape',
      'marks',
      'since',
      'label',
      'story',
      'community',
      'fixmystreet_id',
    ]);
    expect(body.attributes.map(({ order }: { order: number }) => order)).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
    // The client fills in its own id by itself, and asks nobody.
    expect(body.attributes.at(-1)).toMatchObject({ variable: false, required: false, automated: 'server_set' });
  });

  test('is a definition with its attributes in XML', async () => {
    const answer = fine(await ask(world, 'services/pothole.xml'));
    expect(answer.headers.get('content-type')).toBe(XML);
    expect(readXml(answer.text, 'service_definition')).toMatchObject({ service_code: 'pothole' });
    expect(answer.text).toContain(
      '<attributes><attribute><variable>true</variable><code>depth</code><datatype>number</datatype><required>true</required><datatype_description>厘米</datatype_description><order>1</order><description>depth?</description></attribute>',
    );
    expect(answer.text).toContain(
      '<datatype_description></datatype_description><order>2</order><description>shape?</description><values><value><key>circle</key><name>圆形</name></value>',
    );
  });
});

const REPORT = {
  service_code: 'pothole',
  lat: '30.6443',
  long: '104.0915',
  address_string: '1234 5th street',
  email: 'smit333@sfgov.edu',
  device_id: 'tt222111',
  account_id: '123456',
  first_name: 'john',
  last_name: 'smith',
  phone: '111111111',
  description: 'A large sinkhole is destroying the street\r\n第二行',
  media_url: 'http://farm3.static.flickr.com/2002/2212426634_5ed477a060.jpg',
  'attribute[depth]': '12.5',
  'attribute[shape]': 'circle',
};

describe('a report', () => {
  test('is answered with its id and what happens next, 200 in either format', async () => {
    const json = fine(await send(world, 'requests.json', { api_key: key, jurisdiction_id: '510104', ...REPORT }));
    expect(json.headers.get('content-type')).toBe(JSON_TYPE);
    expect(json.body).toEqual([
      {
        service_request_id: expect.stringMatching(/^[0-9A-Z]{25}$/),
        service_notice: '将于 2026-11-24T05:00:00Z 前响应，2026-11-27T01:00:00Z 前办结',
        account_id: '123456',
      },
    ]);
    const { account_id: _account, ...anonymous } = REPORT;
    const xml = fine(await send(world, 'requests.xml', { api_key: key, ...anonymous }));
    const [received] = listIn(xml, 'service_requests', 'request');
    expect(received).toEqual({
      service_request_id: expect.stringMatching(/^[0-9A-Z]{25}$/),
      service_notice: expect.stringContaining('办结'),
      account_id: '',
    });
  });

  test('comes out again, one alone as a list of one', async () => {
    const { body } = fine(await send(world, 'requests.json', { api_key: key, ...REPORT }));
    const id = body[0].service_request_id;
    const RECORD = {
      service_request_id: id,
      status: 'open',
      status_notes: '已提交，等待受理',
      service_name: '路面坑洼',
      service_code: 'pothole',
      description: 'A large sinkhole is destroying the street\n第二行',
      agency_responsible: null,
      service_notice: null,
      requested_datetime: '2026-11-24T01:00:00Z',
      updated_datetime: '2026-11-24T01:00:00Z',
      expected_datetime: '2026-11-27T01:00:00Z',
      address: '1234 5th street',
      address_id: null,
      zipcode: null,
      lat: 30.6443,
      long: 104.0915,
      media_url: null,
    };
    const json = fine(await ask(world, `requests/${id}.json`));
    expect([json.headers.get('content-type'), json.body]).toEqual([JSON_TYPE, [RECORD]]);
    expect(Object.keys(json.body[0])).toEqual(Object.keys(RECORD));
    const texts = Object.fromEntries(Object.entries(RECORD).map(([name, value]) => [name, value === null ? '' : String(value)]));
    expect(listIn(fine(await ask(world, `requests/${id}.xml`)), 'service_requests', 'request')).toEqual([texts]);
    expect(fine(await ask(world, 'requests.json')).body).toContainEqual(RECORD);
    expect(listIn(fine(await ask(world, 'requests.xml')), 'service_requests', 'request')).toContainEqual(texts);
  });

  test('is its own token', async () => {
    const id = await report(world, key);
    expect(fine(await ask(world, `tokens/${id}.json`)).body).toEqual([{ service_request_id: id, token: id }]);
    expect(listIn(fine(await ask(world, `tokens/${id}.xml`)), 'service_requests', 'request')).toEqual([
      { service_request_id: id, token: id },
    ]);
  });

  test('with values of every datatype, and blanks for what is optional', async () => {
    const id = await report(world, key, {
      service_code: 'pothole',
      'attribute[depth]': '-0.5',
      'attribute[shape]': '',
      'attribute[marks][]': ['circle', 'oval'],
      'attribute[since]': '2026-11-23T08:00:00+08:00',
      'attribute[label]': 'ｆｕｌｌ',
      'attribute[story]': '一\r\n二',
    });
    const { body } = fine(await ask(world, `requests/${id}.json`, { api_key: key, extensions: 'true' }));
    expect(body[0].attributes).toEqual([
      { code: 'depth', label: 'depth?', name: null, value: '-0.5' },
      { code: 'marks', label: 'marks?', name: '圆形', value: 'circle' },
      { code: 'marks', label: 'marks?', name: '椭圆', value: 'oval' },
      { code: 'since', label: 'since?', name: null, value: '2026-11-23T08:00:00+08:00' },
      { code: 'label', label: 'label?', name: null, value: 'ｆｕｌｌ' },
      { code: 'story', label: 'story?', name: null, value: '一\n二' },
    ]);
  });
});

describe('what is wrong', () => {
  const MISSING = '0000000000000000000000000';
  /** With what is in it, and the key that makes it whole, it would be a report. */
  const whole = (params: Record<string, string>): Record<string, string> => ({ ...REPORT, api_key: key, ...params });
  type Case = readonly [what: string, call: (format: string) => Promise<Answer>, status: number, told: RegExp];
  const CASES: readonly Case[] = [
    ['no api_key', (f) => send(world, `requests.${f}`, REPORT), 403, /api_key/],
    ['a blank api_key', (f) => send(world, `requests.${f}`, whole({ api_key: '' })), 403, /api_key/],
    ['a wrong api_key', (f) => send(world, `requests.${f}`, whole({ api_key: 'xyz' })), 403, /api_key/],
    ['an api_key whose end is wrong', (f) => send(world, `requests.${f}`, whole({ api_key: `${key}A` })), 403, /api_key/],
    [
      'an api_key with another client’s id',
      (f) => send(world, `requests.${f}`, whole({ api_key: `${MISSING}0.${key.split('.')[1]}` })),
      403,
      /api_key/,
    ],
    ['a wrong api_key of a list', (f) => ask(world, `requests.${f}`, { api_key: 'xyz' }), 403, /api_key/],
    ['a wrong api_key of one', (f) => ask(world, `requests/${MISSING}.${f}`, { api_key: 'xyz' }), 403, /api_key/],
    [
      'a wrong api_key before anything else',
      (f) => send(world, `requests.${f}`, { api_key: 'x', lat: 'x', service_code: '?' }),
      403,
      /api_key/,
    ],
    ['an unknown service_code', (f) => send(world, `requests.${f}`, whole({ service_code: 'nothing' })), 404, /./],
    ['a service that is not offered there', (f) => send(world, `requests.${f}`, whole({ service_code: 'onlyThere' })), 404, /./],
    ['an unknown definition', (f) => ask(world, `services/nothing.${f}`), 404, /./],
    ['an unknown jurisdiction_id of services', (f) => ask(world, `services.${f}`, { jurisdiction_id: 'sfgov.org' }), 404, /sfgov\.org/],
    ['one of a definition', (f) => ask(world, `services/pothole.${f}`, { jurisdiction_id: '9999' }), 404, /9999/],
    ['one of a list', (f) => ask(world, `requests.${f}`, { jurisdiction_id: '99' }), 404, /99/],
    ['one of a request', (f) => ask(world, `requests/${MISSING}.${f}`, { jurisdiction_id: '99' }), 404, /99/],
    ['one of a token', (f) => ask(world, `tokens/${MISSING}.${f}`, { jurisdiction_id: '99' }), 404, /99/],
    ['one of a report', (f) => send(world, `requests.${f}`, whole({ jurisdiction_id: '99' })), 404, /99/],
    ['an unknown request', (f) => ask(world, `requests/${MISSING}.${f}`), 404, /./],
    ['an unknown token', (f) => ask(world, `tokens/123456.${f}`), 404, /./],
    ['no service_code', (f) => send(world, `requests.${f}`, whole({ service_code: '' })), 400, /service_code/],
    ['no place', (f) => send(world, `requests.${f}`, whole({ lat: '', long: '', address_string: '' })), 400, /lat/],
    ['latitude alone', (f) => send(world, `requests.${f}`, whole({ long: '' })), 400, /long/],
    ['longitude alone', (f) => send(world, `requests.${f}`, whole({ lat: '' })), 400, /lat/],
    ['no number for a coordinate', (f) => send(world, `requests.${f}`, whole({ lat: 'north' })), 400, /lat/],
    ['a coordinate off the earth', (f) => send(world, `requests.${f}`, whole({ long: '180.1' })), 400, /long/],
    [
      'a description beyond 4,000 characters',
      (f) => send(world, `requests.${f}`, whole({ description: '长'.repeat(4001) })),
      400,
      /description/,
    ],
    ['a picture that is no address', (f) => send(world, `requests.${f}`, whole({ media_url: 'javascript:alert(1)' })), 400, /media_url/],
    ['a required attribute missing', (f) => send(world, `requests.${f}`, whole({ 'attribute[depth]': '' })), 400, /attribute\[depth\]/],
    [
      'a value not in its list',
      (f) => send(world, `requests.${f}`, whole({ 'attribute[shape]': 'starfish' })),
      400,
      /attribute\[shape\].*circle/,
    ],
    ['no number for a number', (f) => send(world, `requests.${f}`, whole({ 'attribute[depth]': 'deep' })), 400, /attribute\[depth\]/],
    [
      'a number that cannot be kept',
      (f) => send(world, `requests.${f}`, whole({ 'attribute[depth]': '1e300' })),
      400,
      /attribute\[depth\]/,
    ],
    [
      'several values where one is asked',
      (f) =>
        world.call('POST', `${BASE}/requests.${f}`, {
          headers: FORM,
          body: `api_key=${key}&service_code=pothole&lat=30.6443&long=104.0915&attribute[depth]=1&attribute[label]=a&attribute[label]=b`,
        }),
      400,
      /attribute\[label\]/,
    ],
    ['no community there', (f) => send(world, `requests.${f}`, whole({ 'attribute[community]': '510104999999' })), 400, /community/],
    ['no community with a position', (f) => send(world, `requests.${f}`, whole({ api_key: blank })), 400, /community/],
    ['a wrong date', (f) => ask(world, `requests.${f}`, { start_date: '9th Feb 2012' }), 400, /start_date/],
    ['a day that there is not', (f) => ask(world, `requests.${f}`, { end_date: '2026-02-30' }), 400, /end_date/],
    ['an end before its start', (f) => ask(world, `requests.${f}`, { start_date: '2026-11-02', end_date: '2026-11-01' }), 400, /end_date/],
    ['more than 90 days', (f) => ask(world, `requests.${f}`, { start_date: '2026-01-01', end_date: '2026-04-02' }), 400, /90/],
    ['a wrong status', (f) => ask(world, `requests.${f}`, { status: 'open,zibble' }), 400, /status/],
    ['a wrong page', (f) => ask(world, `requests.${f}`, { page: '0' }), 400, /page/],
    ['a page_size beyond 1,000', (f) => ask(world, `requests.${f}`, { page_size: '1001' }), 400, /page_size/],
    [
      'an update of nothing',
      (f) => send(world, `servicerequestupdates.${f}`, { api_key: key, description: '还没修' }),
      400,
      /service_request_id/,
    ],
    [
      'an update without a key',
      (f) => send(world, `servicerequestupdates.${f}`, { service_request_id: MISSING, description: '还没修' }),
      403,
      /api_key/,
    ],
    [
      'an update of what is not there',
      (f) => send(world, `servicerequestupdates.${f}`, { api_key: key, service_request_id: MISSING, description: '还没修' }),
      404,
      /./,
    ],
    [
      'an update that says nothing',
      (f) => send(world, `servicerequestupdates.${f}`, { api_key: key, service_request_id: MISSING }),
      400,
      /description/,
    ],
    ['wrong dates of updates', (f) => ask(world, `servicerequestupdates.${f}`, { start_date: 'x' }), 400, /start_date/],
    ['a wrong key of updates', (f) => ask(world, `servicerequestupdates.${f}`, { api_key: 'x' }), 403, /api_key/],
  ];
  for (const format of FORMATS) {
    test.each(CASES)(`is told in ${format}: %s`, async (_, call, status, told) => {
      const answer = await call(format);
      expect([answer.status, answer.text]).toEqual([status, expect.stringMatching(told)]);
      const errors = errorsOf(answer, format);
      expect(errors.length).toBeGreaterThan(0);
      for (const error of errors) expect(error).toEqual({ code: status, description: expect.stringMatching(/\S/) });
      expect(answer.headers.get('cache-control')).toBe('no-store');
    });

    test(`is told in ${format} all at once`, async () => {
      const answer = await send(world, `requests.${format}`, {
        api_key: key,
        service_code: 'pothole',
        lat: 'x',
        media_url: 'y',
        'attribute[shape]': 'z',
      });
      expect(answer.status).toBe(400);
      const told = errorsOf(answer, format).map(({ description }) => description.split(':')[0]);
      expect(told.toSorted()).toEqual(['attribute[depth]', 'attribute[shape]', 'lat', 'long', 'media_url']);
      const list = await ask(world, `requests.${format}`, { start_date: 'x', end_date: 'y', status: 'z', page: '-1', updated_after: 'w' });
      expect(errorsOf(list, format).map(({ description }) => description.split(':')[0])).toEqual([
        'start_date',
        'end_date',
        'updated_after',
        'status',
        'page',
      ]);
    });
  }

  test('is told in English for whom asks for it', async () => {
    const answer = await send(world, 'requests.json', { ...REPORT, api_key: key, lat: '' }, { 'accept-language': 'en-GB' });
    expect(answer.body).toEqual([{ code: 400, description: 'lat: goes with the other coordinate' }]);
  });

  test('is what FixMyStreet can read', async () => {
    const answer = await send(world, 'requests.xml', REPORT);
    expect(asFixMyStreet(answer.text)).toEqual({ error: [{ code: '403', description: expect.stringContaining('api_key') }] });
  });
});

describe('discovery', () => {
  test('names the interface, in both formats alike', async () => {
    const json = fine(await ask(world, 'discovery.json'));
    expect(json.headers.get('content-type')).toBe(JSON_TYPE);
    const endpoint = json.body.endpoints.find(
      (each: { specification: string }) => each.specification === 'http://wiki.open311.org/GeoReport_v2',
    );
    expect(endpoint).toEqual({
      specification: 'http://wiki.open311.org/GeoReport_v2',
      url: `${world.url}${BASE}`.replace('127.0.0.1', new URL(world.url).hostname),
      changeset: expect.any(String),
      type: 'production',
      formats: ['text/xml', 'application/json'],
    });
    const xml = await ask(world, 'discovery.xml');
    expect(xml.headers.get('content-type')).toBe(XML);
    const { endpoints, ...rest } = readXml(xml.text, 'discovery') as { endpoints: { endpoint: { formats: { format: string[] } }[] } };
    const { endpoints: told, ...others } = json.body;
    expect(rest).toEqual(others);
    expect(endpoints.endpoint.map((each) => ({ ...each, formats: each.formats.format }))).toEqual(told);
  });
});

describe('validators', () => {
  test('SeeClickFix’s of discovery: both formats say the same, lists are lists, and every endpoint has what it must', async () => {
    const json = (await ask(world, 'discovery.json')).body;
    const xml = readXml((await ask(world, 'discovery.xml')).text, 'discovery') as typeof json;
    for (const each of [json, xml]) {
      for (const name of ['contact', 'key_service', 'changeset']) expect(each[name]).toMatch(/\S/);
      const endpoints = each === json ? json.endpoints : xml.endpoints.endpoint;
      expect(Array.isArray(endpoints)).toBe(true);
      for (const { specification, url, changeset, type, formats } of endpoints) {
        for (const text of [specification, url, type]) expect(text).toMatch(/\S/);
        expect(Date.parse(changeset)).toBeLessThan(Date.now());
        const list = each === json ? formats : formats.format;
        expect(Array.isArray(list)).toBe(true);
        if (specification.endsWith('/GeoReport_v2')) expect(list).toContain('text/xml');
      }
    }
    expect(xml.contact).toBe(json.contact);
    expect(Date.parse(json.changeset)).toBeLessThan(Date.now());
    // It asks for the definition of every service that has one.
    for (const { service_code: code, metadata } of (await ask(world, 'services.json', { jurisdiction_id: '510104' })).body)
      if (metadata) expect([code, (await ask(world, `services/${code}.xml`)).status]).toEqual([code, 200]);
  });

  const isText = (value: unknown): boolean => value === null || typeof value === 'string';
  const isMoment = (value: unknown): boolean => typeof value === 'string' && /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/.test(value);

  test('open311’s schemas: each field in JSON has its type, and null where there is nothing', async () => {
    await report(world, key, { lat: '', long: '', 'attribute[community]': SHUIJINGFANG, description: '' });
    for (const each of (await ask(world, 'services.json')).body) {
      for (const name of ['service_code', 'service_name']) expect(each[name]).toMatch(/\S/);
      expect([typeof each.metadata, each.type]).toEqual(['boolean', 'realtime']);
      for (const name of ['description', 'keywords', 'group']) expect(isText(each[name])).toBe(true);
    }
    for (const each of (await ask(world, 'services/pothole.json')).body.attributes) {
      expect([typeof each.variable, typeof each.required, Number.isInteger(each.order)]).toEqual(['boolean', 'boolean', true]);
      for (const name of ['datatype_description', 'description']) expect(isText(each[name])).toBe(true);
      if ('values' in each) for (const value of each.values) expect([typeof value.key, typeof value.name]).toEqual(['string', 'string']);
    }
    const requests = (await ask(world, 'requests.json')).body;
    expect(requests.length).toBeGreaterThan(1);
    for (const each of requests) {
      for (const name of ['service_request_id', 'service_code']) expect(each[name]).toMatch(/\S/);
      expect(['open', 'closed']).toContain(each.status);
      for (const name of [
        'status_notes',
        'service_name',
        'agency_responsible',
        'service_notice',
        'address',
        'address_id',
        'zipcode',
        'description',
      ])
        expect(isText(each[name])).toBe(true);
      expect(isMoment(each.requested_datetime)).toBe(true);
      for (const name of ['updated_datetime', 'expected_datetime']) expect(each[name] === null || isMoment(each[name])).toBe(true);
      for (const name of ['lat', 'long']) expect(each[name] === null || typeof each[name] === 'number').toBe(true);
      expect(each.media_url === null || URL.canParse(each.media_url)).toBe(true);
      expect(each.description.length).toBeGreaterThan(0);
    }
  });

  test('validopen311’s: 200 with that very header, and the elements that it wants', async () => {
    const id = await report(world, key, { 'attribute[community]': SHUIJINGFANG });
    const header = async (answer: Answer | Promise<Answer>): Promise<Answer> => {
      const { status, headers } = await answer;
      expect([status, headers.get('content-type')]).toEqual([200, 'text/xml; charset=utf-8']);
      return answer;
    };
    for (const each of listIn(await header(ask(world, 'services.xml')), 'services', 'service')) {
      for (const name of ['service_code', 'service_name', 'metadata', 'type', 'keywords']) expect(Object.keys(each)).toContain(name);
      expect(['true', 'false']).toContain(each['metadata']);
    }
    const definition = readXml((await header(ask(world, 'services/pothole.xml'))).text, 'service_definition') as {
      attributes: { attribute: Record<string, string>[] };
    };
    for (const each of definition.attributes.attribute) {
      for (const name of ['variable', 'required']) expect(['true', 'false']).toContain(each[name]);
      expect(Object.keys(each)).toContain('datatype_description');
      expect(Number(each['order'])).toBeGreaterThanOrEqual(0);
    }
    await header(send(world, 'requests.xml', { ...REPORT, api_key: key }));
    const now = '2026-11-24T01:00:00.123456';
    const queries: readonly Params[] = [
      {},
      { service_request_id: `${id},5` },
      { service_code: 'streetLamp' },
      { status: 'closed' },
      { start_date: '2026-11-01T01:00:00.123456' },
      { end_date: now },
      { updated_after: '2026-11-01T01:00:00.1', updated_before: now, locale: 'zh' },
    ];
    for (const params of queries)
      for (const each of listIn(await header(ask(world, 'requests.xml', params)), 'service_requests', 'request')) {
        for (const name of ['service_request_id', 'status', 'service_name', 'service_code', 'lat', 'long', 'zipcode'])
          expect(Object.keys(each)).toContain(name);
        expect(['open', 'closed']).toContain(each['status']);
        for (const name of ['requested_datetime', 'updated_datetime']) expect(isMoment(each[name])).toBe(true);
      }
    const [one] = listIn(await header(ask(world, `requests/${id}.xml`)), 'service_requests', 'request');
    expect([Number(one?.['lat']), Number(one?.['long']), one?.['zipcode']]).toEqual([30.6443, 104.0915, '']);
  });
});

test('whoever is refused is not kept, and says nothing of the client', async () => {
  const answer = await ask(world, 'requests.json', { api_key: `${idOfKey(key)}.wrong` });
  expect(answer.status).toBe(403);
  expect(answer.text).not.toContain(idOfKey(key));
});
