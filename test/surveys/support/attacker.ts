/**
 * Somebody who reads all that is stored and streamed, before, during and after, knows the stage's secret and who lives where, and wants to know
 * whose an opened answer is. Each strategy says of a person which answer it takes for theirs; what was theirs is known to the test alone.
 */
import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import { DescribeStreamCommand, GetRecordsCommand, GetShardIteratorCommand, ListStreamsCommand } from '@aws-sdk/client-dynamodb-streams';
import { unmarshall } from '@aws-sdk/util-dynamodb';
import { surveysTable } from '../../../functions/surveys/table.ts';
import type { House } from '../../support/house.ts';

export interface Change {
  readonly key: { readonly pk: string; readonly sk: string };
  readonly image?: Readonly<Record<string, unknown>> | undefined;
  readonly before?: Readonly<Record<string, unknown>> | undefined;
}

/** All changes of the table, in the order of its stream. */
export type Observed = readonly Change[];

const changeOf = (record: {
  readonly dynamodb?: {
    readonly Keys?: Record<string, AttributeValue>;
    readonly NewImage?: Record<string, AttributeValue>;
    readonly OldImage?: Record<string, AttributeValue>;
  };
}): Change => {
  const read = (image: Record<string, AttributeValue> | undefined) => (image === undefined ? undefined : unmarshall(image));
  const { pk, sk } = read(record.dynamodb?.Keys) ?? {};
  return { key: { pk: String(pk), sk: String(sk) }, image: read(record.dynamodb?.NewImage), before: read(record.dynamodb?.OldImage) };
};

/** Every record of the table's stream, in order. */
export const streamed = async (house: Pick<House, 'streams' | 'physicalName'>): Promise<Observed> => {
  const { Streams: streams = [] } = await house.streams.send(new ListStreamsCommand({ TableName: house.physicalName(surveysTable.name) }));
  const changes: Change[] = [];
  for (const { StreamArn: arn } of streams) {
    const { StreamDescription: description } = await house.streams.send(new DescribeStreamCommand({ StreamArn: arn }));
    for (const { ShardId: shard } of description?.Shards ?? []) {
      let iterator = (
        await house.streams.send(new GetShardIteratorCommand({ StreamArn: arn, ShardId: shard, ShardIteratorType: 'TRIM_HORIZON' }))
      ).ShardIterator;
      for (;;) {
        const { Records: records = [], NextShardIterator: next } = await house.streams.send(
          new GetRecordsCommand({ ShardIterator: iterator }),
        );
        changes.push(...records.map((record) => changeOf(record as never)));
        if (records.length === 0 || next === undefined) break;
        iterator = next;
      }
    }
  }
  return changes;
};

/** The id under which an answer is sealed, out of the transaction that does it. */
export const sealedIn = (input: unknown): string | undefined =>
  /"pk":"SEALED#[^}]*?"sk":"([^"]+)"|"sk":"([^"]+)"[^}]*?"pk":"SEALED#/
    .exec(JSON.stringify(input))
    ?.slice(1)
    .find((each) => each !== undefined);

/** A lot as the stream shows it: what was taken away and what was put between two changes of the counts, each in its order. */
export interface SeenLot {
  readonly gone: readonly Change[];
  readonly come: readonly Change[];
}

const isOf = (begins: string, { key }: Change): boolean => key.pk.startsWith(begins);

export const sealedOf = (observed: Observed): readonly Change[] =>
  observed.filter((each) => isOf('SEALED#', each) && each.image !== undefined);
export const openedOf = (observed: Observed): readonly Change[] =>
  observed.filter((each) => isOf('ANSWER#', each) && each.image !== undefined);

