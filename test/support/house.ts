/** The functions themselves in one process, without HTTP, on a real engine: a clock that the test turns, faults, and sight of every item. */
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DynamoDBStreamsClient } from '@aws-sdk/client-dynamodb-streams';
import { BatchWriteCommand, DynamoDBDocumentClient, ScanCommand } from '@aws-sdk/lib-dynamodb';
import type { APIGatewayProxyEventV2, Context } from 'aws-lambda';
import { randomBytes, randomUUID } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { database, documentClient } from '../../functions/data/database.ts';
import type { Providers } from '../../functions/data/payments.ts';
import type { LogLine, Runtime } from '../../functions/data/runtime.ts';
import type { OperationSpec } from '../../functions/http/operation.ts';
import type { LambdaHandler } from '../../functions/http/service.ts';
import { environmentFrom, tableVariable, VARIABLES } from '../../functions/kernel/environment.ts';
import type { Random } from '../../functions/kernel/id.ts';
import { epochMs, fromInstant, plus, toInstant, type EpochMs, type Instant } from '../../functions/kernel/time.ts';
import { personalNeeds, TABLES } from '../../lib/declarations.ts';
import { startEngine } from '../../lib/local/engine.ts';
import { openFolderStore, type FolderStore } from '../../lib/local/folder-store.ts';
import { SCHEDULES, SERVICES } from '../../lib/local/functions.ts';
import type { TokenClaims } from '../../lib/local/issuer.ts';
import { createTables } from '../../lib/local/tables.ts';
import { copyOf, faultsIn, type Faults } from './faults.ts';
import { SIGNER } from './signer.ts';
import { ADMIN, DIVISIONS } from './world.ts';

export interface Answered {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  // Answers are looked at field by field; a wrong one fails the assertion.
  // oxlint-disable-next-line typescript/no-explicit-any
  readonly body: any;
  readonly text: string;
}

export interface CallGiven {
  readonly as?: TokenClaims | undefined;
  /** Sent as it is where it is a text or bytes, else as JSON. */
  readonly body?: unknown;
  /** Idempotency-Key. */
  readonly key?: string | undefined;
  readonly ifMatch?: string | undefined;
  readonly headers?: Readonly<Record<string, string>>;
}

export type StoredItem = Readonly<Record<string, unknown>> & { readonly pk: string; readonly sk: string };
/** Every item by table, then by its key. */
export type Content = Readonly<Record<string, ReadonlyMap<string, StoredItem>>>;

export interface House {
  readonly runtime: Runtime;
  readonly client: DynamoDBClient;
  readonly faults: Faults;
  readonly objects: FolderStore;
  readonly logs: LogLine[];
  readonly physicalName: (table: string) => string;
  readonly streams: DynamoDBStreamsClient;
  readonly now: () => EpochMs;
  readonly turn: (milliseconds: number) => void;
  readonly turnTo: (moment: string) => void;
  /** Sets an environment variable that functions built from now on see. */
  readonly set: (name: string, value: string) => void;
  readonly call: (method: string, path: string, given?: CallGiven) => Promise<Answered>;
  readonly post: (path: string, as: TokenClaims, body?: unknown, more?: Omit<CallGiven, 'as' | 'body'>) => Promise<Answered>;
  readonly get: (path: string, as?: TokenClaims) => Promise<Answered>;
  /** Runs a schedule for a moment, the clock's unless told otherwise. */
  readonly schedule: (name: string, time?: string, remainingMs?: () => number) => Promise<unknown>;
  /** Every item of these tables, all of them unless told otherwise, read around the faults. */
  readonly content: (tables?: readonly string[]) => Promise<Content>;
  /** Makes the tables hold `before` again, knowing that they hold `after`. */
  readonly restore: (before: Content, after: Content) => Promise<void>;
  readonly stop: () => Promise<void>;
}

const LOCAL_AWS = { region: 'local', credentials: { accessKeyId: 'local', secretAccessKey: 'local' }, signer: SIGNER };
const BATCH = 25;

/** The services that the tests use; the catalogue has many more. */
export const SERVICE_CODES = ['streetLamp', 'elderMeals', 'urgentHelp', 'legalAdvice', 'policyQuestion', 'imported'];

const matches = (template: string, path: string): Record<string, string> | undefined => {
  const [wanted, given] = [template.split('/'), path.split('/')];
  if (wanted.length !== given.length) return undefined;
  const parameters: Record<string, string> = {};
  for (const [index, segment] of wanted.entries()) {
    const value = given[index] ?? '';
    if (segment.startsWith('{')) parameters[segment.slice(1, -1)] = value;
    else if (segment !== value) return undefined;
  }
  return parameters;
};

