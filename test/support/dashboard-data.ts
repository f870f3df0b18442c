/** What a dashboard of 锦江区 could look like: twelve months, its streets, figures that are hidden, missing and provisional. */
import type {
  DashboardChild,
  DashboardData,
  DashboardFigure,
  DashboardIndicator,
  DashboardMonth,
} from '../../functions/metrics/dashboard/data.ts';
import type { Language } from '../../functions/kernel/texts.ts';

const MONTHS = [
  '2026-10',
  '2026-09',
  '2026-08',
  '2026-07',
  '2026-06',
  '2026-05',
  '2026-04',
  '2026-03',
  '2026-02',
  '2026-01',
  '2025-12',
  '2025-11',
];

export const count = (value: number): DashboardFigure => ({ numerator: value, denominator: null, value });
export const rate = (numerator: number, denominator: number): DashboardFigure => ({
  numerator,
  denominator,
  value: Math.round((numerator / denominator) * 1e6) / 1e6,
});
const HIDDEN = { numerator: null, denominator: null, value: null };
export const small: DashboardFigure = { ...HIDDEN, suppressed: 'small' };
export const secondary: DashboardFigure = { ...HIDDEN, suppressed: 'secondary' };
export const none: DashboardFigure = { numerator: 0, denominator: 0, value: null };

const NAMES = {
  requestsReceived: {
    'zh-CN': ['居民诉求受理数', '当月提出的诉求件数。'],
    en: ['Requests received', 'Requests that residents made in the month.'],
  },
  requestsClosed: {
    'zh-CN': ['办结数', '截至月末最后一次办结在当月、且未重新打开的诉求件数。'],
    en: ['Requests closed', 'Requests whose last resolve falls in the month and which were not opened again by its end.'],
  },
  respondedOnTimeRate: {
    'zh-CN': ['响应率', '当月首次响应的诉求，加上月末已过响应期限仍未响应的；其中按时响应的所占比例。'],
    en: ['Responded to on time', 'Of the first responses in the month, and of those still due at its end: the share that came on time.'],
  },
  resolvedOnTimeRate: {
    'zh-CN': ['按期办结率', '当月办结的诉求，加上月末已过办结期限仍未办结的；其中按期办结的所占比例。'],
    en: ['Resolved on time', 'Of requests closed, and of those overdue at the month’s end: the share that was closed in time.'],
  },
  satisfactionRate: {
    'zh-CN': ['满意率', '当月有效评价中，“基本满意”及以上的所占比例。'],
    en: ['Satisfaction', 'Of the valid ratings given in the month: level 3 or better.'],
  },
  ratedRate: {
    'zh-CN': ['评价率', '当月办结的诉求中，居民已评价的所占比例。'],
    en: ['Rated', 'Of requests closed: the share that was rated.'],
  },
  rectificationRate: {
    'zh-CN': ['差评整改率', '当月到期的差评整改中，已回访并按时整改的所占比例。'],
    en: ['Bad ratings put right', 'Of rectifications due in the month: called back and fixed on time.'],
  },
} as const satisfies Record<string, Record<Language, readonly [string, string]>>;

const indicator = (
  language: Language,
  id: keyof typeof NAMES,
  unit: DashboardIndicator['unit'],
  figure: DashboardFigure,
  aim: Pick<DashboardIndicator, 'target' | 'met'> = {},
): DashboardIndicator => ({ id, name: NAMES[id][language][0], definition: NAMES[id][language][1], unit, ...figure, ...aim });

const SERIES: readonly (readonly [number, number])[] = [
  [1043, 1180],
  [1121, 1236],
  [1288, 1397],
  [702, 851],
  [1190, 1271],
  [1164, 1222],
  [0, 0],
  [1240, 1301],
  [1337, 1389],
  [1302, 1340],
  [1275, 1311],
  [1200, 1245],
];

const trend: readonly DashboardMonth[] = MONTHS.toReversed().map((month, index) => {
  const [numerator, denominator] = SERIES[index] ?? [0, 0];
  return { month, status: month === '2026-10' ? 'provisional' : 'final', ...(denominator === 0 ? none : rate(numerator, denominator)) };
});

const STREETS: readonly (readonly [string, string, DashboardFigure])[] = [
  ['510104022', '春熙路街道', rate(131, 131)],
  ['510104037', '三圣街道', rate(88, 89)],
  ['510104018', '东湖街道', rate(142, 144)],
  ['510104035', '成龙路街道', rate(171, 174)],
  ['510104017', '锦官驿街道', rate(97, 100)],
  ['510104019', '锦华路街道', rate(97, 100)],
  ['510104023', '书院街街道', rate(119, 124)],
  ['510104026', '牛市口街道', rate(104, 111)],
  ['510104036', '柳江街道', rate(149, 164)],
  ['510104030', '沙河街道', rate(63, 74)],
  ['510104032', '狮子山街道', none],
];

const children: readonly DashboardChild[] = STREETS.map(([code, name, figure]) => ({
  code,
  name,
  rank: figure.value === null ? null : STREETS.findIndex(([, , { value }]) => value === figure.value) + 1,
  ...figure,
  target: 0.9,
  met: figure.value === null ? undefined : figure.value >= 0.9,
}));

/** 锦江区 in October 2026, provisional, with the response rate chosen. */
export const dashboardData = (language: Language, change: Partial<DashboardData> = {}): DashboardData => ({
  language,
  path: [
    { code: '51', name: '四川省' },
    { code: '5101', name: '成都市' },
    { code: '510104', name: '锦江区' },
  ],
  month: '2026-10',
  months: MONTHS,
  status: 'provisional',
  revision: 1,
  computedAt: '2026-10-31T16:30:00.000Z',
  indicators: [
    indicator(language, 'requestsReceived', 'count', count(1311)),
    indicator(language, 'requestsClosed', 'count', count(1187)),
    indicator(language, 'respondedOnTimeRate', 'ratio', rate(1200, 1245), { target: 0.9, met: true }),
    indicator(language, 'resolvedOnTimeRate', 'ratio', rate(1052, 1218), { target: 0.9, met: false }),
    indicator(language, 'satisfactionRate', 'ratio', HIDDEN, { target: 0.9 }),
    indicator(language, 'ratedRate', 'ratio', secondary),
    indicator(language, 'rectificationRate', 'ratio', small, { target: 1 }),
  ],
  indicator: 'respondedOnTimeRate',
  trend,
  children,
  ...change,
});

/** Where one begins: the provinces, without figures. */
export const startData = (language: Language): DashboardData =>
  dashboardData(language, {
    path: [],
    indicators: [],
    trend: [],
    children: [
      ['11', '北京市'],
      ['31', '上海市'],
      ['33', '浙江省'],
      ['51', '四川省'],
      ['65', '新疆维吾尔自治区'],
    ].map(([code = '', name = '']) => ({ code, name, rank: null, ...HIDDEN })),
  });
