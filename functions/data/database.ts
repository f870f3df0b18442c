/**
 * The one way to DynamoDB: named tables, conditions as values, expected failures as results. A repository builds on it; nothing else does.
 */
import {
  ConditionalCheckFailedException,
  DynamoDBClient,
  ProvisionedThroughputExceededException,
  RequestLimitExceeded,
  ThrottlingException,
  TransactionCanceledException,
  TransactionConflictException,
  TransactionInProgressException,
} from '@aws-sdk/client-dynamodb';
import {
  BatchGetCommand,
  DeleteCommand,
  DynamoDBDocumentClient,
  GetCommand,
  PutCommand,
  QueryCommand,
  TransactWriteCommand,
  UpdateCommand,
} from '@aws-sdk/lib-dynamodb';
import { err, ok, type Result } from '../kernel/result.ts';
import type { EpochSeconds } from '../kernel/time.ts';
import type { TableDescription } from './table.ts';

export interface Key {
  readonly pk: string;
  readonly sk: string;
}

/** An item as repositories see it: its key and whatever its table declares. */
export type Item = Key & object;

/** What must hold at the moment of the write. */
export type Condition =
  | { readonly kind: 'absent' }
  /** Somebody else has not changed it since it was read. */
  | { readonly kind: 'version'; readonly version: number }
  /** Nobody has put it again since it was read: each that puts it leaves another `requestId`. */
  | { readonly kind: 'unchanged'; readonly requestId: string }
  /** Absent, or dead and only not yet swept by TTL. */
  | { readonly kind: 'absentOrExpired'; readonly now: EpochSeconds }
  /** It is there, has these values, and at least so much of those. */
  | {
      readonly kind: 'holds';
      readonly equal: Readonly<Record<string, string | number>>;
      readonly atLeast?: Readonly<Record<string, number>>;
    };

/** That something is as it was read, or is still not there. */
export const conditionOn = (before: { readonly version: number } | undefined): Condition =>
  before === undefined ? { kind: 'absent' } : { kind: 'version', version: before.version };

interface Put {
  readonly put: Item;
  readonly table: TableDescription;
  readonly condition?: Condition;
}

/** Takes an item away, unless somebody has put it again. */
interface Removal {
  readonly remove: Key;
  readonly table: TableDescription;
  readonly condition: Condition;
}

/**
 * Adds to numbers of an item, whatever they are meanwhile: writers do not wait for each other. Always in a transaction, whose token keeps a
 * repeated call from adding twice.
 */
interface Addition {
  readonly add: Key;
  readonly table: TableDescription;
  /** Attribute → what is added to it; less than 0 takes away. */
  readonly amounts: Readonly<Record<string, number>>;
  /** Without one, the item is made where it is not there. */
  readonly condition?: Extract<Condition, { kind: 'holds' }>;
  /** What it has beside the numbers from when it was made. */
  readonly initial?: Readonly<Record<string, string | number>>;
}

export type Write =
  | Put
  | Removal
  | Addition
  /** Changes nothing, and holds the transaction to a condition. */
  | { readonly check: Key; readonly table: TableDescription; readonly condition: Condition };

/** The position of the write whose condition did not hold, among those that were asked for. */
export interface ConditionFailed {
  readonly code: 'conditionFailed';
  readonly index: number;
}

/** The database asks for less, or transactions keep colliding, after every retry: 503, and nothing was written. */
export class Busy extends Error {
  override readonly name = 'Busy';
}

export interface QuerySpec {
  readonly index?: string;
  readonly partition: string;
  /** Bounds of the sort key, both inclusive. */
  readonly from?: string;
  readonly to?: string;
  readonly newestFirst?: boolean;
  readonly limit?: number;
  readonly consistent?: boolean;
  /** Only these attributes leave the database, which reads and charges the whole item all the same. */
  readonly only?: readonly string[];
  /** Where the page before ended. */
  readonly after?: Record<string, unknown> | undefined;
}

export interface Page<T> {
  readonly items: readonly T[];
  readonly after: Record<string, unknown> | undefined;
}

