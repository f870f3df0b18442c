/** Whom an alert is told to, and by what. Pure. */
import type { Aim, AlertMessage } from '../../alerts/alert.ts';
import { isAtLeast, UNKNOWN_COLOUR } from '../../kernel/colour.ts';
import { concernedBy, type DivisionCode } from '../../kernel/division.ts';
import type { Subscriber } from '../subscriber.ts';

/** Where an alert holds and how grave it is; and by what it is told, where that is more. */
export type Aimed = Pick<AlertMessage, 'cover' | 'colour' | 'aim'>;

export const aimOf = ({ cover, colour, aim = { cover, colour } }: Aimed): Aim => aim;

/** What of a subscriber's entry says whether it tells. */
export type Aimable = Pick<Subscriber, 'division' | 'home' | 'subscriptions'>;

export interface Target {
  /** Under which they are counted: the home community, where there is none the division that they have subscribed to. */
  readonly community: DivisionCode;
  /** Ids of the channels that their matching subscriptions name. */
  readonly channels: readonly string[];
}

/**
 * Tells of entries whether an alert is told by them: one of a person's subscriptions is for a division at, above or within what it is aimed at, and
 * for that colour or a milder one. Of several entries of one person the one of the smallest such division tells, by the channels of all that match.
 */
export const targeting = (aimed: Aimed): ((entry: Aimable) => Target | undefined) => {
  const { cover, colour = UNKNOWN_COLOUR } = aimOf(aimed);
  const isConcerned = concernedBy(cover);
  // Entries come in order of their divisions, which are few beside them.
  const known = new Map<DivisionCode, boolean>();
  const concerns = (division: DivisionCode): boolean => {
    const before = known.get(division);
    if (before !== undefined) return before;
    const found = isConcerned(division);
    known.set(division, found);
    return found;
  };
  return ({ division, home, subscriptions }) => {
    const matching = subscriptions.filter((each) => isAtLeast(colour, each.minimumColour) && concerns(each.division));
    const first = matching.reduce<DivisionCode | undefined>(
      (least, each) => (least === undefined || each.division < least ? each.division : least),
      undefined,
    );
    if (first !== division) return undefined;
    const channels = matching.length === 1 ? (matching[0]?.channels ?? []) : [...new Set(matching.flatMap((each) => each.channels))];
    return { community: home ?? division, channels };
  };
};
