/** Surveys for tests, and people who answer them. */
import type { TokenClaims } from '../../../lib/local/issuer.ts';
import { dispatcher, SHUIJINGFANG } from '../../support/people.ts';

interface Posted {
  readonly status: number;
  readonly text: string;
  // Answers are looked at field by field; a wrong one fails the assertion.
  // oxlint-disable-next-line typescript/no-explicit-any
  readonly body: any;
}
/** A house or a world. */
export interface Place {
  readonly post: (path: string, as: TokenClaims, body?: unknown) => Promise<Posted>;
}

const yesNo = [
  { id: 'yes', text: { 'zh-CN': '是' } },
  { id: 'no', text: { 'zh-CN': '否' } },
];

/** A question of every kind, and two that depend on others. */
export const QUESTIONS = [
  { id: 'overall', kind: 'rating', text: { 'zh-CN': '总体满意程度' }, required: true, satisfaction: true },
  { id: 'used', kind: 'single', text: { 'zh-CN': '用过助餐吗？' }, options: yesNo, required: true },
  {
    id: 'why',
    kind: 'multiple',
    text: { 'zh-CN': '哪些方面需要改进？' },
    options: ['taste', 'price', 'place'].map((id) => ({ id, text: { 'zh-CN': id } })),
    min: 1,
    max: 2,
    required: true,
    showIf: { question: 'overall', in: ['1', '2'] },
  },
  { id: 'recommend', kind: 'nps', text: { 'zh-CN': '您会推荐吗？' }, required: false },
  { id: 'wish', kind: 'text', text: { 'zh-CN': '您有什么建议？' }, max: 50, required: false },
  { id: 'age', kind: 'number', text: { 'zh-CN': '您的年龄' }, min: 0, max: 130, required: false },
  { id: 'since', kind: 'date', text: { 'zh-CN': '何时开始' }, required: false, showIf: { question: 'used', in: ['yes'] } },
  {
    id: 'parts',
    kind: 'matrix',
    text: { 'zh-CN': '各项是否满意？' },
    options: yesNo,
    rows: ['clean', 'quick'].map((id) => ({ id, text: { 'zh-CN': id } })),
    required: false,
  },
] as const;

export const aSurvey = (more: Readonly<Record<string, unknown>> = {}): Record<string, unknown> => ({
  title: { 'zh-CN': '社区服务满意度调查', en: 'Satisfaction' },
  questions: QUESTIONS,
  audience: { divisions: ['510104017'] },
  opensAt: '2026-11-24T08:00:00+08:00',
  closesAt: '2026-12-24T18:00:00+08:00',
  mode: 'anonymous',
  ...more,
});

export const drafted = async (
  place: Place,
  more: Readonly<Record<string, unknown>> = {},
  as: TokenClaims = dispatcher,
): Promise<string> => {
  const made = await place.post('/v1/surveys', as, aSurvey(more));
  if (made.status !== 201) throw new Error(`no survey: ${made.text}`);
  return made.body.id;
};

export const opened = async (place: Place, more: Readonly<Record<string, unknown>> = {}, as: TokenClaims = dispatcher): Promise<string> => {
  const id = await drafted(place, more, as);
  const answer = await place.post(`/v1/surveys/${id}/publish`, as, {});
  if (answer.status !== 200) throw new Error(`not published: ${answer.text}`);
  return id;
};

export const residentOf = (number: number, division: string = SHUIJINGFANG): TokenClaims => ({
  sub: `resident-${number}`,
  roles: ['resident'],
  division,
});

/** What is enough of an answer. */
export const PLAIN = { overall: 4, used: 'no' };
