/** Tables as CSV (RFC 4180) that a spreadsheet opens safely: no cell becomes a formula, and Chinese is read as what it is. */
import { stringify } from 'csv-stringify/sync';
import type { Table } from './operation.ts';

export const CSV_TYPE = 'text/csv; charset=utf-8';

/** In UTF-8 with a byte order mark, without which Excel takes it for another encoding. A cell that begins like a formula gets a `'`. */
export const csvOf = (table: Table): string =>
  stringify(
    table.map((cells) => [...cells]),
    { bom: true, escape_formulas: true, record_delimiter: 'windows', cast: { boolean: String } },
  );

/** What a spreadsheet takes for a formula, full-width signs among it, and what would be read back as such a cell that was kept from it. */
const FORMULA = /^'*[=+\-@\t\r\uff0b\uff0d\uff1d\uff20]/;
/** A plain number is none: degrees west stay a number. */
const NUMBER = /^'*-\d+(?:\.\d+)?$/;
const isGuarded = (cell: string): boolean => FORMULA.test(cell) && !NUMBER.test(cell);

/** Takes off the `'` that {@link csvLines} put on: every cell that was written comes back, whatever it holds. */
export const asWritten = (cell: string): string => (cell.startsWith("'") && isGuarded(cell.slice(1)) ? cell.slice(1) : cell);

/** Lines of a file that is to be read back by us: as {@link csvOf}, but no two cells come out alike. `begins`: the file begins with them. */
export const csvLines = (lines: readonly (readonly string[])[], { begins }: { readonly begins: boolean }): string =>
  stringify(
    lines.map((cells) => cells.map((cell) => (isGuarded(cell) ? `'${cell}` : cell))),
    { bom: begins, record_delimiter: 'windows' },
  );
