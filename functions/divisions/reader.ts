/** What other domains may ask of divisions. */
import type { Database } from '../data/database.ts';
import { pagesOf } from '../data/pages.ts';
import { childrenOf, childrenOfAll, childrenOfEach } from './children.ts';
import { ancestorOf, covers, levelOf, LEVELS, type DivisionCode, type Level } from '../kernel/division.ts';
import { cellsOver, nearestOf, placeOf } from '../kernel/nearest.ts';
import { metresBetween, type Position } from '../kernel/position.ts';
import { boxAround, metresToShape, type Shape } from '../kernel/shape.ts';
import type { Texts } from '../kernel/texts.ts';
import {
  addMonths,
  endOfMonth,
  fromInstant,
  monthOf,
  startOfMonth,
  toInstant,
  type EpochMs,
  type Instant,
  type Month,
} from '../kernel/time.ts';
import { rewind, type Dated } from '../kernel/trail.ts';
import { marksOf, MOST_RADIUS_KM, USUAL_RADIUS_KM, type Division } from './division.ts';
import { divisionRepository, indexKeyOf, type PlaceEntry } from './repository.ts';

const METRES_OF_A_KM = 1000;
const CELLS_AT_ONCE = 16;

/** Why nothing new is taken in for a community; undefined where it is there and in use. */
export const communityFault = (community: Division | undefined): Texts | undefined => {
  if (community === undefined) return { 'zh-CN': '没有这个社区', en: 'is no community here' };
  if (community.active) return undefined;
  const into = community.mergedInto;
  return into === undefined
    ? { 'zh-CN': '该社区已停用', en: 'is no longer in use' }
    : { 'zh-CN': `该社区已并入 ${into}`, en: `has become part of ${into}` };
};

/** Since when a community is out of use, as it still is; undefined of one in use. */
export const goneSince = (community: DivisionImage | undefined): Instant | undefined => {
  const last = community === undefined ? undefined : communityLife(community).at(-1);
  return last === undefined || last.state.inUse ? undefined : last.at;
};

/** What the event of a division carries, and its item holds, for the figures. */
export type DivisionImage = Pick<Division, 'code' | 'active' | 'mergedInto' | 'version' | 'changedAt' | 'madeAt' | 'trail'>;

export interface CommunityState {
  readonly community: DivisionCode;
  readonly inUse: boolean;
}

/**
 * How a community stood from each change on; nothing of a larger division. In use it is one of its street's, where all are counted together; out of
 * use it lies by itself, where nothing is counted any more. It is taken to have been there when the month before the one began in
 * which it was made known here, the last that can still be closed: who begins in December and enters November's days gets November's figures.
 */
export const communityLife = (image: DivisionImage): readonly Dated<CommunityState>[] => {
  const { code, changedAt, madeAt = changedAt, trail = [] } = image;
  if (levelOf(code) !== 'community') return [];
  const began = toInstant(startOfMonth(addMonths(monthOf(fromInstant(madeAt)), -1)));
  return rewind(marksOf(image), trail, began).map(({ at, state }) => {
    const inUse = state.inUse === 'yes';
    return { at, state: { community: inUse ? ancestorOf(code, 'street') : code, inUse } };
  });
};

/** Whether a community is counted among those in use at the end of a month, or now in one that lasts; undefined of a larger division. */
export const inUseIn = (image: DivisionImage, month: Month, now: EpochMs): boolean | undefined => {
  if (levelOf(image.code) !== 'community') return undefined;
  const end = toInstant(endOfMonth(month));
  return month <= monthOf(now) && communityLife(image).findLast(({ at }) => at < end)?.state.inUse === true;
};

/** Communities as figures need them, where they lie: those in use in their street, one out of use in itself. */
export async function* communityImages(database: Database, division: DivisionCode): AsyncGenerator<readonly DivisionImage[]> {
  const repository = divisionRepository(database);
  const isHere = (image: DivisionImage): boolean => communityLife(image).at(-1)?.state.community === division;
  if (levelOf(division) === 'street') yield (await childrenOf(repository, division, true)).filter(isHere);
  const found = levelOf(division) === 'community' ? await repository.find(division) : undefined;
  if (found !== undefined && isHere(found)) yield [found];
}

