/** What is valid and would still serve residents badly: what profiles of CAP ask for beyond its schema. */
import type { Texts } from '../../kernel/texts.ts';
import type { EpochMs } from '../../kernel/time.ts';
import type { CapAlert, CapArea, CapInfo } from './cap.ts';
import { isWebAddress } from './address.ts';
import { momentOf } from './cap-time.ts';

/** §3.2.2: longer ones are cut where displays are small. */
const LONGEST_HEADLINE = 140;

const MESSAGES = {
  infoMissing: { 'zh-CN': '没有 info，居民看不到任何内容', en: 'there is no info: residents are told nothing' },
  headlineMissing: { 'zh-CN': '没有标题', en: 'there is no headline' },
  headlineLong: {
    'zh-CN': `标题超过 ${LONGEST_HEADLINE} 个字符，在小屏幕上会被截断`,
    en: `the headline has more than ${LONGEST_HEADLINE} characters: small displays cut it`,
  },
  instructionMissing: { 'zh-CN': '没有说明居民应当怎么做', en: 'residents are not told what to do' },
  expiresMissing: { 'zh-CN': '没有失效时间，不知何时结束', en: 'it is not told when this expires' },
  expiresPast: { 'zh-CN': '失效时间已过', en: 'it has expired already' },
  urgencyUnknown: { 'zh-CN': '紧急程度为 Unknown', en: 'the urgency is Unknown' },
  severityUnknown: { 'zh-CN': '严重程度为 Unknown', en: 'the severity is Unknown' },
  certaintyUnknown: { 'zh-CN': '确定程度为 Unknown', en: 'the certainty is Unknown' },
  webPartial: { 'zh-CN': '网址不完整，应以 https:// 开头', en: 'is no whole address: it should begin with https://' },
  areaMissing: { 'zh-CN': '没有区域，无法确定涉及哪些社区', en: 'there is no area: it cannot be told which communities it is for' },
  areaUnplaced: {
    'zh-CN': '区域没有多边形、圆或区划代码，无法确定涉及哪些社区',
    en: 'the area has no polygon, circle or geocode: it cannot be told which communities it is for',
  },
} as const satisfies Record<string, Texts>;

export type CapWarningCode = keyof typeof MESSAGES;

export interface CapWarning {
  readonly code: CapWarningCode;
  /** The element that is missing or could be better, as `info.0.headline`. */
  readonly path: string;
  readonly message: Texts;
}

type Found = readonly [code: CapWarningCode, path: string];
const when = (is: boolean, code: CapWarningCode, path: string): readonly Found[] => (is ? [[code, path]] : []);

const isUnplaced = ({ polygon, circle, geocode }: CapArea): boolean => polygon.length + circle.length + geocode.length === 0;

const ofInfo = (info: CapInfo, isOver: boolean, now: EpochMs): readonly Found[] => [
  ...when(info.headline === undefined, 'headlineMissing', 'headline'),
  ...when(Array.from(info.headline ?? '').length > LONGEST_HEADLINE, 'headlineLong', 'headline'),
  // What is over asks nothing of anybody.
  ...when(info.instruction === undefined && !isOver && !info.responseType.includes('AllClear'), 'instructionMissing', 'instruction'),
  ...when(info.expires === undefined, 'expiresMissing', 'expires'),
  ...when(info.expires !== undefined && momentOf(info.expires) <= now, 'expiresPast', 'expires'),
  ...when(info.urgency === 'Unknown', 'urgencyUnknown', 'urgency'),
  ...when(info.severity === 'Unknown', 'severityUnknown', 'severity'),
  ...when(info.certainty === 'Unknown', 'certaintyUnknown', 'certainty'),
  ...when(info.web !== undefined && !isWebAddress(info.web), 'webPartial', 'web'),
  ...when(info.area.length === 0, 'areaMissing', 'area'),
  ...info.area.flatMap((area, index) => when(isUnplaced(area), 'areaUnplaced', `area.${index}`)),
];

export const warningsOf = ({ msgType, info }: CapAlert, now: EpochMs): readonly CapWarning[] =>
  [
    ...when(info.length === 0, 'infoMissing', 'info'),
    ...info.flatMap((each, index) => ofInfo(each, msgType === 'Cancel', now).map(([code, path]): Found => [code, `info.${index}.${path}`])),
  ].map(([code, path]) => ({ code, path, message: MESSAGES[code] }));
