/** Counts a community, or what lies in a division above them itself, again, from the first month that has changed to the one that the run is for. */
import { canonical } from '../kernel/canonical.ts';
import { levelOf } from '../kernel/division.ts';
import { addMonths, endOfMonth, fromInstant, monthOf, startOfMonth, toInstant, type Instant, type Month } from '../kernel/time.ts';
import { countMonth, periodOf, type Carried } from './count.ts';
import { publish, publishShare, type Computing } from './publish.ts';
import type { Leaf, MetricsRepository } from './repository.ts';

export interface LeafCounted {
  /** Months whose figures may have changed. */
  readonly months: readonly Month[];
  /** Says that it is done: only when all that follows from its figures is. What has been marked again meanwhile stays marked. */
  readonly done: () => Promise<void>;
}

const isSame = (one: readonly Carried[], other: readonly Carried[]): boolean => canonical(one) === canonical(other);

const earliest = <T extends string>(...all: readonly (T | undefined)[]): T | undefined =>
  all.filter((each): each is T => each !== undefined).toSorted()[0];

const statesBefore = (repository: MetricsRepository, { division }: Leaf, month: Month): Promise<readonly Carried[]> =>
  repository.states(division, addMonths(month, -1));

/** Whether a run for that moment must look at it: a month of it is marked that has begun by then, or something is due by itself. */
export const isDue = ({ state, marks }: Leaf, at: Instant): boolean =>
  (state?.due !== undefined && state.due <= at) || marks.some(({ month }) => toInstant(startOfMonth(month)) <= at);

/**
 * What goes on from an ended month is kept. A month is counted where its facts have changed, where what came into it has changed, or where it
 * has never been counted and something came into it; and the month that the run is for always, since its deadlines pass.
 */
export const countLeaf = async (computing: Computing, leaf: Leaf): Promise<LeafCounted> => {
  const { repository, writer } = computing;
  const community = leaf.division;
  const publishes = levelOf(community) === 'community' ? publish : publishShare;
  // Once counted for a later moment, it is not counted for an earlier one again.
  const { state } = leaf;
  const at: Instant = state !== undefined && state.countedAt > computing.at ? state.countedAt : computing.at;
  const current = monthOf(fromInstant(at));
  const marks = leaf.marks.filter(({ month: marked }) => marked <= current);
  const dirty = marks.map(({ month: marked }) => marked).toSorted();
  const afterThrough = state === undefined ? undefined : addMonths(state.through, 1);

  const months: Month[] = [];
  let due: Instant | undefined;
  const start = earliest(dirty[0], afterThrough, current) ?? current;
  let month = start;
  let carried = await statesBefore(repository, leaf, month);
  let changed = false;
  while (month <= current) {
    const isNew = state === undefined || month > state.through;
    // Counted while it lasted, it is counted once more when it is over.
    const isUnfinished = state !== undefined && month === monthOf(fromInstant(state.countedAt));
    if (!(dirty.includes(month) || changed || month === current || isUnfinished || (isNew && carried.length > 0))) {
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
    const into = carried;
    const here = month;
    const counted = await publishes(computing, community, here, async () =>
      countMonth(community, into, await repository.facts(community, here), period),
    );
    months.push(month);
    if (month === current) {
      // What is known already and comes later is counted when its time has come.
      const onwards = counted.carried.length > 0 ? toInstant(endOfMonth(current)) : undefined;
      due = earliest(counted.leftOut, counted.nextDeadline, onwards);
    } else {
      changed = !isSame(await repository.states(community, month), counted.carried);
      // What goes on otherwise makes the next month count otherwise: marked first, that is not forgotten whatever happens in between.
      if (changed) {
        const next = addMonths(month, 1);
        await repository.write([repository.putsMark(community, next, writer)]);
        marks.push(repository.markOf(community, next, writer));
        for (const write of repository.putsStates(community, month, counted.carried)) await repository.write([write]);
      }
      carried = counted.carried;
    }
    month = addMonths(month, 1);
  }

  return {
    months,
    done: async () => {
      const first = earliest(state?.first, start) ?? start;
      const through = addMonths(current, -1);
      const written = await repository.write([
        repository.putsLeaf(community, { first, through, countedAt: at, due, requestId: writer }, state),
      ]);
      if (written.ok) for (const mark of marks) await repository.write([repository.removesMark(mark)]);
    },
  };
};
