import {
  DescribeTableCommand,
  DescribeTimeToLiveCommand,
  PutItemCommand,
  QueryCommand,
  type DynamoDBClient,
} from '@aws-sdk/client-dynamodb';
import { expect, test } from 'vitest';
import { table, type TableDescription } from '../../functions/data/table.ts';
import { createTables } from '../../lib/local/tables.ts';
import { databaseClient, engine, physicalName, put, TABLE_NAME } from './support/local.ts';

const attributes = {
  text: { personal: 'none', keptDays: 'entity' },
  colour: { personal: 'none', keptDays: 'entity' },
  dies: { personal: 'none', keptDays: 'entity' },
} as const;
const plain = table({ name: 'things', indexes: {}, attributes, entities: [] });
const indexed = table({
  name: 'things',
  indexes: { byColour: { partition: 'colour', sort: 'pk', project: ['text'] }, byText: { partition: 'text', sort: 'sk', project: 'keys' } },
  ttl: 'dies',
  attributes,
  entities: [],
});

const described = async (client: DynamoDBClient) => (await client.send(new DescribeTableCommand({ TableName: TABLE_NAME }))).Table;

const red = (client: DynamoDBClient) =>
  client.send(
    new QueryCommand({
      TableName: TABLE_NAME,
      IndexName: 'byColour',
      KeyConditionExpression: 'colour = :red',
      ExpressionAttributeValues: { ':red': { S: 'red' } },
    }),
  );

const make = async (client: DynamoDBClient, ...tables: readonly TableDescription[]): Promise<void> =>
  createTables(client, tables, physicalName);

test('a table has the keys, indexes, projections, stream and ttl that are declared', async () => {
  const client = databaseClient((await engine()).endpoint);
  await make(client, indexed);
  const made = await described(client);
  expect(made).toMatchObject({
    KeySchema: [
      { AttributeName: 'pk', KeyType: 'HASH' },
      { AttributeName: 'sk', KeyType: 'RANGE' },
    ],
    BillingModeSummary: { BillingMode: 'PAY_PER_REQUEST' },
    StreamSpecification: { StreamEnabled: true, StreamViewType: 'NEW_AND_OLD_IMAGES' },
  });
  expect(made?.GlobalSecondaryIndexes?.find(({ IndexName }) => IndexName === 'byColour')).toMatchObject({
    KeySchema: [
      { AttributeName: 'colour', KeyType: 'HASH' },
      { AttributeName: 'pk', KeyType: 'RANGE' },
    ],
    Projection: { ProjectionType: 'INCLUDE', NonKeyAttributes: ['text'] },
  });
  expect(made?.GlobalSecondaryIndexes?.find(({ IndexName }) => IndexName === 'byText')?.Projection?.ProjectionType).toBe('KEYS_ONLY');
  expect(await client.send(new DescribeTimeToLiveCommand({ TableName: TABLE_NAME }))).toMatchObject({
    TimeToLiveDescription: { AttributeName: 'dies', TimeToLiveStatus: 'ENABLED' },
  });
});

test('a second start changes nothing and keeps the items', async () => {
  const client = databaseClient((await engine()).endpoint);
  await make(client, indexed);
  await put(client, 'one', { colour: { S: 'red' } });
  const before = await described(client);
  await make(client, indexed);
  expect(await described(client)).toEqual({ ...before });
  expect((await red(client)).Items).toHaveLength(1);
});

test('an index that a newer version declares finds the items that were there before', async () => {
  const client = databaseClient((await engine()).endpoint);
  await make(client, plain);
  await client.send(
    new PutItemCommand({ TableName: TABLE_NAME, Item: { pk: { S: 'one' }, sk: { S: 'thing' }, colour: { S: 'red' }, text: { S: 'a' } } }),
  );
  await make(client, indexed);
  expect((await red(client)).Items).toEqual([{ pk: { S: 'one' }, sk: { S: 'thing' }, colour: { S: 'red' }, text: { S: 'a' } }]);
});

test('an index that a newer version declares otherwise is made anew', async () => {
  const client = databaseClient((await engine()).endpoint);
  await make(client, indexed);
  await put(client, 'one', { colour: { S: 'red' }, text: { S: 'a' }, dies: { N: '1' } });
  await make(
    client,
    table({ name: 'things', indexes: { byColour: { partition: 'colour', sort: 'pk', project: ['dies'] } }, attributes, entities: [] }),
  );
  expect((await red(client)).Items).toEqual([{ pk: { S: 'one' }, sk: { S: 'thing' }, colour: { S: 'red' }, dies: { N: '1' } }]);
});
