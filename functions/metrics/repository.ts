/** Facts, states and figures in DynamoDB. Every read that something is decided on is consistent: a closed month must not miss a fact. */
import { conditionOn, type Condition, type ConditionFailed, type Database, type Item, type Key, type Write } from '../data/database.ts';
import { allOf } from '../data/pages.ts';
import { ancestorOf, parentOf, type DivisionCode } from '../kernel/division.ts';
import type { Result } from '../kernel/result.ts';
import type { Instant, Month } from '../kernel/time.ts';
import type { Carried, Sums } from './count.ts';
import { asChanges, fromChanges, type Change, type Fact, type State, type Subject } from './life.ts';
import { aboveKey } from './run-repository.ts';
import type { Suppressed } from '../kernel/suppression.ts';
import { metricsTable } from './table.ts';

/** Where the facts of one thing lie, as of one version of it. */
export interface Places extends Item {
  readonly version: number;
  /** `<community>#<month>` → a digest of the fact. */
  readonly places: Readonly<Record<string, string>>;
  readonly requestId: string;
}

/** How far a community, or what lies in a division above them itself, has been counted: written by who counts it, and by nobody else. */
interface LeafState extends Item {
  readonly version: number;
  readonly requestId: string;
  /** The first month that has ever been counted. */
  readonly first: Month;
  /** The last month that had ended when it was counted: what goes on from it is kept. */
  readonly through: Month;
  /** The latest moment that it was counted for. */
  readonly countedAt: Instant;
  /** When it must be looked at next although nothing happens; absent where nothing is to come. */
  readonly due?: Instant | undefined;
}

/**
 * That a month's facts have changed since it was counted. Whoever changes them puts it, without looking, so that any number may at once; who
 * has counted it takes it away, unless it has been put again.
 */
interface Mark extends Item {
  readonly month: Month;
  readonly requestId: string;
}

/** A community, or a division above them for what lies in it itself, of which something is to be counted, or has been. */
export interface Leaf {
  readonly division: DivisionCode;
  readonly state: LeafState | undefined;
  readonly marks: readonly Mark[];
}

/** Which indicators of a figure the public does not see, and why. */
export type Hidden = Readonly<Record<string, Suppressed>>;

export interface Figure extends Item {
  readonly division: DivisionCode;
  readonly month: Month;
  readonly version: number;
  readonly requestId: string;
  readonly revision: number;
  readonly computedAt: Instant;
  /** When a figure last moved that the public sees while the month lasts: `computedAt` would tell of each rating. */
  readonly publicAt?: Instant | undefined;
  readonly sums: Sums;
  /** The revision of which it has been said what is hidden; what has not been judged is not shown. */
  readonly judged?: number | undefined;
  readonly hidden?: Hidden | undefined;
  /** Of a final month: something below has been revised, and it is still to be said what of it is hidden. */
  readonly below?: boolean | undefined;
  /** Of a province that is being judged: indicators of which all that its revision changes is hidden. */
  readonly hides?: readonly string[] | undefined;
}

export interface Closings extends Item {
  readonly version: number;
  readonly requestId: string;
  /** This month and all before it are final. */
  readonly through: Month;
}

/** Months of a province of which it is still to be said what is hidden. */
export interface Unjudged extends Item {
  readonly version: number;
  readonly requestId: string;
  readonly months: readonly Month[];
}

interface StoredFact extends Item, Subject {
  readonly before?: State;
  readonly moments: readonly Change[];
  readonly absent?: true;
}

interface StoredStates extends Item {
  readonly parts: number;
  readonly carried: readonly Carried[];
}

/** States of an item that stays below 400 KB. */
const STATES_IN_ITEM = 1000;

const factKey = ({ community, month, kind, id }: Pick<Fact, 'community' | 'month' | 'kind' | 'id'>): Key => ({
  pk: `FACT#${community}#${month}`,
  sk: `${kind}#${id}`,
});
const subjectKey = ({ kind, id }: Pick<Subject, 'kind' | 'id'>): Key => ({ pk: `SUBJECT#${kind}#${id}`, sk: 'SUBJECT' });
/** A city and a province have a partition each, beside those of the counties. */
const leafKey = (community: DivisionCode): Key => ({ pk: `LEAVES#${ancestorOf(community, 'county')}`, sk: community });
const markKey = (community: DivisionCode, month: Month): Key => ({ pk: leafKey(community).pk, sk: `${community}#${month}` });
const markOf = (community: DivisionCode, month: Month, requestId: string): Mark => ({ ...markKey(community, month), month, requestId });
/** Sorts behind every mark of its division, and before those below it. */
const LAST_MARK = '#9999-99';

