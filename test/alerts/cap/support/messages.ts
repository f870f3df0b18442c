/** Messages of our own, as data and as XML. */
import type { CapAlert, CapInfo } from '../../../../functions/alerts/cap/cap.ts';
import type { CapTime } from '../../../../functions/alerts/cap/cap-time.ts';
import { CAP_NAMESPACE } from '../../../../functions/alerts/cap/cap.ts';
import { readCap, type CapProblem } from '../../../../functions/alerts/cap/read-cap.ts';

const at = (text: string): CapTime => text as CapTime;

const CHINESE: CapInfo = {
  language: 'zh-CN',
  category: ['Met', 'Safety'],
  event: '暴雨',
  responseType: ['Shelter', 'Avoid'],
  urgency: 'Expected',
  severity: 'Severe',
  certainty: 'Likely',
  audience: '锦江区居民',
  eventCode: [{ valueName: '预警种类', value: '11B03' }],
  effective: at('2026-11-24T09:00:00+08:00'),
  onset: at('2026-11-24T10:00:00+08:00'),
  expires: at('2026-11-24T21:00:00+08:00'),
  senderName: '锦江区应急管理局',
  headline: '锦江区发布暴雨橙色预警',
  description: '　　预计未来 3 小时降雨量将达 50 毫米以上。\n　　低洼处 < 1 米 & 地下室可能进水。',
  instruction: '请勿外出；请离开地下室。',
  web: 'https://yj.example.cn/alerts/1?a=1&b=2',
  contact: '028-12345678',
  parameter: [{ valueName: '备注', value: '' }],
  resource: [
    {
      resourceDesc: '降雨图',
      mimeType: 'image/png',
      size: 3,
      uri: 'https://yj.example.cn/rain.png',
      derefUri: 'AAEC',
      digest: '0c7a623fd2bbc05b06423be359e4021d36e721ad',
    },
  ],
  area: [
    {
      areaDesc: '水井坊社区',
      polygon: [
        [
          [30.64, 104.08],
          [30.66, 104.08],
          [30.66, 104.1],
          [30.64, 104.08],
        ],
      ],
      circle: [{ lat: 30.6461, long: 104.0913, radiusKm: 1.5 }],
      geocode: [{ valueName: '统计用区划代码', value: '510104022001' }],
      altitude: 1640.4,
      ceiling: 3280.84,
    },
  ],
};

const ENGLISH: CapInfo = {
  ...CHINESE,
  language: 'en',
  event: 'Rainstorm',
  headline: 'Orange warning of rainstorm for Jinjiang District',
  description: 'More than 50 mm of rain within 3 hours.',
  instruction: 'Stay indoors & leave basements.',
};

/** Everything that there is in a message, in two languages. */
export const ALERT: CapAlert = {
  identifier: '51010441600000_20261124090000_1',
  sender: '51010441600000',
  sent: at('2026-11-24T09:00:00+08:00'),
  status: 'Actual',
  msgType: 'Alert',
  source: '区气象台',
  scope: 'Public',
  addresses: '"street office" 510104022',
  code: ['IPAWSv1.0', '国家突发事件预警'],
  note: '演练结束后的首次预警',
  references: [],
  incidents: '2026-rain-7',
  info: [CHINESE, ENGLISH],
};

const EARLIER = { sender: ALERT.sender, identifier: ALERT.identifier, sent: ALERT.sent };

export const UPDATE: CapAlert = {
  ...ALERT,
  identifier: '51010441600000_20261124120000_2',
  sent: at('2026-11-24T12:00:00+08:00'),
  msgType: 'Update',
  references: [EARLIER],
  info: [
    { ...CHINESE, severity: 'Extreme', headline: '锦江区升级发布暴雨红色预警' },
    { ...ENGLISH, severity: 'Extreme' },
  ],
};

export const CANCEL: CapAlert = {
  ...ALERT,
  identifier: '51010441600000_20261124180000_3',
  sent: at('2026-11-24T18:00:00+08:00'),
  msgType: 'Cancel',
  references: [EARLIER, { ...EARLIER, identifier: UPDATE.identifier, sent: UPDATE.sent }],
  info: [],
};

export interface Pieces {
  /** Instead of the whole info. */
  readonly info?: string;
  /** Beside the elements of an info that must be there. */
  readonly inInfo?: string;
  /** Of the message, after those that must be there and before its info. */
  readonly inAlert?: string;
}

/** A small valid message in XML, with pieces of the caller's. */
export const xml = ({ inInfo = '', inAlert = '', info }: Pieces = {}): string =>
  `<alert xmlns="${CAP_NAMESPACE}"><identifier>a</identifier><sender>b</sender><sent>2026-11-24T09:00:00+08:00</sent><status>Test</status>` +
  `<msgType>Alert</msgType><scope>Public</scope>${inAlert}${
    info ??
    `<info><category>Met</category><event>e</event><urgency>Past</urgency><severity>Minor</severity><certainty>Likely</certainty>${inInfo}</info>`
  }</alert>`;

export const read = (message: string | Uint8Array): ReturnType<typeof readCap> =>
  readCap(typeof message === 'string' ? Buffer.from(message) : message);

/** The message, which has to be one. */
export const readWell = (message: string | Uint8Array): CapAlert => {
  const result = read(message);
  if (!result.ok) throw new Error(JSON.stringify(result.error));
  return result.value;
};

const problem = (message: string | Uint8Array): CapProblem => {
  const result = read(message);
  if (result.ok) throw new Error(`read as ${JSON.stringify(result.value).slice(0, 1000)}`);
  return result.error;
};

/** Where it is wrong, and in which words; it has to be well-formed. */
export const wrongs = (message: string | Uint8Array): Readonly<Record<string, string>> => {
  const found = problem(message);
  if (found.code !== 'invalid') throw new Error(found.detail.en);
  return Object.fromEntries(found.errors.map(({ path, message: { en = '' } }) => [path, en]));
};

/** Why nothing of it is read. */
export const refusal = (message: string | Uint8Array): string => {
  const found = problem(message);
  return found.code === 'malformed' ? (found.detail.en ?? '') : JSON.stringify(found.errors);
};
