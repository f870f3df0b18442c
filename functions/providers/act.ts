import { catalogueReader } from '../catalogue/reader.ts';
import { divisionsReader } from '../divisions/reader.ts';
import { isMatch, type Outcome, type Repeatable, type SignedInCall } from '../http/call.ts';
import type { BodyOf, OperationSpec } from '../http/operation.ts';
import { untilWritten } from '../http/until-written.ts';
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
      const changed = changeProvider(name, before, body, { caller, now, terms });
      if (!changed.ok) return changed;
      const { provider, step } = changed.value;
      const unknown = await unknownDivision(call, step.divisions ?? [], before.divisions);
      if (unknown !== -1)
        return err({
          code: 'invalid',
          errors: [{ path: `divisions.${unknown}`, message: { 'zh-CN': '没有这个区划', en: 'is no division here' } }],
        });
      const history = await repository.history(id);
      const written = await repository.write([...repository.puts(changed.value, before, requestId), ...call.once(200, id)]);
      if (written.ok) return ok({ status: 200, ...shown(call, provider, [...history, step], 'whole') });
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

/** The first of these that is not there, of those that were not looked up when it applied; -1 where all are. */
const unknownDivision = async (
  { runtime }: SignedInCall,
  named: NonNullable<ProviderInputs['admit']['divisions']>,
  known: readonly string[],
): Promise<number> => {
  const others = named.filter((each) => !known.includes(each));
  if (others.length === 0) return -1;
  const found = new Set<string>((await divisionsReader(runtime.database).findMany([...new Set(others)])).map(({ code }) => code));
  return named.findIndex((each) => !known.includes(each) && !found.has(each));
};

export const providerActions = {
  admitProvider: act(contract.admitProvider, 'admit'),
  suspendProvider: act(contract.suspendProvider, 'suspend'),
  removeProvider: act(contract.removeProvider, 'remove'),
  renewProvider: act(contract.renewProvider, 'renew'),
};
