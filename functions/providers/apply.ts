/** What a provider says of itself: the application, and what it changes later. */
import { catalogueReader } from '../catalogue/reader.ts';
import type { Database } from '../data/database.ts';
import { divisionsReader } from '../divisions/reader.ts';
import { isMatch, type Repeatable, type Run } from '../http/call.ts';
import type { Failure, FieldError } from '../http/problem.ts';
import { covers } from '../kernel/division.ts';
import { newId } from '../kernel/id.ts';
import { err, ok, type Result } from '../kernel/result.ts';
import type { Texts } from '../kernel/texts.ts';
import type { applyProvider, ProviderApplication, ProviderInput, putProvider } from './contract.ts';
import {
  applied,
  changesNothing,
  errorsIn,
  isPeopleOf,
  isSuspendedAnywhere,
  mayApply,
  NOT_IN_USE,
  ownerOf,
  providerSight,
  revise,
  type ProviderFacts,
} from './provider.ts';
import { replayed, shown } from './read.ts';
import { providersRepository } from './repository.ts';

const WITHIN_ANOTHER: Texts = { 'zh-CN': '已包含在所列的上级区划内', en: 'lies within another one of these' };

/**
 * What it says, where all that it names is there. What is on the entry already is not looked at again: whoever is admitted for what has gone
 * out of use since can still say by what telephone to reach them.
 */
const checked = async (
  database: Database,
  body: ProviderInput | ProviderApplication,
  before?: Pick<ProviderFacts, 'services' | 'divisions'>,
): Promise<Result<ProviderFacts, readonly FieldError[]>> => {
  const catalogue = catalogueReader(database);
  const [services, divisions] = await Promise.all([
    Promise.all([...new Set(body.services)].map((code) => catalogue.current(code))),
    divisionsReader(database).findMany([...new Set(body.divisions)]),
  ]);
  const offered = new Set([
    ...(before?.services ?? []),
    ...services.flatMap((service) => (service?.active === true ? [service.code] : [])),
  ]);
  const inUse = new Set<string>([...(before?.divisions ?? []), ...divisions.filter(({ active }) => active).map(({ code }) => code)]);
  const errors = [
    ...errorsIn('services', body.services, (code) => (offered.has(code) ? undefined : NOT_IN_USE)),
    ...errorsIn('divisions', body.divisions, (code) => {
      if (!inUse.has(code)) return NOT_IN_USE;
      return body.divisions.some((each) => each !== code && covers(each, code)) ? WITHIN_ANOTHER : undefined;
    }),
  ];
  const { name, kind, contact } = body;
  return errors.length === 0 ? ok({ name, kind, services: body.services, divisions: body.divisions, contact }) : err(errors);
};

/** Who is suspended is no other by applying once more. */
const SUSPENDED_ELSEWHERE: Failure = {
  code: 'conflict',
  detail: {
    'zh-CN': '您名下有已被暂停的服务商，暂停解除前不能另行申请；请联系所在区划的调度员。',
    en: 'A provider of yours is suspended: no other may be applied for until that is lifted. Ask a dispatcher of its division.',
  },
};

export const apply: Repeatable<typeof applyProvider> = {
  run: async (call) => {
    const { runtime, caller, body, now, requestId } = call;
    const { onBehalfOf, channel } = body;
    const appliedFor = { onBehalfOf, channel };
    if (!mayApply(body, appliedFor, caller)) return err({ code: 'forbidden' });
    const facts = await checked(runtime.database, body);
    if (!facts.ok) return err({ code: 'invalid', errors: facts.error });
    const repository = providersRepository(runtime.database);
    const owner = ownerOf(appliedFor, caller);
    const entries = owner === undefined ? [] : await repository.entriesOf(owner);
    if (entries.some(isSuspendedAnywhere)) return err(SUSPENDED_ELSEWHERE);
    const made = applied(newId(runtime.random), facts.value, caller, now, appliedFor);
    const { id } = made.provider;
    const answer = { status: 201, ...(await shown(call, made.provider, [made.step], 'whole')), location: `/v1/providers/${id}` };
    const written = await repository.write([...repository.puts(made, undefined, requestId), ...call.once(201, id)]);
    return written.ok ? ok(answer) : err({ code: 'conflict' });
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
  const facts = await checked(runtime.database, body, before);
  if (!facts.ok) return err({ code: 'invalid', errors: facts.error });
  const revised = revise(before, facts.value, caller, now);
  if (!revised.ok) return revised;
  const history = await repository.history(before.id);
  if (changesNothing(before, facts.value, now)) return ok({ status: 200, ...(await shown(call, before, history, 'whole')) });
  const answer = { status: 200, ...(await shown(call, revised.value.provider, [...history, revised.value.step], 'whole')) };
  const written = await repository.write(repository.puts(revised.value, before, requestId));
  return written.ok ? ok(answer) : err({ code: ifMatch === undefined ? 'conflict' : 'preconditionFailed' });
};
