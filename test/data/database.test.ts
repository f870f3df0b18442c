import {
  ProvisionedThroughputExceededException,
  TransactionCanceledException,
  TransactionInProgressException,
} from '@aws-sdk/client-dynamodb';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { Busy, type Item, type Write } from '../../functions/data/database.ts';
import { table } from '../../functions/data/table.ts';
import { epochMs, toEpochSeconds } from '../../functions/kernel/time.ts';
import { serviceRequestsTable } from '../../functions/service-requests/table.ts';
import { openHouse, type House } from '../support/house.ts';

let house: House;
beforeAll(async () => {
  house = await openHouse();
});
afterAll(() => house.stop());
afterEach(async () => {
  house.faults.weather({}, () => 1);
  house.faults.watch(undefined);
  await house.faults.revive();
});

interface Thing extends Item {
  readonly version: number;
  readonly requestId: string;
  readonly status?: string | undefined;
}
let next = 0;
const thing = (more: Partial<Thing> = {}): Thing => ({
  pk: `THING#${next++}`,
  sk: 'THING',
  version: 1,
  requestId: `request-${next}`,
  ...more,
});
const puts = (put: Item, condition?: Write['condition']): Write => ({
  table: serviceRequestsTable,
  put,
  ...(condition === undefined ? {} : { condition }),
});
const absent = { kind: 'absent' } as const;
const database = () => house.runtime.database;
const stored = (item: Item): Promise<Thing | undefined> => database().read<Thing>(serviceRequestsTable, item);
/** What the calls to DynamoDB were. */
const commandsOf = async (work: () => Promise<unknown>): Promise<readonly string[]> => {
  const commands: string[] = [];
  house.faults.watch(({ command }) => void commands.push(command));
  await work();
  house.faults.watch(undefined);
  return commands;
};

describe('a conditional write', () => {
  test('is told of the write whose condition did not hold, by its position, and nothing is written', async () => {
    const [there, one, other] = [thing(), thing(), thing()];
    expect(await database().write([puts(there, absent)])).toEqual({ ok: true, value: undefined });
    expect(await database().write([puts(there, absent)])).toMatchObject({ ok: true });
    expect(await database().write([puts({ ...there, requestId: 'another' } as Thing, absent)])).toEqual({
      ok: false,
      error: { code: 'conditionFailed', index: 0 },
    });
    expect(await database().write([puts(one, absent), puts({ ...there, requestId: 'another' } as Thing, absent), puts(other)])).toEqual({
      ok: false,
      error: { code: 'conditionFailed', index: 1 },
    });
    expect([await stored(one), await stored(other)]).toEqual([undefined, undefined]);
  });

  test('by version wins once', async () => {
    const item = thing();
    await database().write([puts(item, absent)]);
    const results = await Promise.all(
      Array.from({ length: 30 }, (_, index) =>
        database().write([puts({ ...item, version: 2, requestId: `r${index}` } as Thing, { kind: 'version', version: 1 })]),
      ),
    );
    expect(results.filter(({ ok }) => ok)).toHaveLength(1);
    expect((await stored(item))?.requestId).toBe(`r${results.findIndex(({ ok }) => ok)}`);
  });

  test('may replace what is dead and only not yet swept', async () => {
    const now = toEpochSeconds(epochMs(1_800_000_000_000));
    const item = { ...thing(), expiresAt: now };
    await database().write([puts(item)]);
    const condition = (at: number) => ({ kind: 'absentOrExpired', now: at as typeof now }) as const;
    expect((await database().write([puts({ ...item, requestId: 'early' } as Thing, condition(now - 1))])).ok).toBe(false);
    expect((await database().write([puts({ ...item, requestId: 'late' } as Thing, condition(now))])).ok).toBe(true);
  });

  test('whose answer is lost is taken as done where the item carries our request’s id, alone or in a transaction', async () => {
    for (const beside of [[], [puts(thing(), absent)]]) {
      const item = thing();
      const isLost = house.faults.loseAnswer(/^(?:Put|TransactWrite)/);
      expect(await database().write([puts(item, absent), ...beside])).toEqual({ ok: true, value: undefined });
      expect(isLost()).toBe(true);
      expect(await stored(item)).toMatchObject({ version: 1, requestId: item.requestId });
    }
  });

  test('whose answer is lost is not ours where somebody else’s is there', async () => {
    const item = thing();
    await database().write([puts(item, absent)]);
    house.faults.loseAnswer(/^Put/);
    expect(await database().write([puts({ ...item, requestId: 'another' } as Thing, absent)])).toMatchObject({ ok: false });
  });
});

