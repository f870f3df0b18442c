/**
 * Everything that is published of a month, every revision of it, and somebody who puts it together: by trying out every figure in every
 * community, revisions side by side, and keeping those countries that agree with all of it.
 */
import { parentOf, type DivisionCode } from '../../../functions/kernel/division.ts';

export const SENSITIVE = ['satisfactionRate', 'ratedRate', 'rectificationRate'] as const;
export type Sensitive = (typeof SENSITIVE)[number];
/** What of requests is closed is never hidden, and is the denominator of what is rated. */
const DENOMINATORS: Readonly<Partial<Record<Sensitive, string>>> = { ratedRate: 'requestsClosed' };

type Pair = readonly [numerator: number, denominator: number];
type Label = 'small' | 'secondary';
type Told = Pair | Label;

/** One cell of an answer; of a table, its texts. */
interface Cell {
  readonly numerator: number | string | null;
  readonly denominator: number | string | null;
  readonly suppressed?: string | undefined;
}
interface MonthAnswer {
  readonly division: string;
  readonly month: string;
  readonly revision: number;
  readonly indicators: readonly (Cell & { readonly id: string })[];
  readonly previous?: readonly (Cell & { readonly id: string })[];
}

const keyOf = (division: string, month: string, revision: number, indicator: string): string =>
  [division, month, revision, indicator].join(' ');
const isEmpty = (cell: number | string | null | undefined): boolean => cell === null || cell === undefined || cell === '';

const toldBy = ({ numerator, denominator, suppressed }: Cell): Told => {
  if (suppressed === 'small' || suppressed === 'secondary') {
    if (!isEmpty(numerator) || !isEmpty(denominator)) throw new Error(`${suppressed}, and its figure is there all the same`);
    return suppressed;
  }
  return [Number(numerator), isEmpty(denominator) ? 0 : Number(denominator)];
};

/** What has been published, time after time. */
export class Published {
  readonly #told = new Map<string, Told>();
  readonly #changed = new Set<string>();
  /** Of each publication of a month: which revision a division showed. */
  readonly #revisions = new Map<string, Map<string, number>[]>();

  /** What is read of a month from now on is another publication. */
  publishedAnew(month: string): void {
    this.#revisions.set(month, [...(this.#revisions.get(month) ?? []), new Map()]);
  }

  publications(month: string): number {
    return this.#revisions.get(month)?.length ?? 0;
  }

  /** The answer with the newest revision. */
  seen(answer: MonthAnswer): void {
    this.#revisions.get(answer.month)?.at(-1)?.set(answer.division, answer.revision);
    this.told(answer);
  }

  /** The answer with any revision. */
  told({ division, month, revision, indicators, previous = [] }: MonthAnswer): void {
    for (const cell of indicators) this.#learn(keyOf(division, month, revision, cell.id), cell);
    for (const cell of previous) {
      this.#learn(keyOf(division, month, revision - 1, cell.id), cell);
      this.#changed.add(keyOf(division, month, revision, cell.id));
    }
  }

  /** Rows of a month's table or of a series'. */
  toldInTable(rows: readonly Readonly<Record<string, string>>[]): void {
    for (const { division = '', month = '', revision = '', indicator = '', numerator = '', denominator = '', suppressed } of rows)
      this.#learn(keyOf(division, month, Number(revision), indicator), { numerator, denominator, suppressed });
  }

  toldInSeries(answer: {
    readonly division: string;
    readonly indicator: string;
    readonly items: readonly (Cell & { readonly month: string; readonly revision: number })[];
  }): void {
    for (const cell of answer.items) this.#learn(keyOf(answer.division, cell.month, cell.revision, answer.indicator), cell);
  }

  toldOfChildren(answer: {
    readonly month: string;
    readonly indicator: string;
    readonly items: readonly (Cell & { readonly division: string })[];
  }): void {
    const { month, indicator, items } = answer;
    const newest = this.publications(month) - 1;
    for (const cell of items) this.#learn(keyOf(cell.division, month, this.revision(cell.division, month, newest), indicator), cell);
  }

  revision(division: string, month: string, publication: number): number {
    return this.#revisions.get(month)?.[publication]?.get(division) ?? 1;
  }

  at(division: string, month: string, publication: number, indicator: string): Told {
    const told = this.#told.get(keyOf(division, month, this.revision(division, month, publication), indicator));
    if (told === undefined) throw new Error(`nothing is published of ${indicator} of ${division} in ${month}, publication ${publication}`);
    return told;
  }

