/**
 * What every function of ours needs from outside: the clock, randomness, the database, its environment and its log. Made once a cold
 * start; tests make their own.
 */
import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { environmentFrom, VARIABLES, type Environment } from '../kernel/environment.ts';
import type { Random } from '../kernel/id.ts';
import { epochMs, type Clock } from '../kernel/time.ts';
import { database, documentClient, type Database } from './database.ts';
import type { ObjectStore } from './object-store.ts';
import type { Providers } from './payments.ts';
import type { Vault } from './vault.ts';

/** One structured line. `code` is stable: alarms and saved queries name it. No personal attribute belongs here. */
export interface LogLine {
  readonly level: 'info' | 'warn' | 'error';
  readonly code: string;
  readonly [field: string]: unknown;
}

export type Log = (line: LogLine) => void;

export interface Runtime {
  readonly now: Clock;
  readonly random: Random;
  readonly database: Database;
  /** Made where it is asked for: most functions keep no bytes. */
  readonly objects: () => Promise<ObjectStore>;
  /** Providers of payments beside those that the foundation knows: none in the cloud. */
  readonly payments: Providers;
  /** What is kept under a name among the stage's secrets, as JSON; undefined where there is nothing. */
  readonly secret: (name: string) => Promise<unknown>;
  /** Made where it is asked for: keys that come and go. */
  readonly vault: () => Promise<Vault>;
  readonly environment: Environment;
  /** The stage's secret, newest first: the first makes, all verify. */
  readonly secrets: readonly [string, ...string[]];
  readonly log: Log;
}

/** The runtime of a Lambda function, from its environment. */
export const runtimeFromEnvironment = (): Runtime => {
  const environment = environmentFrom();
  const previous = environment.optional(VARIABLES.previousSecret);
  const now: Clock = () => epochMs(Date.now());
  let objects: Promise<ObjectStore> | undefined;
  let vault: Promise<Vault> | undefined;
  let secretOf: Promise<(name: string) => Promise<unknown>> | undefined;
  return {
    now,
    random: randomBytes,
    database: database({
      client: documentClient(),
      physicalName: environment.table,
      pause: (milliseconds) => sleep(milliseconds),
      jitter: Math.random,
    }),
    objects: () =>
      (objects ??= import('./s3-store.ts').then(({ s3Store }) =>
        s3Store({ bucket: environment.required(VARIABLES.objects), region: environment.required(VARIABLES.awsRegion), now }),
      )),
    payments: {},
    secret: (name) =>
      (secretOf ??= import('./secrets.ts').then(({ secretReader }) =>
        secretReader({ prefix: environment.required(VARIABLES.secretsPrefix) }),
      )).then((read) => read(name)),
    vault: () =>
      (vault ??= import('./secrets-vault.ts').then(({ secretsVault }) =>
        secretsVault({ prefix: environment.required(VARIABLES.secretsPrefix) }),
      )),
    environment,
    secrets: [environment.required(VARIABLES.secret), ...(previous === undefined ? [] : [previous])],
    log: (line) => {
      process.stdout.write(`${JSON.stringify(line)}\n`);
    },
  };
};
