/** Runs and their pieces, as they are stored. */
import { conditionOn, type Condition, type Database, type Item, type Key, type Write } from '../data/database.ts';
import { allOf } from '../data/pages.ts';
import type { DivisionCode } from '../kernel/division.ts';
import type { Instant, Month } from '../kernel/time.ts';
import { metricsTable } from './table.ts';

const LAST = '\uffff';

export type PieceLevel = 'county' | 'city' | 'province';
type ScheduleName = 'monthlyMetrics' | 'metricsRefresh';

export interface Wanted {
  readonly schedule: ScheduleName;
  /** The moment that it is for. */
  readonly scheduledTime: Instant;
  /** The month that is final when it ends. */
  readonly closes?: Month | undefined;
}

export interface RunState extends Wanted {
  readonly id: string;
  readonly status: 'planning' | 'working' | 'done' | 'givenUp';
  readonly pieces: number;
  /** The run that was given up for this one: what its pieces have changed is summed up here. */
  readonly adopts?: string | undefined;
}

interface Current extends Item {
  readonly version: number;
  readonly requestId: string;
  readonly run: RunState;
  readonly waiting?: Wanted | undefined;
}

export interface Piece extends Item {
  readonly version: number;
  readonly change: 'waiting' | 'planned' | 'summed' | 'done';
  readonly changedAt: string;
  readonly requestId: string;
  readonly run: string;
  readonly level: PieceLevel;
  readonly division: DivisionCode;
  /** Months whose figures may have changed in it. */
  readonly months: readonly Month[];
  /** Of a city or a province: something that lies in it itself is to be counted, too. */
  readonly own?: boolean | undefined;
  readonly expiresAt: number;
}

const CURRENT: Key = { pk: 'RUNS', sk: 'CURRENT' };

const ABOVE = 'ABOVE#';
/** That something lies in a city or a province itself; sorts before the run, to be read with it. */
export const aboveKey = (division: DivisionCode): Key => ({ pk: CURRENT.pk, sk: `${ABOVE}${division}` });

const pieceKey = (run: string, level: PieceLevel, division: DivisionCode | ''): Key => ({
  pk: `PIECES#${run}`,
  sk: `${level}#${division}`,
});

/** A run and its pieces in DynamoDB. */
export const runRepository = (database: Database) => {
  const put = <T extends Item>(item: T, condition?: Condition): Write => ({
    table: metricsTable,
    put: item,
    ...(condition === undefined ? {} : { condition }),
  });
  return {
    write: database.write,
    current: (): Promise<Current | undefined> => database.read(metricsTable, CURRENT),
    /** The same, and every city and province in which anything lies itself. */
    async currentAndAbove(): Promise<{ readonly current: Current | undefined; readonly above: readonly DivisionCode[] }> {
      const items = await allOf<Item>((after) =>
        database.query<Item>(metricsTable, { partition: CURRENT.pk, from: ABOVE, to: CURRENT.sk, consistent: true, after }),
      );
      return {
        current: items.find((item): item is Current => item.sk === CURRENT.sk),
        above: items.flatMap(({ sk }) => (sk.startsWith(ABOVE) ? [sk.slice(ABOVE.length) as DivisionCode] : [])),
      };
    },
    putsCurrent: (current: Pick<Current, 'run' | 'waiting'>, before: Current | undefined): Write =>
      put(
        { ...CURRENT, ...current, requestId: `${current.run.id}#${current.run.status}`, version: (before?.version ?? 0) + 1 },
        conditionOn(before),
      ),
    /** Holds a transaction to the run's being as it was read. */
    stands: ({ version }: Current): Write => ({ table: metricsTable, check: CURRENT, condition: { kind: 'version', version } }),
    /** Kept for who looks back. */
    log: async (run: RunState, expiresAt: number): Promise<void> => {
      await database.write([put({ pk: CURRENT.pk, sk: `RUN#${run.id}`, run, expiresAt })]);
    },
    /** The newest runs, newest first. */
    newest: async (limit: number): Promise<readonly RunState[]> =>
      (
        await database.query<Item & { run: RunState }>(metricsTable, { partition: CURRENT.pk, from: 'RUN#', newestFirst: true, limit })
      ).items.map(({ run }) => run),
    /** Pieces of a level within a division, or all of that level. */
    async pieces(run: string, level: PieceLevel, within: DivisionCode | '' = ''): Promise<readonly Piece[]> {
      const { pk, sk } = pieceKey(run, level, within);
      return allOf<Piece>((after) =>
        database.query<Piece>(metricsTable, { partition: pk, from: sk, to: sk + LAST, consistent: true, after }),
      );
    },
    piece: (run: string, level: PieceLevel, division: DivisionCode): Promise<Piece | undefined> =>
      database.read(metricsTable, pieceKey(run, level, division)),
    putsPiece: (piece: Omit<Piece, 'pk' | 'sk' | 'version' | 'requestId'>, before: Piece | undefined): Write => {
      const version = (before?.version ?? 0) + 1;
      return put(
        { ...pieceKey(piece.run, piece.level, piece.division), ...piece, version, requestId: `${piece.run}#${version}` },
        conditionOn(before),
      );
    },
  };
};

export type RunRepository = ReturnType<typeof runRepository>;
