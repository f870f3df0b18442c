/** Tells the streets in which a provider has work open that it may no longer do it. */
import type { EventBridgeEvent } from 'aws-lambda';
import { lambda } from '../data/lambda.ts';
import type { CloudEvent } from '../data/reaction.ts';
import type { Runtime } from '../data/runtime.ts';
import { withUses } from '../data/scope.ts';
import { openWorkOf, type OpenWorkState } from '../service-requests/reader.ts';
import { tellStaff } from './tell-staff.ts';
import { tellReassignment as declaration } from './reactions.ts';
import { reassignmentMessages, type BarredProvider } from './reassignment-message.ts';

export const tellReassignment = (outer: Runtime) => {
  const runtime = withUses(outer, declaration.uses, declaration.name);
  return async ({ detail }: EventBridgeEvent<string, CloudEvent<BarredProvider>>): Promise<void> => {
    const open: OpenWorkState[] = [];
    for await (const page of openWorkOf(runtime.database, detail.data.item.id, runtime.now())) open.push(...page);
    await tellStaff(runtime, reassignmentMessages(detail, open));
  };
};

export const handler = lambda(tellReassignment);
