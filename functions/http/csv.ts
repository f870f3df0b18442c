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
