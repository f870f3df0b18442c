/** EventBridge, as far as PutEvents and rules on `detail-type` go, for the real SDK client. */
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import * as z from 'zod/mini';
import { patternOf, type CloudEvent, type ReactionDeclaration } from '../../functions/data/reaction.ts';
import type { Log } from '../../functions/data/runtime.ts';
import { err, ok, type Result } from '../../functions/kernel/result.ts';
import { epochMs, SECOND, toInstant, type Clock } from '../../functions/kernel/time.ts';
import { cause } from '../../functions/kernel/cause.ts';
import { invoke, type LocalHandler } from './invoke.ts';
import type { BusEvent, Parked } from './parked.ts';
import { matches } from './pattern.ts';

export interface LocalReaction {
  readonly declaration: ReactionDeclaration;
  readonly handler: LocalHandler<BusEvent, unknown>;
}

export interface BusOptions {
  readonly reactions: readonly LocalReaction[];
  readonly parked: Parked;
  /** How often a reaction is called again with an event that it failed on. */
  readonly retries?: number;
  /** The pause before the first retry; each one after is twice as long. Milliseconds. */
  readonly retryDelayMs?: number;
  /** How long one call of a reaction may take. Milliseconds. */
  readonly timeoutMs?: number;
  readonly now: Clock;
  readonly log: Log;
}

export interface Redriven {
  /** Events that are handled now and no longer parked. */
  readonly handled: number;
  /** Events that failed again and stay parked, for another 14 days. */
  readonly parked: number;
}

export interface Bus {
  readonly endpoint: string;
  /** Gives each parked event to its reaction again. */
  redrive(reaction: string): Promise<Result<Redriven, 'unknownReaction'>>;
  /** Lets calls that are under way end. */
  stop(): Promise<void>;
}

const TARGET = 'AWSEvents.PutEvents';
const CONTENT_TYPE = 'application/x-amz-json-1.1';
const MAX_ENTRIES = 10;
const MAX_BYTES = 256 * 1024;
/** Escapes may make the request several times as long as its entries count. */
const MAX_BODY_BYTES = 8 * MAX_BYTES;
/** So many times as long may a large reaction take, as in the cloud. */
const LARGE = 5;
const ACCOUNT = '000000000000';
const REGION = 'local';

const Entry = z.object({
  Time: z.optional(z.number()),
  Source: z.optional(z.string()),
  Resources: z.optional(z.array(z.string())),
  DetailType: z.optional(z.string()),
  Detail: z.optional(z.string()),
});
type Entry = z.infer<typeof Entry>;
const Request = z.object({ Entries: z.array(Entry) });

interface EntryFailure {
  readonly ErrorCode: string;
  readonly ErrorMessage: string;
}

/** A request that is refused whole. */
interface Refusal {
  readonly __type: string;
  readonly message: string;
}

/** https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-putevents.html#eb-putevent-size */
const sizeOf = (entry: Entry): number =>
  (entry.Time === undefined ? 0 : 14) +
  [entry.Source, entry.DetailType, entry.Detail, ...(entry.Resources ?? [])].reduce((sum, text) => sum + Buffer.byteLength(text ?? ''), 0);

const missing = (name: string): EntryFailure => ({
  ErrorCode: 'InvalidArgument',
  ErrorMessage: `Parameter ${name} is not valid. Reason: ${name} is a required argument.`,
});

const detailOf = (text: string): CloudEvent | undefined => {
  try {
    // As on AWS, who puts an event answers for its detail: here that is the relay alone.
    const detail: CloudEvent = JSON.parse(text);
    return typeof detail === 'object' && detail !== null && !Array.isArray(detail) ? detail : undefined;
  } catch {
    return undefined;
  }
};

const eventOf = (entry: Entry, now: Clock): Result<BusEvent, EntryFailure> => {
  if (!entry.Source) return err(missing('Source'));
  if (!entry.DetailType) return err(missing('DetailType'));
  if (!entry.Detail) return err(missing('Detail'));
  if (entry.Source.startsWith('aws.'))
    return err({ ErrorCode: 'NotAuthorizedForSourceException', ErrorMessage: 'Not authorized for the source.' });
  const detail = detailOf(entry.Detail);
  if (detail === undefined) return err({ ErrorCode: 'MalformedDetail', ErrorMessage: 'Detail is malformed.' });
  const time = entry.Time === undefined ? now() : epochMs(entry.Time * SECOND);
  return ok({
    version: '0',
    id: randomUUID(),
    'detail-type': entry.DetailType,
    source: entry.Source,
    account: ACCOUNT,
    time: toInstant(time).replace(/\.\d{3}Z$/, 'Z'),
    region: REGION,
    resources: entry.Resources ?? [],
    detail,
  });
};

const parseRequest = (body: string): Result<readonly Entry[], Refusal> => {
  let request;
  try {
    request = Request.safeParse(JSON.parse(body));
  } catch {
    return err({ __type: 'SerializationException', message: 'The request is not JSON.' });
  }
  if (!request.success) return err({ __type: 'SerializationException', message: 'The request has not the shape of PutEvents.' });
  const { Entries: entries } = request.data;
  if (entries.length < 1 || entries.length > MAX_ENTRIES) {
    const bound = entries.length < 1 ? 'greater than or equal to 1' : `less than or equal to ${MAX_ENTRIES}`;
    return err({
      __type: 'ValidationException',
      message: `1 validation error detected: Value at 'entries' failed to satisfy constraint: Member must have length ${bound}`,
    });
  }
  if (entries.reduce((sum, entry) => sum + sizeOf(entry), 0) > MAX_BYTES) {
    return err({ __type: 'ValidationException', message: 'Total size of the entries in the request is over the limit.' });
  }
  return ok(entries);
};

