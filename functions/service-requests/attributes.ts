/** Checks what was filled in against the attributes of a service (Open311's service definition). */
import type { Attribute } from '../catalogue/contract.ts';
import type { FieldError } from '../http/problem.ts';
import type { Texts } from '../kernel/texts.ts';
import { parseInstant } from '../kernel/time.ts';

type Value = string | number | readonly string[];

const MESSAGES = {
  required: { 'zh-CN': '必填', en: 'is required' },
  unknown: { 'zh-CN': '这项服务没有此属性', en: 'is no attribute of this service' },
  string: { 'zh-CN': '应为文字', en: 'must be text' },
  number: { 'zh-CN': '应为数字', en: 'must be a number' },
  datetime: { 'zh-CN': '应为带时区的 RFC 3339 时间', en: 'must be an RFC 3339 moment with an offset' },
} as const satisfies Record<string, Texts>;

const CONTROL = /[^\P{Cc}\t\n\r]|\p{Cs}/u;
const isText = (value: Value): value is string => typeof value === 'string' && value.trim() !== '' && !CONTROL.test(value);

const wrong = (attribute: Attribute, value: Value): Texts | undefined => {
  const keys = attribute.values?.map((each) => each.key) ?? [];
  const oneOf: Texts = { 'zh-CN': `应为其中之一：${keys.join('、')}`, en: `must be of: ${keys.join(', ')}` };
  switch (attribute.datatype) {
    case 'string':
    case 'text':
      return isText(value) ? undefined : MESSAGES.string;
    case 'number':
      return typeof value === 'number' ? undefined : MESSAGES.number;
    case 'datetime':
      return typeof value === 'string' && parseInstant(value) !== undefined ? undefined : MESSAGES.datetime;
    case 'singlevaluelist':
      return typeof value === 'string' && keys.includes(value) ? undefined : oneOf;
    case 'multivaluelist':
      return Array.isArray(value) && value.length > 0 && new Set(value).size === value.length && value.every((each) => keys.includes(each))
        ? undefined
        : oneOf;
  }
};

/** All that is filled in, as JSON: an item has 400 KB, and a history is still to come. */
const MOST_BYTES = 64 * 1024;
const TOO_LONG = { 'zh-CN': `合计不能超过 ${MOST_BYTES} 字节`, en: `must be ${MOST_BYTES} bytes in all at most` };

/** Every wrong, missing or unknown attribute, at `attributes.<code>`. */
export const attributeErrors = (attributes: readonly Attribute[], given: Readonly<Record<string, Value>>): readonly FieldError[] => [
  ...(Buffer.byteLength(JSON.stringify(given)) > MOST_BYTES ? [{ path: 'attributes', message: TOO_LONG }] : []),
  ...attributes.flatMap((attribute): FieldError[] => {
    const value = Object.hasOwn(given, attribute.code) ? given[attribute.code] : undefined;
    const message = value === undefined ? (attribute.required ? MESSAGES.required : undefined) : wrong(attribute, value);
    return message === undefined ? [] : [{ path: `attributes.${attribute.code}`, message }];
  }),
  ...Object.keys(given)
    .filter((name) => !attributes.some((attribute) => attribute.code === name))
    .map((name) => ({ path: `attributes.${name}`, message: MESSAGES.unknown })),
];
