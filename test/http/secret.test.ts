import { randomBytes } from 'node:crypto';
import { expect, test } from 'vitest';
import { isKeyedHash, keyedHash, seal, unseal } from '../../functions/http/secret.ts';

const SECRETS = ['a secret of the stage, 32 characters', 'the secret before the last rotation'] as const;
const TEXT = JSON.stringify({ pk: 'REQUESTS#510104017001', sk: '2026-11-24T01:00:00.000Z#路灯' });
const sealed = seal(SECRETS, 'cursor', 'a list', TEXT, randomBytes);

test('what was sealed opens with its context, and is not what it holds', () => {
  expect(unseal(SECRETS, 'cursor', 'a list', sealed)).toBe(TEXT);
  expect(sealed).toMatch(/^[A-Za-z0-9_-]+$/);
  expect(Buffer.from(sealed, 'base64url').includes('REQUESTS')).toBe(false);
});

test('the same text is never sealed alike twice', () => {
  expect(seal(SECRETS, 'cursor', 'a list', TEXT, randomBytes)).not.toBe(sealed);
});

test('with any single bit flipped it does not open', () => {
  const bytes = Buffer.from(sealed, 'base64url');
  for (let bit = 0; bit < bytes.length * 8; bit++) {
    const changed = Buffer.from(bytes);
    changed[bit >> 3] = (changed[bit >> 3] ?? 0) ^ (1 << (bit & 7));
    expect(unseal(SECRETS, 'cursor', 'a list', changed.toString('base64url')), `bit ${bit}`).toBeUndefined();
  }
});

test('with any single character changed, cut off or added it does not open', () => {
  for (let index = 0; index < sealed.length; index++) {
    for (const character of ['A', '_', '=', '+', '\u0000', 'é']) {
      if (sealed[index] === character) continue;
      expect(unseal(SECRETS, 'cursor', 'a list', sealed.slice(0, index) + character + sealed.slice(index + 1))).toBeUndefined();
    }
    expect(unseal(SECRETS, 'cursor', 'a list', sealed.slice(0, index))).toBeUndefined();
  }
  for (const more of ['A', '=', ' ', '\n', '.']) expect(unseal(SECRETS, 'cursor', 'a list', sealed + more)).toBeUndefined();
});

test('in another context, for another purpose or under another secret it does not open', () => {
  expect(unseal(SECRETS, 'cursor', 'another list', sealed)).toBeUndefined();
  expect(unseal(SECRETS, 'another purpose', 'a list', sealed)).toBeUndefined();
  expect(unseal(['another secret'], 'cursor', 'a list', sealed)).toBeUndefined();
});

test('after a rotation the old secret still opens, and after another one no longer', () => {
  expect(unseal(['the newest secret', SECRETS[0]], 'cursor', 'a list', sealed)).toBe(TEXT);
  expect(unseal(['the newest secret', 'the one before it'], 'cursor', 'a list', sealed)).toBeUndefined();
});

test('a keyed hash holds under any valid secret, for its own purpose and text', () => {
  const hash = keyedHash(SECRETS[1], 'idempotencyBody', 'text');
  expect(isKeyedHash(SECRETS, 'idempotencyBody', 'text', hash)).toBe(true);
  expect(isKeyedHash(SECRETS, 'idempotencyBody', 'text ', hash)).toBe(false);
  expect(isKeyedHash(SECRETS, 'another purpose', 'text', hash)).toBe(false);
  expect(isKeyedHash([SECRETS[0]], 'idempotencyBody', 'text', hash)).toBe(false);
});
