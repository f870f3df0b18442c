/** Faults between the functions and DynamoDB, injected in the SDK client's middleware: crashes, lost answers, bad weather, stale reads. */
import {
  ProvisionedThroughputExceededException,
  RequestLimitExceeded,
  ThrottlingException,
  TransactionCanceledException,
  TransactionConflictException,
  type DynamoDBClient,
} from '@aws-sdk/client-dynamodb';
import { DeleteCommand, DynamoDBDocumentClient, PutCommand } from '@aws-sdk/lib-dynamodb';

/** Whether the long figures of `quality.md` are asked for. */
export const LONG = process.env['LINLI_LONG'] === '1';

const IS_WRITE = /^(?:Put|Update|Delete|Transact|BatchWrite)/;

/**
 * Where a process dies among its calls, by their commands: number, from 1, and side. In the short form each state of the data that it can leave
 * is met once: whoever dies before or after a read, or after a write, leaves what they leave who die before the next write, or at the end.
 */
export const deathsAmong = (commands: readonly string[]): readonly (readonly [at: number, when: 'before' | 'after'])[] =>
  commands.flatMap((command, index) => {
    const at = index + 1;
    const before = LONG || IS_WRITE.test(command) ? [[at, 'before'] as const] : [];
    return LONG || at === commands.length ? [...before, [at, 'after'] as const] : before;
  });

/** A seeded source of numbers from 0 up to, not including, 1 (mulberry32). */
export const seeded = (seed: number): (() => number) => {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
};

/** A seed for this run, or the one in `LINLI_SEED`; printed, so that a failure can be run again. */
export const newSeed = (what: string): number => {
  const seed = Number(process.env['LINLI_SEED'] ?? Date.now() % 2 ** 31);
  process.stdout.write(`${what}: LINLI_SEED=${seed}\n`);
  return seed;
};

/** The process is gone: whatever it would have done next does not happen. */
export class Crashed extends Error {
  override readonly name = 'Crashed';
}

/** How often, 0 to 1, an attempt meets what; every attempt of the SDK's own retries is one. */
export interface Weather {
  readonly throttled?: number;
  /** Another transaction holds the item. */
  readonly conflicted?: number;
  /** The effect is there, and the answer is lost on the way; the SDK asks again. */
  readonly answerLost?: number;
}

export interface StaleReads {
  /** How many of the last writes a read may miss. */
  readonly lag: () => number;
  /** Whether this read is a stale one. */
  readonly chance: () => boolean;
}

export interface CallSeen {
  readonly command: string;
  readonly input: Readonly<Record<string, unknown>>;
}

export interface Faults {
  /** Calls since the last {@link Faults.revive}, the one under way included. */
  readonly calls: () => number;
  /** The process dies just before or just after its call number `at`, counted from 1. */
  readonly crashAt: (at: number, when: 'before' | 'after') => void;
  readonly hasCrashed: () => boolean;
  /** Another process takes over, once what the dead one had sent has arrived. */
  readonly revive: () => Promise<void>;
  readonly weather: (weather: Weather, random: () => number) => void;
  /** The next call of such a command has its effect, and the answer to its first attempt is lost; answers whether that has happened. */
  readonly loseAnswer: (command: RegExp) => () => boolean;
  /** Reads that do not ask for consistency, and those of every index, answer from a copy that lags behind; undefined ends it. */
  readonly stale: (reads: StaleReads | undefined) => void;
  /** Told of every call before it is sent; what it throws, the caller gets. */
  readonly watch: (watcher: ((call: CallSeen) => void | Promise<void>) | undefined) => void;
}

interface Copied {
  readonly table: string;
  readonly key: { readonly pk: unknown; readonly sk: unknown };
  readonly item?: Record<string, unknown>;
}

interface WriteInput {
  readonly TableName: string;
  readonly Item?: Record<string, unknown>;
  readonly Key?: { pk: unknown; sk: unknown };
}

const WRITES = new Set(['PutItemCommand', 'DeleteItemCommand', 'UpdateItemCommand', 'TransactWriteItemsCommand']);
const READS = new Set(['GetItemCommand', 'QueryCommand']);

const copiesOf = (command: string, input: Record<string, unknown>): readonly Copied[] => {
  const one = ({ TableName: table, Item: item, Key: key }: WriteInput): Copied =>
    item === undefined
      ? { table, key: { pk: key?.pk, sk: key?.sk } }
      : { table, key: { pk: item['pk'], sk: item['sk'] }, item: JSON.parse(JSON.stringify(item)) };
  if (command === 'TransactWriteItemsCommand')
    return (input['TransactItems'] as readonly { Put?: WriteInput; Delete?: WriteInput }[]).flatMap(({ Put: put, Delete: remove }) =>
      [put, remove].filter((each) => each !== undefined).map(one),
    );
  return command === 'PutItemCommand' || command === 'DeleteItemCommand' ? [one(input as unknown as WriteInput)] : [];
};

