/** `npm run import -- divisions FILE`, `requests FILE` or `catalogue`: bulk import through the API, in chunks, with progress. */
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { environmentFrom, VARIABLES } from '../functions/kernel/environment.ts';
import { readCsv, type CsvRow } from '../lib/local/csv.ts';
import { importRows, type ImportTotals } from '../lib/local/import-rows.ts';
import { progressBar } from '../lib/local/progress-bar.ts';
import { loadCatalogue } from '../lib/local/starting-data.ts';

const USAGE = `npm run import -- divisions FILE    code,name and any other field of a division (lat, long, population, …)
npm run import -- requests FILE     Open311 bulk columns, plus community
npm run import -- catalogue         the starting catalogue of services and programmes

LINLI_API (http://localhost:3000) says where; LINLI_TOKEN an administrator's token, which a local system makes itself.`;

const REQUIRED_COLUMNS: Readonly<Record<string, readonly string[]>> = {
  divisions: ['code', 'name'],
  requests: ['service_request_id', 'requested_datetime', 'service_name', 'community'],
};
/** What tells one line from another. */
const KEY_COLUMNS = { divisions: 'code', requests: 'service_request_id' } as const;
const ATTEMPTS = 6;
const SHOWN_ERRORS = 50;

class Stop extends Error {}

const environment = environmentFrom();
const api = (environment.optional(VARIABLES.api) ?? 'http://localhost:3000').replace(/\/$/, '');

const request = async (path: string, init: RequestInit): Promise<Response> => {
  try {
    return await fetch(api + path, init);
  } catch {
    throw new Stop(`Nothing answers at ${api}. Start it with \`npm start\`, or set ${VARIABLES.api} to where it runs.`);
  }
};

const tokenOf = async (): Promise<string> => {
  const given = environment.optional(VARIABLES.token);
  if (given !== undefined) return given;
  const answer = await request('/dev/tokens', { method: 'POST', body: JSON.stringify({ sub: 'import', roles: ['admin'] }) });
  if (!answer.ok) throw new Stop(`${api} makes no tokens itself: set ${VARIABLES.token} to an administrator's.`);
  const { token } = (await answer.json()) as { token: string };
  return token;
};

/** Sends one call, again where the system asks for patience. */
const caller =
  (token: string) =>
  async (method: string, path: string, body: unknown): Promise<unknown> => {
    for (let attempt = 1; ; attempt++) {
      const answer = await request(path, {
        method,
        headers: {
          authorization: `Bearer ${token}`,
          'content-type': 'application/json',
          'accept-language': environment.optional(VARIABLES.language)?.startsWith('zh') === true ? 'zh-CN' : 'en',
        },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });
      if (answer.ok) return answer.json();
      if (answer.status === 404 && method === 'GET') return undefined;
      if (attempt < ATTEMPTS && (answer.status === 429 || answer.status >= 500)) {
        await sleep(1000 * Number(answer.headers.get('retry-after') ?? attempt));
        continue;
      }
      if (answer.status === 401)
        throw new Stop(
          `${api} does not accept the token: it has expired, or is another issuer's. Sign in again and set ${VARIABLES.token}.`,
        );
      if (answer.status === 403) throw new Stop(`The token's holder may not import: ${VARIABLES.token} must be an administrator's.`);
      throw new Stop(
        `${method} ${path} answered ${answer.status}: ${await answer.text()}\nRun the same command again when that is mended: what has gone in is left as it is.`,
      );
    }
  };

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
  const { columns, rows, broken } = readCsv(readFile(file));
  const missing = REQUIRED_COLUMNS[kind]?.filter((name) => !columns.includes(name)) ?? [];
  if (missing.length > 0)
    throw new Stop(
      `${file} has no column ${missing.join(', ')}. Its first line must name the columns; it names: ${columns.join(', ') || 'nothing'}.`,
    );
  const call = caller(await tokenOf());
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
  const call = caller(await tokenOf());
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

try {
  process.exitCode = (await run()) ? 0 : 1;
} catch (error) {
  if (!(error instanceof Stop)) throw error;
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 1;
}
