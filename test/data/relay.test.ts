import type { PutEventsCommand } from '@aws-sdk/client-eventbridge';
import type { DynamoDBRecord } from 'aws-lambda';
import { expect, test } from 'vitest';
import { cloudEventOf, relay } from '../../functions/data/relay.ts';
import type { LogLine } from '../../functions/data/runtime.ts';
import { table } from '../../functions/data/table.ts';
import { environmentFrom, VARIABLES } from '../../functions/kernel/environment.ts';

const plain = { personal: 'none', keptDays: 'entity' } as const;
const lamps = table({
  name: 'lamps',
  indexes: {},
  attributes: {
    change: plain,
    version: plain,
    changedAt: plain,
    colour: plain,
    requestId: plain,
    owner: { personal: 'identity', keptDays: 'entity' },
  },
  entities: [
    { noun: 'lamp', partitionPrefix: 'LAMP#', sortKey: 'LAMP', change: 'change', version: 'version' },
    { noun: 'bulb', partitionPrefix: 'BULBS#', change: 'change', version: 'version' },
    { noun: 'keeper', partitionPrefix: 'KEEPER#', sortKey: 'KEEPER', change: 'change', version: 'version', known: 'colour' },
  ],
});
type Image = NonNullable<NonNullable<DynamoDBRecord['dynamodb']>['NewImage']>;

const image = (version: number, more: Image = {}): Image => ({
  pk: { S: 'LAMP#1' },
  sk: { S: 'LAMP' },
  version: { N: String(version) },
  change: { S: 'lit' },
  changedAt: { S: '2026-11-24T01:00:00.000Z' },
  requestId: { S: `request-${version}` },
  colour: { S: 'warm' },
  owner: { S: 'wang' },
  ...more,
});
const keysOf = ({ pk, sk }: Image): Image => ({ ...(pk === undefined ? {} : { pk }), ...(sk === undefined ? {} : { sk }) });
const record = (sequence: number, newImage: Image | undefined, oldImage?: Image): DynamoDBRecord => ({
  eventName: oldImage === undefined ? 'INSERT' : newImage === undefined ? 'REMOVE' : 'MODIFY',
  dynamodb: {
    SequenceNumber: String(sequence),
    Keys: keysOf(newImage ?? oldImage ?? {}),
    ...(newImage === undefined ? {} : { NewImage: newImage }),
    ...(oldImage === undefined ? {} : { OldImage: oldImage }),
  },
});

test('a change becomes one CloudEvent: what happened, to what, which version, what differs, and nothing personal', () => {
  expect(cloudEventOf(lamps, record(1, image(2, { colour: { S: 'cold' } }), image(1)), {})).toEqual({
    specversion: '1.0',
    id: 'LAMP#1:2',
    source: 'linli/lamps',
    type: 'lamp.lit',
    subject: 'LAMP#1',
    time: '2026-11-24T01:00:00.000Z',
    datacontenttype: 'application/json',
    data: {
      version: 2,
      changed: ['colour', 'version'],
      item: { change: 'lit', version: 2, changedAt: '2026-11-24T01:00:00.000Z', colour: 'cold' },
    },
  });
});

test('a personal attribute goes with the event types whose reactions have declared it, and with no other', () => {
  const needs = { 'lamp.lit': ['owner'] };
  expect(cloudEventOf(lamps, record(1, image(1)), needs)?.data.item).toMatchObject({ owner: 'wang' });
  expect(cloudEventOf(lamps, record(1, image(1, { change: { S: 'broken' } })), needs)?.data.item).not.toHaveProperty('owner');
  // That it has changed is told to the same.
  const changed = (told: typeof needs | object): readonly string[] | undefined =>
    cloudEventOf(lamps, record(1, image(2, { owner: { S: 'li' } }), image(1)), told as never)?.data.changed;
  expect([changed(needs), changed({})]).toEqual([['owner', 'version'], ['version']]);
});

test('what is no entity, is only gone, or has not moved on tells of nothing', () => {
  expect(cloudEventOf(lamps, record(1, image(1, { pk: { S: 'IDEMPOTENCY#1' } })), {})).toBeUndefined();
  expect(cloudEventOf(lamps, record(1, image(1, { sk: { S: 'COMMENT#1' } })), {})).toBeUndefined();
  expect(cloudEventOf(lamps, record(1, undefined, image(1)), {})).toBeUndefined();
  expect(cloudEventOf(lamps, record(1, image(1), image(1)), {})).toBeUndefined();
});

test('an entity that shares its partition with its like is named by both keys', () => {
  expect(cloudEventOf(lamps, record(1, image(1, { pk: { S: 'BULBS#1' }, sk: { S: '7' } })), {})).toMatchObject({
    type: 'bulb.lit',
    subject: 'BULBS#1/7',
  });
});

test('an entity whose key is personal is named by what it is known by instead', () => {
  const event = cloudEventOf(lamps, record(1, image(1, { pk: { S: 'KEEPER#wang' }, sk: { S: 'KEEPER' } })), {});
  expect(event).toMatchObject({ type: 'keeper.lit', subject: 'KEEPER#warm', id: 'KEEPER#warm:1' });
  expect(JSON.stringify(event)).not.toContain('wang');
});

const started = (answer: (entries: readonly { DetailType?: string | undefined }[]) => (string | undefined)[] = () => []) => {
  const sizes: number[] = [];
  const logs: LogLine[] = [];
  const client = {
    send: (command: PutEventsCommand) => {
      const entries = command.input.Entries ?? [];
      sizes.push(entries.length);
      const codes = answer(entries);
      return Promise.resolve({
        Entries: entries.map((_, index) => (codes[index] === undefined ? { EventId: 'id' } : { ErrorCode: codes[index] })),
      });
    },
  };
  const environment = environmentFrom({ [VARIABLES.bus]: 'linli' });
  const run = relay(lamps)({ environment, log: (line) => void logs.push(line) }, client);
  return { run, sizes, logs };
};
const many = (count: number): DynamoDBRecord[] => Array.from({ length: count }, (_, index) => record(index + 1, image(index + 1)));

test('events go out ten at a time, and records of no interest cost nothing', async () => {
  const { run, sizes } = started();
  expect(await run({ Records: [...many(23), record(24, image(1, { pk: { S: 'OTHER#1' } }))] })).toEqual({ batchItemFailures: [] });
  expect(sizes).toEqual([10, 10, 3]);
  const idle = started();
  expect(await idle.run({ Records: [record(1, image(1, { pk: { S: 'OTHER#1' } }))] })).toEqual({ batchItemFailures: [] });
  expect(idle.sizes).toEqual([]);
});

test('of entries that the bus refuses the first is told, and nothing behind its chunk is sent', async () => {
  let chunk = 0;
  const { run, sizes, logs } = started(() =>
    ++chunk === 2 ? [undefined, undefined, 'InternalFailure', undefined, 'InternalFailure'] : [],
  );
  expect(await run({ Records: many(30) })).toEqual({ batchItemFailures: [{ itemIdentifier: '13' }] });
  expect(sizes).toEqual([10, 10]);
  expect(logs).toEqual([{ level: 'warn', code: 'relayEntryFailed', table: 'lamps', error: 'InternalFailure' }]);
});

test('a record that cannot be read fails the batch, which Lambda then halves until it stands alone', async () => {
  const { run } = started();
  await expect(run({ Records: [...many(2), record(3, image(3, { colour: { L: [{ X: 1 } as never] } }))] })).rejects.toThrow();
});
