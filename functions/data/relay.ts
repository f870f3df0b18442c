/**
 * The one reader of a table's stream: turns each change of an entity into a CloudEvent and puts it on the bus. It knows nothing but the
 * table's description.
 */
import { EventBridgeClient, PutEventsCommand, type PutEventsRequestEntry } from '@aws-sdk/client-eventbridge';
import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import { unmarshall } from '@aws-sdk/util-dynamodb';
import type { DynamoDBBatchResponse, DynamoDBRecord, DynamoDBStreamEvent } from 'aws-lambda';
import { isDeepStrictEqual } from 'node:util';
import { VARIABLES } from '../kernel/environment.ts';
import type { CloudEvent } from './reaction.ts';
import type { Runtime } from './runtime.ts';
import type { TableDescription } from './table.ts';

const MOST_ENTRIES = 10;
/** Attributes that place an item and say nothing of it. */
const BOOKKEEPING = new Set(['pk', 'sk', 'requestId']);

/** Event type → the personal attributes that reactions to it have declared to need. */
export type Needs = Readonly<Record<string, readonly string[]>>;

/** The event's attribute values and the SDK's are the same JSON. */
const image = (attributes: object | undefined): Record<string, unknown> =>
  attributes === undefined ? {} : unmarshall(attributes as Record<string, AttributeValue>);

/** The event of one stream record; undefined where the item is no entity, or was only deleted by time. */
export const cloudEventOf = (description: TableDescription, record: DynamoDBRecord, needs: Needs): CloudEvent | undefined => {
  const { pk, sk } = image(record.dynamodb?.Keys);
  const entity = description.entities.find(
    (each) => typeof pk === 'string' && pk.startsWith(each.partitionPrefix) && (each.sortKey === undefined || each.sortKey === sk),
  );
  if (entity === undefined || record.dynamodb?.NewImage === undefined) return undefined;
  const before = image(record.dynamodb.OldImage);
  const item = image(record.dynamodb.NewImage);
  const version = Number(item[entity.version]);
  const change = String(item[entity.change]);
  // Nothing happened where the version stands still: an engine may tell of an identical overwrite.
  if (before[entity.version] === item[entity.version]) return undefined;
  const type = `${entity.noun}.${change}`;
  const needed = needs[type] ?? [];
  const isShown = (name: string): boolean =>
    !BOOKKEEPING.has(name) && (description.attributes[name]?.personal === 'none' || needed.includes(name));
  const shown = Object.entries(item).filter(([name]) => isShown(name));
  // That something personal has changed tells of a person, too.
  const changed = [...new Set([...Object.keys(before), ...Object.keys(item)])].filter(
    (name) => isShown(name) && !isDeepStrictEqual(before[name], item[name]),
  );
  const key = entity.sortKey === undefined ? `${String(pk)}/${String(sk)}` : String(pk);
  const subject = entity.known === undefined ? key : entity.partitionPrefix + String(item[entity.known]);
  return {
    specversion: '1.0',
    id: `${subject}:${version}`,
    source: `linli/${description.name}`,
    type,
    subject,
    time:
      typeof item['changedAt'] === 'string'
        ? item['changedAt']
        : new Date((record.dynamodb?.ApproximateCreationDateTime ?? 0) * 1000).toISOString(),
    datacontenttype: 'application/json',
    data: { version, changed: changed.toSorted(), item: Object.fromEntries(shown) },
  };
};

interface Sent {
  readonly sequence: string;
  readonly entry: PutEventsRequestEntry;
}

/** The stream handler of one table. It answers with the first record that did not get through: Lambda goes on from there. */
export const relay =
  (description: TableDescription) =>
  (
    { environment, log }: Pick<Runtime, 'environment' | 'log'>,
    client: Pick<EventBridgeClient, 'send'> = new EventBridgeClient({ maxAttempts: 5 }),
  ) => {
    const needs = JSON.parse(environment.optional(VARIABLES.relayNeeds) ?? '{}') as Needs;
    const bus = environment.required(VARIABLES.bus);
    return async ({ Records: records }: DynamoDBStreamEvent): Promise<DynamoDBBatchResponse> => {
      const toSend: Sent[] = [];
      for (const record of records) {
        const event = cloudEventOf(description, record, needs);
        if (event !== undefined) {
          toSend.push({
            sequence: record.dynamodb?.SequenceNumber ?? '',
            entry: {
              EventBusName: bus,
              Source: event.source,
              DetailType: event.type,
              Detail: JSON.stringify(event),
              Time: new Date(event.time),
            },
          });
        }
      }
      for (let start = 0; start < toSend.length; start += MOST_ENTRIES) {
        const chunk = toSend.slice(start, start + MOST_ENTRIES);
        const answer = await client.send(new PutEventsCommand({ Entries: chunk.map(({ entry }) => entry) }));
        const failed = answer.Entries?.findIndex((each) => each.ErrorCode !== undefined) ?? -1;
        const first = chunk[failed];
        if (first !== undefined) {
          log({ level: 'warn', code: 'relayEntryFailed', table: description.name, error: answer.Entries?.[failed]?.ErrorCode });
          return { batchItemFailures: [{ itemIdentifier: first.sequence }] };
        }
      }
      log({ level: 'info', code: 'relayed', table: description.name, records: records.length, events: toSend.length });
      return { batchItemFailures: [] };
    };
  };
