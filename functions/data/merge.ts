/**
 * Reads several lists as one, newest first. Every sort key is unique, so a page may end anywhere and go on from its last key. What is read
 * is what the page needs: each list's first bite is its share, and only who runs dry is asked for more.
 */
/** A part of one list, and whether there is more. */
export type Bite<T> = { readonly items: readonly T[]; readonly more: boolean };

export interface Merged<T> {
  readonly items: readonly T[];
  /** The sort key after which the next page begins; undefined at the end. */
  readonly after: string | undefined;
}

export interface MergeOptions<S, T> {
  readonly sources: readonly S[];
  readonly read: (source: S, limit: number, to: string | undefined) => Promise<Bite<T>>;
  readonly keyOf: (item: T) => string;
  readonly fits: (item: T) => boolean;
  readonly limit: number;
  /** A page evaluates at most this many, so one with filters may be short. */
  readonly mostRead: number;
  /** The newest sort key that may be given: everything from there on, itself included. */
  readonly to: string | undefined;
}

/** The greatest key below `key`, for keys of printable characters. */
export const justBelow = (key: string): string => key.slice(0, -1) + String.fromCharCode(key.charCodeAt(key.length - 1) - 1) + '\uffff';

const AT_ONCE = 25;

interface Cursor<S, T> {
  readonly source: S;
  items: readonly T[];
  position: number;
  more: boolean;
  to: string | undefined;
}

export const merge = async <S, T>({ sources, read, keyOf, fits, limit, mostRead, to }: MergeOptions<S, T>): Promise<Merged<T>> => {
  const share = Math.min(limit, Math.ceil(limit / sources.length) + (sources.length === 1 ? 0 : 2));
  const cursors: Cursor<S, T>[] = sources.map((source) => ({ source, items: [], position: 0, more: true, to }));

  const refill = async (dry: readonly Cursor<S, T>[], size: number): Promise<void> => {
    for (let start = 0; start < dry.length; start += AT_ONCE) {
      await Promise.all(
        dry.slice(start, start + AT_ONCE).map(async (cursor) => {
          const bite = await read(cursor.source, size, cursor.to);
          cursor.items = bite.items;
          cursor.position = 0;
          cursor.more = bite.more;
          const last = bite.items.at(-1);
          if (last !== undefined) cursor.to = justBelow(keyOf(last));
        }),
      );
    }
  };

  const found: T[] = [];
  let last: string | undefined;
  let size = share;
  for (let evaluated = 0; evaluated < mostRead; evaluated++) {
    const dry = cursors.filter((cursor) => cursor.position === cursor.items.length && cursor.more);
    if (dry.length > 0) {
      // Where everything has fitted, the page lacks what it lacks; whoever filters is read in larger bites.
      const bite = found.length === evaluated ? Math.min(size, limit - found.length) : size;
      await refill(dry, Math.min(bite, mostRead - evaluated));
      size = Math.min(size * 2, mostRead);
    }
    let newest: Cursor<S, T> | undefined;
    let newestKey = '';
    for (const cursor of cursors) {
      const item = cursor.items[cursor.position];
      if (item === undefined) continue;
      const key = keyOf(item);
      if (newest === undefined || key > newestKey) [newest, newestKey] = [cursor, key];
    }
    const item = newest?.items[newest.position];
    if (newest === undefined || item === undefined) return { items: found, after: undefined };
    newest.position += 1;
    last = newestKey;
    if (fits(item)) found.push(item);
    if (found.length === limit) break;
  }
  const exhausted = cursors.every((cursor) => cursor.position === cursor.items.length && !cursor.more);
  return { items: found, after: exhausted ? undefined : last };
};
