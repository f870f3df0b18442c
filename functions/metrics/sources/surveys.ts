/** Indicators of surveys (满意度调查): what their results tell by community, and nothing beside it. */
import type { Instant } from '../../kernel/time.ts';
import type { SurveyCountImage } from '../../surveys/reader.ts';
import { isWithin, source } from '../indicator.ts';
import type { Life, State } from '../life.ts';

/** What was counted when a survey ended: it stays as it is. */
interface SurveyCountState extends State {
  readonly closedAt: Instant;
  readonly satisfied: number;
  readonly answered: number;
}

const lifeOf = ({ survey, version, community, closedAt, satisfied, answered }: SurveyCountImage): Life<SurveyCountState> => ({
  kind: 'surveyCount',
  id: `${survey}/results?by=community&division=${community}`,
  confidential: false,
  version,
  moments: [{ at: closedAt, state: { community, closedAt, satisfied, answered } }],
});

export const surveys = source({
  kind: 'surveyCount',
  path: 'surveys',
  on: ['surveyCount.closed'],
  life: lifeOf,
  isAlive: () => false,
  deadlines: () => [],
  indicators: [
    {
      id: 'surveySatisfactionRate',
      names: { 'zh-CN': '群众满意率', en: 'Satisfied in surveys' },
      definition: {
        'zh-CN':
          '当月结束的满意度调查中，对满意度题作答者里评 4 分或 5 分的比例；调查结果中因作答人数少（或为保护这些社区）而不公布的社区，各级区划均不计入',
        en: 'Of those who answered the satisfaction question of surveys that ended in the month: levels 4 and 5. Communities that the surveys’ results do not show, for too few answered or to protect such ones, are left out, at every level',
      },
      numerator: { 'zh-CN': '评 4 分或 5 分的', en: 'Answered with 4 or 5' },
      denominator: { 'zh-CN': '对满意度题作答的', en: 'Answered the satisfaction question' },
      unit: 'ratio',
      source: {
        'zh-CN': '《“十四五”城乡社区服务体系建设规划》：群众满意度',
        en: 'Plan for urban and rural community services in the 14th five-year period: how satisfied the public is',
      },
      sensitive: true,
      count: ({ closedAt, satisfied, answered }, period) =>
        isWithin(closedAt, period) ? { numerator: satisfied, denominator: answered } : undefined,
    },
  ],
});
