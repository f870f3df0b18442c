import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { existsSync, linkSync, mkdirSync, readFileSync, readlinkSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { createServer } from 'node:net';
import { basename, dirname, join, resolve } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { setTimeout as sleep } from 'node:timers/promises';
import * as z from 'zod/mini';
import type { Log } from '../../functions/data/runtime.ts';
import { VARIABLES } from '../../functions/kernel/environment.ts';
import { cause } from '../../functions/kernel/cause.ts';
import { writeAtomically } from './write-atomically.ts';

const VERSION = '1.2.1';
const BETWEEN_LOOKS_MS = 5;
const START_TIMEOUT_MS = 10_000;
const STOP_TIMEOUT_MS = 5000;
const PORT_ATTEMPTS = 5;

export interface Engine {
  readonly endpoint: string;
  /** The engine's process; none where it is somebody else's. */
  readonly pid: number | undefined;
  stop(): Promise<void>;
}

export interface EngineOptions {
  /** Where data are kept, and which one system at a time may use. In memory without one: for tests of up to some thousand writes. */
  readonly dataFolder?: string | undefined;
  /** A DynamoDB API that is running already: nothing is started. */
  readonly endpoint?: string | undefined;
  readonly log: Log;
  /** Told when the engine dies without being asked to. */
  readonly onExit?: () => void;
  /** How long to wait for another system to leave the folder: it may be just stopping. Milliseconds. */
  readonly patienceMs?: number;
  /** The path of the engine's program; undefined where this platform has none. */
  readonly findBinary?: () => string | undefined;
}

/** Who runs the engine of a folder, in `engine.json`; `pid` is missing while it is being started. */
const Tenancy = z.object({ ownerPid: z.number(), ownerStarted: z.number(), pid: z.optional(z.number()), port: z.optional(z.number()) });
type Tenancy = z.infer<typeof Tenancy>;

/** This process; its number alone might have been another's before the machine or its container was started anew. */
const ourselves = { ownerPid: process.pid, ownerStarted: performance.timeOrigin };

/** The engine comes as a package for each platform; ours installs the one of linux-x64. */
const installedBinary = (): string | undefined => {
  try {
    const manifest = createRequire(import.meta.url).resolve(`@dynoxide/${process.platform}-${process.arch}/package.json`);
    return join(dirname(manifest), process.platform === 'win32' ? 'dynoxide.exe' : 'dynoxide');
  } catch {
    return undefined;
  }
};

const HOW_TO_GET_ONE = [
  `There is no DynamoDB engine for ${process.platform}-${process.arch} among the installed packages. Start one yourself and name it:`,
  `  npx dynoxide@${VERSION} serve --port 8000 --db-path linli.db`,
  `  ${VARIABLES.dynamoDbEndpoint}=http://127.0.0.1:8000 npm start`,
  'DynamoDB Local does as well (docker run -p 8000:8000 amazon/dynamodb-local), and so does DynamoDB itself',
  `(${VARIABLES.dynamoDbEndpoint}=https://dynamodb.<region>.amazonaws.com, with credentials and AWS_REGION in the environment).`,
].join('\n');

/** A process's command line; undefined where it is gone, or dead and only not yet buried. */
const commandLine = (pid: number): readonly string[] | undefined => {
  try {
    const words = readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0').slice(0, -1);
    return words.length === 0 ? undefined : words;
  } catch {
    if (existsSync('/proc/self')) return undefined;
    const { status, stdout } = spawnSync('ps', ['-p', String(pid), '-o', 'command='], { encoding: 'utf8' });
    return status === 0 && stdout.trim() !== '' ? stdout.trim().split(/\s+/) : undefined;
  }
};

/** By the program and not by the title, which a process may change. */
const isNode = (pid: number): boolean => {
  try {
    return basename(readlinkSync(`/proc/${pid}/exe`)).startsWith('node');
  } catch {
    return !existsSync('/proc/self') && basename(commandLine(pid)?.[0] ?? '').startsWith('node');
  }
};

/** Whether the process is an engine on this database, and not another one that was given the same number. */
const isEngineOf = (pid: number, database: string): boolean => {
  const words = commandLine(pid);
  return words !== undefined && basename(words[0] ?? '').startsWith('dynoxide') && words.join(' ').endsWith(`--db-path ${database}`);
};

const freePort = (): Promise<number> =>
  new Promise((found, failed) => {
    const server = createServer();
    server.on('error', failed);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => (typeof address === 'object' && address !== null ? found(address.port) : failed(new Error('no free port'))));
    });
  });

