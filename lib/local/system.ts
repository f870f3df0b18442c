/** The whole system on one machine: the same functions, behind what stands in for AWS. */
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DynamoDBStreamsClient } from '@aws-sdk/client-dynamodb-streams';
import { EventBridgeClient } from '@aws-sdk/client-eventbridge';
import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { database, documentClient } from '../../functions/data/database.ts';
import type { Log, Runtime } from '../../functions/data/runtime.ts';
import { TIME_ZONE } from '../../functions/data/schedule.ts';
import { divisionsReader } from '../../functions/divisions/reader.ts';
import { exportsTable } from '../../functions/exports/table.ts';
import { bearerVerifier, type VerifyBearer } from '../../functions/http/bearer.ts';
import { cause } from '../../functions/kernel/cause.ts';
import { environmentFrom, tableVariable, VARIABLES } from '../../functions/kernel/environment.ts';
import type { Random } from '../../functions/kernel/id.ts';
import { ok } from '../../functions/kernel/result.ts';
import { DAY, endOfMonth, epochMs, MINUTE, monthOf, plus, type Clock, type EpochMs } from '../../functions/kernel/time.ts';
import { partsOf, rebuild } from '../../functions/metrics/rebuild.ts';
import { personalNeeds, TABLES } from '../declarations.ts';
import { startBus, type Bus } from './bus.ts';
import { checkpoint } from './checkpoint.ts';
import { historyMonths } from './demo-history.ts';
import { devRoutes, ISSUER_PATH, OUTBOX_PATH } from './dev.ts';
import { startEngine } from './engine.ts';
import { openFolderStore } from './folder-store.ts';
import { FALLBACK, REACTIONS, RELAYS, SCHEDULES, SERVICES } from './functions.ts';
import { gateway } from './gateway.ts';
import { startIssuer, type TokenClaims } from './issuer.ts';
import { startObjectServer } from './object-server.ts';
import { openOutbox } from './outbox.ts';
import { openVault } from './folder-vault.ts';
import { startSandbox } from './sandbox-payments.ts';
import { secretsFrom } from './secrets-file.ts';
import { parkedRecords } from './parked-records.ts';
import { openParked } from './parked.ts';
import { startSchedules } from './schedules.ts';
import { settle } from './settle.ts';
import { loadStartingData } from './starting-data.ts';
import { startStream } from './streams.ts';
import { createTables } from './tables.ts';
import { tellOfWrites } from './tell-of-writes.ts';
import { startUploads } from './uploads.ts';
import { writeAtomically } from './write-atomically.ts';

export interface SystemOptions {
  /** In memory without one. */
  readonly dataFolder?: string | undefined;
  /** 0 takes a free one. */
  readonly port: number;
  /** Another address than 127.0.0.1: then `/dev` and the local issuer are off, and an issuer must be named. */
  readonly host?: string | undefined;
  /** A DynamoDB API that is running already. */
  readonly engineEndpoint?: string | undefined;
  /** Whether that API asks for the credentials and the region of the environment, as AWS itself does. */
  readonly awsCredentials?: boolean;
  /** Told when the engine dies without being asked to. */
  readonly onEngineExit?: () => void;
  readonly oidcIssuer?: string | undefined;
  readonly oidcAudience?: string | undefined;
  readonly messageGateway?: string | undefined;
  /** Kinds of channels that are carried without that gateway, JSON. */
  readonly carriers?: string | undefined;
  /** Where people reach it, for links in letters; on one machine its own address. */
  readonly publicUrl?: string | undefined;
  /** A file with keys of payment providers, and of what carries messages. */
  readonly secretsFile?: string | undefined;
  readonly allowedOrigins?: readonly string[];
  /** Where objects are put to and read from: a free port unless said. */
  readonly objectsPort?: number | undefined;
  /** The address that others know that port by. */
  readonly objectsUrl?: string | undefined;
  readonly demo: boolean;
  /** Told before the demo is laid out, which takes a while; not where it is there already. */
  readonly onDemo?: () => void;
  /** Whether schedules run by themselves; tests run them by hand. */
  readonly schedules: boolean;
  readonly limits?: 'on' | 'off';
  readonly log: Log;
  readonly now?: Clock;
  readonly random?: Random;
  /** Changes the SDK's client before it is used: tests inject faults and count units. */
  readonly prepare?: (client: DynamoDBClient) => void;
}

