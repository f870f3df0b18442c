/**
 * A run of a schedule, split into pieces: each county with something to count, then the cities and provinces above them, or with something of
 * their own to count, each when all below it is done. Pieces are items, told of by the table's own relay, so that they are worked on in
 * parallel, tried again and parked as every event is. One run at a time; what has to wait begins when the one before ends.
 */
import type { Runtime } from '../data/runtime.ts';
import { divisionsReader, type DivisionsReader } from '../divisions/reader.ts';
import { ancestorOf, CODE_LENGTHS, parentOf, type DivisionCode, type Level } from '../kernel/division.ts';
import { DAY, fromInstant, HOUR, plus, toEpochSeconds, type Month } from '../kernel/time.ts';
import { isDue } from './leaf.ts';
import { inParallel } from '../kernel/parallel.ts';
import { metricsRepository, type MetricsRepository } from './repository.ts';
import { runRepository, type Piece, type PieceLevel, type RunRepository, type RunState, type Wanted } from './run-repository.ts';
import { RUN_KEPT_DAYS } from './table.ts';

const ATTEMPTS = 12;
/** A run that has not ended by then is given up: what it left is still marked, and the next one finds it. */
const GIVEN_UP_AFTER = 2 * HOUR;
const AT_ONCE = 16;
/** Pieces are written to one partition, which takes a thousand a second. */
const PUTS_AT_ONCE = 4;

const BELOW: Readonly<Record<Exclude<PieceLevel, 'county'>, PieceLevel>> = { city: 'county', province: 'city' };
const ABOVE: Readonly<Record<PieceLevel, 'city' | 'province' | undefined>> = { county: 'city', city: 'province', province: undefined };

export interface Running {
  readonly runs: RunRepository;
  readonly repository: MetricsRepository;
  readonly divisions: DivisionsReader;
  readonly runtime: Pick<Runtime, 'now' | 'log'>;
}

export const running = (runtime: Pick<Runtime, 'now' | 'log' | 'database'>): Running => ({
  runs: runRepository(runtime.database),
  repository: metricsRepository(runtime.database),
  divisions: divisionsReader(runtime.database),
  runtime,
});

const expiry = ({ runtime }: Running): number => toEpochSeconds(plus(runtime.now(), RUN_KEPT_DAYS * DAY));

const isActive = (run: RunState | undefined): boolean => run?.status === 'planning' || run?.status === 'working';

const told = ({ id, schedule, scheduledTime, closes, pieces }: RunState) => ({ run: id, schedule, scheduledTime, closes, pieces });

/** A piece as it goes on, or as somebody else has moved it on meanwhile. */
const move = async (given: Running, piece: Piece, change: Piece['change'], months: readonly Month[]): Promise<Piece> => {
  const changedAt = new Date(given.runtime.now()).toISOString();
  const { pk: _pk, sk: _sk, version: _version, requestId: _requestId, ...same } = piece;
  await given.runs.write([given.runs.putsPiece({ ...same, change, changedAt, months }, piece)]);
  return (await given.runs.piece(piece.run, piece.level, piece.division)) ?? piece;
};

/** Ends a run whose provinces are all done: closes its month in the same transaction. Then begins what has been waiting. */
const finish = async (given: Running, runId: string): Promise<void> => {
  const { runs, repository, runtime } = given;
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const current = await runs.current();
    if (current === undefined || current.run.id !== runId) return;
    const { run, waiting } = current;
    if (isActive(run)) {
      const closings = await repository.closings();
      const { closes } = run;
      const isNew = closes !== undefined && !(closings !== undefined && closings.through >= closes);
      const done: RunState = { ...run, status: 'done' };
      const written = await runs.write([
        runs.putsCurrent({ run: done, waiting }, current),
        ...(isNew ? repository.putsClosing(closes, run.scheduledTime, runId, closings) : []),
      ]);
      if (!written.ok) continue;
      await runs.log(done, expiry(given));
      runtime.log({ level: 'info', code: 'metricsRunDone', ...told(done), closed: isNew });
    }
    if (waiting !== undefined) await begin(given, waiting);
    return;
  }
  throw new Error(`the run ${runId} cannot be ended: try again`);
};

/** Lets a city or province begin when everything below it is done. While pieces are still being planned, it waits for that. */
const promote = async (given: Running, runId: string, level: 'city' | 'province', division: DivisionCode): Promise<void> => {
  const { runs } = given;
  const current = await runs.current();
  if (current?.run.id !== runId || current.run.status !== 'working') return;
  const below = await runs.pieces(runId, BELOW[level], division);
  if (below.some(({ change }) => change !== 'done')) return;
  const piece = await runs.piece(runId, level, division);
  if (piece?.change === 'waiting') await move(given, piece, 'planned', piece.months);
};

