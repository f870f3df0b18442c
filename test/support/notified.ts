/** Somebody with channels, as tests make them. */
import { codeOf } from '../../functions/notifications/code.ts';
import type { TokenClaims } from '../../lib/local/issuer.ts';
import type { Answered, House } from './house.ts';
import { SHUIJINGFANG } from './people.ts';

let last = 0;
/** Who has nothing yet. */
export const somebody = (more: Partial<TokenClaims> = {}): TokenClaims => ({
  sub: `somebody-${++last}`,
  roles: ['resident'],
  division: SHUIJINGFANG,
  ...more,
});

/** The code that a channel of this house was sent, or will be. */
export const codeIn = ({ runtime }: Pick<House, 'runtime'>, channel: { readonly id: string; readonly addedAt: string }): string =>
  codeOf(runtime.secrets[0], channel as Parameters<typeof codeOf>[1]);

const succeeded = (answer: Answered): Answered => {
  if (answer.status >= 300) throw new Error(`${answer.status} ${answer.text}`);
  return answer;
};

/** The id of a channel that is verified. */
export const verifiedChannel = async (house: House, as: TokenClaims, address = 'wang@example.cn', kind = 'email'): Promise<string> => {
  const { body } = succeeded(await house.post('/v1/me/channels', as, { kind, address }));
  succeeded(await house.post(`/v1/me/channels/${body.id}/verify`, as, { code: codeIn(house, body) }));
  return body.id;
};

export const subscribe = (
  house: House,
  as: TokenClaims,
  subscriptions: readonly { readonly division: string; readonly minimumColour?: string; readonly channels: readonly string[] }[],
  more: { readonly ifMatch?: string; readonly headers?: Readonly<Record<string, string>> } = {},
): Promise<Answered> =>
  house.call('PUT', '/v1/me/alert-subscriptions', {
    as,
    body: { subscriptions: subscriptions.map((each) => ({ minimumColour: 'blue', ...each })) },
    ...more,
  });
