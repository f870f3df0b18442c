/** What an officer wants to say, whichever way it came in. Pure. */
import { COLOURS, gravestOf, UNKNOWN_COLOUR, type Colour } from '../kernel/colour.ts';
import { isDivisionCode, type DivisionCode } from '../kernel/division.ts';
import type { Texts } from '../kernel/texts.ts';
import { epochMs, fromInstant, HOUR, parseInstant, plus, toInstant, type EpochMs, type Instant } from '../kernel/time.ts';
import { ALERT_STATUSES, MESSAGE_TYPES, type Alert, type AlertStatus, type MessageType } from './alert.ts';
import type { Area } from './area.ts';
import type { CapAlert, CapArea, CapInfo, CapPoint } from './cap/cap.ts';
import { momentOf } from './cap/cap-time.ts';
import { colourOf } from './cap/colour.ts';
import type { AlertInput } from './contract.ts';
import {
  CATEGORY_WORDS,
  CERTAINTY_WORDS,
  RESPONSE_WORDS,
  URGENCY_WORDS,
  wordIn,
  type CategoryWord,
  type CertaintyWord,
  type ResponseWord,
  type UrgencyWord,
} from './words.ts';

export interface Draft {
  readonly status: AlertStatus;
  readonly messageType: MessageType;
  readonly category: CategoryWord | readonly CategoryWord[];
  readonly event: Texts;
  readonly colour?: Colour | undefined;
  readonly urgency: UrgencyWord;
  readonly certainty: CertaintyWord;
  readonly headline: Texts;
  readonly description: Texts;
  readonly instruction?: Texts | undefined;
  readonly responseTypes: readonly ResponseWord[];
  readonly effective: Instant;
  readonly onset?: Instant | undefined;
  readonly expires: Instant;
  /** Where it is said when it expires. */
  readonly expiresPath: string;
  readonly contact?: string | undefined;
  readonly note?: string | undefined;
  readonly areas: readonly Area[];
  /** In whose name, where the message says so. */
  readonly senderName?: string | undefined;
  /** The message as it came, where it came as CAP. */
  readonly cap?: CapAlert;
  /** It says nothing to residents: it has no info. */
  readonly isBare?: true;
}

const instantOf = (text: string): Instant => toInstant(parseInstant(text) ?? epochMs(0));

/** Its schema has seen that there is exactly one. */
const partsOf = ({ division, polygon, circle }: AlertInput['areas'][number], path: string): Area['parts'] => [
  ...(division === undefined ? [] : [{ path: `${path}.division`, part: { division } }]),
  ...(polygon === undefined
    ? []
    : [{ path: `${path}.polygon`, part: { polygon: polygon.map(([lat = 0, long = 0]): CapPoint => [lat, long]) } }]),
  ...(circle === undefined ? [] : [{ path: `${path}.circle`, part: { circle } }]),
];

export const draftFromInput = (input: AlertInput, messageType: MessageType, now: EpochMs): Draft => ({
  status: input.status,
  messageType,
  category: input.category,
  event: input.event,
  colour: input.colour,
  urgency: input.urgency,
  certainty: input.certainty,
  headline: input.headline,
  description: input.description,
  instruction: input.instruction,
  responseTypes: input.responseTypes ?? [],
  effective: input.effective === undefined ? toInstant(now) : instantOf(input.effective),
  onset: input.onset === undefined ? undefined : instantOf(input.onset),
  expires: instantOf(input.expires),
  expiresPath: 'expires',
  contact: input.contact,
  areas: input.areas.map((area, index) => ({
    path: `areas.${index}`,
    areaDesc: area.areaDesc,
    parts: partsOf(area, `areas.${index}`),
  })),
});

/** §3.2.2: without `expires` each recipient has a rule of its own; ours is a day. */
const USUAL_HOURS = 24;

/** What senders call the lists of divisions; ours is the first. */
export const DIVISION_LISTS = ['行政区划代码', '行政区域编码', '行政区划编码', '统计用区划代码'] as const;

/** The code that a list of 6, 12 or 14 digits fills up with zeros. */
const divisionIn = (value: string): DivisionCode | undefined => {
  if (!/^\d{2,14}$/.test(value)) return undefined;
  const length = [2, 4, 6, 9, 12].find((each) => /^0*$/.test(value.slice(each)));
  const code = length === undefined ? '' : value.slice(0, length);
  return isDivisionCode(code) ? code : undefined;
};

const areaFrom = (area: CapArea, path: string): Area => ({
  path,
  areaDesc: area.areaDesc,
  parts: [
    ...area.polygon.map((polygon, index) => ({ path: `${path}.polygon.${index}`, part: { polygon } })),
    ...area.circle.map((circle, index) => ({ path: `${path}.circle.${index}`, part: { circle } })),
    ...area.geocode.flatMap(({ valueName, value }, index) => {
      const division = DIVISION_LISTS.some((each) => each === valueName) ? divisionIn(value) : undefined;
      return division === undefined ? [] : [{ path: `${path}.geocode.${index}`, part: { division } }];
    }),
  ],
});