  /** Whether it is said that a publication has changed it. */
  hasChanged(division: string, month: string, publication: number, indicator: string): boolean {
    return this.#changed.has(keyOf(division, month, this.revision(division, month, publication), indicator));
  }

  /** Shown once, it is known; whoever says otherwise is wrong. */
  #learn(key: string, cell: Cell): void {
    const [before, now] = [this.#told.get(key), toldBy(cell)];
    if (before !== undefined && typeof before === typeof now && String(before) !== String(now))
      throw new Error(`${key} is told to be ${String(before)} and ${String(now)}`);
    if (before === undefined || typeof before === 'string') this.#told.set(key, now);
  }
}

/** A division's figures of all publications in one number, so that adding numbers adds figures. */
type World = number;
const BASE = 128;
const pack = (pairs: readonly Pair[]): World => pairs.reduceRight((sum, [n, d]) => (sum * BASE + d) * BASE + n, 0);
const unpack = (world: World, publications: number): readonly Pair[] => {
  const pairs: Pair[] = [];
  for (let left = world; pairs.length < publications; left = Math.floor(left / BASE / BASE))
    pairs.push([left % BASE, Math.floor(left / BASE) % BASE]);
  return pairs;
};

const TOO_MANY = 4e6;

const sumsOf = (one: ReadonlySet<World>, other: ReadonlySet<World>): ReadonlySet<World> => {
  if (one.size * other.size > TOO_MANY) throw new Error(`${one.size} times ${other.size} figures are too many to try out`);
  const sums = new Set<World>();
  for (const a of one) for (const b of other) sums.add(a + b);
  return sums;
};

const MOST_SMALL = 4;
/** As many as are asked for, the nearest to the truth first: most of what is possible lies there. */
const near = (truth: number, low: number, high: number, count: number, may: (value: number) => boolean): readonly number[] =>
  Array.from({ length: high - low + 1 }, (_, index) => low + index)
    .filter(may)
    .toSorted((a, b) => Math.abs(a - truth) - Math.abs(b - truth) || a - b)
    .slice(0, count);

/** What is known of one division in one publication. */
interface Clue {
  readonly told: Told;
  /** Which denominators a label allows. */
  readonly allows: (denominator: number) => boolean;
  readonly truth: Pair;
  /** It is as the publication before had it, or is said not to be. */
  readonly same: boolean;
  readonly changed: boolean;
}
type Clues = ReadonlyMap<string, readonly Clue[]>;

const isSmall = (denominator: number): boolean => denominator > 0 && denominator <= MOST_SMALL;
const isAnything = (): boolean => true;
/** What a label says of a denominator when it is first given. It stays when what is hidden changes, and then it says nothing. */
const allowedBy = (label: Label, { isFirst, wasHidden }: { readonly isFirst: boolean; readonly wasHidden: boolean }): Clue['allows'] => {
  if (wasHidden) return isAnything;
  if (label === 'small') return isSmall;
  return isFirst ? (denominator) => denominator > MOST_SMALL : isAnything;
};

const FURTHEST = 30;

const agrees = (clues: readonly Clue[], pairs: readonly Pair[]): boolean =>
  clues.every(({ told, allows, same, changed }, index) => {
    const [n, d] = pairs[index] as Pair;
    const [nBefore, dBefore] = pairs[index - 1] ?? [-1, -1];
    const isSame = n === nBefore && d === dBefore;
    if (n < 0 || n > d || (same && !isSame) || (changed && isSame)) return false;
    return typeof told === 'string' ? allows(d) : told[0] === n && told[1] === d;
  });

/** All that a community's figures can be, so far as they are tried. */
const tried = (clues: readonly Clue[], count: number): ReadonlySet<World> => {
  let found: readonly (readonly Pair[])[] = [[]];
  for (const [index, { told, allows, truth, same }] of clues.entries()) {
    const hidden = (): readonly Pair[] =>
      near(truth[1], 0, truth[1] + FURTHEST, count, allows).flatMap((d) =>
        near(Math.min(truth[0], d), 0, d, count, () => true).map((n): Pair => [n, d]),
      );
    const pairs = typeof told === 'string' ? hidden() : [told];
    found = found.flatMap((before) => {
      const last = before[index - 1];
      return (same && last !== undefined ? [last] : pairs).map((pair) => [...before, pair]);
    });
  }
  return new Set(found.filter((pairs) => agrees(clues, pairs)).map(pack));
};

