import fc from 'fast-check';
import { expect, test } from 'vitest';
import { canonical } from '../../functions/kernel/canonical.ts';
import { addAnswers, countingFrom, emptyCounts, type Counts } from '../../functions/surveys/counts.ts';
import type { Answers, Question } from '../../functions/surveys/question.ts';
import { LONG, seeded } from '../support/faults.ts';
import { EVERY_KIND, options, question, someAnswers } from './support/answers.ts';

const counted = (all: readonly Answers[], questions: readonly Question[] = EVERY_KIND): Counts =>
  addAnswers(emptyCounts(questions), questions, all);

test('every kind is counted by what was chosen', () => {
  const counts = counted([
    { one: 'a', many: ['x', 'z'], stars: 5, nps: 10, age: 34.125, since: '2024-02-29', grid: { clean: 'good', quiet: 'bad' } },
    { one: 'a', many: ['z'], stars: 1, why: '太慢', age: -0.5, since: '2024-02-01', grid: { clean: 'good' } },
    {},
  ]);
  expect(counts).toEqual({
    n: 3,
    questions: {
      one: { n: 2, options: { a: 2 } },
      many: { n: 2, options: { x: 1, z: 2 } },
      stars: { n: 2, options: { 1: 1, 5: 1 } },
      why: { n: 1 },
      nps: { n: 1, options: { 10: 1 } },
      age: { n: 2, values: { level: 0, bins: { '-50': 1, 3413: 1 }, sum: '3363' } },
      since: { n: 2, days: { earliest: '2024-02-01', latest: '2024-02-29', digits: 7, periods: { '2024-02': 2 } } },
      grid: { n: 2, rows: { clean: { good: 2 }, quiet: { bad: 1 } } },
    },
  });
});

test('what was answered without being asked does not count, nor what follows from it', () => {
  const questions = [
    question('one', 'single', { options: options('a', 'b') }),
    question('two', 'multiple', { options: options('c', 'd'), showIf: { question: 'one', in: ['a'] } }),
    question('three', 'rating', { showIf: { question: 'two', in: ['d'] } }),
    question('four', 'text', { showIf: { question: 'three', in: ['1', '2'] } }),
  ];
  const of = (answers: Answers): readonly number[] => Object.values(counted([answers], questions).questions).map(({ n }) => n);
  expect(of({ one: 'a', two: ['c', 'd'], three: 2, four: '…' })).toEqual([1, 1, 1, 1]);
  expect(of({ one: 'b', two: ['c', 'd'], three: 2, four: '…' })).toEqual([1, 0, 0, 0]);
  expect(of({ one: 'a', two: ['c'], three: 2, four: '…' })).toEqual([1, 1, 0, 0]);
  expect(of({ one: 'a', two: ['d'], three: 3, four: '…' })).toEqual([1, 1, 1, 0]);
  expect(of({ two: ['d'], three: 1 })).toEqual([0, 0, 0, 0]);
});

test('in whatever order and in whatever parts they are counted, it comes to the same', () => {
  const parts = fc.array(fc.array(someAnswers, { maxLength: 8 }), { maxLength: 6 });
  fc.assert(
    fc.property(parts, fc.nat(), (lists, turn) => {
      const whole = canonical(counted(lists.flat()));
      const turned = [...lists.slice(turn % (lists.length + 1)), ...lists.slice(0, turn % (lists.length + 1))].toReversed();
      const inParts = turned.reduce((sum, part) => addAnswers(sum, EVERY_KIND, part.toReversed()), emptyCounts(EVERY_KIND));
      expect(canonical(inParts)).toBe(whole);
    }),
  );
});

test('so do more values than there is room for', () => {
  const questions = [question('height', 'number'), question('born', 'date')];
  const random = seeded(1);
  const all = Array.from({ length: 3000 }, (): Answers => ({
    height: random() * 10 ** Math.floor(random() * 6),
    born: `${String(1000 + Math.floor(random() * 3000))}-0${1 + Math.floor(random() * 9)}-01`,
  }));
  const counts = counted(all, questions);
  const { values, days } = { ...counts.questions['height'], ...counts.questions['born'] };
  expect(values?.level).toBeGreaterThan(0);
  expect(Object.keys(values?.bins ?? {}).length).toBeLessThanOrEqual(2000);
  expect(days?.digits).toBe(3);
  const shuffled = all.map((each) => [random(), each] as const).toSorted(([a], [b]) => a - b);
  const again = shuffled.map(([, each]) => each);
  // What is coarse already takes up more.
  const halves = addAnswers(counted(again.slice(0, 2500), questions), questions, again.slice(2500));
  for (const other of [counted(again, questions), halves]) expect(canonical(other)).toBe(canonical(counts));
});

test('they fit into 300 KB, whatever is answered to fifty questions', () => {
  const random = seeded(2);
  const sized = (questions: readonly Question[], responses: number): number => {
    const value = ({ kind }: Question) =>
      kind === 'number' ? (random() - 0.5) * 2e12 : `${String(Math.floor(random() * 10_000)).padStart(4, '0')}-01-01`;
    const all = Array.from({ length: responses }, (): Answers => Object.fromEntries(questions.map((each) => [each.id, value(each)])));
    return JSON.stringify(counted(all, questions)).length;
  };
  const many = (kind: Question['kind'], count: number) => Array.from({ length: count }, (_, index) => question(`${kind}${index}`, kind));
  for (const [questions, responses] of [
    [many('number', 2), 2500],
    [many('date', 10), 600],
    [[...many('number', 25), ...many('date', 25)], 200],
  ] as const)
    expect(sized(questions, responses)).toBeLessThan(300_000);
});

test('a response costs the same however many have been counted, whatever numbers were given', () => {
  const questions = [question('height', 'number'), question('born', 'date')];
  const random = seeded(3);
  const many = LONG ? 100_000 : 20_000;
  const counting = countingFrom(emptyCounts(questions), questions);
  const part = (): number => {
    const began = process.cpuUsage();
    for (let each = 0; each < many / 10; each++)
      counting.add({ height: random() * 1e6, born: `${String(1000 + Math.floor(random() * 3000))}-0${1 + Math.floor(random() * 9)}-01` });
    const { user, system } = process.cpuUsage(began);
    return user + system;
  };
  part();
  const parts = Array.from({ length: 9 }, part);
  const micros = parts.reduce((sum, each) => sum + each, 0) / (many * 0.9);
  process.stdout.write(`a response to two questions with more values than bins: ${micros.toFixed(1)} µs\n`);
  expect(counting.counts().n).toBe(many);
  // To copy 2,000 bins for each took some 400 µs.
  expect(micros).toBeLessThan(100);
});
