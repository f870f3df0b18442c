/** The port through which messages leave to people; an adapter for each way stands beside it. */
import type { Texts } from '../../kernel/texts.ts';
import type { Instant } from '../../kernel/time.ts';
import type { Channel, ChannelKind } from './channel.ts';

/** What is to be said, in the reader's language already. */
export interface Letter {
  /** The same for the same letter however often it is handed over: the key where a carrier takes one. */
  readonly id: string;
  readonly subject: string;
  readonly text: string;
  /** What it is about, as its path names it: `alerts/<id>`. */
  readonly about: string;
  readonly at: Instant;
  /** How long it is worth carrying, in seconds. */
  readonly keptFor: number;
  /** Urgency of RFC 8030 §5.3. */
  readonly urgency: 'very-low' | 'low' | 'normal' | 'high';
  /** Letters of one topic replace each other where they have not been carried yet (RFC 8030 §5.4): at most 32 characters of base64url. */
  readonly topic?: string;
  /** Where its reader can say that they want no more, https. */
  readonly unsubscribe?: string;
  /** The same for machines: goes to webhooks as it is. */
  readonly data?: Readonly<Record<string, unknown>>;
}

/**
 * What became of it. `delivered`: its carrier says that it is there. `handed`: its carrier has taken it, and may tell more later. `later`: not
 * taken just now, worth another attempt after so many seconds at the earliest. `dead`: the address is nobody's any more. `refused`: will never be taken.
 */
export type Fate =
  | { readonly kind: 'delivered' | 'handed' }
  | { readonly kind: 'later'; readonly afterSeconds?: number; readonly why: string }
  | { readonly kind: 'dead' | 'refused'; readonly why: string };

/** Carries a letter to an address. Never throws for what the carrier or the address does: that is a fate. */
export type Carrier = (channel: Pick<Channel, 'id' | 'kind' | 'address'>, letter: Letter) => Promise<Fate>;

/** Why an address cannot be one of that kind; undefined where it can. Looks at the text alone and calls nobody. */
export type CheckAddress = (kind: ChannelKind, address: Channel['address']) => Texts | undefined;