/** How many values each hidden figure is found to have, `<division> <publication> n` and `… d`. */
type Findings = ReadonlyMap<string, number>;

/** Goes up through all that is below, and down again: what is left in the end is in some country that agrees with everything. */
const valuesIn = (clues: Clues, publications: number, count: number): Findings => {
  const codes = [...clues.keys()].toSorted((a, b) => b.length - a.length);
  const childrenOf = (code: string): readonly string[] => codes.filter((each) => parentOf(each as DivisionCode) === code);
  const possible = new Map<string, ReadonlySet<World>>();
  for (const code of codes) {
    const here = clues.get(code) ?? [];
    const children = childrenOf(code);
    if (children.length === 0) possible.set(code, tried(here, count));
    else {
      const sums = children.map((child) => possible.get(child) ?? new Set<World>()).reduce(sumsOf);
      possible.set(code, new Set([...sums].filter((world) => agrees(here, unpack(world, publications)))));
    }
  }
  for (const code of codes.toReversed()) {
    const children = childrenOf(code);
    const sums = possible.get(code) ?? new Set();
    const before = new Map(children.map((child) => [child, possible.get(child) ?? new Set<World>()]));
    for (const child of children) {
      const others = children.filter((each) => each !== child).map((each) => before.get(each) ?? new Set<World>());
      const rest = others.reduce(sumsOf, new Set([0]));
      possible.set(child, new Set([...(before.get(child) ?? [])].filter((own) => [...sums].some((sum) => rest.has(sum - own)))));
    }
  }
  const found = new Map<string, number>();
  for (const [code, here] of clues)
    for (const [publication, { told }] of here.entries()) {
      if (typeof told !== 'string') continue;
      const values = [...(possible.get(code) ?? [])].map((world) => unpack(world, publications)[publication] as Pair);
      found.set(`${code} ${publication} n`, new Set(values.map(([n]) => n)).size);
      found.set(`${code} ${publication} d`, new Set(values.map(([, d]) => d)).size);
    }
  return found;
};

/** A community's figure for as long as it is the same. */
interface Stretch {
  readonly code: string;
  readonly from: number;
  readonly to: number;
}

const ENOUGH = 3;
const STEPS: readonly Pair[] = [
  [1, 0],
  [2, 0],
  [1, 1],
  [2, 2],
  [0, 1],
  [0, 2],
];

/**
 * The quick way: from what is true, the same step up or down in some communities, for as long as each had that figure. Whatever agrees with
 * everything published is another country; what is not found so may still be there.
 */
const valuesNearby = (clues: Clues): Findings => {
  const codes = [...clues.keys()];
  const stretches = codes
    .filter((code) => !codes.some((each) => parentOf(each as DivisionCode) === code))
    .flatMap((code) => {
      const here = clues.get(code) ?? [];
      const starts = here.flatMap(({ same }, index) => (same ? [] : [index]));
      return starts.map((from, index): Stretch => ({ code, from, to: starts[index + 1] ?? here.length }));
    })
    .filter(({ code, from }) => typeof clues.get(code)?.[from]?.told === 'string');
  const found = new Map<string, Set<number>>();
  for (const [code, here] of clues)
    for (const [publication, { told }] of here.entries())
      if (typeof told === 'string') for (const part of ['n', 'd']) found.set(`${code} ${publication} ${part}`, new Set());
  let missing = found.size;
  const note = (figures: ReadonlyMap<string, readonly Pair[]>): void => {
    for (const [key, values] of found) {
      if (values.size >= ENOUGH) continue;
      const [code = '', publication, part] = key.split(' ');
      values.add(figures.get(code)?.[Number(publication)]?.[part === 'n' ? 0 : 1] ?? 0);
      if (values.size >= ENOUGH) missing -= 1;
    }
  };
  const stepped = (directions: readonly number[], [n, d]: Pair): ReadonlyMap<string, readonly Pair[]> =>
    new Map(
      [...clues].map(([code, here]) => [
        code,
        here.map(({ truth }, publication): Pair => {
          const isOf = (stretch: Stretch): boolean =>
            stretch.code.startsWith(code) && publication >= stretch.from && publication < stretch.to;
          const by = stretches.reduce((sum, stretch, index) => (isOf(stretch) ? sum + (directions[index] ?? 0) : sum), 0);
          return [truth[0] + by * n, truth[1] + by * d];
        }),
      ]),
    );
  const visit = (directions: readonly number[]): void => {
    if (missing === 0) return;
    if (directions.length < stretches.length) {
      for (const direction of [0, 1, -1]) visit([...directions, direction]);
      return;
    }
    for (const step of STEPS) {
      const figures = stepped(directions, step);
      if ([...clues].every(([code, here]) => agrees(here, figures.get(code) ?? []))) note(figures);
    }
  };
  visit([]);
  return new Map([...found].map(([figure, { size }]) => [figure, size]));
};

