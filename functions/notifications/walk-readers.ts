/** Goes through a list of those who want to hear of surveys, and tells each: once, however often a page is gone through. */
import type { EventBridgeEvent } from 'aws-lambda';
import { lambda } from '../data/lambda.ts';
import type { CloudEvent } from '../data/reaction.ts';
import type { Runtime } from '../data/runtime.ts';
import { withUses } from '../data/scope.ts';
import { fromInstant, SECOND } from '../kernel/time.ts';
import { invitationNotice } from './invitations/invitation.ts';
import { afterPage } from './invitations/reader-walk.ts';
import { invitationRepository, type WalkId } from './invitations/repository.ts';
import { telling } from './notices/tell.ts';
import { walkReaders as declaration } from './reactions.ts';

const LASTS = 120 * SECOND;
const AT_ONCE = 10;

export const walkReaders = (outer: Runtime, lasts = LASTS) => {
  const runtime = withUses(outer, declaration.uses, declaration.name);
  const repository = invitationRepository(runtime.database);
  const { tell } = telling(runtime);
  return async ({ detail }: EventBridgeEvent<string, CloudEvent<WalkId>>): Promise<void> => {
    const began = runtime.now();
    for (let walk = await repository.walk(detail.data.item); walk !== undefined && walk.change !== 'walked';) {
      const range = walk.ranges[walk.walked];
      const now = runtime.now();
      // What has ended meanwhile, by the clock or before, is not spoken of any more; what was extended goes on.
      const closesAt = (await repository.read(walk.survey))?.closesAt ?? walk.closesAt;
      const isOver = fromInstant(closesAt) <= now;
      if (range === undefined || isOver) {
        await repository.putWalk(afterPage({ ...walk, walked: walk.ranges.length }, undefined, false, now), walk);
        return;
      }
      const page = await repository.readers(walk.list, range, walk.position);
      for (let start = 0; start < page.items.length; start += AT_ONCE) {
        const { round } = walk;
        const told = { ...walk, closesAt };
        await Promise.all(page.items.slice(start, start + AT_ONCE).map((reader) => tell(invitationNotice(told, round, reader))));
      }
      const isLate = runtime.now() - began >= lasts;
      const next = afterPage(walk, page.after, isLate, runtime.now());
      // Somebody else is at it.
      if (!(await repository.putWalk(next, walk)).ok || isLate) return;
      walk = next;
    }
  };
};

export const handler = lambda((runtime) => walkReaders(runtime));
