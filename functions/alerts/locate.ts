/** Looks up where an alert holds: the divisions that are there, the communities that shapes meet, and what both are called. */
import type { Database } from '../data/database.ts';
import { divisionsReader, type DivisionsReader } from '../divisions/reader.ts';
import { ancestorOf, covers, LEVELS, levelOf, type DivisionCode, type Level } from '../kernel/division.ts';
import type { Position } from '../kernel/position.ts';
import { polygonFault, type PolygonFault } from '../kernel/shape.ts';
import { MOST_AREAS } from './alert.ts';
import { isTooMuch, middleOf, shapeOf, type Area, type AreaPart, type PlacedPart } from './area.ts';
import { coverOf } from './cover.ts';
import { fault, type Fault, type FaultCode } from './fault.ts';

/** So many divisions are named of a shape, and so many of those that lie outside. */
const MOST_NAMED = 5;

export interface Located {
  readonly cover: readonly DivisionCode[];
  readonly areas: readonly PlacedPart[];
  readonly faults: readonly Fault[];
  /** Undefined where nobody knows where any of it is. */
  readonly middle: Position | undefined;
}

const POLYGON_FAULTS = { few: 'polygonFew', open: 'polygonOpen', crossing: 'polygonCrossing' } as const satisfies Record<
  PolygonFault,
  FaultCode
>;

/** The levels by whose names a division is called, so that no two are called the same. */
const namedBy = (code: DivisionCode): readonly Level[] => {
  const at = LEVELS.indexOf(levelOf(code));
  return LEVELS.slice(at <= LEVELS.indexOf('city') ? 0 : LEVELS.indexOf('city'), at + 1);
};

/** The fewest divisions of one level that say where these are. */
const summaryOf = (codes: readonly DivisionCode[]): readonly DivisionCode[] => {
  for (const level of LEVELS.toReversed()) {
    const above = [...new Set(codes.map((code) => ancestorOf(code, level)))];
    if (above.length <= MOST_NAMED || level === 'province') return above;
  }
  return codes;
};

interface Met {
  readonly codes: readonly DivisionCode[];
  readonly faults: readonly Fault[];
}

const partFinder =
  (divisions: DivisionsReader, within: DivisionCode) =>
  async (part: AreaPart, path: string): Promise<Met> => {
    const outside = (codes: readonly DivisionCode[]): readonly Fault[] => {
      const others = codes.filter((code) => !covers(within, code));
      return others.length === 0
        ? []
        : [fault('areaOutside', path, others.slice(0, MOST_NAMED).join('、') + (others.length > MOST_NAMED ? '…' : ''))];
    };
    if ('division' in part) {
      const division = await divisions.find(part.division);
      if (division === undefined) return { codes: [], faults: outside([part.division]) };
      if (!division.active) return { codes: [], faults: [fault('areaInactive', path, division.mergedInto)] };
      return { codes: [part.division], faults: outside([part.division]) };
    }
    const shape = shapeOf(part);
    if (shape === undefined) return { codes: [], faults: [] };
    const wrong = 'polygon' in shape ? polygonFault(shape.polygon) : undefined;
    if (wrong !== undefined) return { codes: [], faults: [fault(POLYGON_FAULTS[wrong], path)] };
    const codes = await divisions.meeting(shape);
    return { codes, faults: outside(codes) };
  };

/** Lists of what lies in a division that are read to find one that has a location, of all areas together. */
const MOST_LOOKED = 50;

