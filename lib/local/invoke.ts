import { randomUUID } from 'node:crypto';
import type { Context } from 'aws-lambda';

export type LocalHandler<Event, Answer> = (event: Event, context: Context) => Promise<Answer>;

/** A handler took longer than its function may. It cannot be stopped within one process: it goes on, and nobody waits for it. */
export class FunctionTimedOut extends Error {
  override readonly name = 'FunctionTimedOut';
}

/** Calls a handler as Lambda does: with its own copy of the event, a context, and at most `timeoutMs`; then FunctionTimedOut. */
export const invoke = async <Event, Answer>(
  handler: LocalHandler<Event, Answer>,
  event: Event,
  { functionName, timeoutMs }: { readonly functionName: string; readonly timeoutMs: number },
): Promise<Answer> => {
  const ends = performance.now() + timeoutMs;
  const context: Context = {
    callbackWaitsForEmptyEventLoop: false,
    functionName,
    functionVersion: '$LATEST',
    invokedFunctionArn: `arn:aws:lambda:local:000000000000:function:${functionName}`,
    memoryLimitInMB: '1024',
    awsRequestId: randomUUID(),
    logGroupName: `/aws/lambda/${functionName}`,
    logStreamName: 'local',
    getRemainingTimeInMillis: () => Math.max(0, Math.floor(ends - performance.now())),
    done: () => undefined,
    fail: () => undefined,
    succeed: () => undefined,
  };
  let timer: NodeJS.Timeout | undefined;
  const tooLate = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new FunctionTimedOut(`${functionName} timed out after ${timeoutMs / 1000} seconds`)), timeoutMs);
  });
  try {
    return await Promise.race([handler(structuredClone(event), context), tooLate]);
  } finally {
    clearTimeout(timer);
  }
};
