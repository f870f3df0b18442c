import type { Page } from './database.ts';

/** What a list holds, page after page, to its end. */
export async function* pagesOf<T>(read: (after: Page<T>['after']) => Promise<Page<T>>): AsyncGenerator<readonly T[], void> {
  let after: Page<T>['after'];
  do {
    const page = await read(after);
    yield page.items;
    after = page.after;
  } while (after !== undefined);
}

/** All that a list holds, for who knows that it is not long. */
export const allOf = async <T>(read: (after: Page<T>['after']) => Promise<Page<T>>): Promise<readonly T[]> => {
  const found: T[] = [];
  for await (const items of pagesOf(read)) found.push(...items);
  return found;
};