/** Several infos of a message about the same areas say the same once. */
const areasFrom = (infos: readonly CapInfo[]): readonly Area[] => {
  const seen = new Set<string>();
  const areas = infos.flatMap((info, at) => info.area.map((area, index) => areaFrom(area, `info.${at}.area.${index}`)));
  return areas.filter(({ parts, areaDesc }) => {
    const key = JSON.stringify(parts.length === 0 ? areaDesc : parts.map(({ part }) => part));
    return !seen.has(key) && seen.add(key) !== undefined;
  });
};

const speaks = (language: string, info: CapInfo): boolean => (info.language ?? 'en-US').toLowerCase().split('-')[0] === language;

const one = <T>(values: readonly T[]): T | readonly T[] => (values.length === 1 ? (values[0] ?? values) : values);

/** What stands for an info in a dry run of a message that has none. */
const NO_INFO: CapInfo = {
  category: ['Other'],
  event: '—',
  responseType: [],
  urgency: 'Unknown',
  severity: 'Unknown',
  certainty: 'Unknown',
  eventCode: [],
  parameter: [],
  resource: [],
  area: [],
};

/** The first of the gravest. */
const gravestIn = (infos: readonly CapInfo[]): CapInfo | undefined => {
  const rank = ({ severity }: CapInfo): number => COLOURS.indexOf(colourOf(severity) ?? UNKNOWN_COLOUR);
  return infos.reduce<CapInfo | undefined>((best, each) => (best === undefined || rank(each) > rank(best) ? each : best), undefined);
};

/**
 * What residents are told by a message from elsewhere. Of several infos the gravest in Chinese speaks, and one in English beside it; it is as grave
 * as the gravest of all, and holds from the first beginning of any until the last end. What is in one language is shown to all.
 */
export const draftFromCap = (cap: CapAlert): Draft => {
  const chinese = gravestIn(cap.info.filter((info) => speaks('zh', info)));
  const english = gravestIn(cap.info.filter((info) => speaks('en', info)));
  const main = chinese ?? english ?? gravestIn(cap.info) ?? NO_INFO;
  const infos = cap.info.length === 0 ? [main] : cap.info;
  const sent = momentOf(cap.sent);
  const texts = (of: (info: CapInfo) => string | undefined): Texts | undefined => {
    const text = of(main);
    const en = english === undefined ? undefined : of(english);
    return text === undefined ? undefined : { 'zh-CN': text, ...(en === undefined ? {} : { en }) };
  };
  const event = texts((info) => info.event) ?? { 'zh-CN': main.event };
  const headline = texts((info) => info.headline) ?? event;
  const effectives = infos.map((info) => (info.effective === undefined ? sent : momentOf(info.effective)));
  const ends = infos.map(({ expires }, index) =>
    expires === undefined ? plus(effectives[index] ?? sent, USUAL_HOURS * HOUR) : momentOf(expires),
  );
  const expires = epochMs(Math.max(...ends));
  return {
    status: wordIn(ALERT_STATUSES, cap.status),
    messageType: wordIn(MESSAGE_TYPES, cap.msgType),
    category: one(main.category.map((word) => wordIn(CATEGORY_WORDS, word))),
    event,
    colour: gravestOf(infos.map(({ severity }) => colourOf(severity))),
    urgency: wordIn(URGENCY_WORDS, main.urgency),
    certainty: wordIn(CERTAINTY_WORDS, main.certainty),
    headline,
    description: texts((info) => info.description) ?? headline,
    instruction: texts((info) => info.instruction),
    responseTypes: main.responseType.map((word) => wordIn(RESPONSE_WORDS, word)),
    effective: toInstant(epochMs(Math.min(...effectives))),
    onset: main.onset === undefined ? undefined : toInstant(momentOf(main.onset)),
    expires: toInstant(expires),
    expiresPath: `info.${ends.indexOf(expires)}.expires`,
    contact: main.contact,
    note: cap.note,
    areas: areasFrom(cap.info),
    senderName: main.senderName ?? cap.sender,
    cap,
    ...(cap.info.length === 0 ? { isBare: true } : {}),
  };
};

const OVER: Texts = { 'zh-CN': '解除：', en: 'Over: ' };
const IS_OVER: Texts = { 'zh-CN': '该预警已解除。', en: 'This warning is over.' };

const overHeadline = ({ 'zh-CN': chinese, en }: Texts): Texts => ({
  'zh-CN': OVER['zh-CN'] + chinese,
  ...(en === undefined ? {} : { en: `${OVER.en ?? ''}${en}` }),
});

/** The end of an alert: of what it was, and that it is over. Where, is known already. */
export const draftOfEnd = (alert: Alert, reason: string | undefined, now: EpochMs): Draft => ({
  status: alert.status,
  messageType: 'cancel',
  category: alert.category,
  event: alert.event,
  colour: alert.colour,
  urgency: 'past',
  certainty: alert.certainty,
  headline: overHeadline(alert.headline),
  description: reason === undefined ? IS_OVER : { 'zh-CN': reason },
  responseTypes: ['allClear'],
  effective: toInstant(now),
  expires: fromInstant(alert.expires) > now ? alert.expires : toInstant(plus(now, HOUR)),
  expiresPath: 'expires',
  contact: alert.contact,
  note: reason,
  areas: [],
});
