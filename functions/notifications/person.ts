/** Who wants to be told, of what, by which ways. Pure. */
import type { Colour } from '../kernel/colour.ts';
import type { DivisionCode } from '../kernel/division.ts';
import { err, ok, type Result } from '../kernel/result.ts';
import type { Language } from '../kernel/texts.ts';
import { toInstant, type EpochMs, type Instant } from '../kernel/time.ts';
import { hasOtherKeys, isSameAddress, isVerifiable, type Channel } from './channels/channel.ts';

/** Alerts that concern a division, from this colour on. */
export interface Subscription {
  readonly division: DivisionCode;
  readonly minimumColour: Colour;
  /** Ids of the person's channels. */
  readonly channels: readonly string[];
}

export const TOPICS = ['requests', 'surveys', 'donations', 'providers'] as const;
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
  /** By which subscribers' entries and events name them: random, and nothing to anybody else. */
  readonly key: string;
  /** The home community, where they have one. */
  readonly home?: DivisionCode | undefined;
  /** Of what is sent to them. */
  readonly language: Language;
  readonly channels: readonly Channel[];
  readonly subscriptions: readonly Subscription[];
  readonly preferences: Preferences;
  readonly version: number;
  readonly change:
    | 'channelAdded'
    | 'channelVerified'
    | 'channelRemoved'
    | 'channelDied'
    | 'codeTried'
    | 'subscribed'
    | 'unsubscribed'
    | 'preferencesSet';
  readonly changedAt: Instant;
}

/** What is sent goes by these: where a caller lives and what they read, as they last said it. */
export type Reader = Pick<Person, 'home' | 'language'>;

export const MOST_CHANNELS = 10;
export const MOST_SUBSCRIPTIONS = 20;

/** Somebody of whom nothing is kept yet: what they have is empty, and of version 0. */
export const nobodyYet = (sub: string, key: string, now: EpochMs): Person => ({
  sub,
  key,
  language: 'zh-CN',
  channels: [],
  subscriptions: [],
  preferences: { channels: [], topics: [] },
  version: 0,
  change: 'channelAdded',
  changedAt: toInstant(now),
});

const changed = (before: Person, change: Person['change'], now: EpochMs, more: Partial<Person>): Person => ({
  ...before,
  ...more,
  version: before.version + 1,
  change,
  changedAt: toInstant(now),
});

export const channelOf = ({ channels }: Pick<Person, 'channels'>, id: string): Channel | undefined =>
  channels.find((each) => each.id === id);

const replacing = ({ channels }: Person, by: Channel): readonly Channel[] => channels.map((each) => (each.id === by.id ? by : each));

/**
 * With a channel that is to be verified: a new one of that id, or the one that has this address already and is not verified, from the beginning,
 * so that it gets another code. A verified push subscription whose keys are others now begins anew, too: that these are its browser's is not shown.
 */
export const withChannel = (
  person: Person,
  { id, kind, address }: Pick<Channel, 'id' | 'kind' | 'address'>,
  reader: Reader,
  now: EpochMs,
): Result<{ readonly person: Person; readonly channel: Channel }, 'alreadyVerified' | 'tooManyChannels'> => {
  const known = person.channels.find((each) => isSameAddress(each, { kind, address }));
  if (known?.status === 'verified' && !hasOtherKeys(known, { address })) return err('alreadyVerified');
  if (known === undefined && person.channels.length >= MOST_CHANNELS) return err('tooManyChannels');
  const channel: Channel = { id: known?.id ?? id, kind, address, status: 'unverified', addedAt: toInstant(now) };
  const channels = known === undefined ? [...person.channels, channel] : replacing(person, channel);
  return ok({ person: changed(person, 'channelAdded', now, { ...reader, channels }), channel });
};

/** After a code was tried: verified, or one wrong try more. Nothing where no code is waited for, or no longer. */
export const afterCode = (person: Person, channel: Channel, isRight: boolean, now: EpochMs): Person | undefined => {
  if (!isVerifiable(channel, now)) return undefined;
  const { attempts = 0, ...rest } = channel;
  return isRight
    ? changed(person, 'channelVerified', now, { channels: replacing(person, { ...rest, status: 'verified' }) })
    : changed(person, 'codeTried', now, { channels: replacing(person, { ...channel, attempts: attempts + 1 }) });
};

/** Named nowhere any more. The subscriptions stay, also those that have no channel left. */
const unnamed = ({ subscriptions, preferences }: Person, id: string): Pick<Person, 'subscriptions' | 'preferences'> => {
  const others = (channels: readonly string[]): readonly string[] => channels.filter((each) => each !== id);
  return {
    subscriptions: subscriptions.map((each) => ({ ...each, channels: others(each.channels) })),
    preferences: { ...preferences, channels: others(preferences.channels) },
  };
};

export const withoutChannel = (person: Person, id: string, now: EpochMs): Person =>
  changed(person, 'channelRemoved', now, { ...unnamed(person, id), channels: person.channels.filter((each) => each.id !== id) });

/** Nothing more is sent by that channel until it is named again; the same person where nothing was. */
export const unsubscribed = (person: Person, id: string, now: EpochMs): Person => {
  const isNamed = [...person.subscriptions, person.preferences].some(({ channels }) => channels.includes(id));
  return isNamed ? changed(person, 'unsubscribed', now, unnamed(person, id)) : person;
};

/** Its address is nobody's any more; the same person where that is known, or the channel gone. */
export const withDeadChannel = (person: Person, id: string, now: EpochMs): Person => {
  const channel = channelOf(person, id);
  return channel === undefined || channel.status === 'dead'
    ? person
    : changed(person, 'channelDied', now, { channels: replacing(person, { ...channel, status: 'dead' }) });
};

const once = <T>(all: readonly T[]): readonly T[] => [...new Set(all)];

export const subscribing = (person: Person, subscriptions: readonly Subscription[], reader: Reader, now: EpochMs): Person =>
  changed(person, 'subscribed', now, {
    ...reader,
    subscriptions: subscriptions.map((each) => ({ ...each, channels: once(each.channels) })),
  });

export const preferring = (person: Person, { channels, topics, ...rest }: Preferences, reader: Reader, now: EpochMs): Person =>
  changed(person, 'preferencesSet', now, { ...reader, preferences: { ...rest, channels: once(channels), topics: once(topics) } });

/** Where somebody is asked in surveys, if they want to hear of them by any way: their home, where they have one. */
export const surveyHome = ({ home, preferences, channels }: Person): DivisionCode | undefined =>
  preferences.topics.includes('surveys') && channels.some(({ id, status }) => status === 'verified' && preferences.channels.includes(id))
    ? home
    : undefined;
