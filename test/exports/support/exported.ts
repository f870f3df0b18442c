/** Exports as who asked for them gets them: the job to its end, and the file behind its link. */
import { parse } from 'csv-parse/sync';
import { BULK_COLUMNS } from '../../../functions/service-requests/bulk.ts';
import type { TokenClaims } from '../../../lib/local/issuer.ts';
import { readCsv } from '../../../lib/local/csv.ts';
import type { Answer, World } from '../../support/world.ts';
import type { Row } from '../../import/support.ts';

export const ask = (world: World, as: TokenClaims, division: string, month: string): Promise<Answer> =>
  world.get(`/v1/exports/requests?division=${division}&month=${month}`, as);

/** The job of an answer, when it has ended. */
export const ended = async (world: World, as: TokenClaims, asked: Answer): Promise<Answer['body']> => {
  await world.settle();
  const job = await world.get(asked.headers.get('location') ?? '', as);
  if (job.status !== 200) throw new Error(`no job: ${job.text}`);
  return job.body;
};

export const fetched = async (url: string): Promise<Buffer> => {
  const answer = await fetch(url);
  if (answer.status !== 200) throw new Error(`the link does not hold: ${answer.status}`);
  return Buffer.from(await answer.arrayBuffer());
};

export const exported = async (world: World, as: TokenClaims, division: string, month: string): Promise<Buffer> => {
  const asked = await ask(world, as, division, month);
  if (asked.status !== 202) throw new Error(`no export: ${asked.text}`);
  const job = await ended(world, as, asked);
  if (job.status !== 'done') throw new Error(`not done: ${JSON.stringify(job)}`);
  return fetched(job.url);
};

/** The lines of a file, as any program that reads CSV has them. */
export const linesOf = (file: Buffer): readonly Row[] => parse(file, { columns: true, bom: true });

/** The rows of a file as `npm run import` sends them. */
export const rowsOf = (file: Buffer): readonly Row[] => readCsv(file, BULK_COLUMNS).rows.map(({ cells }) => cells);
