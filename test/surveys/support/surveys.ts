/** Whole surveys, made up: who responded, from where, by what way, and with which answers. */
import fc from 'fast-check';
import { addAnswers, emptyCounts, type Counts } from '../../../functions/surveys/counts.ts';
import type { Answers, Question } from '../../../functions/surveys/question.ts';
import type { Groups } from '../../../functions/surveys/results.ts';
import { options, question } from './answers.ts';

export interface Response {
  readonly community: string;
  readonly channel: string;
  readonly answers: Answers;
}

export const WAYS = ['community', 'channel'] as const;
export type Way = (typeof WAYS)[number];

export const QUESTIONS: readonly Question[] = [
  question('stars', 'rating', { required: true, satisfaction: true }),
  question('one', 'single', { options: options('a', 'b') }),
  question('why', 'multiple', { options: options('x', 'y'), showIf: { question: 'one', in: ['b'] } }),
  question('grid', 'matrix', { options: options('good', 'bad'), rows: options('clean', 'quiet') }),
  question('more', 'text'),
  question('age', 'number'),
];

const sizes = fc.oneof(
  { weight: 1, arbitrary: fc.constant(0) },
  { weight: 2, arbitrary: fc.integer({ min: 1, max: 4 }) },
  { weight: 4, arbitrary: fc.integer({ min: 5, max: 8 }) },
  { weight: 3, arbitrary: fc.integer({ min: 9, max: 30 }) },
);

/** How many of them answer, and how they choose: in some surveys everybody alike. */
const kinds = fc.record({
  answering: fc.constantFrom(0.1, 0.5, 0.9, 1),
  agreeing: fc.constantFrom(0, 0.5, 0.9, 1),
  phone: fc.constantFrom(0, 0.05, 0.4),
});

export const communityOf = (index: number): string => `51010401700${index + 1}`;

/** Surveys of up to eight communities. */
export const surveys = (most = 8): fc.Arbitrary<readonly Response[]> =>
  fc
    .tuple(
      fc.array(sizes, { minLength: 1, maxLength: most }),
      kinds,
      fc.infiniteStream(fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true })),
    )
    .map(([communities, { answering, agreeing, phone }, stream]) => {
      const dice = (): number => stream.next().value ?? 0;
      const pick = <T>(all: readonly [T, ...T[]]): T => (dice() < agreeing ? all[0] : (all[Math.floor(dice() * all.length)] ?? all[0]));
      const perhaps = <T>(id: string, make: () => T): Record<string, T> => (dice() < answering ? { [id]: make() } : {});
      return communities.flatMap((size, index) =>
        Array.from({ length: size }, (): Response => {
          const first: Answers = { stars: pick([5, 4, 3, 2, 1]), ...perhaps('one', () => pick(['a', 'b'])) };
          const why: Answers = first['one'] === 'b' ? perhaps('why', () => pick([['x'], ['y'], ['x', 'y']])) : {};
          const row = (id: string) => perhaps(id, () => pick(['good', 'bad']));
          const grid = { ...row('clean'), ...row('quiet') };
          const rest: Answers = {
            ...(Object.keys(grid).length > 0 ? { grid } : {}),
            ...perhaps('more', () => '谢谢'),
            ...perhaps('age', () => Math.floor(dice() * 90)),
          };
          return {
            community: communityOf(index),
            channel: dice() < phone ? (dice() < 0.3 ? 'paper' : 'phone') : 'app',
            answers: { ...first, ...why, ...rest },
          };
        }),
      );
    });

export const countsOf = (questions: readonly Question[], responses: readonly Response[]): Counts =>
  addAnswers(
    emptyCounts(questions),
    questions,
    responses.map(({ answers }) => answers),
  );

export const groupsOf = (questions: readonly Question[], responses: readonly Response[], way: Way): Groups =>
  new Map(
    [...new Set(responses.map((each) => each[way]))].map((key) => [
      key,
      countsOf(
        questions,
        responses.filter((each) => each[way] === key),
      ),
    ]),
  );