/** Where the first of it is: the middle of a shape, or a division that has a location, or the first in it that has; of the next, where it has none. */
const middle = async (divisions: DivisionsReader, areas: readonly Area[]): Promise<Position | undefined> => {
  let left = MOST_LOOKED;
  const firstIn = async (code: DivisionCode): Promise<Position | undefined> => {
    if (levelOf(code) === 'community' || left === 0) return undefined;
    left -= 1;
    const children = (await divisions.children(code)).filter(({ active }) => active);
    const located = children.find(({ location }) => location !== undefined);
    if (located !== undefined) return located.location;
    for (const child of children) {
      const found = await firstIn(child.code);
      if (found !== undefined) return found;
    }
    return undefined;
  };
  for (const { part } of areas.flatMap(({ parts }) => parts)) {
    const shape = shapeOf(part);
    if (shape !== undefined) return middleOf(shape);
    if (!('division' in part)) continue;
    const found = (await divisions.find(part.division))?.location ?? (await firstIn(part.division));
    if (found !== undefined) return found;
  }
  return undefined;
};

/** Full names of divisions; the code of one that has none. */
const names = async (divisions: DivisionsReader, codes: readonly DivisionCode[]): Promise<(code: DivisionCode) => string> => {
  const wanted = new Set(codes.flatMap((code) => namedBy(code).map((level) => ancestorOf(code, level))));
  const known = new Map((await divisions.findMany([...wanted])).map(({ code, name }): [string, string] => [code, name]));
  return (code) => {
    const name = namedBy(code)
      .map((level) => known.get(ancestorOf(code, level)) ?? '')
      .join('');
    return name === '' ? code : name;
  };
};

/** The full name of a division, as who speaks for it. */
export const nameOfDivision = async (database: Database, code: DivisionCode): Promise<string> =>
  (await names(divisionsReader(database), [code]))(code);

/** What of the areas lies here and what is wrong with them, for an officer of a division. Each area covers something by any of its parts. */
export const locate = async (database: Database, areas: readonly Area[], within: DivisionCode): Promise<Located> => {
  const divisions = divisionsReader(database);
  const find = partFinder(divisions, within);
  const parts = areas.flatMap((area) => area.parts);
  const shapes = parts.map(({ part }) => shapeOf(part)).filter((each) => each !== undefined);
  const tooMuch = isTooMuch(shapes);
  const at = areas.find((area) => area.parts.some(({ part }) => !('division' in part)))?.path ?? '';
  const refused: readonly Fault[] = [
    ...(parts.length > MOST_AREAS ? [fault('areaMany', areas[0]?.path ?? '')] : []),
    ...(tooMuch === undefined ? [] : [fault(tooMuch === 'detailed' ? 'areaDetailed' : 'areaLarge', at)]),
  ];
  const isLooked = refused.length === 0;

  const found: { readonly area: Area; readonly met: readonly Met[] }[] = [];
  for (const area of areas)
    found.push({ area, met: isLooked ? await Promise.all(area.parts.map(({ part, path }) => find(part, path))) : [] });
  const faults = found.flatMap(({ area, met }): readonly Fault[] => {
    const own = met.flatMap((each) => each.faults);
    const isEmpty = isLooked && own.length === 0 && met.every(({ codes }) => codes.length === 0);
    return isEmpty ? [fault('areaEmpty', area.parts.length === 1 ? (area.parts[0]?.path ?? area.path) : area.path)] : own;
  });

  const called = found.map(({ area, met }) =>
    area.parts.map(({ part }, index) => ('division' in part ? [part.division] : summaryOf(met[index]?.codes ?? []))),
  );
  const nameOf = await names(divisions, called.flat(2));
  const nameOfAll = (codes: readonly DivisionCode[]): string =>
    codes.length === 0 ? '—' : codes.slice(0, MOST_NAMED).map(nameOf).join('、') + (codes.length > MOST_NAMED ? '等' : '');

  return {
    cover: coverOf(found.flatMap(({ met }) => met.flatMap(({ codes }) => codes))),
    areas: areas.flatMap((area, index) =>
      area.parts.map(({ part }, position) => ({ ...part, areaDesc: area.areaDesc ?? nameOfAll(called[index]?.[position] ?? []) })),
    ),
    faults: [...refused, ...faults],
    middle: await middle(divisions, areas),
  };
};
