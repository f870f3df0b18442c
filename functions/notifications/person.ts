/** Who wants to be told, of what, by which ways. Pure. */
import type { Colour } from '../kernel/colour.ts';
import type { DivisionCode } from '../kernel/division.ts';
import type { Language } from '../kernel/texts.ts';
import type { Instant } from '../kernel/time.ts';
import type { Channel } from './channels/channel.ts';

/** Alerts that concern a division, from this colour on. */
export interface Subscription {
  readonly division: DivisionCode;
  readonly minimumColour: Colour;
  /** Ids of the person's channels. */
  readonly channels: readonly string[];
}

export const TOPICS = ['requests', 'surveys', 'donations'] as const;
export type Topic = (typeof TOPICS)[number];

/** From and to are `HH:mm` in Shanghai; over midnight where `to` is the smaller. */
export interface QuietHours {
  readonly from: string;
  readonly to: string;
}

/** Of what, beside alerts, somebody wants to be told. */
export interface Preferences {
  readonly channels: readonly string[];
  readonly topics: readonly Topic[];
  /** Nothing but alerts comes then; the rest waits until they end. */
  readonly quietHours?: QuietHours | undefined;
}

export interface Person {
  readonly sub: string;
  /** By which subscribers' entries name them: random, and nothing to anybody else. */
  readonly key: string;
  /** The home community, where they have one. */
  readonly home?: DivisionCode | undefined;
  /** Of what is sent to them. */
  readonly language: Language;
  readonly channels: readonly Channel[];
  readonly subscriptions: readonly Subscription[];
  readonly preferences: Preferences;
  readonly version: number;
  readonly change: 'channelAdded' | 'channelVerified' | 'channelRemoved' | 'channelDied' | 'codeTried' | 'subscribed' | 'preferencesSet';
  readonly changedAt: Instant;
}
