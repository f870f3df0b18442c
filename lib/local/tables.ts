import {
  CreateTableCommand,
  DescribeTableCommand,
  DescribeTimeToLiveCommand,
  ResourceInUseException,
  ResourceNotFoundException,
  UpdateTableCommand,
  UpdateTimeToLiveCommand,
  type AttributeDefinition,
  type DynamoDBClient,
  type GlobalSecondaryIndex,
  type GlobalSecondaryIndexDescription,
  type KeySchemaElement,
  type TableDescription as StoredTable,
} from '@aws-sdk/client-dynamodb';
import { setTimeout as sleep } from 'node:timers/promises';
import type { IndexDescription, TableDescription } from '../../functions/data/table.ts';

const BETWEEN_LOOKS_MS = 20;

const keySchema = (partition: string, sort: string): KeySchemaElement[] => [
  { AttributeName: partition, KeyType: 'HASH' },
  { AttributeName: sort, KeyType: 'RANGE' },
];

const strings = (names: readonly string[]): AttributeDefinition[] =>
  [...new Set(names)].map((name) => ({ AttributeName: name, AttributeType: 'S' }));

const indexOf = (name: string, { partition, sort, project }: IndexDescription): GlobalSecondaryIndex => ({
  IndexName: name,
  KeySchema: keySchema(partition, sort),
  Projection:
    project === 'keys' || project.length === 0
      ? { ProjectionType: 'KEYS_ONLY' }
      : { ProjectionType: 'INCLUDE', NonKeyAttributes: [...project] },
});

/** Whether an index that is there is the declared one: an older version of the system may have made it. */
const isAsDeclared = (stored: GlobalSecondaryIndexDescription, declared: GlobalSecondaryIndex): boolean => {
  const outline = ({
    KeySchema: schema = [],
    Projection: projection,
  }: Pick<GlobalSecondaryIndexDescription, 'KeySchema' | 'Projection'>): string =>
    JSON.stringify([
      schema.map((key) => [key.AttributeName, key.KeyType]),
      projection?.ProjectionType,
      projection?.NonKeyAttributes?.toSorted() ?? [],
    ]);
  return outline(stored) === outline(declared);
};

/**
 * Makes the tables as they are declared, on demand and with a stream of new and old images, and makes indexes that are missing or
 * have changed. What is there stays, items included, so it may run at every start. Answers when everything is ready to use. Keys of
 * indexes are strings.
 */
export const createTables = async (
  client: DynamoDBClient,
  tables: readonly TableDescription[],
  physicalName: (name: string) => string,
): Promise<void> => {
  const stored = async (name: string): Promise<StoredTable | undefined> => {
    try {
      return (await client.send(new DescribeTableCommand({ TableName: name }))).Table;
    } catch (error) {
      if (error instanceof ResourceNotFoundException) return undefined;
      throw error;
    }
  };

  const ready = async (name: string): Promise<StoredTable> => {
    for (;;) {
      const table = await stored(name);
      if (table?.TableStatus === 'ACTIVE' && (table.GlobalSecondaryIndexes ?? []).every((index) => index.IndexStatus === 'ACTIVE'))
        return table;
      await sleep(BETWEEN_LOOKS_MS);
    }
  };

  const create = async (name: string, description: TableDescription): Promise<void> => {
    const indexes = Object.entries(description.indexes);
    try {
      await client.send(
        new CreateTableCommand({
          TableName: name,
          KeySchema: keySchema('pk', 'sk'),
          AttributeDefinitions: strings(['pk', 'sk', ...indexes.flatMap(([, index]) => [index.partition, index.sort])]),
          BillingMode: 'PAY_PER_REQUEST',
          StreamSpecification: { StreamEnabled: true, StreamViewType: 'NEW_AND_OLD_IMAGES' },
          ...(indexes.length === 0 ? {} : { GlobalSecondaryIndexes: indexes.map(([index, declared]) => indexOf(index, declared)) }),
        }),
      );
    } catch (error) {
      if (error instanceof ResourceInUseException) return;
      throw error;
    }
  };

  const enableTtl = async (name: string, attribute: string): Promise<void> => {
    const { TimeToLiveDescription: there } = await client.send(new DescribeTimeToLiveCommand({ TableName: name }));
    if (there?.TimeToLiveStatus === 'ENABLED' || there?.TimeToLiveStatus === 'ENABLING') return;
    await client.send(
      new UpdateTimeToLiveCommand({ TableName: name, TimeToLiveSpecification: { Enabled: true, AttributeName: attribute } }),
    );
  };

  /** DynamoDB takes one change of an index at a time. */
  const mendIndexes = async (name: string, description: TableDescription): Promise<void> => {
    const there = new Map((await ready(name)).GlobalSecondaryIndexes?.map((index) => [index.IndexName, index]));
    for (const [index, declaration] of Object.entries(description.indexes)) {
      const declared = indexOf(index, declaration);
      const found = there.get(index);
      if (found !== undefined && isAsDeclared(found, declared)) continue;
      if (found !== undefined) {
        await client.send(new UpdateTableCommand({ TableName: name, GlobalSecondaryIndexUpdates: [{ Delete: { IndexName: index } }] }));
        await ready(name);
      }
      await client.send(
        new UpdateTableCommand({
          TableName: name,
          AttributeDefinitions: strings(['pk', 'sk', declaration.partition, declaration.sort]),
          GlobalSecondaryIndexUpdates: [{ Create: declared }],
        }),
      );
      await ready(name);
    }
  };

  await Promise.all(
    tables.map(async (description) => {
      const name = physicalName(description.name);
      if ((await stored(name)) === undefined) await create(name, description);
      await mendIndexes(name, description);
      if (description.ttl !== undefined) await enableTtl(name, description.ttl);
    }),
  );
};
