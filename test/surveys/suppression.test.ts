/** What results of surveys tell, put together by somebody who adds up and takes away whatever is shown, question by question and row by row. */
import fc from 'fast-check';
import { describe, expect, it, vi } from 'vitest';
import { isSmall, suppressParts } from '../../functions/kernel/suppression.ts';
import type { Counts, QuestionCounts } from '../../functions/surveys/counts.ts';
import { resultsOf, type GroupResult, type Results } from '../../functions/surveys/results.ts';
import { LONG } from '../support/faults.ts';
import { countsOf, groupsOf, QUESTIONS, surveys, WAYS, type Response } from './support/surveys.ts';

const RUNS = LONG ? 3000 : 200;
vi.setConfig({ testTimeout: LONG ? 600_000 : 60_000 });

const published = (responses: readonly Response[]): Results =>
  resultsOf(QUESTIONS, countsOf(QUESTIONS, responses), Object.fromEntries(WAYS.map((way) => [way, groupsOf(QUESTIONS, responses, way)])));

/** Something that has a number of answers in each group: who responded, a question, a row of a matrix. */
interface Subject {
  readonly name: string;
  readonly isAnswered: (response: Response) => boolean;
  /** How many a group is said to have; undefined where that is hidden. */
  readonly told: (group: Pick<GroupResult, 'responses' | 'questions'>) => number | undefined;
}

const SUBJECTS: readonly Subject[] = [
  { name: 'responses', isAnswered: () => true, told: ({ responses }) => responses },
  ...QUESTIONS.flatMap(({ id, rows = [] }): Subject[] => {
    const of = ({ questions = [] }: Pick<GroupResult, 'questions'>) => questions.find((each) => each.id === id);
    const ofRow = (row: string): Subject => ({
      name: `${id}.${row}`,
      isAnswered: ({ answers }) => Object.hasOwn((answers[id] ?? {}) as object, row),
      told: (group) => of(group)?.rows?.find((each) => each.id === row)?.n,
    });
    return [
      { name: id, isAnswered: ({ answers }) => answers[id] !== undefined, told: (group) => of(group)?.n },
      ...rows.map((row) => ofRow(row.id)),
    ];
  }),
];

/** Every choice of adding, taking away and leaving out. */
const combinations = (length: number): readonly (readonly number[])[] =>
  length === 0 ? [[]] : combinations(length - 1).flatMap((rest) => [-1, 0, 1].map((each) => [each, ...rest]));