/** With its attributes in order: the engine gives them in any. */
const inOrder = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(inOrder);
  return value !== null && typeof value === 'object'
    ? Object.fromEntries(
        Object.entries(value)
          .toSorted(([one], [other]) => (one < other ? -1 : 1))
          .map(([name, part]) => [name, inOrder(part)]),
      )
    : value;
};

/** A body as a gateway hands it on. */
const textOf = (body: unknown): string => {
  if (body instanceof Uint8Array) return Buffer.from(body).toString('base64');
  return typeof body === 'string' ? body : JSON.stringify(body);
};

const keyOf = ({ pk, sk }: { readonly pk: string; readonly sk: string }): string => JSON.stringify([pk, sk]);

/**
 * Opens a house at a Tuesday morning in Chengdu, with a few divisions and services. `stale` makes the lagging copies that stale reads
 * come from; `secrets` are the stage's, by name.
 */
export const openHouse = async ({
  at = '2026-11-24T09:00:00+08:00',
  stale = false,
  payments = {},
  secrets = {},
  random = randomBytes,
  within = tmpdir(),
}: {
  readonly at?: string;
  readonly stale?: boolean;
  readonly payments?: Providers;
  readonly secrets?: Readonly<Record<string, unknown>>;
  readonly random?: Random;
  /** The folder in which the data are kept. */
  readonly within?: string;
} = {}): Promise<House> => {
  const folder = mkdtempSync(join(within, 'linli-house-'));
  const engine = await startEngine({ dataFolder: folder, log: () => undefined });
  const client = new DynamoDBClient({ ...LOCAL_AWS, endpoint: engine.endpoint, maxAttempts: 5 });
  const behind = new DynamoDBClient({ ...LOCAL_AWS, endpoint: engine.endpoint });
  const around = DynamoDBDocumentClient.from(behind);
  const streams = new DynamoDBStreamsClient({ ...LOCAL_AWS, endpoint: engine.endpoint });
  const physicalName = (name: string): string => `house-${name}`;
  await createTables(behind, Object.values(TABLES), physicalName);
  if (stale) await createTables(behind, Object.values(TABLES), (name) => copyOf(physicalName(name)));
  const faults = faultsIn(client, stale ? around : undefined);

  let moment = epochMs(Date.parse(at));
  const logs: LogLine[] = [];
  const source: Record<string, string> = {
    ...Object.fromEntries(Object.values(TABLES).map(({ name }) => [tableVariable(name), physicalName(name)])),
    [VARIABLES.bus]: 'linli',
    [VARIABLES.limits]: 'off',
    [VARIABLES.oidcIssuer]: 'https://issuer.test',
    [VARIABLES.oidcAudience]: 'linli',
    [VARIABLES.relayNeeds]: JSON.stringify(personalNeeds()),
  };
  const secret = 'a secret of at least 32 characters for the house';
  const objects = await openFolderStore({ folder: join(folder, 'objects'), secret, now: () => moment, url: () => 'http://objects.test' });
  const runtime: Runtime = {
    now: () => moment,
    random,
    database: database({ client: documentClient(client), physicalName, pause: () => Promise.resolve(), jitter: () => 0 }),
    environment: environmentFrom(source),
    objects: () => Promise.resolve(objects),
    payments,
    secret: (name) => Promise.resolve(secrets[name]),
    secrets: [secret],
    log: (line) => void logs.push(line),
  };

  const verifyBearer = (token: string): Promise<Record<string, unknown>> => Promise.resolve(JSON.parse(decodeURIComponent(token)));
  const routes: readonly { operation: OperationSpec; handler: LambdaHandler }[] = SERVICES.flatMap((service) => {
    const handler = service.build(runtime, verifyBearer);
    return service.operations.map((operation) => ({ operation, handler }));
  });

  const call: House['call'] = async (method, target, { as, body, key, ifMatch, headers = {} } = {}) => {
    const [path = '', rawQueryString = ''] = target.split('?');
    const found = routes
      .filter(({ operation }) => operation.method === method)
      .map((route) => ({ ...route, parameters: matches(route.operation.path, path) }))
      .find(({ parameters }) => parameters !== undefined);
    if (found === undefined) throw new Error(`no route takes ${method} ${path}`);
    const { operation, handler, parameters } = found;
    const routeKey = `${method} ${operation.path}`;
    const claims = as === undefined ? undefined : { ...as, roles: `[${as.roles.join(' ')}]` };
    const event: APIGatewayProxyEventV2 & { requestContext: { authorizer?: unknown } } = {
      version: '2.0',
      routeKey,
      rawPath: path,
      rawQueryString,
      headers: {
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...(key === undefined ? {} : { 'idempotency-key': key }),
        ...(ifMatch === undefined ? {} : { 'if-match': ifMatch }),
        ...(as === undefined ? {} : { authorization: `Bearer ${encodeURIComponent(JSON.stringify(as))}` }),
        ...headers,
      },
      ...(parameters === undefined ? {} : { pathParameters: parameters }),
      requestContext: {
        accountId: '000000000000',
        apiId: 'house',
        domainName: 'localhost',
        domainPrefix: 'house',
        http: { method, path, protocol: 'HTTP/1.1', sourceIp: '127.0.0.1', userAgent: 'test' },
        requestId: randomUUID(),
        routeKey,
        stage: '$default',
        time: '',
        timeEpoch: moment,
        ...(claims === undefined || operation.access !== 'signedIn' ? {} : { authorizer: { jwt: { claims } } }),
      },
      ...(body === undefined ? {} : { body: textOf(body) }),
      isBase64Encoded: body instanceof Uint8Array,
    };
    const answer = await handler(event, {} as Context);
    const text = answer.body ?? '';
    const isJson = /json/.test(String(answer.headers?.['content-type']));
    return {
      status: answer.statusCode ?? 500,
      headers: Object.fromEntries(Object.entries(answer.headers ?? {}).map(([name, value]) => [name, String(value)])),
      body: isJson && text !== '' ? JSON.parse(text) : undefined,
      text,
    };
  };

  const content: House['content'] = async (tables = Object.values(TABLES).map(({ name }) => name)) =>
    Object.fromEntries(
      await Promise.all(
        tables.map(async (name) => {
          const items: StoredItem[] = [];
          let after: Record<string, unknown> | undefined;
          do {
            const page = await around.send(
              new ScanCommand({
                TableName: physicalName(name),
                ConsistentRead: true,
                ...(after === undefined ? {} : { ExclusiveStartKey: after }),
              }),
            );
            items.push(...(page.Items ?? []).map((item) => inOrder(item) as StoredItem));
            after = page.LastEvaluatedKey;
          } while (after !== undefined);
          return [name, new Map(items.map((item) => [keyOf(item), item]))] as const;
        }),
      ),
    );

  const house: House = {
    runtime,
    client,
    faults,
    objects,
    logs,
    physicalName,
    streams,
    now: () => moment,
    turn: (milliseconds) => {
      moment = plus(moment, milliseconds);
    },
    turnTo: (to) => {
      moment = fromInstant(to as Instant);
    },
    set: (name, value) => {
      source[name] = value;
    },
    call,
    post: (path, as, body = {}, more = {}) => call('POST', path, { as, body, ...more }),
    get: (path, as) => call('GET', path, { as }),
    schedule: (name, time = toInstant(moment), remainingMs = () => 900_000) => {
      const schedule = SCHEDULES.find(({ declaration }) => declaration.name === name);
      if (schedule === undefined) throw new Error(`no schedule ${name}`);
      return schedule.build(runtime)({ scheduledTime: time }, { getRemainingTimeInMillis: remainingMs } as Context);
    },
    content,
    async restore(before, after) {
      for (const [name, items] of Object.entries(after)) {
        const were = before[name] ?? new Map<string, StoredItem>();
        const changes = [
          ...[...items].filter(([key]) => !were.has(key)).map(([, { pk, sk }]) => ({ DeleteRequest: { Key: { pk, sk } } })),
          ...[...were]
            .filter(([key, item]) => JSON.stringify(items.get(key)) !== JSON.stringify(item))
            .map(([, item]) => ({ PutRequest: { Item: item } })),
        ];
        for (let start = 0; start < changes.length; start += BATCH)
          await around.send(new BatchWriteCommand({ RequestItems: { [physicalName(name)]: changes.slice(start, start + BATCH) } }));
      }
    },
    async stop() {
      client.destroy();
      behind.destroy();
      streams.destroy();
      await engine.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };

  const catalogue = JSON.parse(readFileSync(join(import.meta.dirname, '..', '..', 'lib', 'data', 'catalogue.json'), 'utf8')) as {
    programmes: unknown;
    services: readonly ({ code: string } & Record<string, unknown>)[];
  };
  await call('PUT', '/v1/settings/programmes', { as: ADMIN, body: { value: catalogue.programmes } });
  const loaded = await Promise.all([
    house.post('/v1/imports/divisions', ADMIN, { rows: DIVISIONS.map(([code, name], index) => ({ line: index + 2, code, name })) }),
    ...catalogue.services
      .filter(({ code }) => SERVICE_CODES.includes(code))
      .map(({ code, ...service }) => call('PUT', `/v1/services/${code}`, { as: ADMIN, body: service })),
  ]);
  const failed = loaded.find(({ status }) => status >= 300);
  if (failed !== undefined) throw new Error(`the house does not furnish: ${failed.text}`);
  return house;
};
