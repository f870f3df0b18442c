/** A process that dies between any two of its calls, and the client that asks again. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { OperationSpec } from '../../functions/http/operation.ts';
import { SERVICES } from '../../lib/local/functions.ts';
import { deathsAmong } from '../support/faults.ts';
import { playMerchant } from '../support/foundation.ts';
import { openHouse, type Answered, type Content, type House } from '../support/house.ts';
import { keyFor, MUTATIONS, type Mutation } from '../support/mutations.ts';

let house: House;
/** What there is before any sample. */
let furnished: Content;
beforeAll(async () => {
  house = await openHouse({ payments: playMerchant().payments });
  furnished = await house.content();
});
afterAll(() => house.stop());

const OPERATIONS: ReadonlyMap<string, OperationSpec> = new Map(
  SERVICES.flatMap(({ operations }) => operations.map((operation) => [operation.id, operation])),
);
/** Made in steps, each of which is whole. */
const IN_STEPS = /^(?:import|widenFund$)/;
const IS_WRITE = /^(?:Put|TransactWrite)/;

/** Ids are drawn anew, and so are what follows from them and the ids of requests. */
const withoutIds = (item: Readonly<Record<string, unknown>>, isPut: boolean): string => {
  const { requestId: _requestId, dueKey: _dueKey, bodyHash: _bodyHash, answer: _answer, ...rest } = item;
  // A PUT or a PATCH that is sent again is one more version of the same.
  const { version, change, ...unversioned } = rest as Record<string, unknown>;
  return JSON.stringify(Object.entries(isPut ? unversioned : { ...unversioned, version, change }).toSorted())
    .replaceAll(/IDEMPOTENCY#[\w-]+/g, 'IDEMPOTENCY#')
    .replaceAll(/[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}/g, 'UUID')
    .replaceAll(/\b[0-9A-HJKMNP-TV-Z]{25,26}(?:\.[\w-]{43}(?![\w-]))?/g, 'ID')
    .replaceAll(/"(hash|claimHash)","[\w-]{43}"/g, '"$1","H"')
    .replaceAll(/"ASK#\d"/g, '"ASK#"')
    .replaceAll(/SEALED#ID#\d+/g, 'SEALED#ID#')
    .replaceAll(/CODE#[\w-]{43}/g, 'CODE#')
    .replaceAll(/REQUEST#[0-9A-HJKMNP-TV-Z]{8}\b/g, 'REQUEST#N')
    .replaceAll(/"V#\d+"/g, isPut ? '"V#"' : '$&');
};

const isRepeated = ({ method }: OperationSpec): boolean => method === 'PUT' || method === 'PATCH';

/** What differs between two moments, item by item, sorted. */
const effects = (before: Content, after: Content, operation: OperationSpec): Readonly<Record<string, readonly string[]>> =>
  Object.fromEntries(
    Object.entries(after)
      .map(([table, items]): [string, string[]] => {
        const changed = [...items].filter(([key, item]) => JSON.stringify(before[table]?.get(key)) !== JSON.stringify(item));
        const gone = [...(before[table]?.keys() ?? [])].filter((key) => !items.has(key)).map((key) => `gone: ${key}`);
        const told = [...changed.map(([, item]) => withoutIds(item, isRepeated(operation))), ...gone].toSorted();
        // Who asks twice reads twice.
        return [table, table === 'audit' || isRepeated(operation) ? [...new Set(told)] : told];
      })
      .filter(([, told]) => told.length > 0),
  );

type Effects = Readonly<Record<string, readonly string[]>>;
const withoutAudit = ({ audit: _audit, ...others }: Effects): Effects => others;

interface Prepared {
  readonly operation: OperationSpec;
  readonly call: Mutation;
  readonly tables: readonly string[];
  readonly before: Content;
}

const prepared = async ({ operation: id, prepare }: (typeof MUTATIONS)[number]): Promise<Prepared> => {
  const operation = OPERATIONS.get(id);
  if (operation === undefined) throw new Error(`no operation ${id}`);
  const call = await prepare(house);
  const tables = [
    ...new Set([...Object.keys(operation.uses).filter((table) => /^(?:write|remove)$/.test(operation.uses[table] ?? '')), 'audit']),
  ];
  return { operation, call, tables, before: await house.content(tables) };
};

const send = ({ method, path, as, body, headers = {} }: Mutation, key: string | undefined): Promise<Answered> =>
  house.call(method, path, { as, body, key, headers });

/** What is said, whatever the ids that were drawn. */
const said = ({ text }: Answered): string =>
  text
    .replaceAll(/[0-9A-HJKMNP-TV-Z]{25,26}(?:\.[\w-]{43})?/g, 'ID')
    .replaceAll(/(signature=|"claim":")[\w-]{43}/g, '$1S')
    .replaceAll(/"code":"[^"]*","codes":\[[^\]]*\]/g, '"code":"","codes":[]');

/** Runs `attempt` from the prepared state and puts everything back; answers with what it left, and how many calls it made. */
const fromThere = async (
  { operation, tables, before }: Prepared,
  attempt: () => Promise<Answered>,
): Promise<{ answer: Answered; left: Readonly<Record<string, readonly string[]>>; commands: readonly string[] }> => {
  await house.faults.revive();
  const commands: string[] = [];
  house.faults.watch(({ command }) => void commands.push(command));
  const answer = await attempt();
  house.faults.watch(undefined);
  await house.faults.revive();
  const after = await house.content(tables);
  await house.restore(before, after);
  return { answer, left: effects(before, after, operation), commands };
};

const nameOf = (sample: (typeof MUTATIONS)[number]): string =>
  [sample.operation, ...(sample.of === undefined ? [] : [sample.of])].join(', ');
const CASES = MUTATIONS.map((sample) => [nameOf(sample), sample] as const);

/** All of the change or nothing; of an import, some of its rows, and of what is made in steps some of these, each whole. What is shown is written down before. */
const expectWhole = (point: string, left: Effects, whole: Effects, isInSteps: boolean): void => {
  const { audit, ...change } = left;
  if (isInSteps) {
    const all = new Set(Object.values(whole).flat());
    expect([
      point,
      Object.values(change)
        .flat()
        .filter((item) => !all.has(item)),
    ]).toEqual([point, []]);
  } else if (Object.keys(change).length > 0) expect([point, change]).toEqual([point, withoutAudit(whole)]);
  if (audit !== undefined) expect([point, audit]).toEqual([point, whole['audit']]);
};

test('every operation that changes something has a sample that is crashed', () => {
  const mutating = [...OPERATIONS.values()].filter(({ method }) => method !== 'GET').map(({ id }) => id);
  expect(mutating.length).toBeGreaterThan(20);
  expect(new Set(MUTATIONS.map(({ operation }) => operation))).toEqual(new Set(mutating));
});

const isGood = ({ status, text }: Answered): void => expect([text, [200, 201, 204].includes(status)]).toEqual([text, true]);

describe.each(CASES)('%s', (_name, sample) => {
  let start: Prepared;
  let isInSteps: boolean;
  beforeAll(async () => {
    start = await prepared(sample);
    isInSteps = IN_STEPS.test(start.operation.id);
  });
  // All that there is is read again after each crash: what earlier samples left would be read for nothing.
  afterAll(async () => house.restore(furnished, await house.content()));

  test('after a crash before or after any call, the client that asks again with the same key finds the same end state', async () => {
    const key = keyFor(start.call, 'again');
    const whole = await fromThere(start, () => send(start.call, key));
    isGood(whole.answer);
    expect(whole.left).not.toEqual({});
    for (const [at, when] of deathsAmong(whole.commands)) {
      const point = `${when} call ${at} of ${whole.commands.length}`;
      const again = await fromThere(start, async () => {
        house.faults.crashAt(at, when);
        await send(start.call, key);
        expect([point, house.faults.hasCrashed()]).toEqual([point, true]);
        await house.faults.revive();
        return send(start.call, key);
      });
      expect([point, withoutAudit(again.left)]).toEqual([point, withoutAudit(whole.left)]);
      if (whole.left['audit'] !== undefined) expect([point, again.left['audit']]).toEqual([point, whole.left['audit']]);
      const { status, body } = again.answer;
      // A PUT of what is there already has nothing to make, and an import of it neither.
      if (key !== undefined) expect([point, status]).toEqual([point, whole.answer.status]);
      if (isInSteps) expect([point, body.errors]).toEqual([point, whole.answer.body.errors]);
      else if (start.call.path === '/v1/requests') expect([point, body.history]).toEqual([point, whole.answer.body.history]);
      else if (key !== undefined && body?.comments?.length !== 1) expect([point, said(again.answer)]).toEqual([point, said(whole.answer)]);
    }
  });

  test('without a key, a crash before or after any call leaves all of the change or nothing of it', async () => {
    const whole = await fromThere(start, () => send(start.call, undefined));
    isGood(whole.answer);
    const firstWrite = whole.commands.findIndex((command) => IS_WRITE.test(command)) + 1;
    expect(firstWrite).toBeGreaterThan(0);
    // What comes before the first write was crashed above.
    for (const [at, when] of deathsAmong(whole.commands).filter(([each]) => each >= firstWrite)) {
      const { left } = await fromThere(start, async () => {
        house.faults.crashAt(at, when);
        return send(start.call, undefined);
      });
      expectWhole(`${when} call ${at} of ${whole.commands.length}`, left, whole.left, isInSteps);
    }
  });

  test('an answer that is lost after the commit leaves one effect, and the caller hears of success', async () => {
    for (const key of new Set([undefined, keyFor(start.call, 'lost')])) {
      const whole = await fromThere(start, () => send(start.call, key));
      const lost = await fromThere(start, async () => {
        const isLost = house.faults.loseAnswer(IS_WRITE);
        const answer = await send(start.call, key);
        expect(isLost()).toBe(true);
        return answer;
      });
      expect([lost.answer.text, lost.answer.status]).toEqual([lost.answer.text, whole.answer.status]);
      expect(lost.left).toEqual(whole.left);
    }
  });
});
