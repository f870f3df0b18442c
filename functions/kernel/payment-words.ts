/** How a payer pays: WeChat Pay has native, h5, jsapi; Alipay page, app; Stripe card. The words that contracts and adapters share. */
export const PAYMENT_METHODS = ['native', 'h5', 'jsapi', 'page', 'app', 'card'] as const;
export type PaymentMethod = (typeof PAYMENT_METHODS)[number];
