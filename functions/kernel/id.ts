/**
 * Ids and numbers in Crockford's base 32 (https://www.crockford.com/base32.html): no letter that could be heard or read as another.
 */
import { createHash } from 'node:crypto';

const ALPHABET = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';

/** Where randomness comes from: `crypto.randomBytes` in production, a seeded source in tests. */
export type Random = (bytes: number) => Uint8Array;

/** Bytes that follow from these words alone, so that what is made of the same source is the same. No more than 32 at a time. */
export const derivedFrom = (...source: readonly (string | number)[]): Random => {
  let block = 0;
  return (bytes) =>
    createHash('sha256')
      .update(JSON.stringify([...source, block++]))
      .digest()
      .subarray(0, bytes);
};

/** `length` characters of 5 random bits each. */
export const randomCharacters = (random: Random, length: number): string =>
  Array.from(random(length), (byte) => ALPHABET.charAt(byte & 31)).join('');

/** An opaque id: 26 characters, 130 random bits. */
export const newId = (random: Random): string => randomCharacters(random, 26);
export const ID_PATTERN = /^[0-9A-HJKMNP-TV-Z]{20,32}$/;

/** Characters of it that say where an id lies among all. */
const TELLING = 8;

/** The share of all ids, more than 0 and at most 1, that sort no later than this one: they are random. */
export const shareUpTo = (id: string): number => {
  let value = 0;
  for (const character of id.slice(0, TELLING).padEnd(TELLING, '0')) value = value * 32 + Math.max(ALPHABET.indexOf(character), 0);
  return (value + 1) / 32 ** TELLING;
};

const NUMBER_LENGTH = 8;

/** Crockford's check: the value modulo 37. The five signs beyond the alphabet (`*~$=U`) cannot be read out, so such numbers are not given. */
const checkOf = (characters: string): string | undefined => {
  let rest = 0;
  for (const character of characters) rest = (rest * 32 + ALPHABET.indexOf(character)) % 37;
  return ALPHABET[rest];
};

/**
 * An id whose first 8 characters are a number for the telephone: 25 characters, at least 122 random bits, and whoever knows only the
 * number still lacks 85 of them. Since the number is part of the id, it needs no index and no second item to be unique.
 */
export const newNumberedId = (random: Random): string => {
  for (;;) {
    const number = randomCharacters(random, NUMBER_LENGTH);
    if (checkOf(number) !== undefined) return number + randomCharacters(random, 17);
  }
};

/** The number that is read out, 8 characters and a check sign, of an id from {@link newNumberedId}. */
export const numberOf = (id: string): string => {
  const characters = id.slice(0, NUMBER_LENGTH);
  return characters + (checkOf(characters) ?? '');
};

/** The 8 characters of a number as somebody typed it (case, spaces, hyphens, O for 0, I and L for 1); undefined where the check is wrong. */
export const parseNumber = (typed: string): string | undefined => {
  const characters = typed.toUpperCase().replaceAll(/[\s-]/g, '').replaceAll('O', '0').replaceAll(/[IL]/g, '1');
  if (characters.length !== NUMBER_LENGTH + 1 || Array.from(characters).some((each) => !ALPHABET.includes(each))) return undefined;
  const number = characters.slice(0, NUMBER_LENGTH);
  return checkOf(number) === characters.at(-1) ? number : undefined;
};
