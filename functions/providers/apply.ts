/** What a provider says of itself: the application, and what it changes later. */
import { catalogueReader } from '../catalogue/reader.ts';
import type { Database } from '../data/database.ts';
import { divisionsReader } from '../divisions/reader.ts';
import { isMatch, type Repeatable, type Run } from '../http/call.ts';
import type { FieldError } from '../http/problem.ts';
import { newId } from '../kernel/id.ts';
import { err, ok, type Result } from '../kernel/result.ts';
import type { applyProvider, ProviderInput, putProvider } from './contract.ts';
import { applied, isPeopleOf, providerSight, revise, saysTheSame, type ProviderFacts } from './provider.ts';
import { replayed, shown } from './read.ts';
import { providersRepository } from './repository.ts';

/** What is named twice, or is not there. */
const errorsIn = (path: string, names: readonly string[], isThere: (name: string) => boolean): readonly FieldError[] =>
  names.flatMap((name, index): FieldError[] => {
    if (names.indexOf(name) !== index) return [{ path: `${path}.${index}`, message: { 'zh-CN': '与前面的重复', en: 'is there twice' } }];
    return isThere(name)
      ? []
      : [{ path: `${path}.${index}`, message: { 'zh-CN': '不存在或已停用', en: 'is not there, or no longer in use' } }];
  });

/** What it says, where all that it names is there. */
const checked = async (database: Database, body: ProviderInput): Promise<Result<ProviderFacts, readonly FieldError[]>> => {
  const catalogue = catalogueReader(database);
  const [services, divisions] = await Promise.all([
    Promise.all([...new Set(body.services)].map((code) => catalogue.current(code))),
    divisionsReader(database).findMany([...new Set(body.divisions)]),
  ]);
  const offered = new Set(services.flatMap((service) => (service?.active === true ? [service.code] : [])));
  const inUse = new Set<string>(divisions.filter(({ active }) => active).map(({ code }) => code));
  const errors = [
    ...errorsIn('services', body.services, (code) => offered.has(code)),
    ...errorsIn('divisions', body.divisions, (code) => inUse.has(code)),
  ];
  return errors.length === 0 ? ok(body) : err(errors);
};

export const apply: Repeatable<typeof applyProvider> = {
  run: async (call) => {
    const { runtime, caller, body, now, requestId } = call;
    const facts = await checked(runtime.database, body);
    if (!facts.ok) return err({ code: 'invalid', errors: facts.error });
    const repository = providersRepository(runtime.database);
    const made = applied(newId(runtime.random), facts.value, caller.sub, now);
    const { id } = made.provider;
    const written = await repository.write([...repository.puts(made, undefined, requestId), ...call.once(201, id)]);
    if (!written.ok) return err({ code: 'conflict' });
    return ok({ status: 201, ...shown(call, made.provider, [made.step], 'whole'), location: `/v1/providers/${id}` });
  },
  replay: async (call, id) => {
    const again = await replayed(call, id);
    return again.ok ? ok({ status: 201, ...again.value, location: `/v1/providers/${id}` }) : again;
  },
};

export const put: Run<typeof putProvider> = async (call) => {
  const { runtime, caller, params, body, now, requestId, ifMatch } = call;
  const repository = providersRepository(runtime.database);
  const before = await repository.read(params.id);
  if (before === undefined || providerSight(before, caller, now) === 'nothing') return err({ code: 'notFound' });
  if (!isPeopleOf(before, caller)) return err({ code: 'forbidden' });
  if (!isMatch(ifMatch, before.version)) return err({ code: 'preconditionFailed' });
  const facts = await checked(runtime.database, body);
  if (!facts.ok) return err({ code: 'invalid', errors: facts.error });
  const revised = revise(before, facts.value, caller, now);
  if (!revised.ok) return revised;
  const history = await repository.history(before.id);
  if (saysTheSame(before, facts.value)) return ok({ status: 200, ...shown(call, before, history, 'whole') });
  const written = await repository.write(repository.puts(revised.value, before, requestId));
  if (!written.ok) return err({ code: ifMatch === undefined ? 'conflict' : 'preconditionFailed' });
  return ok({ status: 200, ...shown(call, revised.value.provider, [...history, revised.value.step], 'whole') });
};
