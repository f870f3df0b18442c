import { auditWrite } from '../audit/writer.ts';
import { divisionsReader } from '../divisions/reader.ts';
import type { Run } from '../http/call.ts';
import { covers } from '../kernel/division.ts';
import { newId } from '../kernel/id.ts';
import { err, ok } from '../kernel/result.ts';
import type { exportRequests as declaration } from './contract.ts';
import { askerOf, newJob, statusOf } from './job.ts';
import { exportRepository } from './repository.ts';
import { jobView } from './view.ts';

const ATTEMPTS = 8;

/** Begins to make a file of a division's month, or answers with the job that is at it. */
export const exportRequests: Run<typeof declaration> = async ({ runtime, caller, query, now, language, requestId, operation }) => {
  const { division, month } = query;
  if (!covers(caller.division, division)) return err({ code: 'forbidden' });
  if ((await divisionsReader(runtime.database).find(division)) === undefined) return err({ code: 'notFound' });
  const jobs = exportRepository(runtime.database);
  const wanted = newJob(newId(runtime.random), { division, month, caller: askerOf(caller), askedIn: requestId }, now);
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const asked = await jobs.asked(wanted);
    const before = asked === undefined ? undefined : await jobs.read(asked.job);
    const isUnderWay = before !== undefined && statusOf(before, now) === 'running';
    const written = isUnderWay
      ? ok(undefined)
      : await jobs.write([
          ...jobs.makes(wanted, asked, requestId),
          // The path names no division, so the entry's action does.
          auditWrite({
            resource: 'exports/requests',
            community: division,
            action: `${operation.id} ${division} ${month}`,
            caller,
            now,
            requestId,
          }),
        ]);
    const job = isUnderWay ? before : wanted;
    if (written.ok) return ok({ status: 202, body: jobView(job, language, now), location: `/v1/jobs/${job.id}` });
    // Asked twice at once: whoever came first has made it, and it is found now.
  }
  return err({ code: 'busy', retryAfter: 1 });
};
