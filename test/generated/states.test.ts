/** What every operation that changes something owes its callers: versions, preconditions, states, idempotency, a log line. */
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { OperationSpec } from '../../functions/http/operation.ts';
import { DAY, MINUTE, SECOND } from '../../functions/kernel/time.ts';
import { bodySchema, fieldsOf, isFreeText, withField } from '../support/json-schema.ts';
import { OURS, bodyOf, callOperation as send, isSuccess, pathOf, told, type Made } from '../support/operations.ts';
import { ADDRESS, CONTACT, DESCRIPTION, DONOR, sampleOf } from '../support/samples.ts';
import { differences, startWatchedWorld, writtenBy, type WatchedWorld } from '../support/snapshot.ts';
import type { Answer } from '../support/world.ts';

let world: WatchedWorld;
beforeAll(async () => {
  world = await startWatchedWorld();
});
afterAll(() => world.stop());

/** Every answer of all these tests: what the log says of each is looked at in the end. */
const answered: { readonly operation: OperationSpec; readonly answer: Answer }[] = [];
const callOperation: typeof send = async (...given) => {
  const answer = await send(...given);
  answered.push({ operation: given[1], answer });
  return answer;
};

const those = (which: (operation: OperationSpec) => boolean): (readonly [string, OperationSpec])[] =>
  OURS.filter(which).map((operation) => [operation.id, operation]);

/** Where the resource is read that an operation changes: its own path, without the action, unless its sample says where. */
const resourcePath = (operation: OperationSpec, made: Made): string => {
  const named = sampleOf(operation.id).resource?.(made);
  if (named !== undefined) return named;
  const path = operation.method === 'POST' ? operation.path.slice(0, operation.path.lastIndexOf('/')) : operation.path;
  return pathOf({ ...operation, path }, { params: made.params ?? {} });
};

/** How long what all see may be kept: where some see more, somebody has said how long. */
const keptOf = ({ access }: OperationSpec): RegExp =>
  access === 'public' ? /^(?:no-cache|public, max-age=[1-9]\d{1,2})$/ : /^public, max-age=[1-9]\d{1,2}$/;

/** Headers of one answer that the next one does not repeat. */
const bodyAndTag = ({ status, body, headers }: Answer): unknown => ({
  status,
  body,
  etag: headers.get('etag'),
  location: headers.get('location'),
});

/** It makes something of its own from what it is done to, and answers with that. */
const makesAnother = ({ method, responses }: OperationSpec): boolean => method === 'POST' && responses[201] !== undefined;

/** What it is done to is gone afterwards. */
const leavesNothing = ({ responses }: OperationSpec): boolean => responses[204] !== undefined;

