import { expect, test } from 'vitest';
import { ancestorOf, covers, isDivisionCode, LEVELS, levelOf, parentOf, type DivisionCode } from '../../functions/kernel/division.ts';

const COMMUNITY = '510104017001' as DivisionCode;
const LINE = ['51', '5101', '510104', '510104017', '510104017001'];

test('a code is 2, 4, 6, 9 or 12 digits, and its length tells its level', () => {
  expect(LINE.map((code) => levelOf(code as DivisionCode))).toEqual(LEVELS);
  for (const text of LINE) expect(isDivisionCode(text)).toBe(true);
  for (const text of [
    '',
    '5',
    '510',
    '51010',
    '5101040',
    '51010401',
    '5101040170',
    '51010401700',
    '5101040170011',
    '51a1',
    ' 51',
    '51\n',
    '５１０１',
  ])
    expect([text, isDivisionCode(text)]).toEqual([text, false]);
  expect(() => levelOf('510' as DivisionCode)).toThrow('510');
});

test('above every division is one, and above a province none', () => {
  expect(LINE.map((code) => parentOf(code as DivisionCode))).toEqual([undefined, ...LINE.slice(0, -1)]);
});

test('an ancestor is the code’s own beginning; of a level below, the code itself', () => {
  expect(LEVELS.map((level) => ancestorOf(COMMUNITY, level))).toEqual(LINE);
  expect(ancestorOf('5101' as DivisionCode, 'community')).toBe('5101');
});

test('a right reaches down and neither up nor aside; from no division it reaches nothing', () => {
  for (const code of LINE) expect(covers(code, COMMUNITY)).toBe(true);
  for (const code of ['52', '5102', '510105', '510104018', '510104017002']) expect(covers(code, COMMUNITY)).toBe(false);
  expect(covers(COMMUNITY, '510104017')).toBe(false);
  expect(covers(undefined, COMMUNITY)).toBe(false);
});
