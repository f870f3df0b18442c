/** The words of the interface that every domain uses: texts, moments, codes, money, pages. */
import * as z from 'zod/mini';
import { COMMUNITY_PATTERN, DIVISION_PATTERN, type DivisionCode } from '../kernel/division.ts';
import { ID_PATTERN } from '../kernel/id.ts';
import { roundDegrees } from '../kernel/degrees.ts';
import type { Position } from '../kernel/position.ts';
import { parseInstant, type Day, type Month } from '../kernel/time.ts';
import type { Texts } from '../kernel/texts.ts';

/** What a wrong field is told, where zod's own words would not help; schemas name them by key. */
export const FIELD_MESSAGES = {
  line: { 'zh-CN': '不能为空，不能含控制字符或换行', en: 'must not be blank, nor hold control characters or line breaks' },
  prose: { 'zh-CN': '不能为空，不能含控制字符', en: 'must not be blank, nor hold control characters' },
  division: { 'zh-CN': '应为 2、4、6、9 或 12 位区划代码', en: 'must be a division code of 2, 4, 6, 9 or 12 digits' },
  community: { 'zh-CN': '应为 12 位社区（村）代码', en: 'must be a community code of 12 digits' },
  id: { 'zh-CN': '不是有效的编号', en: 'is no id' },
  phone: {
    'zh-CN': '应为电话号码，可含 +、空格、括号和连字符',
    en: 'must be a telephone number; +, spaces, brackets and hyphens may be in it',
  },
  code: { 'zh-CN': '应以字母开头，只含字母、数字和连字符', en: 'must begin with a letter and hold letters, digits and hyphens only' },
  moment: {
    'zh-CN': '应为带时区的 RFC 3339 时间，如 2026-11-24T09:00:00+08:00',
    en: 'must be an RFC 3339 moment with an offset, as 2026-11-24T09:00:00+08:00',
  },
  day: { 'zh-CN': '应为日期，如 2026-11-24', en: 'must be a day, as 2026-11-24' },
  month: { 'zh-CN': '应为月份，如 2026-11', en: 'must be a month, as 2026-11' },
  revision: { 'zh-CN': '应为正整数', en: 'must be a whole number from 1' },
  momentOrDay: { 'zh-CN': '应为日期（2026-11-24）或带时区的时间', en: 'must be a day (2026-11-24) or a moment with an offset' },
  limit: { 'zh-CN': '应为 1 到 100 的整数', en: 'must be a whole number from 1 to 100' },
  decimal: { 'zh-CN': '应为数字，如 30.65', en: 'must be a number, as 30.65' },
  boolean: { 'zh-CN': '应为 true 或 false', en: 'must be true or false' },
  near: { 'zh-CN': '应为“纬度,经度”，如 30.6461,104.0913', en: 'must be latitude and longitude, as 30.6461,104.0913' },
  words: {
    'zh-CN': '应为文字，或 {"zh-CN": "…", "en": "…"}；不能为空或过长，不能含控制字符',
    en: 'must be a text, or {"zh-CN": "…", "en": "…"}; not blank, nor too long, nor with control characters',
  },
  point: { 'zh-CN': '应为 [纬度, 经度]，纬度在 -90 到 90 之间', en: 'must be [latitude, longitude], from -90 to 90 and from -180 to 180' },
  area: { 'zh-CN': '应为 division、polygon、circle 之一', en: 'must have one of division, polygon and circle' },
  windows: { 'zh-CN': '各时段应按先后排列且互不重叠', en: 'must come one after the other, and not overlap' },
  most: { 'zh-CN': '不能超过所设的上限', en: 'must be within the most that is set beside it' },
  once: { 'zh-CN': '每项只能列出一次', en: 'must name each once' },
  version: { 'zh-CN': '应为从 1 起的版本号', en: 'must be the number of a version, counted from 1' },
  timeOfDay: { 'zh-CN': '应为 24 小时制的时刻，如 22:00', en: 'must be a time of day, as 22:00' },
  claim: {
    'zh-CN': '应为 water、power、gas、heat 之一，或含 kind 与户号的对象',
    en: 'must be water, power, gas or heat, or an object with that kind and an account',
  },
  account: {
    'zh-CN': '应为户号：1 到 40 位字母、数字和连字符，不以连字符开头',
    en: 'must be an account number: 1 to 40 letters, digits and hyphens, no hyphen first',
  },
  number: { 'zh-CN': '应为 8 位编号加校验位', en: 'must be 8 characters and a check sign' },
} as const satisfies Record<string, Texts>;