export interface DivisionsReader {
  /** The division, also where it was made a moment ago. */
  find(code: DivisionCode): Promise<Division | undefined>;
  findMany(codes: readonly DivisionCode[]): Promise<readonly Division[]>;
  /** The same, and whether it lies in a large city: it says so itself, or what is above it. */
  findPlaced(code: DivisionCode): Promise<{ readonly division: Division | undefined; readonly inLargeCity: boolean }>;
  /** Every division one level below, by code. */
  children(code: DivisionCode | undefined): Promise<readonly Division[]>;
  /** Codes of every county of the country, those made a moment ago, too. */
  counties(): Promise<readonly DivisionCode[]>;
  /** Codes of every division of `level` within `code`; itself where it is of that level. */
  within(code: DivisionCode, level: Level): Promise<readonly DivisionCode[]>;
  /**
   * The active community nearest to a position, of all that have a location, of those within a division where it is given.
   * Beyond 100 km only where that division is a city, or in one: the whole country is not gone through.
   */
  nearest(from: Position, within?: DivisionCode): Promise<Division | undefined>;
  /** Codes of the active communities with a location that a shape meets, each as far as its own radius, 1 km unless it has one; in order. */
  meeting(shape: Shape): Promise<readonly DivisionCode[]>;
}

export const divisionsReader = (database: Database): DivisionsReader => {
  const repository = divisionRepository(database);

  const withinAt = async (code: DivisionCode, level: Level): Promise<readonly DivisionCode[]> => {
    let codes: readonly DivisionCode[] = [code];
    while (codes[0] !== undefined && levelOf(codes[0]) !== level) codes = await childrenOfAll(repository, codes);
    return codes;
  };

  /** The nearest of all within a city or less, however far: they are looked at one by one. */
  const farAway = async (from: Position, within: DivisionCode): Promise<Division | undefined> => {
    const communities =
      levelOf(within) === 'community'
        ? await repository.readMany([within])
        : await childrenOfEach(repository, await withinAt(within, 'street'));
    const distanceTo = ({ location }: Division): number =>
      location === undefined ? Number.POSITIVE_INFINITY : metresBetween(from, location);
    return communities
      .filter((each) => indexKeyOf(each).place !== undefined)
      .reduce<Division | undefined>((best, each) => (best === undefined || distanceTo(each) < distanceTo(best) ? each : best), undefined);
  };

  return {
    find: repository.find,
    findMany: repository.readMany,
    async findPlaced(code) {
      const line = await Promise.all([...new Set(LEVELS.map((level) => ancestorOf(code, level)))].map(repository.find));
      return { division: line.at(-1), inLargeCity: line.some((each) => each?.largeCity === true) };
    },
    children: (code) => childrenOf(repository, code),
    async counties() {
      const provinces = (await childrenOf(repository, undefined, true)).map(({ code }) => code);
      return childrenOfAll(repository, await childrenOfAll(repository, provinces, true), true);
    },
    within: withinAt,
    async meeting(shape) {
      const met: DivisionCode[] = [];
      const cells = cellsOver(boxAround(shape, MOST_RADIUS_KM));
      const look = async (cell: string): Promise<void> => {
        for await (const entries of pagesOf<PlaceEntry>((after) => repository.inCell(cell, undefined, after)))
          for (const { sk, location, radiusKm = USUAL_RADIUS_KM } of entries)
            if (metresToShape(location, shape) <= radiusKm * METRES_OF_A_KM) met.push(sk);
      };
      for (let from = 0; from < cells.length; from += CELLS_AT_ONCE) await Promise.all(cells.slice(from, from + CELLS_AT_ONCE).map(look));
      return met.toSorted();
    },
    async nearest(from, within) {
      const gone = new Set<DivisionCode>();
      for (;;) {
        const [entry] = await nearestOf<DivisionCode>({
          from,
          count: 1,
          read: async (cell, limit, after) => {
            const page = await repository.inCell(cell, limit, after);
            return { entries: page.items.map(({ sk: id, location }) => ({ id, location })), after: page.after };
          },
          accepts: (code) => !gone.has(code) && (within === undefined || covers(within, code)),
        });
        if (entry === undefined) return within === undefined || levelOf(within) === 'province' ? undefined : farAway(from, within);
        const community = await repository.read(entry.id);
        // The index may still have what was moved or put out of use a moment ago.
        if (community !== undefined && indexKeyOf(community).place === placeOf(entry.location, entry.id).place) return community;
        gone.add(entry.id);
      }
    },
  };
};
