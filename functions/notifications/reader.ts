/** What other domains may ask of notifications: whom an alert would reach, and whom it has. */
import type { Database } from '../data/database.ts';
import type { DivisionCode } from '../kernel/division.ts';
import { regionsFor } from './delivery/lists.ts';
import { divisionOf } from './delivery/piece.ts';
import type { Region } from './delivery/ranges.ts';
import { NOTHING, sumOf, type Counts, type Reach } from './delivery/reach.ts';
import { deliveryRepository, type SumItem } from './delivery/repository.ts';
import { aimOf, targeting, type Aimed } from './delivery/target.ts';
import { SHARDS } from './subscriber.ts';

/** Entries that are read to say how many would be told: some seconds, and some 10,000 RRU. */
const MOST_READ = 200_000;
const AT_ONCE = 16;

/** What has become of an alert so far: bounded by the communities that it is told to, 16 small items each at most. */
export const reachOf = async (database: Database, alertId: string): Promise<Reach> => {
  const byCommunity = new Map<Reach['byCommunity'][number]['community'], Counts>();
  let all = NOTHING;
  for (const sum of await deliveryRepository(database).sums(alertId)) {
    all = sumOf(all, sum);
    byCommunity.set(sum.community, sumOf(byCommunity.get(sum.community) ?? NOTHING, sum));
  }
  return {
    ...all,
    byCommunity: [...byCommunity]
      .toSorted(([one], [other]) => (one < other ? -1 : 1))
      .map(([community, counts]) => ({ community, ...counts })),
  };
};

/**
 * A part of what has become of an alert in a division, as the figures of a month need it. Parts mean nothing by themselves: who is planned in
 * one may be delivered to in another.
 */
export type ReachImage = Pick<SumItem, 'alert' | 'status' | 'sentAt' | 'community' | 'part' | 'version' | 'targeted' | 'delivered'>;

/** All that there is of exactly that division, a page at a time. */
export const reachImages = (database: Database, division: DivisionCode): AsyncGenerator<readonly ReachImage[]> =>
  deliveryRepository(database).sumsIn(division);

/**
 * How many persons an alert would be told to. Exact where no more than {@link MOST_READ} entries are read for it; beyond that an estimate, from as
 * many of the lists as were read by then: who lies in which of a region's 16 lists is chance, and the lists are read in that order.
 */
export const targetedBy = async (database: Database, aimed: Aimed, mostRead = MOST_READ): Promise<number> => {
  const repository = deliveryRepository(database);
  const regions = await regionsFor(database, aimOf(aimed).cover);
  const targetOf = targeting(aimed);
  const countIn = async ({ region, ranges }: Region, shard: number): Promise<{ readonly read: number; readonly found: number }> => {
    let read = 0;
    let found = 0;
    for (const range of ranges) {
      let after: string | undefined;
      do {
        const page = await repository.aimable(`${region}#${shard.toString(16)}`, range, after);
        read += page.items.length;
        found += page.items.filter((item) => targetOf({ ...item, division: divisionOf(item.sk) }) !== undefined).length;
        after = page.after;
      } while (after !== undefined);
    }
    return { read, found };
  };
  const lists = Array.from({ length: SHARDS }, (_, shard) => regions.map((region) => ({ region, shard }))).flat();
  let [read, found, done] = [0, 0, 0];
  while (done < lists.length && read <= mostRead) {
    const some = await Promise.all(lists.slice(done, done + AT_ONCE).map(({ region, shard }) => countIn(region, shard)));
    for (const each of some) {
      read += each.read;
      found += each.found;
    }
    done += some.length;
  }
  return done === lists.length ? found : Math.round((found * lists.length) / done);
};
