/** Clients of GeoReport v2 as the tests of this folder play them: forms and queries over HTTP, answers read as each kind of client reads them. */
import { XMLParser, XMLValidator } from 'fast-xml-parser';
import { expect } from 'vitest';
import type { TokenClaims } from '../../../../lib/local/issuer.ts';
import { DACISI, SHUIJINGFANG, ZONGFULU } from '../../../support/people.ts';
import { ADMIN, type Answer, type World } from '../../../support/world.ts';

export const BASE = '/open311/v2';
export const XML = 'text/xml; charset=utf-8';
export const JSON_TYPE = 'application/json; charset=utf-8';
export const FORM = { 'content-type': 'application/x-www-form-urlencoded' };

/** Parameters: several values of one name are sent one after the other. */
export type Params = Readonly<Record<string, string | readonly string[]>>;

export const formOf = (params: Params): string =>
  new URLSearchParams(
    Object.entries(params).flatMap(([name, values]) => [values].flat().map((value): [string, string] => [name, value])),
  ).toString();

/** `requests.xml` with its query. */
export const ask = (world: World, file: string, params: Params = {}): Promise<Answer> => {
  const query = formOf(params);
  return world.call('GET', `${BASE}/${file}${query === '' ? '' : `?${query}`}`);
};

export const send = (world: World, file: string, params: Params, headers: Readonly<Record<string, string>> = {}): Promise<Answer> =>
  world.call('POST', `${BASE}/${file}`, { body: formOf(params), headers: { ...FORM, ...headers } });

/** An answer that must be a success. */
export const fine = (answer: Answer): Answer => {
  if (answer.status !== 200) throw new Error(`${answer.status} ${answer.text}`);
  return answer;
};

/** A key for a division. */
export const keyFor = async (world: World, division = '510104', as: TokenClaims = ADMIN): Promise<string> => {
  const issued = await world.post('/v1/open311/keys', as, { name: '随手拍', division });
  if (issued.status !== 201) throw new Error(issued.text);
  return issued.body.key;
};
export const idOfKey = (key: string): string => key.split('.')[0] ?? '';

/** Sends in a report of a street lamp; answers with the id. */
export const report = async (world: World, key: string, params: Params = {}): Promise<string> => {
  const sent = { api_key: key, service_code: 'streetLamp', lat: '30.6443', long: '104.0915', description: '路灯不亮', ...params };
  return fine(await send(world, 'requests.json', sent)).body[0].service_request_id;
};

const strict = new XMLParser({ ignoreAttributes: false, parseTagValue: false, trimValues: false, processEntities: true });
/** What is in its root element, read to the letter: the declaration is there, and no attribute, comment or white space between elements. */
export const readXml = (text: string, root: string): unknown => {
  expect(XMLValidator.validate(text)).toBe(true);
  const declaration = '<?xml version="1.0" encoding="utf-8"?>';
  expect(text.slice(0, declaration.length)).toBe(declaration);
  // No attributes, no namespaces, no comments, no CDATA.
  expect(text.slice(declaration.length).match(/<[^>/][^>]*[\s=:!?][^>]*>/g)).toBeNull();
  const { '?xml': _, ...parsed } = strict.parse(text);
  expect(Object.keys(parsed)).toEqual([root]);
  return parsed[root];
};

/** The elements of a list, however many there are. */
export const listIn = (answer: Answer, root: string, element: string): readonly Record<string, string>[] => {
  expect(answer.headers.get('content-type')).toBe(XML);
  const content = readXml(answer.text, root);
  if (content === '') return [];
  return [(content as Record<string, Record<string, string> | Record<string, string>[]>)[element] ?? []].flat();
};

const LISTS = new Map(
  Object.entries({
    services: 'service',
    attributes: 'attribute',
    values: 'value',
    service_requests: 'request',
    errors: 'error',
    service_request_updates: 'request_update',
  }),
);
const FORCED = new Set(LISTS.values());
const lenient = new XMLParser({ parseTagValue: false, trimValues: false, isArray: (name) => FORCED.has(name) });

