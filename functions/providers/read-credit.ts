/** A provider's credit: the score, what it is made of, and by which method. */
import { catalogueReader } from '../catalogue/reader.ts';
import type { Database } from '../data/database.ts';
import type { Run } from '../http/call.ts';
import { keptFor } from '../http/kept.ts';
import type { Principal } from '../http/principal.ts';
import { err, ok } from '../kernel/result.ts';
import { dayOf, type EpochMs } from '../kernel/time.ts';
import type { CreditView, readCredit, readCreditEvent, readCreditMethod } from './contract.ts';
import { creditRepository } from './credit-repository.ts';
import { creditOf, earliestCounted, isListed, type CreditMethod } from './credit.ts';
import { creditEventShown, creditEventView, methodView } from './credit-view.ts';
import { creditSight, type Provider } from './provider.ts';
import { providersRepository } from './repository.ts';

/** Who looks for a provider looks at many. */
const KEPT_SECONDS = 60;

export const creditMethod = async (database: Database): Promise<CreditMethod> => {
  const { version, value } = await catalogueReader(database).versioned('creditMethod');
  return { ...value, version };
};

export const creditViewOf = async (
  database: Database,
  provider: Provider,
  caller: Principal | undefined,
  now: EpochMs,
): Promise<CreditView> => {
  const method = await creditMethod(database);
  const today = dayOf(now);
  const known = await creditRepository(database).since(provider.id, earliestCounted(today, method));
  const { score, kinds, events, earlier } = creditOf(known, method, today);
  return {
    provider: provider.id,
    status: provider.status,
    score,
    asOf: today,
    method: methodView(method),
    kinds: [...kinds],
    events: events.map(({ event }) => creditEventView(event, provider, { caller, now, method })),
    earlier: [...earlier],
  };
};

export const credit: Run<typeof readCredit> = async ({ runtime, params, caller, now }) => {
  const { database } = runtime;
  const provider = await providersRepository(database).find(params.id);
  if (provider === undefined || creditSight(provider, caller, now) === 'nothing') return err({ code: 'notFound' });
  const body = await creditViewOf(database, provider, caller, now);
  return ok({ status: 200, body, ...keptFor(caller, KEPT_SECONDS) });
};

export const oneEvent: Run<typeof readCreditEvent> = async ({ runtime, params, caller, now }) => {
  const { database } = runtime;
  const [provider, event, method] = await Promise.all([
    providersRepository(database).find(params.id),
    creditRepository(database).find(params.id, params.event),
    creditMethod(database),
  ]);
  const sight = provider === undefined ? 'nothing' : creditSight(provider, caller, now);
  if (provider === undefined || event === undefined || sight === 'nothing' || !isListed(event, method, dayOf(now)))
    return err({ code: 'notFound' });
  return ok({ status: 200, ...creditEventShown(event, provider, { caller, now, method }) });
};

/** As it is set now, or as it was in an earlier version. */
export const method: Run<typeof readCreditMethod> = async ({ runtime, query }) => {
  const catalogue = catalogueReader(runtime.database);
  const found = await (query.version === undefined
    ? catalogue.versioned('creditMethod')
    : catalogue.settingVersion('creditMethod', Number(query.version)));
  return found === undefined
    ? err({ code: 'notFound' })
    : ok({ status: 200, body: methodView({ ...found.value, version: found.version }) });
};
