/** A way in which somebody wants to be told: an address of theirs. Pure. */
import type { Instant } from '../../kernel/time.ts';

export const CHANNEL_KINDS = ['email', 'sms', 'wechat', 'webPush', 'webhook'] as const;
export type ChannelKind = (typeof CHANNEL_KINDS)[number];

/** Where a browser takes push messages (https://www.w3.org/TR/push-api/): keys in base64url. */
export interface PushAddress {
  readonly endpoint: string;
  readonly keys: { readonly p256dh: string; readonly auth: string };
}

/** `dead`: whoever carries messages there says that there is nobody any more. */
export type ChannelStatus = 'unverified' | 'verified' | 'dead';

export interface Channel {
  readonly id: string;
  readonly kind: ChannelKind;
  /** An e-mail address, a telephone number, WeChat's open id, a push subscription, an https address. */
  readonly address: string | PushAddress;
  readonly status: ChannelStatus;
  readonly addedAt: Instant;
  /** Wrong codes that were tried. */
  readonly attempts?: number | undefined;
}
