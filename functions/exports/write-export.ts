/**
 * Makes the file of a job, a bounded step for each event: what is read goes into pieces of its own in the store, and the pieces into one file.
 * A step ends with one conditional write, whose event begins the next; so who is told twice, late, or dies between any two calls, does no harm.
 */
import type { EventBridgeEvent } from 'aws-lambda';
import { audit } from '../audit/writer.ts';
import { lambda } from '../data/lambda.ts';
import type { ObjectStore } from '../data/object-store.ts';
import type { CloudEvent } from '../data/reaction.ts';
import type { Runtime } from '../data/runtime.ts';
import { withUses } from '../data/scope.ts';
import { CSV_TYPE, csvLines } from '../http/csv.ts';
import { cause } from '../kernel/cause.ts';
import { newId, randomCharacters } from '../kernel/id.ts';
import { fromInstant, SECOND } from '../kernel/time.ts';
import { EXPORTED_COLUMNS, exportedMonth } from '../service-requests/month-reader.ts';
import { afterFailure, afterStep, fileKey, pieceKey, principalOf, statusOf, type Job, type Step } from './job.ts';
import { writeExport as declaration } from './reactions.ts';
import { exportRepository } from './repository.ts';

const MEBIBYTE = 1024 * 1024;
const BOUNDS = {
  /** A step reads until one of these is reached: so many requests or bytes, or so many milliseconds. */
  requests: 2000,
  bytes: 4 * MEBIBYTE,
  lasts: 20 * SECOND,
  /** A file that is no longer is put at once. */
  small: 8 * MEBIBYTE,
  /** S3 takes no smaller part, save the last. */
  part: 5 * MEBIBYTE,
};
const SUFFIX = 8;

type Given = Pick<Runtime, 'database' | 'now' | 'random'> & { readonly objects: ObjectStore; readonly bounds: typeof BOUNDS };

/** Reads on, and puts what is new into the store, under a name that no other attempt has. */
const read = async ({ database, objects, now, random, bounds }: Given, job: Job): Promise<Step> => {
  const caller = principalOf(job.caller);
  const began = now();
  const texts = job.step === 0 ? [csvLines([EXPORTED_COLUMNS], { begins: true })] : [];
  let { after, lines } = job;
  let [requests, bytes, share, isAll] = [0, 0, 1, true];
  for await (const page of exportedMonth(database, { division: job.division, month: job.month, caller }, job.after)) {
    // Whatever confidential comes into the file is written down before it does; the same entry each time.
    await Promise.all(
      page.confidential.map(({ id, community }) =>
        audit(database, {
          resource: `requests/${id}`,
          community,
          action: 'exportRequests',
          caller,
          now: fromInstant(job.askedAt),
          requestId: job.askedIn,
        }),
      ),
    );
    const text = csvLines(page.lines, { begins: false });
    texts.push(text);
    lines += page.lines.length;
    requests += page.read;
    bytes += Buffer.byteLength(text);
    ({ after, share } = page);
    if (requests >= bounds.requests || bytes >= bounds.bytes || now() - began >= bounds.lasts) {
      isAll = false;
      break;
    }
  }
  const content = Buffer.from(texts.join(''));
  if (isAll && job.pieces.length === 0) {
    await objects.put(fileKey(job), content, CSV_TYPE);
    return { change: 'done', lines, bytes: content.length, share };
  }
  const piece = `${job.step}-${randomCharacters(random, SUFFIX)}`;
  if (content.length > 0) await objects.put(pieceKey(job, piece), content, CSV_TYPE);
  return {
    change: 'continued',
    phase: isAll ? 'writing' : 'reading',
    after,
    lines,
    pieces: content.length > 0 ? [...job.pieces, piece] : job.pieces,
    bytes: job.bytes + content.length,
    share,
  };
};

const pieceOf = async ({ objects }: Given, job: Job, piece: string): Promise<Uint8Array> => {
  const content = await objects.read(pieceKey(job, piece));
  if (content === undefined) throw new Error(`the piece ${piece} of the export ${job.id} is gone`);
  return content;
};

/** Puts pieces together: a small file at once, a long one in parts, as many as the time allows. */
const write = async (given: Given, job: Job): Promise<Step> => {
  const { objects, now, bounds } = given;
  const key = fileKey(job);
  if (job.bytes <= bounds.small) {
    const contents: Uint8Array[] = [];
    for (const piece of job.pieces) contents.push(await pieceOf(given, job, piece));
    await objects.put(key, Buffer.concat(contents), CSV_TYPE);
    return { change: 'done', share: 1 };
  }
  const began = now();
  const parts = job.upload === undefined ? await objects.beginParts(key, CSV_TYPE) : { key, uploadId: job.upload };
  const tags = [...job.tags];
  let { used } = job;
  while (used < job.pieces.length && (used === job.used || now() - began < bounds.lasts)) {
    const contents: Uint8Array[] = [];
    for (let length = 0; length < bounds.part && used < job.pieces.length; used++) {
      const content = await pieceOf(given, job, job.pieces[used] ?? '');
      contents.push(content);
      length += content.length;
    }
    tags.push(await objects.putPart(parts, tags.length + 1, Buffer.concat(contents)));
  }
  if (used < job.pieces.length) return { change: 'continued', upload: parts.uploadId, used, tags, share: used / job.pieces.length };
  await objects.endParts(parts, tags);
  return { change: 'done', used, share: 1 };
};

export const writeExport = (outer: Runtime, bounds = BOUNDS) => {
  const runtime = withUses(outer, declaration.uses, declaration.name, declaration.objects);
  const jobs = exportRepository(runtime.database);

  const moveOn = async (job: Job, next: Job): Promise<boolean> =>
    (await jobs.write([jobs.changes(next, job, `${job.id}#${newId(runtime.random)}`)])).ok;

  return async ({
    detail: {
      data: { item },
    },
  }: EventBridgeEvent<string, CloudEvent<Pick<Job, 'id' | 'step'>>>): Promise<void> => {
    const { database, now, random, log } = runtime;
    const job = await jobs.read(item.id);
    if (job === undefined) return;
    const objects = await runtime.objects();
    if (job.change === 'done' || job.change === 'failed') {
      await objects.remove(job.pieces.map((piece) => pieceKey(job, piece)));
      return;
    }
    if (job.step !== item.step || statusOf(job, now()) !== 'running') return;
    const given = { database, now, random, objects, bounds };
    try {
      const step = await (job.phase === 'reading' ? read(given, job) : write(given, job));
      const next = afterStep(job, step, now());
      if (!(await moveOn(job, next))) return;
      log({ level: 'info', code: 'exportStep', job: job.id, step: next.step, change: next.change, lines: next.lines, bytes: next.bytes });
    } catch (error) {
      const next = afterFailure(job, now());
      const isTold = await moveOn(job, next).catch(() => false);
      if (!isTold || next.change !== 'failed') throw error;
      log({ level: 'error', code: 'exportFailed', job: job.id, step: job.step, ...cause(error) });
    }
  };
};

export const handler = lambda((runtime) => writeExport(runtime));
