/** Bulk import in chunks: a bad row is told with its line and stops no other; the same rows again change nothing. */
import * as z from 'zod/mini';
import { inLanguage, type Language } from '../kernel/texts.ts';
import type { Call, Outcome } from './call.ts';
import type { OperationSpec } from './operation.ts';
import type { FieldError } from './problem.ts';
import { count, named } from './schema.ts';
import { ok } from '../kernel/result.ts';

export const MAX_ROWS = 200;
const AT_ONCE = 16;

/** A line of a CSV file by its columns, all text; `line` counts from 1, the header. Its own schema checks it, row by row. */
const importRow = z.looseObject({ line: z.int().check(z.positive()) });
export type ImportRow = z.output<typeof importRow>;

export const importBody = named('ImportChunk', z.strictObject({ rows: z.array(importRow).check(z.minLength(1), z.maxLength(MAX_ROWS)) }));

export const importResult = named(
  'ImportResult',
  z.object({
    made: count,
    changed: count,
    unchanged: count,
    errors: z.array(z.object({ line: z.int(), path: z.string(), message: z.string() })),
  }),
);

export type RowOutcome = 'made' | 'changed' | 'unchanged' | { readonly errors: readonly FieldError[] };

/** Empty cells are absent ones. */
export const withoutEmptyCells = (row: ImportRow): Record<string, unknown> =>
  Object.fromEntries(Object.entries(row).filter(([, value]) => value !== ''));

/** Does `work` for every row, 16 at once, and answers in their order. */
export const eachRow = async <T, R>(rows: readonly T[], work: (row: T) => Promise<R>): Promise<readonly R[]> => {
  const done: R[] = [];
  for (let start = 0; start < rows.length; start += AT_ONCE)
    done.push(...(await Promise.all(rows.slice(start, start + AT_ONCE).map(work))));
  return done;
};

/** The answer of an import, from what became of each line. */
export const importAnswer = (
  outcomes: readonly (readonly [line: number, outcome: RowOutcome])[],
  language: Language,
): z.output<typeof importResult> => {
  const counted = (kind: RowOutcome): number => outcomes.filter(([, outcome]) => outcome === kind).length;
  return {
    made: counted('made'),
    changed: counted('changed'),
    unchanged: counted('unchanged'),
    errors: outcomes
      .flatMap(([line, outcome]) =>
        typeof outcome === 'string'
          ? []
          : outcome.errors.map(({ path, message }) => ({ line, path, message: inLanguage(message, language) })),
      )
      .toSorted((a, b) => a.line - b.line),
  };
};

/** An import makes no resource of its own: its answer is kept with the key. */
export const replayImport = <O extends OperationSpec>(_: Call<O>, __: string, answer: unknown): Promise<Outcome<O>> =>
  Promise.resolve(ok({ status: 200, body: answer }) as Outcome<O>);
