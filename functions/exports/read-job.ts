import type { Run } from '../http/call.ts';
import { err, ok } from '../kernel/result.ts';
import type { readJob as declaration } from './contract.ts';
import { isExpired, statusOf } from './job.ts';
import { exportRepository } from './repository.ts';
import { jobView, linkTo } from './view.ts';

export const readJob: Run<typeof declaration> = async ({ runtime, caller, params, language, now }) => {
  const job = await exportRepository(runtime.database).read(params.id);
  if (job === undefined || job.caller.sub !== caller.sub || isExpired(job, now)) return err({ code: 'notFound' });
  const link = statusOf(job, now) === 'done' ? await linkTo(job, await runtime.objects(), now) : {};
  return ok({ status: 200, body: { ...jobView(job, language, now), ...link } });
};
