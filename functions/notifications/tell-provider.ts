/** Tells whoever owns a provider what dispatchers have decided on it. */
import type { EventBridgeEvent } from 'aws-lambda';
import { lambda } from '../data/lambda.ts';
import type { CloudEvent } from '../data/reaction.ts';
import type { Runtime } from '../data/runtime.ts';
import { withUses } from '../data/scope.ts';
import { providersReader } from '../providers/reader.ts';
import { providerNotice, providerOf, type DecidedOnProvider } from './notices/provider-notice.ts';
import { telling } from './notices/tell.ts';
import { tellProvider as declaration } from './reactions.ts';

export const tellProvider = (outer: Runtime) => {
  const runtime = withUses(outer, declaration.uses, declaration.name);
  const { tell } = telling(runtime);
  return async ({ detail }: EventBridgeEvent<string, CloudEvent<DecidedOnProvider>>): Promise<void> => {
    // Whose it is, is asked for here: on the bus, others would read it, too.
    const provider = await providersReader(runtime.database).read(providerOf(detail));
    if (provider?.owner === undefined) return;
    const notice = providerNotice(detail, provider.owner, provider.name);
    if (notice !== undefined) await tell(notice);
  };
};

export const handler = lambda(tellProvider);