describe('from all that is shown of a survey', () => {
  it('nobody can add up and take away, by community and by channel at once, to the answers of fewer than 5', () => {
    let attacked = 0;
    fc.assert(
      fc.property(surveys(4), (responses) => {
        const results = published(responses);
        const keysOf = (way: (typeof WAYS)[number]) => [...new Set(responses.map((each) => each[way]))];
        const [communities, channels] = [keysOf('community'), keysOf('channel')];
        // Who is where by what way nobody is told: what is worked out must hold wherever they are.
        const cells = communities.flatMap((community) => channels.map((channel) => ({ community, channel })));
        for (const { isAnswered, told } of SUBJECTS) {
          if (told(results) === undefined) continue;
          const answering = responses.filter(isAnswered);
          const shown = WAYS.flatMap((way) =>
            (results.by?.[way] ?? []).flatMap((group) => (told(group) === undefined ? [] : [{ way, key: group.key }])),
          );
          for (const [all = 0, ...factors] of combinations(shown.length + 1)) {
            const times = (at: Pick<Response, 'community' | 'channel'>): number =>
              shown.reduce((sum, { way, key }, index) => sum + (at[way] === key ? (factors[index] ?? 0) : 0), all);
            if (!cells.every((cell) => [0, 1].includes(times(cell)))) continue;
            attacked += 1;
            expect(isSmall(answering.filter((each) => times(each) === 1).length)).toBe(false);
          }
        }
      }),
      { numRuns: LONG ? 500 : 40 },
    );
    expect(attacked).toBeGreaterThan(1000);
  });

  it('what is hidden of a question or a row in a way of grouping makes 5 or more together, or nobody', () => {
    let hidden = 0;
    fc.assert(
      fc.property(surveys(), (responses) => {
        const results = published(responses);
        for (const { isAnswered, told, name } of SUBJECTS) {
          if (told(results) === undefined) continue;
          for (const way of WAYS) {
            const shown = new Set((results.by?.[way] ?? []).flatMap((group) => (told(group) === undefined ? [] : [group.key])));
            const left = responses.filter((each) => isAnswered(each) && !shown.has(each[way])).length;
            expect(isSmall(left), `${way} ${name}`).toBe(false);
            hidden += left > 0 ? 1 : 0;
          }
        }
      }),
      { numRuns: RUNS },
    );
    expect(hidden).toBeGreaterThan(RUNS);
  });

  it('no number that is shown is one of fewer than 5', () => {
    fc.assert(
      fc.property(surveys(), (responses) => {
        const results = published(responses);
        for (const group of [results, ...Object.values(results.by ?? {}).flat()])
          for (const { told } of SUBJECTS) expect(isSmall(told(group) ?? 0)).toBe(false);
      }),
      { numRuns: RUNS },
    );
  });

  it('and what is shown is shown whole: the counts of a group are those of who answered in it', () => {
    fc.assert(
      fc.property(surveys(), (responses) => {
        for (const [way, groups] of Object.entries(published(responses).by ?? {}))
          for (const { key, questions = [] } of groups)
            for (const { id, suppressed, options = [], kind } of questions) {
              if (suppressed !== undefined || kind === 'matrix' || kind === 'text' || kind === 'number') continue;
              const counts = groupsOf(QUESTIONS, responses, way as 'community').get(key) as Counts;
              const counted = counts.questions[id] as QuestionCounts;
              expect(Object.fromEntries(options.flatMap((each) => (each.count > 0 ? [[each.id, each.count]] : [])))).toEqual(
                counted.options,
              );
            }
      }),
      { numRuns: RUNS },
    );
  });
});

describe('of the parts of a whole', () => {
  const labels = (sizes: Readonly<Record<string, number>>, also: readonly string[] = []) =>
    Object.fromEntries(
      suppressParts(
        Object.entries(sizes).map(([key, size]) => ({ key, size })),
        also,
      ),
    );

  it('a small one is hidden and the next smallest with it, until both have 5; of two alike the first by its key', () => {
    expect(labels({ a: 12, b: 3, c: 6 })).toEqual({ b: 'small', c: 'secondary' });
    expect(labels({ a: 12, b: 1, d: 6, c: 6 })).toEqual({ b: 'small', c: 'secondary' });
    expect(labels({ a: 5, b: 9, c: 0 })).toEqual({});
  });

  it('small ones that have 5 together need no other', () => {
    expect(labels({ a: 12, b: 3, c: 2 })).toEqual({ b: 'small', c: 'small' });
    expect(labels({ a: 4, b: 3 })).toEqual({ a: 'small', b: 'small' });
    expect(labels({ a: 12, b: 2, c: 2 })).toEqual({ a: 'secondary', b: 'small', c: 'small' });
  });

  it('those that are hidden in any case count with them, unless nobody is in them', () => {
    expect(labels({ a: 12, b: 3, c: 6, d: 8 }, ['d'])).toEqual({ b: 'small', d: 'secondary' });
    expect(labels({ a: 12, b: 3, c: 6, d: 0 }, ['d'])).toEqual({ b: 'small', c: 'secondary', d: 'secondary' });
    expect(labels({ a: 12, b: 6, c: 2 }, ['c'])).toEqual({ b: 'secondary', c: 'small' });
  });

  it('no more are hidden than it takes', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 12 }), { minLength: 1, maxLength: 8 }), (sizes) => {
        fc.pre(sizes.reduce((a, b) => a + b, 0) >= 5);
        const found = suppressParts(sizes.map((size, index) => ({ key: String(index), size })));
        const secondary = [...found.values()].filter((label) => label === 'secondary').length;
        const small = sizes.filter(isSmall).reduce((a, b) => a + b, 0);
        expect(secondary).toBe(isSmall(small) ? 1 : 0);
      }),
    );
  });
});