export interface System {
  readonly url: string;
  readonly runtime: Runtime;
  /** A token of the local issuer. */
  readonly token: (claims: TokenClaims) => Promise<string>;
  /** Answers when every change so far has gone through every reaction. */
  readonly settle: () => Promise<void>;
  readonly stop: () => Promise<void>;
}

const LOCAL_HOST = '127.0.0.1';
const AUDIENCE = 'linli';
const SECRET_FILE = 'secret';
const SECRET_BYTES = 32;
const PREFIX = 'linli-';
/** As long as API Gateway keeps an idle connection, and longer than clients do. */
const KEEP_ALIVE_MS = 65_000;
const NUDGED_POLL_MS = 5000;
const CLOSE_IDLE_MS = 20;
/** As long as an event is parked that tells of them. */
const RECEIVED_KEPT_MS = 15 * DAY;
/** As in the bucket, a day longer than the job that tells of them. */
const EXPORTS_KEPT_MS = (exportsTable.attributes.expiresAt.keptDays + 1) * DAY;

/** Makes nothing: the engine asks for a signature and believes any. */
const LOCAL_AWS = { region: 'local', credentials: { accessKeyId: 'local', secretAccessKey: 'local' } };

const secretOf = (dataFolder: string | undefined): string => {
  const file = dataFolder === undefined ? undefined : join(dataFolder, SECRET_FILE);
  if (file !== undefined && existsSync(file)) {
    const kept = readFileSync(file, 'utf8').trim();
    if (kept.length < SECRET_BYTES)
      throw new Error(`${file} is damaged: remove it, and a new secret is made; open pages and idempotency keys end with the old one.`);
    return kept;
  }
  const secret = randomBytes(SECRET_BYTES).toString('base64url');
  if (file !== undefined) writeAtomically(file, secret, { durable: true });
  return secret;
};

