/** Officers, what they warn of, and communities that have a place. */
import { alertsRelay } from '../../../functions/alerts/relay.ts';
import { REACTIONS } from '../../../lib/local/functions.ts';
import type { TokenClaims } from '../../../lib/local/issuer.ts';
import type { Answered, House } from '../../support/house.ts';
import { reactionsTo } from '../../support/listener.ts';
import { alertOfficer, CAOSHIJIE, DACISI, SHUIJINGFANG, ZONGFULU } from '../../support/people.ts';
import { ADMIN } from '../../support/world.ts';

export const cityOfficer: TokenClaims = { sub: 'officer-luo', roles: ['alertOfficer'], division: '5101' };
export const strangeOfficer: TokenClaims = { sub: 'officer-shi', roles: ['alertOfficer'], division: '510105' };

export const RAIN = {
  status: 'actual',
  category: 'met',
  event: { 'zh-CN': '暴雨', en: 'Rainstorm' },
  colour: 'orange',
  urgency: 'expected',
  certainty: 'likely',
  headline: { 'zh-CN': '锦江区发布暴雨橙色预警', en: 'Orange warning of rainstorm for Jinjiang District' },
  description: '预计未来 3 小时降雨量将达 50 毫米以上。',
  instruction: '请勿外出，请离开地下室。',
  responseTypes: ['shelter', 'avoid'],
  areas: [{ division: '510104017' }],
  expires: '2026-11-24T21:00:00+08:00',
  contact: '028-12345678',
};

const PLACES = [
  [SHUIJINGFANG, '水井坊社区', { lat: 30.6461, long: 104.0913 }],
  [DACISI, '大慈寺社区', { lat: 30.6535, long: 104.0838 }],
  [ZONGFULU, '总府路社区', { lat: 30.6586, long: 104.0795 }],
  [CAOSHIJIE, '草市街社区', { lat: 30.6725, long: 104.0755 }],
] as const;

/** Puts the communities of the tests where they are. */
export const settle = async (house: Pick<House, 'call'>): Promise<void> => {
  for (const [code, name, location] of PLACES) await house.call('PUT', `/v1/divisions/${code}`, { as: ADMIN, body: { name, location } });
};

export const post = (house: House, more: object = {}, as = alertOfficer, query = ''): Promise<Answered> =>
  house.post(`/v1/alerts${query}`, as, { ...RAIN, ...more });

/** The id of one that goes out. */
export const issued = async (house: House, more: object = {}, as = alertOfficer): Promise<string> => {
  const { status, body, text } = await post(house, more, as);
  if (status !== 201) throw new Error(text);
  return body.id;
};

export const CAP_TYPE = { 'content-type': 'application/cap+xml' };

export const postCap = (house: House, xml: string | Uint8Array, query = '', as = alertOfficer): Promise<Answered> =>
  house.call('POST', `/v1/alerts${query}`, { as, body: xml, headers: CAP_TYPE });

/** What follows from what is changed of alerts. */
export const alertReactions = (house: House) => reactionsTo(house, 'alerts', alertsRelay, REACTIONS);

/** Somebody answers an alert. */
export const answer = (house: House, alert: string, as: TokenClaims, body: object, more: object = {}): Promise<Answered> =>
  house.post(`/v1/alerts/${alert}/acknowledgements`, as, body, more);