/** Ends a run when its provinces are done. */
const finishIfDone = async (given: Running, runId: string): Promise<void> => {
  const current = await given.runs.current();
  if (current?.run.id !== runId || current.run.status === 'planning') return;
  const provinces = await given.runs.pieces(runId, 'province');
  if (provinces.every(({ change }) => change === 'done')) await finish(given, runId);
};

/** Lets everything begin that may, and ends the run if that is all: for who comes to one that is planned already. */
const goOn = async (given: Running, runId: string): Promise<void> => {
  for (const level of ['city', 'province'] as const) {
    const pieces = await given.runs.pieces(runId, level);
    await inParallel(pieces, AT_ONCE, ({ division }) => promote(given, runId, level, division));
  }
  await finishIfDone(given, runId);
};

/** Writes a piece, as long as its run is being planned: one that came later would find what is above it done. */
const make = async (
  given: Running,
  run: RunState,
  { level, division, months = [], own }: Pick<Piece, 'level' | 'division' | 'own'> & { readonly months?: Piece['months'] | undefined },
): Promise<void> => {
  const { runs, runtime } = given;
  const changedAt = new Date(runtime.now()).toISOString();
  const change = level === 'county' ? 'planned' : 'waiting';
  const piece = { run: run.id, level, division, change, changedAt, months, own, expiresAt: expiry(given) } as const;
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const current = await runs.current();
    if (current?.run.id !== run.id || current.run.status !== 'planning') return;
    const written = await runs.write([runs.putsPiece(piece, undefined), runs.stands(current)]);
    // It is there already, or somebody has touched the run: then it is looked at again.
    if (written.ok || written.error.index === 0) return;
  }
  throw new Error(`the run ${run.id} cannot be planned: try again`);
};

const unique = <T>(all: readonly T[]): readonly T[] => [...new Set(all)];

const plan = async (given: Running, run: RunState): Promise<void> => {
  const { runs, repository, runtime } = given;
  const { current: asItWas, above } = await runs.currentAndAbove();
  const counties = await given.divisions.counties();
  const isDueIn = async (place: DivisionCode): Promise<readonly DivisionCode[]> =>
    (await repository.leaves(place)).some((leaf) => isDue(leaf, run.scheduledTime)) ? [place] : [];
  const due = (await inParallel([...counties, ...above], AT_ONCE, isDueIn)).flat();
  // What was planned before this was tried again is part of it, too; and so is what a run has left that was given up: its communities may have
  // been counted, and what is above them not.
  const planned = await runs.pieces(run.id, 'county');
  const { adopts } = run;
  const left = adopts === undefined ? [] : [...(await runs.pieces(adopts, 'county')), ...(await runs.pieces(adopts, 'city'))];
  const leftMonths = new Map(left.map(({ division, months }) => [division, months]));
  const all = unique([...[...planned, ...left].map(({ division }) => division), ...due]);
  const upTo = (level: Level, from: readonly DivisionCode[]): readonly DivisionCode[] =>
    unique(from.filter((division) => division.length >= CODE_LENGTHS[level]).map((division) => ancestorOf(division, level)));
  const pieces: Readonly<Record<PieceLevel, readonly DivisionCode[]>> = {
    // A month that closes is judged in every province, whether or not anything is left to count there.
    province: upTo('province', run.closes === undefined ? all : [...counties, ...all]),
    city: upTo('city', all),
    county: upTo('county', all),
  };
  // What waits is there before what it waits for.
  for (const level of ['province', 'city', 'county'] as const)
    await inParallel(pieces[level], PUTS_AT_ONCE, (division) => {
      const own = level !== 'county' && due.includes(division) ? true : undefined;
      return make(given, run, { level, division, months: leftMonths.get(division), own });
    });

  const working: RunState = { ...run, status: 'working', pieces: Object.values(pieces).flat().length };
  let current = asItWas;
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    if (current?.run.id !== run.id || current.run.status !== 'planning') break;
    if ((await runs.write([runs.putsCurrent({ run: working, waiting: current.waiting }, current)])).ok) {
      await runs.log(working, expiry(given));
      runtime.log({ level: 'info', code: 'metricsRunPlanned', ...told(working) });
      break;
    }
    current = await runs.current();
  }
  await goOn(given, run.id);
};

export type Begun = 'begun' | 'resumed' | 'waiting' | 'busy';

