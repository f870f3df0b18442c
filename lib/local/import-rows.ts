/** Sends the rows of a CSV file in chunks, in order. */
import * as z from 'zod/mini';
import { importResult, MAX_ROWS } from '../../functions/http/import.ts';

export type ImportTotals = z.output<typeof importResult>;

/** The first line below the header. */
const FIRST_LINE = 2;

/** `send` takes one chunk; `told` hears how many rows are done. A row's line is its place in the file. */
export const importFile = async (
  rows: readonly Readonly<Record<string, string>>[],
  send: (chunk: readonly Record<string, unknown>[]) => Promise<unknown>,
  told: (done: number) => void = () => undefined,
  lineOf: (index: number) => number = (index) => index + FIRST_LINE,
): Promise<ImportTotals> => {
  const totals = { made: 0, changed: 0, unchanged: 0, errors: [] as ImportTotals['errors'] };
  for (let start = 0; start < rows.length; start += MAX_ROWS) {
    const chunk = rows.slice(start, start + MAX_ROWS).map((row, index) => ({ ...row, line: lineOf(start + index) }));
    const { made, changed, unchanged, errors } = importResult.parse(await send(chunk));
    totals.made += made;
    totals.changed += changed;
    totals.unchanged += unchanged;
    totals.errors.push(...errors);
    told(start + chunk.length);
  }
  return totals;
};