type MessageKey = keyof typeof FIELD_MESSAGES;
export const told = (key: MessageKey): { error: string } => ({ error: key });

// Ranges are spelt out, since not every reader of the contract knows classes like \p{Cc}; and each character fits one part only, so that a
// long wrong text is refused in linear time.
// oxlint-disable no-control-regex
const LINE = /^[^\u0000-\u001f\u007f-\u009f\u2028\u2029]+$/u;
const PROSE = /^[^\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f]+$/u;
// oxlint-enable no-control-regex
const NOT_BLANK = /\S/;
/** JSON can carry half a character; nothing else can. */
const isWhole = (text: string): boolean => text.isWellFormed();

/** One line that a person wrote: NFC, no control characters, no lone surrogates, not blank. */
export const line = (max: number) =>
  z
    .string()
    .check(
      z.normalize('NFC'),
      z.minLength(1),
      z.maxLength(max),
      z.regex(LINE, told('line')),
      z.regex(NOT_BLANK, told('line')),
      z.refine(isWhole, told('line')),
    );

/** What a person wrote, line breaks allowed. */
export const prose = (max: number) =>
  z
    .string()
    .check(
      z.normalize('NFC'),
      z.minLength(1),
      z.maxLength(max),
      z.regex(PROSE, told('prose')),
      z.regex(NOT_BLANK, told('prose')),
      z.refine(isWhole, told('prose')),
    );

/** What a file holds in a cell: like prose, but spaces alone are allowed. */
export const cell = (max: number) =>
  z.string().check(z.normalize('NFC'), z.maxLength(max), z.regex(PROSE, told('prose')), z.refine(isWhole, told('prose')));

/** A number in a cell of a file. */
export const decimalCell = z.string().check(z.maxLength(40), z.regex(/^-?\d+(?:\.\d+)?$/, told('decimal')));

/** A text for people by language, zh-CN required. */
export const texts = (max: number) => z.strictObject({ 'zh-CN': prose(max), en: z.optional(prose(max)) });

/** The same as it is shown, without bounds: what came as CAP is longer than what is taken here. */
export const saidTexts = z.object({ 'zh-CN': z.string(), en: z.optional(z.string()) });

/** The same as it is taken, or its Chinese alone as a string. */
export const textsOrText = (max: number) =>
  z.pipe(
    z.union([prose(max), texts(max)], told('words')),
    z.transform((said): Texts => (typeof said === 'string' ? { 'zh-CN': said } : said)),
  );

/** What has passed the check of a schema may be called by its brand. */
const branded = <B extends string>(schema: z.ZodMiniType<string, string>): z.ZodMiniType<B, string> => schema as z.ZodMiniType<B, string>;