describe.each(those((operation) => operation.ifMatch === true))('%s with If-Match', (id, operation) => {
  test('a wrong one is 412 and changes nothing; the right one goes through and makes another version', async () => {
    const made = await sampleOf(id).make(world);
    const path = resourcePath(operation, made);
    const read = await world.get(path, made.as);
    const current = read.headers.get('etag');
    const before = await world.snapshot(writtenBy(operation));
    for (const wrong of ['"999"', '"0x1"', 'W/"1"', 'nonsense', '""', '"', '1'])
      expect([wrong, (await callOperation(world, operation, made, { 'if-match': wrong })).body?.code]).toEqual([
        wrong,
        'preconditionFailed',
      ]);
    expect(differences(before, await world.snapshot(writtenBy(operation)))).toEqual([]);
    // What is not there yet has no version to match.
    const answer = await callOperation(world, operation, made, read.status === 404 ? {} : { 'if-match': current ?? '' });
    expect(isSuccess(answer), told(operation, 'If-Match as read', answer)).toBe(true);
    const left = await world.get(path, made.as);
    if (leavesNothing(operation)) {
      expect([answer.text, left.status]).toEqual(['', 404]);
      return;
    }
    const changed = left.headers.get('etag');
    expect(answer.headers.get('etag')).toMatch(/^"[^"]+"$/);
    expect(changed).not.toBe(current);
    if (!makesAnother(operation)) expect(changed).toBe(answer.headers.get('etag'));
    // It is old now, whatever the state of the resource.
    if (read.status !== 404)
      expect((await callOperation(world, operation, made, { 'if-match': current ?? '' })).body?.code).toBe('preconditionFailed');
  });

  test('* matches whatever is there, and nothing that is not', async () => {
    const made = await sampleOf(id).make(world);
    if (operation.method === 'PUT') {
      const first = await callOperation(world, operation, made, { 'if-match': '*' });
      const isThere = await callOperation(world, operation, made);
      expect([200, 412], told(operation, 'If-Match: *', first)).toContain(first.status);
      expect(first.status === 412).toBe(isThere.status === 201);
    }
    const answer = await callOperation(world, operation, made, { 'if-match': '*' });
    expect(isSuccess(answer), told(operation, 'If-Match: *', answer)).toBe(true);
  });

  if (makesAnother(operation) || leavesNothing(operation)) return;
  test('what it answers with is the resource as its GET has it', async () => {
    const made = await sampleOf(id).make(world);
    const answer = await callOperation(world, operation, made);
    expect(answer.body, told(operation, 'who may', answer)).toEqual((await world.get(resourcePath(operation, made), made.as)).body);
  });
});

describe.each(those((operation) => operation.problems?.includes('wrongState') === true))('%s', (id, operation) => {
  test('out of order it is 409 with the names of what is open, and changes nothing', async () => {
    const make = sampleOf(id).wrongState;
    if (make === undefined) throw new Error(`${id} may answer 409: give its sample a \`wrongState\``);
    const made = await make(world);
    const before = await world.snapshot(writtenBy(operation));
    const answer = await callOperation(world, operation, made);
    expect([answer.status, answer.body.code], told(operation, 'out of order', answer)).toEqual([409, 'wrongState']);
    const { body } = await world.get(resourcePath(operation, made), made.as);
    expect(answer.body.actions).toEqual(body.actions);
    expect(answer.body.actions).not.toContain(operation.path.split('/').at(-1));
    expect(differences(before, await world.snapshot(writtenBy(operation)))).toEqual([]);
  });
});

describe.each(those(({ method, responses }) => method === 'GET' && responses[200] !== undefined))('%s', (id, operation) => {
  test('has an ETag where it is one resource, and 304 for who has it already', async () => {
    const made = await sampleOf(id).make(world);
    const answer = await callOperation(world, operation, made);
    const tag = answer.headers.get('etag');
    if (tag === null) {
      // A list, or what changes with the software only.
      expect(Array.isArray(answer.body.items) || operation.access === 'public').toBe(true);
      return;
    }
    for (const header of sampleOf(id).transient === true ? [] : [tag, `W/${tag}`, `"998", ${tag}`, '*']) {
      const again = await callOperation(world, operation, made, { 'if-none-match': header });
      expect([header, again.status, again.text, again.headers.get('etag')]).toEqual([header, 304, '', tag]);
      expect(again.headers.get('x-request-id')).not.toBeNull();
      expect(again.headers.get('content-type')).toBeNull();
    }
    // Who sees more than everybody is not told that what everybody sees has not changed.
    if (operation.access === 'optional' && made.as !== undefined && sampleOf(id).transient !== true) {
      const seen = await callOperation(world, operation, { ...made, as: undefined });
      if (seen.status === 200 && seen.text !== answer.text) expect(seen.headers.get('etag')).not.toBe(tag);
    }
    for (const header of ['"998"', 'nonsense', '', ...(sampleOf(id).transient === true ? [tag, '*'] : [])])
      expect((await callOperation(world, operation, made, { 'if-none-match': header })).status).toBe(200);
    // What all see of figures may be kept for minutes: they change by the hour.
    const isKept = operation.tag === 'content' && made.as === undefined;
    const usual = operation.access === 'public' ? /^no-cache$/ : /^private, no-cache$/;
    expect(answer.headers.get('cache-control')).toMatch(isKept ? keptOf(operation) : usual);
    if (operation.access === 'optional') expect(answer.headers.get('vary')).toMatch(/authorization/i);
  });
});

