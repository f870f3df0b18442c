/** What is exported, and that what was imported comes out equal: over real HTTP, with lines of a real month. */
import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { TokenClaims } from '../../lib/local/issuer.ts';
import { fixture, sendAll, type Row, type Totals } from '../import/support.ts';
import { startWorld, type World } from '../support/world.ts';
import { BULK_COLUMNS } from '../../functions/service-requests/bulk.ts';
import { readCsv } from '../../lib/local/csv.ts';
import { exported, linesOf, rowsOf } from './support/exported.ts';

const LONG = process.env['LINLI_LONG'] !== undefined;
const DIVISIONS = fixture('divisions-chengdu.csv').filter(({ code = '' }) => code.length < 9 || code.startsWith('510104'));
/** All 2,038 in the long form; in the short one they come out where they are taken in, in test/import. */
const REAL = fixture('requests-2025-01.csv').filter((_, index) => LONG || index % 6 === 0);
const COMMUNITY = REAL[0]?.['community'] ?? '';
const STREET = COMMUNITY.slice(0, 9);
const MONTH = '2025-01';
const country: TokenClaims = { sub: 'dispatcher-sichuan', roles: ['dispatcher'], division: '51' };

const hostile = (id: string, more: Row): Row => ({
  ...Object.fromEntries(Object.keys(REAL[0] ?? {}).map((column) => [column, ''])),
  service_request_id: id,
  requested_datetime: '2025-01-31T23:59:59.999+08:00',
  service_name: 'Noise',
  community: COMMUNITY,
  ...more,
});
/** As a program would send them that knows nothing of spreadsheets; each cell is what it says. */
const RAW: readonly Row[] = [
  ...['=1+1', '+1', '-1+2', '@SUM(A1)', '\t=1', '＝1', '－1', "'=1", "''=1", '-5', '-5.5', "o'clock", "'quoted'"].map(
    (description, index) =>
      hostile(`hostile-${index}`, { description, status_notes: description, address: `"${description.trim()}", 1号`, source: description }),
  ),
  hostile('hostile-lines', { description: '第一行\n第二行\r\n"第三行", 完', status_notes: '\r\n', agency_responsible: ' , ' }),
  hostile('hostile-quotes', { description: '"', service_subtype: '""', address: ',"', status_notes: ' ' }),
  hostile('=id', { requested_datetime: '2025-01-31T15:59:58Z', service_name: '=HYPERLINK("x")', lat: '-0.0000001', long: '-104.10' }),
];
const FORMULA = /^[=+\-@\t\r＝－＋＠]/;
const NUMBER = /^-\d+(?:\.\d+)?$/;
const withoutQuotes = (cell: string): string => cell.replace(/^'+/, '');
const ROWS = [...REAL, ...RAW];
/** What a cell is in the file: one that has a `'` before a formula already gets another, so that each comes back as it was. */
const inFile = (cell: string): string => (FORMULA.test(withoutQuotes(cell)) && !NUMBER.test(withoutQuotes(cell)) ? `'${cell}` : cell);
const byId = (rows: readonly Row[]): ReadonlyMap<string, Row> => new Map(rows.map((row) => [row['service_request_id'] ?? '', row]));

let world: World;
let taken: Totals;
let file: Buffer;
beforeAll(async () => {
  world = await startWorld({ divisions: [['98', '空省']], at: '2025-03-03T09:00:00+08:00' });
  await sendAll(world, 'divisions', DIVISIONS);
  taken = await sendAll(world, 'requests', ROWS);
  await world.settle();
  file = await exported(world, country, '510104', MONTH);
}, 120_000);
afterAll(() => world.stop());

describe('what was imported comes out equal', () => {
  test('real lines, cell by cell, in the columns and the order of the import', () => {
    const head = readFileSync(new URL('../fixtures/requests-2025-01.csv', import.meta.url), 'utf8')
      .split('\n')[0]
      ?.trim();
    const [first] = file.toString('utf8').split('\r\n');
    expect(first).toBe(`\uFEFF${head}`);
    expect(taken).toMatchObject({ made: ROWS.length, errors: [] });
    const lines = byId(linesOf(file));
    expect(lines.size).toBe(ROWS.length);
    for (const row of REAL) expect(lines.get(row['service_request_id'] ?? '')).toEqual(row);
  });

  test('cells that a spreadsheet would take for formulas are kept from it, all others are as they were', () => {
    const lines = byId(linesOf(file));
    for (const row of RAW)
      expect(lines.get(inFile(row['service_request_id'] ?? ''))).toEqual(
        Object.fromEntries(Object.entries(row).map(([column, cell]) => [column, inFile(cell)])),
      );
    for (const line of linesOf(file))
      for (const cell of Object.values(line)) expect(FORMULA.test(cell) && !NUMBER.test(cell) ? cell : '').toBe('');
  });

  test('in the order in which they were asked for', () => {
    const moments = linesOf(file).map((line) => Date.parse(line['requested_datetime'] ?? ''));
    expect(moments).toEqual(moments.toSorted((a, b) => a - b));
  });

  test('taken in again where it comes from, it changes nothing', async () => {
    expect(await sendAll(world, 'requests', rowsOf(file))).toEqual({ made: 0, changed: 0, unchanged: ROWS.length, errors: [] });
  });

  test('taken in by an empty system, it is exported from there byte for byte', async () => {
    // In the short form, one street of it.
    const division = LONG ? '510104' : STREET;
    const whole = await exported(world, country, division, MONTH);
    const rows = rowsOf(whole);
    expect(rows.length).toBeGreaterThan(RAW.length + 10);
    const other = await startWorld({ divisions: [['98', '空省']], at: '2025-03-05T09:00:00+08:00' });
    try {
      await sendAll(
        other,
        'divisions',
        DIVISIONS.filter(({ code = '' }) => code.startsWith(division) || division.startsWith(code)),
      );
      expect(await sendAll(other, 'requests', rows)).toEqual({ made: rows.length, changed: 0, unchanged: 0, errors: [] });
      const again = await exported(other, country, division, MONTH);
      expect(again.equals(whole)).toBe(true);
    } finally {
      await other.stop();
    }
  }, 60_000);
});

test("a `'` before what looks like a formula is taken off cells of a file that we have written, and of no other", () => {
  const cells: Row = { ...Object.fromEntries(BULK_COLUMNS.map((column) => [column, 'x'])), description: "'=1" };
  const lines = (columns: readonly string[]): string =>
    [columns, columns.map((column) => cells[column])].map((each) => each.join()).join('\r\n');
  const read = (text: string, exported?: readonly string[]): string | undefined =>
    readCsv(Buffer.from(text), exported).rows[0]?.cells['description'];
  expect(read(`\uFEFF${lines(BULK_COLUMNS)}`, BULK_COLUMNS)).toBe('=1');
  for (const [text, exported] of [
    [lines(BULK_COLUMNS), BULK_COLUMNS],
    [`\uFEFF${lines(BULK_COLUMNS.toReversed())}`, BULK_COLUMNS],
    [`\uFEFF${lines(BULK_COLUMNS.slice(1))}`, BULK_COLUMNS],
    [`\uFEFF${lines([...BULK_COLUMNS, 'colour'])}`, BULK_COLUMNS],
    [`\uFEFF${lines(BULK_COLUMNS)}`, undefined],
  ] as const)
    expect(read(text, exported)).toBe("'=1");
});

describe('a division’s month', () => {
  test.each([
    ['a province', '51'],
    ['a city', '5101'],
    ['a county', '510104'],
    ['a street', STREET],
    ['a community', COMMUNITY],
  ])('of %s: what lies in it, once each', async (_, division) => {
    const lines = linesOf(await exported(world, country, division, MONTH)).map((line) => line['service_request_id']);
    const expected = ROWS.filter(({ community = '' }) => community.startsWith(division)).map((row) =>
      inFile(row['service_request_id'] ?? ''),
    );
    expect(lines).toHaveLength(expected.length);
    expect(new Set(lines)).toEqual(new Set(expected));
  });

  test('that holds nothing is the head of the columns and nothing else', async () => {
    const [first, ...others] = (await exported(world, country, '510104', '2024-02')).toString('utf8').split('\r\n');
    expect(first).toMatch(/^\uFEFFservice_request_id,requested_datetime,.*,community$/);
    expect(others).toEqual(['']);
  });

  test('begins and ends at midnight in Shanghai', async () => {
    const at = (id: string, requested_datetime: string): Row => ({
      service_request_id: id,
      requested_datetime,
      service_name: 'x',
      community: COMMUNITY,
    });
    await sendAll(world, 'requests', [
      at('before', '2024-10-31T23:59:59.999+08:00'),
      at('first', '2024-10-31T16:00:00Z'),
      at('last', '2024-11-30T23:59:59.999+08:00'),
      at('after', '2024-12-01T00:00:00+08:00'),
    ]);
    await world.settle();
    const ids = linesOf(await exported(world, country, '510104', '2024-11')).map((line) => line['service_request_id']);
    expect(ids).toEqual(['first', 'last']);
  });
});
