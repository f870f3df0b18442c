/** `npm start`: the whole system on this machine. */
import { createWriteStream, mkdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import type { Log } from '../functions/data/runtime.ts';
import { environmentFrom, VARIABLES } from '../functions/kernel/environment.ts';
import { whenParentsGo } from '../lib/local/parents.ts';
import { startSystem } from '../lib/local/system.ts';

const environment = environmentFrom();
const dataFolder = resolve(environment.optional(VARIABLES.dataFolder) ?? '.linli');
const port = Number(environment.optional(VARIABLES.port) ?? 3000);
const objectsPort = Number(environment.optional(VARIABLES.objectsPort) ?? 0);
const host = environment.optional(VARIABLES.host);

const stopWith = (message: string): never => {
  process.stderr.write(`\n${message}\n\n`);
  process.exit(1);
};

const { values } = (() => {
  try {
    return parseArgs({ options: { empty: { type: 'boolean', default: false } } });
  } catch {
    return stopWith('npm start takes one option: `npm start -- --empty` begins without demo data.');
  }
})();
for (const [name, value] of [
  [VARIABLES.port, port],
  [VARIABLES.objectsPort, objectsPort],
] as const) {
  if (!Number.isInteger(value) || value < 0 || value > 65_535)
    stopWith(`${name} must be a port, 1 to 65535; it is "${environment.optional(name)}".`);
}

mkdirSync(dataFolder, { recursive: true });
const logFile = createWriteStream(join(dataFolder, 'linli.log'), { flags: 'a' });
const log: Log = (line) => {
  logFile.write(`${JSON.stringify(line)}\n`);
  if (line.level === 'error') process.stderr.write(`${line.code}: see ${join(dataFolder, 'linli.log')}\n`);
};

/** What went wrong, and what to do about it. */
const advice = (error: unknown): string => {
  if (error instanceof Error && 'code' in error && error.code === 'EADDRINUSE') {
    const isOfObjects = objectsPort !== 0 && 'port' in error && error.port === objectsPort;
    const [taken, name] = isOfObjects ? [objectsPort, VARIABLES.objectsPort] : [port, VARIABLES.port];
    return `Port ${taken} is taken. Stop what uses it, or choose another: ${name}=${taken + 1} npm start`;
  }
  if (error instanceof Error && 'code' in error && error.code === 'EACCES')
    return `Port ${port} needs more rights than you have. Choose one above 1023: PORT=3000 npm start`;
  return error instanceof Error ? error.message : String(error);
};

const system = await startSystem({
  dataFolder,
  port,
  host,
  engineEndpoint: environment.optional(VARIABLES.dynamoDbEndpoint),
  awsCredentials: environment.optional(VARIABLES.awsAccessKeyId) !== undefined || environment.optional(VARIABLES.awsProfile) !== undefined,
  onEngineExit: () => stopWith('The DynamoDB engine has died. What was acknowledged is safe: start again.'),
  oidcIssuer: environment.optional(VARIABLES.oidcIssuer),
  oidcAudience: environment.optional(VARIABLES.oidcAudience),
  messageGateway: environment.optional(VARIABLES.messageGateway),
  carriers: environment.optional(VARIABLES.carriers),
  publicUrl: environment.optional(VARIABLES.publicUrl),
  secretsFile: environment.optional(VARIABLES.secretsFile),
  allowedOrigins: environment.optional(VARIABLES.allowedOrigins)?.split(/[\s,]+/) ?? [],
  objectsPort,
  objectsUrl: environment.optional(VARIABLES.objectsUrl),
  demo: !values.empty,
  onDemo: () =>
    process.stdout.write(`
Laying out the demo in ${dataFolder}, this once: three months of requests and a year of two community funds in Jinjiang, Chengdu, all invented.
They go through the handlers themselves, and their months are counted. It takes ten seconds and more; to begin without: npm start -- --empty
`),
  schedules: true,
  log,
}).catch((error: unknown) => stopWith(advice(error)));

const { url } = system;
process.stdout.write(
  host === undefined
    ? `
Linli 邻里 is running at ${url}    (data and log: ${dataFolder}; Ctrl-C stops it)

Try it, in another terminal:

  TOKEN=$(curl -s ${url}/dev/tokens -d '{"sub":"wang","roles":["resident"],"division":"510104017001"}' | sed 's/.*"token":"\\([^"]*\\)".*/\\1/')

  curl -s ${url}/v1/requests -H "authorization: Bearer $TOKEN" -H 'content-type: application/json' \\
    -d '{"service":"streetLamp","community":"510104017001","description":"楼下路灯坏了三天","channel":"app"}'

  curl -s ${url}/v1/me/requests -H "authorization: Bearer $TOKEN"
  curl -s ${url}/v1/requests/<id>        # its history, as everybody sees it
  curl -s ${url}/v1/funds                # community funds; /v1/funds/<id>/entries are the books of one

The whole interface: ${url}/openapi.json
`
    : `\nLinli 邻里 is running at ${url}    (data and log: ${dataFolder}; Ctrl-C stops it)\n`,
);

let stopping = false;
const stop = (): void => {
  if (stopping) return;
  stopping = true;
  system.stop().then(
    () => process.exit(0),
    () => process.exit(1),
  );
};
process.on('SIGINT', stop);
process.on('SIGTERM', stop);
if (environment.optional(VARIABLES.npmScript) !== undefined) whenParentsGo(stop);
