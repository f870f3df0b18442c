/** How many would be told, from a few entries of each division: where the last of them lies among all keys says how many there are. Pure. */
import { levelOf, type DivisionCode } from '../../kernel/division.ts';
import { shareUpTo } from '../../kernel/id.ts';
import { SHARDS, type Subscriber } from '../subscriber.ts';
import { divisionOf, type Found } from './piece.ts';
import type { Region } from './ranges.ts';

/** Entries that a division is judged by. */
export const SAMPLE = 16;

export type Counting = (entry: Found & Pick<Subscriber, 'division'>) => unknown;

/** How many of them are told. */
export const countedIn = (items: readonly Found[], targetOf: Counting): number =>
  items.filter((item) => targetOf({ ...item, division: divisionOf(item.sk) }) !== undefined).length;

/**
 * How many of a list are told, up to where the next page is to begin; `next` is undefined at the end. `items` are the first {@link SAMPLE} from
 * somewhere on. Divisions that end among them are counted. Where one fills the page it is estimated, and left: of n random keys the k-th
 * lies at the share k ÷ (n + 1), and (k − 1) ÷ share is n on average.
 */
export const estimatedIn = (
  { items, after }: { readonly items: readonly Found[]; readonly after: string | undefined },
  targetOf: Counting,
): { readonly told: number; readonly next: string | undefined } => {
  const last = items.at(-1);
  if (after === undefined || last === undefined) return { told: countedIn(items, targetOf), next: undefined };
  const division = divisionOf(last.sk);
  const whole = items.filter(({ sk }) => divisionOf(sk) !== division);
  // Its first entries again, so that it is judged by as many as every other.
  if (whole.length > 0) return { told: countedIn(whole, targetOf), next: `${division}#` };
  const all = (items.length - 1) / shareUpTo(last.sk.slice(division.length + 1));
  return { told: (all * countedIn(items, targetOf)) / items.length, next: `${division}$` };
};

/** The lists of all regions as they are to be looked into: a list of each, those of cities and provinces first, counties from all over. */
export const inTurn = (regions: readonly Region[]): readonly { readonly region: Region; readonly shard: number }[] => {
  const mixed = ({ region }: Region): string => String(region.length) + Array.from(region).toReversed().join('');
  const ordered = regions.toSorted((one, other) => (mixed(one) < mixed(other) ? -1 : 1));
  return Array.from({ length: SHARDS }, (_, shard) => ordered.map((region) => ({ region, shard }))).flat();
};

/** All together, from what some lists of each region have come to; counties that nobody has come to are taken to be as the others. */
export const extrapolated = (regions: readonly Region[], told: ReadonlyMap<DivisionCode, readonly number[]>): number => {
  const sizes = new Map([...told].map(([region, lists]) => [region, (lists.reduce((sum, each) => sum + each, 0) / lists.length) * SHARDS]));
  const counties = [...sizes].filter(([region]) => levelOf(region) === 'county').map(([, size]) => size);
  const missing = regions.filter(({ region }) => !sizes.has(region)).length;
  const average = counties.reduce((sum, each) => sum + each, 0) / Math.max(counties.length, 1);
  return Math.round([...sizes.values()].reduce((sum, each) => sum + each, 0) + missing * average);
};
