/** The words of the foundation that several files share. */

/** Paid through a provider, by whose word they count. */
export const ONLINE_CHANNELS = ['wechatPay', 'alipay', 'stripe'] as const;
export const CHANNELS = [...ONLINE_CHANNELS, 'bankTransfer', 'cash'] as const;
export type Channel = (typeof CHANNELS)[number];

export const isOnline = (channel: string): boolean => ONLINE_CHANNELS.some((each) => each === channel);

/** Paid by hand, and counted when a treasurer says so. */
export const isByHand = (channel: string): boolean => channel === 'bankTransfer' || channel === 'cash';

export const DONATION_STATUSES = ['pending', 'received', 'partlyRefunded', 'refunded', 'expired'] as const;
export const REFUND_STATUSES = ['pending', 'succeeded', 'failed'] as const;
export const REFUND_GROUNDS = ['requested', 'paidTwice'] as const;
export const GRANT_STATUSES = ['proposed', 'approved', 'paid', 'rejected'] as const;
export const INCOME_STATUSES = ['proposed', 'approved'] as const;
export const INCOME_SOURCES = ['government', 'collective', 'interest', 'other'] as const;
export const RECIPIENT_KINDS = ['organisation', 'person'] as const;
export const PURPOSE_GROUNDS = ['donorConsent', 'similarPurpose'] as const;

/** Money without a purpose of its own. */
export const GENERAL = 'general';
