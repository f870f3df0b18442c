/** Reads the meter of every call to DynamoDB: what the engine says that it consumed, and what DynamoDB's rules say of the same items. */
import { DynamoDBClient, type ConsumedCapacity } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient, GetCommand } from '@aws-sdk/lib-dynamodb';
import type { TableDescription } from '../../../functions/data/table.ts';
import { metricsTable } from '../../../functions/metrics/table.ts';
import { TABLES } from '../../../lib/declarations.ts';
import { readUnits, sizeOf, storedOf, writeUnits, type Native } from './size.ts';

export interface Reading {
  readonly command: string;
  readonly table: string;
  readonly index?: string;
  /** By DynamoDB's rules. */
  readonly read: number;
  readonly write: number;
  /** Of `write`, what each index takes. */
  readonly indexes: Readonly<Record<string, number>>;
  /** As the engine has it. */
  readonly reported: number;
  /** Bytes of each item that was written or read. */
  readonly sizes: readonly number[];
}

export interface Metered {
  readonly read: number;
  readonly write: number;
  /** Calls that wrote: round trips. */
  readonly writeCalls: number;
  readonly readings: readonly Reading[];
}

interface Key {
  readonly pk: unknown;
  readonly sk: unknown;
}
interface WriteInput {
  readonly TableName: string;
  readonly Item?: Native & Key;
  readonly Key?: Native & Key;
}

/** Whatever a test's tables are called by: `linli-divisions`, `house-divisions`. */
const BY_NAME = new Map<string, TableDescription>(Object.values(TABLES).map((table) => [table.name, table]));

const tableOf = (name: string): TableDescription => {
  const table = BY_NAME.get(name.slice(name.indexOf('-') + 1));
  if (table === undefined) throw new Error(`no table is called ${name}`);
  return table;
};

/** Nothing but the figures' own functions goes there: their reactions to a change, at any moment after it. */
const OF_FIGURES = metricsTable.name;

const sum = (numbers: readonly number[]): number => numbers.reduce((total, each) => total + each, 0);

export class Meter {
  #readings: Reading[] = [];
  #runs = false;

  /** Goes into {@link startWorld} as `prepare`. */
  readonly attach = (client: DynamoDBClient): void => {
    const aside = DynamoDBDocumentClient.from(
      new DynamoDBClient({
        region: client.config.region,
        credentials: client.config.credentials,
        ...(client.config.endpoint === undefined ? {} : { endpoint: client.config.endpoint }),
      }),
    );
    const imageOf = async (table: string, { pk, sk }: Key): Promise<Native | undefined> =>
      (await aside.send(new GetCommand({ TableName: table, Key: { pk, sk }, ConsistentRead: true }))).Item;

    client.middlewareStack.add(
      (next, context) => async (args) => {
        if (!this.#runs) return next(args);
        const command = String(context['commandName']).replace(/Command$/, '');
        const input = args.input as unknown as Native & { readonly TableName: string };
        const changes = changesOf(command, input);
        const before = await Promise.all(changes.map(({ table, key }) => imageOf(table, key)));
        const result = await next({ ...args, input: { ...args.input, ReturnConsumedCapacity: 'INDEXES' } });
        const output = result.output as unknown as Native;
        const consumed = [output['ConsumedCapacity'] ?? []].flat() as readonly ConsumedCapacity[];
        const reported = sum(consumed.map((each) => each.CapacityUnits ?? 0));
        if (changes.length === 0) this.#readings.push({ ...readingOf(command, input, output), reported });
        else {
          const after = await Promise.all(changes.map(({ table, key }) => imageOf(table, key)));
          const units = changes.map(({ table }, index) => {
            const [old, now] = [before[index], after[index]].map((image) => (image === undefined ? undefined : storedOf(image)));
            return writeUnits(tableOf(table), old, now, command === 'TransactWriteItems');
          });
          const indexes: Record<string, number> = {};
          for (const each of units) for (const [name, count] of Object.entries(each.indexes)) indexes[name] = (indexes[name] ?? 0) + count;
          this.#readings.push({
            command,
            table: tableOf(changes[0]?.table ?? '').name,
            read: 0,
            write: sum(units.map(({ table }) => table)) + sum(Object.values(indexes)),
            indexes,
            reported,
            sizes: after.map((image) => (image === undefined ? 0 : sizeOf(storedOf(image)))),
          });
        }
        return result;
      },
      { step: 'serialize', priority: 'high', name: 'meter' },
    );
  };

  /** What `work` consumes; of what figures cost, nothing unless they are asked for. */
  async of(work: () => Promise<unknown>, { figures = false }: { readonly figures?: boolean } = {}): Promise<Metered> {
    this.#readings = [];
    this.#runs = true;
    await work();
    this.#runs = false;
    const readings = this.#readings.filter(({ table }) => figures || table !== OF_FIGURES);
    return {
      read: sum(readings.map(({ read }) => read)),
      write: sum(readings.map(({ write }) => write)),
      writeCalls: readings.filter(({ write }) => write > 0).length,
      readings,
    };
  }
}

const changesOf = (command: string, input: Native & { readonly TableName: string }): readonly { table: string; key: Key }[] => {
  const one = ({ TableName: table, Item: item, Key: key }: WriteInput) => ({ table, key: (item ?? key) as Key });
  switch (command) {
    case 'PutItem':
    case 'DeleteItem':
    case 'UpdateItem':
      return [one(input)];
    case 'TransactWriteItems':
      // A check changes nothing, and costs what writing the item would.
      return (input['TransactItems'] as readonly Readonly<Record<string, WriteInput | undefined>>[]).flatMap((each) =>
        [each['Put'], each['Delete'], each['Update'], each['ConditionCheck']].filter((write) => write !== undefined).map(one),
      );
    default:
      return [];
  }
};

const readingOf = (command: string, input: Native & { readonly TableName: string }, output: Native): Omit<Reading, 'reported'> => {
  const consistent = input['ConsistentRead'] === true;
  const none = { write: 0, indexes: {} };
  const sizes = (items: readonly Native[]): readonly number[] => items.map((item) => sizeOf(storedOf(item)));
  switch (command) {
    case 'GetItem': {
      const found = sizes(output['Item'] === undefined ? [] : [output['Item'] as Native]);
      return { command, table: tableOf(input.TableName).name, read: readUnits(sum(found), consistent), sizes: found, ...none };
    }
    case 'Query': {
      const found = sizes(output['Items'] as readonly Native[]);
      const index = input['IndexName'];
      return {
        command,
        table: tableOf(input.TableName).name,
        ...(typeof index === 'string' ? { index } : {}),
        read: readUnits(sum(found), consistent),
        sizes: found,
        ...none,
      };
    }
    case 'BatchGetItem': {
      const [[name, asked] = ['', undefined]] = Object.entries(
        input['RequestItems'] as Record<string, { readonly Keys: readonly unknown[]; readonly ConsistentRead?: boolean }>,
      );
      const found = sizes((output['Responses'] as Record<string, readonly Native[]>)[name] ?? []);
      // Each item is rounded up by itself; one that is not there counts like a small one.
      const missing = Array.from({ length: (asked?.Keys.length ?? 0) - found.length }, () => 0);
      const read = sum([...found, ...missing].map((size) => readUnits(size, asked?.ConsistentRead === true)));
      return { command, table: tableOf(name).name, read, sizes: found, ...none };
    }
    default:
      throw new Error(`the meter cannot read ${command}`);
  }
};
