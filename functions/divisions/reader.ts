/** What other domains may ask of divisions. */
import type { Database } from '../data/database.ts';
import { childrenOf, childrenOfAll } from './children.ts';
import { levelOf, type DivisionCode, type Level } from '../kernel/division.ts';
import type { Division } from './division.ts';
import { divisionRepository } from './repository.ts';

export interface DivisionsReader {
  /** The division, also where it was made a moment ago. */
  find(code: DivisionCode): Promise<Division | undefined>;
  findMany(codes: readonly DivisionCode[]): Promise<readonly Division[]>;
  /** Every division one level below, by code. */
  children(code: DivisionCode | undefined): Promise<readonly Division[]>;
  /** Codes of every county of the country, those made a moment ago, too. */
  counties(): Promise<readonly DivisionCode[]>;
  /** Codes of every division of `level` within `code`; itself where it is of that level. */
  within(code: DivisionCode, level: Level): Promise<readonly DivisionCode[]>;
}

export const divisionsReader = (database: Database): DivisionsReader => {
  const repository = divisionRepository(database);
  return {
    find: repository.find,
    findMany: repository.readMany,
    children: (code) => childrenOf(repository, code),
    async counties() {
      const provinces = (await childrenOf(repository, undefined, true)).map(({ code }) => code);
      return childrenOfAll(repository, await childrenOfAll(repository, provinces, true), true);
    },
    async within(code, level) {
      let codes: readonly DivisionCode[] = [code];
      while (codes[0] !== undefined && levelOf(codes[0]) !== level) codes = await childrenOfAll(repository, codes);
      return codes;
    },
  };
};
