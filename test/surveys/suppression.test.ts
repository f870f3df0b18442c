/** What results of surveys tell, put together by those who attack metrics too, question by question and option by option. */
import fc from 'fast-check';
import { describe, expect, it, vi } from 'vitest';
import type { DivisionCode } from '../../functions/kernel/division.ts';
import { isSmall, type Suppressed } from '../../functions/kernel/suppression.ts';
import type { Counts, Tally } from '../../functions/surveys/counts.ts';
import { resultsOf, type GroupResult, type Groups, type Results } from '../../functions/surveys/results.ts';
import { byEnumeration, byFlow, everythingHidden, type Figure, type View } from '../metrics/support/attackers.ts';
import { worldOf } from '../metrics/support/worlds.ts';
import { LONG } from '../support/faults.ts';
import { communityOf, countsOf, groupsOf, QUESTIONS, surveys, WAYS, type Response } from './support/surveys.ts';

const RUNS = LONG ? 3000 : 200;
vi.setConfig({ testTimeout: LONG ? 600_000 : 60_000 });

const published = (responses: readonly Response[]): { readonly results: Results; readonly by: ReadonlyMap<string, Groups> } => {
  const by = new Map(WAYS.map((way) => [way, groupsOf(QUESTIONS, responses, way)]));
  return { results: resultsOf(QUESTIONS, countsOf(QUESTIONS, responses), Object.fromEntries(by)), by };
};

/** The parts as communities of the only street of a province: what is shown of the whole is shown of all above them. */
const asFigures = (parts: readonly (readonly [number, number])[]): readonly Figure[] =>
  worldOf(new Map(parts.map((part, index) => [communityOf(index), part] as const)));

const viewOf = (parts: readonly (readonly [number, number])[], isHidden: readonly boolean[], denominatorsPublished: boolean): View => {
  const figures = asFigures(parts);
  const labels = new Map(
    parts.flatMap(([, denominator], index): [DivisionCode, Suppressed][] =>
      isHidden[index] === true && denominator > 0
        ? [[communityOf(index) as DivisionCode, isSmall(denominator) ? 'small' : 'secondary']]
        : [],
    ),
  );
  return { figures, labels, denominatorsPublished };
};
/** What the whole alone tells: no choice can leave more open. */
const wholeAlone = (view: View): View => ({
  ...view,
  labels: new Map([...everythingHidden(view).labels].filter(([code]) => code.length === 12)),
});

interface Question {
  readonly tables: readonly (readonly (readonly [number, number])[])[];
  readonly sizes: readonly number[];
  /** How many it is known to be at most. */
  readonly most: readonly number[];
  readonly isHidden: readonly boolean[];
}

const sumOf = (tally: Tally): number => Object.values(tally).reduce((sum, each) => sum + each, 0);

/** Every question by every way: what each option has in each group, and in which of them it is hidden. */
const questionsIn = ({ results, by }: ReturnType<typeof published>): readonly Question[] =>
  [...by].flatMap(([way, groups]) => {
    const shown = new Map((results.by?.[way] ?? []).map((each) => [each.key, each]));
    const keys = [...groups.keys()].toSorted();
    return QUESTIONS.map((question): Question => {
      const isShown = (group: GroupResult | undefined): boolean =>
        group?.questions?.some(({ id, suppressed }) => id === question.id && suppressed === undefined) === true;
      const of = (key: string) => (groups.get(key) as Counts).questions[question.id] as Counts['questions'][string];
      const ids = question.kind === 'rating' ? ['1', '2', '3', '4', '5'] : (question.options ?? []).map(({ id }) => id);
      const rows = question.rows?.map(({ id }) => id) ?? [undefined];
      const tallyOf = (key: string, row: string | undefined): Tally => (row === undefined ? of(key).options : of(key).rows?.[row]) ?? {};
      const tables = rows.flatMap((row) => {
        const sizes = keys.map((key) => (row === undefined ? of(key).n : sumOf(tallyOf(key, row))));
        if (isSmall(sizes.reduce((a, b) => a + b, 0))) return [];
        return ids.map((id) => keys.map((key, index) => [tallyOf(key, row)[id] ?? 0, sizes[index] ?? 0] as const));
      });
      return {
        tables,
        sizes: keys.map((key) => of(key).n),
        most: keys.map((key) => shown.get(key)?.responses ?? Number.POSITIVE_INFINITY),
        isHidden: keys.map((key) => !isShown(shown.get(key))),
      };
    });
  });