/** States and marks of one partition, by division. */
const leavesFrom = (items: readonly (LeafState | Mark)[]): readonly Leaf[] =>
  [...Map.groupBy(items, ({ sk }) => sk.split('#')[0] as DivisionCode)].map(([division, ofLeaf]) => ({
    division,
    state: ofLeaf.find((item): item is LeafState => 'countedAt' in item),
    marks: ofLeaf.filter((item): item is Mark => 'month' in item),
  }));
const statePartition = (community: DivisionCode, month: Month): string => `STATE#${community}#${month}`;
const partKey = (part: number): string => String(part).padStart(3, '0');
const figuresPartition = (parent: DivisionCode | undefined, month: Month): string => `FIGURES#${parent ?? ''}#${month}`;
const figureKey = (division: DivisionCode, month: Month): Key => ({
  pk: figuresPartition(parentOf(division), month),
  sk: division,
});
/** Its own share of a division's figure lies beside its children's, before them. */
const shareKey = (division: DivisionCode, month: Month): Key => ({ pk: figuresPartition(division, month), sk: division });
const isShare = ({ pk, division, month }: Figure): boolean => pk === figuresPartition(division, month);
const revisionKey = (division: DivisionCode, month: Month, revision: number): Key => ({
  pk: `REVISIONS#${division}#${month}`,
  sk: String(revision).padStart(6, '0'),
});
const THROUGH: Key = { pk: 'CLOSINGS', sk: 'THROUGH' };
/** Sorts before `THROUGH`. */
const LAST_MONTH = '9999-99';
const closingKey = (month: Month): Key => ({ pk: THROUGH.pk, sk: month });
const unjudgedKey = (province: DivisionCode): Key => ({ pk: `UNJUDGED#${province}`, sk: 'UNJUDGED' });

/** Its place among those of a thing: `<community>#<month>`. */
export const placeOf = ({ community, month }: Pick<Fact, 'community' | 'month'>): string => `${community}#${month}`;
export const fromPlace = (place: string): Pick<Fact, 'community' | 'month'> => {
  const [community, month] = place.split('#');
  // Made by `placeOf` and by nobody else.
  return { community: community as DivisionCode, month: month as Month };
};

const factFrom = ({ kind, id, confidential, before, moments, absent }: StoredFact, place: Pick<Fact, 'community' | 'month'>): Fact => ({
  kind,
  id,
  confidential,
  ...place,
  before,
  moments: fromChanges(before, moments),
  absent,
});

