/** Whatever is sent: never a 5xx, and an answer that is well-formed in the format that was asked for. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { XMLValidator } from 'fast-xml-parser';
import { SHUIJINGFANG, dispatcher } from '../../support/people.ts';
import { startWorld, type Answer, type World } from '../../support/world.ts';
import { ask, BASE, fine, FORM, furnish, JSON_TYPE, keyFor, listIn, readXml, send, XML, type Params } from './support/clients.ts';

let world: World;
let key: string;
beforeAll(async () => {
  world = await startWorld();
  await furnish(world);
  key = await keyFor(world);
});
afterAll(() => world.stop());

const FORMATS = ['xml', 'json'] as const;
type Format = (typeof FORMATS)[number];

/** Answered by us, and well-formed. */
const expectWellFormed = (answer: Answer, format: Format): void => {
  expect([answer.text, answer.status < 500, answer.headers.get('content-type')]).toEqual([
    answer.text,
    true,
    format === 'xml' ? XML : JSON_TYPE,
  ]);
  if (format === 'json') expect(answer.body).toBeDefined();
  else expect(XMLValidator.validate(answer.text)).toBe(true);
};

/** A body as it is; what `call` of the world makes of a text would be UTF-8. */
const post = async (file: string, body: string | Uint8Array<ArrayBuffer>, contentType = FORM['content-type']): Promise<Answer> => {
  const response = await fetch(`${world.url}${BASE}/${file}`, { method: 'POST', headers: { 'content-type': contentType }, body });
  const text = await response.text();
  const { status, headers } = response;
  return { status, headers, text, body: /json/.test(headers.get('content-type') ?? '') ? JSON.parse(text) : undefined };
};

const REPORT = { service_code: 'streetLamp', 'attribute[community]': SHUIJINGFANG };
const made = async (params: Params): Promise<string> =>
  fine(await send(world, 'requests.json', { ...REPORT, api_key: key, ...params })).body[0].service_request_id;
const own = async (id: string, format: Format): Promise<Answer> =>
  fine(await ask(world, `requests/${id}.${format}`, { api_key: key, extensions: 'true' }));

