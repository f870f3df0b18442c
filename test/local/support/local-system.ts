/** Stream → relay → bus → reaction → outbox on a folder, as `npm start` will put them together. */
import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { DynamoDBStreamsClient } from '@aws-sdk/client-dynamodb-streams';
import { EventBridgeClient, PutEventsCommand } from '@aws-sdk/client-eventbridge';
import { join } from 'node:path';
import { reaction } from '../../../functions/data/reaction.ts';
import { table } from '../../../functions/data/table.ts';
import { epochMs } from '../../../functions/kernel/time.ts';
import { startBus } from '../../../lib/local/bus.ts';
import { checkpoint } from '../../../lib/local/checkpoint.ts';
import { openOutbox, type Outbox } from '../../../lib/local/outbox.ts';
import { openParked } from '../../../lib/local/parked.ts';
import { startStream, type Stream } from '../../../lib/local/streams.ts';
import { createTables } from '../../../lib/local/tables.ts';

const things = table({ name: 'things', indexes: {}, attributes: {}, entities: [] });
const tellSomebody = reaction({ name: 'tell-somebody', domain: 'things', on: ['thing.made'], needs: [], uses: {} });

export interface LocalSystem {
  readonly outbox: Outbox;
  readonly stream: Stream;
  stop(): Promise<void>;
}

export const localSystem = async (options: {
  readonly dataFolder: string;
  readonly client: DynamoDBClient;
  readonly streamsClient: DynamoDBStreamsClient;
}): Promise<LocalSystem> => {
  const { dataFolder, client, streamsClient } = options;
  const now = () => epochMs(Date.now());
  const log = () => undefined;
  await createTables(client, [things], (name) => `linli-${name}`);
  const outbox = openOutbox({ dataFolder });
  const bus = await startBus({
    reactions: [
      {
        declaration: tellSomebody,
        handler: async ({ detail }) => {
          outbox.add({ id: detail.subject, channel: 'sms', to: 'somebody', text: '好', about: detail.subject, at: detail.time });
        },
      },
    ],
    parked: openParked({ dataFolder, now }),
    now,
    log,
  });
  const events = new EventBridgeClient({
    endpoint: bus.endpoint,
    region: 'local',
    credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
  });
  const stream = await startStream({
    streamsClient,
    tableName: 'linli-things',
    checkpoint: checkpoint(join(dataFolder, 'streams', 'linli-things.json')),
    onParked: () => undefined,
    batchSize: 10,
    log,
    handler: async ({ Records: records }) => {
      await events.send(
        new PutEventsCommand({
          Entries: records.map((record) => ({
            Source: 'linli/things',
            DetailType: 'thing.made',
            Detail: JSON.stringify({ subject: record.dynamodb?.Keys?.['pk']?.S, time: '2026-11-24T06:00:00.000Z' }),
          })),
        }),
      );
    },
  });
  return {
    outbox,
    stream,
    async stop() {
      await stream.stop();
      await bus.stop();
      events.destroy();
    },
  };
};
