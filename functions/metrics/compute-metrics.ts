/** Works on one piece of a run: counts all that lies in a county and sums it up, or sums up a city or a province, with what lies in it itself. */
import type { EventBridgeEvent } from 'aws-lambda';
import { lambda } from '../data/lambda.ts';
import type { CloudEvent } from '../data/reaction.ts';
import type { Runtime } from '../data/runtime.ts';
import { withUses } from '../data/scope.ts';
import { ancestorOf, type DivisionCode } from '../kernel/division.ts';
import { newId } from '../kernel/id.ts';
import type { Month } from '../kernel/time.ts';
import { sumOf } from './count.ts';
import { judge } from './judge.ts';
import { countLeaf, isDue } from './leaf.ts';
import { inParallel } from '../kernel/parallel.ts';
import { isUnjudged, publish, type Computing } from './publish.ts';
import { computeMetrics as declaration } from './reactions.ts';
import type { Piece, RunState } from './run-repository.ts';
import { complete, isAtWork, monthsBelow, running, summed, take, type Running } from './runs.ts';

const AT_ONCE = 16;
const ATTEMPTS = 8;

/** A parent's figure sums its own share and its children's. */
const sumUp = async (computing: Computing, division: DivisionCode, month: Month): Promise<void> => {
  await publish(computing, division, month, async () => {
    const summands = await computing.repository.summands(division, month);
    const below = summands.some((each) => each.below === true || isUnjudged(each));
    return { sums: sumOf(summands.map(({ sums }) => sums)), below };
  });
};

interface PieceDone {
  readonly leaves: number;
  readonly months: readonly Month[];
  /** What may be forgotten when the months are kept. */
  readonly forget: () => Promise<void>;
}

const county = async (computing: Computing, { division, months: left }: Piece): Promise<PieceDone> => {
  const { repository, at } = computing;
  const leaves = (await repository.leaves(division)).filter((leaf) => isDue(leaf, at));
  const counted = await inParallel(leaves, AT_ONCE, (leaf) => countLeaf(computing, leaf));
  const streets = new Map<DivisionCode, Set<Month>>();
  for (const [index, { months }] of counted.entries()) {
    // Of the county's own there is no street.
    const street = ancestorOf(leaves[index]?.division ?? division, 'street');
    if (street !== division) streets.set(street, new Set([...(streets.get(street) ?? []), ...months]));
  }
  const streetMonths = [...streets].flatMap(([street, months]) => [...months].map((month) => ({ street, month })));
  await inParallel(streetMonths, AT_ONCE, ({ street, month }) => sumUp(computing, street, month));
  // Months that it comes with were counted before, by this attempt's forerunner or by a run that was given up.
  const months = [...new Set([...left, ...counted.flatMap((each) => each.months)])].toSorted();
  await inParallel(months, AT_ONCE, (month) => sumUp(computing, division, month));
  return { leaves: leaves.length, months, forget: async () => void (await inParallel(counted, AT_ONCE, ({ done }) => done())) };
};

const above = async (given: Running, computing: Computing, piece: Piece): Promise<PieceDone> => {
  const { division } = piece;
  const leaf = piece.own === true ? await computing.repository.leaf(division) : undefined;
  const own = leaf !== undefined && isDue(leaf, computing.at) ? await countLeaf(computing, leaf) : undefined;
  const months = [...new Set([...piece.months, ...(await monthsBelow(given, piece)), ...(own?.months ?? [])])].toSorted();
  await inParallel(months, AT_ONCE, (month) => sumUp(computing, division, month));
  return { leaves: own === undefined ? 0 : 1, months, forget: async () => own?.done() };
};

/** Adds months to those of a province that are still to be judged, or takes those away that have been. */
const keepUnjudged = async (
  { repository, writer }: Computing,
  province: DivisionCode,
  change: (months: readonly Month[]) => readonly Month[],
): Promise<readonly Month[]> => {
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const before = await repository.unjudged(province);
    const months = [...new Set(change(before?.months ?? []))].toSorted();
    if (months.join() === (before?.months ?? []).join()) return months;
    if ((await repository.write([repository.putsUnjudged(province, months, writer, before)])).ok) return months;
  }
  throw new Error(`too many at once judge ${province}: try again`);
};

/** What of a province's final months the public does not see, is said before a run ends. */
const judgeProvince = async (computing: Computing, { closes }: RunState, { division }: Piece, changed: readonly Month[]): Promise<void> => {
  const all = await keepUnjudged(computing, division, (months) => [...months, ...changed]);
  const through = await computing.closedThrough();
  const isFinal = (month: Month): boolean => through !== undefined && month <= through;
  const final = all.filter((month) => isFinal(month) || (closes !== undefined && month <= closes));
  for (const month of final) await judge({ ...computing, month, isFinal: isFinal(month) }, division);
  await keepUnjudged(computing, division, (months) => months.filter((month) => !final.includes(month)));
};

export const computeMetrics = (outer: Runtime) => {
  const runtime = withUses(outer, declaration.uses, declaration.name);
  const given = running(runtime);
  return async ({
    detail: {
      data: { item },
    },
  }: EventBridgeEvent<string, CloudEvent<Pick<Piece, 'run' | 'level' | 'division'>>>): Promise<void> => {
    const taken = await take(given, item.run, item.level, item.division);
    if (taken === undefined) return;
    const { run } = taken;
    let { piece } = taken;
    if (piece.change !== 'done') {
      const computing: Computing = {
        repository: given.repository,
        at: run.scheduledTime,
        writer: `${run.id}#${newId(runtime.random)}`,
        closedThrough: async () => (await given.repository.closings())?.through,
      };
      const { leaves, months, forget } = piece.level === 'county' ? await county(computing, piece) : await above(given, computing, piece);
      piece = await summed(given, piece, months);
      if (piece.level === 'province') await judgeProvince(computing, run, piece, piece.months);
      // Given up meanwhile, its months are another run's, which may have asked for them too early: then all of it is counted again.
      if (!(await isAtWork(given, run.id))) return;
      await forget();
      runtime.log({ level: 'info', code: 'metricsPieceDone', run: run.id, piece: `${piece.level}#${piece.division}`, leaves, months });
    }
    await complete(given, piece);
  };
};

export const handler = lambda(computeMetrics);
