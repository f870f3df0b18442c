import { PutEventsCommand, type EventBridgeClient, type PutEventsRequestEntry } from '@aws-sdk/client-eventbridge';
import { appendFileSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { reaction, type CloudEvent } from '../../functions/data/reaction.ts';
import { DAY } from '../../functions/kernel/time.ts';
import { startBus, type Bus, type BusOptions, type LocalReaction } from '../../lib/local/bus.ts';
import { openParked, type BusEvent, type Parked } from '../../lib/local/parked.ts';
import { eventBridgeClient, gate, logLines, temporaryFolder, turnedClock } from './support/local.ts';

const cloudEvent = (id: string, type: string): CloudEvent => ({
  specversion: '1.0',
  id,
  source: 'linli/serviceRequests',
  type,
  subject: id,
  time: '2026-11-24T06:00:00.000Z',
  datacontenttype: 'application/json',
  data: { version: 1, changed: ['status'], item: { status: 'resolved', note: '已办结' } },
});

const entry = (id: string, type = 'serviceRequest.resolved'): PutEventsRequestEntry => ({
  Source: 'linli/serviceRequests',
  DetailType: type,
  Detail: JSON.stringify(cloudEvent(id, type)),
  EventBusName: 'linli',
});

const reacts = (name: string, on: readonly string[], handler: LocalReaction['handler']): LocalReaction => ({
  declaration: reaction({ name, domain: 'things', on, needs: [], uses: {} }),
  handler,
});

const clock = turnedClock();

const start = async (
  reactions: readonly LocalReaction[],
  options: Partial<BusOptions> = {},
): Promise<{ readonly bus: Bus; readonly client: EventBridgeClient; readonly parked: Parked }> => {
  const parked = options.parked ?? openParked({ now: clock.now });
  const bus = await startBus({ reactions, parked, retryDelayMs: 1, now: clock.now, log: () => undefined, ...options });
  onTestFinished(() => bus.stop());
  return { bus, client: eventBridgeClient(bus.endpoint), parked };
};

const send = (client: EventBridgeClient, ...entries: PutEventsRequestEntry[]) => client.send(new PutEventsCommand({ Entries: entries }));
const parkedIds = (parked: Parked, name: string): readonly string[] => parked.list(name).map(({ event }) => event.detail.id);

test('a reaction gets the events that it is declared on, as EventBridge would hand them over, and no others', async () => {
  const got: BusEvent[] = [];
  const { client } = await start([
    reacts('tell-requester', ['serviceRequest.resolved', 'serviceRequest.closed'], async (event, context) => {
      expect(context).toMatchObject({ functionName: 'tell-requester' });
      got.push(event);
    }),
    reacts('never', ['donation.paid'], () => expect.unreachable('not for it')),
  ]);
  const answer = await send(
    client,
    { ...entry('1'), Time: new Date('2026-11-24T05:00:00.400Z'), Resources: ['request/1'] },
    entry('2', 'serviceRequest.assigned'),
    entry('3', 'serviceRequest.closed'),
  );
  expect(answer).toMatchObject({
    FailedEntryCount: 0,
    Entries: [{ EventId: got[0]?.id }, { EventId: expect.any(String) }, { EventId: got[1]?.id }],
  });
  expect(got).toEqual([
    {
      version: '0',
      id: expect.any(String),
      'detail-type': 'serviceRequest.resolved',
      source: 'linli/serviceRequests',
      account: '000000000000',
      time: '2026-11-24T05:00:00Z',
      region: 'local',
      resources: ['request/1'],
      detail: cloudEvent('1', 'serviceRequest.resolved'),
    },
    expect.objectContaining({ 'detail-type': 'serviceRequest.closed', time: '2026-11-24T06:00:00Z', resources: [] }),
  ]);
});

test('PutEvents is answered only when every reaction is done', async () => {
  const goOn = gate();
  const reached = gate();
  const done: string[] = [];
  const { client } = await start([
    reacts('slow', ['serviceRequest.resolved'], async () => {
      reached.open();
      await goOn.opened;
      done.push('slow');
    }),
    reacts('quick', ['serviceRequest.resolved'], async () => void done.push('quick')),
  ]);
  const answered = send(client, entry('1')).then(() => done.push('answered'));
  await reached.opened;
  goOn.open();
  await answered;
  expect(done).toEqual(['quick', 'slow', 'answered']);
});

test('a reaction that fails is called again, and what it was given cannot be changed by its last try', async () => {
  let calls = 0;
  const { client, parked } = await start([
    reacts('stumbles', ['serviceRequest.resolved'], async (event) => {
      calls += 1;
      expect(event.detail.data.item).toEqual({ status: 'resolved', note: '已办结' });
      Object.assign(event.detail.data.item, { status: 'spoiled' });
      if (calls < 3) throw new Error('not yet');
    }),
  ]);
  await send(client, entry('1'));
  expect(calls).toBe(3);
  expect(parked.counts()).toEqual({});
});

test('what keeps failing is parked whole; other events and other reactions go on', async () => {
  const { log, lines } = logLines();
  const others: string[] = [];
  let calls = 0;
  const { client, parked } = await start(
    [
      reacts('broken', ['serviceRequest.resolved'], async ({ detail }) => {
        if (detail.id !== '2') return void others.push(`broken ${detail.id}`);
        calls += 1;
        throw new TypeError('手机号 13800000000');
      }),
      reacts('sound', ['serviceRequest.resolved'], async ({ detail }) => void others.push(`sound ${detail.id}`)),
    ],
    { log },
  );
  expect(await send(client, entry('1'), entry('2'), entry('3'))).toMatchObject({ FailedEntryCount: 0 });
  expect(calls).toBe(3);
  expect(others.toSorted()).toEqual(['broken 1', 'broken 3', 'sound 1', 'sound 2', 'sound 3']);
  expect(parked.counts()).toEqual({ broken: 1 });
  expect(parked.list('broken')).toEqual([
    {
      at: '2026-11-24T06:00:00.000Z',
      error: 'TypeError: 手机号 13800000000',
      event: expect.objectContaining({ detail: cloudEvent('2', 'serviceRequest.resolved') }),
    },
  ]);
  // What an error says may be personal; it stays in the queue and out of the log.
  expect(JSON.stringify(lines)).not.toContain('13800000000');
  expect(lines).toEqual([expect.objectContaining({ level: 'error', code: 'eventParked', reaction: 'broken', error: 'TypeError' })]);
});

test('parked events outlive a restart, and are handled by redrive; those that fail again stay', async () => {
  const dataFolder = temporaryFolder();
  const handled: string[] = [];
  let broken = new Set(['1', '2', '3']);
  const reactions = [
    reacts('tell', ['serviceRequest.resolved'], async ({ detail }) => {
      if (broken.has(detail.id)) throw new Error('broken');
      handled.push(detail.id);
    }),
  ];
  const first = await start(reactions, { parked: openParked({ dataFolder, now: clock.now }) });
  await send(first.client, entry('1'), entry('2'), entry('3'));
  await first.bus.stop();

  const parked = openParked({ dataFolder, now: clock.now });
  const second = await start(reactions, { parked });
  expect(parked.counts()).toEqual({ tell: 3 });
  broken = new Set(['2']);
  expect(await second.bus.redrive('tell')).toEqual({ ok: true, value: { handled: 2, parked: 1 } });
  expect(handled).toEqual(['1', '3']);
  expect(parkedIds(openParked({ dataFolder, now: clock.now }), 'tell')).toEqual(['2']);

  broken.clear();
  expect(await second.bus.redrive('tell')).toEqual({ ok: true, value: { handled: 1, parked: 0 } });
  expect(await second.bus.redrive('tell')).toEqual({ ok: true, value: { handled: 0, parked: 0 } });
  expect(handled).toEqual(['1', '3', '2']);
  expect(openParked({ dataFolder, now: clock.now }).counts()).toEqual({});
  expect(await second.bus.redrive('no-such')).toEqual({ ok: false, error: 'unknownReaction' });
});

test('an event that is parked while a redrive is under way stays', async () => {
  let broken = true;
  const { bus, client, parked } = await start([
    reacts('tell', ['serviceRequest.resolved'], async ({ detail }) => {
      if (broken || detail.id === 'late') throw new Error('broken');
      if (detail.id === 'early') await send(client, entry('late'));
    }),
  ]);
  await send(client, entry('early'));
  broken = false;
  expect(await bus.redrive('tell')).toEqual({ ok: true, value: { handled: 1, parked: 0 } });
  expect(parkedIds(parked, 'tell')).toEqual(['late']);
});

test.each([
  { days: 13, kept: ['1'] },
  { days: 15, kept: [] },
])('after $days turned days a parked event is there: $kept', async ({ days, kept }) => {
  const dataFolder = temporaryFolder();
  const turned = turnedClock();
  const handled: string[] = [];
  let broken = true;
  const { bus, client } = await start(
    [
      reacts('tell', ['serviceRequest.resolved'], async ({ detail }) => {
        if (broken) throw new Error('broken');
        handled.push(detail.id);
      }),
    ],
    { parked: openParked({ dataFolder, now: turned.now }) },
  );
  await send(client, entry('1'));
  turned.turn(days * DAY);
  expect(parkedIds(openParked({ dataFolder, now: turned.now }), 'tell')).toEqual(kept);
  broken = false;
  await bus.redrive('tell');
  expect(handled).toEqual(kept);
  expect(readFileSync(join(dataFolder, 'parked', 'tell.jsonl'), 'utf8')).toBe('');
});

test('a line that a kill -9 cut off is dropped, and does not spoil the next', () => {
  const dataFolder = temporaryFolder();
  const event: BusEvent = {
    version: '0',
    id: 'a',
    'detail-type': 't',
    source: 's',
    account: '0',
    time: '',
    region: 'local',
    resources: [],
    detail: cloudEvent('1', 't'),
  };
  openParked({ dataFolder, now: clock.now }).park('tell', event, new Error('x'));
  appendFileSync(join(dataFolder, 'parked', 'tell.jsonl'), '{"at":"2026-11-24T06:00:');
  openParked({ dataFolder, now: clock.now }).park('tell', { ...event, id: 'b' }, new Error('y'));
  expect(
    openParked({ dataFolder, now: clock.now })
      .list('tell')
      .map((each) => each.event.id),
  ).toEqual(['a', 'b']);
});

test('what can be neither handled nor parked is not acknowledged', async () => {
  const parked: Parked = {
    ...openParked({ now: clock.now }),
    park: () => {
      throw new Error('disk full');
    },
  };
  const others: string[] = [];
  const { client } = await start(
    [
      reacts('broken', ['serviceRequest.resolved'], async () => {
        throw new Error('broken');
      }),
      reacts('sound', ['serviceRequest.resolved'], async ({ detail }) => void others.push(detail.id)),
    ],
    { parked },
  );
  await expect(send(client, entry('1'))).rejects.toMatchObject({ name: 'InternalException', $metadata: { httpStatusCode: 500 } });
  expect(others).toEqual(['1']);
});

test('single entries are refused as EventBridge does, and the others go in', async () => {
  const got: string[] = [];
  const { client } = await start([reacts('tell', ['serviceRequest.resolved'], async ({ detail }) => void got.push(detail.id))]);
  const { Detail: _detail, ...noDetail } = entry('1');
  const answer = await send(
    client,
    noDetail,
    { ...entry('2'), Source: '' },
    { ...entry('3'), Detail: '{' },
    { ...entry('4'), Detail: '[]' },
    { ...entry('5'), Source: 'aws.events' },
    entry('6'),
  );
  expect(answer.FailedEntryCount).toBe(5);
  expect(answer.Entries?.map(({ ErrorCode }) => ErrorCode)).toEqual([
    'InvalidArgument',
    'InvalidArgument',
    'MalformedDetail',
    'MalformedDetail',
    'NotAuthorizedForSourceException',
    undefined,
  ]);
  expect(got).toEqual(['6']);
});

test('a request of more than 10 entries, none, or more than 256 KB is refused whole', async () => {
  const { client } = await start([reacts('tell', ['serviceRequest.resolved'], () => expect.unreachable('nothing goes in'))]);
  const refusal = { name: 'ValidationException', $metadata: { httpStatusCode: 400 } };
  await expect(send(client, ...Array.from({ length: 11 }, (_each, position) => entry(String(position))))).rejects.toMatchObject(refusal);
  await expect(send(client)).rejects.toMatchObject(refusal);
  // Three bytes a character count, not one.
  const half = { ...entry('1'), Detail: JSON.stringify({ text: '里'.repeat(45_000) }) };
  await expect(send(client, half, half)).rejects.toMatchObject({
    ...refusal,
    message: 'Total size of the entries in the request is over the limit.',
  });
});

test('256 KB of entries go in', async () => {
  let length = 0;
  const { client } = await start([reacts('tell', ['big'], async ({ detail }) => void (length = JSON.stringify(detail).length))]);
  const empty: PutEventsRequestEntry = { Source: 's', DetailType: 'big', Detail: '' };
  const Detail = `{"text":"${'x'.repeat(256 * 1024 - 's'.length - 'big'.length - '{"text":""}'.length)}"}`;
  expect(await send(client, { ...empty, Detail })).toMatchObject({ FailedEntryCount: 0 });
  expect(length).toBe(Detail.length);
  await expect(send(client, { ...empty, Source: 'ss', Detail })).rejects.toMatchObject({ name: 'ValidationException' });
});

test('anything but PutEvents is refused', async () => {
  const { bus } = await start([]);
  const answer = await fetch(bus.endpoint, { method: 'POST', headers: { 'x-amz-target': 'AWSEvents.PutRule' }, body: '{}' });
  expect([answer.status, await answer.json()]).toEqual([400, expect.objectContaining({ __type: 'UnknownOperationException' })]);
  const broken = await fetch(bus.endpoint, { method: 'POST', headers: { 'x-amz-target': 'AWSEvents.PutEvents' }, body: '{"Entries":7}' });
  expect([broken.status, await broken.json()]).toEqual([400, expect.objectContaining({ __type: 'SerializationException' })]);
});

test('stop lets reactions end and answers', async () => {
  const goOn = gate();
  const reached = gate();
  const { bus, client } = await start([
    reacts('slow', ['serviceRequest.resolved'], async () => {
      reached.open();
      await goOn.opened;
    }),
  ]);
  const answered = send(client, entry('1'));
  await reached.opened;
  const stopped = bus.stop();
  goOn.open();
  expect(await answered).toMatchObject({ FailedEntryCount: 0 });
  await stopped;
  await expect(send(client, entry('2'))).rejects.toThrow();
});

test('whoever goes away before the answer holds up nobody', async () => {
  const goOn = gate();
  const reached = gate();
  const handled: string[] = [];
  const { bus, client } = await start([
    reacts('slow', ['serviceRequest.resolved'], async ({ detail }) => {
      if (detail.id === 'left') {
        reached.open();
        await goOn.opened;
      }
      handled.push(detail.id);
    }),
  ]);
  const leaving = new AbortController();
  const left = client.send(new PutEventsCommand({ Entries: [entry('left')] }), { abortSignal: leaving.signal });
  await reached.opened;
  leaving.abort();
  await expect(left).rejects.toThrow();
  await send(client, entry('stays'));
  goOn.open();
  await bus.stop();
  expect(handled).toEqual(['stays', 'left']);
});
