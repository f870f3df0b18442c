/** Plays again what a deployed function could not handle: takes each parked event from its queue, gives it to the function whole, and drops it once it is handled. */
import { InvokeCommand, type LambdaClient } from '@aws-sdk/client-lambda';
import {
  ChangeMessageVisibilityCommand,
  DeleteMessageCommand,
  GetQueueAttributesCommand,
  GetQueueUrlCommand,
  ReceiveMessageCommand,
  type SQSClient,
} from '@aws-sdk/client-sqs';
import { parkedQueueName, physicalName } from './names.ts';

const AT_ONCE = 10;
/** Longer than ten large reactions may run one after another: nobody else sees an event until it has been tried. */
const HIDDEN_SECONDS = 60 * 60;
const WAIT_SECONDS = 2;
/** A queue spreads over several machines and may answer with nothing while it holds something. */
const EMPTY_ANSWERS = 3;

export interface RedriveProgress {
  readonly handled: number;
  readonly failed: number;
  /** Roughly how many there were to begin with, as SQS counts. */
  readonly total: number;
  /** Why the last one failed, if it did. */
  readonly error?: string;
}

export interface RedriveDependencies {
  readonly sqs: Pick<SQSClient, 'send'>;
  readonly lambda: Pick<LambdaClient, 'send'>;
  readonly onProgress: (progress: RedriveProgress) => void;
}

/** A message holds the event itself where it could not be delivered (a rule's or a schedule's dead letter), and wraps it where the function failed. */
export const eventOf = (body: string): unknown => {
  const message: unknown = JSON.parse(body);
  return typeof message === 'object' && message !== null && 'requestPayload' in message && 'requestContext' in message
    ? message.requestPayload
    : message;
};

/** What went wrong in the function: its error's name; undefined where nothing did. */
const failureOf = async (lambda: RedriveDependencies['lambda'], functionName: string, event: unknown): Promise<string | undefined> => {
  const answer = await lambda.send(
    new InvokeCommand({ FunctionName: functionName, InvocationType: 'RequestResponse', Payload: Buffer.from(JSON.stringify(event)) }),
  );
  if (answer.FunctionError === undefined) return undefined;
  const payload: unknown = JSON.parse(Buffer.from(answer.Payload ?? new Uint8Array()).toString('utf8') || '{}');
  const type = typeof payload === 'object' && payload !== null && 'errorType' in payload ? payload.errorType : answer.FunctionError;
  return String(type);
};

/** Answers when each event that was parked has been tried once. What fails again stays parked, in sight again, until its 14 days are over. */
export const redrive = async ({ sqs, lambda, onProgress }: RedriveDependencies, stage: string, name: string): Promise<RedriveProgress> => {
  const { QueueUrl: queue } = await sqs.send(new GetQueueUrlCommand({ QueueName: parkedQueueName(stage, name) }));
  const { Attributes: attributes } = await sqs.send(
    new GetQueueAttributesCommand({ QueueUrl: queue, AttributeNames: ['ApproximateNumberOfMessages'] }),
  );
  const expected = Number(attributes?.['ApproximateNumberOfMessages'] ?? 0);
  let handled = 0;
  let failed = 0;
  let lastError: string | undefined;
  const progress = (): RedriveProgress => ({
    handled,
    failed,
    total: Math.max(expected, handled + failed),
    ...(lastError === undefined ? {} : { error: lastError }),
  });
  /** Receipts of what we hold: each message is seen by nobody else until it is dropped or let go. */
  const kept = new Set<string | undefined>();
  const tried = new Set<string | undefined>();
  try {
    for (let empty = 0; empty < EMPTY_ANSWERS;) {
      const { Messages: messages = [] } = await sqs.send(
        new ReceiveMessageCommand({
          QueueUrl: queue,
          MaxNumberOfMessages: AT_ONCE,
          VisibilityTimeout: HIDDEN_SECONDS,
          WaitTimeSeconds: WAIT_SECONDS,
        }),
      );
      // Also where a run is so long that what failed comes into sight again: each event is tried once.
      const fresh = messages.filter(({ MessageId: id }) => !tried.has(id));
      empty = fresh.length === 0 ? empty + 1 : 0;
      for (const { ReceiptHandle: handle } of messages) kept.add(handle);
      for (const { Body: body, ReceiptHandle: handle, MessageId: id } of fresh) {
        tried.add(id);
        const error = await failureOf(lambda, physicalName(stage, name), eventOf(body ?? 'null'));
        if (error === undefined) {
          await sqs.send(new DeleteMessageCommand({ QueueUrl: queue, ReceiptHandle: handle }));
          kept.delete(handle);
          handled += 1;
        } else {
          failed += 1;
          lastError = error;
        }
        onProgress(progress());
      }
    }
  } finally {
    // What stays is seen again at once, by the alarm as well, also where we were stopped half-way.
    for (const handle of kept) {
      await sqs.send(new ChangeMessageVisibilityCommand({ QueueUrl: queue, ReceiptHandle: handle, VisibilityTimeout: 0 }));
    }
  }
  return progress();
};
