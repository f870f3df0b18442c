import type { DivisionCode } from '../kernel/division.ts';
import type { Division } from './division.ts';
import type { divisionRepository } from './repository.ts';

const PAGE = 1000;
const AT_ONCE = 20;

/** Every child of a division, by code; the provinces where none is named. */
export const childrenOf = async (
  repository: ReturnType<typeof divisionRepository>,
  parent: DivisionCode | undefined,
  consistent = false,
): Promise<readonly Division[]> => {
  const found: Division[] = [];
  let after: DivisionCode | undefined;
  do {
    const page = await repository.children(parent, PAGE, after, consistent);
    found.push(...page.items);
    after = page.after === undefined ? undefined : found.at(-1)?.code;
  } while (after !== undefined);
  return found;
};

/** The children of several divisions, in order; at most 20 queries at once. */
export const childrenOfEach = async (
  repository: ReturnType<typeof divisionRepository>,
  parents: readonly DivisionCode[],
  consistent = false,
): Promise<readonly Division[]> => {
  const found: Division[] = [];
  for (let start = 0; start < parents.length; start += AT_ONCE) {
    const children = await Promise.all(parents.slice(start, start + AT_ONCE).map((parent) => childrenOf(repository, parent, consistent)));
    found.push(...children.flat());
  }
  return found;
};

/** Their codes. */
export const childrenOfAll = async (...given: Parameters<typeof childrenOfEach>): Promise<readonly DivisionCode[]> =>
  (await childrenOfEach(...given)).map(({ code }) => code);
