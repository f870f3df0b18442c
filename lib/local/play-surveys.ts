/** The demo's surveys: one that has ended and one that is open, answered by residents who are not there. Each step by its own clock. */
import type { Runtime } from '../../functions/data/runtime.ts';
import { DAY, HOUR, plus, toInstant, type EpochMs } from '../../functions/kernel/time.ts';
import type { Answer, Question } from '../../functions/surveys/question.ts';
import { surveys } from '../../functions/surveys/api.ts';
import { shown } from '../../functions/surveys/shown.ts';
import { dice } from './dice.ts';
import { inProcess } from './in-process.ts';
import type { TokenClaims } from './issuer.ts';

export interface DemoSurvey {
  readonly daysBefore: number;
  /** Days. */
  readonly lasts: number;
  readonly closed: boolean;
  /** How many have answered. */
  readonly answers: number;
  readonly survey: { readonly questions: readonly Question[]; readonly audience: { readonly divisions: readonly string[] } };
}

const DISPATCHER: TokenClaims = { sub: 'demo-dispatcher', roles: ['dispatcher'], division: '510104' };
/** Where those live who answer: communities of the demo's streets. */
const HOMES = ['510104017001', '510104017001', '510104017003', '510104017004'];
const AT_ONCE = 8;
const LEVELS = [5, 5, 5, 4, 4, 4, 3, 2];
const WISHES = ['助餐点希望开到周末', '上门维修等得久', '希望增加健康讲座'];

/** What a resident might say: most are content. */
const answerTo = ({ kind, options = [] }: Question, roll: (sides: number) => number): Answer | undefined => {
  const ids = options.map(({ id }) => id);
  switch (kind) {
    case 'rating':
      return LEVELS[roll(LEVELS.length)];
    case 'nps':
      return 10 - roll(5);
    case 'single':
      return ids[roll(ids.length)];
    case 'multiple':
      return [ids[roll(ids.length)] ?? ''];
    case 'text':
      return WISHES[roll(WISHES.length)];
    case 'number':
    case 'date':
    case 'matrix':
      return undefined;
  }
};

const answersOf = (questions: readonly Question[], roll: (sides: number) => number): Readonly<Record<string, Answer>> => {
  const given = new Map<string, Answer>();
  for (const question of questions) {
    const answer = answerTo(question, roll);
    if (answer !== undefined && shown(questions, Object.fromEntries(given)).includes(question)) given.set(question.id, answer);
  }
  return Object.fromEntries(given);
};

/** The keys make a demo that was killed half-way go on where it was. */
export const playSurveys = async (runtime: Runtime, demo: readonly DemoSurvey[], now: EpochMs): Promise<void> => {
  const at = (moment: EpochMs) => inProcess(surveys.build({ ...runtime, now: () => moment }));
  for (const [index, { daysBefore, lasts, closed, answers, survey }] of demo.entries()) {
    const opens = plus(now, -daysBefore * DAY);
    const closes = plus(opens, lasts * DAY);
    const call = at(opens);
    const key = `demo-survey-${index}`;
    const body = { ...survey, opensAt: toInstant(opens), closesAt: toInstant(closes) };
    const { id } = (await call({ method: 'POST', path: '/v1/surveys', as: DISPATCHER, body, key })) as { id: string };
    await call({ method: 'POST', path: `/v1/surveys/${id}/publish`, as: DISPATCHER, body: {}, key: `${key}-publish` });
    const roll = dice(index + 1);
    const all = Array.from({ length: answers }, (_, number) => ({ number, given: answersOf(survey.questions, roll) }));
    for (let start = 0; start < all.length; start += AT_ONCE)
      await Promise.all(
        all.slice(start, start + AT_ONCE).map(({ number, given }) =>
          call({
            method: 'POST',
            path: `/v1/surveys/${id}/responses`,
            as: { sub: `${key}-resident-${number}`, roles: ['resident'], division: HOMES[number % (index === 0 ? HOMES.length : 3)] ?? '' },
            body: { answers: given },
            key: `${key}-${number}`,
          }),
        ),
      );
    if (closed)
      await at(plus(closes, -HOUR))({ method: 'POST', path: `/v1/surveys/${id}/close`, as: DISPATCHER, body: {}, key: `${key}-close` });
  }
};