export interface Database {
  /** Reads one item, cheaply at first; where that finds nothing, once more consistently, so that what was just made is found. */
  find<T extends Item>(table: TableDescription, key: Key): Promise<T | undefined>;
  /** Reads one item as it is now: 1 RRU for each 4 KB. */
  read<T extends Item>(table: TableDescription, key: Key): Promise<T | undefined>;
  /** Many items as they are now; at half the price as they were a moment ago, which is all that a list shows. */
  readMany<T extends Item>(table: TableDescription, keys: readonly Key[], consistent?: boolean): Promise<readonly T[]>;
  query<T extends Item>(table: TableDescription, spec: QuerySpec): Promise<Page<T>>;
  /** One conditional write, or one transaction of up to 100: all or nothing. */
  write(writes: readonly Write[]): Promise<Result<void, ConditionFailed>>;
  /** Adds to a counter that dies by itself, and answers with the sum. */
  count(table: TableDescription, key: Key, expiresAt: EpochSeconds): Promise<number>;
}

export interface DatabaseDependencies {
  readonly client: DynamoDBDocumentClient;
  readonly physicalName: (table: string) => string;
  /** Waits between attempts; tests do not. */
  readonly pause: (milliseconds: number) => Promise<void>;
  /** 0 ≤ x < 1, for the jitter. */
  readonly jitter: () => number;
}

const TRANSACTION_ATTEMPTS = 6;
const BATCH_ATTEMPTS = 6;
const BATCH_SIZE = 100;
const FIRST_PAUSE_MS = 40;

const RETRIABLE_REASONS = new Set(['TransactionConflict', 'ThrottlingError', 'ProvisionedThroughputExceeded']);

const isThrottling = (error: unknown): boolean =>
  error instanceof ThrottlingException || error instanceof ProvisionedThroughputExceededException || error instanceof RequestLimitExceeded;

/** The client that every function shares; retries are the SDK's own. */
export const documentClient = (client: DynamoDBClient = new DynamoDBClient({ maxAttempts: 5 })): DynamoDBDocumentClient =>
  DynamoDBDocumentClient.from(client, { marshallOptions: { removeUndefinedValues: true } });

const expressionOf = (
  condition: Condition,
  ttl: string | undefined,
): {
  ConditionExpression: string;
  ExpressionAttributeNames?: Record<string, string>;
  ExpressionAttributeValues?: Record<string, unknown>;
} => {
  switch (condition.kind) {
    case 'absent':
      return { ConditionExpression: 'attribute_not_exists(pk)' };
    case 'version':
      return {
        ConditionExpression: '#version = :version',
        ExpressionAttributeNames: { '#version': 'version' },
        ExpressionAttributeValues: { ':version': condition.version },
      };
    case 'unchanged':
      return {
        ConditionExpression: '#requestId = :requestId',
        ExpressionAttributeNames: { '#requestId': 'requestId' },
        ExpressionAttributeValues: { ':requestId': condition.requestId },
      };
    case 'holds': {
      const equal = Object.entries(condition.equal);
      const least = Object.entries(condition.atLeast ?? {});
      return {
        ConditionExpression: [
          ...equal.map((_, index) => `#e${index} = :e${index}`),
          ...least.map((_, index) => `#l${index} >= :l${index}`),
        ].join(' AND '),
        ExpressionAttributeNames: Object.fromEntries([
          ...equal.map(([name], index) => [`#e${index}`, name]),
          ...least.map(([name], index) => [`#l${index}`, name]),
        ]),
        ExpressionAttributeValues: Object.fromEntries([
          ...equal.map(([, value], index) => [`:e${index}`, value]),
          ...least.map(([, value], index) => [`:l${index}`, value]),
        ]),
      };
    }
    case 'absentOrExpired':
      if (ttl === undefined) throw new Error('a table without ttl has nothing that expires');
      return {
        ConditionExpression: 'attribute_not_exists(pk) OR #ttl <= :now',
        ExpressionAttributeNames: { '#ttl': ttl },
        ExpressionAttributeValues: { ':now': condition.now },
      };
  }
};

/** Nothing is stored that its table does not declare: an undeclared attribute would escape masking, export and erasure. */
const assertDeclared = (description: TableDescription, item: object): void => {
  for (const name in item) {
    if (name !== 'pk' && name !== 'sk' && !Object.hasOwn(description.attributes, name)) {
      throw new Error(
        `table ${description.name} does not declare the attribute ${name}: add it to its description, with how personal it is`,
      );
    }
  }
};

