/** What is wrong with an alert that is to be issued: a 422, and in a dry run a warning. */
import type { FieldError } from '../http/problem.ts';
import type { Texts } from '../kernel/texts.ts';
import { MOST_AREAS } from './alert.ts';
import { MOST_POINTS } from './area.ts';

const MESSAGES = {
  expiresEarly: { 'zh-CN': '应晚于生效时间', en: 'must be later than when it takes effect' },
  infoMissing: { 'zh-CN': '没有 info，也找不到它所更新或解除的预警', en: 'is missing, and what it updates or cancels is not here' },
  referencesMany: { 'zh-CN': '一次更新或解除的预警过多', en: 'stands in the place of too many at once' },
  areaMissing: { 'zh-CN': '没有区域', en: 'is missing: there is no area' },
  areaMany: { 'zh-CN': `区域合计不能超过 ${MOST_AREAS} 个`, en: `must have ${MOST_AREAS} parts or fewer in all` },
  areaDetailed: { 'zh-CN': `多边形的点合计不能超过 ${MOST_POINTS} 个`, en: `must have ${MOST_POINTS} points or fewer in all` },
  areaLarge: { 'zh-CN': '图形过大，请改用区划', en: 'is too large for a shape: name divisions' },
  areaEmpty: { 'zh-CN': '没有覆盖任何社区', en: 'covers no community here' },
  areaInactive: { 'zh-CN': '该区划已停用', en: 'is a division no longer in use' },
  areaOutside: { 'zh-CN': '超出您负责的区划', en: 'reaches outside your division' },
  polygonFew: { 'zh-CN': '多边形至少应有三个不同的角', en: 'must have three corners or more' },
  polygonOpen: { 'zh-CN': '多边形未闭合：最后一个点应与第一个点相同', en: 'is not closed: its last point must be its first' },
  polygonCrossing: { 'zh-CN': '多边形的边相交', en: 'must not cross or touch itself' },
  tooLarge: {
    'zh-CN': '报文过大，请不要在 derefUri 中附带内容，改用 uri',
    en: 'is too large: leave out derefUri, and give a uri instead',
  },
} as const satisfies Record<string, Texts>;

export type FaultCode = keyof typeof MESSAGES;

export interface Fault extends FieldError {
  readonly code: FaultCode;
}

/** `more` says which ones. */
export const fault = (code: FaultCode, path: string, more = ''): Fault => {
  const { 'zh-CN': chinese, en } = MESSAGES[code];
  return { code, path, message: more === '' ? { 'zh-CN': chinese, en } : { 'zh-CN': `${chinese}：${more}`, en: `${en}: ${more}` } };
};
