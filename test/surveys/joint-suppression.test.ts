/**
 * All that is shown of a survey at once, several questions by community and by channel: for the answers of a hidden group of fewer than 5, other
 * surveys are looked for, of other people's answers, that would have shown the very same.
 */
import fc from 'fast-check';
import { expect, test, vi } from 'vitest';
import { isSmall } from '../../functions/kernel/suppression.ts';
import type { Question } from '../../functions/surveys/question.ts';
import { resultsOf } from '../../functions/surveys/results.ts';
import { LONG, seeded } from '../support/faults.ts';
import { options, question } from './support/answers.ts';
import { countsOf, groupsOf, surveys, WAYS, type Response } from './support/surveys.ts';

vi.setConfig({ testTimeout: LONG ? 600_000 : 60_000 });

const QUESTIONS: readonly Question[] = [
  question('stars', 'rating', { required: true }),
  question('one', 'single', { options: options('a', 'b', 'c'), required: true }),
  question('two', 'single', { options: options('d', 'e'), required: true }),
];
const IDS = QUESTIONS.map(({ id }) => id);
const OPTIONS = new Map(
  QUESTIONS.map(({ id, options: all }) => [id, all?.map((each) => JSON.stringify(each.id)) ?? ['1', '2', '3', '4', '5']]),
);

/** Answers to all three, with some agreement between them. */
const answered = surveys(6).map((responses) =>
  responses.map((response, index): Response => {
    const stars = Number(response.answers['stars']);
    return { ...response, answers: { stars, one: stars > 3 ? 'a' : index % 3 === 0 ? 'b' : 'c', two: index % 4 === 0 ? 'd' : 'e' } };
  }),
);

type Mutable = Record<string, string>;
/** A response as a row of texts: where from, how, and each answer. */
const asRow = ({ community, channel, answers }: Response): Mutable => ({
  community,
  channel,
  ...Object.fromEntries(IDS.map((id) => [id, JSON.stringify(answers[id])])),
});

const STEPS = 60_000;

/** Where figures of few are hidden that have fewer values in all surveys found than they should have. */
const pinned = (responses: readonly Response[], seed: number): readonly string[] => {
  const by = Object.fromEntries(WAYS.map((way) => [way, groupsOf(QUESTIONS, responses, way)]));
  const results = resultsOf(QUESTIONS, countsOf(QUESTIONS, responses), by);
  const shown = new Set<string>();
  for (const way of WAYS)
    for (const { key, questions = [] } of results.by?.[way] ?? [])
      for (const { id, suppressed } of questions) if (suppressed === undefined) shown.add(`${way} ${key} ${id}`);

  const rows = responses.map(asRow);
  const cellsOf = (row: Mutable): readonly string[] =>
    WAYS.flatMap((way) => IDS.map((id) => `${way} ${row[way]} ${id}`)).map(
      (place) => `${place} ${row[place.slice(place.lastIndexOf(' ') + 1)]}`,
    );
  const isShown = (cell: string): boolean => shown.has(cell.slice(0, cell.lastIndexOf(' ')));
  const counts = new Map<string, number>();
  for (const row of rows) for (const cell of cellsOf(row)) counts.set(cell, (counts.get(cell) ?? 0) + 1);
  const membersOf = (place: string): readonly Mutable[] => {
    const [way = '', key = ''] = place.split(' ');
    return rows.filter((row) => row[way] === key);
  };
  const places = WAYS.flatMap((way) => [...(by[way]?.keys() ?? [])].flatMap((key) => IDS.map((id) => `${way} ${key} ${id}`)));
  const hidden = places
    .filter((place) => !shown.has(place) && isSmall(membersOf(place).length))
    .flatMap((place) => (OPTIONS.get(place.slice(place.lastIndexOf(' ') + 1)) ?? []).map((option) => `${place} ${option}`));
  const seen = new Map(hidden.map((cell) => [cell, new Set([counts.get(cell) ?? 0])]));

  /**
   * Of those who are hidden together, 5 or more, it is known how many chose what, as of any 5. More than one value it is that must be possible of
   * `d` among them, if they did not all choose alike, and if not all who chose otherwise are needed elsewhere.
   */
  const dueTo = (cell: string): number => {
    const [way = '', key = '', id = '', option = ''] = cell.split(' ');
    const together = rows.filter((row) => !shown.has(`${way} ${row[way]} ${id}`));
    if (together.length < 5) return Number.POSITIVE_INFINITY;
    const d = rows.filter((row) => row[way] === key).length;
    const n = together.filter((row) => row[id] === option).length;
    return Math.min(2, Math.min(d, n) - Math.max(0, d - (together.length - n)) + 1);
  };
  const due = new Map(hidden.map((cell) => [cell, dueTo(cell)]));
  const lacking = (): readonly string[] => hidden.filter((cell) => (seen.get(cell)?.size ?? 0) < (due.get(cell) ?? 0));

  const random = seeded(seed);
  const fields = ['community', 'channel', ...IDS];
  for (let step = 0; step < STEPS && (step % 200 !== 0 || lacking().length > 0); step++) {
    // Two or three hand something on in a circle, once or twice.
    const picked = [...new Set([0, 1, 2].slice(0, 2 + (step % 2)).map(() => Math.floor(random() * rows.length)))];
    if (picked.length < 2) continue;
    const before = picked.map((index) => ({ ...(rows[index] as Mutable) }));
    const after = before.map((row) => ({ ...row }));
    for (let times = 1 + Math.floor(random() * 2); times > 0; times--) {
      const field = fields[Math.floor(random() * fields.length)] as string;
      const values = after.map((row) => row[field] as string);
      for (const [index, row] of after.entries()) row[field] = values[(index + 1) % values.length] as string;
    }
    const change = new Map<string, number>();
    for (const [all, by] of [
      [before, -1],
      [after, 1],
    ] as const)
      for (const cell of all.flatMap(cellsOf)) change.set(cell, (change.get(cell) ?? 0) + by);
    if ([...change].some(([cell, by]) => by !== 0 && isShown(cell))) continue;
    for (const [place, index] of picked.entries()) rows[index] = after[place] as Mutable;
    for (const [cell, by] of change) {
      counts.set(cell, (counts.get(cell) ?? 0) + by);
      seen.get(cell)?.add(counts.get(cell) ?? 0);
    }
  }

  return lacking().map((cell) => `${cell}: ${seen.get(cell)?.size} of ${due.get(cell)}`);
};

test('of no hidden group of fewer than 5 is it certain what they chose, unless all who are hidden with them chose alike', () => {
  fc.assert(
    fc.property(answered, fc.integer(), (responses, seed) => {
      fc.pre(responses.length >= 5);
      expect(pinned(responses, seed)).toEqual([]);
    }),
    { numRuns: LONG ? 300 : 12, seed: 1, endOnFailure: true },
  );
});
