/** Which division a call is about, and which client makes it. */
import type { DivisionsReader } from '../../divisions/reader.ts';
import type { Failure } from '../../http/problem.ts';
import type { Principal } from '../../http/principal.ts';
import { isDivisionCode, type DivisionCode } from '../../kernel/division.ts';
import { err, ok, type Result } from '../../kernel/result.ts';
import { idIn, isKeyOf, principalOf, type ApiClient } from './client.ts';
import type { ClientRepository } from './client-repository.ts';

/** The division that `jurisdiction_id` names by its code; undefined where none is asked for. */
export const jurisdictionOf = async (
  divisions: DivisionsReader,
  asked: string | undefined,
): Promise<Result<DivisionCode | undefined, Failure>> => {
  if (asked === undefined) return ok(undefined);
  const found = isDivisionCode(asked) ? await divisions.find(asked) : undefined;
  return found === undefined
    ? err({
        code: 'notFound',
        detail: {
          'zh-CN': `没有 jurisdiction_id ${asked}；应为行政区划代码，如 510104`,
          en: `there is no jurisdiction_id ${asked}: it is a division's code, as 510104`,
        },
      })
    : ok(found.code);
};

export interface Client {
  readonly client: ApiClient;
  readonly principal: Principal;
}

const WRONG_KEY: Failure = {
  code: 'forbidden',
  detail: {
    'zh-CN': 'api_key 缺失、有误或已停用，请向管理员申请。',
    en: 'api_key is missing, wrong or revoked: ask the administrator for one.',
  },
};

/** The client whose key it is. */
export const clientOf = async (clients: ClientRepository, key: string | undefined): Promise<Result<Client, Failure>> => {
  const id = key === undefined ? undefined : idIn(key);
  const client = id === undefined ? undefined : await clients.read(id);
  return client === undefined || key === undefined || !isKeyOf(client, key)
    ? err(WRONG_KEY)
    : ok({ client, principal: principalOf(client) });
};

/** The same where a key may be left out. */
export const clientIfAny = async (clients: ClientRepository, key: string | undefined): Promise<Result<Client | undefined, Failure>> =>
  key === undefined ? ok(undefined) : clientOf(clients, key);
