import { inLanguage, type Language } from '../kernel/texts.ts';
import { MINUTE, plus, toInstant, type EpochMs } from '../kernel/time.ts';
import type { ObjectStore } from '../data/object-store.ts';
import type { JobView } from './contract.ts';
import { adviceOf, fileKey, statusOf, type Job } from './job.ts';

const LINK_LASTS = 15 * MINUTE;

/** A job as who asked for it sees it, without the link. */
export const jobView = (job: Job, language: Language, now: EpochMs): JobView => {
  const advice = adviceOf(job, now);
  return {
    id: job.id,
    status: statusOf(job, now),
    progress: job.progress,
    ...(advice === undefined ? {} : { error: inLanguage(advice, language) }),
  };
};

/** A new link to the file of a job that is done. */
export const linkTo = async (job: Job, objects: ObjectStore, now: EpochMs): Promise<Pick<JobView, 'url' | 'urlExpires'>> => {
  const until = toInstant(plus(now, LINK_LASTS));
  const fileName = `requests-${job.division}-${job.month}.csv`;
  return { url: await objects.signDownload(fileKey(job), { contentType: 'text/csv; charset=utf-8', until, fileName }), urlExpires: until };
};
