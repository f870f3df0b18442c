/** What other domains may ask of notifications: whom an alert would reach, and whom it has. */
import type { Database } from '../data/database.ts';
import type { DivisionCode } from '../kernel/division.ts';
import type { ReachCounts } from '../kernel/reach-counts.ts';
import { regionsFor } from './delivery/lists.ts';
import { countedIn, estimatedIn, extrapolated, inTurn, SAMPLE, type Counting } from './delivery/estimate.ts';
import type { Region } from './delivery/ranges.ts';
import { deliveryRepository, type DeliveryRepository, type SumItem } from './delivery/repository.ts';
import { aimOf, targeting, type Aimed } from './delivery/target.ts';
import { listIn } from './subscriber.ts';

/** Entries that are read one by one to say how many would be told, and pages of a few that are asked for where that is not enough: a second each. */
const MOST_READ = 20_000;
const MOST_ASKED = 2000;
const ENTRIES_A_PAGE = 1000;
const AT_ONCE = 8;

/**
 * What has become of an alert so far, in parts: a community's are up to 16, and add up. Bounded by the communities that it is told to, however many
 * people that are.
 */
export const reachOf = (database: Database, alertId: string): Promise<readonly (ReachCounts & Pick<SumItem, 'community'>)[]> =>
  deliveryRepository(database).sums(alertId);

/**
 * A part of what has become of an alert in a division, as the figures of a month need it. Parts mean nothing by themselves: who is planned in
 * one may be delivered to in another.
 */
export type ReachImage = Pick<SumItem, 'alert' | 'status' | 'sentAt' | 'community' | 'part' | 'version' | 'targeted' | 'delivered'>;

/** All that there is of exactly that division, a page at a time. */
export const reachImages = (database: Database, division: DivisionCode): AsyncGenerator<readonly ReachImage[]> =>
  deliveryRepository(database).sumsIn(division);

interface List {
  readonly region: Region;
  readonly shard: number;
}

/** Goes through lists, some at once, as long as it may. */
const listByList = async (lists: readonly List[], mayGoOn: () => boolean, work: (list: List) => Promise<void>): Promise<void> => {
  for (let done = 0; done < lists.length; done += AT_ONCE) {
    if (!mayGoOn()) return;
    await Promise.all(lists.slice(done, done + AT_ONCE).map(work));
  }
};

/** Exact where no more than about `most` entries are to be read for it; else undefined. */
const exactly = async (
  repository: DeliveryRepository,
  regions: readonly Region[],
  targetOf: Counting,
  most: number,
): Promise<number | undefined> => {
  let [read, told] = [0, 0];
  const countIn = async ({ region: { region, ranges }, shard }: List): Promise<void> => {
    for (const range of ranges) {
      let after: string | undefined;
      do {
        const page = await repository.aimable(listIn(region, shard), range, after, ENTRIES_A_PAGE);
        read += page.items.length;
        told += countedIn(page.items, targetOf);
        after = page.after;
      } while (after !== undefined && read <= most);
      if (read > most) return;
    }
  };
  await listByList(inTurn(regions), () => read <= most, countIn);
  return read <= most ? told : undefined;
};

/** From a few entries of each division, list by list, until so many pages have been asked for. */
const about = async (repository: DeliveryRepository, regions: readonly Region[], targetOf: Counting, most: number): Promise<number> => {
  let asked = 0;
  const estimateIn = async ({ region, ranges }: Region, shard: number): Promise<number> => {
    let sum = 0;
    for (const { from, to } of ranges)
      for (let at: string | undefined = from; at !== undefined && at <= to;) {
        const { told, next } = estimatedIn(await repository.aimable(listIn(region, shard), { from: at, to }, undefined, SAMPLE), targetOf);
        asked += 1;
        sum += told;
        at = next;
      }
    return sum;
  };
  const found = new Map<DivisionCode, number[]>();
  await listByList(
    inTurn(regions),
    () => asked < most,
    async ({ region, shard }) => {
      const told = await estimateIn(region, shard);
      found.set(region.region, [...(found.get(region.region) ?? []), told]);
    },
  );
  return extrapolated(regions, found);
};

/**
 * How many persons an alert would be told to. Exact where few entries are to be read for that, else an estimate: see {@link estimatedIn}. Bounded
 * either way, however large a city is.
 */
export const targetedBy = async (
  database: Database,
  aimed: Aimed,
  { read, asked } = { read: MOST_READ, asked: MOST_ASKED },
): Promise<number> => {
  const repository = deliveryRepository(database);
  const regions = await regionsFor(database, aimOf(aimed).cover);
  const targetOf = targeting(aimed);
  return (await exactly(repository, regions, targetOf, read)) ?? (await about(repository, regions, targetOf, asked));
};