// What only somebody who has signed in may read has no form that all see.
describe.each(those(({ tag, access }) => tag === 'content' && access !== 'signedIn'))('%s', (id, operation) => {
  test('has a tag of its content: the same for who sees the same, another for another form, language or reader', async () => {
    const made = await sampleOf(id).make(world);
    const asAll = (headers: Readonly<Record<string, string>> = {}): Promise<Answer> =>
      callOperation(world, operation, { ...made, as: undefined }, headers);
    const answers = [
      await callOperation(world, operation, made),
      await asAll(),
      ...(operation.csv === undefined ? [] : [await asAll({ accept: 'text/csv' })]),
      await asAll({ 'accept-language': 'en' }),
      await asAll(),
    ];
    const byTag = Map.groupBy(answers, ({ headers }) => headers.get('etag'));
    const byText = Map.groupBy(answers, ({ text }) => text);
    for (const [tag, same] of byTag) {
      expect(tag).toMatch(/^"[\w-]{22}"$/);
      expect(new Set(same.map(({ text }) => text)).size, `${id}: ${tag}`).toBe(1);
    }
    expect(byTag.size).toBe(byText.size);
    if (operation.csv !== undefined) {
      const table = answers[2];
      expect(table?.headers.get('vary')).toMatch(/accept(?!-)/i);
      const again = await asAll({ accept: 'text/csv', 'if-none-match': table?.headers.get('etag') ?? '' });
      expect([again.status, again.text]).toEqual([304, '']);
      // The same table is another answer than the JSON that somebody has.
      expect((await asAll({ 'if-none-match': table?.headers.get('etag') ?? '' })).status).toBe(200);
    }
    expect(answers[1]?.headers.get('cache-control')).toMatch(keptOf(operation));
    expect(answers[0]?.headers.get('cache-control')).toMatch(made.as === undefined ? keptOf(operation) : /^private, no-cache$/);
  });
});