const until = async (holds: () => boolean, timeoutMs: number): Promise<boolean> => {
  const ends = performance.now() + timeoutMs;
  while (!holds()) {
    if (performance.now() > ends) return false;
    await sleep(BETWEEN_LOOKS_MS);
  }
  return true;
};

const signal = (pid: number, name: NodeJS.Signals): void => {
  try {
    process.kill(pid, name);
  } catch {
    // It is gone already.
  }
};

const endEngine = async (pid: number, isRunning: () => boolean): Promise<void> => {
  signal(pid, 'SIGTERM');
  if (await until(() => !isRunning(), STOP_TIMEOUT_MS)) return;
  signal(pid, 'SIGKILL');
  if (!(await until(() => !isRunning(), STOP_TIMEOUT_MS))) throw new Error(`The DynamoDB engine (process ${pid}) cannot be ended.`);
};

const readTenancy = (path: string): Tenancy | undefined => {
  try {
    return Tenancy.parse(JSON.parse(readFileSync(path, 'utf8')));
  } catch {
    return undefined;
  }
};

/** Makes the file, whole, unless it is there already. */
const claim = (tenancyPath: string): boolean => {
  const beside = `${tenancyPath}.${process.pid}`;
  writeFileSync(beside, JSON.stringify(ourselves satisfies Tenancy), { mode: 0o600 });
  try {
    linkSync(beside, tenancyPath);
    return true;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EEXIST') return false;
    throw error;
  } finally {
    rmSync(beside, { force: true });
  }
};

/** Takes the folder, or throws where another system has it. An engine that a killed system left running is ended. */
const takeFolder = async (tenancyPath: string, database: string, patienceMs: number, log: Log): Promise<void> => {
  const ends = performance.now() + patienceMs;
  for (;;) {
    if (claim(tenancyPath)) return;
    const other = readTenancy(tenancyPath);
    const { pid } = other ?? {};
    const engineRuns = pid !== undefined && isEngineOf(pid, database);
    const ownerRuns =
      other !== undefined && (other.ownerPid === process.pid ? other.ownerStarted === performance.timeOrigin : isNode(other.ownerPid));
    // Without a number the engine is just being started.
    const inUse = other !== undefined && ownerRuns && (engineRuns || pid === undefined);
    if (!inUse) {
      if (engineRuns) {
        log({ level: 'warn', code: 'staleEngineEnded', pid });
        await endEngine(pid, () => isEngineOf(pid, database));
      }
      rmSync(tenancyPath, { force: true });
    } else if (performance.now() > ends) {
      throw new Error(
        `The folder ${dirname(tenancyPath)} is in use by process ${other.ownerPid}: stop it (kill ${other.ownerPid}), or set ${VARIABLES.dataFolder} to another folder.`,
      );
    } else {
      await sleep(BETWEEN_LOOKS_MS);
    }
  }
};

/**
 * The engine looks through all stream records of all tables at every write and at every GetRecords. It is not told of this index and
 * finds it, also while it runs. Only one that is open on a file can be helped.
 */
const addStreamIndex = (database: string, log: Log): void => {
  try {
    const file = new DatabaseSync(database, { timeout: 2000 });
    try {
      file.exec('CREATE INDEX IF NOT EXISTS linli_stream ON _stream_records (table_name, CAST(sequence_number AS INTEGER))');
    } finally {
      file.close();
    }
  } catch (error) {
    log({ level: 'warn', code: 'streamIndexMissing', ...cause(error) });
  }
};

const answers = async (endpoint: string): Promise<boolean> => {
  try {
    return (await fetch(endpoint)).ok;
  } catch {
    return false;
  }
};

