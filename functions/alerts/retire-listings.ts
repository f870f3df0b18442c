/** Takes what has been replaced or ended out of the index of active alerts. */
import type { EventBridgeEvent } from 'aws-lambda';
import { lambda } from '../data/lambda.ts';
import type { CloudEvent } from '../data/reaction.ts';
import type { Runtime } from '../data/runtime.ts';
import { withUses } from '../data/scope.ts';
import type { Alert } from './alert.ts';
import { retireListings as declaration } from './reactions.ts';
import { alertRepository } from './repository.ts';

export const retireListings = (outer: Runtime) => {
  const { database } = withUses(outer, declaration.uses, declaration.name);
  return async (event: EventBridgeEvent<string, CloudEvent<Alert>>): Promise<void> =>
    alertRepository(database).retire(event.detail.data.item);
};

export const handler = lambda(retireListings);