const collapsed = (value: unknown): unknown => {
  if (value === '') return undefined;
  if (Array.isArray(value)) return value.map(collapsed);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, part]) => {
      const element = LISTS.get(name);
      const inner = collapsed(part);
      return [name, element === undefined ? inner : (inner as Record<string, unknown> | undefined)?.[element]];
    }),
  );
};

/** As FixMyStreet reads it: the root's name does not matter, lists lose their container, what is empty is not there. */
// oxlint-disable-next-line typescript/no-explicit-any
export const asFixMyStreet = (text: string): any => {
  const { '?xml': _, ...parsed } = lenient.parse(text);
  return collapsed(Object.values(parsed)[0]);
};

export interface Told {
  readonly code: number;
  readonly description: string;
}

/** The errors of a refusal, in whichever format was asked for; their content type is looked at as well. */
export const errorsOf = (answer: Answer, format: 'xml' | 'json'): readonly Told[] => {
  if (format === 'json') {
    expect(answer.headers.get('content-type')).toBe(JSON_TYPE);
    return answer.body;
  }
  return listIn(answer, 'errors', 'error').map(({ code, description = '' }) => ({ code: Number(code), description }));
};

const CLOCKS = { respondWithin: { amount: 4, unit: 'hours' }, resolveWithin: { amount: 3, unit: 'workingDays' } };
const text = (chinese: string, english: string): object => ({ 'zh-CN': chinese, en: english });
const attribute = (code: string, datatype: string, order: number, more: object = {}): object => ({
  code,
  datatype,
  order,
  required: false,
  description: text(`${code}?`, `${code}?`),
  ...more,
});
const SHAPES = [
  { key: 'circle', name: text('圆形', 'Circle') },
  { key: 'square', name: text('方形', 'Square') },
  { key: 'oval', name: text('椭圆', 'Oval') },
];

/** One service that asks for everything, two that nobody but who is concerned sees, and positions of the communities. */
export const furnish = async (world: World): Promise<void> => {
  const service = { group: 'convenience', keywords: ['坑', 'hole'], ...CLOCKS };
  const put = async (path: string, body: object): Promise<void> => {
    const answer = await world.put(path, ADMIN, body);
    if (answer.status >= 300) throw new Error(answer.text);
  };
  await put('/v1/services/pothole', {
    ...service,
    name: text('路面坑洼', 'Pothole'),
    description: text('路面有坑 <b>&"', 'A hole in the road <b>&"'),
    visibility: 'public',
    // Not in their order.
    attributes: [
      attribute('shape', 'singlevaluelist', 30, { values: SHAPES }),
      attribute('depth', 'number', 20, { required: true, datatypeDescription: text('厘米', 'cm') }),
      attribute('marks', 'multivaluelist', 40, { values: SHAPES }),
      attribute('since', 'datetime', 50),
      attribute('label', 'string', 60),
      attribute('story', 'text', 70),
    ],
  });
  await put('/v1/services/privateHelp', {
    ...service,
    name: text('私事', 'Private help'),
    description: text('只有当事人看得到', 'Seen by those concerned'),
    visibility: 'private',
    attributes: [],
  });
  await put('/v1/services/secretHelp', {
    ...service,
    name: text('密事', 'Secret help'),
    description: text('保密', 'Confidential'),
    visibility: 'confidential',
    attributes: [],
  });
  for (const [code, name, lat, long] of [
    [SHUIJINGFANG, '水井坊社区', 30.6443, 104.0915],
    [DACISI, '大慈寺社区', 30.655, 104.084],
    [ZONGFULU, '总府路社区', 30.6571, 104.0817],
  ] as const)
    await put(`/v1/divisions/${code}`, { name, location: { lat, long } });
  await world.settle();
};
