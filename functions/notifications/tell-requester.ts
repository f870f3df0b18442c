/** Tells requesters what has become of their requests. */
import type { EventBridgeEvent } from 'aws-lambda';
import { catalogueReader } from '../catalogue/reader.ts';
import { lambda } from '../data/lambda.ts';
import type { CloudEvent } from '../data/reaction.ts';
import type { Runtime } from '../data/runtime.ts';
import { withUses } from '../data/scope.ts';
import { requestNotice, type ChangedRequest } from './notices/request-notice.ts';
import { telling } from './notices/tell.ts';
import { requesterOf } from '../service-requests/reader.ts';
import { tellRequester as declaration } from './reactions.ts';

export const tellRequester = (outer: Runtime) => {
  const runtime = withUses(outer, declaration.uses, declaration.name);
  const { tell } = telling(runtime);
  return async ({ detail }: EventBridgeEvent<string, CloudEvent<ChangedRequest>>): Promise<void> => {
    const { id, service } = detail.data.item;
    // Asked for here: on the bus, others would read it, too.
    const requester = await requesterOf(runtime.database, id);
    if (requester === undefined) return;
    const offered = await catalogueReader(runtime.database).current(service);
    const notice = requestNotice(detail, requester, offered?.name);
    if (notice !== undefined) await tell(notice);
  };
};

export const handler = lambda(tellRequester);
