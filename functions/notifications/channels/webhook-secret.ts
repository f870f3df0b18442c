/** By which the owner of a webhook verifies what comes: made from the stage's secret and the channel's id, of that channel alone, and kept nowhere. */
import { keyedHash } from '../../http/secret.ts';
import type { Runtime } from '../../data/runtime.ts';

const keyOf = (secret: string, channelId: string): Buffer => Buffer.from(keyedHash(secret, 'webhookChannel', channelId), 'base64url');

/** Keys to sign with: also that of the secret before the last rotation, which its owner may know still. */
export const webhookKeys = (secrets: Runtime['secrets'], channelId: string): readonly Buffer[] =>
  secrets.map((secret) => keyOf(secret, channelId));

/** `whsec_…`, as libraries of Standard Webhooks take it. */
export const webhookSecret = (secrets: Runtime['secrets'], channelId: string): string =>
  `whsec_${keyOf(secrets[0], channelId).toString('base64')}`;
