/** Where what holds in some divisions is listed, so that whoever looks from a place at, above or within them finds it in few reads. Pure. */
import { ancestorOf, covers, levelOf, type DivisionCode, type Level } from './division.ts';

/** Lists that one thing is put into directly. */
const MOST_LISTS = 28;

/** A list that something is in: of a division's own, or of all that lies within it; and which of what it covers the list is about. */
export interface Listing {
  readonly list: string;
  readonly cover: readonly DivisionCode[];
}

const ALL = 'ALL';
const own = (code: string): string => `OWN#${code}`;
const within = (code: string): string => `WITHIN#${code}`;

/** The division whose own list something is in: none is smaller than a county. */
const listDivision = (code: DivisionCode, finest: Level): string =>
  code.length > ancestorOf(code, finest).length ? ancestorOf(code, finest) : code;

/**
 * The lists that something is put into, fewer than a transaction has writes. A county's own list has what holds in it or in parts of it; a
 * city's what holds in all of it, or in parts of it where it is in too many counties; and what lies within a city or a province is in its
 * second list as well. So whoever looks reads three lists at most.
 */
export const listingsOf = (cover: readonly DivisionCode[]): readonly Listing[] => {
  const grouped = (finest: Level): Map<string, DivisionCode[]> => Map.groupBy(cover, (code) => listDivision(code, finest));
  let groups = grouped('county');
  if (groups.size > MOST_LISTS) groups = grouped('city');
  if (groups.size > MOST_LISTS) groups = grouped('province');
  const above = new Set(
    [...groups.keys()].flatMap((code) => [code.slice(0, 4), code.slice(0, 2)].filter((each) => each.length < code.length)),
  );
  return [
    { list: ALL, cover: [] },
    ...[...groups].map(([code, part]) => ({ list: own(code), cover: part })),
    ...[...above].map((code) => ({ list: within(code), cover: cover.filter((each) => covers(code, each)) })),
  ];
};

/** The lists to read for a place; for the whole country without one. */
export const listsFor = (place: DivisionCode | undefined): readonly string[] => {
  if (place === undefined) return [ALL];
  switch (levelOf(place)) {
    case 'province':
      return [own(place), within(place)];
    case 'city':
      return [own(ancestorOf(place, 'province')), own(place), within(place)];
    case 'county':
    case 'street':
    case 'community':
      return (['province', 'city', 'county'] as const).map((level) => own(ancestorOf(place, level)));
  }
};