/** Starts everything and answers when it can be used. Throws, with what to do, where it cannot be. */
export const startSystem = async (options: SystemOptions): Promise<System> => {
  const { dataFolder, port, host, log, demo } = options;
  const now: Clock = options.now ?? (() => epochMs(Date.now()));
  const isLocal = host === undefined;
  if (!isLocal && options.oidcIssuer === undefined) {
    throw new Error(
      `With ${VARIABLES.host} set, the local issuer is off: set ${VARIABLES.oidcIssuer} to the URL of your OpenID provider, and ${VARIABLES.oidcAudience} to the audience of its tokens.`,
    );
  }
  if (dataFolder !== undefined) mkdirSync(dataFolder, { recursive: true });

  const stops: (() => Promise<void>)[] = [];
  const stop = async (): Promise<void> => {
    for (const each of stops.toReversed()) await each();
    stops.length = 0;
  };

  try {
    const engine = await startEngine({
      dataFolder,
      endpoint: options.engineEndpoint,
      log,
      ...(options.onEngineExit === undefined ? {} : { onExit: options.onEngineExit }),
    });
    stops.push(() => engine.stop());
    const aws = options.awsCredentials === true ? {} : LOCAL_AWS;
    const client = new DynamoDBClient({ ...aws, endpoint: engine.endpoint, maxAttempts: 5 });
    const streamsClient = new DynamoDBStreamsClient({ ...aws, endpoint: engine.endpoint });
    const physicalName = (name: string): string => PREFIX + name;
    await createTables(client, Object.values(TABLES), physicalName);
    options.prepare?.(client);

    // The port, and so the issuer's URL, is known once the gateway listens; nobody asks for it before.
    const source: Record<string, string> = {
      ...Object.fromEntries(Object.values(TABLES).map(({ name }) => [tableVariable(name), physicalName(name)])),
      [VARIABLES.bus]: 'linli',
      [VARIABLES.limits]: options.limits ?? 'off',
      [VARIABLES.oidcAudience]: options.oidcAudience ?? AUDIENCE,
      [VARIABLES.relayNeeds]: JSON.stringify(personalNeeds()),
      ...(options.messageGateway === undefined ? {} : { [VARIABLES.messageGateway]: options.messageGateway }),
      ...(options.carriers === undefined ? {} : { [VARIABLES.carriers]: options.carriers }),
      ...(options.publicUrl === undefined ? {} : { [VARIABLES.publicUrl]: options.publicUrl }),
    };
    const environment = environmentFrom(source);
    const secret = secretOf(dataFolder);

    const objectsFolder = dataFolder === undefined ? mkdtempSync(join(tmpdir(), 'linli-objects-')) : join(dataFolder, 'objects');
    if (dataFolder === undefined) stops.push(async () => rmSync(objectsFolder, { recursive: true, force: true }));
    let objectsUrl = '';
    const objects = await openFolderStore({ folder: objectsFolder, secret, now, url: () => objectsUrl });
    const expire = async (): Promise<void> => {
      try {
        await objects.expire('exports/', EXPORTS_KEPT_MS);
        await objects.expire('received/', RECEIVED_KEPT_MS);
      } catch (error) {
        log({ level: 'error', code: 'expiryFailed', ...cause(error) });
      }
    };
    await expire();
    const expiry = setInterval(() => void expire(), DAY).unref();
    stops.push(async () => clearInterval(expiry));
    /** The moment that the demo is at while it is played. */
    let played: EpochMs | undefined;
    // Nobody pays with it where others than this machine are answered.
    const sandbox = isLocal
      ? await startSandbox({
          now: () => played ?? now(),
          random: options.random ?? randomBytes,
          port: 0,
          host: LOCAL_HOST,
          log,
          dataFolder,
        })
      : undefined;
    if (sandbox !== undefined) stops.push(() => sandbox.stop());
    const vault = openVault(dataFolder === undefined ? undefined : join(dataFolder, 'vault'));
    const runtime: Runtime = {
      now,
      random: options.random ?? randomBytes,
      database: database({
        client: documentClient(client),
        physicalName,
        pause: (milliseconds) => sleep(milliseconds),
        jitter: Math.random,
      }),
      objects: () => Promise.resolve(objects),
      payments: sandbox === undefined ? {} : { sandbox: sandbox.provider },
      secret: secretsFrom(options.secretsFile),
      vault: () => Promise.resolve(vault),
      environment,
      secrets: [secret],
      log,
    };

    const isNewDemo = await loadStartingData({
      runtime,
      dataFolder,
      demo,
      onDemo: options.onDemo ?? (() => undefined),
      turnSandbox: (moment) => void (played = moment),
    });

    const parked = openParked({ dataFolder, now });
    const outbox = openOutbox({ dataFolder });
    const bus = await startBus({
      reactions: REACTIONS.map(({ declaration, build }) => ({ declaration, handler: build(runtime) as (event: unknown) => Promise<void> })),
      parked,
      now,
      log,
    });
    stops.push(() => bus.stop());
    const eventBridge = new EventBridgeClient({ ...LOCAL_AWS, endpoint: bus.endpoint });

    const uploads = startUploads({
      reactions: REACTIONS.map(({ declaration }) => declaration),
      client: eventBridge,
      bus: environment.required(VARIABLES.bus),
      now,
      log,
    });
    stops.push(() => uploads.settled());
    const objectServer = await startObjectServer({
      store: objects,
      host: host ?? LOCAL_HOST,
      port: options.objectsPort ?? 0,
      allowedOrigins: options.allowedOrigins ?? [],
      onPut: uploads.tell,
      log,
    });
    stops.push(() => objectServer.stop());
    objectsUrl = (options.objectsUrl ?? `http://${host ?? LOCAL_HOST}:${objectServer.port}`).replace(/\/$/, '');

    // Told of from the first write on, which a reaction to what lay there may make before all streams have begun.
    const nudges = new Map<string, () => void>();
    tellOfWrites(client, (written) => nudges.get(written)?.());
    const relays = await Promise.all(
      RELAYS.map(async ({ table, build }) => {
        const handler = build(runtime, eventBridge);
        const records = parkedRecords({ dataFolder, table: table.name, handler, now });
        const stream = await startStream({
          streamsClient,
          tableName: physicalName(table.name),
          handler,
          checkpoint: checkpoint(dataFolder === undefined ? undefined : join(dataFolder, 'streams', `${table.name}.json`)),
          onParked: (record, error) => {
            records.park(record);
            log({ level: 'error', code: 'recordParked', table: table.name, ...cause(error) });
          },
          // Of what we write ourselves we are told; somebody else's engine may have other writers.
          ...(engine.pid === undefined ? {} : { nudgedPollMs: NUDGED_POLL_MS }),
          log,
        });
        nudges.set(physicalName(table.name), stream.nudge);
        return { name: `${table.name}-relay`, table: physicalName(table.name), stream, records };
      }),
    );
    const streams = relays.map(({ stream }) => stream);
    const settled = (): Promise<void> => settle([...streams, uploads]);
    const redrive: Bus['redrive'] = async (name) => {
      const relay = relays.find((each) => each.name === name);
      return relay === undefined ? bus.redrive(name) : ok(await relay.records.redrive());
    };
    stops.push(async () => void (await Promise.all(streams.map((stream) => stream.stop()))));
    // What was put and not told of before a kill -9 is told of now.
    for (const prefix of uploads.prefixes) for (const key of await objects.keys(prefix)) uploads.tell(key);

    const schedules = startSchedules({
      schedules: SCHEDULES.map(({ declaration: { name, cron }, build }) => ({ name, cron, timeZone: TIME_ZONE, handler: build(runtime) })),
      automatic: options.schedules,
      now,
      log,
    });
    stops.push(() => schedules.stop());

    let verifier: VerifyBearer | undefined;
    const verifyBearer: VerifyBearer = (token) => {
      verifier ??= bearerVerifier({
        issuer: environment.required(VARIABLES.oidcIssuer),
        audience: environment.required(VARIABLES.oidcAudience),
        now,
      });
      return verifier(token);
    };

    let listening = port;
    let local: ReturnType<typeof devRoutes> | undefined;
    const server = gateway({
      routes: SERVICES.flatMap((service) => {
        const handler = service.build(runtime, verifyBearer);
        return service.operations.map((operation) => ({ operation, handler }));
      }),
      fallback: FALLBACK.build(runtime, verifyBearer),
      verifyBearer,
      allowedOrigins: options.allowedOrigins ?? [],
      local: async (request, response, body) => local !== undefined && (await local(request, response, body)),
    });
    server.keepAliveTimeout = KEEP_ALIVE_MS;
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(port, host ?? LOCAL_HOST, resolve);
    });
    stops.push(
      () =>
        new Promise<void>((resolve) => {
          // What is being answered is answered; a connection that is kept alive is not waited for.
          const idle = setInterval(() => server.closeIdleConnections(), CLOSE_IDLE_MS);
          server.close(() => {
            clearInterval(idle);
            resolve();
          });
          server.closeIdleConnections();
        }),
    );
    listening = (server.address() as AddressInfo).port;
    const url = `http://${host ?? LOCAL_HOST}:${listening}`;
    const issuer = await startIssuer({ url: `${url}${ISSUER_PATH}`, audience: AUDIENCE, dataFolder, now });
    source[VARIABLES.oidcIssuer] = options.oidcIssuer ?? `${url}${ISSUER_PATH}`;
    if (isLocal) {
      source[VARIABLES.messageGateway] ??= `${url}${OUTBOX_PATH}`;
      source[VARIABLES.publicUrl] ??= url;
      local = devRoutes({
        issuer,
        outbox,
        parked,
        redrive,
        settle: settled,
        // It has been run when what follows from it has been done, too.
        runSchedule: async (name, time) => {
          const ran = await schedules.run(name, time);
          await settled();
          return ran;
        },
        rebuildFacts: (division, recount) =>
          rebuild(runtime.database, division, { until: monthOf(now()), runId: `facts:rebuild#${now()}`, recount }),
        parts: (within) => partsOf(divisionsReader(runtime.database), within),
        port: () => listening,
      });
    }
    if (isNewDemo) {
      // Its months are over, and are closed as they would have been.
      for (const month of historyMonths(now())) {
        await settled();
        await schedules.run('monthlyMetrics', plus(endOfMonth(month), 30 * MINUTE));
      }
      await settled();
      await schedules.run('metricsRefresh');
      await settled();
    }
    return { url, runtime, token: (claims) => issuer.sign(claims), settle: settled, stop };
  } catch (error) {
    await stop();
    throw error;
  }
};
