/** Changes that reach the relay and its reactions twice, out of order, from several shards, again, or with a poison one among them. */
import { EventBridgeClient } from '@aws-sdk/client-eventbridge';
import type { DynamoDBRecord } from 'aws-lambda';
import * as fc from 'fast-check';
import { afterAll, beforeAll, beforeEach, expect, onTestFinished, test, vi } from 'vitest';
import { tellResponsible as declaration } from '../../functions/notifications/reactions.ts';
import { lateMessages } from '../../functions/notifications/late-message.ts';
import { tellResponsible } from '../../functions/notifications/tell-responsible.ts';
import { serviceRequestsRelay } from '../../functions/service-requests/relay.ts';
import { serviceRequestsTable } from '../../functions/service-requests/table.ts';
import { VARIABLES } from '../../functions/kernel/environment.ts';
import { DAY, HOUR } from '../../functions/kernel/time.ts';
import { startBus, type Bus } from '../../lib/local/bus.ts';
import { checkpoint } from '../../lib/local/checkpoint.ts';
import { openParked, type Parked } from '../../lib/local/parked.ts';
import { startStream } from '../../lib/local/streams.ts';
import { gateway, type MessageGateway } from '../support/message-gateway.ts';
import { LONG, newSeed } from '../support/faults.ts';
import { openHouse, type House } from '../support/house.ts';
import { eventsOf, keepingBus, listenToStream } from '../support/listener.ts';
import { requestAt } from '../support/stages.ts';

if (LONG) vi.setConfig({ testTimeout: 900_000 });

let house: House;
let messages: MessageGateway;
let records: readonly DynamoDBRecord[];
/** What the histories say must have been told. */
let expected: readonly string[];

beforeAll(async () => {
  house = await openHouse();
  messages = await gateway();
  house.set(VARIABLES.messageGateway, messages.url);
  const listener = await listenToStream(house);
  await Promise.all(Array.from({ length: LONG ? 10 : 4 }, (_, index) => requestAt(house.post, index % 2 === 0 ? 'submitted' : 'assigned')));
  for (const time of ['2026-11-24T14:00:00+08:00', '2026-11-26T09:00:00+08:00', '2026-12-10T09:00:00+08:00'])
    await house.schedule('requestClocks', time);
  records = await listener.records();
  expected = await recount();
});
afterAll(async () => {
  await messages.stop();
  await house.stop();
});
beforeEach(() => {
  messages.forget();
});

/** From the histories alone: each step tells the division that it went to, and whoever had the work then. */
const recount = async (): Promise<readonly string[]> => {
  const items = [...((await house.content(['serviceRequests']))['serviceRequests']?.values() ?? [])];
  return items
    .flatMap((item) => {
      const history = (item['history'] ?? []) as readonly { action: string; to?: { id: string } }[];
      return history.flatMap((entry, index) => {
        if (entry.action !== 'escalate') return [];
        const who = history.slice(0, index).findLast(({ to }) => to !== undefined)?.to?.id;
        return [`${item.pk}:${index + 1}`, ...(who === undefined ? [] : [`${item.pk}:${index + 1}:${who}`])];
      });
    })
    .toSorted();
};
/** A message to a division is named by its step alone: which level it went to follows from both clocks. */
const steps = (ids: readonly string[]): readonly string[] => ids.map((id) => id.replace(/:\d{4,9}$/, '')).toSorted();

/** Relay and reaction, called as Lambda does: each record by its relay, each event by its reaction. */
const deliver = async (batches: readonly (readonly DynamoDBRecord[])[]): Promise<void> => {
  const bus = keepingBus();
  const relay = serviceRequestsRelay(house.runtime, bus.client);
  for (const batch of batches) expect(await relay({ Records: [...batch] })).toEqual({ batchItemFailures: [] });
  const react = tellResponsible(house.runtime);
  for (const event of eventsOf(bus.entries)) if (event['detail-type'] === 'serviceRequest.escalated') await react(event);
};
const forgetHandedOver = async (): Promise<void> => {
  const told = await house.content(['notifications']);
  await house.restore({ notifications: new Map() }, told);
  messages.forget();
};

test('what is handed over equals a recount from the histories', async () => {
  await deliver([records]);
  expect(expected.length).toBeGreaterThan(20);
  expect(steps(messages.ids())).toEqual(expected);
  expect(messages.repeated()).toEqual([]);
});

test('records twice, in any order, in any batches and from several shards, and all of them again: the same messages, each handed over once', async () => {
  const seed = newSeed('streams');
  await fc.assert(
    fc.asyncProperty(
      fc.shuffledSubarray([...records, ...records.slice(0, 20)], { minLength: records.length + 20 }),
      fc.integer({ min: 1, max: 30 }),
      async (shuffled, size) => {
        await forgetHandedOver();
        const batches = Array.from({ length: Math.ceil(shuffled.length / size) }, (_, index) =>
          shuffled.slice(index * size, (index + 1) * size),
        );
        await deliver(batches);
        await deliver([records]);
        expect(steps(messages.ids())).toEqual(expected);
        expect(messages.repeated()).toEqual([]);
      },
    ),
    { seed, numRuns: LONG ? 50 : 2 },
  );
});

test('two copies of a reaction at once may hand a message over twice; its id is the same, and so its gateway sends it once', async () => {
  await forgetHandedOver();
  await Promise.all([deliver([records]), deliver([records])]);
  expect(steps(messages.ids())).toEqual(expected);
});

