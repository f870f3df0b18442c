/** Providers of the tests: who is one, applied and admitted over whatever calls the system. */
import type { Runtime } from '../../functions/data/runtime.ts';
import type { DivisionCode } from '../../functions/kernel/division.ts';
import { applied, changeProvider } from '../../functions/providers/provider.ts';
import { providersRepository } from '../../functions/providers/repository.ts';
import type { TokenClaims } from '../../lib/local/issuer.ts';

type Post = (
  path: string,
  as: TokenClaims,
  body?: unknown,
) => Promise<{ readonly status: number; readonly text: string; readonly body: { readonly id: string } }>;

/** The id of one that tests put: known before it is there, so that tables of tests can name it. */
export const KNOWN_PROVIDER = '0PR0V1DER00000000000000000';

/** Of the province: it admits whom it likes, wherever the tests are. */
const admitting: TokenClaims = { sub: 'dispatcher-of-providers', roles: ['dispatcher'], division: '51' };

export const APPLICATION = {
  name: { 'zh-CN': '锦江便民维修有限公司', en: 'Jinjiang Repairs' },
  kind: 'company',
  services: ['streetLamp'],
  divisions: ['510104'],
  contact: { name: '王经理', phone: '028-88880000' },
} as const;

export interface Registered {
  readonly id: string;
  /** Somebody of its people. */
  readonly as: TokenClaims;
  readonly to: { readonly kind: 'provider'; readonly id: string };
}

const succeeded = <A extends { readonly status: number; readonly text: string }>(answer: A): A => {
  if (answer.status >= 300) throw new Error(`a provider cannot be made: ${answer.status} ${answer.text}`);
  return answer;
};

let owners = 0;

/** One that has applied, of somebody who has no other unless said. */
export const applyAs = async (post: Post, more: object = {}, owner = `provider-owner-${++owners}`): Promise<Registered> => {
  const applicant: TokenClaims = { sub: owner, roles: ['resident'] };
  const { id } = succeeded(await post('/v1/providers', applicant, { ...APPLICATION, ...more })).body;
  return { id, as: { sub: 'provider-person', roles: ['provider'], provider: id }, to: { kind: 'provider', id } };
};

/** One that is admitted for all that it has applied for. */
export const admitted = async (post: Post, more: object = {}, owner?: string): Promise<Registered> => {
  const provider = await applyAs(post, more, owner);
  succeeded(await post(`/v1/providers/${provider.id}/admit`, admitting, { grounds: '资质齐全' }));
  return provider;
};

/** Puts that one, admitted for these services in the whole province. */
export const putAdmitted = async (
  { database, now }: Pick<Runtime, 'database' | 'now'>,
  services: readonly string[] = APPLICATION.services,
): Promise<void> => {
  const repository = providersRepository(database);
  const caller = { sub: admitting.sub, roles: new Set(['dispatcher'] as const), division: '51' as DivisionCode, provider: undefined };
  const owner = { ...caller, sub: 'provider-owner' };
  const made = applied(KNOWN_PROVIDER, { ...APPLICATION, services, divisions: ['51' as DivisionCode] }, owner, now());
  const terms = { months: 12, mostMonths: 12 };
  const changed = changeProvider('admit', made.provider, {}, { caller, now: now(), terms, isInUse: () => true });
  if (!changed.ok) throw new Error(`not admitted: ${changed.error.code}`);
  await repository.write(repository.puts(made, undefined, 'test'));
  await repository.write(repository.puts(changed.value, made.provider, 'test'));
};