export const database = ({ client, physicalName, pause, jitter }: DatabaseDependencies): Database => {
  const backOff = (attempt: number): Promise<void> => pause(Math.round(FIRST_PAUSE_MS * 2 ** attempt * (0.5 + jitter())));

  const read = async <T extends Item>(description: TableDescription, key: Key, consistent: boolean): Promise<T | undefined> => {
    const { Item: item } = await calm(() =>
      client.send(
        new GetCommand({ TableName: physicalName(description.name), Key: { pk: key.pk, sk: key.sk }, ConsistentRead: consistent }),
      ),
    );
    // What a table holds was written by its own repository: the one place where a stored shape is trusted.
    return item as T | undefined;
  };

  const calm = async <T>(call: () => Promise<T>): Promise<T> => {
    try {
      return await call();
    } catch (error) {
      throw isThrottling(error) ? new Busy('the database is throttling', { cause: error }) : error;
    }
  };

  const putOf = ({ table, put, condition }: Put) => ({
    TableName: physicalName(table.name),
    Item: put,
    ...(condition === undefined ? {} : expressionOf(condition, table.ttl)),
  });

  const removalOf = ({ table, remove, condition }: Removal) => ({
    TableName: physicalName(table.name),
    Key: { pk: remove.pk, sk: remove.sk },
    ...expressionOf(condition, table.ttl),
  });

  const additionOf = ({ table, add, amounts, condition, initial = {} }: Addition) => {
    const held = condition === undefined ? undefined : expressionOf(condition, table.ttl);
    const added = Object.entries(amounts);
    const first = Object.entries(initial);
    const sets = first.map((_, index) => `#i${index} = if_not_exists(#i${index}, :i${index})`).join(', ');
    return {
      TableName: physicalName(table.name),
      Key: { pk: add.pk, sk: add.sk },
      UpdateExpression: `ADD ${added.map((_, index) => `#a${index} :a${index}`).join(', ')}${sets === '' ? '' : ` SET ${sets}`}`,
      ...(held === undefined ? {} : { ConditionExpression: held.ConditionExpression }),
      ExpressionAttributeNames: {
        ...held?.ExpressionAttributeNames,
        ...Object.fromEntries([
          ...added.map(([name], index) => [`#a${index}`, name]),
          ...first.map(([name], index) => [`#i${index}`, name]),
        ]),
      },
      ExpressionAttributeValues: {
        ...held?.ExpressionAttributeValues,
        ...Object.fromEntries([
          ...added.map(([, amount], index) => [`:a${index}`, amount]),
          ...first.map(([, value], index) => [`:i${index}`, value]),
        ]),
      },
    };
  };

  const single = async (write: Put | Removal): Promise<Result<void, ConditionFailed>> => {
    for (let attempt = 0; ; attempt++) {
      try {
        await calm(() => ('put' in write ? client.send(new PutCommand(putOf(write))) : client.send(new DeleteCommand(removalOf(write)))));
        return ok(undefined);
      } catch (error) {
        if (error instanceof ConditionalCheckFailedException) {
          return 'put' in write && (await wasOurs(write)) ? ok(undefined) : err({ code: 'conditionFailed', index: 0 });
        }
        if (!(error instanceof TransactionConflictException)) throw error;
        if (attempt + 1 >= TRANSACTION_ATTEMPTS) throw new Busy('a transaction holds the item', { cause: error });
        await backOff(attempt);
      }
    }
  };

  /** The SDK repeats a call whose answer was lost; then the condition fails on our own write, which carries our request's id. */
  const wasOurs = async (write: Put): Promise<boolean> => {
    if (!('requestId' in write.put) || !('version' in write.put)) return false;
    const stored = await read<Item & { requestId?: unknown; version?: unknown }>(write.table, write.put, true);
    return stored !== undefined && stored.requestId === write.put.requestId && stored.version === write.put.version;
  };

  const transaction = async (writes: readonly Write[]): Promise<Result<void, ConditionFailed>> => {
    const command = new TransactWriteCommand({
      TransactItems: writes.map((write) =>
        'put' in write
          ? { Put: putOf(write) }
          : 'remove' in write
            ? { Delete: removalOf(write) }
            : 'add' in write
              ? { Update: additionOf(write) }
              : {
                  ConditionCheck: {
                    TableName: physicalName(write.table.name),
                    Key: { pk: write.check.pk, sk: write.check.sk },
                    ...expressionOf(write.condition, write.table.ttl),
                  },
                },
      ),
    });
    for (let attempt = 0; ; attempt++) {
      try {
        await calm(() => client.send(command));
        return ok(undefined);
      } catch (error) {
        if (error instanceof TransactionCanceledException) {
          const reasons = error.CancellationReasons ?? [];
          const failed = reasons.findIndex((reason) => reason.Code === 'ConditionalCheckFailed');
          if (failed !== -1) return err({ code: 'conditionFailed', index: failed });
          if (!reasons.some((reason) => RETRIABLE_REASONS.has(reason.Code ?? ''))) throw error;
        } else if (!(error instanceof TransactionInProgressException)) {
          throw error;
        }
        if (attempt + 1 >= TRANSACTION_ATTEMPTS) throw new Busy('transactions on the same items keep colliding', { cause: error });
        await backOff(attempt);
      }
    }
  };

  return {
    async find<T extends Item>(description: TableDescription, key: Key) {
      return (await read<T>(description, key, false)) ?? (await read<T>(description, key, true));
    },

    read: (description, key) => read(description, key, true),

    async readMany<T extends Item>(description: TableDescription, keys: readonly Key[], consistent = true) {
      const name = physicalName(description.name);
      const found: T[] = [];
      for (let start = 0; start < keys.length; start += BATCH_SIZE) {
        let wanted: Record<string, unknown>[] = keys.slice(start, start + BATCH_SIZE).map(({ pk, sk }) => ({ pk, sk }));
        for (let attempt = 0; wanted.length > 0; attempt++) {
          if (attempt >= BATCH_ATTEMPTS) throw new Busy('the database keeps leaving keys unread');
          if (attempt > 0) await backOff(attempt - 1);
          const answer = await calm(() =>
            client.send(new BatchGetCommand({ RequestItems: { [name]: { Keys: wanted, ConsistentRead: consistent } } })),
          );
          found.push(...((answer.Responses?.[name] ?? []) as T[]));
          wanted = answer.UnprocessedKeys?.[name]?.Keys ?? [];
        }
      }
      return found;
    },

    async query<T extends Item>(description: TableDescription, spec: QuerySpec) {
      const index = spec.index === undefined ? undefined : description.indexes[spec.index];
      if (spec.index !== undefined && index === undefined) throw new Error(`table ${description.name} has no index ${spec.index}`);
      const bounds =
        spec.from !== undefined && spec.to !== undefined
          ? ' AND #sort BETWEEN :from AND :to'
          : spec.from !== undefined
            ? ' AND #sort >= :from'
            : spec.to !== undefined
              ? ' AND #sort <= :to'
              : '';
      const answer = await calm(() =>
        client.send(
          new QueryCommand({
            TableName: physicalName(description.name),
            ...(spec.index === undefined ? {} : { IndexName: spec.index }),
            KeyConditionExpression: `#partition = :partition${bounds}`,
            ExpressionAttributeNames: {
              '#partition': index?.partition ?? 'pk',
              ...(bounds === '' ? {} : { '#sort': index?.sort ?? 'sk' }),
              ...Object.fromEntries(spec.only?.map((name, position) => [`#o${position}`, name]) ?? []),
            },
            ...(spec.only === undefined ? {} : { ProjectionExpression: spec.only.map((_, position) => `#o${position}`).join(', ') }),
            ExpressionAttributeValues: {
              ':partition': spec.partition,
              ...(spec.from === undefined ? {} : { ':from': spec.from }),
              ...(spec.to === undefined ? {} : { ':to': spec.to }),
            },
            ScanIndexForward: spec.newestFirst !== true,
            ...(spec.limit === undefined ? {} : { Limit: spec.limit }),
            ...(spec.consistent === true ? { ConsistentRead: true } : {}),
            ...(spec.after === undefined ? {} : { ExclusiveStartKey: spec.after }),
          }),
        ),
      );
      return { items: (answer.Items ?? []) as T[], after: answer.LastEvaluatedKey };
    },

    async write(writes) {
      for (const write of writes)
        if ('put' in write) assertDeclared(write.table, write.put);
        else if ('add' in write) assertDeclared(write.table, { ...write.amounts, ...write.initial });
      const [first, ...others] = writes;
      if (first === undefined) return ok(undefined);
      return others.length === 0 && ('put' in first || 'remove' in first) ? single(first) : transaction(writes);
    },

    async count(description, key, expiresAt) {
      if (description.ttl === undefined) throw new Error(`table ${description.name} has no ttl: a counter would never die`);
      const { Attributes: attributes } = await calm(() =>
        client.send(
          new UpdateCommand({
            TableName: physicalName(description.name),
            Key: { pk: key.pk, sk: key.sk },
            UpdateExpression: 'ADD #count :one SET #ttl = :expiresAt',
            ExpressionAttributeNames: { '#count': 'count', '#ttl': description.ttl ?? '' },
            ExpressionAttributeValues: { ':one': 1, ':expiresAt': expiresAt },
            ReturnValues: 'UPDATED_NEW',
          }),
        ),
      );
      return Number(attributes?.['count'] ?? 0);
    },
  };
};
