/** Reads CAP 1.2 (schema of 1 July 2010) from whoever sends it: generous about how it is written, strict about what it says. */
import type { FieldError } from '../../http/problem.ts';
import { err, ok, type Result } from '../../kernel/result.ts';
import type { Texts } from '../../kernel/texts.ts';
import {
  CAP_NAMESPACE,
  CATEGORIES,
  CERTAINTIES,
  MSG_TYPES,
  RESPONSE_TYPES,
  SCOPES,
  SEVERITIES,
  STATUSES,
  URGENCIES,
  type CapAlert,
  type CapCircle,
  type CapPoint,
  type CapReference,
} from './cap.ts';
import { isAddress, isWebAddress, isRelative } from './address.ts';
import { parseCapTime } from './cap-time.ts';
import { circleIn, polygonIn, rounded } from './geometry.ts';
import { isCapName } from './identifier.ts';
import { readXml, type XmlElement } from './read-xml.ts';

export type CapProblem =
  /** No XML, or none that is read: nothing in it was looked at. */
  | { readonly code: 'malformed'; readonly detail: Texts }
  /** No CAP 1.2 for the public: every wrong element by its path, as `info.0.area.0.areaDesc`. */
  | { readonly code: 'invalid'; readonly errors: readonly FieldError[] };

/** Other versions' namespaces, whose elements are called nearly the same. */
const OLDER: Readonly<Record<string, string>> = {
  'urn:oasis:names:tc:emergency:cap:1.1': 'CAP 1.1',
  'http://www.incident.com/cap/1.0': 'CAP 1.0',
};

const LONGEST_TEXT = 10_000;
const LONGEST_REFERENCES = 100_000;
const LONGEST_LIST = 1000;
const LONGEST_NAME = 64;
/** More would help nobody to put it right. */
const MOST_ERRORS = 100;
const HIGHEST = 1e9;

const BLANK: Texts = { 'zh-CN': '不能为空', en: 'must not be blank' };
const REQUIRED: Texts = { 'zh-CN': '必填', en: 'is required' };
const NOT_REPEATED: Texts = { 'zh-CN': '只能有一个', en: 'must be there once only' };
const TOO_MANY: Texts = { 'zh-CN': `不能超过 ${LONGEST_LIST} 个`, en: `must be ${LONGEST_LIST} or fewer` };
const TOO_LONG: Texts = { 'zh-CN': '过长', en: 'is too long' };
const NO_ELEMENT: Texts = { 'zh-CN': '不是 CAP 1.2 在此处的元素', en: 'is no element of CAP 1.2 here' };
const NO_TEXT: Texts = { 'zh-CN': '应只含元素，不能含文字', en: 'must hold elements only, and no text' };
const TEXT_ONLY: Texts = { 'zh-CN': '应只含文字，不能含元素', en: 'must hold text only, and no elements' };
const CONTROL: Texts = { 'zh-CN': '不能含控制字符', en: 'must not hold control characters' };
const MARKS: Texts = { 'zh-CN': '连续的组合符号过多', en: 'must not hold so many combining marks in a row' };
const NAME: Texts = {
  'zh-CN': '不能含空格、逗号、< 或 &，不能超过 256 个字符',
  en: 'must not hold spaces, commas, < or &, nor more than 256 characters',
};
const TIME: Texts = {
  'zh-CN': '应为带时区的时间，如 2026-11-24T09:00:00+08:00',
  en: 'must be a moment with an offset, as 2026-11-24T09:00:00+08:00',
};
const REFERENCE: Texts = {
  'zh-CN': '应为以空格分隔的“sender,identifier,sent”',
  en: 'must be “sender,identifier,sent”, with spaces between several',
};
const RESTRICTION: Texts = { 'zh-CN': '仅用于 scope 为 Restricted 的报文', en: 'is for messages only whose scope is Restricted' };
const LANGUAGE: Texts = { 'zh-CN': '应为语言标签，如 zh-CN', en: 'must be a language tag, as zh-CN' };
const WEB: Texts = { 'zh-CN': '应为 http 或 https 的网址', en: 'must be an http or https address' };
const URI: Texts = { 'zh-CN': '应为网址', en: 'must be a URI' };
const SIZE: Texts = { 'zh-CN': '应为字节数，不小于 0 的整数', en: 'must be a whole number of bytes' };
const BASE64: Texts = { 'zh-CN': '应为 base64', en: 'must be base64' };
const DECIMAL: Texts = { 'zh-CN': '应为数字，如 1200.5', en: 'must be a number, as 1200.5' };

