/** Surveys in DynamoDB. */
import { conditionOn, type ConditionFailed, type Database, type Item, type Key, type Page, type Write } from '../data/database.ts';
import { allOf } from '../data/pages.ts';
import type { Bite } from '../data/merge.ts';
import type { DivisionCode } from '../kernel/division.ts';
import { listingsOf } from '../kernel/listings.ts';
import type { Result } from '../kernel/result.ts';
import type { Instant } from '../kernel/time.ts';
import type { Counts } from './counts.ts';
import type { Answers, ResponseChannel } from './question.ts';
import type { GroupResult, Results } from './results.ts';
import { commonDivision, shardsOf, type Survey } from './survey.ts';
import { surveysTable } from './table.ts';

/** Which list of surveys: those that may be answered or will be, those that are being made, and those that have ended and have results. */
export type ListKind = 'open' | 'draft' | 'closed';

/** What a list tells of a survey: of all that it has, little. */
export type SurveySummary = Pick<Survey, 'id' | 'title' | 'audience' | 'mode' | 'publishedAt' | 'opensAt' | 'closesAt' | 'closedAt'>;

export interface ListEntry extends Key, SurveySummary {
  readonly cover: readonly DivisionCode[];
}

/** A survey that is not counted to the end yet, by when it ends. */
export interface ToCount extends Key {
  readonly survey: string;
  readonly opensAt: Instant;
}

/** The name of a key that is being made, and for which survey. */
export interface KeyName {
  readonly survey: string;
  readonly keyName: string;
  readonly createdAt: Instant;
}

/** That somebody has answered, and nothing of who. */
export interface Marker {
  /** Of the key under which it was sent, if it was. */
  readonly repeatHash?: string | undefined;
}

export interface Code {
  readonly community: DivisionCode;
}

/** A response that waits to be counted. */
export type Waiting =
  | { readonly sk: string; readonly sealed: string }
  | {
      readonly sk: string;
      readonly answers: Answers;
      readonly community: DivisionCode;
      readonly channel: ResponseChannel;
      readonly sub?: string | undefined;
      readonly enteredBy?: string | undefined;
      readonly at: Instant;
    };

/** A response that has been counted; `place` instead of community and channel where nobody is to be found by them. */
export interface Opened {
  readonly sk: string;
  readonly answers: Answers;
  readonly place?: string | undefined;
  readonly community?: DivisionCode | undefined;
  readonly channel?: ResponseChannel | undefined;
  readonly sub?: string | undefined;
  readonly enteredBy?: string | undefined;
  readonly at?: Instant | undefined;
}

export interface CountsItem {
  readonly counts: Counts;
  readonly version: number;
}

/** What of a community's answers the satisfaction rate is made of. */
export interface SurveyCount {
  readonly survey: string;
  readonly community: DivisionCode;
  readonly closedAt: Instant;
  readonly satisfied: number;
  readonly answered: number;
}

/** Where among the opened responses one stands. */
export interface OpenedPlace {
  readonly shard: number;
  readonly after?: Page<Key>['after'];
}
export interface OpenedPage {
  readonly items: readonly Opened[];
  readonly next: OpenedPlace | undefined;
}

/** Figures of all that was answered, without groups. */
export type WholeResults = Omit<Results, 'by'>;
/** In what ways results are grouped. */
export const WAYS = ['community', 'channel'] as const;
export type Way = (typeof WAYS)[number];

type Stored<T> = T & Key;