const bodyOf = async (request: IncomingMessage): Promise<string | undefined> => {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of request) {
    const bytes: Buffer = chunk;
    length += bytes.length;
    if (length > MAX_BODY_BYTES) return undefined;
    chunks.push(bytes);
  }
  return Buffer.concat(chunks).toString('utf8');
};

/**
 * A bus on 127.0.0.1. It answers PutEvents only when each reaction whose rule matches has handled each event, or the event lies whole
 * on its parking queue: so nothing is lost between the stream's checkpoint and a reaction. A reaction gets the events of one entity in
 * their order; entities, like reactions, do not wait for each other.
 */
export const startBus = async ({
  reactions,
  parked,
  retries = 2,
  retryDelayMs = 50,
  timeoutMs = 60_000,
  now,
  log,
}: BusOptions): Promise<Bus> => {
  /** The error of the last try; undefined where one went well. */
  const tryAll = async ({ declaration, handler }: LocalReaction, event: BusEvent): Promise<{ readonly error: unknown } | undefined> => {
    for (let attempt = 0; ; attempt++) {
      try {
        await invoke(handler, event, {
          functionName: declaration.name,
          timeoutMs: declaration.size === 'large' ? LARGE * timeoutMs : timeoutMs,
        });
        return undefined;
      } catch (error) {
        if (attempt >= retries) return { error };
        await sleep(retryDelayMs * 2 ** attempt);
      }
    }
  };

  /** Whether the event was handled; parked otherwise. */
  const deliver = async (reaction: LocalReaction, event: BusEvent): Promise<boolean> => {
    const failure = await tryAll(reaction, event);
    if (failure === undefined) return true;
    parked.park(reaction.declaration.name, event, failure.error);
    log({ level: 'error', code: 'eventParked', reaction: reaction.declaration.name, event: event['detail-type'], ...cause(failure.error) });
    return false;
  };

  const react = async (events: readonly BusEvent[]): Promise<void> => {
    const outcomes = await Promise.allSettled(
      reactions.map(async (reaction) => {
        const rule = patternOf(reaction.declaration);
        const bySubject = Map.groupBy(
          events.filter((event) => matches(rule, event)),
          ({ detail }) => detail.subject,
        );
        await Promise.all(
          [...bySubject.values()].map(async (ofOne) => {
            for (const event of ofOne) await deliver(reaction, event);
          }),
        );
      }),
    );
    for (const outcome of outcomes) if (outcome.status === 'rejected') throw outcome.reason;
  };

  const putEvents = async (
    entries: readonly Entry[],
  ): Promise<{ FailedEntryCount: number; Entries: readonly ({ EventId: string } | EntryFailure)[] }> => {
    const results = entries.map((entry) => eventOf(entry, now));
    await react(results.flatMap((result) => (result.ok ? [result.value] : [])));
    return {
      FailedEntryCount: results.filter((result) => !result.ok).length,
      Entries: results.map((result) => (result.ok ? { EventId: result.value.id } : result.error)),
    };
  };

  const answer = async (request: IncomingMessage): Promise<{ readonly status: number; readonly body: unknown }> => {
    if (request.method !== 'POST' || request.headers['x-amz-target'] !== TARGET) {
      return { status: 400, body: { __type: 'UnknownOperationException', message: `The local bus knows ${TARGET} only.` } };
    }
    const body = await bodyOf(request);
    if (body === undefined) return { status: 413, body: { __type: 'RequestEntityTooLargeException', message: 'The request is too long.' } };
    const entries = parseRequest(body);
    return entries.ok ? { status: 200, body: await putEvents(entries.value) } : { status: 400, body: entries.error };
  };

  const underWay = new Set<Promise<void>>();
  const serve = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    let reply;
    try {
      reply = await answer(request);
    } catch (error) {
      log({ level: 'error', code: 'busFailed', ...cause(error) });
      reply = { status: 500, body: { __type: 'InternalException', message: 'The event is neither handled nor parked.' } };
    }
    // Whoever asked has gone, and asks again.
    if (response.closed) return;
    const sent = once(response, 'close');
    response.writeHead(reply.status, { 'content-type': CONTENT_TYPE, 'x-amzn-requestid': randomUUID() }).end(JSON.stringify(reply.body));
    await sent;
  };

  const server = createServer((request, response) => {
    const call = serve(request, response).finally(() => underWay.delete(call));
    underWay.add(call);
  });
  // A connection that the server gives up just when the client uses it again is an error that AWS does not have.
  server.keepAliveTimeout = 0;
  await new Promise<void>((listening, failed) => {
    server.once('error', failed);
    server.listen(0, '127.0.0.1', listening);
  });
  const address = server.address();
  if (typeof address !== 'object' || address === null) throw new Error('the bus listens nowhere');

  return {
    endpoint: `http://127.0.0.1:${address.port}`,
    async redrive(name) {
      const reaction = reactions.find(({ declaration }) => declaration.name === name);
      if (reaction === undefined) return err('unknownReaction');
      const handled = new Set<string>();
      const waiting = parked.list(name);
      for (const { event } of waiting) if (await deliver(reaction, event)) handled.add(event.id);
      parked.remove(name, handled);
      return ok({ handled: handled.size, parked: waiting.length - handled.size });
    },
    async stop() {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      await Promise.all(underWay);
      server.closeAllConnections();
      await closed;
    },
  };
};
