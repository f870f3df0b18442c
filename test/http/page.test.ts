import { randomBytes } from 'node:crypto';
import { expect, test } from 'vitest';
import type { Call } from '../../functions/http/call.ts';
import { nextOf, positionOf } from '../../functions/http/page.ts';

/** As much of a call as pages look at. */
const call = ({ secrets = ['secret'], id = 'listThings', list = '["/v1/things",[]]', sub = 'wang' } = {}): Call =>
  ({
    runtime: { secrets, random: randomBytes },
    operation: { id },
    list,
    caller: { sub },
  }) as unknown as Call;

const cursor = nextOf(call(), { pk: 'a', sk: 'b' }) ?? '';

test('a page goes on where the one before it ended', () => {
  expect(positionOf(call(), cursor)).toEqual({ ok: true, value: { pk: 'a', sk: 'b' } });
});

test('at the end there is no next, and without a cursor a list begins', () => {
  expect(nextOf(call(), undefined)).toBeNull();
  expect(positionOf(call(), undefined)).toEqual({ ok: true, value: undefined });
});

test('a cursor is of one operation, one list and one caller', () => {
  for (const other of [
    call({ id: 'listOthers' }),
    call({ list: '["/v1/things",[["a","b"]]]' }),
    call({ sub: 'li' }),
    { ...call(), caller: undefined },
  ])
    expect(positionOf(other, cursor)).toEqual({ ok: false, error: { code: 'cursorInvalid' } });
});

test('a cursor outlives one rotation of the secret', () => {
  expect(positionOf(call({ secrets: ['newer', 'secret'] }), cursor).ok).toBe(true);
  expect(positionOf(call({ secrets: ['newest', 'newer'] }), cursor).ok).toBe(false);
});
