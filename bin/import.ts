/** `npm run import -- divisions FILE`, `requests FILE` or `catalogue`: bulk import through the API, in chunks, with progress. */
import { readFileSync } from 'node:fs';
import { environmentFrom } from '../functions/kernel/environment.ts';
import { BULK_COLUMNS } from '../functions/service-requests/bulk.ts';
import { apiClient, runCommand, Stop, type ApiClient } from '../lib/local/api-client.ts';
import { readCsv, type CsvRow } from '../lib/local/csv.ts';
import { importRows, type ImportTotals } from '../lib/local/import-rows.ts';
import { progressBar } from '../lib/local/progress-bar.ts';
import { loadCatalogue } from '../lib/local/starting-data.ts';

const USAGE = `npm run import -- divisions FILE    code,name and any other field of a division (lat, long, population, …)
npm run import -- requests FILE     Open311 bulk columns, plus community; services that are not in the catalogue become public
npm run import -- catalogue         the starting catalogue of services and programmes

LINLI_API (http://localhost:3000) says where; LINLI_TOKEN an administrator's token, which a local system makes itself.`;

const REQUIRED_COLUMNS: Readonly<Record<string, readonly string[]>> = {
  divisions: ['code', 'name'],
  requests: ['service_request_id', 'requested_datetime', 'service_name', 'community'],
};
/** What tells one line from another. */
const KEY_COLUMNS = { divisions: 'code', requests: 'service_request_id' } as const;
const SHOWN_ERRORS = 50;

const environment = environmentFrom();
const client = (): Promise<ApiClient> =>
  apiClient({
    environment,
    claims: { sub: 'import', roles: ['admin'] },
    whose: "an administrator's",
    what: 'import',
    again: 'Run the same command again when that is mended: what has gone in is left as it is.',
  });

const report = ({ made, changed, unchanged, errors }: ImportTotals): boolean => {
  process.stdout.write(
    `${made} new, ${changed} changed, ${unchanged} unchanged, ${new Set(errors.map(({ line }) => line)).size} not taken in\n`,
  );
  for (const { line, path, message } of errors.slice(0, SHOWN_ERRORS))
    process.stderr.write(`line ${line}: ${path === '' ? '' : `${path} `}${message}\n`);
  if (errors.length > SHOWN_ERRORS) process.stderr.write(`… and ${errors.length - SHOWN_ERRORS} more\n`);
  if (errors.length > 0) process.stderr.write('Correct these lines and run the same command again: the others are left as they are.\n');
  return errors.length === 0;
};

const readFile = (file: string): Buffer => {
  try {
    return readFileSync(file);
  } catch (error) {
    throw new Stop(`${file} cannot be read: ${error instanceof Error ? error.message : String(error)}`);
  }
};

const importFile = async (kind: 'divisions' | 'requests', file: string): Promise<boolean> => {
  const { columns, rows, broken } = readCsv(readFile(file), kind === 'requests' ? BULK_COLUMNS : undefined);
  const missing = REQUIRED_COLUMNS[kind]?.filter((name) => !columns.includes(name)) ?? [];
  if (missing.length > 0)
    throw new Stop(
      `${file} has no column ${missing.join(', ')}. Its first line must name the columns; it names: ${columns.join(', ') || 'nothing'}.`,
    );
  const { call } = await client();
  const lastOf = new Map(rows.map((row) => [row.cells[KEY_COLUMNS[kind]], row]));
  const again = rows.filter((row) => lastOf.get(row.cells[KEY_COLUMNS[kind]]) !== row);
  const once = rows.filter((row) => lastOf.get(row.cells[KEY_COLUMNS[kind]]) === row);
  const bar = progressBar(kind, once.length);
  const totals = await importRows(
    once,
    (chunk: readonly CsvRow[]) => call('POST', `/v1/imports/${kind}`, { rows: chunk.map(({ line, cells }) => ({ ...cells, line })) }),
    (done) => bar.update(done),
  ).finally(() => bar.stop());
  return report({
    ...totals,
    errors: [
      ...broken.map(({ line, message }) => ({ line, path: '', message })),
      ...again.map(({ line }) => ({ line, path: KEY_COLUMNS[kind], message: 'stands again further on, which is what counts' })),
      ...totals.errors,
    ].toSorted((a, b) => a.line - b.line),
  });
};

const importCatalogue = async (): Promise<boolean> => {
  const { call } = await client();
  let bar: ReturnType<typeof progressBar> | undefined;
  await loadCatalogue(
    ({ method, path, body }) => call(method, path, body),
    (done, all) => (bar ??= progressBar('services', all)).update(done),
  ).finally(() => bar?.stop());
  return true;
};

const run = (): Promise<boolean> => {
  const [kind, file, ...rest] = process.argv.slice(2);
  if (kind === 'catalogue' && file === undefined) return importCatalogue();
  if ((kind !== 'divisions' && kind !== 'requests') || file === undefined || rest.length > 0) return Promise.reject(new Stop(USAGE));
  return importFile(kind, file);
};

await runCommand(run);
