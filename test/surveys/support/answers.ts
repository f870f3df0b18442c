/** Surveys and answers to them, made up. */
import fc from 'fast-check';
import type { Answers, Question } from '../../../functions/surveys/question.ts';

const text = (zh: string, en: string) => ({ 'zh-CN': zh, en });
export const options = (...ids: readonly string[]) => ids.map((id) => ({ id, text: text(`选项${id}`, `Option ${id}`) }));

export const question = (id: string, kind: Question['kind'], more: Partial<Question> = {}): Question => ({
  id,
  kind,
  text: text(`问题${id}`, `Question ${id}`),
  required: false,
  ...more,
});

/** One of every kind, and one that is asked of few. */
export const EVERY_KIND: readonly Question[] = [
  question('one', 'single', { options: options('a', 'b', 'c') }),
  question('many', 'multiple', { options: options('x', 'y', 'z') }),
  question('stars', 'rating', { satisfaction: true }),
  question('why', 'text', { showIf: { question: 'stars', in: ['1', '2'] } }),
  question('nps', 'nps'),
  question('age', 'number', { min: 0, max: 120 }),
  question('since', 'date'),
  question('grid', 'matrix', { options: options('good', 'bad'), rows: options('clean', 'quiet') }),
];

const day = fc
  .record({ year: fc.integer({ min: 1900, max: 2100 }), month: fc.integer({ min: 1, max: 12 }), date: fc.integer({ min: 1, max: 28 }) })
  .map(({ year, month, date }) => `${year}-${String(month).padStart(2, '0')}-${String(date).padStart(2, '0')}`);

/** Answers to some of them. */
export const someAnswers: fc.Arbitrary<Answers> = fc.record(
  {
    one: fc.constantFrom('a', 'b', 'c'),
    many: fc.uniqueArray(fc.constantFrom('x', 'y', 'z'), { minLength: 1 }),
    stars: fc.integer({ min: 1, max: 5 }),
    why: fc.constant('太慢'),
    nps: fc.integer({ min: 0, max: 10 }),
    age: fc.oneof(fc.integer({ min: 0, max: 120 }), fc.double({ min: -1e6, max: 1e6, noNaN: true }), fc.double({ noNaN: true })),
    since: day,
    grid: fc.dictionary(fc.constantFrom('clean', 'quiet'), fc.constantFrom('good', 'bad'), { minKeys: 1 }),
  },
  { requiredKeys: [] },
);
