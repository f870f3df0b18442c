/** A person as the planning of an alert finds them: under each division that they have subscribed to, with all that it takes to tell them. Pure. */
import { ancestorOf, type DivisionCode } from '../kernel/division.ts';
import type { Language } from '../kernel/texts.ts';
import type { Channel } from './channels/channel.ts';
import type { Person, Subscription } from './person.ts';

/** Divisions smaller than a county lie in their county's lists, which are so many each. */
export const SHARDS = 16;

export interface Subscriber {
  /** Of whose channels' fates the person's own item is told. */
  readonly sub: string;
  readonly person: string;
  readonly division: DivisionCode;
  readonly home?: DivisionCode | undefined;
  readonly language: Language;
  /** All of them, so that whoever finds one entry knows of the others: the first that an alert concerns is the one that is told. */
  readonly subscriptions: readonly Subscription[];
  /** The verified ones that subscriptions name. */
  readonly channels: readonly Pick<Channel, 'id' | 'kind' | 'address'>[];
}

/** Summed over the whole key: one character of base 32 does not spread evenly over 16 lists, the alphabet having gaps. */
const shardOf = (person: string): number => Array.from(person).reduce((sum, each) => sum + (each.codePointAt(0) ?? 0), 0) % SHARDS;

/** Of the lists that subscribers of a division lie in: `<county, city or province>#<0 to 15 in hexadecimal>`. */
export const listOf = (division: DivisionCode, person: string): string => listIn(regionOf(division), shardOf(person));
export const listIn = (region: DivisionCode, shard: number): string => `${region}#${shard.toString(16)}`;

/** The division whose lists its subscribers lie in. */
export const regionOf = (division: DivisionCode): DivisionCode => ancestorOf(division, 'county');

/** The entries of a person: one for each division, where there is a channel to tell them by. */
export const subscribersOf = ({ sub, key, home, language, subscriptions, channels }: Person): readonly Subscriber[] => {
  const usable = new Set(channels.filter(({ status }) => status === 'verified').map(({ id }) => id));
  const kept = subscriptions
    .map((each) => ({ ...each, channels: each.channels.filter((id) => usable.has(id)) }))
    .filter((each) => each.channels.length > 0);
  const named = new Set(kept.flatMap((each) => each.channels));
  const addresses = channels.filter(({ id }) => named.has(id)).map(({ id, kind, address }) => ({ id, kind, address }));
  return [...new Set(kept.map(({ division }) => division))].map((division) => ({
    sub,
    person: key,
    division,
    ...(home === undefined ? {} : { home }),
    language,
    subscriptions: kept,
    channels: addresses,
  }));
};
