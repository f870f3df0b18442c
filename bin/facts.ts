/** `npm run facts:rebuild [-- --division 510104] [--stage dev]`: makes the facts behind all figures again from the tables, and reports differences. */
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { parseArgs } from 'node:util';
import { setTimeout as sleep } from 'node:timers/promises';
import * as z from 'zod/mini';
import { database, documentClient } from '../functions/data/database.ts';
import { divisionsReader } from '../functions/divisions/reader.ts';
import { isDivisionCode, type DivisionCode } from '../functions/kernel/division.ts';
import { environmentFrom, VARIABLES } from '../functions/kernel/environment.ts';
import { epochMs, monthOf } from '../functions/kernel/time.ts';
import { partsOf, rebuild, rebuilt, type Rebuilt } from '../functions/metrics/rebuild.ts';
import { physicalName } from '../lib/aws/names.ts';
import { kebab } from '../lib/kebab.ts';
import { progressBar } from '../lib/local/progress-bar.ts';

const SHOWN = 50;
const USAGE = `npm run facts:rebuild                            on this machine, where npm start is running
npm run facts:rebuild -- --division 510104       one division only
npm run facts:rebuild -- --recount               and have all of it counted again: an indicator has come, or counts otherwise
npm run facts:rebuild -- --stage prod            of a deployed stage, with your AWS credentials`;

class Stop extends Error {}

/** Where the facts are: parts of the country to go through, and one of them made again. */
interface Facts {
  readonly parts: (division: DivisionCode | undefined) => Promise<readonly DivisionCode[]>;
  readonly rebuild: (division: DivisionCode, recount: boolean) => Promise<Rebuilt>;
}

const localFacts = (api: string): Facts => {
  const post = async <T>(schema: z.ZodMiniType<T>, body: object): Promise<T> => {
    const answer = await fetch(`${api}/dev/facts`, { method: 'POST', body: JSON.stringify(body) }).catch(() => {
      throw new Stop(
        `Nothing answers at ${api}. Start the system with npm start, or name it with ${VARIABLES.api}; for a deployed stage add --stage.`,
      );
    });
    if (!answer.ok) throw new Stop(`${api} answered ${answer.status}: ${(await answer.text()).slice(0, 500)}`);
    return schema.parse(await answer.json());
  };
  const parts = z.object({ parts: z.array(z.custom<DivisionCode>((code) => typeof code === 'string' && isDivisionCode(code))) });
  return {
    parts: async (within) => (await post(parts, { within })).parts,
    rebuild: (division, recount) => post(rebuilt, { division, recount }),
  };
};

const deployedFacts = (stage: string): Facts => {
  const tables = database({
    client: documentClient(new DynamoDBClient({ maxAttempts: 8 })),
    physicalName: (table) => physicalName(stage, kebab(table)),
    pause: (milliseconds) => sleep(milliseconds),
    jitter: Math.random,
  });
  const now = epochMs(Date.now());
  return {
    parts: (within) => partsOf(divisionsReader(tables), within),
    rebuild: (division, recount) => rebuild(tables, division, { until: monthOf(now), runId: `facts:rebuild#${now}`, recount }),
  };
};

const options = () => {
  try {
    return parseArgs({ options: { division: { type: 'string' }, stage: { type: 'string' }, recount: { type: 'boolean', default: false } } })
      .values;
  } catch {
    throw new Stop(USAGE);
  }
};

const run = async (): Promise<boolean> => {
  const { division, stage, recount } = options();
  if (division !== undefined && !isDivisionCode(division)) throw new Stop(`${division} is no division code.\n\n${USAGE}`);
  const api = (environmentFrom().optional(VARIABLES.api) ?? 'http://localhost:3000').replace(/\/$/, '');
  const facts = stage === undefined ? localFacts(api) : deployedFacts(stage);
  const parts = await facts.parts(division);
  if (parts.length === 0) throw new Stop(`There is no division ${division ?? 'at all'}: import divisions first.`);
  const bar = progressBar('parts', parts.length);
  const done: Rebuilt[] = [];
  try {
    for (const part of parts) {
      done.push(await facts.rebuild(part, recount));
      bar.update(done.length);
    }
  } finally {
    bar.stop();
  }
  const sum = (of: (one: Rebuilt) => number): number => done.reduce((total, each) => total + of(each), 0);
  const differences = done.flatMap((each) => each.differences);
  process.stdout.write(
    `${sum((each) => each.subjects)} records of ${sum((each) => each.communities)} communities made ${sum((each) => each.facts)} facts again: ${
      differences.length === 0 ? 'no difference' : `${differences.length} differences, now put right`
    }\n`,
  );
  for (const { what, subject, place } of differences.slice(0, SHOWN))
    process.stdout.write(`  ${what}: ${subject} in ${place.replace('#', ', ')}\n`);
  if (differences.length > SHOWN) process.stdout.write(`  … and ${differences.length - SHOWN} more\n`);
  if (recount || differences.length > 0)
    process.stdout.write(
      `The next metricsRefresh counts ${recount ? 'all of it' : 'these months'} again; what was final and comes out otherwise gets a new revision.\n`,
    );
  return differences.length === 0;
};

try {
  process.exitCode = (await run()) ? 0 : 1;
} catch (error) {
  if (!(error instanceof Stop)) throw error;
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 1;
}
