import type { Call, Run } from '../http/call.ts';
import type { Failure } from '../http/problem.ts';
import { err, ok, type Result } from '../kernel/result.ts';
import type { ProviderView, readProvider } from './contract.ts';
import { isPeopleOf, oversees, providerSight, type Provider, type ProviderSight, type ProviderStep } from './provider.ts';
import { providersRepository } from './repository.ts';
import { providerView } from './view.ts';

interface Shown {
  readonly body: ProviderView;
  readonly version: number;
  readonly view?: 'whole';
}

/** As its GET shows it; to a dispatcher who decides on it, with whatever else its owner has applied for. */
export const shown = async (
  { runtime, caller, now }: Call,
  provider: Provider,
  history: readonly ProviderStep[],
  sight: Exclude<ProviderSight, 'nothing'>,
): Promise<Shown> => {
  const { owner } = provider;
  const isOverseen = sight === 'whole' && owner !== undefined && oversees(provider, caller) && !isPeopleOf(provider, caller);
  const entries = isOverseen ? await providersRepository(runtime.database).entriesOf(owner) : [];
  return {
    body: providerView(provider, history, sight, entries, caller, now),
    version: provider.version,
    ...(sight === 'whole' ? { view: 'whole' } : {}),
  };
};

/** What this caller has made or changed, as it is now. */
export const replayed = async (call: Call, id: string): Promise<Result<Shown, Failure>> => {
  const repository = providersRepository(call.runtime.database);
  const provider = await repository.read(id);
  if (provider === undefined) return err({ code: 'notFound' });
  // Whoever sees it no longer learns that it went well, and nothing that came after.
  const sight = providerSight(provider, call.caller, call.now) === 'whole' ? 'whole' : 'public';
  return ok(await shown(call, provider, sight === 'whole' ? await repository.history(id) : [], sight));
};

/** A provider as far as the caller may see it; what they may not know of looks like what is not there. */
export const read: Run<typeof readProvider> = async (call) => {
  const { runtime, params, caller, now } = call;
  const repository = providersRepository(runtime.database);
  const provider = await repository.find(params.id);
  const sight = provider === undefined ? 'nothing' : providerSight(provider, caller, now);
  if (provider === undefined || sight === 'nothing') return err({ code: 'notFound' });
  const history = sight === 'whole' ? await repository.history(provider.id) : [];
  return ok({ status: 200, ...(await shown(call, provider, history, sight)) });
};
