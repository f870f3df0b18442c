/** Indicators of what follows from a bad rating (差评整改). */
import { rectificationLife, type RectificationImage, type RectificationState } from '../../service-requests/reader.ts';
import { isWithin, rate, source } from '../indicator.ts';
import type { Life } from '../life.ts';

const lifeOf = (image: RectificationImage): Life<RectificationState> => ({
  kind: 'rectification',
  id: image.id,
  confidential: image.confidential,
  version: image.version,
  moments: rectificationLife(image),
});

export const rectifications = source({
  kind: 'rectification',
  path: 'rectifications',
  on: ['opened', 'calledBack', 'fixed', 'reviewed'].map((change) => `rectification.${change}`),
  life: lifeOf,
  isAlive: ({ fixBy }, end) => fixBy >= end,
  deadlines: ({ fixBy }) => [fixBy],
  indicators: [
    {
      id: 'rectificationRate',
      names: { 'zh-CN': '差评整改率', en: 'Bad ratings put right' },
      definition: {
        'zh-CN': '当月到期的差评整改中，按期回访并按期整改的比例；差评经复核撤销的不计',
        en: 'Of rectifications of bad ratings due in the month: called back and fixed on time. Those whose rating a review has struck are left out',
      },
      numerator: { 'zh-CN': '按期回访且按期整改的', en: 'Called back and fixed on time' },
      denominator: { 'zh-CN': '整改期限在当月的', en: 'Due to be fixed in the month' },
      unit: 'ratio',
      source: {
        'zh-CN': '《“十四五”城乡社区服务体系建设规划》：差评整改',
        en: 'Plan for urban and rural community services in the 14th five-year period: putting right what was rated badly',
      },
      sensitive: true,
      count: ({ callBackBy, calledBackAt, fixBy, fixedAt }, period) =>
        isWithin(fixBy, period) && fixBy < period.until
          ? rate(calledBackAt !== undefined && calledBackAt <= callBackBy && fixedAt !== undefined && fixedAt <= fixBy)
          : undefined,
    },
  ],
});
