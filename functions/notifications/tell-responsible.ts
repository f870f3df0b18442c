/** Tells whoever is responsible that a request is late. */
import type { EventBridgeEvent } from 'aws-lambda';
import type { CloudEvent } from '../data/reaction.ts';
import type { Runtime } from '../data/runtime.ts';
import { withUses } from '../data/scope.ts';
import { lambda } from '../data/lambda.ts';
import { lateMessages, type EscalatedRequest } from './late-message.ts';
import { tellResponsible as declaration } from './reactions.ts';
import { tellStaff } from './tell-staff.ts';

export const tellResponsible = (outer: Runtime) => {
  const runtime = withUses(outer, declaration.uses, declaration.name);
  return async (event: EventBridgeEvent<string, CloudEvent<EscalatedRequest>>): Promise<void> => {
    await tellStaff(runtime, lateMessages(event.detail));
  };
};

export const handler = lambda(tellResponsible);
