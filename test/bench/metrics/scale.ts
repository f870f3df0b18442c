/** A month's closing and an hour's refresh on the engine: the very functions, piece by piece in the order that the relay would tell of them. */
import { ancestorOf, type DivisionCode } from '../../../functions/kernel/division.ts';
import { addMonths, endOfMonth, HOUR, plus, toInstant, type EpochMs, type Month } from '../../../functions/kernel/time.ts';
import { computeMetrics } from '../../../functions/metrics/compute-metrics.ts';
import { metricsRefresh } from '../../../functions/metrics/metrics-refresh.ts';
import { monthlyMetrics } from '../../../functions/metrics/monthly-metrics.ts';
import type { Sums } from '../../../functions/metrics/count.ts';
import { markAll } from '../../../functions/metrics/record.ts';
import { metricsRepository, placeOf } from '../../../functions/metrics/repository.ts';
import { runRepository, type Piece, type PieceLevel } from '../../../functions/metrics/run-repository.ts';
import { closingOf, divisionWrites, figureWrite, monthsOf, type Filling } from './months.ts';
import { happened } from './lives.ts';
import { openStage, sumOfCosts, type Cost, type Stage } from './stage.ts';

const LEVELS: readonly PieceLevel[] = ['county', 'city', 'province'];
/** Of so many communities one has a new request within an hour. */
const ONE_IN = 100;

type Compute = ReturnType<typeof computeMetrics>;
type Schedule = typeof monthlyMetrics | typeof metricsRefresh;

export interface PieceCost extends Cost {
  readonly name: string;
}

export interface RunCost {
  readonly all: Cost;
  /** What the schedule's own function does: looks for what is due, and plans the pieces. */
  readonly planning: Cost;
  readonly levels: Readonly<Record<PieceLevel, Cost>>;
  /** The dearest piece of each level, by CPU. */
  readonly dearest: Readonly<Record<PieceLevel, PieceCost | undefined>>;
  readonly pieces: number;
}

export interface Measured {
  readonly communities: number;
  readonly history: number;
  readonly facts: number;
  readonly items: number;
  readonly fillSeconds: number;
  readonly closing: RunCost;
  /** The next hour's refresh, in which nothing has happened, and the one after, in which something has in one of a hundred communities. */
  readonly quiet: RunCost;
  readonly busy: RunCost;
  /** Communities in which something has happened. */
  readonly touched: number;
}

const run = async (stage: Stage, schedule: Schedule, at: EpochMs): Promise<RunCost> => {
  stage.turnTo(at);
  const begin = schedule(stage.runtime);
  const compute: Compute = computeMetrics(stage.runtime);
  const runs = runRepository(stage.aside);
  const planning = await stage.costOf(() => begin({ scheduledTime: toInstant(at) }));
  const id = (await runs.current())?.run.id ?? '';
  const work = async (level: PieceLevel): Promise<readonly PieceCost[]> => {
    const costs: PieceCost[] = [];
    const planned = (await runs.pieces(id, level)).filter(({ change }) => change === 'planned');
    for (const { run: of, division } of planned) {
      const event = { detail: { data: { item: { run: of, level, division } satisfies Pick<Piece, 'run' | 'level' | 'division'> } } };
      const cost = await stage.costOf(() => compute(event as unknown as Parameters<Compute>[0]));
      costs.push({ name: `${level} ${division}`, ...cost });
    }
    return costs;
  };
  const costs = { county: await work('county'), city: await work('city'), province: await work('province') };
  const ended = (await runs.current())?.run.status;
  if (ended !== 'done') throw new Error(`the run ${id} has not ended: ${ended}`);
  const dearest = (level: PieceLevel): PieceCost | undefined => costs[level].toSorted((a, b) => b.cpuMs - a.cpuMs)[0];
  const levels = { county: sumOfCosts(costs.county), city: sumOfCosts(costs.city), province: sumOfCosts(costs.province) };
  return {
    all: sumOfCosts([planning, ...Object.values(levels)]),
    planning,
    levels,
    dearest: { county: dearest('county'), city: dearest('city'), province: dearest('province') },
    pieces: LEVELS.reduce((sum, level) => sum + costs[level].length, 0),
  };
};

/** One more request in one of a hundred communities. */
const happen = async (stage: Stage, communities: readonly DivisionCode[], month: Month, until: EpochMs): Promise<number> => {
  const repository = metricsRepository(stage.aside);
  const touched = communities.filter((_, index) => index % ONE_IN === 0);
  for (const [index, community] of touched.entries()) {
    const fact = happened({ community, index }, [month], until).facts.get(month)?.[0];
    if (fact === undefined) throw new Error(`nothing happens in ${community}`);
    await repository.write([repository.putsFact(fact)]);
    await markAll(repository, fact, [placeOf(fact)], 'an hour');
  }
  return touched.length;
};

/** The piece of a province of which everything has been counted and a month is still to be judged. */
export const measureJudging = async (
  communities: readonly DivisionCode[],
  sums: ReadonlyMap<DivisionCode, Sums>,
  month: Month,
): Promise<RunCost> => {
  const closing = closingOf(month);
  const stage = await openStage(closing);
  try {
    const repository = metricsRepository(stage.aside);
    const provinces = new Set(communities.map((community) => ancestorOf(community, 'province')));
    await stage.load([
      ...[...sums].map(([division, each]) => figureWrite(repository, division, month, each)),
      ...divisionWrites(communities, month),
      ...[...provinces].map((province) => repository.putsUnjudged(province, [month], 'before', undefined)),
    ]);
    return await run(stage, monthlyMetrics, closing);
  } finally {
    await stage.stop();
  }
};

/** Fills an engine, closes the month, and goes on for two hours. */
export const measureScale = async (filling: Filling): Promise<Measured> => {
  const { communities, month, history } = filling;
  const closing = closingOf(month);
  const stage = await openStage(closing);
  try {
    const began = performance.now();
    const { writes, facts } = monthsOf(metricsRepository(stage.aside), filling);
    const items = await stage.load(writes);
    const fillSeconds = (performance.now() - began) / 1000;
    const closed = await run(stage, monthlyMetrics, closing);
    const quiet = await run(stage, metricsRefresh, plus(endOfMonth(month), HOUR));
    const touched = await happen(stage, communities, addMonths(month, 1), endOfMonth(addMonths(month, 1)));
    const busy = await run(stage, metricsRefresh, plus(endOfMonth(month), 2 * HOUR));
    return { communities: communities.length, history, facts: facts(), items, fillSeconds, closing: closed, quiet, busy, touched };
  } finally {
    await stage.stop();
  }
};
