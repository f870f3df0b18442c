/** Reads a CSV file with a header (RFC 4180): every readable row, and what is wrong with the others. */
import { parse, type CsvError } from 'csv-parse/sync';

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

export const readCsv = (bytes: Buffer): CsvFile => {
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
  return { columns, rows: parsed.map(({ record, info }) => ({ line: info.lines, cells: record })), broken };
};
