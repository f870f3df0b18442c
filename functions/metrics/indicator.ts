/** What an indicator is, and what it is counted from. A new one is a file in `sources/` and its line in `sources.ts`. */
import type { Database } from '../data/database.ts';
import { levelOf, type DivisionCode } from '../kernel/division.ts';
import type { Texts } from '../kernel/texts.ts';
import type { Instant, Month } from '../kernel/time.ts';
import type { Life, State } from './life.ts';

/** The month that is counted, as far as it has gone. */
export interface Period {
  readonly month: Month;
  /** Its first moment, and the first that is no longer in it. */
  readonly start: Instant;
  readonly end: Instant;
  /** The end, or the moment that it is counted for where that comes before. */
  readonly until: Instant;
}

/** What one thing adds; a count has no denominator. */
export interface Count {
  readonly numerator: number;
  readonly denominator: number;
}

export const UNITS = ['count', 'ratio', 'fen'] as const;
export type Unit = (typeof UNITS)[number];

export interface Indicator<S extends State = State> {
  /** lowerCamelCase, stable: clients name it. */
  readonly id: string;
  readonly names: Texts;
  readonly definition: Texts;
  /** In words; a count has no denominator. */
  readonly numerator: Texts;
  readonly denominator: Texts | null;
  readonly unit: Unit;
  /** What is aimed at, where a source says so. */
  readonly target?: number;
  /** Where it is aimed at, if not everywhere. */
  readonly targetIn?: 'largeCities';
  /**
   * A part of all communities in use: one in which anything adds to it is 1, however much does, unless a thing there says that none of it counts.
   * Of what it is a part, is counted by streets.
   */
  readonly ofCommunities?: { readonly barredBy: (state: S) => boolean };
  /** Where the definition comes from. */
  readonly source: Texts;
  /** Concerns residents: few of them could be recognised, so small figures are hidden from the public. */
  readonly sensitive: boolean;
  /** The indicator whose public figure is this one's denominator. */
  readonly denominatorOf?: string;
  /** An indicator before this one in its source: where that is hidden, so is this one, which would tell how many it is made of. */
  readonly hiddenWith?: string;
  /** What a thing that stood so at `until` adds; undefined where it adds nothing. */
  readonly count: (state: S, period: Period) => Count | undefined;
}

/** One kind of thing that happens in divisions, where it is told of, and the indicators that are counted from it. */
interface SourceSpec<S extends State, Image, Kind extends string> {
  /** The kind of its facts: `request`. */
  readonly kind: Kind;
  /** How its records are named in the interface: `requests/<id>`. */
  readonly path: string;
  /** Where they lie: in communities, unless it is said that a street, a county, a city or a province may have some of its own. */
  readonly levels?: 'community' | 'any';
  /** The event types after which it may stand otherwise than before. */
  readonly on: readonly string[];
  readonly life: (image: Image) => Life<S>;
  /** Whether it may count in a month in which nothing happens to it. */
  readonly isAlive: (state: S, end: Instant) => boolean;
  /** Its life as it is now, where events carry no more than which thing has changed; none where it is there no more, and what was counted stands. */
  readonly read?: (database: Database, changed: { readonly id: string }) => Promise<Life<S> | undefined>;
  /** Moments after which it may count otherwise, although nothing happens to it. */
  readonly deadlines: (state: S, period: Period) => readonly Instant[];
  readonly indicators: readonly Indicator<S>[];
}

/**
 * What may lie above communities is never hidden: what is hidden is worked out from every figure being the sum of those below it, and a
 * division's own share would be the difference.
 */
type Source<S extends State, Image, Kind extends string> = SourceSpec<S, Image, Kind> &
  (
    | { readonly levels?: 'community' }
    | { readonly levels: 'any'; readonly indicators: readonly (Indicator<S> & { readonly sensitive: false })[] }
  );

/** A source whose state is known to itself alone. */
export type SourceOf<Kind extends string, Image> = SourceSpec<State, Image, Kind>;
/** And whose image, as well. */
export type AnySource<Kind extends string = string> = SourceOf<Kind, never>;

/** Whether things of a source may lie in a division. */
export const mayLieIn = ({ levels }: AnySource, division: DivisionCode): boolean => levels === 'any' || levelOf(division) === 'community';

/** Declares a source. Its functions are only ever given what its own `life` has made. */
export const source = <S extends State, Image, const Kind extends string>(spec: Source<S, Image, Kind>): SourceOf<Kind, Image> =>
  spec as unknown as SourceOf<Kind, Image>;

/** One in `count` of a rate: part or whole. */
export const rate = (counts: boolean): Count => ({ numerator: counts ? 1 : 0, denominator: 1 });
/** One of a count. */
export const ONE: Count = { numerator: 1, denominator: 0 };

export const isWithin = (at: Instant | undefined, { start, end }: Period): boolean => at !== undefined && at >= start && at < end;
