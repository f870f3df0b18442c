/** The nearest of many places, which lie in an index by their geohash: in order of cells, each of which has 32 parts. */
import ngeohash from 'ngeohash';
import { metresBetween, metresToBox, type Box, type Position } from './position.ts';

const LETTERS = Array.from('0123456789bcdefghjkmnpqrstuvwxyz');
/** A partition of the index is 1.4° by 1.4°: in Chengdu 135 by 156 km. */
const PARTITION_LENGTH = 3;
/** The finest cell is 5 m wide. */
const CELL_LENGTH = 9;
/** Whoever is farther away is near nothing. A telephone that does not know where it is says 0°, 0°. */
export const MOST_METRES = 100_000;
/** A cell of this length, in Chengdu 34 by 20 km, is read through where none of its first entries are accepted. */
const READ_LENGTH = 4;
/** Entries of 95 to 105 bytes: what half a read unit pays for. */
const PAGE = 38;
const MOST_AT_ONCE = 16;
/** What arithmetic may be wrong by. */
const CLOSE_METRES = 0.001;

/** The keys under which the index has a place. */
export const placeOf = ({ lat, long }: Position, id: string): { readonly cell: string; readonly place: string } => {
  const cell = ngeohash.encode(lat, long, CELL_LENGTH);
  return { cell: cell.slice(0, PARTITION_LENGTH), place: `${cell}#${id}` };
};

/** Where in the index everything within a cell lies. */
export const rangeOf = (cell: string): { readonly partition: string; readonly from: string; readonly to: string } => ({
  partition: cell.slice(0, PARTITION_LENGTH),
  from: cell,
  to: `${cell}~`,
});

/** Of cells of this length, in Chengdu 34 by 20 km, so many are looked into at most; where there are more, larger ones are. */
const FINE_LENGTH = 4;
const MOST_CELLS = 400;

/** Cells that together cover a box: everything in it lies in one of them. */
export const cellsOver = ({ south, west, north, east }: Box): readonly string[] => {
  const [, , height = 0, width = 0] = ngeohash
    .decode_bbox(ngeohash.encode(south, west, FINE_LENGTH))
    .map((each, index, all) => (index < 2 ? each : each - (all[index - 2] ?? 0)));
  const fine = (Math.ceil((north - south) / height) + 1) * (Math.ceil((east - west) / width) + 1);
  return ngeohash.bboxes(south, west, north, east, fine > MOST_CELLS ? PARTITION_LENGTH : FINE_LENGTH);
};

export interface Entry<Id> {
  readonly id: Id;
  readonly location: Position;
}

interface EntryPage<Id> {
  readonly entries: readonly Entry<Id>[];
  /** Where the next page begins, of what the cell has more. */
  readonly after: Record<string, unknown> | undefined;
}

export interface NearestSearch<Id> {
  readonly from: Position;
  /** The first entries of a cell, those after `after`; as many as go into a page of the database without `limit`. */
  readonly read: (cell: string, limit: number | undefined, after: Record<string, unknown> | undefined) => Promise<EntryPage<Id>>;
  readonly accepts: (id: Id) => boolean;
  /** How many are looked for. */
  readonly count: number;
}

/** A place, and how far it is. */
export interface Found<Id> extends Entry<Id> {
  readonly metres: number;
}

interface Waiting {
  readonly cell: string;
  /** No place in the cell is nearer. */
  readonly metres: number;
  readonly after?: Record<string, unknown> | undefined;
}

/**
 * The nearest places that are accepted, within 100 km, nearest first. It looks into the nearest cell that waits, at its parts instead where it
 * is crowded, and ends when no cell that waits is as near as the last of those that were found. So it needs no neighbours, and no care for poles and the antimeridian. The longer
 * it takes, the more cells it looks into at once: in a city it ends after some four, beside one after dozens.
 */
export const nearestOf = async <Id extends string>({ from, read, accepts, count }: NearestSearch<Id>): Promise<readonly Found<Id>[]> => {
  const partsOf = (cell: string): readonly Waiting[] =>
    LETTERS.map((letter) => {
      const [south, west, north, east] = ngeohash.decode_bbox(cell + letter);
      return { cell: cell + letter, metres: metresToBox(from, { south, west, north, east }) };
    });
  let found: readonly Found<Id>[] = [];
  const inReach = (cells: readonly Waiting[]): readonly Waiting[] =>
    cells.filter(({ metres }) => metres <= (found[count - 1]?.metres ?? MOST_METRES) + CLOSE_METRES);

  let waiting = inReach(partsOf(''));
  for (let length = 1; length < PARTITION_LENGTH; length++) waiting = inReach(waiting.flatMap(({ cell }) => partsOf(cell)));
  for (let round = 0; waiting.length > 0; round++) {
    const atOnce = Math.min(2 ** Math.floor(round / 4), MOST_AT_ONCE);
    const nearest = waiting.toSorted((a, b) => a.metres - b.metres);
    const looks = await Promise.all(
      nearest.slice(0, atOnce).map(async (look) => {
        const page = await read(look.cell, look.after === undefined ? PAGE : undefined, look.after);
        return { ...look, after: page.after, accepted: page.entries.filter(({ id }) => accepts(id)) };
      }),
    );
    const seen = looks.flatMap(({ accepted }) => accepted.map((entry) => ({ ...entry, metres: metresBetween(from, entry.location) })));
    // Of two that are equally near, always the same one.
    // What lies in a crowded cell is seen once more in a part of it.
    found = [...new Map([...found, ...seen.filter(({ metres }) => metres <= MOST_METRES)].map((each) => [each.id, each])).values()]
      .toSorted((a, b) => a.metres - b.metres || (a.id < b.id ? -1 : 1))
      .slice(0, count);
    const crowded = looks.flatMap(({ cell, metres, after, accepted }) => {
      if (after === undefined) return [];
      const isReadOn = cell.length >= (accepted.length === 0 ? READ_LENGTH : CELL_LENGTH);
      return isReadOn ? [{ cell, metres, after }] : partsOf(cell);
    });
    waiting = inReach([...nearest.slice(atOnce), ...crowded]);
  }
  return found;
};