const oneOf = (words: readonly string[]): Texts => ({ 'zh-CN': `应为 ${words.join('、')}`, en: `must be ${words.join(' or ')}` });

const joined = (path: string, part: string | number): string => (path === '' ? String(part) : `${path}.${part}`);

/** What was wrong so far. With anything wrong nothing is answered but this, so what stands for a wrong value is never looked at. */
class Wrongs {
  readonly errors: FieldError[] = [];
  tell(path: string, message: Texts): never {
    if (this.errors.length < MOST_ERRORS) this.errors.push({ path, message });
    return undefined as never;
  }
}

type Read<T> = (element: XmlElement, path: string, wrongs: Wrongs) => T;

/** Elements of others are theirs: a signature, or whatever a sender adds for its own. One that is in no namespace lacks its prefix. */
const isOthers = ({ namespace }: XmlElement): boolean =>
  namespace !== CAP_NAMESPACE && namespace !== '' && !Object.hasOwn(OLDER, namespace);

const isSpace = (code: number): boolean => code === 0x20 || code === 0x09 || code === 0x0a || code === 0x0d;

/** Without XML's white space around it, the wide kind that begins Chinese paragraphs stays. By a pattern it would take the square of time. */
const trimmed = (text: string): string => {
  let [from, to] = [0, text.length];
  while (from < to && isSpace(text.charCodeAt(from))) from += 1;
  while (to > from && isSpace(text.charCodeAt(to - 1))) to -= 1;
  return text.slice(from, to);
};

/** An element that holds a value and no other elements. */
const leaf =
  <T>(parse: (text: string) => Result<T, Texts>): Read<T> =>
  (element, path, wrongs) => {
    if (!element.children.every(isOthers)) return wrongs.tell(path, TEXT_ONLY);
    const parsed = parse(trimmed(element.text));
    return parsed.ok ? parsed.value : wrongs.tell(path, parsed.error);
  };

/** Unicode's own limit for text in streams (UAX #15): without it, to bring marks into their order takes the square of their number. */
const MANY_MARKS = /\p{M}{31}/u;
const CONTROLS = /(?![\t\n\r])\p{Cc}/u;

const cleaned = (text: string, longest: number): Result<string, Texts> => {
  if (text.length > longest) return err(TOO_LONG);
  if (CONTROLS.test(text)) return err(CONTROL);
  if (MANY_MARKS.test(text)) return err(MARKS);
  const clean = text.replaceAll(/\r\n?/g, '\n').normalize('NFC');
  // Some characters are longer in NFC.
  return clean.length > longest ? err(TOO_LONG) : ok(clean);
};

/** A value that is a text of this kind. */
const written = (is: (text: string) => boolean, message: Texts): Read<string> =>
  leaf((text) => {
    const clean = cleaned(text, LONGEST_TEXT);
    return !clean.ok || is(clean.value) ? clean : err(message);
  });

/** A value that is understood or not. */
const understood = <T>(parse: (text: string) => T | undefined, message: Texts): Read<T> =>
  leaf((text) => {
    const value = parse(text);
    return value === undefined ? err(message) : ok(value);
  });

const word = <const W extends string>(words: readonly W[]): Read<W> =>
  understood((text) => words.find((each) => each === text), oneOf(words));

const anyText: Read<string> = leaf((text) => cleaned(text, LONGEST_TEXT));
const prose = written((text) => /\S/.test(text), BLANK);
const name = written(isCapName, NAME);
const time = understood(parseCapTime, TIME);
const language = written((text) => /^[a-zA-Z]{1,8}(?:-[a-zA-Z0-9]{1,8})*$/.test(text), LANGUAGE);

const uri = written(isAddress, URI);
/** Residents are shown this one as a link: a page, or, with a warning, what lacks the beginning of its address. */
const web = written((text) => isWebAddress(text) || isRelative(text), WEB);

