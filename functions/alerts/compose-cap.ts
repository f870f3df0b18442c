/** An alert of ours as a message of CAP: an info in zh-CN, and one in en where there is any. Pure. */
import type { Colour } from '../kernel/colour.ts';
import { inLanguage, type Language, type Texts } from '../kernel/texts.ts';
import { fromInstant, type Instant } from '../kernel/time.ts';
import type { Alert } from './alert.ts';
import type { PlacedPart } from './area.ts';
import {
  CATEGORIES,
  CERTAINTIES,
  MSG_TYPES,
  RESPONSE_TYPES,
  STATUSES,
  URGENCIES,
  type CapAlert,
  type CapArea,
  type CapInfo,
} from './cap/cap.ts';
import { capTimeOf, type CapTime } from './cap/cap-time.ts';
import { severityOf } from './cap/colour.ts';
import { DIVISION_LISTS } from './draft.ts';
import { wordIn } from './words.ts';

const COLOUR_LIST = '预警颜色';
export const COLOUR_NAMES = {
  blue: { 'zh-CN': '蓝', en: 'blue' },
  yellow: { 'zh-CN': '黄', en: 'yellow' },
  orange: { 'zh-CN': '橙', en: 'orange' },
  red: { 'zh-CN': '红', en: 'red' },
} as const satisfies Record<Colour, Texts>;

const timeOf = (instant: Instant): CapTime => capTimeOf(fromInstant(instant));

const areaOf = (part: PlacedPart): CapArea => ({
  areaDesc: part.areaDesc,
  polygon: 'polygon' in part ? [part.polygon] : [],
  circle: 'circle' in part ? [part.circle] : [],
  geocode: 'division' in part ? [{ valueName: DIVISION_LISTS[0], value: part.division }] : [],
});

const infoIn = (language: Language, alert: Alert, areas: readonly PlacedPart[]): CapInfo => ({
  language,
  category: [alert.category].flat().map((word) => wordIn(CATEGORIES, word)),
  event: inLanguage(alert.event, language),
  responseType: alert.responseTypes.map((word) => wordIn(RESPONSE_TYPES, word)),
  urgency: wordIn(URGENCIES, alert.urgency),
  severity: alert.colour === undefined ? 'Unknown' : severityOf(alert.colour),
  certainty: wordIn(CERTAINTIES, alert.certainty),
  eventCode: [],
  effective: timeOf(alert.effective),
  ...(alert.onset === undefined ? {} : { onset: timeOf(alert.onset) }),
  expires: timeOf(alert.expires),
  senderName: alert.senderName,
  headline: inLanguage(alert.headline, language),
  description: inLanguage(alert.description, language),
  ...(alert.instruction === undefined ? {} : { instruction: inLanguage(alert.instruction, language) }),
  ...(alert.contact === undefined ? {} : { contact: alert.contact }),
  parameter: alert.colour === undefined ? [] : [{ valueName: COLOUR_LIST, value: COLOUR_NAMES[alert.colour]['zh-CN'] }],
  resource: [],
  area: areas.map(areaOf),
});

/** As it is published under that identifier. */
export const composeCap = (alert: Alert, areas: readonly PlacedPart[], identifier: string): CapAlert => {
  const said = [alert.event, alert.headline, alert.description, ...(alert.instruction === undefined ? [] : [alert.instruction])];
  const languages: readonly Language[] = said.some(({ en }) => en !== undefined) ? ['zh-CN', 'en'] : ['zh-CN'];
  return {
    identifier,
    sender: alert.sender,
    sent: timeOf(alert.sent),
    status: wordIn(STATUSES, alert.status),
    msgType: wordIn(MSG_TYPES, alert.messageType),
    scope: 'Public',
    code: [],
    ...(alert.note === undefined ? {} : { note: alert.note }),
    references: alert.references,
    info: languages.map((language) => infoIn(language, alert, areas)),
  };
};
