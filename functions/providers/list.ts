import { justBelow, merge } from '../data/merge.ts';
import { divisionsReader } from '../divisions/reader.ts';
import type { Run } from '../http/call.ts';
import { nextOf, positionOf } from '../http/page.ts';
import { limitOf } from '../http/schema.ts';
import { ancestorOf, concernedBy, covers, levelOf, LEVELS, type DivisionCode } from '../kernel/division.ts';
import { err, ok } from '../kernel/result.ts';
import type { listProviders } from './contract.ts';
import { admissionsEnding, admissionsInForce, type Admission, type Provider } from './provider.ts';
import { EVERYWHERE, firstListOf, providersRepository, type Listed } from './repository.ts';
import { providerSummaryView } from './view.ts';

const MOST_READ = 200;

/** The divisions in whose lists it stands whatever serves at, above or within a place. */
export const codesFor = async (
  place: DivisionCode | undefined,
  within: (place: DivisionCode, level: 'city' | 'county') => Promise<readonly DivisionCode[]>,
): Promise<ReadonlySet<string>> => {
  if (place === undefined) return new Set([EVERYWHERE]);
  const level = levelOf(place);
  return new Set([
    ...LEVELS.slice(0, 3).map((each) => ancestorOf(place, each)),
    ...(level === 'province' ? await within(place, 'city') : []),
    ...(level === 'province' || level === 'city' ? await within(place, 'county') : []),
  ]);
};

/** The admitted of a place for everybody; those of another status for its dispatchers. */
export const list: Run<typeof listProviders> = async (call) => {
  const { runtime, caller, query, now } = call;
  const status = query.status ?? 'admitted';
  const isPublic = status === 'admitted';
  const place = query.division ?? (isPublic ? undefined : caller?.division);
  if (!isPublic && !(caller?.roles.has('dispatcher') === true && place !== undefined && covers(caller.division, place)))
    return err({ code: 'forbidden' });
  const position = positionOf<string>(call, query.cursor);
  if (!position.ok) return position;

  const isThere = (provider: Provider): boolean => {
    const isFor = (services: readonly string[]): boolean => query.service === undefined || services.includes(query.service);
    const concerns = (divisions: readonly DivisionCode[]): boolean => place === undefined || concernedBy(divisions)(place);
    const isAmong = (admissions: readonly Admission[]): boolean =>
      admissions.some((each) => isFor(each.services) && concerns(each.divisions));
    switch (status) {
      case 'admitted':
        return isAmong(admissionsInForce(provider, now));
      case 'ending':
        return isAmong(admissionsEnding(provider, now));
      case 'applied':
        return isFor(provider.services) && concerns(provider.pending);
      case 'suspended':
      case 'removed':
        // Who was turned down has no admission.
        return provider.admissions.length === 0
          ? provider.status === status && isFor(provider.services) && concerns(provider.divisions)
          : isAmong(provider.admissions.filter((each) => each.status === status));
    }
  };

  // What ends is admitted, and found among those.
  const inList = status === 'ending' ? 'admitted' : status;
  const { within } = divisionsReader(runtime.database);
  const codes = await codesFor(place, within);
  const repository = providersRepository(runtime.database);
  const page = await merge<string, Listed>({
    sources: [...codes],
    read: (code, limit, to) => repository.listed(inList, code, limit, to),
    keyOf: ({ sortKey }) => sortKey,
    fits: ({ provider, code }) => provider !== undefined && firstListOf(provider, inList, codes) === code && isThere(provider),
    limit: limitOf(query.limit),
    mostRead: MOST_READ,
    to: position.value === undefined ? undefined : justBelow(position.value),
  });
  const items = page.items.flatMap(({ provider }) => (provider === undefined ? [] : [providerSummaryView(provider, isPublic, now)]));
  return ok({ status: 200, body: { items, next: nextOf(call, page.after) } });
};
