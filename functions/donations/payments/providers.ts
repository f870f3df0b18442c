/** Which provider a channel has. An adapter is loaded where it is used; whoever runs the functions may have others. */
import type { Runtime } from '../../data/runtime.ts';
import type { PaymentProvider, ProviderDependencies, Providers } from '../../data/payments.ts';
import { PAYMENT_SECRETS } from '../../kernel/secret-names.ts';
import { isOnline } from '../names.ts';

type Make = (dependencies: ProviderDependencies) => PaymentProvider;

const load = async (channel: string, others: Providers): Promise<Make | undefined> => {
  switch (channel) {
    case 'wechatPay':
      return (await import('./wechat-pay.ts')).wechatPay;
    case 'alipay':
      return (await import('./alipay.ts')).alipay;
    case 'stripe':
      return (await import('./stripe.ts')).stripe;
    default:
      return others[channel];
  }
};

/** One of each for a system: an adapter remembers what it has parsed of its keys. */
const made = new WeakMap<Providers, Map<string, Promise<PaymentProvider | undefined>>>();

/** The provider of a channel; undefined where it has none. */
export const providerOf = ({ payments, secret, now, random }: Runtime, channel: string): Promise<PaymentProvider | undefined> => {
  // Anybody may ask for any name.
  if (!isOnline(channel) && !Object.hasOwn(payments, channel)) return Promise.resolve(undefined);
  const known = made.get(payments) ?? new Map<string, Promise<PaymentProvider | undefined>>();
  made.set(payments, known);
  const provider =
    known.get(channel) ??
    load(channel, payments).then((make) => make?.({ secret: () => secret(`${PAYMENT_SECRETS}${channel}`), fetch, now, random }));
  known.set(channel, provider);
  return provider;
};

/** Where a provider tells of payments of a channel. */
export const notifyUrl = (origin: string, channel: string): string => `${origin}/v1/payments/${channel}/notifications`;
