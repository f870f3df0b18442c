import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'csv-parse/sync';
import type { TokenClaims } from '../../lib/local/issuer.ts';
import { ADMIN, type Answer, type World } from '../support/world.ts';

export type Row = Readonly<Record<string, string>>;

export interface Totals {
  readonly made: number;
  readonly changed: number;
  readonly unchanged: number;
  readonly errors: readonly { readonly line: number; readonly path: string; readonly message: string }[];
}

/** The rows of a file in `test/fixtures`; where each comes from is told there. */
export const fixture = (name: string): readonly Row[] =>
  parse(readFileSync(join(import.meta.dirname, '..', 'fixtures', name)), { columns: true, bom: true });

/** Rows with the lines that they have in a file: the header's is the first. */
export const numbered = (rows: readonly Row[], first = 2): readonly Record<string, unknown>[] =>
  rows.map((row, index) => ({ ...row, line: first + index }));

export const send = (world: World, kind: string, rows: readonly unknown[], as: TokenClaims = ADMIN): Promise<Answer> =>
  world.post(`/v1/imports/${kind}`, as, { rows }, { 'accept-language': 'en' });

const CHUNK = 200;

/** A whole file, chunk by chunk. */
export const sendAll = async (world: World, kind: string, rows: readonly Row[]): Promise<Totals> => {
  let totals: Totals = { made: 0, changed: 0, unchanged: 0, errors: [] };
  for (let start = 0; start < rows.length; start += CHUNK) {
    const { status, body, text } = await send(world, kind, numbered(rows.slice(start, start + CHUNK), start + 2));
    if (status !== 200) throw new Error(`not taken in: ${text}`);
    totals = {
      made: totals.made + body.made,
      changed: totals.changed + body.changed,
      unchanged: totals.unchanged + body.unchanged,
      errors: [...totals.errors, ...body.errors],
    };
  }
  return totals;
};
