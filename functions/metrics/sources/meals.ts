/**
 * Indicators of meal help (助餐): where there is any. What it is a part of are the communities that there are, which stay from month to month, and lie
 * in their street together: nothing happens to most of them, and none is counted by itself. What happens are days on which meals were given out, each
 * dated on that day, however late it is entered.
 */
import { communityLife, type CommunityState, type DivisionImage } from '../../divisions/reader.ts';
import { startOfDay, toInstant } from '../../kernel/time.ts';
import type { MealDayImage } from '../../places/reader.ts';
import { source, type Indicator } from '../indicator.ts';
import type { Life, State } from '../life.ts';

interface MealState extends State {
  readonly meals: number;
}

const mealCoverageRate: Indicator<CommunityState | MealState> & { readonly sensitive: false } = {
  id: 'mealCoverageRate',
  names: { 'zh-CN': '助餐覆盖率', en: 'Communities with meal help' },
  definition: {
    'zh-CN': '月末在用的社区中，当月助餐点供餐（堂食和送餐合计）至少一份的比例；社区自在本系统建立的前一个月起计入',
    en: 'Of communities in use at the month’s end: those in which meal points gave out at least one meal in the month, served or delivered. A community counts from the month before it was made known here',
  },
  numerator: { 'zh-CN': '当月有助餐点供餐的社区', en: 'Communities in which a meal was given out in the month' },
  denominator: { 'zh-CN': '月末在用的社区', en: 'Communities in use at the month’s end' },
  unit: 'ratio',
  target: 0.8,
  targetIn: 'largeCities',
  source: {
    'zh-CN': '《“十四五”城乡社区服务体系建设规划》：大城市老年助餐服务覆盖 80% 以上社区',
    en: 'Plan for urban and rural community services in the 14th five-year period: meal help for the elderly in over 80 % of communities of large cities',
  },
  sensitive: false,
  ofCommunities: { barredBy: (state) => 'inUse' in state && !state.inUse },
  count: (state) => {
    if ('meals' in state) return state.meals >= 1 ? { numerator: 1, denominator: 0 } : undefined;
    return state.inUse ? { numerator: 0, denominator: 1 } : undefined;
  },
};

const communityLifeOf = (image: DivisionImage): Life<CommunityState> => ({
  kind: 'community',
  id: image.code,
  confidential: false,
  version: image.version,
  moments: communityLife(image),
});

export const communities = source({
  kind: 'community',
  path: 'divisions',
  levels: 'any',
  on: ['division.made', 'division.changed'],
  life: communityLifeOf,
  isAlive: () => true,
  deadlines: () => [],
  indicators: [mealCoverageRate],
});

const mealLifeOf = ({ point, date, served, delivered, community, version }: MealDayImage): Life<MealState> => ({
  kind: 'mealDay',
  id: `${point}/days/${date}`,
  confidential: false,
  version,
  moments: [{ at: toInstant(startOfDay(date)), state: { community, meals: served + delivered } }],
});

export const meals = source({
  kind: 'mealDay',
  path: 'meal-points',
  on: ['mealDay.entered', 'mealDay.changed'],
  life: mealLifeOf,
  isAlive: () => false,
  deadlines: () => [],
  indicators: [mealCoverageRate],
});