describe('a busy database', () => {
  const fails = (times: number, error: () => Error): { readonly calls: () => number } => {
    let calls = 0;
    house.faults.watch(({ command }) => {
      if (!command.startsWith('TransactWrite')) return;
      calls += 1;
      if (calls <= times) throw error();
    });
    return { calls: () => calls };
  };
  const canceled =
    (...codes: string[]) =>
    () =>
      new TransactionCanceledException({ $metadata: {}, message: 'injected', CancellationReasons: codes.map((Code) => ({ Code })) });

  test.each([
    ['TransactionConflict', canceled('None', 'TransactionConflict')],
    ['ThrottlingError', canceled('ThrottlingError')],
    ['ProvisionedThroughputExceeded', canceled('None', 'ProvisionedThroughputExceeded')],
    ['TransactionInProgress', () => new TransactionInProgressException({ $metadata: {}, message: 'injected' })],
  ] as const)('a transaction is tried again after %s, and is Busy when it keeps on', async (_name, error) => {
    const items = [thing(), thing()];
    const writes = items.map((item) => puts(item, absent));
    const some = fails(3, error);
    expect(await database().write(writes)).toEqual({ ok: true, value: undefined });
    expect(some.calls()).toBe(4);
    const others = [thing(), thing()].map((item) => puts(item, absent));
    const all = fails(Infinity, error);
    await expect(database().write(others)).rejects.toBeInstanceOf(Busy);
    expect(all.calls()).toBe(6);
  });

  test('a condition that fails beside a conflict is a failed condition: asking again would not help', async () => {
    const seen = fails(1, canceled('TransactionConflict', 'ConditionalCheckFailed'));
    expect(await database().write([puts(thing()), puts(thing())])).toEqual({ ok: false, error: { code: 'conditionFailed', index: 1 } });
    expect(seen.calls()).toBe(1);
  });

  test('a transaction that is refused for another reason is a bug and not busy', async () => {
    fails(1, canceled('ValidationError'));
    await expect(database().write([puts(thing()), puts(thing())])).rejects.toBeInstanceOf(TransactionCanceledException);
  });

  test('throttling that outlasts the SDK’s retries is Busy, for every kind of call', async () => {
    house.faults.watch(() => {
      throw new ProvisionedThroughputExceededException({ $metadata: {}, message: 'injected' });
    });
    const key = { pk: 'x', sk: 'x' };
    const calls: (() => Promise<unknown>)[] = [
      () => database().find(serviceRequestsTable, key),
      () => database().read(serviceRequestsTable, key),
      () => database().readMany(serviceRequestsTable, [key]),
      () => database().query(serviceRequestsTable, { partition: 'x' }),
      () => database().write([puts(thing())]),
      () => database().write([puts(thing()), puts(thing())]),
      () => database().count(serviceRequestsTable, key, toEpochSeconds(epochMs(0))),
    ];
    for (const call of calls) await expect(call()).rejects.toBeInstanceOf(Busy);
  });
});

describe('reading', () => {
  test('what is there costs one cheap read; what is not is looked for once more, consistently', async () => {
    const item = thing();
    await database().write([puts(item)]);
    const consistent: unknown[] = [];
    house.faults.watch(({ input }) => void consistent.push(input['ConsistentRead']));
    expect(await database().find(serviceRequestsTable, item)).toMatchObject({ pk: item.pk });
    expect(await database().find(serviceRequestsTable, { pk: 'nothing', sk: 'x' })).toBeUndefined();
    expect(consistent).toEqual([false, false, true]);
  });

  test('many keys come in batches of 100, consistently, each once', async () => {
    const items = Array.from({ length: 120 }, () => thing());
    for (let start = 0; start < items.length; start += 60) await database().write(items.slice(start, start + 60).map((item) => puts(item)));
    let found: readonly Item[] = [];
    const commands = await commandsOf(async () => {
      found = await database().readMany(serviceRequestsTable, items);
    });
    expect(commands).toEqual(['BatchGetItemCommand', 'BatchGetItemCommand']);
    expect(found.map(({ pk }) => pk).toSorted()).toEqual(items.map(({ pk }) => pk).toSorted());
  });

  test('a query goes on behind the page before, within both bounds, either way', async () => {
    const pk = `LIST#${next++}`;
    await database().write(['a', 'b', 'c', 'd', 'e'].map((sk) => puts({ ...thing(), pk, sk })));
    const all = await database().query(serviceRequestsTable, { partition: pk, from: 'b', to: 'd' });
    expect(all.items.map(({ sk }) => sk)).toEqual(['b', 'c', 'd']);
    const newest = await database().query(serviceRequestsTable, { partition: pk, newestFirst: true, limit: 2 });
    expect(newest.items.map(({ sk }) => sk)).toEqual(['e', 'd']);
    const rest = await database().query(serviceRequestsTable, { partition: pk, newestFirst: true, after: newest.after });
    expect(rest.items.map(({ sk }) => sk)).toEqual(['c', 'b', 'a']);
    expect(rest.after).toBeUndefined();
  });
});

test('an attribute that its table does not declare is not stored', async () => {
  const item = { ...thing(), nickname: '小王' };
  await expect(database().write([puts(item)])).rejects.toThrow('does not declare the attribute nickname');
  await expect(database().write([puts(thing()), puts(item)])).rejects.toThrow('does not declare');
  expect(await stored(item)).toBeUndefined();
});

test('nothing to write asks for nothing; one write is no transaction', async () => {
  expect(await commandsOf(() => database().write([]))).toEqual([]);
  expect(await commandsOf(() => database().write([puts(thing())]))).toEqual(['PutItemCommand']);
});

test('a counter counts under many at once, and a table without ttl has none', async () => {
  const key = { pk: `COUNTER#${next++}`, sk: 'COUNT' };
  const sums = await Promise.all(
    Array.from({ length: 25 }, () => database().count(serviceRequestsTable, key, toEpochSeconds(epochMs(1e12)))),
  );
  expect(sums.toSorted((one, other) => one - other)).toEqual(Array.from({ length: 25 }, (_, index) => index + 1));
  const without = table({ name: 'serviceRequests', indexes: {}, attributes: {}, entities: [] });
  await expect(database().count(without, key, toEpochSeconds(epochMs(0)))).rejects.toThrow('no ttl');
});

test('an index that the table does not have is a bug that says so', async () => {
  await expect(database().query(serviceRequestsTable, { index: 'byMoon', partition: 'x' })).rejects.toThrow('no index byMoon');
});
