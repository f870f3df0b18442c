/** A provider as its own people see it: its entry, its credit and how much of its work is open. */
import type { Run } from '../http/call.ts';
import { actingFor } from '../http/principal.ts';
import { err, ok } from '../kernel/result.ts';
import { openWorkOf } from '../service-requests/reader.ts';
import type { readMyProvider } from './contract.ts';
import { creditViewOf } from './read-credit.ts';
import { shown } from './read.ts';
import { providersRepository } from './repository.ts';

/** As many as are counted. */
const MOST_COUNTED = 200;

export const mine: Run<typeof readMyProvider> = async (call) => {
  const { runtime, caller, now } = call;
  const { database } = runtime;
  const repository = providersRepository(database);
  // Who acts for one sees that one; who has only applied, what they applied for last.
  const id = actingFor(caller) ?? (await repository.newestOf(caller.sub));
  const provider = id === undefined ? undefined : await repository.find(id);
  if (provider === undefined) return err({ code: 'notFound' });

  const work = { open: 0, assigned: 0, inProgress: 0, overdue: 0, more: false };
  for await (const page of openWorkOf(database, provider.id, now)) {
    for (const { status, overdue } of page) {
      work.more = work.open === MOST_COUNTED;
      if (work.more) break;
      work.open += 1;
      if (status === 'assigned' || status === 'inProgress') work[status] += 1;
      if (overdue) work.overdue += 1;
    }
    if (work.more) break;
  }
  const [history, credit] = await Promise.all([repository.history(provider.id), creditViewOf(database, provider, caller, now)]);
  return ok({ status: 200, body: { provider: (await shown(call, provider, history, 'whole')).body, credit, work } });
};
