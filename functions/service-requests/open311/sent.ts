/** What clients send, as we write it. */
import type { Schema } from '../../http/operation.ts';
import type { FieldError } from '../../http/problem.ts';
import { validate } from '../../http/validate.ts';
import { MAX_NAME } from '../../http/on-behalf.ts';

const MAX_URL = 2000;
const MAX_URLS = 10;

/** Line breaks arrive as a form has them. */
export const withBreaks = (text: string): string => text.replaceAll('\r\n', '\n');

const HAN = /^\p{Script=Han}+$/u;

const written = (first: string | undefined, last: string | undefined): string | undefined => {
  if (first === undefined || last === undefined) return first ?? last;
  return HAN.test(first) && HAN.test(last) ? `${last}${first}` : `${first} ${last}`;
};

/** A person's name as it is written: a Chinese one begins with the family, with nothing between. None where it is longer than a name of ours. */
export const nameOf = (first: string | undefined, last: string | undefined): string | undefined => {
  const name = written(first, last);
  return name !== undefined && name.length <= MAX_NAME ? name : undefined;
};

export const asList = (value: string | readonly string[] | undefined): readonly string[] =>
  value === undefined ? [] : typeof value === 'string' ? [value] : value;

const NOT_IN_URLS = /[\s\p{C}]/u;
const isWebUrl = (text: string): boolean => {
  const url = text.length > MAX_URL || NOT_IN_URLS.test(text) ? null : URL.parse(text);
  return url !== null && (url.protocol === 'https:' || url.protocol === 'http:') && url.username === '';
};

/** The addresses of pictures; undefined where one of them is none, or there are too many. */
export const picturesIn = (sent: string | readonly string[] | undefined): readonly string[] | undefined => {
  const urls = asList(sent).map((each) => each.trim());
  return urls.length <= MAX_URLS && urls.every(isWebUrl) ? urls : undefined;
};

export const NO_PICTURE = {
  'zh-CN': `应为图片网址，最多 ${MAX_URLS} 个`,
  en: `must be the address of a picture on the web, ${MAX_URLS} at most`,
};

/** A text as its schema has it; undefined where there is none, and told where it is wrong. */
export const checkedText = async (
  path: string,
  value: string | undefined,
  schema: Schema,
  errors: FieldError[],
): Promise<string | undefined> => {
  if (value === undefined) return undefined;
  const result = await validate(schema, value.trim(), [path]);
  if (!result.ok) errors.push(...result.error);
  return result.ok ? String(result.value) : undefined;
};
