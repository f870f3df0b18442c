import { describe, expect, test } from 'vitest';
import type { Answers, Question } from '../../functions/surveys/question.ts';
import { resultsOf, type Groups, type Results } from '../../functions/surveys/results.ts';
import { EVERY_KIND, options, question } from './support/answers.ts';
import { countsOf, type Response } from './support/surveys.ts';

const times = (count: number, answers: Answers, community = 'A'): readonly Response[] =>
  Array.from({ length: count }, () => ({ community, channel: 'app', answers }));
const groupsOf = (questions: readonly Question[], responses: readonly Response[]): Groups =>
  new Map(
    [...new Set(responses.map(({ community }) => community))].map((key) => [
      key,
      countsOf(
        questions,
        responses.filter(({ community }) => community === key),
      ),
    ]),
  );
const resultsFrom = (questions: readonly Question[], responses: readonly Response[]): Results =>
  resultsOf(questions, countsOf(questions, responses), { community: groupsOf(questions, responses) });
/** What is said of each group, and of each question in those that are shown. */
const labelsOf = ({ by }: Results): unknown =>
  Object.fromEntries(
    (by?.['community'] ?? []).map(({ key, suppressed, questions = [] }) => [
      key,
      suppressed ?? Object.fromEntries(questions.map((each) => [each.id, each.suppressed ?? each.n])),
    ]),
  );

const STARS = [question('stars', 'rating', { required: true })];
const OPTIONAL = [...STARS, question('more', 'single', { options: options('a', 'b') })];

describe('of the whole', () => {
  const all = [
    ...times(18, { one: 'a', many: ['x', 'y'], stars: 5, nps: 10, age: 30, since: '2024-02-29', grid: { clean: 'good', quiet: 'bad' } }),
    ...times(2, { one: 'b', many: ['y'], stars: 1, why: '太慢', nps: 6, age: 41, since: '2024-03-01', grid: { clean: 'bad' } }),
  ];
  const { responses, questions } = resultsOf(EVERY_KIND, countsOf(EVERY_KIND, all));
  const of = (id: string) => questions.find((each) => each.id === id);

  test('each option has its count, share and interval; who answers with several counts in each', () => {
    expect(responses).toBe(20);
    expect(of('one')).toEqual({
      id: 'one',
      kind: 'single',
      n: 20,
      options: [
        { id: 'a', count: 18, share: 0.9, low: 0.698966, high: 0.972134 },
        { id: 'b', count: 2, share: 0.1, low: 0.027866, high: 0.301034 },
        { id: 'c', count: 0, share: 0, low: 0, high: 0.161125 },
      ],
    });
    expect(of('many')?.options?.map(({ count, share }) => [count, share])).toEqual([
      [18, 0.9],
      [20, 1],
      [0, 0],
    ]);
  });

  test('a rating has its levels, mean and median; the promoter score, a number’s and a date’s figures are theirs', () => {
    expect(of('stars')).toMatchObject({ mean: 4.6, median: 5 });
    expect(of('stars')?.options?.map(({ id, count }) => [id, count])).toEqual([
      ['1', 2],
      ['2', 0],
      ['3', 0],
      ['4', 0],
      ['5', 18],
    ]);
    expect(of('nps')).toMatchObject({ nps: 80, n: 20 });
    expect(of('nps')?.options?.length).toBe(11);
    expect(of('age')).toEqual({ id: 'age', kind: 'number', n: 20, options: [], mean: 31.1, median: 30 });
    expect(of('since')?.options?.map(({ id, count }) => [id, count])).toEqual([
      ['2024-02', 18],
      ['2024-03', 2],
    ]);
  });

  test('a matrix has its options row by row, of those who answered the row', () => {
    expect(of('grid')?.rows?.map(({ id, n, options: all = [] }) => [id, n, ...all.map(({ count }) => count)])).toEqual([
      ['clean', 20, 18, 2],
      ['quiet', 18, 0, 18],
    ]);
  });

  test('a matrix without rows has its levels option by option, with their mean', () => {
    const scale = [question('parts', 'matrix', { options: options('a', 'b'), min: 0, max: 2 })];
    const answered = [...times(4, { parts: { a: 2, b: 0 } }), ...times(1, { parts: { a: 0 } }), ...times(2, { parts: { b: 1 } })];
    const [result] = resultsOf(scale, countsOf(scale, answered)).questions;
    expect(result?.rows?.map(({ id, n, mean, options: all = [] }) => [id, n, mean, all.map((each) => [each.id, each.count])])).toEqual([
      [
        'a',
        5,
        1.6,
        [
          ['0', 1],
          ['1', 0],
          ['2', 4],
        ],
      ],
      [
        'b',
        6,
        0.333333,
        [
          ['0', 4],
          ['1', 2],
          ['2', 0],
        ],
      ],
    ]);
  });

  test('a question that fewer than 5 answered is hidden, and one that nobody did is not', () => {
    expect(of('why')).toEqual({ id: 'why', kind: 'text', suppressed: 'small' });
    const nobody = resultsOf(OPTIONAL, countsOf(OPTIONAL, times(5, { stars: 5 }))).questions[1];
    expect(nobody).toMatchObject({ n: 0, options: [{ count: 0, share: null, low: null, high: null }, { id: 'b' }] });
  });

  test('fewer than 5 responses are not shown at all', () => {
    expect(resultsFrom(STARS, times(4, { stars: 5 }))).toEqual({ suppressed: 'small', questions: [], by: { community: [] } });
    expect(resultsFrom(STARS, [])).toMatchObject({ responses: 0 });
  });
});