describe.each(FORMATS)('in %s', (format) => {
  test.each([
    ['XML', `<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]><a>&b;</a>`, 'text/xml'],
    ['JSON', '{"api_key":"x","service_code":"streetLamp"}', 'application/json'],
    ['text', 'api_key=x', 'text/plain'],
    ['a form that says it is JSON', '{}', 'application/json; charset=utf-8'],
    ['nothing at all', '', 'application/x-www-form-urlencoded'],
    ['a form that is no form', '%%%=%zz&&&===&%=&=', 'application/x-www-form-urlencoded; charset=utf-8'],
    ['parts without an end', '--x\r\ncontent-disposition: form-data; name="api_key"\r\n\r\nabc', 'multipart/form-data; boundary=x'],
    ['parts without a boundary', '--x--', 'multipart/form-data'],
    ['parts without a name', '--x\r\n\r\nabc\r\n--x--\r\n', 'multipart/form-data; boundary=x'],
    [
      'parts in another character set',
      '--x\r\ncontent-disposition: form-data; name="a"\r\ncontent-type: text/plain; charset=utf-16\r\n\r\nabc\r\n--x--\r\n',
      'multipart/form-data; boundary=x',
    ],
  ])('a body of %s is refused', async (_, body, contentType) => {
    for (const file of ['requests', 'servicerequestupdates']) {
      const answer = await post(`${file}.${format}`, body, contentType);
      expectWellFormed(answer, format);
      expect([400, 403]).toContain(answer.status);
    }
  });

  test('bytes that are no UTF-8 are refused, encoded or not, in a query as well', async () => {
    for (const body of ['description=%ff%fe', 'description=%ED%A0%80', '%c0%ae=1', 'api_key=%e8%b7']) {
      for (const answer of [await post(`requests.${format}`, body), await world.call('GET', `${BASE}/requests.${format}?${body}`)]) {
        expectWellFormed(answer, format);
        expect([body, answer.status]).toEqual([body, 400]);
      }
    }
    const answer = await post(`requests.${format}`, new Uint8Array([0x61, 0x3d, 0xff, 0xfe]));
    expectWellFormed(answer, format);
    expect(answer.status).toBe(400);
  });

  test('names that are no id, no file, or too long are not there', async () => {
    const FILES = [
      '.xml',
      'x.txt',
      'x',
      'a.b.xml',
      'x.xml.json',
      '..xml',
      '%2e%2e.xml',
      '%00.xml',
      'x'.repeat(300),
      '%F0%9F%92%A1.json',
      '__proto__.json',
      "' OR 1=1 --.xml",
      '1;DROP TABLE.json',
      'constructor.xml',
      '*.xml',
      'CLIENTS.xml',
      'REQUEST%23X.json',
      '%E2%80%AE.xml',
      '0.xml',
      'x.XML',
    ];
    for (const folder of ['services', 'requests', 'tokens'])
      for (const file of FILES) {
        const answer = await world.call('GET', `${BASE}/${folder}/${file}`);
        expect([folder, file, answer.status]).toEqual([folder, file, 404]);
        expectWellFormed(answer, decodeURIComponent(file).endsWith('.json') ? 'json' : 'xml');
      }
    const ids = ["' OR 1=1", '__proto__', 'a#b', '\u0000', '\u202e', '\ufffe', '{"$ne":1}'];
    for (const id of ids.filter((_, index) => index % 2 === FORMATS.indexOf(format))) {
      expectWellFormed(await ask(world, `requests.${format}`, { service_request_id: id, jurisdiction_id: '' }), format);
      for (const name of ['jurisdiction_id', 'api_key', 'service_code', 'status', 'start_date', 'page', 'updated_after', 'extensions'])
        expectWellFormed(await ask(world, `requests.${format}`, { [name]: id }), format);
      for (const name of [
        'service_code',
        'jurisdiction_id',
        'lat',
        'attribute[community]',
        'attribute[fixmystreet_id]',
        'media_url',
        'phone',
      ])
        expectWellFormed(await send(world, `requests.${format}`, { ...REPORT, api_key: key, [name]: id }), format);
      for (const name of ['service_request_id', 'update_id', 'updated_datetime', 'status'])
        expectWellFormed(await send(world, `servicerequestupdates.${format}`, { api_key: key, description: '还没修', [name]: id }), format);
    }
  });

  test('names that objects have of their own are nothing special', async () => {
    for (const name of ['__proto__', 'constructor', 'toString', 'hasOwnProperty', 'prototype']) {
      const params = Object.fromEntries([
        ...Object.entries(REPORT),
        ['api_key', key],
        [name, 'x'],
        [`attribute[${name}]`, 'y'],
        [`${name}[]`, 'z'],
      ]);
      const answer = await send(world, `requests.${format}`, params);
      expectWellFormed(answer, format);
      expectWellFormed(await ask(world, `requests.${format}`, Object.fromEntries([[name, 'x']])), format);
    }
    expect(({} as Record<string, unknown>)['x']).toBeUndefined();
  });

  test('10,000 parameters, and a form beyond 1 MiB', async () => {
    const many = Array.from({ length: 10_000 }, (_, index) => [`attribute[a${index}]`, 'b'] as [string, string]);
    const repeated = ['attribute[marks][]', 'media_url', 'foo', 'description'].map((name) => many.map(() => `${name}=b`).join('&'));
    for (const body of [new URLSearchParams(many).toString(), ...repeated]) {
      const answer = await post(
        `requests.${format}`,
        `api_key=${key}&service_code=streetLamp&attribute[community]=${SHUIJINGFANG}&${body}`,
      );
      expectWellFormed(answer, format);
      expect(answer.status).toBe(400);
    }
    // As many times as go into a form: it takes no longer than so many of any other kind.
    const often = await post(`requests.${format}`, `api_key=${key}&${'a=1&'.repeat(255_000)}`);
    expectWellFormed(often, format);
    expect(often.status).toBe(400);
    const large = await post(`requests.${format}`, `description=${'x'.repeat(1024 * 1024)}`);
    expectWellFormed(large, format);
    expect(large.status).toBe(400);
    // As much as goes into a form, and not into an item.
    const extra = Array.from({ length: 50 }, (_, index) => `attribute[a${index}]=${'路'.repeat(2000)}`).join('&');
    const answer = await post(`requests.${format}`, `api_key=${key}&service_code=streetLamp&attribute[community]=${SHUIJINGFANG}&${extra}`);
    expectWellFormed(answer, format);
    expect([answer.status, answer.text]).toEqual([400, expect.stringContaining('attribute')]);
  });
});

test('brackets within brackets, and brackets that do not close, are passed over', async () => {
  const id = await made({
    'attribute[a][b]': '1',
    'attribute[]': '2',
    'attribute[a': '3',
    'attribute]a[': '4',
    'attribute[[a]]': '5',
    attribute: '6',
    'attribute[好]': '7',
  });
  expect((await own(id, 'json')).body[0].attributes).toEqual([{ code: '好', label: '好', name: null, value: '7' }]);
});

