/** Every word of the dashboard, in both languages: one that is missing does not compile. */
import type { Level } from '../../kernel/division.ts';
import type { Language } from '../../kernel/texts.ts';

type Word = string | Readonly<Record<Level, string>> | ((...parts: never[]) => string);

const WORDS = {
  site: { 'zh-CN': '邻里 · 社区服务月报', en: 'Linli community services' },
  about: {
    'zh-CN': '居民的诉求有没有人管、办得好不好，每月公布，人人可查。',
    en: 'Are residents’ requests answered, and answered well? Published every month, open to everybody.',
  },
  ask: { 'zh-CN': '您身边的社区服务，办得怎么样？', en: 'How well are you served where you live?' },
  onThisPage: { 'zh-CN': '本页内容', en: 'On this page' },
  skip: { 'zh-CN': '跳到正文', en: 'Skip to the content' },
  otherLanguage: { 'zh-CN': 'English', en: '中文' },
  languageNav: { 'zh-CN': '语言', en: 'Language' },
  breadcrumb: { 'zh-CN': '所在区划', en: 'Divisions above' },
  country: { 'zh-CN': '全国各省', en: 'China' },
  choosePlace: { 'zh-CN': '请选择省份', en: 'Choose a province' },
  noPlaces: { 'zh-CN': '还没有区划。', en: 'There are no divisions yet.' },
  month: { 'zh-CN': '月份', en: 'Month' },
  show: { 'zh-CN': '查看', en: 'Show' },
  provisional: { 'zh-CN': '暂计', en: 'Provisional' },
  provisionalMeans: { 'zh-CN': '本月尚未定稿，数字还会变。', en: 'The month is not closed: figures will still change.' },
  final: { 'zh-CN': '已定稿', en: 'Final' },
  finalMeans: { 'zh-CN': '迟到的记录会另出一版，旧版保留。', en: 'Late records make a new revision; the old one is kept.' },
  revision: { 'zh-CN': (count: string) => `第 ${count} 版`, en: (count: string) => `revision ${count}` },
  computed: { 'zh-CN': '统计时间（北京时间）', en: 'Computed (Beijing time)' },
  indicators: { 'zh-CN': '本月指标', en: 'Indicators of the month' },
  noIndicators: { 'zh-CN': '本月还没有数字。', en: 'There are no figures for this month yet.' },
  ofWhole: {
    'zh-CN': (part: string, whole: string) => `${whole} 项中有 ${part} 项`,
    en: (part: string, whole: string) => `${part} of ${whole}`,
  },
  yuan: { 'zh-CN': (amount: string) => `${amount} 元`, en: (amount: string) => `¥${amount}` },
  target: { 'zh-CN': (value: string) => `目标 ${value}`, en: (value: string) => `Target ${value}` },
  met: { 'zh-CN': '达标', en: 'Met' },
  unmet: { 'zh-CN': '未达标', en: 'Not met' },
  hidden: { 'zh-CN': '不公布', en: 'Not shown' },
  small: { 'zh-CN': '人数过少', en: 'Fewer than 5' },
  smallMeans: {
    'zh-CN': '人数过少（不到 5），公布会泄露个人意见。',
    en: 'Fewer than 5: to show it would give single persons away.',
  },
  secondary: { 'zh-CN': '为保护隐私', en: 'For privacy' },
  secondaryMeans: {
    'zh-CN': '为保护隐私：公布后可推算出别处不公布的数字。',
    en: 'For privacy: a figure hidden elsewhere could be worked out from it.',
  },
  none: { 'zh-CN': '本月无', en: 'None this month' },
  noneMeans: { 'zh-CN': '本月没有可统计的记录。', en: 'There is nothing to count this month.' },
  later: { 'zh-CN': '定稿后公布', en: 'Shown when final' },
  laterMeans: { 'zh-CN': '涉及个人意见，月份定稿后公布。', en: 'It tells of personal opinions: shown when the month is final.' },
  definition: { 'zh-CN': '怎么算的', en: 'Definition' },
  choose: { 'zh-CN': '看走势', en: 'Trend' },
  chosen: { 'zh-CN': '走势见下', en: 'Trend below' },
  indicatorsShort: { 'zh-CN': '本月指标', en: 'Indicators' },
  trendShort: { 'zh-CN': '逐月走势', en: 'Trend' },
  rankingShort: { 'zh-CN': '排名', en: 'Ranking' },
  downloadsShort: { 'zh-CN': '下载', en: 'Download' },
  trend: { 'zh-CN': (name: string) => `${name}：逐月走势`, en: (name: string) => `${name}: month by month` },
  highest: {
    'zh-CN': (value: string, month: string) => `最高 ${value}（${month}）`,
    en: (value: string, month: string) => `Highest ${value} (${month})`,
  },
  lowest: {
    'zh-CN': (value: string, month: string) => `，最低 ${value}（${month}）。`,
    en: (value: string, month: string) => `, lowest ${value} (${month}).`,
  },
  chart: {
    'zh-CN': (name: string, from: string, to: string) => `${name}，${from}至${to}，折线图`,
    en: (name: string, from: string, to: string) => `${name}, ${from} to ${to}, line chart`,
  },
  chartDetail: {
    'zh-CN': (count: string, gaps: string) => `${count} 个月，其中 ${gaps} 个月没有数值。逐月数字见图下的表。`,
    en: (count: string, gaps: string) => `${count} months, ${gaps} of them without a value. Every figure is in the table below the chart.`,
  },
  legendTarget: { 'zh-CN': (value: string) => `虚线：目标 ${value}`, en: (value: string) => `Dashes: target ${value}` },
  legendProvisional: { 'zh-CN': '空心点：暂计', en: 'Hollow: provisional' },
  legendGap: { 'zh-CN': '断开处：当月无数值或不公布', en: 'Gap: no value, or not shown' },
  asTable: { 'zh-CN': '用表格看走势', en: 'The trend as a table' },
  value: { 'zh-CN': '数值', en: 'Value' },
  state: { 'zh-CN': '状态', en: 'Status' },
  ranking: {
    'zh-CN': (children: string, name: string) => `${children}排名：${name}`,
    en: (children: string, name: string) => `${children} by rank: ${name}`,
  },
  rank: { 'zh-CN': '名次', en: 'Rank' },
  place: { 'zh-CN': '区划', en: 'Division' },
  levels: {
    'zh-CN': { province: '各省', city: '各地市', county: '各区县', street: '各街道、乡镇', community: '各社区、村' },
    en: {
      province: 'Provinces',
      city: 'Cities',
      county: 'Districts and counties',
      street: 'Streets and townships',
      community: 'Communities and villages',
    },
  },
  barTarget: {
    'zh-CN': (value: string) => `横条中的竖线：目标 ${value}。`,
    en: (value: string) => `The upright mark in a bar: target ${value}. `,
  },
  goDown: { 'zh-CN': '点名称可查看下一级。', en: 'Follow a name to see it in detail.' },
  noDivision: { 'zh-CN': '没有这个区划', en: 'There is no such division' },
  noDivisionMeans: {
    'zh-CN': (code: string) => `没有代码为 ${code} 的区划。请检查网址，或从下面重新查找。`,
    en: (code: string) => `No division has the code ${code}. Check the address, or begin again below.`,
  },
  wrongAddress: { 'zh-CN': '网址有误', en: 'Something in the address is wrong' },
  wrongPart: {
    'zh-CN': (part: string, message: string) => `${part}：${message}`,
    en: (part: string, message: string) => `${part}: ${message}`,
  },
  tryLater: { 'zh-CN': '请稍后再试。', en: 'Please try again later.' },
  goOn: { 'zh-CN': '您可以查看', en: 'Where you can go on' },
  divisionByCode: { 'zh-CN': (code: string) => `区划 ${code}`, en: (code: string) => `Division ${code}` },
  downloads: { 'zh-CN': '下载数据（CSV 表格）', en: 'Download the data (CSV)' },
  downloadMonth: { 'zh-CN': '本月全部指标', en: 'All indicators of the month' },
  downloadSeries: { 'zh-CN': (name: string) => `逐月走势：${name}`, en: (name: string) => `Month by month: ${name}` },
  privacy: {
    'zh-CN': '数字由系统按月从服务记录中统计，没有人工填报。涉及个人意见的指标，人数不到 5 的不公布。',
    en: 'The system counts these figures from the records of service; nobody fills them in. Where opinions are counted, fewer than 5 are not shown.',
  },
} satisfies Record<string, Record<Language, Word>>;

export type Words = { readonly [Key in keyof typeof WORDS]: (typeof WORDS)[Key][Language] };

const wordsIn = (language: Language): Words =>
  Object.fromEntries(Object.entries(WORDS).map(([key, word]) => [key, word[language]])) as unknown as Words;

export const DASHBOARD_WORDS: Readonly<Record<Language, Words>> = { 'zh-CN': wordsIn('zh-CN'), en: wordsIn('en') };