/** How many figures of a community are tried, at first and if they are not enough. */
const TRIES = [3, 5, 9];

const changeAll = (clues: Clues, change: (here: readonly Clue[]) => readonly Clue[]): Clues =>
  new Map([...clues].map(([code, here]) => [code, change(here)]));

/** Nothing is shown of a publication but who has nobody, and no label says more than it must. */
const hideAll = (clue: Clue, isFirst: boolean, isPublic: boolean): Clue => {
  const { told, truth, allows } = clue;
  if (typeof told !== 'string' && truth[1] === 0) return clue;
  const label = isSmall(truth[1]) ? 'small' : 'secondary';
  const isKept = isPublic || told === 'small' || (told === 'secondary' && isFirst);
  return { ...clue, told: label, changed: false, allows: isKept ? allows : allowedBy(label, { isFirst, wasHidden: false }) };
};

/** No choice can leave a figure more values: all of its publication hidden, and what was published before it as it was. */
const mostPossible = (clues: Clues, publications: number, isPublic: boolean, count: number): Findings => {
  const last = publications - 1;
  return valuesIn(
    changeAll(clues, (here) => here.map((clue, publication) => (publication === last ? hideAll(clue, last === 0, isPublic) : clue))),
    publications,
    count,
  );
};

interface Exposed {
  readonly figure: string;
  readonly values: number;
}

/**
 * What can be told too closely of an indicator of a month: hidden figures that have fewer than three values in all countries that agree with
 * everything published, and fewer than any choice of what to hide would leave. That bound is needed for small divisions that are made of
 * small ones, for denominators that are public, and for what a revision cannot take back: of what was shown before and has not changed since,
 * everybody knows the number, and so the sum of all that has changed below it.
 */
export const attack = (
  published: Published,
  about: { readonly month: string; readonly indicator: Sensitive; readonly divisions: readonly string[] },
  truth: (division: string, publication: number) => Pair,
): { readonly hidden: number; readonly exposed: readonly Exposed[] } => {
  const { month, indicator, divisions } = about;
  const whole = DENOMINATORS[indicator];
  const cluesOf = (division: string): readonly Clue[] =>
    Array.from({ length: published.publications(month) }, (_, publication) => {
      const revision = published.revision(division, month, publication);
      const same = publication > 0 && published.revision(division, month, publication - 1) === revision;
      const told = published.at(division, month, publication, indicator);
      const denominator = whole === undefined ? undefined : Number(published.at(division, month, publication, whole)[0]);
      const wasHidden = publication > 0 && typeof published.at(division, month, publication - 1, indicator) === 'string';
      const byLabel = typeof told === 'string' ? allowedBy(told, { isFirst: revision === 1, wasHidden }) : isAnything;
      return {
        told,
        allows: denominator === undefined ? byLabel : (each) => each === denominator,
        truth: truth(division, publication),
        same,
        changed: !same && published.hasChanged(division, month, publication, indicator),
      };
    });
  const all: Clues = new Map(divisions.map((division) => [division, cluesOf(division)]));
  for (const [division, here] of all)
    if (
      !agrees(
        here,
        here.map((clue) => clue.truth),
      )
    )
      throw new Error(`${indicator} of ${division} in ${month} is not as it is published`);
  let hidden = 0;
  for (let publications = 1; publications <= published.publications(month); publications++) {
    const clues = changeAll(all, (here) => here.slice(0, publications));
    const nearby = valuesNearby(clues);
    hidden = nearby.size;
    let exposed = [...nearby].flatMap(([figure, values]): Exposed[] => (values < ENOUGH ? [{ figure, values }] : []));
    for (const count of exposed.length === 0 ? [] : TRIES) {
      const [found, most] = [valuesIn(clues, publications, count), mostPossible(clues, publications, whole !== undefined, count)];
      exposed = exposed.flatMap(({ figure }) => {
        const values = found.get(figure) ?? 0;
        return values < Math.min(ENOUGH, most.get(figure) ?? 0) ? [{ figure, values }] : [];
      });
      if (exposed.length === 0) break;
    }
    if (exposed.length > 0) return { hidden, exposed };
  }
  return { hidden, exposed: [] };
};