const DECIMALS = /^[+-]?(?:\d{1,15}(?:\.\d{0,15})?|\.\d{1,15})$/;
const decimal = understood((text) => {
  const value = DECIMALS.test(text) ? rounded(Number(text)) : Number.NaN;
  return Math.abs(value) <= HIGHEST ? value : undefined;
}, DECIMAL);
const size = understood((text) => (/^\+?\d{1,15}$/.test(text) ? Number(text) : undefined), SIZE);
const base64 = understood((text) => {
  const bare = text.replaceAll(/[ \t\r\n]/g, '');
  return bare.length % 4 === 0 && /^[A-Za-z0-9+/]+={0,2}$/.test(bare) ? bare : undefined;
}, BASE64);

const polygon: Read<readonly CapPoint[]> = leaf(polygonIn);
const circle: Read<CapCircle> = leaf(circleIn);

const referenceIn = (text: string): CapReference | undefined => {
  const [sender = '', identifier = '', at = '', ...more] = text.split(',');
  const sent = parseCapTime(at);
  return more.length > 0 || sent === undefined || !isCapName(sender) || !isCapName(identifier) ? undefined : { sender, identifier, sent };
};
const references: Read<readonly CapReference[]> = leaf((text) => {
  const clean = cleaned(text, LONGEST_REFERENCES);
  if (!clean.ok) return clean;
  const parts = clean.value.split(/\s+/);
  if (parts.length > LONGEST_LIST) return err(TOO_MANY);
  const read = parts.map(referenceIn).filter((each) => each !== undefined);
  return read.length === parts.length ? ok(read) : err(REFERENCE);
});

/** What an element holds, by name; each part is taken once, so that what is left over is none of the standard's. */
interface Parts {
  readonly one: <T>(part: string, read: Read<T>) => T;
  /** Absent where there is none, or an empty one. */
  readonly maybe: <const N extends string, T>(part: N, read: Read<T>) => { readonly [key in N]?: T };
  readonly many: <T>(part: string, read: Read<T>) => readonly T[];
  /** Those that are not empty: by the schema, an empty text is one. */
  readonly filled: <T>(part: string, read: Read<T>) => readonly T[];
  /** At least one. */
  readonly some: <T>(part: string, read: Read<T>) => readonly T[];
}

const isEmpty = ({ children, text }: XmlElement): boolean => children.length === 0 && trimmed(text) === '';

/** An element that holds others, in whatever order. */
const structure =
  <T>(take: (parts: Parts) => T): Read<T> =>
  (element, path, wrongs) => {
    if (trimmed(element.text) !== '') wrongs.tell(path === '' ? element.name : path, NO_TEXT);
    const own = element.children.filter((child) => !isOthers(child));
    const left = Map.groupBy(own, ({ namespace, name: local }) => (namespace === CAP_NAMESPACE ? local : `${local} of ${namespace}`));
    const taken = (part: string): readonly XmlElement[] => {
      const found = left.get(part) ?? [];
      left.delete(part);
      return found;
    };
    const only = <V>(part: string, [first, second]: readonly XmlElement[], read: Read<V>): V => {
      const at = joined(path, part);
      if (first === undefined) return wrongs.tell(at, REQUIRED);
      return second === undefined ? read(first, at, wrongs) : wrongs.tell(at, NOT_REPEATED);
    };
    const all = <V>(part: string, found: readonly XmlElement[], read: Read<V>): readonly V[] => {
      const at = joined(path, part);
      if (found.length > LONGEST_LIST) return wrongs.tell(at, TOO_MANY);
      return found.map((each, index) => read(each, joined(at, index), wrongs));
    };
    const value = take({
      one: (part, read) => only(part, taken(part), read),
      maybe: <const N extends string, V>(part: N, read: Read<V>) => {
        const found = taken(part).filter((each) => !isEmpty(each));
        return (found.length === 0 ? {} : { [part]: only(part, found, read) }) as { readonly [key in N]?: V };
      },
      many: (part, read) => all(part, taken(part), read),
      filled: (part, read) => {
        const found = taken(part).filter((each) => !isEmpty(each));
        return all(part, found, read);
      },
      some: (part, read) => {
        const found = taken(part);
        return found.length === 0 ? wrongs.tell(joined(path, part), REQUIRED) : all(part, found, read);
      },
    });
    for (const [first] of left.values()) if (first !== undefined) wrongs.tell(joined(path, first.name.slice(0, LONGEST_NAME)), NO_ELEMENT);
    return value;
  };

