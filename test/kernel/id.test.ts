import { randomBytes } from 'node:crypto';
import { expect, test } from 'vitest';
import {
  dayPrefix,
  ID_PATTERN,
  newDatedId,
  newId,
  newNumberedId,
  newTimedId,
  numberOf,
  parseNumber,
  randomCharacters,
} from '../../functions/kernel/id.ts';
import { addDays, epochMs, type Day } from '../../functions/kernel/time.ts';

const ALPHABET = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
const many = <T>(make: () => T): T[] => Array.from({ length: 2000 }, make);

test('an id is 26 characters of Crockford’s alphabet, 130 random bits, and never the same', () => {
  const ids = many(() => newId(randomBytes));
  for (const id of ids) expect(id).toMatch(/^[0-9A-HJKMNP-TV-Z]{26}$/);
  expect(new Set(ids).size).toBe(ids.length);
  for (const id of ids) expect(ID_PATTERN.test(id)).toBe(true);
});

test('every character comes from five bits, so each is as likely as any other', () => {
  expect(randomCharacters(() => Uint8Array.from(Array.from({ length: 256 }, (_, byte) => byte)), 256)).toBe(ALPHABET.repeat(8));
});

test('an id begins with its number, whose check sign can be read out', () => {
  for (const id of many(() => newNumberedId(randomBytes))) {
    expect(id).toMatch(ID_PATTERN);
    expect(id).toHaveLength(25);
    const number = numberOf(id);
    expect(number).toMatch(/^[0-9A-HJKMNP-TV-Z]{9}$/);
    expect(parseNumber(number)).toBe(id.slice(0, 8));
  }
});

test('a number is understood as people say and type it', () => {
  const number = numberOf('10000000');
  expect(parseNumber(number)).toBe('10000000');
  for (const typed of [
    number.toLowerCase(),
    number.replaceAll('0', 'o'),
    number.replaceAll('1', 'l'),
    number.replaceAll('1', 'I'),
    `${number.slice(0, 4)}-${number.slice(4)}`,
    ` ${number} `,
  ])
    expect([typed, parseNumber(typed)]).toEqual([typed, '10000000']);
});

test('one wrong character, or two neighbours exchanged, is noticed', () => {
  const number = numberOf(newNumberedId(randomBytes));
  for (let index = 0; index < number.length; index++) {
    for (const other of ALPHABET) {
      if (other !== number[index]) expect(parseNumber(number.slice(0, index) + other + number.slice(index + 1))).toBeUndefined();
    }
    const exchanged = number.slice(0, index) + (number[index + 1] ?? '') + (number[index] ?? '') + number.slice(index + 2);
    if (exchanged !== number) expect(parseNumber(exchanged)).toBeUndefined();
  }
});

test('what is no number is none', () => {
  for (const typed of ['', '1', 'x'.repeat(9), '0'.repeat(8), '0'.repeat(10), '12345678U', '路灯', '__proto__', '0'.repeat(9_999)])
    expect(parseNumber(typed)).toBeUndefined();
});

test('an id that begins with its moment sorts by it', () => {
  const moments = [0, 1, 31, 32, 1_700_000_000_000, 1_700_000_000_001, Date.UTC(2999, 0, 1)].map(epochMs);
  const ids = moments.map((at) => newTimedId(at, randomBytes));
  expect(ids.toSorted()).toEqual(ids);
  for (const id of ids) expect(id).toMatch(ID_PATTERN);
  expect(new Set(Array.from({ length: 1000 }, () => newTimedId(epochMs(5), randomBytes))).size).toBe(1000);
});

test('ids with a day sort as their days do, and begin with it', () => {
  const days = Array.from({ length: 3000 }, (_, index) => addDays('2020-01-01' as Day, index));
  const ids = days.map((day) => newDatedId(day, randomBytes));
  expect(ids.toSorted()).toEqual(ids);
  for (const [index, id] of ids.entries()) {
    expect(ID_PATTERN.test(id)).toBe(true);
    expect(id.startsWith(dayPrefix(days[index] ?? ('' as Day)))).toBe(true);
  }
});