describe('what a person writes', () => {
  test('comes out as it went in, markup and all', async () => {
    const TEXT = `]]> <![CDATA[x]]> <!DOCTYPE a> &lt; &amp;amp; &#0; <script>alert('1')</script> "q" 'a' \u202e\u200f\u{1f4a1} \ud7ff \ufffd`;
    const id = await made({
      description: `${TEXT}\r\n第二行`,
      address_string: TEXT,
      'attribute[note]': TEXT,
      first_name: TEXT,
      email: TEXT,
    });
    const json = (await own(id, 'json')).body[0];
    expect([json.description, json.address]).toEqual([`${TEXT}\n第二行`, TEXT]);
    expect(json.attributes).toEqual([{ code: 'note', label: 'note', name: null, value: TEXT }]);
    const answer = await own(id, 'xml');
    const { request } = readXml(answer.text, 'service_requests') as { request: typeof json };
    expect([request.description, request.address, request.attributes.attribute.value]).toEqual([`${TEXT}\n第二行`, TEXT, TEXT]);
    expect([request.extended_attributes.first_name, request.extended_attributes.email]).toEqual([TEXT, TEXT]);
    expect(listIn(await ask(world, 'requests.xml'), 'service_requests', 'request').map((each) => each['description'])).toContain(
      `${TEXT}\n第二行`,
    );
  });

  test('in what XML has no way to write is left out there, and only there', async () => {
    const id = await made({ description: 'a\ufffeb\uffffc' });
    expect((await own(id, 'json')).body[0].description).toBe('a\ufffeb\uffffc');
    expect((readXml((await own(id, 'xml')).text, 'service_requests') as { request: { description: string } }).request.description).toBe(
      'abc',
    );
  });

  test.each(['\u0000', '\u0001', '\u001b', '\u007f', '\u0085'])(
    'with the control character %j in it is refused, wherever it stands',
    async (control) => {
      const names = [
        'description',
        'address_string',
        'address_id',
        'email',
        'phone',
        'first_name',
        'last_name',
        'device_id',
        'account_id',
        'attribute[note]',
        'media_url',
      ];
      for (const name of names) {
        const answer = await send(world, 'requests.json', { ...REPORT, api_key: key, [name]: `a${control}b` });
        expect([name, answer.status, answer.text]).toEqual([name, 400, expect.stringContaining(name)]);
      }
    },
  );

  test('in composed letters is the same as in parts', async () => {
    const id = await made({ description: 'e\u0301', 'attribute[note]': 'e\u0301' });
    expect((await own(id, 'json')).body[0]).toMatchObject({ description: '\u00e9', attributes: [{ value: '\u00e9' }] });
  });

  test('at its longest is taken, and staff can read it', async () => {
    const long = {
      description: '长'.repeat(4000),
      address_string: '街'.repeat(200),
      first_name: '名'.repeat(200),
      last_name: '姓'.repeat(200),
      phone: '1'.repeat(200),
    };
    const id = await made({
      ...long,
      service_code: 'pothole',
      'attribute[depth]': '1e15',
      'attribute[label]': '签'.repeat(2000),
      'attribute[note]': '注'.repeat(4000),
      media_url: `https://x.example/${'p'.repeat(1900)}`,
    });
    for (const format of FORMATS) expectWellFormed(await own(id, format), format);
    const seen = await world.get(`/v1/requests/${id}`, dispatcher);
    expect([seen.status, seen.body.contact, seen.body.external.firstName]).toEqual([200, undefined, long.first_name]);
    for (const [name, value] of [
      ['attribute[label]', '签'.repeat(2001)],
      ['attribute[note]', '注'.repeat(4001)],
      ['address_string', '街'.repeat(201)],
      ['media_url', `https://x.example/${'p'.repeat(2000)}`],
    ] as const) {
      const refused = await send(world, 'requests.json', {
        ...REPORT,
        service_code: 'pothole',
        'attribute[depth]': '1',
        api_key: key,
        [name]: value,
      });
      expect([name, refused.status, refused.text]).toEqual([name, 400, expect.stringContaining(name)]);
    }
  });

  test('as a number is one that is kept exactly, or refused', async () => {
    for (const [sent, kept] of [
      ['0', '0'],
      ['-0', '0'],
      ['1e-200', '0'],
      ['0.1234567891234', '0.123456789'],
      ['+7', '7'],
    ]) {
      const id = await made({ service_code: 'pothole', 'attribute[depth]': sent ?? '' });
      expect([sent, (await own(id, 'json')).body[0].attributes[0].value]).toEqual([sent, kept]);
    }
    for (const depth of ['NaN', 'Infinity', '1e300', '9007199254740993', '1,5', '一'])
      expect([
        depth,
        (await send(world, 'requests.json', { ...REPORT, api_key: key, service_code: 'pothole', 'attribute[depth]': depth })).status,
      ]).toEqual([depth, 400]);
  });
});

test('other methods and other paths are nobody’s, and no 5xx', async () => {
  for (const [method, path, status] of [
    ['PUT', 'requests.xml', 405],
    ['DELETE', 'requests.json', 405],
    ['POST', 'services.xml', 405],
    ['GET', 'requests', 404],
    ['GET', 'service/033.xml', 404],
    ['GET', 'requests/a/b.xml', 404],
    ['GET', 'requests/a%2Fb.xml', 404],
    ['GET', '/services.xml', 404],
    ['GET', 'requests.html', 404],
  ] as const) {
    const answer = await world.call(method, `${BASE}/${path}`);
    expect([method, path, answer.status, answer.headers.get('content-type')]).toEqual([
      method,
      path,
      status,
      'application/problem+json; charset=utf-8',
    ]);
  }
});
