/** One-time codes for answers by telephone and on paper: read aloud, kept as hashes only. */
import { createHmac } from 'node:crypto';
import { keyedHash } from '../http/secret.ts';
import { newNumberedId, numberOf, type Random } from '../kernel/id.ts';

type Secrets = readonly [string, ...string[]];

/** Random bytes that are the same each time for the same seed. */
const streamOf = (seed: string): Random => {
  let calls = 0;
  return (bytes) => {
    const blocks: Buffer[] = [];
    calls += 1;
    for (let length = 0; length < bytes; length += 32) blocks.push(createHmac('sha256', seed).update(`${calls}#${blocks.length}`).digest());
    return Buffer.concat(blocks).subarray(0, bytes);
  };
};

/** The codes of a lot, 8 characters and a check sign each and no two alike: derived from its id, so that they can be told again and are not stored. */
export const codesOf = (secret: string, lot: string, count: number): readonly string[] => {
  const random = streamOf(keyedHash(secret, 'surveyCodes', lot));
  const codes = new Set<string>();
  while (codes.size < count) codes.add(numberOf(newNumberedId(random)));
  return [...codes];
};

/** The hash under which a code is known. */
export const codeHash = (secret: string, survey: string, code: string): string => keyedHash(secret, 'surveyCode', `${survey}#${code}`);

/** Under each secret that is valid, newest first. */
export const codeHashes = (secrets: Secrets, survey: string, code: string): readonly string[] =>
  secrets.map((secret) => codeHash(secret, survey, code));
