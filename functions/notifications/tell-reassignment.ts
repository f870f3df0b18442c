/** Tells the streets in which a provider has work open that it may no longer do it. */
import type { EventBridgeEvent } from 'aws-lambda';
import { lambda } from '../data/lambda.ts';
import type { CloudEvent } from '../data/reaction.ts';
import type { Runtime } from '../data/runtime.ts';
import { withUses } from '../data/scope.ts';
import { covers } from '../kernel/division.ts';
import { providersReader } from '../providers/reader.ts';
import { openWorkOf, type OpenWorkState } from '../service-requests/reader.ts';
import { tellStaff } from './tell-staff.ts';
import { tellReassignment as declaration } from './reactions.ts';
import { reassignmentMessages, type ChangedProvider } from './reassignment-message.ts';

export const tellReassignment = (outer: Runtime) => {
  const runtime = withUses(outer, declaration.uses, declaration.name);
  const { database } = runtime;
  return async ({ detail }: EventBridgeEvent<string, CloudEvent<ChangedProvider>>): Promise<void> => {
    const { id, stopped = [] } = detail.data.item;
    if (stopped.length === 0) return;
    // As it is now: what is lifted by the time of the event needs nobody else, and what came after has an event of its own.
    const provider = await providersReader(database).read(id);
    if (provider === undefined) return;
    const barred: OpenWorkState[] = [];
    for await (const page of openWorkOf(database, id, runtime.now()))
      barred.push(
        ...page.filter(
          (work) => work.seenByDesk && stopped.some((each) => covers(each, work.community)) && provider.bar(work) !== undefined,
        ),
      );
    await tellStaff(runtime, reassignmentMessages(detail, barred));
  };
};

export const handler = lambda(tellReassignment);
