/** What an address of each kind looks like. */
import * as z from 'zod/mini';
import { base64url, email, httpsUrl, openId, phone } from '../../http/schema.ts';
import type { ChannelKind } from './channel.ts';

/** As `PushSubscription.toJSON()` of a browser has it: keys of at most 65 and 16 bytes (RFC 8291). */
export const pushAddress = z.strictObject({
  endpoint: httpsUrl,
  keys: z.strictObject({ p256dh: base64url(88), auth: base64url(24) }),
});

export const ADDRESS_SHAPES: Readonly<Record<ChannelKind, z.ZodMiniType>> = {
  email,
  sms: phone,
  wechat: openId,
  webPush: pushAddress,
  webhook: httpsUrl,
};
