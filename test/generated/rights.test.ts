/** Every operation × everybody who must not. What must be told of an operation stands in test/support/samples.ts. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ALL, callOperation, isSuccess, told, type Made } from '../support/operations.ts';
import { PAYMENT_SECRETS, SAMPLES, sampleOf } from '../support/samples.ts';
import { differences, startWatchedWorld, writtenBy, type WatchedWorld } from '../support/snapshot.ts';
import { strangersOf } from '../support/strangers.ts';
import type { Answer } from '../support/world.ts';

let world: WatchedWorld;
beforeAll(async () => {
  world = await startWatchedWorld({ secretsFile: PAYMENT_SECRETS });
});
afterAll(() => world.stop());

/** What differs from answer to answer by its nature. */
const CHANGING = new Set(['x-request-id', 'apigw-requestid', 'date']);
const seen = ({ status, headers, text }: Answer): unknown => ({
  status,
  text,
  headers: [...headers].filter(([name]) => !CHANGING.has(name)),
});

const HEADERS = [{ 'if-match': '"77"' }, { 'if-none-match': '"1"' }, { 'idempotency-key': crypto.randomUUID() }];

/** Ids of the right form that nothing has. */
const missing = (made: Made): Made | undefined =>
  made.params?.['id'] === undefined ? undefined : { ...made, params: { ...made.params, id: '3'.repeat(made.params['id'].length) } };

const showsNothing = ({ body }: Answer): boolean =>
  Array.isArray(body?.items) ? body.items.length === 0 : body?.made === 0 && body?.changed === 0;

test('every sample is of an operation that there is', () => {
  expect(Object.keys(SAMPLES).filter((id) => !ALL.some((operation) => operation.id === id))).toEqual([]);
});

describe.each(ALL.map((operation) => [operation.id, operation] as const))('%s', (id, operation) => {
  test('whoever may not is refused, sees nothing and changes nothing; who may, may', async () => {
    const sample = sampleOf(id);
    const made = await sample.make(world);
    if (operation.access === 'public') {
      const answer = await callOperation(world, operation, { ...made, as: undefined });
      expect(isSuccess(answer), told(operation, 'anybody', answer)).toBe(true);
      return;
    }
    if (operation.access === 'apiKey') {
      const before = await world.snapshot(writtenBy(operation));
      for (const key of [
        '',
        'wrong',
        `${'0'.repeat(26)}.${'x'.repeat(43)}`,
        String((made.body as Record<string, string>)['api_key']).slice(0, -1),
      ]) {
        const answer = await callOperation(world, operation, { ...made, body: { ...(made.body as object), api_key: key } });
        expect(answer.status, told(operation, `the key ${key}`, answer)).toBe(403);
      }
      expect(differences(before, await world.snapshot(writtenBy(operation))), `${id}: a wrong key has changed something`).toEqual([]);
      const answer = await callOperation(world, operation, made);
      expect(isSuccess(answer), told(operation, 'the right key', answer)).toBe(true);
      return;
    }
    if (operation.access === 'signature') {
      const [[name, signature] = ['', '']] = Object.entries(made.headers ?? {});
      const forged = signature.replace(/.$/, (last) => (last === '0' ? '1' : '0'));
      const before = await world.snapshot(writtenBy(operation));
      for (const [what, body, sent] of [
        ['unsigned', made.body, ''],
        ['signed otherwise', made.body, forged],
        ['another body', `${String(made.body)} `, signature],
      ] as const) {
        const answer = await callOperation(world, operation, { ...made, body, headers: { [name]: sent } });
        expect([400, 401, 403], told(operation, what, answer)).toContain(answer.status);
      }
      expect(differences(before, await world.snapshot(writtenBy(operation))), `${id}: what nobody signed has changed something`).toEqual(
        [],
      );
      const answer = await callOperation(world, operation, made);
      expect(isSuccess(answer), told(operation, 'signed', answer)).toBe(true);
      return;
    }
    if (made.as === undefined) throw new Error(`the sample of ${id} does not say who may`);
    const strangers = strangersOf(operation, sample, made.as);
    const shownToAll = strangers.some(({ reach }) => reach === 'asPublic')
      ? await callOperation(world, operation, { ...made, as: undefined })
      : undefined;

    const before = await world.snapshot(writtenBy(operation));
    for (const { name, as, reach } of strangers.filter((each) => each.reach !== 'allowed')) {
      const answer = await callOperation(world, operation, { ...made, as });
      if (reach === 'nothing') {
        expect(isSuccess(answer) && showsNothing(answer), told(operation, `${name} sees nothing`, answer)).toBe(true);
        continue;
      }
      if (reach === 'asPublic') {
        expect([answer.status, answer.text], told(operation, `${name} sees what all see`, answer)).toEqual([200, shownToAll?.text]);
        continue;
      }
      if (reach === 'notNow') {
        expect(answer.body?.code, told(operation, name, answer)).toBe('wrongState');
        continue;
      }
      if (reach === 'wrongField') {
        expect(answer.body?.code, told(operation, name, answer)).toBe('invalid');
        continue;
      }
      expect([401, 403, 404], told(operation, name, answer)).toContain(answer.status);
      expect(answer.status === 401, told(operation, name, answer)).toBe(as === undefined && operation.access === 'signedIn');
      const absent = missing(made);
      if (answer.status !== 404 || absent === undefined) continue;
      // No header that a client may add tells the two apart either; it is the same for whoever is refused.
      for (const headers of name === 'the same role elsewhere' ? [{}, ...HEADERS] : [{}]) {
        const [there, not] = [
          await callOperation(world, operation, { ...made, as }, headers),
          await callOperation(world, operation, { ...absent, as }, headers),
        ];
        expect(seen(there), `${id}: to ${name} it must look as if it were not there`).toEqual(seen(not));
      }
    }
    expect(differences(before, await world.snapshot(writtenBy(operation))), `${id}: who was refused has changed something`).toEqual([]);

    const absent = missing(made);
    const there = made.params?.['id'];
    // A PUT makes what is not there.
    if (absent !== undefined && there !== undefined && operation.method !== 'PUT') {
      // Whoever knows a number, the id's beginning, does not know the id.
      const guessed = { ...made, params: { ...made.params, id: there.slice(0, 8) + '3'.repeat(there.length - 8) } };
      const answers = [await callOperation(world, operation, guessed), await callOperation(world, operation, absent)];
      expect(answers.map(({ status }) => status)).toEqual([404, 404]);
    }
    const answer = await callOperation(world, operation, made);
    expect(isSuccess(answer), told(operation, 'who may', answer)).toBe(true);
    // Otherwise it would not show that the others see less.
    if (shownToAll !== undefined && sample.roles !== undefined) expect(answer.text).not.toBe(shownToAll.text);
    for (const { name, as } of strangers.filter((each) => each.reach === 'allowed')) {
      const allowed = await callOperation(world, operation, { ...(await sample.make(world)), as });
      expect(isSuccess(allowed), told(operation, name, allowed)).toBe(true);
    }
  });
});