const surveyKey = (id: string): Key => ({ pk: `SURVEY#${id}`, sk: 'SURVEY' });
const TALLY = 'TALLY';
/** Where sort keys begin with a moment in UTC, those of up to it come before this. */
export const endingBy = (until: Instant): string => `${until}~`;
const tallyKey = ({ id, closesAt, closedAt = closesAt }: Survey): Key => ({ pk: TALLY, sk: `${closedAt}#${id}` });
const tallyEntry = (survey: Survey): Write => ({
  table: surveysTable,
  put: item(tallyKey(survey), { survey: survey.id, opensAt: survey.opensAt }),
});
const KEYS = 'KEYS';
const keyNameKey = ({ keyName, createdAt }: KeyName): Key => ({ pk: KEYS, sk: `${createdAt}#${keyName}` });
const markerKey = (hash: string): Key => ({ pk: `MARKER#${hash}`, sk: 'MARKER' });
const codeKey = (hash: string): Key => ({ pk: `CODE#${hash}`, sk: 'CODE' });
const countsKey = (id: string): Key => ({ pk: `COUNTS#${id}`, sk: 'ALL' });
const surveyCountKey = ({ survey, community }: Pick<SurveyCount, 'survey' | 'community'>): Key => ({
  pk: `COUNTS#${survey}#community#${community}`,
  sk: 'COUNT',
});
const resultsPartition = (id: string): string => `RESULTS#${id}`;
const WHOLE = 'ALL';
/** Characters of JSON in which groups are told at once: what Lambda answers with ends at 6 MB, the whole included. */
const MOST_RESULTS = 3_000_000;
const listPartition = (kind: ListKind, list: string): string => `LIST#${kind}#${list}`;
const listSort = ({ opensAt, id }: Pick<Survey, 'opensAt' | 'id'>): string => `${opensAt}#${id}`;
const gateKey = (id: string, shard: number): Key => ({ pk: `GATE#${id}#${shard}`, sk: 'GATE' });
const RANDOM_PART = 6;

/** Where something lies among a survey's shards: its id is random. */
const shardOf = (survey: Survey, id: string): number => {
  let mixed = 0;
  for (const character of id.slice(0, RANDOM_PART)) mixed = (mixed * 33 + character.charCodeAt(0)) >>> 0;
  return mixed % shardsOf(survey);
};
const waitingPartition = (id: string, shard: number): string => `SEALED#${id}#${shard}`;
const openedPartition = (id: string, shard: number): string => `ANSWER#${id}#${shard}`;

/** With what is kept under a key. */
const item = (key: Key, kept: object): Item => ({ ...kept, pk: key.pk, sk: key.sk });

/** It is there. */
const there = ({ sk }: Key) => ({ kind: 'holds', equal: { sk } }) as const;
const removal = (key: Key): Write => ({ table: surveysTable, remove: { pk: key.pk, sk: key.sk }, condition: there(key) });

/** The lists that a survey is in. A draft that reaches beyond one province is in that of the whole country alone. */
const entriesOf = (survey: Survey, kind: ListKind): readonly ListEntry[] => {
  const common = commonDivision(survey);
  const cover = kind === 'draft' ? (common === undefined ? [] : [common]) : survey.audience.divisions;
  const { id, title, audience, mode, publishedAt, opensAt, closesAt, closedAt } = survey;
  const summary: SurveySummary = { id, title, audience, mode, publishedAt, opensAt, closesAt, closedAt };
  return listingsOf(cover).map(({ list, cover: part }) => ({
    ...summary,
    pk: listPartition(kind, list),
    sk: listSort(survey),
    cover: part,
  }));
};

