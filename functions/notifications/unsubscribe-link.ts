/** Where somebody says, without signing in, that they want no more by a channel: a link that only we can make. */
import type { Runtime } from '../data/runtime.ts';
import { seal, unseal } from '../http/secret.ts';

const PURPOSE = 'unsubscribe';
const CONTEXT = 'channel';

/** Whose, and which channel. */
export interface Unsubscribing {
  readonly sub: string;
  readonly channelId: string;
}

/** The link that a letter to that channel carries. It opens as long as the secret is valid that sealed it. */
export const unsubscribeLink = (
  { secrets, random }: Pick<Runtime, 'secrets' | 'random'>,
  origin: string,
  sub: string,
  channelId: string,
): string => `${origin}/v1/unsubscribe/${seal(secrets, PURPOSE, CONTEXT, JSON.stringify([sub, channelId]), random)}`;

/** What a link's token names; undefined where we have not made it. */
export const unsubscribingOf = ({ secrets }: Pick<Runtime, 'secrets'>, token: string): Unsubscribing | undefined => {
  const text = unseal(secrets, PURPOSE, CONTEXT, token);
  if (text === undefined) return undefined;
  // Only what we sealed opens, so its shape is ours.
  const [sub, channelId] = JSON.parse(text) as [string, string];
  return { sub, channelId };
};
