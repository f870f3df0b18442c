/** Answers to alerts and their sums, in DynamoDB. */
import { conditionOn, type ConditionFailed, type Database, type Key, type Write } from '../../data/database.ts';
import type { Bite } from '../../data/merge.ts';
import { ancestorOf, type DivisionCode } from '../../kernel/division.ts';
import type { Result } from '../../kernel/result.ts';
import { alertsTable } from '../table.ts';
import { sumsOf, type Acknowledgement, type Answer } from './acknowledgement.ts';

const table = alertsTable;
/** A county could take 2,000 answers a second. */
const COUNTY_SHARDS = 2;
/**
 * Lists of an alert's sums. One takes 500 transactions a second, and all who answer add to one of them; a community's lie in four, so that
 * neighbours who answer at once seldom meet.
 */
const SUM_SHARDS = 16;
const SHARDS_OF_A_COMMUNITY = 4;

const keyOf = (id: string): Key => ({ pk: `ACK#${id}`, sk: 'ACK' });
/** By the characters' own order, which ids draw by chance. */
const spread = (text: string, shards: number): number => {
  let sum = 0;
  for (let index = 0; index < text.length; index++) sum = (sum * 31 + text.charCodeAt(index)) >>> 0;
  return sum % shards;
};
const sumPartition = (alert: string, shard: number): string => `ANSWERS#${alert}#${shard}`;
const sumKey = ({ alert, id }: Acknowledgement, community: DivisionCode): Key => ({
  pk: sumPartition(alert, (spread(community, SUM_SHARDS) + spread(id, SHARDS_OF_A_COMMUNITY)) % SUM_SHARDS),
  sk: community,
});

const listOf = (alert: string, county: DivisionCode, state: Answer, shard: number): string => `${alert}#${county}#${state}#${shard}`;

/** What a list shows of an answer. */
export type AnswerEntry = Pick<Acknowledgement, 'id' | 'alert' | 'status' | 'state' | 'community' | 'channel' | 'changedAt' | 'request'> &
  Key & { readonly answerAt: string };

interface StoredSum extends Key {
  readonly sk: DivisionCode;
  readonly safe?: number;
  readonly needHelp?: number;
}

/** Part of what a community has answered. */
export interface AnswerSum {
  readonly community: DivisionCode;
  readonly safe: number;
  readonly needHelp: number;
}

/** Answers of one kind in one half of a county, by community, in each the newest last. */
export interface AnswerList {
  readonly partition: string;
}

export const acknowledgementRepository = (database: Database) => ({
  /** As they are now. */
  readMany: (ids: readonly string[]): Promise<readonly Acknowledgement[]> =>
    database.readMany<Acknowledgement & Key>(table, ids.map(keyOf)),
  read: (id: string): Promise<Acknowledgement | undefined> => database.read<Acknowledgement & Key>(table, keyOf(id)),
  find: (id: string): Promise<Acknowledgement | undefined> => database.find<Acknowledgement & Key>(table, keyOf(id)),

  /** The answer first, then what it adds to the sums of its communities. */
  puts: (after: Acknowledgement, before: Acknowledgement | undefined, requestId: string): readonly Write[] => {
    const item = {
      ...after,
      ...keyOf(after.id),
      requestId,
      answerKey: listOf(after.alert, ancestorOf(after.community, 'county'), after.state, spread(after.id, COUNTY_SHARDS)),
      answerAt: `${after.community}#${after.changedAt}#${after.id}`,
    };
    return [
      { table, put: item, condition: conditionOn(before) },
      ...sumsOf(before, after).map(({ community, amounts }): Write => ({ table, add: sumKey(after, community), amounts })),
    ];
  },
  write: (writes: readonly Write[]): Promise<Result<void, ConditionFailed>> => database.write(writes),

  /** The lists in which the answers of a county stand. */
  lists: (alert: string, county: DivisionCode, states: readonly Answer[]): readonly AnswerList[] =>
    states.flatMap((state) => Array.from({ length: COUNTY_SHARDS }, (_, shard) => ({ partition: listOf(alert, county, state, shard) }))),
  entries: async ({ partition }: AnswerList, limit: number, within: DivisionCode, to: string | undefined): Promise<Bite<AnswerEntry>> => {
    const page = await database.query<AnswerEntry>(table, {
      index: 'byAnswer',
      partition,
      newestFirst: true,
      limit,
      from: within,
      to: to ?? `${within}~`,
    });
    return { items: page.items, more: page.after !== undefined };
  },

  /** The sums of an alert, each part of them by itself. */
  async sums(alert: string): Promise<readonly AnswerSum[]> {
    const parts = await Promise.all(
      Array.from({ length: SUM_SHARDS }, async (_, shard) => {
        const found: AnswerSum[] = [];
        let after: Record<string, unknown> | undefined;
        do {
          const page = await database.query<StoredSum>(table, { partition: sumPartition(alert, shard), after });
          found.push(...page.items.map(({ sk: community, safe = 0, needHelp = 0 }) => ({ community, safe, needHelp })));
          after = page.after;
        } while (after !== undefined);
        return found;
      }),
    );
    return parts.flat();
  },
});
