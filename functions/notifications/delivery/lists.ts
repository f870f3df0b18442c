/** Which lists are gone through for an alert, from the register of divisions. */
import type { Database } from '../../data/database.ts';
import { divisionsReader } from '../../divisions/reader.ts';
import { levelOf, type DivisionCode } from '../../kernel/division.ts';
import { hasRegions, regionsOf, type Region } from './ranges.ts';

export const regionsFor = async (database: Database, cover: readonly DivisionCode[]): Promise<readonly Region[]> => {
  const divisions = divisionsReader(database);
  const below = new Map<DivisionCode, readonly DivisionCode[]>();
  for (const code of cover.filter(hasRegions)) {
    const cities = levelOf(code) === 'province' ? await divisions.within(code, 'city') : [];
    below.set(code, [...cities, ...(await divisions.within(code, 'county'))]);
  }
  return regionsOf(cover, below);
};
