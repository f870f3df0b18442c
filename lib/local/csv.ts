/** Reads a CSV file with a header (RFC 4180): every readable row, and what is wrong with the others. */
import { parse, type CsvError } from 'csv-parse/sync';
import { asWritten } from '../../functions/http/csv.ts';

export interface CsvRow {
  /** Its line in the file, the header being 1. */
  readonly line: number;
  readonly cells: Readonly<Record<string, string>>;
}

export interface CsvFile {
  readonly columns: readonly string[];
  readonly rows: readonly CsvRow[];
  readonly broken: readonly { readonly line: number; readonly message: string }[];
}

interface Parsed {
  readonly record: Readonly<Record<string, string>>;
  readonly info: { readonly lines: number; readonly columns: readonly { readonly name: string }[] };
}

const MARK = Buffer.from('\uFEFF');
const unguarded = (cells: CsvRow['cells']): CsvRow['cells'] =>
  Object.fromEntries(Object.entries(cells).map(([name, cell]) => [name, asWritten(cell)]));

/**
 * `exported`: the columns of a file that we have written ourselves. Where it has exactly these, behind a byte order mark, cells that were kept
 * from being formulas come back as they were; in a file of anybody else's a `'` is a `'`.
 */
export const readCsv = (bytes: Buffer, exported?: readonly string[]): CsvFile => {
  const broken: { line: number; message: string }[] = [];
  let columns: readonly string[] = [];
  const parsed: readonly Parsed[] = parse(bytes, {
    bom: true,
    columns: (header: string[]) => (columns = header.map((name) => name.trim())).slice(),
    info: true,
    skip_empty_lines: true,
    skip_records_with_error: true,
    on_skip: (error: CsvError | undefined) => {
      broken.push({ line: Number(error?.['lines'] ?? 0), message: error?.message ?? 'cannot be read' });
    },
  });
  const isOurs = bytes.subarray(0, MARK.length).equals(MARK) && columns.join() === exported?.join();
  return { columns, rows: parsed.map(({ record, info }) => ({ line: info.lines, cells: isOurs ? unguarded(record) : record })), broken };
};
