/** Indicators of emergency alerts (突发事件预警): whom they reached. Who has no home is counted in the division that they have subscribed to. */
import type { ReachImage } from '../../notifications/reader.ts';
import { source } from '../indicator.ts';
import type { Life, State } from '../life.ts';

/** Part of an alert's sums in a division; it counts in the month in which the alert was sent, however late it is delivered. */
interface ReachState extends State {
  readonly targeted: number;
  readonly delivered: number;
}

const lifeOf = ({ alert, status, sentAt, community, part, version, targeted, delivered }: ReachImage): Life<ReachState> => ({
  kind: 'reach',
  id: `${alert}/reach/${community}.${part}`,
  confidential: false,
  version,
  // Exercises and tests count nowhere.
  moments: status === 'actual' ? [{ at: sentAt, state: { community, targeted, delivered } }] : [],
});

export const alerts = source({
  kind: 'reach',
  path: 'alerts',
  levels: 'any',
  on: ['reach.counted'],
  life: lifeOf,
  isAlive: () => false,
  deadlines: () => [],
  indicators: [
    {
      id: 'alertReachRate',
      names: { 'zh-CN': '预警送达率', en: 'Alert reach rate' },
      definition: {
        'zh-CN': '当月发布的预警（不含演练和测试）应通知的人中，通知渠道确认送达的比例；一人多个渠道只计一次，一人收到几条预警计几次',
        en: 'Of those whom alerts of the month were to tell (exercises and tests aside), those of whom a carrier says that it was delivered; a person counts once an alert, by whichever channel',
      },
      numerator: { 'zh-CN': '已确认送达的人次', en: 'Persons delivered to, once an alert' },
      denominator: { 'zh-CN': '应通知的人次', en: 'Persons to be told, once an alert' },
      unit: 'ratio',
      source: {
        'zh-CN': '《中华人民共和国突发事件应对法》（2024 年修订）：及时、准确向社会发布突发事件预警信息',
        en: 'Emergency Response Law of the People’s Republic of China (revised in 2024): warnings reach the public in time and correctly',
      },
      sensitive: false,
      // Of a part alone, more may be delivered than targeted.
      count: ({ targeted, delivered }) => (targeted === 0 && delivered === 0 ? undefined : { numerator: delivered, denominator: targeted }),
    },
  ],
});