export const divisionCode = branded<DivisionCode>(z.string().check(z.regex(DIVISION_PATTERN, told('division'))));
export const communityCode = branded<DivisionCode>(z.string().check(z.regex(COMMUNITY_PATTERN, told('community'))));
export const id = z.string().check(z.regex(ID_PATTERN, told('id')));
/** A code that people give to data: services, attributes, programmes, settings. */
export const code = z.string().check(
  z.maxLength(64),
  z.regex(/^[a-zA-Z][a-zA-Z0-9-]*$/, told('code')),
  // What every object has already is no name for something new.
  z.refine((text) => !(text in {}), told('code')),
);
export const phone = z.string().check(z.regex(/^\+?[0-9(][0-9 ()-]{2,28}[0-9]$/, told('phone')));
/** RFC 3339 with any offset on the way in, UTC on the way out. */
export const moment = z.iso
  .datetime({ offset: true, abort: true, ...told('moment') })
  .check(z.refine((text) => parseInstant(text) !== undefined, told('moment')));
/** A moment as we answer with it. What we made ourselves is not checked again on its way out: a request has twenty of them. */
export const instant = z.string();
z.globalRegistry.add(instant, { format: 'date-time' });

/** A month of Asia/Shanghai. What a moment may be bounds it, too. */
export const month = branded<Month>(z.string().check(z.regex(/^(?:1[89]|2\d)\d\d-(?:0[1-9]|1[0-2])$/, told('month'))));
/** A revision, 1 being the first. */
export const revisionNumber = z.string().check(z.regex(/^[1-9]\d{0,5}$/, told('revision')));
export const day = branded<Day>(z.iso.date(told('day')));
/** In Asia/Shanghai. */
export const timeOfDay = z.string().check(z.regex(/^(?:[01]\d|2[0-3]):[0-5]\d$/, told('timeOfDay')));
export const momentOrDay = z.union([moment, z.iso.date(told('momentOrDay'))], told('momentOrDay'));
/** Query parameters are text. */
export const flag = z.enum(['true', 'false'], told('boolean'));

export const count = z.int().check(z.nonnegative());

/** A number that is stored: rounded, since DynamoDB refuses what is closer to zero than 1E-130, and within what a double holds exactly. */
export const stored = (decimals: number) =>
  z.number().check(
    z.gte(Number.MIN_SAFE_INTEGER),
    z.lte(Number.MAX_SAFE_INTEGER),
    z.overwrite((value) => Number(value.toFixed(decimals))),
  );

/** WGS-84 degrees. */
export const position = z.object({ lat: z.number(), long: z.number() });
/** As a client sends it; with `datum: gcj02`, as phones in China give it, it is converted on the way in. */
export const positionInput = z.strictObject({
  lat: z.number().check(z.gte(-90), z.lte(90), z.overwrite(roundDegrees)),
  long: z.number().check(z.gte(-180), z.lte(180), z.overwrite(roundDegrees)),
  datum: z.optional(z.enum(['wgs84', 'gcj02'])),
});

/** A position in a query: `lat,long` in WGS-84 degrees. */
const NEAR = /^(-?\d{1,2}(?:\.\d{1,15})?),(-?\d{1,3}(?:\.\d{1,15})?)$/;
const positionIn = (text: string): Position => {
  const [, lat, long] = NEAR.exec(text) ?? [];
  return { lat: Number(lat), long: Number(long) };
};
const nearText = z.string().check(
  z.regex(NEAR, { abort: true, ...told('near') }),
  z.refine((text) => Math.abs(positionIn(text).lat) <= 90 && Math.abs(positionIn(text).long) <= 180, told('near')),
);
export const near = z.pipe(nearText, z.transform(positionIn));

/** How many of a list are wanted. */
/** Which version of something is asked for. */
export const versionAsked = z.optional(z.string().check(z.regex(/^[1-9]\d{0,5}$/, told('version'))));

export const listLimit = z.optional(z.string().check(z.regex(/^(?:[1-9]\d?|100)$/, told('limit'))));

/** `limit` and `cursor` of every list. */
export const paging = {
  limit: listLimit,
  /** Whatever does not open is 400, not a wrong field. */
  cursor: z.optional(z.string()),
};

const DEFAULT_LIMIT = 20;
export const limitOf = (limit: string | undefined): number => (limit === undefined ? DEFAULT_LIMIT : Number(limit));

export const page = <S extends z.ZodMiniType>(item: S) => z.object({ items: z.array(item), next: z.nullable(z.string()) });

/** Gives a schema the name under which the contract shows it, once. */
export const named = <S extends z.ZodMiniType>(name: string, schema: S): S => {
  z.globalRegistry.add(schema, { id: name });
  return schema;
};