const pair = structure(({ one }) => ({ valueName: one('valueName', prose), value: one('value', anyText) }));

const resource = structure(({ one, maybe }) => ({
  resourceDesc: one('resourceDesc', prose),
  mimeType: one('mimeType', prose),
  ...maybe('size', size),
  ...maybe('uri', uri),
  ...maybe('derefUri', base64),
  ...maybe('digest', prose),
}));

const area = structure(({ one, maybe, many, filled }) => ({
  areaDesc: one('areaDesc', prose),
  polygon: filled('polygon', polygon),
  circle: filled('circle', circle),
  geocode: many('geocode', pair),
  ...maybe('altitude', decimal),
  ...maybe('ceiling', decimal),
}));

const info = structure(({ one, maybe, many, some }) => ({
  ...maybe('language', language),
  category: some('category', word(CATEGORIES)),
  event: one('event', prose),
  responseType: many('responseType', word(RESPONSE_TYPES)),
  urgency: one('urgency', word(URGENCIES)),
  severity: one('severity', word(SEVERITIES)),
  certainty: one('certainty', word(CERTAINTIES)),
  ...maybe('audience', prose),
  eventCode: many('eventCode', pair),
  ...maybe('effective', time),
  ...maybe('onset', time),
  ...maybe('expires', time),
  ...maybe('senderName', prose),
  ...maybe('headline', prose),
  ...maybe('description', prose),
  ...maybe('instruction', prose),
  ...maybe('web', web),
  ...maybe('contact', prose),
  parameter: many('parameter', pair),
  resource: many('resource', resource),
  area: many('area', area),
}));

const refused =
  (message: Texts): Read<never> =>
  (_, path, wrongs) =>
    wrongs.tell(path, message);

const alert = structure(({ one, maybe, many, filled }): CapAlert => {
  const msgType = one('msgType', word(MSG_TYPES));
  return {
    identifier: one('identifier', name),
    sender: one('sender', name),
    sent: one('sent', time),
    status: one('status', word(STATUSES)),
    msgType,
    ...maybe('source', prose),
    scope: one('scope', word(SCOPES)),
    ...maybe('restriction', refused(RESTRICTION)),
    ...maybe('addresses', prose),
    code: filled('code', prose),
    ...maybe('note', prose),
    references: [],
    // What is updated or cancelled is told by them alone (§3.2.1).
    ...(msgType === 'Update' || msgType === 'Cancel' ? { references: one('references', references) } : maybe('references', references)),
    ...maybe('incidents', prose),
    info: many('info', info),
  };
});

const notCap = ({ namespace, name: local }: XmlElement): Texts => {
  const version = Object.hasOwn(OLDER, namespace) ? OLDER[namespace] : undefined;
  if (local === 'alert' && version !== undefined)
    return {
      'zh-CN': `这是 ${version}，请以 CAP 1.2（命名空间 ${CAP_NAMESPACE}）发送`,
      en: `is ${version}: send it as CAP 1.2, in the namespace ${CAP_NAMESPACE}`,
    };
  return {
    'zh-CN': `根元素应为命名空间 ${CAP_NAMESPACE} 中的 alert`,
    en: `must be the root, in the namespace ${CAP_NAMESPACE}`,
  };
};

/** At most 1 MiB, in any encoding that it declares or begins with, for the public (scope Public; neither Draft nor System, Ack nor Error). */
export const readCap = (bytes: Uint8Array): Result<CapAlert, CapProblem> => {
  const read = readXml(bytes);
  if (!read.ok) return err({ code: 'malformed', detail: read.error });
  const wrongs = new Wrongs();
  const root = read.value;
  const isCap = root.namespace === CAP_NAMESPACE && root.name === 'alert';
  const message = isCap ? alert(root, '', wrongs) : wrongs.tell('alert', notCap(root));
  return wrongs.errors.length === 0 ? ok(message) : err({ code: 'invalid', errors: wrongs.errors });
};
