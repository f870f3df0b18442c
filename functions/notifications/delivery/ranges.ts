/** Which subscribers' lists are gone through for an alert, and which parts of them. Pure. */
import { LEVELS, levelOf, parentOf, type DivisionCode } from '../../kernel/division.ts';
import { regionOf } from '../subscriber.ts';

/** Sort keys of a list, both inclusive. */
export interface Range {
  readonly from: string;
  readonly to: string;
}

/** Of all lists of a region the same parts: in order, none overlapping. */
export interface Region {
  readonly region: DivisionCode;
  readonly ranges: readonly Range[];
}

/** In place of more of them a list is gone through from the first to the last: what is not concerned is passed over anyway. */
const MOST_RANGES = 24;

/** `<division>#<person>` sorts after `<division>#` and before `<division>$`; what lies within the division, with more digits, before `<division>:`. */
const exactly = (code: DivisionCode): Range => ({ from: `${code}#`, to: `${code}$` });
const within = (code: DivisionCode): Range => ({ from: `${code}#`, to: `${code}:` });

const joined = (ranges: readonly Range[]): readonly Range[] => {
  const kept: Range[] = [];
  for (const range of ranges.toSorted((one, other) => (one.from < other.from ? -1 : 1))) {
    const last = kept.at(-1);
    if (last === undefined || last.to < range.from) kept.push(range);
    else if (last.to < range.to) kept[kept.length - 1] = { from: last.from, to: range.to };
  }
  const [first, last] = [kept[0], kept.at(-1)];
  return kept.length > MOST_RANGES && first !== undefined && last !== undefined ? [{ from: first.from, to: last.to }] : kept;
};

/** Whether what lies within it has lists of its own. */
export const hasRegions = (code: DivisionCode): boolean => LEVELS.indexOf(levelOf(code)) < LEVELS.indexOf('county');

/**
 * The regions whose lists hold everybody who may have subscribed to something at, above or within a cover. `below` tells, of each city and
 * province of it, the cities and counties that lie within.
 */
export const regionsOf = (cover: readonly DivisionCode[], below: ReadonlyMap<DivisionCode, readonly DivisionCode[]>): readonly Region[] => {
  const found = new Map<DivisionCode, Map<string, Range>>();
  const add = (code: DivisionCode, range: Range): void => {
    const region = regionOf(code);
    const ranges = found.get(region) ?? new Map<string, Range>();
    ranges.set(`${range.from} ${range.to}`, range);
    found.set(region, ranges);
  };
  for (const code of cover) {
    add(code, within(code));
    for (const each of below.get(code) ?? []) add(each, within(each));
    for (let above = parentOf(code); above !== undefined; above = parentOf(above)) add(above, exactly(above));
  }
  return [...found]
    .map(([region, ranges]) => ({ region, ranges: joined([...ranges.values()]) }))
    .toSorted((one, other) => (one.region < other.region ? -1 : 1));
};
