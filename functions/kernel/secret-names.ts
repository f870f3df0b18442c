/** What the names of secrets that others gave us begin with, behind the prefix of their stage. */

/** Keys of payment providers, by channel: `payments/wechatPay`. */
export const PAYMENT_SECRETS = 'payments/';

/** What carries messages to people: `notifications/vapid`, `notifications/wechat`. */
export const NOTIFICATION_SECRETS = 'notifications/';
