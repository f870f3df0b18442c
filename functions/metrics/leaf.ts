/** Counts a community again, from the first month that has changed to the one that the run is for. */
import { canonical } from '../kernel/canonical.ts';
import { addMonths, fromInstant, monthOf, endOfMonth, toInstant, type Instant, type Month } from '../kernel/time.ts';
import { countMonth, periodOf, type Carried } from './count.ts';
import { publish, type Computing } from './publish.ts';
import { dueOf } from './record.ts';
import type { Leaf, MetricsRepository } from './repository.ts';

export interface LeafCounted {
  /** Months whose figures may have changed. */
  readonly months: readonly Month[];
  /** Says that it is done: only when all that follows from its figures is. Where somebody has marked it meanwhile, it stays to be counted. */
  readonly done: () => Promise<void>;
}

const isSame = (one: readonly Carried[], other: readonly Carried[]): boolean => canonical(one) === canonical(other);

const earliest = <T extends string>(...all: readonly (T | undefined)[]): T | undefined =>
  all.filter((each): each is T => each !== undefined).toSorted()[0];

const statesBefore = (repository: MetricsRepository, { division }: Leaf, month: Month): Promise<readonly Carried[]> =>
  repository.states(division, addMonths(month, -1));

/**
 * What goes on from an ended month is kept. A month is counted where its facts have changed, where what came into it has changed, or where it
 * has never been counted and something came into it; and the month that the run is for always, since its deadlines pass.
 */
export const countLeaf = async (computing: Computing, leaf: Leaf): Promise<LeafCounted> => {
  const { repository, runId } = computing;
  const community = leaf.division;
  // Once counted for a later moment, it is not counted for an earlier one again.
  const at: Instant = leaf.countedAt !== undefined && leaf.countedAt > computing.at ? leaf.countedAt : computing.at;
  const current = monthOf(fromInstant(at));
  const dirty = leaf.dirty.filter((month) => month <= current);
  const afterThrough = leaf.through === undefined ? undefined : addMonths(leaf.through, 1);

  const months: Month[] = [];
  const rest = leaf.dirty.filter((month) => month > current);
  let due: Instant | undefined;
  let month = earliest(dirty[0], afterThrough, current) ?? current;
  let carried = await statesBefore(repository, leaf, month);
  let changed = false;
  while (month <= current) {
    const isNew = leaf.through === undefined || month > leaf.through;
    if (!(dirty.includes(month) || changed || month === current || (isNew && carried.length > 0))) {
      // Nothing to do here: on to the next month that there may be.
      const here = month;
      const next = isNew
        ? addMonths(here, 1)
        : (earliest(
            dirty.find((each) => each > here),
            afterThrough,
            current,
          ) ?? current);
      carried = isNew && next !== current ? carried : await statesBefore(repository, leaf, next);
      month = next;
      continue;
    }
    const period = periodOf(month, at);
    const counted = countMonth(community, carried, await repository.facts(community, month), period);
    await publish(computing, community, month, counted.sums);
    months.push(month);
    if (month === current) {
      if (counted.leftOut !== undefined) rest.unshift(month);
      due = earliest(
        dueOf(rest.filter((each) => each > current)),
        counted.leftOut,
        counted.nextDeadline,
        counted.carried.length > 0 ? toInstant(endOfMonth(current)) : undefined,
      );
    } else {
      changed = !isSame(await repository.states(community, month), counted.carried);
      if (changed) for (const write of repository.putsStates(community, month, counted.carried)) await repository.write([write]);
      carried = counted.carried;
    }
    month = addMonths(month, 1);
  }

  return {
    months,
    done: async () => {
      const through = addMonths(current, -1);
      await repository.write([repository.putsLeaf(community, { dirty: rest, through, countedAt: at, due, requestId: runId }, leaf)]);
    },
  };
};
