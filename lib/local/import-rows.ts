/** Sends rows in chunks, in order, and adds up what became of them. */
import type * as z from 'zod/mini';
import { importResult, MAX_ROWS } from '../../functions/http/import.ts';

export type ImportTotals = z.output<typeof importResult>;

/** `send` takes one chunk and answers as an import does; `told` hears how many rows are done. */
export const importRows = async <R>(
  rows: readonly R[],
  send: (chunk: readonly R[]) => Promise<unknown>,
  told: (done: number) => void = () => undefined,
): Promise<ImportTotals> => {
  const totals: ImportTotals = { made: 0, changed: 0, unchanged: 0, errors: [] };
  for (let start = 0; start < rows.length; start += MAX_ROWS) {
    const chunk = rows.slice(start, start + MAX_ROWS);
    const { made, changed, unchanged, errors } = importResult.parse(await send(chunk));
    totals.made += made;
    totals.changed += changed;
    totals.unchanged += unchanged;
    totals.errors.push(...errors);
    told(start + chunk.length);
  }
  return totals;
};
