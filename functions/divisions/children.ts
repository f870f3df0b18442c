import type { DivisionCode } from '../kernel/division.ts';
import type { divisionRepository } from './repository.ts';

const PAGE = 1000;
const AT_ONCE = 20;

const childrenOf = async (repository: ReturnType<typeof divisionRepository>, parent: DivisionCode): Promise<readonly DivisionCode[]> => {
  const codes: DivisionCode[] = [];
  let after: DivisionCode | undefined;
  do {
    const page = await repository.children(parent, PAGE, after);
    codes.push(...page.items.map((each) => each.code));
    after = page.after === undefined ? undefined : codes.at(-1);
  } while (after !== undefined);
  return codes;
};

/** Codes of the children of several divisions, in order; at most 20 queries at once. */
export const childrenOfAll = async (
  repository: ReturnType<typeof divisionRepository>,
  parents: readonly DivisionCode[],
): Promise<readonly DivisionCode[]> => {
  const found: DivisionCode[] = [];
  for (let start = 0; start < parents.length; start += AT_ONCE) {
    found.push(...(await Promise.all(parents.slice(start, start + AT_ONCE).map((parent) => childrenOf(repository, parent)))).flat());
  }
  return found;
};