test('a message gateway that fails now and then is asked again, and nothing is left out', async () => {
  await forgetHandedOver();
  let number = 0;
  messages.fail(() => number++ % 3 === 0);
  for (let attempt = 0; attempt < 200; attempt++) {
    const done = await deliver([records]).then(
      () => true,
      () => false,
    );
    if (done) break;
  }
  expect(steps(messages.ids())).toEqual(expected);
});

interface Standing {
  readonly bus: Bus;
  readonly parked: Parked;
  readonly events: EventBridgeClient;
}
const stand = async (): Promise<Standing> => {
  await forgetHandedOver();
  const parked = openParked({ now: house.now });
  const bus = await startBus({
    reactions: [{ declaration, handler: tellResponsible(house.runtime) as (event: unknown) => Promise<void> }],
    parked,
    retries: 1,
    retryDelayMs: 1,
    now: house.now,
    log: house.runtime.log,
  });
  const events = new EventBridgeClient({
    endpoint: bus.endpoint,
    region: 'local',
    credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
  });
  onTestFinished(async () => {
    events.destroy();
    await bus.stop();
  });
  return { bus, parked, events };
};

/** Reads the real stream once more from its beginning, as after a checkpoint that was lost. */
const replayStream = async (
  events: EventBridgeClient,
  onParked: (record: DynamoDBRecord) => void = () => expect.unreachable(),
): Promise<void> => {
  const stream = await startStream({
    streamsClient: house.streams,
    tableName: house.physicalName('serviceRequests'),
    handler: serviceRequestsRelay(house.runtime, events),
    checkpoint: checkpoint(),
    maximumRetryAttempts: 1,
    retryDelayMs: 1,
    onParked,
    log: house.runtime.log,
  });
  await stream.settled();
  await stream.stop();
};

test.each([25 * HOUR, 13 * DAY])(
  'only the poison event of ten is parked, whole; %i ms later it is played again and told once',
  async (later) => {
    const { bus, parked, events } = await stand();
    const poison = expected[0]?.replace(/:\d+$/, '') ?? '';
    messages.fail((id) => id.startsWith(`${poison}:`));
    await replayStream(events);
    const lying = parked.list(declaration.name);
    const poisoned = expected.filter((id) => id.startsWith(`${poison}:`));
    expect(lying.map(({ event }) => event.detail.id).toSorted()).toEqual(
      [...new Set(poisoned.map((id) => id.split(':').slice(0, 2).join(':')))].toSorted(),
    );
    expect(steps(messages.ids())).toEqual(expected.filter((id) => !id.startsWith(`${poison}:`)));
    for (const { event } of lying) {
      expect(event.detail).toMatchObject({
        specversion: '1.0',
        source: 'linli/serviceRequests',
        subject: poison,
        type: 'serviceRequest.escalated',
      });
      expect(lateMessages(event.detail as never).length).toBeGreaterThan(0);
    }

    house.turn(later);
    expect(await bus.redrive(declaration.name)).toEqual({ ok: true, value: { handled: 0, parked: lying.length } });
    messages.fail(() => false);
    house.turn(later - HOUR);
    expect(await bus.redrive(declaration.name)).toEqual({ ok: true, value: { handled: lying.length, parked: 0 } });
    expect(steps(messages.ids())).toEqual(expected);
    expect(messages.repeated()).toEqual([]);
    expect(parked.list(declaration.name)).toEqual([]);
  },
);

test('only the poison record of a batch is parked by the relay’s stream; the others get through', async () => {
  const { events } = await stand();
  const number = expected[0]?.split(':')[0] ?? '';
  const parkedRecords: DynamoDBRecord[] = [];
  const handler = serviceRequestsRelay(house.runtime, events);
  const stream = await startStream({
    streamsClient: house.streams,
    tableName: house.physicalName('serviceRequests'),
    handler: ({ Records }) =>
      handler({
        Records: Records.map((record) =>
          record.dynamodb?.Keys?.['pk']?.S === number
            ? {
                ...record,
                dynamodb: {
                  ...record.dynamodb,
                  NewImage: { ...record.dynamodb.NewImage, changedAt: { S: 'never' }, version: { N: '1e999' } },
                },
              }
            : record,
        ),
      }),
    checkpoint: checkpoint(),
    maximumRetryAttempts: 1,
    retryDelayMs: 1,
    onParked: (record) => void parkedRecords.push(record),
    log: house.runtime.log,
  });
  await stream.settled();
  await stream.stop();
  expect(new Set(parkedRecords.map((record) => record.dynamodb?.Keys?.['pk']?.S))).toEqual(new Set([number]));
  expect(parkedRecords[0]?.dynamodb?.NewImage?.['id']).toBeDefined();
  expect(steps(messages.ids())).toEqual(expected.filter((id) => !id.startsWith(`${number}:`)));
});

test('whoever was assigned is named on the bus to the reaction that declared it, and nothing else of a person is', async () => {
  const bus = keepingBus();
  await serviceRequestsRelay(house.runtime, bus.client)({ Records: [...records] });
  for (const { detail } of eventsOf(bus.entries)) {
    const names = Object.keys(detail.data.item);
    const declared = detail.type === 'serviceRequest.escalated' ? declaration.needs : [];
    const personal = names.filter(
      (name) => serviceRequestsTable.attributes[name as keyof typeof serviceRequestsTable.attributes].personal !== 'none',
    );
    expect(personal.filter((name) => !declared.some((each) => each === name))).toEqual([]);
  }
});