export const surveyRepository = (database: Database) => {
  const shardsFrom = (survey: Survey): readonly number[] => Array.from({ length: shardsOf(survey) }, (_, shard) => shard);
  /** Opened responses of one shard from a place on, up to so many, or a megabyte; and where the next begin. */
  const openedPage = async (survey: Survey, { shard, after }: OpenedPlace, limit?: number): Promise<OpenedPage> => {
    const page = await database.query<Stored<Opened>>(surveysTable, {
      partition: openedPartition(survey.id, shard),
      consistent: true,
      after,
      ...(limit === undefined ? {} : { limit }),
    });
    const following = shard + 1 < shardsOf(survey) ? { shard: shard + 1 } : undefined;
    return { items: page.items, next: page.after === undefined ? following : { shard, after: page.after } };
  };

  return {
    find: (id: string): Promise<Survey | undefined> => database.find<Stored<Survey>>(surveysTable, surveyKey(id)),
    read: (id: string): Promise<Survey | undefined> => database.read<Stored<Survey>>(surveysTable, surveyKey(id)),

    /** Writes it unless somebody else has changed it since `before` was read. */
    puts: (survey: Survey, before: Survey | undefined, requestId: string): Write => ({
      table: surveysTable,
      put: item(surveyKey(survey.id), { ...survey, requestId }),
      condition: conditionOn(before),
    }),
    /** Puts it into lists and takes it out of those in which it was. */
    lists: (
      survey: Survey | undefined,
      kind: ListKind,
      before?: { readonly survey: Survey; readonly kind: ListKind },
    ): readonly Write[] => {
      const now = survey === undefined ? [] : entriesOf(survey, kind);
      const were = before === undefined ? [] : entriesOf(before.survey, before.kind);
      const isIn = (all: readonly ListEntry[], { pk, sk }: Key): boolean => all.some((each) => each.pk === pk && each.sk === sk);
      return [...were.filter((each) => !isIn(now, each)).map(removal), ...now.map((put): Write => ({ table: surveysTable, put }))];
    },
    entries: async (kind: ListKind, list: string, limit: number, to: string | undefined): Promise<Bite<ListEntry>> => {
      const page = await database.query<ListEntry>(surveysTable, {
        partition: listPartition(kind, list),
        newestFirst: true,
        limit,
        ...(to === undefined ? {} : { to }),
      });
      return { items: page.items, more: page.after !== undefined };
    },

    /** From its publication until it is counted to the end. */
    putsTally: tallyEntry,
    /** It ends at another moment than it would have. */
    movesTally: (survey: Survey, before: Survey): readonly Write[] =>
      tallyKey(survey).sk === tallyKey(before).sk ? [] : [removal(tallyKey(before)), tallyEntry(survey)],
    removesTally: (survey: Survey): Write => removal(tallyKey(survey)),
    /** All that are not counted to the end, whichever ends first before the others. */
    toCount: (): Promise<readonly ToCount[]> =>
      allOf<ToCount>((after) => database.query<ToCount>(surveysTable, { partition: TALLY, after, consistent: true })),

    /** From before a key is made until its survey names it: what is left of it is the name of a key that nobody needs. */
    putsKeyName: (name: KeyName): Write => ({ table: surveysTable, put: item(keyNameKey(name), name) }),
    removesKeyName: (name: KeyName): Write => removal(keyNameKey(name)),
    /** Names from up to that moment. */
    keyNames: async (until: Instant): Promise<readonly KeyName[]> =>
      (await database.query<Stored<KeyName>>(surveysTable, { partition: KEYS, to: endingBy(until), consistent: true })).items,

    findMarker: async (hashes: readonly string[]): Promise<Marker | undefined> =>
      (await database.readMany<Stored<Marker>>(surveysTable, hashes.map(markerKey)))[0],
    putsMarker: (hash: string, marker: Marker): Write => ({
      table: surveysTable,
      put: item(markerKey(hash), marker),
      condition: { kind: 'absent' },
    }),
    /** Nobody has answered under it. */
    checksMarker: (hash: string): Write => ({ table: surveysTable, check: markerKey(hash), condition: { kind: 'absent' } }),

    findCode: async (hashes: readonly string[]): Promise<Code | undefined> =>
      (await database.readMany<Stored<Code>>(surveysTable, hashes.map(codeKey)))[0],
    putsCode: (hash: string, code: Code): Write => ({
      table: surveysTable,
      put: item(codeKey(hash), code),
      condition: { kind: 'absent' },
    }),

    putsWaiting: (survey: Survey, waiting: Waiting): Write => ({
      table: surveysTable,
      put: { ...waiting, pk: waitingPartition(survey.id, shardOf(survey, waiting.sk)) },
      condition: { kind: 'absent' },
    }),
    /** Its shard still takes answers. */
    checksGate: (survey: Survey, id: string): Write => ({
      table: surveysTable,
      check: gateKey(survey.id, shardOf(survey, id)),
      condition: { kind: 'absent' },
    }),
    /** From here on no answer comes in, also none that is under way. */
    closesGates: (survey: Survey): readonly Write[] =>
      shardsFrom(survey).map((shard) => ({ table: surveysTable, put: gateKey(survey.id, shard) })),
    /** Up to so many that wait, of all shards from one on. */
    waiting: async (survey: Survey, from: number, most: number): Promise<readonly Waiting[]> => {
      const found: Waiting[] = [];
      const shards = shardsFrom(survey);
      for (const offset of shards) {
        let after: Page<Key>['after'];
        do {
          const page = await database.query<Stored<Waiting>>(surveysTable, {
            partition: waitingPartition(survey.id, (from + offset) % shards.length),
            limit: most - found.length,
            consistent: true,
            after,
          });
          found.push(...page.items);
          after = page.after;
        } while (after !== undefined && found.length < most);
        if (found.length >= most) break;
      }
      return found;
    },
    removesWaiting: (survey: Survey, { sk }: Waiting): Write => removal({ pk: waitingPartition(survey.id, shardOf(survey, sk)), sk }),

    putsOpened: (survey: Survey, opened: Opened): Write => ({
      table: surveysTable,
      put: { ...opened, pk: openedPartition(survey.id, shardOf(survey, opened.sk)) },
      condition: { kind: 'absent' },
    }),
    openedPage,
    /** Every opened response from a place on, a page at a time, each with where the next begins. */
    async *opened(survey: Survey, from: OpenedPlace = { shard: 0 }): AsyncGenerator<OpenedPage> {
      for (let place: OpenedPlace | undefined = from; place !== undefined;) {
        const page: OpenedPage = await openedPage(survey, place);
        yield page;
        place = page.next;
      }
    },
    /** One response, counted or not yet. */
    async response(survey: Survey, id: string): Promise<Opened | Waiting | undefined> {
      const shard = shardOf(survey, id);
      // Counting takes it from the first to the second in one step, so whoever is not in the first has come to the second.
      return (
        (await database.read<Stored<Waiting>>(surveysTable, { pk: waitingPartition(survey.id, shard), sk: id })) ??
        (await database.read<Stored<Opened>>(surveysTable, { pk: openedPartition(survey.id, shard), sk: id }))
      );
    },

    readCounts: (id: string): Promise<CountsItem | undefined> => database.read<Stored<CountsItem>>(surveysTable, countsKey(id)),
    putsCounts: (id: string, counts: Counts, before: CountsItem | undefined): Write => ({
      table: surveysTable,
      put: item(countsKey(id), { counts, version: (before?.version ?? 0) + 1 }),
      condition: conditionOn(before),
    }),

    putsResults: (id: string, results: WholeResults): Write => ({
      table: surveysTable,
      put: item({ pk: resultsPartition(id), sk: WHOLE }, { results }),
    }),
    putsGroup: (id: string, way: Way, results: GroupResult): Write => ({
      table: surveysTable,
      put: item({ pk: resultsPartition(id), sk: `${way}#${results.key}` }, { results }),
    }),
    readResults: async (id: string): Promise<WholeResults | undefined> =>
      (await database.read<Stored<{ readonly results: WholeResults }>>(surveysTable, { pk: resultsPartition(id), sk: WHOLE }))?.results,
    /** Groups whose key begins so, in order, after one of them; up to so many, or as many as fit {@link MOST_RESULTS}, and one at least. */
    groups: async (
      id: string,
      way: Way,
      begins: string,
      after: string | undefined,
      limit: number,
    ): Promise<{ readonly groups: readonly GroupResult[]; readonly more: boolean }> => {
      const found: GroupResult[] = [];
      const to = `${way}#${begins}~`;
      let characters = 0;
      let from = after === undefined || after < begins ? `${way}#${begins}` : `${way}#${after}!`;
      for (;;) {
        // Whoever goes on after the last of a division finds no more of it.
        if (from > to) return { groups: found, more: false };
        const page = await database.query<Stored<{ readonly results: GroupResult }>>(surveysTable, {
          partition: resultsPartition(id),
          from,
          to,
          limit: limit - found.length,
        });
        for (const { results } of page.items) {
          characters += JSON.stringify(results).length;
          if (found.length > 0 && characters > MOST_RESULTS) return { groups: found, more: true };
          found.push(results);
        }
        const last = found.at(-1)?.key;
        if (page.after === undefined || last === undefined) return { groups: found, more: false };
        if (found.length >= limit) return { groups: found, more: true };
        from = `${way}#${last}!`;
      }
    },

    putsSurveyCount: (count: SurveyCount, requestId: string): Write => ({
      table: surveysTable,
      put: item(surveyCountKey(count), {
        ...count,
        countedIn: count.community,
        version: 1,
        change: 'closed',
        changedAt: count.closedAt,
        requestId,
      }),
    }),
    /** What all surveys have counted in a community. */
    surveyCounts: (community: DivisionCode, after: Page<Key>['after']): Promise<Page<Stored<SurveyCount & { readonly version: number }>>> =>
      database.query<Stored<SurveyCount & { readonly version: number }>>(surveysTable, { index: 'byCounted', partition: community, after }),

    write: (writes: readonly Write[]): Promise<Result<void, ConditionFailed>> => database.write(writes),
  };
};

export type SurveyRepository = ReturnType<typeof surveyRepository>;
