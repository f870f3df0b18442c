/** What of providers' credit waits for a dispatcher: appeals to be ruled on, repairs to be decided. */
import { justBelow, merge } from '../data/merge.ts';
import { divisionsReader } from '../divisions/reader.ts';
import type { Run } from '../http/call.ts';
import { nextOf, positionOf } from '../http/page.ts';
import { divisionAsked } from '../http/principal.ts';
import { limitOf } from '../http/schema.ts';
import { covers } from '../kernel/division.ts';
import { err, ok } from '../kernel/result.ts';
import type { listCreditEvents } from './contract.ts';
import { openCreditActions, waitsFor } from './credit-event.ts';
import { creditRepository, type Waiting } from './credit-repository.ts';
import { codesFor } from './list.ts';
import { creditMethod } from './read-credit.ts';
import { providersRepository } from './repository.ts';

const MOST_READ = 200;

export const listWaiting: Run<typeof listCreditEvents> = async (call) => {
  const { runtime, caller, query, now } = call;
  const { database } = runtime;
  const division = divisionAsked(caller, query.division);
  if (division === undefined) return err({ code: 'forbidden' });
  const position = positionOf<string>(call, query.cursor);
  if (!position.ok) return position;
  const credit = creditRepository(database);
  const page = await merge<string, Waiting>({
    sources: [...(await codesFor(division, divisionsReader(database).within))],
    read: (code, limit, to) => credit.waiting(code, limit, to),
    keyOf: ({ sortKey }) => sortKey,
    fits: ({ event }) => {
      const waits = event === undefined ? [] : waitsFor(event);
      const isAsked = query.status === undefined ? waits.length > 0 : waits.includes(query.status);
      return event !== undefined && isAsked && covers(division, event.division);
    },
    limit: limitOf(query.limit),
    mostRead: MOST_READ,
    to: position.value === undefined ? undefined : justBelow(position.value),
  });
  const events = page.items.flatMap(({ event }) => event ?? []);
  const [method, providers] = await Promise.all([
    creditMethod(database),
    providersRepository(database).findMany(events.map(({ provider }) => provider)),
  ]);
  const items = events.flatMap((event) => {
    const { id, kind, on: at, division: from } = event;
    const provider = providers.get(event.provider);
    if (provider === undefined) return [];
    const actions = openCreditActions(event, provider, { caller, now, method });
    return [{ provider: provider.id, id, kind, at, division: from, waitsFor: [...waitsFor(event)], actions }];
  });
  return ok({ status: 200, body: { items, next: nextOf(call, page.after) } });
};