export const metricsRepository = (database: Database) => {
  const all = <T extends Item>(partition: string, consistent = true): Promise<readonly T[]> =>
    allOf<T>((after) => database.query<T>(metricsTable, { partition, consistent, after }));
  const put = <T extends Item>(item: T, condition?: Condition): Write => ({
    table: metricsTable,
    put: item,
    ...(condition === undefined ? {} : { condition }),
  });

  return {
    write: (writes: readonly Write[]): Promise<Result<void, ConditionFailed>> => database.write(writes),

    places: (subject: Subject): Promise<Places | undefined> => database.read(metricsTable, subjectKey(subject)),
    putsPlaces: (subject: Subject, places: Pick<Places, 'version' | 'places' | 'requestId'>, before: Places | undefined): Write =>
      put({ ...subjectKey(subject), ...places }, conditionOn(before)),

    putsFact: ({ kind, id, confidential, community, month, before, moments, absent }: Fact): Write =>
      put({ ...factKey({ community, month, kind, id }), kind, id, confidential, before, moments: asChanges(before, moments), absent }),
    facts: async (community: DivisionCode, month: Month): Promise<readonly Fact[]> =>
      (await all<StoredFact>(`FACT#${community}#${month}`)).map((stored) => factFrom(stored, { community, month })),
    /** The facts of one thing that lie in these places. */
    factsAt: async (subject: Subject, places: readonly string[]): Promise<readonly Fact[]> => {
      const keys = places.map((place) => factKey({ ...fromPlace(place), ...subject }));
      const stored = await database.readMany<StoredFact>(metricsTable, keys);
      return stored.map((each) => factFrom(each, fromPlace(each.pk.replace('FACT#', ''))));
    },

    leaf: async (community: DivisionCode): Promise<Leaf> => {
      const { pk, sk } = leafKey(community);
      const { items } = await database.query<LeafState | Mark>(metricsTable, {
        partition: pk,
        from: sk,
        to: sk + LAST_MARK,
        consistent: true,
      });
      return leavesFrom(items)[0] ?? { division: community, state: undefined, marks: [] };
    },
    /** All leaves of a county: its communities, and its streets and itself where anything lies in them; of a city or a province only its own. */
    leaves: async (county: DivisionCode): Promise<readonly Leaf[]> => leavesFrom(await all<LeafState | Mark>(`LEAVES#${county}`)),
    putsLeaf: (community: DivisionCode, state: Omit<LeafState, 'pk' | 'sk' | 'version'>, before: LeafState | undefined): Write =>
      put({ ...leafKey(community), ...state, version: (before?.version ?? 0) + 1 }, conditionOn(before)),
    putsMark: (community: DivisionCode, month: Month, requestId: string): Write => put(markOf(community, month, requestId)),
    /** Whether runs know already that there is anything in a city or a province itself. */
    isKnownAbove: async (division: DivisionCode): Promise<boolean> => (await database.find(metricsTable, aboveKey(division))) !== undefined,
    putsAbove: (division: DivisionCode): Write => put({ ...aboveKey(division), division }),
    markOf,
    removesMark: ({ pk, sk, requestId }: Mark): Write => ({
      table: metricsTable,
      remove: { pk, sk },
      condition: { kind: 'unchanged', requestId },
    }),

    states: async (community: DivisionCode, month: Month): Promise<readonly Carried[]> => {
      const parts = await all<StoredStates>(statePartition(community, month));
      return parts.slice(0, parts[0]?.parts ?? 0).flatMap(({ carried }) => carried);
    },
    putsStates: (community: DivisionCode, month: Month, carried: readonly Carried[]): readonly Write[] => {
      const parts = Math.max(1, Math.ceil(carried.length / STATES_IN_ITEM));
      return Array.from({ length: parts }, (_, part) =>
        put({
          pk: statePartition(community, month),
          sk: partKey(part),
          parts,
          carried: carried.slice(part * STATES_IN_ITEM, (part + 1) * STATES_IN_ITEM),
        }),
      );
    },

    figure: (division: DivisionCode, month: Month): Promise<Figure | undefined> => database.read(metricsTable, figureKey(division, month)),
    /** The figures of all children that have one, by code. */
    children: async (parent: DivisionCode | undefined, month: Month): Promise<readonly Figure[]> =>
      (await all<Figure>(figuresPartition(parent, month))).filter((each) => !isShare(each)),
    /** What a division's figure is the sum of: its own share, where anything lies in it itself, and then its children's figures. */
    summands: (parent: DivisionCode, month: Month): Promise<readonly Figure[]> => all(figuresPartition(parent, month)),
    share: (division: DivisionCode, month: Month): Promise<Figure | undefined> => database.read(metricsTable, shareKey(division, month)),
    putsShare: (share: Pick<Figure, 'division' | 'month' | 'sums' | 'computedAt' | 'requestId'>, before: Figure | undefined): Write =>
      put({ ...shareKey(share.division, share.month), ...share, revision: 1, version: (before?.version ?? 0) + 1 }, conditionOn(before)),
    figures: (division: DivisionCode, months: readonly Month[]): Promise<readonly Figure[]> =>
      database.readMany(
        metricsTable,
        months.map((month) => figureKey(division, month)),
      ),
    putsFigure: (figure: Omit<Figure, 'pk' | 'sk' | 'version'>, before: Figure | undefined): Write =>
      put({ ...figureKey(figure.division, figure.month), ...figure, version: (before?.version ?? 0) + 1 }, conditionOn(before)),
    /** Keeps what a newer revision takes the place of. */
    keepsRevision: ({ pk: _pk, sk: _sk, ...figure }: Figure): Write =>
      put({ ...revisionKey(figure.division, figure.month, figure.revision), ...figure }),
    revision: (division: DivisionCode, month: Month, revision: number): Promise<Figure | undefined> =>
      database.find(metricsTable, revisionKey(division, month, revision)),

    closings: (): Promise<Closings | undefined> => database.read(metricsTable, THROUGH),
    /**
     * The same, cheaply, for who only shows figures: one who asks this first, and for the figures only then, sees no figure of a final month
     * from before it was judged.
     */
    findClosings: (): Promise<Closings | undefined> => database.find(metricsTable, THROUGH),
    putsClosing: (through: Month, closedAt: Instant, requestId: string, before: Closings | undefined): readonly Write[] => [
      put({ ...THROUGH, through, requestId, version: (before?.version ?? 0) + 1 }, conditionOn(before)),
      put({ ...closingKey(through), month: through, closedAt }),
    ],
    /** The closing that made a month final: its own, or the first one after it. */
    closing: async (month: Month): Promise<(Item & { readonly closedAt: Instant }) | undefined> => {
      const bounds = { from: month, to: LAST_MONTH };
      return (await database.query<Item & { readonly closedAt: Instant }>(metricsTable, { partition: THROUGH.pk, ...bounds, limit: 1 }))
        .items[0];
    },

    unjudged: (province: DivisionCode): Promise<Unjudged | undefined> => database.read(metricsTable, unjudgedKey(province)),
    putsUnjudged: (province: DivisionCode, months: readonly Month[], requestId: string, before: Unjudged | undefined): Write =>
      put({ ...unjudgedKey(province), months, requestId, version: (before?.version ?? 0) + 1 }, conditionOn(before)),
  };
};

export type MetricsRepository = ReturnType<typeof metricsRepository>;