/** The engine tells of a transaction's changes in its order; what belongs together lies between answers that come in. */
export const lotsIn = (observed: Observed): readonly SeenLot[] => {
  const lots: { gone: Change[]; come: Change[] }[] = [];
  let lot = { gone: [] as Change[], come: [] as Change[] };
  for (const change of observed) {
    if (isOf('SEALED#', change) && change.image === undefined) lot.gone.push(change);
    else if (isOf('ANSWER#', change)) lot.come.push(change);
    if (isOf('COUNTS#', change) && change.key.sk === 'ALL') {
      lots.push(lot);
      lot = { gone: [], come: [] };
    }
  }
  return lots;
};

/** Of a sealed answer's id the opened one that it is taken for. */
type Guesses = ReadonlyMap<string, string>;
export type Strategy = (observed: Observed) => Guesses;

const idOf = ({ key }: Change): string => key.sk;
const pairs = (ones: readonly Change[], others: readonly Change[]): readonly (readonly [string, string])[] =>
  ones.flatMap((one, index) => {
    const other = others[index];
    return other === undefined ? [] : [[idOf(one), idOf(other)] as const];
  });
const sorted = (changes: readonly Change[], by: (change: Change) => string | number): readonly Change[] =>
  changes.toSorted((a, b) => (by(a) < by(b) ? -1 : 1));
const inLots = (observed: Observed, match: (lot: SeenLot) => readonly (readonly [string, string])[]): Guesses =>
  new Map(lotsIn(observed).flatMap(match));
const sizeOf = ({ image, before }: Change): number => JSON.stringify(image ?? before).length;

export const STRATEGIES: Readonly<Record<string, Strategy>> = {
  /** An opened answer has the id of the sealed one, or some of it. */
  key: (observed) =>
    inLots(observed, ({ gone, come }) =>
      gone.flatMap((one) => {
        const same = come.find((other) => JSON.stringify(other).includes(idOf(one)) || idOf(other).slice(0, 6) === idOf(one).slice(0, 6));
        return same === undefined ? [] : [[idOf(one), idOf(same)] as const];
      }),
    ),
  /** As they went, so they came. */
  order: (observed) => inLots(observed, ({ gone, come }) => pairs(gone, come)),
  /** As they went, so they came, from the other end. */
  'reverse order': (observed) => inLots(observed, ({ gone, come }) => pairs(gone, come.toReversed())),
  /** Who came first was stored first. */
  arrival: (observed) => {
    const arrived = new Map(sealedOf(observed).map((each, index) => [idOf(each), index]));
    return inLots(observed, ({ gone, come }) =>
      pairs(
        sorted(gone, (each) => arrived.get(idOf(each)) ?? 0),
        come,
      ),
    );
  },
  /** Ids keep the order of those that they were made from. */
  ids: (observed) => inLots(observed, ({ gone, come }) => pairs(sorted(gone, idOf), sorted(come, idOf))),
  /** The longest answer was the longest sealed one. */
  size: (observed) => inLots(observed, ({ gone, come }) => pairs(sorted(gone, sizeOf), sorted(come, sizeOf))),
  /** The partition that an answer was sealed in is that in which it is kept. */
  shard: (observed) =>
    inLots(observed, ({ gone, come }) => {
      const shardOf = ({ key }: Change): string => key.pk.split('#').at(-1) ?? '';
      return pairs(sorted(gone, shardOf), sorted(come, shardOf));
    }),
};

/** How many of those who answered are found; `truth` has the words of an answer by the sealed one's id. */
export const found = (observed: Observed, strategy: Strategy, truth: ReadonlyMap<string, string>): number => {
  const words = new Map(openedOf(observed).map((each) => [idOf(each), JSON.stringify(each.image?.['answers'])]));
  return [...strategy(observed)].filter(([sealed, opened]) => words.get(opened)?.includes(`"${truth.get(sealed)}"`) === true).length;
};

/** By how many responses the counts differ from one sight of them to the next. */
export const steps = (numbers: readonly number[]): readonly number[] =>
  numbers.map((each, index) => each - (numbers[index - 1] ?? 0)).filter((each) => each !== 0);
