import { parse } from 'csv-parse/sync';
import { describe, expect, test } from 'vitest';
import { csvLines } from '../../functions/http/csv.ts';
import { codebook } from '../../functions/surveys/codebook.ts';
import type { Question } from '../../functions/surveys/question.ts';
import { responseLines, type ResponseRow } from '../../functions/surveys/responses-csv.ts';
import { options, question } from './support/answers.ts';

const QUESTIONS: readonly Question[] = [
  question('stars', 'rating', { required: true }),
  question('what', 'multiple', { options: options('x', 'y') }),
  question('grid', 'matrix', { options: options('good', 'bad'), rows: options('clean', 'quiet') }),
  question('parts', 'matrix', { options: options('a', 'b'), min: 0, max: 2 }),
  question('age', 'number', { min: 0, max: 120 }),
  question('since', 'date'),
  question('why', 'text', { showIf: { question: 'stars', in: ['1', '2'] } }),
];

async function* inPages(rows: readonly ResponseRow[], size: number): AsyncGenerator<readonly ResponseRow[]> {
  for (let start = 0; start < rows.length; start += size) yield await Promise.resolve(rows.slice(start, start + size));
}
const ANONYMOUS = { questions: QUESTIONS, mode: 'anonymous' } as const;
const CONFIDENTIAL = { questions: QUESTIONS, mode: 'confidential' } as const;
type Row = Omit<ResponseRow, 'sk'>;
const written = async (
  given: readonly Row[],
  told: readonly string[] = [],
  size = 2,
  survey: typeof ANONYMOUS | typeof CONFIDENTIAL = ANONYMOUS,
): Promise<string> => {
  const rows = given.map((each, index) => ({ sk: `RESPONSE${index}`, ...each }));
  const texts = [];
  for await (const lines of responseLines(survey, inPages(rows, size), new Set(told)))
    texts.push(csvLines(lines, { begins: texts.length === 0 }));
  return texts.join('');
};
const rowsOf = (text: string): readonly Readonly<Record<string, string>>[] => parse(text, { columns: true, bom: true });

describe('responses', () => {
  test('are a line each, with a column for each question, option of a choice of several, and row of a matrix', async () => {
    const [first, second] = rowsOf(
      await written([
        { answers: { stars: 5, what: ['y'], grid: { quiet: 'bad' }, parts: { b: 0 }, age: -1.5, since: '2020-02-29' } },
        { answers: { stars: 1, why: '太慢，\n而且“贵”' } },
      ]),
    );
    expect(first).toEqual({
      _community: '',
      stars: '5',
      'what.x': '0',
      'what.y': '1',
      'grid.clean': '',
      'grid.quiet': 'bad',
      'parts.a': '',
      'parts.b': '0',
      age: '-1.5',
      since: '2020-02-29',
      why: '',
    });
    expect(second).toMatchObject({ stars: '1', 'what.x': '', 'what.y': '', age: '', why: '太慢，\n而且“贵”' });
  });

  test('say where they come from only where results show that community', async () => {
    const rows = ['510104017001', '510104017002', undefined].map((community) => ({ community, answers: { stars: 3 } }));
    expect(rowsOf(await written(rows, ['510104017002'])).map((row) => row['_community'])).toEqual(['', '510104017002', '']);
  });

  test('of a confidential survey say which response each is, and of an anonymous one do not', async () => {
    const rows = [{ answers: { stars: 3 } }, { answers: { stars: 4 } }];
    const named = await written(rows, [], 2, CONFIDENTIAL);
    expect(rowsOf(named).map((row) => row['_response'])).toEqual(['RESPONSE0', 'RESPONSE1']);
    expect(await written(rows)).not.toContain('RESPONSE');
    const columns = [
      ...new Set(
        codebook(CONFIDENTIAL)
          .slice(1)
          .map(([name]) => name),
      ),
    ];
    expect(columns).toEqual(Object.keys(rowsOf(named)[0] ?? {}));
  });

  test('have no answer to what was not asked', async () => {
    expect(rowsOf(await written([{ answers: { stars: 4, why: '没有问过' } }]))[0]?.['why']).toBe('');
  });

  test('are no formulas, whatever was written', async () => {
    for (const why of ['=1+1', '+86', '-2+3', '@x', '\t=1', '＝1']) {
      const [row] = rowsOf(await written([{ answers: { stars: 2, why } }]));
      expect(row?.['why']).toBe(`'${why}`);
    }
  });

  test('are the same lines in pages of any size, one after another', async () => {
    const rows = Array.from({ length: 7 }, (_, index): Row => ({ answers: { stars: 1 + (index % 5) } }));
    const whole = await written(rows, [], 100);
    for (const size of [1, 3]) expect(await written(rows, [], size)).toBe(whole);
    expect(whole.split('\r\n').length).toBe(9);
  });
});

describe('the codebook', () => {
  const lines = codebook(ANONYMOUS);

  test('has every column of the responses, in their order', async () => {
    const [header = {}] = rowsOf(await written([{ answers: { stars: 1 } }]));
    expect([...new Set(lines.slice(1).map(([name]) => name))]).toEqual(Object.keys(header));
  });

  test('says what each value means in both languages, and when it was asked', () => {
    expect(lines.filter(([name]) => name === 'what.x')).toEqual([
      ['what.x', '问题what — 选项x', 'Question what — Option x', 'multiple', '0', '未选', 'not chosen', ''],
      ['what.x', '问题what — 选项x', 'Question what — Option x', 'multiple', '1', '已选', 'chosen', ''],
    ]);
    expect(lines.filter(([name]) => name === 'grid.quiet').map((line) => line.slice(4, 7))).toEqual([
      ['good', '选项good', 'Option good'],
      ['bad', '选项bad', 'Option bad'],
    ]);
    expect(lines.filter(([name]) => name === 'parts.a').map((line) => line.slice(1, 5))).toEqual(
      ['0', '1', '2'].map((level) => ['问题parts — 选项a', 'Question parts — Option a', 'matrix', level]),
    );
    expect(lines.find(([name]) => name === 'age')?.slice(4)).toEqual([
      '',
      '数，不小于 0，不大于 120',
      'a number, at least 0, at most 120',
      '',
    ]);
    expect(lines.find(([name]) => name === 'why')?.at(-1)).toBe('stars = 1 | 2');
    expect(lines.every((line) => line.length === lines[0]?.length)).toBe(true);
  });
});
