/**
 * Divisions (行政区划) by the statistics bureau's codes: a community has 12 digits, whose prefixes of 2, 4, 6 and 9 digits are its
 * province, city, county and street. A right reaches every division whose code starts with the prefix it is held for.
 */
declare const kind: unique symbol;

/** Any level: 2, 4, 6, 9 or 12 digits. */
export type DivisionCode = string & { readonly [kind]: 'DivisionCode' };

export const LEVELS = ['province', 'city', 'county', 'street', 'community'] as const;
export type Level = (typeof LEVELS)[number];

/** Digits of a code at each level. */
export const CODE_LENGTHS: Readonly<Record<Level, number>> = { province: 2, city: 4, county: 6, street: 9, community: 12 };

export const DIVISION_PATTERN = /^(?:\d{2}|\d{4}|\d{6}|\d{9}|\d{12})$/;
export const COMMUNITY_PATTERN = /^\d{12}$/;

export const isDivisionCode = (text: string): text is DivisionCode => DIVISION_PATTERN.test(text);

/** The level that a code's length tells. */
export const levelOf = (code: DivisionCode): Level => {
  const level = LEVELS.find((each) => CODE_LENGTHS[each] === code.length);
  if (level === undefined) throw new Error(`not a division code: ${code}`);
  return level;
};

/** The code of the division of that level in which `code` lies; `code` itself where it is of that level or above it. */
export const ancestorOf = (code: DivisionCode, level: Level): DivisionCode => code.slice(0, CODE_LENGTHS[level]) as DivisionCode;

/** The next division up; undefined above a province. */
export const parentOf = (code: DivisionCode): DivisionCode | undefined => {
  const above = LEVELS[LEVELS.indexOf(levelOf(code)) - 1];
  return above === undefined ? undefined : ancestorOf(code, above);
};

/** Whether a right held for `prefix` reaches `code`. Nothing is reached from no division. */
export const covers = (prefix: string | undefined, code: string): boolean => prefix !== undefined && code.startsWith(prefix);

/** Without what lies within another of them; in order. */
export const withoutParts = (codes: readonly DivisionCode[]): readonly DivisionCode[] => {
  const sorted = [...new Set(codes)].toSorted();
  const kept: DivisionCode[] = [];
  for (const code of sorted) if (!covers(kept.at(-1), code)) kept.push(code);
  return kept;
};

/** Tells of places whether something that holds in these divisions concerns them: at them, above them or within them. Each in a few steps. */
export const concernedBy = (cover: Iterable<DivisionCode>): ((place: DivisionCode) => boolean) => {
  const held = new Set<string>(cover);
  const above = new Set<string>(Array.from(held).flatMap((code) => Object.values(CODE_LENGTHS).map((length) => code.slice(0, length))));
  return (place) => above.has(place) || Object.values(CODE_LENGTHS).some((length) => held.has(place.slice(0, length)));
};
