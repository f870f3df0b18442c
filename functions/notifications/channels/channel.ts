/** A way in which somebody wants to be told: an address of theirs. Pure. */
import { fromInstant, MINUTE, plus, type EpochMs, type Instant } from '../../kernel/time.ts';

export const CHANNEL_KINDS = ['email', 'sms', 'wechat', 'webPush', 'webhook'] as const;
export type ChannelKind = (typeof CHANNEL_KINDS)[number];

/** Where a browser takes push messages (https://www.w3.org/TR/push-api/): keys in base64url. */
export interface PushAddress {
  readonly endpoint: string;
  readonly keys: { readonly p256dh: string; readonly auth: string };
}

/** `dead`: whoever carries messages there says that there is nobody any more. */
export const CHANNEL_STATUSES = ['unverified', 'verified', 'dead'] as const;
export type ChannelStatus = (typeof CHANNEL_STATUSES)[number];

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

const CODE_VALID = 15 * MINUTE;
/** Of a million codes, so many may be tried: then the channel must be added again. */
const MOST_ATTEMPTS = 5;

/** The first moment at which its code is no longer taken. */
export const verifyBy = ({ addedAt }: Pick<Channel, 'addedAt'>): EpochMs => plus(fromInstant(addedAt), CODE_VALID);

/** Whether its code is waited for. */
export const isVerifiable = (channel: Channel, now: EpochMs): boolean =>
  channel.status === 'unverified' && (channel.attempts ?? 0) < MOST_ATTEMPTS && now < verifyBy(channel);

/** An address as it is kept: signs that make a number easy to read are none of it, nor what a browser says beside endpoint and keys. */
export const written = ({ kind, address }: Pick<Channel, 'kind' | 'address'>): Channel['address'] => {
  if (typeof address !== 'string') {
    const { endpoint, keys } = address;
    return { endpoint, keys };
  }
  return kind === 'sms' ? address.replaceAll(/[ ()-]/g, '') : address;
};

/** A push subscription is its endpoint; capitals in an e-mail address are one’s own way of writing it. */
const placeOf = ({ kind, address }: Pick<Channel, 'kind' | 'address'>): string => {
  if (typeof address !== 'string') return address.endpoint;
  return kind === 'email' ? address.toLowerCase() : address;
};

export const isSameAddress = (one: Pick<Channel, 'kind' | 'address'>, other: Pick<Channel, 'kind' | 'address'>): boolean =>
  one.kind === other.kind && placeOf(one) === placeOf(other);

/** Whether a browser has renewed the keys of a push subscription: what is encrypted for the old ones it cannot read. */
export const hasOtherKeys = ({ address: one }: Pick<Channel, 'address'>, { address: other }: Pick<Channel, 'address'>): boolean =>
  typeof one !== 'string' && typeof other !== 'string' && (one.keys.p256dh !== other.keys.p256dh || one.keys.auth !== other.keys.auth);
