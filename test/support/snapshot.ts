/** Everything that is stored, so that a test can show that nothing was. */
import { ScanCommand, type DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { isDeepStrictEqual } from 'node:util';
import type { OperationSpec } from '../../functions/http/operation.ts';
import { startWorld, type World } from './world.ts';

export type Snapshot = Readonly<Record<string, unknown>>;

export interface WatchedWorld extends World {
  /** Every item of those tables by its key, and which write made it what it is; limits' counters and idempotency records left out. */
  readonly snapshot: (tables: readonly string[]) => Promise<Snapshot>;
}

const PREFIX = 'linli-';
/** Where reactions write, too: what follows from earlier calls is waited for. */
const WRITTEN_AFTERWARDS = 'notifications';

const scan = async (client: DynamoDBClient, table: string): Promise<[string, unknown][]> => {
  const found: [string, unknown][] = [];
  let start: Record<string, never> | undefined;
  do {
    const page = await client.send(
      new ScanCommand({
        TableName: PREFIX + table,
        ConsistentRead: true,
        ExclusiveStartKey: start,
        // Every write of ours leaves its version and the id of its request.
        ProjectionExpression: 'pk, sk, #version, requestId, changedAt',
        ExpressionAttributeNames: { '#version': 'version' },
      }),
    );
    for (const item of page.Items ?? []) {
      const pk = item['pk']?.S ?? '';
      if (!/^(?:LIMIT|IDEMPOTENCY)#/.test(pk)) found.push([`${table} ${pk} ${item['sk']?.S}`, item]);
    }
    start = page.LastEvaluatedKey as typeof start;
  } while (start !== undefined);
  return found;
};

export const startWatchedWorld = async (options: Parameters<typeof startWorld>[0] = {}): Promise<WatchedWorld> => {
  let client: DynamoDBClient | undefined;
  const world = await startWorld({
    ...options,
    prepare: (made) => {
      client = made;
      options.prepare?.(made);
    },
  });
  return {
    ...world,
    snapshot: async (tables) => {
      const using = client;
      if (using === undefined) throw new Error('the world has no client');
      if (tables.includes(WRITTEN_AFTERWARDS)) await world.settle();
      return Object.fromEntries((await Promise.all(tables.map((name) => scan(using, name)))).flat());
    },
  };
};

/** The keys of what was added, removed or changed. */
export const differences = (before: Snapshot, after: Snapshot): readonly string[] =>
  [...new Set([...Object.keys(before), ...Object.keys(after)])].filter((key) => !isDeepStrictEqual(before[key], after[key]));

/** The tables that an operation may write to; its grants let it write to no other. */
export const writtenBy = ({ uses }: OperationSpec): readonly string[] =>
  Object.keys(uses).filter((table) => uses[table] === 'write' || uses[table] === 'remove');
