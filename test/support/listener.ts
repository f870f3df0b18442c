/** What follows from the changes of a table, of service requests mostly: its stream, the relay, and the messages that a reaction hands over. */
import { DescribeStreamCommand, GetRecordsCommand, GetShardIteratorCommand, ListStreamsCommand } from '@aws-sdk/client-dynamodb-streams';
import type { PutEventsCommand, PutEventsRequestEntry } from '@aws-sdk/client-eventbridge';
import type { DynamoDBRecord, EventBridgeEvent } from 'aws-lambda';
import type { CloudEvent } from '../../functions/data/reaction.ts';
import { lateMessages, type EscalatedRequest } from '../../functions/notifications/late-message.ts';
import { serviceRequestsRelay } from '../../functions/service-requests/relay.ts';
import type { REACTIONS, RELAYS } from '../../lib/local/functions.ts';
import { streamRecord } from '../../lib/local/stream-record.ts';
import type { House } from './house.ts';

export interface Listener {
  /** The records since the last call of any of these three. */
  readonly records: () => Promise<readonly DynamoDBRecord[]>;
  readonly skip: () => Promise<void>;
  /** Ids of the messages that follow from the records since. */
  readonly messages: () => Promise<readonly string[]>;
}

type BusEvent = EventBridgeEvent<string, CloudEvent<EscalatedRequest>>;

/** What a relay has put, as its reactions get it. */
export const eventsOf = (entries: readonly PutEventsRequestEntry[]): readonly BusEvent[] =>
  entries.map((entry, index) => ({
    id: `put-${index}`,
    version: '0',
    account: '000000000000',
    time: '',
    region: 'local',
    resources: [],
    source: entry.Source ?? '',
    'detail-type': entry.DetailType ?? '',
    detail: JSON.parse(entry.Detail ?? '{}'),
  }));

/** A bus that keeps what is put. */
export const keepingBus = (): { readonly entries: PutEventsRequestEntry[]; readonly client: never } => {
  const entries: PutEventsRequestEntry[] = [];
  const client = {
    send: (command: PutEventsCommand) => {
      entries.push(...(command.input.Entries ?? []));
      return Promise.resolve({ FailedEntryCount: 0, Entries: command.input.Entries?.map(() => ({ EventId: 'id' })) });
    },
  };
  return { entries, client: client as never };
};

/** Begins with what is written from now on. */
export const listenToStream = async (house: House, table = 'serviceRequests'): Promise<Listener> => {
  const { streams } = house;
  const TableName = house.physicalName(table);
  const StreamArn = (await streams.send(new ListStreamsCommand({ TableName }))).Streams?.[0]?.StreamArn ?? '';
  const described = await streams.send(new DescribeStreamCommand({ StreamArn }));
  const ShardId = described.StreamDescription?.Shards?.[0]?.ShardId;
  let { ShardIterator: iterator } = await streams.send(new GetShardIteratorCommand({ StreamArn, ShardId, ShardIteratorType: 'LATEST' }));
  const records = async (): Promise<readonly DynamoDBRecord[]> => {
    const found: DynamoDBRecord[] = [];
    for (;;) {
      const page = await streams.send(new GetRecordsCommand({ ShardIterator: iterator, Limit: 1000 }));
      iterator = page.NextShardIterator;
      found.push(...(page.Records ?? []).map((record) => streamRecord(record, StreamArn)));
      if ((page.Records ?? []).length === 0) return found;
    }
  };
  return {
    records,
    skip: async () => void (await records()),
    async messages() {
      const bus = keepingBus();
      await serviceRequestsRelay(house.runtime, bus.client)({ Records: [...(await records())] });
      return eventsOf(bus.entries)
        .filter((event) => event['detail-type'] === 'serviceRequest.escalated')
        .flatMap((event) => lateMessages(event.detail))
        .map(({ id }) => id)
        .toSorted();
    },
  };
};

type TableEvent = ReturnType<typeof eventsOf>[number];

/** Reactions to the changes of a table, fed by its stream, from now on. */
export const reactionsTo = async (house: House, table: string, relay: (typeof RELAYS)[number]['build'], own: typeof REACTIONS) => {
  const listener = await listenToStream(house, table);
  const reactions = {
    /** What the relay has put on the bus since the last time. */
    events: async (): Promise<readonly TableEvent[]> => {
      const bus = keepingBus();
      await relay(house.runtime, bus.client)({ Records: [...(await listener.records())] });
      return eventsOf(bus.entries);
    },
    skip: listener.skip,
    /** Hands an event to each reaction that is for it. */
    deliver: async (event: TableEvent): Promise<void> => {
      for (const { declaration, build } of own)
        if (declaration.on.includes(event['detail-type'])) await build(house.runtime)(event as { detail: CloudEvent<unknown> } as never);
    },
    /** Until nothing follows any more. */
    settle: async (): Promise<void> => {
      for (;;) {
        const events = await reactions.events();
        if (events.length === 0) return;
        for (const event of events) await reactions.deliver(event);
      }
    },
  };
  return reactions;
};