describe.each(those(({ responses }) => responses[201] !== undefined))('%s', (id, operation) => {
  test('a 201 says where the new resource is, which is found there at once, the same', async () => {
    const made = await sampleOf(id).make(world);
    const answer = await callOperation(world, operation, made);
    expect(answer.status, told(operation, 'new', answer)).toBe(201);
    const location = answer.headers.get('location') ?? '';
    expect(location).toMatch(/^\/v1\//);
    const read = await world.get(location, made.as);
    // What is told once, to whom it was made for.
    const { key: _key, upload: _upload, ...resource } = answer.body;
    expect([read.status, read.headers.get('etag')]).toEqual([200, answer.headers.get('etag')]);
    if (sampleOf(id).answersInPart === true)
      for (const [name, value] of Object.entries(read.body).filter(([each]) => each in resource))
        expect(resource[name], name).toEqual(value);
    else expect(read.body).toEqual(resource);
  });
});

describe('Idempotency-Key', () => {
  const posts = those(({ method }) => method === 'POST');

  /** Another body that is valid too. */
  const otherBody = (operation: OperationSpec, made: Made): unknown => {
    const sample = sampleOf(operation.id);
    if (sample.otherBody !== undefined) return sample.otherBody;
    const body = bodyOf(operation, made);
    const text = fieldsOf(bodySchema(operation) ?? {}).find(
      ({ path, schema }) => path.length === 1 && isFreeText(schema) && typeof (body as Record<string, unknown>)[path[0] ?? ''] === 'string',
    );
    return text === undefined ? undefined : withField(body, text.path, '另一段文字');
  };

  interface Used {
    readonly operation: OperationSpec;
    readonly made: Made;
    readonly key: string;
    readonly first: Answer;
    readonly ifMatch: Record<string, string>;
  }
  const sendAgain = ({ operation, made, key, ifMatch }: Omit<Used, 'first'>, more: Partial<Made> = {}): Promise<Answer> =>
    callOperation(world, operation, { ...made, ...more }, { ...ifMatch, 'idempotency-key': key });

  test('every POST: the same again has the same result, whatever If-Match says, for 24 hours and no longer', async () => {
    const used: Used[] = [];
    for (const [id, operation] of posts) {
      const made = await sampleOf(id).make(world);
      const tag = operation.ifMatch === true ? (await world.get(resourcePath(operation, made), made.as)).headers.get('etag') : null;
      const use: Omit<Used, 'first'> = { operation, made, key: randomUUID(), ifMatch: tag === null ? {} : { 'if-match': tag } };
      const first = await sendAgain(use);
      expect(isSuccess(first), told(operation, 'with a key', first)).toBe(true);
      expect(first.headers.get('idempotency-replayed')).toBeNull();
      used.push({ ...use, first });

      const again = await sendAgain(use);
      if (sampleOf(id).movesOn === true) expect([again.status, again.body.id]).toEqual([first.status, first.body.id]);
      else expect(bodyAndTag(again), told(operation, 'the same again', again)).toEqual(bodyAndTag(first));
      expect(again.headers.get('idempotency-replayed')).toBe('true');

      const body = otherBody(operation, made);
      if (body !== undefined) {
        const reused = await sendAgain({ ...use, ifMatch: {} }, { body });
        expect([reused.status, reused.body.code], told(operation, 'another body', reused)).toEqual([422, 'idempotencyKeyReused']);
      }
      const stranger = await sendAgain(use, { as: { sub: `stranger-${id}`, roles: ['resident'], division: '510105006001' } });
      expect(stranger.headers.get('idempotency-replayed'), told(operation, 'another caller', stranger)).toBeNull();
      if (made.as !== undefined) {
        // Who may as well is somebody else all the same: their own effect, or what became of it since.
        const colleague = await sendAgain({ ...use, ifMatch: {} }, { as: { ...made.as, sub: `colleague-${id}` } });
        expect(colleague.headers.get('idempotency-replayed'), told(operation, 'a colleague', colleague)).toBeNull();
      }
    }
    world.turn(DAY - MINUTE);
    for (const use of used) {
      const again = await sendAgain(use);
      expect(again.headers.get('idempotency-replayed'), told(use.operation, 'after 23:59', again)).toBe('true');
      expect(again.status).toBe(use.first.status);
    }
    world.turn(MINUTE + SECOND);
    for (const use of used) {
      const again = await sendAgain(use);
      expect(again.headers.get('idempotency-replayed'), told(use.operation, 'after 24 hours', again)).toBeNull();
      // An action that was done is out of order now, and its If-Match is old.
      if (use.operation.ifMatch === true) expect(again.status, told(use.operation, 'after 24 hours', again)).toBe(412);
      else expect(again.status < 500, told(use.operation, 'after 24 hours', again)).toBe(true);
    }
  });

  test('fifty at once with one key have one effect and one answer', async () => {
    const [, operation] = posts.find(([id]) => id === 'createRequest') ?? [];
    if (operation === undefined) throw new Error('there is no createRequest');
    const made = { ...(await sampleOf(operation.id).make(world)), as: { sub: 'impatient', roles: ['resident'], division: '510104017001' } };
    const key = randomUUID();
    const answers = await Promise.all(Array.from({ length: 50 }, () => callOperation(world, operation, made, { 'idempotency-key': key })));
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([201]));
    expect(new Set(answers.map(({ body }) => body.id)).size).toBe(1);
    expect((await world.get('/v1/me/requests?limit=100', made.as)).body.items.length).toBe(1);
  });

  test('a key is 1 to 255 visible characters', async () => {
    const [, operation] = posts.find(([id]) => id === 'createRequest') ?? [];
    if (operation === undefined) throw new Error('there is no createRequest');
    const made = await sampleOf(operation.id).make(world);
    for (const key of ['x', 'x'.repeat(255), '~!"#'])
      expect((await callOperation(world, operation, made, { 'idempotency-key': key })).status).toBe(201);
    for (const key of ['', 'x'.repeat(256), 'a b', 'é']) {
      const { status, body } = await callOperation(world, operation, made, { 'idempotency-key': key });
      expect([key.slice(0, 3), status, body.errors?.[0].path]).toEqual([key.slice(0, 3), 422, 'Idempotency-Key']);
    }
  });

  test('a refused call uses no key up', async () => {
    const [, operation] = posts.find(([id]) => id === 'createRequest') ?? [];
    if (operation === undefined) throw new Error('there is no createRequest');
    const made = await sampleOf(operation.id).make(world);
    const headers = { 'idempotency-key': randomUUID() };
    const wrong = withField(bodyOf(operation, made), ['service'], 'noSuchService');
    expect((await callOperation(world, operation, { ...made, body: wrong }, headers)).status).toBe(422);
    const right = await callOperation(world, operation, made, headers);
    expect([right.status, right.headers.get('idempotency-replayed')]).toEqual([201, null]);
  });
});