/**
 * Begins a run, or goes on with it where it was left. While another one is working, a closing waits for it, and a refresh is left to the next
 * hour: nothing is lost by that, since what is to be counted stays marked.
 */
export const begin = async (given: Running, wanted: Wanted): Promise<Begun> => {
  const { runs, runtime } = given;
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const current = await runs.current();
    const before = current?.run;
    if (current !== undefined && before !== undefined && isActive(before)) {
      if (before.schedule === wanted.schedule && before.scheduledTime === wanted.scheduledTime) {
        // What was planned is not planned anew: a county that came to it now would find its city done.
        await (before.status === 'planning' ? plan(given, before) : goOn(given, before.id));
        return 'resumed';
      }
      if (fromInstant(wanted.scheduledTime) - fromInstant(before.scheduledTime) < GIVEN_UP_AFTER) {
        if (wanted.closes === undefined) return 'busy';
        const { waiting } = current;
        // Closing a month closes all before it.
        if (waiting?.closes !== undefined && waiting.closes >= wanted.closes) return 'waiting';
        if ((await runs.write([runs.putsCurrent({ run: before, waiting: wanted }, current)])).ok) return 'waiting';
        continue;
      }
    }
    const left = isActive(before) ? before : undefined;
    const { waiting } = current ?? {};
    const isWaiting = waiting?.schedule === wanted.schedule && waiting.scheduledTime === wanted.scheduledTime;
    const closes = [wanted.closes, left?.closes, waiting?.closes]
      .filter((month) => month !== undefined)
      .toSorted()
      .at(-1);
    const run: RunState = {
      ...wanted,
      closes,
      id: `${wanted.scheduledTime}#${wanted.schedule}#${(current?.version ?? 0) + 1}`,
      status: 'planning',
      pieces: 0,
      adopts: left?.id,
    };
    const written = await runs.write([
      runs.putsCurrent({ run, waiting: isWaiting || closes === waiting?.closes ? undefined : waiting }, current),
    ]);
    if (!written.ok) continue;
    if (left !== undefined) {
      await runs.log({ ...left, status: 'givenUp' }, expiry(given));
      runtime.log({ level: 'warn', code: 'metricsRunGivenUp', ...told(left) });
    }
    await runs.log(run, expiry(given));
    await plan(given, run);
    return 'begun';
  }
  throw new Error('too many at once begin a run of metrics: try again');
};

/** Whether a run is the one that is being worked on. */
export const isAtWork = async (given: Running, runId: string): Promise<boolean> => {
  const current = await given.runs.current();
  return current?.run.id === runId && isActive(current.run);
};

/** The piece that an event tells of, as it is now; undefined where its run has been given up, or it is done already. */
export const take = async (
  given: Running,
  runId: string,
  level: PieceLevel,
  division: DivisionCode,
): Promise<{ piece: Piece; run: RunState } | undefined> => {
  const current = await given.runs.current();
  if (current?.run.id !== runId || !isActive(current.run)) return undefined;
  const piece = await given.runs.piece(runId, level, division);
  return piece === undefined ? undefined : { piece, run: current.run };
};

/**
 * Keeps the months that a piece has changed, before anything forgets that they have. Throws where somebody else has ended the piece meanwhile:
 * what is above it may be summed already, so nothing may be forgotten, and the next run counts it again.
 */
export const summed = async (given: Running, piece: Piece, months: readonly Month[]): Promise<Piece> => {
  let now: Piece = piece;
  for (let attempt = 0; attempt < ATTEMPTS && now.change !== 'done'; attempt++) {
    const all = [...new Set([...now.months, ...months])].toSorted();
    now = await move(given, now, 'summed', all);
    if (now.change === 'summed' && all.every((month) => now.months.includes(month))) return now;
  }
  throw new Error(
    `the piece ${piece.level} ${piece.division} was ended by somebody else while it was counted: the next run counts it again`,
  );
};

/** Ends a piece, and lets begin what has waited for it. */
export const complete = async (given: Running, piece: Piece): Promise<void> => {
  if (piece.change !== 'done') await move(given, piece, 'done', piece.months);
  const above = ABOVE[piece.level];
  const parent = parentOf(piece.division);
  if (above !== undefined && parent !== undefined) await promote(given, piece.run, above, parent);
  else await finishIfDone(given, piece.run);
};

/** Months that the pieces below one have changed. */
export const monthsBelow = async (given: Running, piece: Piece): Promise<readonly Month[]> => {
  if (piece.level === 'county') return [];
  const below = await given.runs.pieces(piece.run, BELOW[piece.level], piece.division);
  return [...new Set(below.flatMap(({ months }) => months))].toSorted();
};