const expectSafe = (view: View, attack: (view: View) => ReadonlyMap<string, number>): void => {
  const [found, most] = [attack(view), attack(wholeAlone(view))];
  for (const [code, values] of found) expect(values, code).toBe(Math.min(3, most.get(code) ?? 0));
};

describe('from all that is shown of a survey, by community and by channel, nobody can tell', () => {
  it('how many responded in a hidden group to fewer than three values', () => {
    let hidden = 0;
    fc.assert(
      fc.property(surveys(), (responses) => {
        const { results, by } = published(responses);
        for (const [way, groups] of by) {
          const shown = results.by?.[way] ?? [];
          // Where nothing is said of any group, there is no label that tells.
          if (shown.length === 0) continue;
          const parts = [...groups.values()].map(({ n }) => [n, n] as const);
          const isHidden = [...groups.keys()].map((key) => shown.find((each) => each.key === key)?.responses === undefined);
          if (isHidden.includes(true)) hidden++;
          for (const [code, values] of byFlow(viewOf(parts, isHidden, false))) expect(values, code).toBe(3);
        }
      }),
      { numRuns: RUNS },
    );
    expect(hidden).toBeGreaterThan(0);
  });

  it('how many chose an option there, to fewer than three or than the whole alone leaves, even knowing how many answered', () => {
    let hidden = 0;
    fc.assert(
      fc.property(surveys(), (responses) => {
        for (const { tables, isHidden } of questionsIn(published(responses)))
          for (const parts of tables) {
            expectSafe(viewOf(parts, isHidden, true), byFlow);
            hidden += isHidden.includes(true) && isHidden.includes(false) ? 1 : 0;
          }
      }),
      { numRuns: RUNS },
    );
    expect(hidden).toBeGreaterThan(RUNS);
  });

  it('nor by trying out all there could be', () => {
    const few = surveys(4).filter((responses) => responses.length <= 24);
    fc.assert(
      fc.property(few, (responses) => {
        for (const { tables, isHidden } of questionsIn(published(responses)))
          for (const parts of tables) expectSafe(viewOf(parts, isHidden, true), (view) => byEnumeration(view, 9));
      }),
      { numRuns: LONG ? 300 : 20 },
    );
  });

  it('how many left a question out to fewer than three, by how many answered it elsewhere and responded', () => {
    fc.assert(
      fc.property(surveys(), (responses) => {
        const questions = questionsIn(published(responses)).filter((_, index) => QUESTIONS[index % QUESTIONS.length]?.required === false);
        for (const { sizes, most, isHidden } of questions) {
          if (isHidden.every(Boolean)) continue;
          const hidden = sizes.flatMap((size, index) => (isHidden[index] === true && size > 0 ? [{ size, most: most[index] ?? 0 }] : []));
          const spans = hidden.map(({ size, most: high }): [number, number] => (isSmall(size) ? [1, 4] : [5, Math.min(high, 1000)]));
          const sum = hidden.reduce((total, { size }) => total + size, 0);
          const [least, greatest] = [0, 1].map((end) => spans.reduce((total, span) => total + (span[end] ?? 0), 0)) as [number, number];
          for (const [low, high] of spans)
            expect(Math.min(high, sum - (least - low)) - Math.max(low, sum - (greatest - high)) + 1).toBeGreaterThanOrEqual(3);
        }
      }),
      { numRuns: RUNS },
    );
  });
});

describe('fewer than 5', () => {
  it('are never shown, nor what the shown ones leave of the whole', () => {
    fc.assert(
      fc.property(surveys(), (responses) => {
        const { results, by } = published(responses);
        const all = [results, ...Object.values(results.by ?? {}).flat()];
        const told = all.flatMap(({ responses: n, questions = [] }) => [
          n,
          ...questions.flatMap((each) => [each.n, ...(each.rows ?? []).map((row) => row.n)]),
        ]);
        for (const n of told) if (n !== undefined) expect(isSmall(n)).toBe(false);
        for (const each of questionsIn({ results, by })) {
          if (each.isHidden.every(Boolean)) continue;
          const left = each.sizes.reduce((sum, size, index) => sum + (each.isHidden[index] === true ? size : 0), 0);
          expect(isSmall(left)).toBe(false);
          for (const [first] of [each.tables]) {
            const rest = (first ?? []).map((_, index) => (each.isHidden[index] === true ? (first?.[index]?.[1] ?? 0) : 0));
            expect(isSmall(rest.reduce((a, b) => a + b, 0))).toBe(false);
          }
        }
      }),
      { numRuns: RUNS },
    );
  });
});
