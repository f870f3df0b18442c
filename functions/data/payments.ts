/**
 * What a payment provider is to the foundation: an order is made, the provider tells or is asked what became of it, money goes back, and a
 * daily bill says what it thinks has happened. One adapter a provider; nothing else knows any of their protocols.
 *
 * An order is known to the provider by the donation's id, a refund by its own: asking twice is asking once.
 */
import type { Fen } from '../kernel/money.ts';
import type { PaymentMethod } from '../kernel/payment-words.ts';
import type { Result } from '../kernel/result.ts';
import type { Day, EpochMs, Instant } from '../kernel/time.ts';

/** What is to be paid. The same order may be made again, and is the same one at the provider. */
export interface Order {
  /** The donation's id: 26 characters of Crockford's base 32. */
  readonly id: string;
  readonly amount: Fen;
  readonly method: PaymentMethod;
  /** What the payer reads: the fund's name; at most 40 characters. */
  readonly subject: string;
  /** Until then it can be paid. */
  readonly expiresAt: Instant;
  /** Where the provider tells what became of it: an https URL of ours. */
  readonly notifyUrl: string;
  /** Of the payer with this merchant: `jsapi` needs it. */
  readonly openId?: string | undefined;
  /** Where the payer's browser goes afterwards. */
  readonly returnUrl?: string | undefined;
  /** Of the payer: `h5` needs it. */
  readonly payerIp?: string | undefined;
}

/** What the client does next, by method. Nothing in it is ours to keep: the same order gives it again. */
export interface PaymentInstructions {
  readonly method: PaymentMethod;
  /** `native`: shown as a QR code. */
  readonly codeUrl?: string;
  /** `h5`, `page`: where the browser goes. */
  readonly url?: string;
  /** `jsapi`: what WeixinJSBridge's getBrandWCPayRequest takes. */
  readonly jsapi?: {
    readonly appId: string;
    readonly timeStamp: string;
    readonly nonceStr: string;
    readonly package: string;
    readonly signType: 'RSA';
    readonly paySign: string;
  };
  /** `app`: the order string that Alipay's app takes. */
  readonly orderString?: string;
  /** `card`: what Stripe.js takes. */
  readonly clientSecret?: string;
  readonly publishableKey?: string;
}

/** Something that happened at the provider. Amounts and merchants have been read, and not yet compared with ours. */
export type PaymentFact =
  | { readonly kind: 'paid'; readonly order: string; readonly transaction: string; readonly amount: Fen; readonly paidAt: Instant }
  | {
      readonly kind: 'refunded';
      readonly order: string;
      readonly refund: string;
      readonly amount: Fen;
      readonly outcome: 'succeeded' | 'failed';
    }
  | {
      readonly kind: 'disputed';
      readonly order: string;
      readonly dispute: string;
      readonly amount: Fen;
      readonly outcome: 'opened' | 'won' | 'lost';
    }
  /** Genuine, and nothing that concerns the books: a payment that is under way or was given up. */
  | { readonly kind: 'nothing' };

/** A notification as it came, before any parser. */
export interface RawNotification {
  /** Lower-case names. */
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly body: Uint8Array;
}

/** Why a notification changes nothing: no key is set here; it is not genuine, or not for this merchant; it is too old; it cannot be read. */
export type Refusal = 'notConfigured' | 'notGenuine' | 'stale' | 'unreadable';

/** What a provider wants to hear. */
export interface RawAnswer {
  readonly status: number;
  readonly contentType: 'application/json; charset=utf-8' | 'text/plain; charset=utf-8';
  readonly body: string;
}

/**
 * Why a call to the provider has no result: it does not answer or answers with 5xx (try again); it refuses this (its code goes to the log); it
 * does not take our keys (nothing was done, and somebody must set them right); there are none.
 */
export interface ProviderFailure {
  readonly code: 'unavailable' | 'refused' | 'unauthorised' | 'notConfigured';
  /** The provider's own code, for the log; nothing personal. */
  readonly providerCode?: string;
}

/** What became of an order. */
export type OrderState =
  | { readonly kind: 'open' }
  | { readonly kind: 'paid'; readonly transaction: string; readonly amount: Fen; readonly paidAt: Instant }
  /** Given up or never made there: nobody can pay it any more. */
  | { readonly kind: 'closed' };

export type RefundState = { readonly kind: 'open' } | { readonly kind: 'succeeded' } | { readonly kind: 'failed' };

export interface RefundOrder {
  /** The refund's own id. */
  readonly id: string;
  readonly order: string;
  /** Which payment of it, where it was paid twice. */
  readonly transaction: string;
  readonly amount: Fen;
  /** Of the whole order. */
  readonly total: Fen;
  /** At most 80 bytes are sent. */
  readonly reason: string;
  readonly notifyUrl: string;
}

/** A line of the provider's daily bill. */
export interface BillLine {
  readonly kind: 'payment' | 'refund';
  /** Our order, and our refund where it is one. */
  readonly order: string;
  readonly refund?: string;
  readonly transaction: string;
  /** Always positive. */
  readonly amount: Fen;
}

/** One provider, with its keys. */
export interface PaymentProvider {
  readonly methods: readonly PaymentMethod[];
  /** Whether it has keys that it can use. */
  readonly isSetUp: () => Promise<boolean>;
  readonly create: (order: Order) => Promise<Result<PaymentInstructions, ProviderFailure>>;
  /** Verifies what came, on the raw body, and says what it tells. `now` bounds how old it may be. */
  readonly read: (notification: RawNotification, now: EpochMs) => Promise<Result<PaymentFact, Refusal>>;
  /** The answer: `taken` (the fact is in our books), `refused` (see there), or `later` (we could not: tell us again). */
  readonly answer: (outcome: 'taken' | 'refused' | 'later') => RawAnswer;
  readonly find: (order: Pick<Order, 'id'>) => Promise<Result<OrderState, ProviderFailure>>;
  /** Nobody can pay it afterwards; fails with `refused` where it has been paid. */
  readonly close: (order: Pick<Order, 'id'>) => Promise<Result<void, ProviderFailure>>;
  readonly refund: (refund: RefundOrder) => Promise<Result<RefundState, ProviderFailure>>;
  readonly findRefund: (refund: Pick<RefundOrder, 'id' | 'order'>) => Promise<Result<RefundState, ProviderFailure>>;
  /** What the provider says happened on a day in Shanghai, a page at a time. Throws where the bill cannot be had yet. */
  readonly bill: (day: Day) => AsyncIterable<readonly BillLine[]>;
}

/** What an adapter needs from outside. Keys come as their channel's secret holds them; undefined where none is set. */
export interface ProviderDependencies {
  readonly secret: () => Promise<unknown>;
  readonly fetch: typeof fetch;
  readonly now: () => EpochMs;
  readonly random: (bytes: number) => Uint8Array;
}

/** Providers by channel. Whoever runs the functions says which there are. */
export type Providers = Readonly<Record<string, (dependencies: ProviderDependencies) => PaymentProvider>>;