describe('by community', () => {
  const spread = (community: string, count: number): readonly Response[] =>
    [5, 4, 3, 2, 1].flatMap((stars) => times(count, { stars }, community));

  test('all are shown where none is small', () => {
    const results = resultsFrom(STARS, [...spread('A', 1), ...spread('B', 2)]);
    expect(labelsOf(results)).toEqual({ A: { stars: 5 }, B: { stars: 10 } });
    expect(results.by?.['community']?.map(({ responses }) => responses)).toEqual([5, 10]);
  });

  test('a small one takes the next smallest with it', () => {
    const all = [...times(2, { stars: 5 }, 'A'), ...times(1, { stars: 4 }, 'A'), ...spread('B', 3), ...spread('C', 4), ...spread('D', 5)];
    expect(labelsOf(resultsFrom(STARS, all))).toEqual({ A: 'small', B: 'secondary', C: { stars: 20 }, D: { stars: 25 } });
  });

  test('what is shown is shown with every question, whatever was chosen in those that are hidden', () => {
    const of = (community: string, count: number) => times(count, { stars: 5 }, community);
    const all = [...of('A', 6), ...of('B', 3), ...spread('C', 2), ...of('C', 2)];
    expect(labelsOf(resultsFrom(STARS, all))).toEqual({ A: 'secondary', B: 'small', C: { stars: 12 } });
  });

  test('a question that few of a group answered is hidden there, and with it that of another group', () => {
    const answering = (community: string, count: number) => ['a', 'b'].flatMap((more) => times(count, { stars: 5, more }, community));
    const all = [
      ...times(10, { stars: 5 }, 'A'),
      ...times(3, { stars: 5, more: 'a' }, 'A'),
      ...times(9, { stars: 5 }, 'B'),
      ...answering('B', 4),
      ...answering('C', 6),
      ...answering('D', 7),
    ];
    expect(labelsOf(resultsFrom(OPTIONAL, all))).toEqual({
      A: { stars: 13, more: 'small' },
      B: { stars: 17, more: 'secondary' },
      C: { stars: 12, more: 12 },
      D: { stars: 14, more: 14 },
    });
  });

  test('where all are small, each is said to be', () => {
    const all = [...times(3, { stars: 5 }, 'A'), ...times(4, { stars: 4 }, 'B')];
    expect(resultsFrom(STARS, all)).toMatchObject({
      responses: 7,
      by: {
        community: [
          { key: 'A', suppressed: 'small' },
          { key: 'B', suppressed: 'small' },
        ],
      },
    });
  });

  test('a row that few of a group answered is hidden there, and that of another group with it', () => {
    const questions = [question('grid', 'matrix', { options: options('good', 'bad'), rows: options('clean', 'quiet') })];
    const both = (community: string, count: number) => times(count, { grid: { clean: 'good', quiet: 'bad' } }, community);
    const all = [...times(6, { grid: { clean: 'bad' } }, 'A'), ...both('A', 2), ...both('B', 7), ...both('C', 9)];
    const rows = resultsFrom(questions, all).by?.['community']?.map(({ questions: [grid] = [] }) =>
      grid?.rows?.map(({ suppressed, n }) => suppressed ?? n),
    );
    expect(rows).toEqual([
      [8, 'small'],
      [7, 'secondary'],
      [9, 9],
    ]);
  });

  test('a date is told of by how many answered only', () => {
    const questions = [question('since', 'date', { required: true })];
    const all = ['A', 'B'].flatMap((community) => times(9, { since: '2024-02-29' }, community));
    expect(resultsFrom(questions, all).by?.['community']?.[0]?.questions).toEqual([{ id: 'since', kind: 'date', n: 9, options: [] }]);
  });

  test('groups that are not all of the whole are a mistake of the caller', () => {
    const all = times(9, { stars: 5 });
    expect(() => resultsOf(STARS, countsOf(STARS, all), { community: groupsOf(STARS, all.slice(1)) })).toThrow('8 responses');
  });
});

test('a thousand communities are done, many of them small', () => {
  const all = Array.from({ length: 1000 }, (_, index) => String(index + 1000)).flatMap((community, index) =>
    times(index % 10 === 0 ? 3 : 6, { stars: 1 + (index % 5), more: index % 3 === 0 ? 'a' : 'b' }, community),
  );
  expect(resultsFrom(OPTIONAL, all).by?.['community']?.length).toBe(1000);
});
