/** GeoReport v2's two formats of one answer, and its errors. */
import XMLBuilder from 'fast-xml-builder';
import type { Face } from '../../http/face.ts';
import { PROBLEMS, type Failure } from '../../http/problem.ts';
import { inLanguage, type Language, type Texts } from '../../kernel/texts.ts';
import { inXml } from '../../kernel/xml.ts';
import { JSON_TYPE, statusOf, XML_TYPE } from './words.ts';

/** What the parts of a list are called (the specification's “Spark” convention: JSON's arrays are XML's plural elements). */
const SINGULAR: Readonly<Record<string, string>> = {
  services: 'service',
  attributes: 'attribute',
  values: 'value',
  service_requests: 'request',
  service_request_updates: 'request_update',
  endpoints: 'endpoint',
  formats: 'format',
  notes: 'note',
  photos: 'photo',
  media_urls: 'media_url',
  errors: 'error',
};

// Bare elements, nothing between them: clients keep white space, and take attributes for content.
const builder = new XMLBuilder({ ignoreAttributes: true, format: false });

const elements = (name: string, value: unknown): unknown => {
  if (value === null || value === undefined) return '';
  if (Array.isArray(value)) return { [SINGULAR[name] ?? 'item']: value.map((each) => elements('', each)) };
  if (typeof value === 'object') return Object.fromEntries(Object.entries(value).map(([key, part]) => [key, elements(key, part)]));
  return inXml(typeof value === 'string' ? value : JSON.stringify(value));
};

const xmlOf = (root: string, answer: unknown): string =>
  `<?xml version="1.0" encoding="utf-8"?>${builder.build({ [root]: elements(root, answer) })}`;

interface Told {
  readonly code: number;
  readonly description: string;
}

/** What is sent here is a form, and not the JSON of our own interface. */
const ADVICE: Readonly<Partial<Record<Failure['code'], Texts>>> = {
  unsupportedMediaType: {
    'zh-CN': '请以 application/x-www-form-urlencoded 或 multipart/form-data 发送。',
    en: 'Send it as application/x-www-form-urlencoded or multipart/form-data.',
  },
  malformed: { 'zh-CN': '请检查表单是否完整，并为 UTF-8 编码。', en: 'Check that the form is whole, and in UTF-8.' },
  bodyTooLarge: {
    'zh-CN': '表单不能超过 1 MiB，带图片时不能超过 4 MiB。',
    en: 'A form has at most 1 MiB, and 4 MiB with pictures: send smaller ones.',
  },
};

const toldOf = (failure: Failure, language: Language): readonly Told[] => {
  const code = statusOf(failure.code);
  if (failure.errors !== undefined)
    return failure.errors.map(({ path, message }) => ({ code, description: `${path}: ${inLanguage(message, language)}` }));
  const { title, advice } = PROBLEMS[failure.code];
  return [
    { code, description: [title, failure.detail ?? ADVICE[failure.code] ?? advice].map((each) => inLanguage(each, language)).join(': ') },
  ];
};

const faceOf = (contentType: string, text: (root: string, answer: unknown) => string, root: string): Face => ({
  contentType,
  text: (answer) => text(root, answer),
  refusal: (failure, language) => ({ status: statusOf(failure.code), text: text('errors', toldOf(failure, language)) }),
});

/** How an answer is told whose XML has that root: in JSON where the path ends so, or else in XML, which every client reads. */
export const faceFor = (root: string, path: string): Face =>
  path.endsWith('.json') ? faceOf(JSON_TYPE, (_, answer) => JSON.stringify(answer), root) : faceOf(XML_TYPE, xmlOf, root);
