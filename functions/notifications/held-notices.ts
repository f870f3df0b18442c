/** `heldNotices`: sends what has waited for the morning, or for a carrier, and begins what was to wait until now. */
import { lambda } from '../data/lambda.ts';
import type { Runtime } from '../data/runtime.ts';
import { scheduledInstant, type ScheduledEvent } from '../data/schedule.ts';
import { withUses } from '../data/scope.ts';
import { fromInstant } from '../kernel/time.ts';
import { roundsIn } from './invitations/begin-round.ts';
import { NOTICE_SHARDS } from './notices/repository.ts';
import { telling } from './notices/tell.ts';
import { heldNotices as declaration } from './schedules.ts';

/** Of a list; the rest of them five minutes later. */
const MOST = 250;

export const heldNotices = (outer: Runtime) => {
  const runtime = withUses(outer, declaration.uses, declaration.name);
  const { sendDue } = telling(runtime);
  const { beginDue } = roundsIn(runtime);
  return async (event: ScheduledEvent): Promise<{ readonly looked: number }> => {
    const until = fromInstant(scheduledInstant(event));
    await beginDue(until);
    const lists = Array.from({ length: NOTICE_SHARDS }, (_, shard) => sendDue(shard, until, MOST));
    const looked = (await Promise.all(lists)).reduce((sum, each) => sum + each, 0);
    if (looked > 0) runtime.log({ level: 'info', code: 'noticesSent', notices: looked });
    return { looked };
  };
};

export const handler = lambda(heldNotices);
