import { catalogueReader } from '../catalogue/reader.ts';
import { divisionsReader } from '../divisions/reader.ts';
import { isMatch, type Outcome, type Repeatable, type SignedInCall } from '../http/call.ts';
import type { BodyOf, OperationSpec } from '../http/operation.ts';
import { untilWritten } from '../http/until-written.ts';
import type { DivisionCode } from '../kernel/division.ts';
import { err, ok } from '../kernel/result.ts';
import * as contract from './contract.ts';
import { changeProvider, providerSight, type ProviderAction, type ProviderInputs } from './provider.ts';
import { replayed, shown } from './read.ts';
import { providersRepository } from './repository.ts';

/** The use case of one action on a provider: look, ask the rule, write all of it or nothing. */
const act = <O extends OperationSpec & { readonly access: 'signedIn'; readonly method: 'POST' }, A extends ProviderAction>(
  _: O,
  name: A,
): Repeatable<O> => {
  const run = async (call: SignedInCall): Promise<Outcome<typeof contract.readProvider>> => {
    const { runtime, caller, now, ifMatch, requestId } = call;
    const { id } = call.params as { id: string };
    const body = call.body as BodyOf<O> & ProviderInputs[A];
    const repository = providersRepository(runtime.database);
    const terms = await catalogueReader(runtime.database).setting('providerAdmission');
    return untilWritten<typeof contract.readProvider>(async () => {
      const before = await repository.read(id);
      if (before === undefined || providerSight(before, caller, now) === 'nothing') return err({ code: 'notFound' });
      if (!isMatch(ifMatch, before.version)) return err({ code: 'preconditionFailed' });
      const changed = changeProvider(name, before, body, { caller, now, terms, isInUse: await namedInUse(call) });
      if (!changed.ok) return changed;
      const { provider, step } = changed.value;
      const answer = await shown(call, provider, [...(await repository.history(id)), step], 'whole');
      const written = await repository.write([...repository.puts(changed.value, before, requestId), ...call.once(200, id)]);
      if (written.ok) return ok({ status: 200, ...answer });
      return written.error.index === 0 ? 'lost' : err({ code: 'conflict' });
    });
  };
  const replay = async (call: SignedInCall, id: string): Promise<Outcome<typeof contract.readProvider>> => {
    const again = await replayed(call, id);
    return again.ok ? ok({ status: 200, ...again.value }) : again;
  };
  // Which body belongs to which action is settled where `act` is called.
  return { run, replay } as unknown as Repeatable<O>;
};

/** Tells of the divisions that the body names whether they are there and in use. */
const namedInUse = async ({ runtime, body }: SignedInCall): Promise<(division: DivisionCode) => boolean> => {
  const { divisions: named = [] } = body as ProviderInputs['admit'];
  const found = named.length === 0 ? [] : await divisionsReader(runtime.database).findMany([...new Set(named)]);
  const inUse = new Set(found.filter(({ active }) => active).map(({ code }) => code));
  return (division) => inUse.has(division);
};

export const providerActions = {
  admitProvider: act(contract.admitProvider, 'admit'),
  suspendProvider: act(contract.suspendProvider, 'suspend'),
  removeProvider: act(contract.removeProvider, 'remove'),
  renewProvider: act(contract.renewProvider, 'renew'),
};
