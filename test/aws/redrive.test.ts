import { InvokeCommand } from '@aws-sdk/client-lambda';
import {
  ChangeMessageVisibilityCommand,
  DeleteMessageCommand,
  GetQueueAttributesCommand,
  GetQueueUrlCommand,
  ReceiveMessageCommand,
  type ReceiveMessageCommandInput,
} from '@aws-sdk/client-sqs';
import { expect, test } from 'vitest';
import { eventOf, redrive, type RedriveDependencies } from '../../lib/aws/redrive.ts';

const LARGE_REACTION_SECONDS = 300;

const event = (id: string) => ({ version: '0', id, 'detail-type': 'serviceRequest.escalated', detail: { id } });
/** As a rule's dead letter, and as Lambda's destination after a failure. */
const dead = (id: string): string => JSON.stringify(event(id));
const failed = (id: string): string =>
  JSON.stringify({
    version: '1.0',
    requestContext: { condition: 'RetriesExhausted' },
    requestPayload: event(id),
    responsePayload: { errorType: 'Error' },
  });

/** A queue and a function in memory; a message that was received is not seen again until it is let go. */
const world = (bodies: readonly string[], fails: (id: string) => boolean) => {
  const waiting = new Map(bodies.map((body, index) => [`handle-${index}`, body]));
  const hidden = new Set<string>();
  const calls: { name: string | undefined; event: unknown }[] = [];
  const received: ReceiveMessageCommandInput[] = [];
  const send = (command: unknown): Promise<unknown> => {
    if (command instanceof GetQueueUrlCommand) return Promise.resolve({ QueueUrl: command.input.QueueName });
    if (command instanceof GetQueueAttributesCommand)
      return Promise.resolve({ Attributes: { ApproximateNumberOfMessages: String(waiting.size) } });
    if (command instanceof ReceiveMessageCommand) {
      received.push(command.input);
      const seen = [...waiting].filter(([handle]) => !hidden.has(handle)).slice(0, command.input.MaxNumberOfMessages);
      for (const [handle] of seen) hidden.add(handle);
      return Promise.resolve({ Messages: seen.map(([handle, body]) => ({ ReceiptHandle: handle, MessageId: handle, Body: body })) });
    }
    if (command instanceof DeleteMessageCommand) return Promise.resolve(waiting.delete(command.input.ReceiptHandle ?? ''));
    if (command instanceof ChangeMessageVisibilityCommand) return Promise.resolve(hidden.delete(command.input.ReceiptHandle ?? ''));
    if (command instanceof InvokeCommand) {
      const given: { id: string } = JSON.parse(
        command.input.Payload instanceof Uint8Array ? Buffer.from(command.input.Payload).toString() : 'null',
      );
      calls.push({ name: command.input.FunctionName, event: given });
      return Promise.resolve(fails(given.id) ? { FunctionError: 'Unhandled', Payload: Buffer.from('{"errorType":"GatewayDown"}') } : {});
    }
    throw new Error('not asked for');
  };
  const client = { send } as unknown as RedriveDependencies['sqs'] & RedriveDependencies['lambda'];
  return { client, waiting, hidden, calls, received };
};

test('the function gets each event whole, whichever way it came to be parked, and what is handled is gone', async () => {
  const { client, waiting, calls } = world([dead('a'), failed('b')], () => false);
  const seen: number[] = [];
  const done = await redrive(
    { sqs: client, lambda: client, onProgress: ({ handled }) => void seen.push(handled) },
    'dev',
    'tell-responsible',
  );
  expect(done).toEqual({ handled: 2, failed: 0, total: 2 });
  expect(seen).toEqual([1, 2]);
  expect(waiting.size).toBe(0);
  expect(calls).toEqual([
    { name: 'linli-dev-tell-responsible', event: event('a') },
    { name: 'linli-dev-tell-responsible', event: event('b') },
  ]);
});

test('what fails again is tried once, stays parked and is in sight at once', async () => {
  const bodies = Array.from({ length: 25 }, (_, index) => failed(String(index)));
  const { client, waiting, hidden, calls } = world(bodies, (id) => id === '7');
  const done = await redrive({ sqs: client, lambda: client, onProgress: () => undefined }, 'dev', 'tell-responsible');
  expect(done).toMatchObject({ handled: 24, failed: 1, error: 'GatewayDown' });
  expect([...waiting.values()]).toEqual([failed('7')]);
  expect(hidden.has([...waiting.keys()][0] ?? '')).toBe(false);
  expect(calls).toHaveLength(25);
});

test('where it breaks off, what it held is in sight again', async () => {
  const { client, waiting, hidden } = world([dead('a'), dead('b')], () => {
    throw new Error('no right to invoke');
  });
  await expect(redrive({ sqs: client, lambda: client, onProgress: () => undefined }, 'dev', 'tell-responsible')).rejects.toThrow(
    'no right',
  );
  expect([...waiting.keys()].filter((handle) => hidden.has(handle))).toEqual([]);
});

test('what is received is hidden until all of it has been tried, also where each takes as long as a large reaction may', async () => {
  const { client, received } = world([dead('a')], () => false);
  await redrive({ sqs: client, lambda: client, onProgress: () => undefined }, 'dev', 'compute-metrics');
  for (const { VisibilityTimeout: hidden = 0, MaxNumberOfMessages: most = 1 } of received)
    expect(hidden).toBeGreaterThan(most * LARGE_REACTION_SECONDS);
});

test("a schedule's dead letter is its input", () => {
  expect(eventOf('{"scheduledTime":"2026-12-01T00:00:00Z"}')).toEqual({ scheduledTime: '2026-12-01T00:00:00Z' });
});