const weatherError = (command: string, random: () => number, kind: 'throttled' | 'conflicted'): Error => {
  const about = { $metadata: {}, message: `injected: ${kind}` };
  const inTransaction = command === 'TransactWriteItemsCommand';
  if (kind === 'conflicted') {
    return inTransaction
      ? new TransactionCanceledException({ ...about, CancellationReasons: [{ Code: 'TransactionConflict' }, { Code: 'None' }] })
      : new TransactionConflictException(about);
  }
  const which = Math.floor(random() * (inTransaction ? 5 : 3));
  if (which === 0) return new ThrottlingException(about);
  if (which === 1) return new ProvisionedThroughputExceededException(about);
  if (which === 2) return new RequestLimitExceeded(about);
  return new TransactionCanceledException({
    ...about,
    CancellationReasons: [{ Code: which === 3 ? 'ThrottlingError' : 'ProvisionedThroughputExceeded' }],
  });
};

/** Where the lagging copy of a table is. */
export const copyOf = (physicalName: string): string => `${physicalName}-copy`;

/**
 * Puts faults into a client, none at first. `replica` reaches the same engine without them: it writes the lagging copies, whose tables
 * must be there. The SDK's own retries stay as they are, without their pauses.
 */
export const faultsIn = (client: DynamoDBClient, replica?: DynamoDBDocumentClient): Faults => {
  let calls = 0;
  let crash: { readonly at: number; readonly when: 'before' | 'after' } | undefined;
  let dead = false;
  let weather: Weather = {};
  let random = (): number => 1;
  let losing: RegExp | undefined;
  let staleReads: StaleReads | undefined;
  let watcher: ((call: CallSeen) => void | Promise<void>) | undefined;
  const underWay = new Set<Promise<unknown>>();
  const waiting: Copied[] = [];
  let copying = Promise.resolve();

  const { retryStrategy: original } = client.config;
  client.config.retryStrategy = async () => {
    const strategy = await original();
    Object.assign(Reflect.get(strategy, 'retryBackoffStrategy') ?? {}, { computeNextBackoffDelay: () => 0 });
    return strategy;
  };

  const copy = (most: number): Promise<void> => {
    const before = copying;
    copying = (async () => {
      await before;
      while (waiting.length > most && replica !== undefined) {
        const next = waiting.shift();
        if (next === undefined) return;
        const where = { TableName: copyOf(next.table) };
        if (next.item === undefined) await replica.send(new DeleteCommand({ ...where, Key: next.key }));
        else await replica.send(new PutCommand({ ...where, Item: next.item }));
      }
    })();
    return copying;
  };

  // Outside of the SDK's retries: what the function itself sees of one call.
  client.middlewareStack.add(
    (next, context) => async (args) => {
      const command = String(context['commandName']);
      const number = ++calls;
      const dies = (when: 'before' | 'after'): void => {
        if (crash?.at === number && crash.when === when) dead = true;
        if (dead) throw new Crashed(`${when} call ${number}, ${command}`);
      };
      dies('before');
      const input = args.input as Record<string, unknown>;
      await watcher?.({ command, input });
      let sent = args;
      if (staleReads !== undefined && READS.has(command) && input['ConsistentRead'] !== true && staleReads.chance()) {
        await copy(staleReads.lag());
        sent = { ...args, input: { ...input, TableName: copyOf(String(input['TableName'])) } };
      }
      const answer = next(sent);
      underWay.add(answer);
      try {
        const result = await answer;
        if (replica !== undefined && WRITES.has(command)) waiting.push(...copiesOf(command, input));
        dies('after');
        return result;
      } finally {
        underWay.delete(answer);
      }
    },
    { step: 'serialize', priority: 'high', name: 'faultsOfCalls' },
  );

  // Inside of them: what happens to one attempt.
  client.middlewareStack.add(
    (next, context) => async (args) => {
      const command = String(context['commandName']);
      if (random() < (weather.throttled ?? 0)) throw weatherError(command, random, 'throttled');
      if (WRITES.has(command) && random() < (weather.conflicted ?? 0)) throw weatherError(command, random, 'conflicted');
      const result = await next(args);
      const loses = losing?.test(command) === true;
      if (loses) losing = undefined;
      if (loses || random() < (weather.answerLost ?? 0))
        throw Object.assign(new Error('injected: the answer is lost'), { name: 'TimeoutError' });
      return result;
    },
    { step: 'finalizeRequest', priority: 'low', name: 'faultsOfAttempts' },
  );

  return {
    calls: () => calls,
    crashAt: (at, when) => {
      calls = 0;
      crash = { at, when };
    },
    hasCrashed: () => dead,
    async revive() {
      while (underWay.size > 0) await Promise.allSettled(underWay);
      calls = 0;
      crash = undefined;
      dead = false;
    },
    weather: (next, numbers) => {
      weather = next;
      random = numbers;
    },
    loseAnswer: (command) => {
      losing = command;
      return () => losing === undefined;
    },
    stale: (reads) => {
      staleReads = reads;
    },
    watch: (next) => {
      watcher = next;
    },
  };
};
