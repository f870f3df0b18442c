/** Indicators of service requests and of what residents say of them (好差评). */
import { requestLife, type RequestImage, type RequestState } from '../../service-requests/reader.ts';
import { isWithin, ONE, rate, source, type Period } from '../indicator.ts';
import type { Life } from '../life.ts';

const SOURCE = {
  'zh-CN': '《“十四五”城乡社区服务体系建设规划》：即时响应、服务质量“好差评”',
  en: 'Plan for urban and rural community services in the 14th five-year period: immediate response, good/bad rating of services',
};

const isClosed = (state: RequestState, period: Period): boolean => state.phase === 'resolved' && isWithin(state.resolvedAt, period);

/** Waiting for the resident since before its deadline: the clock stands still. */
const isWaiting = ({ pausedAt, resolveBy }: RequestState): boolean => pausedAt !== undefined && pausedAt <= resolveBy;

const lifeOf = (image: RequestImage): Life<RequestState> => ({
  kind: 'request',
  id: image.id,
  confidential: image.visibility === 'confidential',
  version: image.version,
  moments: requestLife(image),
});

export const requests = source({
  kind: 'request',
  path: 'requests',
  on: [
    'submitted',
    'imported',
    'accepted',
    'rejected',
    'cancelled',
    'markedDuplicate',
    'transferred',
    'assigned',
    'resolved',
    'extended',
    'paused',
    'resumed',
    'reopened',
    'rated',
    'ratingStruck',
  ].map((change) => `serviceRequest.${change}`),
  life: lifeOf,
  isAlive: ({ phase }) => phase === 'open',
  deadlines: (state) =>
    state.phase !== 'open'
      ? []
      : [...(state.respondedAt === undefined ? [state.respondBy] : []), ...(isWaiting(state) ? [] : [state.resolveBy])],
  indicators: [
    {
      id: 'requestsReceived',
      names: { 'zh-CN': '受理诉求数', en: 'Requests received' },
      definition: { 'zh-CN': '当月提出的服务诉求数', en: 'Service requests made in the month' },
      numerator: { 'zh-CN': '提出时间在当月的诉求', en: 'Requests made in the month' },
      denominator: null,
      unit: 'count',
      source: SOURCE,
      sensitive: false,
      count: (state, period) => (isWithin(state.requestedAt, period) ? ONE : undefined),
    },
    {
      id: 'requestsClosed',
      names: { 'zh-CN': '办结诉求数', en: 'Requests closed' },
      definition: {
        'zh-CN': '截至月末最后一次办结在当月、且月末前未重新打开的诉求数',
        en: 'Requests whose last resolve up to the month’s end falls in the month, and that were not reopened by then',
      },
      numerator: { 'zh-CN': '当月办结的诉求', en: 'Requests resolved in the month' },
      denominator: null,
      unit: 'count',
      source: SOURCE,
      sensitive: false,
      count: (state, period) => (isClosed(state, period) ? ONE : undefined),
    },
    {
      id: 'respondedOnTimeRate',
      names: { 'zh-CN': '响应率', en: 'Responded to on time' },
      definition: {
        'zh-CN': '当月首次响应的和月末仍未响应且已逾期的诉求中，按期响应的比例；首次响应指最先的受理、不予受理、标记重复或派单',
        en: 'Of requests first responded to in the month, and those still waiting at its end after their deadline: responded to on time. The first response is the first of accept, reject, duplicate and assign',
      },
      numerator: { 'zh-CN': '在响应期限内首次响应的', en: 'First responded to by the deadline' },
      denominator: {
        'zh-CN': '当月首次响应的，加上月末未响应且已逾期的',
        en: 'First responded to in the month, or overdue without a response at its end',
      },
      unit: 'ratio',
      source: SOURCE,
      sensitive: false,
      count: ({ phase, respondedAt, respondBy }, period) => {
        if (respondedAt !== undefined) return isWithin(respondedAt, period) ? rate(respondedAt <= respondBy) : undefined;
        return phase === 'open' && respondBy < period.until ? rate(false) : undefined;
      },
    },
    {
      id: 'resolvedOnTimeRate',
      names: { 'zh-CN': '按期办结率', en: 'Resolved on time' },
      definition: {
        'zh-CN': '当月办结的和月末仍未办结且已逾期的诉求中，按期办结的比例；未办结的在其逾期的每个月都计入，不予受理、已取消和重复的不计',
        en: 'Of requests closed in the month, and those unresolved at its end after their deadline: resolved on time. One that stays open counts in every month; rejected, cancelled and duplicate ones are left out',
      },
      numerator: { 'zh-CN': '在办结期限内办结的', en: 'Resolved by the deadline' },
      denominator: { 'zh-CN': '当月办结的，加上月末未办结且已逾期的', en: 'Closed in the month, or overdue and unresolved at its end' },
      unit: 'ratio',
      source: SOURCE,
      sensitive: false,
      count: (state, period) => {
        if (isClosed(state, period)) return rate(state.resolvedAt !== undefined && state.resolvedAt <= state.resolveBy);
        return state.phase === 'open' && state.resolveBy < period.until && !isWaiting(state) ? rate(false) : undefined;
      },
    },
    {
      id: 'satisfactionRate',
      names: { 'zh-CN': '满意率', en: 'Satisfaction' },
      definition: {
        'zh-CN': '当月有效评价中，基本满意（3 级）及以上的比例；经复核撤销的评价不计',
        en: 'Of valid ratings given in the month: level 3 or better. Ratings that a review has struck do not count',
      },
      numerator: { 'zh-CN': '3 级及以上的评价', en: 'Ratings of level 3 or better' },
      denominator: { 'zh-CN': '当月的有效评价', en: 'Valid ratings given in the month' },
      unit: 'ratio',
      source: SOURCE,
      sensitive: true,
      count: ({ ratings }, period) => {
        const given = ratings.filter(({ at }) => isWithin(at, period));
        return given.length === 0 ? undefined : { numerator: given.filter(({ level }) => level >= 3).length, denominator: given.length };
      },
    },
    {
      id: 'ratedRate',
      names: { 'zh-CN': '评价率', en: 'Rated' },
      definition: {
        'zh-CN': '当月办结的诉求中，截至月末已获有效评价的比例',
        en: 'Of requests closed in the month: those that had a valid rating by its end',
      },
      numerator: { 'zh-CN': '月末前已评价的', en: 'Rated by the month’s end' },
      denominator: { 'zh-CN': '当月办结的诉求', en: 'Requests closed in the month' },
      unit: 'ratio',
      source: SOURCE,
      sensitive: true,
      denominatorOf: 'requestsClosed',
      // Whoever is counted as having rated has given a rating in the month.
      hiddenWith: 'satisfactionRate',
      count: (state, period) =>
        isClosed(state, period)
          ? rate(state.ratings.some(({ at }) => state.resolvedAt !== undefined && at >= state.resolvedAt))
          : undefined,
    },
  ],
});