describe('the log', () => {
  test('every answer of ours has an x-request-id, and its one line says what happened and nothing of anybody', async () => {
    for (const operation of OURS) {
      const { params, body } = operation.examples ?? {};
      // What they ask for is not there, or not theirs; who asks wrongly is told so.
      const stranger: Made = {
        ...(params === undefined ? {} : { params }),
        body,
        as: { sub: 'sub-of-a-stranger', roles: ['resident'], division: '510105006001' },
      };
      await callOperation(world, operation, stranger);
      await callOperation(world, operation, { ...stranger, query: { noSuchField: 'private-question' } });
    }
    const succeeded = new Set(answered.filter(({ answer }) => isSuccess(answer)).map(({ operation }) => operation));
    for (const operation of OURS.filter((each) => !succeeded.has(each))) {
      const answer = await callOperation(world, operation, await sampleOf(operation.id).make(world));
      expect(isSuccess(answer), told(operation, 'who may', answer)).toBe(true);
    }
    const lines = Map.groupBy(
      world.logs.filter(({ code }) => code === 'requestHandled'),
      (line) => line['requestId'],
    );
    for (const { operation, answer } of answered) {
      const id = answer.headers.get('x-request-id');
      expect(id, told(operation, 'x-request-id', answer)).not.toBeNull();
      expect(lines.get(id), told(operation, 'its line', answer)).toEqual([
        expect.objectContaining({ operation: operation.id, route: `${operation.method} ${operation.path}`, status: answer.status }),
      ]);
      expect(lines.get(id)?.[0]?.['problem']).toBe(answer.body?.code !== undefined && answer.status >= 400 ? answer.body.code : undefined);
    }
    const everything = JSON.stringify(world.logs);
    for (const secret of [
      DESCRIPTION,
      CONTACT.name,
      CONTACT.phone,
      DONOR.name,
      DONOR.contact,
      DONOR.message,
      ADDRESS,
      'newcomer-',
      'resident-',
      'treasurer-',
      'worker-zhao',
      'dispatcher-',
      'sub-of-a-stranger',
      'private-question',
      '510104017001',
      'eyJ',
      'impatient',
      '路灯',
    ])
      expect(everything.includes(secret), `the log holds ${secret}`).toBe(false);
    expect(world.logs.filter(({ level }) => level === 'error')).toEqual([]);
  }, 60_000);
});