/** Starts the program and waits until it answers; undefined where somebody took the port in between. */
const launch = async (
  binary: string,
  port: number,
  database: string | undefined,
  onSpawn: (pid: number) => void,
): Promise<ChildProcess | undefined> => {
  const child = spawn(
    binary,
    ['serve', '--host', '127.0.0.1', '--port', String(port), ...(database === undefined ? [] : ['--db-path', database])],
    {
      // Its own process group: Ctrl+C reaches us alone, and we end it last.
      detached: true,
      stdio: ['ignore', 'ignore', 'pipe'],
    },
  );
  if (child.pid !== undefined) onSpawn(child.pid);
  let failed: Error | undefined;
  let said = '';
  child.stderr.on('data', (text: Buffer) => (said = (said + text.toString()).slice(-2000)));
  child.on('error', (error) => (failed = error));

  const ends = performance.now() + START_TIMEOUT_MS;
  // It says so itself first: on the port that somebody else took, somebody else might answer.
  while (!(said.includes('listening on') && (await answers(`http://127.0.0.1:${port}`)))) {
    if (failed !== undefined) throw new Error(`${binary} does not start. ${HOW_TO_GET_ONE}`, { cause: failed });
    if (child.exitCode !== null || child.signalCode !== null) {
      if (said.includes('already in use')) return undefined;
      throw new Error(`The DynamoDB engine ended at once (${child.signalCode ?? child.exitCode}): ${said.trim()}`);
    }
    if (performance.now() > ends) {
      child.kill('SIGKILL');
      throw new Error(`The DynamoDB engine does not answer after ${START_TIMEOUT_MS / 1000} seconds: ${said.trim()}`);
    }
    await sleep(BETWEEN_LOOKS_MS);
  }
  return child;
};

/**
 * A DynamoDB API for this machine: the embedded engine, or the one at `endpoint`. Answers when it is ready. Throws, with what to do,
 * where there is no engine for this platform, and where another system uses the folder.
 */
export const startEngine = async ({
  dataFolder,
  endpoint: given,
  log,
  onExit,
  patienceMs = 3000,
  findBinary = installedBinary,
}: EngineOptions): Promise<Engine> => {
  if (given !== undefined) return { endpoint: given, pid: undefined, stop: () => Promise.resolve() };
  const binary = findBinary();
  if (binary === undefined) throw new Error(HOW_TO_GET_ONE);

  const folder = dataFolder === undefined ? undefined : resolve(dataFolder);
  const database = folder === undefined ? undefined : join(folder, 'engine.db');
  const tenancyPath = folder === undefined ? undefined : join(folder, 'engine.json');
  if (folder !== undefined && database !== undefined && tenancyPath !== undefined) {
    mkdirSync(folder, { recursive: true });
    await takeFolder(tenancyPath, database, patienceMs, log);
  }
  const leaveFolder = (): void => {
    if (tenancyPath !== undefined) rmSync(tenancyPath, { force: true });
  };

  let child: ChildProcess | undefined;
  let port = 0;
  try {
    for (let attempt = 0; child === undefined; attempt++) {
      if (attempt >= PORT_ATTEMPTS) throw new Error('The DynamoDB engine finds no free port.');
      port = await freePort();
      child = await launch(binary, port, database, (pid) => {
        // At once: whoever comes after a kill -9 must find the engine.
        if (tenancyPath !== undefined) writeAtomically(tenancyPath, JSON.stringify({ ...ourselves, pid, port } satisfies Tenancy));
      });
    }
  } catch (error) {
    leaveFolder();
    throw error;
  }
  const { pid } = child;
  const started = child;
  const runs = (): boolean => started.exitCode === null && started.signalCode === null;
  if (database !== undefined) addStreamIndex(database, log);

  // However we end, short of a SIGKILL, the engine does not outlive us.
  const endWithUs = (): void => {
    started.kill('SIGKILL');
  };
  process.once('exit', endWithUs);

  let stopping = false;
  started.on('exit', (code, name) => {
    process.off('exit', endWithUs);
    if (stopping) return;
    log({ level: 'error', code: 'engineDied', pid, exit: name ?? code });
    onExit?.();
  });

  return {
    endpoint: `http://127.0.0.1:${port}`,
    pid,
    async stop() {
      if (stopping) return;
      stopping = true;
      if (pid !== undefined && runs()) await endEngine(pid, runs);
      leaveFolder();
    },
  };
};
