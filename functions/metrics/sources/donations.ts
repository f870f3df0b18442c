/** Indicators of the community foundation (社区基金): what it received and what it gave. A fund may be of a division of any level. */
import type { JournalImage } from '../../donations/reader.ts';
import { source } from '../indicator.ts';
import type { Life, State } from '../life.ts';

/** Money that was posted: it stays as it is, and counts in the month in which it was. */
interface JournalState extends State {
  readonly kind: string;
  readonly amount: number;
}

const SOURCE = {
  'zh-CN': '《中华人民共和国慈善法》（2023 年修正）：慈善组织的信息公开义务；《“十四五”城乡社区服务体系建设规划》：社区基金（会）',
  en: 'Charity Law of the People’s Republic of China (as amended in 2023): what charitable organisations disclose; plan for urban and rural community services in the 14th five-year period: community foundations',
};

/** Other journals move what is in the funds already, or are told of elsewhere. */
const COUNTED: ReadonlySet<string> = new Set(['donation', 'grant']);

const lifeOf = ({ id, version, fund, division, at, kind, amount }: JournalImage): Life<JournalState> => ({
  kind: 'journal',
  id: `${fund}/entries/${id}`,
  confidential: false,
  version,
  moments: COUNTED.has(kind) ? [{ at, state: { community: division, kind, amount } }] : [],
});

/** Fen of one kind of journal; a count of them has no denominator. */
const fenOf =
  (wanted: string) =>
  ({ kind, amount }: JournalState) =>
    kind === wanted ? { numerator: amount, denominator: 0 } : undefined;

export const donations = source({
  kind: 'journal',
  path: 'funds',
  levels: 'any',
  on: ['journal.posted'],
  life: lifeOf,
  isAlive: () => false,
  deadlines: () => [],
  indicators: [
    {
      id: 'donationsReceived',
      names: { 'zh-CN': '捐赠收入', en: 'Donations received' },
      definition: {
        'zh-CN': '本级及以下各级社区基金当月收到的捐赠总额；之后的退款计为支出，不从中扣减',
        en: 'Donations that community funds of the division and of those below it received in the month. What is refunded later counts as money out, and does not lessen them',
      },
      numerator: { 'zh-CN': '当月入账的捐赠金额', en: 'Donations posted in the month' },
      denominator: null,
      unit: 'fen',
      source: SOURCE,
      sensitive: false,
      count: fenOf('donation'),
    },
    {
      id: 'grantsPaid',
      names: { 'zh-CN': '资助支出', en: 'Grants paid' },
      definition: {
        'zh-CN': '本级及以下各级社区基金当月支付的资助总额',
        en: 'Grants that community funds of the division and of those below it paid in the month',
      },
      numerator: { 'zh-CN': '当月支付的资助金额', en: 'Grants posted as paid in the month' },
      denominator: null,
      unit: 'fen',
      source: SOURCE,
      sensitive: false,
      count: fenOf('grant'),
    },
  ],
});
