/** `npm run redrive -- <name> [--stage dev]`: plays again what a reaction, a schedule or, on this machine, a relay could not handle. */
import { LambdaClient } from '@aws-sdk/client-lambda';
import { SQSClient } from '@aws-sdk/client-sqs';
import { parseArgs } from 'node:util';
import * as z from 'zod/mini';
import { environmentFrom, VARIABLES } from '../functions/kernel/environment.ts';
import { kebab } from '../lib/kebab.ts';
import { redrive, type RedriveProgress } from '../lib/aws/redrive.ts';
import { REACTIONS, SCHEDULES, TABLES } from '../lib/declarations.ts';

const LOCAL_API = 'http://localhost:3000';
const LOCAL_HOSTS = ['localhost', '127.0.0.1', '[::1]'];

const stopWith = (message: string): never => {
  process.stderr.write(`\n${message}\n\n`);
  process.exit(1);
};

const USAGE = `Say whose events to play again:

  npm run redrive -- <name>                on this machine, where npm start is running
  npm run redrive -- <name> --stage prod   of a deployed stage, with your AWS credentials`;

const reactions = REACTIONS.map(({ name }) => name);
const schedules = SCHEDULES.map(({ name }) => kebab(name));
/** Functions' names, and the tables' that one machine knows them by. */
const relays: ReadonlyMap<string, string> = new Map<string, string>(
  Object.entries(TABLES).flatMap(([domain, { name, entities }]) =>
    entities.length === 0 ? [] : [[`${domain}-relay`, `${name}-relay`] as const],
  ),
);

const plural = (count: number): string => `${count} event${count === 1 ? '' : 's'}`;

const summary = (handled: number, parked: number): string =>
  handled + parked === 0
    ? 'Nothing is parked.'
    : `${plural(handled)} handled${parked === 0 ? '.' : `, ${plural(parked)} failed again and stayed parked: see the function's log.`}`;

const redriven = z.object({ handled: z.int(), parked: z.int() });

const local = async (api: string, name: string): Promise<number> => {
  const answer = await fetch(`${api.replace(/\/$/, '')}/dev/redrive/${name}`, { method: 'POST' }).catch(() =>
    stopWith(
      `Nothing answers at ${api}. Start the system with npm start, or name it with ${VARIABLES.api}; for a deployed stage add --stage <stage>.`,
    ),
  );
  if (!answer.ok) {
    return stopWith(
      answer.status === 404
        ? `The system at ${api} knows no reaction ${name}, or has no /dev: only one on this machine has.`
        : `${api} answered ${answer.status}: ${(await answer.text()).slice(0, 500)}`,
    );
  }
  const { handled, parked } = redriven.parse(await answer.json());
  process.stdout.write(`${summary(handled, parked)}\n`);
  return parked;
};

/** What to do about an error of AWS's. */
const advice = (error: unknown, stage: string, name: string): string => {
  const what = error instanceof Error ? error.name : 'unknown';
  if (what === 'QueueDoesNotExist' || what.includes('NonExistentQueue'))
    return `The stage ${stage} has no queue for ${name} in this account and region. Check --stage, AWS_PROFILE and AWS_REGION.`;
  if (what === 'CredentialsProviderError' || what === 'ExpiredToken' || what === 'ExpiredTokenException')
    return 'There are no AWS credentials, or they have expired: sign in (aws sso login), or set AWS_PROFILE.';
  if (what.startsWith('AccessDenied'))
    return `Your credentials may not do this: it takes sqs:ReceiveMessage, DeleteMessage, ChangeMessageVisibility and GetQueue* on the queue, and lambda:InvokeFunction on the function of ${name}.`;
  return error instanceof Error ? `${what}: ${error.message}` : String(error);
};

const deployed = async (stage: string, name: string): Promise<number> => {
  const onProgress = ({ handled, failed, total, error }: RedriveProgress): void => {
    const line = `${handled + failed} of about ${total}: ${handled} handled, ${failed} failed${error === undefined ? '' : ` (${error})`}`;
    process.stdout.write(process.stdout.isTTY ? `\r${line.padEnd(78)}` : `${line}\n`);
  };
  const { handled, failed } = await redrive({ sqs: new SQSClient(), lambda: new LambdaClient(), onProgress }, stage, name).catch(
    (error: unknown) => stopWith(advice(error, stage, name)),
  );
  process.stdout.write(`${process.stdout.isTTY ? '\n' : ''}${summary(handled, failed)}\n`);
  return failed;
};

const { values, positionals } = (() => {
  try {
    return parseArgs({ options: { stage: { type: 'string' } }, allowPositionals: true });
  } catch {
    return stopWith(USAGE);
  }
})();
const [name, ...others] = positionals;
if (name === undefined || others.length > 0) stopWith(USAGE);
else {
  const { stage } = values;
  const known = stage === undefined ? [...reactions, ...relays.keys()] : [...reactions, ...schedules];
  if (!known.includes(name)) {
    const schedule = SCHEDULES.find((each) => kebab(each.name) === name);
    stopWith(
      schedule !== undefined
        ? `${name} is a schedule, and on this machine nothing of it is parked. Run it with: curl -X POST ${LOCAL_API}/dev/schedules/${schedule.name}`
        : relays.has(name)
          ? `${name} is a relay: what it gave up lies in a bucket. docs/runbooks/parked-events.md says how to give it back.`
          : `Nothing is parked under the name ${name}. There are: ${known.join(', ')}.`,
    );
  }
  const api = environmentFrom().optional(VARIABLES.api) ?? LOCAL_API;
  if (stage === undefined && !(URL.canParse(api) && LOCAL_HOSTS.includes(new URL(api).hostname)))
    stopWith(`${VARIABLES.api} names ${api}, which is not on this machine: say which deployed stage you mean, --stage <stage>.`);
  const left = stage === undefined ? await local(api, relays.get(name) ?? name) : await deployed(stage, name);
  process.exit(left === 0 ? 0 : 1);
}
