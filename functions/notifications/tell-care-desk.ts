/** Tells a community's desk of visits that are due. */
import type { EventBridgeEvent } from 'aws-lambda';
import { lambda } from '../data/lambda.ts';
import type { CloudEvent } from '../data/reaction.ts';
import type { Runtime } from '../data/runtime.ts';
import { withUses } from '../data/scope.ts';
import { careMessage, type CareReminder } from './care-message.ts';
import { tellCareDesk as declaration } from './reactions.ts';
import { tellStaff } from './tell-staff.ts';

export const tellCareDesk = (outer: Runtime) => {
  const runtime = withUses(outer, declaration.uses, declaration.name);
  return ({ detail }: EventBridgeEvent<string, CloudEvent<CareReminder>>): Promise<void> => tellStaff(runtime, [careMessage(detail)]);
};

export const handler = lambda(tellCareDesk);
