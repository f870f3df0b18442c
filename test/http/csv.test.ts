import { parse } from 'csv-parse/sync';
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { asWritten, csvLines } from '../../functions/http/csv.ts';
import { readCsv } from '../../lib/local/csv.ts';

/** Made of what a reader might take for something else. */
const SIGNS = ["'", '=', '+', '-', '@', '\t', '\r', '\n', '"', ',', ';', '5', '.', 'a', ' ', '邻', '＝', '＋', '－', '＠', '\uFEFF'];
const cell = fc.string({ unit: fc.constantFrom(...SIGNS), maxLength: 8 });
const lines = fc.array(fc.tuple(fc.constantFrom('1', '2'), cell, cell), { minLength: 1, maxLength: 5 });
const HEAD = ['id', 'one', 'other'];
const NUMBER = /^-\d+(?:\.\d+)?$/;

test('lines that are written are read as they were, whatever is in their cells', () => {
  fc.assert(
    fc.property(lines, (written) => {
      const file = Buffer.from(csvLines([HEAD], { begins: true }) + csvLines(written, { begins: false }));
      const read = readCsv(file);
      expect([read.columns, read.broken]).toEqual([HEAD, []]);
      expect(read.rows.map(({ cells }) => HEAD.map((name) => asWritten(cells[name] ?? '')))).toEqual(written);
    }),
    { numRuns: 500 },
  );
});

test('no cell is a formula; a negative number is a number', () => {
  fc.assert(
    fc.property(lines, (written) => {
      const cells: string[][] = parse(csvLines([HEAD, ...written], { begins: true }), { bom: true });
      for (const each of cells.flat()) expect(/^[=+\-@\t\r＝＋－＠]/.test(each) && !NUMBER.test(each)).toBe(false);
    }),
    { numRuns: 500 },
  );
  expect(csvLines([['-73.75', '-1', '-1+2', '+5', '-.5']], { begins: false })).toBe("-73.75,-1,'-1+2,'+5,'-.5\r\n");
});

test("a cell that comes with its `'` keeps it", () => {
  for (const text of ["'=1", "''=1", "'-5", "'+"]) expect(csvLines([[asWritten(text)]], { begins: false })).toBe(`${text}\r\n`);
  for (const text of ["'", "'a", "o'clock", '']) expect(asWritten(text)).toBe(text);
});
