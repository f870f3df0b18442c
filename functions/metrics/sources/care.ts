/** Indicators of care (特殊困难老年人探访关爱): who was visited as often as they are to be. */
import { beginnings, careLife, careToldFrom, recipientImage, windowsBy, type CareState, type RecipientImage } from '../../care/reader.ts';
import { rate, source } from '../indicator.ts';
import type { Life } from '../life.ts';

const lifeOf = (image: RecipientImage): Life<CareState> => ({
  kind: 'recipient',
  id: image.id,
  // Who is looked after is for the workers of their community alone.
  confidential: true,
  version: image.version,
  tellsFrom: careToldFrom(image),
  moments: careLife(image),
});

export const care = source({
  kind: 'recipient',
  path: 'care/recipients',
  on: ['registered', 'changed'].map((change) => `careRecipient.${change}`),
  read: async (database, { id }) => {
    const image = await recipientImage(database, id);
    return image === undefined ? undefined : lifeOf(image);
  },
  life: lifeOf,
  isAlive: ({ activeFrom }) => activeFrom !== undefined,
  deadlines: (state, { month }) => beginnings(state, month),
  indicators: [
    {
      id: 'elderVisitRate',
      names: { 'zh-CN': '月探访率', en: 'Monthly visits' },
      definition: {
        'zh-CN':
          '月末在册且当月应探访的对象中，按月末所属层级完成探访的比例：重点高频对象在 1–7、8–14、15–21、22–28 日各探访一次，重点对象当月一次，一般对象截至当月的三个月内一次；时段开始后才在册的，该时段不计；未见到本人不算探访。月中只计已开始的时段',
        en: 'Of those looked after who are active on the last day and due: visited as their tier on that day asks: high, once in each of days 1–7, 8–14, 15–21, 22–28; key, once in the month; general, once in the three months that end with it. Who became active after a window began is not due in it; finding nobody is no visit. During a month, only windows that have begun count',
      },
      numerator: { 'zh-CN': '应探访时段均已探访的', en: 'Visited in every window in which they were due' },
      denominator: { 'zh-CN': '月末在册且当月应探访的', en: 'Active on the last day, and due' },
      unit: 'ratio',
      target: 1,
      source: {
        'zh-CN': '《“十四五”城乡社区服务体系建设规划》：特殊困难老年人月探访率达到 100%',
        en: 'Plan for urban and rural community services in the 14th five-year period: monthly visits to elders in special difficulty reach 100 %',
      },
      sensitive: true,
      count: (state, { month, until }) => {
        const windows = windowsBy(state, month, until);
        return windows.length === 0 ? undefined : rate(windows.every(({ visitedOn }) => visitedOn !== undefined));
      },
    },
  ],
});
