/** Makes facts of whatever indicators are counted from. */
import type { EventBridgeEvent } from 'aws-lambda';
import { lambda } from '../data/lambda.ts';
import type { CloudEvent } from '../data/reaction.ts';
import type { Runtime } from '../data/runtime.ts';
import { withUses } from '../data/scope.ts';
import { recordFacts as declaration } from './reactions.ts';
import { record } from './record.ts';
import { metricsRepository } from './repository.ts';
import { sourceOfEvent } from './sources.ts';

export const recordFacts = (outer: Runtime) => {
  const { database } = withUses(outer, declaration.uses, declaration.name);
  const repository = metricsRepository(database);
  return async ({ detail: { id, type, data } }: EventBridgeEvent<string, CloudEvent<never>>): Promise<void> => {
    const source = sourceOfEvent(type);
    if (source === undefined) throw new Error(`no source counts events of the type ${type}`);
    const life = source.read === undefined ? source.life(data.item) : await source.read(database, data.item);
    if (life !== undefined) await record(repository, life, id);
  };
};

export const handler = lambda(recordFacts);
